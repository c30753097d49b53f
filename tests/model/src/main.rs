//! `make model`: explores the model whole, then without each rule in turn.
#![expect(clippy::print_stdout, reason = "it answers by printing")]

use std::process::ExitCode;
use std::time::Instant;

use darkroom_model::{Life, Rule, explore};

fn main() -> ExitCode {
    let lives = [
        ("the whole design", Life::WHOLE),
        ("with clients that share", Life::SHARING),
        ("with a client that waits", Life::WAITING),
    ];
    let holds = lives.map(|(name, life)| told(name, life)).iter().all(|holds| *holds);
    let mut caught = 0;
    for rule in Rule::ALL {
        caught += usize::from(!told(&format!("without {rule:?}"), Life::without(rule)));
    }
    println!("{caught} of {} rules are missed when they are taken out", Rule::ALL.len());
    if holds && caught == Rule::ALL.len() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Explores a model and tells what was found; whether everything holds.
fn told(name: &str, life: Life) -> bool {
    let began = Instant::now();
    println!(
        "{name}: {} jobs ({} with a callback, {} waited for) on a quota of {}, {} workers, {} copies \
         of a message, any number of crashes and lost replies",
        life.jobs, life.callbacks, life.waited_for, life.quota, life.workers, life.copies
    );
    let found = explore(life);
    for (name, steps) in &found.violated {
        println!("  violated after {steps} steps: {name}");
    }
    let (states, violations) = (found.states, found.violated.len());
    println!("  {states} states, {violations} violations, {:.0} s", began.elapsed().as_secs_f64());
    found.violated.is_empty()
}
