//! docs/OPTIONS.md is written from the tables that the parser uses.

use std::path::Path;

use darkroom_core::job::Dialect;
use darkroom_dialects::{Availability, options};

/// The page is written anew by `UPDATE_DOCS=1 make fast`.
#[test]
fn the_options_page_is_what_the_parser_takes() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../docs/OPTIONS.md");
    let page = page();
    if option_env!("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == page, "docs/OPTIONS.md isn't up to date: UPDATE_DOCS=1 make fast");
}

/// What ScreenNabster makes of names that it shares with Nodium's users.
fn in_its_own_words(dialect: Dialect, name: &str) -> Option<&'static str> {
    if dialect == Dialect::Nodium {
        return None;
    }
    Some(match name {
        "access_key" => "Refused here: the key comes in `X-API-Key`.",
        "format" => "As `output`.",
        "image_quality" => "As `quality`.",
        "viewport_width" => "As `screen_width`.",
        "viewport_height" => "As `screen_height`.",
        "async" => "As `background`.",
        "webhook_url" => "As `callback_url`.",
        "webhook_sign" => "Must be true: every webhook is signed.",
        "webhook_errors" => {
            "Post a webhook for a failure too. Default false; needs `callback_url`."
        }
        "ignore_host_errors" => {
            "Draw a page whose host answers 400 or above like any other. Default true."
        }
        _ => return None,
    })
}

fn page() -> String {
    let mut page = String::from(
        "# Options\n\nWhat a capture takes in this version, written from the tables that the parser \
         uses. A name that isn't here is refused, and so is, by name, one that isn't built yet.\n",
    );
    let sections = [
        (Dialect::Nodium, "Nodium: `/api/v1/screenshot/take`"),
        (Dialect::ScreenNabster, "ScreenNabster: `/api/v1/capture`"),
    ];
    for (dialect, title) in sections {
        page.push_str(&format!("\n## {title}\n\n| Option | What it does |\n|---|---|\n"));
        for option in options(dialect).filter(|it| it.availability == Availability::Built) {
            let doc = in_its_own_words(dialect, option.name).unwrap_or(option.doc);
            page.push_str(&format!("| `{}` | {doc} |\n", option.name));
        }
        let later = options(dialect).filter(|it| it.availability == Availability::Later);
        let later: Vec<_> = later.map(|option| format!("`{}`", option.name)).collect();
        page.push_str(&format!("\nNot available in this version: {}.\n", later.join(", ")));
    }
    page
}
