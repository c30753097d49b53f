//! The words of a drawing.

use std::borrow::Cow;
use std::fmt;

use super::RIGHT;
use super::scale::CHART;

/// A text as XML has it. What XML can't hold is left out, and so is what would turn the
/// text around it about.
pub(super) struct Xml<'a>(pub(super) &'a str);

impl fmt::Display for Xml<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write as _;
        for char in self.0.chars() {
            match char {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}' => {}
                char if char.is_control() => {}
                char => f.write_char(char)?,
            }
        }
        Ok(())
    }
}

/// A text of at most so many characters: its middle is left out.
pub(super) fn shortened(text: &str, characters: usize) -> Cow<'_, str> {
    let count = text.chars().count();
    if count <= characters {
        return Cow::Borrowed(text);
    }
    let kept = characters.saturating_sub(1);
    let head: String = text.chars().take(kept / 3).collect();
    let tail: String = text.chars().skip(count - (kept - kept / 3)).collect();
    Cow::Owned(format!("{head}…{tail}"))
}

/// Milliseconds.
pub(super) fn span(ms: f64) -> String {
    if ms < 10.0 {
        let figures = format!("{ms:.1}");
        return format!("{} ms", figures.strip_suffix(".0").unwrap_or(&figures));
    }
    let digits = format!("{ms:.0}");
    match digits.split_at_checked(digits.len().saturating_sub(3)) {
        Some((thousands, rest)) if !thousands.is_empty() => format!("{thousands},{rest} ms"),
        Some(_) | None => format!("{digits} ms"),
    }
}

/// A number of bytes.
pub(super) fn bytes(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        _more => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

/// Where a text is that belongs to something.
pub(super) struct Label {
    pub(super) x: f64,
    /// The attribute that says which of its ends that is.
    pub(super) anchor: &'static str,
}

impl Label {
    /// How wide a text is, roughly.
    pub(super) fn width_of(text: &str) -> f64 {
        let width = |char: char| if char.is_uppercase() { 8.3 } else { 6.6 };
        text.chars().map(width).sum()
    }

    /// To the right of something from here to there, or to the left, or at the end
    /// of all.
    pub(super) fn beside(text: &str, (from, to): (f64, f64), distance: f64) -> Self {
        let width = Self::width_of(text);
        let end = " text-anchor=\"end\"";
        if to + distance + width <= RIGHT {
            Self { x: to + distance, anchor: "" }
        } else if from - distance - width >= CHART.0 {
            Self { x: from - distance, anchor: end }
        } else {
            Self { x: RIGHT, anchor: end }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_and_control_characters_are_harmless() {
        let hostile = "</title><script>\"'&\u{0}\u{8}\u{85}\u{202e}\u{ffff}é";
        let text = "&lt;/title&gt;&lt;script&gt;&quot;&#39;&amp;é";
        assert_eq!(Xml(hostile).to_string(), text);
    }

    #[test]
    fn the_middle_of_a_long_text_is_left_out() {
        assert_eq!(shortened("abcdefghij", 10), "abcdefghij");
        assert_eq!(shortened("äbcdefghijk", 10), "äbc…fghijk");
        assert_eq!(shortened("abc", 1), "…");
        assert_eq!(shortened("abc", 0), "…");
    }

    #[test]
    fn figures_are_as_people_write_them() {
        for (ms, expected) in [
            (0.0, "0 ms"),
            (0.26, "0.3 ms"),
            (6.98, "7 ms"),
            (9.5, "9.5 ms"),
            (20.4, "20 ms"),
            (1_234.5, "1,234 ms"),
        ] {
            assert_eq!(span(ms), expected);
        }
        for (count, expected) in
            [(0, "0 B"), (999, "999 B"), (1_250, "1.2 kB"), (2_000_000, "2.0 MB")]
        {
            assert_eq!(bytes(count), expected);
        }
    }

    #[test]
    fn a_label_stays_on_the_drawing() {
        let near = Label::beside("12 ms", (500.0, 600.0), 6.0);
        assert_eq!((near.x, near.anchor), (606.0, ""));
        let late = Label::beside("12 ms", (1_100.0, 1_180.0), 6.0);
        assert_eq!((late.x, late.anchor), (1_094.0, " text-anchor=\"end\""));
        let long = Label::beside("12 ms", (500.0, 1_180.0), 6.0);
        assert_eq!(long.x, RIGHT);
    }
}
