//! Reading a PNG row by row.

use std::io::Cursor;

use crate::rows::Channels;

/// A PNG that can't be read.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// The bytes aren't a whole, sound PNG.
    #[error("the picture can't be read: it isn't a whole PNG")]
    Malformed(#[source] png::DecodingError),
    /// Interlaced, or without colours: what Chromium never writes.
    #[error("the picture can't be read: its kind of PNG isn't what Chromium writes")]
    Unexpected,
    /// More pixels than are held at once.
    #[error("the picture has {width} × {height} pixels, and at most {limit} are held at once")]
    TooManyPixels {
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
        /// Pixels in all.
        limit: u64,
    },
}

/// A PNG of which the next row is always one call away; it holds the file's
/// bytes and two rows.
pub(crate) struct PngRows<B: AsRef<[u8]>> {
    reader: png::Reader<Cursor<B>>,
    channels: Channels,
}

impl<B: AsRef<[u8]>> PngRows<B> {
    pub(crate) fn open(png: B) -> Result<Self, DecodeError> {
        let mut decoder = png::Decoder::new(Cursor::new(png));
        decoder.set_transformations(png::Transformations::normalize_to_color8());
        decoder.set_ignore_text_chunk(true);
        decoder.set_ignore_iccp_chunk(true);
        let reader = decoder.read_info().map_err(DecodeError::Malformed)?;
        let channels = match reader.output_color_type() {
            (png::ColorType::Rgb, png::BitDepth::Eight) => Channels::Rgb,
            (png::ColorType::Rgba, png::BitDepth::Eight) => Channels::Rgba,
            _ => return Err(DecodeError::Unexpected),
        };
        if reader.info().interlaced {
            return Err(DecodeError::Unexpected);
        }
        Ok(Self { reader, channels })
    }

    pub(crate) fn width(&self) -> u32 {
        self.reader.info().width
    }

    pub(crate) fn height(&self) -> u32 {
        self.reader.info().height
    }

    pub(crate) fn channels(&self) -> Channels {
        self.channels
    }

    /// Writes the next row over `row`, or says that there is none.
    pub(crate) fn next_row(&mut self, row: &mut [u8]) -> Result<bool, DecodeError> {
        let read = self.reader.read_row(row).map_err(DecodeError::Malformed)?;
        Ok(read.is_some())
    }

    /// Whether the file ends as it should.
    pub(crate) fn finish(mut self) -> Result<(), DecodeError> {
        self.reader.finish().map_err(DecodeError::Malformed)
    }
}
