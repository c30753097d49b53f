//! The nouns of Darkroom: what a job is, how it moves, what leaves it.
//!
//! Pure: no AWS, browser, HTTP, async runtime, environment, clock or
//! randomness. Time and random bytes come in as values; whatever does I/O is a
//! trait in [`port`].

pub mod account;
pub mod address;
pub mod artifact;
pub mod cache;
pub mod capture;
pub mod circuit;
pub mod delivery;
pub mod failure;
pub mod id;
pub mod idempotency;
pub mod job;
pub mod key;
pub mod message;
pub mod port;
pub mod report;
pub mod secret;
pub mod settings;
pub mod signature;
pub mod storage;
pub mod time;
pub mod url;
pub mod usage;
pub mod verdict;
