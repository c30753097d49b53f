//! Clips: pictures that follow each other in one file.
//!
//! [`Film`] makes an MP4 or a GIF of PNGs as Chromium draws them; [`WebM`] wraps
//! pictures that were encoded elsewhere. Each shows every picture for the same span.

mod fit;
mod gif;
mod mp4;
mod webm;

use std::error::Error;
use std::time::Duration;

use self::gif::Gif;
use self::mp4::Mp4;
use crate::decode::DecodeError;
use crate::picture::Picture;
use crate::resize::ResizeError;

pub use self::fit::even;
pub use self::webm::WebM;

/// The longest file that is held: half a minute of a page at rest takes a hundredth of it.
const MAX_BYTES: usize = 128 * 1024 * 1024;

/// The kind of file that a film becomes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum FilmKind {
    /// H.264 in MP4, for sides of even length.
    Mp4,
    /// GIF.
    Gif,
}

/// Pictures that didn't become a film.
#[derive(Debug, thiserror::Error)]
pub enum FilmError {
    /// A picture can't be read.
    #[error(transparent)]
    Picture(#[from] DecodeError),
    /// A picture can't be made to fit.
    #[error(transparent)]
    Fit(#[from] ResizeError),
    /// The encoder gave up; a fault of ours.
    #[error("the film can't be encoded")]
    Failed(#[source] Box<dyn Error + Send + Sync>),
    /// The file would be longer than is held.
    #[error("the film is too large")]
    TooLarge,
    /// The encoder said nothing; a fault of ours.
    #[error("the film has no {0}")]
    Lacking(&'static str),
}

impl FilmError {
    /// None while a file of this length may go on.
    const fn of_length(bytes: usize) -> Result<(), Self> {
        if bytes > MAX_BYTES { Err(Self::TooLarge) } else { Ok(()) }
    }

    fn failed(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Failed(source.into())
    }
}

/// A film that is being made, picture by picture.
pub struct Film {
    writer: Writer,
    size: (u32, u32),
    /// The file of the last picture.
    last: Vec<u8>,
}

enum Writer {
    Mp4(Box<Mp4>),
    Gif(Box<Gif>),
}

impl std::fmt::Debug for Film {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Film").field("size", &self.size).finish_non_exhaustive()
    }
}

impl Film {
    /// A film of this many pixels, in which each picture is shown for this span. Pictures of
    /// other sizes are scaled to fit, and lie in the middle of black.
    ///
    /// # Errors
    /// When the encoder can't be had.
    pub fn new(kind: FilmKind, size: (u32, u32), span: Duration) -> Result<Self, FilmError> {
        let writer = match kind {
            FilmKind::Mp4 => Writer::Mp4(Box::new(Mp4::new(size, span)?)),
            FilmKind::Gif => Writer::Gif(Box::new(Gif::new(size, span))),
        };
        Ok(Self { writer, size, last: Vec::new() })
    }

    /// Adds a picture.
    ///
    /// # Errors
    /// When it can't be read or encoded.
    pub fn add(&mut self, png: Vec<u8>) -> Result<(), FilmError> {
        if png == self.last {
            return match &mut self.writer {
                Writer::Mp4(mp4) => mp4.repeat(),
                Writer::Gif(gif) => gif.repeat(),
            };
        }
        let pixels = fit::fit(&Picture::decode(&png)?, self.size)?;
        self.last = png;
        match &mut self.writer {
            Writer::Mp4(mp4) => mp4.add(&pixels),
            Writer::Gif(gif) => gif.add(pixels),
        }
    }

    /// The file.
    ///
    /// # Errors
    /// When there is no picture in it.
    pub fn finish(self) -> Result<Vec<u8>, FilmError> {
        match self.writer {
            Writer::Mp4(mp4) => mp4.finish(),
            Writer::Gif(gif) => gif.finish(),
        }
    }
}
