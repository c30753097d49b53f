//! Follows what is written to a page's console (`Runtime`, `Log`) into a recording, and
//! writes it down.

use std::collections::HashSet;

use chromiumoxide::cdp::browser_protocol::log::EventEntryAdded;
use chromiumoxide::cdp::js_protocol::runtime::{
    EventConsoleApiCalled, EventExceptionThrown, EventExecutionContextCreated,
    EventExecutionContextDestroyed, EventExecutionContextsCleared,
};
use serde::{Deserialize, Serialize};

use super::recording::{Message, Place, Recording, of_ms, whole_ms};
use super::said::{Said, text_of};
use crate::connection::Event;
use crate::page::WORLD;
use crate::watcher::read;

/// As many messages are recorded.
const MAX_MESSAGES: usize = 2_000;

/// The most that their texts and addresses take together.
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// How long one is at most, in characters; and its address.
const MAX_TEXT: usize = 10_000;
const MAX_URL: usize = 2_000;

/// Calls of the console that say nothing.
const SILENT: [&str; 2] = ["clear", "endGroup"];

/// Follows a page's console.
#[derive(Debug)]
pub(super) struct Console {
    /// The worlds of our own scripts.
    ours: HashSet<i64>,
    /// The bytes that there is still room for.
    room: usize,
}

impl Default for Console {
    fn default() -> Self {
        Self { ours: HashSet::new(), room: MAX_BYTES }
    }
}

impl Console {
    /// Notes what an event tells.
    pub(super) fn follow(&mut self, event: &Event, recording: &mut Recording) {
        if let Some(Created { context }) = read::<EventExecutionContextCreated, _>(event) {
            if context.name.starts_with(WORLD) {
                self.ours.insert(context.id);
            }
        } else if let Some(Destroyed { id }) = read::<EventExecutionContextDestroyed, _>(event) {
            self.ours.remove(&id);
        } else if event.is::<EventExecutionContextsCleared>() {
            self.ours.clear();
        } else if let Some(call) = read::<EventConsoleApiCalled, Call>(event) {
            if !self.ours.contains(&call.context) && !SILENT.contains(&call.level.as_str()) {
                self.note(call.into(), recording);
            }
        } else if let Some(Thrown { at, details }) = read::<EventExceptionThrown, _>(event) {
            if !details.context.is_some_and(|context| self.ours.contains(&context)) {
                self.note(details.message(at), recording);
            }
        } else if let Some(Logged { entry }) = read::<EventEntryAdded, _>(event) {
            self.note(entry.into(), recording);
        }
    }

    fn note(&mut self, mut message: Message, recording: &mut Recording) {
        cut(&mut message.text, MAX_TEXT);
        message.place.url = message.place.url.filter(|url| !url.is_empty());
        if let Some(url) = &mut message.place.url {
            cut(url, MAX_URL);
        }
        let bytes = message.text.len() + message.place.url.as_ref().map_or(0, String::len);
        match self.room.checked_sub(bytes) {
            Some(rest) if recording.messages.len() < MAX_MESSAGES => {
                self.room = rest;
                recording.messages.push(message);
            }
            Some(_) | None => recording.messages_left_out += 1,
        }
    }
}

/// To this many characters.
fn cut(text: &mut String, characters: usize) {
    if let Some((end, _)) = text.char_indices().nth(characters) {
        text.truncate(end);
    }
}

/// What was written to the console, as JSON.
pub(super) fn write(recording: &Recording) -> Vec<u8> {
    let began = recording.wall(recording.began());
    let lines = recording.messages.iter().map(|message| Line {
        at_ms: whole_ms(message.at.saturating_sub(began)),
        source: &message.source,
        level: &message.level,
        text: &message.text,
        url: message.place.url.as_deref(),
        line: message.place.line.map(|line| line + 1),
        column: message.place.column.map(|column| column + 1),
    });
    let file = File { messages: lines.collect(), left_out: recording.messages_left_out };
    serde_json::to_vec(&file).unwrap_or_default()
}

#[derive(Serialize)]
struct File<'a> {
    messages: Vec<Line<'a>>,
    left_out: usize,
}

#[derive(Serialize)]
struct Line<'a> {
    at_ms: u64,
    source: &'a str,
    level: &'a str,
    text: &'a str,
    url: Option<&'a str>,
    line: Option<i64>,
    column: Option<i64>,
}

/// `Runtime.consoleAPICalled`.
#[derive(Deserialize)]
struct Call {
    #[serde(rename = "type")]
    level: String,
    args: Vec<Said>,
    #[serde(rename = "executionContextId")]
    context: i64,
    #[serde(rename = "timestamp")]
    at: f64,
    #[serde(rename = "stackTrace")]
    stack: Option<Stack>,
}

impl From<Call> for Message {
    fn from(call: Call) -> Self {
        let text = text_of(&call.args);
        let (level, text) = match call.level.as_str() {
            "assert" => ("error", format!("Assertion failed: {text}")),
            named @ ("debug" | "info" | "warning" | "error") => (named, text),
            // Groups, tables, counters and the like.
            _log => ("log", text),
        };
        Self {
            at: of_ms(call.at),
            source: String::from("console"),
            level: level.to_owned(),
            text,
            place: call.stack.and_then(Stack::top).unwrap_or_default(),
        }
    }
}

#[derive(Deserialize)]
struct Thrown {
    #[serde(rename = "timestamp")]
    at: f64,
    #[serde(rename = "exceptionDetails")]
    details: Details,
}

#[derive(Deserialize)]
struct Details {
    text: String,
    exception: Option<Said>,
    #[serde(rename = "executionContextId")]
    context: Option<i64>,
    #[serde(rename = "stackTrace")]
    stack: Option<Stack>,
    url: Option<String>,
    #[serde(rename = "lineNumber")]
    line: i64,
    #[serde(rename = "columnNumber")]
    column: i64,
}

impl Details {
    fn message(self, at: f64) -> Message {
        let text = match self.exception {
            Some(error) if error.is_error() => error.to_string(),
            Some(other) => format!("{} {other}", self.text),
            None => self.text,
        };
        // The address of a script that is in the document is told by its stack alone.
        let at_stack = self.stack.and_then(Stack::top).and_then(|place| place.url);
        let url = self.url.or(at_stack);
        let place = Place { url, line: Some(self.line), column: Some(self.column) };
        let [source, level] = ["exception", "error"].map(str::to_owned);
        Message { at: of_ms(at), source, level, text, place }
    }
}

#[derive(Deserialize)]
struct Logged {
    entry: Entry,
}

#[derive(Deserialize)]
struct Entry {
    source: String,
    level: String,
    text: String,
    #[serde(rename = "timestamp")]
    at: f64,
    url: Option<String>,
    #[serde(rename = "lineNumber")]
    line: Option<i64>,
}

impl From<Entry> for Message {
    fn from(entry: Entry) -> Self {
        let Entry { source, level, text, at, url, line } = entry;
        let place = Place { url, line, column: None };
        Self { at: of_ms(at), source, level, text, place }
    }
}

#[derive(Deserialize)]
struct Stack {
    #[serde(rename = "callFrames")]
    frames: Vec<Place>,
}

impl Stack {
    fn top(self) -> Option<Place> {
        self.frames.into_iter().next()
    }
}

#[derive(Deserialize)]
struct Created {
    context: Context,
}

#[derive(Deserialize)]
struct Context {
    id: i64,
    name: String,
}

#[derive(Deserialize)]
struct Destroyed {
    #[serde(rename = "executionContextId")]
    id: i64,
}
