//! The model with one job: everything holds, and nothing may be left out.

use darkroom_model::{Life, Rule, explore};

#[test]
fn one_job_is_never_lost_nor_charged_twice() {
    let found = explore(Life::SMALL);
    assert_eq!(found.violated, []);
    assert!(found.states > 10_000, "{} states", found.states);
}

#[test]
fn a_client_that_waits_gets_a_result_or_pays_nothing() {
    let found = explore(Life { waited_for: 1, ..Life::SMALL });
    assert_eq!(found.violated, []);
    assert!(found.states > 1_000, "{} states", found.states);
}

#[test]
fn of_two_that_share_one_renders_and_the_other_pays_nothing() {
    let found = explore(Life::SMALL_SHARING);
    assert_eq!(found.violated, []);
    assert!(found.states > 1_000, "{} states", found.states);
}

#[test]
fn each_rule_is_missed_when_it_is_taken_out() {
    for rule in Rule::ALL {
        let found = explore(Life::without(rule));
        assert!(!found.violated.is_empty(), "nothing depends on {rule:?}");
    }
}
