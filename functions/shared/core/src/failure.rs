//! Why a job failed: the closed list that a job stores and each dialect maps to
//! its own codes.

use std::fmt;

/// What went wrong with a capture. The names are stored: never rename one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum FailureKind {
    /// The page wasn't ready within the job's `timeout`.
    Timeout,
    /// The page's host name has no address.
    NameNotResolved,
    /// The page's host couldn't be reached, or broke the connection or TLS.
    Network,
    /// The page (or what it redirected to) lies at an address that must not be reached.
    ForbiddenAddress,
    /// The page's host answered with an HTTP status of 400 or above.
    HostError,
    /// The address leads to something that is no page, such as a download.
    NotAPage,
    /// An option that only a browser can judge is wrong, such as a malformed
    /// selector.
    InvalidOption,
    /// The picture would be larger than the engine can draw.
    TooLarge,
    /// The page has no element that the capture can't do without.
    SelectorNotFound,
    /// The page shows a text that it must not show.
    ContentContains,
    /// The page doesn't show a text that it must show.
    ContentMissing,
    /// A request of the page failed that must not fail.
    RequestFailed,
    /// The page killed its renderer, at every try.
    PageCrashed,
    /// The customer's own storage didn't let the result in.
    StorageDenied,
    /// The customer's own storage isn't as the request says.
    StorageInvalid,
    /// The customer's own storage couldn't be reached, or failed, at every try.
    StorageUnavailable,
    /// The job waited past its `expires_at` without being rendered.
    Expired,
    /// The result couldn't be stored.
    Storage,
    /// The browser broke through no fault of the page.
    Browser,
    /// Every worker that claimed the job died.
    WorkersLost,
    /// A fault of Darkroom itself.
    Internal,
}

impl FailureKind {
    /// Every kind, in the order of declaration.
    pub const ALL: [Self; 21] = [
        Self::Timeout,
        Self::NameNotResolved,
        Self::Network,
        Self::ForbiddenAddress,
        Self::HostError,
        Self::NotAPage,
        Self::InvalidOption,
        Self::TooLarge,
        Self::SelectorNotFound,
        Self::ContentContains,
        Self::ContentMissing,
        Self::RequestFailed,
        Self::PageCrashed,
        Self::StorageDenied,
        Self::StorageInvalid,
        Self::StorageUnavailable,
        Self::Expired,
        Self::Storage,
        Self::Browser,
        Self::WorkersLost,
        Self::Internal,
    ];

    /// Who is to blame, which decides about retries and money.
    #[must_use]
    pub const fn blame(self) -> Blame {
        match self {
            Self::Timeout
            | Self::NameNotResolved
            | Self::Network
            | Self::ForbiddenAddress
            | Self::HostError
            | Self::NotAPage
            | Self::InvalidOption
            | Self::TooLarge
            | Self::SelectorNotFound
            | Self::ContentContains
            | Self::ContentMissing
            | Self::RequestFailed
            | Self::PageCrashed
            | Self::StorageDenied
            | Self::StorageInvalid
            | Self::StorageUnavailable => Blame::Request,
            Self::Expired | Self::Storage | Self::Browser | Self::WorkersLost | Self::Internal => {
                Blame::Darkroom
            }
        }
    }

    /// The stable name, as stored and logged.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::NameNotResolved => "name_not_resolved",
            Self::Network => "network",
            Self::ForbiddenAddress => "forbidden_address",
            Self::HostError => "host_error",
            Self::NotAPage => "not_a_page",
            Self::InvalidOption => "invalid_option",
            Self::TooLarge => "too_large",
            Self::SelectorNotFound => "selector_not_found",
            Self::ContentContains => "content_contains",
            Self::ContentMissing => "content_missing",
            Self::RequestFailed => "request_failed",
            Self::PageCrashed => "page_crashed",
            Self::StorageDenied => "storage_denied",
            Self::StorageInvalid => "storage_invalid",
            Self::StorageUnavailable => "storage_unavailable",
            Self::Expired => "expired",
            Self::Storage => "storage",
            Self::Browser => "browser",
            Self::WorkersLost => "workers_lost",
            Self::Internal => "internal",
        }
    }

    /// The kind with this stable name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Whose fault a failure is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Blame {
    /// That of what was asked for: the page, its host, or the storage that the result was to be put
    /// into. Never retried.
    Request,
    /// Ours: retried while claims are left, and never charged.
    Darkroom,
}

/// A failure as a job stores it and clients read it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure {
    /// What went wrong.
    pub kind: FailureKind,
    /// One sentence for the client: what failed, why, and how to mend it. Holds
    /// no address inside our network and no text taken from the page.
    pub message: String,
}

impl Failure {
    /// A failure with a message of its own.
    #[must_use]
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    /// A failure with the usual message of its kind.
    #[must_use]
    pub fn plain(kind: FailureKind) -> Self {
        Self::new(kind, usual_message(kind))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.name(), self.message)
    }
}

const fn usual_message(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::Timeout => "Operation timed out",
        FailureKind::NameNotResolved => "The page's host name could not be resolved",
        FailureKind::Network => "The page's host could not be reached",
        FailureKind::ForbiddenAddress => "The page lies at an address that is not allowed",
        FailureKind::HostError => "The page's host answered with an error status",
        FailureKind::NotAPage => {
            "The address leads to a download or to an answer without content, not to a page"
        }
        FailureKind::InvalidOption => "An option could not be used on the page",
        FailureKind::TooLarge => "The picture would be too large to draw",
        FailureKind::SelectorNotFound => "The page has no element that matches a selector",
        FailureKind::ContentContains => "The page shows a text that it must not show",
        FailureKind::ContentMissing => "The page doesn't show a text that it must show",
        FailureKind::RequestFailed => "A request of the page failed that must not fail",
        FailureKind::PageCrashed => "The page crashed its renderer",
        FailureKind::StorageDenied => "Your own storage didn't let the result in",
        FailureKind::StorageInvalid => "Your own storage isn't as the request says",
        FailureKind::StorageUnavailable => {
            "Your own storage could not be reached, or failed; the capture can be sent again"
        }
        FailureKind::Expired => "The job expired before it could be rendered",
        FailureKind::Storage => "The result could not be stored",
        FailureKind::Browser => "The browser failed; the capture can be sent again",
        FailureKind::WorkersLost => "Every worker that took the job was lost",
        FailureKind::Internal => "An internal error occurred; the capture can be sent again",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_found_again_by_its_stored_name() {
        for kind in FailureKind::ALL {
            assert_eq!(FailureKind::from_name(kind.name()), Some(kind));
        }
        assert_eq!(FailureKind::from_name("nonsense"), None);
    }

    #[test]
    fn the_usual_message_of_each_kind_is_a_sentence_of_its_own() {
        let all = FailureKind::ALL.map(|kind| Failure::plain(kind).to_string());
        for (kind, text) in FailureKind::ALL.into_iter().zip(&all) {
            let message = text.strip_prefix(&format!("{}: ", kind.name())).unwrap();
            assert!(message.starts_with(char::is_uppercase) && message.contains(' '), "{text}");
        }
        let different: std::collections::HashSet<_> = all.iter().collect();
        assert_eq!(different.len(), all.len());
    }
}
