//! A query string, decoded strictly: what is garbled is a fault, not a guess.

use percent_encoding::percent_decode_str;

use crate::call::Fault;

/// The pairs of a query in their order, names and values decoded.
///
/// # Errors
///
/// One fault for each part that isn't percent-encoded UTF-8.
pub(crate) fn pairs(query: &str) -> Result<Vec<(String, String)>, Vec<Fault>> {
    let mut pairs = Vec::new();
    let mut faults = Vec::new();
    for part in query.split('&').filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        match (decode(name), decode(value)) {
            (Some(name), Some(value)) => pairs.push((name, value)),
            (Some(name), None) => faults.push(Fault::new(
                &name,
                "is not percent-encoded UTF-8; encode its value (a bare % as %25)",
            )),
            (None, _) => faults.push(Fault::new(
                "query",
                "has a name that is not percent-encoded UTF-8; encode it (a bare % as %25)",
            )),
        }
    }
    if faults.is_empty() { Ok(pairs) } else { Err(faults) }
}

/// The name of a part as it was meant; as it is where it is garbled.
pub(crate) fn decoded_name(part: &str) -> String {
    let name = part.split_once('=').map_or(part, |(name, _)| name);
    decode(name).unwrap_or_else(|| name.to_owned())
}

fn decode(text: &str) -> Option<String> {
    let text = text.replace('+', " ");
    let escapes_are_whole = text.split('%').skip(1).all(|after| {
        let digits = after.bytes().take(2).filter(u8::is_ascii_hexdigit);
        digits.count() == 2
    });
    if !escapes_are_whole {
        return None;
    }
    let decoded = percent_decode_str(&text).decode_utf8().ok()?;
    Some(decoded.into_owned())
}
