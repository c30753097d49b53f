//! Accepting, sharing and waiting, call by call, as `flows/{submit,recall,obtain}.rs` do it.

use crate::job::{Answer, Api, Job, Kind, Stand, State, other};
use crate::model::{Life, Reply, Rule};
use crate::work::reject;

/// The next call of this job's request; none if there isn't one.
pub(crate) fn go_on(life: &Life, state: &mut State, number: usize, reply: Reply) -> Option<()> {
    let api = state.jobs.get(number)?.api;
    let is_done = match api {
        Api::Over => return None,
        Api::Recall => return recall(life, state, number, reply),
        Api::Find => return (reply == Reply::Done).then(|| find(state, number))?,
        Api::Look if reply == Reply::Done => return look(state, number),
        Api::Look if reply == Reply::Lost => return None,
        _ => reply != Reply::Refused && call(life, state, number, api)?,
    };
    let is_taken = !is_done && life.shares && state.cached != from(state, number);
    let job = state.jobs.get_mut(number)?;
    job.api = match (api, reply) {
        (Api::Settle, Reply::Done) if !is_done => Api::Find,
        (Api::Settle, _) => {
            job.answer = Answer::Refused;
            Api::Over
        }
        // Whether a worker is at it isn't known.
        (Api::Call, _) => Api::Look,
        (Api::Look | Api::RejectLeft | Api::CutShort, Reply::Refused | Reply::Lost) => {
            job.answer = Answer::Unsettled;
            Api::Over
        }
        (Api::RejectLeft | Api::CutShort, Reply::Done) if is_done => {
            job.answer = Answer::Refused;
            Api::Over
        }
        (Api::RejectLeft | Api::CutShort, Reply::Done) => Api::Look,
        (Api::StoreShared, Reply::Done) => Api::Announce,
        // What isn't announced now, the watchdog announces.
        (Api::Announce, _) => {
            job.answer = Answer::Shared;
            Api::Over
        }
        (Api::Watch | Api::StoreShared, Reply::Refused | Reply::Lost) if job.is_free => Api::Find,
        (_, Reply::Refused | Reply::Lost) => Api::Settle,
        (Api::Watch, Reply::Done) if life.lacks(Rule::WatchdogFirst) => over(job),
        (Api::Watch, Reply::Done) if job.is_free => Api::StoreShared,
        (Api::Watch, Reply::Done) => Api::Store,
        (Api::Store, Reply::Done) if is_taken => Api::Recall,
        (Api::Store, Reply::Done) if is_done && job.is_waited_for => Api::Call,
        (Api::Store, Reply::Done) if is_done => Api::Send,
        // The quota is used up.
        (Api::Store, Reply::Done) => {
            job.answer = Answer::Refused;
            Api::Over
        }
        (Api::Send, Reply::Done) if life.lacks(Rule::QueuedBeforeAnswer) => over(job),
        (Api::Send, Reply::Done) => Api::Queue,
        (Api::Queue, Reply::Done) if !is_done => Api::Find,
        (Api::Queue, Reply::Done) if life.lacks(Rule::WatchdogFirst) => Api::Watch,
        (Api::Queue, Reply::Done) => over(job),
        (Api::Recall | Api::Find | Api::Look | Api::Over, _) => return None,
    };
    Some(())
}

/// Looks what the cache has. A job that is under way may come to nothing at any moment (its lease
/// lapses), and whoever waits for it may lose patience.
fn recall(life: &Life, state: &mut State, number: usize, reply: Reply) -> Option<()> {
    let kept = state.cached.and_then(|job| state.jobs.get(job)).map(|job| job.stand);
    let is_taken = state.cached.is_some();
    let job = state.jobs.get_mut(number)?;
    if reply != Reply::Done {
        (job.api, job.answer) = (Api::Over, Answer::Refused);
        return Some(());
    }
    (job.api, job.answer) = match kept {
        Some(Stand::Completed) if !job.has_callback => (Api::Over, Answer::Shared),
        _ if life.lacks(Rule::WatchdogFirst) => (Api::Store, Answer::None),
        _ => (Api::Watch, Answer::None),
    };
    job.is_free = kept == Some(Stand::Completed);
    job.takes_over = is_taken && !job.is_free;
    Some(())
}

/// Whose place in the cache a job takes.
fn from(state: &State, number: usize) -> Option<usize> {
    state.jobs.get(number).filter(|job| job.takes_over).map(|_takes| other(number))
}

fn over(job: &mut Job) -> Api {
    job.answer = Answer::Accepted;
    Api::Over
}

/// What a call comes to in the store or queue; false where its condition doesn't hold.
fn call(life: &Life, state: &mut State, number: usize, api: Api) -> Option<bool> {
    let is_free_place = state.cached == from(state, number) || life.lacks(Rule::OnePlace);
    let job = state.jobs.get_mut(number)?;
    let is_accepted = job.stand == Stand::Accepted;
    match api {
        Api::Watch => job.is_watched = true,
        Api::Send | Api::Call => state.send(number, Kind::Capture, life.copies),
        Api::StoreShared => state.store(number, Stand::Completed),
        Api::Announce => state.send(number, Kind::Result, life.copies),
        Api::Store if life.shares && !is_free_place => return Some(false),
        Api::Store => {
            if state.used >= life.quota {
                return Some(false);
            }
            job.is_charged = true;
            state.used += 1;
            state.store(number, Stand::Accepted);
            state.cached = Some(number).filter(|_| life.shares);
        }
        Api::Queue if is_accepted => state.store(number, Stand::Queued),
        Api::Settle if is_accepted => reject(state, number),
        Api::Settle if life.lacks(Rule::ConditionalRelease) && job.stand != Stand::Absent => {
            reject(state, number);
        }
        Api::RejectLeft if is_accepted => reject(state, number),
        Api::CutShort if job.stand == Stand::Rendering || life.lacks(Rule::ConditionalCut) => {
            state.store(number, Stand::Failed);
            state.release(number);
        }
        Api::Queue
        | Api::Settle
        | Api::Recall
        | Api::Find
        | Api::Look
        | Api::RejectLeft
        | Api::CutShort
        | Api::Over => return Some(false),
    }
    Some(true)
}

/// Somebody else has moved the job, or it never was stored.
fn find(state: &mut State, number: usize) -> Option<()> {
    let job = state.jobs.get_mut(number)?;
    job.api = Api::Over;
    job.answer = match job.stand {
        Stand::Completed if job.is_free => Answer::Shared,
        Stand::Absent | Stand::Accepted | Stand::Rejected => Answer::Refused,
        Stand::Queued | Stand::Rendering | Stand::Completed | Stand::Failed => Answer::Accepted,
    };
    Some(())
}

/// What its worker has left of a job whose client waits.
fn look(state: &mut State, number: usize) -> Option<()> {
    let job = state.jobs.get_mut(number)?;
    (job.api, job.answer) = match job.stand {
        Stand::Completed => (Api::Over, Answer::Obtained),
        Stand::Absent | Stand::Failed | Stand::Rejected => (Api::Over, Answer::Refused),
        Stand::Accepted | Stand::Queued => (Api::RejectLeft, Answer::None),
        Stand::Rendering => (Api::CutShort, Answer::None),
    };
    Some(())
}
