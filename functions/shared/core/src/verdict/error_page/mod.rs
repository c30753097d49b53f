//! The host tells of an error instead of showing a page.
//!
//! A page is one by what it is called: a heading or a title that is nothing but an error.
//! What a page says in passing doesn't count, nor what a long one is about.

mod phrases;

use super::words::{Phrases, has, parts};
use super::{Finding, FindingKind, Page};
use phrases::{
    ABOUT, AMBIGUOUS, CRASHES, FILLERS, HINTS, IN_TRACES, NAMES, NEUTRAL, SALES, SENTENCES, TRACES,
};

/// The most letters, beside navigation, of a page that is called an error by its heading or
/// by its title, and of one that both call so.
const BRIEF: u32 = 900;
const LONG: u32 = 2_500;

/// The most letters of one that isn't called so but says so.
const SHORT: u32 = 500;

/// The same where what it says is said by other pages too, or where it has no heading.
const SHORTER: u32 = 250;

/// The same where one word is all that tells.
const TINY: u32 = 80;

/// Whoever has more links has a page.
const FEW_LINKS: u32 = 2;

/// The most words of a title's part that may be a host's name.
const LONGEST_NAME: usize = 5;

/// The most letters of a headline; what is longer is text.
const LONGEST_HEADLINE: usize = 120;

/// Where what a page begins with ends, in letters.
const BEGINNING: usize = 160;

/// How much a headline is an error.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Named {
    Not,
    /// A status is all that it says, or a sigh: «404», «Oops!».
    Hinted,
    /// In words that other things are called too.
    Ambiguously,
    /// In words.
    Plainly,
}

pub(super) fn find(page: Page<'_>) -> Option<Finding> {
    let status = page.sight.status;
    if let Some(status) = status.filter(|&status| status >= 400) {
        return Some(Finding::new(FindingKind::ErrorPage, &format!("HTTP status {status}")));
    }
    let words = named(page).or_else(|| crashed(page)).or_else(|| said(page))?;
    let detail = match status {
        Some(status) => format!("HTTP status {status}, but the page tells of an error: “{words}”"),
        None => format!("The page tells of an error: “{words}”"),
    };
    Some(Finding::new(FindingKind::ErrorPage, &detail))
}

/// An error by what it is called.
fn named(page: Page<'_>) -> Option<String> {
    let Page { scene, said, .. } = page;
    let by_title = judge_title(&said.title);
    let headline = said.headlines.iter().max_by_key(|headline| judge(headline))?;
    let by_headline = judge(headline);
    let is_said = says_so(page, headline);
    let most = match (by_headline, by_title) {
        (Named::Plainly, Named::Plainly) => LONG,
        (Named::Plainly, Named::Ambiguously | Named::Hinted | Named::Not)
        | (Named::Ambiguously, Named::Plainly | Named::Hinted)
        | (Named::Hinted, Named::Plainly | Named::Ambiguously) => BRIEF,
        // A title alone may be a leftover, a word alone anything.
        (Named::Ambiguously, Named::Not | Named::Ambiguously) if is_said => BRIEF,
        (Named::Not, Named::Plainly | Named::Ambiguously) if is_said => SHORT,
        (Named::Ambiguously, Named::Not | Named::Ambiguously) if scene.links <= FEW_LINKS => TINY,
        (Named::Ambiguously, Named::Not | Named::Ambiguously) => return None,
        (Named::Not, _) | (Named::Hinted, Named::Hinted | Named::Not) => return None,
    };
    let name = if by_headline > Named::Hinted { headline } else { &said.title };
    let is_other = is_about_errors(page) || (is_for_sale(page) && !is_said);
    (scene.main_letters <= most && !is_other).then(|| name.clone())
}

/// Whether it says what errors say, in more words than this headline.
fn says_so(Page { said, .. }: Page<'_>, headline: &str) -> bool {
    let mut sentences = SENTENCES.iter().chain(HINTS.iter());
    sentences.any(|sentence| !headline.contains(sentence) && has(&said.words, sentence))
}

fn is_for_sale(Page { said, .. }: Page<'_>) -> bool {
    SALES.find_in(&said.words).is_some()
}

/// Whether it has sections or much to say, and speaks of errors as a thing.
fn is_about_errors(Page { scene, said, .. }: Page<'_>) -> bool {
    let is_text = scene.main_letters > SHORT || scene.headings.len() > 2;
    scene.main_letters > SHORTER && is_text && ABOUT.find_in(&said.words).is_some()
}

/// How much a title is the name of an error, beside that of its host.
fn judge_title(title: &str) -> Named {
    let mut named = Named::Not;
    for part in title.split(['|', '–', '—', '·', '•', '»', '«', '›']).flat_map(|it| it.split(" - "))
    {
        match judge(part) {
            Named::Not if part.split_whitespace().count() > LONGEST_NAME => return Named::Not,
            Named::Not => {}
            told @ (Named::Hinted | Named::Ambiguously | Named::Plainly) => named = named.max(told),
        }
    }
    named
}

/// How much this is the name of an error, and nothing else.
fn judge(headline: &str) -> Named {
    let mut named = Named::Not;
    for told in parts(headline).into_iter().filter_map(judge_part) {
        match told {
            Named::Not => return Named::Not,
            Named::Hinted | Named::Ambiguously | Named::Plainly => named = named.max(told),
        }
    }
    named
}

/// Strips what only says that it is an error: «error 404 not found» is named «not found».
/// None of what says nothing.
fn judge_part(part: &str) -> Option<Named> {
    if FILLERS.contain(part) {
        return Some(Named::Hinted);
    }
    let is_hint = |word: &&str| FILLERS.contain(word) || is_status(word);
    let is_filler = |word: &&str| NEUTRAL.contain(word) || is_hint(word);
    let words: Vec<_> = part.split(' ').collect();
    let mut rest: Vec<_> = words.iter().copied().skip_while(is_filler).collect();
    while rest.last().is_some_and(is_filler) {
        rest.pop();
    }
    let rest = rest.join(" ");
    let is_in = |names: Phrases| names.contain(part) || names.contain(&rest);
    if rest.is_empty() {
        return words.iter().any(is_hint).then_some(Named::Hinted);
    }
    Some(if is_in(NAMES) {
        Named::Plainly
    } else if is_in(AMBIGUOUS) {
        // With its status, it is nothing else.
        if words.iter().any(|word| is_status(word)) { Named::Plainly } else { Named::Ambiguously }
    } else {
        Named::Not
    })
}

/// Whether this is an HTTP status of an error, or one of IIS or Cloudflare.
fn is_status(word: &str) -> bool {
    let digits = word.split('.').next().unwrap_or_default();
    digits.len() == 3
        && (digits.starts_with('4') || digits.starts_with('5'))
        && digits.chars().all(|digit| digit.is_ascii_digit())
}

/// A framework's own page, by how it begins or is called; or a program's trace.
fn crashed(Page { scene, said, .. }: Page<'_>) -> Option<String> {
    let is_program_s = scene.links <= 5;
    let begins = |phrases: Phrases, letters| {
        phrases.find_in(&said.beginning(letters)).filter(|_| is_program_s)
    };
    let is_headline = |phrase: &&str| said.headlines.iter().any(|line| line.contains(phrase));
    let by_title = || CRASHES.find_in(&said.title).filter(is_headline);
    let is_trace =
        || scene.headings.is_empty() && IN_TRACES.iter().any(|sign| said.words.contains(sign));
    let by_trace = || begins(TRACES, BEGINNING / 2).filter(|_| is_trace());
    begins(CRASHES, BEGINNING).or_else(by_title).or_else(by_trace).map(str::to_owned)
}

/// A short page that says so in a sentence, at its beginning or below a status.
fn said(page: Page<'_>) -> Option<String> {
    let Page { scene, said, .. } = page;
    let is_long = scene.main_letters > SHORT || scene.fields > 2;
    if is_long || is_about_errors(page) || is_for_sale(page) {
        return None;
    }
    let is_hinted = judge_title(&said.title) == Named::Hinted
        || said.headlines.iter().any(|headline| judge(headline) == Named::Hinted);
    let is_alone = scene.letters <= SHORTER && scene.links <= FEW_LINKS && scene.headings.len() < 2;
    // A sigh and half a sentence may be a song's.
    let has_status = [&said.title].into_iter().chain(&said.headlines);
    let has_status = has_status.flat_map(|line| line.split(' ')).any(is_status);
    let may_hint = scene.main_letters <= SHORTER && (has_status || scene.links <= FEW_LINKS);
    let hint = || HINTS.find_in(&said.words).filter(|_| may_hint);
    let phrase = if is_hinted {
        SENTENCES.find_in(&said.words).or_else(hint)
    } else if is_alone {
        SENTENCES.find_in(&said.beginning(BEGINNING))
    } else {
        let headlines = said.headlines.iter().filter(|line| line.len() < LONGEST_HEADLINE);
        headlines.filter_map(|headline| SENTENCES.find_in(headline)).next()
    };
    phrase.map(str::to_owned)
}
