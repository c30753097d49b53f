//! Following one job until it has ended and its announcement is settled, and taking care of
//! captures that nobody could render.

use std::time::Duration;

use darkroom_core::artifact::InputKey;
use darkroom_core::delivery::Phase;
use darkroom_core::id::{ClaimToken, JobId};
use darkroom_core::job::{ClaimVerdict, Job, JobState, Mode, SpecPlace};
use darkroom_core::message::Message;
use darkroom_core::port::{
    Advance, ArtifactStore, Clock, Disposal, Entropy, InFlight, JobStore, Ledger, PortResult, Queue,
};
use darkroom_core::time::Timestamp;

use crate::ending::{EndingPorts, announce, end};
use crate::mail::{rest_after, send};

/// The longest delay that SQS gives a message.
const LONGEST_DELAY: Duration = Duration::from_secs(900);

/// How long a watchdog or dead letter rests after a fault of ours. It is in no
/// hurry, and must outlast an outage before its queue gives it up.
const AFTER_FAULT: Duration = Duration::from_secs(300);

/// What a worker or notifier gets beyond its due time before it counts as lost.
const GRACE: Duration = Duration::from_secs(30);

/// The ports of the janitor.
#[derive(Clone, Copy)]
pub struct FollowPorts<'a> {
    /// Where jobs are read, rejected and ended.
    pub jobs: &'a dyn JobStore,
    /// Tells whether an end was announced.
    pub ledger: &'a dyn Ledger,
    /// Holds specifications.
    pub artifacts: &'a dyn ArtifactStore,
    /// Sends captures, results and watchdogs again.
    pub queue: &'a dyn Queue,
    /// Tells the time.
    pub clock: &'a dyn Clock,
    /// Draws claim tokens.
    pub entropy: &'a dyn Entropy,
}

impl std::fmt::Debug for FollowPorts<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FollowPorts")
    }
}

/// Works on one watchdog message: mends what it finds, and sends the watchdog
/// on unless the job is ended and its announcement is settled. It never fails: a fault of ours
/// leaves the message to come back.
pub async fn follow(ports: FollowPorts<'_>, id: JobId, message: &dyn InFlight) -> Disposal {
    match try_follow(ports, id).await {
        Ok(()) => Disposal::Delete,
        Err(error) => {
            tracing::error!(job.id = %id, %error, "a watchdog was interrupted");
            rest_after(&error, message, AFTER_FAULT).await
        }
    }
}

/// Works on one message of the captures dead-letter queue: the capture is sent
/// again while the job may still be rendered, and ended otherwise.
pub async fn revive(ports: FollowPorts<'_>, id: JobId, message: &dyn InFlight) -> Disposal {
    match try_revive(ports, id).await {
        Ok(()) => Disposal::Delete,
        Err(error) => {
            tracing::error!(job.id = %id, %error, "a dead letter was not dealt with");
            rest_after(&error, message, AFTER_FAULT).await
        }
    }
}

async fn try_follow(ports: FollowPorts<'_>, id: JobId) -> PortResult<()> {
    // Sent before its job was stored, and the job never was; or deleted since.
    let Some(job) = ports.jobs.find(id).await? else {
        return ports.artifacts.delete_input(&InputKey::of(id)).await;
    };
    let now = ports.clock.now();
    let next_look = match &job.state {
        JobState::Rejected { .. } => None,
        JobState::Accepted => reject(ports, &job).await?,
        JobState::Queued if now < job.order.expires_at + GRACE => {
            Some((job.order.expires_at + GRACE).since(now))
        }
        JobState::Rendering(claim) if now < claim.lease_until + GRACE => {
            Some((claim.lease_until + GRACE).since(now))
        }
        JobState::Queued => {
            send_again_or_end(ports, &job).await?;
            Some(GRACE)
        }
        JobState::Rendering(claim) => {
            Some(replace_worker(ports, &job, now.since(claim.lease_until)).await?)
        }
        JobState::Completed { at, .. } | JobState::Failed { at, .. } => {
            announce_if_lost(ports, &job, *at).await?
        }
    };
    match next_look {
        Some(delay) => send(ports.queue, &job, Message::Watch(id), delay.min(LONGEST_DELAY)).await,
        None => match &job.order.spec {
            // Whoever ended the job may not have come to it.
            SpecPlace::Stored(key) => ports.artifacts.delete_input(key).await,
            SpecPlace::Inline(_) => Ok(()),
        },
    }
}

/// A job that is still `accepted` after its request's time was never answered
/// for: it is rejected and its unit goes back.
async fn reject(ports: FollowPorts<'_>, job: &Job) -> PortResult<Option<Duration>> {
    let Some(step) = job.clone().reject(ports.clock.now()) else {
        return Ok(Some(GRACE));
    };
    match ports.jobs.advance(&step).await? {
        Advance::Done => {
            tracing::warn!(job.id = %job.id, account.id = %job.order.account,
                "a job that was never queued was rejected");
            Ok(None)
        }
        Advance::Raced => Ok(Some(GRACE)),
    }
}

/// Sees to it that an end is announced to the last attempt: a delivery whose
/// next attempt is overdue has lost its message. Answers when to look again.
async fn announce_if_lost(
    ports: FollowPorts<'_>,
    job: &Job,
    ended_at: Timestamp,
) -> PortResult<Option<Duration>> {
    if job.announcement().is_none() {
        return Ok(None);
    }
    let due = match ports.ledger.find(job.id).await?.map(|delivery| delivery.phase) {
        None => ended_at,
        Some(Phase::Due { at, .. }) => at,
        Some(Phase::Claimed { lease_until, .. }) => lease_until,
        Some(Phase::Delivered { .. } | Phase::Abandoned { .. } | Phase::Refused { .. }) => {
            return Ok(None);
        }
    };
    let now = ports.clock.now();
    if now < due + GRACE {
        return Ok(Some((due + GRACE).since(now)));
    }
    let overdue = now.since(due);
    if has_doubled(overdue) {
        tracing::warn!(job.id = %job.id, "an announcement that is overdue is made again");
        announce(ports.queue, job).await?;
    }
    Ok(Some(look_after(overdue)))
}

/// When to look again at what is overdue for so long: each look comes twice as
/// late as the one before, as far as a delay goes.
fn look_after(overdue: Duration) -> Duration {
    overdue.clamp(GRACE * 2, LONGEST_DELAY)
}

/// Whether something is overdue for twice as long as when it was last sent
/// again, so that a function which is merely behind isn't sent everything over
/// and over. Looks up to the longest delay double by themselves.
fn has_doubled(overdue: Duration) -> bool {
    let before = overdue.saturating_sub(LONGEST_DELAY).as_secs();
    before == 0 || overdue.as_secs().ilog2() != before.ilog2()
}

async fn try_revive(ports: FollowPorts<'_>, id: JobId) -> PortResult<()> {
    let Some(job) = ports.jobs.find(id).await? else {
        return Ok(());
    };
    if job.has_ended() {
        return announce(ports.queue, &job).await;
    }
    send_again_or_end(ports, &job).await
}

/// Puts a job whose lease lapsed that long ago before another worker.
async fn replace_worker(
    ports: FollowPorts<'_>,
    job: &Job,
    overdue: Duration,
) -> PortResult<Duration> {
    if has_doubled(overdue) {
        send_again_or_end(ports, job).await?;
    }
    Ok(look_after(overdue))
}

/// Puts a job that lost its worker, or its message, before a worker again, or
/// ends it if it may not be rendered any more, or nobody waits for it any more.
async fn send_again_or_end(ports: FollowPorts<'_>, job: &Job) -> PortResult<()> {
    let now = ports.clock.now();
    let token = ClaimToken::from_random(ports.entropy.draw());
    let FollowPorts { jobs, artifacts, queue, .. } = ports;
    let ending = EndingPorts { jobs, artifacts, queue };
    if job.order.mode == Mode::Synchronous {
        if let Some(step) = job.clone().give_up(now) {
            end(ending, &step).await?;
        }
        return Ok(());
    }
    let delay = match job.clone().claim(token, now) {
        ClaimVerdict::End(step) => {
            end(ending, &step).await?;
            return Ok(());
        }
        ClaimVerdict::Over => return Ok(()),
        ClaimVerdict::Claim(_) => Duration::ZERO,
        ClaimVerdict::Held(until) => until.since(now),
    };
    tracing::warn!(job.id = %job.id, claims = job.claims, "a capture is sent again");
    send(queue, job, Message::Capture(job.id), delay.min(LONGEST_DELAY)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_look_comes_twice_as_late_as_the_one_before_within_a_minute_and_a_quarter_of_an_hour() {
        for (overdue_s, look_after_s) in [(30, 60), (61, 61), (899, 899), (901, 900)] {
            let overdue = Duration::from_secs(overdue_s);
            assert_eq!(look_after(overdue), Duration::from_secs(look_after_s));
        }
    }

    #[test]
    fn what_is_overdue_for_six_hours_was_sent_again_some_ten_times() {
        let (mut overdue, mut sent) = (GRACE, 0);
        while overdue < Duration::from_secs(6 * 60 * 60) {
            sent += u32::from(has_doubled(overdue));
            overdue += look_after(overdue);
        }
        assert!((5..=12).contains(&sent), "{sent}");
    }
}
