//! What makes a capture fail although the page could be drawn.

use super::weigh;

/// What makes a capture fail although the page could be drawn.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct FailRules {
    /// What a page comes to whose host answers 400 or above.
    pub host_errors: HostErrors,
    /// Texts of which the page must show none.
    pub content_contains: Vec<String>,
    /// Texts of which the page must show every one.
    pub content_missing: Vec<String>,
    /// Addresses of which no request of the page or its frames may fail, be
    /// answered with a status of 400 or above, or be blocked by the page's policy. What
    /// the page gives up itself doesn't count, nor what the capture blocks, nor its
    /// document, which `host_errors` judges.
    pub request_failed: Vec<UrlPattern>,
}

impl FailRules {
    pub(super) fn weight_bytes(&self) -> usize {
        weigh(&self.content_contains)
            + weigh(&self.content_missing)
            + weigh(self.request_failed.iter().map(UrlPattern::text))
    }
}

/// What a page with an HTTP status of 400 or above comes to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum HostErrors {
    /// The capture fails.
    #[default]
    Fail,
    /// The error page is drawn like any other.
    Draw,
}

/// A pattern of addresses, in which `*` stands for any characters. It must fit a
/// whole address.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct UrlPattern(String);

impl UrlPattern {
    /// A pattern; none without text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        (!text.trim().is_empty()).then(|| Self(text.trim().to_owned()))
    }

    /// As it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) const fn text(&self) -> &String {
        &self.0
    }

    /// Whether this address fits.
    #[must_use]
    pub fn fits(&self, url: &str) -> bool {
        let mut parts = self.0.split('*');
        let Some(mut rest) = parts.next().and_then(|first| url.strip_prefix(first)) else {
            return false;
        };
        let mut parts = parts.peekable();
        if parts.peek().is_none() {
            return rest.is_empty();
        }
        while let Some(part) = parts.next() {
            if parts.peek().is_none() {
                return rest.ends_with(part);
            }
            match rest.split_once(part) {
                Some((_, after)) => rest = after,
                None => return false,
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_characters() {
        let cases = [
            ("https://e.com/a.js", "https://e.com/a.js", true),
            ("https://e.com/a.js", "https://e.com/a.js?1", false),
            ("https://e.com/*", "https://e.com/", true),
            ("https://e.com/*", "https://e.org/", false),
            ("*.js", "https://e.com/a.js", true),
            ("*.js", "https://e.com/a.css", false),
            ("*e.com*a*.js", "https://e.com/xa/b.js", true),
            ("*e.com*a*.js", "https://e.com/b.js", false),
            ("*", "", true),
            ("a*a", "a", false),
            ("a**b", "ab", true),
        ];
        for (pattern, url, expected) in cases {
            let pattern = UrlPattern::parse(pattern).unwrap();
            assert_eq!(pattern.fits(url), expected, "{pattern:?} {url}");
        }
    }

    #[test]
    fn a_pattern_has_text() {
        assert_eq!(UrlPattern::parse("  "), None);
        assert_eq!(UrlPattern::parse(" *.js ").unwrap().as_str(), "*.js");
    }
}
