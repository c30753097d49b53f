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
        // What was cut off may be a thousand times longer, and was never counted.
        text.shrink_to_fit();
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::samples::{START, recording};
    use super::*;

    /// A moment so long after the start.
    fn at(ms: f64) -> f64 {
        START.wall.as_secs_f64() * 1_000.0 + ms
    }

    fn written(events: &[(&str, Value)]) -> Value {
        let (mut console, mut recording) = (Console::default(), recording(Vec::new()));
        for (method, params) in events {
            let event = json!({ "method": method, "params": params });
            console.follow(&serde_json::from_value(event).unwrap(), &mut recording);
        }
        serde_json::from_slice(&write(&recording)).unwrap()
    }

    fn call(level: &str, text: &str, context: i64) -> (&'static str, Value) {
        let frame = json!({ "url": "https://e.com/a.js", "lineNumber": 4, "columnNumber": 0 });
        let params = json!({
            "type": level,
            "args": [{ "type": "string", "value": text }],
            "executionContextId": context,
            "timestamp": at(12.7),
            "stackTrace": { "callFrames": [frame] },
        });
        ("Runtime.consoleAPICalled", params)
    }

    #[test]
    fn calls_have_their_level_and_their_place() {
        let levels = [
            ("log", "log"),
            ("debug", "debug"),
            ("info", "info"),
            ("warning", "warning"),
            ("error", "error"),
            ("table", "log"),
            ("startGroup", "log"),
        ];
        for (called, level) in levels {
            let message = json!({
                "at_ms": 12,
                "source": "console",
                "level": level,
                "text": "a",
                "url": "https://e.com/a.js",
                "line": 5,
                "column": 1,
            });
            let expected = json!({ "messages": [message], "left_out": 0 });
            assert_eq!(written(&[call(called, "a", 1)]), expected, "{called}");
        }
        let written = written(&[call("assert", "no", 1), call("clear", "", 1)]);
        let messages = written["messages"].as_array().unwrap();
        assert_eq!(messages.len(), 1);
        assert_eq!(messages[0]["level"], "error");
        assert_eq!(messages[0]["text"], "Assertion failed: no");
    }

    #[test]
    fn exceptions_and_the_browsers_own_messages_are_there() {
        let thrown = |exception: Value| {
            let details = json!({
                "text": "Uncaught",
                "lineNumber": 0,
                "columnNumber": 9,
                "exception": exception,
                "executionContextId": 1,
                "stackTrace": { "callFrames": [{ "url": "https://e.com/b.js" }] },
            });
            let params = json!({ "timestamp": at(1.0), "exceptionDetails": details });
            ("Runtime.exceptionThrown", params)
        };
        let entry = json!({
            "source": "network",
            "level": "error",
            "text": "Failed to load resource",
            "timestamp": at(-5.0),
            "url": "https://e.com/c",
        });
        let written = written(&[
            thrown(json!({ "type": "object", "subtype": "error", "description": "Error: no" })),
            thrown(json!({ "type": "string", "value": "words" })),
            ("Log.entryAdded", json!({ "entry": entry })),
        ]);
        let thrown = |text| {
            json!({
                "at_ms": 1, "source": "exception", "level": "error", "text": text,
                "url": "https://e.com/b.js", "line": 1, "column": 10,
            })
        };
        let logged = json!({
            "at_ms": 0, "source": "network", "level": "error", "text": "Failed to load resource",
            "url": "https://e.com/c", "line": null, "column": null,
        });
        let expected = json!([thrown("Error: no"), thrown("Uncaught words"), logged]);
        assert_eq!(written["messages"], expected);
    }

    #[test]
    fn our_own_worlds_are_silent() {
        let created = |id: i64, name: &str| {
            let context = json!({ "id": id, "name": name });
            ("Runtime.executionContextCreated", json!({ "context": context }))
        };
        let destroyed = ("Runtime.executionContextDestroyed", json!({ "executionContextId": 2 }));
        let written = written(&[
            created(1, ""),
            created(2, "darkroom"),
            created(3, "darkroom-consent"),
            call("log", "page", 1),
            call("log", "ours", 2),
            call("log", "ours", 3),
            destroyed,
            call("log", "another", 2),
            ("Runtime.executionContextsCleared", json!({})),
            call("log", "yet another", 3),
        ]);
        let messages = written["messages"].as_array().unwrap();
        let texts: Vec<_> = messages.iter().map(|message| &message["text"]).collect();
        assert_eq!(texts, ["page", "another", "yet another"]);
    }

    #[test]
    fn texts_are_cut_and_too_many_are_counted() {
        let long = "é".repeat(MAX_TEXT + 1);
        let cut = written(&[call("log", &long, 1)]);
        assert_eq!(cut["messages"][0]["text"].as_str().unwrap().chars().count(), MAX_TEXT);
        let mut longest = "x".repeat(1_000_000);
        super::cut(&mut longest, MAX_TEXT);
        assert!(longest.capacity() < 2 * MAX_TEXT);
        let calls = |text: &str| vec![call("log", text, 1); MAX_MESSAGES + 3];
        let many = written(&calls("a"));
        assert_eq!(many["messages"].as_array().unwrap().len(), MAX_MESSAGES);
        assert_eq!(many["left_out"], 3);
        let large = written(&calls(&long));
        let kept = large["messages"].as_array().unwrap().len();
        assert!(kept > 100 && kept < 250, "{kept}");
        assert_eq!(large["left_out"], MAX_MESSAGES + 3 - kept);
    }
}
