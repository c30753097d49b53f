//! What the picture is made into.

use crate::taken::Taken;

use super::{Row, option, size};

/// Red to the left, and nothing to the right.
const HALF: &str = "<p style='width:100px;height:100px;background:red'>";

/// Red to the left, lime to the right.
const HALVES: &str = "<body bgcolor=lime><p style='width:100px;height:100px;background:red'>";

/// Words, and an element that a script adds.
const SAID: &str = "<p>Some <b id=more></b></p><script>more.textContent = 'words'</script>";

const SAID_IN_HTML: &str = "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>A page</title>\
    <style>body, p { margin: 0 }</style></head><body><p>Some <b id=\"more\">words</b></p>\
    <script>more.textContent = 'words'</script></body></html>";

/// Something that takes room in a file.
const RICH: &str = "<style>p{width:200px;height:100px;\
    background:repeating-conic-gradient(red,lime,blue 9deg,black 20deg)}</style><p>";

pub(crate) const ROWS: &[Row] = &[
    option("format=png").on(HALVES).turns(halves, "Jpeg: red lime", "Png: red lime"),
    option("format=jpeg").instead_of("format=png").on(HALVES).turns(
        halves,
        "Png: red lime",
        "Jpeg: red lime",
    ),
    option("format=jpg").instead_of("format=png").on(HALVES).turns(
        halves,
        "Png: red lime",
        "Jpeg: red lime",
    ),
    option("format=webp").on(HALVES).turns(halves, "Jpeg: red lime", "WebP: red lime"),
    option("format=avif").on(HALVES).turns(halves, "Jpeg: red lime", "Avif: red lime"),
    option("format=gif").on(HALVES).turns(halves, "Jpeg: red lime", "Gif: red lime"),
    option("format=tiff").on(HALVES).turns(halves, "Jpeg: red lime", "Tiff: red lime"),
    option("format=mp4").on(HALVES).turns(halves, "Jpeg: red lime", "Mp4: red lime"),
    option("format=webm").on(HALVES).turns(halves, "Jpeg: red lime", "WebM: red lime"),
    option("format=html").on(SAID).turns(Taken::words, "Jpeg", SAID_IN_HTML),
    option("format=markdown").on(SAID).turns(Taken::words, "Jpeg", "Some **words**"),
    option("format=text").on(SAID).turns(Taken::words, "Jpeg", "Some words"),
    option("format=pdf").on(HALVES).turns(|it| format!("{:?}", it.kind), "Jpeg", "Pdf"),
    option("image_quality=10").with(&["format=jpg"]).on(RICH).turns(
        |it| it.weight(8_000),
        "heavy",
        "light",
    ),
    option("image_quality=10").with(&["format=webp"]).on(RICH).turns(
        |it| it.weight(8_000),
        "heavy",
        "light",
    ),
    option("image_quality=10")
        .instead_of("image_quality=90")
        .with(&["format=avif"])
        .on(RICH)
        .turns(|it| it.weight(8_000), "heavy", "light"),
    // A png loses nothing.
    option("image_quality=99")
        .on(RICH)
        .turns(|it| it.weight(28_000), "heavy", "light")
        .but_not(|it| format!("{:?}", it.pixels().rgba)),
    option("image_width=100").turns(size, "200x100", "100x50"),
    option("image_height=200").turns(size, "200x100", "400x200"),
    option("image_height=70").with(&["image_width=50"]).turns(size, "50x25", "50x70"),
    option("image_sizes=50x").turns(Taken::further_sizes, "", "50x25"),
    option("image_sizes[]=50x").with(&["image_sizes[]=30x30"]).turns(
        Taken::further_sizes,
        "30x30",
        "50x25 30x30",
    ),
    option("omit_background=true").on(HALF).turns(sides, "red white", "red clear"),
    option("omit_background=true").with(&["format=webp"]).on(HALF).turns(
        sides,
        "red white",
        "red clear",
    ),
    option("omit_background=true").with(&["format=avif"]).on(HALF).turns(
        sides,
        "red white",
        "red clear",
    ),
    option("omit_background=true").with(&["format=gif"]).on(HALF).turns(
        sides,
        "red white",
        "red clear",
    ),
    option("omit_background=true").with(&["format=tiff"]).on(HALF).turns(
        sides,
        "red white",
        "red clear",
    ),
];

fn sides(it: &Taken) -> String {
    it.colours(&[(50, 50), (150, 50)])
}

fn halves(it: &Taken) -> String {
    format!("{:?}: {}", it.kind, sides(it))
}
