//! Calendar days as people in New Zealand count them.

use jiff::{Timestamp, civil::Date, tz::Offset};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Time zone of the organisation's days (BR-004).
const ZONE: &str = "Pacific/Auckland";

/// A calendar day, written `2026-04-20`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(Date);

impl Day {
    /// The day in New Zealand at a moment, microseconds since 1970, UTC.
    pub fn at_us(at_us: i64) -> Day {
        let at = Timestamp::from_microsecond(at_us).unwrap_or(Timestamp::UNIX_EPOCH);
        // Without a time zone database the standard offset is at most an hour out.
        let date = match jiff::tz::db().get(ZONE) {
            Ok(zone) => at.to_zoned(zone).date(),
            Err(_) => Offset::constant(12).to_datetime(at).date(),
        };
        Day(date)
    }

    /// A day as typed, year first.
    pub fn parse(text: &str) -> Option<Day> {
        text.trim().parse().ok().map(Day)
    }

    /// The day `days` later; none beyond the calendar's year 9999.
    pub fn after(self, days: u32) -> Option<Day> {
        self.0.checked_add(jiff::Span::new().try_days(days).ok()?).ok().map(Day)
    }

    /// The day as a date of the calendar.
    pub const fn date(self) -> Date {
        self.0
    }
}

impl From<Date> for Day {
    fn from(date: Date) -> Day {
        Day(date)
    }
}

impl Default for Day {
    fn default() -> Day {
        Day(Date::constant(1970, 1, 1))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Day {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = <Box<str>>::deserialize(d)?;
        Day::parse(&text).ok_or_else(|| serde::de::Error::custom("not a day"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_the_one_people_in_new_zealand_have() {
        // 20 April 2026, 12:30 UTC is half past midnight of the 21st in Auckland.
        assert_eq!(Day::at_us(1_776_688_200_000_000).to_string(), "2026-04-21");
        assert_eq!(Day::parse(" 2026-04-20 "), Day::parse("2026-04-20"));
        assert_eq!(Day::parse("20/04/2026"), None);
        let leap = Day::parse("2028-02-27").and_then(|day| day.after(3));
        assert_eq!(leap, Day::parse("2028-03-01"));
        assert_eq!(Day::default().after(u32::MAX), None);
    }
}
