//! GIF, of which each picture holds what has changed since the last.

use std::collections::HashMap;
use std::time::Duration;

use gif::{Encoder, Frame, Repeat};

use super::FilmError;
use crate::palette::{Colour, Palette};

/// With more pixels than this that have changed to a colour that the palette has nothing for,
/// it is given up: some letters of text.
const MISFITS: usize = 64;

/// So many colours are remembered with their places.
const MAX_KNOWN: usize = 1 << 20;

pub(super) struct Gif {
    size: (u32, u32),
    /// In hundredths of a second.
    span: u16,
    film: Option<Begun>,
}

/// A film that has a picture.
struct Begun {
    encoder: Encoder<Vec<u8>>,
    /// Whether the palette is that of the whole file.
    is_first_palette: bool,
    palette: Palette,
    /// The place of each colour that was looked for, and whether what is there fits.
    known: HashMap<[u8; 3], (u8, bool)>,
    /// The pixels of the last picture.
    shown: Vec<u8>,
    /// The last picture, which may be shown for longer.
    last: Frame<'static>,
}

/// The part of a picture that has changed, in pixels.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Part {
    left: u32,
    top: u32,
    width: u32,
    height: u32,
}

impl Gif {
    pub(super) fn new(size: (u32, u32), span: Duration) -> Self {
        let span = u16::try_from(span.as_millis() / 10).unwrap_or(u16::MAX);
        Self { size, span, film: None }
    }

    pub(super) fn add(&mut self, pixels: Vec<u8>) -> Result<(), FilmError> {
        let Some(film) = &mut self.film else {
            self.film = Some(Begun::new(self.size, self.span, pixels)?);
            return Ok(());
        };
        let Some(part) = changed(&film.shown, &pixels, self.size.0) else {
            return self.repeat();
        };
        film.add(part, pixels, self.size.0, self.span)
    }

    /// Shows the last picture for longer.
    pub(super) fn repeat(&mut self) -> Result<(), FilmError> {
        if let Some(film) = &mut self.film {
            film.last.delay = film.last.delay.saturating_add(self.span);
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Result<Vec<u8>, FilmError> {
        let Some(mut film) = self.film else {
            return Err(FilmError::Lacking("pictures"));
        };
        film.encoder.write_frame(&film.last).map_err(FilmError::failed)?;
        film.encoder.into_inner().map_err(FilmError::failed)
    }
}

impl Begun {
    fn new((width, height): (u32, u32), span: u16, pixels: Vec<u8>) -> Result<Self, FilmError> {
        let palette = palette_of(&pixels);
        let (wide, high) = (side(width)?, side(height)?);
        let mut encoder =
            Encoder::new(Vec::new(), wide, high, &palette.colours).map_err(FilmError::failed)?;
        encoder.set_repeat(Repeat::Infinite).map_err(FilmError::failed)?;
        let mut film = Self {
            encoder,
            is_first_palette: true,
            palette,
            known: HashMap::new(),
            shown: Vec::new(),
            last: Frame::default(),
        };
        let whole = Part { left: 0, top: 0, width, height };
        film.last = film.frame(whole, &pixels, width, span)?.0;
        film.shown = pixels;
        Ok(film)
    }

    fn add(&mut self, part: Part, pixels: Vec<u8>, width: u32, span: u16) -> Result<(), FilmError> {
        let (mut next, misfits) = self.frame(part, &pixels, width, span)?;
        if misfits > MISFITS {
            self.palette = palette_of(&pixels);
            self.known.clear();
            self.is_first_palette = false;
            (next, _) = self.frame(part, &pixels, width, span)?;
        }
        self.encoder.write_frame(&self.last).map_err(FilmError::failed)?;
        (self.last, self.shown) = (next, pixels);
        if self.known.len() > MAX_KNOWN {
            self.known.clear();
        }
        FilmError::of_length(self.encoder.get_ref().len())
    }

    /// The frame that shows this part of a picture over the last one, and how many of its
    /// pixels have no colour in the palette that fits.
    fn frame(
        &mut self,
        part: Part,
        pixels: &[u8],
        width: u32,
        span: u16,
    ) -> Result<(Frame<'static>, usize), FilmError> {
        let Self { palette, known, shown, .. } = self;
        let unchanged = palette.transparent().unwrap_or_default();
        let mut places = Vec::with_capacity(part.width as usize * part.height as usize);
        let mut misfits = 0;
        // Most pixels are like the one before.
        let mut last: Option<([u8; 3], u8, bool)> = None;
        for (now, before) in part.rows(pixels, width).zip(part.rows_or_none(shown, width)) {
            for (at, &colour) in now.iter().enumerate() {
                if before.get(at) == Some(&colour) {
                    places.push(unchanged);
                    continue;
                }
                let (_, place, fits) = match last {
                    Some(last @ (same, ..)) if same == colour => last,
                    _ => {
                        let (place, fits) = find(palette, known, colour);
                        (colour, place, fits)
                    }
                };
                last = Some((colour, place, fits));
                places.push(place);
                misfits += usize::from(!fits);
            }
        }
        let frame = Frame {
            delay: span,
            left: side(part.left)?,
            top: side(part.top)?,
            width: side(part.width)?,
            height: side(part.height)?,
            transparent: Some(unchanged),
            palette: (!self.is_first_palette).then(|| self.palette.colours.clone()),
            buffer: places.into(),
            ..Frame::default()
        };
        Ok((frame, misfits))
    }
}

/// The place of a colour, and whether what is there fits.
fn find(
    palette: &Palette,
    known: &mut HashMap<[u8; 3], (u8, bool)>,
    colour: [u8; 3],
) -> (u8, bool) {
    *known.entry(colour).or_insert_with(|| {
        let place = palette.place(Some(colour));
        (place, palette.fits(colour, place))
    })
}

impl Part {
    /// Its pixels in a picture of this width, row by row.
    fn rows(self, pixels: &[u8], width: u32) -> impl Iterator<Item = &[[u8; 3]]> {
        let (left, right) = (self.left as usize, (self.left + self.width) as usize);
        let rows = pixels.as_chunks::<3>().0.chunks(width as usize);
        rows.skip(self.top as usize)
            .take(self.height as usize)
            .map(move |row| row.get(left..right).unwrap_or_default())
    }

    /// The same; rows of nothing where there is no picture.
    fn rows_or_none(self, pixels: &[u8], width: u32) -> impl Iterator<Item = &[[u8; 3]]> {
        self.rows(pixels, width).chain(std::iter::repeat(&[][..]))
    }
}

/// The smallest part in which two pictures of this width differ.
fn changed(before: &[u8], now: &[u8], width: u32) -> Option<Part> {
    let rows = |pixels| <[u8]>::as_chunks::<3>(pixels).0.chunks(width as usize);
    let mut differing = rows(before).zip(rows(now)).zip(0_u32..).filter_map(|((one, other), y)| {
        let apart = |(one, other)| one != other;
        let left = one.iter().zip(other).position(apart)?;
        let right = one.iter().zip(other).rposition(apart)?;
        Some((y, left, right))
    });
    let (top, left, right) = differing.next()?;
    let (bottom, left, right) = differing.fold((top, left, right), |whole, (y, left, right)| {
        (y, whole.1.min(left), whole.2.max(right))
    });
    let px = |length| u32::try_from(length).unwrap_or(u32::MAX);
    let (left, width) = (px(left), px(right - left + 1));
    Some(Part { left, top, width, height: bottom - top + 1 })
}

/// With a place for what hasn't changed.
fn palette_of(pixels: &[u8]) -> Palette {
    let pixels = pixels.as_chunks::<3>().0.iter().copied().map(Some);
    Palette::of(&pixels.chain([None]).collect::<Vec<Colour>>())
}

fn side(length: u32) -> Result<u16, FilmError> {
    u16::try_from(length).map_err(FilmError::failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_part_that_has_changed_is_the_smallest() {
        let before = vec![0; 4 * 3 * 3];
        let with = |pixels: &[(usize, usize)]| {
            let mut now = before.clone();
            for (x, y) in pixels {
                now[(y * 4 + x) * 3 + 1] = 9;
            }
            changed(&before, &now, 4)
        };
        let part = |left, top, width, height| Some(Part { left, top, width, height });
        assert_eq!(with(&[]), None);
        assert_eq!(with(&[(3, 2)]), part(3, 2, 1, 1));
        assert_eq!(with(&[(1, 0), (2, 0)]), part(1, 0, 2, 1));
        assert_eq!(with(&[(2, 0), (0, 2)]), part(0, 0, 3, 3));
    }
}
