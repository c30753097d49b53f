//! What kind of file comes out.

use darkroom_core::capture::{Container, Markup};

use super::clip;
use super::given::Options;
use super::submission::Defaults;
use super::values::{self, Raw, Reading};

/// A kind of file, of which each is made by options of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// A picture that stands still.
    Still(Still),
    /// The page as it prints.
    Pdf,
    /// A picture that moves.
    Clip(Container),
    /// What the page says.
    Text(Markup),
}

/// A kind of picture that stands still.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Still {
    Png,
    Jpeg,
    WebP,
    Avif,
    Gif,
    Tiff,
}

const FORMATS: &[(&str, Kind)] = &[
    ("png", Kind::Still(Still::Png)),
    ("jpeg", Kind::Still(Still::Jpeg)),
    ("jpg", Kind::Still(Still::Jpeg)),
    ("webp", Kind::Still(Still::WebP)),
    ("avif", Kind::Still(Still::Avif)),
    ("gif", Kind::Still(Still::Gif)),
    ("tiff", Kind::Still(Still::Tiff)),
    ("pdf", Kind::Pdf),
    ("mp4", Kind::Clip(Container::Mp4)),
    ("webm", Kind::Clip(Container::WebM)),
    ("html", Kind::Text(Markup::Html)),
    ("markdown", Kind::Text(Markup::Markdown)),
    ("text", Kind::Text(Markup::Plain)),
];

/// The values of `format`, worded to follow "must be".
pub(super) const FORMAT: &str =
    "png, jpeg, jpg, webp, avif, gif, tiff, pdf, mp4, webm, html, markdown or text";

/// Formats of `ScreenshotOne` and `ScreenNabster` that this version doesn't make.
const LEFT_OUT: [&str; 4] = ["jp2", "heif", "mov", "avi"];

impl Kind {
    /// What has no meaning for it is said to have none in this case.
    pub(super) const fn in_case(self) -> &'static str {
        match self {
            Self::Still(_) => "for an image",
            Self::Pdf => "for a pdf",
            Self::Clip(_) => "for a clip (mp4, webm or a moving gif)",
            Self::Text(_) => "for html, markdown and text",
        }
    }
}

/// The kind of file that is wanted; none if that can't be read. A gif moves where that is
/// what is asked for.
pub(super) fn read(options: &mut Options, defaults: &Defaults) -> Option<Kind> {
    let kind = options.read("format", format);
    let kind = if options.has("format") { kind? } else { defaults.kind };
    let moves = matches!(defaults.kind, Kind::Clip(_)) || clip::is_asked_for(options);
    Some(match kind {
        Kind::Still(Still::Gif) if moves => Kind::Clip(Container::Gif),
        Kind::Still(_) | Kind::Pdf | Kind::Text(_) if matches!(defaults.kind, Kind::Clip(_)) => {
            options.refuse("format", "must be mp4, webm or gif here (default mp4)");
            defaults.kind
        }
        kind => kind,
    })
}

fn format(raw: &Raw) -> Reading<Kind> {
    let name = values::text(raw)?.trim().to_ascii_lowercase();
    if LEFT_OUT.contains(&name.as_str()) {
        return Err(format!("{name} is not available in this version; use {FORMAT}").into());
    }
    let format = FORMATS.iter().find(|(known, _)| *known == name);
    format.map(|(_, kind)| *kind).ok_or(values::Wrong::Value)
}
