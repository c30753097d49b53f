//! What the environment says; docs/CONFIGURATION.md explains each variable.

use std::time::Duration;

use darkroom_aws::links::LinkSettings;
use darkroom_aws::queue::QueueUrls;
use darkroom_core::address::Reach;
use darkroom_core::settings::{SettingFaults, read_settings};
use darkroom_core::storage::Region;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The settings of the api function.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) table: String,
    pub(crate) bucket: String,
    pub(crate) queues: QueueUrls,
    pub(crate) render_function: String,
    pub(crate) links: LinkSettings,
    pub(crate) public_url: Option<String>,
    pub(crate) reach: Reach,
    pub(crate) region: Region,
    pub(crate) cache_with_webhooks: bool,
}

impl Config {
    #[expect(clippy::disallowed_methods, reason = "this is config.rs")]
    pub(crate) fn from_environment() -> Result<Self, SettingFaults> {
        Self::read(&|name| std::env::var(name).ok())
    }

    fn read(variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, SettingFaults> {
        read_settings(variable, |settings| {
            let bucket = settings.text("BUCKET_NAME");
            Self {
                table: settings.text("TABLE_NAME"),
                queues: QueueUrls {
                    captures: Some(settings.text("CAPTURES_QUEUE_URL")),
                    results: Some(settings.text("RESULTS_QUEUE_URL")),
                    watchdog: Some(settings.text("WATCHDOG_QUEUE_URL")),
                },
                render_function: settings.text("RENDER_NOW_FUNCTION"),
                links: LinkSettings {
                    bucket: bucket.clone(),
                    secret_arn: settings.text("SIGNER_SECRET_ARN"),
                    life: settings.number("RESULT_URL_DAYS", 1..=7) * DAY,
                    results_kept_for: settings.number("RESULT_RETENTION_DAYS", 1..=3650) * DAY,
                },
                public_url: settings.optional("PUBLIC_URL"),
                reach: settings.reach(),
                region: settings.region(),
                cache_with_webhooks: settings.truth("CACHE_WITH_WEBHOOKS"),
                bucket,
            }
        })
    }
}
