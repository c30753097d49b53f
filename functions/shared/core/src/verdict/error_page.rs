//! The host tells of an error instead of showing a page.
//!
//! A page is one by what it is called: a heading or a title that is nothing but an error.
//! What a page says in passing doesn't count, nor what a long one is about.

mod phrases;

use super::words::{find as find_phrase, parts};
use super::{Finding, FindingKind, Page};
use phrases::{CRASHES, FILLERS, NAMES, SENTENCES};

/// The most letters, beside navigation, of a page that is called an error by its heading or
/// by its title, and of one that both call so.
const BRIEF: u32 = 900;
const LONG: u32 = 2_500;

/// The most letters of one that isn't called so but says so.
const SHORT: u32 = 500;

/// The most words of a title's part that may be a host's name.
const LONGEST_NAME: usize = 5;

/// Where what a page begins with ends, in letters.
const BEGINNING: usize = 160;

/// How much a headline is an error.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Named {
    Not,
    /// A status is all that it says, or a sigh: «404», «Oops!».
    Hinted,
    /// In words.
    Plainly,
}

pub(super) fn find(page: Page<'_>) -> Option<Finding> {
    let Page { sight, scene, .. } = page;
    if let Some(status) = sight.status.filter(|&status| status >= 400) {
        return Some(Finding::new(FindingKind::ErrorPage, &format!("HTTP status {status}")));
    }
    let phrase = named(page).or_else(|| crashed(page)).or_else(|| said(page))?;
    let status =
        sight.status.map_or_else(String::new, |status| format!(", with HTTP status {status}"));
    let words =
        if scene.words.is_empty() && scene.title.is_empty() { "its layout" } else { "the words" };
    Some(Finding::new(
        FindingKind::ErrorPage,
        &format!("The page is an error by {words} “{phrase}”{status}"),
    ))
}

/// An error by what it is called.
fn named(Page { scene, said, .. }: Page<'_>) -> Option<String> {
    let by_title = judge(&said.title, LONGEST_NAME);
    let headline = said.headlines.iter().max_by_key(|headline| judge(headline, 0))?;
    let by_headline = judge(headline, 0);
    let most = match (by_headline, by_title) {
        (Named::Plainly, Named::Plainly) => LONG,
        (Named::Plainly, Named::Hinted | Named::Not) => BRIEF,
        // A title alone may be a leftover.
        (Named::Hinted, Named::Plainly) => BRIEF,
        (Named::Not, Named::Plainly) if find_phrase(&said.words, SENTENCES).is_some() => BRIEF,
        (Named::Not | Named::Hinted, _) => return None,
    };
    let name = if by_headline == Named::Plainly { headline } else { &said.title };
    (scene.main_letters <= most).then(|| name.clone())
}

/// How much this is the name of an error; other parts may have so many words, as
/// names of hosts have.
fn judge(headline: &str, longest_name: usize) -> Named {
    let parts = parts(headline);
    let mut named = Named::Not;
    for part in &parts {
        match judge_part(part) {
            Named::Not if part.split(' ').count() > longest_name => return Named::Not,
            Named::Not => {}
            told @ (Named::Hinted | Named::Plainly) => named = named.max(told),
        }
    }
    named
}

/// Strips what only says that it is an error: «error 404 not found» is named «not found».
fn judge_part(part: &str) -> Named {
    if NAMES.contains(&part) {
        return Named::Plainly;
    }
    let is_filler = |word: &str| FILLERS.contains(&word) || is_status(word);
    let words: Vec<_> = part.split(' ').collect();
    let rest: Vec<_> = words.iter().skip_while(|word| is_filler(word)).copied().collect();
    let rest: Vec<_> = rest.iter().rev().skip_while(|word| is_filler(word)).copied().collect();
    let rest: Vec<_> = rest.into_iter().rev().collect();
    if rest.is_empty() {
        return Named::Hinted;
    }
    if NAMES.contains(&rest.join(" ").as_str()) { Named::Plainly } else { Named::Not }
}

/// Whether this is an HTTP status of an error, or one of IIS or Cloudflare.
fn is_status(word: &str) -> bool {
    let digits = word.split('.').next().unwrap_or_default();
    digits.len() == 3
        && (digits.starts_with('4') || digits.starts_with('5'))
        && digits.chars().all(|digit| digit.is_ascii_digit())
}

/// A program's own words about its end, which begin the page or are its name.
fn crashed(Page { scene, said, .. }: Page<'_>) -> Option<String> {
    let beginning = said.beginning(BEGINNING);
    let is_program_s = scene.links <= 5 && scene.main_letters > 0;
    let by_beginning = find_phrase(&beginning, CRASHES).filter(|_| is_program_s);
    let by_title = find_phrase(&said.title, CRASHES)
        .filter(|phrase| said.headlines.iter().any(|headline| headline.contains(phrase)));
    by_beginning.or(by_title).map(str::to_owned)
}

/// A short page that says so in a sentence, at its beginning or below a status.
fn said(Page { scene, said, .. }: Page<'_>) -> Option<String> {
    if scene.main_letters > SHORT || scene.fields > 2 {
        return None;
    }
    let is_hinted = judge(&said.title, LONGEST_NAME) > Named::Not
        || said.headlines.iter().any(|headline| judge(headline, 0) > Named::Not);
    let is_alone = scene.letters <= SHORT / 2;
    let phrase = if is_hinted {
        find_phrase(&said.words, SENTENCES)
    } else if is_alone {
        find_phrase(&said.beginning(BEGINNING), SENTENCES)
    } else {
        let headlines = said.headlines.iter();
        headlines
            .filter(|headline| headline.len() < 120)
            .find_map(|headline| find_phrase(headline, SENTENCES))
    };
    phrase.map(str::to_owned)
}
