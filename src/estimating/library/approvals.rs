//! Rows of approvals, submissions and hand-overs, and the states of estimates that go with them
//! (BR-018). What may be approved or submitted is decided by whoever sees inside the estimate.

use std::sync::Arc;

use uuid::Uuid;

use super::{Done, Library, LibraryContext, LibraryOutcome, draft::Draft};
use crate::estimating::{
    id::{EstimateId, TenderId},
    refusal::Refusal,
    submission::{Approval, Handover, HandoverState, Revocation, Submission},
    tender::{EstimateRow, EstimateState, Tender, TenderState},
    typed,
};

impl Library {
    /// The newest approval of an estimate that nobody took back. O(log n + approvals).
    pub fn approval_of(&self, estimate: EstimateId) -> Option<&Arc<Approval>> {
        self.approvals_of(estimate).filter(|row| row.revoked.is_none()).last()
    }

    /// Every approval of an estimate, oldest first.
    pub fn approvals_of(&self, estimate: EstimateId) -> impl Iterator<Item = &Arc<Approval>> {
        let whole = (estimate, Uuid::nil().into())..=(estimate, Uuid::max().into());
        self.approvals.range(whole).map(|(_, row)| row)
    }

    /// The submission of an estimate. O(log n).
    pub fn submission_of(&self, estimate: EstimateId) -> Option<&Arc<Submission>> {
        let whole = (estimate, Uuid::nil().into())..=(estimate, Uuid::max().into());
        self.submissions.range(whole).map(|(_, row)| row).next_back()
    }

    /// Every hand-over of a tender, oldest first.
    pub fn handovers_of(&self, tender: TenderId) -> impl Iterator<Item = &Arc<Handover>> {
        let whole = (tender, Uuid::nil().into())..=(tender, Uuid::max().into());
        self.handovers.range(whole).map(|(_, row)| row)
    }

    /// Whether a file is named by a submission or hand-over. O(submissions + hand-overs).
    pub fn file(&self, hash: &str) -> Option<crate::estimating::submission::FileRef> {
        let sent = self.submissions.values().flat_map(|row| row.files.iter());
        let handed = self.handovers.values().flat_map(|row| row.files.iter());
        sent.chain(handed).find(|file| *file.hash == *hash).cloned()
    }

    /// Stores an approval and marks its estimate approved.
    ///
    /// # Errors
    /// BR-018 where the estimate is not reviewed.
    pub fn approve(
        &mut self,
        approval: Approval,
        cx: &mut LibraryContext<'_>,
    ) -> Result<LibraryOutcome, Refusal> {
        self.with_draft(cx, |draft| {
            let row = draft.current::<EstimateRow>("estimate", approval.estimate.0, None)?;
            if row.state != EstimateState::Reviewed {
                let message = match row.state {
                    EstimateState::InProgress => {
                        "An estimate is approved once every item of it is reviewed."
                    }
                    EstimateState::Approved => "The estimate is approved already.",
                    EstimateState::Reviewed
                    | EstimateState::Submitted
                    | EstimateState::Superseded
                    | EstimateState::Archived => "A frozen revision is not approved any more.",
                };
                return Err(typed::broken(18, "state", [row.id.0], message));
            }
            let label = format!("Approve estimate {} r{}", row.code, row.revision);
            let id = approval.id.0;
            draft.put(approval);
            draft.put(EstimateRow { state: EstimateState::Approved, ..EstimateRow::clone(&row) });
            Done::new([id], label)
        })
    }

    /// Takes the approval of an estimate back; it is reviewed again.
    ///
    /// # Errors
    /// BR-018 where it is not approved.
    pub fn revoke(
        &mut self,
        id: EstimateId,
        revocation: Revocation,
        cx: &mut LibraryContext<'_>,
    ) -> Result<LibraryOutcome, Refusal> {
        self.with_draft(cx, |draft| {
            let row = draft.current::<EstimateRow>("estimate", id.0, None)?;
            let approval = draft.library.approval_of(id).cloned();
            let Some(approval) = approval.filter(|_| row.state == EstimateState::Approved) else {
                let message = "Only an approved estimate has an approval to revoke.";
                return Err(typed::broken(18, "state", [id.0], message));
            };
            let label = format!("Revoke approval of estimate {} r{}", row.code, row.revision);
            draft.put(Approval { revoked: Some(revocation), ..Approval::clone(&approval) });
            draft.put(EstimateRow { state: EstimateState::Reviewed, ..EstimateRow::clone(&row) });
            Done::new([approval.id.0], label)
        })
    }

    /// Stores a submission, freezes its estimate and marks the tender submitted.
    ///
    /// # Errors
    /// BR-005 where the tender is neither active nor submitted, BR-018 where the estimate is not
    /// approved.
    pub fn submit(
        &mut self,
        submission: Submission,
        cx: &mut LibraryContext<'_>,
    ) -> Result<LibraryOutcome, Refusal> {
        self.with_draft(cx, |draft| {
            let row = draft.current::<EstimateRow>("estimate", submission.estimate.0, None)?;
            let tender = draft.current::<Tender>("tender", row.tender.0, None)?;
            match tender.state {
                TenderState::Active | TenderState::Submitted => {}
                TenderState::Enquiry
                | TenderState::Won
                | TenderState::Lost
                | TenderState::NoAward
                | TenderState::Declined
                | TenderState::Withdrawn
                | TenderState::Archived => {
                    let message = "Estimates are submitted while their tender is active.";
                    return Err(typed::broken(5, "state", [tender.id.0], message));
                }
            }
            if row.state != EstimateState::Approved {
                let message = "An estimate is submitted once it is approved.";
                return Err(typed::broken(18, "state", [row.id.0], message));
            }
            let label = format!("Submit estimate {} r{}", row.code, row.revision);
            let id = submission.id.0;
            draft.put(submission);
            draft.put(EstimateRow { state: EstimateState::Submitted, ..EstimateRow::clone(&row) });
            if tender.state == TenderState::Active {
                draft.put(Tender { state: TenderState::Submitted, ..Tender::clone(&tender) });
            }
            Done::new([id], label)
        })
    }

    /// Stores a hand-over.
    ///
    /// # Errors
    /// BR-109 where the tender is not won.
    pub fn hand_over(
        &mut self,
        handover: Handover,
        cx: &mut LibraryContext<'_>,
    ) -> Result<LibraryOutcome, Refusal> {
        self.with_draft(cx, |draft| {
            let tender = draft.current::<Tender>("tender", handover.tender.0, None)?;
            if tender.state != TenderState::Won || tender.record.accepted != Some(handover.estimate)
            {
                let message = "A hand-over starts from the accepted revision of a won tender.";
                return Err(typed::broken(109, "state", [tender.id.0], message));
            }
            let label = format!("Hand over the budget of tender {}", tender.number);
            let id = handover.id.0;
            draft.put(handover);
            Done::new([id], label)
        })
    }

    /// Notes that the other side has taken a hand-over.
    ///
    /// # Errors
    /// When there is no such hand-over.
    pub fn confirm_handover(
        &mut self,
        tender: TenderId,
        id: Uuid,
        cx: &mut LibraryContext<'_>,
    ) -> Result<LibraryOutcome, Refusal> {
        self.with_draft(cx, |draft| {
            let row = draft.library.handovers_of(tender).find(|row| row.id.0 == id).cloned();
            let row = row.ok_or(Refusal::NotFound { what: "hand-over", id })?;
            draft.put(Handover { state: HandoverState::Confirmed, ..Handover::clone(&row) });
            Done::new([id], "Confirm a hand-over")
        })
    }

    /// A new revision of an estimate: the row, for its insides to be copied under; the one it is
    /// made from is superseded unless it was submitted (BR-011).
    ///
    /// # Errors
    /// BR-010 where the tender takes no more, BR-011 while another revision is editable.
    pub fn revise(
        &mut self,
        source: EstimateId,
        id: EstimateId,
        as_of: &EstimateRow,
        cx: &mut LibraryContext<'_>,
    ) -> Result<LibraryOutcome, Refusal> {
        self.with_draft(cx, |draft| {
            let row = draft.current::<EstimateRow>("estimate", source.0, None)?;
            let tender = draft.current::<Tender>("tender", row.tender.0, None)?;
            draft.takes_estimates(&tender)?;
            let all: Vec<_> = draft.library.estimates_of(tender.id).cloned().collect();
            let own = |other: &&Arc<EstimateRow>| other.code == row.code;
            let open = all
                .iter()
                .filter(own)
                .find(|other| other.id != row.id && other.state.is_editable());
            if let Some(open) = open {
                let message = format!(
                    "Revision {} of {} is being worked on: there is one at a time.",
                    open.revision, open.code
                );
                return Err(typed::broken(11, "revision", [open.id.0], message));
            }
            let newest = all.iter().filter(own).map(|other| other.revision).max().unwrap_or(0);
            let revision = newest.saturating_add(1);
            if row.state.is_editable() {
                draft.put(EstimateRow {
                    state: EstimateState::Superseded,
                    ..EstimateRow::clone(&row)
                });
            }
            let (by, at_us) = (draft.by, draft.at_us);
            draft.put(EstimateRow {
                id,
                revision,
                name: as_of.name.clone(),
                gst_pct: as_of.gst_pct,
                variables: as_of.variables.clone(),
                state: EstimateState::InProgress,
                version: 1,
                stamp: crate::estimating::heading::Stamp::new(by, at_us),
                ..EstimateRow::clone(&row)
            });
            Done::new([id.0], format!("Make revision {revision} of estimate {}", row.code))
        })
    }

    fn with_draft(
        &mut self,
        cx: &mut LibraryContext<'_>,
        act: impl FnOnce(&mut Draft<'_>) -> Result<Done, Refusal>,
    ) -> Result<LibraryOutcome, Refusal> {
        let mut draft = Draft::new(self, cx);
        let done = act(&mut draft)?;
        let (changes, estimate_rows) = draft.finish();
        Ok(LibraryOutcome { changes, estimate_rows, ids: vec![done.ids], label: done.label })
    }
}
