//! docs/ERRORS.md lists every code that a client can get.

use std::collections::BTreeSet;

use darkroom_core::failure::{Failure, FailureKind};
use darkroom_core::job::{Dialect, JobState};
use darkroom_dialects::Tongue;
use serde_json::Value;

use crate::support::{failed, job, noon, refusals, trace};

const PAGE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../docs/ERRORS.md"));

#[test]
fn every_code_of_every_tongue_is_on_the_errors_page() {
    for tongue in [Tongue::Nodium, Tongue::ScreenNabster, Tongue::Darkroom] {
        for code in codes(tongue) {
            assert!(PAGE.contains(&format!("`{code}`")), "{code} of {tongue:?} is missing");
        }
    }
}

/// The codes of all refusals and of all ends of a job that are failures.
fn codes(tongue: Tongue) -> BTreeSet<String> {
    let refused = refusals().into_iter().map(|refusal| {
        let answer = darkroom_dialects::refuse(tongue, &refusal, trace());
        let body: Value = serde_json::from_slice(answer.body()).unwrap();
        text(&body, &["/code", "/error/code"])
    });
    let kinds = FailureKind::ALL.map(|kind| failed(Failure::plain(kind)));
    let failures = kinds.into_iter().map(|state| {
        let answer = darkroom_dialects::status(tongue, &job(Dialect::Nodium, state), None);
        let body: Value = serde_json::from_slice(answer.body()).unwrap();
        text(&body, &["/error_code", "/failure/kind"])
    });
    let rejected = job(Dialect::Nodium, JobState::Rejected { at: noon() });
    let rejected = darkroom_dialects::status(tongue, &rejected, None);
    let rejected: Value = serde_json::from_slice(rejected.body()).unwrap();
    let rejected = text(&rejected, &["/error_code", "/state"]);
    refused.chain(failures).chain([rejected]).collect()
}

fn text(body: &Value, pointers: &[&str]) -> String {
    let found = pointers.iter().find_map(|pointer| body.pointer(pointer)?.as_str());
    found.unwrap_or_else(|| panic!("{body} has none of {pointers:?}")).to_owned()
}
