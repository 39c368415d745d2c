//! A row in words, for whoever has to find it: `items "1.1" of estimate "A" of tender "T-12"`.

use serde::{Serialize, de::DeserializeOwned};

use super::{
    MaskError, Policy,
    leak::Leak,
    made::Made,
    make::Source,
    names::Dictionary,
    policy::Node,
    prose,
    walk::{Leaves, Place, path, walk},
};
use crate::workspace::{Book, RowWork, rework};

/// Bytes of an identity in a key.
const IDENTITY_BYTES: usize = 16;
/// Characters that are told of a row.
const CHARS_TOLD: usize = 60;
/// Fields that rows are known by, the best first.
const KNOWN_BY: [&str; 7] =
    ["number", "code", "name", "company.name", "title", "description", "content.blocks.text"];

/// Says in words which row of the copy a leak is in, as far as that gives nothing away itself.
///
/// # Errors
/// A row that does not read; the ledger.
pub fn tell(
    copy: &Source,
    policy: &Policy,
    dictionary: &Dictionary,
    leak: &mut Leak,
) -> Result<(), MaskError> {
    let rows = Rows { copy, policy, dictionary };
    if leak.key.is_empty() {
        return Ok(());
    }
    // A worksheet is that of an item.
    let own = if leak.table == "worksheets" { "items" } else { leak.table.as_str() };
    let Known { known_by: known, tender: of_row } = rows.known(own, &leak.key)?;
    let printable = || {
        let text = std::str::from_utf8(&leak.key).ok()?;
        text.chars().all(|c| c.is_alphanumeric() || " -_./".contains(c)).then(|| text.to_owned())
    };
    let key = printable().filter(|text| prose::leak(dictionary, text, false).is_none());
    let mut told = known.or(key).map_or_else(
        || format!("(row {})", leak.row.get(..IDENTITY_BYTES).unwrap_or(&leak.row)),
        |known| format!("{known:?}"),
    );
    let estimate = match leak.key.get(..IDENTITY_BYTES) {
        Some(key) if leak.table != "estimates" => rows.known("estimates", key)?,
        _ => Known::default(),
    };
    if let Some(known) = estimate.known_by {
        told.push_str(&format!(" of estimate {known:?}"));
    }
    let tender = estimate.tender.or(of_row).and_then(|text| text.parse::<uuid::Uuid>().ok());
    if let Some(tender) = tender
        && let Some(known) = rows.known("tenders", tender.as_bytes())?.known_by
    {
        told.push_str(&format!(" of tender {known:?}"));
    }
    leak.row = told;
    Ok(())
}

struct Rows<'a> {
    copy: &'a Source,
    policy: &'a Policy,
    dictionary: &'a Dictionary,
}

impl Rows<'_> {
    /// What a row is known by; nothing of one that is not there.
    fn known(&self, table: &str, key: &[u8]) -> Result<Known, MaskError> {
        for book in [Book::Control, Book::Organisation] {
            let found = book.tables().iter().find(|(_, name)| *name == table);
            let Some(((id, _), node)) = found.zip(self.policy.table(table)) else { continue };
            let Some(row) = self.copy.snapshot(book).get(*id, key)? else { continue };
            let mut reading = Reading {
                node,
                found: Found { dictionary: self.dictionary, best: None, tender: None },
            };
            rework(book, *id, key, &row, &mut reading)?;
            let Found { best, tender, .. } = reading.found;
            return Ok(Known { known_by: best.map(|(_, text)| text), tender });
        }
        Ok(Known::default())
    }
}

#[derive(Default)]
struct Known {
    known_by: Option<String>,
    tender: Option<String>,
}

struct Reading<'a> {
    node: &'a Node,
    found: Found<'a>,
}

struct Found<'a> {
    dictionary: &'a Dictionary,
    best: Option<(usize, String)>,
    tender: Option<String>,
}

impl RowWork for Reading<'_> {
    type Error = MaskError;

    fn work<T: Serialize + DeserializeOwned>(&mut self, row: &T) -> Result<Option<T>, MaskError> {
        walk(row, self.node, &mut self.found, &mut Vec::new()).map(|_| None)
    }
}

impl Leaves for Found<'_> {
    fn builds(&self) -> bool {
        false
    }

    fn text(&mut self, at: &Place<'_>, text: &str) -> Result<Made, MaskError> {
        let path = path(at.route);
        if path == "tender" {
            self.tender = Some(text.to_owned());
        }
        let rank = KNOWN_BY.iter().position(|known| *known == path);
        let better = rank.filter(|rank| self.best.as_ref().is_none_or(|(best, _)| rank < best));
        if let Some(rank) = better
            && !text.trim().is_empty()
            && prose::leak(self.dictionary, text, false).is_none()
        {
            self.best = Some((rank, text.chars().take(CHARS_TOLD).collect()));
        }
        Ok(Made::Nothing)
    }

    fn number(&mut self, _: &Place<'_>, _: Made) -> Result<Made, MaskError> {
        Ok(Made::Nothing)
    }
}
