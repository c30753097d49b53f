//! What a page says: its elements as HTML, the same as Markdown, or the words that are seen.

use bytes::Bytes;
use darkroom_core::capture::{CaptureSpec, Markup, Missing};
use darkroom_core::failure::{Failure, FailureKind};
use serde_json::Value;

use crate::file::Drawn;
use crate::kit::Kit;
use crate::page::Page;
use crate::selector::Search;

const FIND: &str = include_str!("script/find.js");

/// Writes down what the page says, or one element of it.
pub(crate) async fn write(
    page: &Page,
    spec: &CaptureSpec,
    markup: Markup,
    kit: &Kit,
) -> Result<Drawn, Failure> {
    let script = match markup {
        Markup::Html => function("", include_str!("script/html.js")),
        Markup::Markdown => function(kit.markdown().await?, include_str!("script/markdown.js")),
        Markup::Plain => function("", include_str!("script/plain.js")),
    };
    if let Some(element) = &spec.framing.element {
        let search = Search {
            option: "The selector",
            selector: &element.selector,
            pierces_shadow_trees: spec.changes.pierces_shadow_trees,
        };
        match (search.ask(page, &script, &[]).await?, element.missing) {
            (Some(Value::Null), Missing::Fail) => return Err(search.not_found()),
            (Some(Value::Null), Missing::Ignore) => {}
            (told, _) => return text(told),
        }
    }
    let told = page.ask(&script, &[Value::Null, false.into()]).await?;
    text(told.map(|told| told.get(0).cloned().unwrap_or_default()))
}

/// A function of `(selector, pierces)`, as `Search` asks one: of the element that matches, or
/// of the document where there is no selector.
fn function(tools: &str, write: &str) -> String {
    let among = include_str!("script/among.js");
    format!(
        "async function (selector, pierces) {{\n{FIND}\n{tools}\nconst write = {write};\n{among}\n}}"
    )
}

fn text(told: Option<Value>) -> Result<Drawn, Failure> {
    match told {
        Some(Value::String(text)) => Ok(Drawn::Whole(Bytes::from(text))),
        // The document has gone, or its script broke.
        _ => Err(Failure::plain(FailureKind::Browser)),
    }
}
