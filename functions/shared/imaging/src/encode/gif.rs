//! GIF, one frame.

use std::collections::HashMap;
use std::io::{BufWriter, Write};

use gif::{Encoder, EncodingError, Frame};

use super::EncodeError;
use crate::palette::{Colour, Palette};
use crate::picture::View;
use crate::rows::{Channels, on_white};

/// Pixels less opaque than this are seen through; the others lie on white.
const VISIBLE: u8 = 128;

pub(super) fn write(view: View<'_>, sink: impl Write) -> Result<(), EncodeError> {
    let colours = colours(view);
    let palette = Palette::of(&colours);
    // The format's limit was checked before.
    let side = |length| u16::try_from(length).unwrap_or(u16::MAX);
    let (width, height) = (side(view.width()), side(view.height()));
    let mut encoder =
        Encoder::new(BufWriter::new(sink), width, height, &palette.colours).map_err(failed)?;
    let mut known = HashMap::new();
    let indices: Vec<u8> = colours
        .iter()
        .map(|colour| *known.entry(*colour).or_insert_with(|| palette.place(*colour)))
        .collect();
    let frame = Frame::from_indexed_pixels(width, height, indices, palette.transparent());
    encoder.write_frame(&frame).map_err(failed)?;
    encoder.into_inner().map_err(failed)?.flush()?;
    Ok(())
}

fn failed(error: EncodingError) -> EncodeError {
    match error {
        EncodingError::Io(error) => EncodeError::Sink(error),
        error => EncodeError::failed("gif", error),
    }
}

fn colours(view: View<'_>) -> Vec<Colour> {
    let pixels = view.packed();
    match view.frame().channels {
        Channels::Rgb => pixels.as_chunks::<3>().0.iter().copied().map(Some).collect(),
        Channels::Rgba => {
            let visible = |pixel: &[u8; 4]| (pixel[3] >= VISIBLE).then(|| on_white(*pixel));
            pixels.as_chunks::<4>().0.iter().map(visible).collect()
        }
    }
}
