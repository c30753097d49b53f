//! How a page is scrolled while a clip is made of it.

use std::time::Duration;

/// How a page is scrolled: down in steps, and back perhaps.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Scroll {
    /// When it begins.
    pub start: Duration,
    /// How far a step goes, in CSS pixels.
    pub step_px: u32,
    /// How long a step takes, at least [`Scroll::MIN_STEP`].
    pub step: Duration,
    /// The rest between two steps.
    pub rest: Duration,
    /// How a step gains speed and loses it.
    pub easing: Easing,
    /// How far down, if not to the page's end.
    pub until: Option<Landmark>,
    /// When what is left of the way down is gone in one step.
    pub leap: Option<Duration>,
    /// What comes then.
    pub then: Then,
    /// Whether the clip ends when the scrolling is over.
    pub ends_clip: bool,
}

impl Scroll {
    /// The shortest step (ScreenshotOne's range).
    pub const MIN_STEP: Duration = Duration::from_millis(100);

    pub(super) fn weight_bytes(&self) -> usize {
        self.until.as_ref().map_or(0, |landmark| landmark.selector.len())
    }
}

impl Default for Scroll {
    /// `ScreenshotOne`'s own.
    fn default() -> Self {
        Self {
            start: Duration::ZERO,
            step_px: 1_000,
            step: Duration::from_millis(1_500),
            rest: Duration::from_millis(500),
            easing: Easing::InOut(Power::Quint),
            until: None,
            leap: None,
            then: Then::Back { at: None, steps: BackSteps::One },
            ends_clip: true,
        }
    }
}

/// An element that the scrolling ends at, if it is there.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Landmark {
    /// A CSS selector; the first element that matches.
    pub selector: String,
    /// How much of the window stays above it, in CSS pixels.
    pub above_px: i32,
}

/// What follows the way down.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Then {
    /// Nothing.
    Stay {
        /// When the scrolling stops at the latest, wherever it is.
        at: Option<Duration>,
    },
    /// The way back to the top.
    Back {
        /// When it begins at the latest, wherever the page is.
        at: Option<Duration>,
        /// In how many steps.
        steps: BackSteps,
    },
}

/// The steps of the way back.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum BackSteps {
    /// One, at once.
    One,
    /// Those of the way down, with their rests.
    Same,
}

/// How a step gains speed and loses it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Easing {
    /// The same speed throughout.
    Linear,
    /// Faster and faster.
    In(Power),
    /// Slower and slower.
    Out(Power),
    /// Faster until halfway, then slower.
    InOut(Power),
}

/// How abruptly.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Power {
    /// By the second power of the time.
    Quad,
    /// By the third.
    Cubic,
    /// By the fourth.
    Quart,
    /// By the fifth.
    Quint,
}

impl Easing {
    /// Which part of a step is done after this part of its time, both 0 to 1.
    #[must_use]
    pub fn done(self, time: f64) -> f64 {
        match self {
            Self::Linear => time,
            Self::In(power) => time.powi(power.exponent()),
            Self::Out(power) => 1.0 - (1.0 - time).powi(power.exponent()),
            Self::InOut(power) if time < 0.5 => (2.0 * time).powi(power.exponent()) / 2.0,
            Self::InOut(power) => 1.0 - (2.0 - 2.0 * time).powi(power.exponent()) / 2.0,
        }
    }
}

impl Power {
    const fn exponent(self) -> i32 {
        match self {
            Self::Quad => 2,
            Self::Cubic => 3,
            Self::Quart => 4,
            Self::Quint => 5,
        }
    }
}

/// Where a page is on its way, moment by moment.
#[derive(Clone, Debug)]
pub struct Journey<'a> {
    scroll: &'a Scroll,
    /// None when it is over.
    way: Option<Way>,
    /// The step that is being made.
    step: Option<Step>,
    /// Where the page is between two steps.
    y: f64,
    /// When the last step ended.
    since: Duration,
    /// When the next one begins.
    next: Duration,
    /// The leap that is still to come.
    leap: Option<Duration>,
    /// When the way down ends at the latest.
    turn: Option<Duration>,
    has_moved: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Way {
    Down,
    Back,
}

#[derive(Clone, Copy, Debug)]
struct Step {
    begins: Duration,
    from: f64,
    to: f64,
}

/// What is less isn't scrolled, in CSS pixels: no device shows it.
const LEAST: f64 = 0.1;

impl<'a> Journey<'a> {
    /// At the top of the page.
    #[must_use]
    pub const fn new(scroll: &'a Scroll) -> Self {
        let (Then::Stay { at: turn } | Then::Back { at: turn, .. }) = scroll.then;
        Self {
            scroll,
            way: Some(Way::Down),
            step: None,
            y: 0.0,
            since: scroll.start,
            next: scroll.start,
            leap: scroll.leap,
            turn,
            has_moved: false,
        }
    }

    /// How far down the page is at this moment, in CSS pixels. Moments must come in their
    /// order. `end` is how far down the way goes, as far as that is known by now: some
    /// pages grow while they are scrolled.
    pub fn at(&mut self, now: Duration, end: f64) -> f64 {
        let turn = self.turn.take_if(|turn| *turn <= now);
        let leap = self.leap.take_if(|leap| *leap <= now);
        if let Some(leap) = leap.filter(|leap| turn.is_none_or(|turn| *leap < turn)) {
            self.go(leap, end);
            if self.way == Some(Way::Down) && end - self.place(leap) >= LEAST {
                self.begin(leap, end);
            }
        }
        if let Some(turn) = turn {
            self.go(turn, end);
            if self.way == Some(Way::Down) {
                self.y = self.place(turn);
                self.step = None;
                self.end_way(Way::Down, turn);
            }
        }
        self.go(now, end);
        self.place(now)
    }

    /// Whether the clip has shown all that it is to show. A page that can't be scrolled is
    /// shown all the time.
    #[must_use]
    pub const fn ends_clip(&self) -> bool {
        self.scroll.ends_clip && self.has_moved && self.way.is_none()
    }

    /// Makes the steps that are due.
    fn go(&mut self, now: Duration, end: f64) {
        while let Some(way) = self.way {
            if let Some(step) = self.step {
                let ends = step.begins + self.scroll.step;
                if now < ends {
                    return;
                }
                (self.y, self.step) = (step.to, None);
                (self.since, self.next) = (ends, ends + self.scroll.rest);
            }
            let left = match way {
                Way::Down => end - self.y,
                Way::Back => self.y,
            };
            if left < LEAST {
                if !self.has_moved {
                    // It may grow yet; it is scrolled from then on.
                    self.next = self.next.max(now);
                    return;
                }
                if now < self.since {
                    return;
                }
                self.end_way(way, self.since);
            } else if now < self.next {
                return;
            } else {
                self.begin(self.next, self.goal(way, end));
            }
        }
    }

    /// Where the next step leads.
    fn goal(&self, way: Way, end: f64) -> f64 {
        let length = f64::from(self.scroll.step_px);
        match (way, self.scroll.then) {
            (Way::Down, _) => end.min(self.y + length),
            (Way::Back, Then::Back { steps: BackSteps::Same, .. }) => (self.y - length).max(0.0),
            (Way::Back, Then::Back { steps: BackSteps::One, .. } | Then::Stay { .. }) => 0.0,
        }
    }

    fn begin(&mut self, begins: Duration, to: f64) {
        let from = self.place(begins);
        self.step = Some(Step { begins, from, to });
        self.has_moved = true;
    }

    fn end_way(&mut self, way: Way, at: Duration) {
        self.since = at;
        (self.way, self.next) = match (way, self.scroll.then) {
            (Way::Down, Then::Back { steps: BackSteps::One, .. }) => (Some(Way::Back), at),
            (Way::Down, Then::Back { steps: BackSteps::Same, .. }) => {
                (Some(Way::Back), at + self.scroll.rest)
            }
            (Way::Down, Then::Stay { .. }) | (Way::Back, _) => (None, at),
        };
    }

    /// Where the page is at a moment of the step that is being made.
    fn place(&self, now: Duration) -> f64 {
        let Some(Step { begins, from, to }) = self.step else {
            return self.y;
        };
        let time = now.saturating_sub(begins).div_duration_f64(self.scroll.step);
        from + (to - from) * self.scroll.easing.done(time.min(1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn linear() -> Scroll {
        Scroll { easing: Easing::Linear, ..Scroll::default() }
    }

    /// Where a page of this height is at these moments, in milliseconds.
    fn places(scroll: &Scroll, end: f64, moments: &[u64]) -> Vec<f64> {
        let mut journey = Journey::new(scroll);
        moments.iter().map(|&moment| journey.at(ms(moment), end).round()).collect()
    }

    #[test]
    fn every_easing_begins_and_ends_a_step_where_it_should() {
        use Power::{Cubic, Quad, Quart, Quint};
        let eased = [Quad, Cubic, Quart, Quint]
            .into_iter()
            .flat_map(|power| [Easing::In(power), Easing::Out(power), Easing::InOut(power)]);
        for easing in std::iter::once(Easing::Linear).chain(eased) {
            assert_eq!((easing.done(0.0), easing.done(1.0)), (0.0, 1.0), "{easing:?}");
            let dones: Vec<_> =
                (0..=100).map(|time| easing.done(f64::from(time) / 100.0)).collect();
            assert!(dones.is_sorted(), "{easing:?}");
        }
        let at_a_quarter = [
            (Easing::Linear, 0.25),
            (Easing::In(Quad), 0.0625),
            (Easing::Out(Quad), 0.4375),
            (Easing::InOut(Quad), 0.125),
            (Easing::In(Quint), 1.0 / 1024.0),
            (Easing::Out(Cubic), 1.0 - 27.0 / 64.0),
            (Easing::InOut(Quart), 1.0 / 32.0),
        ];
        for (easing, expected) in at_a_quarter {
            assert!((easing.done(0.25) - expected).abs() < 1e-12, "{easing:?}");
        }
        assert!((Easing::InOut(Quint).done(0.75) - (1.0 - 1.0 / 64.0)).abs() < 1e-12);
    }

    #[test]
    fn a_page_goes_down_in_steps_with_rests_and_back_in_one() {
        let scroll = linear();
        let moments = [0, 750, 1_500, 1_999, 2_000, 2_750, 3_500, 4_250, 5_000, 9_000];
        let expected = [0.0, 500.0, 1000.0, 1000.0, 1000.0, 1250.0, 1500.0, 750.0, 0.0, 0.0];
        assert_eq!(places(&scroll, 1_500.0, &moments), expected);
        // However rarely it is looked at.
        assert_eq!(places(&scroll, 1_500.0, &[2_750, 4_250]), [1250.0, 750.0]);
    }

    #[test]
    fn the_way_back_may_have_the_steps_of_the_way_down() {
        let scroll = Scroll { then: Then::Back { at: None, steps: BackSteps::Same }, ..linear() };
        let moments = [3_500, 3_999, 4_750, 5_500, 6_000, 6_750, 7_500];
        let expected = [1500.0, 1500.0, 1000.0, 500.0, 500.0, 250.0, 0.0];
        assert_eq!(places(&scroll, 1_500.0, &moments), expected);
    }

    #[test]
    fn it_begins_when_it_should() {
        let scroll = Scroll { start: ms(600), ..linear() };
        assert_eq!(places(&scroll, 1_500.0, &[0, 599, 1_350]), [0.0, 0.0, 500.0]);
    }

    #[test]
    fn it_turns_or_stops_wherever_it_is() {
        let back = Then::Back { at: Some(ms(750)), steps: BackSteps::One };
        let moments = [600, 750, 1_500, 2_250, 5_000];
        let scroll = Scroll { then: back, ..linear() };
        assert_eq!(places(&scroll, 9e3, &moments), [400.0, 500.0, 250.0, 0.0, 0.0]);
        let scroll = Scroll { then: Then::Stay { at: Some(ms(750)) }, ..linear() };
        assert_eq!(places(&scroll, 9e3, &moments), [400.0, 500.0, 500.0, 500.0, 500.0]);
        // It had arrived before.
        assert_eq!(places(&scroll, 0.0, &moments), [0.0; 5]);
    }

    #[test]
    fn a_leap_takes_all_that_is_left() {
        let scroll = Scroll { leap: Some(ms(750)), then: Then::Stay { at: None }, ..linear() };
        assert_eq!(
            places(&scroll, 8_500.0, &[750, 1_500, 2_250, 4_000]),
            [500.0, 4500.0, 8500.0, 8500.0]
        );
        // After the turn there is none.
        let turned = Then::Back { at: Some(ms(700)), steps: BackSteps::One };
        let scroll = Scroll { then: turned, ..scroll };
        assert_eq!(places(&scroll, 8_500.0, &[700, 2_200]), [467.0, 0.0]);
        assert_eq!(places(&scroll, 8_500.0, &[2_200]), [0.0]);
    }

    #[test]
    fn a_page_may_grow_while_it_is_scrolled() {
        let scroll = linear();
        let mut journey = Journey::new(&scroll);
        assert_eq!(journey.at(ms(0), 1_000.0), 0.0);
        assert_eq!(journey.at(ms(1_500), 2_000.0), 1_000.0);
        assert_eq!(journey.at(ms(3_500), 2_000.0), 2_000.0);
    }

    #[test]
    fn a_page_that_cannot_be_scrolled_yet_is_when_it_can() {
        let scroll = Scroll { leap: Some(ms(100)), ..linear() };
        let mut journey = Journey::new(&scroll);
        assert_eq!(journey.at(ms(600), 0.0), 0.0);
        assert!(!journey.ends_clip());
        journey.at(ms(640), 2_000.0);
        assert!(journey.at(ms(900), 2_000.0) > 0.0);
    }

    #[test]
    fn a_clip_ends_with_the_scrolling_if_it_is_to() {
        let ends = |scroll: &Scroll, end, moment| {
            let mut journey = Journey::new(scroll);
            journey.at(ms(moment), end);
            journey.ends_clip()
        };
        let back = linear();
        assert!(!ends(&back, 1_500.0, 4_999));
        assert!(ends(&back, 1_500.0, 5_000));
        let down = Scroll { then: Then::Stay { at: None }, ..linear() };
        assert!(ends(&down, 1_500.0, 3_500));
        assert!(!ends(&Scroll { ends_clip: false, ..down }, 1_500.0, 9_000));
        // It didn't move.
        assert!(!ends(&back, 0.0, 9_000));
    }
}
