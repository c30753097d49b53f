//! The adapters against the local emulator of AWS: that what they write is what
//! they read, over the real wire. What only AWS does (conflicts, throttling) is
//! proved in the simulated world.

mod accounts;
mod deliveries;
mod emulator;
mod jobs;
mod links;
mod orders;
mod queues;
mod results;
