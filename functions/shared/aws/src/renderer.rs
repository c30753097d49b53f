//! The render function, called instead of being sent a message.

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_lambda::Client;
use aws_sdk_lambda::config::retry::RetryConfig;
use aws_sdk_lambda::config::timeout::TimeoutConfig;
use aws_sdk_lambda::config::{Builder, StalledStreamProtectionConfig};
use aws_sdk_lambda::operation::invoke::InvokeError;
use aws_sdk_lambda::primitives::Blob;
use darkroom_core::id::JobId;
use darkroom_core::port::{PortResult, Renderer, Rendering};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::fault::port_error;

const INVOKE: &str = "lambda Invoke";

/// Calls the function that renders while a client waits.
#[derive(Clone, Debug)]
pub struct LambdaRenderer {
    client: Client,
    function: String,
}

impl LambdaRenderer {
    /// A caller of this function.
    #[must_use]
    pub const fn new(client: Client, function: String) -> Self {
        Self { client, function }
    }
}

/// The event of a function that is called for one job.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RenderNow {
    /// The job, in decimal.
    render_now: String,
}

impl RenderNow {
    /// The job that is to be rendered; none for an event that isn't one of ours.
    #[must_use]
    pub fn job(&self) -> Option<JobId> {
        JobId::parse_decimal(&self.render_now)
    }
}

#[async_trait]
impl Renderer for LambdaRenderer {
    /// It is called once: a second call would end at once, the first having the job, and whoever
    /// waits would take that for the end.
    async fn render(&self, job: JobId, within: Duration) -> PortResult<Rendering> {
        let timeout = TimeoutConfig::builder().operation_attempt_timeout(within).build();
        // A function that works sends nothing until it is done.
        let once = Builder::new()
            .retry_config(RetryConfig::disabled())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .timeout_config(timeout);
        let event = json!(RenderNow { render_now: job.to_string() });
        let call = self.client.invoke().function_name(&self.function);
        let called =
            call.payload(Blob::new(event.to_string())).customize().config_override(once).send();
        match called.await {
            Ok(answer) => {
                if let Some(fault) = answer.function_error() {
                    tracing::error!(job.id = %job, fault, "render died on a capture");
                }
                Ok(Rendering::Ended)
            }
            Err(error) => match error.as_service_error() {
                Some(InvokeError::TooManyRequestsException(_)) => Ok(Rendering::Throttled),
                _ => Err(port_error(INVOKE, error)),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_read_as_it_was_written() {
        let event: RenderNow = serde_json::from_str(r#"{"render_now":"8472910"}"#).unwrap();
        assert_eq!(event.job(), JobId::parse_decimal("8472910"));
        assert_eq!(json!(event).to_string(), r#"{"render_now":"8472910"}"#);
        let foreign = RenderNow { render_now: String::from("-1") };
        assert_eq!(foreign.job(), None);
    }
}
