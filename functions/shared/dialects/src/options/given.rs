//! The options of one request: what was given, and the faults found so far.

use bytes::Bytes;
use http::Request;
use serde_json::{Map, Value};

use super::body::{self, BodyFault};
use super::known::{Availability, Words};
use super::query;
use super::values::{Raw, Reading, Wrong, filled_text};
use crate::call::{Fault, Refusal};

/// More distinct names than any dialect has; beyond it nothing is looked at.
const MAX_NAMES: usize = 300;

/// Characters of an unknown name that are repeated to the client.
const SHOWN_CHARS: usize = 64;

/// The options of a request, from its query and its JSON body together. They are
/// asked for by Nodium's names; faults name them as the client did.
#[derive(Debug)]
pub(crate) struct Options {
    words: Words,
    given: Vec<Given>,
    faults: Vec<Fault>,
    body_is_too_large: bool,
    is_whole: bool,
}

#[derive(Debug)]
struct Given {
    name: String,
    /// The option's name in Nodium's words, if it has one.
    shared: Option<&'static str>,
    raw: Raw,
}

impl Options {
    /// Collects what a request gives. JSON's `null` counts as not given.
    pub(crate) fn of(request: &Request<Bytes>, words: Words) -> Self {
        let mut options = Self::none(words);
        options.add_query(request.uri().query().unwrap_or_default());
        options.add_body(request);
        options.bound();
        options
    }

    /// Collects names with their values; a name that occurs again is a list.
    pub(crate) fn of_pairs(pairs: &[(String, String)], words: Words) -> Self {
        let mut options = Self::none(words);
        for (name, value) in pairs {
            options.add_text(name, value.clone());
        }
        options.bound();
        options
    }

    /// Collects the fields of an object. JSON's `null` counts as not given.
    pub(crate) fn of_fields(fields: Map<String, Value>, words: Words) -> Self {
        let mut options = Self::none(words);
        options.add_fields(fields);
        options.bound();
        options
    }

    const fn none(words: Words) -> Self {
        Self {
            words,
            given: Vec::new(),
            faults: Vec::new(),
            body_is_too_large: false,
            is_whole: true,
        }
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

    /// Notes a fault for every option that isn't known, or isn't available.
    pub(crate) fn refuse_unknown(&mut self) {
        let Self { words, given, faults, .. } = self;
        for name in given.iter().map(|given| given.name.as_str()) {
            match words.find(name).map(|it| it.availability) {
                Some(Availability::Built) => {}
                Some(Availability::LeftOut(why)) => {
                    let complaint = format!("is not available in this version: {why}");
                    faults.push(Fault::new(name, &complaint));
                }
                None => faults.push(unknown(name, *words)),
            }
        }
    }

    /// Whether an option was given, however faulty its value.
    pub(crate) fn has(&self, option: &str) -> bool {
        self.given.iter().any(|given| given.shared == Some(option))
    }

    /// The dialect's own word for an option.
    pub(crate) fn word(&self, option: &'static str) -> &'static str {
        self.words.own_name(option)
    }

    /// Reads the value of an option. A value that can't be read, and a second one
    /// that differs, is noted as a fault.
    pub(crate) fn read<T: PartialEq>(
        &mut self,
        option: &str,
        read: impl Fn(&Raw) -> Reading<T>,
    ) -> Option<T> {
        let mut first: Option<(&str, T)> = None;
        let Self { words, given, faults, .. } = self;
        for Given { name, raw, .. } in given.iter().filter(|it| it.shared == Some(option)) {
            match (read(raw), &first) {
                (Err(wrong), _) => faults.extend(complaints(name, wrong, *words)),
                (Ok(value), None) => first = Some((name, value)),
                (Ok(value), Some((_, same))) if value == *same => {}
                (Ok(_), Some((other, _))) => faults.push(contradiction(name, other)),
            }
        }
        first.map(|(_, value)| value)
    }

    /// Reads whether something is wanted.
    pub(crate) fn truth(&mut self, option: &str) -> Option<bool> {
        self.read(option, super::values::truth)
    }

    /// Notes that an option that was given can't be used, by each name that it
    /// was given; `complaint` follows the name.
    pub(crate) fn refuse(&mut self, option: &str, complaint: &str) {
        let Self { given, faults, .. } = self;
        let given = given.iter().filter(|given| given.shared == Some(option));
        faults.extend(given.map(|given| Fault::new(&given.name, complaint)));
    }

    /// Notes that none of these options, as far as given, is of use without
    /// another.
    pub(crate) fn refuse_without(&mut self, options: &[&str], needed: &'static str) {
        let word = self.word(needed);
        let complaint = if self.has(needed) {
            format!("needs `{word}` to be true; set that, or leave it out")
        } else {
            format!("needs `{word}`; give that too, or leave it out")
        };
        for option in options {
            self.refuse(option, &complaint);
        }
    }

    /// Notes that none of these options, as far as given, has a meaning `in_case`.
    pub(crate) fn refuse_meaningless(&mut self, options: &[&str], in_case: &str) {
        let complaint = format!("has no meaning {in_case}; leave it out");
        for option in options {
            self.refuse(option, &complaint);
        }
    }

    /// Notes a contradiction between an option and another that was given too.
    pub(crate) fn refuse_beside(&mut self, option: &str, other: &'static str) {
        if self.has(other) {
            let other = self.word(other);
            self.refuse(option, &format!("contradicts `{other}`; give one of them"));
        }
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
        let name = plain_name(name);
        let same = self.given.iter_mut().find_map(|given| match &mut given.raw {
            Raw::Text(values) if given.name == name => Some(values),
            Raw::Text(_) | Raw::Json(_) => None,
        });
        if let Some(values) = same {
            values.push(value);
        } else if self.given.len() <= MAX_NAMES {
            self.add(name, Raw::Text(vec![value]));
        }
    }

    fn add(&mut self, name: &str, raw: Raw) {
        let shared = self.words.find(name).map(|known| known.name);
        self.given.push(Given { name: name.to_owned(), shared, raw });
    }

    fn add_body(&mut self, request: &Request<Bytes>) {
        match body::fields(request) {
            Ok(fields) => self.add_fields(fields),
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

    fn add_fields(&mut self, fields: Map<String, Value>) {
        let given = fields.into_iter().filter(|(_, value)| *value != Value::Null);
        for (name, value) in given.take(MAX_NAMES + 1) {
            self.add(plain_name(&name), Raw::Json(value));
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
pub(crate) fn plain_name(name: &str) -> &str {
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

/// What is wrong with the value of an option that was given by this name.
fn complaints(name: &str, wrong: Wrong, words: Words) -> Vec<Fault> {
    match wrong {
        Wrong::Said(complaints) => {
            complaints.iter().map(|complaint| Fault::new(name, complaint)).collect()
        }
        Wrong::Value => {
            let known = words.find(name);
            let values = known.map_or("something else", |known| known.values);
            let default = known.and_then(|known| words.default_of(known));
            let default = default.map(|it| format!(" (default {it})")).unwrap_or_default();
            vec![Fault::new(name, &format!("must be {values}{default}"))]
        }
    }
}

fn unknown(name: &str, words: Words) -> Fault {
    let shown = shown(name);
    let distances = words.names().map(|known| {
        let distance = strsim::damerau_levenshtein(&shown, known);
        (distance, known)
    });
    // A third of the letters may be wrong, three at most; else the hint misleads.
    let near = distances.min().filter(|(distance, _)| {
        let letters = shown.chars().count();
        *distance <= 3 && *distance * 3 <= letters
    });
    match near.map(|(_, near)| near).or_else(|| longer(&shown, words)) {
        Some(near) => Fault::new(name, &format!("is not an option; did you mean `{near}`?")),
        None => Fault::new(name, "is not an option"),
    }
}

/// The shortest option that has all words of this name, and others between them.
fn longer<'a>(name: &str, words: Words) -> Option<&'a str> {
    let has_all = |known: &&str| name.split('_').all(|word| known.split('_').any(|it| it == word));
    let is_several = name.contains('_');
    words.names().filter(has_all).min_by_key(|known| known.len()).filter(|_| is_several)
}

fn contradiction(name: &str, other: &str) -> Fault {
    if name == other {
        Fault::new(name, "is given twice, with different values; give it once")
    } else {
        Fault::new(name, &format!("contradicts `{other}`; give one of them"))
    }
}
