//! What is told of the page beside its picture.

use super::{Row, option};
use crate::taken::Taken;

const PAGE: &str = "<meta property=og:title content=Shown><link rel=icon type=image/svg+xml href=lime.svg>\
    <body bgcolor=lime><h1 style='font-family:Jost, serif'>Words</h1><script>console.log('hello')</script>";

fn told(taken: &Taken) -> String {
    taken.metadata()
}

/// Before the port of the host, which nobody knows.
fn icon(taken: &Taken) -> String {
    let told = taken.metadata();
    let port = told.split("127.0.0.1:").nth(1).and_then(|it| it.split('/').next());
    port.map_or_else(|| told.clone(), |port| told.replace(port, "PORT"))
}

pub(crate) const ROWS: &[Row] = &[
    option("metadata_image_size=true").on(PAGE).turns(told, "", "200x100"),
    option("metadata_fonts=true").on(PAGE).turns(told, "", r#"Jost ["serif"] ["h1"]"#),
    option("metadata_page_title=true").on(PAGE).turns(told, "", "A page"),
    option("metadata_open_graph=true").on(PAGE).turns(told, "", "title=Shown"),
    option("metadata_icon=true").on(PAGE).turns(
        icon,
        "",
        r#"Some(Icon { url: "http://127.0.0.1:PORT/lime.svg", media_type: Some("image/svg+xml") })"#,
    ),
    option("metadata_http_response_status_code=true").on(PAGE).turns(told, "", "Some(200)"),
    option("metadata_http_response_headers=true").on(PAGE).turns(
        |it| it.metadata().chars().take(22).collect(),
        "",
        "content-type=text/html",
    ),
    option("metadata_verdict=true").on(PAGE).turns(told, "", "fine"),
    option("metadata_content=true").on(PAGE).turns(
        |it| it.beginning("content"),
        "",
        "<!DOCTYPE html>\n<html><h",
    ),
    option("metadata_content_format=text").with(&["metadata_content=true"]).on(PAGE).turns(
        |it| it.beginning("content"),
        "<!DOCTYPE html>\n<html><h",
        "Words\n",
    ),
    option("metadata_har=true").on(PAGE).turns(
        |it| it.beginning("har"),
        "",
        r#"{"log":{"version":"1.2","#,
    ),
    option("metadata_console=true").on(PAGE).turns(
        |it| it.beginning("console").chars().take(22).collect(),
        "",
        r#"{"messages":[{"at_ms":"#,
    ),
    option("metadata_waterfall=true").on(PAGE).turns(
        |it| it.beginning("waterfall").chars().take(5).collect(),
        "",
        "<svg ",
    ),
];
