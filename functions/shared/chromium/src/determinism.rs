//! The same bytes twice: the page's clock and chance are stopped before its first
//! script, its frames run to a fixed number, and a PDF says that fixed moment.
//!
//! In documents and all their frames: `Date`, `Temporal.Now`, `Intl.DateTimeFormat`,
//! `performance.now` and `timeOrigin`, `Event.timeStamp`, `requestAnimationFrame`,
//! `ResizeObserver`, `requestIdleCallback`, `Math.random`, `crypto`; CSS and SVG
//! animations are finished (`emulation`), videos at their beginning.
//!
//! Not so: workers, the real time that timers (`setInterval`) and the network take,
//! animated images, `performance`'s entries, `document.lastModified`, keys that
//! `crypto.subtle` makes.
//!
//! Of a clip only chance is stopped here: its [clock](crate::clock) begins at the same moment.

use bytes::{Bytes, BytesMut};
use chromiumoxide::cdp::browser_protocol::page::AddScriptToEvaluateOnNewDocumentParams;
use darkroom_core::capture::{CaptureSpec, Determinism, Emulation, Output};
use darkroom_core::failure::Failure;

use crate::page::Page;
use crate::selector::with_find;

/// The moment at which the clock stands, or begins in a clip: seconds since 1970.
pub(crate) const EPOCH_S: f64 = 1_735_732_800.0;

/// What stops a page's clock and chance, if that is asked for. In a clip, time goes by.
pub(crate) fn script(spec: &CaptureSpec) -> Option<AddScriptToEvaluateOnNewDocumentParams> {
    let script = match (spec.emulation.determinism, &spec.output) {
        (Determinism::Off, _) => return None,
        (Determinism::On, Output::Clip(_)) => include_str!("script/chance.js"),
        (Determinism::On, Output::Image(_) | Output::Pdf(_) | Output::Text(_)) => {
            concat!(include_str!("script/chance.js"), include_str!("script/still.js"))
        }
    };
    Some(AddScriptToEvaluateOnNewDocumentParams {
        // A document that is written needs it in the empty page.
        run_immediately: Some(true),
        ..AddScriptToEvaluateOnNewDocumentParams::new(script)
    })
}

/// Has the frames run that the page has still to run, if that is asked for.
pub(crate) async fn run(page: &Page, wanted: &Emulation) -> Result<(), Failure> {
    match wanted.determinism {
        Determinism::Off => Ok(()),
        Determinism::On => page.ask_frames(with_find!("run.js")).await,
    }
}

/// The moment at which the clock stands, as a PDF says it after `(D:`.
const MOMENT: &[u8] = b"20250101120000";

/// Sets the dates of a PDF to the moment at which the clock stands, at the same
/// length, so that what it says of its own places stays true. They are in its first
/// object. Text can't be mistaken for them: its parentheses are escaped.
pub(crate) fn set_dates(head: Bytes) -> Bytes {
    let mut head = BytesMut::from(head);
    for name in [&b"/CreationDate (D:"[..], b"/ModDate (D:"] {
        let place = head.windows(name.len()).position(|here| here == name);
        let digits = place.and_then(|place| {
            let start = place + name.len();
            head.get_mut(start..start + MOMENT.len())
        });
        if let Some(digits) = digits.filter(|digits| digits.iter().all(u8::is_ascii_digit)) {
            digits.copy_from_slice(MOMENT);
        }
    }
    head.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_change_and_nothing_else() {
        let cases = [
            (
                "<</CreationDate (D:20260718024500+00'00')\n/ModDate (D:20260718024500+00'00')>>",
                "<</CreationDate (D:20250101120000+00'00')\n/ModDate (D:20250101120000+00'00')>>",
            ),
            (
                "/Title (/ModDate \\(D:20260718024500\\))",
                "/Title (/ModDate \\(D:20260718024500\\))",
            ),
            ("/CreationDate (D:2026)", "/CreationDate (D:2026)"),
            ("/CreationDate (D:20260718024500", "/CreationDate (D:20250101120000"),
            ("", ""),
        ];
        for (head, expected) in cases {
            assert_eq!(set_dates(Bytes::from(head)), expected);
        }
    }
}
