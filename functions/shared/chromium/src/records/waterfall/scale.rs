//! Where on a drawing a moment is.

use std::time::Duration;

use super::super::recording::ms;

/// From where to where time goes, in pixels. What is left on the right is for labels.
pub(super) const CHART: (f64, f64) = (494.0, 1_092.0);

/// There are at most so many lines, the one at 0 aside.
const MOST_LINES: f64 = 7.0;

/// From milliseconds to pixels.
pub(super) struct Scale {
    whole_ms: f64,
    step_ms: f64,
}

impl Scale {
    /// One on which all of this span has room.
    pub(super) fn of(whole: Duration) -> Self {
        let whole_ms = ms(whole).max(5.0);
        let least = whole_ms / MOST_LINES;
        let decade = 10_f64.powf(least.log10().floor()).max(1.0);
        let step = [1.0, 2.0, 5.0].map(|step| step * decade);
        let step = step.into_iter().find(|&step| step >= least);
        Self { whole_ms, step_ms: step.unwrap_or(10.0 * decade) }
    }

    /// Where a moment is.
    pub(super) fn x(&self, at_ms: f64) -> f64 {
        let (left, right) = CHART;
        left + (right - left) * at_ms / self.whole_ms
    }

    /// Where there are lines, in milliseconds.
    pub(super) fn lines(&self) -> impl Iterator<Item = f64> {
        let next = |at_ms: &f64| Some(at_ms + self.step_ms);
        std::iter::successors(Some(0.0), next).take_while(|at_ms| *at_ms <= self.whole_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_at_round_steps() {
        let cases: [(u64, &[f64]); 5] = [
            (0, &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]),
            (33, &[0.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0]),
            (140, &[0.0, 20.0, 40.0, 60.0, 80.0, 100.0, 120.0, 140.0]),
            (900, &[0.0, 200.0, 400.0, 600.0, 800.0]),
            (60_000, &[0.0, 10_000.0, 20_000.0, 30_000.0, 40_000.0, 50_000.0, 60_000.0]),
        ];
        for (whole, expected) in cases {
            let scale = Scale::of(Duration::from_millis(whole));
            assert_eq!(scale.lines().collect::<Vec<_>>(), expected, "{whole}");
            assert!((scale.x(0.0) - CHART.0).abs() < 1e-9);
            assert!((scale.x(whole.max(5) as f64) - CHART.1).abs() < 1e-9);
        }
    }
}
