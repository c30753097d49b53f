//! The rows, a file for each section of docs/OPTIONS.md.

use std::time::Duration;

use crate::taken::Taken;

pub(crate) mod blocking;
pub(crate) mod changes;
pub(crate) mod clip;
pub(crate) mod emulation;
pub(crate) mod failing;
pub(crate) mod image;
pub(crate) mod metadata;
pub(crate) mod part;
pub(crate) mod pdf;
pub(crate) mod request;
pub(crate) mod source;
pub(crate) mod waiting;
pub(crate) mod window;

/// The rows of each section, by its title.
pub(crate) const SECTIONS: [(&str, &[Row]); 13] = [
    ("Source", source::ROWS),
    ("Image", image::ROWS),
    ("Window and device", window::ROWS),
    ("Part of the page", part::ROWS),
    ("Emulation", emulation::ROWS),
    ("Request", request::ROWS),
    ("Blocking", blocking::ROWS),
    ("Changes to the page", changes::ROWS),
    ("Waiting", waiting::ROWS),
    ("Failing", failing::ROWS),
    ("PDF", pdf::ROWS),
    ("Clip", clip::ROWS),
    ("Metadata", metadata::ROWS),
];

/// What is looked at. A capture that fails is seen as its failure.
pub(crate) type Look = fn(&Taken) -> String;

/// An option on a page on which it shows: what is seen without it, and with it.
#[derive(Clone, Copy)]
pub(crate) struct Row {
    /// As `name=value`; `SITE` stands for the host.
    pub(crate) option: &'static str,
    /// What is given in its place the other time, if anything is.
    pub(crate) other: Option<&'static str>,
    /// What is given both times.
    pub(crate) with: &'static [&'static str],
    /// The path of the page at the host.
    pub(crate) path: &'static str,
    /// The page, where the path leads to it.
    pub(crate) page: &'static str,
    pub(crate) look: Look,
    pub(crate) without: &'static str,
    pub(crate) seen: &'static str,
    /// What must be the same both times.
    pub(crate) alike: Option<Look>,
    /// How long the capture with the option may take.
    pub(crate) within: Duration,
}

/// A row, to be read as a sentence: this option, on this page, turns what is looked
/// at from this into that.
pub(crate) const fn option(option: &'static str) -> Row {
    Row {
        option,
        other: None,
        with: &[],
        path: "/",
        page: "",
        look: size,
        without: "",
        seen: "",
        alike: None,
        within: Duration::MAX,
    }
}

impl Row {
    /// The other time this is given, not nothing.
    pub(crate) const fn instead_of(self, other: &'static str) -> Self {
        Self { other: Some(other), ..self }
    }

    /// These are given both times.
    pub(crate) const fn with(self, with: &'static [&'static str]) -> Self {
        Self { with, ..self }
    }

    pub(crate) const fn on(self, page: &'static str) -> Self {
        Self { page, ..self }
    }

    /// The page, or whatever the host has, lies here.
    pub(crate) const fn at(self, path: &'static str) -> Self {
        Self { path, ..self }
    }

    pub(crate) const fn turns(self, look: Look, from: &'static str, into: &'static str) -> Self {
        Self { look, without: from, seen: into, ..self }
    }

    /// This is the same with the option and without it.
    pub(crate) const fn but_not(self, look: Look) -> Self {
        Self { alike: Some(look), ..self }
    }

    /// The capture with the option has ended after this.
    pub(crate) const fn within_ms(self, millis: u64) -> Self {
        Self { within: Duration::from_millis(millis), ..self }
    }

    /// The option's name.
    pub(crate) fn name(&self) -> &'static str {
        self.option.split_once('=').unwrap().0.trim_end_matches("[]")
    }
}

/// The picture's, in pixels.
pub(crate) fn size(taken: &Taken) -> String {
    let pixels = taken.pixels();
    format!("{}x{}", pixels.width, pixels.height)
}

/// What the page told its host.
pub(crate) fn told(taken: &Taken) -> String {
    taken.told()
}

/// The colour in the upper left corner.
pub(crate) fn colour(taken: &Taken) -> String {
    taken.colour(2, 2)
}
