//! Cookies, as `Set-Cookie` spells them (RFC 6265 §4.1) or as objects.

use std::borrow::Cow;

use darkroom_core::capture::{Cookie, SameSite};
use darkroom_core::secret::SecretText;
use serde_json::{Map, Value};

use super::request::{is_token, item};
use super::values::{self, Raw, Reading, Wrong};

/// A cookie, or what is wrong with it; worded to follow the item's name.
type Parsed = Result<Cookie, Cow<'static, str>>;

/// Cookies, with the faults of each.
pub(super) fn read(raw: &Raw) -> Reading<Vec<Cookie>> {
    let mut cookies = Vec::new();
    let mut faults: Vec<Cow<'static, str>> = Vec::new();
    for (index, (name, parsed)) in parsed(raw)?.into_iter().enumerate() {
        match parsed.and_then(check) {
            Ok(cookie) => cookies.push(cookie),
            Err(fault) => faults.push(format!("{} {fault}", item(index, &name)).into()),
        }
    }
    if faults.is_empty() { Ok(cookies) } else { Err(Wrong::Said(faults)) }
}

fn parsed(raw: &Raw) -> Reading<Vec<(String, Parsed)>> {
    let of_text = |text: &str| (name_in(text).to_owned(), of_text(text));
    let of_fields = |fields: &Map<String, Value>| {
        let name = fields.get("name").and_then(Value::as_str).unwrap_or_default();
        (name.to_owned(), of_fields(fields))
    };
    match raw {
        Raw::Json(Value::Object(fields)) => Ok(vec![of_fields(fields)]),
        Raw::Json(Value::Array(items)) => items
            .iter()
            .map(|item| match item {
                Value::String(text) => Ok(of_text(text)),
                Value::Object(fields) => Ok(of_fields(fields)),
                _ => Err(Wrong::Value),
            })
            .collect(),
        _ => Ok(values::texts(raw)?.iter().map(|text| of_text(text)).collect()),
    }
}

fn name_in(text: &str) -> &str {
    text.split_once('=').map_or("", |(name, _)| name.trim())
}

fn plain(name: &str, value: &str) -> Cookie {
    Cookie {
        name: name.to_owned(),
        value: SecretText::new(value.to_owned()),
        domain: None,
        path: None,
        secure: false,
        http_only: false,
        same_site: None,
    }
}

fn of_text(text: &str) -> Parsed {
    let mut parts = text.split(';').map(str::trim);
    let (name, value) = parts
        .next()
        .and_then(|pair| pair.split_once('='))
        .ok_or("has no name; write it like \"name=value\"")?;
    let mut cookie = plain(name.trim(), value.trim());
    for attribute in parts.filter(|part| !part.is_empty()) {
        let (name, value) = attribute.split_once('=').unwrap_or((attribute, ""));
        set(&mut cookie, name.trim(), value.trim())?;
    }
    Ok(cookie)
}

fn of_fields(fields: &Map<String, Value>) -> Parsed {
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    let (Some(name), Some(value)) = (text("name"), text("value")) else {
        return Err("needs a `name` and a `value`, both strings".into());
    };
    let mut cookie = plain(name, value);
    for (name, value) in
        fields.iter().filter(|(name, _)| !matches!(name.as_str(), "name" | "value"))
    {
        match value {
            Value::Bool(false) | Value::Null => {}
            Value::Bool(true) => set(&mut cookie, name, "")?,
            Value::String(text) => set(&mut cookie, name, text)?,
            Value::Number(number) => set(&mut cookie, name, &number.to_string())?,
            Value::Array(_) | Value::Object(_) => return Err(unknown_attribute()),
        }
    }
    Ok(cookie)
}

/// Takes an attribute; `HttpOnly`, `httpOnly` and `http_only` are one.
fn set(cookie: &mut Cookie, name: &str, value: &str) -> Result<(), Cow<'static, str>> {
    match name.replace(['-', '_'], "").to_ascii_lowercase().as_str() {
        "domain" => cookie.domain = Some(domain(value)?),
        "path" if value.starts_with('/') => cookie.path = Some(value.to_owned()),
        "path" => return Err("has a Path that doesn't begin with /".into()),
        "secure" => cookie.secure = true,
        "httponly" => cookie.http_only = true,
        "samesite" => cookie.same_site = Some(same_site(value)?),
        // A capture is over before a cookie is.
        "expires" | "maxage" => {}
        _ => return Err(unknown_attribute()),
    }
    Ok(())
}

fn unknown_attribute() -> Cow<'static, str> {
    "has an attribute other than Domain, Path, Secure, HttpOnly, SameSite, Expires, Max-Age".into()
}

fn domain(value: &str) -> Result<String, Cow<'static, str>> {
    let domain = value.strip_prefix('.').unwrap_or(value).to_ascii_lowercase();
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_".contains(&it))
    };
    let is_host = domain.len() <= 253 && domain.split('.').all(is_label);
    is_host
        .then_some(domain)
        .ok_or_else(|| "has a Domain that is no host name; write it like Domain=example.com".into())
}

fn same_site(value: &str) -> Result<SameSite, Cow<'static, str>> {
    match value.to_ascii_lowercase().as_str() {
        "strict" => Ok(SameSite::Strict),
        "lax" => Ok(SameSite::Lax),
        "none" => Ok(SameSite::None),
        _ => Err("has a SameSite that is not Strict, Lax or None".into()),
    }
}

/// What browsers refuse without a word (RFC 6265bis §5.7).
fn check(cookie: Cookie) -> Parsed {
    let value = cookie.value.expose();
    let is_text = |text: &str| text.bytes().all(|it| it == b' ' || it.is_ascii_graphic());
    let is_host_bound = cookie.domain.is_none() && cookie.path.as_deref().unwrap_or("/") == "/";
    if !is_token(&cookie.name) {
        return Err("has no valid name; write it like \"name=value\"".into());
    }
    if !is_text(value) || value.contains(';') {
        return Err("has a value that is not printable ASCII without semicolons".into());
    }
    if cookie.path.as_ref().is_some_and(|path| !is_text(path) || path.contains(';')) {
        return Err("has a Path that is not printable ASCII without semicolons".into());
    }
    if cookie.same_site == Some(SameSite::None) && !cookie.secure {
        return Err("has SameSite=None, which browsers take only with Secure; add that".into());
    }
    if cookie.name.starts_with("__Secure-") && !cookie.secure {
        return Err("has a name that browsers take only with Secure; add that".into());
    }
    if cookie.name.starts_with("__Host-") && !(cookie.secure && is_host_bound) {
        return Err("has a name that browsers take only with Secure, Path=/ and no Domain".into());
    }
    Ok(cookie)
}
