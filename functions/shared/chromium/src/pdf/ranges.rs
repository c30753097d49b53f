//! Which sheets are printed: `1-5, 8, 11-`.

use darkroom_core::failure::{Failure, FailureKind};

/// Chromium says that ranges are malformed in words only, so they are read here.
///
/// # Errors
///
/// `InvalidOption` for what isn't a list of numbers from 1 and of ranges of them,
/// whose first or last may be left out.
pub(super) fn check(ranges: &str) -> Result<(), Failure> {
    if ranges.is_empty() || ranges.split(',').all(|range| is_range(range.trim())) {
        return Ok(());
    }
    Err(Failure::new(
        FailureKind::InvalidOption,
        "The page ranges are not understood: write them like 1-5, 8, 11-",
    ))
}

fn is_range(range: &str) -> bool {
    let Some((first, last)) = range.split_once('-') else {
        return sheet(range).is_some();
    };
    match (first.trim(), last.trim()) {
        ("", "") => false,
        ("", only) | (only, "") => sheet(only).is_some(),
        (first, last) => sheet(first).zip(sheet(last)).is_some_and(|(first, last)| first <= last),
    }
}

/// Counted from 1.
fn sheet(text: &str) -> Option<u32> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|&number| is_number && number > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_numbers_and_spans_of_them() {
        for good in ["", "1", "1-5", "1-5, 8, 11-", "-3", " 2 - 4 ,7"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for bad in [",", "a", "0", "1,", "5-1", "-", "1--2", "+1", "1;2", "1-2-3"] {
            assert_eq!(check(bad).unwrap_err().kind, FailureKind::InvalidOption, "{bad}");
        }
    }
}
