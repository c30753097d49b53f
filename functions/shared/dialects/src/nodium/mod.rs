//! Nodium's API, by its seed «Async Mode & Webhooks» and, where that is silent,
//! by its public docs and ScreenshotOne, whose option names it uses.

pub(crate) mod bulk;
pub(crate) mod error;
pub(crate) mod reply;
pub(crate) mod request;
pub(crate) mod usage;
pub(crate) mod webhook;

const REFERENCE: &str = "x-nodium-reference";
const TRACE_ID: &str = "x-nodium-trace-id";
pub(crate) const CACHE_URL: &str = "x-nodium-cache-url";
/// What the names of headers about a page begin with.
const PREFIX: &str = "x-nodium-";
const ERROR_CODE: &str = "x-nodium-error-code";
