//! Type-ahead over resources and recipes: one flat text, searched by phrase.
//!
//! The text holds one line per entry, folded, its words parted by single spaces, in order of
//! code. A word prefix is then the phrase " wor", a code prefix a range of the order, and both are
//! found without touching the rows.

use memchr::memmem::Finder;

use crate::estimating::id::{RecipeId, ResourceId};

/// Words of one query that are looked at; more are ignored.
const TERMS_MAX: usize = 8;
/// Characters of a query that are looked at.
const QUERY_CHARS_MAX: usize = 100;

/// What a type-ahead finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Found {
    /// A resource.
    Resource(ResourceId),
    /// A recipe.
    Recipe(RecipeId),
}

/// The searchable text of the active and of the retired entries.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct SearchIndex {
    active: Section,
    retired: Section,
}

/// Entries in order of their folded code.
#[derive(Debug, Default, PartialEq, Eq)]
struct Section {
    /// "\n code words description words\n code words ...".
    text: String,
    /// Where each entry's line starts, and how long its folded code is.
    entries: Vec<Entry>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    found: Found,
    start: usize,
    code_length: usize,
}

impl SearchIndex {
    /// An index of `entries`: what is found, whether it is retired, its code and its words.
    /// O(n log n).
    pub(super) fn new<'a>(entries: impl Iterator<Item = (Found, bool, &'a str, &'a str)>) -> Self {
        let mut rows: Vec<(String, &str, Found, bool)> = entries
            .map(|(found, retired, code, words)| (fold(code), words, found, retired))
            .collect();
        rows.sort_unstable_by(|a, b| (&a.0, a.2).cmp(&(&b.0, b.2)));
        let mut index = SearchIndex::default();
        for (code, words, found, retired) in rows {
            let section = if retired { &mut index.retired } else { &mut index.active };
            section.push(found, &code, words);
        }
        index
    }

    /// At most `limit` entries, best first: code prefix, then every word a word prefix, then every
    /// word anywhere; each by code. Retired entries, where wanted, come after all active ones.
    pub(super) fn find(&self, query: &str, retired: bool, limit: usize) -> Vec<Found> {
        let short: String = query.chars().take(QUERY_CHARS_MAX).collect();
        let terms = Terms::new(&short);
        let mut hits = self.active.find(&terms, limit);
        if retired && hits.len() < limit {
            hits.extend(self.retired.find(&terms, limit - hits.len()));
        }
        hits
    }
}

/// A query, folded: the whole of it for code prefixes, its words for the rest.
struct Terms {
    whole: String,
    /// Longest first: the rarest word is looked for, the others are checked where it is found.
    words: Vec<String>,
}

impl Terms {
    fn new(query: &str) -> Terms {
        let mut words: Vec<String> =
            query.split_whitespace().map(fold).filter(|w| !w.is_empty()).take(TERMS_MAX).collect();
        words.sort_by_key(|w| std::cmp::Reverse(w.len()));
        Terms { whole: fold(query), words }
    }
}

impl Section {
    fn push(&mut self, found: Found, code: &str, words: &str) {
        let start = self.text.len();
        self.text.push_str("\n ");
        self.text.push_str(code);
        let code_length = code.len();
        self.text.push(' ');
        fold_onto(&mut self.text, words);
        self.entries.push(Entry { found, start, code_length });
    }

    fn find(&self, terms: &Terms, limit: usize) -> Vec<Found> {
        if terms.words.is_empty() {
            return self.entries.iter().take(limit).map(|e| e.found).collect();
        }
        let mut hits: Vec<usize> = self.code_prefix(&terms.whole).take(limit).collect();
        let at_word: Vec<String> = terms.words.iter().map(|w| format!(" {w}")).collect();
        self.scan(&at_word, limit, &mut hits);
        self.scan(&terms.words, limit, &mut hits);
        hits.into_iter().filter_map(|at| self.entries.get(at)).map(|e| e.found).collect()
    }

    /// Entries whose code starts with `prefix`. O(log n + hits).
    fn code_prefix<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = usize> + 'a {
        let from = self.entries.partition_point(|e| self.code(e) < prefix);
        (from..self.entries.len()).take_while(move |at| {
            self.entries.get(*at).is_some_and(|e| self.code(e).starts_with(prefix))
        })
    }

    /// Adds entries holding every phrase until there are `limit`. O(text).
    fn scan(&self, phrases: &[String], limit: usize, hits: &mut Vec<usize>) {
        let Some((first, others)) = phrases.split_first() else { return };
        let finders: Vec<Finder<'_>> = others.iter().map(|p| Finder::new(p.as_bytes())).collect();
        let finder = Finder::new(first.as_bytes());
        let already = hits.len();
        let mut from = 0;
        while hits.len() < limit {
            let rest = self.text.as_bytes().get(from..).unwrap_or_default();
            let Some(at) = finder.find(rest) else { return };
            let entry = self.entries.partition_point(|e| e.start <= from + at).saturating_sub(1);
            let line = self.line(entry);
            let known = hits.get(..already).is_some_and(|h| h.contains(&entry));
            if !known && finders.iter().all(|f| f.find(line.as_bytes()).is_some()) {
                hits.push(entry);
            }
            from = self.entries.get(entry + 1).map_or(self.text.len(), |next| next.start);
        }
    }

    fn code(&self, entry: &Entry) -> &str {
        let start = entry.start + "\n ".len();
        self.text.get(start..start + entry.code_length).unwrap_or_default()
    }

    fn line(&self, entry: usize) -> &str {
        let start = self.entries.get(entry).map_or(0, |e| e.start);
        let end = self.entries.get(entry + 1).map_or(self.text.len(), |e| e.start);
        self.text.get(start..end).unwrap_or_default()
    }
}

/// Lower case without macrons, every run of other than letters, digits and decimal points one
/// space: "PLT-EX20  (Tāmaki)" becomes "plt ex20 tamaki".
fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    fold_onto(&mut folded, text);
    folded
}

/// Appends the folded text, without spaces at its start and end.
fn fold_onto(folded: &mut String, text: &str) {
    let start = folded.len();
    let mut gap = false;
    let mut push = |c: char| {
        if !c.is_alphanumeric() && c != '.' {
            gap = true;
            return;
        }
        if gap && folded.len() > start {
            folded.push(' ');
        }
        gap = false;
        folded.push(c);
    };
    for c in text.chars() {
        if c.is_ascii() {
            push(c.to_ascii_lowercase());
        } else {
            c.to_lowercase().map(without_macron).for_each(&mut push);
        }
    }
}

const fn without_macron(c: char) -> char {
    match c {
        'ā' => 'a',
        'ē' => 'e',
        'ī' => 'i',
        'ō' => 'o',
        'ū' => 'u',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn resource(n: u128) -> Found {
        Found::Resource(ResourceId(Uuid::from_u128(n)))
    }

    fn index() -> SearchIndex {
        let rows = [
            (1, false, "PLT-EX20", "Excavator 20 t, dry with fuel"),
            (2, false, "PLT-EX8", "Excavator 8 t"),
            (3, false, "LAB-OP", "Plant operator"),
            (4, false, "MAT-RC300", "RC pipe 300 mm"),
            (5, true, "PLT-OLD", "Excavator, sold"),
            (6, false, "SUB-T", "Ngā Pōtiki transplant crew"),
        ];
        SearchIndex::new(rows.into_iter().map(|(n, r, c, d)| (resource(n), r, c, d)))
    }

    #[test]
    fn code_prefix_comes_before_word_prefix_before_the_middle_of_a_word() {
        let hits = index().find("pl", false, 10);
        assert_eq!(hits, [resource(1), resource(2), resource(3), resource(6)]);
    }

    #[test]
    fn every_word_of_the_query_must_be_there_in_any_order() {
        assert_eq!(index().find("fuel excav", false, 10), [resource(1)]);
        assert_eq!(index().find("fuel pipe", false, 10), []);
    }

    #[test]
    fn part_of_a_code_after_a_hyphen_is_a_word() {
        assert_eq!(index().find("ex8", false, 10), [resource(2)]);
        assert_eq!(index().find("plt-ex8", false, 10), [resource(2)]);
    }

    #[test]
    fn macrons_and_case_do_not_matter() {
        assert_eq!(index().find("POTIKI", false, 10), [resource(6)]);
        assert_eq!(index().find("pōtiki", false, 10), [resource(6)]);
    }

    #[test]
    fn retired_entries_come_last_and_only_when_asked_for() {
        assert_eq!(index().find("excavator", false, 10), [resource(1), resource(2)]);
        assert_eq!(index().find("excavator", true, 10), [resource(1), resource(2), resource(5)]);
        assert_eq!(index().find("plt", true, 2), [resource(1), resource(2)]);
    }

    #[test]
    fn an_empty_query_lists_by_code_up_to_the_limit() {
        assert_eq!(index().find("  ", false, 2), [resource(3), resource(4)]);
        assert_eq!(index().find("x", false, 0), []);
        assert_eq!(SearchIndex::default().find("x", true, 5), []);
    }
}
