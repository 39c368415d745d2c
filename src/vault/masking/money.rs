//! Figures in free text: which of them are money, and which stay because they measure, count, date or
//! number something. Those that say who somebody is come first ([`super::identifying`]).
//!
//! A figure is money when one of these holds:
//!
//! - a currency stands before or behind it (`NZ$ 500`, `500 dollars`, `85 $/m3`);
//! - it is an amount the source holds, of [`AMOUNT_DIGITS_MIN`](super::names::AMOUNT_DIGITS_MIN)
//!   digits at least;
//! - no unit follows it, and it has two decimals or more, or thousands set apart (`85.50`,
//!   `18,423`, `18 423.15`), and nothing before it says that it numbers something (`clause 3.12`);
//! - no unit follows it, and words beside it say so (`rate of 85`, `85 per m3`, `12 plus GST`).

use super::{identifying::identifying, names::Dictionary, prose::Found};

/// What stands for an amount of money.
const AMOUNT: &str = "[amount]";
/// Decimals from which on a bare figure is money.
const DECIMALS_MIN: usize = 2;
/// Figures that may stand between one and the unit of all: `1.20 x 2.40 x 3.00 m`.
const CHAIN_MAX: usize = 3;
/// Digits of a count that a total may be of: `a total of 12 manholes`.
const COUNT_DIGITS_MAX: usize = 3;
/// Currencies before or after an amount.
const CURRENCIES: [&str; 9] = ["$", "€", "£", "¥", "nzd", "aud", "usd", "eur", "gbp"];
/// What may follow an amount and belongs to it.
const MULTIPLES: [&str; 9] =
    [" million", " thousand", " billion", "million", "thousand", "billion", "k", "bn", "m"];
/// Of those, the ones that make an amount of a figure without a currency.
const SAYING_MULTIPLES: usize = 7;
/// Units: a figure before one of them measures or counts.
const UNITS: [&str; 91] = [
    "mm",
    "cm",
    "m",
    "km",
    "lm",
    "um",
    "m1",
    "m2",
    "m3",
    "m²",
    "m³",
    "mm2",
    "mm²",
    "sqm",
    "cum",
    "ha",
    "l",
    "ml",
    "kl",
    "litre",
    "litres",
    "liter",
    "liters",
    "g",
    "kg",
    "mg",
    "t",
    "tonne",
    "tonnes",
    "ton",
    "tons",
    "kn",
    "knm",
    "pa",
    "kpa",
    "mpa",
    "gpa",
    "w",
    "kw",
    "mw",
    "kwh",
    "kva",
    "hp",
    "hz",
    "h",
    "hr",
    "hrs",
    "hour",
    "hours",
    "min",
    "mins",
    "minute",
    "minutes",
    "sec",
    "secs",
    "second",
    "seconds",
    "day",
    "days",
    "week",
    "weeks",
    "wk",
    "wks",
    "month",
    "months",
    "year",
    "years",
    "yr",
    "yrs",
    "percent",
    "deg",
    "degree",
    "degrees",
    "metre",
    "metres",
    "meter",
    "meters",
    "millimetre",
    "millimetres",
    "kilometre",
    "kilometres",
    "inch",
    "ft",
    "feet",
    "dia",
    "diameter",
    "nr",
    "am",
    "pm",
    "wide",
    "deep",
];
/// More of them, which say what is measured.
const MEASURES: [&str; 5] = ["thick", "high", "long", "times", "off"];
/// Words before a figure that numbers, places or measures something.
const CODES: [&str; 40] = [
    "item", "items", "clause", "clauses", "cl", "section", "sections", "drawing", "drawings",
    "dwg", "sheet", "page", "rev", "revision", "version", "table", "figure", "fig", "appendix",
    "schedule", "part", "chapter", "step", "lot", "stage", "nzs", "iso", "astm", "rl", "ch",
    "chainage", "station", "dia", "dn", "grade", "ratio", "factor", "slope", "ø", "see",
];
/// The same, of two words.
const CODING: [(&str, &str); 4] =
    [("extra", "over"), ("percentage", "on"), ("refer", "to"), ("adjustment", "of")];
/// Words before a figure that is money.
const MONEY: [&str; 24] = [
    "sum", "sums", "price", "prices", "priced", "rate", "rates", "cost", "costs", "costing",
    "total", "totals", "subtotal", "amount", "amounts", "quote", "quoted", "fee", "fees", "budget",
    "charge", "dollars", "levy", "premium",
];
/// Words that join one of those, or one of [`DOING`], to its figure.
const JOINING: [&str; 9] = ["of", "at", "is", "to", "was", "for", "about", "around", "be"];
/// What is done with money.
const DOING: [&str; 12] = [
    "comes",
    "came",
    "amounting",
    "sells",
    "sell",
    "sold",
    "buys",
    "bought",
    "paid",
    "pay",
    "offered",
    "offer",
];

/// Adds the amounts of money of a text, and the numbers that say who somebody is. O(length).
pub fn numbers(dictionary: &Dictionary, text: &str, found: &mut Vec<Found>) {
    let bytes = text.as_bytes();
    let addresses = addresses(text);
    let mut at = 0;
    while let Some(start) =
        bytes.get(at..).and_then(|rest| rest.iter().position(u8::is_ascii_digit))
    {
        let start = at + start;
        if let Some((_, end)) = addresses.iter().find(|(from, to)| (*from..*to).contains(&start)) {
            at = *end;
            continue;
        }
        if let Some(number) = identifying(text, start) {
            at = number.end;
            found.push(number);
            continue;
        }
        let (end, tight) = (number_end(bytes, start, true), number_end(bytes, start, false));
        // With a gap between thousands it is one figure only where that makes money of it.
        let whole = money(dictionary, text, start, end);
        let shown = match whole {
            None if tight < end => money(dictionary, text, start, tight),
            found => found,
        };
        match shown {
            Some((from, to)) => {
                found.push(Found { start: from, end: to, instead: AMOUNT.into() });
                at = to;
            }
            None => at = tight,
        }
    }
}

/// Where the e-mail addresses of a text stand: their figures are none.
fn addresses(text: &str) -> Vec<(usize, usize)> {
    let mut all = Vec::new();
    if text.contains('@') {
        super::prose::emails(text, |start, end| all.push((start, end)));
    }
    all
}

/// What is money of the text about the figure from `start` to `end`.
fn money(dictionary: &Dictionary, text: &str, start: usize, end: usize) -> Option<(usize, usize)> {
    let (before, after) = (text.get(..start)?, text.get(end..)?);
    let number = text.get(start..end)?;
    let behind = currency_after(after);
    if let Some(from) = currency_before(before) {
        return Some((from, end + behind.unwrap_or_else(|| multiple(after, &MULTIPLES))));
    }
    if let Some(length) = behind {
        return Some((start, end + length));
    }
    let in_word = before.chars().next_back().is_some_and(char::is_alphabetic);
    if !in_word && dictionary.knows_amount(number) {
        return Some((start, end));
    }
    if is_glued(before) || is_numbered(after) || measures(after, 0) || is_dimension(before) {
        return None;
    }
    let multiple = multiple(after, MULTIPLES.get(..SAYING_MULTIPLES)?);
    if multiple > 0 {
        return Some((start, end + multiple));
    }
    let decimals = number.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let grouped = number.contains([',', '\u{a0}', '\u{2007}', '\u{2009}', '\u{202f}']);
    let shaped = (decimals >= DECIMALS_MIN || grouped) && !follows_code(before);
    let said = says_money_before(before, number, after) || says_money_after(after);
    (shaped || said).then_some((start, end))
}

/// Whether the figure goes on a word, or another figure, as in `C-12.50`, `3.1.20` and `1:2.50`.
fn is_glued(before: &str) -> bool {
    let mut back = before.chars().rev();
    match back.next() {
        Some(c) if c.is_alphabetic() => true,
        Some('-' | '_' | '/' | '#') => back.next().is_some_and(char::is_alphabetic),
        Some('.' | ':') => back.next().is_some_and(char::is_alphanumeric),
        _ => false,
    }
}

/// Whether more figures follow at once, as in `1.2.3` and `12:30`.
fn is_numbered(after: &str) -> bool {
    let mut chars = after.chars();
    matches!(chars.next(), Some('.' | ':')) && chars.next().is_some_and(|c| c.is_ascii_digit())
}

/// Whether the figure is the second of two, as in `1.20 x 2.40`.
fn is_dimension(before: &str) -> bool {
    let Some(rest) = before.trim_end().strip_suffix(['x', 'X', '×']) else { return false };
    let rest = rest.trim_end();
    let word = rest.chars().rev().take_while(|c| c.is_alphabetic()).count();
    let unit = rest.get(rest.len() - word.min(rest.len())..).unwrap_or_default();
    rest.ends_with(|c: char| c.is_ascii_digit()) || word > 0 && UNITS.contains(&unit)
}

/// Whether a unit follows: at once, after a gap, or behind more figures of the same kind.
fn measures(after: &str, links: usize) -> bool {
    let rest = after.strip_prefix([' ', '\u{a0}', '\u{2009}', '\u{202f}']).unwrap_or(after);
    let joined = rest.strip_prefix('-').filter(|rest| rest.starts_with(char::is_alphabetic));
    let rest = joined.unwrap_or(rest);
    let Some(first) = rest.chars().next() else { return false };
    if matches!(first, '%' | '°') {
        return true;
    }
    let word = first_word(rest);
    if is_one_of(word, &UNITS) || is_one_of(word, &MEASURES) {
        return true;
    }
    if word.eq_ignore_ascii_case("no") {
        return rest.get(word.len()..).is_some_and(|rest| rest.starts_with('.'));
    }
    let link = ["x", "×", "to", "by", "–", "-"].into_iter().find_map(|link| {
        rest.strip_prefix(link).map(str::trim_start).filter(|rest| starts_figure(rest))
    });
    let Some(next) = link.filter(|_| links < CHAIN_MAX) else { return false };
    if rest.starts_with(['x', '×']) {
        return true;
    }
    measures(next.get(number_end(next.as_bytes(), 0, false)..).unwrap_or_default(), links + 1)
}

fn starts_figure(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

/// The letters and digits a text begins with.
fn first_word(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphanumeric()).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

/// The last word of a text, and what is before it.
fn last_word(text: &str) -> (&str, &str) {
    let text = text.trim_end_matches([' ', '\u{a0}', ':', '=', '(', '\n', '\t']);
    let word = text.char_indices().rev().take_while(|(_, c)| c.is_alphanumeric()).last();
    let at = word.map_or(text.len(), |(at, _)| at);
    (text.get(at..).unwrap_or_default(), text.get(..at).unwrap_or_default())
}

fn is_one_of(word: &str, words: &[&str]) -> bool {
    !word.is_empty() && words.iter().any(|known| known.eq_ignore_ascii_case(word))
}

/// Whether what is before the figure says that it numbers something.
fn follows_code(before: &str) -> bool {
    let (word, rest) = last_word(before.trim_end_matches([' ', '.']));
    let (first, _) = last_word(rest);
    let coding = |(one, two): &(&str, &str)| {
        first.eq_ignore_ascii_case(one) && word.eq_ignore_ascii_case(two)
    };
    is_one_of(word, &CODES) || CODING.iter().any(coding) || matches!(word, "AS" | "BS" | "EN" | "Ø")
}

fn says_money_before(before: &str, number: &str, after: &str) -> bool {
    let (word, rest) = last_word(before);
    let (joined, second) = match is_one_of(word, &JOINING) {
        true => (true, last_word(rest).0),
        false => (false, word),
    };
    let counts = number.len() <= COUNT_DIGITS_MAX
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && after.strip_prefix(' ').is_some_and(|rest| rest.starts_with(char::is_lowercase));
    let of_things = word.eq_ignore_ascii_case("for") || is_one_of(second, &["total", "totals"]);
    // "quote 2" is the second of them.
    let which = !joined && number.len() == 1 && before.trim_end_matches(' ').ends_with(word);
    if counts && of_things || which {
        return false;
    }
    is_one_of(second, &MONEY) || joined && is_one_of(second, &DOING)
}

/// Whether what follows says that it is money: a unit it is the price of, or the tax on it.
fn says_money_after(after: &str) -> bool {
    let rest = after.trim_start_matches([' ', '\u{a0}', ',', '(', '+']);
    let (word, glued) = (first_word(rest), after.starts_with('/'));
    if glued || rest.starts_with('/') {
        let unit = first_word(rest.trim_start_matches(['/', ' ']));
        return is_one_of(unit, &UNITS) || is_one_of(unit, &["each", "ea", "item", "no", "load"]);
    }
    let next = rest.get(word.len()..).unwrap_or_default().trim_start_matches([' ', '.']);
    match word.to_ascii_lowercase().as_str() {
        "gst" => after.contains('+'),
        "per" => first_word(next).starts_with(char::is_alphabetic),
        "each" => true,
        "plus" | "ex" | "excl" | "excluding" | "exclusive" | "inc" | "incl" | "including"
        | "inclusive" | "before" | "without" | "with" => {
            let next = next.strip_prefix("of ").unwrap_or(next);
            first_word(next).eq_ignore_ascii_case("gst")
        }
        _ => false,
    }
}

/// Where a number ends that begins at `start`: digits, commas between them, one point, and where
/// they may be, gaps between thousands.
fn number_end(bytes: &[u8], start: usize, gaps: bool) -> usize {
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let thousand = |at: usize| (0..3).all(|more| digit(at + more)) && !digit(at + 3);
    let (mut at, mut point) = (start, false);
    let mut group = 0;
    loop {
        match bytes.get(at) {
            Some(b'0'..=b'9') => (at, group) = (at + 1, group + 1),
            Some(b',') if !point && digit(at + 1) => (at, group) = (at + 1, 0),
            Some(b'.') if !point && digit(at + 1) => (at, point) = (at + 1, true),
            _ => match gap(bytes, at) {
                Some(gap) if gaps && !point && group <= 3 && thousand(at + gap) => {
                    (at, group) = (at + gap, 0);
                }
                _ => return at,
            },
        }
    }
}

/// Bytes of the space at a place: a plain one, one that does not break, a thin one.
fn gap(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..)?;
    if rest.starts_with(b" ") {
        return Some(1);
    }
    ["\u{a0}", "\u{2007}", "\u{2009}", "\u{202f}"]
        .into_iter()
        .find(|gap| rest.starts_with(gap.as_bytes()))
        .map(str::len)
}

/// Where a currency begins that ends right before a number.
fn currency_before(before: &str) -> Option<usize> {
    let trimmed = before.trim_end_matches([' ', '\u{a0}', '-']);
    if before.len() - trimmed.len() > 2 {
        return None;
    }
    let mark = CURRENCIES.iter().find(|mark| ends_with(trimmed, mark))?;
    let rest = trimmed.get(..trimmed.len() - mark.len())?;
    // NZ$, A$, US$.
    let letters = if *mark == "$" {
        rest.bytes().rev().take_while(u8::is_ascii_uppercase).count()
    } else if rest.chars().next_back().is_some_and(char::is_alphanumeric) && mark.is_ascii() {
        return None;
    } else {
        0
    };
    Some(rest.len() - letters.min(3))
}

fn ends_with(text: &str, mark: &str) -> bool {
    text.len()
        .checked_sub(mark.len())
        .and_then(|at| text.get(at..))
        .is_some_and(|end| end.eq_ignore_ascii_case(mark))
}

/// Bytes of the currency after a number, the space between them among them.
fn currency_after(after: &str) -> Option<usize> {
    let trimmed = after.trim_start_matches([' ', '\u{a0}']);
    let gap = after.len() - trimmed.len();
    let words = CURRENCIES.iter().chain(&["dollars", "nz$", "a$", "au$", "us$"]);
    let word = words.into_iter().find(|word| {
        let head = trimmed.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word));
        let rest = trimmed.get(word.len()..).unwrap_or_default();
        // "12 $ 500" belongs to the number behind it.
        let next =
            if word.ends_with('$') { rest.trim_start_matches([' ', '\u{a0}']) } else { rest };
        let next = next.chars().next();
        head && !match word.ends_with('$') {
            true => next.is_some_and(|c| c.is_ascii_digit()),
            false => next.is_some_and(char::is_alphanumeric),
        }
    })?;
    (gap <= 2).then_some(gap + word.len())
}

/// Bytes of a multiple after an amount.
fn multiple(after: &str, words: &[&str]) -> usize {
    let found = words.iter().find(|word| {
        let head = after.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word));
        let rest = after.get(word.len()..).and_then(|rest| rest.chars().next());
        head && !rest.is_some_and(char::is_alphanumeric)
    });
    found.map_or(0, |word| word.len())
}
