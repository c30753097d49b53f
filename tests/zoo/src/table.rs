//! What is printed of a receiver, and whether the bounds hold.

use crate::receivers::Receiver;
use crate::sender::Report;

/// As much live heap may a webhook take, its body's pieces included.
const MAX_HEAP_BYTES: usize = 256_000;

/// As much of an answer may be read.
const MAX_ANSWER_BYTES: u64 = 16 * 1024;

/// The names of the columns, and the bounds that are the same for all.
pub(crate) fn head() -> String {
    format!(
        "{:<50} {:>7} {:>7} {:>7} {:>8} {:>9}  {:<32} then\n{:>83} {MAX_ANSWER_BYTES:>9}",
        "receiver",
        "body KB",
        "s",
        "bound",
        "heap KB",
        "answer B",
        "recorded",
        MAX_HEAP_BYTES / 1000,
    )
}

/// Whether a report is as it must be.
pub(crate) fn holds(receiver: &Receiver, report: &Report) -> bool {
    report.took <= receiver.within
        && report.heap_bytes <= MAX_HEAP_BYTES
        && report.answer_bytes <= MAX_ANSWER_BYTES
        && report.outcome == receiver.outcome
        && report.verdict == receiver.verdict
}

/// A receiver's row.
pub(crate) fn row(receiver: &Receiver, report: &Report) -> String {
    let end = if holds(receiver, report) {
        "holds".to_owned()
    } else {
        format!("MISSED (expected {}, {})", receiver.outcome, receiver.verdict)
    };
    format!(
        "{:<50} {:>7} {:>7.2} {:>7.1} {:>8} {:>9}  {:<32} {:<17} {end}",
        receiver.name,
        receiver.body_bytes / 1000,
        report.took.as_secs_f64(),
        receiver.within.as_secs_f64(),
        report.heap_bytes.div_ceil(1000),
        report.answer_bytes,
        report.outcome,
        report.verdict,
    )
}
