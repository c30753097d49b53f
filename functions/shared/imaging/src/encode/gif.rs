//! GIF, one frame.

use std::collections::HashMap;
use std::io::{BufWriter, Write};

use color_quant::NeuQuant;
use gif::{Encoder, EncodingError, Frame};

use super::EncodeError;
use crate::picture::View;
use crate::rows::{Channels, on_white};

/// Each how many pixels one is learnt from: 1 (best) to 30 (fast).
const SAMPLE: i32 = 10;

/// Colours of a palette.
const COLOURS: usize = 256;

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
        .map(|colour| *known.entry(*colour).or_insert_with(|| palette.nearest(*colour)))
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

/// What each pixel shows; nothing where one sees through.
type Colour = Option<[u8; 3]>;

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

/// The colours of the file, and how one finds one's own among them.
struct Palette {
    /// Red, green and blue of each; the one seen through is the last.
    colours: Vec<u8>,
    sees_through: bool,
    nearest: Nearest,
}

enum Nearest {
    /// Each colour has its place.
    Exact(HashMap<[u8; 3], u8>),
    /// They are too many: a network has learnt which ones stand for all.
    Learnt(Box<NeuQuant>),
}

impl Palette {
    fn of(pixels: &[Colour]) -> Self {
        let sees_through = pixels.contains(&None);
        // Kept apart: a colour that shares its place with "none" would be a hole.
        let places = if sees_through { COLOURS - 1 } else { COLOURS };
        let (nearest, mut colours) =
            exact(pixels, places).unwrap_or_else(|| learnt(pixels, places));
        if sees_through {
            colours.extend([0; 3]);
        }
        Self { colours, sees_through, nearest }
    }

    fn transparent(&self) -> Option<u8> {
        self.sees_through.then(|| u8::try_from(self.colours.len() / 3 - 1).unwrap_or(u8::MAX))
    }

    fn nearest(&self, colour: Colour) -> u8 {
        let Some(colour) = colour else { return self.transparent().unwrap_or_default() };
        match &self.nearest {
            Nearest::Exact(places) => places.get(&colour).copied().unwrap_or_default(),
            Nearest::Learnt(network) => {
                let [red, green, blue] = colour;
                let place = network.index_of(&[red, green, blue, u8::MAX]);
                u8::try_from(place).unwrap_or_default()
            }
        }
    }
}

/// Every colour, if there is a place for each.
fn exact(pixels: &[Colour], places: usize) -> Option<(Nearest, Vec<u8>)> {
    let mut found = HashMap::new();
    let mut colours = Vec::new();
    for colour in pixels.iter().flatten() {
        if found.contains_key(colour) {
            continue;
        }
        if found.len() == places {
            return None;
        }
        found.insert(*colour, u8::try_from(found.len()).ok()?);
        colours.extend(colour);
    }
    Some((Nearest::Exact(found), colours))
}

fn learnt(pixels: &[Colour], places: usize) -> (Nearest, Vec<u8>) {
    let visible = pixels.iter().flatten();
    let opaque: Vec<u8> = visible.flat_map(|[r, g, b]| [*r, *g, *b, u8::MAX]).collect();
    let network = NeuQuant::new(SAMPLE, places, &opaque);
    let colours = network.color_map_rgb();
    (Nearest::Learnt(Box::new(network)), colours)
}
