//! docs/OPTIONS.md is written from the table that the parser uses.

use std::fmt::Write as _;
use std::path::Path;

use darkroom_core::job::Dialect;
use darkroom_dialects::{Availability, Known, Origin, aliases, devices, options, sections};

const HEAD: &str = "# Options

What a capture takes in this version, written from the table that the parser uses. A name that isn't here is refused, and so is, by name, one that is left out; all faults of a request are told at once.

Options come in the query (a list as `name[]=a&name[]=b`), in a JSON body, or in both. ScreenNabster takes each under Nodium's name too. Names marked with * are our own; the others are ScreenshotOne's, which Nodium took over.
";

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

fn page() -> String {
    let mut page = String::from(HEAD);
    for section in sections() {
        let mut built = section.options.iter().filter(|it| is_built(it)).peekable();
        if built.peek().is_none() {
            continue;
        }
        let title = section.title;
        write!(page, "\n## {title}\n\n| Nodium | ScreenNabster | Default | Values | Effect |\n")
            .unwrap();
        page.push_str("|---|---|---|---|---|\n");
        built.for_each(|known| page.push_str(&row(known)));
    }
    page.push_str("\n## Left out\n\nEach is refused by name.\n\n| Names | Why |\n|---|---|\n");
    for (why, names) in left_out() {
        writeln!(page, "| {} | {why} |", names.join(", ")).unwrap();
    }
    let devices: Vec<_> = devices().map(|name| format!("`{name}`")).collect();
    write!(
        page,
        "\n## Devices\n\nThose of playwright-core, with its windows, scales and user agents; `iphone_13_pro_max` is `iPhone 13 Pro Max`, and `iphone_13_pro_max_landscape` is the same on its side. Of ScreenshotOne's names these aren't there: `ipad`, `ipad_pro`, `iphone_4`, `iphone_5` and `jiophone_2`, on their sides neither.\n\n{}.\n",
        devices.join(", ")
    )
    .unwrap();
    page
}

fn is_built(known: &Known) -> bool {
    known.availability == Availability::Built
}

fn row(known: &Known) -> String {
    let mark = if known.origin == Origin::Own { " *" } else { "" };
    let alias = aliases(Dialect::ScreenNabster).iter().find(|alias| alias.of == known.name);
    let own = format!("`{}`", alias.map_or(known.name, |alias| alias.name));
    let default = match (known.default, alias.and_then(|alias| alias.default)) {
        (None, _) => "–".to_owned(),
        (Some(nodiums), None) => nodiums.to_owned(),
        (Some(nodiums), Some(its)) => format!("{nodiums}; ScreenNabster {its}"),
    };
    let Known { name, values, effect, .. } = known;
    let nodiums = if options(Dialect::Nodium).any(|it| it.name == *name) {
        format!("`{name}`{mark}")
    } else {
        "–".to_owned()
    };
    let articles = ["a ", "an ", "the "];
    let bare = articles.iter().find_map(|article| values.strip_prefix(article));
    let values = bare.unwrap_or(values);
    format!("| {nodiums} | {own} | {default} | {values} | {effect} |\n")
}

/// What is left out, by reason.
fn left_out() -> Vec<(&'static str, Vec<String>)> {
    let mut reasons: Vec<(&str, Vec<String>)> = Vec::new();
    for known in sections().flat_map(|section| section.options) {
        let Availability::LeftOut(why) = known.availability else { continue };
        let name = format!("`{}`", known.name);
        match reasons.iter_mut().find(|(reason, _)| *reason == why) {
            Some((_, names)) => names.push(name),
            None => reasons.push((why, vec![name])),
        }
    }
    reasons
}
