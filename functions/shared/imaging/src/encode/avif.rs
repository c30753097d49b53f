//! AVIF, lossy, with colours at their full resolution.

use std::io::Write;

use darkroom_core::capture::Quality;
use imgref::Img;
use ravif::{BitDepth, Encoder};
use rgb::FromSlice;

use super::EncodeError;
use crate::picture::View;
use crate::rows::Channels;

/// 1 (small) to 10 (fast). Without the encoder's assembly, which needs nasm to
/// build, a page of 1280 × 800 takes about 0.55 s of one core at this one, and
/// several seconds below 9.
const SPEED: u8 = 10;

pub(super) fn write(
    view: View<'_>,
    quality: Quality,
    mut sink: impl Write,
) -> Result<(), EncodeError> {
    let pixels = view.packed();
    let (width, height) = (view.width() as usize, view.height() as usize);
    // The encoder's scale begins at 1.
    let quality = f32::from(quality.percent().max(1));
    let encoder = Encoder::new()
        .with_speed(SPEED)
        .with_bit_depth(BitDepth::Eight)
        .with_quality(quality)
        .with_alpha_quality(quality);
    let encoded = match view.frame().channels {
        Channels::Rgb => encoder.encode_rgb(Img::new(pixels.as_rgb(), width, height)),
        Channels::Rgba => encoder.encode_rgba(Img::new(pixels.as_rgba(), width, height)),
    };
    let file = encoded.map_err(|error| EncodeError::failed("avif", error))?;
    Ok(sink.write_all(&file.avif_file)?)
}
