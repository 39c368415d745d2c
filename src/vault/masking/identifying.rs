//! Numbers in free text that say who somebody is: telephone, bank account, tax and business numbers.
//!
//! - A telephone number begins with `0`, `+` or New Zealand's `64` and has as many digits as one has;
//!   dots and slashes may part it where they make no decimal or date of it.
//! - A bank account has the form New Zealand's banks give it: `12-3456-0123456-00`.
//! - A tax or business number follows a word that says so: `GST 98-765-432`, `NZBN 9429041234567`.

use super::prose::Found;

/// What stands for a telephone number.
pub const PHONE: &str = "[phone]";
/// What stands for the number of an account, a taxpayer or a business.
const NUMBER: &str = "[number]";
/// Digits of a telephone number in a text.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 8..=15;
/// The same where dots or slashes part it, which may part a date of eight.
const PARTED_DIGITS: std::ops::RangeInclusive<usize> = 9..=13;
/// The same with the country before it and no plus.
const COUNTRY_DIGITS: std::ops::RangeInclusive<usize> = 10..=12;
/// The country those begin with.
const COUNTRY: &str = "64";
/// Digits of the parts of a bank account: bank, branch, account, suffix.
const ACCOUNT: [std::ops::RangeInclusive<usize>; 4] = [2..=2, 4..=4, 7..=7, 2..=3];
/// Digits of a tax or business number.
const TAX_DIGITS: std::ops::RangeInclusive<usize> = 8..=13;
/// Words before one.
const TAX: [&str; 8] = ["gst", "ird", "nzbn", "abn", "tax", "account", "acct", "acc"];
/// Words that may stand between.
const TAX_JOINING: [&str; 4] = ["no", "nr", "number", "is"];

/// The number that says who somebody is and whose first digit stands at `start`.
pub fn identifying(text: &str, start: usize) -> Option<Found> {
    let of = |instead: &'static str| {
        move |(start, end): (usize, usize)| Found { start, end, instead: instead.into() }
    };
    account(text, start)
        .or_else(|| tax(text, start))
        .map(of(NUMBER))
        .or_else(|| phone(text, start).map(of(PHONE)))
}

/// Digits from a place on, with what may part them, and where the last of them ends.
fn run(text: &str, start: usize, parting: impl Fn(char) -> bool) -> (usize, usize) {
    let (mut digits, mut end) = (0, start);
    for (at, c) in text.get(start..).unwrap_or_default().char_indices() {
        match c {
            '0'..='9' => (digits, end) = (digits + 1, start + at + 1),
            c if parting(c) => {}
            _ => break,
        }
    }
    (digits, end)
}

/// Whether a number that begins at `from` is the rest of something longer.
fn goes_on(text: &str, from: usize) -> bool {
    let mut before = text.get(..from).unwrap_or_default().chars().rev();
    match before.next() {
        Some(c) if c.is_alphanumeric() => true,
        Some('.' | ',' | '-' | '/') => before.next().is_some_and(|c| c.is_ascii_digit()),
        _ => false,
    }
}

fn phone(text: &str, start: usize) -> Option<(usize, usize)> {
    let opened = text.get(..start).unwrap_or_default().trim_end_matches('(');
    let plus = opened.ends_with('+');
    let from = if plus { opened.len() - 1 } else { opened.len() };
    let rest = text.get(start..)?;
    if goes_on(text, from) {
        return None;
    }
    let spaced = |c: char| " -()\u{a0}".contains(c);
    if !plus && !rest.starts_with('0') {
        let country = rest.strip_prefix(COUNTRY).is_some_and(|rest| rest.starts_with(spaced));
        let (digits, end) = run(text, start, spaced);
        return (country && COUNTRY_DIGITS.contains(&digits)).then_some((from, end));
    }
    // One dot makes a decimal of it, and two slashes a date.
    let dotted = run(text, start, |c| c == '.');
    let slashed = run(text, start, |c| spaced(c) || c == '/');
    let marks =
        |end: usize, mark: char| text.get(start..end).map_or(0, |it| it.matches(mark).count());
    let parted = [(dotted, marks(dotted.1, '.') > 1), (slashed, marks(slashed.1, '/') == 1)];
    for ((digits, end), parts) in parted {
        if parts && PARTED_DIGITS.contains(&digits) && !decimal(text, end) {
            return Some((from, end));
        }
    }
    let (digits, end) = run(text, start, spaced);
    (PHONE_DIGITS.contains(&digits) && !decimal(text, end)).then_some((from, end))
}

/// Whether a figure goes on behind a dot or a comma.
fn decimal(text: &str, end: usize) -> bool {
    let mut rest = text.get(end..).unwrap_or_default().chars();
    matches!(rest.next(), Some('.' | ',')) && rest.next().is_some_and(|c| c.is_ascii_digit())
}

fn account(text: &str, start: usize) -> Option<(usize, usize)> {
    if goes_on(text, start) {
        return None;
    }
    let mut at = start;
    for (part, lengths) in ACCOUNT.iter().enumerate() {
        if part > 0 {
            at += usize::from(text.get(at..)?.starts_with([' ', '-']));
        }
        let (digits, end) = run(text, at, |_| false);
        if !lengths.contains(&digits) {
            return None;
        }
        at = end;
    }
    Some((start, at))
}

fn tax(text: &str, start: usize) -> Option<(usize, usize)> {
    let (digits, end) = run(text, start, |c| " -".contains(c));
    if !TAX_DIGITS.contains(&digits) || goes_on(text, start) || decimal(text, end) {
        return None;
    }
    let before = text.get(..start).unwrap_or_default();
    let mut words = before.rsplit(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let is = |word: &str, known: &[&str]| known.iter().any(|one| one.eq_ignore_ascii_case(word));
    let word = words.find(|word| !is(word, &TAX_JOINING))?;
    is(word, &TAX).then_some((start, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What stands in its place, or nothing, for the first number of a text.
    fn of(text: &str) -> Option<(String, String)> {
        let start = text.find(|c: char| c.is_ascii_digit()).unwrap();
        let found = identifying(text, start)?;
        Some((text[found.start..found.end].to_owned(), found.instead.into()))
    }

    #[test]
    fn telephone_account_and_tax_numbers_are_found_in_the_forms_people_write_them() {
        for (text, number, instead) in [
            ("(09) 555 1234", "(09) 555 1234", PHONE),
            ("call 021.555.1234 today", "021.555.1234", PHONE),
            ("+64.21.555.1234", "+64.21.555.1234", PHONE),
            ("64 21 555 1234", "64 21 555 1234", PHONE),
            ("021/555-1234.", "021/555-1234", PHONE),
            ("Bob,021 987 6546", "021 987 6546", PHONE),
            ("mob-021 987 6548", "021 987 6548", PHONE),
            ("to 12-3456-0123456-00 please", "12-3456-0123456-00", NUMBER),
            ("BNZ 02-0500-0654322-000", "02-0500-0654322-000", NUMBER),
            ("GST 98-765-432", "98-765-432", NUMBER),
            ("GST No: 98-765-432", "98-765-432", NUMBER),
            ("IRD number is 123456789", "123456789", NUMBER),
            ("NZBN 9429041234567", "9429041234567", NUMBER),
        ] {
            let (found, stands) = of(text).unwrap_or_else(|| panic!("{text}"));
            // An opening bracket goes with a number, or stays before what stands for it.
            let number = number.trim_start_matches('(');
            assert_eq!((found.trim_start_matches('('), &*stands), (number, instead), "{text}");
        }
    }

    #[test]
    fn figures_that_measure_date_or_number_something_are_none() {
        for text in [
            "0.00012345 m",
            "01.02.2026",
            "01/02/2026",
            "drawing 123-456-789",
            "12345678 m3",
            "1,021 555 1234",
            "64 m3 of 20 MPa",
            "0.5 to 0.75",
            "100.021.555.1234",
            "05/03/2026 14:00",
            "05.03.2026 14:00",
            "01/02/2026 - 05/03/2026",
            "GST 15 %",
            "12-3456-0123",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
