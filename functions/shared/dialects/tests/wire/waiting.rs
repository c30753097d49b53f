//! Clients that wait: how they want to be answered, and how they are.

use darkroom_core::failure::{Failure, FailureKind};
use darkroom_core::job::{Dialect, JobState, Mode};
use darkroom_dialects::{Answer, AttachmentName, elsewhere, empty, failed as told, file};

use crate::support::{completed, failed, faults, fresh_link, job, request, submission, written};

const NODIUM: &str = "/api/v1/screenshot/take";
const SCREENNABSTER: &str = "/api/v1/capture";

fn answer_of(path: &str, options: &str) -> Answer {
    let body = format!(r#"{{"url": "https://example.com"{options}}}"#);
    submission(&request("POST", path, &body)).answer
}

fn faults_of(path: &str, options: &str) -> Vec<String> {
    let body = format!(r#"{{"url": "https://example.com"{options}}}"#);
    faults(&request("POST", path, &body))
}

fn done(dialect: Dialect, state: JobState) -> darkroom_core::job::Job {
    let mut job = job(dialect, state);
    job.order.mode = Mode::Synchronous;
    job
}

#[test]
fn whoever_does_not_ask_for_a_job_waits_for_the_result() {
    for path in [NODIUM, SCREENNABSTER] {
        assert_eq!(answer_of(path, ""), Answer::File(None));
        assert_eq!(answer_of(path, r#", "async": false"#), Answer::File(None));
        assert_eq!(answer_of(path, r#", "response_type": "json""#), Answer::Json);
        assert_eq!(answer_of(path, r#", "response_type": "empty""#), Answer::Empty);
        assert_eq!(answer_of(path, r#", "async": true"#), Answer::Accepted);
        let json = r#", "async": true, "response_type": "json""#;
        assert_eq!(answer_of(path, json), Answer::Accepted);
        let named = answer_of(path, r#", "attachment_name": "Bäume 1.png""#);
        assert_eq!(named, Answer::File(AttachmentName::parse("Bäume 1.png")));
    }
    assert_eq!(answer_of(SCREENNABSTER, r#", "background": true"#), Answer::Accepted);
}

#[test]
fn what_a_client_that_waits_cannot_have_is_refused() {
    let name = "`attachment_name` must be a file's name of 1 to 200 characters, without slashes";
    let nameless =
        "`attachment_name` has no meaning where the answer isn't the result itself; leave it out";
    for (options, expected) in [
        (r#", "timeout": 91"#, "`timeout` must be at most 90 unless `async` is true"),
        (
            r#", "async": true, "response_type": "empty""#,
            "`response_type` must be by_format or json where the answer is a job",
        ),
        (r#", "attachment_name": "a/b""#, name),
        (r#", "attachment_name": """#, name),
        (r#", "attachment_name": "a\nb""#, name),
        (r#", "attachment_name": "a", "response_type": "json""#, nameless),
        (r#", "attachment_name": "a", "async": true"#, nameless),
    ] {
        assert_eq!(faults_of(NODIUM, options), [expected], "{options}");
    }
    let long = faults_of(SCREENNABSTER, r#", "timeout": 91"#);
    assert_eq!(long, ["`timeout` must be at most 90 unless `background` is true"]);
    assert_eq!(
        submission(&request("POST", NODIUM, r#"{"url": "https://example.com", "timeout": 90}"#))
            .timeout
            .as_secs(),
        90
    );
}

#[test]
fn a_result_comes_with_what_is_known_of_it() {
    let nodium = done(Dialect::Nodium, completed());
    let head = file(&nodium, None, None).map(|()| bytes::Bytes::from_static(b"(the file)"));
    insta::assert_snapshot!(written(&head));
    let screennabster = done(Dialect::ScreenNabster, completed());
    let head = file(&screennabster, None, None).map(|()| bytes::Bytes::from_static(b"(the file)"));
    insta::assert_snapshot!(written(&head));
    insta::assert_snapshot!(written(&empty(&nodium, None)));
    insta::assert_snapshot!(written(&elsewhere(&nodium, None, &fresh_link())));
}

#[test]
fn a_name_to_save_under_is_spelt_so_that_every_client_reads_it() {
    for (name, expected) in [
        ("page.png", r#"attachment; filename="page.png""#),
        ("a b;c.png", r#"attachment; filename="a b;c.png""#),
        ("Bäume.png", r#"attachment; filename="B_ume.png"; filename*=UTF-8''B%C3%A4ume.png"#),
        (r#"a"b%.png"#, r#"attachment; filename="a_b_.png"; filename*=UTF-8''a%22b%25.png"#),
    ] {
        let job = done(Dialect::Nodium, completed());
        let head = file(&job, None, AttachmentName::parse(name).as_ref());
        assert_eq!(head.headers()["content-disposition"], expected);
    }
}

#[test]
fn a_failure_is_told_with_its_status_and_code() {
    let mut statuses = String::new();
    for kind in FailureKind::ALL {
        let job = done(Dialect::Nodium, failed(Failure::plain(kind)));
        let answer = told(&job);
        let code = answer.headers()["x-nodium-error-code"].to_str().unwrap();
        statuses.push_str(&format!("{} {} {code}\n", kind.name(), answer.status().as_u16()));
    }
    insta::assert_snapshot!(statuses);
    let failure = || failed(Failure::plain(FailureKind::Timeout));
    insta::assert_snapshot!(written(&told(&done(Dialect::Nodium, failure()))));
    insta::assert_snapshot!(written(&told(&done(Dialect::ScreenNabster, failure()))));
    let expired = done(Dialect::Nodium, failed(Failure::plain(FailureKind::Expired)));
    assert_eq!(told(&expired).headers()["retry-after"], "2");
}
