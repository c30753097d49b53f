//! A still picture of a part of a page: which part, in one piece or in sections.
//! What is made of it afterwards is `develop`'s.

mod lens;
mod part;
mod sections;
mod size;

use chromiumoxide::cdp::browser_protocol::dom::Rgba;
use chromiumoxide::cdp::browser_protocol::emulation::SetDefaultBackgroundColorOverrideParams;
use darkroom_core::capture::{
    Area, Assembly, Background, CaptureSpec, Effort, Encoding, Image, Reveal,
};
use darkroom_core::failure::Failure;
use darkroom_imaging::Channels;

use crate::besides::Besides;
use crate::develop;
use crate::file::Drawn;
use crate::page::Page;

use lens::File;
use part::Part;
use sections::{Course, Sections};
use size::Pieces;

pub(crate) use lens::show_window;
pub(crate) use size::{GROWN_PAGE_PX, pixels};

/// What is drawn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Still<'a> {
    /// A page that is ready.
    pub(crate) page: &'a Page,
    /// What is asked of the picture.
    pub(crate) spec: &'a CaptureSpec,
    /// What is asked of its file.
    pub(crate) image: &'a Image,
    /// Whether somebody looks at the pixels afterwards.
    pub(crate) is_looked_at: bool,
}

impl Still<'_> {
    /// Draws the page. If another document takes the place of this one
    /// meanwhile, what is drawn is of no use.
    pub(crate) async fn take(self) -> Result<Drawn, Failure> {
        self.clear_background().await?;
        let part = part::find(self.page, self.spec).await?;
        let pieces = size::judge(part, self.spec, self.image)?;
        match (part, self.course(pieces)) {
            (Some(whole), Some(course)) => self.take_in_sections(whole, course).await,
            (part, _) => {
                let file = self.in_camera();
                let picture = lens::draw(self.page, &self.spec.viewport, part, file).await?;
                let is_png = develop::is_fast_png(self.image) && self.is_plain();
                Ok(match file {
                    File::Png if !is_png => Drawn::Raw(picture),
                    File::Png | File::Jpeg(_) => Drawn::Whole(picture),
                })
            }
        }
    }

    /// Whether the file shows what was drawn as it was drawn, is the only one, and no pixel
    /// is needed any more.
    fn is_plain(self) -> bool {
        !self.is_looked_at
            && self.image.resize.is_none()
            && Besides::of(self.spec, self.image).is_empty()
    }

    /// What Chromium writes: the file itself where it does that well, else its fast
    /// PNG. Its WebP takes three times as long as that and an encoder of ours.
    fn in_camera(self) -> File {
        match self.image.encoding {
            Encoding::Jpeg(quality) if self.is_plain() => File::Jpeg(quality),
            Encoding::Png(_)
            | Encoding::Jpeg(_)
            | Encoding::WebP(_)
            | Encoding::Avif(_)
            | Encoding::Gif
            | Encoding::Tiff => File::Png,
        }
    }

    /// How sections are gone through, if the picture is put together of them.
    fn course(self, pieces: Pieces) -> Option<Course> {
        let framing = &self.spec.framing;
        let delay = framing.reveal.as_ref().map_or(Reveal::DEFAULT_DELAY, |reveal| reveal.delay);
        match (&framing.area, pieces) {
            (Area::FullPage(full), _)
                if full.assembly == Assembly::Sections && framing.element.is_none() =>
            {
                Some(Course::Scrolled { rest: delay, sticky: full.sticky })
            }
            (_, Pieces::Sections) => Some(Course::Unscrolled),
            (_, Pieces::One) => None,
        }
    }

    async fn take_in_sections(self, whole: Part, course: Course) -> Result<Drawn, Failure> {
        let (encoding, is_whole) = match self.image.encoding {
            Encoding::Png(Effort::Fast) => (darkroom_imaging::Encoding::FastPng, self.is_plain()),
            encoding @ (Encoding::Png(_) | Encoding::Jpeg(_) | Encoding::Tiff)
                if self.is_plain() =>
            {
                (develop::encoding(encoding), true)
            }
            // What the file is made of once the page has been given back: these formats
            // begin when all rows are there.
            _ => (darkroom_imaging::Encoding::FastPng, false),
        };
        let channels = match self.image.background {
            Background::Page => Channels::Rgb,
            Background::Transparent => Channels::Rgba,
        };
        let sections = Sections {
            page: self.page,
            viewport: &self.spec.viewport,
            whole,
            course,
            encoding,
            channels,
        };
        let file = sections.draw().await?;
        Ok(if is_whole { Drawn::Whole(file) } else { Drawn::Raw(file) })
    }

    /// Nothing instead of white where the page paints nothing.
    async fn clear_background(self) -> Result<(), Failure> {
        if self.image.background == Background::Transparent {
            let nothing = Rgba { a: Some(0.0), ..Rgba::new(0, 0, 0) };
            let color = SetDefaultBackgroundColorOverrideParams::builder().color(nothing).build();
            self.page.call(color).await?;
        }
        Ok(())
    }
}
