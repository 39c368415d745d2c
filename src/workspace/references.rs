//! Rates of the organisation's own past tenders, read from what it submitted.

use super::{Workspace, WorkspaceError};
use crate::estimating::{
    id::{EstimateId, SubmissionId, TenderId},
    reference::References,
};
use parking_lot::Mutex;
use std::{collections::HashMap, sync::Arc, time::Duration};

/// Submitted tenders that are read, the newest; older prices say little about today's.
const TENDERS_MAX: usize = 200;

/// How long a request waits for submissions that are still to be read. The first question after a
/// start finds all of them unread; it is answered with what is known, and the reading goes on.
const WAIT: Duration = Duration::from_secs(1);

/// The past rates, with the submissions they are of.
#[derive(Default)]
pub(super) struct Remembered {
    known: Mutex<(Vec<SubmissionId>, Arc<References>)>,
    /// Held by whoever reads.
    pub(super) reading: Mutex<()>,
}

/// What is known of the past.
pub struct Known {
    /// The rates.
    pub references: Arc<References>,
    /// Whether submissions are still being read: ask again.
    pub still_reading: bool,
}

impl Workspace {
    /// Rates of the newest submission of each tender. O(tenders) while nothing was submitted since
    /// they were last asked for; else the new submissions are read, which is waited for a second
    /// and no longer.
    ///
    /// # Errors
    /// Storage errors.
    pub async fn references(self: &Arc<Self>) -> Result<Known, WorkspaceError> {
        let wanted = self.newest_submissions();
        let same = |known: &[SubmissionId]| known.iter().eq(wanted.iter().map(|(id, ..)| id));
        let known = self.references.known.lock().clone();
        if same(&known.0) {
            return Ok(Known { references: known.1, still_reading: false });
        }
        let workspace = self.clone();
        let reading = tokio::task::spawn_blocking(move || {
            let Some(_one) = workspace.references.reading.try_lock() else { return Ok(None) };
            let read = workspace.read_references(&wanted);
            if let Err(error) = &read {
                tracing::warn!(%error, "past tenders cannot be read for their rates");
            }
            read.map(Some)
        });
        match tokio::time::timeout(WAIT, reading).await {
            Ok(Ok(Ok(Some(references)))) => Ok(Known { references, still_reading: false }),
            Ok(Ok(Ok(None))) | Err(_) => Ok(Known { references: known.1, still_reading: true }),
            Ok(Ok(Err(error))) => Err(error),
            Ok(Err(error)) => Err(WorkspaceError::Storage(error.to_string().into())),
        }
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
        let (known, rates) = self.references.known.lock().clone();
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
        *self.references.known.lock() = (ids, rates.clone());
        Ok(rates)
    }
}
