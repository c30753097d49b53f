//! One client per service, made once at cold start.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, ConfigLoader, SdkConfig};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;

/// Within one region a connection takes milliseconds.
const CONNECT: Duration = Duration::from_secs(2);

/// One try of a call that carries little: the slowest of them, a transaction, takes
/// some 10 ms.
const ATTEMPT: Duration = Duration::from_secs(5);

/// One try of a call that may carry a whole result. A stalled one is cut by the
/// SDK's own stream protection long before.
const TRANSFER_ATTEMPT: Duration = Duration::from_secs(60);

/// Tries of one call, by the SDK's standard back-off.
const MAX_ATTEMPTS: u32 = 3;

/// The services that the functions use.
#[derive(Clone, Debug)]
pub struct Clients {
    /// Jobs, accounts, quotas.
    pub dynamodb: aws_sdk_dynamodb::Client,
    /// The three queues.
    pub sqs: aws_sdk_sqs::Client,
    /// Results and large inputs.
    pub s3: aws_sdk_s3::Client,
    /// What renders while a client waits.
    pub lambda: aws_sdk_lambda::Client,
    /// Roles of customers.
    pub sts: aws_sdk_sts::Client,
    /// The keys that sign links.
    pub secrets_manager: aws_sdk_secretsmanager::Client,
}

impl Clients {
    /// Clients of the account, region and endpoint that the environment names.
    pub async fn from_environment() -> Self {
        Self::new(&config_loader().load().await)
    }

    /// Clients with this configuration.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        let transfers = aws_sdk_s3::config::Builder::from(config)
            .timeout_config(timeouts(TRANSFER_ATTEMPT))
            .build();
        // A call is made once. A connection that was kept while the environment was frozen may be
        // dead, and only a second try would mend that.
        let fresh = Builder::new()
            .pool_max_idle_per_host(0)
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .build_https();
        let calls = aws_sdk_lambda::config::Builder::from(config).http_client(fresh).build();
        Self {
            dynamodb: aws_sdk_dynamodb::Client::new(config),
            sqs: aws_sdk_sqs::Client::new(config),
            s3: aws_sdk_s3::Client::from_conf(transfers),
            sts: aws_sdk_sts::Client::new(config),
            lambda: aws_sdk_lambda::Client::from_conf(calls),
            secrets_manager: aws_sdk_secretsmanager::Client::new(config),
        }
    }
}

/// Loads the SDK's configuration with our own HTTP client, timeouts and retries;
/// what it isn't told it reads from the environment (region, credentials,
/// `AWS_ENDPOINT_URL`).
#[must_use]
pub fn config_loader() -> ConfigLoader {
    let http = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    aws_config::defaults(BehaviorVersion::latest())
        .http_client(http)
        .timeout_config(timeouts(ATTEMPT))
        .retry_config(RetryConfig::standard().with_max_attempts(MAX_ATTEMPTS))
}

fn timeouts(attempt: Duration) -> TimeoutConfig {
    TimeoutConfig::builder().connect_timeout(CONNECT).operation_attempt_timeout(attempt).build()
}
