//! What makes a capture fail although its page could be drawn.

use super::{Row, colour, option};

const DENIED: &str = "<body bgcolor=lime><p>Access denied";

pub(crate) const ROWS: &[Row] = &[
    option("fail_if_content_contains=access denied").on(DENIED).turns(
        colour,
        "lime",
        "content_contains: The page shows “access denied”, which it must not show",
    ),
    option("fail_if_content_missing=welcome").on(DENIED).turns(
        colour,
        "lime",
        "content_missing: The page doesn't show “welcome”, which it must show",
    ),
    option("fail_if_request_failed=*/missing")
        .on("<body bgcolor=lime><script src=/missing></script>")
        .turns(colour, "lime", REQUEST_FAILED),
    option("ignore_host_errors=true").at("/missing").on("<body bgcolor=lime>").turns(
        colour,
        "host_error: The page's host answered with HTTP status 404",
        "lime",
    ),
];

const REQUEST_FAILED: &str =
    "request_failed: A request failed whose address fits “*/missing”, which must not fail";
