//! Keeps a page from asking for what isn't wanted, and rids it of what is there.
//!
//! - `filters`: the lists and rules that others keep, read when they are first needed
//! - `requests`: what isn't asked for, by a session that has each request paused
//! - `elements`: what is hidden
//! - `consent`: banners that are answered
//!
//! Where a capture asks for none of it, nothing here is done. Requests of workers are
//! their own: only their scripts are judged.

mod consent;
mod elements;
mod filters;
mod requests;

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use chromiumoxide::cdp::browser_protocol::page::AddScriptToEvaluateOnNewDocumentParams;
use darkroom_core::capture::{Blocking, CaptureSpec, Clutter, Resource};
use darkroom_core::failure::Failure;

use self::consent::Consent;
pub(crate) use self::filters::Filters;
use self::filters::List;
use self::requests::Blocked;
use crate::changes;
use crate::fault::Stage;
use crate::page::Page;

/// So many documents of a page have their banners answered. One that begins anew at each answer
/// would never be ready.
const MOST_ANSWERED: u32 = 2;

/// What a page is rid of.
#[derive(Debug)]
pub(crate) struct Cleaner {
    lists: Vec<List>,
    blocked: Blocked,
    consent: Option<Consent>,
    answered: AtomicU32,
}

/// Arranges what a page that isn't loaded yet is kept from asking for, and rid of.
pub(crate) async fn apply(
    page: &Page,
    spec: &CaptureSpec,
    filters: &Filters,
) -> Result<(), Failure> {
    let wanted = &spec.blocking;
    if *wanted == Blocking::default() {
        return Ok(());
    }
    let lists = filters.lists(&wanted.clutter).await?;
    let blocked = Blocked::default();
    if wanted.blocks_requests() {
        requests::judge(page, wanted, &lists, &blocked).await?;
    }
    if wanted.resources.contains(&Resource::WebSocket) {
        let script = include_str!("../script/socketless.js");
        let script = AddScriptToEvaluateOnNewDocumentParams {
            run_immediately: Some(true),
            ..AddScriptToEvaluateOnNewDocumentParams::new(script)
        };
        page.call(script).await?;
    }
    let consent = consent::begin(page, spec, filters).await?;
    page.take_cleaner(Cleaner { lists, blocked, consent, answered: AtomicU32::new(0) });
    Ok(())
}

/// Rids a page that has loaded of what isn't wanted. What asks for consent is hidden
/// when there was time to answer it.
pub(crate) async fn clean(page: &Page, patience: Duration) -> Result<(), Failure> {
    let Some(cleaner) = page.cleaner() else {
        return Ok(());
    };
    page.enter(Stage::Cleaning);
    if let Some(consent) = &cleaner.consent
        && cleaner.answered.fetch_add(1, Ordering::Relaxed) < MOST_ANSWERED
    {
        let (later, now): (Vec<_>, Vec<_>) =
            cleaner.lists.iter().cloned().partition(|list| list.clutter == Clutter::CookieBanners);
        elements::hide(page, &now, &cleaner.blocked).await?;
        consent.answered().await;
        changes::depart(page, patience).await;
        if later.is_empty() {
            return Ok(());
        }
    }
    hide(page).await
}

/// Hides what has come since.
pub(crate) async fn hide(page: &Page) -> Result<(), Failure> {
    match page.cleaner() {
        Some(cleaner) => elements::hide(page, &cleaner.lists, &cleaner.blocked).await,
        None => Ok(()),
    }
}
