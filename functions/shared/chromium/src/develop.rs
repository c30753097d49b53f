//! What becomes of a picture once the page has been given back: another size,
//! another kind of file. All of it is work for a thread of its own.

use bytes::Bytes;
use darkroom_core::capture::{self, Output};
use darkroom_core::failure::{Failure, FailureKind};
use darkroom_core::port::Content;
use darkroom_imaging::{EncodeError, Encoding, Picture, Resize, recode};
use tokio::task::spawn_blocking;

/// A picture as it was drawn.
pub(crate) enum Negative {
    /// The file that was asked for.
    Finished(Content<Failure>),
    /// A PNG, of which it is still to be made.
    Raw(Bytes),
}

impl Negative {
    /// Makes the file that was asked for.
    pub(crate) async fn develop(self, output: &Output) -> Result<Content<Failure>, Failure> {
        let (png, image) = match (self, output) {
            (Self::Raw(png), Output::Image(image)) => (png, image),
            (Self::Raw(file), Output::Pdf(_)) => return Ok(Content::Bytes(file)),
            (Self::Finished(file), _) => return Ok(file),
        };
        let (encoding, resize) = (encoding(image.encoding), image.resize.map(size));
        match spawn_blocking(move || file(&png, encoding, resize)).await {
            Ok(Ok(file)) => Ok(Content::Bytes(file.into())),
            Ok(Err(fault)) => Err(fault),
            Err(fault) => {
                tracing::error!(%fault, "the making of a file broke");
                Err(Failure::plain(FailureKind::Internal))
            }
        }
    }
}

fn file(png: &[u8], encoding: Encoding, resize: Option<Resize>) -> Result<Vec<u8>, Failure> {
    let Some(resize) = resize else {
        let mut file = Vec::new();
        recode(png, encoding, &mut file).map_err(|fault| not_encoded(&fault))?;
        return Ok(file);
    };
    let picture = Picture::decode(png).map_err(|fault| unusable(&fault))?;
    let resized = picture.view().resized(resize).map_err(|fault| unusable(&fault))?;
    resized.view().encoded(encoding).map_err(|fault| not_encoded(&fault))
}

fn not_encoded(fault: &EncodeError) -> Failure {
    match fault {
        EncodeError::TooLarge(_) => Failure::plain(FailureKind::TooLarge),
        EncodeError::Bands(_) | EncodeError::Sink(_) | EncodeError::Failed { .. } => {
            unusable(fault)
        }
    }
}

fn unusable(fault: &impl std::error::Error) -> Failure {
    tracing::error!(%fault, "no file could be made of a picture");
    Failure::plain(FailureKind::Internal)
}

/// In imaging's words. Its PNG is the small one; the fast one is Chromium's.
pub(crate) const fn encoding(encoding: capture::Encoding) -> Encoding {
    match encoding {
        capture::Encoding::Png(_) => Encoding::Png,
        capture::Encoding::Jpeg(quality) => Encoding::Jpeg(quality),
        capture::Encoding::WebP(quality) => Encoding::WebP(quality),
        capture::Encoding::Avif(quality) => Encoding::Avif(quality),
        capture::Encoding::Gif => Encoding::Gif,
        capture::Encoding::Tiff => Encoding::Tiff,
    }
}

/// In imaging's words.
pub(crate) const fn size(resize: capture::Resize) -> Resize {
    match resize {
        capture::Resize::Width(width) => Resize::Width(width),
        capture::Resize::Height(height) => Resize::Height(height),
        capture::Resize::Exact { width, height } => Resize::Box { width, height },
    }
}
