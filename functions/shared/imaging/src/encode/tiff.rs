//! TIFF: strips of deflated rows, each told by its difference to the left.

use std::io::{Cursor, Write};

use flate2::Compression;
use flate2::write::ZlibEncoder;
use tiff::TiffError;
use tiff::encoder::{DirectoryEncoder, TiffEncoder, TiffKind};
use tiff::tags::Tag;

use super::EncodeError;
use crate::rows::{Channels, Frame, Rows};

/// Bytes of a strip before it is deflated, about: readers hold one at a time.
const STRIP_BYTES: usize = 1 << 20;

// Values of TIFF 6.0's tags (and of Adobe's Technical Note 3 for deflate).
const DEFLATE: u16 = 8;
const HORIZONTAL_DIFFERENCES: u16 = 2;
const COLOURS_ARE_RGB: u16 = 2;
const OPACITY_NOT_MULTIPLIED: u16 = 2;

/// The head of the file points to what comes last, and a sink can't go back: so
/// the compressed bytes are held, though never the pixels.
pub(super) fn write(rows: impl Rows, mut sink: impl Write) -> Result<(), EncodeError> {
    let mut file = Cursor::new(Vec::new());
    write_file(rows, &mut file)?;
    Ok(sink.write_all(file.get_ref())?)
}

fn write_file(rows: impl Rows, file: &mut Cursor<Vec<u8>>) -> Result<(), EncodeError> {
    let frame = rows.frame();
    let rows_per_strip = (STRIP_BYTES / frame.row_bytes()).clamp(1, frame.height as usize);
    let mut encoder = TiffEncoder::new(file).map_err(failed)?;
    let mut directory = encoder.image_directory().map_err(failed)?;
    let strips = write_strips(rows, rows_per_strip, &mut directory)?;
    let per_strip = u32::try_from(rows_per_strip).unwrap_or(frame.height);
    write_tags(frame, per_strip, &strips, &mut directory).map_err(failed)?;
    directory.finish().map_err(failed)
}

#[derive(Default)]
struct Strips {
    offsets: Vec<u32>,
    lengths: Vec<u32>,
}

type Directory<'a, 'b, K> = DirectoryEncoder<'a, &'b mut Cursor<Vec<u8>>, K>;

fn write_strips<K: TiffKind>(
    mut rows: impl Rows,
    rows_per_strip: usize,
    directory: &mut Directory<'_, '_, K>,
) -> Result<Strips, EncodeError> {
    let frame = rows.frame();
    let too_long = |error| EncodeError::failed("tiff", error);
    let mut strips = Strips::default();
    let mut row = vec![0; frame.row_bytes()];
    let mut left = frame.height as usize;
    while left > 0 {
        let mut deflate = ZlibEncoder::new(Vec::new(), Compression::default());
        for _ in 0..rows_per_strip.min(left) {
            rows.next_row(&mut row)?;
            difference(&mut row, frame.channels);
            deflate.write_all(&row)?;
        }
        left = left.saturating_sub(rows_per_strip);
        let strip = deflate.finish()?;
        let offset = directory.write_data(strip.as_slice()).map_err(failed)?;
        strips.offsets.push(u32::try_from(offset).map_err(too_long)?);
        strips.lengths.push(u32::try_from(strip.len()).map_err(too_long)?);
    }
    Ok(strips)
}

/// Makes each pixel its difference to the one at its left.
fn difference(row: &mut [u8], channels: Channels) {
    match channels {
        Channels::Rgb => difference_of(row.as_chunks_mut::<3>().0),
        Channels::Rgba => difference_of(row.as_chunks_mut::<4>().0),
    }
}

fn difference_of<const N: usize>(pixels: &mut [[u8; N]]) {
    let mut left = [0; N];
    for pixel in pixels {
        let whole = *pixel;
        for (value, left) in pixel.iter_mut().zip(left) {
            *value = value.wrapping_sub(left);
        }
        left = whole;
    }
}

fn write_tags<K: TiffKind>(
    frame: Frame,
    rows_per_strip: u32,
    strips: &Strips,
    directory: &mut Directory<'_, '_, K>,
) -> Result<(), TiffError> {
    let samples: u16 = match frame.channels {
        Channels::Rgb => 3,
        Channels::Rgba => 4,
    };
    directory.write_tag(Tag::ImageWidth, frame.width)?;
    directory.write_tag(Tag::ImageLength, frame.height)?;
    directory.write_tag(Tag::BitsPerSample, vec![8_u16; samples.into()].as_slice())?;
    directory.write_tag(Tag::Compression, DEFLATE)?;
    directory.write_tag(Tag::PhotometricInterpretation, COLOURS_ARE_RGB)?;
    directory.write_tag(Tag::StripOffsets, strips.offsets.as_slice())?;
    directory.write_tag(Tag::SamplesPerPixel, samples)?;
    directory.write_tag(Tag::RowsPerStrip, rows_per_strip)?;
    directory.write_tag(Tag::StripByteCounts, strips.lengths.as_slice())?;
    directory.write_tag(Tag::Predictor, HORIZONTAL_DIFFERENCES)?;
    if frame.channels == Channels::Rgba {
        directory.write_tag(Tag::ExtraSamples, OPACITY_NOT_MULTIPLIED)?;
    }
    Ok(())
}

fn failed(error: TiffError) -> EncodeError {
    match error {
        TiffError::IoError(error) => EncodeError::Sink(error),
        error => EncodeError::failed("tiff", error),
    }
}
