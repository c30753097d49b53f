//! Workers that are called instead of being sent a message.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use async_trait::async_trait;
use darkroom_core::id::JobId;
use darkroom_core::message::{Envelope, Message};
use darkroom_core::port::{PortResult, Renderer, Rendering};
use darkroom_flows::capture::capture_now;

use crate::fault::{Fault, refused};
use crate::world::World;

const SERVICE: &str = "renderer.render";

#[async_trait]
impl Renderer for World {
    /// A worker that dies has ended, and its caller lives on.
    async fn render(&self, job: JobId, _within: Duration) -> PortResult<Rendering> {
        let fault = self.begin_call().await;
        let sought = self.with(|state| state.workers_sought_for);
        if sought > Duration::ZERO {
            self.spend(sought).await;
            return Ok(Rendering::Throttled);
        }
        match fault {
            Some(Fault::Throttled) => return Ok(Rendering::Throttled),
            Some(Fault::Refused) => return Err(refused(SERVICE)),
            Some(Fault::CrashBefore) => self.die().await,
            Some(Fault::ReplyLost) => {
                self.work_out_of_sight(job);
                return Err(refused(SERVICE));
            }
            Some(Fault::Repeated) => self.work_now(job).await,
            Some(Fault::Slow | Fault::CrashAfter) | None => {}
        }
        self.work_now(job).await;
        if fault == Some(Fault::CrashAfter) {
            self.die().await
        }
        Ok(Rendering::Ended)
    }
}

impl World {
    /// No worker is free from now on, which is told after `sought`; zero for free ones again.
    pub fn throttle_workers(&self, sought: Duration) {
        self.with(|state| state.workers_sought_for = sought);
    }

    /// A worker that goes its own way, and knows nothing of its caller. What it works on is told by
    /// a message here, for the want of another kind of function.
    fn work_out_of_sight(&self, job: JobId) {
        self.with(|state| {
            let Some(account) = state.jobs.get(&job).map(|job| job.order.account.clone()) else {
                return;
            };
            let now = state.now;
            state.letters.add(Envelope { message: Message::Capture(job), account }, now);
        });
    }

    /// Runs a worker to its end, which may be its death.
    async fn work_now(&self, job: JobId) {
        self.with(|state| state.has_died = false);
        let mut work = pin!(capture_now(self.capture_ports(), job));
        poll_fn(|context| {
            let polled = work.as_mut().poll(context);
            let has_died = self.with(|state| std::mem::take(&mut state.has_died));
            if polled.is_ready() || has_died { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
}
