//! The proof that a copy gives nothing away (BR-123): every row of it, and every byte of a ledger
//! made of it, is searched for what the source holds.

use std::{fs::File, io::Read, path::Path};

use aho_corasick::AhoCorasick;
use data_encoding::HEXLOWER;
use rustix::{fs::SeekFrom, io::Errno};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    MaskError, formula,
    made::Made,
    names::{Dictionary, What},
    policy::{Node, Treatment},
    prose,
    treat::in_table,
    walk::{Leaves, Place, Step, path, walk},
};
use crate::workspace::RowWork;

/// Leaks that are listed; the rest are only counted.
pub const LEAKS_LISTED_MAX: usize = 20;
/// What can be done where a copy is not released.
const WAYS_OUT: &str = "\n\
    Where a word is no secret, or a name of the source stands in a code: call one of the two otherwise \
    in the source, or give the field another treatment in the policy (`scrub`, `fixed \"x\"`, \
    `drop`), or name it under `public` there if nothing in it is a secret. \
    `oxflow clone --print-policy` prints the policy that is built in; --mask takes another.";
/// Bytes searched at a time.
const WINDOW_BYTES: usize = 1 << 20;

/// Something of the source in the copy. What it is, is not said in full.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leak {
    /// The table, or the file.
    pub table: String,
    /// The row's key.
    pub key: Vec<u8>,
    /// The row in words.
    pub row: String,
    /// The field.
    pub field: String,
    /// What it is, and how it begins.
    pub what: String,
}

/// The leaks as a message lists them.
pub fn list(leaks: &[Leak]) -> String {
    let line = |leak: &Leak| {
        let Leak { table, row, field, what, .. } = leak;
        let field = if field.is_empty() { String::new() } else { format!(", {field}") };
        format!("\n  {table} {row}{field}: {what}")
    };
    leaks.iter().map(line).chain([WAYS_OUT.to_owned()]).collect()
}

/// Leaks found so far.
#[derive(Debug, Default)]
pub struct Leaks {
    /// The first of them.
    pub first: Vec<Leak>,
    /// How many there are.
    pub total: u64,
}

impl Leaks {
    fn add(&mut self, leak: Leak) {
        self.total += 1;
        if self.first.len() < LEAKS_LISTED_MAX {
            self.first.push(leak);
        }
    }

    /// Puts two findings together.
    #[must_use]
    pub fn and(mut self, other: Leaks) -> Leaks {
        self.total += other.total - other.first.len() as u64;
        other.first.into_iter().for_each(|leak| self.add(leak));
        self
    }

    /// None, or why the copy is not released.
    ///
    /// # Errors
    /// `Leaks`.
    pub fn none(self) -> Result<(), MaskError> {
        let Leaks { first, total } = self;
        if total == 0 { Ok(()) } else { Err(MaskError::Leaks { leaks: first, total }) }
    }
}

/// Searches rows.
pub struct Search<'a> {
    /// What to look for.
    pub dictionary: &'a Dictionary,
    /// The table.
    pub table: &'static str,
    /// The row's key.
    pub key: &'a [u8],
    /// The treatments.
    pub node: &'a Node,
    /// The way to the field.
    pub route: Vec<Step>,
    /// The amounts of the row it was made of, in order, and how many were met again.
    pub amounts: (&'a [String], usize),
    /// Whether what was named last is money.
    pub money: bool,
    /// What was found.
    pub leaks: Leaks,
}

/// The amounts of a row, in the order they are met.
pub struct Amounts<'a> {
    /// The treatments.
    pub node: &'a Node,
    /// What was met.
    pub met: Vec<String>,
}

impl RowWork for Amounts<'_> {
    type Error = MaskError;

    fn work<T: Serialize + DeserializeOwned>(&mut self, row: &T) -> Result<Option<T>, MaskError> {
        walk(row, self.node, &mut Met(&mut self.met), &mut Vec::new()).map(|_| None)
    }
}

struct Met<'a>(&'a mut Vec<String>);

impl Leaves for Met<'_> {
    fn builds(&self) -> bool {
        false
    }

    fn text(&mut self, at: &Place<'_>, text: &str) -> Result<Made, MaskError> {
        match at.treatment {
            Treatment::Jitter { .. } => self.0.push(text.to_owned()),
            Treatment::Formula => self.0.extend(formula::figures(text).map(str::to_owned)),
            _ => {}
        }
        Ok(Made::Nothing)
    }

    fn number(&mut self, _: &Place<'_>, _: Made) -> Result<Made, MaskError> {
        Ok(Made::Nothing)
    }
}

impl RowWork for Search<'_> {
    type Error = MaskError;

    fn work<T: Serialize + DeserializeOwned>(&mut self, row: &T) -> Result<Option<T>, MaskError> {
        let (table, node) = (self.table, self.node);
        let mut route = std::mem::take(&mut self.route);
        let shown = walk(row, node, self, &mut route);
        self.route = route;
        shown.map(|_| None).map_err(|error| in_table(table, error))
    }
}

impl Search<'_> {
    /// Compares an amount with the one that stands in its place in the source. Of the figures of a
    /// formula only those count that are money.
    fn compare(&mut self, at: &Place<'_>, made: &str, counts: bool) {
        let (originals, met) = &mut self.amounts;
        let original = originals.get(*met);
        *met += 1;
        let nothing = made.bytes().all(|byte| matches!(byte, b'0' | b'.' | b'-'));
        if counts && original.is_some_and(|original| *original == made) && !nothing {
            self.found(path(at.route), "an amount that is the original".to_owned());
        }
    }

    fn search(&mut self, at: &Place<'_>, text: &str, amounts: bool) {
        if let Some((what, begins)) = prose::leak(self.dictionary, text, amounts) {
            self.found(path(at.route), words(what, &begins));
        }
    }

    /// Looks through what a formula mentions, the words of each name by themselves.
    fn names(&mut self, at: &Place<'_>, text: &str) {
        for name in formula::names(text) {
            self.search(at, &name, false);
        }
    }

    fn found(&mut self, field: String, what: String) {
        let (table, key) = (self.table.to_owned(), self.key.to_vec());
        self.leaks.add(Leak { table, key, row: HEXLOWER.encode(self.key), field, what });
    }
}

/// What a secret is, and how it begins.
fn words(what: What, begins: &str) -> String {
    let what = match what {
        What::Name => "a name",
        What::Email => "an e-mail address",
        What::Phone => "a telephone number",
        What::Text => "a text or amount",
    };
    format!("{what} of the original that begins with {begins:?}")
}

impl Leaves for Search<'_> {
    fn builds(&self) -> bool {
        false
    }

    fn text(&mut self, at: &Place<'_>, text: &str) -> Result<Made, MaskError> {
        match at.treatment {
            Treatment::Jitter { .. } => self.compare(at, text, true),
            Treatment::Rename if formula::is_number(text) => {}
            Treatment::Rename => {
                self.money = formula::is_money(text);
                self.names(at, text);
            }
            Treatment::Formula => {
                for figure in formula::figures(text) {
                    let money = formula::moves(self.dictionary, figure, self.money);
                    self.compare(at, figure, money);
                }
                self.names(at, text);
            }
            _ if at.public => {}
            // Identities are drawn, and say nothing.
            Treatment::Keep if is_identity(text) => {}
            treatment => {
                let amounts = *treatment == Treatment::Scrub;
                self.search(at, text, amounts);
            }
        }
        Ok(Made::Nothing)
    }

    fn number(&mut self, _: &Place<'_>, _: Made) -> Result<Made, MaskError> {
        Ok(Made::Nothing)
    }
}
/// Whether a text is an identity: `0198f0a1-....`.
fn is_identity(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Searches the bytes of a file as they are, a window at a time; holes, where nothing was ever
/// written, are passed over.
///
/// # Errors
/// A file that cannot be read.
pub fn bytes(dictionary: &Dictionary, file: &Path) -> std::io::Result<Leaks> {
    let mut leaks = Leaks::default();
    let Some(raw) = &dictionary.raw else { return Ok(leaks) };
    let mut input = File::open(file)?;
    let mut window: Vec<u8> = Vec::with_capacity(WINDOW_BYTES + dictionary.raw_bytes_max);
    let mut position = 0;
    while let Some(data) = next_data(&input, position)? {
        if data > position {
            // What a hole cuts off goes on nowhere.
            window.clear();
        }
        let begins = data - window.len() as u64;
        let read = (&mut input).take(WINDOW_BYTES as u64).read_to_end(&mut window)?;
        if read == 0 {
            break;
        }
        position = data + read as u64;
        in_bytes(raw, dictionary.raw_wholes, &window, |at, first| {
            leaks.add(Leak {
                table: file.display().to_string(),
                key: Vec::new(),
                row: format!("byte {}", begins + at as u64),
                field: String::new(),
                what: words(What::Name, first),
            });
        });
        // What began at the end of this window ends in the next.
        let keep = dictionary.raw_bytes_max.saturating_sub(1).min(window.len());
        window.drain(..window.len() - keep);
    }
    Ok(leaks)
}

/// Goes to where something stands at or after a place of a file; none where nothing does. A file
/// system that does not know its holes is read whole.
fn next_data(file: &File, position: u64) -> std::io::Result<Option<u64>> {
    match rustix::fs::seek(file, SeekFrom::Data(position)) {
        Ok(data) => Ok(Some(data)),
        Err(Errno::NXIO) => Ok(None),
        Err(Errno::INVAL | Errno::OPNOTSUPP) => Ok(Some(position)),
        Err(error) => Err(error.into()),
    }
}

/// Visits what is found; of patterns from `wholes` on only what stands by itself.
fn in_bytes(raw: &AhoCorasick, wholes: usize, bytes: &[u8], mut visit: impl FnMut(usize, &str)) {
    let letter = |at: Option<usize>| {
        at.and_then(|at| bytes.get(at)).is_some_and(|byte| byte.is_ascii_alphabetic())
    };
    for found in raw.find_overlapping_iter(bytes) {
        let inside = letter(found.start().checked_sub(1)) || letter(Some(found.end()));
        if inside && found.pattern().as_usize() >= wholes {
            continue;
        }
        let first = bytes.get(found.start()).map(|byte| char::from(*byte).to_string());
        visit(found.start(), &first.unwrap_or_default());
    }
}
