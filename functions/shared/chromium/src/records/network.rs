//! Follows a page's requests (`Network`) into a recording.
//!
//! What really went over the wire (`…ExtraInfo`) is told by another part of the browser
//! than the requests themselves: earlier or later, once for each request that a
//! redirect leads to, and not at all for some.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use chromiumoxide::cdp::browser_protocol::network::{
    EventDataReceived, EventLoadingFailed, EventLoadingFinished, EventRequestServedFromCache,
    EventRequestWillBeSent, EventRequestWillBeSentExtraInfo, EventResponseReceived,
    EventResponseReceivedExtraInfo,
};
use darkroom_core::capture::RequestChanges;
use darkroom_core::report::Property;
use darkroom_egress::forward_proxy::VERDICT_HEADER;
use serde::Deserialize;

use super::headers::Headers;
use super::recording::{Answer, Body, Cache, Exchange, Recording, Timing, seconds};
use crate::connection::Event;
use crate::watcher::read;

/// As many requests are recorded: more than any page of people's makes.
const MAX_REQUESTS: usize = 5_000;

/// The most that their texts take together: 3 kB for each of the most requests is usual.
const MAX_BYTES: usize = 16 * 1024 * 1024;

/// What is sent with a request is recorded up to this length.
pub(super) const MAX_BODY_BYTES: i64 = 64 * 1024;

/// Headers of requests and of answers that are nobody's business but the host's.
const SECRET: [&str; 4] = ["authorization", "cookie", "proxy-authorization", "set-cookie"];

/// A header that goes no further than our own proxy.
const OWN: &str = "proxy-connection";

/// Follows a page's requests.
#[derive(Debug)]
pub(super) struct Network {
    /// The requests of each id.
    chains: HashMap<String, Chain>,
    /// Headers that aren't recorded, in lower case: those that are secret, those that the
    /// client gave, which may be, and what isn't sent to hosts.
    hidden: HashSet<String>,
    main_frame: String,
    /// The bytes that there is still room for.
    room: usize,
}

/// A request and those that it was led to.
#[derive(Default, Debug)]
struct Chain {
    hops: Vec<Hop>,
    /// The headers that were sent and answered, of each of them that has any.
    sent: Vec<Option<Headers>>,
    answered: Vec<Option<Headers>>,
}

#[derive(Debug)]
struct Hop {
    /// Its place among the exchanges.
    place: usize,
    /// Whether its headers are told besides.
    has_extra: bool,
}

impl Network {
    /// Follows a page with this main frame, which is sent this.
    pub(super) fn new(main_frame: &str, changes: &RequestChanges) -> Self {
        let given = changes.headers.iter().map(|header| header.name.to_lowercase());
        Self {
            chains: HashMap::new(),
            hidden: SECRET.into_iter().chain([OWN]).map(str::to_owned).chain(given).collect(),
            main_frame: main_frame.to_owned(),
            room: MAX_BYTES,
        }
    }

    /// Notes what an event tells.
    pub(super) fn follow(&mut self, event: &Event, recording: &mut Recording) {
        if let Some(sent) = read::<EventRequestWillBeSent, Sent>(event) {
            self.send(sent, recording);
        } else if let Some(extra) = read::<EventRequestWillBeSentExtraInfo, Extra>(event) {
            self.tell_headers(extra, |chain| &mut chain.sent);
        } else if let Some(extra) = read::<EventResponseReceivedExtraInfo, Extra>(event) {
            self.tell_headers(extra, |chain| &mut chain.answered);
        } else if let Some(served) = read::<EventRequestServedFromCache, Served>(event) {
            if let Some(exchange) = self.exchange(&served.id, recording) {
                exchange.cache = Some(Cache::Memory);
            }
        } else if let Some(received) = read::<EventResponseReceived, Received>(event) {
            self.receive(received, recording);
        } else if let Some(data) = read::<EventDataReceived, Data>(event) {
            recording.latest = recording.latest.max(seconds(data.timestamp));
            let exchange = self.exchange(&data.id, recording);
            if let Some(exchange) = exchange.filter(|exchange| exchange.answer.is_some()) {
                exchange.bytes += data.bytes;
                exchange.transferred += data.transferred;
            }
        } else if let Some(end) = read::<EventLoadingFinished, Ended>(event)
            .or_else(|| read::<EventLoadingFailed, _>(event))
        {
            self.end(end, recording);
        }
    }

    /// Gives each request the headers that went over the wire, of those that are there.
    pub(super) fn settle(&mut self, recording: &mut Recording) {
        for chain in self.chains.values_mut() {
            let told = chain.hops.iter().filter(|hop| hop.has_extra);
            for (turn, hop) in told.enumerate() {
                let Some(exchange) = recording.exchanges.get_mut(hop.place) else { continue };
                if let Some(headers) = chain.sent.get_mut(turn).and_then(Option::take) {
                    exchange.headers = headers.0;
                    exchange.is_sent = true;
                }
                let headers = chain.answered.get_mut(turn).and_then(Option::take);
                if let (Some(answer), Some(headers)) = (&mut exchange.answer, headers) {
                    answer.headers = headers.0;
                }
            }
        }
    }

    fn send(&mut self, mut sent: Sent, recording: &mut Recording) {
        let at = seconds(sent.timestamp);
        recording.latest = recording.latest.max(at);
        if let Some(response) = sent.redirected {
            self.lead_on(&sent.id, response, sent.redirect_has_extra, at, recording);
        }
        let is_web = !["data:", "blob:"].iter().any(|scheme| sent.request.url.starts_with(scheme));
        if !is_web {
            return;
        }
        let is_navigation = sent.id == sent.loader && sent.frame == self.main_frame;
        if is_navigation && recording.asked.is_none() {
            recording.asked = Some(at);
        }
        let body = sent.request.body();
        let texts = sent.request.url.len() + body.bytes() + sent.request.headers.bytes();
        if recording.exchanges.len() >= MAX_REQUESTS || !self.takes(texts) {
            recording.exchanges_left_out += 1;
            // What is told of it from now on isn't of those before.
            self.chains.remove(&sent.id);
            return;
        }
        let hop = Hop { place: recording.exchanges.len(), has_extra: true };
        self.chains.entry(sent.id.clone()).or_default().hops.push(hop);
        recording.exchanges.push(Exchange {
            id: sent.id,
            method: sent.request.method,
            kind: sent.kind,
            priority: sent.request.priority,
            at,
            headers: self.shown(sent.request.headers),
            body,
            url: sent.request.url,
            ..Exchange::default()
        });
    }

    /// Notes that a host led a request elsewhere.
    fn lead_on(
        &mut self,
        id: &str,
        response: Response,
        has_extra: bool,
        at: Duration,
        recording: &mut Recording,
    ) {
        self.answer(id, response, has_extra, at, recording);
        if let Some(exchange) = self.exchange(id, recording) {
            exchange.ended = Some(at);
        }
    }

    fn receive(&mut self, received: Received, recording: &mut Recording) {
        let at = seconds(received.timestamp);
        recording.latest = recording.latest.max(at);
        self.answer(&received.id, received.response, received.has_extra, at, recording);
    }

    fn answer(
        &mut self,
        id: &str,
        response: Response,
        has_extra: bool,
        at: Duration,
        recording: &mut Recording,
    ) {
        if let Some(hop) = self.chains.get_mut(id).and_then(|chain| chain.hops.last_mut()) {
            hop.has_extra = has_extra;
        }
        let has_room = self.takes(response.headers.bytes());
        recording.is_short_of_headers |= !has_room;
        let headers = response.headers;
        // Nobody answered but our own proxy, which could not or must not connect.
        let refused =
            headers.get(VERDICT_HEADER).map(|verdict| format!("no connection: {verdict}"));
        let headers = if has_room { self.shown(headers) } else { Vec::new() };
        let Some(exchange) = self.exchange(id, recording) else { return };
        if refused.is_some() {
            exchange.error = refused;
            return;
        }
        if response.is_from_disk {
            exchange.cache = Some(Cache::Disk);
        }
        exchange.transferred = bytes(response.transferred);
        exchange.answer = Some(Answer {
            at,
            status: response.status,
            status_text: response.status_text,
            protocol: response.protocol,
            media_type: response.media_type,
            headers,
            head_bytes: exchange.transferred,
            timing: response.timing,
        });
    }

    fn end(&mut self, end: Ended, recording: &mut Recording) {
        let at = seconds(end.timestamp);
        recording.latest = recording.latest.max(at);
        let Some(exchange) = self.exchange(&end.id, recording) else { return };
        exchange.ended = Some(at);
        if let Some(transferred) = end.transferred.filter(|_| exchange.answer.is_some()) {
            exchange.transferred = bytes(transferred);
        }
        exchange.error = exchange.error.take().or(end.error);
        exchange.blocked = end.blocked;
    }

    fn tell_headers(&mut self, extra: Extra, of: fn(&mut Chain) -> &mut Vec<Option<Headers>>) {
        let is_known = self.chains.contains_key(&extra.id);
        // Of those that are left out, nothing is kept.
        if !is_known && self.chains.len() >= MAX_REQUESTS || !self.takes(extra.headers.bytes()) {
            return;
        }
        let text = extra.text.map(|text| Headers::of_text(&text));
        let headers = Headers(self.shown(text.unwrap_or(extra.headers)));
        of(self.chains.entry(extra.id).or_default()).push(Some(headers));
    }

    /// Those that may be recorded.
    fn shown(&self, headers: Headers) -> Vec<Property> {
        let is_shown = |header: &Property| !self.hidden.contains(&header.name.to_lowercase());
        headers.0.into_iter().filter(is_shown).collect()
    }

    fn exchange<'a>(&self, id: &str, recording: &'a mut Recording) -> Option<&'a mut Exchange> {
        let hop = self.chains.get(id)?.hops.last()?;
        recording.exchanges.get_mut(hop.place)
    }

    /// Whether there was room for texts of this length, which now is theirs.
    fn takes(&mut self, bytes: usize) -> bool {
        let rest = self.room.checked_sub(bytes);
        self.room = rest.unwrap_or(self.room);
        rest.is_some()
    }
}

impl Request {
    fn body(&mut self) -> Body {
        match self.body.take() {
            Some(text) => Body::Text(text),
            None if self.has_body => Body::Unknown,
            None => Body::None,
        }
    }
}

impl Body {
    fn bytes(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::None | Self::Unknown => 0,
        }
    }
}

/// A length, which the protocol has as a number of any kind; what isn't one is 0.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
fn bytes(length: f64) -> u64 {
    length as u64
}

#[derive(Deserialize)]
struct Sent {
    #[serde(rename = "requestId")]
    id: String,
    #[serde(rename = "loaderId", default)]
    loader: String,
    #[serde(rename = "frameId", default)]
    frame: String,
    #[serde(rename = "type", default)]
    kind: String,
    timestamp: f64,
    request: Request,
    #[serde(rename = "redirectResponse")]
    redirected: Option<Response>,
    #[serde(rename = "redirectHasExtraInfo", default)]
    redirect_has_extra: bool,
}

#[derive(Deserialize)]
struct Request {
    url: String,
    method: String,
    headers: Headers,
    #[serde(rename = "initialPriority", default)]
    priority: String,
    #[serde(rename = "postData")]
    body: Option<String>,
    #[serde(rename = "hasPostData", default)]
    has_body: bool,
}

#[derive(Deserialize)]
struct Received {
    #[serde(rename = "requestId")]
    id: String,
    timestamp: f64,
    response: Response,
    #[serde(rename = "hasExtraInfo", default)]
    has_extra: bool,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Response {
    status: u16,
    status_text: String,
    headers: Headers,
    #[serde(rename = "mimeType")]
    media_type: String,
    protocol: String,
    #[serde(rename = "fromDiskCache")]
    is_from_disk: bool,
    #[serde(rename = "encodedDataLength")]
    transferred: f64,
    timing: Option<Timing>,
}

#[derive(Deserialize)]
struct Extra {
    #[serde(rename = "requestId")]
    id: String,
    headers: Headers,
    /// As they came, over HTTP/1 only.
    #[serde(rename = "headersText")]
    text: Option<String>,
}

#[derive(Deserialize)]
struct Served {
    #[serde(rename = "requestId")]
    id: String,
}

#[derive(Deserialize)]
struct Data {
    #[serde(rename = "requestId")]
    id: String,
    timestamp: f64,
    #[serde(rename = "dataLength")]
    bytes: u64,
    #[serde(rename = "encodedDataLength", default)]
    transferred: u64,
}

#[derive(Deserialize)]
struct Ended {
    #[serde(rename = "requestId")]
    id: String,
    timestamp: f64,
    #[serde(rename = "encodedDataLength")]
    transferred: Option<f64>,
    #[serde(rename = "errorText")]
    error: Option<String>,
    #[serde(rename = "blockedReason")]
    blocked: Option<String>,
}
