//! Notifiers as Lambda runs them: environments that each take a batch of a fair queue, and take
//! the next one when all of its messages are done with.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::pin::Pin;
use std::task::Context;
use std::time::Duration;

use darkroom_core::id::JobId;
use darkroom_core::job::Job;
use darkroom_core::message::{Envelope, Message};
use darkroom_core::time::Timestamp;
use futures::task::noop_waker;

use crate::queue::Channel;
use crate::world::World;

/// What one environment takes at once (the template's `BatchSize`).
const BATCH: usize = 10;

/// How notifiers run.
#[derive(Clone, Copy, Debug)]
pub struct Staff {
    /// Environments at most (the template's `NotifierConcurrency`).
    pub environments: usize,
    /// What each call of a service takes.
    pub call_time: Duration,
    /// How late a poller may be.
    pub poll_lag: Duration,
}

type Work<'w> = Pin<Box<dyn Future<Output = ()> + 'w>>;

struct Notifiers<'w> {
    world: &'w World,
    /// What each environment has under way; None where that is done with.
    batches: Vec<Vec<Option<Work<'w>>>>,
    /// When which environment's which message goes on.
    wakes: BinaryHeap<Reverse<(Timestamp, usize, usize)>>,
    most_in_flight: usize,
}

impl World {
    /// Puts copies of a job that has ended into the store, charged as that is, and the news of
    /// each into the results queue, one in so long from now. Yields their ids.
    pub fn announce_copies(&self, of: &Job, count: u32, apart: Duration) -> Vec<JobId> {
        self.with(|state| {
            let begin = state.now;
            let mut announce = |number: u32| {
                let id = JobId::new(state.now, u32::try_from(state.jobs.len()).unwrap_or(u32::MAX));
                state.jobs.insert(id, Job { id, ..of.clone() });
                let account = of.order.account.clone();
                state
                    .usage
                    .entry((account.clone(), of.order.period()))
                    .or_default()
                    .charge(&of.order);
                let envelope = Envelope { message: Message::Result(id), account };
                state.letters.add(envelope, begin + apart * number);
                id
            };
            (0..count).map(&mut announce).collect()
        })
    }

    /// Lets notifiers work on the results queue for `span`. Yields the most messages that were
    /// in flight.
    pub fn notify(&self, staff: Staff, span: Duration) -> usize {
        let until = self.with(|state| {
            state.is_interleaved = true;
            (state.call_time, state.longest_poll_lag) = (staff.call_time, staff.poll_lag);
            state.now + span
        });
        let batches = (0..staff.environments).map(|_| Vec::new()).collect();
        let mut notifiers =
            Notifiers { world: self, batches, wakes: BinaryHeap::new(), most_in_flight: 0 };
        notifiers.run(until);
        let most_in_flight = notifiers.most_in_flight;
        drop(notifiers);
        self.with(|state| {
            state.is_interleaved = false;
            state.call_time = Duration::ZERO;
        });
        most_in_flight
    }
}

impl Notifiers<'_> {
    fn run(&mut self, until: Timestamp) {
        loop {
            self.take_batches();
            let Some(next) = self.next_moment().filter(|next| *next <= until) else { return };
            self.world.with(|state| state.now = state.now.max(next));
            while let Some(Reverse((at, environment, message))) = self.wakes.peek().copied()
                && at <= next
            {
                self.wakes.pop();
                self.go_on(environment, message);
            }
        }
    }

    fn take_batches(&mut self) {
        for environment in 0..self.batches.len() {
            let is_idle = self.batches.get(environment).is_some_and(Vec::is_empty);
            if is_idle && !self.take_batch(environment) {
                return;
            }
        }
    }

    /// False if there is nothing to take.
    fn take_batch(&mut self, environment: usize) -> bool {
        let mut batch: Vec<Option<Work<'_>>> = Vec::new();
        while batch.len() < BATCH {
            let next =
                self.world.with(|state| state.letters.next_fairly(Channel::Results, state.now));
            let Some(receipt) = next.and_then(|id| self.world.receive_letter(id)) else { break };
            let world = self.world;
            batch.push(Some(Box::pin(async move { world.work_on(&receipt).await })));
        }
        let now = self.world.with(|state| {
            let in_flight = state.letters.in_flight(Channel::Results, state.now);
            self.most_in_flight = self.most_in_flight.max(in_flight);
            state.now
        });
        self.wakes.extend((0..batch.len()).map(|message| Reverse((now, environment, message))));
        let has_some = !batch.is_empty();
        if let Some(place) = self.batches.get_mut(environment) {
            *place = batch;
        }
        has_some
    }

    /// Resumes work until it rests or is done.
    fn go_on(&mut self, environment: usize, message: usize) {
        let Some(batch) = self.batches.get_mut(environment) else { return };
        let Some(Some(work)) = batch.get_mut(message) else { return };
        self.world.with(|state| state.asleep_until = None);
        let asleep_until = loop {
            if work.as_mut().poll(&mut Context::from_waker(&noop_waker())).is_ready() {
                break None;
            }
            if let Some(until) = self.world.with(|state| state.asleep_until.take()) {
                break Some(until);
            }
        };
        match asleep_until {
            Some(until) => self.wakes.push(Reverse((until, environment, message))),
            None => {
                batch.iter_mut().skip(message).take(1).for_each(|done| *done = None);
                if batch.iter().all(Option::is_none) {
                    batch.clear();
                }
            }
        }
    }

    /// When something goes on, or a message can be taken.
    fn next_moment(&self) -> Option<Timestamp> {
        let wake = self.wakes.peek().map(|Reverse((at, ..))| *at);
        let has_idle = self.batches.iter().any(Vec::is_empty);
        let visible = self.world.with(|state| state.letters.first_after(state.now));
        wake.into_iter().chain(visible.filter(|_| has_idle)).min()
    }
}
