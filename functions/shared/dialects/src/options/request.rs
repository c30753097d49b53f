//! What a page's host is sent. No fault repeats a value: it may be a secret.

use std::borrow::Cow;

use darkroom_core::capture::{Cookie, Header, RequestChanges, Source};
use darkroom_core::secret::SecretText;
use serde_json::{Map, Value};

use super::cookie;
use super::given::Options;
use super::known::{Known, built};
use super::values::{self, Raw, Reading, Wrong};

pub(super) const OPTIONS: &[Known] = &[
    built(
        "user_agent",
        "a string of printable ASCII",
        None,
        "What the browser calls itself; its client hints follow. Default: the device's, else Chromium's own.",
    ),
    built(
        "authorization",
        "a string of printable ASCII",
        None,
        "`Authorization` header for the page's own host. Needs `url`.",
    ),
    built(
        "headers",
        "a list of headers such as \"X-Name: value\", or an object",
        None,
        "Headers for the page's own host; no other is sent them. Needs `url`.",
    ),
    built(
        "cookies",
        "a list of cookies such as \"name=value; Domain=example.com; Path=/; Secure; HttpOnly; SameSite=Lax\", or of objects",
        None,
        "Cookies that are there before the page is loaded, of its own host unless they have a Domain. `Expires` and `Max-Age` change nothing in a capture.",
    ),
];

/// Headers that are the browser's own to set, or that another option sets.
const RESERVED: &[(&str, &str)] = &[
    ("connection", "is set by the browser; leave it out"),
    ("content-length", "is set by the browser; leave it out"),
    ("cookie", "is set by the browser; use `cookies`"),
    ("cookie2", "is set by the browser; use `cookies`"),
    ("expect", "is set by the browser; leave it out"),
    ("host", "is set by the browser; leave it out"),
    ("keep-alive", "is set by the browser; leave it out"),
    ("set-cookie", "is for answers; use `cookies`"),
    ("te", "is set by the browser; leave it out"),
    ("trailer", "is set by the browser; leave it out"),
    ("transfer-encoding", "is set by the browser; leave it out"),
    ("upgrade", "is set by the browser; leave it out"),
    ("user-agent", "is set by the browser; use `user_agent`"),
];

/// Why a header can't be given that goes to a page, if so.
fn fault_of_name(lower: &str) -> Option<&'static str> {
    if let Some((_, fault)) = RESERVED.iter().find(|(reserved, _)| *reserved == lower) {
        return Some(fault);
    }
    let is_browsers = lower.starts_with("proxy-") || lower.starts_with("sec-");
    is_browsers.then_some("is set by the browser; leave it out")
}

/// What the host of `source` is sent. `user_agent` is the device's.
pub(super) fn read(
    options: &mut Options,
    user_agent: Option<&'static str>,
    source: Option<&Source>,
) -> RequestChanges {
    let authorization = options.read("authorization", |raw| printable(raw).map(SecretText::new));
    let headers = options.read("headers", |raw| headers(raw, fault_of_name)).unwrap_or_default();
    let cookies = options.read("cookies", cookie::read).unwrap_or_default();
    if headers.iter().any(|it| it.name.eq_ignore_ascii_case("authorization")) {
        options.refuse_beside("authorization", "headers");
    }
    if matches!(source, Some(Source::Html(_) | Source::Markdown(_))) {
        refuse_without_host(options, &cookies);
    }
    RequestChanges {
        user_agent: options.read("user_agent", printable).or_else(|| user_agent.map(str::to_owned)),
        headers,
        cookies,
        authorization,
    }
}

/// A document that lies in the request has no host that could be sent anything.
fn refuse_without_host(options: &mut Options, cookies: &[Cookie]) {
    options.refuse_without(&["authorization", "headers"], "url");
    if cookies.iter().any(|cookie| cookie.domain.is_none()) {
        options.refuse("cookies", "need a Domain each, since there is no `url`");
    }
}

/// Text of visible ASCII and blanks, with neither at its ends.
fn printable(raw: &Raw) -> Reading<String> {
    let text = values::filled_text(raw)?;
    if is_printable(&text) && text.trim() == text { Ok(text) } else { Err(Wrong::Value) }
}

fn is_printable(text: &str) -> bool {
    text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic())
}

/// A token (RFC 9110 §5.6.2).
pub(super) fn is_token(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_allowed)
}

/// A list of headers, whose names in lower case are judged.
pub(super) fn headers(
    raw: &Raw,
    fault_of_name: fn(&str) -> Option<&'static str>,
) -> Reading<Vec<Header>> {
    let mut headers: Vec<Header> = Vec::new();
    let mut faults = Vec::new();
    for (index, (name, value)) in pairs(raw)?.into_iter().enumerate() {
        let item = item(index, &name);
        if let Some(fault) = fault_of(&name, &value, fault_of_name) {
            faults.push(Cow::from(format!("{item} {fault}")));
        } else if headers.iter().any(|it| it.name.eq_ignore_ascii_case(&name)) {
            faults.push(format!("{item} is given twice; give it once").into());
        } else {
            headers.push(Header { name, value: SecretText::new(value) });
        }
    }
    if faults.is_empty() { Ok(headers) } else { Err(Wrong::Said(faults)) }
}

/// How an item of a list is called in a fault: by its place and, where that is
/// harmless, its name.
pub(super) fn item(index: usize, name: &str) -> String {
    let place = index.saturating_add(1);
    if is_token(name) && name.len() <= 64 {
        format!("item {place} (`{name}`)")
    } else {
        format!("item {place}")
    }
}

fn fault_of(
    name: &str,
    value: &str,
    fault_of_name: fn(&str) -> Option<&'static str>,
) -> Option<&'static str> {
    if !is_token(name) {
        return Some("has no valid name; write it like \"X-Name: value\"");
    }
    let unprintable = !is_printable(value);
    fault_of_name(&name.to_ascii_lowercase())
        .or_else(|| unprintable.then_some("has a value that is not printable ASCII"))
}

/// Names and values, from `"Name: value"` texts, an object, or objects with
/// `name` and `value`.
fn pairs(raw: &Raw) -> Reading<Vec<(String, String)>> {
    match raw {
        Raw::Json(Value::Object(fields)) if !fields.is_empty() => {
            let pair = |(name, value): (&String, &Value)| Some((name.clone(), plain(value)?));
            fields.iter().map(pair).collect::<Option<_>>().ok_or(Wrong::Value)
        }
        Raw::Json(Value::Array(items)) => {
            items.iter().map(pair).collect::<Option<_>>().ok_or(Wrong::Value)
        }
        _ => Ok(values::texts(raw)?.iter().map(|text| split(text)).collect()),
    }
}

fn pair(item: &Value) -> Option<(String, String)> {
    match item {
        Value::String(text) => Some(split(text)),
        Value::Object(fields) => named_pair(fields),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => None,
    }
}

fn named_pair(fields: &Map<String, Value>) -> Option<(String, String)> {
    let name = fields.get("name")?.as_str()?;
    let value = plain(fields.get("value")?)?;
    (fields.len() == 2).then(|| (name.to_owned(), value))
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A header's line; one without a colon has no name.
fn split(line: &str) -> (String, String) {
    let (name, value) = line.split_once(':').unwrap_or(("", line));
    (name.trim_end().to_owned(), value.trim().to_owned())
}
