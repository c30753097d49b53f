//! From the SDK's errors to the port's.

use std::error::Error;
use std::fmt::Debug;

use aws_sdk_dynamodb::error::SdkError;
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use darkroom_core::port::PortError;

/// Codes by which the services say that they are overloaded or that a write met
/// another one.
const BUSY: [&str; 13] = [
    "ConditionalRequestConflict",
    "ProvisionedThroughputExceededException",
    "ReplicatedWriteConflictException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "ServiceUnavailable",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionConflictException",
    "TransactionInProgressException",
];

pub(crate) fn is_busy<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> bool {
    error.code().is_some_and(|code| BUSY.contains(&code))
}

/// The port's error for a call of `service` (and its operation).
pub(crate) fn port_error<E, R>(service: &'static str, error: SdkError<E, R>) -> PortError
where
    E: ProvideErrorMetadata + Error + 'static,
    R: Debug + 'static,
{
    let busy = is_busy(&error);
    let cause = DisplayErrorContext(error).to_string();
    if busy {
        PortError::Busy { service, cause }
    } else {
        PortError::Unavailable { service, cause }
    }
}

/// The port's error for something that the SDK couldn't even send.
pub(crate) fn unsendable(service: &'static str, error: impl Error) -> PortError {
    let cause = DisplayErrorContext(error).to_string();
    PortError::Unavailable { service, cause }
}
