//! How the page is printed.

use crate::taken::Taken;

use super::{Row, option};

const PDF: &[&str] = &["format=pdf"];

/// As large as what the margins leave.
const FULL: &str = "<p style='position:fixed;inset:0;background:red'>";

/// Three sheets.
const SHEETS: &str = "<h1>one</h1><p style=break-before:page>two<p style=break-before:page>three";

const BOX: &str = "<p style='width:100px;height:100px;background:red'>";

/// A page that asks for its own sheet.
const ASKING: &str = "<style>@page { size: 4in 5in }</style><p>";

pub(crate) const ROWS: &[Row] = &[
    option("pdf_paper_format=a0").with(PDF).turns(paper, "210 x 297 mm", "841 x 1189 mm"),
    option("pdf_paper_format=a1").with(PDF).turns(paper, "210 x 297 mm", "594 x 841 mm"),
    option("pdf_paper_format=a2").with(PDF).turns(paper, "210 x 297 mm", "420 x 594 mm"),
    option("pdf_paper_format=a3").with(PDF).turns(paper, "210 x 297 mm", "297 x 420 mm"),
    option("pdf_paper_format=a4").instead_of("pdf_paper_format=a5").with(PDF).turns(
        paper,
        "148 x 210 mm",
        "210 x 297 mm",
    ),
    option("pdf_paper_format=a5").with(PDF).turns(paper, "210 x 297 mm", "148 x 210 mm"),
    option("pdf_paper_format=a6").with(PDF).turns(paper, "210 x 297 mm", "105 x 148 mm"),
    option("pdf_paper_format=letter").with(PDF).turns(paper, "210 x 297 mm", "216 x 279 mm"),
    option("pdf_paper_format=legal").with(PDF).turns(paper, "210 x 297 mm", "216 x 356 mm"),
    option("pdf_paper_format=tabloid").with(PDF).turns(paper, "210 x 297 mm", "279 x 432 mm"),
    option("pdf_paper_width=100mm")
        .instead_of("pdf_paper_width=120mm")
        .with(&["format=pdf", "pdf_paper_height=150mm"])
        .turns(paper, "120 x 150 mm", "100 x 150 mm"),
    option("pdf_paper_height=100mm")
        .instead_of("pdf_paper_height=120mm")
        .with(&["format=pdf", "pdf_paper_width=80mm"])
        .turns(paper, "80 x 120 mm", "80 x 100 mm"),
    option("pdf_prefer_css_page_size=true").with(PDF).on(ASKING).turns(
        paper,
        "210 x 297 mm",
        "102 x 127 mm",
    ),
    option("pdf_landscape=true").with(PDF).turns(paper, "210 x 297 mm", "297 x 210 mm"),
    option("pdf_print_background=false").with(PDF).on(BOX).turns(
        boxes,
        "red 100x100",
        "white 100x100",
    ),
    option("pdf_fit_one_page=true")
        .with(PDF)
        .on("<p style=height:4in>one<p style=height:16in>two")
        .turns(|it| it.sheets().len().to_string(), "2", "1"),
    option("pdf_margin=1in").with(PDF).on(FULL).turns(margins, "4 4 4 4", "10 10 10 10"),
    option("pdf_margin_top=1in").with(PDF).on(FULL).turns(margins, "4 4 4 4", "10 4 4 4"),
    option("pdf_margin_right=1in").with(PDF).on(FULL).turns(margins, "4 4 4 4", "4 10 4 4"),
    option("pdf_margin_bottom=1in").with(PDF).on(FULL).turns(margins, "4 4 4 4", "4 4 10 4"),
    option("pdf_margin_left=1in").with(PDF).on(FULL).turns(margins, "4 4 4 4", "4 4 4 10"),
    option("pdf_page_ranges=1,3").with(PDF).on(SHEETS).turns(texts, "one|two|three", "one|three"),
    option(
        "pdf_header_template=<b style='font-size:9px'>\
            <i class=pageNumber></i> of <i class=totalPages></i>: <i class=title></i></b>",
    )
    .with(PDF)
    .on(SHEETS)
    .turns(head_and_foot, " / ", "1 of 3: A page / "),
    option(
        "pdf_footer_template=<b style='font-size:9px'>\
            <i class=pageNumber></i> of <i class=totalPages></i>: <i class=title></i></b>",
    )
    .with(PDF)
    .on(SHEETS)
    .turns(head_and_foot, " / ", " / 1 of 3: A page"),
    option("pdf_header_template=<b style='font-size:9px' class=url></b>").with(PDF).turns(
        |it| it.sheets()[0].text().starts_with("http://127.0.0.1:").to_string(),
        "false",
        "true",
    ),
    option("pdf_footer_template=<b style='font-size:9px' class=date></b>").with(PDF).turns(
        |it| it.sheets()[0].text().matches('/').count().to_string(),
        "0",
        "2",
    ),
    option("pdf_scale=2").with(PDF).on(BOX).turns(boxes, "red 100x100", "red 200x200"),
    option("pdf_tagged=true").with(PDF).on(SHEETS).turns(structure, "", "tags"),
    option("pdf_outline=true").with(PDF).on(SHEETS).turns(structure, "", "tags outline"),
];

/// The first sheet.
fn paper(it: &Taken) -> String {
    let millimetres = |pixels: f32| pixels / 96.0 * 25.4;
    let sheet = &it.sheets()[0];
    format!("{:.0} x {:.0} mm", millimetres(sheet.width), millimetres(sheet.height))
}

/// What is left free at the top, right, bottom and left of the first sheet, in tenths of an inch.
fn margins(it: &Taken) -> String {
    let sheet = &it.sheets()[0];
    let filled = &sheet.boxes[0];
    let (right, bottom) = (sheet.width - filled.right, sheet.height - filled.bottom);
    let inches = [filled.top, right, bottom, filled.left].map(|it| format!("{:.0}", it / 9.6));
    inches.join(" ")
}

/// Colours and sizes.
fn boxes(it: &Taken) -> String {
    let boxes = it.sheets()[0].boxes.iter();
    let boxes = boxes
        .map(|it| format!("{} {:.0}x{:.0}", it.colour, it.right - it.left, it.bottom - it.top));
    boxes.collect::<Vec<_>>().join(", ")
}

fn texts(it: &Taken) -> String {
    it.sheets().iter().map(|sheet| sheet.text()).collect::<Vec<_>>().join("|")
}

/// What stands in the margins of the first sheet.
fn head_and_foot(it: &Taken) -> String {
    let sheet = &it.sheets()[0];
    let foot = sheet.height - 38.0;
    format!("{} / {}", sheet.text_between(0.0, 38.0), sheet.text_between(foot, sheet.height))
}

/// What there is of it for screen readers.
fn structure(it: &Taken) -> String {
    let has = |name: &str| it.file.windows(name.len()).any(|part| part == name.as_bytes());
    let parts = [("/StructTreeRoot", "tags"), ("/Outlines", "outline")];
    let found: Vec<_> = parts.iter().filter(|(name, _)| has(name)).map(|(_, it)| *it).collect();
    found.join(" ")
}
