//! AVIF, lossy, with colours at their full resolution.

use std::io::Write;

use darkroom_core::capture::Quality;
use imgref::Img;
use ravif::{BitDepth, Encoder};
use rgb::{FromSlice, RGBA8};

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
    let pixels: Vec<RGBA8> = match view.frame().channels {
        Channels::Rgb => view.packed().as_rgb().iter().map(|pixel| pixel.with_alpha(255)).collect(),
        Channels::Rgba => view.packed().as_rgba().to_vec(),
    };
    let (width, height) = (view.width() as usize, view.height() as usize);
    // The encoder's scale begins at 1.
    let quality = f32::from(quality.percent().max(1));
    let encoder = Encoder::new()
        .with_speed(SPEED)
        .with_bit_depth(BitDepth::Eight)
        .with_quality(quality)
        .with_alpha_quality(quality);
    // It leaves out opacity where all is opaque. Its function for pictures without
    // any is inlined, and with it the whole codec would be compiled into this crate.
    let encoded = encoder.encode_rgba(Img::new(&pixels, width, height));
    let file = encoded.map_err(|error| EncodeError::failed("avif", error))?;
    Ok(sink.write_all(&file.avif_file)?)
}
