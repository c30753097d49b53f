//! What comes out, as it is stored.

use darkroom_core::capture::{
    Background, Effort, Encoding, Format, Image, Markup, Output, Quality, Resize,
};
use serde::{Deserialize, Serialize};

use super::choice;
use super::clip::ClipDocument;
use super::print::PrintDocument;
use crate::item::Unreadable;

choice!(pub(crate) FormatDocument for Format {
    "png" = Png,
    "jpeg" = Jpeg,
    "webp" = WebP,
    "avif" = Avif,
    "gif" = Gif,
    "tiff" = Tiff,
    "pdf" = Pdf,
    "mp4" = Mp4,
    "webm" = WebM,
    "html" = Html,
    "markdown" = Markdown,
    "text" = Text,
    "har" = Har,
    "json" = Json,
    "svg" = Svg,
});

choice!(pub(crate) MarkupDocument for Markup { "html" = Html, "markdown" = Markdown, "plain" = Plain });

choice!(EffortDocument for Effort { "fast" = Fast, "small" = Small });

choice!(BackgroundDocument for Background { "page" = Page, "transparent" = Transparent });

/// The core's `Output`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum OutputDocument {
    Image(ImageDocument),
    Pdf(Box<PrintDocument>),
    Clip(Box<ClipDocument>),
    Text(MarkupDocument),
}

/// The core's `Image`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ImageDocument {
    encoding: EncodingDocument,
    background: BackgroundDocument,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    resize: Option<ResizeDocument>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    more_sizes: Vec<ResizeDocument>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum EncodingDocument {
    Png(EffortDocument),
    Jpeg(u8),
    Webp(u8),
    Avif(u8),
    Gif,
    Tiff,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ResizeDocument {
    Width(u32),
    Height(u32),
    Exact { width: u32, height: u32 },
}

impl From<&Output> for OutputDocument {
    fn from(output: &Output) -> Self {
        match output {
            Output::Image(image) => Self::Image(image.into()),
            Output::Pdf(print) => Self::Pdf(Box::new(print.as_ref().into())),
            Output::Clip(clip) => Self::Clip(Box::new(clip.as_ref().into())),
            Output::Text(markup) => Self::Text((*markup).into()),
        }
    }
}

impl TryFrom<OutputDocument> for Output {
    type Error = Unreadable;

    fn try_from(document: OutputDocument) -> Result<Self, Unreadable> {
        Ok(match document {
            OutputDocument::Image(image) => Self::Image(image.try_into()?),
            OutputDocument::Pdf(print) => Self::Pdf(Box::new((*print).into())),
            OutputDocument::Clip(clip) => Self::Clip(Box::new((*clip).into())),
            OutputDocument::Text(markup) => Self::Text(markup.into()),
        })
    }
}

impl From<&Image> for ImageDocument {
    fn from(image: &Image) -> Self {
        let Image { encoding, background, resize, more_sizes } = image;
        Self {
            encoding: (*encoding).into(),
            background: (*background).into(),
            resize: resize.map(Into::into),
            more_sizes: more_sizes.iter().map(|size| (*size).into()).collect(),
        }
    }
}

impl TryFrom<ImageDocument> for Image {
    type Error = Unreadable;

    fn try_from(document: ImageDocument) -> Result<Self, Unreadable> {
        Ok(Self {
            encoding: document.encoding.try_into()?,
            background: document.background.into(),
            resize: document.resize.map(Into::into),
            more_sizes: document.more_sizes.into_iter().map(Into::into).collect(),
        })
    }
}

impl From<Encoding> for EncodingDocument {
    fn from(encoding: Encoding) -> Self {
        match encoding {
            Encoding::Png(effort) => Self::Png(effort.into()),
            Encoding::Jpeg(quality) => Self::Jpeg(quality.percent()),
            Encoding::WebP(quality) => Self::Webp(quality.percent()),
            Encoding::Avif(quality) => Self::Avif(quality.percent()),
            Encoding::Gif => Self::Gif,
            Encoding::Tiff => Self::Tiff,
        }
    }
}

impl TryFrom<EncodingDocument> for Encoding {
    type Error = Unreadable;

    fn try_from(document: EncodingDocument) -> Result<Self, Unreadable> {
        Ok(match document {
            EncodingDocument::Png(effort) => Self::Png(effort.into()),
            EncodingDocument::Jpeg(percent) => Self::Jpeg(stored_quality(percent)?),
            EncodingDocument::Webp(percent) => Self::WebP(stored_quality(percent)?),
            EncodingDocument::Avif(percent) => Self::Avif(stored_quality(percent)?),
            EncodingDocument::Gif => Self::Gif,
            EncodingDocument::Tiff => Self::Tiff,
        })
    }
}

impl From<Resize> for ResizeDocument {
    fn from(resize: Resize) -> Self {
        match resize {
            Resize::Width(width) => Self::Width(width),
            Resize::Height(height) => Self::Height(height),
            Resize::Exact { width, height } => Self::Exact { width, height },
        }
    }
}

impl From<ResizeDocument> for Resize {
    fn from(document: ResizeDocument) -> Self {
        match document {
            ResizeDocument::Width(width) => Self::Width(width),
            ResizeDocument::Height(height) => Self::Height(height),
            ResizeDocument::Exact { width, height } => Self::Exact { width, height },
        }
    }
}

fn stored_quality(percent: u8) -> Result<Quality, Unreadable> {
    Quality::new(percent).ok_or_else(|| Unreadable(format!("quality is {percent}")))
}
