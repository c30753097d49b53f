//! When a page counts as ready, as it is stored.

use std::time::Duration;

use darkroom_core::capture::{Enough, Late, LifecycleEvent, SelectorWait, Wait};
use serde::{Deserialize, Serialize};

use super::{choice, millis};

choice!(pub(super) LifecycleDocument for LifecycleEvent {
    "dom_content_loaded" = DomContentLoaded,
    "load" = Load,
    "network_almost_idle" = NetworkAlmostIdle,
    "network_idle" = NetworkIdle,
});

choice!(EnoughDocument for Enough { "one" = One, "count" = Count });

choice!(LateDocument for Late { "fail" = Fail, "draw" = Draw });

/// The core's `Wait`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WaitDocument {
    until: Vec<LifecycleDocument>,
    selector: Option<SelectorDocument>,
    function: Option<String>,
    delay_ms: u64,
    navigation_ms: u64,
    late: LateDocument,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SelectorDocument {
    selector: String,
    enough: EnoughDocument,
}

impl From<&Wait> for WaitDocument {
    fn from(wait: &Wait) -> Self {
        let Wait { until, selector, function, delay, navigation, late } = wait;
        Self {
            until: until.iter().map(|event| (*event).into()).collect(),
            selector: selector.as_ref().map(Into::into),
            function: function.clone(),
            delay_ms: millis(*delay),
            navigation_ms: millis(*navigation),
            late: (*late).into(),
        }
    }
}

impl From<WaitDocument> for Wait {
    fn from(document: WaitDocument) -> Self {
        Self {
            until: document.until.into_iter().map(Into::into).collect(),
            selector: document.selector.map(Into::into),
            function: document.function,
            delay: Duration::from_millis(document.delay_ms),
            navigation: Duration::from_millis(document.navigation_ms),
            late: document.late.into(),
        }
    }
}

impl From<&SelectorWait> for SelectorDocument {
    fn from(wait: &SelectorWait) -> Self {
        let SelectorWait { selector, enough } = wait;
        Self { selector: selector.clone(), enough: (*enough).into() }
    }
}

impl From<SelectorDocument> for SelectorWait {
    fn from(document: SelectorDocument) -> Self {
        Self { selector: document.selector, enough: document.enough.into() }
    }
}
