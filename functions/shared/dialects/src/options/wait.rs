//! When a page counts as ready, and how long a capture may take.

use std::time::Duration;

use darkroom_core::capture::{Enough, Late, LifecycleEvent, SelectorWait, Timeout, Wait};
use darkroom_core::job::Mode;

use super::given::Options;
use super::known::{Known, built, ours};
use super::values;

pub(super) const EVENTS: &[(&str, LifecycleEvent)] = &[
    ("load", LifecycleEvent::Load),
    ("domcontentloaded", LifecycleEvent::DomContentLoaded),
    ("networkidle0", LifecycleEvent::NetworkIdle),
    ("networkidle2", LifecycleEvent::NetworkAlmostIdle),
];

pub(super) const EVENT_NAMES: &str = "a list of load, domcontentloaded, networkidle0, networkidle2";

pub(super) const OPTIONS: &[Known] = &[
    built(
        "wait_until",
        EVENT_NAMES,
        None,
        "Events that must all have come. Default: load, then a short settling of fonts and visible images.",
    ),
    built(
        "delay",
        "a whole number of seconds from 0 to 30",
        Some("0"),
        "Rest before the picture, shorter than `timeout`.",
    ),
    built(
        "wait_for_selector",
        "a CSS selector",
        None,
        "Selector, or a list of them, that must match before the picture is taken.",
    ),
    built(
        "wait_for_selector_algorithm",
        "at_least_one or at_least_by_count",
        Some("at_least_one"),
        "How many elements must match: one, or as many as the list has selectors. Needs `wait_for_selector`.",
    ),
    ours(
        "wait_for_function",
        "a string",
        None,
        "JavaScript expression or function that must come true before the picture is taken.",
    ),
    built(
        "navigation_timeout",
        "a whole number of seconds from 1 to 30",
        Some("30"),
        "How long the host may take to begin its answer.",
    ),
    built(
        "timeout",
        "a whole number of seconds from 1 to 300",
        Some("60"),
        "How long rendering may take; at most 90 without `async`.",
    ),
    ours(
        "best_effort",
        "true or false",
        Some("false"),
        "Draw what is there if the page isn't ready in time, rather than fail. It is changed and brought to rest as far as it can be by then; a style sheet or script that keeps all of it from showing is given up. A clip shows a page that is on its way in any case, unless `wait_until`, `wait_for_selector` or `wait_for_function` is given.",
    ),
];

/// When the page counts as ready.
pub(super) fn read(options: &mut Options) -> Wait {
    let delay = values::whole(0..=Wait::MAX_DELAY.as_secs());
    let navigation = values::whole(1..=Wait::MAX_NAVIGATION.as_secs());
    let navigation = options.read("navigation_timeout", navigation);
    Wait {
        until: options.read("wait_until", values::choices(EVENTS)).unwrap_or_default(),
        selector: selector(options),
        function: options.read("wait_for_function", values::filled_text),
        delay: Duration::from_secs(options.read("delay", delay).unwrap_or(0)),
        navigation: navigation.map_or(Wait::MAX_NAVIGATION, Duration::from_secs),
        late: match options.truth("best_effort") {
            Some(true) => Late::Draw,
            Some(false) | None => Late::Fail,
        },
    }
}

/// How long rendering may take, which must suffice for the delay.
pub(super) fn read_timeout(options: &mut Options, wait: &Wait, mode: Mode) -> Timeout {
    let secs = options.read("timeout", values::whole(1..=Timeout::MAX_ASYNC_SECS));
    let timeout = secs.and_then(Timeout::from_secs).unwrap_or(Timeout::DEFAULT);
    if mode == Mode::Synchronous && timeout.as_secs() > Timeout::MAX_SYNC_SECS {
        let word = options.word("async");
        let most = Timeout::MAX_SYNC_SECS;
        options.refuse("timeout", &format!("must be at most {most} unless `{word}` is true"));
    }
    if wait.delay >= timeout.as_duration() {
        options.refuse(
            "delay",
            "must be shorter than `timeout`, or the capture would always time out",
        );
    }
    timeout
}

fn selector(options: &mut Options) -> Option<SelectorWait> {
    let selector = options.read("wait_for_selector", values::filled_text);
    let enough =
        values::choice(&[("at_least_one", Enough::One), ("at_least_by_count", Enough::Count)]);
    let enough = options.read("wait_for_selector_algorithm", enough);
    if !options.has("wait_for_selector") {
        options.refuse_without(&["wait_for_selector_algorithm"], "wait_for_selector");
    }
    selector.map(|selector| SelectorWait { selector, enough: enough.unwrap_or(Enough::One) })
}
