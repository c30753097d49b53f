//! The model with one job: everything holds, and nothing may be left out.

use darkroom_model::{Life, Rule, explore};

#[test]
fn one_job_is_never_lost_nor_charged_twice() {
    let found = explore(Life::SMALL);
    assert_eq!(found.violated, []);
    assert!(found.states > 10_000, "{} states", found.states);
}

#[test]
fn each_rule_is_missed_when_it_is_taken_out() {
    for rule in Rule::ALL {
        let found = explore(Life { without: Some(rule), ..Life::SMALL });
        assert!(!found.violated.is_empty(), "nothing depends on {rule:?}");
    }
}
