//! How a page is printed to a PDF.

use darkroom_core::capture::{
    Fit, Margins, Orientation, Outline, Paper, PaperSize, Print, Tagging,
};

use super::given::Options;
use super::kind::Kind;
use super::known::{Known, built, ours};
use super::values::{self, Raw, Reading, Wrong};

/// The longest side of a sheet: 14,400 units of 1/72 in (ISO 32000-1, annex C).
const MAX_SIDE_IN: f64 = 200.0;

/// The shortest side of a sheet on which anything could be read.
const MIN_SIDE_IN: f64 = 0.5;

const SHEET: &str = "a CSS length from 0.5in to 200in, such as 210mm";
const MARGIN: &str = "a CSS length from 0in to 200in, such as 1cm";

pub(super) const OPTIONS: &[Known] = &[
    built(
        "pdf_paper_format",
        "a0, a1, a2, a3, a4, a5, a6, letter, legal or tabloid",
        Some("a4"),
        "Size of the sheet.",
    ),
    ours(
        "pdf_paper_width",
        SHEET,
        None,
        "Width of a sheet of another size. Needs `pdf_paper_height`; not with `pdf_paper_format`.",
    ),
    ours(
        "pdf_paper_height",
        SHEET,
        None,
        "Height of a sheet of another size. Needs `pdf_paper_width`; not with `pdf_paper_format`.",
    ),
    ours(
        "pdf_prefer_css_page_size",
        "true or false",
        Some("false"),
        "Take the sheet that the page's `@page` rule asks for. Not with a size of its own.",
    ),
    built("pdf_landscape", "true or false", Some("false"), "Turn the sheet on its side."),
    built(
        "pdf_print_background",
        "true or false",
        Some("true"),
        "Print background colours and pictures.",
    ),
    built(
        "pdf_fit_one_page",
        "true or false",
        Some("false"),
        "One sheet as tall as the page. Not with `pdf_page_ranges` or `pdf_prefer_css_page_size`.",
    ),
    built(
        "pdf_margin",
        MARGIN,
        Some("0.4in"),
        "Margin on all sides. A number is pixels (1/96 in).",
    ),
    built("pdf_margin_top", MARGIN, None, "Upper margin; else `pdf_margin`."),
    built("pdf_margin_right", MARGIN, None, "Right margin; else `pdf_margin`."),
    built("pdf_margin_bottom", MARGIN, None, "Lower margin; else `pdf_margin`."),
    built("pdf_margin_left", MARGIN, None, "Left margin; else `pdf_margin`."),
    ours("pdf_page_ranges", "ranges of sheets such as 1-5, 8, 11-", None, "Which sheets are kept."),
    ours(
        "pdf_header_template",
        "a string",
        None,
        "HTML at the top of each sheet. Chromium fills elements of the classes date, title, url, pageNumber and totalPages.",
    ),
    ours("pdf_footer_template", "a string", None, "The same at the foot of each sheet."),
    ours("pdf_scale", "a number from 0.1 to 2", Some("1"), "Size of the content."),
    ours(
        "pdf_tagged",
        "true or false",
        Some("false"),
        "Tell screen readers what is a heading, a list, a table.",
    ),
    ours(
        "pdf_outline",
        "true or false",
        Some("false"),
        "Bookmarks made from the headings; the PDF is tagged too.",
    ),
];

/// How the page is printed. Unless a PDF is wanted every option of these is a
/// fault; there is no `kind` where it couldn't be read.
pub(super) fn read(options: &mut Options, kind: Option<Kind>) -> Print {
    if kind.is_some_and(|kind| kind != Kind::Pdf) {
        refuse_all(options);
    }
    let usual = Print::default();
    let paper = paper(options);
    let orientation = match options.truth("pdf_landscape") {
        Some(true) => Orientation::Landscape,
        Some(false) | None => Orientation::Portrait,
    };
    let (tagging, outline) = structure(options);
    let scale = values::number(Print::MIN_SCALE..=Print::MAX_SCALE);
    Print {
        paper,
        orientation,
        margins: margins(options, paper, orientation),
        background: options.truth("pdf_print_background").unwrap_or(usual.background),
        scale: options.read("pdf_scale", scale).unwrap_or(usual.scale),
        page_ranges: options.read("pdf_page_ranges", page_ranges).unwrap_or_default(),
        header: options.read("pdf_header_template", values::filled_text),
        footer: options.read("pdf_footer_template", values::filled_text),
        tagging,
        outline,
        fit: fit(options, paper),
    }
}

fn refuse_all(options: &mut Options) {
    let complaint =
        format!("needs `{}` to be pdf; set that, or leave it out", options.word("format"));
    for option in OPTIONS {
        options.refuse(option.name, &complaint);
    }
}

fn paper(options: &mut Options) -> Paper {
    let size = options.read("pdf_paper_format", paper_size);
    let side = || length(MIN_SIDE_IN);
    let width = options.read("pdf_paper_width", side());
    let height = options.read("pdf_paper_height", side());
    for (side, other) in
        [("pdf_paper_width", "pdf_paper_height"), ("pdf_paper_height", "pdf_paper_width")]
    {
        if !options.has(other) {
            options.refuse_without(&[side], other);
        }
        options.refuse_beside(side, "pdf_paper_format");
    }
    if options.truth("pdf_prefer_css_page_size") == Some(true) {
        for size in ["pdf_paper_format", "pdf_paper_width", "pdf_paper_height"] {
            options.refuse_beside(size, "pdf_prefer_css_page_size");
        }
        return Paper::OfPage;
    }
    match (width, height) {
        (Some(width_in), Some(height_in)) => Paper::Custom { width_in, height_in },
        _ => size.map_or(Paper::Size(PaperSize::A4), Paper::Size),
    }
}

fn margins(options: &mut Options, paper: Paper, orientation: Orientation) -> Margins {
    let all = options.read("pdf_margin", length(0.0));
    let usual = Margins::default();
    let mut side = |name, usual| options.read(name, length(0.0)).or(all).unwrap_or(usual);
    let margins = Margins {
        top_in: side("pdf_margin_top", usual.top_in),
        right_in: side("pdf_margin_right", usual.right_in),
        bottom_in: side("pdf_margin_bottom", usual.bottom_in),
        left_in: side("pdf_margin_left", usual.left_in),
    };
    if leaves_nothing(margins, paper, orientation) {
        for name in [
            "pdf_margin",
            "pdf_margin_top",
            "pdf_margin_right",
            "pdf_margin_bottom",
            "pdf_margin_left",
        ] {
            options.refuse(name, "leaves no room on the sheet; make it smaller");
        }
    }
    margins
}

fn leaves_nothing(margins: Margins, paper: Paper, orientation: Orientation) -> bool {
    let (width, height) = match paper {
        Paper::Size(size) => size.inches(),
        Paper::Custom { width_in, height_in } => (width_in, height_in),
        Paper::OfPage => return false,
    };
    let (width, height) = match orientation {
        Orientation::Portrait => (width, height),
        Orientation::Landscape => (height, width),
    };
    margins.left_in + margins.right_in >= width || margins.top_in + margins.bottom_in >= height
}

/// Bookmarks are made of tags.
fn structure(options: &mut Options) -> (Tagging, Outline) {
    let is_tagged = options.truth("pdf_tagged");
    if options.truth("pdf_outline") != Some(true) {
        let tagging = if is_tagged == Some(true) { Tagging::Yes } else { Tagging::No };
        return (tagging, Outline::No);
    }
    if is_tagged == Some(false) {
        options.refuse("pdf_tagged", "must be true with `pdf_outline`, which is made of tags");
    }
    (Tagging::Yes, Outline::Yes)
}

fn fit(options: &mut Options, paper: Paper) -> Fit {
    if options.truth("pdf_fit_one_page") != Some(true) {
        return Fit::Sheets;
    }
    options.refuse_beside("pdf_page_ranges", "pdf_fit_one_page");
    if paper == Paper::OfPage {
        options.refuse_beside("pdf_prefer_css_page_size", "pdf_fit_one_page");
    }
    Fit::OnePage
}

fn paper_size(raw: &Raw) -> Reading<PaperSize> {
    let name = values::text(raw)?.trim().to_ascii_lowercase();
    PaperSize::ALL.into_iter().find(|size| size.name() == name).ok_or(Wrong::Value)
}

/// A CSS length of at least `least` inches, in inches; a bare number is pixels.
fn length(least: f64) -> impl Fn(&Raw) -> Reading<f64> {
    move |raw| {
        let text = match raw {
            Raw::Json(serde_json::Value::Number(px)) => px.to_string(),
            _ => values::text(raw)?,
        };
        inches(&text).filter(|it| (least..=MAX_SIDE_IN).contains(it)).ok_or(Wrong::Value)
    }
}

/// CSS Values 4, §6.2: absolute lengths.
fn inches(text: &str) -> Option<f64> {
    let text = text.trim().to_ascii_lowercase();
    let digits = text.trim_end_matches(|it: char| it.is_ascii_alphabetic());
    let unit = text.strip_prefix(digits)?;
    let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let number: f64 = digits.parse().ok().filter(|_| is_plain)?;
    let units_of_an_inch = match unit {
        "px" | "" => 96.0,
        "in" => 1.0,
        "cm" => 2.54,
        "mm" => 25.4,
        "q" => 101.6,
        "pt" => 72.0,
        "pc" => 6.0,
        _ => return None,
    };
    Some(number / units_of_an_inch)
}

/// Ranges in the form that Chromium takes.
fn page_ranges(raw: &Raw) -> Reading<String> {
    let text = values::text(raw)?;
    let ranges: Option<Vec<String>> = text.split(',').map(range).collect();
    ranges.map(|ranges| ranges.join(", ")).ok_or(Wrong::Value)
}

fn range(text: &str) -> Option<String> {
    let page = |digits: &str| {
        let digits = digits.trim();
        let is_plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse::<u32>().ok().filter(|page| *page > 0 && is_plain)
    };
    let Some((first, last)) = text.split_once('-') else {
        return page(text).map(|page| page.to_string());
    };
    match (first.trim(), last.trim()) {
        ("", last) => page(last).map(|last| format!("-{last}")),
        (first, "") => page(first).map(|first| format!("{first}-")),
        (first, last) => {
            let (first, last) = (page(first)?, page(last)?);
            (first <= last).then(|| format!("{first}-{last}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_those_of_css() {
        let cases = [
            ("96", Some(1.0)),
            ("96px", Some(1.0)),
            ("1IN", Some(1.0)),
            (" 2.54cm ", Some(1.0)),
            ("25.4mm", Some(1.0)),
            ("101.6Q", Some(1.0)),
            ("72pt", Some(1.0)),
            ("6pc", Some(1.0)),
            (".5in", Some(0.5)),
            ("0", Some(0.0)),
            ("", None),
            ("in", None),
            ("1em", None),
            ("-1in", None),
            ("1e3", None),
            ("inf", None),
            ("1 in", None),
        ];
        for (text, expected) in cases {
            assert_eq!(inches(text), expected, "{text:?}");
        }
    }

    #[test]
    fn ranges_go_up_from_one() {
        let read = |text: &str| page_ranges(&Raw::Text(vec![text.to_owned()]));
        assert_eq!(read("1-5, 8 ,11 - 13"), Ok("1-5, 8, 11-13".to_owned()));
        assert_eq!(read("- 3, 8-"), Ok("-3, 8-".to_owned()));
        for bad in ["", "0", "3-2", "-", "-0", "1--2", "1,,2", "a", "+1", "1-2-3", "99999999999"] {
            assert_eq!(read(bad), Err(Wrong::Value), "{bad:?}");
        }
    }
}
