//! The rows of estimates: BR-009, BR-010, BR-018. What is inside them is the engine's.

use std::sync::Arc;

use uuid::Uuid;

use super::{Done, draft::Draft};
use crate::estimating::{
    catalogue::fold_code,
    heading::Stamp,
    id::{EstimateId, TenderId, UserId},
    limits::{CODE_CHARS_MAX, NAME_CHARS_MAX},
    refusal::Refusal,
    tender::{EstimateRow, EstimateState, Tender, TenderState},
    typed,
};

/// Estimates, revisions counted, one tender may have.
pub(super) const ESTIMATES_PER_TENDER_MAX: usize = 500;

impl Draft<'_> {
    pub(super) fn add_estimate(
        &mut self,
        id: Option<Uuid>,
        tender: Uuid,
        code: &str,
        name: Option<&str>,
        lead: Option<Uuid>,
    ) -> Result<Done, Refusal> {
        let id: EstimateId = self.fresh::<EstimateRow>(id)?;
        let tender = self.current::<Tender>("tender", tender, None)?;
        self.takes_estimates(&tender)?;
        let code = typed::needed("code", Some(code), CODE_CHARS_MAX)?;
        self.check_code(tender.id, &code)?;
        let name = match name.map(str::trim).filter(|n| !n.is_empty()) {
            Some(name) => typed::needed("name", Some(name), NAME_CHARS_MAX)?,
            None => tender.name.clone(),
        };
        let lead = self.answering(lead)?;
        let label = format!("Add estimate {code} to tender {}", tender.number);
        self.put(EstimateRow {
            id,
            tender: tender.id,
            code,
            name,
            revision: 1,
            lead,
            state: EstimateState::InProgress,
            gst_pct: self.gst_pct,
            variables: Vec::new(),
            version: 1,
            stamp: Stamp::new(self.by, self.at_us),
        });
        Done::new([id.0], label)
    }

    /// Whether a tender may still be priced.
    pub(super) fn takes_estimates(&self, tender: &Tender) -> Result<(), Refusal> {
        match tender.state {
            TenderState::Enquiry | TenderState::Active | TenderState::Submitted => Ok(()),
            TenderState::Won
            | TenderState::Lost
            | TenderState::NoAward
            | TenderState::Declined
            | TenderState::Withdrawn
            | TenderState::Archived => {
                let message = format!("Tender {} takes no more estimates.", tender.number);
                Err(typed::broken(10, "tenderId", [tender.id.0], message))
            }
        }
    }

    /// Refuses a code another estimate of the tender has, in any case or revision (BR-010).
    fn check_code(&self, tender: TenderId, code: &str) -> Result<(), Refusal> {
        let folded = fold_code(code);
        let mut count = 0;
        for row in self.library.estimates_of(tender) {
            count += 1;
            if fold_code(&row.code) == folded {
                let message = format!("The tender has an estimate {} already.", row.code);
                return Err(typed::broken(10, "code", [row.id.0], message));
            }
        }
        if count >= ESTIMATES_PER_TENDER_MAX {
            return Err(Refusal::TooMany { what: "estimates", limit: ESTIMATES_PER_TENDER_MAX });
        }
        Ok(())
    }

    /// Who answers for a new estimate (BR-009).
    fn answering(&self, lead: Option<Uuid>) -> Result<Option<UserId>, Refusal> {
        match (lead, self.leads) {
            (Some(lead), _) => self.check_lead(UserId(lead)).map(Some),
            (None, leads) if leads.contains(&self.by) => Ok(Some(self.by)),
            (None, [only]) => Ok(Some(*only)),
            // An organisation always has an Admin (BR-116); a library by itself knows nobody.
            (None, []) => Ok(None),
            (None, _) => {
                let message = "Say which Lead Estimator or Admin answers for the estimate.";
                Err(typed::broken(9, "leadId", [], message))
            }
        }
    }

    fn check_lead(&self, lead: UserId) -> Result<UserId, Refusal> {
        if self.leads.contains(&lead) {
            return Ok(lead);
        }
        let message = "An estimate's lead holds the Lead Estimator or Admin role.";
        Err(typed::broken(9, "leadId", [lead.0], message))
    }

    pub(super) fn set_estimate_lead(
        &mut self,
        id: Uuid,
        version: Option<u64>,
        lead: Uuid,
    ) -> Result<Done, Refusal> {
        let row = self.estimate_row(id, version)?;
        if !row.state.is_editable() {
            return Err(frozen(&row));
        }
        let lead = Some(self.check_lead(UserId(lead))?);
        let label = format!("Change lead of estimate {}", row.code);
        self.put(EstimateRow { lead, ..EstimateRow::clone(&row) });
        Done::new([id], label)
    }

    pub(super) fn set_estimate_state(
        &mut self,
        id: Uuid,
        version: Option<u64>,
        to: EstimateState,
    ) -> Result<Done, Refusal> {
        let row = self.estimate_row(id, version)?;
        let allowed = match to {
            EstimateState::Archived => match row.state {
                EstimateState::InProgress
                | EstimateState::Reviewed
                | EstimateState::Approved
                | EstimateState::Superseded => true,
                EstimateState::Submitted | EstimateState::Archived => false,
            },
            EstimateState::InProgress
            | EstimateState::Reviewed
            | EstimateState::Approved
            | EstimateState::Submitted
            | EstimateState::Superseded => false,
        };
        if !allowed {
            let message = "By hand an estimate that was not submitted can be archived, no more.";
            return Err(typed::broken(18, "state", [id], message));
        }
        let label = format!("Archive estimate {}", row.code);
        self.put(EstimateRow { state: to, ..EstimateRow::clone(&row) });
        Done::new([id], label)
    }

    fn estimate_row(
        &mut self,
        id: Uuid,
        version: Option<u64>,
    ) -> Result<Arc<EstimateRow>, Refusal> {
        self.current::<EstimateRow>("estimate", id, version)
    }
}

/// Nothing changes in a frozen revision (BR-012).
pub(super) fn frozen(row: &EstimateRow) -> Refusal {
    let message = format!("Estimate {} revision {} is frozen.", row.code, row.revision);
    typed::broken(12, "state", [row.id.0], message)
}
