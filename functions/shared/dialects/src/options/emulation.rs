//! What a page is told about its device and its reader.

use darkroom_core::capture::{
    ColorScheme, Csp, Determinism, Emulation, Geolocation, JavaScript, Media, Motion,
    MotionPreference,
};

use super::given::Options;
use super::kind::Kind;
use super::known::{Known, built, ours};
use super::values::{self, Raw, Reading};

/// Every name of the tz database that Chromium takes.
const TIME_ZONES: &str = include_str!("../../devices/time_zones.txt");

/// Metres, where a place has no accuracy: that of a good receiver.
const ACCURACY_M: u32 = 1;

/// Half the globe's circumference.
const MAX_ACCURACY_M: u32 = 20_000_000;

pub(super) const OPTIONS: &[Known] = &[
    built(
        "dark_mode",
        "true or false",
        None,
        "The reader prefers dark colours, or with false light ones.",
    ),
    built("reduced_motion", "true or false", Some("false"), "The reader prefers reduced motion."),
    built(
        "media_type",
        "screen or print",
        None,
        "The medium of the page's styles. Default: print for a pdf, else screen.",
    ),
    built(
        "time_zone",
        "a name of the tz database, such as Europe/Berlin",
        None,
        "The page's time zone. Default: UTC.",
    ),
    ours(
        "locale",
        "a language tag, such as de or pt-BR",
        None,
        "The reader's language: `Accept-Language`, `navigator.language`, formats of dates and numbers. Default: en-US.",
    ),
    built(
        "geolocation_latitude",
        "a number from -90 to 90",
        None,
        "Where the page believes to be; it may ask. Needs `geolocation_longitude`.",
    ),
    built(
        "geolocation_longitude",
        "a number from -180 to 180",
        None,
        "Needs `geolocation_latitude`.",
    ),
    built(
        "geolocation_accuracy",
        "a whole number of metres from 1 to 20000000",
        Some("1"),
        "Needs `geolocation_latitude` and `geolocation_longitude`.",
    ),
    ours(
        "javascript",
        "true or false",
        Some("true"),
        "Whether the page's scripts run. Those of the capture do in any case.",
    ),
    built(
        "bypass_csp",
        "true or false",
        Some("false"),
        "Ignore the page's Content-Security-Policy, so that `scripts` and `styles` may load more.",
    ),
    ours(
        "animations",
        "running or finish",
        Some("running"),
        "`finish` puts animations and transitions at their end (endless ones at their beginning) and hides the caret.",
    ),
    ours(
        "deterministic",
        "true or false",
        Some("false"),
        "The same content gives the same bytes: the clock stands still, chance is seeded, animations are finished. In a clip the clock goes on from that moment, and animations run.",
    ),
];

/// What the page is told.
pub(super) fn read(options: &mut Options, kind: Kind) -> Emulation {
    let media = values::choice(&[("screen", Media::Screen), ("print", Media::Print)]);
    Emulation {
        color_scheme: options.truth("dark_mode").map(|is_dark| match is_dark {
            true => ColorScheme::Dark,
            false => ColorScheme::Light,
        }),
        motion_preference: match options.truth("reduced_motion") {
            Some(true) => MotionPreference::Reduced,
            Some(false) | None => MotionPreference::None,
        },
        media: options.read("media_type", media),
        time_zone: options.read("time_zone", time_zone),
        locale: options.read("locale", locale),
        geolocation: geolocation(options),
        java_script: match options.truth("javascript") {
            Some(false) => JavaScript::Off,
            Some(true) | None => JavaScript::On,
        },
        csp: match options.truth("bypass_csp") {
            Some(true) => Csp::Bypassed,
            Some(false) | None => Csp::Enforced,
        },
        ..stillness(options, kind)
    }
}

/// What moves, of which determinism is the strictest. In a clip everything does.
fn stillness(options: &mut Options, kind: Kind) -> Emulation {
    let names = values::choice(&[("running", Motion::Running), ("finish", Motion::Finished)]);
    let motion = options.read("animations", names);
    let is_deterministic = options.truth("deterministic") == Some(true);
    let is_clip = matches!(kind, Kind::Clip(_));
    if is_clip && motion == Some(Motion::Finished) {
        options.refuse("animations", "must be running in a clip, which shows them");
    } else if !is_clip && is_deterministic && motion == Some(Motion::Running) {
        options.refuse_beside("animations", "deterministic");
    }
    Emulation {
        motion: motion.unwrap_or_default(),
        determinism: if is_deterministic { Determinism::On } else { Determinism::Off },
        ..Emulation::default()
    }
}

fn geolocation(options: &mut Options) -> Option<Geolocation> {
    const PLACE: [&str; 2] = ["geolocation_latitude", "geolocation_longitude"];
    let latitude = options.read("geolocation_latitude", values::number(-90.0..=90.0));
    let longitude = options.read("geolocation_longitude", values::number(-180.0..=180.0));
    let accuracy = values::whole(1..=MAX_ACCURACY_M);
    let accuracy = options.read("geolocation_accuracy", accuracy);
    for needed in PLACE {
        if !options.has(needed) {
            options.refuse_without(&PLACE, needed);
            options.refuse_without(&["geolocation_accuracy"], needed);
        }
    }
    Some(Geolocation {
        latitude: latitude?,
        longitude: longitude?,
        accuracy_m: accuracy.unwrap_or(ACCURACY_M).into(),
    })
}

/// In the spelling of the database, whatever the client's.
fn time_zone(raw: &Raw) -> Reading<String> {
    let given = values::text(raw)?;
    let mut names = TIME_ZONES.lines().filter(|line| !line.starts_with('#'));
    let known = names.find(|name| name.eq_ignore_ascii_case(given.trim()));
    known.map(str::to_owned).ok_or(values::Wrong::Value)
}

/// A language and what narrows it down (RFC 5646 §2.1, without its extensions'
/// finer rules).
fn locale(raw: &Raw) -> Reading<String> {
    let tag = values::text(raw)?;
    let mut parts = tag.split('-');
    let is_language = parts.next().is_some_and(|language| {
        (2..=3).contains(&language.len()) && language.bytes().all(|it| it.is_ascii_alphabetic())
    });
    let are_subtags = parts.all(|part| {
        (1..=8).contains(&part.len()) && part.bytes().all(|it| it.is_ascii_alphanumeric())
    });
    let is_tag = is_language && are_subtags && tag.len() <= 35;
    is_tag.then_some(tag).ok_or(values::Wrong::Value)
}
