//! An estimate as it was at an earlier commit.

use super::{Workspace, WorkspaceError, rows::Stored, tables};
use crate::{
    estimating::{
        acknowledgement::Acknowledgement, commercials::Commercials, content::Content,
        estimate::Estimate, heading::Heading, id::EstimateId, item::Item, tender::EstimateRow,
        worksheet::Worksheet,
    },
    ledger::{Lsn, TableId},
};
use std::{
    collections::{BTreeMap, HashSet},
    ops::ControlFlow,
};

type Rows = BTreeMap<(TableId, Vec<u8>), Vec<u8>>;

impl Workspace {
    /// An estimate as commit `at` left it. O(rows + commits since).
    ///
    /// # Errors
    /// `NotFound` where it did not exist then, or the log does not reach back that far; storage
    /// errors.
    pub fn estimate_at(&self, id: EstimateId, at: Lsn) -> Result<Estimate, WorkspaceError> {
        let snapshot = self.reader().snapshot()?;
        let missing = WorkspaceError::NotFound { what: "estimate at that commit", id: id.0 };
        if at < snapshot.anchor()?.lsn {
            return Err(missing);
        }
        let mut rows = Rows::new();
        for table in std::iter::once(&tables::ESTIMATES).chain(tables::INSIDE_ESTIMATES) {
            snapshot.scan_prefix::<WorkspaceError>(*table, &id.bytes(), |key, row| {
                rows.insert((*table, key.to_vec()), row.to_vec());
                Ok(ControlFlow::Continue(()))
            })?;
        }
        // The first change of a row after the commit says what the row was at it.
        let mut seen = HashSet::new();
        for record in snapshot.records(Lsn(at.0.saturating_add(1))..)? {
            for change in record?.changes {
                let inside = change.table == tables::ESTIMATES
                    || tables::INSIDE_ESTIMATES.contains(&change.table);
                if !inside || tables::estimate_of_key(&change.key) != Some(id) {
                    continue;
                }
                let key = (change.table, change.key);
                if seen.insert(key.clone()) {
                    match change.before {
                        Some(row) => drop(rows.insert(key, row)),
                        None => drop(rows.remove(&key)),
                    }
                }
            }
        }
        let row = rows.remove(&(tables::ESTIMATES, id.bytes().to_vec())).ok_or(missing)?;
        let row = EstimateRow::from_row(&id.bytes(), &row)?;
        let catalogue = &self.published().library.catalogue;
        let estimate = Estimate::build(
            row,
            all::<Heading>(&rows)?,
            all::<Item>(&rows)?,
            all::<Worksheet>(&rows)?,
            catalogue,
        )
        .map_err(|error| WorkspaceError::Storage(format!("estimate {id}: {error}").into()))?;
        let accepted = all::<Acknowledgement>(&rows)?;
        let estimate = estimate.with_acknowledgements(accepted.into_iter().collect());
        let estimate = match all::<Content>(&rows)?.pop() {
            Some(row) => estimate.with_content(row),
            None => estimate,
        };
        Ok(match all::<Commercials>(&rows)?.pop() {
            Some(row) => estimate.with_commercials(row),
            None => estimate,
        })
    }
}

fn all<T: Stored>(rows: &Rows) -> Result<Vec<T>, WorkspaceError> {
    let own = rows.iter().filter(|((table, _), _)| *table == T::TABLE);
    own.map(|((_, key), row)| T::from_row(key, row).map_err(WorkspaceError::from)).collect()
}
