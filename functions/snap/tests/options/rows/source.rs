//! What is drawn.

use crate::taken::Taken;

use super::{Row, colour, option};

pub(crate) const ROWS: &[Row] = &[
    option("url=SITE/lime").instead_of("url=SITE/red").turns(colour, "red", "lime"),
    option("html=<body bgcolor=lime>").instead_of("url=SITE/red").turns(colour, "red", "lime"),
    // A heading is set larger than what surrounds it, and a table has lines.
    option("markdown=# Hn").instead_of("markdown=Hn").turns(letters, "small", "large"),
    option("markdown=|a|b|\n|-|-|\n|1|2|").instead_of("markdown=a b").turns(
        |it| lines(it).to_string(),
        "0",
        "3",
    ),
];

fn letters(it: &Taken) -> String {
    let size = if it.pixels().rows_with_ink() > 18 { "large" } else { "small" };
    size.to_owned()
}

/// The upright lines of a table.
fn lines(it: &Taken) -> usize {
    it.pixels().count_in_row(35, "cccccc")
}
