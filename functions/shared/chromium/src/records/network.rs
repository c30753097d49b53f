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

use super::headers::{Headers, PAIR_BYTES};
use super::recording::{Answer, Body, Cache, Exchange, Recording, Timing, seconds};
use crate::connection::Event;
use crate::watcher::read;

/// As many requests are recorded: more than any page of people's makes.
const MAX_REQUESTS: usize = 5_000;

/// The most that their texts take together: 3 kB for each of the most requests is usual.
const MAX_BYTES: usize = 16 * 1024 * 1024;

/// The longest status text or media type.
const MAX_NOTE_BYTES: usize = 400;

/// Of what is sent with a request the length is recorded, up to this.
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
    /// Headers that the client gave, in lower case. They may be secrets.
    given: HashSet<String>,
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
            given: given.collect(),
            main_frame: main_frame.to_owned(),
            room: MAX_BYTES,
        }
    }

    /// Notes what an event tells.
    pub(super) fn follow(&mut self, event: &Event, recording: &mut Recording) {
        if let Some(sent) = read::<EventRequestWillBeSent, Sent>(event) {
            self.send(sent, recording);
        } else if let Some(extra) = read::<EventRequestWillBeSentExtraInfo, Extra>(event) {
            self.tell_headers(extra, Self::sent, |chain| &mut chain.sent, recording);
        } else if let Some(extra) = read::<EventResponseReceivedExtraInfo, Extra>(event) {
            self.tell_headers(extra, Self::answered, |chain| &mut chain.answered, recording);
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
            chain.settle(recording);
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
        let has_room = recording.exchanges.len() < MAX_REQUESTS && self.takes(sent.request.bytes());
        if !has_room {
            recording.exchanges_left_out += 1;
            // What is told of it from now on isn't of those before.
            if let Some(mut chain) = self.chains.remove(&sent.id) {
                chain.settle(recording);
            }
            return;
        }
        let hop = Hop { place: recording.exchanges.len(), has_extra: true };
        self.chains.entry(sent.id.clone()).or_default().hops.push(hop);
        recording.exchanges.push(Exchange {
            id: sent.id,
            method: cut(sent.request.method),
            kind: sent.kind,
            priority: sent.request.priority,
            at,
            headers: self.sent(sent.request.headers),
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
        let headers = if has_room { self.answered(headers) } else { Vec::new() };
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
            status_text: cut(response.status_text),
            protocol: cut(response.protocol),
            media_type: cut(response.media_type),
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
        if let (Some(answer), Some(transferred)) = (&exchange.answer, end.transferred) {
            // Of some answers (an image that isn't one), the browser counts no head.
            let is_plain = answer.header("content-encoding").is_none() && exchange.cache.is_none();
            let least = if is_plain { answer.head_bytes + exchange.bytes } else { 0 };
            exchange.transferred = bytes(transferred).max(least);
        }
        exchange.error = exchange.error.take().or_else(|| end.error.map(cut));
        exchange.blocked = end.blocked;
    }

    fn tell_headers(
        &mut self,
        extra: Extra,
        shown: fn(&Self, Headers) -> Vec<Property>,
        of: fn(&mut Chain) -> &mut Vec<Option<Headers>>,
        recording: &mut Recording,
    ) {
        // Of those that are left out, nothing is kept.
        if !self.chains.contains_key(&extra.id) && self.chains.len() >= MAX_REQUESTS {
            return;
        }
        let text = extra.text.map(|text| Headers::of_text(&text));
        let headers = text.unwrap_or(extra.headers);
        let has_room = self.takes(headers.bytes());
        recording.is_short_of_headers |= !has_room;
        // Those that have no room have their turn all the same.
        let headers = has_room.then(|| Headers(shown(self, headers)));
        of(self.chains.entry(extra.id).or_default()).push(headers);
    }

    /// Those of a request that may be recorded.
    fn sent(&self, headers: Headers) -> Vec<Property> {
        let is_shown = |name: &str| name != OWN && !self.given.contains(name);
        self.answered(headers).into_iter().filter(|it| is_shown(&it.name.to_lowercase())).collect()
    }

    /// Those of an answer that may be recorded.
    #[expect(clippy::unused_self, reason = "a twin of the other's")]
    fn answered(&self, headers: Headers) -> Vec<Property> {
        let is_secret =
            |it: &Property| SECRET.iter().any(|name| it.name.eq_ignore_ascii_case(name));
        headers.0.into_iter().filter(|header| !is_secret(header)).collect()
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

impl Chain {
    /// Gives each request the headers that went over the wire, of those that are there.
    fn settle(&mut self, recording: &mut Recording) {
        let told = self.hops.iter().filter(|hop| hop.has_extra);
        for (turn, hop) in told.enumerate() {
            let Some(exchange) = recording.exchanges.get_mut(hop.place) else { continue };
            if let Some(headers) = self.sent.get_mut(turn).and_then(Option::take) {
                exchange.headers = headers.0;
                exchange.is_sent = true;
            }
            let headers = self.answered.get_mut(turn).and_then(Option::take);
            if let (Some(answer), Some(headers)) = (&mut exchange.answer, headers) {
                answer.headers = headers.0;
            }
        }
    }
}

impl Request {
    /// The room that it takes, with the parameters that an archive has one by one.
    fn bytes(&self) -> usize {
        let parameters = self.url.bytes().filter(|&byte| byte == b'&').count();
        self.url.len() + parameters * PAIR_BYTES + self.headers.bytes()
    }

    fn body(&mut self) -> Body {
        match self.body.take() {
            Some(text) => Body::Bytes(text.len() as u64),
            None if self.has_body => Body::Unknown,
            None => Body::None,
        }
    }
}

/// What a host may make as long as it likes, as far as anybody reads it.
fn cut(text: String) -> String {
    if text.len() <= MAX_NOTE_BYTES {
        text
    } else {
        text.chars().take(MAX_NOTE_BYTES / 4).collect()
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

#[cfg(test)]
mod tests {
    use darkroom_core::capture::Header;
    use darkroom_core::secret::SecretText;
    use serde_json::{Value, json};

    use super::*;

    struct Page {
        network: Network,
        recording: Recording,
    }

    impl Page {
        fn new() -> Self {
            let value = SecretText::new(String::from("v"));
            let headers = vec![Header { name: String::from("X-Own"), value }];
            let changes = RequestChanges { headers, ..RequestChanges::default() };
            let network = Network::new("main", &changes);
            Self { network, recording: Recording::default() }
        }

        fn tell(&mut self, method: &str, params: impl Into<Value>) {
            let (method, params) = (format!("Network.{method}"), params.into());
            let event = serde_json::from_value(json!({ "method": method, "params": params }));
            self.network.follow(&event.unwrap(), &mut self.recording);
        }

        fn ask(&mut self, id: &str, url: &str) {
            self.tell("requestWillBeSent", sent(id, url));
        }

        fn answer(&mut self, id: &str, has_extra: bool) {
            let params = json!({
                "requestId": id, "timestamp": 3.0, "hasExtraInfo": has_extra, "response": response(),
            });
            self.tell("responseReceived", params);
        }

        /// One header each of the requests and of their answers.
        fn settled(&mut self) -> Vec<(String, String)> {
            self.network.settle(&mut self.recording);
            let first = |headers: &[Property]| headers.first().map(|it| it.value.clone());
            let of = |exchange: &Exchange| {
                let answer = exchange.answer.as_ref().and_then(|answer| first(&answer.headers));
                (first(&exchange.headers).unwrap_or_default(), answer.unwrap_or_default())
            };
            self.recording.exchanges.iter().map(of).collect()
        }
    }

    fn sent(id: &str, url: &str) -> Value {
        json!({
            "requestId": id, "loaderId": id, "frameId": "main", "type": "Document",
            "timestamp": 2.0, "wallTime": 0.0,
            "request": { "url": url, "method": "GET", "headers": { "A": "planned" } },
        })
    }

    fn redirected(id: &str, url: &str, has_extra: bool) -> Value {
        let mut sent = sent(id, url);
        sent["redirectHasExtraInfo"] = json!(has_extra);
        sent["redirectResponse"] = response();
        sent
    }

    fn response() -> Value {
        json!({ "status": 200, "headers": { "A": "summary" }, "encodedDataLength": 10.0 })
    }

    fn extra(id: &str, value: &str) -> Value {
        json!({ "requestId": id, "headers": { "A": value } })
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
    }

    #[test]
    fn what_went_over_the_wire_is_told_earlier_or_later() {
        let mut page = Page::new();
        page.tell("requestWillBeSentExtraInfo", extra("1", "early"));
        page.ask("1", "https://e.com/");
        page.tell("responseReceivedExtraInfo", extra("1", "before"));
        page.answer("1", true);
        page.ask("2", "https://e.com/2");
        page.answer("2", true);
        let expected = [("early", "before"), ("planned", "summary")];
        assert_eq!(page.settled(), pairs(&expected));
        page.tell("requestWillBeSentExtraInfo", extra("2", "late"));
        page.tell("responseReceivedExtraInfo", extra("2", "after"));
        assert_eq!(page.settled(), pairs(&[("early", "before"), ("late", "after")]));
    }

    #[test]
    fn each_hop_of_a_redirect_has_its_own_headers() {
        let mut page = Page::new();
        page.ask("1", "http://e.com/");
        // Led on by the browser itself, without a word over the wire.
        page.tell("requestWillBeSentExtraInfo", extra("1", "second"));
        page.tell("requestWillBeSent", redirected("1", "https://e.com/", false));
        page.tell("responseReceivedExtraInfo", extra("1", "second"));
        page.tell("requestWillBeSentExtraInfo", extra("1", "third"));
        page.tell("requestWillBeSent", redirected("1", "https://e.com/3", true));
        page.answer("1", true);
        page.tell("responseReceivedExtraInfo", extra("1", "third"));
        let expected = [("planned", "summary"), ("second", "second"), ("third", "third")];
        assert_eq!(page.settled(), pairs(&expected));
        assert_eq!(page.recording.asked, Some(Duration::from_secs(2)));
        let answered = page.recording.answer_of("1").unwrap();
        assert_eq!(answered.headers[0].value, "third");
        let ends: Vec<_> = page.recording.exchanges.iter().map(|it| it.ended.is_some()).collect();
        assert_eq!(ends, [true, true, false]);
    }

    #[test]
    fn secret_headers_are_not_kept() {
        let mut page = Page::new();
        page.ask("1", "https://e.com/");
        page.answer("1", true);
        let secret = json!({
            "Authorization": "x", "cookie": "x", "Proxy-Authorization": "x", "x-own": "x",
            "Proxy-Connection": "x", "Accept": "kept",
        });
        page.tell("requestWillBeSentExtraInfo", json!({ "requestId": "1", "headers": secret }));
        // What the client named is the host's own to answer.
        let answered = json!({ "Set-Cookie": "\"x\"", "X-Own": "kept" });
        page.tell("responseReceivedExtraInfo", json!({ "requestId": "1", "headers": answered }));
        assert_eq!(page.settled(), pairs(&[("kept", "kept")]));
        assert!(!format!("{:?}", page.recording).contains("\"x\""));
        let text = "HTTP/1.1 200 OK\r\nSet-Cookie: x\r\nB: kept\r\n";
        page.ask("2", "https://e.com/");
        page.answer("2", true);
        let params = json!({ "requestId": "2", "headers": { "B": "" }, "headersText": text });
        page.tell("responseReceivedExtraInfo", params);
        assert_eq!(page.settled().pop(), pairs(&[("planned", "kept")]).pop());
    }

    #[test]
    fn lengths_are_summed_and_ends_are_told() {
        let mut page = Page::new();
        let data = |bytes: u64| {
            json!({
                "requestId": "1", "timestamp": 4.0, "dataLength": bytes, "encodedDataLength": 30,
            })
        };
        page.ask("1", "https://e.com/");
        page.answer("1", false);
        page.tell("dataReceived", data(100));
        page.tell("dataReceived", data(200));
        let [exchange] = &page.recording.exchanges[..] else { panic!() };
        assert_eq!((exchange.bytes, exchange.transferred, exchange.body_bytes()), (300, 70, 60));
        let end = json!({ "requestId": "1", "timestamp": 5.0, "encodedDataLength": 75.0 });
        page.tell("loadingFinished", end);
        let failed = json!({
            "requestId": "1", "timestamp": 6.0, "errorText": "net::ERR_FAILED",
            "blockedReason": "csp",
        });
        page.tell("loadingFailed", failed);
        let [exchange] = &page.recording.exchanges[..] else { panic!() };
        assert_eq!((exchange.transferred, exchange.ended), (310, Some(Duration::from_secs(6))));
        assert_eq!(exchange.error.as_deref(), Some("net::ERR_FAILED"));
        assert_eq!(exchange.blocked.as_deref(), Some("csp"));
        assert_eq!(page.recording.latest, Duration::from_secs(6));
    }

    #[test]
    fn our_own_proxys_refusal_is_nobodys_answer() {
        let mut page = Page::new();
        page.ask("1", "http://e.com/");
        let response = json!({ "status": 502, "headers": { VERDICT_HEADER: "unresolved" } });
        let params = json!({ "requestId": "1", "timestamp": 3.0, "response": response });
        page.tell("responseReceived", params);
        let data = json!({
            "requestId": "1", "timestamp": 4.0, "dataLength": 9, "encodedDataLength": 9,
        });
        page.tell("dataReceived", data);
        let end = json!({ "requestId": "1", "timestamp": 5.0, "encodedDataLength": 75.0 });
        page.tell("loadingFinished", end);
        let [exchange] = &page.recording.exchanges[..] else { panic!() };
        assert_eq!(exchange.error.as_deref(), Some("no connection: unresolved"));
        assert_eq!((exchange.status(), exchange.bytes, exchange.transferred), (0, 0, 0));
    }

    #[test]
    fn too_many_or_too_long_requests_are_counted() {
        let mut page = Page::new();
        page.ask("data", "data:text/html,");
        page.ask("blob", "blob:https://e.com/1");
        for id in 0..MAX_REQUESTS + 2 {
            page.ask(&id.to_string(), "https://e.com/");
        }
        assert_eq!(page.recording.exchanges.len(), MAX_REQUESTS);
        assert_eq!(page.recording.exchanges_left_out, 2);
        // What is told of one that is left out changes nothing.
        page.tell("responseReceivedExtraInfo", extra("5001", "late"));
        page.answer("5001", true);
        assert_eq!(page.network.chains.len(), MAX_REQUESTS);

        let mut page = Page::new();
        page.ask("1", "https://e.com/");
        page.ask("2", &format!("https://e.com/{}", "x".repeat(MAX_BYTES)));
        page.ask("3", "https://e.com/");
        // Each parameter is a pair of its own in an archive.
        page.ask("4", &format!("https://e.com/?{}", "a&".repeat(MAX_BYTES / PAIR_BYTES)));
        assert_eq!((page.recording.exchanges.len(), page.recording.exchanges_left_out), (2, 2));
    }

    #[test]
    fn headers_that_have_no_room_leave_those_of_others_in_their_place() {
        let mut page = Page::new();
        page.ask("1", "https://e.com/");
        page.tell("requestWillBeSentExtraInfo", extra("1", &"x".repeat(MAX_BYTES)));
        page.tell("requestWillBeSent", redirected("1", "https://e.com/2", true));
        page.tell("requestWillBeSentExtraInfo", extra("1", "second"));
        // What is left out takes nothing from those before it.
        page.tell("requestWillBeSent", redirected("1", &"x".repeat(MAX_BYTES), true));
        assert_eq!(page.settled(), pairs(&[("planned", "summary"), ("second", "summary")]));
        assert!(page.recording.is_short_of_headers);
    }
}
