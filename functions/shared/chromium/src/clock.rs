//! A page's clock, where it is in our hand: while a clip is made, time goes on in steps,
//! each of which ends with a frame. Nothing that the page does by its timers, its frames
//! or its animations depends on how long that took, so two clips of it are the same.
//!
//! Time stands still while the page's requests are on their way, so that a clip doesn't
//! show how slow a network was; but not for ever, since some requests never end.

use std::time::Duration;

use chromiumoxide::cdp::browser_protocol::emulation::{
    EventVirtualTimeBudgetExpired, SetVirtualTimePolicyParams, VirtualTimePolicy,
};
use chromiumoxide::cdp::browser_protocol::headless_experimental::BeginFrameParams;
use chromiumoxide::cdp::browser_protocol::network::TimeSinceEpoch;
use chromiumoxide::cdp::browser_protocol::page::{
    self, EventLifecycleEvent, FrameId, SetLifecycleEventsEnabledParams,
};
use darkroom_core::capture::{CaptureSpec, Determinism};
use darkroom_core::failure::Failure;
use serde::Deserialize;
use tokio::sync::{Mutex, MutexGuard, mpsc};
use tokio::time::{Instant, timeout_at};

use crate::connection::{CallError, DevTools, Event};
use crate::determinism;
use crate::fault;
use crate::page::Page;
use crate::watcher::read;

/// A step while the page is made ready. It takes as long, so that the page has done in its
/// own time what it would have done in that.
pub(crate) const STEP: Duration = Duration::from_millis(20);

/// When a clip begins at the earliest, after the page was loaded: by then fonts and images
/// are there. Which step exactly was the last of the making ready is chance; that it was
/// none later than this isn't.
const HEAD: Duration = Duration::from_millis(260);

/// Where the page wasn't ready then, the clip begins so much later, or twice as much, and
/// so on.
const GRID: Duration = Duration::from_millis(500);

/// How long requests are waited for in all steps together: until the clip begins, and once
/// more while it is made.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long in one step. After one that wasn't enough for, none is waited for any more.
const PATIENCE_OF_STEP: Duration = Duration::from_secs(2);

/// What a step takes at the most where nothing is on its way.
const USUAL: Duration = Duration::from_millis(20);

/// How long a step may take with nothing to wait for. A page whose script never ends makes
/// no step.
const STEP_LIMIT: Duration = Duration::from_secs(5);

/// So many tasks of a page may come without any time between them.
const MAX_TASKS: i64 = 100_000;

/// The hand of a page's clock.
#[derive(Debug)]
pub(crate) struct Clock(Mutex<Hand>);

#[derive(Debug)]
struct Hand {
    tools: DevTools,
    main_frame: FrameId,
    events: mpsc::UnboundedReceiver<Event>,
    /// The time of the last frame, in the browser's own ticks.
    ticks_ms: f64,
    /// Since the page was loaded, or else since the clock was stopped.
    since: Duration,
    patience: Duration,
}

impl Clock {
    /// Stops the clock of a page that has no document yet.
    pub(crate) async fn stop(page: &Page, spec: &CaptureSpec) -> Result<Self, Failure> {
        let tools = page.attach().await?;
        let events = tools.events();
        let initial = match spec.emulation.determinism {
            Determinism::Off => None,
            Determinism::On => Some(TimeSinceEpoch::new(determinism::EPOCH_S)),
        };
        let pause = SetVirtualTimePolicyParams {
            initial_virtual_time: initial,
            ..SetVirtualTimePolicyParams::new(VirtualTimePolicy::Pause)
        };
        let stopped = async {
            tools.call(page::EnableParams::default()).await?;
            tools.call(SetLifecycleEventsEnabledParams::new(true)).await?;
            tools.call(pause).await
        };
        let stopped = stopped.await.map_err(|fault| fault::of_call(&fault))?;
        Ok(Self(Mutex::new(Hand {
            tools,
            main_frame: page.main_frame().clone(),
            events,
            ticks_ms: stopped.virtual_time_ticks_base,
            since: Duration::ZERO,
            patience: PATIENCE,
        })))
    }

    /// Lets the clock go on by this span. Yields the frame that belongs to its end.
    pub(crate) async fn advance(&self, span: Duration) -> Result<BeginFrameParams, CallError> {
        self.hand().await.advance(span).await
    }

    /// How many steps it is to the moment at which a clip begins, at least one. From now on,
    /// requests are waited for anew, unless one was given up.
    pub(crate) async fn steps_to_beginning(&self) -> u32 {
        let mut hand = self.hand().await;
        if !hand.patience.is_zero() {
            hand.patience = PATIENCE;
        }
        let mut beginning = HEAD;
        while beginning <= hand.since {
            beginning += GRID;
        }
        let steps = (beginning - hand.since).as_millis() / STEP.as_millis();
        u32::try_from(steps).unwrap_or(u32::MAX)
    }

    async fn hand(&self) -> MutexGuard<'_, Hand> {
        self.0.lock().await
    }
}

impl Hand {
    async fn advance(&mut self, span: Duration) -> Result<BeginFrameParams, CallError> {
        // A step that was given up has left the end of its budget.
        while let Ok(event) = self.events.try_recv() {
            self.note(&event);
        }
        let began = Instant::now();
        let span_ms = span.as_secs_f64() * 1_000.0;
        let policy = if self.patience.is_zero() {
            VirtualTimePolicy::Advance
        } else {
            VirtualTimePolicy::PauseIfNetworkFetchesPending
        };
        let budget = SetVirtualTimePolicyParams {
            budget: Some(span_ms),
            max_virtual_time_task_starvation_count: Some(MAX_TASKS),
            ..SetVirtualTimePolicyParams::new(policy.clone())
        };
        let limit = match policy {
            VirtualTimePolicy::PauseIfNetworkFetchesPending => self.patience.min(PATIENCE_OF_STEP),
            VirtualTimePolicy::Advance | VirtualTimePolicy::Pause => STEP_LIMIT,
        };
        if !self.step(budget.clone(), limit).await? {
            // No request is waited for any more. Without a budget, time would fly.
            self.patience = Duration::ZERO;
            let anew = SetVirtualTimePolicyParams { policy: VirtualTimePolicy::Advance, ..budget };
            self.step(anew, STEP_LIMIT).await?;
        }
        self.patience = self.patience.saturating_sub(began.elapsed().saturating_sub(USUAL));
        self.since += span;
        self.ticks_ms += span_ms;
        Ok(BeginFrameParams {
            frame_time_ticks: Some(self.ticks_ms),
            interval: Some(span_ms),
            ..BeginFrameParams::default()
        })
    }

    /// Lets time go by like this until the step's budget is used up. False if it isn't in time.
    async fn step(
        &mut self,
        policy: SetVirtualTimePolicyParams,
        limit: Duration,
    ) -> Result<bool, CallError> {
        let end = Instant::now() + limit;
        let Ok(set) = timeout_at(end, self.tools.call(policy)).await else {
            return Ok(false);
        };
        set?;
        loop {
            match timeout_at(end, self.events.recv()).await {
                Ok(Some(event)) if event.is::<EventVirtualTimeBudgetExpired>() => return Ok(true),
                Ok(Some(event)) => self.note(&event),
                // The session has ended; so has whatever waits for the page.
                Ok(None) => std::future::pending::<()>().await,
                Err(_late) => return Ok(false),
            }
        }
    }

    fn note(&mut self, event: &Event) {
        let moment = read::<EventLifecycleEvent, Lifecycle>(event);
        if moment.is_some_and(|it| it.name == "load" && it.frame == self.main_frame) {
            self.since = Duration::ZERO;
        }
    }
}

#[derive(Deserialize)]
struct Lifecycle {
    #[serde(rename = "frameId")]
    frame: FrameId,
    name: String,
}
