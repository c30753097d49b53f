//! How the words of a page are compared with phrases. Phrases are in lower case, with
//! plain quotes.

use super::Scene;

/// A phrase is looked for in so many of a page's headings and the like.
const MOST_HEADLINES: usize = 2;

/// Phrases with semicolons between: as one text they take half the room.
#[derive(Clone, Copy, Debug)]
pub(super) struct Phrases(pub(super) &'static str);

impl Phrases {
    pub(super) fn iter(self) -> impl Iterator<Item = &'static str> {
        self.0.split("; ").filter(|phrase| !phrase.is_empty())
    }

    /// The first that a text has in it.
    pub(super) fn find_in(self, text: &str) -> Option<&'static str> {
        self.iter().find(|phrase| has(text, phrase))
    }

    /// Whether one is all of a text.
    pub(super) fn contain(self, text: &str) -> bool {
        self.iter().any(|phrase| phrase == text)
    }
}

/// What a page says, as it is compared.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) title: String,
    pub(super) words: String,
    /// Its headings, what is largest, and where there are none, its first line.
    pub(super) headlines: Vec<String>,
}

impl Said {
    pub(super) fn by(scene: &Scene) -> Self {
        let mut headlines: Vec<String> =
            scene.headings.iter().take(MOST_HEADLINES).map(|heading| plain(heading)).collect();
        headlines.push(plain(&scene.largest));
        if scene.headings.is_empty() {
            headlines.extend(scene.words.lines().take(2).map(plain));
        }
        headlines.retain(|headline| !headline.is_empty());
        headlines.dedup();
        Self { title: plain(&scene.title), words: plain(&scene.words), headlines }
    }

    /// The beginning of its words.
    pub(super) fn beginning(&self, letters: usize) -> String {
        self.words.chars().take(letters).collect()
    }
}

/// In lower case, with plain quotes and single spaces.
pub(super) fn plain(text: &str) -> String {
    let lower = text.to_lowercase();
    let words: Vec<_> = lower.split_whitespace().collect();
    words.join(" ").replace(['’', '‘', '´'], "'").replace('\u{ad}', "")
}

/// Whether a text has a phrase in it, as whole words.
pub(super) fn has(text: &str, phrase: &str) -> bool {
    text.match_indices(phrase).any(|(at, _)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text.get(at + phrase.len()..).and_then(|after| after.chars().next());
        let (first, last) = (phrase.chars().next(), phrase.chars().next_back());
        !is_one_word(before, first) && !is_one_word(last, after)
    })
}

/// Whether a text begins with a phrase, as whole words.
pub(super) fn starts_with(text: &str, phrase: &str) -> bool {
    let rest = text.strip_prefix(phrase);
    rest.is_some_and(|rest| !is_one_word(phrase.chars().next_back(), rest.chars().next()))
}

/// Whether two letters next to each other are of one word. Some scripts have no spaces.
fn is_one_word(one: Option<char>, other: Option<char>) -> bool {
    let is_letter = |letter: char| {
        letter.is_alphanumeric() && letter < '\u{2e80}' && !('\u{e00}'..'\u{e80}').contains(&letter)
    };
    one.is_some_and(is_letter) && other.is_some_and(is_letter)
}

/// The parts of a headline: «404 – Page not found | Shop» has three.
pub(super) fn parts(headline: &str) -> Vec<&str> {
    let marks = [
        '|', '–', '—', '·', '•', ':', '»', '«', '›', '!', '?', '.', ',', ';', '"', '“', '”', '„',
        '(', ')', '{', '}', '[', ']', '…', '。', '、', '！', '：', '，', '（', '）', '¡', '¿',
        '\n', '❌', '⚠', '#', '_', '/',
    ];
    let is_edge = |letter: char| letter.is_whitespace() || letter == '-' || letter == '\'';
    headline
        .split(marks)
        .flat_map(|part| part.split(" - "))
        .map(|part| part.trim_matches(is_edge))
        .filter(|part| !part.is_empty())
        .collect()
}

/// At most so many letters of a text, for a detail.
pub(super) fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(most.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_are_whole_words() {
        let cases = [
            ("a page not found here", "page not found", true),
            ("homepage not found", "page not found", false),
            ("page not founded", "page not found", false),
            ("(page not found)", "page not found", true),
            ("このページが見つかりません。", "ページが見つかりません", true),
            ("4040", "404", false),
        ];
        for (text, phrase, expected) in cases {
            assert_eq!(has(text, phrase), expected, "{phrase} in {text}");
        }
    }

    #[test]
    fn headlines_have_parts() {
        assert_eq!(parts("404 – page not found | shop"), ["404", "page not found", "shop"]);
        assert_eq!(parts("oops! that page can't be found."), ["oops", "that page can't be found"]);
        assert_eq!(parts("e-mail - home"), ["e-mail", "home"]);
    }

    #[test]
    fn what_is_cut_ends_with_dots() {
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("abcd", 3), "ab…");
    }
}
