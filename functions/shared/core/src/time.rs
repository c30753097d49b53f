//! Points in time and quota periods. Nothing here reads a clock.

use std::fmt;
use std::ops::{Add, Sub};
use std::time::Duration;

use ::time::OffsetDateTime;
use ::time::format_description::well_known::Rfc3339;
use ::time::macros::format_description;

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Timestamp(u64);

impl Timestamp {
    /// 2026-01-01T00:00:00Z, from which job ids count their milliseconds.
    pub const DARKROOM_EPOCH: Self = Self(1_767_225_600_000);

    /// A point from milliseconds since 1970.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// A point from whole seconds since 1970.
    #[must_use]
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs.saturating_mul(1000))
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// Whole seconds since 1970, rounded down.
    #[must_use]
    pub const fn as_secs(self) -> u64 {
        self.0 / 1000
    }

    /// How long ago `earlier` was; zero if it lies in the future.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }

    fn utc(self) -> OffsetDateTime {
        let nanos = i128::from(self.0) * 1_000_000;
        OffsetDateTime::from_unix_timestamp_nanos(nanos).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }

    /// Parses an RFC 3339 date and time; none if it is malformed or before 1970.
    #[must_use]
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        let at = OffsetDateTime::parse(text, &Rfc3339).ok()?;
        let millis = at.unix_timestamp_nanos() / 1_000_000;
        u64::try_from(millis).ok().map(Self)
    }
}

/// RFC 3339 in UTC with three decimals, `2026-04-11T15:04:05.123Z`, as the
/// ScreenNabster seed's `created_at`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let layout = format_description!(
            "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z"
        );
        let text = self.utc().format(&layout).map_err(|_unwritable| fmt::Error)?;
        f.write_str(&text)
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, span: Duration) -> Self {
        let millis = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        Self(self.0.saturating_add(millis))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;

    fn sub(self, span: Duration) -> Self {
        let millis = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        Self(self.0.saturating_sub(millis))
    }
}

/// A minute by the clock.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Minute(u64);

impl Minute {
    /// The minute of this moment.
    #[must_use]
    pub const fn of(at: Timestamp) -> Self {
        Self(at.as_secs() / 60)
    }

    /// The minute with this number.
    #[must_use]
    pub const fn from_number(number: u64) -> Self {
        Self(number)
    }

    /// Minutes since 1970.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }

    /// When the next one begins.
    #[must_use]
    pub const fn end(self) -> Timestamp {
        Timestamp::from_secs((self.0 + 1) * 60)
    }
}

/// The calendar month, in UTC, to which a unit of quota belongs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Period {
    year: u16,
    month: u8,
}

impl Period {
    /// The month in which `at` lies.
    #[must_use]
    pub fn of(at: Timestamp) -> Self {
        let date = at.utc().date();
        Self { year: u16::try_from(date.year()).unwrap_or(u16::MAX), month: u8::from(date.month()) }
    }

    /// Reads the spelling that [`Display`](fmt::Display) writes, `2026-11`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (year, month) = text.split_once('-')?;
        if year.len() != 4 || month.len() != 2 {
            return None;
        }
        let (year, month) = (year.parse().ok()?, month.parse().ok()?);
        (1..=12).contains(&month).then_some(Self { year, month })
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seeds_created_at_survives_a_round_trip() {
        let text = "2026-04-11T15:04:05.123Z";
        assert_eq!(Timestamp::parse_rfc3339(text).unwrap().to_string(), text);
    }

    #[test]
    fn the_darkroom_epoch_is_new_year_2026() {
        assert_eq!(Timestamp::DARKROOM_EPOCH.to_string(), "2026-01-01T00:00:00.000Z");
    }

    #[test]
    fn a_period_ends_with_its_month_in_utc() {
        let last = Timestamp::parse_rfc3339("2026-11-30T23:59:59.999Z").unwrap();
        assert_eq!(Period::of(last).to_string(), "2026-11");
        assert_eq!(Period::of(last + Duration::from_millis(1)).to_string(), "2026-12");
        assert_eq!(Period::parse("2026-12"), Some(Period::of(last + Duration::from_millis(1))));
        for bad in ["2026-13", "26-01", "2026-1", "2026", "2026-00"] {
            assert_eq!(Period::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_span_is_never_negative_and_a_minute_ends_when_the_next_begins() {
        let [early, late] = [120, 179].map(Timestamp::from_secs);
        assert_eq!(late.since(early), Duration::from_secs(59));
        assert_eq!(early.since(late), Duration::ZERO);
        assert_eq!(Minute::of(late), Minute::from_number(2));
        assert_eq!(Minute::of(late).number(), 2);
        assert_eq!(Minute::of(late).end(), Timestamp::from_secs(180));
    }
}
