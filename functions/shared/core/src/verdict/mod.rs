//! What a picture shows, judged from what is known of its page: a pure function.
//!
//! No fine page may be called bad; what isn't clear is fine. Each finding has a file of
//! its own, with the phrases that tell it, in several languages.

mod blank;
mod challenge;
mod dialog;
mod error_page;
mod half_loaded;
mod missing;
mod scene;
mod words;

pub use scene::{Float, Fonts, Images, Layer, Scene, Styles};

use words::Said;

/// The longest [`Finding::detail`], and address in one, in letters.
const LONGEST_DETAIL: usize = 200;
const LONGEST_URL: usize = 100;

/// What is known of a page at the moment when it was drawn.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Sight {
    /// The HTTP status of its document; none of one that came with the request.
    pub status: Option<u16>,
    /// Whether it was drawn before it was ready, because its time was up.
    pub is_cut_short: bool,
    /// What the pixels say.
    pub paint: Paint,
    /// What its document says; none if it couldn't be asked.
    pub document: Option<Scene>,
}

/// What the pixels of a picture say.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Paint {
    /// Nobody looked.
    #[default]
    Unseen,
    /// They are all of one colour.
    Uniform,
    /// They aren't.
    Varied,
}

/// What was seen of a page; fine if nothing was found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Verdict {
    /// What is wrong with it, the gravest first.
    pub findings: Vec<Finding>,
}

/// Something that is wrong with a picture.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// What.
    pub kind: FindingKind,
    /// The same for a reader, with what it was seen by.
    pub detail: String,
}

/// What may be wrong with a picture.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum FindingKind {
    /// The host asks whether somebody is human, or refuses robots.
    Challenge,
    /// The host tells of an error instead of showing a page.
    ErrorPage,
    /// There is nothing to be seen.
    Blank,
    /// The page isn't there yet, or not all of it.
    HalfLoaded,
    /// Something lies over the page and wants to be answered first.
    Dialog,
    /// Fonts that the page shows text in couldn't be had.
    FontsMissing,
    /// Images that would be seen couldn't be had.
    ImagesMissing,
}

impl FindingKind {
    /// Every kind, the gravest first.
    pub const ALL: [Self; 7] = [
        Self::Challenge,
        Self::ErrorPage,
        Self::Blank,
        Self::HalfLoaded,
        Self::Dialog,
        Self::FontsMissing,
        Self::ImagesMissing,
    ];

    /// Its name in answers, logs and storage.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Challenge => "challenge",
            Self::ErrorPage => "error_page",
            Self::Blank => "blank",
            Self::HalfLoaded => "half_loaded",
            Self::Dialog => "dialog",
            Self::FontsMissing => "fonts_missing",
            Self::ImagesMissing => "images_missing",
        }
    }

    /// The kind with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl Finding {
    fn new(kind: FindingKind, detail: &str) -> Self {
        Self { kind, detail: words::cut(detail, LONGEST_DETAIL) }
    }
}

/// A page that is judged, and what it says.
#[derive(Clone, Copy, Debug)]
struct Page<'a> {
    sight: &'a Sight,
    scene: &'a Scene,
    said: &'a Said,
}

impl Verdict {
    /// What a page that is known by this shows.
    #[must_use]
    pub fn of(sight: &Sight) -> Self {
        let unknown = Scene::default();
        let scene = sight.document.as_ref().unwrap_or(&unknown);
        let said = Said::by(scene);
        let page = Page { sight, scene, said: &said };
        let findings = match challenge::find(page) {
            Some(challenge) => vec![challenge],
            None => page.findings(),
        };
        Self { findings }
    }

    /// In one line: `fine`, or the names of what was found, with commas.
    #[must_use]
    pub fn summary(&self) -> String {
        if self.findings.is_empty() {
            return String::from("fine");
        }
        let names: Vec<_> = self.findings.iter().map(|finding| finding.kind.name()).collect();
        names.join(", ")
    }
}

impl Page<'_> {
    /// What is wrong with a page that isn't a challenge. What an error page lacks beside
    /// that is no news.
    fn findings(self) -> Vec<Finding> {
        let lacks = [missing::fonts(self), missing::images(self)];
        let first = match error_page::find(self) {
            Some(error) => [Some(error), None, None],
            None => {
                let blank = blank::find(self);
                let half = if blank.is_none() { half_loaded::find(self) } else { None };
                [blank, half, dialog::find(self)]
            }
        };
        first.into_iter().chain(lacks).flatten().collect()
    }
}

impl Sight {
    /// Whether the pixels must be looked at to know whether anything is to be seen.
    #[must_use]
    pub fn wants_pixels(&self) -> bool {
        self.document.as_ref().is_none_or(|scene| !blank::is_surely_painted(scene))
    }
}

#[cfg(test)]
mod tests;
