//! The command as its operator runs it, against a stack on the local emulator.

// Clippy takes a module for a test's by this attribute alone.
#[cfg(test)]
mod accounts;
#[cfg(test)]
mod deployed;
#[cfg(test)]
#[path = "../../../../functions/shared/aws/tests/it/emulator.rs"]
mod emulator;
#[cfg(test)]
mod jobs;
#[cfg(test)]
mod signer;
#[cfg(test)]
mod tampered;
