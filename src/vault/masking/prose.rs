//! Free text: names in any case, with or without accents, as possessives and in file names;
//! e-mail addresses, and the figures of [`super::money`].

use std::cell::OnceCell;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::{
    money::numbers,
    names::{Dictionary, Pattern, What},
};

/// Times a text is looked through for figures again: what was replaced beside one may have been
/// what it was told apart by.
const PASSES_MAX: usize = 4;

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
    /// Where it begins.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// What stands there then.
    pub instead: Box<str>,
}

/// Visits what of the dictionary stands in a text.
pub fn each_name(
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
    let mut text = without(original, found)?;
    for _ in 0..PASSES_MAX {
        let mut found = Vec::new();
        numbers(dictionary, &text, &mut found);
        match without(&text, found) {
            Some(again) => text = again,
            None => break,
        }
    }
    Some(text)
}

/// The text with what was found replaced; none where nothing was. O(found log found + length).
pub fn without(original: &str, mut found: Vec<Found>) -> Option<String> {
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
pub fn emails(text: &str, mut visit: impl FnMut(usize, usize)) {
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
