//! What is told of the page beside what is made of it.

use std::collections::BTreeSet;

use super::output::Markup;

/// What is told of the page beside what is made of it.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Inquiry {
    /// What is told with the result.
    pub facts: BTreeSet<Fact>,
    /// How a further file writes down what the page says, if one does.
    pub content: Option<Markup>,
    /// Further files about how the page came.
    pub records: BTreeSet<Record>,
}

/// Something that is told with a result.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Fact {
    /// The size of the picture.
    ImageSize,
    /// The families of fonts that the page asks for.
    Fonts,
    /// The page's title.
    PageTitle,
    /// Its properties by the Open Graph protocol.
    OpenGraph,
    /// Its icon.
    Icon,
    /// The status of its host's answer.
    StatusCode,
    /// The headers of its host's answer.
    Headers,
    /// What was seen of it.
    Verdict,
}

/// A further file about how the page came.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Record {
    /// Every request and answer, as an HTTP Archive.
    Har,
    /// What the page's scripts and the browser wrote to its console.
    Console,
    /// When what came, as a drawing.
    Waterfall,
}

impl Inquiry {
    /// Whether requests are followed from the start.
    #[must_use]
    pub fn follows_requests(&self) -> bool {
        !self.records.is_empty() || self.facts.contains(&Fact::Headers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_followed_for_headers_and_records_alone() {
        let of = |fact| Inquiry { facts: BTreeSet::from([fact]), ..Inquiry::default() };
        assert!(of(Fact::Headers).follows_requests());
        assert!(!of(Fact::StatusCode).follows_requests());
        let content = Some(Markup::Html);
        assert!(!Inquiry { content, ..Inquiry::default() }.follows_requests());
        let records = BTreeSet::from([Record::Console]);
        assert!(Inquiry { records, ..Inquiry::default() }.follows_requests());
    }
}
