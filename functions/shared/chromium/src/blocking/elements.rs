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
    let hiding = page.frames_now().await?.into_iter().map(async |frame| {
        let told = page.ask_frame(frame.clone(), include_str!("../script/survey.js"), &[]).await?;
        let Ok(Survey { url, names }) = serde_json::from_value(told) else {
            return Ok(());
        };
        let styles = List::styles(lists, &url, &names);
        let arguments = [styles.into(), gone.clone().into(), unseen.clone().into()];
        page.ask_frame(frame, with_find!("hide.js"), &arguments).await.map(|_hidden| ())
    });
    // A frame may have gone meanwhile.
    let hiding = hiding.map(async |hiding| match hiding.await {
        Ok(()) | Err(CallError::Refused { .. }) => Ok(()),
        Err(fault) => Err(fault::of_call(&fault)),
    });
    try_join_all(hiding).await.map(|_all| ())
}
