//! The adapters against the local emulator of AWS: that what they write is what
//! they read, over the real wire. What the world's fakes keep too is in `contract.rs`; what
//! only AWS does (conflicts, throttling) is proved in the simulated world.

// Clippy takes a module for a test's by this attribute alone.
#[cfg(test)]
mod accounts;
#[cfg(test)]
mod contract;
#[cfg(test)]
mod deliveries;
#[cfg(test)]
mod emulator;
#[cfg(test)]
mod ground;
#[cfg(test)]
mod jobs;
#[cfg(test)]
mod links;
#[cfg(test)]
mod queues;
#[cfg(test)]
mod results;
