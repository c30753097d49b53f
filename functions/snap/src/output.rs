//! What is printed. Nothing else prints.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line answers by printing"
)]

use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use darkroom_core::verdict::Finding;

/// A line of the answer, out at once: whoever reads it may be waiting for it.
pub(crate) fn line(text: &str) {
    println!("{text}");
    // A reader that has gone ends us at the next line.
    let _gone = std::io::stdout().flush();
}

/// That a picture was taken; apart from the answer, which is the file.
pub(crate) fn taken(file: &Path, bytes: usize, took: Duration) {
    eprintln!("{}: {bytes} bytes in {} ms", file.display(), took.as_millis());
}

/// What is wrong with a picture.
pub(crate) fn found(file: &Path, finding: &Finding) {
    eprintln!("{}: {}: {}", file.display(), finding.kind.name(), finding.detail);
}

/// Why there is no answer.
pub(crate) fn fault(fault: &anyhow::Error) {
    eprintln!("snap: {fault:#}");
}
