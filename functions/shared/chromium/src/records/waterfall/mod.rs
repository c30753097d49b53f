//! A recording as a drawing (SVG): a row for each request, with its figures on the left
//! and its time on the right.
//!
//! Whatever pages have a say in is escaped: addresses, titles, the words of a status.
//! Nothing in the drawing runs, and nothing is loaded by it.

mod scale;
mod words;

use std::fmt::{self, Write as _};
use std::time::Duration;

use url::Url;

use self::scale::{CHART, Scale};
use self::words::{Label, Xml, bytes, shortened, span};
use super::phases::Phase;
use super::recording::{Cache, Exchange, Recording, Visit, ms};

/// So many requests have a row.
const MAX_ROWS: usize = 200;

/// In pixels, all of them.
const WIDTH: u32 = 1_200;
const ROW: u32 = 22;
const TOP: u32 = 142;
const BOTTOM: u32 = 18;
const BAR: f64 = 12.0;
const THIN_BAR: f64 = 4.0;

/// Where labels beside bars end.
const RIGHT: f64 = 1_184.0;

/// The characters that there is room for: of a host, of an address, of the page's own.
const HOST: usize = 26;
const NAME: usize = 46;
const SUBTITLE: usize = 150;

/// An address is written into a row up to this length.
const MAX_URL: usize = 4_000;

const STYLE: &str = "text{fill:#24292f}.dim{fill:#6e7781}.end{text-anchor:end}.failed text,\
.failed tspan{fill:#c62828}.row{fill-opacity:0}.odd .row{fill:#57606a;fill-opacity:.05}\
.failed .row{fill:#e53935;fill-opacity:.09}.request:hover .row{fill:#3b82f6;fill-opacity:.12}\
.mark{pointer-events:none}.halo{paint-order:stroke;stroke:#fff;stroke-width:3px;stroke-opacity:.9}";

/// The drawing.
pub(super) fn draw(recording: &Recording, visit: &Visit) -> Vec<u8> {
    let mut svg = String::new();
    // A String can't refuse.
    let _written = Drawing::of(recording, visit).write(&mut svg);
    svg.into_bytes()
}

struct Drawing<'a> {
    recording: &'a Recording,
    visit: &'a Visit,
    rows: Vec<&'a Exchange>,
    more: usize,
    /// What brought the page's first document, where one was asked for.
    document: Option<&'a Exchange>,
    host: Option<String>,
    scale: Scale,
}

impl<'a> Drawing<'a> {
    fn of(recording: &'a Recording, visit: &'a Visit) -> Self {
        let mut rows = recording.in_order();
        let more = rows.len().saturating_sub(MAX_ROWS) + recording.exchanges_left_out;
        rows.truncate(MAX_ROWS);
        let first = rows.iter().find(|exchange| exchange.kind == "Document");
        let led_to = first.and_then(|first| rows.iter().rfind(|exchange| exchange.id == first.id));
        let document = led_to.copied();
        let host = document
            .and_then(|document| Url::parse(&document.url).ok()?.host_str().map(str::to_owned));
        let ends = rows.iter().map(|row| row.at + row.time(recording.latest));
        let moments = ends.chain(visit.content_loaded).chain(visit.loaded);
        let whole = moments.map(|moment| recording.since_it_began(moment)).max();
        let scale = Scale::of(whole.unwrap_or_default());
        Self { recording, visit, rows, more, document, host, scale }
    }

    fn write(&self, svg: &mut String) -> fmt::Result {
        let rows = u32::try_from(self.rows.len()).unwrap_or_default();
        let end = TOP + rows * ROW;
        let height = end + BOTTOM + if self.more > 0 { ROW } else { 0 };
        write!(
            svg,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" \
             viewBox=\"0 0 {WIDTH} {height}\" font-size=\"12\" font-family=\"system-ui,\
             -apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif\" \
             font-variant-numeric=\"tabular-nums\"><style>{STYLE}</style>\
             <clipPath id=\"names\"><rect x=\"80\" width=\"326\" height=\"{height}\"/></clipPath>\
             <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#fff\"/>"
        )?;
        self.head(svg)?;
        self.landmarks(svg, end)?;
        self.grid(svg, end)?;
        for (index, exchange) in self.rows.iter().enumerate() {
            Row::of(self, exchange, index).write(svg)?;
        }
        if self.more > 0 {
            let (y, more) = (end + 18, self.more);
            write!(svg, "<text class=\"more dim\" x=\"80\" y=\"{y}\">and {more} more</text>")?;
        }
        svg.write_str("</svg>\n")
    }

    /// Whose drawing it is, with its sums, and which colour is what.
    fn head(&self, svg: &mut String) -> fmt::Result {
        let url = self.document.map_or("", |document| document.url.as_str());
        let title = Some(self.visit.title.trim()).filter(|title| !title.is_empty());
        let title = shortened(title.unwrap_or(if url.is_empty() { "Document" } else { url }), 110);
        write!(
            svg,
            "<text x=\"16\" y=\"32\" font-size=\"17\" font-weight=\"600\">{}</text>\
             <text class=\"dim\" x=\"16\" y=\"52\">{}</text><text x=\"16\" y=\"76\">",
            Xml(&title),
            Xml(&shortened(url, SUBTITLE)),
        )?;
        let all = &self.recording.exchanges;
        let requests = all.len() + self.recording.exchanges_left_out;
        let transferred = all.iter().map(|exchange| exchange.transferred).sum();
        let s = if requests == 1 { "" } else { "s" };
        write!(svg, "{requests} request{s}, {} transferred</text>", bytes(transferred))?;
        let mut x = CHART.0;
        for (phase, legend) in LEGEND {
            let (colour, text) = (colour(phase), x + 15.0);
            write!(
                svg,
                "<rect x=\"{x}\" y=\"66\" width=\"10\" height=\"10\" rx=\"2\" fill=\"{colour}\"/>\
                 <text x=\"{text}\" y=\"76\">{legend}</text>"
            )?;
            x = text + Label::width_of(legend) + 16.0;
        }
        Ok(())
    }

    fn grid(&self, svg: &mut String, end: u32) -> fmt::Result {
        for at_ms in self.scale.lines() {
            let (x, label) = (self.scale.x(at_ms), span(at_ms));
            let y = TOP - 8;
            write!(
                svg,
                "<path d=\"M{x:.1} {TOP}V{end}\" stroke=\"#d0d7de\"/>\
                 <text class=\"dim halo\" x=\"{x:.1}\" y=\"{y}\" text-anchor=\"middle\">{label}</text>"
            )?;
        }
        Ok(())
    }

    /// When the document was there, and when all of it.
    fn landmarks(&self, svg: &mut String, end: u32) -> fmt::Result {
        let landmarks = [
            ("DOMContentLoaded", self.visit.content_loaded, "#1d4ed8", TOP - 42),
            ("load", self.visit.loaded, "#9333ea", TOP - 27),
        ];
        for (name, at, colour, y) in landmarks {
            let Some(at) = at else { continue };
            let at_ms = ms(self.recording.since_it_began(at));
            let (x, from) = (self.scale.x(at_ms), y - 10);
            let text = format!("{name} {}", span(at_ms));
            let label = Label::beside(&text, (x, x), 5.0);
            write!(
                svg,
                "<g class=\"mark\" data-name=\"{name}\" data-at-ms=\"{at_ms}\">\
                 <path d=\"M{x:.1} {from}V{end}\" stroke=\"{colour}\" stroke-width=\"1.2\" \
                 stroke-dasharray=\"4 3\"/><text class=\"halo\" style=\"fill:{colour}\" \
                 x=\"{:.1}\" y=\"{y}\"{}>{text}</text></g>",
                label.x, label.anchor,
            )?;
        }
        Ok(())
    }
}

/// What colours are for.
const LEGEND: [(Phase, &str); 7] = [
    (Phase::Blocked, "queued"),
    (Phase::Dns, "DNS"),
    (Phase::Connect, "connect"),
    (Phase::Ssl, "TLS"),
    (Phase::Send, "send"),
    (Phase::Wait, "wait"),
    (Phase::Receive, "receive"),
];

const fn colour(phase: Phase) -> &'static str {
    match phase {
        Phase::Blocked => "#b6bec9",
        Phase::Dns => "#14a3a8",
        Phase::Connect => "#f59e0b",
        Phase::Ssl => "#b05cc8",
        Phase::Send => "#475569",
        Phase::Wait => "#6cc070",
        Phase::Receive => "#3b82f6",
    }
}

/// One request.
struct Row<'a> {
    drawing: &'a Drawing<'a>,
    exchange: &'a Exchange,
    index: usize,
    start: Duration,
    time: Duration,
    /// Why it failed.
    reason: Option<String>,
}

impl<'a> Row<'a> {
    fn of(drawing: &'a Drawing<'a>, exchange: &'a Exchange, index: usize) -> Self {
        Self {
            drawing,
            exchange,
            index,
            start: drawing.recording.since_it_began(exchange.at),
            time: exchange.time(drawing.recording.latest),
            reason: reason(exchange),
        }
    }

    fn write(&self, svg: &mut String) -> fmt::Result {
        let Self { exchange, index, .. } = self;
        let parity = if index % 2 == 0 { "" } else { " odd" };
        let failed = if self.reason.is_some() { " failed" } else { "" };
        let top = TOP + u32::try_from(*index).unwrap_or_default() * ROW;
        write!(
            svg,
            "<g class=\"request{parity}{failed}\" data-url=\"{}\" data-method=\"{}\" \
             data-status=\"{}\" data-start-ms=\"{}\" data-time-ms=\"{}\" data-bytes=\"{}\"><title>",
            Xml(&shortened(&exchange.url, MAX_URL)),
            Xml(&exchange.method),
            exchange.status(),
            ms(self.start),
            ms(self.time),
            exchange.transferred,
        )?;
        self.figures(svg)?;
        write!(
            svg,
            "</title><rect class=\"row\" x=\"8\" y=\"{top}\" width=\"{}\" height=\"{ROW}\"/>",
            WIDTH - 16
        )?;
        self.name(svg, top + 15)?;
        self.bar(svg, f64::from(top))?;
        svg.write_str("</g>\n")
    }

    /// All that is known of it, a line each.
    fn figures(&self, svg: &mut String) -> fmt::Result {
        let exchange = self.exchange;
        write!(svg, "{} {}", Xml(&exchange.method), Xml(&shortened(&exchange.url, MAX_URL)))?;
        if let Some(answer) = &exchange.answer {
            let (status, text) = (answer.status, Xml(&answer.status_text));
            let (protocol, media_type) = (Xml(&answer.protocol), Xml(&answer.media_type));
            write!(svg, "\n{status} {text}, {protocol}, {media_type}")?;
        }
        if let Some(reason) = &self.reason {
            write!(svg, "\nfailed: {}", Xml(reason))?;
        }
        let (kind, priority) = (Xml(&exchange.kind), Xml(&exchange.priority));
        let (sent, whole) = (bytes(exchange.transferred), bytes(exchange.bytes));
        write!(svg, "\n{kind}, priority {priority}\n{sent} transferred, {whole} of content")?;
        if let Some(cache) = exchange.cache {
            write!(svg, ", from the {} cache", cache.name())?;
        }
        let (start, time) = (span(ms(self.start)), span(ms(self.time)));
        write!(svg, "\nbegan after {start}, took {time}")?;
        for (phase, took) in exchange.phases(self.drawing.recording.latest) {
            if let Some(took) = took {
                write!(svg, "\n{} {}", phase.name(), span(ms(took)))?;
            }
        }
        Ok(())
    }

    /// Its number, its status, its address and its size.
    fn name(&self, svg: &mut String, y: u32) -> fmt::Result {
        let exchange = self.exchange;
        let number = self.index + 1;
        write!(svg, "<text class=\"dim end\" x=\"40\" y=\"{y}\">{number}</text>")?;
        match exchange.status() {
            0 => write!(svg, "<text class=\"dim\" x=\"50\" y=\"{y}\">–</text>")?,
            status => write!(svg, "<text x=\"50\" y=\"{y}\">{status}</text>")?,
        }
        write!(svg, "<text x=\"80\" y=\"{y}\" clip-path=\"url(#names)\">")?;
        let mut room = NAME;
        if exchange.method != "GET" {
            let method = shortened(&exchange.method, 10);
            room = room.saturating_sub(method.chars().count() + 2);
            write!(svg, "<tspan font-weight=\"600\">{}</tspan> ", Xml(&method))?;
        }
        let (host, path) = self.address();
        if let Some(host) = host {
            let host = shortened(host, HOST);
            room = room.saturating_sub(host.chars().count());
            write!(svg, "<tspan class=\"dim\">{}</tspan>", Xml(&host))?;
        }
        let size = match exchange.cache {
            Some(Cache::Memory | Cache::Disk) => String::from("cached"),
            None if exchange.answer.is_none() => String::from("–"),
            None => bytes(exchange.transferred),
        };
        write!(
            svg,
            "{}</text><text class=\"dim end\" x=\"470\" y=\"{y}\">{size}</text>",
            Xml(&shortened(path, room)),
        )
    }

    /// Its host, unless that is the page's own, and what follows that.
    fn address(&self) -> (Option<&str>, &str) {
        let url = self.exchange.url.as_str();
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        let path = rest.find(['/', '?']).and_then(|place| rest.split_at_checked(place));
        let (host, path) = path.unwrap_or((rest, ""));
        let name = Url::parse(url).ok();
        let name = name.as_ref().and_then(Url::host_str);
        (Some(host).filter(|_| name != self.drawing.host.as_deref()), path)
    }

    /// Its phases, and how long it took.
    fn bar(&self, svg: &mut String, top: f64) -> fmt::Result {
        let scale = &self.drawing.scale;
        let middle = top + f64::from(ROW) / 2.0;
        let mut from = self.start;
        for (phase, took) in self.exchange.phases(self.drawing.recording.latest) {
            let Some(took) = took.filter(|took| !took.is_zero()) else { continue };
            let height = if phase == Phase::Blocked { THIN_BAR } else { BAR };
            let (x, end) = (scale.x(ms(from)), scale.x(ms(from + took)));
            write!(
                svg,
                "<rect data-phase=\"{}\" x=\"{x:.1}\" y=\"{:.1}\" width=\"{:.1}\" \
                 height=\"{height}\" fill=\"{}\"/>",
                phase.name(),
                middle - height / 2.0,
                (end - x).max(0.7),
                colour(phase),
            )?;
            from += took;
        }
        let mut text = span(ms(self.time));
        if self.exchange.ended.is_none() {
            text.push_str(", not ended");
        }
        if let Some(reason) = &self.reason {
            text.push_str(", ");
            text.push_str(reason);
        }
        let text = shortened(&text, 60);
        let ends = (scale.x(ms(self.start)), scale.x(ms(from)));
        let label = Label::beside(&text, ends, 6.0);
        let y = top + 15.0;
        let (x, anchor, text) = (label.x, label.anchor, Xml(&text));
        write!(svg, "<text class=\"dim halo\" x=\"{x:.1}\" y=\"{y}\"{anchor}>{text}</text>")
    }
}

/// Why a request failed, if it did.
fn reason(exchange: &Exchange) -> Option<String> {
    if let Some(error) = &exchange.error {
        let error = error.strip_prefix("net::").unwrap_or(error);
        return Some(match exchange.blocked.as_deref() {
            Some(blocked) => format!("blocked ({blocked})"),
            None => error.to_owned(),
        });
    }
    let answer = exchange.answer.as_ref().filter(|answer| answer.status >= 400)?;
    Some(format!("{} {}", answer.status, answer.status_text).trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::samples::{START, exchange, recording};
    use super::*;

    fn drawn(exchanges: Vec<Exchange>) -> String {
        let moment = |ms| Some(START.monotonic + Duration::from_millis(ms));
        let visit = Visit {
            title: String::from("<A> & \u{1}b"),
            content_loaded: moment(100),
            loaded: moment(400),
            ..Visit::default()
        };
        String::from_utf8(draw(&recording(exchanges), &visit)).unwrap()
    }

    /// The parts of a drawing, which is XML.
    fn tokens(svg: &str) -> Vec<xmlparser::Token<'_>> {
        xmlparser::Tokenizer::from(svg).collect::<Result<_, _>>().unwrap()
    }

    fn count(svg: &str, part: &str) -> usize {
        svg.matches(part).count()
    }

    #[test]
    fn a_row_has_the_figures_of_its_request() {
        let svg = drawn(vec![exchange(0, "https://e.com/a?b=1&c=<2>")]);
        tokens(&svg);
        let row = "<g class=\"request\" data-url=\"https://e.com/a?b=1&amp;c=&lt;2&gt;\" \
             data-method=\"GET\" data-status=\"200\" data-start-ms=\"0\" data-time-ms=\"100\" \
             data-bytes=\"1500\"><title>GET https://e.com/a?b=1&amp;c=&lt;2&gt;\n200 OK, h2, text/html\n\
             Document, priority High\n1.5 kB transferred, 2.0 kB of content\nbegan after 0 ms, took \
             100 ms\nblocked 5 ms\ndns 5 ms\nconnect 10 ms\nssl 20 ms\nsend 10 ms\nwait 40 ms\n\
             receive 10 ms</title>";
        assert!(svg.contains(row), "{svg}");
        assert_eq!(count(&svg, "data-phase"), 7);
        assert!(svg.contains(">/a?b=1&amp;c=&lt;2&gt;</text>"), "{svg}");
        assert!(svg.contains(">&lt;A&gt; &amp; b</text>"), "{svg}");
        assert!(svg.contains("data-name=\"load\" data-at-ms=\"400\""), "{svg}");
        assert!(svg.contains("1 request, 1.5 kB transferred"), "{svg}");
    }

    #[test]
    fn what_failed_says_why() {
        let first = || exchange(0, "https://e.com/");
        let missing = || {
            let answer = first().answer.map(|answer| super::super::recording::Answer {
                status: 404,
                status_text: String::from("Not Found"),
                ..answer
            });
            Exchange { answer, ..first() }
        };
        let refused = || Exchange {
            answer: None,
            error: Some(String::from("net::ERR_BLOCKED_BY_CLIENT.Inspector")),
            blocked: Some(String::from("inspector")),
            ..first()
        };
        for (exchange, reason) in [
            (missing(), "404 Not Found"),
            (refused(), "blocked (inspector)"),
            (Exchange { ended: None, ..first() }, ""),
        ] {
            let svg = drawn(vec![first(), exchange]);
            tokens(&svg);
            let expected = usize::from(!reason.is_empty());
            assert_eq!(count(&svg, " odd failed\""), expected, "{svg}");
            assert_eq!(count(&svg, &format!("100 ms, {reason}<")), expected, "{svg}");
            assert_eq!(count(&svg, "not ended"), 1 - expected, "{svg}");
        }
    }

    #[test]
    fn no_more_rows_are_drawn_than_anybody_reads() {
        for (requests, rows) in [(0, 0), (1, 1), (200, 200), (201, 200), (260, 200)] {
            let all = (0..requests).map(|at| exchange(at as u64, &format!("https://e.com/{at}")));
            let svg = drawn(all.collect());
            tokens(&svg);
            assert_eq!(count(&svg, "<g class=\"request"), rows, "{requests}");
            let more = format!(">and {} more<", requests - rows);
            assert_eq!(svg.contains(&more), requests > 200, "{requests}");
        }
    }

    #[test]
    fn addresses_of_any_kind_are_drawn() {
        let long =
            format!("https://{}.com/{}?{}", "h".repeat(200), "p/".repeat(3_000), "é".repeat(900));
        for url in ["", "about:blank", "https://e.com", "https://e.com?é", "ws://x/\u{0}", &long] {
            let svg = drawn(vec![exchange(0, "https://own.com/"), exchange(1, url)]);
            tokens(&svg);
            assert!(svg.len() < 40_000, "{url}");
        }
    }
}
