//! Headers as the protocol tells them.

use std::fmt;

use darkroom_core::report::Property;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

/// What a name and a value take beside their letters, here and in an archive.
pub(super) const PAIR_BYTES: usize = 96;

/// Headers. The browser tells them by name, and those that were there several times as one
/// with several lines; here they are several again.
#[derive(Default, Debug)]
pub(super) struct Headers(pub(super) Vec<Property>);

impl Headers {
    /// Those of an answer as it came, in their order.
    pub(super) fn of_text(text: &str) -> Self {
        let header = |line: &str| {
            let (name, value) = line.split_once(':')?;
            Some(Property { name: name.to_owned(), value: value.trim().to_owned() })
        };
        // The first line is that of the status.
        Self(text.lines().skip(1).filter_map(header).collect())
    }

    /// The room that they take.
    pub(super) fn bytes(&self) -> usize {
        self.0.iter().map(|header| PAIR_BYTES + header.bytes()).sum()
    }

    /// The value of the first of this name, which is spelt so.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let header = self.0.iter().find(|header| header.name.eq_ignore_ascii_case(name));
        header.map(|header| header.value.as_str())
    }
}

impl<'de> Deserialize<'de> for Headers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Headers;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("headers")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Headers, M::Error> {
        let mut headers = Vec::new();
        while let Some((name, values)) = map.next_entry::<String, String>()? {
            let header = |value: &str| Property { name: name.clone(), value: value.to_owned() };
            headers.extend(values.split('\n').map(header));
        }
        Ok(Headers(headers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(headers: &Headers) -> Vec<(&str, &str)> {
        headers.0.iter().map(|it| (it.name.as_str(), it.value.as_str())).collect()
    }

    #[test]
    fn what_was_there_twice_is_there_twice() {
        let headers: Headers =
            serde_json::from_str(r#"{"Age":"","Link":"one\ntwo","Server":"a"}"#).unwrap();
        assert_eq!(
            pairs(&headers),
            [("Age", ""), ("Link", "one"), ("Link", "two"), ("Server", "a")]
        );
        assert_eq!(headers.get("link"), Some("one"));
        assert_eq!(headers.bytes(), 24 + 4 * PAIR_BYTES);
    }

    #[test]
    fn headers_as_they_came_have_their_order() {
        let text = "HTTP/1.1 200 OK\r\nServer: a:b\r\nLink: one\r\nAge:\r\nlink:two\r\n\r\n";
        let headers = Headers::of_text(text);
        assert_eq!(
            pairs(&headers),
            [("Server", "a:b"), ("Link", "one"), ("Age", ""), ("link", "two")]
        );
    }
}
