//! State from the ledger: everything but the estimates at open, an estimate when first asked for.

use super::{
    WorkspaceError,
    jobs::{JobRow, JobStep, KeptJob},
    note::CommitNote,
    rows::{RowError, Stored},
    state::Published,
    tables,
    undo::{Motion, UNDO_TAIL_COMMITS},
};
use crate::{
    estimating::{
        acknowledgement::Acknowledgement,
        branding::Branding,
        catalogue::Catalogue,
        categorisation::{Categorisation, Labels},
        change::{Delta, LibraryChange},
        commercials::Commercials,
        company::Company,
        content::{Content, OwnContentKind},
        day::Day,
        estimate::Estimate,
        heading::Heading,
        id::{EstimateId, UserId},
        item::Item,
        price_book::{PriceBook, PriceBookVersion, ResourceRates},
        quotes::{Adjudication, Package, Packages, Quote},
        recipe::{Recipe, RecipeVersion},
        resource::Resource,
        submission::{Approval, Handover, Submission},
        tender::{EstimateRow, Tender},
        thresholds::Thresholds,
        units::{Conversion, Unit},
        worksheet::Worksheet,
    },
    ledger::{CodecError, Lsn, Row, SYSTEM_ACTOR, Snapshot, decode, encode},
};
use serde::{Deserialize, Serialize};
use std::{ops::ControlFlow, sync::Arc};
use uuid::Uuid;

/// The text of an import layout, as it is stored.
#[derive(Serialize, Deserialize)]
pub(super) struct LayoutRow(pub Box<str>);

impl Row for LayoutRow {
    const FORMAT: u8 = 1;
}

impl LayoutRow {
    /// The stored bytes of a layout.
    pub(super) fn bytes(text: &str) -> Result<Vec<u8>, CodecError> {
        encode(&LayoutRow(text.into()))
    }
}

/// Everything but the estimates' insides. O(library + undo tail).
///
/// # Errors
/// Storage errors, or a row that does not read.
pub(super) fn load(snapshot: &Snapshot) -> Result<Published, WorkspaceError> {
    let mut state = Published::empty(snapshot.head()?.lsn);
    let library = &mut state.library;
    each::<Unit>(snapshot, |row| library.apply(&LibraryChange::Unit(Delta::insert(row))))?;
    each::<Conversion>(snapshot, |row| {
        library.apply(&LibraryChange::Conversion(Delta::insert(row)));
    })?;
    each::<PriceBook>(snapshot, |row| {
        library.apply(&LibraryChange::PriceBook(Delta::insert(row)));
    })?;
    each::<PriceBookVersion>(snapshot, |row| {
        library.apply(&LibraryChange::PriceBookVersion(Delta::insert(row)));
    })?;
    each::<ResourceRates>(snapshot, |row| {
        library.apply(&LibraryChange::ResourceRates(Delta::insert(row)));
    })?;
    each::<Resource>(snapshot, |row| library.apply(&LibraryChange::Resource(Delta::insert(row))))?;
    each::<Recipe>(snapshot, |row| library.apply(&LibraryChange::Recipe(Delta::insert(row))))?;
    each::<RecipeVersion>(snapshot, |row| {
        library.apply(&LibraryChange::RecipeVersion(Delta::insert(row)));
    })?;
    each::<Company>(snapshot, |row| library.apply(&LibraryChange::Company(Delta::insert(row))))?;
    each::<Tender>(snapshot, |row| library.apply(&LibraryChange::Tender(Delta::insert(row))))?;
    each::<Approval>(snapshot, |row| library.apply(&LibraryChange::Approval(Delta::insert(row))))?;
    each::<Submission>(snapshot, |row| {
        library.apply(&LibraryChange::Submission(Delta::insert(row)));
    })?;
    each::<Handover>(snapshot, |row| library.apply(&LibraryChange::Handover(Delta::insert(row))))?;
    each::<Thresholds>(snapshot, |row| {
        library.apply(&LibraryChange::Thresholds(Delta::insert(row)));
    })?;
    each::<Branding>(snapshot, |row| library.apply(&LibraryChange::Branding(Delta::insert(row))))?;
    each::<Categorisation>(snapshot, |row| {
        library.apply(&LibraryChange::Categorisation(Delta::insert(row)));
    })?;
    each::<OwnContentKind>(snapshot, |row| {
        library.apply(&LibraryChange::OwnContentKind(Delta::insert(row)));
    })?;
    each::<Labels>(snapshot, |row| library.apply(&LibraryChange::Labels(Delta::insert(row))))?;
    each::<EstimateRow>(snapshot, |row| library.apply_estimate_row(&Delta::insert(row)))?;
    load_answers(snapshot, &mut state)?;
    load_layouts(snapshot, &mut state)?;
    load_jobs(snapshot, &mut state)?;
    load_stacks(snapshot, &mut state)?;
    state.library.catalogue.set_day(Day::at_us(state.at_us));
    Ok(state)
}

/// Every row of a table, in key order.
fn each<T: Stored>(snapshot: &Snapshot, mut take: impl FnMut(T)) -> Result<(), WorkspaceError> {
    rows_under(snapshot, &[], &mut take)
}

fn rows_under<T: Stored>(
    snapshot: &Snapshot,
    prefix: &[u8],
    take: &mut impl FnMut(T),
) -> Result<(), WorkspaceError> {
    snapshot.scan_prefix::<WorkspaceError>(T::TABLE, prefix, |key, row| {
        take(T::from_row(key, row)?);
        Ok(ControlFlow::Continue(()))
    })
}

fn load_answers(snapshot: &Snapshot, state: &mut Published) -> Result<(), WorkspaceError> {
    let answers = &mut state.answers;
    snapshot.scan_prefix::<WorkspaceError>(tables::IDEMPOTENCY, &[], |key, row| {
        answers.restore(key, row)?;
        Ok(ControlFlow::Continue(()))
    })
}

fn load_layouts(snapshot: &Snapshot, state: &mut Published) -> Result<(), WorkspaceError> {
    let layouts = &mut state.layouts;
    snapshot.scan_prefix::<WorkspaceError>(tables::IMPORT_LAYOUTS, &[], |key, row| {
        let name = std::str::from_utf8(key).map_err(|_| RowError::Key("import_layouts"))?;
        let text: LayoutRow = decode(row)?;
        layouts.insert(name.into(), text.0.as_ref().into());
        Ok(ControlFlow::Continue(()))
    })
}

fn load_jobs(snapshot: &Snapshot, state: &mut Published) -> Result<(), WorkspaceError> {
    let jobs = &mut state.jobs;
    each::<JobRow>(snapshot, |row| {
        let kept = KeptJob { steps: imbl::Vector::new(), row: Arc::new(row) };
        jobs.insert(kept.row.id, kept);
    })?;
    each::<JobStep>(snapshot, |step| {
        if let Some(kept) = jobs.get_mut(&step.job) {
            kept.steps.push_back(Arc::new(step));
        }
    })
}

/// The undo stacks, from the notes of the newest commits.
fn load_stacks(snapshot: &Snapshot, state: &mut Published) -> Result<(), WorkspaceError> {
    state.at_us = state.at_us.max(snapshot.newest_at_us()?.unwrap_or(i64::MIN));
    let head = state.lsn;
    let first = Lsn(head.0.saturating_sub(UNDO_TAIL_COMMITS));
    for record in snapshot.records(first..)? {
        let record = record?;
        state.at_us = state.at_us.max(record.at_us);
        let note = CommitNote::of(&record)?;
        let Some(scope) = note.scope else { continue };
        if record.actor == SYSTEM_ACTOR {
            continue;
        }
        let user = UserId(Uuid::from_bytes(record.actor));
        let label: Arc<str> = (&*note.label).into();
        state.lsn = record.lsn;
        state.step(user, scope, Motion::of(&note), &label);
    }
    state.lsn = head;
    Ok(())
}

/// One estimate, from its own range of rows. O(rows of the estimate).
///
/// # Errors
/// `NotFound`, storage errors, a row that does not read, or rows that do not form a tree.
pub(super) fn load_estimate(
    snapshot: &Snapshot,
    id: EstimateId,
    catalogue: &Catalogue,
) -> Result<Estimate, WorkspaceError> {
    let key = id.bytes();
    let row = snapshot
        .get(tables::ESTIMATES, &key)?
        .ok_or(WorkspaceError::NotFound { what: "estimate", id: id.0 })?;
    let row = EstimateRow::from_row(&key, &row)?;
    let (mut headings, mut items, mut worksheets) = (Vec::new(), Vec::new(), Vec::new());
    rows_under::<Heading>(snapshot, &key, &mut |row| headings.push(row))?;
    rows_under::<Item>(snapshot, &key, &mut |row| items.push(row))?;
    rows_under::<Worksheet>(snapshot, &key, &mut |row| worksheets.push(row))?;
    let mut estimate = Estimate::build(row, headings, items, worksheets, catalogue)
        .map_err(|error| WorkspaceError::Storage(format!("estimate {id}: {error}").into()))?;
    let commercials = snapshot.get(tables::COMMERCIALS, &key)?;
    #[cfg(test)]
    let commercials = commercials.filter(|_| !crate::estimating::fault::planted(96));
    if let Some(row) = commercials {
        estimate = estimate.with_commercials(Commercials::from_row(&key, &row)?);
    }
    if let Some(row) = snapshot.get(tables::CONTENT, &key)? {
        estimate = estimate.with_content(Content::from_row(&key, &row)?);
    }
    let mut packages = Packages::default();
    rows_under::<Package>(snapshot, &key, &mut |row| packages.restore_package(row))?;
    rows_under::<Adjudication>(snapshot, &key, &mut |row| packages.restore_round(row))?;
    rows_under::<Quote>(snapshot, &key, &mut |row| packages.restore_quote(row))?;
    estimate = estimate.with_packages(packages);
    let mut accepted = Vec::new();
    rows_under::<Acknowledgement>(snapshot, &key, &mut |row| accepted.push(row))?;
    Ok(estimate.with_acknowledgements(accepted.into_iter().collect()))
}
