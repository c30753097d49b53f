//! When a page counts as ready, and how long a capture may take.

use std::time::Duration;

use super::weigh;

/// When a page counts as ready to be drawn.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Wait {
    /// Events that must all have come. Empty: `load`, then a bounded settling
    /// of fonts and visible images.
    pub until: Vec<LifecycleEvent>,
    /// Elements that must be there.
    pub selector: Option<SelectorWait>,
    /// A JavaScript expression, or a function, that must come true.
    pub function: Option<String>,
    /// Rest after all of the above, at most [`Wait::MAX_DELAY`].
    pub delay: Duration,
    /// How long the host may take to begin its answer.
    pub navigation: Duration,
    /// What if the page isn't ready in time.
    pub late: Late,
}

impl Default for Wait {
    fn default() -> Self {
        Self {
            until: Vec::new(),
            selector: None,
            function: None,
            delay: Duration::ZERO,
            navigation: Self::MAX_NAVIGATION,
            late: Late::Fail,
        }
    }
}

impl Wait {
    /// The longest `delay` (ScreenshotOne's validator).
    pub const MAX_DELAY: Duration = Duration::from_secs(30);
    /// The longest and usual wait for a host's answer (ScreenshotOne's validator).
    pub const MAX_NAVIGATION: Duration = Duration::from_secs(30);

    pub(super) fn weight_bytes(&self) -> usize {
        self.selector.as_ref().map_or(0, |it| it.selector.len()) + weigh(&self.function)
    }
}

/// Elements that are waited for.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct SelectorWait {
    /// CSS selector, or a list of them.
    pub selector: String,
    /// How many must be there.
    pub enough: Enough,
}

/// How many of the elements that are waited for must be there.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Enough {
    /// One that matches any selector of the list.
    One,
    /// As many as the list has selectors.
    Count,
}

/// What if a page isn't ready in time.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Late {
    /// The capture fails.
    Fail,
    /// What is there is drawn.
    Draw,
}

/// A moment in the loading of a page.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum LifecycleEvent {
    /// `DOMContentLoaded`.
    DomContentLoaded,
    /// `load`.
    Load,
    /// At most two connections open for half a second.
    NetworkAlmostIdle,
    /// No connection open for half a second.
    NetworkIdle,
}

/// How long one capture may take, over all its tries, once a worker has it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Timeout(u16);

impl Timeout {
    /// 60 s, both seeds' default.
    pub const DEFAULT: Self = Self(60);
    /// 300 s for asynchronous captures (Nodium seed, «Why Async?»).
    pub const MAX_ASYNC_SECS: u16 = 300;

    /// 90 s for synchronous captures (there too).
    pub const MAX_SYNC_SECS: u16 = 90;

    /// A timeout of whole seconds, 1 to 300.
    #[must_use]
    pub const fn from_secs(secs: u16) -> Option<Self> {
        if secs >= 1 && secs <= Self::MAX_ASYNC_SECS { Some(Self(secs)) } else { None }
    }

    /// Whole seconds.
    #[must_use]
    pub const fn as_secs(self) -> u16 {
        self.0
    }

    /// As a span.
    #[must_use]
    pub const fn as_duration(self) -> Duration {
        Duration::from_secs(self.0 as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_is_one_to_three_hundred_seconds() {
        for (secs, expected) in [(0, None), (1, Some(1)), (300, Some(300)), (301, None)] {
            assert_eq!(Timeout::from_secs(secs).map(Timeout::as_secs), expected);
        }
    }
}
