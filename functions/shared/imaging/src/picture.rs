//! A picture in memory and the parts of it.

use crate::decode::{DecodeError, PngRows};
use crate::join::BandError;
use crate::rows::{Channels, Frame, Rows};
use crate::size::MAX_PIXELS;

/// Pixels in memory, row after row without gaps.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    frame: Frame,
    pixels: Vec<u8>,
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.frame.fmt(f)
    }
}

/// Whether all pixels of a PNG, as Chromium writes it, are of one colour.
///
/// # Errors
/// When the file is damaged, cut short or of another kind.
pub fn is_uniform(png: &[u8]) -> Result<bool, DecodeError> {
    let mut rows = PngRows::open(png)?;
    let channels = rows.channels();
    let mut row = vec![0; rows.width() as usize * channels.bytes()];
    let mut first = None;
    while rows.next_row(&mut row)? {
        let mut pixels = row.chunks(channels.bytes());
        let first = first.get_or_insert_with(|| pixels.next().unwrap_or_default().to_vec());
        if pixels.any(|pixel| pixel != first) {
            return Ok(false);
        }
    }
    Ok(true)
}

impl Picture {
    /// Reads a PNG as Chromium writes it: eight bits, with or without opacity.
    ///
    /// What is opaque throughout has [`Channels::Rgb`] afterwards, whatever the
    /// file said: Chromium writes opacity for pages that have none.
    ///
    /// # Errors
    /// When the file is damaged, cut short, of another kind, or has more than
    /// [`MAX_PIXELS`].
    pub fn decode(png: &[u8]) -> Result<Self, DecodeError> {
        let mut rows = PngRows::open(png)?;
        let (width, height) = (rows.width(), rows.height());
        let frame = Frame { width, height, channels: rows.channels() };
        if frame.pixels() > MAX_PIXELS {
            return Err(DecodeError::TooManyPixels { width, height, limit: MAX_PIXELS });
        }
        let mut gathered = Gathering::new(width, height);
        let mut row = vec![0; frame.row_bytes()];
        while rows.next_row(&mut row)? {
            gathered.add(&row, frame.channels);
        }
        rows.finish()?;
        Ok(gathered.picture)
    }

    /// Holds the rows of a picture that is read.
    pub(crate) fn gather(mut rows: impl Rows) -> Result<Self, BandError> {
        let frame = rows.frame();
        let mut gathered = Gathering::new(frame.width, frame.height);
        let mut row = vec![0; frame.row_bytes()];
        for _ in 0..frame.height {
            rows.next_row(&mut row)?;
            gathered.add(&row, frame.channels);
        }
        Ok(gathered.picture)
    }

    /// `pixels` must be those of the frame.
    pub(crate) fn of(frame: Frame, pixels: Vec<u8>) -> Self {
        debug_assert_eq!(pixels.len(), frame.row_bytes() * frame.height as usize);
        Self { frame, pixels }
    }

    /// Pixels.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.frame.width
    }

    /// Pixels.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.frame.height
    }

    /// Whether there is opacity, and so how long a pixel is.
    #[must_use]
    pub fn channels(&self) -> Channels {
        self.frame.channels
    }

    /// The bytes of all pixels, row after row.
    #[must_use]
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// All of it.
    #[must_use]
    pub fn view(&self) -> View<'_> {
        View { picture: self, top: 0, height: self.frame.height }
    }

    /// The picture in slices of its whole width from the top down, each `height`
    /// pixels high and repeating the last `overlap` of the one above; the last
    /// is as high as what is left. An overlap of `height` or more counts as
    /// `height` − 1, and a height of none as one: each slice shows something new.
    pub fn slices(&self, height: u32, overlap: u32) -> impl Iterator<Item = Slice<'_>> {
        let height = height.max(1);
        let step = height - overlap.min(height - 1);
        let whole = self.frame.height;
        // A slice that would only repeat what the one above ends with is none.
        let starts = std::iter::successors(Some(0_u32), move |start| {
            let next = start.checked_add(step)?;
            (start.checked_add(height)? < whole).then_some(next)
        });
        starts.map(move |y| {
            let view = View { picture: self, top: y, height: height.min(whole - y) };
            Slice { offset_y: y, view }
        })
    }
}

/// One slice of a tall picture.
#[derive(Clone, Copy, Debug)]
pub struct Slice<'a> {
    /// The row of the picture that is the slice's first.
    pub offset_y: u32,
    /// Its pixels.
    pub view: View<'a>,
}

/// Rows of a picture that lie together, never none.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    picture: &'a Picture,
    /// Rows above it.
    top: u32,
    height: u32,
}

impl<'a> View<'a> {
    /// Pixels.
    #[must_use]
    pub fn width(self) -> u32 {
        self.picture.frame.width
    }

    /// Pixels.
    #[must_use]
    pub fn height(self) -> u32 {
        self.height
    }

    pub(crate) fn frame(self) -> Frame {
        Frame { height: self.height, ..self.picture.frame }
    }

    /// The bytes of one of its rows; none below the last.
    fn row(self, index: u32) -> Option<&'a [u8]> {
        let row = self.picture.frame.row_bytes();
        self.packed().chunks(row).nth(index as usize)
    }

    /// Its pixels without gaps.
    pub(crate) fn packed(self) -> &'a [u8] {
        let row = self.picture.frame.row_bytes();
        let start = self.top as usize * row;
        let end = start + self.height as usize * row;
        self.picture.pixels.get(start..end).unwrap_or_default()
    }

    pub(crate) fn rows(self) -> ViewRows<'a> {
        ViewRows { view: self, next: 0 }
    }
}

/// A view read from its top row to its last.
pub(crate) struct ViewRows<'a> {
    view: View<'a>,
    next: u32,
}

impl Rows for ViewRows<'_> {
    fn frame(&self) -> Frame {
        self.view.frame()
    }

    fn next_row(&mut self, row: &mut [u8]) -> Result<(), BandError> {
        let rows = self.next;
        let height = self.view.height;
        let from = self.view.row(rows).ok_or(BandError::TooFewRows { rows, height })?;
        row.copy_from_slice(from);
        self.next += 1;
        Ok(())
    }
}

/// A picture that grows by rows, and has no opacity until a pixel needs it.
struct Gathering {
    picture: Picture,
}

impl Gathering {
    fn new(width: u32, height: u32) -> Self {
        let frame = Frame { width, height, channels: Channels::Rgb };
        let pixels = Vec::with_capacity(frame.row_bytes() * height as usize);
        Self { picture: Picture { frame, pixels } }
    }

    fn add(&mut self, row: &[u8], channels: Channels) {
        let Picture { frame, pixels } = &mut self.picture;
        match (frame.channels, channels) {
            (Channels::Rgb, Channels::Rgb) | (Channels::Rgba, Channels::Rgba) => {
                pixels.extend_from_slice(row);
            }
            (Channels::Rgba, Channels::Rgb) => pixels.extend(with_opacity(row)),
            (Channels::Rgb, Channels::Rgba) => {
                let (colours, _) = row.as_chunks::<4>();
                if colours.iter().all(|pixel| pixel[3] == u8::MAX) {
                    pixels.extend(colours.iter().flat_map(|[r, g, b, _]| [*r, *g, *b]));
                } else {
                    *pixels = with_opacity(pixels).collect();
                    frame.channels = Channels::Rgba;
                    pixels.extend_from_slice(row);
                }
            }
        }
    }
}

fn with_opacity(pixels: &[u8]) -> impl Iterator<Item = u8> {
    let (colours, _) = pixels.as_chunks::<3>();
    colours.iter().flat_map(|[red, green, blue]| [*red, *green, *blue, u8::MAX])
}
