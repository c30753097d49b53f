//! Exploring a model whole.

use stateright::{Checker as _, Expectation, Model as _};

use crate::model::Life;

/// What was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// Different states, of jobs and workers in whatever order one.
    pub states: usize,
    /// What doesn't hold, with the number of steps that lead there; what is never reached,
    /// with 0.
    pub violated: Vec<(&'static str, usize)>,
}

/// Every state that there can be, on every processor there is.
#[must_use]
pub fn explore(life: Life) -> Found {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let checker = life.checker().threads(threads).spawn_bfs().join();
    let paths = checker.discoveries();
    let properties = checker.model().properties();
    let violated = properties.iter().filter_map(|property| {
        let path = paths.get(property.name);
        let steps = path.map(|path| path.clone().into_actions().len());
        match property.expectation {
            Expectation::Always => steps,
            Expectation::Sometimes | Expectation::Eventually => steps.is_none().then_some(0),
        }
        .map(|steps| (property.name, steps))
    });
    Found { states: checker.unique_state_count(), violated: violated.collect() }
}
