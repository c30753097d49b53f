//! What is told of a page beside its picture, wherever a result is told.

use bytes::Bytes;
use darkroom_core::artifact::{ArtifactFile, ByteSize, FileKind, Link, ResultLinks};
use darkroom_core::capture::Markup;
use darkroom_core::job::{Dialect, JobState};
use darkroom_core::report::{Datum, FontStack, Icon, PixelSize, Property, Report};
use darkroom_core::verdict::{Finding, FindingKind, Verdict};
use darkroom_dialects::{Tongue, empty, file, job as in_full, linked, status, webhook};
use http::Response;
use serde_json::Value;

use crate::support::{completed, fresh_link, job, posted, written};

fn property(name: &str, value: &str) -> Property {
    Property { name: name.to_owned(), value: value.to_owned() }
}

fn report() -> Report {
    let stack = FontStack {
        first: "Jost".to_owned(),
        fallback: vec!["-apple-system".to_owned()],
        elements: vec!["div".to_owned(), "span".to_owned()],
    };
    let detail = "2 of 5 images in view are missing".to_owned();
    let icon = Icon {
        url: "https://example.com/i.svg".to_owned(),
        media_type: Some("image/svg+xml".to_owned()),
    };
    let images = [property("image", "a.png"), property("image", "b.png"), property("image", "c")];
    Report {
        verdict: Verdict { findings: vec![Finding { kind: FindingKind::ImagesMissing, detail }] },
        status: Some(200),
        metadata: vec![
            Datum::ImageSize(Some(PixelSize { width: 1_280, height: 800 })),
            Datum::Fonts(vec![stack]),
            Datum::PageTitle("Straße & «more»".to_owned()),
            Datum::OpenGraph([property("title", "T")].into_iter().chain(images).collect()),
            Datum::Icon(Some(icon)),
            Datum::StatusCode,
            Datum::Headers(vec![property("server", "nginx"), property("vary", "a")]),
            Datum::Verdict,
        ],
    }
}

/// A result of which everything is told, with a link to each file.
fn told_of() -> (JobState, ResultLinks) {
    let mut state = completed();
    let JobState::Completed { artifact, .. } = &mut state else { panic!() };
    let kinds =
        [FileKind::Content(Markup::Html), FileKind::Har, FileKind::Console, FileKind::Waterfall];
    let size = ByteSize::from_bytes(81_920);
    artifact.files = kinds.map(|kind| ArtifactFile { kind, size }).to_vec();
    artifact.report = report();
    let link = |kind: FileKind| Link {
        url: format!("https://bucket.example/{}?sig=1", kind.name()),
        ..fresh_link()
    };
    let files = kinds.map(link).to_vec();
    (state, ResultLinks { main: fresh_link(), files })
}

#[test]
fn whoever_asks_is_told_what_was_asked_for() {
    let mut told = String::new();
    for (dialect, tongue) in
        [(Dialect::Nodium, Tongue::Nodium), (Dialect::ScreenNabster, Tongue::ScreenNabster)]
    {
        let (state, links) = told_of();
        let job = job(dialect, state);
        told += &written(&status(tongue, &job, Some(&links)));
        told += &written(&linked(&job, Some(&links), false));
        told += &written(&empty(&job, Some(&links)));
        told += &posted(&webhook(&job, None).unwrap());
    }
    insta::assert_snapshot!(told);
}

#[test]
fn our_own_api_tells_it_too() {
    let (state, links) = told_of();
    let job = job(Dialect::Nodium, state);
    let told: Value = serde_json::from_slice(in_full(&job, Some(&links)).body()).unwrap();
    insta::assert_snapshot!(serde_json::to_string_pretty(&told["result"]).unwrap());
}

/// The seeds' answers have no word of a page of which nothing was asked: only a header tells
/// what was seen.
#[test]
fn where_nothing_was_asked_a_header_alone_tells_what_was_seen() {
    for (dialect, tongue, prefix) in [
        (Dialect::Nodium, Tongue::Nodium, "x-nodium"),
        (Dialect::ScreenNabster, Tongue::ScreenNabster, "x-screennabster"),
    ] {
        let job = job(dialect, completed());
        let answers = [status(tongue, &job, None), linked(&job, None, false), empty(&job, None)];
        let head = file(&job, None, None).map(|()| Bytes::new());
        for answer in answers.iter().chain([&head]) {
            assert_eq!(answer.headers()[&format!("{prefix}-verdict")], "fine");
            assert!(!String::from_utf8_lossy(answer.body()).contains("verdict"));
        }
        let webhook = webhook(&job, None).unwrap();
        let header = webhook.headers.iter().find(|(name, _)| name.ends_with("-verdict"));
        assert_eq!(header.unwrap(), &(format!("{prefix}-verdict"), "fine".to_owned()));
    }
}

/// What no client takes in its headers is in JSON alone.
#[test]
fn a_header_is_never_long() {
    let (mut state, links) = told_of();
    let JobState::Completed { artifact, .. } = &mut state else { panic!() };
    let long = "ü".repeat(700);
    artifact.report.metadata =
        vec![Datum::PageTitle(long.clone()), Datum::OpenGraph(vec![property("title", "T")])];
    let job = job(Dialect::Nodium, state);
    let answer: Response<Bytes> = empty(&job, Some(&links));
    assert!(!answer.headers().contains_key("x-nodium-page-title"));
    assert_eq!(answer.headers()["x-nodium-open-graph"], "%7B%22title%22%3A%22T%22%7D");
    let told: Value =
        serde_json::from_slice(status(Tongue::Nodium, &job, Some(&links)).body()).unwrap();
    assert_eq!(told["metadata"]["page_title"], long);
}
