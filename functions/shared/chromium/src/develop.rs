//! What becomes of a picture once the page has been given back: another size,
//! another kind of file, further files. All of it is work for a thread of its own.

use bytes::Bytes;
use darkroom_core::capture::{self, CaptureSpec, Effort, Image, Output};
use darkroom_core::failure::{Failure, FailureKind};
use darkroom_core::port::{Content, Picture};
use darkroom_core::verdict::Paint;
use darkroom_imaging::{self as imaging, EncodeError, Encoding, Resize, recode};
use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout_at};

use crate::besides::{Besides, ExtraError};
use crate::fault::{self, Stage};
use crate::told::Told;

/// A picture as it was drawn.
pub(crate) enum Negative {
    /// The file that was asked for.
    Finished(Content<Failure>),
    /// A PNG, of which it is still to be made.
    Raw(Bytes),
}

impl Negative {
    /// Makes the files that were asked for.
    pub(crate) async fn develop(
        self,
        spec: &CaptureSpec,
        told: Told,
        deadline: Instant,
    ) -> Result<Picture, Failure> {
        let (png, image) = match (self, &spec.output) {
            (Self::Raw(png), Output::Image(image)) => (png, image),
            (Self::Finished(Content::Bytes(png)), Output::Image(image))
                if told.sight.wants_pixels() && is_fast_png(image) =>
            {
                (png, image)
            }
            (Self::Raw(file), Output::Pdf(_) | Output::Clip(_) | Output::Text(_)) => {
                return Ok(told.beside(Content::Bytes(file).into(), spec, Paint::Unseen));
            }
            (Self::Finished(file), _) => return Ok(told.beside(file.into(), spec, Paint::Unseen)),
        };
        let work = Work {
            png,
            is_fast_png: is_fast_png(image),
            encoding: encoding(image.encoding),
            resize: image.resize.map(size),
            besides: Besides::of(spec, image),
            is_looked_at: told.sight.wants_pixels(),
            deadline,
        };
        match timeout_at(deadline, spawn_blocking(move || work.files())).await {
            Ok(Ok(Ok((picture, paint)))) => Ok(told.beside(picture, spec, paint)),
            Ok(Ok(Err(failure))) => Err(failure),
            Ok(Err(fault)) => Err(fault::broken(&fault)),
            Err(_late) => Err(fault::timed_out(Stage::Developing)),
        }
    }
}

/// Whether Chromium's own PNG is the file that was asked for.
pub(crate) fn is_fast_png(image: &Image) -> bool {
    image.encoding == capture::Encoding::Png(Effort::Fast) && image.resize.is_none()
}

/// What is to be made of a PNG.
struct Work {
    png: Bytes,
    is_fast_png: bool,
    encoding: Encoding,
    resize: Option<Resize>,
    besides: Besides,
    is_looked_at: bool,
    deadline: Instant,
}

impl Work {
    fn files(self) -> Result<(Picture, Paint), Failure> {
        let paint = if self.is_looked_at { paint(&self.png) } else { Paint::Unseen };
        Ok((self.picture()?, paint))
    }

    fn picture(self) -> Result<Picture, Failure> {
        if self.besides.is_empty() && self.resize.is_none() {
            if self.is_fast_png {
                return Ok(Content::Bytes(self.png).into());
            }
            let mut file = Vec::new();
            recode(&self.png, self.encoding, &mut file).map_err(|fault| not_encoded(&fault))?;
            return Ok(Content::Bytes(file.into()).into());
        }
        let picture = imaging::Picture::decode(&self.png).map_err(|fault| unusable(&fault))?;
        let mut extras = Vec::new();
        for extra in self.besides.make(&picture, self.encoding) {
            // Nobody waits for it any longer, and a thread can't be stopped.
            if Instant::now() >= self.deadline {
                return Err(fault::timed_out(Stage::Developing));
            }
            extras.push(extra.map_err(|fault| not_made(&fault))?);
        }
        let content = Content::Bytes(self.main(picture)?);
        Ok(Picture { extras, ..content.into() })
    }

    fn main(self, picture: imaging::Picture) -> Result<Bytes, Failure> {
        if self.is_fast_png {
            return Ok(self.png);
        }
        let picture = match self.resize {
            None => picture,
            Some(resize) => picture.view().resized(resize).map_err(|fault| unusable(&fault))?,
        };
        let file = picture.view().encoded(self.encoding);
        file.map(Bytes::from).map_err(|fault| not_encoded(&fault))
    }
}

/// What the pixels of a PNG say.
fn paint(png: &[u8]) -> Paint {
    match imaging::is_uniform(png) {
        Ok(true) => Paint::Uniform,
        Ok(false) => Paint::Varied,
        Err(fault) => {
            tracing::warn!(%fault, "the pixels of a picture can't be looked at");
            Paint::Unseen
        }
    }
}

fn not_made(fault: &ExtraError) -> Failure {
    match fault {
        ExtraError::Resized(fault) => unusable(fault),
        ExtraError::Encoded(fault) => not_encoded(fault),
    }
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
