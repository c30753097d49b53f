//! Who makes Chromium draw: we, frame by frame, or its own clock. Driven, a
//! picture needs no wait for the clock (50 ms of every capture), and an animated
//! page can't take the whole CPU.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chromiumoxide::cdp::browser_protocol::headless_experimental::{
    BeginFrameParams, ScreenshotParams,
};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::connection::{CallError, DevTools};

/// Who draws the frames of a browser.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Frames {
    /// We do, by `HeadlessExperimental.beginFrame`: a headless shell on Linux.
    Driven,
    /// The browser's own clock, 60 times a second: any Chromium.
    Free,
}

impl Frames {
    /// What Chromium must be started with.
    pub(crate) const fn flags(self) -> &'static [&'static str] {
        match self {
            Self::Driven => {
                &["--enable-begin-frame-control", "--run-all-compositor-stages-before-draw"]
            }
            Self::Free => &[],
        }
    }
}

/// How many frames are drawn until one has a picture: two were needed at most;
/// research saw the same.
const TRIES: u32 = 20;

/// What the frames are for while some work goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Pace {
    /// Scripts and layout go on; nothing is painted.
    Living,
    /// Something waits for painted frames.
    Painting,
}

impl Pace {
    /// 60 frames a second for scripts; while a picture waits, as fast as they come.
    const fn rest(self) -> Duration {
        match self {
            Self::Living => Duration::from_millis(16),
            Self::Painting => Duration::from_millis(2),
        }
    }
}

/// Does `work` while the page gets its frames. Afterwards no frame is left
/// unfinished, which would be in the way of the next.
pub(crate) async fn alongside<T>(
    frames: Frames,
    page: &DevTools,
    pace: Pace,
    work: impl Future<Output = T>,
) -> T {
    if frames == Frames::Free {
        return work.await;
    }
    let (stop, stopped) = watch::channel(false);
    let work = async {
        let result = work.await;
        stop.send_replace(true);
        result
    };
    let (result, ()) = tokio::join!(work, pump(page, pace, stopped));
    result
}

/// Draws frame after frame until it is stopped.
async fn pump(page: &DevTools, pace: Pace, mut stopped: watch::Receiver<bool>) {
    while !*stopped.borrow_and_update() {
        let frame = BeginFrameParams::builder().no_display_updates(pace == Pace::Living).build();
        if let Err(CallError::Gone { .. }) = page.call(frame).await {
            return;
        }
        // A refused frame (a page between two documents) is followed by others.
        let _timed_out = timeout(pace.rest(), stopped.changed()).await;
    }
}

/// Draws one frame and keeps it as a file. The first one or two frames of a page
/// often have no picture, and the browser refuses a frame while it is busy with
/// another; so it tries a few times. None if that doesn't help.
pub(crate) async fn draw(page: &DevTools, picture: &ScreenshotParams) -> Option<Vec<u8>> {
    for _ in 0..TRIES {
        let frame = BeginFrameParams::builder().screenshot(picture.clone()).build();
        match page.call(frame).await {
            Ok(answer) => {
                if let Some(data) = answer.screenshot_data {
                    return STANDARD.decode::<&[u8]>(data.as_ref()).ok();
                }
            }
            Err(CallError::Refused { .. }) => sleep(Pace::Painting.rest()).await,
            Err(CallError::Gone { .. } | CallError::Unreadable { .. }) => return None,
        }
    }
    None
}
