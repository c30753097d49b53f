//! ScreenNabster's API, by its seed «Async jobs and webhooks» and, where that is
//! silent, by its public docs.

pub(crate) mod bulk;
pub(crate) mod error;
pub(crate) mod reply;
pub(crate) mod request;
pub(crate) mod usage;
pub(crate) mod webhook;

pub(crate) const CACHE_URL: &str = "x-screennabster-cache-url";
