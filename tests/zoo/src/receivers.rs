//! Every receiver there is, and what must come of a webhook to it.

use std::time::Duration;

use crate::door::{Door, Papers};
use crate::stage::Step::{
    self, Drip, Flood, Freeze, Repeat, Reset, Say, Sip, Spell, Stay, Take, TakeAll, TakeBody,
    TakeHead, Wait,
};

/// What needs no wait is over at once; the rest is for a busy processor.
pub(crate) const SOON: Duration = Duration::from_secs(3);

/// Resolving, connecting and shaking hands take 5 s at most.
const CONNECT: Duration = Duration::from_millis(5_500);

/// A receiver has 30 s to answer, and 0.5 s for each MiB to take.
const ANSWER: Duration = Duration::from_millis(30_500);

/// Both, where connecting alone takes long.
const BOTH: Duration = Duration::from_millis(35_500);

/// A whole picture, as most are.
const BODY_BYTES: u64 = 200_000;

/// A large one.
const LARGE_BODY_BYTES: u64 = 1024 * 1024;

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
const OK_HEAD: &[u8] = b"HTTP/1.1 200 OK\r\n\r\n";
const OK_CHUNKED: &[u8] = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
const OK_LONG: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n";
const PROCESSING: &[u8] = b"HTTP/1.1 102 Processing\r\n\r\n";

const DELIVERED: &str = "delivered";
const REFUSED: &str = "refused";
const AGAIN: &str = "again after 10 s";

/// A receiver and what is expected of the sender.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Receiver {
    /// What it does, in words.
    pub(crate) name: &'static str,
    /// How it is reached.
    pub(crate) door: Door,
    /// What it does, once it is.
    pub(crate) steps: &'static [Step],
    /// How long the webhook's body is.
    pub(crate) body_bytes: u64,
    /// When the POST must have ended.
    pub(crate) within: Duration,
    /// What must be recorded.
    pub(crate) outcome: &'static str,
    /// What the ledger must make of it.
    pub(crate) verdict: &'static str,
}

impl Receiver {
    const fn new(name: &'static str, steps: &'static [Step], outcome: &'static str) -> Self {
        Self {
            name,
            door: Door::Plain,
            steps,
            body_bytes: BODY_BYTES,
            within: SOON,
            outcome,
            verdict: AGAIN,
        }
    }

    const fn at(self, door: Door) -> Self {
        Self { door, ..self }
    }

    const fn within(self, within: Duration) -> Self {
        Self { within, ..self }
    }

    const fn is(self, verdict: &'static str) -> Self {
        Self { verdict, ..self }
    }

    const fn large(self) -> Self {
        Self { body_bytes: LARGE_BODY_BYTES, ..self }
    }
}

/// Every receiver.
pub(crate) fn all() -> impl Iterator<Item = Receiver> {
    [CONNECTIONS, HANDSHAKES, HEADS, BODIES, UPLOADS, STATUSES].into_iter().flatten().copied()
}

/// Ones that are hard to reach.
const CONNECTIONS: &[Receiver] = &[
    Receiver::new("its name server never answers", &[], "name_not_resolved")
        .at(Door::Unresolved)
        .within(CONNECT),
    Receiver::new("listens no more", &[], "connect").at(Door::Closed),
    Receiver::new("never accepts, its backlog is full", &[], "connect")
        .at(Door::Full)
        .within(CONNECT),
    Receiver::new("never accepts what its kernel took", &[], "timeout")
        .at(Door::Unanswered)
        .within(ANSWER),
    Receiver::new("resets at the first byte", &[Take(1), Reset], "broken"),
    Receiver::new("closes at the first byte", &[Take(1)], "broken"),
];

/// Ones with which TLS goes wrong, or nothing but TLS right.
const HANDSHAKES: &[Receiver] = &[
    Receiver::new("TLS: speaks plain HTTP", &[Say(OK), Stay], "tls").at(Door::Untrue),
    Receiver::new("TLS: sends garbage", &[Flood(b"garbage "), Stay], "tls").at(Door::Untrue),
    Receiver::new("TLS: hangs in the handshake", &[Stay], "connect")
        .at(Door::Untrue)
        .within(CONNECT),
    Receiver::new(
        "TLS: drips its handshake",
        &[Spell(b"\x16\x03\x03\x00\x7a\x02\x00"), Stay],
        "connect",
    )
    .at(Door::Untrue)
    .within(CONNECT),
    Receiver::new("TLS: resets in the handshake", &[Take(64), Reset], "tls").at(Door::Untrue),
    Receiver::new("TLS: a certificate that nobody vouches for", &[], "tls")
        .at(Door::Tls(Papers::Strangers)),
    Receiver::new("TLS: a certificate for another name", &[], "tls")
        .at(Door::Tls(Papers::OtherName)),
    Receiver::new("TLS: a certificate for 400 other names, 28 KB", &[], "tls")
        .at(Door::Tls(Papers::OtherNames(400))),
    Receiver::new("TLS: a certificate for 850 other names, 59 KB", &[], "tls")
        .at(Door::Tls(Papers::OtherNames(850))),
    Receiver::new("TLS: issues a ticket of 20 KB", &[TakeAll, Say(OK), Stay], "200")
        .at(Door::Tls(Papers::Tickets(1)))
        .is(DELIVERED),
    Receiver::new("TLS: issues 32 tickets of 20 KB", &[TakeAll, Say(OK), Stay], "broken")
        .at(Door::Tls(Papers::Tickets(32))),
    Receiver::new("TLS: shakes hands for 4.5 s, then never answers", &[TakeAll, Stay], "timeout")
        .at(Door::Tls(Papers::Late(Duration::from_millis(4_500))))
        .within(BOTH),
    Receiver::new("TLS: endless body", &[TakeAll, Say(OK_HEAD), Flood(b"endless ")], "200")
        .at(Door::Tls(Papers::Good))
        .is(DELIVERED),
    Receiver::new("TLS: 1xx flood", &[TakeAll, Flood(PROCESSING)], "broken")
        .at(Door::Tls(Papers::Good)),
    Receiver::new("TLS: never takes the body", &[TakeHead, Freeze], "timeout")
        .at(Door::Tls(Papers::Good))
        .within(ANSWER)
        .large(),
    Receiver::new(
        "TLS: declines before it takes the body, and closes",
        &[TakeHead, Say(b"HTTP/1.1 410 Gone\r\ncontent-length: 0\r\n\r\n")],
        "410",
    )
    .at(Door::Tls(Papers::Good))
    .large()
    .is(REFUSED),
    Receiver::new("TLS: answers 200 and then resets", &[TakeAll, Say(OK), Reset], "200")
        .at(Door::Tls(Papers::Good))
        .is(DELIVERED),
];

/// Ones whose answer's head is strange.
const HEADS: &[Receiver] = &[
    Receiver::new("never answers", &[TakeAll, Stay], "timeout").within(ANSWER),
    Receiver::new("closes without an answer", &[TakeAll], "broken"),
    Receiver::new("closes within its head", &[TakeAll, Say(b"HTTP/1.1 200 OK\r\nx")], "broken"),
    Receiver::new("resets instead of an answer", &[TakeAll, Reset], "broken"),
    Receiver::new("sends garbage", &[TakeAll, Flood(b"\x00\xffgarbage")], "broken"),
    Receiver::new(
        "answers in HTTP/2",
        &[TakeAll, Say(b"\0\0\x06\x04\0\0\0\0\0\0\x03\0\0\0\x64"), Stay],
        "broken",
    ),
    Receiver::new(
        "drips its head without end",
        &[TakeAll, Say(b"HTTP/1.1 200 OK\r\nx: "), Drip(b"y")],
        "timeout",
    )
    .within(ANSWER),
    Receiver::new(
        "headers without end",
        &[TakeAll, Say(b"HTTP/1.1 200 OK\r\n"), Flood(b"a: b\r\n")],
        "broken",
    ),
    Receiver::new(
        "a header of 1 MB",
        &[TakeAll, Say(b"HTTP/1.1 200 OK\r\nx: "), Repeat(b"y", 1_000_000), Say(b"\r\n\r\n"), Stay],
        "broken",
    ),
    Receiver::new("1xx flood", &[TakeAll, Flood(PROCESSING)], "broken"),
    Receiver::new("1xx every second", &[TakeAll, Drip(PROCESSING)], "timeout").within(ANSWER),
    Receiver::new(
        "two lengths that differ",
        &[
            TakeAll,
            Say(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nok"),
            Stay,
        ],
        "broken",
    ),
    Receiver::new("answers a byte a second", &[TakeAll, Spell(b"HTTP/1.1 200\r\n\r\n")], "200")
        .within(ANSWER)
        .is(DELIVERED),
    Receiver::new(
        "answers after 29 s",
        &[TakeAll, Wait(Duration::from_secs(29)), Say(OK), Stay],
        "200",
    )
    .within(ANSWER)
    .is(DELIVERED),
];

/// Ones whose answer's body is strange.
const BODIES: &[Receiver] = &[
    Receiver::new("drips its body", &[TakeAll, Say(OK_HEAD), Drip(b".")], "timeout").within(ANSWER),
    Receiver::new("endless body", &[TakeAll, Say(OK_HEAD), Flood(b"endless ")], "200")
        .is(DELIVERED),
    Receiver::new(
        "endless body of a length that is told",
        &[TakeAll, Say(OK_LONG), Flood(b"endless ")],
        "200",
    )
    .is(DELIVERED),
    Receiver::new(
        "chunks without end",
        &[TakeAll, Say(OK_CHUNKED), Flood(b"8\r\nendless \r\n")],
        "200",
    )
    .is(DELIVERED),
    Receiver::new(
        "chunks of one byte without end",
        &[TakeAll, Say(OK_CHUNKED), Flood(b"1\r\n.\r\n")],
        "200",
    )
    .is(DELIVERED),
    Receiver::new(
        "a chunk's extension without end",
        &[TakeAll, Say(OK_CHUNKED), Say(b"1;"), Flood(b"x")],
        "200",
    )
    .is(DELIVERED),
    Receiver::new(
        "trailers without end",
        &[TakeAll, Say(OK_CHUNKED), Say(b"0\r\n"), Flood(b"a: b\r\n")],
        "200",
    )
    .is(DELIVERED),
    Receiver::new(
        "a chunk every second",
        &[TakeAll, Say(OK_CHUNKED), Drip(b"1\r\n.\r\n")],
        "timeout",
    )
    .within(ANSWER),
    Receiver::new(
        "closes half way through its body",
        &[TakeAll, Say(OK_LONG), Say(b"half")],
        "200",
    )
    .is(DELIVERED),
    Receiver::new("answers 200 and then resets", &[TakeAll, Say(OK), Reset], "200").is(DELIVERED),
    Receiver::new("keeps the connection open after its answer", &[TakeAll, Say(OK), Stay], "200")
        .is(DELIVERED),
    Receiver::new(
        "keeps it open and never told a length",
        &[TakeAll, Say(OK_HEAD), Say(b"ok"), Stay],
        "timeout",
    )
    .within(ANSWER),
    Receiver::new(
        "answers twice",
        &[TakeAll, Say(OK), Say(b"HTTP/1.1 500 No\r\n\r\n"), Stay],
        "200",
    )
    .is(DELIVERED),
];

/// Ones that don't take what is sent as they should.
const UPLOADS: &[Receiver] = &[
    Receiver::new("never takes the body", &[TakeHead, Freeze], "timeout")
        .at(Door::Narrow)
        .within(ANSWER),
    Receiver::new("never takes the body", &[TakeHead, Freeze], "timeout")
        .at(Door::Narrow)
        .within(ANSWER)
        .large(),
    Receiver::new("takes the body 1 KiB a second", &[TakeHead, Sip], "timeout")
        .at(Door::Narrow)
        .within(ANSWER)
        .large(),
    Receiver::new("closes half way through the request", &[TakeHead, Take(100_000)], "broken")
        .at(Door::Narrow)
        .large(),
    Receiver::new(
        "resets half way through the request",
        &[TakeHead, Take(100_000), Reset],
        "broken",
    )
    .large(),
    Receiver::new(
        "accepts before it takes the body",
        &[TakeHead, Say(b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n"), TakeBody, Stay],
        "202",
    )
    .large()
    .is(DELIVERED),
    Receiver::new(
        "declines before it takes the body, and takes none",
        &[TakeHead, Say(b"HTTP/1.1 413 Too large\r\ncontent-length: 0\r\n\r\n"), Freeze],
        "413",
    )
    .at(Door::Narrow)
    .large(),
    Receiver::new(
        "declines before it takes the body, and closes",
        &[TakeHead, Say(b"HTTP/1.1 410 Gone\r\ncontent-length: 0\r\n\r\n")],
        "410",
    )
    .large()
    .is(REFUSED),
    Receiver::new("floods before it takes the body", &[TakeHead, Flood(PROCESSING)], "broken")
        .large(),
];

/// Ones that answer in good order, but not 200.
const STATUSES: &[Receiver] = &[
    Receiver::new(
        "204 without a body",
        &[TakeAll, Say(b"HTTP/1.1 204 No Content\r\n\r\n"), Stay],
        "204",
    )
    .is(DELIVERED),
    Receiver::new(
        "101, and goes silent",
        &[
            TakeAll,
            Say(b"HTTP/1.1 101 Switching Protocols\r\n\
              connection: upgrade\r\n\
              upgrade: x\r\n\r\n"),
            Stay,
        ],
        "101",
    ),
    Receiver::new(
        "301",
        &[
            TakeAll,
            Say(b"HTTP/1.1 301 Moved\r\n\
              location: http://127.0.0.1:9/a\r\n\
              content-length: 0\r\n\r\n"),
            Stay,
        ],
        "301, to http://127.0.0.1:9/a",
    ),
    Receiver::new(
        "302",
        &[
            TakeAll,
            Say(b"HTTP/1.1 302 Found\r\n\
              location: /b\r\n\
              content-length: 0\r\n\r\n"),
            Stay,
        ],
        "302, to /b",
    ),
    Receiver::new(
        "307",
        &[
            TakeAll,
            Say(b"HTTP/1.1 307 Elsewhere\r\n\
              location: https://else.test/c\r\n\
              content-length: 0\r\n\r\n"),
            Stay,
        ],
        "307, to https://else.test/c",
    ),
    Receiver::new(
        "410",
        &[
            TakeAll,
            Say(b"HTTP/1.1 410 Gone\r\n\
              content-length: 0\r\n\r\n"),
            Stay,
        ],
        "410",
    )
    .is(REFUSED),
    Receiver::new(
        "429 with Retry-After of 17 s",
        &[
            TakeAll,
            Say(b"HTTP/1.1 429 Slow down\r\n\
              retry-after: 17\r\n\
              content-length: 0\r\n\r\n"),
            Stay,
        ],
        "429, wants 17 s",
    )
    .is("again after 17 s"),
    Receiver::new(
        "429 with Retry-After of a day",
        &[
            TakeAll,
            Say(b"HTTP/1.1 429 Slow down\r\n\
              retry-after: 86400\r\n\
              content-length: 0\r\n\r\n"),
            Stay,
        ],
        "429, wants 86400 s",
    )
    .is("again after 20 s"),
    Receiver::new(
        "503 with Retry-After as a date",
        &[
            TakeAll,
            Say(b"HTTP/1.1 503 Later\r\n\
              retry-after: Sat, 21 Nov 2026 12:00:17 GMT\r\n\
              content-length: 0\r\n\r\n"),
            Stay,
        ],
        "503, wants 17 s",
    )
    .is("again after 17 s"),
    Receiver::new(
        "500",
        &[
            TakeAll,
            Say(b"HTTP/1.1 500 No\r\n\
              content-length: 0\r\n\r\n"),
            Stay,
        ],
        "500",
    ),
];
