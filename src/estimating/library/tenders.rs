//! Tenders: BR-001, BR-004 to BR-008.

use std::sync::Arc;

use uuid::Uuid;

use super::{Done, TenderFields, draft::Draft};
use crate::estimating::{
    heading::Stamp,
    id::{EstimateId, TenderId},
    limits::{CODE_CHARS_MAX, NAME_CHARS_MAX},
    refusal::Refusal,
    tender::{Envelopes, EstimateRow, EstimateState, FormOfContract, Tender, TenderState},
    typed,
};

/// Code of a tender's first estimate.
const FIRST_ESTIMATE_CODE: &str = "BASE";
/// Days a price holds where nothing else is said.
const VALIDITY_DAYS_DEFAULT: u32 = 90;
/// Days a price may have to hold: ten years.
const VALIDITY_DAYS_MAX: u32 = 3_650;

impl Draft<'_> {
    pub(super) fn add_tender(
        &mut self,
        id: Option<Uuid>,
        estimate: Option<Option<Uuid>>,
        set: &TenderFields,
    ) -> Result<Done, Refusal> {
        let id: TenderId = self.fresh::<Tender>(id)?;
        let mut row = Tender {
            id,
            number: typed::needed("number", set.number.as_deref(), CODE_CHARS_MAX)?,
            name: typed::needed("name", set.name.as_deref(), NAME_CHARS_MAX)?,
            client_name: Box::default(),
            client_ref: Box::default(),
            location: Box::default(),
            closing_at_us: None,
            validity_days: VALIDITY_DAYS_DEFAULT,
            form_of_contract: FormOfContract::Nzs3910,
            envelopes: Envelopes::One,
            probability_pct: None,
            state: TenderState::Enquiry,
            version: 1,
            stamp: Stamp::new(self.by, self.at_us),
        };
        set_fields(&mut row, set)?;
        let label = format!("Add tender {}", row.number);
        self.put_tender(row)?;
        let mut ids = vec![id.0];
        if let Some(estimate) = estimate {
            let name = set.name.as_deref();
            ids.extend(self.add_estimate(estimate, id.0, FIRST_ESTIMATE_CODE, name, None)?.ids);
        }
        Done::new(ids, label)
    }

    pub(super) fn update_tender(
        &mut self,
        id: Uuid,
        version: Option<u64>,
        set: &TenderFields,
    ) -> Result<Done, Refusal> {
        let mut row = Tender::clone(&*self.tender_row(id, version)?);
        set_fields(&mut row, set)?;
        let label = format!("Change tender {}", row.number);
        self.put_tender(row)?;
        Done::new([id], label)
    }

    /// Stores a tender unless another has its number (BR-001).
    pub(super) fn put_tender(&mut self, row: Tender) -> Result<(), Refusal> {
        match self.library.tender_by_number(&row.number) {
            Some(other) if other.id != row.id => Err(typed::broken(
                1,
                "number",
                [other.id.0],
                format!("Tender number {} is taken by {}.", row.number, other.name),
            )),
            Some(_) | None => {
                self.put(row);
                Ok(())
            }
        }
    }

    pub(super) fn set_tender_state(
        &mut self,
        id: Uuid,
        version: Option<u64>,
        to: TenderState,
        accepted: Option<Uuid>,
    ) -> Result<Done, Refusal> {
        let row = self.tender_row(id, version)?;
        if !may_move(row.state, to) {
            return Err(typed::broken(5, "state", [id], refused_move(row.state, to)));
        }
        self.closing_allows(&row, to)?;
        self.archive_with(&row, to, accepted)?;
        let label = format!("Mark tender {} {}", row.number, name(to));
        self.put(Tender { state: to, ..Tender::clone(&row) });
        Done::new([id], label)
    }

    /// A tender becomes active before it closes (BR-004), and is recalled before it closes (2.3).
    fn closing_allows(&self, row: &Tender, to: TenderState) -> Result<(), Refusal> {
        let closed = row.closing_at_us.map(|at| at <= self.at_us);
        if to != TenderState::Active {
            return Ok(());
        }
        if row.state == TenderState::Enquiry && closed.unwrap_or(true) {
            let message = "A tender needs a closing time in the future to become active.";
            return Err(typed::broken(4, "closingAt", [row.id.0], message));
        }
        if row.state == TenderState::Submitted && closed.unwrap_or(false) {
            let message = "A submission can be recalled only before the tender closes.";
            return Err(typed::broken(5, "state", [row.id.0], message));
        }
        Ok(())
    }

    /// Archives the estimates a tender's new state leaves behind (domain 2.3): the submitted ones
    /// of a tender that is not won, all but the accepted one of a tender that is.
    fn archive_with(
        &mut self,
        tender: &Tender,
        to: TenderState,
        accepted: Option<Uuid>,
    ) -> Result<(), Refusal> {
        let rows: Vec<Arc<EstimateRow>> = self.library.estimates_of(tender.id).cloned().collect();
        let leaves: Vec<&Arc<EstimateRow>> = match to {
            TenderState::Lost | TenderState::NoAward | TenderState::Withdrawn => {
                rows.iter().filter(|r| r.state == EstimateState::Submitted).collect()
            }
            TenderState::Won => {
                let accepted = accepted.map(EstimateId);
                let submitted = rows
                    .iter()
                    .any(|r| Some(r.id) == accepted && r.state == EstimateState::Submitted);
                if !submitted {
                    return Err(typed::broken(
                        6,
                        "acceptedEstimateId",
                        [tender.id.0],
                        "A won tender names the submitted revision that was accepted.",
                    ));
                }
                rows.iter().filter(|r| Some(r.id) != accepted).collect()
            }
            TenderState::Enquiry
            | TenderState::Active
            | TenderState::Submitted
            | TenderState::Declined
            | TenderState::Archived => Vec::new(),
        };
        for row in leaves.into_iter().filter(|r| r.state != EstimateState::Archived) {
            self.put(EstimateRow { state: EstimateState::Archived, ..EstimateRow::clone(row) });
        }
        Ok(())
    }

    pub(super) fn delete_tender(
        &mut self,
        id: Uuid,
        version: Option<u64>,
    ) -> Result<Done, Refusal> {
        let row = self.tender_row(id, version)?;
        let estimates: Vec<Arc<EstimateRow>> = self.library.estimates_of(row.id).cloned().collect();
        if had_submission(&row, &estimates) {
            return Err(typed::broken(
                8,
                "state",
                [id],
                format!("Tender {} has been submitted, so it is kept.", row.number),
            ));
        }
        for estimate in estimates {
            self.remove::<EstimateRow>(estimate.id);
        }
        self.remove::<Tender>(row.id);
        Done::new([id], format!("Delete tender {}", row.number))
    }

    fn tender_row(&mut self, id: Uuid, version: Option<u64>) -> Result<Arc<Tender>, Refusal> {
        self.current::<Tender>("tender", id, version)
    }
}

fn set_fields(row: &mut Tender, set: &TenderFields) -> Result<(), Refusal> {
    typed::set_needed(&mut row.number, "number", set.number.as_deref(), CODE_CHARS_MAX)?;
    typed::set_needed(&mut row.name, "name", set.name.as_deref(), NAME_CHARS_MAX)?;
    typed::set(&mut row.client_name, "clientName", set.client_name.as_deref(), NAME_CHARS_MAX)?;
    typed::set(&mut row.client_ref, "clientRef", set.client_ref.as_deref(), NAME_CHARS_MAX)?;
    typed::set(&mut row.location, "location", set.location.as_deref(), NAME_CHARS_MAX)?;
    if let Some(closing) = &set.closing_at {
        row.closing_at_us =
            closing.as_deref().map(|t| typed::time_us("closingAt", t)).transpose()?;
    }
    if let Some(days) = set.validity_days {
        if days > VALIDITY_DAYS_MAX {
            let message = format!("A price holds for at most {VALIDITY_DAYS_MAX} days.");
            return Err(Refusal::invalid("validityDays", message));
        }
        row.validity_days = days;
    }
    if let Some(probability) = set.probability_pct {
        if probability.is_some_and(|percent| percent > 100) {
            return Err(Refusal::invalid("probabilityPct", "A probability is 0 to 100 percent."));
        }
        row.probability_pct = probability;
    }
    row.form_of_contract = set.form_of_contract.unwrap_or(row.form_of_contract);
    row.envelopes = set.envelopes.unwrap_or(row.envelopes);
    Ok(())
}

/// Whether a person may move a tender from one state to another (BR-005). Submitted is set by
/// submitting an estimate.
pub(super) fn may_move(from: TenderState, to: TenderState) -> bool {
    use TenderState as S;
    match from {
        S::Enquiry => matches!(to, S::Active | S::Declined),
        S::Active => matches!(to, S::Withdrawn),
        S::Submitted => matches!(to, S::Active | S::Won | S::Lost | S::NoAward | S::Withdrawn),
        S::Won | S::Lost | S::NoAward | S::Declined | S::Withdrawn => matches!(to, S::Archived),
        S::Archived => false,
    }
}

fn refused_move(from: TenderState, to: TenderState) -> String {
    if to == TenderState::Submitted {
        return "A tender becomes submitted when one of its estimates is submitted.".to_owned();
    }
    format!("A tender that is {} cannot become {}.", name(from), name(to))
}

/// Whether the tender ever had a submission (BR-008). An estimate submitted once stays submitted
/// until the tender's outcome archives it.
pub(super) fn had_submission(tender: &Tender, estimates: &[Arc<EstimateRow>]) -> bool {
    let any = |state| estimates.iter().any(|row| row.state == state);
    match tender.state {
        TenderState::Submitted | TenderState::Won | TenderState::Lost | TenderState::NoAward => {
            true
        }
        TenderState::Withdrawn | TenderState::Archived => {
            any(EstimateState::Submitted) || any(EstimateState::Archived)
        }
        TenderState::Enquiry | TenderState::Active | TenderState::Declined => {
            any(EstimateState::Submitted)
        }
    }
}

const fn name(state: TenderState) -> &'static str {
    match state {
        TenderState::Enquiry => "an enquiry",
        TenderState::Active => "active",
        TenderState::Submitted => "submitted",
        TenderState::Won => "won",
        TenderState::Lost => "lost",
        TenderState::NoAward => "not awarded",
        TenderState::Declined => "declined",
        TenderState::Withdrawn => "withdrawn",
        TenderState::Archived => "archived",
    }
}
