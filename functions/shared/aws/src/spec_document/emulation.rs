//! What a page is told about its device and its reader, as it is stored.

use darkroom_core::capture::{
    ColorScheme, Csp, Determinism, Emulation, Geolocation, JavaScript, Media, Motion,
    MotionPreference,
};
use serde::{Deserialize, Serialize};

use super::choice;

choice!(SchemeDocument for ColorScheme { "light" = Light, "dark" = Dark });

choice!(PreferenceDocument for MotionPreference { "none" = None, "reduced" = Reduced });

choice!(MediaDocument for Media { "screen" = Screen, "print" = Print });

choice!(JavaScriptDocument for JavaScript { "on" = On, "off" = Off });

choice!(CspDocument for Csp { "enforced" = Enforced, "bypassed" = Bypassed });

choice!(MotionDocument for Motion { "running" = Running, "finished" = Finished });

choice!(DeterminismDocument for Determinism { "off" = Off, "on" = On });

/// The core's `Emulation`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EmulationDocument {
    color_scheme: Option<SchemeDocument>,
    motion_preference: PreferenceDocument,
    media: Option<MediaDocument>,
    time_zone: Option<String>,
    locale: Option<String>,
    geolocation: Option<GeolocationDocument>,
    java_script: JavaScriptDocument,
    csp: CspDocument,
    motion: MotionDocument,
    determinism: DeterminismDocument,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct GeolocationDocument {
    latitude: f64,
    longitude: f64,
    accuracy_m: f64,
}

impl From<&Emulation> for EmulationDocument {
    fn from(emulation: &Emulation) -> Self {
        let Emulation {
            color_scheme,
            motion_preference,
            media,
            time_zone,
            locale,
            geolocation,
            java_script,
            csp,
            motion,
            determinism,
        } = emulation;
        Self {
            color_scheme: color_scheme.map(Into::into),
            motion_preference: (*motion_preference).into(),
            media: media.map(Into::into),
            time_zone: time_zone.clone(),
            locale: locale.clone(),
            geolocation: geolocation.map(Into::into),
            java_script: (*java_script).into(),
            csp: (*csp).into(),
            motion: (*motion).into(),
            determinism: (*determinism).into(),
        }
    }
}

impl From<EmulationDocument> for Emulation {
    fn from(document: EmulationDocument) -> Self {
        Self {
            color_scheme: document.color_scheme.map(Into::into),
            motion_preference: document.motion_preference.into(),
            media: document.media.map(Into::into),
            time_zone: document.time_zone,
            locale: document.locale,
            geolocation: document.geolocation.map(Into::into),
            java_script: document.java_script.into(),
            csp: document.csp.into(),
            motion: document.motion.into(),
            determinism: document.determinism.into(),
        }
    }
}

impl From<Geolocation> for GeolocationDocument {
    fn from(place: Geolocation) -> Self {
        let Geolocation { latitude, longitude, accuracy_m } = place;
        Self { latitude, longitude, accuracy_m }
    }
}

impl From<GeolocationDocument> for Geolocation {
    fn from(document: GeolocationDocument) -> Self {
        let GeolocationDocument { latitude, longitude, accuracy_m } = document;
        Self { latitude, longitude, accuracy_m }
    }
}
