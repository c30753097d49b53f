//! What went wrong, in core's words. Decided by the protocol's own signs and
//! Chromium's network error names, which are stable, never by free text.

use std::time::Duration;

use darkroom_core::capture::LifecycleEvent;
use darkroom_core::failure::{Failure, FailureKind};

use crate::connection::CallError;

/// How long the news of a cause may come after its effect: a crash or a new
/// document after the refusal of what was going on in the old one. Some
/// milliseconds are usual; a machine with more to do than it can takes longer.
pub(crate) const NEWS_DELAY: Duration = Duration::from_secs(1);

/// Network errors that no page's host causes: the machine, the browser's own
/// network service or the proxy before it is to blame (Chromium's
/// `net_error_list.h`).
const OURS: &[&str] = &[
    "ERR_CONTEXT_SHUT_DOWN",
    "ERR_INSUFFICIENT_RESOURCES",
    "ERR_INTERNET_DISCONNECTED",
    "ERR_MANDATORY_PROXY_CONFIGURATION_FAILED",
    "ERR_NETWORK_ACCESS_DENIED",
    "ERR_NETWORK_ACCESS_REVOKED",
    "ERR_NETWORK_CHANGED",
    "ERR_NETWORK_IO_SUSPENDED",
    "ERR_NO_BUFFER_SPACE",
    "ERR_NO_SUPPORTED_PROXIES",
    "ERR_OUT_OF_MEMORY",
    "ERR_PROXY_CONNECTION_FAILED",
];

/// What a capture is waiting for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Stage {
    /// The browser, before the page was told where to go.
    Opening,
    /// The document's first bytes.
    Answer,
    /// The document that came with the request, to be read.
    Document,
    /// An event of the document.
    Event(LifecycleEvent),
    /// What the page is rid of.
    Cleaning,
    /// What the capture does to the page.
    Changing,
    /// The capture's own scripts, and where they lead.
    Running,
    /// Fonts and images.
    Arriving,
    /// Frames with fonts and images.
    Settling,
    /// An element.
    Selector,
    /// A function that is to come true.
    Function,
    /// The rest that was asked for.
    Delay,
    /// Content that loads when it comes into view.
    Revealing,
    /// The picture.
    Drawing,
    /// The rest of a large file.
    Reading,
    /// What the picture is made into.
    Developing,
}

impl Stage {
    const fn words(self) -> &'static str {
        match self {
            Self::Opening => "while the browser was made ready",
            Self::Answer => "while waiting for the page's host to answer",
            Self::Document => "while the document was read",
            Self::Event(LifecycleEvent::DomContentLoaded) => {
                "while waiting for the page's DOMContentLoaded event"
            }
            Self::Event(LifecycleEvent::Load) => "while waiting for the page's load event",
            Self::Event(LifecycleEvent::NetworkAlmostIdle | LifecycleEvent::NetworkIdle) => {
                "while waiting for the page's network to fall idle"
            }
            Self::Cleaning => "while the page was rid of what is blocked",
            Self::Changing | Self::Running => "while the page was changed as the capture asked",
            Self::Arriving | Self::Settling => "while the page's fonts and images were settling",
            Self::Selector => "while waiting for an element that matches the selector",
            Self::Function => "while waiting for the function to come true",
            Self::Delay => "during the delay that was asked for",
            Self::Revealing => "while the page was scrolled through",
            Self::Drawing => "while the picture was drawn",
            Self::Reading => "while the file was read and stored",
            Self::Developing => "while the picture's file was made",
        }
    }
}

/// The deadline came during this.
pub(crate) fn timed_out(stage: Stage) -> Failure {
    if stage == Stage::Opening {
        return Failure::plain(FailureKind::Browser);
    }
    let message = format!("Operation timed out {}", stage.words());
    Failure::new(FailureKind::Timeout, message)
}

/// The page's processes took more than this.
pub(crate) fn too_greedy(limit_mib: u64) -> Failure {
    let message =
        format!("The page needs more memory than there is for one capture ({limit_mib} MiB)");
    Failure::new(FailureKind::PageCrashed, message)
}

/// The host hasn't begun its answer within this time.
pub(crate) fn unanswered(limit: Duration) -> Failure {
    let message = format!("The page's host did not answer within {} s", limit.as_secs_f64());
    Failure::new(FailureKind::Timeout, message)
}

/// A command had no result. The caller looks for a better reason first.
pub(crate) fn of_call(fault: &CallError) -> Failure {
    tracing::warn!(%fault, "a command of the capture failed");
    Failure::plain(FailureKind::Browser)
}

/// A piece of work of ours broke off.
pub(crate) fn broken(fault: &tokio::task::JoinError) -> Failure {
    tracing::error!(%fault, "a piece of work broke");
    Failure::plain(FailureKind::Internal)
}

/// A navigation ended with this network error (`net::ERR_…`).
pub(crate) fn of_navigation(error: &str) -> Failure {
    let name = error.strip_prefix("net::").unwrap_or_default();
    match name {
        "ERR_NAME_NOT_RESOLVED" => Failure::plain(FailureKind::NameNotResolved),
        // A download that was denied, or an answer without content.
        "ERR_ABORTED" => Failure::plain(FailureKind::NotAPage),
        _ if OURS.contains(&name) => {
            tracing::warn!(error = name, "a navigation failed for want of something of ours");
            Failure::plain(FailureKind::Browser)
        }
        _ if is_error_name(name) => Failure::new(
            FailureKind::Network,
            format!("The page's host could not be reached ({name})"),
        ),
        _ => Failure::plain(FailureKind::Network),
    }
}

/// The host answered with this HTTP status.
pub(crate) fn of_status(status: u64) -> Failure {
    Failure::new(
        FailureKind::HostError,
        format!("The page's host answered with HTTP status {status}"),
    )
}

/// Whether it is safe to show: a name of Chromium's and nothing else.
fn is_error_name(name: &str) -> bool {
    name.starts_with("ERR_")
        && name
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn network_errors_are_told_by_their_names() {
        let cases = [
            (
                "net::ERR_NAME_NOT_RESOLVED",
                "name_not_resolved: The page's host name could not be resolved",
            ),
            (
                "net::ERR_ABORTED",
                "not_a_page: The address leads to a download or to an answer without content, not \
                 to a page",
            ),
            (
                "net::ERR_CONNECTION_REFUSED",
                "network: The page's host could not be reached (ERR_CONNECTION_REFUSED)",
            ),
            ("net::ERR_ http://10.0.0.1/", "network: The page's host could not be reached"),
            ("odd", "network: The page's host could not be reached"),
        ];
        for (error, expected) in cases {
            assert_eq!(of_navigation(error).to_string(), expected);
        }
    }

    #[test]
    fn what_is_ours_is_not_blamed_on_the_page() {
        let theirs = [
            "ERR_TUNNEL_CONNECTION_FAILED",
            "ERR_CONNECTION_RESET",
            "ERR_EMPTY_RESPONSE",
            "ERR_CERT_DATE_INVALID",
            "ERR_TOO_MANY_REDIRECTS",
            "ERR_UNKNOWN_URL_SCHEME",
        ];
        let ours = OURS.iter().map(|name| (name, FailureKind::Browser));
        let theirs = theirs.iter().map(|name| (name, FailureKind::Network));
        for (name, expected) in ours.chain(theirs) {
            assert_eq!(of_navigation(&format!("net::{name}")).kind, expected, "{name}");
        }
    }
}
