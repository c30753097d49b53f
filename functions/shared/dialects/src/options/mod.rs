//! Options as clients write them, in a query, a JSON body or both, read into
//! types with every fault collected.
//!
//! [`Options`] holds what was given, `values` reads single values,
//! `vocabulary` lists the names that ScreenshotOne made common, and
//! `submission` makes a capture of them, in the words of one dialect.

mod body;
mod given;
mod known;
mod query;
mod submission;
mod values;
mod vocabulary;

pub(crate) use given::Options;
pub(crate) use known::{built, later};
pub(crate) use submission::{Defaults, Format, Signature, Wording, read_capture, read_submission};
pub(crate) use values::{text, whole};
pub(crate) use vocabulary::SCREENSHOTONE;

pub use known::{Availability, Known};
