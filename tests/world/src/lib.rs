//! The simulated world: a fake of every port on one virtual clock.
//!
//! It keeps jobs, the ledger, queues, the bucket, a camera and a receiver in
//! memory, with the conditional writes and the visibility timeouts of the real
//! services, and drives the flows as the functions' doors do. Any call to a
//! port can be made to fail before its effect, to lose its reply, or to be the
//! last thing that its function did.
//!
//! What AWS does beyond this (transaction tokens and conflicts, expiring links,
//! the limit of messages in flight) isn't simulated. Nor do two flows interleave:
//! each runs to its end or its crash, so a race is met as a crash or a duplicate.

mod accounts;
mod artifacts;
mod camera;
pub mod fault;
mod job_store;
mod queue;
mod receiver;
mod state;
pub mod world;

pub use fault::Fault;
pub use receiver::Received;
pub use world::{Customer, World};
