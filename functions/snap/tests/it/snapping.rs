use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

use crate::site::Site;

#[expect(clippy::disallowed_methods, reason = "the test is of a program")]
fn program(name: &str) -> Command {
    Command::new(name)
}

fn snap<const N: usize>(arguments: [&str; N]) -> Command {
    let mut command = program(env!("CARGO_BIN_EXE_snap"));
    let built = concat!(env!("CARGO_MANIFEST_DIR"), "/../../build/layer/opt/chromium/chromium");
    command.args(arguments).env("CHROMIUM_PATH", chromium().unwrap_or_else(|| built.into()));
    command
}

#[expect(clippy::disallowed_methods, reason = "tests have no config.rs")]
fn chromium() -> Option<String> {
    std::env::var("CHROMIUM_PATH").ok()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn succeed(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    output
}

fn as_text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn the_files_name_tells_the_format_unless_the_option_does() {
    let (site, folder) = (Site::start(), tempfile::tempdir().unwrap());
    let cases: [(&str, &[&str], &[u8]); 4] = [
        ("page.png", &[], b"\x89PNG"),
        ("page.jpg", &["--option", "image_quality=50"], b"\xff\xd8\xff"),
        ("page.PDF", &[], b"%PDF"),
        ("page", &["--option", "format=webp"], b"RIFF"),
    ];
    for (name, options, beginning) in cases {
        let file = folder.path().join(name);
        let url = site.url("/");
        succeed(snap([&url, "-o", as_text(&file), "--allow-loopback"]).args(options));
        let content = std::fs::read(&file).unwrap();
        assert!(content.starts_with(beginning), "{name}: {:?}", &content[..8]);
    }
}

#[test]
fn a_document_in_a_file_is_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let document = folder.path().join("page.html");
    std::fs::write(&document, "<h1>A page</h1>").unwrap();
    let file = folder.path().join("page.png");
    succeed(&mut snap([as_text(&document), "-o", as_text(&file)]));
    assert!(std::fs::read(&file).unwrap().starts_with(b"\x89PNG"));
}

#[test]
fn a_list_of_pages_is_measured_and_summed_up() {
    let (site, folder) = (Site::start(), tempfile::tempdir().unwrap());
    let list = folder.path().join("urls.txt");
    std::fs::write(&list, format!("# two\n{}\n\n{}\n", site.url("/a"), site.url("/b"))).unwrap();
    let arguments = ["--bench", as_text(&list), "--concurrency", "2", "--repeat", "2", "--json"];
    let output = succeed(snap(arguments).arg("--allow-loopback"));
    let lines = text(&output.stdout);
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 5, "{lines:?}");
    for taken in &lines[..4] {
        assert!(taken["ms"].as_f64().unwrap() > 0.0, "{taken}");
        assert!(taken["bytes"].as_u64().unwrap() > 0, "{taken}");
        assert_eq!(taken["error"], Value::Null);
    }
    assert_eq!(lines[4]["captures"], 4);
    assert_eq!(lines[4]["errors"], 0);
    assert!(lines[4]["cpu_s"].as_f64().unwrap() > 0.0, "{}", lines[4]);
}

#[test]
fn a_line_of_a_list_may_have_options_of_its_own() {
    let (site, folder) = (Site::start(), tempfile::tempdir().unwrap());
    let list = folder.path().join("urls.txt");
    let url = site.url("/");
    let lines =
        format!("{url}\n{url} viewport_width=300 viewport_height=200\n{url} fullpage=true\n");
    std::fs::write(&list, lines).unwrap();
    let arguments = ["--bench", as_text(&list), "--json", "--allow-loopback"];
    let output = snap(arguments).args(["--option", "viewport_width=1280"]).output().unwrap();
    let lines = text(&output.stdout);
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let bytes = |line: usize| lines[line]["bytes"].as_u64().unwrap();
    assert!(bytes(1) < bytes(0), "{lines:?}");
    assert!(lines[2]["error"].as_str().unwrap().contains("fullpage"), "{}", lines[2]);
    assert!(lines.iter().take(3).all(|line| line["url"] == url), "{lines:?}");
}

/// A `snap` that takes addresses as they come.
struct Session {
    snap: Child,
    answers: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Session {
    fn start() -> Self {
        let mut snap = snap(["--bench", "-", "--json", "--allow-loopback"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let answers = BufReader::new(snap.stdout.take().unwrap()).lines();
        Self { snap, answers }
    }

    fn ask(&mut self, url: &str) -> Value {
        writeln!(self.snap.stdin.as_mut().unwrap(), "{url}").unwrap();
        serde_json::from_str(&self.answers.next().unwrap().unwrap()).unwrap()
    }

    /// Chromium's first process.
    fn browser(&self) -> PathBuf {
        let threads = std::fs::read_dir(format!("/proc/{}/task", self.snap.id())).unwrap();
        let children: String = threads
            .map(|thread| std::fs::read_to_string(thread.unwrap().path().join("children")).unwrap())
            .collect();
        Path::new("/proc").join(children.split_whitespace().next().unwrap())
    }
}

#[test]
fn addresses_are_answered_as_they_come_and_a_failure_ends_nothing() {
    let (site, mut session) = (Site::start(), Session::start());
    assert_eq!(session.ask(&site.url("/a"))["error"], Value::Null);
    let failed = session.ask(&site.url("/missing"));
    assert!(failed["error"].as_str().unwrap().starts_with("host_error: "), "{failed}");
    assert_eq!(session.ask(&site.url("/a"))["error"], Value::Null);
    drop(session.snap.stdin.take());
    let sum: Value = serde_json::from_str(&session.answers.next().unwrap().unwrap()).unwrap();
    assert_eq!((&sum["captures"], &sum["errors"]), (&3.into(), &1.into()));
    assert!(!session.snap.wait().unwrap().success());
}

#[test]
fn a_snap_that_is_told_to_end_takes_its_browser_along() {
    let (site, mut session) = (Site::start(), Session::start());
    session.ask(&site.url("/a"));
    let browser = session.browser();
    assert!(browser.exists());
    // Waiting for it would close its input, which ends it too.
    let _open = session.snap.stdin.take();
    succeed(program("kill").arg(session.snap.id().to_string()));
    assert!(!session.snap.wait().unwrap().success());
    assert!(!browser.exists(), "{browser:?}");
}

#[test]
fn the_doctor_tells_what_there_is() {
    let output = succeed(&mut snap(["--doctor"]));
    let told = text(&output.stdout);
    for expected in ["Chromium", "version    HeadlessChrome/", "begin-frame", "Latin", "MiB"] {
        assert!(told.contains(expected), "{expected}: {told}");
    }
}

#[test]
fn a_fault_says_what_is_wrong_and_how_to_mend_it() {
    let closed = "http://127.0.0.1:1/";
    let cases: [&[&str]; 9] = [
        &["http://127.0.0.1:1/", "-o", "page.png"],
        &["http://name.invalid/", "-o", "page.png"],
        &[closed, "-o", "page.png", "--allow-loopback"],
        &["no-such-file.html", "-o", "page.png"],
        &["https://example.com", "-o", "page.bmp"],
        &["https://example.com", "-o", "page"],
        &[
            "https://example.com",
            "-o",
            "page.pdf",
            "--option",
            "fullpage=true",
            "--option",
            "image_quality=101",
            "--option",
            "async=true",
        ],
        &["--bench", "no-such-list.txt"],
        &["https://example.com", "-o", "page.png", "--chromium", "/nowhere/chromium"],
    ];
    let told: Vec<String> = cases
        .iter()
        .map(|arguments| {
            let output = snap([]).args(*arguments).output().unwrap();
            assert!(!output.status.success(), "{arguments:?}");
            format!("$ snap {}\n{}", arguments.join(" "), text(&output.stderr))
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"));
}
