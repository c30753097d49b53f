//! What a page says: its elements as HTML, the same as Markdown, or the words that are seen.

use bytes::Bytes;
use darkroom_core::capture::{CaptureSpec, Markup, Missing};
use darkroom_core::failure::{Failure, FailureKind};
use serde::Deserialize;
use serde_json::Value;

use crate::kit::Kit;
use crate::page::Page;
use crate::selector::Search;

const FIND: &str = include_str!("script/find.js");

/// The longest text, in UTF-16 units: DevTools spells each by six bytes at most.
const MOST: u32 = 20_000_000;

/// Writes down what the page says, or one element of it.
pub(crate) async fn write(
    page: &Page,
    spec: &CaptureSpec,
    markup: Markup,
    kit: &Kit,
) -> Result<Bytes, Failure> {
    let Some(element) = &spec.framing.element else {
        return write_document(page, markup, kit).await;
    };
    let search = Search {
        option: "The selector",
        selector: &element.selector,
        pierces_shadow_trees: spec.changes.pierces_shadow_trees,
    };
    let told = search.ask(page, &script(markup, kit).await?, &[]).await?;
    match element.missing {
        Missing::Fail if told == Some(Value::Null) => Err(search.not_found()),
        Missing::Ignore if told == Some(Value::Null) => write_document(page, markup, kit).await,
        Missing::Fail | Missing::Ignore => text(told),
    }
}

/// Writes down what all of the page says.
pub(crate) async fn write_document(
    page: &Page,
    markup: Markup,
    kit: &Kit,
) -> Result<Bytes, Failure> {
    let told = page.ask(&script(markup, kit).await?, &[Value::Null, false.into()]).await?;
    text(told.map(|told| told.get(0).cloned().unwrap_or_default()))
}

async fn script(markup: Markup, kit: &Kit) -> Result<String, Failure> {
    Ok(match markup {
        Markup::Html => function("", include_str!("script/html.js")),
        Markup::Markdown => function(kit.markdown().await?, include_str!("script/markdown.js")),
        Markup::Plain => function("", include_str!("script/plain.js")),
    })
}

/// A function of `(selector, pierces)`, as `Search` asks one: of the element that matches, or
/// of the document where there is no selector.
fn function(tools: &str, write: &str) -> String {
    let among = include_str!("script/among.js");
    format!(
        "async function (selector, pierces) {{\n{FIND}\n{tools}\nconst MOST = {MOST};\nconst write = {write};\n{among}\n}}"
    )
}

/// What `among.js` tells.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum Written {
    Text(String),
    TooLarge,
    Broken(String),
}

fn text(told: Option<Value>) -> Result<Bytes, Failure> {
    match told.map(serde_json::from_value) {
        Some(Ok(Written::Text(text))) => Ok(Bytes::from(text)),
        Some(Ok(Written::TooLarge)) => Err(Failure::plain(FailureKind::TooLarge)),
        Some(Ok(Written::Broken(fault))) => {
            tracing::warn!(fault, "a page could not be written down");
            let message =
                "The page is nested too deeply, or is no HTML, so it can't be written down";
            Err(Failure::new(FailureKind::NotAPage, message))
        }
        // The document has gone.
        Some(Err(_)) | None => Err(Failure::plain(FailureKind::Browser)),
    }
}
