//! What an account was charged for in a month.

use std::collections::BTreeMap;

use crate::capture::{Area, CaptureSpec, Output};
use crate::job::Order;
use crate::time::Day;

/// What kind of capture a unit was charged for, as Nodium's «Usage & Statistics» parts them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum CaptureKind {
    /// A picture of a part of a page, or what the page says.
    #[default]
    Screenshot,
    /// A picture of a whole page.
    FullPage,
    /// A PDF.
    Pdf,
    /// A moving picture.
    Video,
}

impl CaptureKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Screenshot, Self::FullPage, Self::Pdf, Self::Video];

    /// The kind of this capture.
    #[must_use]
    pub const fn of(spec: &CaptureSpec) -> Self {
        match (&spec.output, &spec.framing.area) {
            (Output::Pdf(_), _) => Self::Pdf,
            (Output::Clip(_), _) => Self::Video,
            (Output::Image(_), Area::FullPage(_)) => Self::FullPage,
            (Output::Image(_), Area::Viewport | Area::Clip(_)) | (Output::Text(_), _) => {
                Self::Screenshot
            }
        }
    }
}

/// What an account was charged for in a month. What was given back doesn't count.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Usage {
    /// Units.
    pub used: u64,
    /// Units by what was captured.
    pub by_kind: BTreeMap<CaptureKind, u64>,
    /// Units by the day on which they were asked for.
    pub by_day: BTreeMap<Day, u64>,
}

impl Usage {
    /// Takes one unit.
    pub fn charge(&mut self, order: &Order) {
        self.used += 1;
        *self.by_kind.entry(order.kind).or_default() += 1;
        *self.by_day.entry(order.day()).or_default() += 1;
    }

    /// Gives that unit back; false if nobody had it.
    #[must_use]
    pub fn release(&mut self, order: &Order) -> bool {
        let of_kind = self.by_kind.get_mut(&order.kind);
        let of_day = self.by_day.get_mut(&order.day());
        let counts = [Some(&mut self.used), of_kind, of_day];
        counts.into_iter().fold(true, |had, count| match count {
            Some(count) if *count > 0 => {
                *count -= 1;
                had
            }
            Some(_) | None => false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::Reach;
    use crate::capture::{
        Canvas, Clip, Container, Effort, Encoding, FullPage, Markup, Source, Viewport,
    };
    use crate::job::Dialect;
    use crate::job::tests::job;
    use crate::url::TargetUrl;

    #[test]
    fn a_capture_is_of_the_kind_that_comes_out() {
        let url = TargetUrl::parse("https://example.com/", &Reach::public()).unwrap();
        let output = Output::image(Encoding::Png(Effort::Fast));
        let mut spec = CaptureSpec::plain(Source::Url(url), output, Viewport::desktop(9, 9));
        assert_eq!(CaptureKind::of(&spec), CaptureKind::Screenshot);
        spec.framing.area = Area::FullPage(FullPage::default());
        assert_eq!(CaptureKind::of(&spec), CaptureKind::FullPage);
        spec.output = Output::Pdf(Box::default());
        assert_eq!(CaptureKind::of(&spec), CaptureKind::Pdf);
        let clip = Clip {
            container: Container::Mp4,
            duration: Clip::MAX_DURATION,
            canvas: Canvas::Window,
            scroll: None,
        };
        spec.output = Output::Clip(Box::new(clip));
        assert_eq!(CaptureKind::of(&spec), CaptureKind::Video);
        spec.output = Output::Text(Markup::Markdown);
        assert_eq!(CaptureKind::of(&spec), CaptureKind::Screenshot);
    }

    #[test]
    fn what_is_given_back_was_charged_for() {
        let mut order = job(Dialect::Nodium).order;
        let mut usage = Usage::default();
        assert!(!usage.release(&order));
        usage.charge(&order);
        order.kind = CaptureKind::Pdf;
        usage.charge(&order);
        assert_eq!((usage.used, usage.by_kind[&CaptureKind::Pdf]), (2, 1));
        assert_eq!(usage.by_day[&order.day()], 2);
        assert!(usage.release(&order));
        assert_eq!((usage.used, usage.by_kind[&CaptureKind::Pdf]), (1, 0));
        assert!(!usage.release(&order), "no other PDF was charged");
    }
}
