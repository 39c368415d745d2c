//! The letter that goes with a tender: the price or none, inclusions and exclusions, and a place to
//! sign.

use super::client_schedule::ClientSchedule;
use super::print::{Block, DocumentError, Paper, Signature, TotalLine, figures};
use crate::estimating::rules::{RuleId, Violation};

/// Characters of one paragraph or entry.
pub const LETTER_TEXT_CHARS_MAX: usize = 4_000;
/// Entries of a list, and paragraphs.
pub const LETTER_ENTRIES_MAX: usize = 200;

/// What a person writes into the letter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LetterTexts {
    /// Who it is for, line by line.
    pub addressee: Vec<String>,
    /// Paragraphs before the price.
    pub opening: Vec<String>,
    /// What the offer includes.
    pub inclusions: Vec<String>,
    /// What it does not.
    pub exclusions: Vec<String>,
    /// What it takes for granted.
    pub assumptions: Vec<String>,
    /// Lists under titles of the organisation's own.
    pub more: Vec<(String, Vec<String>)>,
    /// Paragraphs at the end.
    pub closing: Vec<String>,
    /// Who signs, where that is known.
    pub signatory: String,
    /// The signatory's position, where that is known.
    pub position: String,
    /// Days the offer stands after tenders close; 0 says nothing about it.
    pub validity_days: u32,
}

impl LetterTexts {
    fn all(&self) -> impl Iterator<Item = &String> {
        let lists = [
            &self.addressee,
            &self.opening,
            &self.inclusions,
            &self.exclusions,
            &self.assumptions,
            &self.closing,
        ];
        let more = self.more.iter().flat_map(|(title, list)| std::iter::once(title).chain(list));
        lists.into_iter().flatten().chain(more).chain([&self.signatory, &self.position])
    }

    /// Whether the texts are within bounds.
    ///
    /// # Errors
    /// Says what is too long.
    pub fn check(&self) -> Result<(), String> {
        if self.all().count() > LETTER_ENTRIES_MAX {
            return Err(format!("A letter has at most {LETTER_ENTRIES_MAX} entries."));
        }
        let long = self.all().any(|text| text.chars().count() > LETTER_TEXT_CHARS_MAX);
        if long {
            return Err(format!("An entry has at most {LETTER_TEXT_CHARS_MAX} characters."));
        }
        Ok(())
    }

    /// BR-107 over what people wrote: none of the `inside` words, and without a price none of the
    /// `prices`. Figures match with and without their commas. O(texts x words).
    pub fn leaks(&self, inside: &[String], prices: &[String]) -> Option<Violation> {
        for text in self.all() {
            let plain = text.replace(',', "").to_lowercase();
            let finds = |word: &&String| {
                let word = word.replace(',', "").to_lowercase();
                word.chars().count() >= LEAK_CHARS_MIN && holds_word(&plain, &word)
            };
            if let Some(word) = inside.iter().find(finds) {
                let message = format!(
                    "The letter names \u{201c}{word}\u{201d}, which is not for the client."
                );
                return Some(Violation::new(RuleId::br(107), message).fact("word", word));
            }
            if let Some(price) = prices.iter().find(finds) {
                let message = format!("The non-price letter holds the price {price}.");
                return Some(Violation::new(RuleId::br(107), message).fact("word", price));
            }
        }
        None
    }
}

/// A shorter word says nothing by itself.
const LEAK_CHARS_MIN: usize = 4;

/// Whether `text` has `word` other than as part of a longer one.
fn holds_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text.get(at + word.len()..).and_then(|after| after.chars().next());
        let edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
        edge(before) && edge(after)
    })
}

/// The letter. `priced` puts the tender sum in; the non-price envelope goes without.
///
/// # Errors
/// When a text is too long.
pub fn paper(
    schedule: &ClientSchedule,
    texts: &LetterTexts,
    priced: bool,
) -> Result<Paper, DocumentError> {
    texts.check().map_err(DocumentError::Figure)?;
    let header = schedule.header.clone();
    let mut addressee = texts.addressee.clone();
    if addressee.is_empty() && !schedule.client.is_empty() {
        addressee.push(schedule.client.clone());
    }
    let mut facts = vec![("Date".to_owned(), header.printed_at.clone())];
    if !addressee.is_empty() {
        facts.push(("To".to_owned(), addressee.join(", ")));
    }
    let tender = format!("{} {}", header.tender_number, header.tender_name);
    facts.push(("Tender".to_owned(), tender));
    if !schedule.client_ref.is_empty() {
        facts.push(("Your reference".to_owned(), schedule.client_ref.clone()));
    }
    let mut blocks = Vec::new();
    let opening = if texts.opening.is_empty() {
        vec![format!("We are pleased to offer for {} as follows.", header.tender_name)]
    } else {
        texts.opening.clone()
    };
    blocks.push(Block::Text(opening));
    if priced {
        let line = |label: String, amount, strong| TotalLine { label, amount, strong };
        let (sum, currency) = (schedule.sum, &header.currency);
        blocks.push(Block::Totals(vec![
            line(format!("Tender sum excluding GST, {currency}"), sum.total_ex, true),
            line(format!("GST {}", figures::percent_short(header.gst_pct)), sum.gst, false),
            line(format!("Tender sum including GST, {currency}"), sum.total_inc, true),
        ]));
    }
    let built_in = [
        ("Inclusions", &texts.inclusions),
        ("Exclusions", &texts.exclusions),
        ("Assumptions", &texts.assumptions),
    ];
    let more = texts.more.iter().map(|(title, entries)| (title.as_str(), entries));
    for (title, entries) in built_in.into_iter().chain(more) {
        if !entries.is_empty() {
            blocks.push(Block::List { title: title.to_owned(), entries: entries.clone() });
        }
    }
    let mut closing = texts.closing.clone();
    if texts.validity_days > 0 {
        closing.push(format!(
            "This offer stands for {} days after tenders close.",
            texts.validity_days
        ));
    }
    closing.push("Yours faithfully,".to_owned());
    closing.retain(|paragraph| !paragraph.trim().is_empty());
    blocks.push(Block::Text(closing));
    blocks.push(Block::Signature(Signature {
        party: format!("Signed for {}", header.organisation),
        lines: vec![
            ("Signature", String::new()),
            ("Name", texts.signatory.clone()),
            ("Position", texts.position.clone()),
            ("Date", String::new()),
        ],
    }));
    let title = if priced { "Tender letter" } else { "Tender letter, non-price" };
    Ok(Paper { title: title.to_owned(), facts, header, blocks, internal: false, landscape: false })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::export::ExportHeader;
    use crate::documents::sample;
    use crate::estimating::number::Pct;

    #[test]
    fn who_signs_is_named_where_it_is_known_and_written_by_hand_where_not() {
        let header = ExportHeader {
            organisation: "Contractor".to_owned(),
            tender_number: "T-1".to_owned(),
            tender_name: "Road".to_owned(),
            estimate: "BASE".to_owned(),
            revision: 1,
            commit: 4,
            printed_at: "1 April".to_owned(),
            currency: "NZD".to_owned(),
            gst_pct: Pct::ZERO,
            is_draft: false,
        };
        let schedule = sample::schedule(header);
        let known = LetterTexts {
            signatory: "H. Reweti".to_owned(),
            position: "Director".to_owned(),
            ..LetterTexts::default()
        };
        for (texts, signs) in
            [(LetterTexts::default(), ["", ""]), (known, ["H. Reweti", "Director"])]
        {
            let letter = paper(&schedule, &texts, false).unwrap();
            let Some(Block::Signature(place)) = letter.blocks.last() else { panic!("no place") };
            let values: Vec<&str> = place.lines.iter().map(|(_, value)| &**value).collect();
            assert_eq!(values, ["", signs[0], signs[1], ""]);
        }
    }

    #[test]
    fn inside_words_and_prices_are_found_as_words_only() {
        let letter = |text: &str| LetterTexts {
            exclusions: vec![text.to_owned()],
            ..LetterTexts::default()
        };
        let inside = ["Ara Surfacing".to_owned(), "PLT-EX20".to_owned()];
        let prices = ["491,469.78".to_owned()];
        assert!(letter("Chipseal by ara surfacing.").leaks(&inside, &[]).is_some());
        assert!(letter("Ara Surfacings Road").leaks(&inside, &[]).is_none());
        assert!(letter("At 491469.78 in all").leaks(&[], &prices).is_some());
        assert!(letter("At 1491469.78 in all").leaks(&[], &prices).is_none());
        assert!(letter("Rock is excluded.").leaks(&inside, &prices).is_none());
    }
}
