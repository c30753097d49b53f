//! What a script said to the console, as text.

use std::fmt::{self, Write as _};

use serde::Deserialize;
use serde_json::Value;

/// A value of a script, as the protocol tells it (`Runtime.RemoteObject`).
#[derive(Deserialize, Default, Debug)]
#[serde(default)]
pub(super) struct Said {
    #[serde(rename = "type")]
    kind: String,
    subtype: String,
    value: Option<Value>,
    description: Option<String>,
    preview: Option<Preview>,
}

/// The beginning of an object.
#[derive(Deserialize, Default, Debug)]
#[serde(default)]
struct Preview {
    #[serde(rename = "type")]
    kind: String,
    subtype: String,
    description: String,
    overflow: bool,
    properties: Vec<Property>,
    entries: Vec<Entry>,
}

#[derive(Deserialize, Default, Debug)]
#[serde(default)]
struct Property {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    value: String,
}

/// An entry of a map or a set.
#[derive(Deserialize, Debug)]
struct Entry {
    key: Option<Preview>,
    value: Preview,
}

/// What these say together: the first may have places for the others
/// (`console.log("%s of %d", "one", 2)`), and what is left over follows.
pub(super) fn text_of(said: &[Said]) -> String {
    let Some((first, rest)) = said.split_first() else {
        return String::new();
    };
    let mut rest = rest.iter();
    let mut text = match first.as_text() {
        Some(format) => filled(format, &mut rest),
        None => first.to_string(),
    };
    for said in rest {
        // A String can't refuse.
        let _written = write!(text, " {said}");
    }
    text
}

/// A text with what belongs in its places (Console Standard, «Formatter»).
fn filled<'a>(format: &str, values: &mut impl Iterator<Item = &'a Said>) -> String {
    let mut text = String::with_capacity(format.len());
    let mut rest = format.chars();
    while let Some(char) = rest.next() {
        let place = rest.clone().next().filter(|_| char == '%');
        let filler = match place {
            Some('%') => Some(String::from("%")),
            Some('s' | 'o' | 'O') => values.next().map(Said::to_string),
            Some('d' | 'i') => values.next().map(|said| said.number(false)),
            Some('f') => values.next().map(|said| said.number(true)),
            // A style.
            Some('c') => values.next().map(|_style| String::new()),
            Some(_) | None => None,
        };
        match filler {
            Some(filler) => {
                rest.next();
                text.push_str(&filler);
            }
            None => text.push(char),
        }
    }
    text
}

impl Said {
    /// Whether it is an error, which describes itself.
    pub(super) fn is_error(&self) -> bool {
        self.subtype == "error"
    }

    fn as_text(&self) -> Option<&str> {
        self.value.as_ref().and_then(Value::as_str)
    }

    /// The number that it begins with, as `parseInt` and `parseFloat` see it.
    fn number(&self, has_fraction: bool) -> String {
        let text = self.to_string();
        let text = text.trim_start();
        if text.trim_start_matches(['-', '+']).starts_with("Infinity") && has_fraction {
            return text.to_owned();
        }
        let mut end = 0;
        let mut has_point = !has_fraction;
        for (place, char) in text.char_indices() {
            match char {
                '0'..='9' => end = place + 1,
                '-' | '+' if place == 0 => {}
                '.' if !has_point => has_point = true,
                _other => break,
            }
        }
        match text.get(..end) {
            Some("") | None => String::from("NaN"),
            Some(number) => number.to_owned(),
        }
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(text) = self.as_text() {
            return f.write_str(text);
        }
        if self.subtype == "null" {
            return f.write_str("null");
        }
        match (&self.preview, &self.description, &self.value) {
            (Some(preview), ..) => preview.fmt(f),
            (None, Some(description), _) => f.write_str(description),
            (None, None, Some(value)) => value.fmt(f),
            (None, None, None) => f.write_str(&self.kind),
        }
    }
}

impl fmt::Display for Preview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.kind.as_str(), self.subtype.as_str()) {
            ("object", "array" | "typedarray") => {
                let items = self.properties.iter().map(|item| Item { name: None, item });
                list(f, "", ['[', ']'], items, self.overflow)
            }
            ("object", "map" | "set" | "weakmap" | "weakset") => {
                list(f, &self.description, ['{', '}'], self.entries.iter(), self.overflow)
            }
            ("object", "") => {
                let name = if self.description == "Object" { "" } else { &self.description };
                let items = self.properties.iter();
                let items = items.map(|item| Item { name: Some(&item.name), item });
                list(f, name, ['{', '}'], items, self.overflow)
            }
            ("string", _) => write!(f, "{:?}", self.description),
            _other => f.write_str(&self.description),
        }
    }
}

/// What an object of this name holds.
fn list<T: fmt::Display>(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    [open, close]: [char; 2],
    items: impl Iterator<Item = T>,
    has_more: bool,
) -> fmt::Result {
    f.write_str(name)?;
    if !name.is_empty() {
        f.write_char(' ')?;
    }
    f.write_char(open)?;
    let mut between = "";
    for item in items {
        write!(f, "{between}{item}")?;
        between = ", ";
    }
    if has_more {
        write!(f, "{between}…")?;
    }
    f.write_char(close)
}

struct Item<'a> {
    name: Option<&'a str>,
    item: &'a Property,
}

impl fmt::Display for Item<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = self.name {
            write!(f, "{name}: ")?;
        }
        match self.item.kind.as_str() {
            "string" => write!(f, "{:?}", self.item.value),
            "function" => f.write_str("function"),
            "accessor" => f.write_str("(…)"),
            _other => f.write_str(&self.item.value),
        }
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(key) = &self.key {
            write!(f, "{key} => ")?;
        }
        self.value.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn text(said: Value) -> String {
        let said: Vec<Said> = serde_json::from_value(said).unwrap();
        text_of(&said)
    }

    fn said(value: &Value) -> Value {
        let kind = if value.is_string() { "string" } else { "number" };
        json!({ "type": kind, "description": value.to_string().replace('"', ""), "value": value })
    }

    #[test]
    fn values_are_as_scripts_print_them() {
        let cases = [
            (json!([]), ""),
            (json!([said(&json!("a")), said(&json!(" b"))]), "a  b"),
            (
                json!([{ "type": "undefined" }, { "type": "boolean", "value": false }]),
                "undefined false",
            ),
            (json!([{ "type": "object", "subtype": "null", "value": null }]), "null"),
            (json!([{ "type": "number", "unserializableValue": "-0", "description": "-0" }]), "-0"),
            (json!([{ "type": "bigint", "unserializableValue": "7n", "description": "7n" }]), "7n"),
            (json!([{ "type": "number", "value": 1e21, "description": "1e+21" }]), "1e+21"),
            (json!([{ "type": "symbol", "description": "Symbol(a)" }]), "Symbol(a)"),
            (json!([{ "type": "function", "description": "() => 1" }]), "() => 1"),
        ];
        for (said, expected) in cases {
            assert_eq!(text(said.clone()), expected, "{said}");
        }
    }

    #[test]
    fn objects_show_what_they_hold() {
        let object = |description: &str, preview: Value| {
            let mut object = json!({ "type": "object", "description": description });
            object["preview"] = preview;
            object["preview"]["type"] = json!("object");
            object["preview"]["description"] = json!(description);
            json!([object])
        };
        let number = |name: &str| json!({ "name": name, "type": "number", "value": "1" });
        let word = json!({ "name": "b", "type": "string", "value": "x\"y" });
        let cases = [
            (
                object("Object", json!({ "overflow": false, "properties": [number("a"), word] })),
                r#"{a: 1, b: "x\"y"}"#,
            ),
            (
                object("Dog", json!({ "overflow": true, "properties": [number("a")] })),
                "Dog {a: 1, …}",
            ),
            (
                object(
                    "Array(2)",
                    json!({ "subtype": "array", "properties": [number("0"), number("1")] }),
                ),
                "[1, 1]",
            ),
            (
                object(
                    "Map(1)",
                    json!({ "subtype": "map", "entries": [{
                        "key": { "type": "string", "description": "k" },
                        "value": { "type": "number", "description": "2" },
                    }] }),
                ),
                r#"Map(1) {"k" => 2}"#,
            ),
            (
                object("Error: no\n    at a.js", json!({ "subtype": "error" })),
                "Error: no\n    at a.js",
            ),
        ];
        for (said, expected) in cases {
            assert_eq!(text(said.clone()), expected, "{said}");
        }
    }

    #[test]
    fn a_format_takes_its_values_and_leaves_the_rest() {
        let cases: [(&str, &[Value], &str); 8] = [
            ("%s of %d%%", &[json!("a"), json!(2)], "a of 2%"),
            ("%i|%d|%f", &[json!("12px"), json!(-7.9), json!("1.5em")], "12|-7|1.5"),
            ("%d", &[json!("none")], "NaN"),
            ("%cbig%c %o", &[json!("color: red"), json!(""), json!("x")], "big x"),
            ("%s and %s", &[json!("one")], "one and %s"),
            ("100% %x", &[json!("more")], "100% %x more"),
            ("%", &[], "%"),
            ("%f", &[json!("-Infinity")], "-Infinity"),
        ];
        for (format, values, expected) in cases {
            let all: Vec<_> = std::iter::once(&json!(format)).chain(values).map(said).collect();
            assert_eq!(text(Value::Array(all)), expected, "{format}");
        }
    }
}
