//! Several captures in one request: each with options of its own beside those of all, read for itself,
//! so that one that is faulty harms none.

use bytes::Bytes;
use darkroom_core::job::Mode;
use darkroom_core::key::AccessKey;
use http::Request;
use serde_json::{Map, Value};

use crate::MAX_BODY_BYTES;
use crate::call::{BulkItem, Fault, Refusal, Target};
use crate::link;
use crate::options::{
    Known, Manner, Options, Raw, Reading, Words, Wrong, built, idempotency, plain_name, read_item,
};
use crate::terms::Terms;

/// The most captures in one request (ScreenshotOne's and ScreenNabster's limit).
const MOST: usize = 20;

/// The longest link: servers and browsers take no longer ones.
const MAX_LINK_CHARS: usize = 8_192;

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
    /// Where links to captures lead; none where they aren't wanted.
    pub(crate) path: Option<&'static str>,
    /// Whether what they make is shared, so that links lead to it.
    pub(crate) are_shared: bool,
}

type Fields = Map<String, Value>;

/// Reads the captures of a request. None if they can't be told apart, of which a fault is noted.
pub(crate) fn read(
    request: &Request<Bytes>,
    options: &mut Options,
    several: &Several<'_>,
) -> Option<Vec<BulkItem>> {
    let mark = idempotency::read(request, options);
    let shared = options.read("options", object).unwrap_or_default();
    if !options.has("requests") {
        options.fault("requests", &format!("is missing; give {}", REQUESTS.values));
    }
    let requests = options.read("requests", objects)?;
    if requests.len() > 1 && share_a_place(&shared) {
        let complaint = "would have each capture's result put in the place of the one before; give each a `storage_path` or `storage_url` of its own";
        options.fault("options", complaint);
    }
    let length = serde_json::to_vec(&shared).map_or(0, |shared| shared.len());
    if length.saturating_mul(requests.len()) > MAX_BODY_BYTES {
        let complaint = format!("is larger than {MAX_BODY_BYTES} bytes where each capture has it");
        options.fault("options", &complaint);
        return None;
    }
    let mut is_first = true;
    let items = requests.into_iter().enumerate().map(|(index, own)| {
        let fields = merged(&shared, own, several.are_shared);
        let target = several.path.map(|path| Target { path, parameters: parameters(&fields) });
        let options = Options::of_fields(fields, several.words);
        // The first one has the request's own key, by which another request under it is known.
        let mark =
            mark.as_ref().map(|mark| if is_first { mark.clone() } else { mark.of_item(index) });
        // Whoever follows a link waits.
        let mode = if several.path.is_some() { Mode::Synchronous } else { Mode::Asynchronous };
        let submission = read_item(options, mark, mode, several.manner, several.terms);
        is_first &= submission.is_err();
        BulkItem { submission, target }
    });
    Some(items.collect())
}

/// The options of all with those of one, each by the name that it has without `[]`.
fn merged(shared: &Fields, own: Fields, is_shared: bool) -> Fields {
    let all = shared.clone().into_iter().chain(own);
    let mut fields: Fields =
        all.map(|(name, value)| (plain_name(&name).to_owned(), value)).collect();
    // These don't go with a shared result.
    let is_own =
        ["webhook_url", "store"].iter().any(|name| fields.get(*name).is_some_and(is_given));
    if is_shared && !is_own {
        fields.entry("cache").or_insert(Value::Bool(true));
    }
    fields
}

fn is_given(value: &Value) -> bool {
    !matches!(value, Value::Null | Value::Bool(false))
}

/// Whether the options of all name one place for all of their results: but for a form, whose key may
/// have each job's id.
fn share_a_place(shared: &Fields) -> bool {
    let has = |name: &str| shared.get(name).is_some_and(is_given);
    has("storage_path") || (has("storage_url") && !has("storage_fields"))
}

fn object(raw: &Raw) -> Reading<Fields> {
    match raw {
        Raw::Json(Value::Object(fields)) => Ok(fields.clone()),
        Raw::Json(_) | Raw::Text(_) => Err(Wrong::Value),
    }
}

fn objects(raw: &Raw) -> Reading<Vec<Fields>> {
    let Raw::Json(Value::Array(values)) = raw else { return Err(Wrong::Value) };
    if !(1..=MOST).contains(&values.len()) {
        return Err(Wrong::Value);
    }
    let fields = |value: &Value| value.as_object().cloned().ok_or(Wrong::Value);
    values.iter().map(fields).collect()
}

/// The options as parameters of a link; a fault for each that a link can't say.
fn parameters(fields: &Fields) -> Result<Vec<(String, String)>, Refusal> {
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
    let length: usize = parameters.iter().map(|(name, value)| name.len() + value.len()).sum();
    if length > MAX_LINK_CHARS {
        faults.push(Fault::new(
            "requests",
            "has a capture whose link would be longer than 8192 characters; ask for it by itself",
        ));
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
    /// The link to this capture under `origin`, with this access key, and signed.
    ///
    /// # Errors
    ///
    /// Why there is no such capture; [`Refusal::Invalid`] where its options can't be said in a link.
    pub fn link(
        &self,
        origin: &str,
        key: &AccessKey,
        sign: impl Fn(&str) -> String,
    ) -> Result<String, Refusal> {
        self.submission.as_ref().map_err(Refusal::clone)?;
        let Target { path, parameters } = self.target.clone().ok_or(Refusal::Internal)?;
        let mut parameters = parameters?;
        parameters.push(("access_key".to_owned(), key.expose().to_owned()));
        let text = link::spelt_sorted(parameters);
        Ok(format!("{origin}{path}?{text}&signature={}", sign(&text)))
    }
}
