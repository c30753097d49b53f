//! JPEG, baseline, with the standard Huffman tables: tables of its own would
//! save some percent, but need all rows first, and then one scan for each colour,
//! which not every reader takes.

use std::cell::RefCell;
use std::io::{BufWriter, Write};

use darkroom_core::capture::Quality;
use jpeg_encoder::{
    ChromaSubsamplingMethod, Encoder, EncodingError, ImageBuffer, JpegColorType, SamplingFactor,
    rgb_to_ycbcr,
};

use super::EncodeError;
use crate::join::BandError;
use crate::rows::Rows;

/// From this quality on, colours keep their full resolution, as with Chromium:
/// coloured text frays without it.
const FULL_COLOUR_QUALITY: u8 = 90;

/// `rows` have no opacity.
pub(super) fn write(
    rows: impl Rows,
    quality: Quality,
    sink: impl Write,
) -> Result<(), EncodeError> {
    let frame = rows.frame();
    // The format's scale begins at 1.
    let mut sink = BufWriter::new(sink);
    let mut encoder = Encoder::new(&mut sink, quality.percent().max(1));
    encoder.set_sampling_factor(if quality.percent() < FULL_COLOUR_QUALITY {
        SamplingFactor::F_2_2
    } else {
        SamplingFactor::F_1_1
    });
    encoder.set_chroma_subsampling_method(ChromaSubsamplingMethod::Average);
    let source =
        RefCell::new(Source { row: vec![0; frame.row_bytes()], rows, held: None, fault: None });
    let written = encoder.encode_image(Image { source: &source });
    if let Some(fault) = source.into_inner().fault {
        return Err(fault.into());
    }
    written.map_err(failed)?;
    Ok(sink.flush()?)
}

fn failed(error: EncodingError) -> EncodeError {
    match error {
        EncodingError::IoError(error) => EncodeError::Sink(error),
        error => EncodeError::failed("jpeg", error),
    }
}

struct Source<R> {
    rows: R,
    row: Vec<u8>,
    /// The number of the row that `row` holds.
    held: Option<u16>,
    /// Why rows ended. The encoder can't be told: it gets grey to its end.
    fault: Option<BandError>,
}

impl<R: Rows> Source<R> {
    /// Rows are asked for from the top down; the last again, as padding.
    fn hold(&mut self, y: u16) {
        if self.held == Some(y) || self.fault.is_some() {
            return;
        }
        self.fault = self.rows.next_row(&mut self.row).err();
        self.held = Some(y);
    }
}

/// The encoder's view of the rows; it asks through a shared reference.
struct Image<'a, R> {
    source: &'a RefCell<Source<R>>,
}

impl<R: Rows> ImageBuffer for Image<'_, R> {
    fn get_jpeg_color_type(&self) -> JpegColorType {
        JpegColorType::Ycbcr
    }

    fn width(&self) -> u16 {
        // The format's limit was checked before.
        u16::try_from(self.source.borrow().rows.frame().width).unwrap_or(u16::MAX)
    }

    fn height(&self) -> u16 {
        u16::try_from(self.source.borrow().rows.frame().height).unwrap_or(u16::MAX)
    }

    fn fill_buffers(&self, y: u16, buffers: &mut [Vec<u8>; 4]) {
        let mut source = self.source.borrow_mut();
        source.hold(y);
        let (pixels, _) = source.row.as_chunks::<3>();
        let [lightness, blue, red, _] = buffers;
        for [r, g, b] in pixels {
            let (y, cb, cr) = rgb_to_ycbcr(*r, *g, *b);
            lightness.push(y);
            blue.push(cb);
            red.push(cr);
        }
    }
}
