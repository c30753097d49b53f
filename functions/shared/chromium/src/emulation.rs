//! What a capture asks of its page's surroundings. A page is made ready before
//! anybody knows what for; this is applied right before the content is loaded.

use chromiumoxide::Command;
use chromiumoxide::cdp::browser_protocol::browser::{
    PermissionDescriptor, PermissionSetting, SetPermissionParams,
};
use chromiumoxide::cdp::browser_protocol::emulation::{
    MediaFeature, ScreenOrientation, ScreenOrientationType, SetDeviceMetricsOverrideParams,
    SetEmulatedMediaParams, SetGeolocationOverrideParams, SetLocaleOverrideParams,
    SetScriptExecutionDisabledParams, SetTimezoneOverrideParams, SetTouchEmulationEnabledParams,
    SetUserAgentOverrideParams,
};
use chromiumoxide::cdp::browser_protocol::page::{
    AddScriptToEvaluateOnNewDocumentParams, SetBypassCspParams,
};
use darkroom_core::capture::{
    CaptureSpec, ColorScheme, Csp, Determinism, Emulation, Geolocation, JavaScript, Media, Motion,
    MotionPreference, Output, Screen, Viewport,
};
use darkroom_core::failure::{Failure, FailureKind};
use serde_json::Value;

use crate::determinism;
use crate::identity;
use crate::page::{Page, WORLD};
use crate::selector::with_find;

/// So many fingers does Chromium itself emulate.
const FINGERS: i64 = 5;

/// Makes the page's surroundings what the capture asks for. All of it goes out
/// together, and nothing that wasn't asked for.
pub(crate) async fn apply(page: &Page, spec: &CaptureSpec) -> Result<(), Failure> {
    let wanted = &spec.emulation;
    let scripts_are_off = wanted.java_script == JavaScript::Off;
    let window = metrics(&spec.viewport);
    let touch = spec.viewport.screen.has_touch.then(|| SetTouchEmulationEnabledParams {
        max_touch_points: Some(FINGERS),
        ..SetTouchEmulationEnabledParams::new(true)
    });
    let timers = AddScriptToEvaluateOnNewDocumentParams {
        world_name: Some(WORLD.to_owned()),
        // A document that is written needs them in the empty page.
        run_immediately: Some(true),
        ..AddScriptToEvaluateOnNewDocumentParams::new(include_str!("script/timers.js"))
    };
    tokio::try_join!(
        send(page, (page.window.as_ref() != Some(&window)).then_some(window)),
        send(page, touch),
        send(page, media(wanted)),
        send(page, user_agent(page, spec)),
        set_region(page, wanted),
        place(page, wanted.geolocation),
        send(page, scripts_are_off.then(|| SetScriptExecutionDisabledParams::new(true))),
        send(page, scripts_are_off.then_some(timers)),
        send(page, determinism::script(spec)),
        send(page, (wanted.csp == Csp::Bypassed).then(|| SetBypassCspParams::new(true))),
    )?;
    Ok(())
}

/// Brings what moves in the page to rest, if that was asked for: to be done right
/// before it is drawn. What is filmed moves.
pub(crate) async fn rest(page: &Page, spec: &CaptureSpec) -> Result<(), Failure> {
    let wanted = &spec.emulation;
    let is_still = wanted.motion == Motion::Running && wanted.determinism == Determinism::Off;
    if is_still || matches!(spec.output, Output::Clip(_)) {
        return Ok(());
    }
    determinism::run(page, wanted).await?;
    page.ask_frames(with_find!("rest.js")).await
}

async fn send<C: Command>(page: &Page, command: Option<C>) -> Result<(), Failure> {
    if let Some(command) = command {
        page.call(command).await?;
    }
    Ok(())
}

/// The window and its screen.
pub(crate) fn metrics(viewport: &Viewport) -> SetDeviceMetricsOverrideParams {
    let (width, height) = (i64::from(viewport.width_px), i64::from(viewport.height_px));
    let Screen { is_mobile, .. } = viewport.screen;
    // A phone that lies on its side was turned; a desktop's screen is as it is.
    let (side, angle) = if height < width {
        (ScreenOrientationType::LandscapePrimary, 90)
    } else {
        (ScreenOrientationType::PortraitPrimary, 0)
    };
    SetDeviceMetricsOverrideParams {
        screen_orientation: is_mobile.then(|| ScreenOrientation::new(side, angle)),
        ..SetDeviceMetricsOverrideParams::new(width, height, viewport.scale, is_mobile)
    }
}

/// Makes the page look for another window and other media, later on.
pub(crate) async fn look(
    page: &Page,
    viewport: &Viewport,
    wanted: &Emulation,
) -> Result<(), Failure> {
    // Media that were emulated are there until they are said not to be.
    let media = media(wanted).unwrap_or_else(|| SetEmulatedMediaParams {
        media: Some(String::new()),
        features: Some(Vec::new()),
    });
    tokio::try_join!(send(page, Some(metrics(viewport))), send(page, Some(media)))?;
    Ok(())
}

fn media(wanted: &Emulation) -> Option<SetEmulatedMediaParams> {
    let scheme = wanted.color_scheme.map(|scheme| match scheme {
        ColorScheme::Light => ("prefers-color-scheme", "light"),
        ColorScheme::Dark => ("prefers-color-scheme", "dark"),
    });
    let motion = match wanted.motion_preference {
        MotionPreference::None => None,
        MotionPreference::Reduced => Some(("prefers-reduced-motion", "reduce")),
    };
    let features: Vec<_> = scheme
        .into_iter()
        .chain(motion)
        .map(|(name, value)| MediaFeature::new(name, value))
        .collect();
    if features.is_empty() && wanted.media.is_none() {
        return None;
    }
    let media = wanted.media.map(|media| match media {
        Media::Screen => "screen",
        Media::Print => "print",
    });
    Some(SetEmulatedMediaParams { media: media.map(str::to_owned), features: Some(features) })
}

/// The name and the languages go to the browser together, and each has to be
/// said again with the other.
fn user_agent(page: &Page, spec: &CaptureSpec) -> Option<SetUserAgentOverrideParams> {
    let (name, locale) = (spec.request.user_agent.as_deref(), spec.emulation.locale.as_deref());
    if name.is_none() && locale.is_none() {
        return None;
    }
    let mut identity = name.map_or_else(|| page.identity.clone(), identity::claimed);
    if let Some(locale) = locale {
        identity.accept_language = Some(identity::languages(locale));
    }
    Some(identity)
}

/// Sets the time zone and the locale. The browser takes odd names of either and
/// means UTC or English by them, so they are judged by its own lists first.
async fn set_region(page: &Page, wanted: &Emulation) -> Result<(), Failure> {
    let (time_zone, locale) = (&wanted.time_zone, &wanted.locale);
    if time_zone.is_none() && locale.is_none() {
        return Ok(());
    }
    let asked = [Value::from(time_zone.as_deref()), Value::from(locale.as_deref())];
    let known = page.ask(include_str!("script/known.js"), &asked).await?.unwrap_or_default();
    for (place, what) in [(0, "time zone"), (1, "locale")] {
        if known.get(place) != Some(&Value::Bool(true)) {
            let message = format!("The {what} is none that the browser knows");
            return Err(Failure::new(FailureKind::InvalidOption, message));
        }
    }
    // The browser's own names of locales (ICU) have underscores.
    let locale =
        locale.as_ref().map(|tag| SetLocaleOverrideParams { locale: Some(tag.replace('-', "_")) });
    tokio::try_join!(
        send(page, time_zone.as_ref().map(SetTimezoneOverrideParams::new)),
        send(page, locale),
    )?;
    Ok(())
}

/// Puts the page at a place that it may ask for.
async fn place(page: &Page, place: Option<Geolocation>) -> Result<(), Failure> {
    let Some(place) = place else {
        return Ok(());
    };
    let position = SetGeolocationOverrideParams {
        latitude: Some(place.latitude),
        longitude: Some(place.longitude),
        accuracy: Some(place.accuracy_m),
        ..SetGeolocationOverrideParams::default()
    };
    let permission = SetPermissionParams {
        browser_context_id: Some(page.context_id().clone()),
        ..SetPermissionParams::new(
            PermissionDescriptor::new("geolocation"),
            PermissionSetting::Granted,
        )
    };
    tokio::try_join!(page.call(position), page.call_browser(permission))?;
    Ok(())
}
