//! The options of one request: what was given, and the faults found so far.

use bytes::Bytes;
use http::Request;
use serde_json::Value;

use super::body::{self, BodyFault};
use super::known::{Availability, Known};
use super::query;
use super::values::{Raw, Reading, filled_text};
use crate::call::{Fault, Refusal};

/// The header of the IETF draft «The Idempotency-Key HTTP Header Field».
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// More distinct names than any dialect has; beyond it nothing is looked at.
const MAX_NAMES: usize = 300;

/// Characters of an unknown name that are repeated to the client.
const SHOWN_CHARS: usize = 64;

/// The options of a request, from its query and its JSON body together.
#[derive(Debug)]
pub(crate) struct Options {
    given: Vec<Given>,
    faults: Vec<Fault>,
    body_is_too_large: bool,
    is_whole: bool,
}

#[derive(Debug)]
struct Given {
    name: String,
    raw: Raw,
}

impl Options {
    /// Collects what a request gives. JSON's `null` counts as not given.
    pub(crate) fn of(request: &Request<Bytes>) -> Self {
        let mut options = Self::none();
        // Silence would charge a client's retry a second time.
        if request.headers().contains_key(IDEMPOTENCY_KEY) {
            options.fault(IDEMPOTENCY_KEY, "is not available in this version; leave it out");
        }
        options.add_query(request.uri().query().unwrap_or_default());
        options.add_body(request);
        options.bound();
        options
    }

    /// Collects names with their values; a name that occurs again is a list.
    pub(crate) fn of_pairs(pairs: &[(String, String)]) -> Self {
        let mut options = Self::none();
        for (name, value) in pairs {
            options.add_text(name, value.clone());
        }
        options.bound();
        options
    }

    const fn none() -> Self {
        Self { given: Vec::new(), faults: Vec::new(), body_is_too_large: false, is_whole: true }
    }

    /// Whether query and body could be read, so that what isn't there wasn't
    /// given.
    pub(crate) const fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// Takes a text out of the options before they are judged, the query's
    /// before the body's.
    pub(crate) fn lift(&mut self, name: &str) -> Option<String> {
        let lifted = self.given.iter().find(|given| given.name == name);
        let lifted = lifted.map(|given| filled_text(&given.raw).unwrap_or_default());
        self.given.retain(|given| given.name != name);
        lifted
    }

    /// Notes a fault for every option that isn't in `known`, or isn't available.
    pub(crate) fn refuse_all_but(&mut self, known: &[&[Known]]) {
        let Self { given, faults, .. } = self;
        for name in given.iter().map(|given| given.name.as_str()) {
            let entry = known.iter().copied().flatten().find(|it| it.name == name);
            match entry.map(|it| it.availability) {
                Some(Availability::Built) => {}
                Some(Availability::Later) => {
                    faults.push(Fault::new(name, "is not available in this version"));
                }
                None => faults.push(unknown(name, known)),
            }
        }
    }

    /// Whether one of these names was given, however faulty its value.
    pub(crate) fn has(&self, names: &[&str]) -> bool {
        let mut given = self.given.iter();
        given.any(|given| names.contains(&given.name.as_str()))
    }

    /// Reads the value of an option that goes by any of `names`. A value that
    /// can't be read, and a second one that differs, is noted as a fault.
    pub(crate) fn read<T: PartialEq>(
        &mut self,
        names: &[&str],
        read: impl Fn(&Raw) -> Reading<T>,
    ) -> Option<T> {
        let mut first: Option<(&str, T)> = None;
        let Self { given, faults, .. } = self;
        for Given { name, raw } in given.iter() {
            if !names.contains(&name.as_str()) {
                continue;
            }
            match (read(raw), &first) {
                (Err(complaint), _) => faults.push(Fault::new(name, &complaint)),
                (Ok(value), None) => first = Some((name, value)),
                (Ok(value), Some((_, same))) if value == *same => {}
                (Ok(_), Some((other, _))) => faults.push(contradiction(name, other)),
            }
        }
        first.map(|(_, value)| value)
    }

    /// Notes a fault; `complaint` follows the option's name.
    pub(crate) fn fault(&mut self, option: &str, complaint: &str) {
        self.faults.push(Fault::new(option, complaint));
    }

    /// The value, unless a fault was noted. A value that couldn't be made is
    /// one of which a fault was noted.
    pub(crate) fn finish<T>(self, value: Option<T>) -> Result<T, Refusal> {
        if self.body_is_too_large {
            return Err(Refusal::BodyTooLarge);
        }
        match value {
            Some(value) if self.faults.is_empty() => Ok(value),
            _ => Err(Refusal::Invalid(self.faults)),
        }
    }

    fn add_query(&mut self, query: &str) {
        let pairs = match query::pairs(query) {
            Ok(pairs) => pairs,
            Err(faults) => {
                self.faults.extend(faults);
                self.is_whole = false;
                return;
            }
        };
        for (name, value) in pairs {
            self.add_text(&name, value);
        }
    }

    fn add_text(&mut self, name: &str, value: String) {
        let name = plain(name);
        let same = self.given.iter_mut().find_map(|given| match &mut given.raw {
            Raw::Text(values) if given.name == name => Some(values),
            Raw::Text(_) | Raw::Json(_) => None,
        });
        if let Some(values) = same {
            values.push(value);
        } else if self.given.len() <= MAX_NAMES {
            self.given.push(Given { name: name.to_owned(), raw: Raw::Text(vec![value]) });
        }
    }

    fn add_body(&mut self, request: &Request<Bytes>) {
        match body::fields(request) {
            Ok(fields) => {
                let given = fields.into_iter().filter(|(_, value)| *value != Value::Null);
                let given = given.take(MAX_NAMES + 1);
                self.given.extend(given.map(|(name, value)| Given {
                    name: plain(&name).to_owned(),
                    raw: Raw::Json(value),
                }));
            }
            Err(BodyFault::TooLarge) => {
                self.body_is_too_large = true;
                self.is_whole = false;
            }
            Err(BodyFault::Unreadable(fault)) => {
                self.faults.push(fault);
                self.is_whole = false;
            }
        }
    }

    fn bound(&mut self) {
        if self.given.len() > MAX_NAMES {
            self.fault("query", "and body hold more options than there are");
            self.given.clear();
            self.is_whole = false;
        }
    }
}

impl Fault {
    /// A fault of `option`; `complaint` follows its name.
    pub(crate) fn new(option: &str, complaint: &str) -> Self {
        let option = shown(option);
        let message = format!("`{option}` {complaint}");
        Self { option, message }
    }
}

/// A name without the `[]` that marks a list in a query.
fn plain(name: &str) -> &str {
    name.strip_suffix("[]").unwrap_or(name)
}

fn shown(name: &str) -> String {
    let mut chars = name.chars();
    let mut shown: String = chars.by_ref().take(SHOWN_CHARS).collect();
    if chars.next().is_some() {
        shown.push('…');
    }
    shown
}

fn unknown(name: &str, known: &[&[Known]]) -> Fault {
    let shown = shown(name);
    let distances = known.iter().copied().flatten().map(|it| {
        let distance = strsim::damerau_levenshtein(&shown, it.name);
        (distance, it.name)
    });
    // A third of the letters may be wrong, three at most; else the hint misleads.
    let near = distances.min().filter(|(distance, _)| {
        let letters = shown.chars().count();
        *distance <= 3 && *distance * 3 <= letters
    });
    match near {
        Some((_, near)) => Fault::new(name, &format!("is not an option; did you mean `{near}`?")),
        None => Fault::new(name, "is not an option"),
    }
}

fn contradiction(name: &str, other: &str) -> Fault {
    if name == other {
        Fault::new(name, "is given twice, with different values; give it once")
    } else {
        Fault::new(name, &format!("contradicts `{other}`; give one of them"))
    }
}
