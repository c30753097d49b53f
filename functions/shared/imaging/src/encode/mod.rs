//! Files of pixels; one module for each format.

mod avif;
mod gif;
mod jpeg;
mod png;
mod tiff;
mod webp;

use std::error::Error;
use std::io::{self, Write};

use ::png::Compression;
use darkroom_core::capture::Quality;

use crate::join::BandError;
use crate::picture::{Picture, View};
use crate::rows::{OnWhite, Rows};
use crate::size::TooLargeError;

/// The kind of file that pixels become, and how well it keeps them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Encoding {
    /// Lossless and small, with opacity.
    Png,
    /// The same in a fraction of the time, and larger.
    FastPng,
    /// Lossy, laid on white.
    Jpeg(Quality),
    /// Lossy, with opacity.
    WebP(Quality),
    /// Lossy, with opacity.
    Avif(Quality),
    /// At most 256 colours, one of which may be no colour at all.
    Gif,
    /// Lossless, with opacity.
    Tiff,
}

impl Encoding {
    /// The format's name as a client writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Png | Self::FastPng => "png",
            Self::Jpeg(_) => "jpeg",
            Self::WebP(_) => "webp",
            Self::Avif(_) => "avif",
            Self::Gif => "gif",
            Self::Tiff => "tiff",
        }
    }
}

/// Pixels that didn't become a file.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// The format can't hold so many.
    #[error(transparent)]
    TooLarge(#[from] TooLargeError),
    /// The bands don't make the picture; whole pictures never fail so.
    #[error(transparent)]
    Bands(#[from] BandError),
    /// The sink takes no more bytes.
    #[error("the picture's file can't be written")]
    Sink(#[from] io::Error),
    /// The encoder gave up; a fault of ours.
    #[error("the picture can't be encoded as {format}")]
    Failed {
        /// The format's name.
        format: &'static str,
        /// What the encoder says.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
}

impl EncodeError {
    fn failed(format: &'static str, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Failed { format, source: source.into() }
    }
}

impl View<'_> {
    /// A file of these pixels.
    ///
    /// # Errors
    /// [`EncodeError::TooLarge`] when the format can't hold them.
    pub fn encoded(self, encoding: Encoding) -> Result<Vec<u8>, EncodeError> {
        encoding.check_size(self.width(), self.height())?;
        let mut file = Vec::new();
        match encoding {
            Encoding::Png | Encoding::FastPng | Encoding::Jpeg(_) | Encoding::Tiff => {
                write_rows(self.rows(), encoding, &mut file)?;
            }
            Encoding::WebP(quality) => webp::write(self, quality, &mut file)?,
            Encoding::Avif(quality) => avif::write(self, quality, &mut file)?,
            Encoding::Gif => gif::write(self, &mut file)?,
        }
        Ok(file)
    }
}

/// Writes rows as they come where the format can; else holds them all.
pub(crate) fn write_rows(
    rows: impl Rows,
    encoding: Encoding,
    sink: impl Write,
) -> Result<(), EncodeError> {
    match encoding {
        Encoding::Png => png::write(rows, Compression::Balanced, sink),
        Encoding::FastPng => png::write(rows, Compression::Fast, sink),
        Encoding::Jpeg(quality) => jpeg::write(OnWhite::new(rows), quality, sink),
        Encoding::Tiff => tiff::write(rows, sink),
        Encoding::WebP(quality) => webp::write(Picture::gather(rows)?.view(), quality, sink),
        Encoding::Avif(quality) => avif::write(Picture::gather(rows)?.view(), quality, sink),
        Encoding::Gif => gif::write(Picture::gather(rows)?.view(), sink),
    }
}
