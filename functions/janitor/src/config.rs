//! What the environment says; docs/CONFIGURATION.md explains each variable.

use darkroom_core::settings::{SettingFaults, read_settings};

/// The settings of the janitor function.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) table: String,
    pub(crate) bucket: String,
    pub(crate) captures_queue: String,
    pub(crate) captures_dead_letters: String,
    pub(crate) results_queue: String,
    pub(crate) watchdog_queue: String,
}

impl Config {
    #[expect(clippy::disallowed_methods, reason = "this is config.rs")]
    pub(crate) fn from_environment() -> Result<Self, SettingFaults> {
        Self::read(&|name| std::env::var(name).ok())
    }

    fn read(variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, SettingFaults> {
        read_settings(variable, |settings| Self {
            table: settings.text("TABLE_NAME"),
            bucket: settings.text("BUCKET_NAME"),
            captures_queue: settings.text("CAPTURES_QUEUE_URL"),
            captures_dead_letters: settings.text("CAPTURES_DLQ_URL"),
            results_queue: settings.text("RESULTS_QUEUE_URL"),
            watchdog_queue: settings.text("WATCHDOG_QUEUE_URL"),
        })
    }
}
