//! What is done to pixels outside Chromium: decode, slice, resize, join, encode.
//!
//! Chromium gives PNGs from its fast encoder. [`Picture::decode`] reads one;
//! [`View`]s are rows of it without a copy; [`View::resized`] makes another
//! picture; [`View::encoded`] a file. [`join`] and [`recode`] never hold the
//! pixels: they carry rows from one file to the other, so that a page of any
//! height takes the memory of a few rows where the format allows it. [`film`] makes
//! clips of pictures that follow each other.
//!
//! Everything here computes and blocks; nothing waits, and nothing knows of
//! browsers or storage. Metadata and colour profiles aren't here: Chromium's pictures
//! are sRGB.

mod decode;
mod encode;
pub mod film;
mod join;
mod palette;
mod picture;
mod resize;
mod rows;
mod size;

pub use decode::DecodeError;
pub use encode::{EncodeError, Encoding};
pub use join::{BandError, Sheet, join, recode};
pub use picture::{Picture, Slice, View, is_uniform};
pub use resize::{Resize, ResizeError};
pub use rows::Channels;
pub use size::{MAX_PIXELS, TooLargeError};
