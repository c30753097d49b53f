//! Hiding a message while it is worked on, and letting it come back later.

use std::time::Duration;

use darkroom_core::port::{Disposal, InFlight};

/// How long a message rests after a fault of ours.
pub(crate) const AFTER_FAULT: Duration = Duration::from_secs(5);

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
