//! The three queues: delays, visibility timeouts, receipts that go stale.

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

#[async_trait]
impl Queue for World {
    async fn send(&self, envelope: &Envelope, delay: Duration) -> PortResult<()> {
        self.call("queue.send", |state| {
            let (id, visible_at) = (state.next_letter, state.now + delay);
            state.next_letter += 1;
            state.letters.push(Letter { id, envelope: envelope.clone(), visible_at, receives: 0 });
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
            let first = state.letters.iter().min_by_key(|it| (it.visible_at, it.id))?;
            state.now = state.now.max(first.visible_at);
            Some(first.id)
        })?;
        self.receive_letter(first)
    }

    /// Receives this message.
    pub(crate) fn receive_letter(&self, id: u64) -> Option<Receipt> {
        let letter = self.with(|state| {
            let letter = state.letters.iter_mut().find(|it| it.id == id)?;
            letter.visible_at = state.now + Channel::of(&letter.envelope.message).visibility();
            letter.receives += 1;
            Some(letter.clone())
        })?;
        Some(Receipt { world: self.clone(), letter })
    }

    /// The messages that are visible now.
    pub(crate) fn visible_letters(&self) -> Vec<u64> {
        self.with(|state| {
            let visible = state.letters.iter().filter(|it| it.visible_at <= state.now);
            visible.map(|it| it.id).collect()
        })
    }

    /// Deletes a message, by its newest receipt only.
    pub(crate) fn delete(&self, receipt: &Receipt) {
        self.with(|state| {
            state
                .letters
                .retain(|it| it.id != receipt.letter.id || it.receives != receipt.letter.receives);
        });
    }

    /// Puts another copy of a received message into its queue, as SQS may.
    pub(crate) fn duplicate(&self, receipt: &Receipt) {
        self.with(|state| {
            let mut copy = receipt.letter.clone();
            copy.id = state.next_letter;
            copy.visible_at = state.now;
            copy.receives = 0;
            state.next_letter += 1;
            state.letters.push(copy);
        });
    }
}

#[async_trait]
impl InFlight for Receipt {
    async fn hide(&self, span: Duration) -> PortResult<()> {
        self.world
            .call("queue.hide", |state| {
                let whole_secs = span.as_millis().div_ceil(1000);
                let span = Duration::from_secs(u64::try_from(whole_secs).unwrap_or(u64::MAX));
                let mine = |it: &&mut Letter| {
                    it.id == self.letter.id && it.receives == self.letter.receives
                };
                let hidden_until = state.now + span;
                if let Some(letter) = state.letters.iter_mut().find(mine) {
                    letter.visible_at = hidden_until;
                }
            })
            .await
    }
}
