//! What there is at one moment: jobs, their messages, who works on them.

/// Workers may claim a job this often; the claim after ends it.
pub(crate) const MAX_CLAIMS: u8 = 2;

/// Attempts of a delivery.
pub(crate) const MAX_ATTEMPTS: u8 = 2;

/// Requests at most, one job each.
pub(crate) const MAX_JOBS: usize = 2;

/// Functions at work on messages at most.
pub(crate) const MAX_WORKERS: usize = 3;

/// Where a job stands in the store.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Stand {
    /// Not stored.
    Absent,
    Accepted,
    Queued,
    Rendering,
    Completed,
    Failed,
    Rejected,
}

/// Where its announcement stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Ledger {
    /// Attempt `n` is to be made; the first needs no row.
    Due(u8),
    /// Somebody makes it.
    Claimed(u8),
    Delivered,
    Abandoned,
}

/// What its client was told.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Answer {
    /// Nothing yet, or never.
    None,
    /// 202.
    Accepted,
    /// The result, for which it waited.
    Obtained,
    /// Another job's result, which the cache had.
    Shared,
    /// An error.
    Refused,
    /// That what became of the job isn't known.
    Unsettled,
}

/// What its request's function does next.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Api {
    /// Look what the cache has.
    Recall,
    Watch,
    Store,
    /// Store a job of its own with the result that the cache has.
    StoreShared,
    /// Announce it.
    Announce,
    Send,
    Queue,
    /// Something went wrong: reject the job, if it is still `accepted`.
    Settle,
    /// Look where somebody else has moved it.
    Find,
    /// Call a worker, for a client that waits.
    Call,
    /// Look what the worker has left.
    Look,
    /// It was found not begun: reject it.
    RejectLeft,
    /// It was found with a worker that has ended, or is out of sight: end it.
    CutShort,
    Over,
}

/// One job, with all that belongs to it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct Job {
    /// Whether its end is to be announced.
    pub(crate) has_callback: bool,
    /// Whether its client waits for it.
    pub(crate) is_waited_for: bool,
    pub(crate) api: Api,
    pub(crate) answer: Answer,
    pub(crate) stand: Stand,
    pub(crate) is_charged: bool,
    /// Whether it has the other job's result, and is charged nothing.
    pub(crate) is_free: bool,
    /// Whether the place in the cache that it takes is the other job's.
    pub(crate) takes_over: bool,
    pub(crate) claims: u8,
    pub(crate) ledger: Ledger,
    /// The highest attempt that was posted.
    pub(crate) posted: u8,
    /// Messages that wait on the queues for captures and results.
    pub(crate) captures: u8,
    pub(crate) results: u8,
    /// Whether its watchdog is under way. Copies of it find the same, and change nothing.
    pub(crate) is_watched: bool,
}

impl Job {
    /// No request at all.
    pub(crate) const NONE: Self = Self { api: Api::Over, ..Self::ASKED };

    /// One that was just asked for.
    pub(crate) const ASKED: Self = Self {
        has_callback: false,
        is_waited_for: false,
        api: Api::Watch,
        answer: Answer::None,
        stand: Stand::Absent,
        is_charged: false,
        is_free: false,
        takes_over: false,
        claims: 0,
        ledger: Ledger::Due(1),
        posted: 0,
        captures: 0,
        results: 0,
        is_watched: false,
    };

    pub(crate) const fn has_ended(&self) -> bool {
        matches!(self.stand, Stand::Completed | Stand::Failed | Stand::Rejected)
    }

    /// Whether nobody needs to do anything more about it.
    pub(crate) const fn is_settled(&self) -> bool {
        match self.stand {
            Stand::Absent | Stand::Rejected => true,
            Stand::Accepted | Stand::Queued | Stand::Rendering => false,
            Stand::Completed | Stand::Failed => {
                !self.has_callback || matches!(self.ledger, Ledger::Delivered | Ledger::Abandoned)
            }
        }
    }

    /// Whether nobody looks after it any more, because nothing is left to do.
    pub(crate) const fn is_closed(&self) -> bool {
        matches!(self.api, Api::Over) && self.is_settled() && !self.is_watched
    }

    /// What matters of a closed job. Messages that are left of it are deleted one by one, and
    /// change nothing.
    pub(crate) const fn closed(self) -> Self {
        let ledger = match self.ledger {
            Ledger::Due(_) | Ledger::Claimed(_) => Ledger::Due(1),
            Ledger::Delivered | Ledger::Abandoned => Ledger::Delivered,
        };
        let Self { stand, is_charged, is_free, takes_over, .. } = self;
        Self { stand, is_charged, is_free, takes_over, ledger, ..Self::NONE }
    }

    pub(crate) const fn messages(&mut self, kind: Kind) -> &mut u8 {
        match kind {
            Kind::Capture => &mut self.captures,
            Kind::Result => &mut self.results,
        }
    }
}

/// The other one of two jobs.
pub(crate) const fn other(job: usize) -> usize {
    MAX_JOBS - 1 - job
}

/// The messages that workers take.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Kind {
    Capture,
    Result,
}

/// What a worker does next about its message.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum At {
    /// It has claimed the job, and is to end it.
    Render,
    /// The job has ended, and is to be announced.
    Announce,
    /// It has claimed this attempt, and is to make it.
    Post(u8),
    /// It has made it, and is to record it.
    Record(u8),
}

impl At {
    pub(crate) const fn kind(self) -> Kind {
        match self {
            Self::Render | Self::Announce => Kind::Capture,
            Self::Post(_) | Self::Record(_) => Kind::Result,
        }
    }
}

/// A worker with a message.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct Task {
    pub(crate) job: usize,
    pub(crate) at: At,
    /// Whether its claim is what is stored: nobody has taken the job or attempt over.
    pub(crate) holds: bool,
}

/// What must never happen.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Broken {
    /// A unit was given back twice.
    ReleasedTwice,
    /// A job that had ended was moved.
    EndedTwice,
    /// An attempt was made after a later one.
    OutOfOrder,
    /// A delivery that was settled went on.
    SettledTwice,
}

/// Everything at one moment.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct State {
    pub(crate) jobs: [Job; MAX_JOBS],
    pub(crate) workers: [Option<Task>; MAX_WORKERS],
    pub(crate) used: u8,
    /// The job that has the place in the cache which both want.
    pub(crate) cached: Option<usize>,
    pub(crate) broken: Option<Broken>,
}

impl State {
    /// The same state without what no longer matters.
    pub(crate) fn tidied(mut self) -> Self {
        let workers = self.workers;
        for (number, job) in self.jobs.iter_mut().enumerate() {
            let is_held = workers.iter().flatten().any(|task| task.job == number);
            if job.is_closed() && !is_held {
                *job = job.closed();
            }
        }
        self
    }

    /// The same state with jobs and workers in the order that stands for all orders: jobs
    /// are alike, and so are workers.
    pub(crate) fn sorted(mut self) -> Self {
        self.workers.sort_unstable();
        let mut swapped = self;
        swapped.jobs.reverse();
        for task in swapped.workers.iter_mut().flatten() {
            task.job = other(task.job);
        }
        swapped.workers.sort_unstable();
        swapped.cached = self.cached.map(other);
        self.min(swapped)
    }

    /// Whoever held the job, or its attempt, holds it no more.
    pub(crate) fn outdate(&mut self, job: usize, kind: Kind) {
        for task in self.workers.iter_mut().flatten() {
            if task.job == job && task.at.kind() == kind {
                task.holds = false;
            }
        }
    }

    /// Stores where a job stands.
    pub(crate) fn store(&mut self, job: usize, stand: Stand) {
        self.outdate(job, Kind::Capture);
        let Some(it) = self.jobs.get_mut(job) else { return };
        if it.has_ended() {
            self.broken = Some(Broken::EndedTwice);
        }
        it.stand = stand;
    }

    /// Gives a job's unit back.
    pub(crate) fn release(&mut self, job: usize) {
        let Some(it) = self.jobs.get_mut(job) else { return };
        if !it.is_charged {
            self.broken = Some(Broken::ReleasedTwice);
            return;
        }
        it.is_charged = false;
        self.used -= 1;
    }

    /// Stores where a delivery stands.
    pub(crate) fn enter(&mut self, job: usize, ledger: Ledger) {
        self.outdate(job, Kind::Result);
        let Some(it) = self.jobs.get_mut(job) else { return };
        if matches!(it.ledger, Ledger::Delivered | Ledger::Abandoned) {
            self.broken = Some(Broken::SettledTwice);
        }
        it.ledger = ledger;
    }

    /// Puts a message into its queue, unless so many copies of it are about.
    pub(crate) fn send(&mut self, job: usize, kind: Kind, most: u8) {
        let held = |task: &&Task| task.job == job && task.at.kind() == kind;
        let held = self.workers.iter().flatten().filter(held).count();
        let Some(it) = self.jobs.get_mut(job) else { return };
        let copies = it.messages(kind);
        if usize::from(*copies) + held < usize::from(most) {
            *copies += 1;
        }
    }
}
