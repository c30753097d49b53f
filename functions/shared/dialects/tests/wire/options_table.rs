//! The table of options is the one that the parser uses: every name is read, every
//! range is kept, every default is taken.

use crate::support::{faults, read, request};
use darkroom_core::job::Dialect;
use darkroom_dialects::{Action, Alias, Availability, Call, Known, Submission, aliases, options};
use serde_json::{Value, json};

const DIALECTS: [(Dialect, &str); 2] =
    [(Dialect::Nodium, "/api/v1/screenshot/take"), (Dialect::ScreenNabster, "/api/v1/capture")];

/// What options need, one of which serves each of them.
fn contexts() -> [Value; 20] {
    [
        json!({"format": "webp"}),
        json!({}),
        json!({"webhook_url": "https://e.com"}),
        json!({"full_page": true}),
        json!({"full_page": true, "full_page_scroll": true}),
        json!({"full_page": true, "full_page_slices": true}),
        json!({"selector": "a", "click": "a", "hover": "a", "scroll_into_view": "a"}),
        json!({"clip_width": 5, "clip_height": 5}),
        json!({"geolocation_latitude": 5, "geolocation_longitude": 5}),
        json!({"wait_for_selector": "a", "scripts": "a"}),
        json!({"format": "pdf"}),
        json!({"format": "mp4"}),
        json!({"format": "mp4", "width": 5, "height": 5}),
        json!({"format": "mp4", "scenario": "scroll"}),
        json!({"format": "mp4", "scenario": "scroll", "scroll_till_selector": "a"}),
        json!({"format": "mp4", "scenario": "scroll", "scroll_back": false}),
        json!({"cache": true}),
        json!({"metadata_content": true}),
        json!({"store": true, "storage_url": "https://e.com/a.png"}),
        json!({
            "store": true, "storage_role": "arn:aws:iam::123456789012:role/a",
            "storage_bucket": "shots", "storage_path": "a.png",
        }),
    ]
}

fn call(path: &str, context: &Value, name: &str, value: Value) -> Call {
    let mut body = json!({"url": "https://example.com", "timeout": 31});
    let fields = body.as_object_mut().unwrap();
    fields.extend(context.as_object().unwrap().clone());
    if !name.is_empty() {
        fields.insert(name.to_owned(), value);
    }
    read(&request("POST", path, &body.to_string()))
}

fn taken(path: &str, context: &Value, name: &str, value: Value) -> Option<Box<Submission>> {
    match call(path, context, name, value).action {
        Ok(Action::Submit(submission)) => Some(submission),
        _ => None,
    }
}

fn told(path: &str, name: &str, value: &Value) -> Vec<String> {
    faults(&request("POST", path, &json!({ name: value }).to_string()))
}

/// Every name of a dialect, with its option and its default there; the key is
/// read apart from the options.
fn names(dialect: Dialect) -> Vec<(&'static str, &'static Known, Option<&'static str>)> {
    let alias_of = |known: &Known| {
        let alias: Option<&Alias> = aliases(dialect).iter().find(|alias| alias.of == known.name);
        alias
    };
    let all = options(dialect)
        .filter(|known| !["access_key", "signature", "expires"].contains(&known.name))
        .flat_map(|known| {
            let alias = alias_of(known);
            let default = alias.and_then(|alias| alias.default).or(known.default);
            let own = alias.map(|alias| alias.name).filter(|name| *name != known.name);
            own.into_iter().chain([known.name]).map(move |name| (name, known, default))
        });
    all.collect()
}

#[test]
fn every_name_is_read_or_refused_as_the_table_says() {
    for (dialect, path) in DIALECTS {
        for (name, known, default) in names(dialect) {
            // No option has a list of lists.
            let told = told(path, name, &json!([[]]));
            let expected = match known.availability {
                Availability::Built => {
                    let default = default.map(|it| format!(" (default {it})")).unwrap_or_default();
                    format!("`{name}` must be {}{default}", known.values)
                }
                Availability::LeftOut(why) => {
                    format!("`{name}` is not available in this version: {why}")
                }
            };
            assert!(told.contains(&expected), "{expected}\n{told:?}");
        }
    }
}

#[test]
fn no_name_stands_for_two_options() {
    for (dialect, _) in DIALECTS {
        let mut names: Vec<_> = names(dialect).into_iter().map(|(name, ..)| name).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
        for alias in aliases(dialect) {
            assert!(options(dialect).any(|known| known.name == alias.of), "{alias:?}");
        }
    }
}

/// `a number from A to B`, `a whole number of pixels from A to B`.
fn range(values: &str) -> Option<(f64, f64, f64)> {
    let step = match values {
        whole if whole.starts_with("a whole number") => 1.0,
        number if number.starts_with("a number") => 0.01,
        _ => return None,
    };
    let (_, range) = values.split_once(" from ")?;
    let (least, most) = range.split_once(" to ")?;
    Some((least.parse().unwrap(), most.parse().unwrap(), step))
}

#[test]
fn the_range_that_is_told_is_the_range_that_is_taken() {
    for (dialect, path) in DIALECTS {
        for (name, known, _) in names(dialect) {
            let Some((least, most, step)) = range(known.values) else { continue };
            let refused = format!("`{name}` must be {}", known.values);
            let is_refused = |value: f64| {
                let told = told(path, name, &json!(value.to_string()));
                told.iter().any(|it| it.starts_with(&refused))
            };
            assert!(!is_refused(least) && !is_refused(most), "{refused}");
            assert!(is_refused(least - step) && is_refused(most + step), "{refused}");
        }
    }
}

#[test]
fn the_default_that_is_told_is_the_default_that_is_taken() {
    for (dialect, path) in DIALECTS {
        for (name, _, default) in names(dialect) {
            let Some(default) = default else { continue };
            let mut others = contexts().into_iter().filter(|context| context.get(name).is_none());
            let found = others.find_map(|context| {
                let with = taken(path, &context, name, json!(default))?;
                Some((context, with))
            });
            let Some((context, with)) = found else { panic!("{name} is refused everywhere") };
            let without =
                taken(path, &context, "timeout", json!(if name == "timeout" { 60 } else { 31 }));
            assert_eq!(Some(with), without, "{name}");
        }
    }
}

/// The names that a value's text lists are those that are taken, at least one of
/// which isn't the default.
#[test]
fn every_value_that_is_told_is_taken() {
    for (dialect, path) in DIALECTS {
        for (name, known, _) in names(dialect) {
            let values = known.values.trim_start_matches("a list of ");
            let one_of = values.replace(" or ", ", ");
            let words: Vec<_> = one_of.split(", ").collect();
            if words.len() < 2 || words.iter().any(|word| word.contains(' ')) {
                continue;
            }
            for word in words {
                let told = told(path, name, &json!(word));
                let refused = format!("`{name}` must be {}", known.values);
                assert!(!told.iter().any(|it| it.starts_with(&refused)), "{name} {word}");
            }
        }
    }
}
