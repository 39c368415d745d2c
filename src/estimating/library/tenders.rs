//! The fields of tenders: BR-001, BR-002, BR-004, BR-008.

use std::sync::Arc;

use uuid::Uuid;

use super::{Done, TenderFields, draft::Draft};
use crate::estimating::{
    day::Day,
    heading::Stamp,
    id::{CompanyId, TenderId},
    limits::{CODE_CHARS_MAX, NAME_CHARS_MAX},
    refusal::Refusal,
    retention::kept_until,
    rules::{RuleId, Violation, Violations},
    submission::Approval,
    tender::{Envelopes, EstimateRow, FormOfContract, Tender, TenderState},
    tender_record::TenderRecord,
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
        estimate: Option<(Option<Uuid>, Option<Uuid>)>,
        set: &TenderFields,
    ) -> Result<Done, Refusal> {
        let id: TenderId = self.fresh::<Tender>(id)?;
        let mut row = Tender {
            id,
            number: typed::needed("number", set.number.as_deref(), CODE_CHARS_MAX)?,
            name: typed::needed("name", set.name.as_deref(), NAME_CHARS_MAX)?,
            client: None,
            client_name: Box::default(),
            client_ref: Box::default(),
            location: Box::default(),
            closing_at_us: None,
            validity_days: VALIDITY_DAYS_DEFAULT,
            form_of_contract: FormOfContract::Nzs3910,
            envelopes: Envelopes::One,
            probability_pct: None,
            state: TenderState::Enquiry,
            record: TenderRecord::default(),
            version: 1,
            stamp: Stamp::new(self.by, self.at_us),
        };
        set_fields(&mut row, set)?;
        self.set_client(&mut row, set)?;
        let label = format!("Add tender {}", row.number);
        self.put_tender(row)?;
        let mut ids = vec![id.0];
        if let Some((estimate, lead)) = estimate {
            let name = set.name.as_deref();
            ids.extend(self.add_estimate(estimate, id.0, FIRST_ESTIMATE_CODE, name, lead)?.ids);
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
        let closing = row.closing_at_us;
        set_fields(&mut row, set)?;
        self.set_client(&mut row, set)?;
        moves_closing(&mut row, closing, set)?;
        let label = format!("Change tender {}", row.number);
        self.put_tender(row)?;
        Done::new([id], label)
    }

    /// BR-002: the client is a company with the client's role, active when chosen.
    fn set_client(&self, row: &mut Tender, set: &TenderFields) -> Result<(), Refusal> {
        let Some(client) = set.client_id else { return Ok(()) };
        row.client = client.map(CompanyId);
        let Some(id) = client else { return Ok(()) };
        match self.library.company(CompanyId(id)) {
            Some(company) if company.may_be_client() => {
                row.client_name = company.name.clone();
                Ok(())
            }
            Some(company) => {
                let message =
                    format!("{} is not an active company with the client role.", company.name);
                Err(typed::broken(2, "clientId", [id], message))
            }
            None => Err(typed::broken(2, "clientId", [id], "There is no such company.")),
        }
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

    pub(super) fn delete_tender(
        &mut self,
        id: Uuid,
        version: Option<u64>,
    ) -> Result<Done, Refusal> {
        let row = self.tender_row(id, version)?;
        let estimates: Vec<Arc<EstimateRow>> = self.library.estimates_of(row.id).cloned().collect();
        self.may_go(&row, &estimates)?;
        for estimate in estimates {
            let given: Vec<_> = self.library.approvals_of(estimate.id).map(|row| row.id).collect();
            for approval in given {
                self.remove::<Approval>((estimate.id, approval));
            }
            self.remove::<EstimateRow>(estimate.id);
        }
        self.remove::<Tender>(row.id);
        Done::new([id], format!("Delete tender {}", row.number))
    }

    /// BR-008: what was submitted is kept; BR-120: at least as long as the law asks for it.
    fn may_go(&self, row: &Tender, estimates: &[Arc<EstimateRow>]) -> Result<(), Refusal> {
        let sent = estimates.iter().filter_map(|e| self.library.submission_of(e.id));
        let Some(sent_us) = sent.map(|sent| sent.at_us).max() else { return Ok(()) };
        let message = format!("Tender {} has been submitted, so it is kept.", row.number);
        let id = row.id.0;
        let mut broken = vec![Violation::new(RuleId::br(8), message).object(id).field("state")];
        let kept = kept_until(row.closing_at_us.map_or(sent_us, |closing| closing.max(sent_us)));
        if Day::at_us(self.at_us) <= kept {
            let message = format!("The records of tender {} are kept until {kept}.", row.number);
            broken.push(Violation::new(RuleId::br(120), message).object(id).fact("until", kept));
        }
        Err(Violations(broken).into())
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

/// BR-004: past the enquiry, a closing time moves by a notice to tenderers.
fn moves_closing(row: &mut Tender, before: Option<i64>, set: &TenderFields) -> Result<(), Refusal> {
    if row.state == TenderState::Enquiry || row.closing_at_us == before {
        return Ok(());
    }
    let broken = |message: String| Err(typed::broken(4, "closingNotice", [row.id.0], message));
    if row.closing_at_us.is_none() {
        return broken("A tender that is being priced keeps a closing time.".to_owned());
    }
    let Some(number) = set.closing_notice.as_deref().map(str::trim).filter(|n| !n.is_empty())
    else {
        return broken("Name the notice to tenderers that moves the closing time.".to_owned());
    };
    match row.record.notice(number) {
        None => broken(format!("There is no notice {number}: enter it first.")),
        Some(notice) => {
            row.record.closing_moved_by = Some(notice.number.clone());
            Ok(())
        }
    }
}
