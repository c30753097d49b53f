//! What is told of how a page came: an HTTP Archive, its console, and a waterfall.

use std::time::Duration;

use darkroom_core::artifact::FileKind;
use darkroom_core::capture::{
    Canvas, CaptureSpec, Clip, Container, Determinism, Fact, Header, Inquiry, Output, Record,
    Source, UrlPattern,
};
use darkroom_core::port::Camera;
use darkroom_core::report::Datum;
use darkroom_core::secret::SecretText;
use darkroom_core::time::Timestamp;
use serde_json::{Value, json};
use xmlparser::{ElementEnd, Token, Tokenizer};

use crate::site::{Site, html};
use crate::studio::{AMPLE, Studio, document, wait_for};

/// The records of a capture.
struct Records {
    har: Value,
    console: Value,
    waterfall: String,
}

async fn record(studio: &Studio, spec: &CaptureSpec) -> Records {
    let mut spec = spec.clone();
    spec.inquiry.records = [Record::Har, Record::Console, Record::Waterfall].into();
    let picture = studio.camera.capture(&spec, AMPLE).await.unwrap();
    let kinds: Vec<_> = picture.extras.iter().map(|extra| extra.kind).collect();
    assert_eq!(kinds, [FileKind::Har, FileKind::Console, FileKind::Waterfall]);
    let [har, console, waterfall] =
        [0, 1, 2].map(|file| String::from_utf8(picture.extras[file].content.to_vec()).unwrap());
    let records = Records {
        har: serde_json::from_str(&har).unwrap(),
        console: serde_json::from_str(&console).unwrap(),
        waterfall,
    };
    records.check();
    records
}

impl Records {
    /// What is true of all of them: relations of times, and rows that say the same as
    /// entries.
    fn check(&self) {
        let log = &self.har["log"];
        assert_eq!(log["version"], "1.2");
        let creator = json!({ "name": "Darkroom", "version": env!("CARGO_PKG_VERSION") });
        assert_eq!(log["creator"], creator);
        assert_eq!(log["browser"]["name"], "Chromium");
        assert_eq!(log["browser"]["version"].as_str().unwrap().split('.').count(), 4);
        let page = &log["pages"][0];
        assert_eq!(page["id"], "page_1");
        let start = millis(&page["startedDateTime"]);
        let [read, loaded] =
            ["onContentLoad", "onLoad"].map(|name| page["pageTimings"][name].as_f64().unwrap());
        assert!(read > 0.0 && loaded >= read, "{page}");
        let rows = rows(&self.waterfall);
        assert_eq!(rows.len(), self.entries().len());
        let mut before = start;
        for (entry, row) in self.entries().iter().zip(rows) {
            let started = millis(&entry["startedDateTime"]);
            assert!(started >= before, "{entry}");
            before = started;
            let time = check_timings(entry);
            assert_eq!(entry["pageref"], "page_1");
            assert_eq!(entry["cache"], json!({}));
            assert_eq!(Value::from(row.of("data-url")), entry["request"]["url"]);
            assert_eq!(Value::from(row.of("data-method")), entry["request"]["method"]);
            assert_eq!(row.of("data-status"), entry["response"]["status"].to_string());
            assert_eq!(row.of("data-bytes"), entry["response"]["_transferSize"].to_string());
            assert!((row.number("data-time-ms") - time).abs() < 0.001, "{entry}");
            assert!((row.number("data-start-ms") - (started - start)).abs() <= 1.0, "{entry}");
            let is_failed = entry.get("_error").is_some()
                || entry["response"]["status"].as_u64().unwrap() >= 400;
            assert_eq!(row.of("class").contains("failed"), is_failed, "{entry}");
        }
    }

    fn entries(&self) -> &Vec<Value> {
        self.har["log"]["entries"].as_array().unwrap()
    }

    /// The entries whose addresses end so.
    fn of(&self, end: &str) -> Vec<&Value> {
        let ends = |entry: &&Value| entry["request"]["url"].as_str().unwrap().ends_with(end);
        self.entries().iter().filter(ends).collect()
    }

    fn one(&self, end: &str) -> &Value {
        let [entry] = self.of(end)[..] else { panic!("{end}: {}", self.har) };
        entry
    }

    /// What was written to the console, without when.
    fn messages(&self) -> Vec<Value> {
        assert_eq!(self.console["left_out"], 0);
        let mut messages = self.console["messages"].as_array().unwrap().clone();
        for message in &mut messages {
            assert!(message["at_ms"].take().is_u64());
            message.as_object_mut().unwrap().remove("at_ms");
        }
        messages
    }
}

/// A request's time, which is that of its phases together.
fn check_timings(entry: &Value) -> f64 {
    let timing = |name: &str| entry["timings"][name].as_f64().unwrap();
    let sum: f64 = ["blocked", "dns", "connect", "send", "wait", "receive"]
        .map(timing)
        .into_iter()
        .filter(|&took| took > 0.0)
        .sum();
    let time = entry["time"].as_f64().unwrap();
    assert!((sum - time).abs() < 0.001, "{entry}");
    for always in ["send", "wait", "receive"] {
        assert!(timing(always) >= 0.0, "{entry}");
    }
    // There is no TLS here, and the proxy looks up the names.
    assert_eq!((timing("ssl"), timing("dns")), (-1.0, -1.0), "{entry}");
    time
}

fn millis(time: &Value) -> f64 {
    Timestamp::parse_rfc3339(time.as_str().unwrap()).unwrap().as_millis() as f64
}

/// The values of the headers of this name, in any case.
fn headers<'a>(message: &'a Value, name: &str) -> Vec<&'a str> {
    let all = message["headers"].as_array().unwrap().iter();
    let named = all.filter(|it| it["name"].as_str().unwrap().eq_ignore_ascii_case(name));
    named.map(|header| header["value"].as_str().unwrap()).collect()
}

/// An entry without its times and headers.
fn bare(entry: &Value) -> Value {
    let mut entry = entry.clone();
    for name in ["pageref", "startedDateTime", "time", "timings", "cache"] {
        entry.as_object_mut().unwrap().remove(name).unwrap();
    }
    for message in ["request", "response"] {
        entry[message].as_object_mut().unwrap().remove("headers").unwrap();
    }
    entry
}

/// A request as an entry has it.
fn request(method: &str, url: &str, query: &[(&str, &str)]) -> Value {
    let query: Vec<_> =
        query.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
    json!({
        "method": method, "url": url, "httpVersion": "HTTP/1.1", "cookies": [],
        "queryString": query, "headersSize": -1, "bodySize": 0,
    })
}

/// An answer as an entry has it.
fn response(status: u16, text: &str, media_type: &str, size: usize, transferred: &Value) -> Value {
    json!({
        "status": status, "statusText": text, "httpVersion": "HTTP/1.1", "cookies": [],
        "content": { "size": size, "mimeType": media_type }, "redirectURL": "",
        "headersSize": -1, "bodySize": size, "_transferSize": transferred,
    })
}

/// A row of a waterfall: its attributes.
#[derive(Default)]
struct Row(Vec<(String, String)>);

impl Row {
    fn of(&self, name: &str) -> &str {
        &self.0.iter().find(|(own, _)| own == name).unwrap().1
    }

    fn number(&self, name: &str) -> f64 {
        self.of(name).parse().unwrap()
    }
}

fn rows(svg: &str) -> Vec<Row> {
    let plain = |text: &str| text.replace("&#39;", "'").replace("&amp;", "&");
    let mut rows = Vec::new();
    let mut row = None;
    for token in Tokenizer::from(svg) {
        match token.unwrap() {
            Token::ElementStart { local, .. } => row = (local == "g").then(Row::default),
            Token::Attribute { local, value, .. } => {
                if let Some(Row(attributes)) = &mut row {
                    attributes.push((local.to_string(), plain(&value)));
                }
            }
            Token::ElementEnd { end: ElementEnd::Open, .. } => rows.extend(row.take()),
            _other => {}
        }
    }
    rows.retain(|row| row.of("class").starts_with("request"));
    rows
}

const HTML: &str = "text/html; charset=utf-8";

#[tokio::test]
async fn redirects_are_an_entry_each() {
    let studio = Studio::open().await;
    let to = html("<title>here</title><img src=/redirect?/red.png>");
    let records = record(&studio, &studio.spec(&format!("/redirect?/redirect?{to}"))).await;
    let urls: Vec<_> = records.entries().iter().map(|it| &it["request"]["url"]).collect();
    let expected = [
        format!("/redirect?/redirect?{to}"),
        format!("/redirect?{to}"),
        to.clone(),
        "/redirect?/red.png".to_owned(),
        "/red.png".to_owned(),
    ];
    assert_eq!(urls, expected.clone().map(|path| studio.site.url(&path)).each_ref());
    for (entry, to) in [(0, &expected[1]), (1, &expected[2]), (3, &expected[4])] {
        let entry = &records.entries()[entry];
        let response = &entry["response"];
        assert_eq!((&response["status"], &response["statusText"]), (&json!(302), &json!("Found")));
        assert_eq!(response["redirectURL"], **to);
        assert_eq!(headers(response, "location"), [to]);
        assert_eq!(response["content"], json!({ "size": 0, "mimeType": "x-unknown" }));
        assert_eq!(response["bodySize"], 0);
        assert!(response["_transferSize"].as_u64().unwrap() > 20, "{entry}");
    }
    let document = bare(&records.entries()[2]);
    let size = "<!doctype html><title>test</title><style>body{margin:0}</style>\
                <title>here</title><img src=/redirect?/red.png>"
        .len();
    let query = "<title>here</title><img src=/redirect?/red.png>";
    let transferred = &document["response"]["_transferSize"];
    assert!(transferred.as_u64().unwrap() > size as u64);
    let expected = json!({
        "request": request("GET", &studio.site.url(&to), &[(query, "")]),
        "response": response(200, "OK", HTML, size, transferred),
        "_resourceType": "document",
        "_priority": "VeryHigh",
    });
    assert_eq!(document, expected);
    assert_eq!(records.har["log"]["pages"][0]["title"], "test");
    assert_eq!(records.entries()[4]["_resourceType"], "image");
    assert_eq!(records.messages(), [] as [Value; 0]);
}

#[tokio::test]
async fn a_body_a_query_and_headers_are_recorded_but_for_what_the_client_gave() {
    let studio = Studio::open().await;
    let script = "<script>fetch('/headers?a=1&b=x%20y&a=%C3%A9', { method: 'POST', body: 'é=ü', \
                  headers: { 'Content-Type': 'text/x-own', 'X-Page': 'p', Authorization: 'hush' } })</script>";
    let mut spec = studio.spec(&html(script));
    let value = SecretText::new("hush".to_owned());
    spec.request.headers = vec![Header { name: "X-Own".to_owned(), value: value.clone() }];
    spec.request.authorization = Some(value);
    let records = record(&studio, &spec).await;
    let heads = studio.site.heads().concat().to_lowercase();
    assert!(heads.contains("x-own: hush") && heads.contains("authorization: hush"), "{heads}");
    let all = records.har.to_string() + &records.waterfall;
    assert!(!all.contains("hush\"") && !all.contains("secret"), "{all}");
    let url = studio.site.url("/headers?a=1&b=x%20y&a=%C3%A9");
    let entry = records.one("&a=%C3%A9");
    for (name, expected) in [
        ("x-page", &["p"][..]),
        ("content-type", &["text/x-own"]),
        ("host", &[studio.site.address.to_string().as_str()]),
        ("x-own", &[]),
        ("authorization", &[]),
        ("proxy-connection", &[]),
    ] {
        assert_eq!(headers(&entry["request"], name), expected, "{name}");
    }
    let answered: Vec<_> = entry["response"]["headers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["name"].as_str().unwrap().to_lowercase(), it["value"].as_str().unwrap()))
        .filter(|(name, _)| ["zebra", "link", "alpha", "set-cookie"].contains(&name.as_str()))
        .collect();
    let expected = [("zebra", "first"), ("link", "one"), ("link", "two"), ("alpha", "last")];
    assert_eq!(answered, expected.map(|(name, value)| (name.to_owned(), value)));
    let bare = bare(entry);
    let mut request = request("POST", &url, &[("a", "1"), ("b", "x y"), ("a", "é")]);
    request["bodySize"] = json!(5);
    assert_eq!(bare["request"], request);
    // The host's page has the names of the query in it.
    let size = "<!doctype html><title>test</title><style>body{margin:0}</style>aba".len();
    let transferred = &bare["response"]["_transferSize"];
    assert_eq!(bare["response"], response(200, "OK", HTML, size, transferred));
    assert_eq!(bare["_resourceType"], "fetch");
    assert_eq!(bare["_priority"], "High");
}

#[tokio::test]
async fn failures_say_why() {
    let closed = Site::start().await;
    let studio = Studio::with_closed(vec![closed.address.port()]).await;
    let (plain, safe) = (closed.url("/red.png"), closed.url("/safe").replace("http:", "https:"));
    let body =
        format!("<img src=/missing><img src='{plain}'><img src='{safe}'><img src=/slow-image>");
    let mut spec = studio.spec(&html(&body));
    spec.blocking.requests = vec![UrlPattern::parse("*/slow-image").unwrap()];
    let records = record(&studio, &spec).await;
    let missing = bare(records.one("/missing"));
    let size = "<!doctype html><title>test</title><style>body{margin:0}</style>\
                <body style='background:#ff0000'>"
        .len();
    let expected = json!({
        "request": request("GET", &studio.site.url("/missing"), &[]),
        "response": response(404, "Not Found", HTML, size, &missing["response"]["_transferSize"]),
        "_resourceType": "image",
        "_priority": missing["_priority"],
    });
    assert_eq!(missing, expected);
    for (end, error, blocked) in [
        ("/red.png", "no connection: forbidden", None),
        ("/safe", "net::ERR_TUNNEL_CONNECTION_FAILED", None),
        ("/slow-image", "net::ERR_BLOCKED_BY_CLIENT.Inspector", Some("inspector")),
    ] {
        let entry = records.one(end);
        let expected = json!({
            "status": 0, "statusText": "", "httpVersion": "", "cookies": [], "headers": [],
            "content": { "size": 0, "mimeType": "x-unknown" }, "redirectURL": "",
            "headersSize": -1, "bodySize": -1, "_transferSize": 0,
        });
        assert_eq!(entry["response"], expected, "{entry}");
        assert_eq!(entry["_error"], error, "{entry}");
        assert_eq!(entry.get("_blocked").and_then(Value::as_str), blocked, "{entry}");
        let reason = match blocked {
            Some(blocked) => format!("blocked ({blocked})"),
            None => error.trim_start_matches("net::").to_owned(),
        };
        assert!(records.waterfall.contains(&format!(" ms, {reason}")), "{}", records.waterfall);
    }
    let messages = records.messages();
    let loading = |text: &str, url: &str| {
        json!({
            "source": "network", "level": "error", "text": format!("Failed to load resource: {text}"),
            "url": url, "line": null, "column": null,
        })
    };
    let missing = studio.site.url("/missing");
    let expected = loading("the server responded with a status of 404 (Not Found)", &missing);
    assert!(messages.contains(&expected), "{messages:?}");
    let expected = loading("net::ERR_TUNNEL_CONNECTION_FAILED", &safe);
    assert!(messages.contains(&expected), "{messages:?}");
}

#[tokio::test]
async fn what_a_cache_holds_was_not_sent_again() {
    let studio = Studio::open().await;
    let body = "<img src=/kept.png onload=\"fetch('/kept.png').then(it => it.text()).then(() => {\
                document.body.style.backgroundImage = 'url(/kept.png)'; document.body.id = 'done' })\">";
    let mut spec = studio.spec(&html(body));
    spec.wait.selector = wait_for("#done");
    let records = record(&studio, &spec).await;
    let all = records.of("/kept.png");
    let [first, second] = all[..2] else { panic!("{all:?}") };
    assert_eq!(studio.site.paths().iter().filter(|path| *path == "/kept.png").count(), 1);
    let size = first["response"]["content"]["size"].as_u64().unwrap();
    let mut expected = json!({
        "request": request("GET", &studio.site.url("/kept.png"), &[]),
        "response": response(200, "OK", "image/png", usize::try_from(size).unwrap(), &first["response"]["_transferSize"]),
        "_resourceType": "image",
        "_priority": first["_priority"],
    });
    assert_eq!(bare(first), expected);
    expected["response"]["bodySize"] = json!(0);
    expected["response"]["_transferSize"] = json!(0);
    expected["_fromCache"] = json!("disk");
    expected["_resourceType"] = json!("fetch");
    expected["_priority"] = json!("High");
    assert_eq!(bare(second), expected);
    assert!(records.waterfall.contains(">cached</text>"));
}

#[tokio::test]
async fn time_goes_where_a_host_takes_it() {
    let studio = Studio::open().await;
    let script = "<img src=/slow-image><script>onload = () => console.log('late')</script>";
    let records = record(&studio, &studio.spec(&html(script))).await;
    let slow = records.one("/slow-image");
    assert!(slow["timings"]["wait"].as_f64().unwrap() >= 295.0, "{slow}");
    let page = &records.har["log"]["pages"][0]["pageTimings"];
    assert!(page["onLoad"].as_f64().unwrap() >= 300.0, "{page}");
    assert!(records.console["messages"][0]["at_ms"].as_u64().unwrap() >= 295);
    assert!(records.waterfall.contains("data-name=\"load\""));
    // What comes with the capture was asked for by nobody.
    let image = format!("<img src='{}'>", studio.site.url("/slow-image"));
    let records = record(&studio, &document(&image)).await;
    assert_eq!(records.entries().len(), 1);
    let page = &records.har["log"]["pages"][0]["pageTimings"];
    assert!(page["onLoad"].as_f64().unwrap() >= 300.0, "{page}");
    assert!(rows(&records.waterfall)[0].number("data-time-ms") >= 300.0);
}

#[tokio::test]
async fn a_clip_is_recorded_by_its_pages_own_clock() {
    let studio = Studio::open().await;
    let page = html("<img src=/slow-image><script>onload = () => console.log('late')</script>");
    for determinism in [Determinism::Off, Determinism::On] {
        let mut spec = studio.spec(&page);
        let duration = Duration::from_secs(1);
        let clip =
            Clip { container: Container::Gif, duration, canvas: Canvas::Window, scroll: None };
        spec.output = Output::Clip(Box::new(clip));
        spec.emulation.determinism = determinism;
        let records = record(&studio, &spec).await;
        assert_eq!(records.entries().len(), 2);
        assert_eq!(records.messages()[0]["text"], "late");
    }
}

#[tokio::test]
async fn the_console_tells_what_scripts_say() {
    let studio = Studio::open().await;
    let lines = [
        "<script>console.log('%s is %d%%, %f', 'a', 2.5, '1.5', { a: 1, b: 'x' }, [1, null])",
        "  console.info(null, undefined, true, 1n, -0, Symbol('s'))",
        "console.warn('careful')",
        "console.error(new Map([['k', 1]]), () => 1)",
        "console.debug('%cbig', 'color: red')",
        "console.assert(1 > 2, 'sums')",
        "console.group('g'); console.groupEnd(); console.clear()",
        "console.log('half a letter, \\ud83d')",
        "Promise.reject(7)",
        "    null.boom</script>",
    ];
    let html = format!("<!doctype html><meta charset=utf-8>{}", lines.join("\n"));
    let mut spec = document("");
    spec.source = Source::Html(html);
    // A script of ours is at work, too.
    spec.changes.remove = vec!["hr".to_owned()];
    let records = record(&studio, &spec).await;
    let said = |level: &str, text: &str, (line, column): (u32, u32)| {
        json!({
            "source": "console", "level": level, "text": text, "url": "about:blank",
            "line": line, "column": column,
        })
    };
    let messages = records.messages();
    let error = &messages[8];
    assert_eq!((&error["source"], &error["level"]), (&json!("exception"), &json!("error")));
    assert!(error["text"].as_str().unwrap().starts_with("TypeError: Cannot read"), "{error}");
    assert_eq!((&error["line"], &error["column"]), (&json!(10), &json!(10)));
    let expected = [
        said("log", "a is 2%, 1.5 {a: 1, b: \"x\"} [1, null]", (1, 52)),
        said("info", "null undefined true 1n -0 Symbol(s)", (2, 11)),
        said("warning", "careful", (3, 9)),
        said("error", "Map(1) {\"k\" => 1} () => 1", (4, 9)),
        said("debug", "big", (5, 9)),
        said("error", "Assertion failed: sums", (6, 9)),
        said("log", "g", (7, 9)),
        said("log", "half a letter, \u{fffd}", (8, 9)),
    ];
    assert_eq!(messages[..8], expected);
    assert_eq!(messages[9]["text"], "Uncaught (in promise) 7");
    assert_eq!(messages.len(), 10);
}

/// Whichever process they run in.
#[tokio::test]
async fn frames_of_other_sites_are_recorded_too() {
    let studio = Studio::open().await;
    let inner = html("<img src=/red.png><script>console.log('from the frame')</script>");
    let frame = studio.site.url(&inner).replace("127.0.0.1", "localhost");
    let page = format!("<script>console.log('from the page')</script><iframe src='{frame}'>");
    let records = record(&studio, &studio.spec(&html(&page))).await;
    assert_eq!(records.one("/red.png")["response"]["status"], 200);
    assert_eq!(records.entries().len(), 3);
    let said: Vec<_> = records.messages().iter().map(|it| it["text"].clone()).collect();
    assert_eq!(said, ["from the page", "from the frame"]);
}

#[tokio::test]
async fn headers_are_those_of_the_document_that_is_shown() {
    let studio = Studio::open().await;
    let ask = async |path: &str| {
        let mut spec = studio.spec(path);
        spec.inquiry = Inquiry { facts: [Fact::Headers].into(), ..Inquiry::default() };
        let picture = studio.camera.capture(&spec, AMPLE).await.unwrap();
        assert!(picture.extras.is_empty());
        let [Datum::Headers(headers)] = &picture.report.metadata[..] else { panic!() };
        let own = |name: &str| ["zebra", "link", "alpha", "set-cookie", "location"].contains(&name);
        let own = headers.iter().filter(|it| own(&it.name));
        own.map(|it| format!("{}: {}", it.name, it.value)).collect::<Vec<_>>()
    };
    let expected = ["zebra: first", "link: one", "link: two", "alpha: last"];
    for path in ["/headers", "/redirect?/headers", "/go?/headers"] {
        assert_eq!(ask(path).await, expected, "{path}");
    }
    let away = html("<script>location.href='/pink'</script>").replace("/html", "/headers");
    assert_eq!(ask(&away).await, [] as [String; 0]);
    let mut spec = document("<p>nobody's");
    spec.inquiry.facts = [Fact::Headers].into();
    let picture = studio.camera.capture(&spec, AMPLE).await.unwrap();
    assert_eq!(picture.report.metadata, [Datum::Headers(Vec::new())]);
}
