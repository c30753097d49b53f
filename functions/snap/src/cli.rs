//! The words of the command line.

use std::num::NonZeroU16;
use std::path::PathBuf;

use clap::{ArgGroup, Parser};
use darkroom_core::address::Reach;

const EXAMPLES: &str = "\
Examples:
  snap https://example.com -o page.png
  snap page.html -o page.pdf
  snap https://example.com -o page.webp --option full_page=true --option image_quality=80
  snap --bench urls.txt --concurrency 2 --repeat 10 --json
  snap --doctor

docs/OPTIONS.md lists the options, in Nodium's names.";

/// Captures a web page into a file, with the engine and the options of Darkroom.
///
/// Only public addresses are reached, unless `--allow-loopback` is given.
#[derive(Debug, Parser)]
#[command(name = "snap", after_help = EXAMPLES, arg_required_else_help = true)]
#[command(group = ArgGroup::new("what").required(true).args(["source", "bench", "doctor"]))]
pub(crate) struct Cli {
    /// The page's address, or a file that holds a document.
    #[arg(value_name = "URL|FILE", requires = "output")]
    pub(crate) source: Option<String>,

    /// Where the picture goes. The extension decides the format (png, jpg, webp, avif,
    /// gif, tiff, pdf, mp4, webm, html, md, txt), unless the option `format` is given.
    #[arg(short, long, value_name = "FILE", conflicts_with_all = ["bench", "doctor"])]
    pub(crate) output: Option<PathBuf>,

    /// An option, in Nodium's names; a list such as `wait_until[]` is given once for
    /// each value.
    #[arg(long = "option", value_name = "NAME=VALUE", value_parser = option)]
    #[arg(conflicts_with = "doctor")]
    pub(crate) options: Vec<(String, String)>,

    /// Capture every page that is listed in this file, one address a line, and tell
    /// how long each took. Options for this page alone may follow the address, each as
    /// name=value after a space. `-` reads such lines from the standard input as they
    /// come.
    #[arg(long, value_name = "FILE")]
    pub(crate) bench: Option<PathBuf>,

    /// How many captures go on at once.
    #[arg(long, value_name = "N", default_value = "1")]
    #[arg(conflicts_with_all = ["source", "doctor"])]
    pub(crate) concurrency: NonZeroU16,

    /// How often the list is gone through.
    #[arg(long, value_name = "K", default_value = "1")]
    #[arg(conflicts_with_all = ["source", "doctor"])]
    pub(crate) repeat: NonZeroU16,

    /// One JSON object a line.
    #[arg(long, conflicts_with_all = ["source", "doctor"])]
    pub(crate) json: bool,

    /// Tell which Chromium there is, what it can do, and what is missing.
    #[arg(long)]
    pub(crate) doctor: bool,

    /// The Chromium to use: a headless shell. Unless given, `make layer`'s, else one
    /// that is installed.
    #[arg(long, value_name = "PATH", env = "CHROMIUM_PATH")]
    pub(crate) chromium: Option<PathBuf>,

    /// Let pages lie on this machine (127.0.0.1, localhost).
    #[arg(long)]
    pub(crate) allow_loopback: bool,

    /// The memory that there is for everything, in MiB; a page's scripts get a third.
    #[arg(long = "memory", value_name = "MIB", default_value_t = 2_048)]
    #[arg(value_parser = clap::value_parser!(u32).range(512..))]
    pub(crate) memory_mib: u32,
}

impl Cli {
    /// What pages may reach.
    pub(crate) const fn reach(&self) -> Reach {
        if self.allow_loopback { Reach::with_loopback_except(Vec::new()) } else { Reach::public() }
    }
}

/// An option as it is typed.
pub(crate) fn option(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("an option is given as name=value".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_fits_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn what_makes_no_sense_together_is_refused() {
        let good = ["snap e.html -o e.png", "snap --bench - --json", "snap --doctor"];
        for line in good {
            let parsed = Cli::try_parse_from(line.split(' '));
            assert!(parsed.is_ok(), "{line}: {}", parsed.unwrap_err());
        }
        let bad = [
            "snap e.html",
            "snap -o e.png",
            "snap e.html -o e.png --bench urls.txt",
            "snap e.html -o e.png --concurrency 2",
            "snap --bench urls.txt --concurrency 0",
            "snap --doctor -o e.png",
            "snap e.html -o e.png --option full_page",
        ];
        for line in bad {
            assert!(Cli::try_parse_from(line.split(' ')).is_err(), "{line}");
        }
    }

    #[test]
    fn a_value_may_hold_an_equals_sign() {
        let pair = option("wait_for_selector=[a=b]").unwrap();
        assert_eq!(pair, ("wait_for_selector".to_owned(), "[a=b]".to_owned()));
    }
}
