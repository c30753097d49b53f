//! What is told of pages as the world has them: refused, failed, blank, half there,
//! covered, and fine.

use std::collections::BTreeMap;

use darkroom_chromium::{ChromiumCamera, ChromiumConfig};
use darkroom_core::capture::{CaptureSpec, HostErrors, Late, Source};
use darkroom_core::port::Camera;
use darkroom_core::verdict::FindingKind;
use futures::{StreamExt, stream};

use crate::studio::{AMPLE, config, full_page, spec, target};
use crate::town::{Here, Plan, Town};

/// A page on which nothing is to be found.
const FINE: &str = "fine";

/// How many pages there are of each label at least.
const LEAST: [(&str, usize); 8] = [
    (FINE, 34),
    ("challenge", 10),
    ("error_page", 10),
    ("blank", 8),
    ("half_loaded", 8),
    ("dialog", 9),
    ("fonts_missing", 6),
    ("images_missing", 7),
];

/// How many of a hundred pages with something wrong are told with exactly that.
const LEAST_TOLD: usize = 95;

/// What was told of a page.
struct Told {
    name: String,
    /// As the page is labelled, in the order of letters.
    expected: Vec<String>,
    /// As it was told, in that order too.
    told: Vec<String>,
    details: Vec<String>,
}

impl Told {
    fn is_right(&self) -> bool {
        self.expected == self.told
    }

    fn is_fine(&self) -> bool {
        self.expected == [FINE]
    }
}

fn order(plan: &Plan, url: &str) -> CaptureSpec {
    let mut spec = spec(Source::Url(target(url)));
    spec.rules.host_errors = HostErrors::Draw;
    if plan.is_drawn_late {
        spec.wait.late = Late::Draw;
    }
    if plan.is_full_page {
        spec.framing = full_page();
    }
    spec
}

async fn tell(camera: &ChromiumCamera, plan: &Plan) -> Told {
    let town = Town::build(plan).await;
    let spec = order(plan, &town.url(""));
    let mut expected = plan.labels.clone();
    expected.sort();
    let name = plan.name.clone();
    let captured = camera.capture(&spec, plan.timeout.unwrap_or(AMPLE)).await;
    let picture = captured.unwrap_or_else(|failure| panic!("{name} has no picture: {failure}"));
    let findings = picture.report.verdict.findings;
    keep(plan, &picture.content.collect().await.unwrap());
    let mut told: Vec<_> = findings.iter().map(|it| it.kind.name().to_owned()).collect();
    told.sort();
    if told.is_empty() {
        told.push(FINE.to_owned());
    }
    let details = findings.into_iter().map(|it| it.detail).collect();
    Told { name, expected, told, details }
}

/// Keeps the picture where somebody wants to look at it.
fn keep(plan: &Plan, picture: &[u8]) {
    let Some(folder) = std::env::var_os("LABEL_PICTURES") else {
        return;
    };
    let file = format!("{}.png", plan.name);
    std::fs::write(std::path::Path::new(&folder).join(file), picture).unwrap();
}

/// What is wrong, page by page, and how many of each label were told right.
fn table(all: &[Told]) -> String {
    let mut lines: Vec<_> = all
        .iter()
        .filter(|it| !it.is_right())
        .map(|it| {
            let Told { name, expected, told, details } = it;
            let (expected, told) = (expected.join(" "), told.join(" "));
            format!("{name:36} | {expected:26} | {told:26} | {}", details.join("; "))
        })
        .collect();
    lines.sort();
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for it in all {
        for label in &it.expected {
            let (right, labelled) = counts.entry(label).or_default();
            *labelled += 1;
            *right += usize::from(it.is_right());
        }
    }
    let counted = counts.iter().map(|(label, (right, all))| format!("{label}: {right} of {all}"));
    lines.extend(counted);
    lines.join("\n")
}

/// The pages, once it is clear that they are enough and labelled in words that there are.
fn pages() -> Vec<Plan> {
    let plans = Plan::all("labels");
    assert!(plans.len() >= 84, "only {} pages", plans.len());
    for plan in &plans {
        assert!(!plan.labels.is_empty(), "{} has no label", plan.name);
        for label in &plan.labels {
            let is_known = label == FINE || FindingKind::from_name(label).is_some();
            assert!(is_known, "{}: {label} is no label", plan.name);
        }
    }
    for (label, least) in LEAST {
        let count = plans.iter().filter(|plan| plan.labels.iter().any(|it| it == label)).count();
        assert!(count >= least, "only {count} pages are labelled {label}");
    }
    plans
}

#[tokio::test]
async fn verdicts_tell_the_pages_of_the_world_apart() {
    let plans = pages();
    let two = ChromiumConfig { at_once: 2.try_into().unwrap(), memory_mib: 4_096, ..config() };
    let camera = ChromiumCamera::start_asking(two, Box::new(Here)).await.unwrap();
    let telling = plans.iter().map(|plan| tell(&camera, plan));
    let all: Vec<_> = stream::iter(telling).buffer_unordered(2).collect().await;
    println!("{}", table(&all));
    let alarms = all.iter().filter(|it| it.is_fine() && !it.is_right()).count();
    assert_eq!(alarms, 0, "something is told of fine pages, see the table");
    let bad: Vec<_> = all.iter().filter(|it| !it.is_fine()).collect();
    let right = bad.iter().filter(|it| it.is_right()).count();
    let all = bad.len();
    assert!(right * 100 >= all * LEAST_TOLD, "{right} of {all} are told right, see the table");
}
