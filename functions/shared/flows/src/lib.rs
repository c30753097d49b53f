//! The verbs of Darkroom: what each function does with one event, over ports.
//!
//! A door turns an event into core or `http` types, calls one flow, and turns
//! its answer back. Every `if` about jobs is here or in core.

mod admit;
pub mod bulk;
pub mod capture;
pub mod deliver;
pub mod deliveries;
mod deposit;
pub mod ending;
pub mod follow;
pub mod jobs;
mod mail;
pub mod obtain;
mod postpone;
mod recall;
mod refusal;
pub mod serve;
pub mod share;
pub mod status;
pub mod submit;
pub mod usage;
