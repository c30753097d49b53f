//! What happens to messages, as `flows/{capture,deliver,follow}.rs` have it.

use crate::job::{Api, At, Broken, Kind, Ledger, MAX_ATTEMPTS, MAX_CLAIMS, Stand, State, Task};
use crate::model::{Life, Reply, Rule};

/// An idle worker takes a message, reads what it is about, and claims it. With a lost reply
/// the claim is stored and the message comes back.
pub(crate) fn take(
    life: &Life,
    state: &mut State,
    (number, kind): (usize, Kind),
    reply: Reply,
) -> Option<()> {
    if state.workers.iter().flatten().count() >= life.workers || reply == Reply::Refused {
        return None;
    }
    let copies = state.jobs.get_mut(number)?.messages(kind);
    *copies = copies.checked_sub(1)?;
    let at = match kind {
        Kind::Capture => capture(life, state, number)?,
        Kind::Result => deliver(life, state, number)?,
    };
    if reply == Reply::Lost {
        // Only a claim is a write.
        at.filter(|at| *at != At::Announce)?;
        *state.jobs.get_mut(number)?.messages(kind) += 1;
        return Some(());
    }
    let idle = state.workers.iter_mut().find(|task| task.is_none())?;
    *idle = at.map(|at| Task { job: number, at, holds: true });
    Some(())
}

/// None inside where the message is deleted.
fn capture(life: &Life, state: &mut State, number: usize) -> Option<Option<At>> {
    let job = state.jobs.get(number)?;
    Some(match job.stand {
        Stand::Absent | Stand::Rejected => None,
        Stand::Completed | Stand::Failed if life.lacks(Rule::Reannounce) => None,
        Stand::Completed | Stand::Failed => announce(job.has_callback),
        Stand::Accepted | Stand::Queued | Stand::Rendering
            if has_claims_left(life, state, number) =>
        {
            state.store(number, Stand::Rendering);
            state.jobs.get_mut(number)?.claims += 1;
            Some(At::Render)
        }
        Stand::Accepted | Stand::Queued | Stand::Rendering => {
            let has_callback = job.has_callback;
            state.store(number, Stand::Failed);
            state.release(number);
            announce(has_callback)
        }
    })
}

fn announce(has_callback: bool) -> Option<At> {
    has_callback.then_some(At::Announce)
}

fn has_claims_left(life: &Life, state: &State, number: usize) -> bool {
    let claims = state.jobs.get(number).map_or(0, |job| job.claims);
    claims < MAX_CLAIMS || life.lacks(Rule::CountedClaims)
}

fn deliver(life: &Life, state: &mut State, number: usize) -> Option<Option<At>> {
    let job = state.jobs.get(number)?;
    let attempt = match job.ledger {
        Ledger::Due(attempt) | Ledger::Claimed(attempt) => attempt,
        // Without its condition, what was read may be as old as the first attempt.
        Ledger::Delivered | Ledger::Abandoned if life.lacks(Rule::LedgerClaim) => 1,
        Ledger::Delivered | Ledger::Abandoned => return Some(None),
    };
    state.enter(number, Ledger::Claimed(attempt));
    Some(Some(At::Post(attempt)))
}

/// The janitor looks at a job whose watchdog is about.
pub(crate) fn look(life: &Life, state: &mut State, number: usize) -> Option<()> {
    let job = *state.jobs.get(number)?;
    // The first look comes when the request's function is dead.
    if job.api != Api::Over || !job.is_watched {
        return None;
    }
    let is_over = match job.stand {
        Stand::Absent | Stand::Rejected => true,
        Stand::Completed | Stand::Failed => job.is_settled() || life.lacks(Rule::Reannounce),
        Stand::Accepted | Stand::Queued | Stand::Rendering => false,
    };
    match job.stand {
        _ if is_over => state.jobs.get_mut(number)?.is_watched = false,
        Stand::Accepted => reject(state, number),
        Stand::Queued | Stand::Rendering if job.is_waited_for => {
            state.store(number, Stand::Failed);
            state.release(number);
        }
        Stand::Queued | Stand::Rendering if has_claims_left(life, state, number) => {
            state.send(number, Kind::Capture, life.copies);
        }
        Stand::Queued | Stand::Rendering => {
            state.store(number, Stand::Failed);
            state.release(number);
        }
        _ => state.send(number, Kind::Result, life.copies),
    }
    Some(())
}

/// Whoever rejects a job gives its unit back.
pub(crate) fn reject(state: &mut State, number: usize) {
    state.store(number, Stand::Rejected);
    state.release(number);
}

/// A worker dies: its message comes back, if it was given it by a queue.
pub(crate) fn die(state: &mut State, worker: usize) -> Option<()> {
    let task = state.workers.get(worker).copied().flatten()?;
    if task.at.kind() == Kind::Capture && state.jobs.get(task.job)?.is_waited_for {
        *state.workers.get_mut(worker)? = None;
        return Some(());
    }
    put_back(state, worker)
}

/// A worker gives up: its message comes back, or it looks once more by itself.
fn put_back(state: &mut State, worker: usize) -> Option<()> {
    let task = state.workers.get_mut(worker)?.take()?;
    *state.jobs.get_mut(task.job)?.messages(task.at.kind()) += 1;
    Some(())
}

/// The next call of a worker, and whether what it works on (the page, the receiver) is good;
/// none if there isn't one that goes like this.
pub(crate) fn go_on(
    life: &Life,
    state: &mut State,
    worker: usize,
    is_good: bool,
    reply: Reply,
) -> Option<()> {
    let Task { job: number, at, holds } = state.workers.get(worker).copied().flatten()?;
    if reply == Reply::Refused || (!holds && gives_up(life, at)) {
        return (is_good && reply != Reply::Lost).then(|| put_back(state, worker))?;
    }
    let next = match at {
        At::Render => {
            state.store(number, if is_good { Stand::Completed } else { Stand::Failed });
            if !is_good {
                state.release(number);
            }
            announce(state.jobs.get(number)?.has_callback)
        }
        At::Announce if is_good => {
            *state.workers.get_mut(worker)? = None;
            state.send(number, Kind::Result, life.copies);
            return match reply {
                Reply::Lost => come_back(state, number, Kind::Capture),
                _ => Some(()),
            };
        }
        At::Post(attempt) if is_good && reply == Reply::Done => {
            let job = state.jobs.get_mut(number)?;
            if attempt < job.posted {
                state.broken = Some(Broken::OutOfOrder);
            }
            job.posted = job.posted.max(attempt);
            Some(At::Record(attempt))
        }
        At::Announce | At::Post(_) => return None,
        At::Record(attempt) => {
            state.enter(number, recorded(attempt, is_good));
            None
        }
    };
    let ledger = state.jobs.get(number)?.ledger;
    match next {
        _ if reply == Reply::Lost => put_back(state, worker),
        None if at.kind() == Kind::Result && matches!(ledger, Ledger::Due(_)) => {
            put_back(state, worker)
        }
        None => {
            *state.workers.get_mut(worker)? = None;
            Some(())
        }
        Some(at) => {
            let task = state.workers.get_mut(worker)?.as_mut()?;
            (task.at, task.holds) = (at, true);
            Some(())
        }
    }
}

/// Whether a worker that was taken over does nothing: its write would be refused, or it is too
/// late to send.
const fn gives_up(life: &Life, at: At) -> bool {
    match (at, life.without) {
        (At::Announce, _)
        | (At::Render, Some(Rule::ConditionalEnd))
        | (At::Post(_), Some(Rule::Lease)) => false,
        (At::Render | At::Post(_) | At::Record(_), _) => true,
    }
}

const fn recorded(attempt: u8, is_good: bool) -> Ledger {
    match (is_good, attempt < MAX_ATTEMPTS) {
        (true, _) => Ledger::Delivered,
        (false, true) => Ledger::Due(attempt + 1),
        (false, false) => Ledger::Abandoned,
    }
}

fn come_back(state: &mut State, number: usize, kind: Kind) -> Option<()> {
    *state.jobs.get_mut(number)?.messages(kind) += 1;
    Some(())
}
