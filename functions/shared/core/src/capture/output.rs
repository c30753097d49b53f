//! What comes out of a capture.

use super::clip::Clip;
use super::print::Print;

/// The kind of file that a capture yields.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Format {
    /// Lossless.
    Png,
    /// Lossy, without transparency.
    Jpeg,
    /// Lossy.
    WebP,
    /// Lossy.
    Avif,
    /// 256 colours, still or moving.
    Gif,
    /// Lossless.
    Tiff,
    /// The page as it prints.
    Pdf,
    /// H.264, moving.
    Mp4,
    /// VP9, moving.
    WebM,
    /// The page's own language.
    Html,
    /// `CommonMark` with GitHub's tables, task lists and strikethrough.
    Markdown,
    /// Words.
    Text,
    /// An HTTP Archive 1.2.
    Har,
    /// Structured data.
    Json,
    /// A drawing.
    Svg,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 15] = [
        Self::Png,
        Self::Jpeg,
        Self::WebP,
        Self::Avif,
        Self::Gif,
        Self::Tiff,
        Self::Pdf,
        Self::Mp4,
        Self::WebM,
        Self::Html,
        Self::Markdown,
        Self::Text,
        Self::Har,
        Self::Json,
        Self::Svg,
    ];

    /// The media type of the file (RFC 6838).
    #[must_use]
    pub const fn media_type(self) -> &'static str {
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
            Self::Html => "text/html; charset=utf-8",
            // RFC 7763.
            Self::Markdown => "text/markdown; charset=utf-8",
            Self::Text => "text/plain; charset=utf-8",
            Self::Har | Self::Json => "application/json",
            Self::Svg => "image/svg+xml",
        }
    }

    /// The usual extension of the file's name, without the dot.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::WebP => "webp",
            Self::Avif => "avif",
            Self::Gif => "gif",
            Self::Tiff => "tiff",
            Self::Pdf => "pdf",
            Self::Mp4 => "mp4",
            Self::WebM => "webm",
            Self::Html => "html",
            Self::Markdown => "md",
            Self::Text => "txt",
            Self::Har => "har",
            Self::Json => "json",
            Self::Svg => "svg",
        }
    }
}

/// What comes out, and how it is made.
#[derive(Clone, PartialEq, Hash, Debug)]
pub enum Output {
    /// A picture of the page on a screen.
    Image(Image),
    /// The page as it prints.
    Pdf(Box<Print>),
    /// A moving picture of the page on a screen.
    Clip(Box<Clip>),
    /// What the page says, without a picture.
    Text(Markup),
}

/// How it is written down what a page says.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Markup {
    /// As the browser has it: its elements as scripts have left them, open shadow trees
    /// as declared ones.
    Html,
    /// Headings, paragraphs, lists, tables, links and images.
    Markdown,
    /// The words that are seen.
    Plain,
}

impl Markup {
    /// The kind of file.
    #[must_use]
    pub const fn format(self) -> Format {
        match self {
            Self::Html => Format::Html,
            Self::Markdown => Format::Markdown,
            Self::Plain => Format::Text,
        }
    }
}

impl Output {
    /// An image of the size at which it is drawn, on the page's own background.
    #[must_use]
    pub const fn image(encoding: Encoding) -> Self {
        Self::Image(Image {
            encoding,
            background: Background::Page,
            resize: None,
            more_sizes: Vec::new(),
        })
    }

    /// The kind of file.
    #[must_use]
    pub const fn format(&self) -> Format {
        match self {
            Self::Image(image) => image.encoding.format(),
            Self::Pdf(_) => Format::Pdf,
            Self::Clip(clip) => clip.container.format(),
            Self::Text(markup) => markup.format(),
        }
    }

    pub(super) fn weight_bytes(&self) -> usize {
        match self {
            Self::Image(_) | Self::Text(_) => 0,
            Self::Pdf(print) => print.weight_bytes(),
            Self::Clip(clip) => clip.weight_bytes(),
        }
    }
}

/// How an image is made.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Image {
    /// How it is encoded.
    pub encoding: Encoding,
    /// What shows where the page paints nothing.
    pub background: Background,
    /// The size of the file, where it isn't the one that is drawn.
    pub resize: Option<Resize>,
    /// Further files of the same picture, at most [`Image::MAX_SIZES`].
    pub more_sizes: Vec<Resize>,
}

impl Image {
    /// The most further sizes of one picture.
    pub const MAX_SIZES: usize = 10;
}

/// How the pixels of an image are encoded.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Encoding {
    /// Lossless; the effort decides about size only.
    Png(Effort),
    /// Lossy, without transparency.
    Jpeg(Quality),
    /// Lossy.
    WebP(Quality),
    /// Lossy; takes some ten times as long as the others.
    Avif(Quality),
    /// 256 colours.
    Gif,
    /// Lossless.
    Tiff,
}

impl Encoding {
    /// The kind of file.
    #[must_use]
    pub const fn format(self) -> Format {
        match self {
            Self::Png(_) => Format::Png,
            Self::Jpeg(_) => Format::Jpeg,
            Self::WebP(_) => Format::WebP,
            Self::Avif(_) => Format::Avif,
            Self::Gif => Format::Gif,
            Self::Tiff => Format::Tiff,
        }
    }
}

/// What a lossless encoder takes more care of.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Effort {
    /// Speed: half the time of the other.
    Fast,
    /// Size: a third less.
    Small,
}

/// Quality of a lossy picture in percent, 0 to 100.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Quality(u8);

impl Quality {
    /// The best.
    pub const BEST: Self = Self(100);

    /// A quality; none above 100.
    #[must_use]
    pub const fn new(percent: u8) -> Option<Self> {
        if percent <= 100 { Some(Self(percent)) } else { None }
    }

    /// Percent.
    #[must_use]
    pub const fn percent(self) -> u8 {
        self.0
    }
}

/// What shows where the page paints nothing.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Background {
    /// White, as in a window.
    Page,
    /// Nothing: the picture is transparent there.
    Transparent,
}

/// The size of a file in pixels, when the picture is scaled after it was drawn.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Resize {
    /// This wide; as tall as the proportions say.
    Width(u32),
    /// This tall; as wide as the proportions say.
    Height(u32),
    /// Exactly this, whatever the proportions.
    Exact {
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
    },
}

impl Resize {
    /// The longest side that is accepted.
    pub const MAX_SIDE_PX: u32 = 16_383;

    /// The size with these sides; none if both are missing.
    #[must_use]
    pub const fn new(width: Option<u32>, height: Option<u32>) -> Option<Self> {
        match (width, height) {
            (Some(width), Some(height)) => Some(Self::Exact { width, height }),
            (Some(width), None) => Some(Self::Width(width)),
            (None, Some(height)) => Some(Self::Height(height)),
            (None, None) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_format_has_its_media_type_and_extension() {
        let names = Format::ALL.map(|format| (format.media_type(), format.extension()));
        let expected = [
            ("image/png", "png"),
            ("image/jpeg", "jpg"),
            ("image/webp", "webp"),
            ("image/avif", "avif"),
            ("image/gif", "gif"),
            ("image/tiff", "tiff"),
            ("application/pdf", "pdf"),
            ("video/mp4", "mp4"),
            ("video/webm", "webm"),
            ("text/html; charset=utf-8", "html"),
            ("text/markdown; charset=utf-8", "md"),
            ("text/plain; charset=utf-8", "txt"),
            ("application/json", "har"),
            ("application/json", "json"),
            ("image/svg+xml", "svg"),
        ];
        assert_eq!(names, expected);
    }

    #[test]
    fn a_quality_is_a_percentage() {
        for (percent, expected) in [(0, Some(0)), (80, Some(80)), (100, Some(100)), (101, None)] {
            assert_eq!(Quality::new(percent).map(Quality::percent), expected);
        }
    }
}
