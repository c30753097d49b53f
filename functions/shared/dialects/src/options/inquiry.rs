//! What is told of the page beside what is made of it.

use darkroom_core::capture::{Fact, Inquiry, Markup, Record, Source};

use super::given::Options;
use super::kind::Kind;
use super::known::{Known, built, ours};
use super::values;

const TRUTH: &str = "true or false";
const NO: Option<&str> = Some("false");

pub(super) const OPTIONS: &[Known] = &[
    built(
        "metadata_image_size",
        TRUTH,
        NO,
        "Tells the width and height of the file in pixels. Not for pdf, html, markdown and text.",
    ),
    built(
        "metadata_fonts",
        TRUTH,
        NO,
        "Tells the font families that elements with words ask for: each list of families once, with the names of its elements.",
    ),
    built("metadata_page_title", TRUTH, NO, "Tells the page's title."),
    built(
        "metadata_open_graph",
        TRUTH,
        NO,
        "Tells the page's Open Graph properties (`og:title` and so on).",
    ),
    built(
        "metadata_icon",
        TRUTH,
        NO,
        "Tells the address and media type of the page's icon: the largest that it names (`rel=icon`), else `/favicon.ico` of its host, which may have none.",
    ),
    built(
        "metadata_content",
        TRUTH,
        NO,
        "Makes a further file of what the whole page says, and tells its link. Where the page can't be written down there is none.",
    ),
    built(
        "metadata_content_format",
        "html, markdown or text",
        Some("html"),
        "How that file is written. Needs `metadata_content`.",
    ),
    built(
        "metadata_http_response_status_code",
        TRUTH,
        NO,
        "Tells the HTTP status of the page. Needs `url`.",
    ),
    built(
        "metadata_http_response_headers",
        TRUTH,
        NO,
        "Tells the headers of the page's answer, names in lower case. Needs `url`.",
    ),
    ours(
        "metadata_verdict",
        TRUTH,
        NO,
        "Tells in JSON what was seen of the page, as the `verdict` header does.",
    ),
    ours(
        "metadata_har",
        TRUTH,
        NO,
        "Makes a further file of every request and its answer, without bodies: an HTTP Archive 1.2.",
    ),
    ours(
        "metadata_console",
        TRUTH,
        NO,
        "Makes a further file of what was written to the page's console.",
    ),
    ours(
        "metadata_waterfall",
        TRUTH,
        NO,
        "Makes a further file that draws when what came: a waterfall as SVG.",
    ),
];

const FACTS: [(&str, Fact); 8] = [
    ("metadata_image_size", Fact::ImageSize),
    ("metadata_fonts", Fact::Fonts),
    ("metadata_page_title", Fact::PageTitle),
    ("metadata_open_graph", Fact::OpenGraph),
    ("metadata_icon", Fact::Icon),
    ("metadata_http_response_status_code", Fact::StatusCode),
    ("metadata_http_response_headers", Fact::Headers),
    ("metadata_verdict", Fact::Verdict),
];

const RECORDS: [(&str, Record); 3] = [
    ("metadata_har", Record::Har),
    ("metadata_console", Record::Console),
    ("metadata_waterfall", Record::Waterfall),
];

const MARKUPS: &[(&str, Markup)] =
    &[("html", Markup::Html), ("markdown", Markup::Markdown), ("text", Markup::Plain)];

/// What is told beside the file of this kind that is made of `source`.
pub(super) fn read(options: &mut Options, kind: Kind, source: Option<&Source>) -> Inquiry {
    let mut wanted = |name| options.truth(name) == Some(true);
    let facts = FACTS.iter().filter(|(name, _)| wanted(name)).map(|&(_, fact)| fact).collect();
    let records =
        RECORDS.iter().filter(|(name, _)| wanted(name)).map(|&(_, record)| record).collect();
    let has_content = wanted("metadata_content");
    let markup = options.read("metadata_content_format", values::choice(MARKUPS));
    if !has_content {
        options.refuse_without(&["metadata_content_format"], "metadata_content");
    }
    if matches!(kind, Kind::Pdf | Kind::Text(_)) {
        options.refuse_meaningless(&["metadata_image_size"], kind.in_case());
    }
    if matches!(source, Some(Source::Html(_) | Source::Markdown(_))) {
        let of_host = ["metadata_http_response_status_code", "metadata_http_response_headers"];
        options.refuse_without(&of_host, "url");
    }
    let content = has_content.then(|| markup.unwrap_or(Markup::Html));
    Inquiry { facts, content, records }
}
