//! Price books and the life of their versions: BR-046, BR-048, BR-049.

use uuid::Uuid;

use super::{Done, PriceBookFields, draft::Draft};
use crate::estimating::{
    heading::Stamp,
    id::{PriceBookId, ResourceId},
    limits::{NAME_CHARS_MAX, NOTE_CHARS_MAX},
    price_book::{PriceBook, PriceBookKind, PriceBookVersion, ResourceRates, VersionState},
    refusal::Refusal,
    rules::Violations,
    typed,
};

/// Overlaps one refusal lists.
const OVERLAPS_MAX: usize = 100;

impl Draft<'_> {
    /// A new price book with an open draft of version 1.
    pub(super) fn add_price_book(
        &mut self,
        id: Option<Uuid>,
        set: &PriceBookFields,
    ) -> Result<Done, Refusal> {
        let id: PriceBookId = self.fresh::<PriceBook>(id)?;
        let mut row = PriceBook {
            id,
            name: typed::needed("name", set.name.as_deref(), NAME_CHARS_MAX)?,
            kind: set.kind.unwrap_or(PriceBookKind::Internal),
            supplier: None,
            current: 0,
            archived: false,
            version: 1,
            stamp: Stamp::new(self.by, self.at_us),
        };
        set_fields(&mut row, set)?;
        let label = format!("Add price book {}", row.name);
        self.put(row);
        self.open_draft(id, 1);
        Done::new([id.0], label)
    }

    pub(super) fn update_price_book(
        &mut self,
        id: Uuid,
        version: Option<u64>,
        set: &PriceBookFields,
    ) -> Result<Done, Refusal> {
        let before = self.current::<PriceBook>("price book", id, version)?;
        let mut row = PriceBook::clone(&before);
        set_fields(&mut row, set)?;
        let label = match (before.archived, row.archived) {
            (false, true) => format!("Archive price book {}", row.name),
            (true, false) => format!("Bring back price book {}", row.name),
            (true, true) | (false, false) => format!("Change price book {}", row.name),
        };
        self.put(row);
        Done::new([id], label)
    }

    /// Opens a draft of the next version. It starts as a copy of what the book says now.
    pub(super) fn draft_price_book(&mut self, book: Uuid) -> Result<Done, Refusal> {
        let row = self.current::<PriceBook>("price book", book, None)?;
        not_archived(&row)?;
        if let Some(draft) = self.library.catalogue.book_draft(row.id) {
            let message = format!("Version {} of {} is being written already.", draft.n, row.name);
            return Err(Refusal::Invalid { field: None, message });
        }
        let n = self.next_version(row.id);
        self.open_draft(row.id, n);
        Done::new([book], format!("Start version {n} of {}", row.name))
    }

    /// Takes a draft away with all that was written in it.
    pub(super) fn discard_price_book(&mut self, book: Uuid, n: u32) -> Result<Done, Refusal> {
        let row = self.current::<PriceBook>("price book", book, None)?;
        let draft = self.draft_version(&row, n)?;
        for resource in self.resources_in(row.id, n) {
            self.remove::<ResourceRates>((resource, n));
            self.touch_resource(resource);
        }
        self.remove::<PriceBookVersion>((row.id, draft.n));
        Done::new([book], format!("Discard version {n} of {}", row.name))
    }

    /// Publishes a draft: new lines take its rates from now on, lines there are keep theirs
    /// (BR-049).
    pub(super) fn publish_price_book(
        &mut self,
        book: Uuid,
        n: u32,
        version: Option<u64>,
        note: Option<&str>,
    ) -> Result<Done, Refusal> {
        let row = self.current::<PriceBook>("price book", book, None)?;
        let draft = self.draft_version(&row, n)?;
        if let Some(read) = version
            && read != draft.version
        {
            return Err(Refusal::StaleVersion {
                what: "price book version",
                id: book,
                current: draft.version,
            });
        }
        let resources = self.resources_in(row.id, n);
        let mut violations = Vec::new();
        for resource in &resources {
            if let Some(rates) = self.library.catalogue.own_rates(*resource, n) {
                violations.extend(self.overlap(rates));
            }
        }
        if !violations.is_empty() {
            violations.truncate(OVERLAPS_MAX);
            return Err(Refusal::Violations(Violations(violations)));
        }
        let note = match note {
            Some(note) => typed::optional("note", Some(note), NOTE_CHARS_MAX)?,
            None => draft.note.clone(),
        };
        self.put(PriceBookVersion {
            state: VersionState::Published,
            note,
            published_at_us: Some(self.at_us),
            published_by: Some(self.by),
            ..draft
        });
        self.put(PriceBook { current: n, ..PriceBook::clone(&row) });
        for resource in resources {
            self.touch_resource(resource);
        }
        Done::new([book], format!("Publish version {n} of {}", row.name))
    }

    /// Puts a published version out of offer; lines that were priced with it keep their rates.
    pub(super) fn archive_price_book(&mut self, book: Uuid, n: u32) -> Result<Done, Refusal> {
        let row = self.current::<PriceBook>("price book", book, None)?;
        let version = self.version_of(&row, n)?;
        if version.state == VersionState::Draft || n == row.current {
            let message = match version.state {
                VersionState::Draft => "A draft is published or discarded, not archived.",
                VersionState::Published | VersionState::Archived => {
                    "The current version stays on offer until the next one is published."
                }
            };
            return Err(Refusal::invalid("n", message));
        }
        self.put(PriceBookVersion { state: VersionState::Archived, ..version });
        Done::new([book], format!("Archive version {n} of {}", row.name))
    }

    /// The version to write rates in: the open draft, or a version of its own that this command
    /// publishes at once.
    pub(super) fn writable_version(&mut self, book: &PriceBook) -> Result<u32, Refusal> {
        not_archived(book)?;
        if let Some(draft) = self.library.catalogue.book_draft(book.id) {
            return Ok(draft.n);
        }
        if let Some(n) = self.published.get(&book.id) {
            return Ok(*n);
        }
        let n = self.next_version(book.id);
        self.published.insert(book.id, n);
        self.put(PriceBookVersion {
            book: book.id,
            n,
            state: VersionState::Published,
            note: None,
            published_at_us: Some(self.at_us),
            published_by: Some(self.by),
            version: 1,
            stamp: Stamp::new(self.by, self.at_us),
        });
        self.put(PriceBook { current: n, ..book.clone() });
        Ok(n)
    }

    fn open_draft(&mut self, book: PriceBookId, n: u32) {
        self.put(PriceBookVersion {
            book,
            n,
            state: VersionState::Draft,
            note: None,
            published_at_us: None,
            published_by: None,
            version: 1,
            stamp: Stamp::new(self.by, self.at_us),
        });
    }

    /// The number after the last one given out.
    fn next_version(&self, book: PriceBookId) -> u32 {
        self.library.catalogue.book_versions(book).map(|v| v.n).max().unwrap_or(0) + 1
    }

    fn version_of(&self, book: &PriceBook, n: u32) -> Result<PriceBookVersion, Refusal> {
        let version = self.library.catalogue.book_version(book.id, n);
        version
            .map(|v| PriceBookVersion::clone(v))
            .ok_or(Refusal::NotFound { what: "price book version", id: book.id.0 })
    }

    /// A version that may still be written (BR-046).
    pub(super) fn draft_version(
        &self,
        book: &PriceBook,
        n: u32,
    ) -> Result<PriceBookVersion, Refusal> {
        let version = self.version_of(book, n)?;
        match version.state {
            VersionState::Draft => Ok(version),
            VersionState::Published | VersionState::Archived => {
                let message = format!(
                    "Version {n} of {} is published and never changes. Start the next version and \
                     put the correction there.",
                    book.name
                );
                Err(typed::broken(46, "n", [book.id.0], message))
            }
        }
    }

    fn resources_in(&self, book: PriceBookId, n: u32) -> Vec<ResourceId> {
        self.library.catalogue.resources_in_version(book, n).collect()
    }
}

/// Nothing in an archived book is written.
fn not_archived(book: &PriceBook) -> Result<(), Refusal> {
    if !book.archived {
        return Ok(());
    }
    let message = format!("Price book {} is archived: bring it back to change it.", book.name);
    Err(Refusal::Invalid { field: None, message })
}

fn set_fields(row: &mut PriceBook, set: &PriceBookFields) -> Result<(), Refusal> {
    typed::set_needed(&mut row.name, "name", set.name.as_deref(), NAME_CHARS_MAX)?;
    row.kind = set.kind.unwrap_or(row.kind);
    if let Some(supplier) = &set.supplier {
        row.supplier = typed::optional("supplier", supplier.as_deref(), NAME_CHARS_MAX)?;
    }
    if row.kind == PriceBookKind::Supplier && row.supplier.is_none() {
        return Err(Refusal::invalid("supplier", "Say whose list it is."));
    }
    row.archived = set.archived.unwrap_or(row.archived);
    Ok(())
}
