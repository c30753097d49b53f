//! The camera with a real Chromium and pages on loopback.

#[cfg(test)]
mod blocking;
#[cfg(test)]
mod changing;
#[cfg(test)]
mod determining;
#[cfg(test)]
mod developing;
#[cfg(test)]
mod emulating;
#[cfg(test)]
mod failures;
#[cfg(test)]
mod filming;
#[cfg(test)]
mod framing;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod pictures;
#[cfg(test)]
mod printing;
#[cfg(test)]
mod processes;
#[cfg(test)]
mod projector;
#[cfg(test)]
mod recording;
#[cfg(test)]
mod requesting;
#[cfg(test)]
mod rules;
#[cfg(test)]
mod seeing;
#[cfg(test)]
mod site;
#[cfg(test)]
mod studio;
#[cfg(test)]
mod supervision;
#[cfg(test)]
mod tall;
#[cfg(test)]
mod telling;
#[cfg(test)]
mod town;
#[cfg(test)]
mod verdicts;
#[cfg(test)]
mod waiting;
#[cfg(test)]
mod writing;
