//! Points in time and quota periods. Nothing here reads a clock.

use std::fmt;
use std::ops::{Add, Sub};
use std::time::Duration;

use ::time::format_description::well_known::Rfc3339;
use ::time::macros::format_description;
use ::time::{Date, OffsetDateTime};

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

impl Period {
    /// Its first moment.
    #[must_use]
    pub fn start(self) -> Timestamp {
        self.first_day().start()
    }

    /// The first moment of the next one.
    #[must_use]
    pub fn end(self) -> Timestamp {
        let next = match self.month {
            12 => Self { year: self.year + 1, month: 1 },
            month => Self { year: self.year, month: month + 1 },
        };
        next.start()
    }

    /// The days in it.
    pub fn days(self) -> impl Iterator<Item = Day> {
        let first = self.first_day();
        std::iter::successors(Some(first), |day| day.next())
            .take_while(move |day| day.period() == self)
    }

    /// Its first day.
    #[must_use]
    pub fn first_day(self) -> Day {
        let month = ::time::Month::try_from(self.month).unwrap_or(::time::Month::January);
        let first = Date::from_calendar_date(i32::from(self.year), month, 1);
        Day(first.unwrap_or(Date::MIN))
    }
}

/// A calendar day, in UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Day(Date);

impl Day {
    /// The day in which `at` lies.
    #[must_use]
    pub fn of(at: Timestamp) -> Self {
        Self(at.utc().date())
    }

    /// Reads the spelling that [`Display`](fmt::Display) writes, `2026-11-27`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.starts_with(['+', '-']) {
            return None;
        }
        Date::parse(text, &format_description!("[year]-[month]-[day]")).ok().map(Self)
    }

    /// The month that it belongs to.
    #[must_use]
    pub fn period(self) -> Period {
        Period::of(self.start())
    }

    /// Which day of its month it is, from 1.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0.day()
    }

    /// The day after it; none after the last of the year 9999.
    #[must_use]
    pub fn next(self) -> Option<Self> {
        self.0.next_day().map(Self)
    }

    /// Its first moment; 1970 for days before that.
    #[must_use]
    pub fn start(self) -> Timestamp {
        let secs = self.0.midnight().assume_utc().unix_timestamp();
        Timestamp::from_secs(u64::try_from(secs).unwrap_or_default())
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month) = (self.0.year(), u8::from(self.0.month()));
        write!(f, "{year:04}-{month:02}-{:02}", self.0.day())
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
    fn a_month_has_its_days_and_ends_when_the_next_begins() {
        let month = Period::parse("2028-02").unwrap();
        let days: Vec<_> = month.days().map(|day| day.to_string()).collect();
        assert_eq!(
            (days.len(), days[0].as_str(), days[28].as_str()),
            (29, "2028-02-01", "2028-02-29")
        );
        assert_eq!(month.start().to_string(), "2028-02-01T00:00:00.000Z");
        assert_eq!(month.end().to_string(), "2028-03-01T00:00:00.000Z");
        let last = Period::parse("2026-12").unwrap();
        assert_eq!(last.end().to_string(), "2027-01-01T00:00:00.000Z");
    }

    #[test]
    fn days_end_with_the_year_9999() {
        let last = Day::parse("9999-12-31").unwrap();
        assert_eq!((last.next(), last.period().days().count()), (None, 31));
    }

    #[test]
    fn a_day_is_spelt_as_a_date() {
        let day = Day::of(Timestamp::parse_rfc3339("2026-11-30T23:59:59.999Z").unwrap());
        assert_eq!((day.to_string().as_str(), day.number()), ("2026-11-30", 30));
        assert_eq!(Day::parse("2026-11-30"), Some(day));
        let next = day.next().unwrap();
        assert_eq!(next.to_string(), "2026-12-01");
        assert_eq!(
            (day.period().to_string(), next.period().to_string()),
            ("2026-11".into(), "2026-12".into())
        );
        for bad in ["2026-11-31", "2026-1-1", "30.11.2026", "", "-2026-11-30", "+2026-11-30"] {
            assert_eq!(Day::parse(bad), None, "{bad}");
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
