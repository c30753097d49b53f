//! What came of a page and when, as the files about it are written from.
//!
//! Moments are told by the monotonic clock of the page's process, to the microsecond. Where
//! that is in our hand, it stands while requests are on their way: they take hardly any
//! time. Of secrets nothing is kept.

use std::time::Duration;

use darkroom_core::report::Property;
use darkroom_core::time::Timestamp;
use serde::Deserialize;

/// What came of a page.
#[derive(Default, Debug)]
pub(super) struct Recording {
    /// One moment by both clocks, at which nothing had been asked for yet.
    pub(super) start: Start,
    /// When the page's first document was asked for.
    pub(super) asked: Option<Duration>,
    /// The last moment that anything was told of.
    pub(super) latest: Duration,
    /// Requests in the order in which they were made.
    pub(super) exchanges: Vec<Exchange>,
    /// How many more there were.
    pub(super) exchanges_left_out: usize,
    /// Whether headers were left out for want of room.
    pub(super) is_short_of_headers: bool,
    /// What was written to the console.
    pub(super) messages: Vec<Message>,
    /// How many more there were.
    pub(super) messages_left_out: usize,
}

/// One moment by both clocks.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Start {
    /// By the monotonic clock.
    pub(super) monotonic: Duration,
    /// Since 1970.
    pub(super) wall: Duration,
}

/// What is known of the page besides.
#[derive(Default, Debug)]
pub(super) struct Visit {
    /// The title of its document.
    pub(super) title: String,
    /// The version of the browser.
    pub(super) browser: String,
    /// When its document was read.
    pub(super) content_loaded: Option<Duration>,
    /// When it was loaded with all that is in it.
    pub(super) loaded: Option<Duration>,
}

/// A request and its answer. One that was led elsewhere ends there, and another begins.
#[derive(Default, Debug)]
pub(super) struct Exchange {
    /// What the browser calls it, and each that it was led to.
    pub(super) id: String,
    /// Its address.
    pub(super) url: String,
    /// Its method.
    pub(super) method: String,
    /// What it is for, in the browser's words: `Document`, `Image`.
    pub(super) kind: String,
    /// In the browser's words: `VeryHigh`, `Low`.
    pub(super) priority: String,
    /// When it was made.
    pub(super) at: Duration,
    /// Its headers, but for those that are secret.
    pub(super) headers: Vec<Property>,
    /// What was sent with it.
    pub(super) body: Body,
    /// Whether it has left the browser.
    pub(super) is_sent: bool,
    /// What came back.
    pub(super) answer: Option<Answer>,
    /// When all had come, or it failed.
    pub(super) ended: Option<Duration>,
    /// The bytes that came, as the page has them.
    pub(super) bytes: u64,
    /// The bytes that came, as they were sent, headers included.
    pub(super) transferred: u64,
    /// Where the answer comes from if it wasn't sent.
    pub(super) cache: Option<Cache>,
    /// Why it failed, in the browser's words.
    pub(super) error: Option<String>,
    /// Why it wasn't let out, in the browser's words.
    pub(super) blocked: Option<String>,
}

/// What is sent with a request.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(super) enum Body {
    /// Nothing.
    #[default]
    None,
    /// So many bytes. What they are may be a secret.
    Bytes(u64),
    /// Something whose length isn't known.
    Unknown,
}

/// A store of the browser's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Cache {
    /// The memory of the page's process.
    Memory,
    /// The one on the disk, which here is in memory too.
    Disk,
}

/// What a host answered.
#[derive(Default, Debug)]
pub(super) struct Answer {
    /// When it was told of.
    pub(super) at: Duration,
    /// Its status.
    pub(super) status: u16,
    /// The words with it; none over HTTP/2.
    pub(super) status_text: String,
    /// By its ALPN name: `h2`, `http/1.1`.
    pub(super) protocol: String,
    /// The type of its content.
    pub(super) media_type: String,
    /// Its headers, but for those that are secret.
    pub(super) headers: Vec<Property>,
    /// The bytes that had come when it was told of, which are its head.
    pub(super) head_bytes: u64,
    /// When what was done to get it.
    pub(super) timing: Option<Timing>,
}

/// `Network.ResourceTiming`: milliseconds since the request was begun, negative where
/// something didn't take place.
#[derive(Clone, Deserialize, Default, Debug)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Timing {
    /// In seconds of the monotonic clock.
    pub(super) request_time: f64,
    pub(super) dns_start: f64,
    pub(super) dns_end: f64,
    pub(super) connect_start: f64,
    pub(super) connect_end: f64,
    pub(super) ssl_start: f64,
    pub(super) ssl_end: f64,
    pub(super) send_start: f64,
    pub(super) send_end: f64,
    pub(super) receive_headers_end: f64,
}

/// Something that was written to the console.
#[derive(Default, Debug)]
pub(super) struct Message {
    /// Since 1970.
    pub(super) at: Duration,
    /// Who wrote it: `console`, `exception`, or in the browser's words.
    pub(super) source: String,
    /// How grave it is: `error`.
    pub(super) level: String,
    /// The text.
    pub(super) text: String,
    /// Where it comes from.
    pub(super) place: Place,
}

/// A place in a script or another resource.
#[derive(Clone, PartialEq, Eq, Deserialize, Default, Debug)]
#[serde(default)]
pub(super) struct Place {
    /// The address.
    pub(super) url: Option<String>,
    /// The line, from 0.
    #[serde(rename = "lineNumber")]
    pub(super) line: Option<i64>,
    /// The column, from 0.
    #[serde(rename = "columnNumber")]
    pub(super) column: Option<i64>,
}

impl Recording {
    /// When the page's first document was asked for. One that came with the capture
    /// was there from the start.
    pub(super) fn began(&self) -> Duration {
        self.asked.unwrap_or(self.start.monotonic)
    }

    /// How long after that something was.
    pub(super) fn since_it_began(&self, at: Duration) -> Duration {
        at.saturating_sub(self.began())
    }

    /// A moment by the wall clock, since 1970.
    pub(super) fn wall(&self, at: Duration) -> Duration {
        (self.start.wall + at).saturating_sub(self.start.monotonic)
    }

    /// A moment by the wall clock.
    pub(super) fn timestamp(&self, at: Duration) -> Timestamp {
        Timestamp::from_millis(whole_ms(self.wall(at)))
    }

    /// What brought the document of this loader: of its redirects, the last.
    pub(super) fn answer_of(&self, loader: &str) -> Option<&Answer> {
        let exchange = self.exchanges.iter().rfind(|exchange| exchange.id == loader)?;
        exchange.answer.as_ref()
    }

    /// Requests by when they were made.
    pub(super) fn in_order(&self) -> Vec<&Exchange> {
        let mut exchanges: Vec<_> = self.exchanges.iter().collect();
        exchanges.sort_by_key(|exchange| exchange.at);
        exchanges
    }
}

impl Exchange {
    /// The status of its answer, 0 where there is none.
    pub(super) fn status(&self) -> u16 {
        self.answer.as_ref().map_or(0, |answer| answer.status)
    }

    /// The bytes of its answer's content, as they were sent.
    pub(super) fn body_bytes(&self) -> u64 {
        let head = self.answer.as_ref().map_or(0, |answer| answer.head_bytes);
        self.transferred.saturating_sub(head)
    }
}

impl Answer {
    /// The value of its first header of this name.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let header = self.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
        header.map(|header| header.value.as_str())
    }
}

impl Cache {
    /// In a word.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Disk => "disk",
        }
    }
}

/// Seconds of one of the browser's clocks, to the microsecond.
pub(super) fn seconds(seconds: f64) -> Duration {
    let span = Duration::try_from_secs_f64(seconds).unwrap_or_default();
    let micros = (span + Duration::from_nanos(500)).as_micros();
    Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
}

/// Milliseconds since 1970, as scripts have them.
pub(super) fn of_ms(ms: f64) -> Duration {
    seconds(ms / 1_000.0)
}

/// A span in milliseconds with three decimals.
pub(super) fn ms(span: Duration) -> f64 {
    span.as_micros() as f64 / 1_000.0
}

/// A span in milliseconds, rounded down.
pub(super) fn whole_ms(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
