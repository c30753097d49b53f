//! Rows of pixels from wherever they come, one at a time.

use crate::join::BandError;

/// The bytes of a pixel, eight bits each, in sRGB.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Channels {
    /// Red, green, blue: every pixel is opaque.
    Rgb,
    /// Red, green, blue and opacity, not premultiplied.
    Rgba,
}

impl Channels {
    /// Bytes of a pixel.
    #[must_use]
    pub const fn bytes(self) -> usize {
        match self {
            Self::Rgb => 3,
            Self::Rgba => 4,
        }
    }
}

/// What is known of a picture before its first row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Frame {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) channels: Channels,
}

impl Frame {
    pub(crate) fn row_bytes(self) -> usize {
        self.width as usize * self.channels.bytes()
    }

    pub(crate) fn pixels(self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }
}

/// A picture read once, from its top row to its last.
pub(crate) trait Rows {
    /// Its size; `height` rows follow.
    fn frame(&self) -> Frame;

    /// Writes the next row over `row`, which has [`Frame::row_bytes`].
    fn next_row(&mut self, row: &mut [u8]) -> Result<(), BandError>;
}

/// Rows laid on white: for formats and sheets that know no opacity.
pub(crate) struct OnWhite<R> {
    rows: R,
    transparent: Vec<u8>,
}

impl<R: Rows> OnWhite<R> {
    pub(crate) fn new(rows: R) -> Self {
        let transparent = match rows.frame().channels {
            Channels::Rgb => Vec::new(),
            Channels::Rgba => vec![0; rows.frame().row_bytes()],
        };
        Self { rows, transparent }
    }
}

impl<R: Rows> Rows for OnWhite<R> {
    fn frame(&self) -> Frame {
        Frame { channels: Channels::Rgb, ..self.rows.frame() }
    }

    fn next_row(&mut self, row: &mut [u8]) -> Result<(), BandError> {
        if self.transparent.is_empty() {
            return self.rows.next_row(row);
        }
        self.rows.next_row(&mut self.transparent)?;
        let (from, _) = self.transparent.as_chunks::<4>();
        let (onto, _) = row.as_chunks_mut::<3>();
        for (pixel, onto) in from.iter().zip(onto) {
            *onto = on_white(*pixel);
        }
        Ok(())
    }
}

/// What a pixel looks like on white paper.
pub(crate) fn on_white([red, green, blue, opacity]: [u8; 4]) -> [u8; 3] {
    if opacity == u8::MAX {
        return [red, green, blue];
    }
    let opacity = u16::from(opacity);
    // At most 255 × 255 + 127, which fits; the division rounds to the nearest.
    let mix = |ink: u8| (u16::from(ink) * opacity + 255 * (255 - opacity) + 127) / 255;
    [red, green, blue].map(|ink| u8::try_from(mix(ink)).unwrap_or(u8::MAX))
}
