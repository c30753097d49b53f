//! Pixels in, pixels out.

mod cutting;
mod joining;
mod lossless;
mod lossy;
mod malformed;
mod pictures;
mod resizing;
