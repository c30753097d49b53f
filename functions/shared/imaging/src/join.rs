//! One picture out of bands, and one file out of another, without holding
//! either's pixels.

use std::io::Write;

use crate::decode::{DecodeError, PngRows};
use crate::encode::{EncodeError, Encoding, write_rows};
use crate::rows::{Channels, Frame, OnWhite, Rows};

/// The picture that bands make together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sheet {
    /// Of the picture and of every band, in pixels.
    pub width: u32,
    /// Of all bands together, in pixels.
    pub height: u32,
    /// Whether opacity is kept; else the bands are laid on white.
    pub channels: Channels,
}

/// Bands that don't make the picture.
#[derive(Debug, thiserror::Error)]
pub enum BandError {
    /// One of them can't be read.
    #[error("band {index} of the picture can't be read")]
    Unreadable {
        /// Its place, from 0.
        index: usize,
        /// Why.
        #[source]
        source: DecodeError,
    },
    /// One of them is wider or narrower than the picture.
    #[error("band {index} is {width} pixels wide, the picture {expected}")]
    Width {
        /// Its place, from 0.
        index: usize,
        /// Pixels.
        width: u32,
        /// Pixels.
        expected: u32,
    },
    /// They end before the picture does.
    #[error("the bands end after {rows} of {height} rows")]
    TooFewRows {
        /// Rows there were.
        rows: u32,
        /// Rows of the picture.
        height: u32,
    },
    /// They go on after the picture's last row.
    #[error("the bands go on after the picture's {height} rows")]
    TooManyRows {
        /// Rows of the picture.
        height: u32,
    },
}

/// Joins bands, each a PNG of the sheet's width, from the top down, and writes
/// the picture to `sink`. A band is asked for when the one before has been
/// written, and may have any height.
///
/// PNG and JPEG take the memory of one band's file and a few rows, TIFF that and
/// the result's compressed bytes; WebP, AVIF and GIF hold all pixels, and so end
/// at [`crate::MAX_PIXELS`].
///
/// # Errors
/// When the sheet is too large for the format (before anything is asked for), a
/// band doesn't fit, or the sink fails; what was written then is no picture.
pub fn join<B: AsRef<[u8]>>(
    sheet: Sheet,
    bands: impl IntoIterator<Item = B>,
    encoding: Encoding,
    sink: impl Write,
) -> Result<(), EncodeError> {
    let Sheet { width, height, channels } = sheet;
    encoding.check_size(width, height)?;
    let frame = Frame { width, height, channels: Channels::Rgba };
    let mut rows = BandRows::new(frame, bands.into_iter());
    match channels {
        Channels::Rgb => write_rows(OnWhite::new(&mut rows), encoding, sink)?,
        Channels::Rgba => write_rows(&mut rows, encoding, sink)?,
    }
    Ok(rows.finish()?)
}

/// Writes a PNG of Chromium's in another encoding.
///
/// It takes as little memory as [`join`]. Opacity is kept where the file has it
/// and the format can; [`crate::Picture::decode`] notices one that has it in vain.
///
/// # Errors
/// When the file can't be read, is too large for the format, or the sink fails.
pub fn recode(png: &[u8], encoding: Encoding, sink: impl Write) -> Result<(), EncodeError> {
    let unreadable = |source| BandError::Unreadable { index: 0, source };
    let header = PngRows::open(png).map_err(unreadable)?;
    let sheet =
        Sheet { width: header.width(), height: header.height(), channels: header.channels() };
    join(sheet, [png], encoding, sink)
}

/// The rows of band after band.
struct BandRows<I: Iterator>
where
    I::Item: AsRef<[u8]>,
{
    frame: Frame,
    bands: I,
    /// The band that is read and its place, from 0.
    current: Option<(usize, PngRows<I::Item>)>,
    next_index: usize,
    /// Rows given so far.
    rows: u32,
    /// A row of a band without opacity, before it gets one.
    opaque: Vec<u8>,
}

impl<I: Iterator> BandRows<I>
where
    I::Item: AsRef<[u8]>,
{
    fn new(frame: Frame, bands: I) -> Self {
        let opaque = vec![0; frame.width as usize * Channels::Rgb.bytes()];
        Self { frame, bands, current: None, next_index: 0, rows: 0, opaque }
    }

    /// Goes on to the next band, if there is one.
    fn advance(&mut self) -> Result<bool, BandError> {
        let Some(band) = self.bands.next() else { return Ok(false) };
        let index = self.next_index;
        let open = PngRows::open(band).map_err(|source| BandError::Unreadable { index, source })?;
        let (width, expected) = (open.width(), self.frame.width);
        if width != expected {
            return Err(BandError::Width { index, width, expected });
        }
        self.current = Some((index, open));
        self.next_index += 1;
        Ok(true)
    }

    /// The current band's next row, or that it has none.
    fn read(&mut self, row: &mut [u8]) -> Result<bool, BandError> {
        let Some((index, mut band)) = self.current.take() else { return Ok(false) };
        let unreadable = |source| BandError::Unreadable { index, source };
        let read = match band.channels() {
            Channels::Rgba => band.next_row(row).map_err(unreadable)?,
            Channels::Rgb => {
                let read = band.next_row(&mut self.opaque).map_err(unreadable)?;
                let (from, _) = self.opaque.as_chunks::<3>();
                let (onto, _) = row.as_chunks_mut::<4>();
                for ([red, green, blue], onto) in from.iter().zip(onto) {
                    *onto = [*red, *green, *blue, u8::MAX];
                }
                read
            }
        };
        if read {
            self.current = Some((index, band));
        } else {
            band.finish().map_err(unreadable)?;
        }
        Ok(read)
    }

    /// Whether the bands end with the picture.
    fn finish(&mut self) -> Result<(), BandError> {
        let mut row = vec![0; self.frame.row_bytes()];
        let height = self.frame.height;
        if self.read(&mut row)? || self.advance()? {
            return Err(BandError::TooManyRows { height });
        }
        Ok(())
    }
}

impl<I: Iterator> Rows for &mut BandRows<I>
where
    I::Item: AsRef<[u8]>,
{
    fn frame(&self) -> Frame {
        self.frame
    }

    fn next_row(&mut self, row: &mut [u8]) -> Result<(), BandError> {
        while !self.read(row)? {
            if !self.advance()? {
                let (rows, height) = (self.rows, self.frame.height);
                return Err(BandError::TooFewRows { rows, height });
            }
        }
        self.rows += 1;
        Ok(())
    }
}
