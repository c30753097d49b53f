//! What makes a capture fail although its page could be drawn: texts that must not,
//! or must, be there to be read; and [requests] that must not fail.
//!
//! What counts is text as it is rendered (without what styles hide), in the
//! document, in its open shadow trees, and in frames of its own origin. Case and the
//! length of blanks don't count. Not looked at: the title, what stands in form fields,
//! alternative texts, closed shadow trees, frames of other origins.

pub(crate) mod requests;

use darkroom_core::capture::FailRules;
use darkroom_core::failure::{Failure, FailureKind};
use serde_json::Value;

use crate::page::Page;

/// As much of a rule's text as a message holds.
const QUOTED_CHARS: usize = 100;

/// Judges what the page shows. False if its document went away meanwhile.
pub(crate) async fn content(page: &Page, rules: &FailRules) -> Result<bool, Failure> {
    let texts: Vec<&String> = rules.content_contains.iter().chain(&rules.content_missing).collect();
    if texts.is_empty() {
        return Ok(true);
    }
    let Some(shown) = page.ask(SHOWS, &[serde_json::json!(texts)]).await? else {
        return Ok(false);
    };
    let shown: Vec<bool> =
        shown.as_array().into_iter().flatten().map(|it| *it == Value::Bool(true)).collect();
    let (unwanted, wanted) =
        shown.split_at_checked(rules.content_contains.len()).unwrap_or_default();
    let first = |texts: &[String], shown: &[bool], fault: bool| {
        texts.iter().zip(shown).find(|&(_, &it)| it == fault).map(|(text, _)| quote(text))
    };
    if let Some(text) = first(&rules.content_contains, unwanted, true) {
        let message = format!("The page shows {text}, which it must not show");
        return Err(Failure::new(FailureKind::ContentContains, message));
    }
    if let Some(text) = first(&rules.content_missing, wanted, false) {
        let message = format!("The page doesn't show {text}, which it must show");
        return Err(Failure::new(FailureKind::ContentMissing, message));
    }
    Ok(true)
}

/// A rule's text, which is the client's own.
fn quote(text: &str) -> String {
    let mut rest = text.chars();
    let start: String = rest.by_ref().take(QUOTED_CHARS).collect();
    let more = if rest.next().is_some() { "…" } else { "" };
    format!("\u{201c}{start}{more}\u{201d}")
}

const SHOWS: &str = include_str!("script/shows.js");
