//! Proof that an organisation is whole: the ledger, the meaning of its rows, and every figure.

use super::{WorkspaceError, load, organisation_schema, tables};
use crate::{
    estimating::id::OrganisationId,
    ledger::{CheckReport, Ledger, check},
};
use std::path::Path;

/// Findings listed; the rest are only counted.
pub const FINDINGS_LISTED_MAX: usize = 100;

/// What a check found.
#[derive(Clone, Debug)]
pub struct CheckOutcome {
    /// The ledger: pages, chain, replay of the log against the rows.
    pub ledger: CheckReport,
    /// Estimates built and recomputed.
    pub estimates: u64,
    /// Rows in those estimates.
    pub rows: u64,
    /// What is wrong with the meaning of rows, in words.
    pub findings: Vec<String>,
    /// How many findings there are.
    pub findings_total: u64,
}

impl CheckOutcome {
    /// Whether nothing at all was found.
    pub fn is_sound(&self) -> bool {
        self.ledger.is_sound() && self.findings_total == 0
    }

    fn add(&mut self, finding: String) {
        self.findings_total += 1;
        if self.findings.len() < FINDINGS_LISTED_MAX {
            self.findings.push(finding);
        }
    }
}

/// Checks an organisation's ledger that is not open: the ledger itself, that every row reads, that
/// the library's indexes say what its rows say, and that every estimate builds and its roll-ups
/// equal a full recompute (BR-016). O(file), with one estimate in memory at a time.
///
/// # Errors
/// When the ledger does not open at all. Damage is reported, not returned.
pub fn check_ledger(
    path: impl AsRef<Path>,
    organisation: OrganisationId,
) -> Result<CheckOutcome, WorkspaceError> {
    let schema = organisation_schema(organisation.0);
    let report = check(&path, schema.clone())?;
    let mut outcome = CheckOutcome {
        ledger: report,
        estimates: 0,
        rows: 0,
        findings: Vec::new(),
        findings_total: 0,
    };
    if !outcome.ledger.is_sound() {
        return Ok(outcome);
    }
    let ledger = Ledger::open(&path, schema)?;
    let snapshot = ledger.snapshot()?;
    let state = match load::load(&snapshot) {
        Ok(state) => state,
        Err(error) => {
            outcome.add(error.to_string());
            return Ok(outcome);
        }
    };
    if !state.library.rebuild_equals() {
        outcome.add("the library's indexes differ from its rows".to_owned());
    }
    for row in state.library.estimates() {
        outcome.estimates += 1;
        match load::load_estimate(&snapshot, row.id, &state.library.catalogue) {
            Err(error) => outcome.add(error.to_string()),
            Ok(estimate) => {
                outcome.rows += estimate.len() as u64;
                if let Err(mismatch) = estimate.recompute(&state.library.catalogue) {
                    outcome.add(format!("estimate {}: {mismatch}", row.id));
                }
            }
        }
    }
    orphans(&snapshot, &state, &mut outcome)?;
    Ok(outcome)
}

/// Rows inside estimates that do not exist.
fn orphans(
    snapshot: &crate::ledger::Snapshot,
    state: &super::Published,
    outcome: &mut CheckOutcome,
) -> Result<(), WorkspaceError> {
    for table in tables::INSIDE_ESTIMATES {
        let table = *table;
        let mut last = None;
        snapshot.scan_prefix::<WorkspaceError>(table, &[], |key, _| {
            let estimate = tables::estimate_of_key(key);
            if estimate != last {
                last = estimate;
                let known = estimate.is_some_and(|id| state.library.estimate(id).is_some());
                if !known {
                    let name = tables::table_name(table);
                    outcome.add(format!("{name} has rows of an estimate that does not exist"));
                }
            }
            Ok(std::ops::ControlFlow::Continue(()))
        })?;
    }
    Ok(())
}
