//! Which frames a page has.

use std::borrow::Cow;

use chromiumoxide::cdp::browser_protocol::page::FrameId;
use chromiumoxide::types::{Command, Method, MethodId};
use serde::{Deserialize, Serialize};

/// `Page.getFrameTree`. The protocol crate's own type of the answer holds enums
/// that newer browsers extend.
#[derive(Clone, Serialize, Debug)]
pub(crate) struct GetFrameTree {}

impl Method for GetFrameTree {
    fn identifier(&self) -> MethodId {
        Cow::Borrowed("Page.getFrameTree")
    }
}

impl Command for GetFrameTree {
    type Response = FrameTree;
}

/// The frames of a page.
#[derive(Deserialize, Debug)]
pub(crate) struct FrameTree {
    /// The main frame with all below it.
    #[serde(rename = "frameTree")]
    pub(crate) tree: Branch,
}

/// A frame with those in it.
#[derive(Deserialize, Debug)]
pub(crate) struct Branch {
    frame: Frame,
    #[serde(rename = "childFrames", default)]
    children: Vec<Branch>,
}

impl Branch {
    /// All of them, the outermost first.
    pub(crate) fn ids(self) -> Vec<FrameId> {
        let below = self.children.into_iter().flat_map(Self::ids);
        std::iter::once(self.frame.id).chain(below).collect()
    }
}

#[derive(Deserialize, Debug)]
struct Frame {
    id: FrameId,
}
