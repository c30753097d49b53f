//! Whether a capture is shared with requests for the same.

use std::time::Duration;

use darkroom_core::cache::{CacheKey, Caching};
use darkroom_core::capture::{CaptureSpec, Timeout};

use super::given::Options;
use super::known::{Known, built, ours};
use super::values::{self, Raw, Reading, Wrong};
use crate::terms::Terms;

pub(super) const OPTIONS: &[Known] = &[
    built(
        "cache",
        "true or false",
        Some("false"),
        "Take the result of an equal capture that isn't older than `cache_ttl`, or wait for one that is under way; what is taken so is free. Equal are captures of one account of which every option is the same that decides what they look like. With `async` one that is under way is shared only without `external_identifier`. Doesn't go with `webhook_url`, unless your operator has set `CacheWithWebhooks`.",
    ),
    built(
        "cache_ttl",
        "a whole number of seconds from 14400 to 2592000",
        Some("14400"),
        "How old a result may be that is taken, but never older than results are kept. Needs `cache`.",
    ),
    built(
        "cache_key",
        "1 to 250 ASCII letters and digits",
        None,
        "Keeps another version of the same capture: equal are only captures that give the same. Needs `cache`.",
    ),
    ours(
        "cache_stale_ttl",
        "a whole number of seconds from 0 to 2592000",
        Some("0"),
        "For how long beyond `cache_ttl` a result is still taken, while another is made for those who ask later (stale-while-revalidate, RFC 5861); that one is charged. Needs `cache`.",
    ),
];

/// What only has a meaning where results are shared.
const NEED_CACHE: [&str; 3] = ["cache_ttl", "cache_key", "cache_stale_ttl"];

const MAX_KEY_CHARS: usize = 250;

/// How a capture is shared.
pub(super) struct Sharing {
    version: Option<String>,
    fresh_for: Duration,
    stale_for: Duration,
}

impl Sharing {
    /// What this capture is shared as.
    pub(super) fn of(self, spec: &CaptureSpec, timeout: Timeout) -> Caching {
        let Self { version, fresh_for, stale_for } = self;
        Caching { key: CacheKey::of(spec, timeout, version.as_deref()), fresh_for, stale_for }
    }
}

/// Whether the capture is shared, and how.
pub(super) fn read(options: &mut Options, terms: &Terms<'_>) -> Option<Sharing> {
    let is_shared = options.truth("cache") == Some(true);
    let ttl = options.read("cache_ttl", values::whole(14_400..=2_592_000));
    let version = options.read("cache_key", version);
    let stale_ttl = options.read("cache_stale_ttl", values::whole(0..=2_592_000));
    if !is_shared {
        options.refuse_without(&NEED_CACHE, "cache");
        return None;
    }
    if options.has("webhook_url") && !terms.cache_with_webhooks {
        let webhook_url = options.word("webhook_url");
        let complaint = format!("doesn't go with `{webhook_url}`; leave one of them out");
        options.refuse("cache", &complaint);
    }
    let fresh_for = Duration::from_secs(ttl.unwrap_or(14_400)).min(terms.results_kept);
    let kept_after = terms.results_kept.saturating_sub(fresh_for);
    let stale_for = Duration::from_secs(stale_ttl.unwrap_or(0)).min(kept_after);
    Some(Sharing { version, fresh_for, stale_for })
}

fn version(raw: &Raw) -> Reading<String> {
    let text = values::text(raw)?;
    let is_plain = text.chars().all(|c| c.is_ascii_alphanumeric());
    let fits = (1..=MAX_KEY_CHARS).contains(&text.len());
    if is_plain && fits { Ok(text) } else { Err(Wrong::Value) }
}

/// The options, for whom they mean nothing.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    OPTIONS.iter().map(|known| known.name)
}
