//! Free text: names in any case, with or without accents, as possessives and in file names;
//! e-mail addresses, telephone numbers and amounts of money.

use std::cell::OnceCell;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::names::{Dictionary, Pattern, What};

/// What stands for a telephone number.
pub const PHONE: &str = "[phone]";
/// What stands for an amount of money.
const AMOUNT: &str = "[amount]";
/// Digits of a telephone number in a text.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 8..=15;
/// Currencies before or after an amount.
const CURRENCIES: [&str; 9] = ["$", "€", "£", "¥", "nzd", "aud", "usd", "eur", "gbp"];
/// What may follow an amount and belongs to it.
const MULTIPLES: [&str; 7] = [" million", " thousand", "million", "bn", "k", "m", " billion"];

/// A text in lower case and without accents, every run of other characters one space; a space
/// before and after it.
pub struct Folded<'a> {
    /// The text.
    pub text: String,
    original: &'a str,
    /// For every byte of it, where its character stands in the original: asked for seldom.
    from: OnceCell<Vec<u32>>,
}

impl<'a> Folded<'a> {
    /// Folds a text. O(length).
    pub fn of(original: &'a str) -> Folded<'a> {
        let mut text = String::with_capacity(original.len() + 2);
        fold(original, &mut text, |_, _| ());
        Folded { text, original, from: OnceCell::new() }
    }

    /// Where a part of it stands in the original.
    fn span(&self, start: usize, end: usize) -> (usize, usize) {
        let original = self.original;
        let from = self.from.get_or_init(|| {
            let mut from = Vec::with_capacity(self.text.len());
            let mut text = String::with_capacity(self.text.len());
            fold(original, &mut text, |to, at| from.resize(to, at as u32));
            from
        });
        let at = |at: usize| from.get(at).map_or(original.len(), |at| *at as usize);
        let last = at(end.saturating_sub(1));
        let rest = original.get(last..).unwrap_or_default();
        let mut chars = rest.char_indices().skip(1).skip_while(|(_, c)| is_combining_mark(*c));
        (at(start), chars.next().map_or(original.len(), |(more, _)| last + more))
    }
}

/// Folds a text; `grown` is told how long `text` has become with the character that stands where.
fn fold(original: &str, text: &mut String, mut grown: impl FnMut(usize, usize)) {
    text.push(' ');
    grown(text.len(), 0);
    let mut spaced = true;
    for (at, c) in original.char_indices() {
        if c.is_ascii_alphanumeric() {
            text.push(c.to_ascii_lowercase());
        } else if c.is_alphanumeric() {
            text.extend(c.to_lowercase().nfd().filter(|c| !is_combining_mark(*c)));
        } else if !spaced && !is_combining_mark(c) {
            text.push(' ');
        } else {
            continue;
        }
        spaced = text.ends_with(' ');
        grown(text.len(), at);
    }
    if !spaced {
        text.push(' ');
        grown(text.len(), original.len());
    }
}

/// Something found in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    start: usize,
    end: usize,
    instead: Box<str>,
}

/// Visits what of the dictionary stands in a text.
fn each_name(
    dictionary: &Dictionary,
    original: &str,
    mut visit: impl FnMut(&Pattern, usize, usize),
) {
    let folded = Folded::of(original);
    let bytes = folded.text.as_bytes();
    for found in dictionary.automaton.find_overlapping_iter(&folded.text) {
        let Some(pattern) = dictionary.patterns.get(found.pattern().as_usize()) else { continue };
        let space = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_none_or(|b| *b == b' ');
        let stands = space(found.start().checked_sub(1)) && space(Some(found.end()));
        if !stands && !pattern.loose {
            continue;
        }
        let (start, end) = folded.span(found.start(), found.end());
        let first = original.get(start..).and_then(|rest| rest.chars().next());
        if pattern.capital && !first.is_some_and(|c| c.is_uppercase() || c.is_ascii_digit()) {
            continue;
        }
        visit(pattern, start, end);
    }
}

/// The text without anything it should not say; none where there is nothing in it. O(length).
pub fn scrub(dictionary: &Dictionary, original: &str) -> Option<String> {
    let mut found = Vec::new();
    emails(original, |start, end| {
        let address = original.get(start..end).unwrap_or_default();
        found.push(Found { start, end, instead: dictionary.email(address).into() });
    });
    numbers(dictionary, original, &mut found);
    each_name(dictionary, original, |pattern, start, end| {
        found.push(Found { start, end, instead: pattern.instead.clone() });
    });
    if found.is_empty() {
        return None;
    }
    // The first, and of those that begin together the longest.
    found.sort_by_key(|found| (found.start, std::cmp::Reverse(found.end)));
    let (mut text, mut at) = (String::with_capacity(original.len()), 0);
    let mut end_of_last = 0;
    for Found { start, end, instead } in found {
        if start < end_of_last {
            // What overlaps goes with it: half a name is one too.
            at = at.max(end);
            end_of_last = end_of_last.max(end);
            continue;
        }
        text.push_str(original.get(at..start).unwrap_or_default());
        text.push_str(&instead);
        (at, end_of_last) = (end, end);
    }
    text.push_str(original.get(at..).unwrap_or_default());
    Some(text)
}

/// What of the source stands in a text of the copy: what it is, and how it begins.
pub fn leak(dictionary: &Dictionary, text: &str, amounts: bool) -> Option<(What, String)> {
    let mut first = None;
    each_name(dictionary, text, |pattern, start, _| {
        if pattern.secret && first.is_none() {
            let begins = text.get(start..).and_then(|rest| rest.chars().next());
            first = Some((pattern.what, begins.map(String::from).unwrap_or_default()));
        }
    });
    if first.is_none() && amounts {
        let mut found = Vec::new();
        numbers(dictionary, text, &mut found);
        if let Some(found) = found.first() {
            let begins = text.get(found.start..).and_then(|rest| rest.chars().next());
            first = Some((What::Text, begins.map(String::from).unwrap_or_default()));
        }
    }
    first
}

/// Visits the e-mail addresses of a text.
fn emails(text: &str, mut visit: impl FnMut(usize, usize)) {
    let local = |c: char| c.is_alphanumeric() || "._%+-'".contains(c);
    let domain = |c: char| c.is_alphanumeric() || ".-".contains(c);
    for (at, _) in text.match_indices('@') {
        let (before, after) =
            (text.get(..at).unwrap_or_default(), text.get(at + 1..).unwrap_or_default());
        let start = before.len()
            - before.chars().rev().take_while(|c| local(*c)).map(char::len_utf8).sum::<usize>();
        let length: usize = after.chars().take_while(|c| domain(*c)).map(char::len_utf8).sum();
        let host = after.get(..length).unwrap_or_default().trim_end_matches(['.', '-']);
        if start < at && host.contains('.') {
            visit(start, at + 1 + host.len());
        }
    }
}

/// Adds the amounts of money and the telephone numbers of a text.
fn numbers(dictionary: &Dictionary, text: &str, found: &mut Vec<Found>) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(start) =
        bytes.get(at..).and_then(|rest| rest.iter().position(u8::is_ascii_digit))
    {
        let start = at + start;
        let before = text.get(..start).unwrap_or_default();
        let marked = currency_before(before);
        let end = number_end(bytes, start, marked.is_some());
        at = end;
        if let Some((from, to)) = phone(text, start) {
            found.push(Found { start: from, end: to, instead: PHONE.into() });
            at = to;
            continue;
        }
        let in_word = before.chars().next_back().is_some_and(char::is_alphabetic);
        let after = text.get(end..).unwrap_or_default();
        let behind = currency_after(after);
        let number = text.get(start..end).unwrap_or_default();
        if let Some(from) = marked {
            let end = end + behind.unwrap_or_else(|| multiple(after));
            found.push(Found { start: from, end, instead: AMOUNT.into() });
            at = end;
        } else if let Some(length) = behind {
            found.push(Found { start, end: end + length, instead: AMOUNT.into() });
        } else if !in_word && dictionary.knows_amount(number) {
            found.push(Found { start, end, instead: AMOUNT.into() });
        }
    }
}

/// Where a number ends that begins at `start`: digits, commas between them, one point.
fn number_end(bytes: &[u8], start: usize, spaced: bool) -> usize {
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let (mut at, mut point) = (start, false);
    loop {
        match bytes.get(at) {
            Some(b'0'..=b'9') => at += 1,
            Some(b',') if !point && digit(at + 1) => at += 1,
            Some(b'.') if !point && digit(at + 1) => (at, point) = (at + 1, true),
            Some(b' ')
                if spaced && !point && (1..=3).all(|more| digit(at + more)) && !digit(at + 4) =>
            {
                at += 1;
            }
            _ => return at,
        }
    }
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
    let words = CURRENCIES.iter().chain(&["dollars"]);
    let word = words.into_iter().find(|word| {
        let head = trimmed.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word));
        let rest = trimmed.get(word.len()..).and_then(|rest| rest.chars().next());
        // "12 $ 500" belongs to the number behind it.
        head && !rest.is_some_and(char::is_alphanumeric) && **word != "$"
    })?;
    (gap <= 2).then_some(gap + word.len())
}

/// Bytes of a multiple after an amount.
fn multiple(after: &str) -> usize {
    let found = MULTIPLES.iter().find(|word| {
        let head = after.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word));
        let rest = after.get(word.len()..).and_then(|rest| rest.chars().next());
        head && !rest.is_some_and(char::is_alphanumeric)
    });
    found.map_or(0, |word| word.len())
}

/// The telephone number whose first digit stands at `start`.
fn phone(text: &str, start: usize) -> Option<(usize, usize)> {
    let before = text.get(..start).unwrap_or_default();
    let opened = before.trim_end_matches('(');
    let from = if opened.ends_with('+') { opened.len() - 1 } else { opened.len() };
    let begins = text.as_bytes().get(start) == Some(&b'0') || opened.ends_with('+');
    let outer = text.get(..from).and_then(|rest| rest.chars().next_back());
    if !begins || outer.is_some_and(|c| c.is_alphanumeric() || ".,-".contains(c)) {
        return None;
    }
    let (mut digits, mut end) = (0, start);
    for (at, c) in text.get(start..)?.char_indices() {
        match c {
            '0'..='9' => (digits, end) = (digits + 1, start + at + 1),
            ' ' | '-' | '(' | ')' | '\u{a0}' => {}
            '.' | ',' if text.as_bytes().get(start + at + 1).is_some_and(u8::is_ascii_digit) => {
                return None;
            }
            _ => break,
        }
    }
    PHONE_DIGITS.contains(&digits).then_some((from, end))
}
