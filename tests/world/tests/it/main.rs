//! The flows in the simulated world: bytes in, bytes out, no AWS, no browser.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests may")]

mod accepting;
mod admitting;
mod asking;
mod bulk;
mod caching;
mod contract;
mod crashes;
mod delivering;
mod directions;
mod following;
mod interleaving;
mod limiting;
mod money;
mod obtaining;
mod postponing;
mod redelivering;
mod rendering;
mod repeating;
mod storing;
mod timing;
mod using;
