//! How a moving picture is made, as it is stored.

use std::time::Duration;

use darkroom_core::capture::{
    BackSteps, Canvas, Clip, Container, Easing, Landmark, Power, Scroll, Then,
};
use serde::{Deserialize, Serialize};

use super::choice;

choice!(ContainerDocument for Container { "mp4" = Mp4, "webm" = WebM, "gif" = Gif });

choice!(BackStepsDocument for BackSteps { "one" = One, "same" = Same });

choice!(PowerDocument for Power {
    "quad" = Quad,
    "cubic" = Cubic,
    "quart" = Quart,
    "quint" = Quint,
});

/// The core's `Clip`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClipDocument {
    container: ContainerDocument,
    duration_ms: u64,
    canvas: CanvasDocument,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scroll: Option<ScrollDocument>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum CanvasDocument {
    Window,
    Exact { width: u32, height: u32 },
    Ratio { width: u32, height: u32 },
}

/// The core's `Scroll`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ScrollDocument {
    start_ms: u64,
    step_px: u32,
    step_ms: u64,
    rest_ms: u64,
    easing: EasingDocument,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<LandmarkDocument>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    leap_ms: Option<u64>,
    then: ThenDocument,
    ends_clip: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum EasingDocument {
    Linear,
    In(PowerDocument),
    Out(PowerDocument),
    InOut(PowerDocument),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LandmarkDocument {
    selector: String,
    above_px: i32,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ThenDocument {
    Stay { at_ms: Option<u64> },
    Back { at_ms: Option<u64>, steps: BackStepsDocument },
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

impl From<&Clip> for ClipDocument {
    fn from(clip: &Clip) -> Self {
        let Clip { container, duration, canvas, scroll } = clip;
        Self {
            container: (*container).into(),
            duration_ms: millis(*duration),
            canvas: match *canvas {
                Canvas::Window => CanvasDocument::Window,
                Canvas::Exact { width, height } => CanvasDocument::Exact { width, height },
                Canvas::Ratio { width, height } => CanvasDocument::Ratio { width, height },
            },
            scroll: scroll.as_ref().map(Into::into),
        }
    }
}

impl From<ClipDocument> for Clip {
    fn from(document: ClipDocument) -> Self {
        Self {
            container: document.container.into(),
            duration: Duration::from_millis(document.duration_ms),
            canvas: match document.canvas {
                CanvasDocument::Window => Canvas::Window,
                CanvasDocument::Exact { width, height } => Canvas::Exact { width, height },
                CanvasDocument::Ratio { width, height } => Canvas::Ratio { width, height },
            },
            scroll: document.scroll.map(Into::into),
        }
    }
}

impl From<&Scroll> for ScrollDocument {
    fn from(scroll: &Scroll) -> Self {
        let Scroll { start, step_px, step, rest, easing, until, leap, then, ends_clip } = scroll;
        Self {
            start_ms: millis(*start),
            step_px: *step_px,
            step_ms: millis(*step),
            rest_ms: millis(*rest),
            easing: match *easing {
                Easing::Linear => EasingDocument::Linear,
                Easing::In(power) => EasingDocument::In(power.into()),
                Easing::Out(power) => EasingDocument::Out(power.into()),
                Easing::InOut(power) => EasingDocument::InOut(power.into()),
            },
            until: until.as_ref().map(|Landmark { selector, above_px }| LandmarkDocument {
                selector: selector.clone(),
                above_px: *above_px,
            }),
            leap_ms: leap.map(millis),
            then: match *then {
                Then::Stay { at } => ThenDocument::Stay { at_ms: at.map(millis) },
                Then::Back { at, steps } => {
                    ThenDocument::Back { at_ms: at.map(millis), steps: steps.into() }
                }
            },
            ends_clip: *ends_clip,
        }
    }
}

impl From<ScrollDocument> for Scroll {
    fn from(document: ScrollDocument) -> Self {
        Self {
            start: Duration::from_millis(document.start_ms),
            step_px: document.step_px,
            step: Duration::from_millis(document.step_ms),
            rest: Duration::from_millis(document.rest_ms),
            easing: match document.easing {
                EasingDocument::Linear => Easing::Linear,
                EasingDocument::In(power) => Easing::In(power.into()),
                EasingDocument::Out(power) => Easing::Out(power.into()),
                EasingDocument::InOut(power) => Easing::InOut(power.into()),
            },
            until: document
                .until
                .map(|LandmarkDocument { selector, above_px }| Landmark { selector, above_px }),
            leap: document.leap_ms.map(Duration::from_millis),
            then: match document.then {
                ThenDocument::Stay { at_ms } => Then::Stay { at: at_ms.map(Duration::from_millis) },
                ThenDocument::Back { at_ms, steps } => {
                    Then::Back { at: at_ms.map(Duration::from_millis), steps: steps.into() }
                }
            },
            ends_clip: document.ends_clip,
        }
    }
}
