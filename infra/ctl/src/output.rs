//! What a command answers, as tables or as JSON. Nothing else prints.
#![expect(clippy::print_stderr, reason = "a command line answers by printing")]

use std::io::{self, Write as _};

use anyhow::Error;
use serde_json::Value;

/// A command's answer in both forms.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) json: Value,
    pub(crate) text: String,
}

pub(crate) fn print(answer: &Answer, json: bool) {
    let text = if json { format!("{:#}", answer.json) } else { answer.text.clone() };
    // Who reads it may have read enough, as `head` does.
    let _closed = writeln!(io::stdout().lock(), "{}", text.trim_end());
}

pub(crate) fn print_fault(fault: &Error) {
    eprintln!("darkroom: {fault:#}");
}

/// Columns under their headings, as wide as their widest cell.
pub(crate) fn table<const N: usize>(headings: [&str; N], rows: &[[String; N]]) -> String {
    let headings = headings.map(str::to_owned);
    let mut widths = [0; N];
    for row in std::iter::once(&headings).chain(rows) {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    std::iter::once(&headings).chain(rows).map(|row| line(row, &widths)).collect()
}

/// Names and their values, one pair a line.
pub(crate) fn pairs(pairs: &[(&str, String)]) -> String {
    let width = pairs.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    pairs.iter().map(|(name, value)| format!("{name:width$}  {value}\n")).collect()
}

fn line(row: &[String], widths: &[usize]) -> String {
    let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}  "));
    let line: String = cells.collect();
    format!("{}\n", line.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [["ü".to_owned(), "1".to_owned()], ["long one".to_owned(), String::new()]];
        let expected = "NAME      N\nü         1\nlong one\n";
        assert_eq!(table(["NAME", "N"], &rows), expected);
    }

    #[test]
    fn values_stand_in_one_column() {
        let text = pairs(&[("a", "1".to_owned()), ("long", "2".to_owned())]);
        assert_eq!(text, "a     1\nlong  2\n");
    }
}
