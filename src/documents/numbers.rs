//! From stored floats and written figures to exact decimals.

use std::str::FromStr;

use jiff::civil;
use rust_decimal::Decimal;

use super::cell::{CellError, Value};

/// Digits Excel keeps of a number; what it stores beyond them is noise of binary arithmetic.
pub const EXCEL_DIGITS: u32 = 15;

/// The decimal a workbook's stored float stands for.
///
/// .xlsx and .xls store every number as an IEEE double: this is the one place where a float
/// meets money or quantities. The shortest decimal that reads back as the same double is taken
/// (what Excel itself shows, as long as it has at most 15 digits), so `30.100000000000001` is
/// 30.1. A number of more digits than a decimal holds is an error value, never a rounded one.
#[must_use]
pub fn from_stored_float(stored: f64) -> Value {
    if !stored.is_finite() {
        return Value::Error(CellError::Num);
    }
    let written = stored.to_string();
    match Decimal::from_str(&written) {
        Ok(number) if number.is_zero() == (stored == 0.0) => Value::Number(number.normalize()),
        Ok(_) | Err(_) => Value::Error(CellError::OutOfRange),
    }
}

/// `number` to the 15 significant digits Excel shows, and whether that changed it.
#[must_use]
pub fn as_excel_shows(number: Decimal) -> (Decimal, bool) {
    match number
        .round_sf_with_strategy(EXCEL_DIGITS, rust_decimal::RoundingStrategy::MidpointAwayFromZero)
    {
        Some(shown) if shown != number => (shown.normalize(), true),
        Some(_) | None => (number, false),
    }
}

/// The number written in `text`, when it plainly is one: an optional sign, `$` or `NZD`,
/// thousands in commas or spaces, a decimal point, or an amount in parentheses for a negative.
/// `None` for anything else, also for `1,23` and for `1e3`.
#[must_use]
pub fn from_text(text: &str) -> Option<Decimal> {
    let text = text.trim().trim_matches('\u{a0}');
    let (text, in_parentheses) = match text.strip_prefix('(').and_then(|t| t.strip_suffix(')')) {
        Some(inner) => (inner.trim(), true),
        None => (text, false),
    };
    let (text, minus) = match text.strip_prefix(['-', '\u{2212}']) {
        Some(rest) => (rest.trim_start(), true),
        None => (text.strip_prefix('+').unwrap_or(text), false),
    };
    let text = text.strip_prefix("NZ").unwrap_or(text);
    let text = text.strip_prefix('$').unwrap_or(text).trim_start();
    let (text, minus_inside) = match text.strip_prefix('-') {
        Some(rest) if !minus => (rest, true),
        Some(_) | None => (text, false),
    };
    let number = unsigned(text)?;
    let negative = minus || minus_inside || in_parentheses;
    Some(if negative { -number } else { number })
}

fn unsigned(text: &str) -> Option<Decimal> {
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, fraction),
        None => (text, ""),
    };
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    if !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let digits = ungrouped(whole)?;
    if digits.len() + fraction.len() > 28 {
        return None;
    }
    Decimal::from_str(&format!("{digits}.{fraction}0")).ok().map(|n| n.normalize())
}

/// The digits of a whole part, thousands separators taken out when they stand right.
fn ungrouped(whole: &str) -> Option<String> {
    let is_separator = |c: char| matches!(c, ',' | ' ' | '\u{a0}' | '\u{202f}' | '\'');
    if !whole.contains(is_separator) {
        return whole
            .bytes()
            .all(|b| b.is_ascii_digit())
            .then(|| if whole.is_empty() { "0".to_owned() } else { whole.to_owned() });
    }
    let mut digits = String::with_capacity(whole.len());
    for (i, group) in whole.split(is_separator).enumerate() {
        let fits = if i == 0 { (1..=3).contains(&group.len()) } else { group.len() == 3 };
        if !fits || !group.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        digits.push_str(group);
    }
    Some(digits)
}

/// The date of a serial number, of the 1904 system when `from_1904`; the number itself when it
/// is outside the years Excel dates.
#[must_use]
pub fn from_serial(serial: f64, from_1904: bool) -> Value {
    const DAYS_1904: i64 = 1_462;
    const LAST_DAY: f64 = 2_958_466.0;
    if !(0.0..LAST_DAY).contains(&serial) {
        return from_stored_float(serial);
    }
    let days_whole = serial.floor();
    #[expect(clippy::cast_possible_truncation, reason = "bounded by LAST_DAY above")]
    let mut days = days_whole as i64;
    #[expect(clippy::cast_possible_truncation, reason = "a fraction of a day in seconds")]
    let seconds = ((serial - days_whole) * 86_400.0).round() as i64;
    if from_1904 {
        days += DAYS_1904;
    }
    // Excel counts a 29 February 1900 that never was, so days before it start one day later.
    let epoch = if days < 60 { civil::date(1899, 12, 31) } else { civil::date(1899, 12, 30) };
    let at = epoch
        .at(0, 0, 0, 0)
        .checked_add(jiff::Span::new().days(days))
        .and_then(|at| at.checked_add(jiff::Span::new().seconds(seconds)));
    match at {
        Ok(at) => Value::Date(at),
        Err(_) => from_stored_float(serial),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        Decimal::from_str(text).expect("a decimal")
    }

    #[test]
    fn a_stored_float_is_the_shortest_decimal_that_reads_back() {
        for (stored, meant) in [
            (f64::from_bits(0x403e_1999_9999_999a), "30.1"),
            (0.1, "0.1"),
            (12450.0, "12450"),
            (1855375.11, "1855375.11"),
            (1e-7, "0.0000001"),
            (-4.35, "-4.35"),
        ] {
            assert_eq!(from_stored_float(stored), Value::Number(decimal(meant)));
        }
        assert_eq!(from_stored_float(1e300), Value::Error(CellError::OutOfRange));
        assert_eq!(from_stored_float(1e-300), Value::Error(CellError::OutOfRange));
        assert_eq!(from_stored_float(f64::NAN), Value::Error(CellError::Num));
    }

    #[test]
    fn noise_past_fifteen_digits_is_seen_as_such() {
        assert_eq!(as_excel_shows(decimal("0.30000000000000004")), (decimal("0.3"), true));
        assert_eq!(as_excel_shows(decimal("1855375.11")), (decimal("1855375.11"), false));
    }

    #[test]
    fn plain_written_numbers_are_read_and_others_are_not() {
        for (text, meant) in [
            ("850", "850"),
            (" 1,234.50 ", "1234.5"),
            ("$12,450.00", "12450"),
            ("NZ$5", "5"),
            ("(25.00)", "-25"),
            ("-3.5", "-3.5"),
            ("$-3.5", "-3.5"),
            ("1 234 567.8", "1234567.8"),
            (".5", "0.5"),
            ("7.", "7"),
        ] {
            assert_eq!(from_text(text), Some(decimal(meant)), "{text}");
        }
        for text in ["", "-", ".", "1,23", "12,34,567", "1e3", "850 m3", "1.2.3", "--5", "$", "ten"]
        {
            assert_eq!(from_text(text), None, "{text}");
        }
    }

    #[test]
    fn serials_are_dates_on_either_side_of_the_day_that_never_was() {
        for (serial, date) in [(1.0, "1900-01-01"), (59.0, "1900-02-28"), (61.0, "1900-03-01")] {
            assert_eq!(
                from_serial(serial, false),
                Value::Date(date.parse::<civil::Date>().expect("a date").at(0, 0, 0, 0))
            );
        }
        assert_eq!(
            from_serial(45_980.5, false),
            Value::Date(civil::date(2025, 11, 19).at(12, 0, 0, 0))
        );
        assert_eq!(from_serial(0.0, true), Value::Date(civil::date(1904, 1, 1).at(0, 0, 0, 0)));
    }
}
