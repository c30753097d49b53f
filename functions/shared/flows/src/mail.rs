//! Sending a message about a job, and hiding the one that is worked on.

use std::time::Duration;

use darkroom_core::job::Job;
use darkroom_core::message::{Envelope, Message};
use darkroom_core::port::{Disposal, InFlight, PortError, PortResult, Queue};

/// How long a message rests after a passing fault of ours.
pub(crate) const AFTER_FAULT: Duration = Duration::from_secs(5);

/// How long it rests when what is stored can't be read: only another version
/// of the function will mend that.
const AFTER_CORRUPTION: Duration = Duration::from_secs(900);

/// Sends a message about a job, which counts for the job's account.
pub(crate) async fn send(
    queue: &dyn Queue,
    job: &Job,
    message: Message,
    delay: Duration,
) -> PortResult<()> {
    let account = job.order.account.clone();
    queue.send(&Envelope { message, account }, delay).await
}

/// Keeps the message hidden for `span` while it is worked on. If that can't be
/// said to the queue, it comes back after the visibility timeout it already has,
/// which is longer than any work takes.
pub(crate) async fn hide(message: &dyn InFlight, span: Duration) {
    if let Err(error) = message.hide(span).await {
        tracing::warn!(%error, "a message's visibility was not changed");
    }
}

/// Lets the message come back after `span`.
pub(crate) async fn rest(message: &dyn InFlight, span: Duration) -> Disposal {
    hide(message, span).await;
    Disposal::Keep
}

/// Lets the message come back after a fault: after `span` if the fault may pass.
pub(crate) async fn rest_after(
    error: &PortError,
    message: &dyn InFlight,
    span: Duration,
) -> Disposal {
    match error {
        PortError::Busy { .. } | PortError::Unavailable { .. } => rest(message, span).await,
        PortError::Corrupt { .. } => rest(message, AFTER_CORRUPTION).await,
    }
}
