//! What is to be kept from the copy: every name, address, number and amount of the source.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
    sync::LazyLock,
};

use aho_corasick::{AhoCorasick, MatchKind};

use super::{
    MaskError, Salt,
    identifying::PHONE,
    made::Made,
    policy::Treatment,
    prose::Folded,
    walk::{Leaves, Place},
};

/// Letters of the shortest name that is looked for whatever its case, and of the shortest word of
/// one that is looked for by itself.
const FREE_CASE_CHARS_MIN: usize = 3;
/// Letters of the shortest single word that is looked for in bytes, where words have no ends.
const RAW_WORD_CHARS_MIN: usize = 6;
/// Rows whose text has a word in small letters before it is taken for an ordinary one.
const ORDINARY_ROWS_MIN: u32 = 3;
/// Letters of the shortest name of several words that is found inside other words too.
const LOOSE_CHARS_MIN: usize = 8;
/// Texts that go are looked for elsewhere when they have this many letters at least, and at most.
const DROPPED_CHARS: std::ops::RangeInclusive<usize> = 8..=120;
/// Digits of the shortest amount that is looked for without a currency beside it.
pub const AMOUNT_DIGITS_MIN: usize = 5;
/// Digits of the shortest telephone number.
pub const PHONE_DIGITS_MIN: usize = 7;
/// What a text that goes is replaced by where it stands in another.
const REMOVED: &str = "[removed]";
/// What companies are called behind their name.
const LEGAL_FORMS: [&str; 14] = [
    "ltd",
    "limited",
    "pty",
    "inc",
    "incorporated",
    "llc",
    "plc",
    "gmbh",
    "lp",
    "company",
    "co",
    "corporation",
    "corp",
    "holdings",
];

/// What invented names begin with whose words are looked for by themselves too: those of people
/// and of companies.
const KNOWN_BY_WORDS: [&str; 4] = ["Person", "Supplier", "Client", "Contractor"];
/// English, and the words of the trade: no name by themselves, though somebody may be called so.
static ORDINARY: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("ordinary.txt").split_whitespace().collect());

/// Everything found so far.
#[derive(Default)]
pub struct Gathered {
    /// By folded name: the place of its label, and the name as it was first written.
    names: BTreeMap<String, (usize, Box<str>)>,
    emails: BTreeSet<Box<str>>,
    phones: BTreeSet<Box<str>>,
    /// Texts that go.
    dropped: BTreeSet<Box<str>>,
    /// Hashes of amounts.
    amounts: HashSet<u64>,
    /// Folded words of public fields.
    public: BTreeSet<Box<str>>,
    /// Words of the trade, and how many rows have each in small letters.
    vocabulary: HashMap<Box<str>, u32>,
    /// Whether it is of a masked copy, whose names are invented already.
    pub(super) of_copy: bool,
}

impl Gathered {
    /// Puts two findings together.
    #[must_use]
    pub fn and(mut self, other: Gathered) -> Gathered {
        for (name, found) in other.names {
            self.name(name, found);
        }
        self.emails.extend(other.emails);
        self.phones.extend(other.phones);
        self.dropped.extend(other.dropped);
        self.amounts.extend(other.amounts);
        self.public.extend(other.public);
        self.of_copy |= other.of_copy;
        for (word, rows) in other.vocabulary {
            let known = self.vocabulary.entry(word).or_default();
            *known = known.saturating_add(rows);
        }
        self
    }

    /// Notes the words of a text: those of a code count at once, those of a description once a
    /// few have them in small letters.
    fn words(&mut self, text: &str, is_code: bool) {
        for word in text.split(|c: char| !c.is_alphanumeric()) {
            let small = word.starts_with(char::is_lowercase);
            if word.is_empty() || !small && !is_code {
                continue;
            }
            let rows = self.vocabulary.entry(Folded::of(word).text.trim().into()).or_default();
            *rows = if is_code { ORDINARY_ROWS_MIN } else { rows.saturating_add(1) };
        }
    }

    fn name(&mut self, folded: String, found: (usize, Box<str>)) {
        let known = self.names.entry(folded).or_insert_with(|| found.clone());
        if found < *known {
            *known = found;
        }
    }
}

impl Leaves for Gathered {
    fn builds(&self) -> bool {
        false
    }

    fn text(&mut self, at: &Place<'_>, text: &str) -> Result<Made, MaskError> {
        if at.public {
            self.public.insert(Folded::of(text).text.trim().into());
        }
        if at.vocabulary {
            self.words(text, *at.treatment == Treatment::Keep);
        }
        match at.treatment {
            Treatment::Pseudonym(label) => {
                let folded = Folded::of(text);
                let name = folded.text.trim();
                if !name.is_empty() {
                    self.name(name.to_owned(), (*label, text.trim().into()));
                }
            }
            Treatment::Email if !text.trim().is_empty() => {
                self.emails.insert(text.trim().to_lowercase().into());
            }
            Treatment::Jitter { .. } => {
                self.amounts.extend(amount(text));
            }
            Treatment::Drop => {
                let digits: String = text.chars().filter(char::is_ascii_digit).collect();
                let letters = text.chars().filter(|c| c.is_alphabetic()).count();
                if digits.len() >= PHONE_DIGITS_MIN && letters == 0 {
                    self.phones.insert(text.trim().into());
                } else if DROPPED_CHARS.contains(&text.trim().chars().count())
                    && text.trim().contains(' ')
                {
                    self.dropped.insert(text.trim().into());
                }
            }
            Treatment::Keep
            | Treatment::Randomise
            | Treatment::Email
            | Treatment::Scrub
            | Treatment::Rename
            | Treatment::Formula
            | Treatment::Fixed(_) => {}
        }
        Ok(Made::Nothing)
    }

    fn number(&mut self, _: &Place<'_>, _: Made) -> Result<Made, MaskError> {
        Ok(Made::Nothing)
    }
}

/// The hash an amount is known by; none for one too short to be told from other numbers.
pub fn amount(text: &str) -> Option<u64> {
    let plain: String = text.chars().filter(|c| c.is_ascii_digit() || *c == '.').collect();
    let plain = plain.trim_start_matches('0');
    let plain =
        if plain.contains('.') { plain.trim_end_matches('0').trim_end_matches('.') } else { plain };
    let digits = plain.bytes().filter(u8::is_ascii_digit).count();
    (digits >= AMOUNT_DIGITS_MIN).then(|| {
        let mut hasher = DefaultHasher::new();
        plain.hash(&mut hasher);
        hasher.finish()
    })
}

/// What a secret is, in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A name.
    Name,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// A text that should have gone.
    Text,
}

/// Something to look for.
pub struct Pattern {
    /// What it is.
    pub what: What,
    /// What stands instead.
    pub instead: Box<str>,
    /// Whether it counts only where it is written with a capital.
    pub capital: bool,
    /// Whether it counts inside other words.
    pub loose: bool,
    /// Whether it must not be found in a copy.
    pub secret: bool,
}

/// Everything to look for, in one automaton, and what stands instead.
pub struct Dictionary {
    /// By folded name.
    pseudonyms: HashMap<String, Box<str>>,
    pub(super) automaton: AhoCorasick,
    pub(super) patterns: Vec<Pattern>,
    /// Secrets as they were written, for a search through bytes.
    pub(super) raw: Option<AhoCorasick>,
    /// How many of them, from the first, count inside other words.
    pub(super) raw_wholes: usize,
    pub(super) raw_bytes_max: usize,
    amounts: HashSet<u64>,
    salt: Salt,
    domain: Box<str>,
}

impl Dictionary {
    /// Gives every name its pseudonym and makes the automaton. O(names log names).
    ///
    /// # Errors
    /// `Policy` where there is too much to look for.
    pub fn new(
        gathered: Gathered,
        salt: &Salt,
        labels: &[Box<str>],
        domain: &str,
    ) -> Result<Dictionary, MaskError> {
        let mut dictionary = Building {
            texts: Vec::new(),
            patterns: Vec::new(),
            raw: Vec::new(),
            raw_words: BTreeSet::new(),
            public: gathered.public.into_iter().collect(),
            vocabulary: gathered.vocabulary,
        };
        let mut pseudonyms = HashMap::new();
        // In a copy, a name that was invented before stands for itself. Elsewhere one may look like
        // it (Project TITAN): that is a name like any other, which no other is given.
        let names = gathered.names.values().map(|(_, name)| &**name);
        let taken: BTreeSet<&str> = names.filter(|name| is_invented(labels, name)).collect();
        for (label, prefix) in labels.iter().enumerate() {
            let of_label = gathered.names.iter().filter(|(_, found)| found.0 == label);
            let mut keyed: Vec<_> = of_label
                .map(|(folded, (_, name))| {
                    (salt.mac(&[b"name", prefix.as_bytes(), folded.as_bytes()]), folded, name)
                })
                .collect();
            keyed.sort_unstable_by_key(|(mac, ..)| *mac);
            let invented = (0..).map(|number| format!("{prefix} {}", letters(number)));
            let mut invented = invented.filter(|name| !taken.contains(name.as_str()));
            for (_, folded, name) in keyed {
                if gathered.of_copy && taken.contains(&**name) {
                    pseudonyms.insert(folded.clone(), name.clone());
                } else if let Some(pseudonym) = invented.next() {
                    dictionary.name(folded, name, prefix, &pseudonym);
                    pseudonyms.insert(folded.clone(), pseudonym.into());
                }
            }
        }
        for email in gathered.emails.iter().filter(|email| !is_invented_email(email, domain)) {
            let instead = invented_email(salt, email, domain);
            dictionary.whole(email, What::Email, &instead);
        }
        for phone in &gathered.phones {
            dictionary.whole(phone, What::Phone, PHONE);
            let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
            dictionary.whole(&digits, What::Phone, PHONE);
        }
        for text in &gathered.dropped {
            dictionary.whole(text, What::Text, REMOVED);
        }
        let Building { texts, patterns, mut raw, raw_words, .. } = dictionary;
        let raw_wholes = raw.len();
        raw.extend(raw_words);
        let failed = |error: aho_corasick::BuildError| MaskError::Policy(error.to_string());
        let automaton =
            AhoCorasick::builder().match_kind(MatchKind::Standard).build(&texts).map_err(failed)?;
        let raw_bytes_max = raw.iter().map(String::len).max().unwrap_or(0);
        let raw = match raw.is_empty() {
            true => None,
            false => Some(
                AhoCorasick::builder().ascii_case_insensitive(true).build(&raw).map_err(failed)?,
            ),
        };
        Ok(Dictionary {
            pseudonyms,
            automaton,
            patterns,
            raw,
            raw_wholes,
            raw_bytes_max,
            amounts: gathered.amounts,
            salt: salt.clone(),
            domain: domain.into(),
        })
    }

    /// The invented name for a name.
    pub fn pseudonym(&self, name: &str) -> Option<&str> {
        self.pseudonyms.get(Folded::of(name).text.trim()).map(|name| &**name)
    }

    /// The invented address for an address.
    pub fn email(&self, address: &str) -> String {
        invented_email(&self.salt, &address.trim().to_lowercase(), &self.domain)
    }

    /// A number keyed by the salt.
    pub fn number(&self, parts: &[&[u8]]) -> u64 {
        self.salt.number(parts)
    }

    /// Whether a number is one of the source's amounts.
    pub fn knows_amount(&self, text: &str) -> bool {
        amount(text).is_some_and(|hash| self.amounts.contains(&hash))
    }
}

/// Whether a name is one that a copy has: a label of the policy, and letters.
fn is_invented(labels: &[Box<str>], name: &str) -> bool {
    labels.iter().any(|label| {
        let letters = name.strip_prefix(&**label).and_then(|rest| rest.strip_prefix(' '));
        letters.is_some_and(|rest| {
            !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_uppercase())
        })
    })
}

/// Whether an address is one that a copy has.
fn is_invented_email(address: &str, domain: &str) -> bool {
    let hash = address.strip_prefix("user-").and_then(|rest| rest.strip_suffix(domain));
    hash.and_then(|rest| rest.strip_suffix("@test."))
        .is_some_and(|hash| !hash.is_empty() && hash.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn invented_email(salt: &Salt, address: &str, domain: &str) -> String {
    if is_invented_email(address, domain) {
        return address.to_owned();
    }
    let hash = salt.number(&[b"email", address.as_bytes()]) >> 24;
    format!("user-{hash:010x}@test.{domain}")
}

struct Building {
    texts: Vec<String>,
    patterns: Vec<Pattern>,
    raw: Vec<String>,
    raw_words: BTreeSet<String>,
    public: Vec<Box<str>>,
    vocabulary: HashMap<Box<str>, u32>,
}

impl Building {
    fn add(&mut self, text: String, pattern: Pattern) {
        if !text.is_empty() {
            self.texts.push(text);
            self.patterns.push(pattern);
        }
    }

    /// Whether a folded word is no name by itself, or its singular is not.
    fn is_ordinary(&self, word: &str) -> bool {
        let known = |word: &str| {
            ORDINARY.contains(word)
                || self.vocabulary.get(word).is_some_and(|rows| *rows >= ORDINARY_ROWS_MIN)
        };
        let singular = |end: &str, instead: &str| {
            word.strip_suffix(end).is_some_and(|stem| known(&format!("{stem}{instead}")))
        };
        known(word) || singular("s", "") || singular("es", "") || singular("ies", "y")
    }

    /// A text as a whole.
    fn whole(&mut self, text: &str, what: What, instead: &str) {
        let folded = Folded::of(text).text.trim().to_owned();
        let letters = folded.chars().filter(|c| *c != ' ').count();
        let several = folded.contains(' ');
        let loose = several && letters >= LOOSE_CHARS_MIN && what == What::Name;
        let is_public = self.public.iter().any(|public| public.contains(folded.as_str()));
        if letters >= LOOSE_CHARS_MIN && several && !is_public {
            self.raw.push(text.to_owned());
        }
        // Of an ordinary word nobody can tell whether the name is meant: with a capital it is
        // replaced, and it is nothing that gives anything away.
        let ordinary = !several && what == What::Name && self.is_ordinary(&folded);
        let pattern = Pattern {
            what,
            instead: instead.into(),
            capital: ordinary || letters < FREE_CASE_CHARS_MIN,
            loose,
            secret: letters > 1 && !ordinary,
        };
        if letters > 1 {
            if pattern.secret && !several && what == What::Name {
                self.raw_word(text);
            }
            self.add(folded, pattern);
        }
    }

    /// A word that is looked for in bytes.
    fn raw_word(&mut self, word: &str) {
        let folded = Folded::of(word);
        let is_public = self.public.iter().any(|public| public.contains(folded.text.trim()));
        if word.chars().count() >= RAW_WORD_CHARS_MIN && !is_public {
            self.raw_words.insert(word.to_lowercase());
        }
    }

    /// A name: as a whole, without its legal form, without the gaps, and by its words.
    fn name(&mut self, folded: &str, name: &str, label: &str, pseudonym: &str) {
        self.whole(name, What::Name, pseudonym);
        let of = |capital, loose, secret| Pattern {
            what: What::Name,
            instead: pseudonym.into(),
            capital,
            loose,
            secret,
        };
        let words: Vec<&str> = folded.split(' ').collect();
        let own: Vec<&str> =
            words.iter().copied().filter(|word| !LEGAL_FORMS.contains(word)).collect();
        let short = own.join(" ");
        if own.len() < words.len() && own.len() > 1 {
            let loose = short.len() > LOOSE_CHARS_MIN;
            self.add(short.clone(), of(false, loose, true));
        }
        let squeezed = own.concat();
        if own.len() > 1 && squeezed.chars().count() >= LOOSE_CHARS_MIN {
            self.add(squeezed, of(false, true, true));
        }
        if words.len() < 2 || !KNOWN_BY_WORDS.contains(&label) {
            return;
        }
        // Of an ordinary word only that of a person, or all a company has, stands for it.
        let alone = label == PERSON || own.len() == 1;
        let written: Vec<&str> = name.split(|c: char| !c.is_alphanumeric()).collect();
        for word in own {
            let letters = word.chars().count();
            if letters < FREE_CASE_CHARS_MIN || word.bytes().any(|byte| byte.is_ascii_digit()) {
                continue;
            }
            let ordinary = self.is_ordinary(word);
            if !ordinary || alone {
                self.add(word.to_owned(), of(ordinary, false, !ordinary));
            }
            if !ordinary {
                let as_written = written.iter().find(|w| Folded::of(w).text.trim() == word);
                self.raw_word(as_written.unwrap_or(&word));
            }
        }
    }
}

/// What invented names of people begin with.
const PERSON: &str = "Person";

/// A, B, ... Z, AA, AB, ...
fn letters(mut number: usize) -> String {
    let mut text = Vec::new();
    loop {
        text.push(b'A' + (number % 26) as u8);
        match (number / 26).checked_sub(1) {
            Some(rest) => number = rest,
            None => break,
        }
    }
    text.reverse();
    String::from_utf8(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_go_on_after_z() {
        let named: Vec<String> = [0, 1, 25, 26, 27, 701, 702].map(letters).to_vec();
        assert_eq!(named, ["A", "B", "Z", "AA", "AB", "ZZ", "AAA"]);
    }

    #[test]
    fn an_amount_is_the_same_however_it_is_written() {
        assert_eq!(amount("1,234.50"), amount("1234.5"));
        assert_eq!(amount("12,500.00"), amount("12500"));
        assert_ne!(amount("12500"), amount("1250.0"));
        assert_eq!(amount("150.00"), None);
    }
}
