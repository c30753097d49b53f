//! The model: which steps there are, and what must hold after each.

use stateright::{Model, Property};

use crate::api;
use crate::job::{
    Answer, Api, Job, Kind, Ledger, MAX_ATTEMPTS, MAX_CLAIMS, MAX_JOBS, MAX_WORKERS, Stand, State,
};
use crate::work;

/// A rule on which the design rests; taken out, the model must break.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Rule {
    /// The watchdog is sent before the job is stored.
    WatchdogFirst,
    /// A job is rejected, and its unit given back, only while it is `accepted`.
    ConditionalRelease,
    /// A job is stored as queued before its client is told.
    QueuedBeforeAnswer,
    /// A worker ends a job only if nobody else has moved it.
    ConditionalEnd,
    /// Claims are counted, and the last one ends the job.
    CountedClaims,
    /// What ended is announced again until its delivery is settled.
    Reannounce,
    /// An attempt is claimed in the ledger, on condition of what was read there.
    LedgerClaim,
    /// A notifier whose lease has lapsed doesn't send.
    Lease,
    /// A job that its worker left behind is ended, for whoever waits, only if nobody else has
    /// moved it.
    ConditionalCut,
    /// A place in the cache is taken only from whose it was read to be.
    OnePlace,
}

impl Rule {
    /// Every rule.
    pub const ALL: [Self; 10] = [
        Self::WatchdogFirst,
        Self::ConditionalRelease,
        Self::QueuedBeforeAnswer,
        Self::ConditionalEnd,
        Self::CountedClaims,
        Self::Reannounce,
        Self::LedgerClaim,
        Self::Lease,
        Self::ConditionalCut,
        Self::OnePlace,
    ];
}

/// Some jobs on one quota, and some workers.
#[derive(Clone, Debug)]
pub struct Life {
    /// Requests, one job each: 1 or 2.
    pub jobs: usize,
    /// How many of them have a callback.
    pub callbacks: usize,
    /// How many of them, the last ones, have a client that waits.
    pub waited_for: usize,
    /// Whether the requests are equal and share their results.
    pub shares: bool,
    /// Units that the account has.
    pub quota: u8,
    /// Functions at work on messages at once, of whatever kind.
    pub workers: usize,
    /// Copies of one message that may be about at once. Crashes and lost replies have no
    /// limit.
    pub copies: u8,
    /// The rule that is left out.
    pub without: Option<Rule>,
}

/// How a call goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reply {
    /// It is done.
    Done,
    /// It isn't, and the caller knows it.
    Refused,
    /// It is done, and the caller thinks that it isn't.
    Lost,
}

/// One step of somebody.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// The request of this job goes on.
    Api(usize, Reply),
    /// Its function dies.
    ApiDies(usize),
    /// The janitor looks at this job.
    Look(usize),
    /// A worker takes a message for a capture of this job.
    TakeCapture(usize, Reply),
    /// A worker takes a message for a result of this job.
    TakeResult(usize, Reply),
    /// A message for a capture of this job comes once more.
    DuplicateCapture(usize),
    /// A message for a result of this job comes once more.
    DuplicateResult(usize),
    /// This worker goes on; the page or receiver is good, or isn't.
    Work(usize, bool, Reply),
    /// It dies.
    Dies(usize),
}

impl Life {
    /// Two jobs on one quota, three workers, each message up to four times. The second job has
    /// no callback: deliveries have nothing in common, and two of them are too much.
    pub const WHOLE: Self = Self {
        jobs: 2,
        callbacks: 1,
        waited_for: 0,
        shares: false,
        quota: 2,
        workers: 3,
        copies: 4,
        without: None,
    };

    /// As [`Self::WHOLE`], but the client of the second job waits for it.
    pub const WAITING: Self = Self { waited_for: 1, ..Self::WHOLE };

    /// Two clients that wait for equal captures, one of which is to be announced too.
    pub const SHARING: Self = Self {
        jobs: 2,
        callbacks: 1,
        waited_for: 2,
        shares: true,
        quota: 2,
        workers: 2,
        copies: 2,
        without: None,
    };

    /// As [`Self::SHARING`], with less trouble.
    pub const SMALL_SHARING: Self = Self { workers: 1, copies: 1, ..Self::SHARING };

    /// One job, and enough trouble for every rule to be needed.
    pub const SMALL: Self = Self {
        jobs: 1,
        callbacks: 1,
        waited_for: 0,
        shares: false,
        quota: 1,
        workers: 2,
        copies: 2,
        without: None,
    };

    /// [`Self::SMALL`] without a rule, of which it must have need; or two jobs that share.
    #[must_use]
    pub fn without(rule: Rule) -> Self {
        if rule == Rule::OnePlace {
            return Self { without: Some(rule), ..Self::SMALL_SHARING };
        }
        let waited_for = usize::from(rule == Rule::ConditionalCut);
        Self { without: Some(rule), waited_for, ..Self::SMALL }
    }

    pub(crate) fn lacks(&self, rule: Rule) -> bool {
        self.without == Some(rule)
    }
}

impl Model for Life {
    type State = State;
    type Action = Step;

    fn init_states(&self) -> Vec<State> {
        let first = match (self.shares, self.lacks(Rule::WatchdogFirst)) {
            (true, _) => Api::Recall,
            (false, true) => Api::Store,
            (false, false) => Api::Watch,
        };
        let mut jobs = [Job::NONE; MAX_JOBS];
        for (number, job) in jobs.iter_mut().take(self.jobs).enumerate() {
            let has_callback = number < self.callbacks;
            let is_waited_for = number + self.waited_for >= self.jobs;
            *job = Job { api: first, has_callback, is_waited_for, ..Job::ASKED };
        }
        let workers = [None; MAX_WORKERS];
        vec![State { jobs, workers, used: 0, cached: None, broken: None }.sorted()]
    }

    fn actions(&self, state: &State, steps: &mut Vec<Step>) {
        if state.broken.is_some() {
            return;
        }
        let replies = [Reply::Done, Reply::Refused, Reply::Lost];
        for (number, job) in state.jobs.iter().enumerate() {
            if job.api != Api::Over {
                steps.extend(replies.map(|reply| Step::Api(number, reply)));
                steps.push(Step::ApiDies(number));
            }
            if job.captures > 0 {
                steps.extend(replies.map(|reply| Step::TakeCapture(number, reply)));
                steps.push(Step::DuplicateCapture(number));
            }
            if job.results > 0 {
                steps.extend(replies.map(|reply| Step::TakeResult(number, reply)));
                steps.push(Step::DuplicateResult(number));
            }
            steps.push(Step::Look(number));
        }
        for (number, _) in state.workers.iter().enumerate().filter(|(_, task)| task.is_some()) {
            for is_good in [true, false] {
                steps.extend(replies.map(|reply| Step::Work(number, is_good, reply)));
            }
            steps.push(Step::Dies(number));
        }
    }

    fn next_state(&self, last: &State, step: Step) -> Option<State> {
        let mut state = *last;
        let it = &mut state;
        match step {
            Step::Api(job, reply) => api::go_on(self, it, job, reply)?,
            Step::ApiDies(job) => it.jobs.get_mut(job)?.api = Api::Over,
            Step::Look(job) => work::look(self, it, job)?,
            Step::TakeCapture(job, reply) => work::take(self, it, (job, Kind::Capture), reply)?,
            Step::TakeResult(job, reply) => work::take(self, it, (job, Kind::Result), reply)?,
            Step::DuplicateCapture(job) => it.send(job, Kind::Capture, self.copies),
            Step::DuplicateResult(job) => it.send(job, Kind::Result, self.copies),
            Step::Work(worker, is_good, reply) => work::go_on(self, it, worker, is_good, reply)?,
            Step::Dies(worker) => work::die(it, worker)?,
        }
        // A rule that is missing may let even a closed job move.
        let state = if self.without.is_none() { state.tidied() } else { state };
        let state = state.sorted();
        (state != *last).then_some(state)
    }

    /// What was claimed too often has been found, and leads on and on.
    fn within_boundary(&self, state: &State) -> bool {
        state.jobs.iter().all(|job| job.claims <= MAX_CLAIMS + 1)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        kept().into_iter().chain(reached()).collect()
    }
}

/// What must hold in every state.
fn kept() -> Vec<Property<Life>> {
    vec![
        Property::always("nothing is done twice or out of order", |_, state: &State| {
            state.broken.is_none()
        }),
        Property::always("the units in use are the charged jobs", |_, state: &State| {
            let charged = state.jobs.iter().filter(|job| job.is_charged).count();
            usize::from(state.used) == charged
        }),
        Property::always("the quota is never exceeded", |life: &Life, state: &State| {
            state.used <= life.quota
        }),
        Property::always(
            "a job is charged unless it was rejected or failed",
            |_, state: &State| {
                let free = |stand| matches!(stand, Stand::Absent | Stand::Rejected | Stand::Failed);
                state.jobs.iter().all(|job| job.is_charged != (free(job.stand) || job.is_free))
            },
        ),
        Property::always("a 202 binds", |_, state: &State| {
            state.jobs.iter().all(|job| {
                let dead = matches!(job.stand, Stand::Absent | Stand::Accepted | Stand::Rejected);
                job.answer != Answer::Accepted || !dead
            })
        }),
        Property::always("who waits gets a result, or pays nothing", |_, state: &State| {
            state.jobs.iter().filter(|job| job.is_waited_for).all(|job| match job.answer {
                Answer::Obtained => job.stand == Stand::Completed,
                Answer::Shared => !job.is_charged,
                Answer::Refused => job.stand != Stand::Completed,
                Answer::Accepted => false,
                Answer::None | Answer::Unsettled => true,
            })
        }),
        Property::always("what is shared is completed", |_, state: &State| {
            let completed = |job: &Job| job.stand == Stand::Completed && !job.is_free;
            let shares = |job: &Job| job.is_free || job.answer == Answer::Shared;
            !state.jobs.iter().any(shares) || state.jobs.iter().any(completed)
        }),
        Property::always("a place in the cache is taken once", |life: &Life, state: &State| {
            let takes = |job: &&Job| job.stand != Stand::Absent && !job.is_free && !job.takes_over;
            !life.shares || state.jobs.iter().filter(takes).count() <= 1
        }),
        Property::always("claims are bounded", |_, state: &State| {
            state.jobs.iter().all(|job| job.claims <= MAX_CLAIMS)
        }),
        Property::always("what isn't settled is being followed", |_, state: &State| {
            state.jobs.iter().all(|job| job.is_settled() || job.is_watched)
        }),
    ]
}

/// What must come about in some state, or the model is too poor.
fn reached() -> Vec<Property<Life>> {
    vec![
        Property::sometimes("a result is delivered at the last attempt", |_, state: &State| {
            state
                .jobs
                .iter()
                .any(|job| job.ledger == Ledger::Delivered && job.posted == MAX_ATTEMPTS)
        }),
        Property::sometimes("who waits gets a result", |life: &Life, state: &State| {
            let obtained = |job: &Job| job.answer == Answer::Obtained;
            life.waited_for == 0 || state.jobs.iter().any(obtained)
        }),
        Property::sometimes("who shares gets another's result", |life: &Life, state: &State| {
            let shared = |job: &Job| job.answer == Answer::Shared;
            !life.shares || state.jobs.iter().any(shared)
        }),
        Property::sometimes("a shared result is announced", |life: &Life, state: &State| {
            let told = |job: &Job| job.is_free && job.ledger == Ledger::Delivered;
            !life.shares || state.jobs.iter().any(told)
        }),
        Property::sometimes("a delivery is given up", |_, state: &State| {
            state.jobs.iter().any(|job| job.ledger == Ledger::Abandoned)
        }),
        Property::sometimes("a job is rejected", |_, state: &State| {
            state.jobs.iter().any(|job| job.stand == Stand::Rejected)
        }),
        Property::sometimes("every job is completed and told", |_, state: &State| {
            state.jobs.iter().all(|job| {
                let done = job.stand == Stand::Completed && job.is_settled();
                done || (job.stand == Stand::Absent && job.api == Api::Over)
            })
        }),
    ]
}
