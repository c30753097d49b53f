//! Signed links: captures that are asked for by GET with a signature instead of a secret.
//!
//! What is signed is the query. Nodium's docs sort its parameters by name and leave open how they
//! are spelt then, so every spelling is taken that tells one request only. ScreenNabster signs the
//! query as it is sent.

use bytes::Bytes;
use darkroom_core::key::AccessKey;
use darkroom_core::time::Timestamp;
use http::{Method, Request};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::call::Credential;
use crate::credential::{self, KEY};
use crate::options::{Options, idempotency, query};

/// The parameter that holds the signature, in both dialects.
pub(crate) const SIGNATURE: &str = "signature";

/// The parameter that holds the end of one of ScreenNabster's.
pub(crate) const EXPIRES: &str = "expires";

/// All but the unreserved characters of RFC 3986, §2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// As [`RESERVED`], but for what JavaScript's `encodeURIComponent` leaves as it is.
const COMPONENT: &AsciiSet =
    &RESERVED.remove(b'!').remove(b'*').remove(b'\'').remove(b'(').remove(b')');

/// A link that was signed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignedLink {
    /// Whose signing keys sign it; no secret, since a link is public.
    pub key: AccessKey,
    /// Its signature, unjudged; none if it is no lower-case hexadecimal of 32 bytes.
    pub signature: Option<[u8; 32]>,
    /// What may be signed, any one of them.
    pub texts: Vec<String>,
    /// When it ends, if it does.
    pub expires_at: Option<Timestamp>,
}

/// What a link presents. Its key is a parameter: whose link it is, is signed too, and a header isn't.
/// `texts_of` a query may be signed.
pub(crate) fn credential(
    request: &Request<Bytes>,
    options: &mut Options,
    signature: &str,
    expires_at: Option<Timestamp>,
    texts_of: impl Fn(&str) -> Vec<String>,
) -> Credential {
    if request.headers().contains_key(idempotency::HEADER) {
        options.fault(idempotency::HEADER, "is not signed; leave it out of a link");
    }
    let key = match options.lift(KEY).map(|text| credential::from_text(&text)) {
        Some(Credential::Key(key)) => key,
        Some(other) => return other,
        None => return Credential::Missing,
    };
    // A body isn't signed.
    let may_be_signed = request.method() == Method::GET && request.body().is_empty();
    let query = request.uri().query().unwrap_or_default();
    let texts = if may_be_signed { texts_of(query) } else { Vec::new() };
    Credential::Link(Box::new(SignedLink { key, signature: parse(signature), texts, expires_at }))
}

/// The bytes of a signature as it is spelt.
fn parse(signature: &str) -> Option<[u8; 32]> {
    if signature.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    hex::decode(signature).ok()?.try_into().ok()
}

/// What forms leave as it is, by the URL standard; theirs is a blank for which `+` stands.
const FORM: &AsciiSet = &RESERVED.add(b'~').remove(b'*');

/// The query as it was sent, without its signature.
pub(crate) fn as_sent(query: &str) -> String {
    let parts = query.split('&').filter(|part| name_of(part) != SIGNATURE);
    parts.collect::<Vec<_>>().join("&")
}

/// The spellings of a query's parameters, sorted by name, that may be signed: as they were sent;
/// encoded anew as RFC 3986, JavaScript, Python or a form would; and not encoded at all, where that
/// leaves no doubt what is a name and what a value. No two requests have one of them in common.
pub(crate) fn sorted(query: &str) -> Vec<String> {
    let Ok(mut decoded) = query::pairs(query) else { return Vec::new() };
    decoded.retain(|(name, _)| name != SIGNATURE);
    // One list under two names: sorting would hide the order of its items.
    let is_twofold = |(name, _): &(String, String)| {
        decoded.iter().any(|(other, _)| other.strip_suffix("[]") == Some(name))
    };
    if decoded.iter().any(is_twofold) {
        return Vec::new();
    }
    decoded.sort_by(|(one, _), (other, _)| one.cmp(other));
    let mut sent: Vec<&str> = query.split('&').filter(|part| !part.is_empty()).collect();
    sent.retain(|part| name_of(part) != SIGNATURE);
    sent.sort_by_key(|part| query::decoded_name(part));
    let encoded = |set: &'static AsciiSet, blank: &str| {
        joined(&decoded, |text| utf8_percent_encode(text, set).to_string().replace("%20", blank))
    };
    let mut texts = vec![
        sent.join("&"),
        encoded(RESERVED, "%20"),
        encoded(COMPONENT, "%20"),
        encoded(RESERVED, "+"),
        encoded(FORM, "+"),
    ];
    let is_plain = |text: &str| !text.contains(['&', '%', '+']);
    if decoded.iter().all(|(name, value)| is_plain(name) && is_plain(value) && !name.contains('='))
    {
        texts.push(joined(&decoded, str::to_owned));
    }
    texts.dedup();
    texts
}

/// The query spelt anew, without an earlier signature and end; none if it is garbled.
pub(crate) fn unsigned(query: &str) -> Option<String> {
    let mut pairs = query::pairs(query).ok()?;
    pairs.retain(|(name, _)| name != SIGNATURE && name != EXPIRES);
    Some(joined(&pairs, |text| utf8_percent_encode(text, RESERVED).to_string()))
}

/// Parameters in the order and spelling in which a link of ours signs them.
pub(crate) fn spelt_sorted(mut parameters: Vec<(String, String)>) -> String {
    parameters.sort_by(|(one, _), (other, _)| one.cmp(other));
    joined(&parameters, |text| utf8_percent_encode(text, RESERVED).to_string())
}

fn joined(pairs: &[(String, String)], spell: impl Fn(&str) -> String) -> String {
    let pairs = pairs.iter().map(|(name, value)| format!("{}={}", spell(name), spell(value)));
    pairs.collect::<Vec<_>>().join("&")
}

fn name_of(part: &str) -> &str {
    part.split_once('=').map_or(part, |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_64_lower_case_digits() {
        let good = "00ff".repeat(16);
        assert_eq!(parse(&good).unwrap()[..4], [0, 0xff, 0, 0xff]);
        for bad in [
            &good.replacen('0', "", 1),
            &good.to_uppercase(),
            &format!("{good}0"),
            &good.replace('f', "g"),
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_link_that_is_signed_again_loses_its_signature_and_end() {
        let again = unsigned("url=https://e.com/a b&signature=x&expires=1&c[]='").unwrap();
        assert_eq!(again, "url=https%3A%2F%2Fe.com%2Fa%20b&c%5B%5D=%27");
        assert_eq!(unsigned("url=%zz"), None);
    }

    #[test]
    fn what_was_sent_is_signed_without_the_signature() {
        assert_eq!(as_sent("b=1&signature=x&a=%2f&c"), "b=1&a=%2f&c");
        assert_eq!(as_sent("signature=x"), "");
    }

    #[test]
    fn every_spelling_of_sorted_parameters_is_taken_that_tells_one_request() {
        let texts = sorted("url=https%3a%2f%2fe.com/a&signature=x&format=png&b[]=2&b[]=1");
        assert_eq!(texts[0], "b[]=2&b[]=1&format=png&url=https%3a%2f%2fe.com/a");
        assert!(texts.contains(&"b[]=2&b[]=1&format=png&url=https://e.com/a".to_owned()));
        let encoded = "b%5B%5D=2&b%5B%5D=1&format=png&url=https%3A%2F%2Fe.com%2Fa";
        assert!(texts.contains(&encoded.to_owned()));
        let texts = sorted("styles=*%20(~)");
        for spelling in ["*%20(~)", "%2A%20%28~%29", "%2A+%28~%29", "*+%28%7E%29", "* (~)"] {
            assert!(texts.contains(&format!("styles={spelling}")), "{spelling} of {texts:?}");
        }
    }

    #[test]
    fn a_value_that_could_be_read_as_two_parameters_is_signed_encoded_only() {
        let one = sorted("url=https%3A%2F%2Fe.com%2F%3Fa%26full_page%3Dtrue");
        let two = sorted("url=https%3A%2F%2Fe.com%2F%3Fa&full_page=true");
        assert!(one.iter().all(|text| !two.contains(text)), "{one:?} {two:?}");
        assert_eq!(sorted("cookies=a%3D1&cookies[]=b%3D1"), Vec::<String>::new());
        let double = sorted("styles=%2523a");
        let single = sorted("styles=%23a");
        assert!(double.iter().all(|text| !single.contains(text)), "{double:?} {single:?}");
    }
}
