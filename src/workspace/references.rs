//! Rates of the organisation's own past tenders, read from what it submitted.

use super::{Workspace, WorkspaceError};
use crate::estimating::{
    id::{EstimateId, SubmissionId, TenderId},
    reference::References,
};
use parking_lot::Mutex;
use std::{collections::HashMap, sync::Arc};

/// Submitted tenders that are read, the newest; older prices say little about today's.
const TENDERS_MAX: usize = 200;

/// The past rates, with the submissions they are of.
#[derive(Default)]
pub(super) struct Remembered(Mutex<(Vec<SubmissionId>, Arc<References>)>);

impl Workspace {
    /// Rates of the newest submission of each tender. O(tenders) while nothing was submitted since
    /// they were last asked for; else the new submissions are read.
    ///
    /// # Errors
    /// Storage errors.
    pub async fn references(self: &Arc<Self>) -> Result<Arc<References>, WorkspaceError> {
        let wanted = self.newest_submissions();
        let same = |known: &[SubmissionId]| known.iter().eq(wanted.iter().map(|(id, ..)| id));
        {
            let known = self.references.0.lock();
            if same(&known.0) {
                return Ok(known.1.clone());
            }
        }
        let workspace = self.clone();
        tokio::task::spawn_blocking(move || workspace.read_references(&wanted))
            .await
            .unwrap_or_else(|error| Err(WorkspaceError::Storage(error.to_string().into())))
    }

    /// The newest submission of each tender, oldest first.
    fn newest_submissions(&self) -> Vec<(SubmissionId, EstimateId, i64)> {
        let published = self.published();
        let mut newest: HashMap<TenderId, (SubmissionId, EstimateId, i64)> = HashMap::new();
        for row in published.library.estimates() {
            let Some(sent) = published.library.submission_of(row.id) else { continue };
            let known = newest.entry(row.tender).or_insert((sent.id, row.id, sent.at_us));
            if known.2 < sent.at_us {
                *known = (sent.id, row.id, sent.at_us);
            }
        }
        let mut list: Vec<_> = newest.into_values().collect();
        list.sort_unstable_by_key(|(id, _, at_us)| (*at_us, *id));
        list.drain(..list.len().saturating_sub(TENDERS_MAX));
        list
    }

    /// Reads them; what was known goes on from there where only new ones came.
    fn read_references(
        &self,
        wanted: &[(SubmissionId, EstimateId, i64)],
    ) -> Result<Arc<References>, WorkspaceError> {
        let (known, rates) = self.references.0.lock().clone();
        let goes_on = known.len() <= wanted.len()
            && known.iter().zip(wanted).all(|(known, (id, ..))| known == id);
        let (mut rates, from) =
            if goes_on { (References::clone(&rates), known.len()) } else { Default::default() };
        for (_, estimate, at_us) in wanted.iter().skip(from) {
            match self.estimate_blocking(*estimate) {
                Ok(estimate) => rates.take_in(&estimate, *at_us),
                // Deleted with its tender meanwhile.
                Err(WorkspaceError::NotFound { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        let rates = Arc::new(rates);
        let ids = wanted.iter().map(|(id, ..)| *id).collect();
        *self.references.0.lock() = (ids, rates.clone());
        Ok(rates)
    }
}
