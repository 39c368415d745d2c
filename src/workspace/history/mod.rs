//! The history of a row: who changed which field, when, from what to what.
//!
//! Read from the log through the index of touched rows; nothing is kept for it.

mod fields;
mod packages;

pub use fields::FieldChange;
pub(super) use fields::{Fields, diff, plain};

use super::{
    Workspace, WorkspaceError,
    changes::{self, RowChange},
    note::CommitNote,
    tables::{self, estimate_key},
};
use crate::{
    estimating::{
        catalogue::Catalogue,
        change::{EstimateChange, LibraryChange},
        id::{
            AcknowledgementId, CompanyId, EstimateId, HeadingId, ItemId, RecipeId, ResourceId,
            TenderId, UserId,
        },
        quotes::{PackageId, QuoteId},
    },
    ledger::{Change, Lsn, Record, Snapshot, TableId},
};
use std::sync::Arc;
use uuid::Uuid;

/// Rounds whose changes the history of a package shows.
const ROUNDS_SHOWN: u32 = 20;
/// Entries in one page at most.
pub const HISTORY_PAGE_MAX: usize = 200;

/// A row with a history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entity {
    /// A tender.
    Tender(TenderId),
    /// An estimate's own row.
    Estimate(EstimateId),
    /// A heading.
    Heading(EstimateId, HeadingId),
    /// An item with its worksheet.
    Item(EstimateId, ItemId),
    /// A worksheet alone.
    Worksheet(EstimateId, ItemId),
    /// The commercials of an estimate.
    Commercials(EstimateId),
    /// A package with its rounds.
    Package(EstimateId, PackageId),
    /// A quote.
    Quote(EstimateId, QuoteId),
    /// An acknowledgement of an estimate.
    Acknowledgement(EstimateId, AcknowledgementId),
    /// A resource.
    Resource(ResourceId),
    /// A recipe with its versions.
    Recipe(RecipeId),
    /// A company.
    Company(CompanyId),
    /// A unit, by its code.
    Unit(String),
    /// How documents look.
    Branding,
}

impl Entity {
    /// The rows whose commits make up the history.
    fn rows(&self) -> Vec<(TableId, Vec<u8>)> {
        match self {
            Entity::Tender(id) => vec![(tables::TENDERS, id.bytes().to_vec())],
            Entity::Estimate(id) => vec![(tables::ESTIMATES, id.bytes().to_vec())],
            Entity::Heading(estimate, id) => {
                vec![(tables::HEADINGS, estimate_key(*estimate, id.0))]
            }
            Entity::Item(estimate, id) => vec![
                (tables::ITEMS, estimate_key(*estimate, id.0)),
                (tables::WORKSHEETS, estimate_key(*estimate, id.0)),
            ],
            Entity::Worksheet(estimate, id) => {
                vec![(tables::WORKSHEETS, estimate_key(*estimate, id.0))]
            }
            Entity::Commercials(id) => vec![(tables::COMMERCIALS, id.bytes().to_vec())],
            Entity::Package(estimate, id) => {
                let key = estimate_key(*estimate, id.0);
                let rounds = (1..=ROUNDS_SHOWN)
                    .map(|n| (tables::ADJUDICATIONS, tables::round_key(*estimate, id.0, n)));
                std::iter::once((tables::PACKAGES, key)).chain(rounds).collect()
            }
            Entity::Quote(estimate, id) => {
                vec![(tables::QUOTES, estimate_key(*estimate, id.0))]
            }
            Entity::Acknowledgement(estimate, id) => {
                vec![(tables::ACKNOWLEDGEMENTS, estimate_key(*estimate, id.0))]
            }
            Entity::Resource(id) => vec![(tables::RESOURCES, id.bytes().to_vec())],
            Entity::Recipe(id) => vec![(tables::RECIPES, id.bytes().to_vec())],
            Entity::Company(id) => vec![(tables::COMPANIES, id.bytes().to_vec())],
            Entity::Unit(code) => vec![(tables::UNITS, code.as_bytes().to_vec())],
            Entity::Branding => vec![(tables::BRANDING, tables::BRANDING_KEY.to_vec())],
        }
    }

    /// Whether a change of a commit is part of the history.
    fn holds(&self, change: &Change) -> bool {
        let recipe_version = match self {
            Entity::Recipe(id) => {
                change.table == tables::RECIPE_VERSIONS && change.key.starts_with(&id.bytes())
            }
            Entity::Tender(_)
            | Entity::Estimate(_)
            | Entity::Heading(..)
            | Entity::Item(..)
            | Entity::Worksheet(..)
            | Entity::Commercials(_)
            | Entity::Package(..)
            | Entity::Quote(..)
            | Entity::Acknowledgement(..)
            | Entity::Resource(_)
            | Entity::Company(_)
            | Entity::Unit(_)
            | Entity::Branding => false,
        };
        recipe_version
            || self.rows().iter().any(|(table, key)| *table == change.table && *key == change.key)
    }
}

/// One commit in the history of a row.
#[derive(Clone, Debug, PartialEq)]
pub struct HistoryEntry {
    /// The commit.
    pub lsn: Lsn,
    /// When, microseconds since 1970, UTC.
    pub at_us: i64,
    /// Who.
    pub actor: UserId,
    /// Their name.
    pub actor_name: Arc<str>,
    /// The command's name, such as `update-item`.
    pub command: String,
    /// What was done, in words.
    pub label: String,
    /// The fields that changed.
    pub changes: Vec<FieldChange>,
}

/// A page of history, newest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HistoryPage {
    /// The entries.
    pub items: Vec<HistoryEntry>,
    /// What to ask for next: entries before this commit.
    pub next: Option<Lsn>,
}

impl Workspace {
    /// The history of a row, newest first: at most `limit` entries before commit `before`. Works
    /// for a deleted row too. O(log n + size of the commits).
    ///
    /// # Errors
    /// Storage errors.
    pub fn history(
        &self,
        entity: &Entity,
        before: Option<Lsn>,
        limit: usize,
    ) -> Result<HistoryPage, WorkspaceError> {
        let limit = limit.clamp(1, HISTORY_PAGE_MAX);
        let snapshot = self.reader().snapshot()?;
        let catalogue = self.published().library.catalogue.clone();
        let mut lsns = Vec::new();
        for (table, key) in entity.rows() {
            lsns.extend(snapshot.history(table, &key, before, limit + 1)?);
        }
        lsns.sort_unstable_by(|a, b| b.cmp(a));
        lsns.dedup();
        let more = lsns.len() > limit;
        lsns.truncate(limit);
        let next = if more { lsns.last().copied() } else { None };
        let mut items = Vec::with_capacity(lsns.len());
        for lsn in lsns {
            // A commit trimmed from the log is in the vault only.
            if let Some(record) = snapshot.record(lsn)? {
                items.push(self.entry(&snapshot, &catalogue, entity, &record)?);
            }
        }
        Ok(HistoryPage { items, next })
    }

    fn entry(
        &self,
        _snapshot: &Snapshot,
        catalogue: &Catalogue,
        entity: &Entity,
        record: &Record,
    ) -> Result<HistoryEntry, WorkspaceError> {
        let note = CommitNote::of(record)?;
        let mut fields = Vec::new();
        for change in record.changes.iter().filter(|change| entity.holds(change)) {
            fields.extend(differences(&changes::decode(change)?, catalogue));
        }
        let actor = UserId(Uuid::from_bytes(record.actor));
        let actor_name = self.name_in_history(record);
        let label = note.in_words();
        Ok(HistoryEntry {
            lsn: record.lsn,
            at_us: record.at_us,
            actor,
            actor_name,
            command: record.command.clone(),
            label,
            changes: fields,
        })
    }
}

/// How a row changed, in the words of the domain.
pub(super) fn differences(change: &RowChange, catalogue: &Catalogue) -> Vec<FieldChange> {
    use fields::{branding_fields, company_fields, diff, plain, version_fields, worksheet_fields};
    use packages::{package_fields, quote_fields, round_fields};
    match change {
        RowChange::Other(_) => Vec::new(),
        RowChange::Estimate(EstimateChange::Estimate(delta)) => diff(delta, plain),
        RowChange::Estimate(EstimateChange::Heading(delta)) => diff(delta, plain),
        RowChange::Estimate(EstimateChange::Item(delta)) => diff(delta, plain),
        RowChange::Estimate(EstimateChange::Commercials(delta)) => diff(delta, plain),
        RowChange::Estimate(EstimateChange::Content(delta)) => diff(delta, plain),
        RowChange::Estimate(EstimateChange::Package(delta)) => diff(delta, package_fields),
        RowChange::Estimate(EstimateChange::Adjudication(delta)) => diff(delta, round_fields),
        RowChange::Estimate(EstimateChange::Quote(delta)) => diff(delta, quote_fields),
        RowChange::Estimate(EstimateChange::Acknowledgement(delta)) => diff(delta, plain),
        RowChange::Estimate(EstimateChange::Worksheet(delta)) => {
            diff(delta, |sheet| worksheet_fields(sheet, catalogue))
        }
        RowChange::Library(LibraryChange::Tender(delta)) => diff(delta, plain),
        RowChange::Library(LibraryChange::Approval(delta)) => diff(delta, plain),
        RowChange::Library(LibraryChange::Submission(delta)) => diff(delta, plain),
        RowChange::Library(LibraryChange::Handover(delta)) => diff(delta, plain),
        RowChange::Library(LibraryChange::Unit(delta)) => diff(delta, plain),
        RowChange::Library(LibraryChange::Categorisation(delta)) => diff(delta, plain),
        RowChange::Library(LibraryChange::Labels(delta)) => diff(delta, plain),
        RowChange::Library(LibraryChange::OwnContentKind(delta)) => diff(delta, plain),
        RowChange::Library(LibraryChange::Branding(delta)) => diff(delta, branding_fields),
        RowChange::Library(LibraryChange::Thresholds(delta)) => diff(delta, plain),
        RowChange::Library(LibraryChange::Conversion(delta)) => diff(delta, plain),
        RowChange::Library(LibraryChange::PriceBook(delta)) => diff(delta, plain),
        RowChange::Library(LibraryChange::PriceBookVersion(delta)) => diff(delta, plain),
        RowChange::Library(LibraryChange::ResourceRates(delta)) => diff(delta, plain),
        RowChange::Library(LibraryChange::Resource(delta)) => diff(delta, plain),
        RowChange::Library(LibraryChange::Company(delta)) => diff(delta, company_fields),
        RowChange::Library(LibraryChange::Recipe(delta)) => diff(delta, plain),
        RowChange::Library(LibraryChange::RecipeVersion(delta)) => {
            let before = delta.row().and_then(|row| {
                catalogue.recipe_version(row.recipe, row.n.checked_sub(1)?).cloned()
            });
            let against = crate::estimating::change::Delta {
                before: delta.before.clone().or(before),
                after: delta.after.clone(),
            };
            diff(&against, |version| version_fields(version, catalogue))
        }
    }
}
