//! What the environment says; docs/CONFIGURATION.md explains each variable.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use darkroom_aws::links::LinkSettings;
use darkroom_core::address::Reach;
use darkroom_core::settings::{SettingFaults, read_settings};

/// A third capture would share the processors of the first two (template.yaml).
const MOST_AT_ONCE: NonZeroUsize = NonZeroUsize::MIN.saturating_add(1);

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The settings of the render function.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) table: String,
    pub(crate) bucket: String,
    pub(crate) captures_queue: String,
    pub(crate) results_queue: String,
    pub(crate) links: LinkSettings,
    pub(crate) chromium: PathBuf,
    pub(crate) memory_mib: u32,
    pub(crate) captures_at_once: NonZeroUsize,
    pub(crate) reach: Reach,
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
                captures_queue: settings.text("CAPTURES_QUEUE_URL"),
                results_queue: settings.text("RESULTS_QUEUE_URL"),
                links: LinkSettings {
                    bucket: bucket.clone(),
                    secret_arn: settings.text("SIGNER_SECRET_ARN"),
                    life: settings.number("RESULT_URL_DAYS", 1..=7) * DAY,
                    results_kept_for: settings.number("RESULT_RETENTION_DAYS", 1..=3650) * DAY,
                },
                chromium: settings.text("CHROMIUM_PATH").into(),
                memory_mib: settings.number("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", 128..=10_240),
                captures_at_once: settings
                    .number("CAPTURES_AT_ONCE", NonZeroUsize::MIN..=MOST_AT_ONCE),
                reach: settings.reach(),
                bucket,
            }
        })
    }
}
