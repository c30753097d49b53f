//! What is told of a page beside what was made of it.

use crate::verdict::Verdict;

/// What is told of a page beside what was made of it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Report {
    /// What was seen of it.
    pub verdict: Verdict,
    /// The HTTP status of the document that was drawn; none of one that came with the request.
    pub status: Option<u16>,
    /// What was asked for, at most one of each kind.
    pub metadata: Vec<Datum>,
}

/// One thing that was asked about a page. The texts of a page are cut to what a job's
/// record can hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Datum {
    /// The size of the picture; none of what has no pixels.
    ImageSize(Option<PixelSize>),
    /// The fonts that its elements ask for, each list of families once.
    Fonts(Vec<FontStack>),
    /// Its title.
    PageTitle(String),
    /// Its Open Graph properties in their order, without the `og:`.
    OpenGraph(Vec<Property>),
    /// Its icon, if it has one.
    Icon(Option<Icon>),
    /// The status of its host's answer, as [`Report::status`] has it.
    StatusCode,
    /// The headers of its host's answer, names in lower case.
    Headers(Vec<Property>),
    /// What was seen of it, as [`Report::verdict`] has it.
    Verdict,
}

/// A size in pixels.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct PixelSize {
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
}

/// A list of font families, and which elements show text by it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FontStack {
    /// The family that is wanted.
    pub first: String,
    /// Those that do instead.
    pub fallback: Vec<String>,
    /// Names of elements.
    pub elements: Vec<String>,
}

/// A name and what it stands for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Property {
    /// The name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// The icon of a page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Icon {
    /// Where it lies.
    pub url: String,
    /// Its media type, if the page tells it.
    pub media_type: Option<String>,
}

/// The most bytes that the texts of one datum have together: those of every kind have
/// room in a job's record.
const MOST_BYTES: usize = 4_000;

/// The first of these, as many as may be told of one kind.
#[must_use]
pub fn that_fit<T>(all: Vec<T>, bytes: impl Fn(&T) -> usize) -> Vec<T> {
    let mut left = MOST_BYTES;
    let mut fits = |one: &T| {
        let rest = left.checked_sub(bytes(one));
        left = rest.unwrap_or(0);
        rest.is_some()
    };
    all.into_iter().take_while(|one| fits(one)).collect()
}

impl FontStack {
    /// How long its texts are.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let names = self.fallback.iter().chain(&self.elements);
        self.first.len() + names.map(String::len).sum::<usize>()
    }
}

impl Property {
    /// How long its texts are.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.name.len() + self.value.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_of_one_kind_ends_before_it_is_too_long() {
        let long = |bytes| Property { name: String::from("a"), value: "x".repeat(bytes) };
        let told = |bytes: &[usize]| {
            that_fit(bytes.iter().map(|&it| long(it)).collect(), Property::bytes).len()
        };
        assert_eq!(told(&[]), 0);
        assert_eq!(told(&[1_999, 1_999]), 2);
        assert_eq!(told(&[1_999, 2_000, 1]), 1);
        let families = || vec![String::from("abc"), String::from("de")];
        let stack = FontStack {
            first: String::from("f"),
            fallback: families(),
            elements: vec![String::from("p")],
        };
        assert_eq!(stack.bytes(), 7);
    }
}
