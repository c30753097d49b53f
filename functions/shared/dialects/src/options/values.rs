//! Single values: text from a query or a type from JSON, read leniently (the
//! text `"60"` is the number 60, as in ScreenshotOne). What is wrong is worded to
//! follow the option's name.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use serde_json::Value;

/// A value as it was given.
#[derive(Clone, Debug)]
pub(crate) enum Raw {
    /// From a query: all the values of one name, at least one.
    Text(Vec<String>),
    /// From a JSON body.
    Json(Value),
}

/// A value, or what is wrong with it.
pub(crate) type Reading<T> = Result<T, Wrong>;

/// What is wrong with a value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Wrong {
    /// It is none of those that the option's table tells.
    Value,
    /// These, each worded to follow the option's name.
    Said(Vec<Cow<'static, str>>),
}

impl From<&'static str> for Wrong {
    fn from(said: &'static str) -> Self {
        Self::Said(vec![said.into()])
    }
}

impl From<String> for Wrong {
    fn from(said: String) -> Self {
        Self::Said(vec![said.into()])
    }
}

/// `true`, `false`, or 1 and 0.
pub(crate) fn truth(raw: &Raw) -> Reading<bool> {
    match &*scalar(raw)? {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(Wrong::Value),
    }
}

/// Text; a number or a truth value in JSON isn't.
pub(crate) fn text(raw: &Raw) -> Reading<String> {
    match raw {
        Raw::Text(values) => once(values).cloned(),
        Raw::Json(Value::String(value)) => Ok(value.clone()),
        Raw::Json(_) => Err(Wrong::Value),
    }
}

/// Text of at least one character.
pub(crate) fn filled_text(raw: &Raw) -> Reading<String> {
    let value = text(raw)?;
    if value.is_empty() {
        return Err("must not be empty".into());
    }
    Ok(value)
}

/// A whole number within `range`.
pub(crate) fn whole<T>(range: RangeInclusive<T>) -> impl Fn(&Raw) -> Reading<T>
where
    T: std::str::FromStr + PartialOrd,
{
    move |raw| {
        let value = scalar(raw)?.parse::<T>().ok();
        value.filter(|value| range.contains(value)).ok_or(Wrong::Value)
    }
}

/// A number within `range`.
pub(crate) fn number(range: RangeInclusive<f64>) -> impl Fn(&Raw) -> Reading<f64> {
    move |raw| {
        let value = scalar(raw)?.parse::<f64>().ok();
        value.filter(|value| range.contains(value)).ok_or(Wrong::Value)
    }
}

/// One of these names.
pub(crate) fn choice<T: Copy>(names: &'static [(&'static str, T)]) -> impl Fn(&Raw) -> Reading<T> {
    move |raw| named(names, &text(raw)?)
}

/// A list of these names, each at most once.
pub(crate) fn choices<T>(names: &'static [(&'static str, T)]) -> impl Fn(&Raw) -> Reading<Vec<T>>
where
    T: Copy + PartialEq,
{
    move |raw| {
        let mut chosen = Vec::new();
        for name in texts(raw)? {
            let value = named(names, &name)?;
            if !chosen.contains(&value) {
                chosen.push(value);
            }
        }
        Ok(chosen)
    }
}

/// One text or a list of them.
pub(crate) fn texts(raw: &Raw) -> Reading<Vec<String>> {
    match raw {
        Raw::Text(values) => Ok(values.clone()),
        Raw::Json(Value::String(value)) => Ok(vec![value.clone()]),
        Raw::Json(Value::Array(values)) => values
            .iter()
            .map(|value| value.as_str().map(str::to_owned).ok_or(Wrong::Value))
            .collect(),
        Raw::Json(_) => Err(Wrong::Value),
    }
}

/// As [`texts`], none of them empty.
pub(crate) fn filled_texts(raw: &Raw) -> Reading<Vec<String>> {
    let values = texts(raw)?;
    if values.iter().any(|value| value.trim().is_empty()) {
        return Err("must not have an empty item".into());
    }
    Ok(values)
}

fn named<T: Copy>(names: &[(&str, T)], given: &str) -> Reading<T> {
    let named = names.iter().find(|(name, _)| *name == given);
    named.map(|(_, value)| *value).ok_or(Wrong::Value)
}

fn scalar(raw: &Raw) -> Reading<Cow<'_, str>> {
    match raw {
        Raw::Text(values) => once(values).map(|value| value.as_str().into()),
        Raw::Json(Value::String(value)) => Ok(value.as_str().into()),
        Raw::Json(Value::Number(value)) => Ok(value.to_string().into()),
        Raw::Json(Value::Bool(value)) => Ok(value.to_string().into()),
        Raw::Json(Value::Null | Value::Array(_) | Value::Object(_)) => Err(Wrong::Value),
    }
}

/// What a query gives by one name; twice the same isn't once.
fn once(values: &[String]) -> Reading<&String> {
    match values {
        [value] => Ok(value),
        _ => Err("is given more than once; give it once".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Raw {
        Raw::Json(serde_json::from_str(text).unwrap())
    }

    fn query(value: &str) -> Raw {
        Raw::Text(vec![value.to_owned()])
    }

    #[test]
    fn what_is_given_twice_is_told_as_that() {
        let twice = Raw::Text(vec!["1".to_owned(), "1".to_owned()]);
        let said = Wrong::from("is given more than once; give it once");
        assert_eq!(truth(&twice).unwrap_err(), said);
        assert_eq!(whole(1_u32..=5)(&twice).unwrap_err(), said);
        assert_eq!(number(1.0..=5.0)(&twice).unwrap_err(), said);
        assert_eq!(text(&twice).unwrap_err(), said);
    }

    #[test]
    fn truth_is_read_from_words_and_digits() {
        for yes in [query("true"), query("1"), json("true"), json("1"), json("\"true\"")] {
            assert_eq!(truth(&yes), Ok(true), "{yes:?}");
        }
        for no in [query("false"), query("0"), json("false"), json("\"0\"")] {
            assert_eq!(truth(&no), Ok(false), "{no:?}");
        }
        for neither in [query(""), query("TRUE"), query("yes"), json("[true]"), json("2")] {
            assert!(truth(&neither).is_err(), "{neither:?}");
        }
    }

    #[test]
    fn whole_numbers_have_no_fraction_and_no_wrapping() {
        let read = whole(1_u32..=300);
        for good in [query("120"), json("120"), json("\"120\"")] {
            assert_eq!(read(&good), Ok(120), "{good:?}");
        }
        for bad in ["0", "301", "-1", "1.5", "1e2", "4294967297", "\"\"", "true", "[60]", "{}"] {
            assert_eq!(read(&json(bad)), Err(Wrong::Value), "{bad}");
        }
        assert_eq!(whole(-5_i32..=5)(&json("-5")), Ok(-5));
    }

    #[test]
    fn numbers_that_are_none_are_refused() {
        let read = number(1.0..=5.0);
        assert_eq!(read(&json("1.5")), Ok(1.5));
        for bad in ["NaN", "inf", "0.99", "5.01", ""] {
            assert_eq!(read(&query(bad)), Err(Wrong::Value), "{bad}");
        }
    }

    #[test]
    fn a_list_may_be_a_single_text() {
        assert_eq!(texts(&json("\"load\"")), Ok(vec!["load".to_owned()]));
        assert_eq!(texts(&json("[\"a\",\"b\"]")).unwrap().len(), 2);
        assert!(texts(&json("[1]")).is_err());
        assert!(texts(&json("{}")).is_err());
        assert!(filled_texts(&json("[\"a\", \" \"]")).is_err());
    }

    #[test]
    fn a_list_of_names_has_each_once_in_its_order() {
        let read = choices(&[("a", 1), ("b", 2)]);
        assert_eq!(read(&json("[\"b\", \"a\", \"b\"]")), Ok(vec![2, 1]));
        assert_eq!(read(&json("[\"b\", \"c\"]")), Err(Wrong::Value));
    }
}
