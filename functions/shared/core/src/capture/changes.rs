//! What is done to a page before it is drawn.

use super::wait::LifecycleEvent;
use super::weigh;

/// What is done to a page before it is drawn, in the order of the fields.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct PageChanges {
    /// CSS that is added to it.
    pub styles: Option<String>,
    /// JavaScript that runs in it, as one of its own scripts would.
    pub scripts: Option<String>,
    /// Events that must have come after the scripts: of the page that they lead to, or
    /// once what they ask for is there.
    pub scripts_wait: Vec<LifecycleEvent>,
    /// CSS selectors of what is made invisible; it keeps its place.
    pub hide: Vec<String>,
    /// CSS selectors of what is taken out of the layout.
    pub remove: Vec<String>,
    /// An element that is clicked.
    pub click: Option<Gesture>,
    /// An element that the pointer rests on.
    pub hover: Option<Gesture>,
    /// An element that the page is scrolled to.
    pub scroll_to: Option<ScrollTo>,
    /// Whether selectors of a capture search open shadow trees too.
    pub pierces_shadow_trees: bool,
}

impl PageChanges {
    pub(super) fn weight_bytes(&self) -> usize {
        let gestures = self.click.iter().chain(&self.hover).map(|gesture| &gesture.selector);
        let scroll_to = self.scroll_to.iter().map(|scroll| &scroll.selector);
        weigh(self.styles.iter().chain(&self.scripts).chain(&self.hide).chain(&self.remove))
            + weigh(gestures.chain(scroll_to))
    }
}

/// A gesture of the pointer on an element.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Gesture {
    /// CSS selector; the first match is taken.
    pub selector: String,
    /// What if there is none.
    pub missing: Missing,
}

/// What if no element matches a selector.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Missing {
    /// The capture fails.
    Fail,
    /// The capture goes on without it.
    Ignore,
}

/// An element that the page is scrolled to, if it is there.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ScrollTo {
    /// CSS selector; the first match is taken.
    pub selector: String,
    /// CSS pixels that stay free above it; negative ones cut it.
    pub adjust_top_px: i32,
}
