//! The three queues: delays, visibility timeouts, receipts that go stale.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use async_trait::async_trait;
use darkroom_core::message::{Envelope, Message};
use darkroom_core::port::{InFlight, PortResult, Queue};
use darkroom_core::time::Timestamp;

use crate::world::World;

/// The visibility timeout of each queue, 6 × its function's timeout as in the
/// template.
const VISIBILITY: [(Channel, Duration); 3] = [
    (Channel::Captures, Duration::from_secs(6 * 360)),
    (Channel::Results, Duration::from_secs(6 * 120)),
    (Channel::Watchdog, Duration::from_secs(6 * 60)),
];

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Channel {
    Captures,
    Results,
    Watchdog,
}

impl Channel {
    pub(crate) const fn of(message: &Message) -> Self {
        match message {
            Message::Capture(_) => Self::Captures,
            Message::Result(_) => Self::Results,
            Message::Watch(_) => Self::Watchdog,
        }
    }

    fn visibility(self) -> Duration {
        VISIBILITY.iter().find(|(of, _)| *of == self).map_or(Duration::ZERO, |(_, span)| *span)
    }
}

/// A message in a queue.
#[derive(Clone, Debug)]
pub(crate) struct Letter {
    pub(crate) id: u64,
    pub(crate) envelope: Envelope,
    pub(crate) visible_at: Timestamp,
    pub(crate) receives: u32,
}

/// The messages that there are, those that are in flight among them.
#[derive(Default)]
pub(crate) struct Letters {
    by_id: BTreeMap<u64, Letter>,
    by_time: BTreeSet<(Timestamp, u64)>,
    next_id: u64,
}

impl Letters {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Letter> {
        self.by_id.values()
    }

    fn add(&mut self, envelope: Envelope, visible_at: Timestamp) {
        let id = self.next_id;
        self.next_id += 1;
        self.by_time.insert((visible_at, id));
        self.by_id.insert(id, Letter { id, envelope, visible_at, receives: 0 });
    }

    fn remove(&mut self, id: u64) {
        if let Some(letter) = self.by_id.remove(&id) {
            self.by_time.remove(&(letter.visible_at, id));
        }
    }

    pub(crate) fn retain(&mut self, keeps: impl Fn(&Letter) -> bool) {
        let gone: Vec<_> = self.iter().filter(|it| !keeps(it)).map(|it| it.id).collect();
        for id in gone {
            self.remove(id);
        }
    }

    fn hide(&mut self, id: u64, until: Timestamp) -> Option<&mut Letter> {
        let letter = self.by_id.get_mut(&id)?;
        self.by_time.remove(&(letter.visible_at, id));
        self.by_time.insert((until, id));
        letter.visible_at = until;
        Some(letter)
    }

    /// The receipt is of the newest receive.
    fn knows(&self, receipt: &Receipt) -> bool {
        let letter = self.by_id.get(&receipt.letter.id);
        letter.is_some_and(|letter| letter.receives == receipt.letter.receives)
    }

    /// When the first message is or becomes visible.
    pub(crate) fn first_at(&self) -> Option<Timestamp> {
        self.by_time.first().map(|(at, _)| *at)
    }

    /// When the next message becomes visible that isn't at `now`.
    pub(crate) fn first_after(&self, now: Timestamp) -> Option<Timestamp> {
        self.by_time.range((now, u64::MAX)..).map(|(at, _)| *at).find(|at| *at > now)
    }

    /// Those that are visible.
    pub(crate) fn visible(&self, now: Timestamp) -> impl Iterator<Item = &Letter> {
        let visible = self.by_time.range(..=(now, u64::MAX));
        visible.filter_map(|(_, id)| self.by_id.get(id))
    }
}

#[async_trait]
impl Queue for World {
    async fn send(&self, envelope: &Envelope, delay: Duration) -> PortResult<()> {
        self.call("queue.send", |state| {
            let visible_at = state.now + delay + state.poll_lag();
            state.letters.add(envelope.clone(), visible_at);
        })
        .await
    }
}

/// A received message, with the receipt of that receive.
pub(crate) struct Receipt {
    world: World,
    pub(crate) letter: Letter,
}

impl World {
    /// Receives the message that is or becomes visible first; the clock moves
    /// on to it.
    pub(crate) fn receive(&self) -> Option<Receipt> {
        let first = self.with(|state| {
            let (at, id) = *state.letters.by_time.first()?;
            state.now = state.now.max(at);
            Some(id)
        })?;
        self.receive_letter(first)
    }

    /// Receives this message.
    pub(crate) fn receive_letter(&self, id: u64) -> Option<Receipt> {
        let letter = self.with(|state| {
            let channel = Channel::of(&state.letters.by_id.get(&id)?.envelope.message);
            let letter = state.letters.hide(id, state.now + channel.visibility())?;
            letter.receives += 1;
            Some(letter.clone())
        })?;
        Some(Receipt { world: self.clone(), letter })
    }

    /// Deletes a message, by its newest receipt only.
    pub(crate) fn delete(&self, receipt: &Receipt) {
        self.with(|state| {
            if state.letters.knows(receipt) {
                state.letters.remove(receipt.letter.id);
            }
        });
    }

    /// Puts another copy of a received message into its queue, as SQS may.
    pub(crate) fn duplicate(&self, receipt: &Receipt) {
        self.with(|state| state.letters.add(receipt.letter.envelope.clone(), state.now));
    }
}

#[async_trait]
impl InFlight for Receipt {
    async fn hide(&self, span: Duration) -> PortResult<()> {
        self.world
            .call("queue.hide", |state| {
                let whole_secs = span.as_millis().div_ceil(1000);
                let span = Duration::from_secs(u64::try_from(whole_secs).unwrap_or(u64::MAX));
                let until = state.now + span + state.poll_lag();
                if state.letters.knows(self) {
                    state.letters.hide(self.letter.id, until);
                }
            })
            .await
    }
}
