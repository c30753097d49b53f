//! A capture of a page of our own, asked for only to see its webhook arrive.

use darkroom_core::account::ExternalIdentifier;
use darkroom_core::capture::{CaptureSpec, Effort, Encoding, Output, Source, Timeout, Viewport};
use darkroom_core::job::{Announce, Callback, Dialect, Signed};
use darkroom_core::url::CallbackUrl;

use crate::call::{Answer, Submission};

const PAGE: &str = include_str!("test_event.html");

/// By which its receiver knows it.
const IDENTIFIER: &str = "test-event";

/// The capture of which `dialect` tells `url`.
pub(crate) fn submission(dialect: Dialect, url: CallbackUrl) -> Submission {
    let source = Source::Html(PAGE.to_owned());
    let output = Output::image(Encoding::Png(Effort::Fast));
    Submission {
        dialect,
        answer: Answer::Accepted,
        spec: CaptureSpec::plain(source, output, Viewport::desktop(640, 360)),
        timeout: Timeout::DEFAULT,
        callback: Some(Callback { url, sign: Signed::Yes, errors: Announce::Everything }),
        external_identifier: ExternalIdentifier::parse(IDENTIFIER),
        idempotency: None,
        caching: None,
        storage: None,
    }
}
