//! A capture that was taken, and what there is to see in it.

use std::io::Cursor;

use bytes::Bytes;
use darkroom_core::artifact::FileKind;
use darkroom_core::port::Extra;
use darkroom_core::report::{Datum, FontStack, Property, Report};
use tiff::decoder::{Decoder, DecodingResult};

use crate::sheets::Sheet;

/// Colours that go by a name. What jpeg, webp and avif make of one does too.
const NAMED: [(&str, [u8; 3]); 5] = [
    ("white", [255, 255, 255]),
    ("black", [0, 0, 0]),
    ("red", [255, 0, 0]),
    ("lime", [0, 255, 0]),
    ("blue", [0, 0, 255]),
];

/// How far a lossy format may be from a colour.
const NEAR: u8 = 12;

/// What a colour goes by.
pub(crate) fn name_of(colour: [u8; 3]) -> String {
    let is_near = |(_, named): &&(&str, [u8; 3])| {
        named.iter().zip(colour).all(|(a, b)| a.abs_diff(b) <= NEAR)
    };
    let [red, green, blue] = colour;
    let digits = || format!("{red:02x}{green:02x}{blue:02x}");
    NAMED.iter().find(is_near).map_or_else(digits, |(name, _)| (*name).to_owned())
}

/// A finished capture.
pub(crate) struct Taken {
    pub(crate) file: Bytes,
    pub(crate) kind: Kind,
    pub(crate) sight: Sight,
    pub(crate) extras: Vec<Extra>,
    /// What is told of the page.
    pub(crate) report: Report,
    /// The heads of what the host was asked for.
    pub(crate) heads: Vec<String>,
}

/// What a file shows.
pub(crate) enum Sight {
    Picture(Pixels),
    Sheets(Vec<Sheet>),
    Text(String),
}

impl Taken {
    /// The name of the colour at this place, else its digits.
    pub(crate) fn colour(&self, x: u32, y: u32) -> String {
        self.pixels().colour(x, y)
    }

    /// The colours at these places.
    pub(crate) fn colours(&self, places: &[(u32, u32)]) -> String {
        let colours: Vec<_> = places.iter().map(|&(x, y)| self.colour(x, y)).collect();
        colours.join(" ")
    }

    /// Whether the file has less than so many bytes.
    pub(crate) fn weight(&self, bytes: usize) -> String {
        let weight = if self.file.len() < bytes { "light" } else { "heavy" };
        weight.to_owned()
    }

    /// The sizes of the further files.
    pub(crate) fn further_sizes(&self) -> String {
        let sizes = self.extras.iter().filter_map(|it| match it.kind {
            FileKind::Slice { pixels, .. } | FileKind::Size { pixels, .. } => {
                Some(format!("{}x{}", pixels.width, pixels.height))
            }
            FileKind::Content(_) | FileKind::Har | FileKind::Console | FileKind::Waterfall => None,
        });
        sizes.collect::<Vec<_>>().join(" ")
    }

    /// What is told of the page, beside its verdict.
    pub(crate) fn metadata(&self) -> String {
        let joined = |properties: &[Property]| {
            let pairs = properties.iter().map(|it| format!("{}={}", it.name, it.value));
            pairs.collect::<Vec<_>>().join(" ")
        };
        let told = self.report.metadata.iter().map(|datum| match datum {
            Datum::ImageSize(size) => {
                size.map_or_else(String::new, |size| format!("{}x{}", size.width, size.height))
            }
            Datum::Fonts(stacks) => {
                let stack =
                    |it: &FontStack| format!("{} {:?} {:?}", it.first, it.fallback, it.elements);
                stacks.iter().map(stack).collect::<Vec<_>>().join(" ")
            }
            Datum::PageTitle(title) => title.clone(),
            Datum::OpenGraph(properties) | Datum::Headers(properties) => joined(properties),
            Datum::Icon(icon) => format!("{icon:?}"),
            Datum::StatusCode => format!("{:?}", self.report.status),
            Datum::Verdict => self.report.verdict.summary(),
        });
        told.collect::<Vec<_>>().join(" ")
    }

    /// The beginning of the further file of this name.
    pub(crate) fn beginning(&self, name: &str) -> String {
        let file = self.extras.iter().find(|it| it.kind.name() == name);
        let text =
            file.map_or_else(String::new, |it| String::from_utf8_lossy(&it.content).into_owned());
        text.chars().take(24).collect()
    }

    /// What the page told its host.
    pub(crate) fn told(&self) -> String {
        let paths = self.heads.iter().filter_map(|head| head.split(' ').nth(1));
        let told = paths.filter_map(|path| path.strip_prefix("/told?"));
        let told = told.map(percent_decoded);
        told.collect::<Vec<_>>().join(" ")
    }

    /// What this header of the request for the page said.
    pub(crate) fn header(&self, name: &str) -> String {
        let lines = self.heads[0].lines().filter_map(|line| line.split_once(": "));
        let mut found = lines.filter(|(it, _)| it.eq_ignore_ascii_case(name));
        found.next().map_or("", |(_, value)| value).to_owned()
    }

    /// The frames of a gif, 80 ms apart.
    pub(crate) fn frames(&self) -> Vec<Pixels> {
        let mut options = gif::DecodeOptions::new();
        options.set_color_output(gif::ColorOutput::RGBA);
        let mut decoder = options.read_info(Cursor::new(&self.file)).unwrap();
        let (width, height) = (decoder.width().into(), decoder.height().into());
        let mut rgba = vec![[0; 4]; (width * height) as usize];
        let mut frames = Vec::new();
        while let Some(frame) = decoder.read_next_frame().unwrap() {
            let rows = frame.buffer.as_chunks::<4>().0.chunks(frame.width.into());
            for (pixels, y) in rows.zip(usize::from(frame.top)..) {
                let start = y * width as usize + usize::from(frame.left);
                for (pixel, shown) in pixels.iter().zip(&mut rgba[start..]) {
                    *shown = if pixel[3] == 0 { *shown } else { *pixel };
                }
            }
            let shown = || Pixels { width, height, rgba: rgba.clone() };
            frames.extend((0..frame.delay / 8).map(|_| shown()));
        }
        frames
    }

    pub(crate) fn pixels(&self) -> &Pixels {
        match &self.sight {
            Sight::Picture(pixels) => pixels,
            Sight::Sheets(_) => panic!("no picture, but sheets"),
            Sight::Text(text) => panic!("no picture, but {text}"),
        }
    }

    /// What it says, where it is a text; its kind otherwise.
    pub(crate) fn words(&self) -> String {
        match &self.sight {
            Sight::Text(text) => text.trim().to_owned(),
            Sight::Picture(_) | Sight::Sheets(_) => format!("{:?}", self.kind),
        }
    }

    pub(crate) fn sheets(&self) -> &[Sheet] {
        match &self.sight {
            Sight::Picture(_) | Sight::Text(_) => panic!("no sheets"),
            Sight::Sheets(sheets) => sheets,
        }
    }
}

fn percent_decoded(text: &str) -> String {
    url::form_urlencoded::parse(text.as_bytes()).map(|(told, _)| told.into_owned()).collect()
}

/// What a file is, by its first bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Png,
    Jpeg,
    WebP,
    Avif,
    Gif,
    Tiff,
    Pdf,
    Mp4,
    WebM,
    Text,
}

impl Kind {
    pub(crate) fn of(file: &[u8]) -> Self {
        match file {
            [0x89, b'P', b'N', b'G', ..] => Self::Png,
            [0xff, 0xd8, 0xff, ..] => Self::Jpeg,
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Self::WebP,
            [_, _, _, _, b'f', b't', b'y', b'p', b'a', b'v', b'i', b'f', ..] => Self::Avif,
            [_, _, _, _, b'f', b't', b'y', b'p', b'i', b's', b'o', b'm', ..] => Self::Mp4,
            [0x1a, 0x45, 0xdf, 0xa3, ..] => Self::WebM,
            [b'G', b'I', b'F', ..] => Self::Gif,
            [b'I', b'I', 42, 0, ..] => Self::Tiff,
            [b'%', b'P', b'D', b'F', ..] => Self::Pdf,
            _ => Self::Text,
        }
    }

    pub(crate) const fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::WebP => "image/webp",
            Self::Avif => "image/avif",
            Self::Gif => "image/gif",
            Self::Tiff => "image/tiff",
            Self::Pdf => "application/pdf",
            Self::Mp4 => "video/mp4",
            Self::WebM => "video/webm",
            Self::Text => "text/plain",
        }
    }
}

/// Decoded pixels.
pub(crate) struct Pixels {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) rgba: Vec<[u8; 4]>,
}

impl Pixels {
    pub(crate) fn of_png(file: &[u8]) -> Self {
        let mut reader = png::Decoder::new(Cursor::new(file)).read_info().unwrap();
        let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut bytes).unwrap();
        Self::of(info.width, info.height, &bytes)
    }

    pub(crate) fn of_tiff(file: &[u8]) -> Self {
        let mut decoder = Decoder::new(Cursor::new(file)).unwrap();
        let (width, height) = decoder.dimensions().unwrap();
        let DecodingResult::U8(bytes) = decoder.read_image().unwrap() else {
            panic!("not eight bits")
        };
        Self::of(width, height, &bytes)
    }

    fn of(width: u32, height: u32, bytes: &[u8]) -> Self {
        let rgba = match bytes.len() / (width * height) as usize {
            3 => bytes.as_chunks().0.iter().map(|&[r, g, b]| [r, g, b, u8::MAX]).collect(),
            _ => bytes.as_chunks().0.to_vec(),
        };
        Self { width, height, rgba }
    }

    pub(crate) fn colour(&self, x: u32, y: u32) -> String {
        let [red, green, blue, opacity] = self.rgba[(y * self.width + x) as usize];
        if opacity == 0 {
            return "clear".to_owned();
        }
        name_of([red, green, blue])
    }

    /// How many places in this row have this colour.
    pub(crate) fn count_in_row(&self, y: u32, colour: &str) -> usize {
        (0..self.width).filter(|&x| self.colour(x, y) == colour).count()
    }

    /// How many rows have this colour at their beginning.
    pub(crate) fn rows_of(&self, colour: &str) -> usize {
        (0..self.height).filter(|&y| self.colour(2, y) == colour).count()
    }

    /// Whether any place has this colour.
    pub(crate) fn has(&self, colour: &str) -> bool {
        (0..self.height).any(|y| self.count_in_row(y, colour) > 0)
    }

    /// How many rows have anything in them that isn't white.
    pub(crate) fn rows_with_ink(&self) -> usize {
        let width = self.width as usize;
        (0..self.height).filter(|&y| self.count_in_row(y, "white") < width).count()
    }
}
