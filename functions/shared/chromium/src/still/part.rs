//! Which part of a page is drawn, found on the page that came.

use std::time::Duration;

use chromiumoxide::cdp::browser_protocol::page::{self, GetLayoutMetricsParams};
use darkroom_core::capture::{
    Area, CaptureSpec, Element, ElementCut, FullPage, Late, Missing, Rectangle,
};
use darkroom_core::failure::{Failure, FailureKind};

use crate::fault::Stage;
use crate::frames;
use crate::page::Page;
use crate::selector::{Search, searching};
use crate::settle::{Images, settle};

/// How long what came into view with an element may take to settle.
const SETTLE_LIMIT: Duration = Duration::from_secs(1);

/// A part of a page, in CSS pixels from the upper left corner of the document.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Part {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

impl Part {
    /// What both have in common, if they have.
    fn within(self, other: Self) -> Option<Self> {
        let (x, y) = (self.x.max(other.x), self.y.max(other.y));
        let width = (self.x + self.width).min(other.x + other.width) - x;
        let height = (self.y + self.height).min(other.y + other.height) - y;
        (width > 0.0 && height > 0.0).then_some(Self { x, y, width, height })
    }

    /// The smallest part of whole CSS pixels around it. Boxes that end within a
    /// thousandth of a pixel after one get none for that.
    fn enclosing(self) -> Self {
        const NOISE: f64 = 0.001;
        let (x, y) = ((self.x + NOISE).floor(), (self.y + NOISE).floor());
        let width = (self.x + self.width - NOISE).ceil() - x;
        let height = (self.y + self.height - NOISE).ceil() - y;
        Self { x, y, width, height }
    }
}

impl From<Rectangle> for Part {
    fn from(clip: Rectangle) -> Self {
        Self {
            x: clip.x.into(),
            y: clip.y.into(),
            width: clip.width.into(),
            height: clip.height.into(),
        }
    }
}

impl From<Part> for page::Viewport {
    fn from(part: Part) -> Self {
        let Part { x, y, width, height } = part;
        // Relative to what the device's scale makes of it.
        Self { x, y, width, height, scale: 1.0 }
    }
}

/// What is where.
struct Layout {
    /// The document.
    content: Part,
    /// What the window shows of it.
    window: Part,
}

/// The part that is drawn; none is what the window shows.
pub(super) async fn find(page: &Page, spec: &CaptureSpec) -> Result<Option<Part>, Failure> {
    if let Some(element) = &spec.framing.element
        && let Some(part) = self::element(page, spec, element).await?
    {
        return Ok(Some(part));
    }
    match &spec.framing.area {
        Area::Viewport => Ok(None),
        Area::FullPage(full) => Ok(Some(whole(full, layout(page).await?.content))),
        Area::Clip(clip) => clipped(page, spec, (*clip).into()).await.map(Some),
    }
}

/// The whole content, without laying it out anew: a hero of `100vh` keeps the
/// window's height. A page that is wider than the window is drawn as wide as it
/// is, as puppeteer and playwright do, so that nothing of it is missing.
fn whole(full: &FullPage, content: Part) -> Part {
    let most = full.max_height_px.map_or(f64::INFINITY, f64::from);
    Part { height: content.height.min(most), ..content }
}

/// A clip may reach over the page's edge, and shows the background there.
async fn clipped(page: &Page, spec: &CaptureSpec, clip: Part) -> Result<Part, Failure> {
    let Layout { content, window } = layout(page).await?;
    let (found, what) = if spec.framing.beyond_viewport {
        (clip.within(content).map(|_some| clip), "page")
    } else {
        (clip.within(window), "window")
    };
    found.ok_or_else(|| {
        let size = if what == "page" { content } else { window };
        let message = format!(
            "The clip lies outside the {what}, which is {:.0} by {:.0} pixels here",
            size.width, size.height
        );
        Failure::new(FailureKind::InvalidOption, message)
    })
}

/// An element's box as far as it is on the page. None if there is no such
/// element, and that is no fault.
async fn element(
    page: &Page,
    spec: &CaptureSpec,
    element: &Element,
) -> Result<Option<Part>, Failure> {
    let search = Search {
        option: "The selector of what to capture",
        selector: &element.selector,
        pierces_shadow_trees: spec.changes.pierces_shadow_trees,
    };
    let mut found = measure(page, search, element.scroll_into_view).await?;
    if element.scroll_into_view && found.is_some() {
        let limit = match spec.wait.late {
            Late::Fail => SETTLE_LIMIT,
            // It may be late already.
            Late::Draw => SETTLE_LIMIT / 4,
        };
        frames::alongside(page, settle(page, spec, Images::InView, limit)).await?;
        page.enter(Stage::Drawing);
        if element.cut == ElementCut::Box {
            found = measure(page, search, false).await?;
        }
    }
    let Layout { content, window } = layout(page).await?;
    let limits = if spec.framing.beyond_viewport { content } else { window };
    match (found.and_then(|part| part.enclosing().within(limits)), element.missing) {
        (Some(part), _) => Ok(Some(part)),
        (None, Missing::Ignore) => Ok(None),
        (None, Missing::Fail) => Err(Failure::new(
            FailureKind::SelectorNotFound,
            if found.is_some() {
                "The selector of what to capture matches an element that is not to be seen: it \
                 has no size, or lies outside the page"
            } else {
                "The selector of what to capture matches no element of the page"
            },
        )),
    }
}

/// The box of the first match, before it is scrolled to if it is.
async fn measure(
    page: &Page,
    search: Search<'_>,
    scroll_into_view: bool,
) -> Result<Option<Part>, Failure> {
    let script = searching!("measure.js");
    let arguments = [scroll_into_view.into()];
    let asked = search.ask(page, script, &arguments);
    let answer = frames::alongside(page, asked).await?.unwrap_or_default();
    let Ok([x, y, width, height]) = serde_json::from_value::<[f64; 4]>(answer) else {
        return Ok(None);
    };
    Ok(Some(Part { x, y, width, height }))
}

async fn layout(page: &Page) -> Result<Layout, Failure> {
    let metrics = page.call(GetLayoutMetricsParams {}).await?;
    let content = metrics.css_content_size;
    let window = metrics.css_visual_viewport;
    Ok(Layout {
        content: Part { x: content.x, y: content.y, width: content.width, height: content.height },
        // A phone shows more of a page that it shrinks, and parts of a pixel then.
        window: Part {
            x: window.page_x,
            y: window.page_y,
            width: window.client_width.round(),
            height: window.client_height.round(),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn part(x: f64, y: f64, width: f64, height: f64) -> Part {
        Part { x, y, width, height }
    }

    #[test]
    fn parts_have_in_common_what_lies_in_both() {
        let window = part(0.0, 100.0, 400.0, 300.0);
        let cases = [
            (part(10.0, 110.0, 20.0, 20.0), Some(part(10.0, 110.0, 20.0, 20.0))),
            (part(-10.0, 90.0, 20.0, 20.0), Some(part(0.0, 100.0, 10.0, 10.0))),
            (part(390.0, 390.0, 99.0, 99.0), Some(part(390.0, 390.0, 10.0, 10.0))),
            (part(400.0, 100.0, 9.0, 9.0), None),
            (part(0.0, 0.0, 9.0, 9.0), None),
        ];
        for (clip, expected) in cases {
            assert_eq!(clip.within(window), expected, "{clip:?}");
        }
    }

    #[test]
    fn boxes_between_pixels_get_whole_ones() {
        let cases = [
            (part(1.0, 2.0, 3.0, 4.0), part(1.0, 2.0, 3.0, 4.0)),
            (part(1.5, 2.2, 3.0, 4.0), part(1.0, 2.0, 4.0, 5.0)),
            (part(0.999_9, 0.0, 9.000_2, 1.0), part(1.0, 0.0, 9.0, 1.0)),
        ];
        for (given, expected) in cases {
            assert_eq!(given.enclosing(), expected, "{given:?}");
        }
    }
}
