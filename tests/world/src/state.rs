//! Everything that the world remembers.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;
use darkroom_core::account::KeyHolder;
use darkroom_core::cache::{CacheEntry, CacheKey};
use darkroom_core::capture::CaptureSpec;
use darkroom_core::circuit::{Circuit, Receiver};
use darkroom_core::delivery::Delivery;
use darkroom_core::failure::FailureKind;
use darkroom_core::id::{AccountId, JobId};
use darkroom_core::idempotency::IdempotencyKey;
use darkroom_core::job::Job;
use darkroom_core::key::SigningKeys;
use darkroom_core::time::{Minute, Period, Timestamp};
use darkroom_core::usage::Usage;

use crate::camera::Shot;
use crate::fault::{Faults, Plan, next_random};
use crate::queue::Letters;
use crate::receiver::{Received, Reply};
use crate::storage::Deposit;

pub(crate) struct State {
    pub(crate) now: Timestamp,
    pub(crate) random: u64,
    pub(crate) plan: Plan,
    pub(crate) calls: usize,
    /// The calls whose conditional writes find that another write came before.
    pub(crate) overtaken: Range<usize>,
    pub(crate) faults: Faults,
    /// Whose which access key is, by its hash.
    pub(crate) accounts: HashMap<String, KeyHolder>,
    pub(crate) signing_keys: HashMap<AccountId, SigningKeys>,
    pub(crate) jobs: BTreeMap<JobId, Job>,
    pub(crate) usage: HashMap<(AccountId, Period), Usage>,
    /// Captures that accounts of which that is limited asked for in a minute.
    pub(crate) started: HashMap<(AccountId, Minute), u32>,
    /// Captures under way, of accounts of which that is limited.
    pub(crate) places: HashMap<AccountId, u32>,
    /// Whose job has which idempotency key, and until when it is kept.
    pub(crate) idempotency: HashMap<(AccountId, IdempotencyKey), (JobId, Timestamp)>,
    /// What each account's cache has.
    pub(crate) cache: HashMap<(AccountId, CacheKey), CacheEntry>,
    pub(crate) deliveries: HashMap<JobId, Delivery>,
    pub(crate) circuits: HashMap<Receiver, Circuit>,
    pub(crate) letters: Letters,
    /// What each port call takes.
    pub(crate) call_time: Duration,
    /// How late a poller may be that receives what has become visible.
    pub(crate) longest_poll_lag: Duration,
    pub(crate) results: HashMap<String, Bytes>,
    pub(crate) inputs: HashMap<String, CaptureSpec>,
    pub(crate) shots: VecDeque<Shot>,
    pub(crate) every_shot: Shot,
    pub(crate) captures: usize,
    /// How long clients that wait look for a worker in vain; zero where there are some.
    pub(crate) workers_sought_for: Duration,
    /// Functions that the camera killed.
    pub(crate) killed: usize,
    pub(crate) deposits: Vec<Deposit>,
    pub(crate) storage_faults: VecDeque<FailureKind>,
    pub(crate) storage_takes: Duration,
    pub(crate) replies: VecDeque<Reply>,
    pub(crate) every_reply: Reply,
    /// What receivers do, by their addresses, that differ from the others.
    pub(crate) replies_of: HashMap<String, Reply>,
    pub(crate) received: Vec<Received>,
    /// What was seen that must never happen.
    pub(crate) violations: Vec<String>,
    /// Whether functions have their turns beside one another.
    pub(crate) is_interleaved: bool,
    /// Until when the function that has its turn rests.
    pub(crate) asleep_until: Option<Timestamp>,
    /// Whether the function that has its turn died in it.
    pub(crate) has_died: bool,
}

impl State {
    /// Whether the call that is made is a write which another one overtakes.
    pub(crate) fn is_overtaken(&self) -> bool {
        self.overtaken.contains(&(self.calls - 1))
    }

    /// How late the next poller is.
    pub(crate) fn poll_lag(&mut self) -> Duration {
        let longest_ms = u64::try_from(self.longest_poll_lag.as_millis()).unwrap_or(u64::MAX);
        let lag_ms = if longest_ms == 0 { 0 } else { next_random(&mut self.random) % longest_ms };
        Duration::from_millis(lag_ms)
    }
}
