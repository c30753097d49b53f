//! The simulated world: a fake of every port on one virtual clock.
//!
//! It keeps jobs, the ledger, queues, the bucket, a camera and a receiver in
//! memory, with the conditional writes and the visibility timeouts of the real
//! services, and drives the flows as the functions' doors do. Any call to a
//! port can be refused or throttled before its effect, take long, lose its reply,
//! be repeated by the service's client, or be the last thing that its function did.
//!
//! A run takes one message after the other, or lets functions stand beside one
//! another ([`World::interleave`]). What must hold at its end is told by
//! [`World::violations`]; [`simulation`] draws a whole schedule from a seed.
//!
//! What AWS does beyond this (the ten minutes of a transaction's token, expiring
//! links) isn't simulated. `tests/contract` holds the rest to what the adapters do.

mod accounts;
mod artifacts;
mod camera;
mod circuits;
pub mod fault;
pub mod interleave;
mod invariants;
mod job_store;
pub mod notifiers;
mod queue;
mod receiver;
mod renderer;
pub mod requests;
pub mod simulation;
mod state;
mod storage;
pub mod world;

pub use fault::{Fault, Faults};
pub use interleave::{Concurrency, Tally, Weather};
pub use queue::Receipt;
pub use receiver::{Received, Reply};
pub use storage::Deposit;
pub use world::{Customer, World};
