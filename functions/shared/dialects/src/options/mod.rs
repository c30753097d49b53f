//! Options as clients write them, in a query, a JSON body or both, read into
//! types with every fault collected.
//!
//! [`Options`] holds what was given, `values` reads single values, `known` is what
//! an option's table tells. One file per question, as in core's `capture`, holds
//! the table of its options and their reading; `vocabulary` lists them all and
//! what is left out; `submission` makes a capture of them.

mod blocking;
mod body;
mod cache;
mod changes;
mod clip;
mod cookie;
mod delivery;
mod device;
mod emulation;
mod framing;
mod given;
pub(crate) mod idempotency;
mod image;
mod inquiry;
mod kind;
mod known;
mod pdf;
pub(crate) mod query;
mod request;
mod rules;
mod source;
mod storage;
mod submission;
mod values;
mod viewport;
mod vocabulary;
mod wait;

pub(crate) use delivery::Signature;
pub(crate) use device::all as devices;
pub(crate) use given::{Options, plain_name};
pub(crate) use kind::{Kind, Still};
pub(crate) use known::{Words, built, left_out};
pub(crate) use submission::{Defaults, Manner, read_capture, read_item, read_submission};
pub(crate) use values::{Raw, Reading, Wrong, choice, text, whole};
pub(crate) use vocabulary::SECTIONS;

pub use known::{Alias, Availability, Known, Origin, Section};
