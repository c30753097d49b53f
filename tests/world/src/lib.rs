//! The simulated world: a fake of every port on one virtual clock.
//!
//! It keeps jobs, the ledger, queues, the bucket, a camera and a receiver in
//! memory, with the conditional writes and the visibility timeouts of the real
//! services, and drives the flows as the functions' doors do. Any call to a
//! port can be made to fail before its effect, to lose its reply, or to be the
//! last thing that its function did.
//!
//! A run takes one message after the other, or lets functions stand beside one
//! another ([`World::interleave`]).
//!
//! What AWS does beyond this (transaction tokens and conflicts, expiring links,
//! the limit of messages in flight) isn't simulated.

mod accounts;
mod artifacts;
mod camera;
pub mod fault;
pub mod interleave;
mod job_store;
mod queue;
mod receiver;
mod state;
pub mod world;

pub use fault::Fault;
pub use interleave::Tally;
pub use receiver::Received;
pub use world::{Customer, World};
