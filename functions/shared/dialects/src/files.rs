//! Further files of a result, as answers to a poll list them: slices in
//! ScreenshotOne's words, which both dialects take over, and sizes in like ones.

use darkroom_core::artifact::{Artifact, FileKind, ResultLinks};
use darkroom_core::report::PixelSize;
use serde::Serialize;

/// The fields that list them; none where none were asked for, so that answers
/// stay word for word those of the seeds.
#[derive(Default, Serialize)]
pub(crate) struct Files<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    slices: Vec<Slice<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sizes: Vec<Size<'a>>,
}

#[derive(Serialize)]
struct Slice<'a> {
    index: u32,
    offset_y: u32,
    width: u32,
    height: u32,
    url: &'a str,
}

#[derive(Serialize)]
struct Size<'a> {
    width: u32,
    height: u32,
    url: &'a str,
}

impl<'a> Files<'a> {
    /// Those that links lead to.
    pub(crate) fn of(artifact: &Artifact, links: Option<&'a ResultLinks>) -> Self {
        let mut files = Self::default();
        let links = links.map(|links| links.files.as_slice()).unwrap_or_default();
        for (file, link) in artifact.files.iter().zip(links) {
            let url = link.url.as_str();
            match file.kind {
                FileKind::Slice { index, offset_y_px: offset_y, pixels } => {
                    let PixelSize { width, height } = pixels;
                    files.slices.push(Slice { index, offset_y, width, height, url });
                }
                FileKind::Size { pixels: PixelSize { width, height }, .. } => {
                    files.sizes.push(Size { width, height, url });
                }
                FileKind::Content(_) | FileKind::Har | FileKind::Console | FileKind::Waterfall => {}
            }
        }
        files
    }
}
