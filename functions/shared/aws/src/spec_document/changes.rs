//! What is done to a page before it is drawn, as it is stored.

use darkroom_core::capture::{Gesture, PageChanges, ScrollTo};
use serde::{Deserialize, Serialize};

use super::framing::MissingDocument;
use super::wait::LifecycleDocument;

/// The core's `PageChanges`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangesDocument {
    styles: Option<String>,
    scripts: Option<String>,
    scripts_wait: Vec<LifecycleDocument>,
    hide: Vec<String>,
    remove: Vec<String>,
    click: Option<GestureDocument>,
    hover: Option<GestureDocument>,
    scroll_to: Option<ScrollToDocument>,
    pierces_shadow_trees: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct GestureDocument {
    selector: String,
    missing: MissingDocument,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ScrollToDocument {
    selector: String,
    adjust_top_px: i32,
}

impl From<&PageChanges> for ChangesDocument {
    fn from(changes: &PageChanges) -> Self {
        let PageChanges {
            styles,
            scripts,
            scripts_wait,
            hide,
            remove,
            click,
            hover,
            scroll_to,
            pierces_shadow_trees,
        } = changes;
        Self {
            styles: styles.clone(),
            scripts: scripts.clone(),
            scripts_wait: scripts_wait.iter().map(|event| (*event).into()).collect(),
            hide: hide.clone(),
            remove: remove.clone(),
            click: click.as_ref().map(Into::into),
            hover: hover.as_ref().map(Into::into),
            scroll_to: scroll_to.as_ref().map(Into::into),
            pierces_shadow_trees: *pierces_shadow_trees,
        }
    }
}

impl From<ChangesDocument> for PageChanges {
    fn from(document: ChangesDocument) -> Self {
        Self {
            styles: document.styles,
            scripts: document.scripts,
            scripts_wait: document.scripts_wait.into_iter().map(Into::into).collect(),
            hide: document.hide,
            remove: document.remove,
            click: document.click.map(Into::into),
            hover: document.hover.map(Into::into),
            scroll_to: document.scroll_to.map(Into::into),
            pierces_shadow_trees: document.pierces_shadow_trees,
        }
    }
}

impl From<&Gesture> for GestureDocument {
    fn from(gesture: &Gesture) -> Self {
        let Gesture { selector, missing } = gesture;
        Self { selector: selector.clone(), missing: (*missing).into() }
    }
}

impl From<GestureDocument> for Gesture {
    fn from(document: GestureDocument) -> Self {
        Self { selector: document.selector, missing: document.missing.into() }
    }
}

impl From<&ScrollTo> for ScrollToDocument {
    fn from(scroll_to: &ScrollTo) -> Self {
        let ScrollTo { selector, adjust_top_px } = scroll_to;
        Self { selector: selector.clone(), adjust_top_px: *adjust_top_px }
    }
}

impl From<ScrollToDocument> for ScrollTo {
    fn from(document: ScrollToDocument) -> Self {
        let ScrollToDocument { selector, adjust_top_px } = document;
        Self { selector, adjust_top_px }
    }
}
