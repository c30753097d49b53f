//! A picture put together of sections, which are drawn one after the other and
//! joined meanwhile, so that not all of it is ever in memory as pixels.

use std::slice;
use std::time::Duration;

use bytes::Bytes;
use darkroom_core::capture::{Sticky, Viewport};
use darkroom_core::failure::{Failure, FailureKind};
use darkroom_imaging::{Channels, EncodeError, Encoding, Sheet, join};
use serde_json::json;
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, spawn_blocking};

use super::lens::{self, File};
use super::part::Part;
use super::size::pixels;
use crate::frames;
use crate::page::Page;
use crate::script::{millis, script};

/// Pixels of a section: 32 MB of them.
const SECTION_PX: u32 = 8 << 20;

/// How sections are gone through.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Course {
    /// The page stays where it is.
    Unscrolled,
    /// The window is moved down the page, a window's height at a time.
    Scrolled {
        /// The longest rest for what came into view to load.
        rest: Duration,
        /// What becomes of bars that stick to the window.
        sticky: Sticky,
    },
}

/// A picture to be put together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sections<'a> {
    pub(super) page: &'a Page,
    pub(super) viewport: &'a Viewport,
    /// All of what is drawn.
    pub(super) whole: Part,
    pub(super) course: Course,
    /// Of the file.
    pub(super) encoding: Encoding,
    /// Whether opacity is kept.
    pub(super) channels: Channels,
}

impl Sections<'_> {
    /// Draws all of them.
    pub(super) async fn draw(self) -> Result<Bytes, Failure> {
        let joiner = Joiner::start(self.sheet(), self.encoding);
        let Sheet { height, .. } = self.sheet();
        let most = self.section_px();
        let mut top = 0;
        while top < height {
            let rows = most.min(height - top);
            if !joiner.add(self.section(top, rows).await?).await {
                break;
            }
            top += rows;
        }
        joiner.finish().await
    }

    fn sheet(&self) -> Sheet {
        Sheet {
            width: pixels(self.whole.width, self.viewport),
            height: pixels(self.whole.height, self.viewport),
            channels: self.channels,
        }
    }

    /// Rows of a section, the last aside.
    fn section_px(&self) -> u32 {
        match self.course {
            Course::Unscrolled => (SECTION_PX / self.sheet().width.max(1)).max(1),
            Course::Scrolled { .. } => pixels(self.viewport.height_px.into(), self.viewport),
        }
    }

    /// A section of so many rows from this one on. Its edges lie between picture
    /// pixels, whatever the scale, so that no row of text is drawn halfway.
    async fn section(&self, top: u32, rows: u32) -> Result<Bytes, Failure> {
        let scale = self.viewport.scale;
        let part = Part {
            y: self.whole.y + f64::from(top) / scale,
            height: f64::from(rows) / scale,
            ..self.whole
        };
        if let Course::Scrolled { rest, sticky } = self.course {
            self.show(part, rest, sticky).await?;
        }
        lens::draw(self.page, self.viewport, Some(part), File::Png).await
    }

    /// Moves the window to a section.
    async fn show(&self, part: Part, rest: Duration, sticky: Sticky) -> Result<(), Failure> {
        let bars = match sticky {
            Sticky::Once => "once",
            Sticky::AsIs => "as they are",
        };
        let window = json!({ "top": part.y, "rest_ms": millis(rest), "bars": bars });
        let script = script!("find.js", "images.js" => "show.js");
        let shown = self.page.ask(script, slice::from_ref(&window));
        frames::alongside(self.page, shown).await.map(|_there| ())
    }
}

/// Joins sections while others are drawn.
struct Joiner {
    sections: mpsc::Sender<Bytes>,
    file: JoinHandle<Result<Vec<u8>, EncodeError>>,
}

impl Joiner {
    fn start(sheet: Sheet, encoding: Encoding) -> Self {
        let (sections, mut drawn) = mpsc::channel(1);
        let file = spawn_blocking(move || {
            let mut file = Vec::new();
            let sections = std::iter::from_fn(|| drawn.blocking_recv());
            join(sheet, sections, encoding, &mut file)?;
            Ok(file)
        });
        Self { sections, file }
    }

    /// False if no more are taken.
    async fn add(&self, section: Bytes) -> bool {
        self.sections.send(section).await.is_ok()
    }

    async fn finish(self) -> Result<Bytes, Failure> {
        drop(self.sections);
        match self.file.await {
            Ok(Ok(file)) => Ok(file.into()),
            Ok(Err(fault)) => {
                tracing::warn!(%fault, "the sections of a picture don't fit together");
                Err(Failure::plain(FailureKind::Browser))
            }
            Err(fault) => {
                tracing::error!(%fault, "the joining of a picture broke");
                Err(Failure::plain(FailureKind::Internal))
            }
        }
    }
}
