//! The three queues: delays, visibility timeouts, receipts that go stale.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use async_trait::async_trait;
use darkroom_core::id::AccountId;
use darkroom_core::job::Mode;
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

/// The longest delay and the longest visibility timeout («Amazon SQS message quotas»).
const MAX_DELAY: Duration = Duration::from_secs(900);
const MAX_HIDDEN: Duration = Duration::from_secs(43_200);

/// Messages of one queue that may be in flight at a time, approximately («Amazon SQS standard
/// queue quotas»).
const MAX_IN_FLIGHT: usize = 120_000;

/// From when on a group (`MessageGroupId`) counts as noisy, so that others go first: with so
/// many messages in flight of its own, and more than a tenth of all («How fair queues work»).
const NOISY_MESSAGES: usize = 30;
const NOISY_OF_TEN: usize = 1;

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
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

impl Letter {
    const fn channel(&self) -> Channel {
        Channel::of(&self.envelope.message)
    }
}

/// The messages that there are, those that are in flight among them.
#[derive(Default)]
pub(crate) struct Letters {
    by_id: BTreeMap<u64, Letter>,
    by_time: BTreeSet<(Timestamp, u64)>,
    groups: HashMap<(Channel, AccountId), Group>,
    next_id: u64,
}

/// The messages of one account in one queue.
#[derive(Default)]
struct Group {
    all: BTreeSet<(Timestamp, u64)>,
    /// Those that were received and, when somebody last asked, not visible again.
    received: BTreeSet<(Timestamp, u64)>,
}

impl Group {
    fn first_visible(&self, now: Timestamp) -> Option<(Timestamp, u64)> {
        self.all.first().copied().filter(|(at, _)| *at <= now)
    }

    fn in_flight(&mut self, now: Timestamp) -> usize {
        while self.received.first().is_some_and(|(visible_at, _)| *visible_at <= now) {
            self.received.pop_first();
        }
        self.received.len()
    }
}

impl Letters {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Letter> {
        self.by_id.values()
    }

    pub(crate) fn add(&mut self, envelope: Envelope, visible_at: Timestamp) {
        let id = self.next_id;
        self.next_id += 1;
        self.by_time.insert((visible_at, id));
        self.group_of(&envelope).all.insert((visible_at, id));
        self.by_id.insert(id, Letter { id, envelope, visible_at, receives: 0 });
    }

    fn remove(&mut self, id: u64) {
        if let Some(letter) = self.by_id.remove(&id) {
            let place = (letter.visible_at, id);
            self.by_time.remove(&place);
            let group = self.group_of(&letter.envelope);
            group.all.remove(&place);
            group.received.remove(&place);
        }
    }

    fn group_of(&mut self, envelope: &Envelope) -> &mut Group {
        let key = (Channel::of(&envelope.message), envelope.account.clone());
        self.groups.entry(key).or_default()
    }

    /// Messages of a queue that were received and are hidden.
    pub(crate) fn in_flight(&mut self, of: Channel, now: Timestamp) -> usize {
        let groups = self.groups.iter_mut().filter(|((channel, _), _)| *channel == of);
        groups.map(|(_, group)| group.in_flight(now)).sum()
    }

    /// Whether nothing more of a queue is received until some of it is deleted or visible.
    fn is_full(&mut self, of: Channel, now: Timestamp) -> bool {
        self.in_flight(of, now) >= MAX_IN_FLIGHT
    }

    /// The message that a fair queue hands out next: the oldest that is visible, of groups that
    /// aren't noisy if there is one.
    pub(crate) fn next_fairly(&mut self, of: Channel, now: Timestamp) -> Option<u64> {
        let all = self.in_flight(of, now);
        let groups = self.groups.iter_mut().filter(|((channel, _), _)| *channel == of);
        let firsts = groups.filter_map(|(_, group)| {
            let first = group.first_visible(now)?;
            let own = group.in_flight(now);
            let is_noisy = own >= NOISY_MESSAGES && own * 10 > all * NOISY_OF_TEN;
            Some((is_noisy, first))
        });
        firsts.min().map(|(_, (_, id))| id)
    }

    pub(crate) fn retain(&mut self, keeps: impl Fn(&Letter) -> bool) {
        let gone: Vec<_> = self.iter().filter(|it| !keeps(it)).map(|it| it.id).collect();
        for id in gone {
            self.remove(id);
        }
    }

    fn hide(&mut self, id: u64, until: Timestamp) -> Option<&mut Letter> {
        let letter = self.by_id.get_mut(&id)?;
        let (before, after) = ((letter.visible_at, id), (until, id));
        letter.visible_at = until;
        self.by_time.remove(&before);
        self.by_time.insert(after);
        let envelope = letter.envelope.clone();
        let group = self.group_of(&envelope);
        group.all.remove(&before);
        group.all.insert(after);
        group.received.remove(&before);
        group.received.insert(after);
        self.by_id.get_mut(&id)
    }

    /// Whether the receipt is of the newest receive, and the message not visible again.
    fn is_in_flight(&self, receipt: &Receipt, now: Timestamp) -> bool {
        let letter = self.by_id.get(&receipt.letter.id);
        self.knows(receipt) && letter.is_some_and(|letter| letter.visible_at > now)
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

    /// Those that are visible, in queues that are not full.
    pub(crate) fn visible(&mut self, now: Timestamp) -> impl Iterator<Item = &Letter> {
        let full = VISIBILITY.map(|(channel, _)| (channel, self.is_full(channel, now)));
        let visible = self.by_time.range(..=(now, u64::MAX));
        let visible = visible.filter_map(|(_, id)| self.by_id.get(id));
        visible.filter(move |letter| !full.contains(&(letter.channel(), true)))
    }
}

#[async_trait]
impl Queue for World {
    async fn send(&self, envelope: &Envelope, delay: Duration) -> PortResult<()> {
        self.call("queue.send", |state| {
            let visible_at = state.now + whole_seconds(delay, MAX_DELAY) + state.poll_lag();
            if let Message::Capture(id) = envelope.message
                && state.jobs.get(&id).is_some_and(|job| job.order.mode == Mode::Synchronous)
            {
                state.violations.push(format!("job {id} was queued, and its client waits"));
            }
            state.letters.add(envelope.clone(), visible_at);
        })
        .await
    }
}

/// A received message, with the receipt of that receive.
#[derive(Debug)]
pub struct Receipt {
    world: World,
    pub(crate) letter: Letter,
}

impl Receipt {
    /// What was sent.
    #[must_use]
    pub const fn envelope(&self) -> &Envelope {
        &self.letter.envelope
    }
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

    /// Receives what is or becomes visible first in the queue that such a message goes to; the
    /// clock moves on to it.
    #[must_use]
    pub fn receive_like(&self, message: &Message) -> Option<Receipt> {
        let channel = Channel::of(message);
        let first = self.with(|state| {
            let mut coming = state.letters.by_time.iter();
            let is_like = |id| {
                let letter = state.letters.by_id.get(id);
                letter.is_some_and(|letter| letter.channel() == channel)
            };
            let &(at, id) = coming.find(|(_, id)| is_like(id))?;
            state.now = state.now.max(at);
            Some(id)
        })?;
        self.receive_letter(first)
    }

    /// How long the queue that such a message goes to hides what was received.
    #[must_use]
    pub fn visibility_timeout(message: &Message) -> Duration {
        Channel::of(message).visibility()
    }

    /// Receives this message, unless its queue is full.
    pub(crate) fn receive_letter(&self, id: u64) -> Option<Receipt> {
        let letter = self.with(|state| {
            let channel = state.letters.by_id.get(&id)?.channel();
            if state.letters.is_full(channel, state.now) {
                return None;
            }
            let letter = state.letters.hide(id, state.now + channel.visibility())?;
            letter.receives += 1;
            Some(letter.clone())
        })?;
        Some(Receipt { world: self.clone(), letter })
    }

    /// Deletes a message, by its newest receipt only.
    pub fn delete(&self, receipt: &Receipt) {
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
                let until = state.now + whole_seconds(span, MAX_HIDDEN) + state.poll_lag();
                // Else SQS answers MessageNotInflight, which is no fault.
                if state.letters.is_in_flight(self, state.now) {
                    state.letters.hide(self.letter.id, until);
                }
            })
            .await
    }
}

/// Rounded up to whole seconds, `max` at most, as the adapter asks for it.
fn whole_seconds(span: Duration, max: Duration) -> Duration {
    let whole = span.as_secs() + u64::from(span.subsec_nanos() > 0);
    Duration::from_secs(whole).min(max)
}

#[cfg(test)]
mod tests {
    use darkroom_core::id::{AccountId, JobId};
    use futures::FutureExt as _;

    use super::*;

    fn send(world: &World, message: Message) {
        let envelope = Envelope { message, account: AccountId::from_random([1; 10]) };
        world.send(&envelope, Duration::ZERO).now_or_never().unwrap().unwrap();
    }

    #[test]
    fn a_full_queue_yields_nothing_until_a_message_is_deleted_or_visible_again() {
        let world = World::new(1);
        let job = JobId::parse_decimal("1").unwrap();
        let mut receipts = Vec::new();
        for _ in 0..MAX_IN_FLIGHT {
            send(&world, Message::Result(job));
            receipts.push(world.receive().unwrap());
        }
        for message in [Message::Result(job), Message::Result(job), Message::Watch(job)] {
            send(&world, message);
        }
        let is_visible = |message: &Message| {
            world.with(|state| {
                let mut visible = state.letters.visible(state.now);
                visible.any(|letter| letter.envelope.message == *message)
            })
        };
        let receive = || world.receive_like(&Message::Result(job));
        assert!(receive().is_none() && !is_visible(&Message::Result(job)));
        assert!(is_visible(&Message::Watch(job)), "another queue");

        world.delete(&receipts[0]);
        assert!(receive().is_some() && receive().is_none());
        receipts[1].hide(Duration::from_secs(1)).now_or_never().unwrap().unwrap();
        assert!(receive().is_none(), "hidden is in flight");
        world.pass(Duration::from_secs(1));
        assert!(receive().is_some() && receive().is_none());
    }
}
