//! `snap` as a person runs it, with a real Chromium and pages on loopback.

#[cfg(test)]
mod site;
#[cfg(test)]
mod snapping;
