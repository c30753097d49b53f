//! What is told of a page beside what is made of it: asked when it is about to be
//! drawn, and told with what was drawn.

use std::mem::take;
use std::time::Duration;

use darkroom_core::artifact::FileKind;
use darkroom_core::capture::{CaptureSpec, Container, Fact, Output};
use darkroom_core::failure::Failure;
use darkroom_core::port::{Content, Extra, Picture};
use darkroom_core::report::{Datum, FontStack, Icon, PixelSize, Property, Report, that_fit};
use darkroom_core::verdict::{Paint, Sight, Verdict};
use darkroom_imaging::film::even;
use serde::Deserialize;
use tokio::time::{Instant, timeout_at};

use crate::kit::Kit;
use crate::page::Page;
use crate::script::script;
use crate::shot::Subject;
use crate::{sight, text};

/// What is told of a page.
#[derive(Debug)]
pub(crate) struct Told {
    /// What was seen of it, but for its pixels.
    pub(crate) sight: Sight,
    /// Of which document, by its [generation](crate::watcher::Progress::generation), and
    /// by what the browser calls its loading.
    document: u32,
    loader: String,
    metadata: Vec<Datum>,
    files: Vec<Extra>,
}

/// What `about.js` tells.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct About {
    fonts: Vec<Stack>,
    title: String,
    open_graph: Vec<(String, String)>,
    icon: Option<(String, Option<String>)>,
}

#[derive(Deserialize)]
struct Stack {
    first: String,
    fallback: Vec<String>,
    elements: Vec<String>,
}

/// Asks a page about itself. One that doesn't answer until then says nothing: it is
/// drawn all the same.
pub(crate) async fn ask(
    page: &Page,
    spec: &CaptureSpec,
    Subject { document, is_ready }: Subject,
    until: Instant,
) -> Told {
    let loader = page.progress.borrow().loader().to_owned();
    let (status, scene, mut about) = tokio::join!(
        timeout_at(until, page.status()),
        sight::look(page, spec, until),
        about(page, spec, until),
    );
    let status = status.ok().and_then(Result::ok).flatten();
    let status = status.and_then(|status| u16::try_from(status).ok()).filter(|&it| it > 0);
    let sight = Sight { status, is_cut_short: !is_ready, document: scene, ..Sight::default() };
    let metadata = spec.inquiry.facts.iter().filter_map(|&fact| datum(fact, about.as_mut()));
    Told { sight, document, loader, metadata: metadata.collect(), files: Vec::new() }
}

async fn about(page: &Page, spec: &CaptureSpec, until: Instant) -> Option<About> {
    let is_of_page = |fact: &Fact| match fact {
        Fact::Fonts | Fact::PageTitle | Fact::OpenGraph | Fact::Icon => true,
        Fact::ImageSize | Fact::StatusCode | Fact::Headers | Fact::Verdict => false,
    };
    if !spec.inquiry.facts.iter().any(is_of_page) {
        return None;
    }
    let script = script!("own.js", "find.js" => "about.js");
    let told = page.ask_until(script, &[], until).await?;
    serde_json::from_value(told).ok()
}

/// What the page says, which is its end. What can't be written down, or not until
/// then, is left out.
async fn content(page: &Page, spec: &CaptureSpec, kit: &Kit, until: Instant) -> Option<Extra> {
    let markup = spec.inquiry.content?;
    let writing = text::write_document(page, markup, kit);
    match timeout_at(until, writing).await {
        Ok(Ok(content)) => Some(Extra { kind: FileKind::Content(markup), content }),
        Ok(Err(failure)) => {
            tracing::warn!(failure.message, "no content is told of a page");
            None
        }
        Err(_late) => None,
    }
}

/// None of what a page should have told that told nothing.
fn datum(fact: Fact, about: Option<&mut About>) -> Option<Datum> {
    Some(match fact {
        Fact::ImageSize => Datum::ImageSize(None),
        Fact::Fonts => {
            let stacks = take(&mut about?.fonts).into_iter().map(FontStack::from).collect();
            Datum::Fonts(that_fit(stacks, FontStack::bytes))
        }
        Fact::PageTitle => Datum::PageTitle(take(&mut about?.title)),
        Fact::OpenGraph => {
            let properties = take(&mut about?.open_graph).into_iter();
            let properties = properties.map(|(name, value)| Property { name, value }).collect();
            Datum::OpenGraph(that_fit(properties, Property::bytes))
        }
        Fact::Icon => {
            Datum::Icon(take(&mut about?.icon).map(|(url, media_type)| Icon { url, media_type }))
        }
        Fact::StatusCode => Datum::StatusCode,
        Fact::Headers => Datum::Headers(Vec::new()),
        Fact::Verdict => Datum::Verdict,
    })
}

impl From<Stack> for FontStack {
    fn from(Stack { first, fallback, elements }: Stack) -> Self {
        Self { first, fallback, elements }
    }
}

impl Told {
    /// Adds what there is to be told of a page that was drawn, which is its end. Of each of
    /// two steps what isn't told within the limit is left out.
    pub(crate) async fn end(
        &mut self,
        page: &Page,
        spec: &CaptureSpec,
        kit: &Kit,
        limit: Duration,
    ) {
        if let Some(recorder) = page.recorder() {
            let until = Instant::now() + limit;
            recorder.catch_up(until).await;
            for datum in &mut self.metadata {
                if let Datum::Headers(headers) = datum {
                    *headers = that_fit(recorder.headers(&self.loader), Property::bytes);
                }
            }
            self.files.extend(recorder.files(page, self.document, spec, until).await);
        }
        let content = content(page, spec, kit, Instant::now() + limit).await;
        self.files.extend(content.filter(|_| self.is_of_what_is_there(page)));
    }

    fn is_of_what_is_there(&self, page: &Page) -> bool {
        page.progress.borrow().generation == self.document
    }

    /// The picture with what is told of its page.
    pub(crate) fn beside(self, picture: Picture, spec: &CaptureSpec, paint: Paint) -> Picture {
        let Self { sight, mut metadata, files, .. } = self;
        let Picture { content, mut extras, .. } = picture;
        for datum in &mut metadata {
            if let Datum::ImageSize(pixels) = datum {
                *pixels = pixel_size(spec, &content);
            }
        }
        extras.extend(files);
        let status = sight.status;
        let verdict = Verdict::of(&Sight { paint, ..sight });
        Picture { content, extras, report: Report { verdict, status, metadata } }
    }
}

/// How large the picture in a file is; none where there is none.
fn pixel_size(spec: &CaptureSpec, file: &Content<Failure>) -> Option<PixelSize> {
    match (&spec.output, file) {
        (Output::Image(_), Content::Bytes(file)) => {
            let size = imagesize::blob_size(file).ok()?;
            let side = |side| u32::try_from(side).ok();
            Some(PixelSize { width: side(size.width)?, height: side(size.height)? })
        }
        (Output::Clip(clip), _) => {
            let (width, height) = clip.canvas.size(spec.viewport.picture_px(), spec.viewport.scale);
            Some(match clip.container {
                Container::Mp4 | Container::WebM => {
                    PixelSize { width: even(width), height: even(height) }
                }
                Container::Gif => PixelSize { width, height },
            })
        }
        (Output::Image(_), Content::Stream(_)) | (Output::Pdf(_) | Output::Text(_), _) => None,
    }
}
