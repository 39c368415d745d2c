//! Formulas: the names that things are called by in them, and the figures that are money.
//!
//! A name becomes another by itself alone, so that what defines it and what uses it go on meaning
//! the same thing.

use super::{
    names::Dictionary,
    prose::{self, Found},
};
use crate::estimating::formula::{FUNCTION_NAMES, NAME_LENGTH_MAX};

/// Words of a name that say that what it is called by is money.
const MONEY: [&str; 18] = [
    "rate",
    "rates",
    "price",
    "prices",
    "cost",
    "costs",
    "sum",
    "amount",
    "total",
    "quote",
    "fee",
    "levy",
    "premium",
    "budget",
    "charge",
    "dollars",
    "nzd",
    "allowance",
];

/// A part of a formula.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// What something is called by.
    Name(&'a str),
    /// A figure.
    Figure(&'a str),
    /// Signs, spaces, functions.
    Other(&'a str),
}

/// The parts of a formula in order; all of its characters are in one of them. O(length).
pub fn parts(text: &str) -> Vec<Part<'_>> {
    let starts = |c: char| c.is_alphabetic() || c == '_';
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let goes_on = |c: char| match first {
            first if starts(first) => starts(c) || c.is_ascii_digit() || c == '.',
            '0'..='9' | '.' => c.is_ascii_digit() || c == '.',
            _ => !starts(c) && !c.is_ascii_digit() && c != '.',
        };
        let length = rest.find(|c: char| !goes_on(c)).unwrap_or(rest.len());
        let (part, after) = rest.split_at(length);
        let is_function = FUNCTION_NAMES.iter().any(|known| known.eq_ignore_ascii_case(part));
        parts.push(match first {
            first if starts(first) && !is_function => Part::Name(part),
            '0'..='9' | '.' => Part::Figure(part),
            _ => Part::Other(part),
        });
        rest = after;
    }
    parts
}

/// A name with its words apart, and for every byte where it stands in the name:
/// `downerRate2026` is `downer Rate 2026`.
fn apart(name: &str) -> (String, Vec<usize>) {
    let (mut text, mut from) = (String::with_capacity(name.len() + 4), Vec::new());
    let mut last = '_';
    for (at, c) in name.char_indices() {
        let ends = c.is_uppercase() && last.is_lowercase()
            || c.is_ascii_digit() != last.is_ascii_digit() && last.is_alphanumeric();
        if ends {
            text.push(' ');
            from.push(at);
        }
        text.push(c);
        from.resize(text.len(), at);
        last = c;
    }
    (text, from)
}

/// Whether a name says that what it is called by is money.
pub fn is_money(name: &str) -> bool {
    let (words, _) = apart(name);
    words
        .split(|c: char| !c.is_alphanumeric())
        .any(|word| MONEY.iter().any(|known| known.eq_ignore_ascii_case(word)))
}

/// What a name is called by instead; none where it says nothing. O(length).
pub fn rename(dictionary: &Dictionary, name: &str) -> Option<String> {
    let (words, from) = apart(name);
    let mut found = Vec::new();
    prose::each_name(dictionary, &words, |pattern, start, end| {
        let at = |at: usize| from.get(at).copied().unwrap_or(name.len());
        let (start, end) = (at(start), at(end));
        let mut instead = pattern.instead.to_lowercase();
        instead.retain(|c| c.is_alphanumeric() || c == ' ');
        let joins = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let before = joins(name.get(..start).and_then(|rest| rest.chars().next_back()));
        let after = joins(name.get(end..).and_then(|rest| rest.chars().next()));
        let instead = instead.replace(' ', "_");
        let (before, after) = (if before { "_" } else { "" }, if after { "_" } else { "" });
        found.push(Found { start, end, instead: format!("{before}{instead}{after}").into() });
    });
    let made = prose::without(name, found)?;
    if made.chars().count() <= NAME_LENGTH_MAX {
        return Some(made);
    }
    Some(format!("name_{:016x}", dictionary.number(&[b"identifier", name.as_bytes()])))
}

/// Whether a formula mentions nothing: a number alone, as most are.
pub fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-'))
}

/// The formula with its names as they are called instead, and with its figures moved by `moved`,
/// which is asked for every one that is money.
pub fn mask(
    dictionary: &Dictionary,
    text: &str,
    money: bool,
    mut moved: impl FnMut(&str) -> Option<String>,
) -> String {
    let mut made = String::with_capacity(text.len());
    for part in parts(text) {
        match part {
            Part::Name(name) => match rename(dictionary, name) {
                Some(name) => made.push_str(&name),
                None => made.push_str(name),
            },
            Part::Figure(figure) if moves(dictionary, figure, money) => {
                made.push_str(&moved(figure).unwrap_or_else(|| figure.to_owned()));
            }
            Part::Figure(text) | Part::Other(text) => made.push_str(text),
        }
    }
    made
}

/// Whether a figure of a formula is money: an amount of the source, or, where what it is for is
/// called so, any but nothing, one, and ten, a hundred and so on, which only scale.
pub fn moves(dictionary: &Dictionary, figure: &str, money: bool) -> bool {
    let digits = figure.trim_matches(['0', '.']);
    dictionary.knows_amount(figure) || money && !matches!(digits, "" | "1")
}

/// The figures of a formula.
pub fn figures(text: &str) -> impl Iterator<Item = &str> {
    parts(text).into_iter().filter_map(|part| match part {
        Part::Figure(figure) => Some(figure),
        Part::Name(_) | Part::Other(_) => None,
    })
}

/// The names of a formula, the words of each apart.
pub fn names(text: &str) -> impl Iterator<Item = String> {
    parts(text).into_iter().filter_map(|part| match part {
        Part::Name(name) => Some(apart(name).0),
        Part::Figure(_) | Part::Other(_) => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_names_figures_and_the_rest_and_lose_nothing() {
        let text = "=max(downer_rate, 184231.5) * parent.quantity + .5";
        let parts = parts(text);
        let names: Vec<Part<'_>> =
            parts.iter().copied().filter(|part| matches!(part, Part::Name(_))).collect();
        assert_eq!(names, [Part::Name("downer_rate"), Part::Name("parent.quantity")]);
        let all = parts.iter().map(|part| match part {
            Part::Name(text) | Part::Figure(text) | Part::Other(text) => *text,
        });
        assert_eq!(all.collect::<String>(), text);
        assert_eq!(figures(text).collect::<Vec<_>>(), ["184231.5", ".5"]);
    }

    #[test]
    fn the_words_of_a_name_are_told_apart_and_say_whether_it_is_money() {
        assert_eq!(apart("downerRate2026").0, "downer Rate 2026");
        for name in ["downer_rate", "unitPrice", "Sum", "quarry.cost"] {
            assert!(is_money(name), "{name}");
        }
        for name in ["length", "separate", "swell_factor", "consumption"] {
            assert!(!is_money(name), "{name}");
        }
    }
}
