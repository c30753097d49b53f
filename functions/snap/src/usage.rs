//! How much of the processor this process and all of its descendants have used.

use std::fs;
use std::time::Duration;

/// What Linux counts processor time in, for every program: a hundredth of a second
/// (proc(5), `USER_HZ`).
const TICK: Duration = Duration::from_millis(10);

/// The processor time so far. Of processes that have ended only what their parents
/// waited for counts, as Chromium's and ours do.
pub(crate) fn processor_time() -> Duration {
    TICK * u32::try_from(ticks_below(std::process::id())).unwrap_or(u32::MAX)
}

fn ticks_below(process: u32) -> u64 {
    ticks(process) + children(process).into_iter().map(ticks_below).sum::<u64>()
}

/// A process's own time and that of children that it has waited for.
fn ticks(process: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // The name, in parentheses, may hold blanks. utime is the 12th field after it.
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace();
    fields.skip(11).take(4).filter_map(|field| field.parse::<u64>().ok()).sum()
}

fn children(process: u32) -> Vec<u32> {
    let Ok(threads) = fs::read_dir(format!("/proc/{process}/task")) else { return Vec::new() };
    threads
        .flatten()
        .filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok())
        .flat_map(|list| {
            list.split_whitespace().filter_map(|id| id.parse().ok()).collect::<Vec<_>>()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_shows() {
        let before = processor_time();
        let mut sum = 0_u64;
        while processor_time() < before + TICK {
            sum = std::hint::black_box(sum + 1);
        }
        assert!(sum > 0);
    }
}
