//! Letting a message come back later.

use std::time::Duration;

use darkroom_core::port::{Disposal, InFlight};

/// How long a message rests after a fault of ours.
pub(crate) const AFTER_FAULT: Duration = Duration::from_secs(5);

/// Lets the message come back after `span`. If that can't be said to the queue,
/// it comes back after the visibility timeout it already has.
pub(crate) async fn rest(message: &dyn InFlight, span: Duration) -> Disposal {
    if let Err(error) = message.hide(span).await {
        tracing::warn!(%error, "a message's visibility was not changed");
    }
    Disposal::Keep
}
