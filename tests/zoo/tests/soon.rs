//! The part of `make zoo` that needs no waiting.

use std::process::Command;

#[test]
fn receivers_that_end_soon_stay_within_their_bounds() {
    #[expect(clippy::disallowed_methods, reason = "senders are processes of their own")]
    let mut zoo = Command::new(env!("CARGO_BIN_EXE_zoo"));
    let done = zoo.arg("soon").output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stdout));
}
