//! Who makes Chromium draw: we, frame by frame, or its own clock. Driven, a
//! picture needs no wait for the clock (50 ms of every capture), and an animated
//! page can't take the whole CPU.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chromiumoxide::cdp::browser_protocol::headless_experimental::{
    BeginFrameParams, BeginFrameReturns, ScreenshotParams,
};
use darkroom_core::failure::Failure;
use tokio::sync::{Mutex, OwnedMutexGuard, watch};
use tokio::time::{sleep, timeout};

use crate::clock::{self, Clock};
use crate::connection::CallError;
use crate::fault::{self, Stage};
use crate::page::Page;

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
            Self::Driven => &[
                "--enable-begin-frame-control",
                "--run-all-compositor-stages-before-draw",
                // An opacity that the compositor animates by itself holds back the
                // frames of the page's scripts, by seconds, and the picture then
                // shows an older page: every other capture of such a page.
                "--disable-threaded-animation",
                // A frame may show any part of a page, not only what is in the window.
                "--blink-settings=mainFrameClipsContent=false",
            ],
            Self::Free => &[],
        }
    }
}

/// How many frames are drawn until one has a picture: two were needed at most;
/// research saw the same.
pub(crate) const TRIES: u32 = 20;

/// Between two frames of a page whose scripts go on: 60 a second, so that an
/// animated page takes no more of the processor than it would by itself.
const LIVING_REST: Duration = Duration::from_millis(16);

/// Between two pairs of frames that something is waiting for.
const WANTED_REST: Duration = Duration::from_millis(1);

/// So many of the first frames that something waits for come without a rest: most
/// pages are at rest then.
const UNPARTED: u32 = 4;

/// Whose turn it is to draw. Chromium (153) refuses a frame while it is busy with
/// another, and dies of a failed check when frames of two pages overlap; so a
/// browser draws one page at a time, and a turn ends with the frame, not when
/// whoever wanted the frame has gone.
#[derive(Clone, Default, Debug)]
pub(crate) struct Turns(Arc<Mutex<()>>);

impl Turns {
    async fn next(&self) -> OwnedMutexGuard<()> {
        Arc::clone(&self.0).lock_owned().await
    }
}

/// Draws one frame in this turn. The frame of a page that is disposed of ends
/// with the page's session.
async fn begin(
    page: &Page,
    turn: OwnedMutexGuard<()>,
    frame: BeginFrameParams,
) -> Result<BeginFrameReturns, CallError> {
    let tools = page.tools.clone();
    let drawing = tokio::spawn(async move {
        let drawn = tools.call(frame).await;
        drop(turn);
        drawn
    });
    let gone = || CallError::Gone { method: BeginFrameParams::IDENTIFIER.into() };
    drawing.await.unwrap_or_else(|_cut_short| Err(gone()))
}

/// Does `work` while the page gets its frames. Nothing is painted before the
/// [picture](Stage::Drawing) is wanted. Afterwards no frame is left
/// unfinished, which would be in the way of the next.
pub(crate) async fn alongside<T>(page: &Page, work: impl Future<Output = T>) -> T {
    if page.frames == Frames::Free {
        return work.await;
    }
    let (stop, stopped) = watch::channel(false);
    let work = async {
        let result = work.await;
        stop.send_replace(true);
        result
    };
    let (result, ()) = tokio::join!(work, pump(page, stopped));
    result
}

/// Draws frame after frame until it is stopped.
async fn pump(page: &Page, mut stopped: watch::Receiver<bool>) {
    let mut stages = page.stages();
    let mut waited_for = 0;
    loop {
        tokio::select! {
            biased;
            _stopped = stopped.wait_for(|stopped| *stopped) => return,
            () = rest(page, &mut stages, &mut waited_for) => {}
        }
        let turn = tokio::select! {
            turn = page.turns.next() => turn,
            _stopped = stopped.changed() => return,
        };
        let Ok(next) = due(page).await else { return };
        let frame =
            BeginFrameParams { no_display_updates: Some(page.stage() != Stage::Drawing), ..next };
        // A refused frame (a page between two documents) is followed by others.
        if let Err(CallError::Gone { .. }) = begin(page, turn, frame).await {
            return;
        }
    }
}

/// Rests before the next frame, which comes at once when something begins to wait
/// for one. Whatever waits does so for two: they aren't parted by a rest. Counts those
/// that are waited for.
async fn rest(page: &Page, stages: &mut watch::Receiver<Stage>, waited_for: &mut u32) {
    let is_needed = |&stage: &Stage| Need::at(stage) != Need::No;
    if page.clock().is_some() {
        // No time goes by before there is a document, so that all of its own is in our hand.
        let has_begun = |stage: &Stage| is_needed(stage) && *stage != Stage::Document;
        let _gone = stages.wait_for(has_begun).await.is_ok();
        return sleep(clock::STEP).await;
    }
    let is_waited_for = |&stage: &Stage| Need::at(stage) == Need::Wait;
    let mut is_urgent = stages.wait_for(is_needed).await.is_ok_and(|stage| is_waited_for(&stage));
    if !is_urgent {
        *waited_for = 0;
        is_urgent = timeout(LIVING_REST, stages.wait_for(is_waited_for)).await.is_ok();
    } else if *waited_for >= UNPARTED && waited_for.is_multiple_of(2) {
        sleep(WANTED_REST).await;
    }
    *waited_for += u32::from(is_urgent);
}

/// The frame that is due: the next one by the page's own clock, if that is in our hand.
async fn due(page: &Page) -> Result<BeginFrameParams, CallError> {
    match page.clock() {
        Some(clock) => clock.advance(clock::STEP).await,
        None => Ok(BeginFrameParams::default()),
    }
}

/// What frames are needed for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Need {
    /// For nothing: there is no document yet.
    No,
    /// For what the page's scripts do in them.
    Life,
    /// For something that is waited for.
    Wait,
}

impl Need {
    const fn at(stage: Stage) -> Self {
        match stage {
            Stage::Opening | Stage::Answer => Self::No,
            Stage::Document
            | Stage::Event(_)
            | Stage::Cleaning
            | Stage::Running
            | Stage::Arriving
            | Stage::Selector
            | Stage::Function
            | Stage::Delay
            | Stage::Reading
            | Stage::Developing => Self::Life,
            Stage::Changing | Stage::Settling | Stage::Revealing | Stage::Drawing => Self::Wait,
        }
    }
}

/// The frames by which what is shown beside a film may be late: its layer is drawn without the
/// page's scripts, and on a busy machine before what they did is there.
const LATE_BESIDE_FILMS: u32 = 2;

/// Draws what was late, so that the next frame shows the page as it is.
pub(crate) async fn catch_up(page: &Page) {
    for _ in 0..LATE_BESIDE_FILMS {
        let _drawn = begin(page, page.turns.next().await, BeginFrameParams::default()).await;
    }
}

/// Lets the page's clock go on by this span and draws the frame that belongs to its end, and
/// keeps it as a file, in base64, if that is asked for. None if there is no picture.
pub(crate) async fn next(
    page: &Page,
    clock: &Clock,
    span: Duration,
    picture: Option<ScreenshotParams>,
) -> Result<Option<String>, Failure> {
    let turn = page.turns.next().await;
    let of_call = |fault: CallError| fault::of_call(&fault);
    let frame = BeginFrameParams {
        no_display_updates: Some(picture.is_none()),
        screenshot: picture,
        ..clock.advance(span).await.map_err(of_call)?
    };
    match begin(page, turn, frame).await {
        Ok(answer) => Ok(answer.screenshot_data.map(String::from)),
        Err(CallError::Refused { .. }) => Ok(None),
        Err(fault) => Err(of_call(fault)),
    }
}

/// The file that is in a text of base64; nothing if none is.
pub(crate) fn decode(text: &str) -> Vec<u8> {
    STANDARD.decode(text).unwrap_or_default()
}

/// Draws one frame and keeps it as a file. The first one or two frames of a page
/// often have no picture, and the browser refuses a frame while it is busy with
/// another; so it tries a few times. None if that doesn't help.
pub(crate) async fn draw(page: &Page, picture: &ScreenshotParams) -> Option<Vec<u8>> {
    for _ in 0..TRIES {
        let frame = BeginFrameParams::builder().screenshot(picture.clone()).build();
        match begin(page, page.turns.next().await, frame).await {
            Ok(answer) => {
                if let Some(data) = answer.screenshot_data {
                    return STANDARD.decode::<&[u8]>(data.as_ref()).ok();
                }
            }
            Err(CallError::Refused { .. }) => sleep(WANTED_REST).await,
            Err(CallError::Gone { .. } | CallError::Unreadable { .. }) => return None,
        }
    }
    None
}
