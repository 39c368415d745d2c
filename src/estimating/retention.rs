//! How long records are kept: BR-120.

use super::day::Day;
use jiff::civil::Date;

/// Years records stay after the end of the financial year a tender closed in.
const YEARS_KEPT: i16 = 7;

/// The last day a submitted revision and its records are kept: seven years after the 31 March that
/// follows the tender's closing. A tender that closes on a 31 March counts to the next.
pub fn kept_until(closing_us: i64) -> Day {
    let closing = Day::at_us(closing_us).date();
    let year_end = |year: i16| Date::new(year, 3, 31).unwrap_or(Date::MAX);
    let next = if closing < year_end(closing.year()) { 0 } else { 1 };
    Day::from(year_end(closing.year().saturating_add(next + YEARS_KEPT)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_kept_seven_years_after_the_financial_year_of_closing() {
        let noon = |day: &str| {
            let at: jiff::Timestamp = format!("{day}T00:00:00Z").parse().expect("a day");
            at.as_microsecond()
        };
        for (closing, kept) in [
            ("2026-03-30", "2033-03-31"),
            ("2026-03-31", "2034-03-31"),
            ("2026-04-01", "2034-03-31"),
            ("2026-12-24", "2034-03-31"),
        ] {
            assert_eq!(kept_until(noon(closing)).to_string(), kept, "closing {closing}");
        }
    }
}
