//! What a failed port call comes to for the client.

use std::time::Duration;

use darkroom_core::port::PortError;
use darkroom_dialects::Refusal;

/// When a client that met an overloaded service may come back.
pub(crate) const RETRY_AFTER: Duration = Duration::from_secs(2);

/// The refusal for a service that didn't do its part just now.
pub(crate) const fn busy() -> Refusal {
    Refusal::Busy { retry_after: RETRY_AFTER }
}

/// Logs the fault and words it for the client.
#[expect(clippy::needless_pass_by_value, reason = "it is made for map_err")]
pub(crate) fn of_port(error: PortError) -> Refusal {
    tracing::error!(%error, "a request could not be served");
    match error {
        PortError::Busy { .. } | PortError::Unavailable { .. } => busy(),
        PortError::Corrupt { .. } => Refusal::Internal,
    }
}
