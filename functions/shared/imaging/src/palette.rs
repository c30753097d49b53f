//! The colours of a GIF.

use std::collections::HashMap;

use color_quant::NeuQuant;

/// Each how many pixels one is learnt from: 1 (best) to 30 (fast).
const SAMPLE: i32 = 10;

/// Colours of a palette.
const COLOURS: usize = 256;

/// What a pixel shows; nothing where one sees through.
pub(crate) type Colour = Option<[u8; 3]>;

/// How [far](distance) from a colour one may be that stands for it: what one sees in a plain
/// area, side by side.
const FAR: i32 = 3 * 12 * 12;

/// Some colours, and how one finds one's own among them.
pub(crate) struct Palette {
    /// Red, green and blue of each; the one seen through is the last.
    pub(crate) colours: Vec<u8>,
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
    /// Those that stand best for these.
    pub(crate) fn of(pixels: &[Colour]) -> Self {
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

    /// The place of what is seen through, if anything is.
    pub(crate) fn transparent(&self) -> Option<u8> {
        self.sees_through.then(|| u8::try_from(self.colours.len() / 3 - 1).unwrap_or(u8::MAX))
    }

    /// The place of the one that stands for this.
    pub(crate) fn place(&self, colour: Colour) -> u8 {
        let Some(colour) = colour else { return self.transparent().unwrap_or_default() };
        match &self.nearest {
            Nearest::Exact(places) => {
                places.get(&colour).copied().unwrap_or_else(|| self.nearest_to(colour))
            }
            Nearest::Learnt(network) => {
                let [red, green, blue] = colour;
                let place = network.index_of(&[red, green, blue, u8::MAX]);
                u8::try_from(place).unwrap_or_default()
            }
        }
    }

    /// The place of the colour that is nearest to this one, which isn't among them.
    fn nearest_to(&self, colour: [u8; 3]) -> u8 {
        let seen = self.colours.as_chunks::<3>().0.iter().zip(0..=u8::MAX);
        let seen = seen.filter(|&(_, place)| Some(place) != self.transparent());
        let nearest = seen.min_by_key(|(other, _)| distance(colour, **other));
        nearest.map_or(0, |(_, place)| place)
    }

    /// Whether the colour at this place can stand for this one, which the palette needn't
    /// have been made for.
    pub(crate) fn fits(&self, colour: [u8; 3], place: u8) -> bool {
        let Some(other) = self.colours.as_chunks::<3>().0.get(usize::from(place)) else {
            return false;
        };
        distance(colour, *other) <= FAR
    }
}

/// How far two colours are from each other: the sum of the squares of their parts' distances.
fn distance(one: [u8; 3], other: [u8; 3]) -> i32 {
    let parts = one.iter().zip(other).map(|(one, other)| {
        let apart = i32::from(*one) - i32::from(other);
        apart * apart
    });
    parts.sum()
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
