//! What a page is told about its device and its reader.

use std::hash::{Hash, Hasher};

use super::weigh;

/// What a page is told about its device and its reader. Nothing of it changes
/// anything unless it was asked for.
#[derive(Clone, PartialEq, Hash, Debug, Default)]
pub struct Emulation {
    /// `prefers-color-scheme`.
    pub color_scheme: Option<ColorScheme>,
    /// `prefers-reduced-motion`.
    pub motion_preference: MotionPreference,
    /// The medium of its styles.
    pub media: Option<Media>,
    /// An IANA time zone.
    pub time_zone: Option<String>,
    /// A language tag (BCP 47), for `Accept-Language`, `navigator.language` and
    /// the formats of numbers and dates.
    pub locale: Option<String>,
    /// Where it believes to be; the permission to ask for it is given.
    pub geolocation: Option<Geolocation>,
    /// Whether its scripts run.
    pub java_script: JavaScript,
    /// Whether its Content-Security-Policy counts.
    pub csp: Csp,
    /// What becomes of its animations.
    pub motion: Motion,
    /// Whether two captures of the same content are the same bytes.
    pub determinism: Determinism,
}

impl Emulation {
    pub(super) fn weight_bytes(&self) -> usize {
        weigh(self.time_zone.iter().chain(&self.locale))
    }
}

/// The reader's preferred colours.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ColorScheme {
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// Whether the reader wants things to move.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum MotionPreference {
    /// No preference.
    #[default]
    None,
    /// `prefers-reduced-motion: reduce`.
    Reduced,
}

/// The medium of a page's styles.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Media {
    /// A screen.
    Screen,
    /// Paper.
    Print,
}

/// A place on the globe (W3C Geolocation API).
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Geolocation {
    /// Degrees, -90 to 90.
    pub latitude: f64,
    /// Degrees, -180 to 180.
    pub longitude: f64,
    /// Metres, above 0.
    pub accuracy_m: f64,
}

impl Hash for Geolocation {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self { latitude, longitude, accuracy_m } = self;
        [latitude, longitude, accuracy_m].map(|number| number.to_bits()).hash(state);
    }
}

/// Whether a page's scripts run.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum JavaScript {
    /// They do.
    #[default]
    On,
    /// They don't. Scripts of the capture still do.
    Off,
}

/// Whether a page's Content-Security-Policy counts.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Csp {
    /// It does.
    #[default]
    Enforced,
    /// It doesn't, so that scripts and styles of the capture may load more.
    Bypassed,
}

/// What becomes of animations and transitions when the picture is taken.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Motion {
    /// They are where they are.
    #[default]
    Running,
    /// Finite ones are at their end, endless ones at their beginning, videos and
    /// carets stand still.
    Finished,
}

/// Whether two captures of the same content are the same bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Determinism {
    /// As the page's clock and its chance have it.
    #[default]
    Off,
    /// The page's clock stands still at 2025-01-01 12:00 UTC, chance is seeded,
    /// animations by scripts have run for a second (60 frames), all others are
    /// [finished](Motion::Finished), videos at their beginning. What timers and
    /// the network do still depends on how long they take.
    On,
}
