//! Functions that run beside one another. Each port call is a turn; a seed draws whose
//! turn is next, what comes twice, which function stalls and which dies. One seed is one
//! schedule, and replays exactly.

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use darkroom_core::time::Timestamp;
use futures::task::noop_waker;
use http::{Request, Response};

use crate::fault::{Fault, Faults, next_random};
use crate::queue::{Channel, Receipt};
use crate::world::World;

/// Turns after which a run counts as one that never ends, for each request.
const MAX_TURNS: usize = 50_000;

/// The longest stall: longer than any lease, so that others take the work over.
const LONGEST_STALL_MS: u64 = 400_000;

/// A function that is to die does so within so many turns.
const LAST_TURNS: u64 = 12;

/// How long a function may run (the template's timeouts): then it is killed.
const API_TIMEOUT: Duration = Duration::from_secs(240);
const RENDER_TIMEOUT: Duration = Duration::from_secs(360);
const NOTIFIER_TIMEOUT: Duration = Duration::from_secs(120);
const JANITOR_TIMEOUT: Duration = Duration::from_secs(60);

/// How many functions of each kind run at once at most, those that serve requests aside.
#[derive(Clone, Copy, Debug)]
pub struct Concurrency {
    /// Of `render`.
    pub captures: usize,
    /// Of `notifier`.
    pub results: usize,
    /// Of `janitor`.
    pub watchdogs: usize,
}

/// What goes wrong besides [port calls](World::storm), one time in so many; nothing for 0.
#[derive(Clone, Copy, Debug)]
pub struct Weather {
    /// How many functions run at once.
    pub concurrency: Concurrency,
    /// A function whose turn it is stalls: its environment is frozen, or the network is.
    pub stalls_one_in: u64,
    /// A message that is received stays for another.
    pub duplicates_one_in: u64,
    /// A message is received, and its function isn't run, as where Lambda is throttled.
    pub throttled_one_in: u64,
    /// A function that works on a message dies before it is done.
    pub deaths_one_in: u64,
    /// How late a poller may be.
    pub poll_lag: Duration,
    /// For so many turns at first, all this; then nothing: a run must come to rest.
    pub rough_turns: usize,
}

impl Weather {
    /// Few functions, which get in each other's way, stall and get messages twice.
    pub const STORMY: Self = Self {
        concurrency: Concurrency { captures: 3, results: 3, watchdogs: 2 },
        stalls_one_in: 40,
        duplicates_one_in: 10,
        throttled_one_in: 0,
        deaths_one_in: 0,
        poll_lag: Duration::ZERO,
        rough_turns: 600,
    };
}

/// What happened in a run.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Tally {
    /// Port calls, and moments at which a function was resumed.
    pub turns: usize,
    /// Port calls that went wrong.
    pub faults: Faults,
    /// Functions that the camera killed.
    pub killed: usize,
    /// Functions that died before they were done.
    pub deaths: usize,
    /// Functions that ran out of time.
    pub timeouts: usize,
    /// Messages that were received without their function being run.
    pub throttled: usize,
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
        let by_call = of(Fault::CrashBefore) + of(Fault::CrashAfter);
        by_call + self.killed + self.deaths + self.timeouts
    }
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.turns += other.turns;
        self.faults += other.faults;
        self.killed += other.killed;
        self.deaths += other.deaths;
        self.timeouts += other.timeouts;
        self.throttled += other.throttled;
        self.stalls += other.stalls;
        self.duplicates += other.duplicates;
        self.crowded += other.crowded;
    }
}

/// A function that is under way.
struct Running<'w> {
    work: Work<'w>,
    /// Whose message it works on; none where it serves a request.
    channel: Option<Channel>,
    asleep_until: Option<Timestamp>,
    killed_at: Timestamp,
    turns_left: u64,
}

type Work<'w> = Pin<Box<dyn Future<Output = ()> + 'w>>;

/// A request that comes at its time.
struct Begin<'w> {
    at: Timestamp,
    work: Work<'w>,
}

/// What can happen next.
enum Turn {
    Resume(usize),
    Receive(Receipt),
    Begin(usize),
}

struct Interleaving<'w> {
    world: &'w World,
    weather: Weather,
    seed: u64,
    /// The last one comes first.
    begins: Vec<Begin<'w>>,
    running: Vec<Running<'w>>,
    tally: Tally,
}

impl World {
    /// Serves these requests, each so long from now, and does whatever follows from them,
    /// each function one port call at a time, in an order that the seed draws. Yields the
    /// answers; none where the function died.
    ///
    /// # Panics
    ///
    /// When it never ends.
    pub fn interleave(
        &self,
        seed: u64,
        weather: Weather,
        requests: &[(Duration, Request<Bytes>)],
    ) -> (Vec<Option<Response<Bytes>>>, Tally) {
        let now = self.with(|state| {
            state.is_interleaved = true;
            state.longest_poll_lag = weather.poll_lag;
            state.now
        });
        let answers: Vec<_> = requests.iter().map(|_| RefCell::new(None)).collect();
        let begins = requests.iter().zip(&answers).map(|((after, request), answer)| {
            let work = async { *answer.borrow_mut() = Some(self.serve(request).await) };
            Begin { at: now + *after, work: Box::pin(work) as Work<'_> }
        });
        let mut begins: Vec<_> = begins.collect();
        begins.sort_by_key(|begin| std::cmp::Reverse(begin.at));
        let (running, tally) = (Vec::new(), Tally::default());
        let mut interleaving = Interleaving { world: self, weather, seed, begins, running, tally };
        interleaving.run(MAX_TURNS * requests.len());
        let mut tally = interleaving.tally;
        drop(interleaving);
        self.with(|state| {
            state.is_interleaved = false;
            (tally.faults, tally.killed) = (state.faults, state.killed);
        });
        (answers.into_iter().map(RefCell::into_inner).collect(), tally)
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
    fn run(&mut self, most_turns: usize) {
        loop {
            assert!(self.tally.turns < most_turns, "it never comes to rest");
            self.kill_late();
            match self.next() {
                Some(Turn::Resume(index)) => self.resume(index),
                Some(Turn::Receive(receipt)) => self.receive(receipt),
                Some(Turn::Begin(index)) => {
                    let begin = self.begins.remove(index);
                    self.start(begin.work, None, API_TIMEOUT);
                }
                None if !self.move_clock() => return,
                None => {}
            }
        }
    }

    /// Draws whose turn it is, of those who can do something now.
    fn next(&mut self) -> Option<Turn> {
        let now = self.now();
        let awake: Vec<_> = self
            .running
            .iter()
            .enumerate()
            .filter(|(_, running)| running.asleep_until.is_none_or(|until| until <= now))
            .map(|(index, _)| index)
            .collect();
        let receivable = self.receivable(now);
        let waiting = self.begins.iter().rev().take_while(|begin| begin.at <= now).count();
        let count = awake.len() + receivable.len() + waiting;
        let which = self.draw(count)?;
        if let Some(&index) = awake.get(which) {
            return Some(Turn::Resume(index));
        }
        match receivable.get(which - awake.len()) {
            Some(&letter) => self.world.receive_letter(letter).map(Turn::Receive),
            None => Some(Turn::Begin(self.begins.len() - 1 - (count - 1 - which))),
        }
    }

    /// The visible messages for which a function is free.
    fn receivable(&self, now: Timestamp) -> Vec<u64> {
        let Concurrency { captures, results, watchdogs } = self.weather.concurrency;
        let is_free = |channel, most| {
            let busy = self.running.iter().filter(|it| it.channel == Some(channel)).count();
            busy < most
        };
        let free = [
            (Channel::Captures, is_free(Channel::Captures, captures)),
            (Channel::Results, is_free(Channel::Results, results)),
            (Channel::Watchdog, is_free(Channel::Watchdog, watchdogs)),
        ];
        self.world.with(|state| {
            let receivable = state
                .letters
                .visible(now)
                .filter(|letter| free.contains(&(Channel::of(&letter.envelope.message), true)));
            receivable.map(|letter| letter.id).collect()
        })
    }

    fn resume(&mut self, index: usize) {
        self.tally.turns += 1;
        self.tally.crowded += usize::from(self.running.len() > 1);
        if self.strikes(self.weather.stalls_one_in) {
            self.stall(index);
            return;
        }
        let Some(running) = self.running.get_mut(index) else { return };
        running.turns_left -= 1;
        if running.turns_left == 0 {
            self.tally.deaths += 1;
            self.running.swap_remove(index);
            return;
        }
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
        if self.strikes(self.weather.throttled_one_in) {
            self.tally.throttled += 1;
            return;
        }
        if self.strikes(self.weather.duplicates_one_in) {
            self.tally.duplicates += 1;
            self.world.duplicate(&receipt);
        }
        let channel = Channel::of(&receipt.letter.envelope.message);
        let limit = match channel {
            Channel::Captures => RENDER_TIMEOUT,
            Channel::Results => NOTIFIER_TIMEOUT,
            Channel::Watchdog => JANITOR_TIMEOUT,
        };
        let world = self.world;
        let work = Box::pin(async move { world.work_on(&receipt).await });
        self.start(work, Some(channel), limit);
    }

    fn start(&mut self, work: Work<'w>, channel: Option<Channel>, limit: Duration) {
        let killed_at = self.now() + limit;
        let dies = channel.is_some() && self.strikes(self.weather.deaths_one_in);
        let turns_left = if dies { 1 + next_random(&mut self.seed) % LAST_TURNS } else { u64::MAX };
        let asleep_until = None;
        self.running.push(Running { work, channel, asleep_until, killed_at, turns_left });
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
        let begins = self.begins.last().map(|begin| begin.at);
        let visible = self.world.with(|state| state.letters.first_after(now));
        let next = wakes.chain(kills).chain(begins).chain(visible).filter(|&time| time > now).min();
        let Some(next) = next else { return false };
        self.world.with(|state| state.now = next);
        true
    }

    fn now(&self) -> Timestamp {
        self.world.with(|state| state.now)
    }

    /// Whether a chance of one in so many comes true, while things go wrong.
    fn strikes(&mut self, one_in: u64) -> bool {
        let may = one_in > 0 && self.tally.turns < self.weather.rough_turns;
        may && next_random(&mut self.seed).is_multiple_of(one_in)
    }

    /// One of so many; none of none.
    fn draw(&mut self, count: usize) -> Option<usize> {
        let drawn = next_random(&mut self.seed) >> 32;
        usize::try_from(drawn).ok()?.checked_rem(count)
    }
}
