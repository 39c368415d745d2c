//! Between typed changes and the ledger's changes of bytes, both ways.

use super::{
    rows::{RowError, Stored, table_of},
    tables,
};
use crate::{
    estimating::{
        acknowledgement::Acknowledgement,
        branding::Branding,
        categorisation::{Categorisation, Labels},
        change::{Delta, EstimateChange, LibraryChange},
        commercials::Commercials,
        company::Company,
        content::{Content, OwnContentKind},
        heading::Heading,
        item::Item,
        price_book::{PriceBook, PriceBookVersion, ResourceRates},
        quotes::{Adjudication, Package, Quote},
        recipe::{Recipe, RecipeVersion},
        resource::Resource,
        submission::{Approval, Handover, Submission},
        tender::{EstimateRow, Tender},
        thresholds::Thresholds,
        units::{Conversion, Unit},
        worksheet::Worksheet,
    },
    ledger::{Change, TableId},
};
use std::{collections::HashMap, sync::Arc};

/// A change of the ledger, as the domain sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowChange {
    /// A row of an estimate.
    Estimate(EstimateChange),
    /// A row all estimates share.
    Library(LibraryChange),
    /// A row that is no part of the domain: an answer kept for idempotency, an import layout, a
    /// file, a job, a comment, a mark of the audit trail.
    Other(TableId),
}

/// The bytes of a change of an estimate. O(size of both rows).
///
/// # Errors
/// When a row is too long to store, or the change has neither side.
pub fn encode_estimate(change: &EstimateChange) -> Result<Change, RowError> {
    match change {
        EstimateChange::Estimate(delta) => encode_delta(delta),
        EstimateChange::Heading(delta) => encode_delta(delta),
        EstimateChange::Item(delta) => encode_delta(delta),
        EstimateChange::Worksheet(delta) => encode_delta(delta),
        EstimateChange::Commercials(delta) => encode_delta(delta),
        EstimateChange::Content(delta) => encode_delta(delta),
        EstimateChange::Package(delta) => encode_delta(delta),
        EstimateChange::Adjudication(delta) => encode_delta(delta),
        EstimateChange::Quote(delta) => encode_delta(delta),
        EstimateChange::Acknowledgement(delta) => encode_delta(delta),
    }
}

/// The bytes of a change of the library. O(size of both rows).
///
/// # Errors
/// As [`encode_estimate`].
pub fn encode_library(change: &LibraryChange) -> Result<Change, RowError> {
    match change {
        LibraryChange::Tender(delta) => encode_delta(delta),
        LibraryChange::Unit(delta) => encode_delta(delta),
        LibraryChange::Conversion(delta) => encode_delta(delta),
        LibraryChange::PriceBook(delta) => encode_delta(delta),
        LibraryChange::PriceBookVersion(delta) => encode_delta(delta),
        LibraryChange::ResourceRates(delta) => encode_delta(delta),
        LibraryChange::Resource(delta) => encode_delta(delta),
        LibraryChange::Recipe(delta) => encode_delta(delta),
        LibraryChange::RecipeVersion(delta) => encode_delta(delta),
        LibraryChange::Approval(delta) => encode_delta(delta),
        LibraryChange::Submission(delta) => encode_delta(delta),
        LibraryChange::Handover(delta) => encode_delta(delta),
        LibraryChange::Branding(delta) => encode_delta(delta),
        LibraryChange::Thresholds(delta) => encode_delta(delta),
        LibraryChange::Categorisation(delta) => encode_delta(delta),
        LibraryChange::Labels(delta) => encode_delta(delta),
        LibraryChange::OwnContentKind(delta) => encode_delta(delta),
        LibraryChange::Company(delta) => encode_delta(delta),
    }
}

/// The bytes of any change of one row.
///
/// # Errors
/// As [`encode_estimate`].
pub fn encode_delta<T: Stored>(delta: &Delta<T>) -> Result<Change, RowError> {
    let row = delta.row().ok_or(RowError::Empty(table_of::<T>()))?;
    let bytes = |row: &Option<Arc<T>>| row.as_ref().map(|row| row.to_row()).transpose();
    Ok(Change {
        table: T::TABLE,
        key: row.key(),
        before: bytes(&delta.before)?,
        after: bytes(&delta.after)?,
    })
}

/// A change of the ledger as the domain sees it. O(size of both rows).
///
/// # Errors
/// When a row does not read.
pub fn decode(change: &Change) -> Result<RowChange, RowError> {
    use EstimateChange as E;
    use LibraryChange as L;
    Ok(match change.table {
        tables::ESTIMATES => RowChange::Estimate(E::Estimate(delta::<EstimateRow>(change)?)),
        tables::HEADINGS => RowChange::Estimate(E::Heading(delta::<Heading>(change)?)),
        tables::ITEMS => RowChange::Estimate(E::Item(delta::<Item>(change)?)),
        tables::WORKSHEETS => RowChange::Estimate(E::Worksheet(delta::<Worksheet>(change)?)),
        tables::COMMERCIALS => RowChange::Estimate(E::Commercials(delta::<Commercials>(change)?)),
        tables::CONTENT => RowChange::Estimate(E::Content(delta::<Content>(change)?)),
        tables::PACKAGES => RowChange::Estimate(E::Package(delta::<Package>(change)?)),
        tables::ADJUDICATIONS => {
            RowChange::Estimate(E::Adjudication(delta::<Adjudication>(change)?))
        }
        tables::QUOTES => RowChange::Estimate(E::Quote(delta::<Quote>(change)?)),
        tables::ACKNOWLEDGEMENTS => {
            RowChange::Estimate(E::Acknowledgement(delta::<Acknowledgement>(change)?))
        }
        tables::TENDERS => RowChange::Library(L::Tender(delta::<Tender>(change)?)),
        tables::UNITS => RowChange::Library(L::Unit(delta::<Unit>(change)?)),
        tables::CONVERSIONS => RowChange::Library(L::Conversion(delta::<Conversion>(change)?)),
        tables::PRICE_BOOKS => RowChange::Library(L::PriceBook(delta::<PriceBook>(change)?)),
        tables::PRICE_BOOK_VERSIONS => {
            RowChange::Library(L::PriceBookVersion(delta::<PriceBookVersion>(change)?))
        }
        tables::RATES => RowChange::Library(L::ResourceRates(delta::<ResourceRates>(change)?)),
        tables::RESOURCES => RowChange::Library(L::Resource(delta::<Resource>(change)?)),
        tables::RECIPES => RowChange::Library(L::Recipe(delta::<Recipe>(change)?)),
        tables::RECIPE_VERSIONS => {
            RowChange::Library(L::RecipeVersion(delta::<RecipeVersion>(change)?))
        }
        tables::COMPANIES => RowChange::Library(L::Company(delta::<Company>(change)?)),
        tables::APPROVALS => RowChange::Library(L::Approval(delta::<Approval>(change)?)),
        tables::SUBMISSIONS => RowChange::Library(L::Submission(delta::<Submission>(change)?)),
        tables::BRANDING => RowChange::Library(L::Branding(delta::<Branding>(change)?)),
        tables::THRESHOLDS => RowChange::Library(L::Thresholds(delta::<Thresholds>(change)?)),
        tables::CATEGORISATIONS => {
            RowChange::Library(L::Categorisation(delta::<Categorisation>(change)?))
        }
        tables::CONTENT_KINDS => {
            RowChange::Library(L::OwnContentKind(delta::<OwnContentKind>(change)?))
        }
        tables::LABELS => RowChange::Library(L::Labels(delta::<Labels>(change)?)),
        tables::HANDOVERS => RowChange::Library(L::Handover(delta::<Handover>(change)?)),
        tables::IMPORT_LAYOUTS
        | tables::IDEMPOTENCY
        | tables::FILES
        | tables::JOBS
        | tables::JOB_STEPS
        | tables::COMMENTS
        | tables::MENTIONS
        | tables::ATTACHMENTS
        | tables::MARKS => RowChange::Other(change.table),
        other => return Err(RowError::Table(other)),
    })
}

/// A change of one known table.
///
/// # Errors
/// When a row does not read, or the change has neither side.
pub fn delta<T: Stored>(change: &Change) -> Result<Delta<T>, RowError> {
    let row = |bytes: &Option<Vec<u8>>| {
        bytes.as_deref().map(|bytes| T::from_row(&change.key, bytes).map(Arc::new)).transpose()
    };
    let delta = Delta { before: row(&change.before)?, after: row(&change.after)? };
    if delta.row().is_none() { Err(RowError::Empty(table_of::<T>())) } else { Ok(delta) }
}

/// Folds several changes of one row into one, and drops what ends as it began: a commit changes
/// a row at most once. O(changes).
pub fn net(changes: Vec<Change>) -> Vec<Change> {
    if changes.len() < 2 {
        return changes.into_iter().filter(|change| change.before != change.after).collect();
    }
    let mut seen: HashMap<(u8, Vec<u8>), usize> = HashMap::with_capacity(changes.len());
    let mut folded: Vec<Change> = Vec::with_capacity(changes.len());
    for change in changes {
        match seen.entry((change.table.0, change.key.clone())) {
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert(folded.len());
                folded.push(change);
            }
            std::collections::hash_map::Entry::Occupied(entry) => {
                if let Some(first) = folded.get_mut(*entry.get()) {
                    first.after = change.after;
                }
            }
        }
    }
    folded.retain(|change| change.before != change.after);
    folded
}
