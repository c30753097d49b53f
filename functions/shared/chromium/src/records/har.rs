//! A recording as an HTTP Archive (HAR 1.2, <http://www.softwareishard.com/blog/har-12-spec/>).
//!
//! Names that begin with `_` are of our own, as that allows; Chrome's export has the
//! same. There are no contents of answers in it. `serverIPAddress` would be that of our
//! own proxy.

use std::borrow::Cow;

use darkroom_core::report;
use serde::Serialize;
use url::Url;

use super::phases::{Phase, Phases};
use super::recording::{Answer, Body, Cache, Exchange, Recording, Visit, ms};

/// What HAR has where a number isn't known or doesn't apply.
const UNKNOWN: i64 = -1;

/// The archive as JSON.
pub(super) fn write(recording: &Recording, visit: &Visit) -> Vec<u8> {
    let entries = recording.in_order().into_iter().map(|exchange| entry(exchange, recording));
    let until = |moment| match moment {
        Some(moment) => ms(recording.since_it_began(moment)),
        None => UNKNOWN as f64,
    };
    let page = Page {
        started_date_time: recording.timestamp(recording.began()).to_string(),
        id: PAGE,
        title: &visit.title,
        page_timings: PageTimings {
            on_content_load: until(visit.content_loaded),
            on_load: until(visit.loaded),
        },
    };
    let log = Log {
        version: "1.2",
        creator: Program { name: "Darkroom", version: env!("CARGO_PKG_VERSION") },
        browser: Program { name: "Chromium", version: &visit.browser },
        pages: [page],
        entries: entries.collect(),
        comment: comment(recording),
    };
    serde_json::to_vec(&Har { log }).unwrap_or_default()
}

/// The id of the one page.
const PAGE: &str = "page_1";

fn comment(recording: &Recording) -> Option<String> {
    let more = recording.exchanges_left_out;
    let mut comment = String::new();
    if more > 0 {
        comment = format!("{more} further requests were left out. ");
    }
    if recording.is_short_of_headers {
        comment.push_str("Headers of some answers were left out.");
    }
    (!comment.is_empty()).then(|| comment.trim_end().to_owned())
}

fn entry<'a>(exchange: &'a Exchange, recording: &Recording) -> Entry<'a> {
    Entry {
        pageref: PAGE,
        started_date_time: recording.timestamp(exchange.at).to_string(),
        time: ms(exchange.time(recording.latest)),
        request: request(exchange),
        response: response(exchange),
        cache: Nothing {},
        timings: timings(exchange.phases(recording.latest)),
        comment: exchange.ended.is_none().then_some("It had not ended when the page was drawn."),
        resource_type: exchange.kind.to_lowercase(),
        priority: &exchange.priority,
        from_cache: exchange.cache.map(Cache::name),
        error: exchange.error.as_deref(),
        blocked: exchange.blocked.as_deref(),
    }
}

fn request(exchange: &Exchange) -> Request<'_> {
    let url = Url::parse(&exchange.url).ok();
    let query = url.iter().flat_map(|url| url.query_pairs().into_owned());
    let body_size = match exchange.body {
        Body::None => 0,
        Body::Bytes(length) => i64::try_from(length).unwrap_or(UNKNOWN),
        Body::Unknown => UNKNOWN,
    };
    Request {
        method: &exchange.method,
        url: &exchange.url,
        http_version: version(exchange.answer.as_ref()),
        cookies: [],
        headers: pairs(&exchange.headers),
        query_string: query.map(|(name, value)| Pair::of(name, value)).collect(),
        headers_size: UNKNOWN,
        body_size,
    }
}

fn response(exchange: &Exchange) -> Response<'_> {
    let answer = exchange.answer.as_ref();
    let media_type = answer.and_then(|answer| {
        let known = Some(answer.media_type.as_str()).filter(|known| !known.is_empty());
        answer.header("content-type").or(known)
    });
    let (size, sent) = (exchange.bytes, exchange.body_bytes());
    let is_from_host = answer.is_some() && exchange.cache.is_none();
    Response {
        status: exchange.status(),
        status_text: answer.map_or("", |answer| &answer.status_text),
        http_version: version(answer),
        cookies: [],
        headers: answer.map(|answer| pairs(&answer.headers)).unwrap_or_default(),
        content: Content {
            size,
            compression: size.checked_sub(sent).filter(|&saved| is_from_host && saved > 0),
            mime_type: media_type.unwrap_or("x-unknown"),
        },
        redirect_url: answer.and_then(|answer| answer.header("location")).unwrap_or_default(),
        headers_size: UNKNOWN,
        body_size: match answer {
            Some(_) => i64::try_from(sent).unwrap_or(UNKNOWN),
            None => UNKNOWN,
        },
        transfer_size: exchange.transferred,
    }
}

/// As request lines have it.
fn version(answer: Option<&Answer>) -> Cow<'_, str> {
    let protocol = answer.map_or("", |answer| answer.protocol.as_str());
    match protocol {
        "h2" => Cow::Borrowed("HTTP/2"),
        "h3" => Cow::Borrowed("HTTP/3"),
        other => Cow::Owned(other.to_uppercase()),
    }
}

fn timings(phases: Phases) -> Timings {
    let of = |wanted: Phase| {
        phases.iter().find(|(phase, _)| *phase == wanted).and_then(|(_, span)| *span)
    };
    let told = |span| match span {
        Some(span) => ms(span),
        None => UNKNOWN as f64,
    };
    // TLS is a part of connecting there.
    let ssl = of(Phase::Ssl);
    let connect = of(Phase::Connect).map(|connect| connect + ssl.unwrap_or_default());
    Timings {
        blocked: told(of(Phase::Blocked)),
        dns: told(of(Phase::Dns)),
        connect: told(connect),
        ssl: told(ssl),
        send: told(of(Phase::Send)),
        wait: told(of(Phase::Wait)),
        receive: told(of(Phase::Receive)),
    }
}

fn pairs(headers: &[report::Property]) -> Vec<Pair<'_>> {
    headers.iter().map(|header| Pair::of(header.name.as_str(), header.value.as_str())).collect()
}

#[derive(Serialize)]
struct Har<'a> {
    log: Log<'a>,
}

#[derive(Serialize)]
struct Log<'a> {
    version: &'static str,
    creator: Program<'a>,
    browser: Program<'a>,
    pages: [Page<'a>; 1],
    entries: Vec<Entry<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
}

#[derive(Serialize)]
struct Program<'a> {
    name: &'a str,
    version: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Page<'a> {
    started_date_time: String,
    id: &'static str,
    title: &'a str,
    page_timings: PageTimings,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PageTimings {
    on_content_load: f64,
    on_load: f64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    pageref: &'static str,
    started_date_time: String,
    time: f64,
    request: Request<'a>,
    response: Response<'a>,
    cache: Nothing,
    timings: Timings,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<&'static str>,
    #[serde(rename = "_resourceType")]
    resource_type: String,
    #[serde(rename = "_priority")]
    priority: &'a str,
    #[serde(rename = "_fromCache", skip_serializing_if = "Option::is_none")]
    from_cache: Option<&'static str>,
    #[serde(rename = "_error", skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    #[serde(rename = "_blocked", skip_serializing_if = "Option::is_none")]
    blocked: Option<&'a str>,
}

#[derive(Serialize)]
struct Nothing {}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    method: &'a str,
    url: &'a str,
    http_version: Cow<'a, str>,
    cookies: [(); 0],
    headers: Vec<Pair<'a>>,
    query_string: Vec<Pair<'a>>,
    headers_size: i64,
    body_size: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Response<'a> {
    status: u16,
    status_text: &'a str,
    http_version: Cow<'a, str>,
    cookies: [(); 0],
    headers: Vec<Pair<'a>>,
    content: Content<'a>,
    #[serde(rename = "redirectURL")]
    redirect_url: &'a str,
    headers_size: i64,
    body_size: i64,
    #[serde(rename = "_transferSize")]
    transfer_size: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Content<'a> {
    size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    compression: Option<u64>,
    mime_type: &'a str,
}

/// In milliseconds.
#[derive(Serialize)]
struct Timings {
    blocked: f64,
    dns: f64,
    connect: f64,
    ssl: f64,
    send: f64,
    wait: f64,
    receive: f64,
}

#[derive(Serialize)]
struct Pair<'a> {
    name: Cow<'a, str>,
    value: Cow<'a, str>,
}

impl<'a> Pair<'a> {
    fn of(name: impl Into<Cow<'a, str>>, value: impl Into<Cow<'a, str>>) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use super::super::samples::{START, exchange, header, recording};
    use super::*;

    fn archive(recording: &Recording) -> Value {
        let visit = Visit {
            title: String::from("A «page»"),
            browser: String::from("153.0.1.2"),
            content_loaded: Some(START.monotonic + Duration::from_micros(120_500)),
            loaded: None,
        };
        serde_json::from_slice(&write(recording, &visit)).unwrap()
    }

    fn entry_of(exchange: Exchange) -> Value {
        archive(&recording(vec![exchange]))["log"]["entries"][0].take()
    }

    #[test]
    fn an_archive_has_a_page_and_its_requests_by_their_start() {
        let exchanges = [300, 100, 200].map(|at| exchange(at, &format!("https://e.com/{at}")));
        let mut recording = recording(exchanges.into());
        recording.asked = None;
        let mut har = archive(&recording);
        let entries = har["log"]["entries"].take();
        let urls: Vec<_> =
            entries.as_array().unwrap().iter().map(|entry| &entry["request"]["url"]).collect();
        assert_eq!(urls, ["https://e.com/100", "https://e.com/200", "https://e.com/300"]);
        let expected = json!({ "log": {
            "version": "1.2",
            "creator": { "name": "Darkroom", "version": env!("CARGO_PKG_VERSION") },
            "browser": { "name": "Chromium", "version": "153.0.1.2" },
            "pages": [{
                "startedDateTime": "2026-11-27T12:00:00.000Z",
                "id": "page_1",
                "title": "A «page»",
                "pageTimings": { "onContentLoad": 120.5, "onLoad": -1.0 },
            }],
            "entries": null,
        } });
        assert_eq!(har, expected);
        recording.exchanges_left_out = 7;
        recording.is_short_of_headers = true;
        let comment = "7 further requests were left out. Headers of some answers were left out.";
        assert_eq!(archive(&recording)["log"]["comment"], comment);
    }

    #[test]
    fn an_entry_has_all_that_the_format_asks_for() {
        let sent = Exchange {
            method: String::from("POST"),
            kind: String::from("XHR"),
            headers: vec![header("Content-Type", "text/plain"), header("X-Page", "1")],
            body: Body::Bytes(4),
            ..exchange(1_234, "https://e.com/a?q=x%20y&q=%C3%A9&empty")
        };
        let expected = json!({
            "pageref": "page_1",
            "startedDateTime": "2026-11-27T12:00:01.234Z",
            "time": 100.0,
            "request": {
                "method": "POST",
                "url": "https://e.com/a?q=x%20y&q=%C3%A9&empty",
                "httpVersion": "HTTP/2",
                "cookies": [],
                "headers": [
                    { "name": "Content-Type", "value": "text/plain" },
                    { "name": "X-Page", "value": "1" },
                ],
                "queryString": [
                    { "name": "q", "value": "x y" },
                    { "name": "q", "value": "é" },
                    { "name": "empty", "value": "" },
                ],
                "headersSize": -1,
                "bodySize": 4,
            },
            "response": {
                "status": 200,
                "statusText": "OK",
                "httpVersion": "HTTP/2",
                "cookies": [],
                "headers": [{ "name": "Content-Type", "value": "text/html; charset=utf-8" }],
                "content": {
                    "size": 2_000,
                    "compression": 800,
                    "mimeType": "text/html; charset=utf-8",
                },
                "redirectURL": "",
                "headersSize": -1,
                "bodySize": 1_200,
                "_transferSize": 1_500,
            },
            "cache": {},
            "timings": {
                "blocked": 5.0,
                "dns": 5.0,
                "connect": 30.0,
                "ssl": 20.0,
                "send": 10.0,
                "wait": 40.0,
                "receive": 10.0,
            },
            "_resourceType": "xhr",
            "_priority": "High",
        });
        assert_eq!(entry_of(sent), expected);
    }

    #[test]
    fn a_request_without_an_answer_has_status_0() {
        let entry = entry_of(Exchange {
            answer: None,
            is_sent: false,
            bytes: 0,
            transferred: 0,
            error: Some(String::from("net::ERR_BLOCKED_BY_CLIENT")),
            blocked: Some(String::from("inspector")),
            body: Body::Unknown,
            ..exchange(0, "https://e.com/")
        });
        let response = json!({
            "status": 0,
            "statusText": "",
            "httpVersion": "",
            "cookies": [],
            "headers": [],
            "content": { "size": 0, "mimeType": "x-unknown" },
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": -1,
            "_transferSize": 0,
        });
        assert_eq!(entry["response"], response);
        assert_eq!(entry["_error"], "net::ERR_BLOCKED_BY_CLIENT");
        assert_eq!(entry["_blocked"], "inspector");
        assert_eq!((&entry["time"], &entry["timings"]["blocked"]), (&json!(100.0), &json!(100.0)));
        assert_eq!(entry["request"]["bodySize"], -1);
    }

    #[test]
    fn what_comes_from_a_cache_or_has_not_ended_says_so() {
        let cached = Exchange {
            cache: Some(Cache::Memory),
            transferred: 0,
            ..exchange(0, "https://e.com/")
        };
        let entry = entry_of(cached);
        assert_eq!(entry["_fromCache"], "memory");
        assert_eq!(entry["response"]["content"]["size"], 2_000);
        assert!(entry["response"]["content"].get("compression").is_none());
        let pending = Exchange { ended: None, ..exchange(0, "https://e.com/") };
        assert!(entry_of(pending)["comment"].is_string());
    }
}
