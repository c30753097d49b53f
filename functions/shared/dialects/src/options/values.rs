//! Single values: text from a query or a type from JSON, read leniently (the
//! text `"60"` is the number 60, as in ScreenshotOne) and refused in words that
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

/// A value, or what is wrong with it, worded to follow the option's name.
pub(crate) type Reading<T> = Result<T, Cow<'static, str>>;

/// `true`, `false`, or 1 and 0.
pub(crate) fn truth(raw: &Raw) -> Reading<bool> {
    match scalar(raw).as_deref() {
        Some("true" | "1") => Ok(true),
        Some("false" | "0") => Ok(false),
        _ => Err("must be true or false".into()),
    }
}

/// Text; a number or a truth value in JSON isn't.
pub(crate) fn text(raw: &Raw) -> Reading<String> {
    match raw {
        Raw::Text(values) => match values.as_slice() {
            [value] => Ok(value.clone()),
            _ => Err("is given more than once; give it once".into()),
        },
        Raw::Json(Value::String(value)) => Ok(value.clone()),
        Raw::Json(_) => Err("must be a string".into()),
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

/// A whole number within `range`. `unit` follows "whole number"; the default,
/// if there is one, is told beside.
pub(crate) fn whole(
    range: RangeInclusive<u32>,
    unit: &'static str,
    default: Option<u32>,
) -> impl Fn(&Raw) -> Reading<u32> {
    move |raw| {
        let value = scalar(raw).and_then(|text| text.parse::<u32>().ok());
        value.filter(|value| range.contains(value)).ok_or_else(|| {
            let default = default.map(|it| format!(" (default {it})"));
            let default = default.unwrap_or_default();
            let (least, most) = (range.start(), range.end());
            format!("must be a whole number{unit} from {least} to {most}{default}").into()
        })
    }
}

/// A number within `range`; the default is told beside.
pub(crate) fn number(range: RangeInclusive<f64>, default: f64) -> impl Fn(&Raw) -> Reading<f64> {
    move |raw| {
        let value = scalar(raw).and_then(|text| text.parse::<f64>().ok());
        value.filter(|value| range.contains(value)).ok_or_else(|| {
            let (least, most) = (range.start(), range.end());
            format!("must be a number from {least} to {most} (default {default})").into()
        })
    }
}

/// One text or a list of them.
pub(crate) fn texts(raw: &Raw) -> Reading<Vec<String>> {
    let fault = || Cow::from("must be a string or a list of strings");
    match raw {
        Raw::Text(values) => Ok(values.clone()),
        Raw::Json(Value::String(value)) => Ok(vec![value.clone()]),
        Raw::Json(Value::Array(values)) => {
            values.iter().map(|value| value.as_str().map(str::to_owned).ok_or_else(fault)).collect()
        }
        Raw::Json(_) => Err(fault()),
    }
}

fn scalar(raw: &Raw) -> Option<Cow<'_, str>> {
    match raw {
        Raw::Text(values) => match values.as_slice() {
            [value] => Some(value.as_str().into()),
            _ => None,
        },
        Raw::Json(Value::String(value)) => Some(value.as_str().into()),
        Raw::Json(Value::Number(value)) => Some(value.to_string().into()),
        Raw::Json(Value::Bool(value)) => Some(value.to_string().into()),
        Raw::Json(Value::Null | Value::Array(_) | Value::Object(_)) => None,
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
        let read = whole(1..=300, " of seconds", Some(60));
        for good in [query("120"), json("120"), json("\"120\"")] {
            assert_eq!(read(&good), Ok(120), "{good:?}");
        }
        for bad in ["0", "301", "-1", "1.5", "1e2", "4294967297", "\"\"", "true", "[60]", "{}"] {
            assert_eq!(
                read(&json(bad)).unwrap_err(),
                "must be a whole number of seconds from 1 to 300 (default 60)",
                "{bad}"
            );
        }
    }

    #[test]
    fn numbers_that_are_none_are_refused() {
        let read = number(1.0..=5.0, 1.0);
        assert_eq!(read(&json("1.5")), Ok(1.5));
        for bad in ["NaN", "inf", "0.99", "5.01", ""] {
            assert_eq!(
                read(&query(bad)).unwrap_err(),
                "must be a number from 1 to 5 (default 1)",
                "{bad}"
            );
        }
    }

    #[test]
    fn a_list_may_be_a_single_text() {
        assert_eq!(texts(&json("\"load\"")), Ok(vec!["load".to_owned()]));
        assert_eq!(texts(&json("[\"a\",\"b\"]")).unwrap().len(), 2);
        assert!(texts(&json("[1]")).is_err());
        assert!(texts(&json("{}")).is_err());
    }
}
