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

/// The most bytes that one datum has in a job's record, where those of every kind have room.
const MOST_BYTES: usize = 4_000;

/// What an entry has there beside its texts.
const ENTRY_BYTES: usize = 48;

/// Of these those that may be told of one kind; what is too long is left out.
#[must_use]
pub fn that_fit<T>(all: Vec<T>, bytes: impl Fn(&T) -> usize) -> Vec<T> {
    let mut left = MOST_BYTES;
    let mut fits = |one: &T| {
        let rest = left.checked_sub(ENTRY_BYTES + bytes(one));
        left = rest.unwrap_or(left);
        rest.is_some()
    };
    all.into_iter().filter(|one| fits(one)).collect()
}

impl FontStack {
    /// How long its texts are where they are stored.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let names = self.fallback.iter().chain(&self.elements);
        stored(&self.first) + names.map(|name| stored(name) + 3).sum::<usize>()
    }
}

impl Property {
    /// How long its texts are where they are stored.
    #[must_use]
    pub fn bytes(&self) -> usize {
        stored(&self.name) + stored(&self.value)
    }
}

/// A control character is stored in six signs, a quotation mark in two.
fn stored(text: &str) -> usize {
    let one = |letter: char| match letter {
        '"' | '\\' => 2,
        control if control.is_control() => 6,
        other => other.len_utf8(),
    };
    text.chars().map(one).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_of_one_kind_is_never_too_long() {
        let long = |bytes| Property { name: String::from("a"), value: "x".repeat(bytes) };
        let told = |bytes: &[usize]| {
            let all = that_fit(bytes.iter().map(|&it| long(it)).collect(), Property::bytes);
            all.iter().map(|it| it.value.len()).collect::<Vec<_>>()
        };
        assert_eq!(told(&[]), []);
        assert_eq!(told(&[1_951, 1_951]), [1_951, 1_951]);
        assert_eq!(told(&[1_951, 1_952, 1]), [1_951, 1]);
        assert_eq!(told(&[5_000, 3]), [3]);
        assert_eq!(told(&[0; 1_000]).len(), 81);
    }

    #[test]
    fn texts_count_as_they_are_stored() {
        let property = |value: &str| Property { name: String::new(), value: value.to_owned() };
        for (text, bytes) in [("", 0), ("ab", 2), ("ü", 2), ("\"\\", 4), ("\u{1}\n", 12)] {
            assert_eq!(property(text).bytes(), bytes, "{text:?}");
        }
        let families = || vec![String::from("abc"), String::from("de")];
        let first = String::from("f");
        let stack = FontStack { first, fallback: families(), elements: vec![String::from("p")] };
        assert_eq!(stack.bytes(), 16);
    }
}
