//! What kind of file comes out, and how an image is made.

use darkroom_core::capture::{Background, Effort, Encoding, Image, Quality, Resize};

use super::given::Options;
use super::kind::{FORMAT, Kind, Still};
use super::known::{Known, built, ours};
use super::submission::Defaults;
use super::values::{self, Raw, Reading};

const SIDE: &str = "a whole number of pixels from 1 to 16383";

pub(super) const OPTIONS: &[Known] = &[
    built(
        "format",
        FORMAT,
        Some("jpg"),
        "Kind of the file; mp4 unless given at `…/animate`, where it is mp4, webm or gif. A gif moves there, and where `duration` or `scenario` is given. Left out: jp2 and heif, for which there is no free encoder; mov and avi, older wraps of what an mp4 holds.",
    ),
    built(
        "image_quality",
        "a whole number from 0 to 100",
        Some("100"),
        "Quality of a jpeg, webp or avif. A png is always lossless: one below 100 makes a smaller file in twice the time. Not for gif, tiff, pdf, clips, html, markdown and text.",
    ),
    built(
        "image_width",
        SIDE,
        None,
        "Width of the file; its height follows unless `image_height` is given. Not for pdf, clips, html, markdown and text.",
    ),
    built(
        "image_height",
        SIDE,
        None,
        "Height of the file; its width follows unless `image_width` is given. Not for pdf, clips, html, markdown and text.",
    ),
    ours(
        "image_sizes",
        "a list of at most 10 sizes such as 640x, x200 or 320x200",
        None,
        "Further files of the same picture in these sizes; the answer to a poll lists them. Not for pdf, clips, html, markdown and text.",
    ),
    built(
        "omit_background",
        "true or false",
        Some("false"),
        "Transparent where the page paints nothing. Not for jpeg, pdf, clips, html, markdown and text.",
    ),
];

/// Those that have no meaning for what is no image; `omit_background` may still be false.
const OF_IMAGES: [&str; 4] = ["image_quality", "image_width", "image_height", "image_sizes"];

/// How an image is made.
pub(super) fn read(options: &mut Options, still: Still, defaults: &Defaults) -> Image {
    let explicit = options.read("image_quality", values::whole(0..=100_u8));
    let resize = resize(options);
    let more_sizes = options.read("image_sizes", sizes).unwrap_or_default();
    let background = background(options, Kind::Still(still));
    let quality = Quality::new(explicit.unwrap_or(defaults.quality));
    let quality = quality.unwrap_or(Quality::BEST);
    let encoding = match still {
        Still::Png => Encoding::Png(effort(explicit)),
        Still::Jpeg => Encoding::Jpeg(quality),
        Still::WebP => Encoding::WebP(quality),
        Still::Avif => Encoding::Avif(quality),
        Still::Gif => refuse_quality(options, Encoding::Gif, "for a gif, which has 256 colours"),
        Still::Tiff => refuse_quality(options, Encoding::Tiff, "for a tiff, which is lossless"),
    };
    Image { encoding, background, resize, more_sizes }
}

/// Notes that none of these has a meaning for what is no image.
pub(super) fn refuse_all(options: &mut Options, kind: Kind) {
    options.refuse_meaningless(&OF_IMAGES, kind.in_case());
    background(options, kind);
}

/// A png loses nothing at any quality: who asks for less wants a smaller file.
fn effort(explicit: Option<u8>) -> Effort {
    match explicit {
        None | Some(100) => Effort::Fast,
        Some(_) => Effort::Small,
    }
}

fn refuse_quality(options: &mut Options, encoding: Encoding, in_case: &str) -> Encoding {
    options.refuse_meaningless(&["image_quality"], in_case);
    encoding
}

fn background(options: &mut Options, kind: Kind) -> Background {
    let is_transparent = options.truth("omit_background") == Some(true);
    let why_not = match kind {
        Kind::Still(Still::Jpeg) => {
            Some("a jpeg, which has no transparency; use png, webp or avif")
        }
        Kind::Pdf => Some("a pdf; use png, webp or avif"),
        Kind::Clip(_) => Some("a clip; use png, webp or avif"),
        Kind::Text(_) => Some("what is no picture; use png, webp or avif"),
        Kind::Still(_) => None,
    };
    match why_not {
        Some(why) if is_transparent => {
            options.refuse("omit_background", &format!("can't be had of {why}"));
            Background::Page
        }
        _ if is_transparent => Background::Transparent,
        _ => Background::Page,
    }
}

fn resize(options: &mut Options) -> Option<Resize> {
    let side = || values::whole(1..=Resize::MAX_SIDE_PX);
    let width = options.read("image_width", side());
    Resize::new(width, options.read("image_height", side()))
}

fn sizes(raw: &Raw) -> Reading<Vec<Resize>> {
    let mut sizes = Vec::new();
    for text in values::texts(raw)? {
        let size = size(&text).ok_or(values::Wrong::Value)?;
        if sizes.contains(&size) {
            return Err(format!("has {} twice; leave one out", text.trim()).into());
        }
        sizes.push(size);
    }
    if sizes.len() > Image::MAX_SIZES { Err(values::Wrong::Value) } else { Ok(sizes) }
}

/// `640x`, `x200` or `320x200`.
fn size(text: &str) -> Option<Resize> {
    let (width, height) = text.trim().split_once('x')?;
    let side = |digits: &str| match digits {
        "" => Some(None),
        digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            let px = digits.parse().ok().filter(|px| (1..=Resize::MAX_SIDE_PX).contains(px))?;
            Some(Some(px))
        }
        _ => None,
    };
    Resize::new(side(width)?, side(height)?)
}
