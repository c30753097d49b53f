//! Why connections weren't made.

use std::collections::VecDeque;

use url::Url;

/// As many refusals are remembered. A capture asks about its own page's host,
/// moments after that was refused.
const MAX_REMEMBERED: usize = 256;

/// Why a connection wasn't made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// The URL or one of its addresses must not be reached.
    Forbidden,
    /// The host's name has no address.
    Unresolved,
    /// No connection could be made, or what answered spoke no HTTP.
    Unreachable,
}

impl Verdict {
    /// The value of [`VERDICT_HEADER`](super::VERDICT_HEADER).
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Forbidden => "forbidden",
            Self::Unresolved => "unresolved",
            Self::Unreachable => "unreachable",
        }
    }
}

/// The last refusals, each host and port once, the newest at the back.
#[derive(Debug, Default)]
pub(super) struct Refusals(VecDeque<Refused>);

#[derive(Debug)]
struct Refused {
    host: String,
    port: u16,
    verdict: Verdict,
}

impl Refusals {
    /// Notes how a connection to this URL's host and port went; a made one
    /// removes what was noted before.
    pub(super) fn record(&mut self, url: &Url, verdict: Option<&Verdict>) {
        let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
            return;
        };
        self.0.retain(|refused| !refused.is(host, port));
        if let Some(&verdict) = verdict {
            self.0.push_back(Refused { host: host.to_owned(), port, verdict });
        }
        if self.0.len() > MAX_REMEMBERED {
            self.0.pop_front();
        }
    }

    /// What was noted last.
    pub(super) fn of(&self, host: &str, port: u16) -> Option<Verdict> {
        let refused = self.0.iter().find(|refused| refused.is(host, port))?;
        Some(refused.verdict)
    }
}

impl Refused {
    fn is(&self, host: &str, port: u16) -> bool {
        self.port == port && self.host == host
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn a_made_connection_clears_the_refusal_before_it() {
        let mut refusals = Refusals::default();
        refusals.record(&url("https://a.test/x"), Some(&Verdict::Unresolved));
        refusals.record(&url("https://a.test/y"), Some(&Verdict::Unreachable));
        assert_eq!(refusals.of("a.test", 443), Some(Verdict::Unreachable));
        assert_eq!(refusals.of("a.test", 80), None);
        refusals.record(&url("https://a.test/"), None);
        assert_eq!(refusals.of("a.test", 443), None);
    }

    #[test]
    fn the_oldest_refusals_are_forgotten() {
        let mut refusals = Refusals::default();
        for number in 0..=MAX_REMEMBERED {
            let url = url(&format!("http://h{number}.test/"));
            refusals.record(&url, Some(&Verdict::Forbidden));
        }
        assert_eq!(refusals.0.len(), MAX_REMEMBERED);
        assert_eq!(refusals.of("h0.test", 80), None);
        assert_eq!(refusals.of("h1.test", 80), Some(Verdict::Forbidden));
    }
}
