//! Hand-made recordings.

use std::time::Duration;

use darkroom_core::report::Property;

use super::recording::{Answer, Exchange, Recording, Start, Timing};

/// 2026-11-27T12:00:00Z, an hour after the machine was started.
pub(super) const START: Start =
    Start { monotonic: Duration::from_secs(3_600), wall: Duration::from_secs(1_795_780_800) };

/// A recording of these, the first of which was the page's document.
pub(super) fn recording(exchanges: Vec<Exchange>) -> Recording {
    let asked = exchanges.first().map(|exchange| exchange.at);
    let latest = exchanges.iter().filter_map(|exchange| exchange.ended).max();
    let latest = latest.unwrap_or(START.monotonic);
    Recording { start: START, asked, latest, exchanges, ..Recording::default() }
}

/// A request that was made so long after the start, and took 100 ms.
pub(super) fn exchange(after_ms: u64, url: &str) -> Exchange {
    let at = START.monotonic + Duration::from_millis(after_ms);
    let timing = Timing {
        request_time: at.as_secs_f64(),
        dns_start: 5.0,
        dns_end: 10.0,
        connect_start: 10.0,
        connect_end: 40.0,
        ssl_start: 20.0,
        ssl_end: 40.0,
        send_start: 40.0,
        send_end: 50.0,
        receive_headers_end: 90.0,
    };
    let answer = Answer {
        at: at + Duration::from_millis(91),
        status: 200,
        status_text: String::from("OK"),
        protocol: String::from("h2"),
        media_type: String::from("text/html"),
        headers: vec![header("Content-Type", "text/html; charset=utf-8")],
        head_bytes: 300,
        timing: Some(timing),
    };
    Exchange {
        id: after_ms.to_string(),
        url: url.to_owned(),
        method: String::from("GET"),
        kind: String::from("Document"),
        priority: String::from("High"),
        at,
        is_sent: true,
        answer: Some(answer),
        ended: Some(at + Duration::from_millis(100)),
        bytes: 2_000,
        transferred: 1_500,
        ..Exchange::default()
    }
}

pub(super) fn header(name: &str, value: &str) -> Property {
    Property { name: name.to_owned(), value: value.to_owned() }
}
