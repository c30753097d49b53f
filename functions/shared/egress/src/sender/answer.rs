//! From a receiver's response to what the delivery log keeps of it.

use std::time::{Duration, SystemTime};

use darkroom_core::delivery::Answer;
use darkroom_core::time::Timestamp;
use http::header::{self, HeaderValue};
use http_body_util::BodyExt;
use hyper::Response;
use hyper::body::Incoming;

/// As much of an answer's body is kept, in bytes.
const BODY_HEAD_BYTES: usize = 1024;

/// As much of a `Location` is kept, in bytes.
const MAX_LOCATION_BYTES: usize = 2048;

/// The longest wish that is taken from a `Retry-After`. The schedule's longest
/// delay is minutes and its clamp the double, so a longer one says no more.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// Reads the body to its end or to where it breaks, which it does when as much
/// was read as an answer may take, and keeps what is worth keeping.
pub(super) async fn read(response: Response<Incoming>, now: Timestamp) -> Answer {
    let (head, mut body) = response.into_parts();
    let mut kept = Vec::new();
    while let Some(Ok(frame)) = body.frame().await {
        let Ok(piece) = frame.into_data() else {
            continue;
        };
        let wanted = BODY_HEAD_BYTES.saturating_sub(kept.len());
        kept.extend(piece.iter().take(wanted));
    }
    Answer {
        status: head.status.as_u16(),
        body_head: printable(&kept, BODY_HEAD_BYTES),
        retry_after: head
            .headers
            .get(header::RETRY_AFTER)
            .and_then(|value| retry_after(value, now)),
        location: head
            .headers
            .get(header::LOCATION)
            .map(|value| printable(value.as_bytes(), MAX_LOCATION_BYTES)),
    }
}

/// At most the first `limit` bytes as text: what isn't UTF-8 is replaced, and
/// control characters, which could move a terminal's cursor, become spaces.
pub(super) fn printable(bytes: &[u8], limit: usize) -> String {
    let bytes = bytes.get(..limit).unwrap_or(bytes);
    String::from_utf8_lossy(bytes)
        .chars()
        .map(|character| match character {
            character if character.is_control() => ' ',
            character => character,
        })
        .collect()
}

/// Both forms of RFC 9110 §10.2.3: seconds, or a date.
fn retry_after(value: &HeaderValue, now: Timestamp) -> Option<Duration> {
    let text = value.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let seconds = text.parse().map_or(MAX_RETRY_AFTER, Duration::from_secs);
        return Some(seconds.min(MAX_RETRY_AFTER));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    let since_1970 = date.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    let due = Timestamp::from_millis(0) + since_1970;
    Some(due.since(now).min(MAX_RETRY_AFTER))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_read_in_both_forms() {
        let now = Timestamp::parse_rfc3339("1994-11-06T08:49:07Z").unwrap();
        let cases = [
            ("120", Some(120)),
            (" 7 ", Some(7)),
            ("0", Some(0)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(30)),
            ("Sunday, 06-Nov-94 08:49:37 GMT", Some(30)),
            ("Sun Nov  6 08:49:37 1994", Some(30)),
            ("Sun, 06 Nov 1994 08:49:00 GMT", Some(0)),
            ("Sat, 06 Nov 2094 08:49:00 GMT", Some(86_400)),
            ("99999999999999999999999", Some(86_400)),
            ("-1", None),
            ("1.5", None),
            ("soon", None),
            ("", None),
        ];
        for (text, seconds) in cases {
            let value = HeaderValue::from_str(text).unwrap();
            let expected = seconds.map(Duration::from_secs);
            assert_eq!(retry_after(&value, now), expected, "{text:?}");
        }
    }

    #[test]
    fn a_bodys_head_is_short_and_moves_no_cursor() {
        let cases: [(&[u8], &str); 5] = [
            (b"ok", "ok"),
            (b"line\r\nnext\x1b[2J\0", "line  next [2J "),
            ("caf\u{e9} \u{9b}2J".as_bytes(), "caf\u{e9}  2J"),
            (b"\xff\xfebad", "\u{fffd}\u{fffd}bad"),
            (b"12345678901234567890", "1234567890123456"),
        ];
        for (bytes, expected) in cases {
            assert_eq!(printable(bytes, 16), expected);
        }
    }
}
