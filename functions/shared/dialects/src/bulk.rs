//! Several captures in one request: each with options of its own beside those of all, read for itself,
//! so that one that is faulty harms none.

use bytes::Bytes;
use darkroom_core::key::AccessKey;
use http::Request;
use serde_json::{Map, Value};

use crate::call::{BulkItem, Fault, Refusal};
use crate::link;
use crate::options::{
    Known, Manner, Options, Raw, Reading, Words, Wrong, built, idempotency, read_item,
};
use crate::terms::Terms;

/// The most captures in one request (ScreenshotOne's and ScreenNabster's limit).
const MOST: usize = 20;

pub(crate) const REQUESTS: Known = built(
    "requests",
    "a list of 1 to 20 objects with a capture's options each",
    None,
    "The captures.",
);

pub(crate) const SHARED: Known = built(
    "options",
    "an object with options",
    None,
    "What each capture has unless it gives another value.",
);

/// How one dialect takes several captures.
pub(crate) struct Several<'a> {
    pub(crate) words: Words,
    pub(crate) manner: &'a Manner,
    pub(crate) terms: &'a Terms<'a>,
    /// Whether what they make is shared, so that links lead to it.
    pub(crate) are_shared: bool,
}

/// Reads the captures of a request. None if they can't be told apart, of which a fault is noted.
pub(crate) fn read(
    request: &Request<Bytes>,
    options: &mut Options,
    several: &Several<'_>,
) -> Option<Vec<BulkItem>> {
    let Several { words, manner, terms, are_shared } = several;
    let mark = idempotency::read(request, options);
    let shared = options.read("options", object).unwrap_or_default();
    if !options.has("requests") {
        options.fault("requests", &format!("is missing; give {}", REQUESTS.values));
    }
    let requests = options.read("requests", objects)?;
    let items = requests.into_iter().enumerate().map(|(index, own)| {
        let mut fields = shared.clone();
        fields.extend(own);
        if *are_shared && !fields.contains_key("webhook_url") {
            fields.entry("cache").or_insert(Value::Bool(true));
        }
        let mark = mark.as_ref().map(|mark| mark.of_item(index));
        let parameters = parameters(&fields);
        let options = Options::of_fields(fields, *words);
        BulkItem { submission: read_item(options, mark, manner, terms), parameters }
    });
    Some(items.collect())
}

fn object(raw: &Raw) -> Reading<Map<String, Value>> {
    match raw {
        Raw::Json(Value::Object(fields)) => Ok(fields.clone()),
        Raw::Json(_) | Raw::Text(_) => Err(Wrong::Value),
    }
}

fn objects(raw: &Raw) -> Reading<Vec<Map<String, Value>>> {
    let Raw::Json(Value::Array(values)) = raw else { return Err(Wrong::Value) };
    if !(1..=MOST).contains(&values.len()) {
        return Err(Wrong::Value);
    }
    let fields = |value: &Value| value.as_object().cloned().ok_or(Wrong::Value);
    values.iter().map(fields).collect()
}

/// The options as parameters of a link; a fault for each that a link can't say.
fn parameters(fields: &Map<String, Value>) -> Result<Vec<(String, String)>, Refusal> {
    let mut parameters = Vec::new();
    let mut faults = Vec::new();
    for (name, value) in fields {
        match value {
            Value::Null => {}
            Value::Array(items) => {
                for item in items {
                    match plain(item) {
                        Some(text) => parameters.push((format!("{name}[]"), text)),
                        None => faults.push(unsaid(name)),
                    }
                }
            }
            Value::Object(_) => faults.push(unsaid(name)),
            Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                parameters.extend(plain(value).map(|text| (name.clone(), text)));
            }
        }
    }
    if faults.is_empty() { Ok(parameters) } else { Err(Refusal::Invalid(faults)) }
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn unsaid(name: &str) -> Fault {
    Fault::new(name, "can't be said in a link; give it as text, or ask for the capture by itself")
}

impl BulkItem {
    /// What is signed of the link to this capture.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`] where its options can't be said in a link.
    pub fn link_text(&self, key: &AccessKey) -> Result<String, Refusal> {
        let mut parameters = self.parameters.clone()?;
        parameters.push(("access_key".to_owned(), key.expose().to_owned()));
        Ok(link::spelt_sorted(parameters))
    }
}
