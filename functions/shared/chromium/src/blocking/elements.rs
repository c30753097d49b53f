//! What is hidden in a page and its frames: what lists know by its names, and what
//! lacks something that wasn't asked for.

use darkroom_core::failure::Failure;
use futures::future::try_join_all;
use serde::Deserialize;

use super::filters::{List, Names};
use super::requests::Blocked;
use crate::connection::CallError;
use crate::fault;
use crate::page::Page;
use crate::selector::with_find;

/// So many frames are looked into, of each so many names. People's pages have less.
const MOST_FRAMES: usize = 100;
const MOST_NAMES: u32 = 20_000;

/// What a document tells of itself.
#[derive(Deserialize)]
struct Survey {
    url: String,
    #[serde(flatten)]
    names: Names,
}

/// Hides what isn't wanted in the page's documents as they are now. What was hidden before by
/// fewer lists stays so.
pub(crate) async fn hide(page: &Page, lists: &[List], blocked: &Blocked) -> Result<(), Failure> {
    let (gone, unseen) = blocked.addresses();
    let own = page.progress.borrow().url.clone();
    let frames = page.frames_now().await?.into_iter().take(MOST_FRAMES);
    let hiding = frames.map(async |frame| {
        let survey = include_str!("../script/survey.js");
        let told = page.ask_frame(frame.clone(), survey, &[MOST_NAMES.into()]).await?;
        let Survey { url, names } = match serde_json::from_value(told) {
            Ok(survey) => survey,
            Err(fault) => {
                tracing::warn!(%fault, "a document could not be looked through");
                return Ok(());
            }
        };
        // What has no address of its own is a part of the page.
        let url = if url.starts_with("http") { &url } else { &own };
        let styles = List::styles(lists, url, &names);
        let arguments = [styles.into(), gone.clone().into(), unseen.clone().into()];
        page.ask_frame(frame, with_find!("hide.js"), &arguments).await.map(|_hidden| ())
    });
    // A frame may have gone meanwhile.
    let hiding = hiding.map(async |hiding| match hiding.await {
        Ok(()) | Err(CallError::Refused { .. }) => Ok(()),
        Err(fault @ (CallError::Gone { .. } | CallError::Unreadable { .. })) => {
            Err(fault::of_call(&fault))
        }
    });
    try_join_all(hiding).await.map(|_all| ())
}
