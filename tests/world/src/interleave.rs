//! Functions that run beside one another. Each port call is a turn; a seed draws whose
//! turn is next, what comes twice, which function stalls and which dies. One seed is one
//! schedule, and replays exactly.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use darkroom_core::message::Message;
use darkroom_core::time::Timestamp;
use futures::task::noop_waker;
use http::{Request, Response};

use crate::fault::{Fault, Faults, next_random};
use crate::queue::Receipt;
use crate::world::World;

/// How many functions run at once at most, those that serve requests aside.
const WORKERS: usize = 6;

/// For so many turns at first, things go wrong; a run must come to rest.
const ROUGH_TURNS: usize = 600;

/// Turns after which a run counts as one that never ends.
const MAX_TURNS: usize = 200_000;

/// In one of so many turns, a function stalls: its environment is frozen, or the network
/// is.
const STALLS_ONE_IN: u64 = 40;

/// The longest stall: longer than any lease, so that others take the work over.
const LONGEST_STALL_MS: u64 = 400_000;

/// In one of so many receives, the message stays for another.
const DUPLICATES_ONE_IN: u64 = 10;

/// How long a function may run (the template's timeouts): then it is killed.
const API_TIMEOUT: Duration = Duration::from_secs(240);
const RENDER_TIMEOUT: Duration = Duration::from_secs(360);
const NOTIFIER_TIMEOUT: Duration = Duration::from_secs(120);
const JANITOR_TIMEOUT: Duration = Duration::from_secs(60);

/// What happened in a run.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Tally {
    /// Port calls, and moments at which a function was resumed.
    pub turns: usize,
    /// Port calls that went wrong.
    pub faults: Faults,
    /// Functions that the camera killed.
    pub killed: usize,
    /// Functions that ran out of time.
    pub timeouts: usize,
    /// Functions that stood still while others went on.
    pub stalls: usize,
    /// Messages that were delivered once more than they were sent.
    pub duplicates: usize,
    /// Turns in which more than one function was under way.
    pub crowded: usize,
}

impl Tally {
    /// Functions that died with their work undone.
    #[must_use]
    pub fn crashes(&self) -> usize {
        let of = |fault| self.faults.of(fault);
        of(Fault::CrashBefore) + of(Fault::CrashAfter) + self.killed + self.timeouts
    }
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.turns += other.turns;
        self.faults += other.faults;
        self.killed += other.killed;
        self.timeouts += other.timeouts;
        self.stalls += other.stalls;
        self.duplicates += other.duplicates;
        self.crowded += other.crowded;
    }
}

/// A function that is under way.
struct Running<'w> {
    work: Pin<Box<dyn Future<Output = ()> + 'w>>,
    asleep_until: Option<Timestamp>,
    killed_at: Timestamp,
}

/// What can happen next.
enum Turn {
    Resume(usize),
    Receive(Receipt),
    Begin(usize),
}

struct Interleaving<'w> {
    world: &'w World,
    seed: u64,
    running: Vec<Running<'w>>,
    tally: Tally,
}

impl World {
    /// Serves these requests and does whatever follows from them, each function one port
    /// call at a time, in an order that the seed draws. Yields the answers; none where
    /// the function died.
    ///
    /// # Panics
    ///
    /// When it never ends.
    pub fn interleave(
        &self,
        seed: u64,
        requests: &[Request<Bytes>],
    ) -> (Vec<Option<Response<Bytes>>>, Tally) {
        self.with(|state| state.is_interleaved = true);
        let answers: Vec<_> = requests.iter().map(|_| std::cell::RefCell::new(None)).collect();
        let mut interleaving =
            Interleaving { world: self, seed, running: Vec::new(), tally: Tally::default() };
        let mut begins: Vec<_> = requests
            .iter()
            .zip(&answers)
            .map(|(request, answer)| {
                let work = async { *answer.borrow_mut() = Some(self.serve(request).await) };
                Box::pin(work) as Pin<Box<dyn Future<Output = ()>>>
            })
            .collect();
        interleaving.run(&mut begins);
        let mut tally = interleaving.tally;
        drop((interleaving, begins));
        self.with(|state| {
            state.is_interleaved = false;
            (tally.faults, tally.killed) = (state.faults, state.killed);
        });
        (answers.into_iter().map(std::cell::RefCell::into_inner).collect(), tally)
    }

    /// Lets the others have their turns.
    pub(crate) async fn turn(&self) {
        let mut had = !self.with(|state| state.is_interleaved);
        poll_fn(|task| {
            if had {
                return Poll::Ready(());
            }
            had = true;
            task.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }

    /// Takes this long.
    pub(crate) async fn spend(&self, span: Duration) {
        let until = self.with(|state| {
            let until = state.now + span;
            if !state.is_interleaved {
                state.now = until;
            }
            until
        });
        poll_fn(|task| {
            self.with(|state| {
                if state.now >= until {
                    return Poll::Ready(());
                }
                state.asleep_until = Some(until);
                task.waker().wake_by_ref();
                Poll::Pending
            })
        })
        .await;
    }

    /// Ends the function here.
    pub(crate) async fn die<T>(&self) -> T {
        self.with(|state| state.has_died = true);
        std::future::pending().await
    }
}

impl<'w> Interleaving<'w> {
    fn run(&mut self, begins: &mut Vec<Pin<Box<dyn Future<Output = ()> + 'w>>>) {
        loop {
            assert!(self.tally.turns < MAX_TURNS, "it never comes to rest");
            self.kill_late();
            match self.next(begins.len()) {
                Some(Turn::Resume(index)) => self.resume(index),
                Some(Turn::Receive(receipt)) => self.receive(receipt),
                Some(Turn::Begin(index)) => {
                    let work = begins.swap_remove(index);
                    self.start(work, API_TIMEOUT);
                }
                None if !self.move_clock() => return,
                None => {}
            }
        }
    }

    /// Draws whose turn it is, of those who can do something now.
    fn next(&mut self, waiting: usize) -> Option<Turn> {
        let now = self.now();
        let awake: Vec<_> = self
            .running
            .iter()
            .enumerate()
            .filter(|(_, running)| running.asleep_until.is_none_or(|until| until <= now))
            .map(|(index, _)| index)
            .collect();
        let visible =
            if self.running.len() < WORKERS { self.world.visible_letters() } else { Vec::new() };
        let count = awake.len() + visible.len() + waiting;
        let which = self.draw(count)?;
        if let Some(&index) = awake.get(which) {
            return Some(Turn::Resume(index));
        }
        match visible.get(which - awake.len()) {
            Some(&letter) => self.world.receive_letter(letter).map(Turn::Receive),
            None => Some(Turn::Begin(which - awake.len() - visible.len())),
        }
    }

    fn resume(&mut self, index: usize) {
        self.tally.turns += 1;
        self.tally.crowded += usize::from(self.running.len() > 1);
        if self.strikes(STALLS_ONE_IN) {
            self.stall(index);
            return;
        }
        let Some(running) = self.running.get_mut(index) else { return };
        self.world.with(|state| (state.asleep_until, state.has_died) = (None, false));
        let polled = running.work.as_mut().poll(&mut Context::from_waker(&noop_waker()));
        let (asleep_until, has_died) =
            self.world.with(|state| (state.asleep_until.take(), state.has_died));
        running.asleep_until = asleep_until;
        if polled.is_ready() || has_died {
            self.running.swap_remove(index);
        }
    }

    fn stall(&mut self, index: usize) {
        self.tally.stalls += 1;
        let span = Duration::from_millis(next_random(&mut self.seed) % LONGEST_STALL_MS);
        let until = self.now() + span;
        if let Some(running) = self.running.get_mut(index) {
            running.asleep_until = Some(until);
        }
    }

    fn receive(&mut self, receipt: Receipt) {
        if self.strikes(DUPLICATES_ONE_IN) {
            self.tally.duplicates += 1;
            self.world.duplicate(&receipt);
        }
        let limit = match receipt.letter.envelope.message {
            Message::Capture(_) => RENDER_TIMEOUT,
            Message::Result(_) => NOTIFIER_TIMEOUT,
            Message::Watch(_) => JANITOR_TIMEOUT,
        };
        let world = self.world;
        self.start(Box::pin(async move { world.work_on(&receipt).await }), limit);
    }

    fn start(&mut self, work: Pin<Box<dyn Future<Output = ()> + 'w>>, limit: Duration) {
        let killed_at = self.now() + limit;
        self.running.push(Running { work, asleep_until: None, killed_at });
    }

    /// Functions that have run for too long are killed where they stand.
    fn kill_late(&mut self) {
        let now = self.now();
        let before = self.running.len();
        self.running.retain(|running| now < running.killed_at);
        self.tally.timeouts += before - self.running.len();
    }

    /// Moves the clock to where something can happen again. False if nothing will.
    fn move_clock(&mut self) -> bool {
        let wakes = self.running.iter().filter_map(|running| running.asleep_until);
        let kills = self.running.iter().map(|running| running.killed_at);
        let now = self.now();
        let visible = self.world.with(|state| state.visible_times());
        let next = wakes.chain(kills).chain(visible).filter(|&time| time > now).min();
        let Some(next) = next else { return false };
        self.world.with(|state| state.now = next);
        true
    }

    fn now(&self) -> Timestamp {
        self.world.with(|state| state.now)
    }

    /// Whether a chance of one in so many comes true, while things go wrong.
    fn strikes(&mut self, one_in: u64) -> bool {
        self.tally.turns < ROUGH_TURNS && next_random(&mut self.seed).is_multiple_of(one_in)
    }

    /// One of so many; none of none.
    fn draw(&mut self, count: usize) -> Option<usize> {
        let drawn = next_random(&mut self.seed) >> 32;
        usize::try_from(drawn).ok()?.checked_rem(count)
    }
}
