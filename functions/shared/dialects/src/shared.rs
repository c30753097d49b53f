//! What answers tell of the part that the cache had in them: HTTP's own headers, `Age` (RFC 9111
//! §5.1) and `Cache-Status` (RFC 9211), and in each dialect the link to what is kept.

use std::time::Duration;

use darkroom_core::job::{Dialect, Job};
use http::header::AGE;
use http::{HeaderName, Response};

use crate::{answer, nodium, screennabster};

const CACHE_STATUS: HeaderName = HeaderName::from_static("cache-status");

/// The part that the cache had in an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shared {
    /// Where the result is from.
    pub way: Way,
    /// How old it is.
    pub age: Duration,
    /// How old it may be.
    pub fresh_for: Duration,
}

/// Where a result is from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    /// It was made for this request, and is kept for others.
    Made,
    /// So it was, because what was kept is too old.
    Renewed,
    /// Another request for the same was under way.
    Joined,
    /// It was there.
    Kept,
}

impl Shared {
    /// Whether the result is another request's, and costs this one nothing.
    #[must_use]
    pub const fn is_free(self) -> bool {
        match self.way {
            Way::Joined | Way::Kept => true,
            Way::Made | Way::Renewed => false,
        }
    }

    fn cache_status(self) -> String {
        match self.way {
            Way::Made => "Darkroom; fwd=miss; stored".to_owned(),
            Way::Renewed => "Darkroom; fwd=stale; stored".to_owned(),
            Way::Joined => "Darkroom; fwd=miss; collapsed".to_owned(),
            Way::Kept => {
                let (age, fresh_for) = (self.age.as_secs(), self.fresh_for.as_secs());
                let sign = if age > fresh_for { "-" } else { "" };
                format!("Darkroom; hit; ttl={sign}{}", fresh_for.abs_diff(age))
            }
        }
    }
}

/// The answer with what the cache has to do with it, and the link to what is kept, if there is one.
pub(crate) fn noted<T>(
    response: Response<T>,
    job: &Job,
    shared: Shared,
    url: Option<&str>,
) -> Response<T> {
    let url_header = match job.order.dialect {
        Dialect::Nodium => nodium::CACHE_URL,
        Dialect::ScreenNabster => screennabster::CACHE_URL,
    };
    let age = (shared.way == Way::Kept).then(|| (AGE, shared.age.as_secs().to_string()));
    let url = url.map(|url| (HeaderName::from_static(url_header), url.to_owned()));
    let status = Some((CACHE_STATUS, shared.cache_status()));
    [age, url, status]
        .into_iter()
        .flatten()
        .fold(response, |response, (name, value)| answer::with_header(response, name, &value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_is_told_of_in_the_words_of_rfc_9211() {
        let told = |way, age| {
            let (age, fresh_for) = (Duration::from_secs(age), Duration::from_secs(10));
            Shared { way, age, fresh_for }.cache_status()
        };
        assert_eq!(told(Way::Made, 0), "Darkroom; fwd=miss; stored");
        assert_eq!(told(Way::Renewed, 0), "Darkroom; fwd=stale; stored");
        assert_eq!(told(Way::Joined, 0), "Darkroom; fwd=miss; collapsed");
        assert_eq!(told(Way::Kept, 3), "Darkroom; hit; ttl=7");
        assert_eq!(told(Way::Kept, 10), "Darkroom; hit; ttl=0");
        assert_eq!(told(Way::Kept, 13), "Darkroom; hit; ttl=-3");
    }
}
