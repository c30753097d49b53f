//! Pixels in, pixels out.

#[cfg(test)]
mod cutting;
#[cfg(test)]
mod film;
#[cfg(test)]
mod joining;
#[cfg(test)]
mod lossless;
#[cfg(test)]
mod lossy;
#[cfg(test)]
mod malformed;
#[cfg(test)]
mod pictures;
#[cfg(test)]
mod resizing;
