//! A Markdown document as a page.

use pulldown_cmark::{Options, Parser, html};

/// The page around the document: readable without being anybody's design.
const HEAD: &str = concat!(
    "<!doctype html><meta charset=utf-8><meta name=viewport content=width=device-width><style>",
    include_str!("script/markdown.css"),
    "</style><body>"
);

/// The document as HTML. What HTML it holds itself stays as it is.
pub(crate) fn to_html(text: &str) -> String {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_FOOTNOTES;
    let mut page = HEAD.to_owned();
    html::push_html(&mut page, Parser::new_ext(text, options));
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_task_lists_struck_words_and_footnotes_are_known() {
        let page = to_html("# A\n\n|a|b|\n|-|-|\n|1|2|\n\n- [x] ~~done~~[^1]\n\n[^1]: note\n");
        for part in
            ["<h1>A</h1>", "<table>", "type=\"checkbox\"", "<del>done</del>", "footnote-reference"]
        {
            assert!(page.contains(part), "{part} in {page}");
        }
    }
}
