//! What kind of file comes out, and how an image is made.

use darkroom_core::capture::{
    Background, Effort, Encoding, Format, Image, Output, Print, Quality, Resize,
};

use super::given::Options;
use super::known::{Known, built, ours};
use super::submission::Defaults;
use super::values::{self, Raw, Reading};

const SIDE: &str = "a whole number of pixels from 1 to 16383";

pub(super) const OPTIONS: &[Known] = &[
    built(
        "format",
        "png, jpeg, jpg, webp, avif, gif, tiff or pdf",
        Some("jpg"),
        "Kind of the file. Left out: jp2 and heif, for which there is no free encoder; html and markdown, which are no pictures; mp4, webm, mov and avi, since videos come later.",
    ),
    built(
        "image_quality",
        "a whole number from 0 to 100",
        Some("100"),
        "Quality of a jpeg, webp or avif. A png is always lossless: one below 100 makes a smaller file in twice the time. Not for gif, tiff and pdf.",
    ),
    built(
        "image_width",
        SIDE,
        None,
        "Width of the file; its height follows unless `image_height` is given. Not for pdf.",
    ),
    built(
        "image_height",
        SIDE,
        None,
        "Height of the file; its width follows unless `image_width` is given. Not for pdf.",
    ),
    ours(
        "image_sizes",
        "a list of at most 10 sizes such as 640x, x200 or 320x200",
        None,
        "Further files of the same picture in these sizes; the answer to a poll lists them. Not for pdf.",
    ),
    built(
        "omit_background",
        "true or false",
        Some("false"),
        "Transparent where the page paints nothing. Not for jpeg and pdf.",
    ),
];

/// Those that have no meaning for a PDF; `omit_background` may still be false.
const OF_IMAGES: [&str; 4] = ["image_quality", "image_width", "image_height", "image_sizes"];

const FORMATS: &[(&str, Format)] = &[
    ("png", Format::Png),
    ("jpeg", Format::Jpeg),
    ("jpg", Format::Jpeg),
    ("webp", Format::WebP),
    ("avif", Format::Avif),
    ("gif", Format::Gif),
    ("tiff", Format::Tiff),
    ("pdf", Format::Pdf),
];

/// Formats of `ScreenshotOne` and `ScreenNabster` that this version doesn't make.
const FORMATS_LEFT_OUT: [&str; 8] =
    ["jp2", "heif", "html", "markdown", "mp4", "webm", "mov", "avi"];

/// The kind of file that is wanted; none if that can't be read.
pub(super) fn read_format(options: &mut Options, defaults: &Defaults) -> Option<Format> {
    let format = options.read("format", format);
    if options.has("format") { format } else { Some(defaults.format) }
}

/// How an image, or a PDF printed as `print` says, is made.
pub(super) fn read(
    options: &mut Options,
    format: Format,
    print: Print,
    defaults: &Defaults,
) -> Output {
    let explicit = options.read("image_quality", values::whole(0..=100_u8));
    let resize = resize(options);
    let more_sizes = options.read("image_sizes", sizes).unwrap_or_default();
    let background = background(options, format);
    let quality = Quality::new(explicit.unwrap_or(defaults.quality));
    let quality = quality.unwrap_or(Quality::BEST);
    let encoding = match format {
        Format::Png => Encoding::Png(effort(explicit)),
        Format::Jpeg => Encoding::Jpeg(quality),
        Format::WebP => Encoding::WebP(quality),
        Format::Avif => Encoding::Avif(quality),
        Format::Gif => refuse_quality(options, Encoding::Gif, "for a gif, which has 256 colours"),
        Format::Tiff => refuse_quality(options, Encoding::Tiff, "for a tiff, which is lossless"),
        Format::Pdf => {
            options.refuse_meaningless(&OF_IMAGES, "for a pdf");
            return Output::Pdf(Box::new(print));
        }
    };
    Output::Image(Image { encoding, background, resize, more_sizes })
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

fn background(options: &mut Options, format: Format) -> Background {
    let is_transparent = options.truth("omit_background") == Some(true);
    let why_not = match format {
        Format::Jpeg => Some("a jpeg, which has no transparency; use png, webp or avif"),
        Format::Pdf => Some("a pdf; use png, webp or avif"),
        Format::Png | Format::WebP | Format::Avif | Format::Gif | Format::Tiff => None,
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

fn format(raw: &Raw) -> Reading<Format> {
    let name = values::text(raw)?.trim().to_ascii_lowercase();
    if FORMATS_LEFT_OUT.contains(&name.as_str()) {
        let taken = "png, jpeg, jpg, webp, avif, gif, tiff or pdf";
        return Err(format!("{name} is not available in this version; use {taken}").into());
    }
    let format = FORMATS.iter().find(|(known, _)| *known == name);
    format.map(|(_, format)| *format).ok_or(values::Wrong::Value)
}
