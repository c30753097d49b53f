//! What makes a capture fail although the page could be drawn.

use darkroom_core::capture::{FailRules, HostErrors, UrlPattern};

use super::given::Options;
use super::known::{Known, built};
use super::submission::Defaults;
use super::values::{self, Raw, Reading, Wrong};

const TEXTS: &str = "a string or a list of strings";

pub(super) const OPTIONS: &[Known] = &[
    built("fail_if_content_contains", TEXTS, None, "Fail if the page shows one of these texts."),
    built("fail_if_content_missing", TEXTS, None, "Fail if the page lacks one of these texts."),
    built(
        "fail_if_request_failed",
        "a list of addresses, in which * stands for any characters",
        None,
        "Fail if a request to such an address fails.",
    ),
    built(
        "ignore_host_errors",
        "true or false",
        Some("false"),
        "Draw a page whose host answers 400 or above like any other.",
    ),
];

/// What makes the capture fail.
pub(super) fn read(options: &mut Options, defaults: &Defaults) -> FailRules {
    let mut texts = |name| options.read(name, values::filled_texts).unwrap_or_default();
    FailRules {
        content_contains: texts("fail_if_content_contains"),
        content_missing: texts("fail_if_content_missing"),
        request_failed: options.read("fail_if_request_failed", patterns).unwrap_or_default(),
        host_errors: match options.truth("ignore_host_errors") {
            Some(true) => HostErrors::Draw,
            Some(false) => HostErrors::Fail,
            None => defaults.host_errors,
        },
    }
}

/// Patterns of addresses.
pub(super) fn patterns(raw: &Raw) -> Reading<Vec<UrlPattern>> {
    let texts = values::filled_texts(raw)?;
    texts.iter().map(|text| UrlPattern::parse(text).ok_or(Wrong::Value)).collect()
}
