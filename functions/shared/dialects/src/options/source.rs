//! What is drawn.

use darkroom_core::address::Reach;
use darkroom_core::capture::Source;
use darkroom_core::url::TargetUrl;

use super::given::Options;
use super::known::{Known, built};
use super::values;

pub(super) const OPTIONS: &[Known] = &[
    built(
        "url",
        "a string",
        None,
        "Address of the page, http or https, at most 8,192 bytes. One of `url`, `html` and `markdown` is needed.",
    ),
    built("html", "a string", None, "A document to draw instead of a page."),
    built(
        "markdown",
        "a string",
        None,
        "A Markdown document (CommonMark with GitHub's tables, task lists, strikethrough and footnotes) to draw instead of a page.",
    ),
];

const SOURCES: [&str; 3] = ["url", "html", "markdown"];

/// The one source that is given.
pub(super) fn read(options: &mut Options, reach: &Reach) -> Option<Source> {
    let given = SOURCES.map(|name| (name, options.has(name)));
    let mut given = given.into_iter().filter(|(_, is_given)| *is_given).map(|(name, _)| name);
    match given.next() {
        None if options.is_whole() => options.fault(
            "url",
            "is missing; give the page's address in `url`, or a document in `html` or `markdown`",
        ),
        None => {}
        Some(first) => given.for_each(|other| options.refuse_beside(other, first)),
    }
    let url = options.read("url", |raw| {
        Ok(TargetUrl::parse(&values::text(raw)?, reach).map_err(|fault| fault.to_string())?)
    });
    let html = options.read("html", values::filled_text);
    let markdown = options.read("markdown", values::filled_text);
    let document = || html.map(Source::Html).or_else(|| markdown.map(Source::Markdown));
    url.map(Source::Url).or_else(document)
}
