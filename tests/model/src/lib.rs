//! A job's life as a model, small enough to be explored whole: what the flows do, reduced to
//! the writes and messages on which nothing-lost-nothing-charged-twice rests.
//!
//! What is left out, and why that loses nothing:
//!
//! - Time. A lease may lapse at any moment, a message may come at any moment, and whoever holds
//!   one may stand still as long as it likes. Two spans are taken for granted: a watchdog's
//!   first look comes when its request's function is dead, and a notifier whose lease has
//!   lapsed doesn't send any more (`send_by`). `make simulate` proves what depends on spans, on
//!   the flows themselves.
//! - Reads before a conditional write. Where something else was written in between, the write
//!   does nothing and the message comes back: as if nothing had been read.
//! - The janitor's crashes and lost replies: its message stays until nothing is left to do, so
//!   that each look is one step, or none.

mod api;
mod explore;
mod job;
mod model;
mod work;

pub use explore::{Found, explore};
pub use model::{Life, Rule};
