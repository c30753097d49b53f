//! `make simulate`: schedule after schedule in the simulated world, and what went wrong in
//! them, on every processor there is.
#![expect(clippy::print_stdout, reason = "it answers by printing")]

use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use darkroom_world::simulation::{Outcome, simulate};
use darkroom_world::{Fault, Tally};

/// Violated seeds after which it gives up, having told them.
const ENOUGH: usize = 10;

/// What came of all schedules.
#[derive(Default)]
struct Sum {
    seeds: u64,
    tally: Tally,
    violated: Vec<(u64, Vec<String>)>,
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse::<u64>());
    let seeds = match (arguments.next(), arguments.next()) {
        (Some(Ok(seeds)), None) => 0..seeds,
        (Some(Ok(first)), Some(Ok(end))) => first..end,
        _ => {
            println!("usage: simulate SEEDS | simulate FIRST END");
            return ExitCode::FAILURE;
        }
    };
    // A violation is told once, with its seed.
    panic::set_hook(Box::new(|_| {}));
    let sum = run(seeds.start, seeds.end);
    let mut violated = sum.violated;
    violated.sort_unstable();
    for (seed, violations) in &violated {
        println!("seed {seed}: {}", violations.join("\n  "));
    }
    println!("{} seeds, {} violations: {}", sum.seeds, violated.len(), told(&sum.tally));
    if violated.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn run(first: u64, end: u64) -> Sum {
    let next = AtomicU64::new(first);
    let sum = Mutex::new(Sum::default());
    let workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= end {
                        break;
                    }
                    let outcome = outcome(seed);
                    let mut sum = sum.lock().unwrap_or_else(PoisonError::into_inner);
                    sum.seeds += 1;
                    sum.tally += outcome.tally;
                    if !outcome.violations.is_empty() {
                        sum.violated.push((seed, outcome.violations));
                    }
                    if sum.violated.len() >= ENOUGH {
                        break;
                    }
                }
            });
        }
    });
    sum.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// What came of one schedule; what panics in it is a violation.
fn outcome(seed: u64) -> Outcome {
    panic::catch_unwind(AssertUnwindSafe(|| simulate(seed))).unwrap_or_else(|cause| {
        let text = cause.downcast_ref::<String>().cloned();
        let text = text.or_else(|| cause.downcast_ref::<&str>().map(|&text| text.to_owned()));
        let violations = vec![text.unwrap_or_else(|| "it panicked".to_owned())];
        Outcome { tally: Tally::default(), violations }
    })
}

fn told(tally: &Tally) -> String {
    let of = |fault| tally.faults.of(fault);
    format!(
        "{} crashes ({} before a call's effect, {} after it, {} by a function's time-out), \
         {} lost replies, {} calls repeated by their client, {} refused, {} throttled, {} slow; \
         {} stalls, {} duplicates, {} turns beside others of {}",
        tally.crashes(),
        of(Fault::CrashBefore),
        of(Fault::CrashAfter),
        tally.timeouts,
        of(Fault::ReplyLost),
        of(Fault::Repeated),
        of(Fault::Refused),
        of(Fault::Throttled),
        of(Fault::Slow),
        tally.stalls,
        tally.duplicates,
        tally.crowded,
        tally.turns,
    )
}
