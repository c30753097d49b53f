//! What a page is seen to show when it is drawn, as the verdict needs it.

use darkroom_core::failure::Failure;
use darkroom_core::verdict::Scene;
use serde::Deserialize;

use crate::page::Page;
use crate::script::script;

/// What `sight.js` tells.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Seen {
    words: String,
}

/// What the document says of what it shows. None if it has gone.
pub(crate) async fn look(page: &Page) -> Result<Option<Scene>, Failure> {
    let told = page.ask(script!("find.js" => "sight.js"), &[]).await?;
    let seen = told.and_then(|told| serde_json::from_value::<Seen>(told).ok());
    Ok(seen.map(|Seen { words }| Scene { words }))
}
