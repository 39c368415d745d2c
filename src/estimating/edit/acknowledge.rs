//! Accepting what a rule of kind A refuses, dismissing what a check warns of, and taking either
//! back.

use super::run::Run;
use crate::estimating::{
    acknowledgement::{
        ACKNOWLEDGEMENTS_MAX, Acknowledgement, Matter, VALUE_CHARS_MAX, can_be_accepted,
    },
    heading::Stamp,
    id::{AcknowledgementId, PriceBookId},
    limits::NOTE_CHARS_MAX,
    refusal::Refusal,
    typed,
    warning::Warning,
};
use uuid::Uuid;

impl Run<'_, '_> {
    /// Accepts `matter` on `object` at `value`, in place of an earlier acceptance of the same.
    pub(super) fn acknowledge(
        &mut self,
        id: Option<Uuid>,
        matter: Matter,
        object: Uuid,
        value: &str,
        reason: &str,
    ) -> Result<Vec<Uuid>, Refusal> {
        if !can_be_accepted(matter) {
            let message = format!("{matter} is kept by everybody: nobody can accept it away.");
            return Err(Refusal::invalid("rule", message));
        }
        let reason = typed::needed("reason", Some(reason), NOTE_CHARS_MAX)?;
        let value = typed::within("value", value, VALUE_CHARS_MAX)?;
        let all = self.estimate.acknowledgements();
        let old = all.get(matter, object).cloned();
        if old.is_none() && all.len() >= ACKNOWLEDGEMENTS_MAX {
            let limit = ACKNOWLEDGEMENTS_MAX;
            return Err(Refusal::TooMany { what: "acknowledgements", limit });
        }
        let stamp = Stamp::new(self.by, self.at_us);
        let row = match old {
            Some(old) => Acknowledgement {
                reason,
                value,
                by: self.by,
                at_us: self.at_us,
                ..Acknowledgement::clone(&old)
            },
            None => {
                let id = AcknowledgementId(self.new_id(id)?);
                if self.estimate.acknowledgements().by_id(id).is_some() {
                    return Err(Refusal::invalid("id", format!("The id {id} is taken.")));
                }
                let estimate = self.estimate.row().id;
                let (by, at_us) = (self.by, self.at_us);
                Acknowledgement {
                    id,
                    estimate,
                    matter,
                    object,
                    reason,
                    value,
                    by,
                    at_us,
                    version: 1,
                    stamp,
                }
            }
        };
        let id = row.id.0;
        self.estimate.replace_acknowledgement(self.work, matter, object, Some(row));
        Ok(vec![id])
    }

    /// Dismisses the warning of a check on a row of the estimate, or on a price book.
    pub(super) fn dismiss(
        &mut self,
        id: Option<Uuid>,
        warning: Warning,
        object: Uuid,
        value: &str,
        reason: &str,
    ) -> Result<Vec<Uuid>, Refusal> {
        let of_book = warning == Warning::ResourcesUnused;
        let (what, there) = if of_book {
            ("price book", self.catalogue.book(PriceBookId(object)).is_some())
        } else {
            ("row", self.estimate.node(object).is_some())
        };
        if !there {
            return Err(Refusal::NotFound { what, id: object });
        }
        self.acknowledge(id, warning.into(), object, value, reason)
    }

    /// Lists dismissed warnings again.
    pub(super) fn restore_checks(&mut self, ids: &[Uuid]) -> Result<Vec<Uuid>, Refusal> {
        for id in ids {
            let row = self.estimate.acknowledgements().by_id(AcknowledgementId(*id));
            match row.map(|row| row.matter) {
                Some(Matter::Warning(_)) => {}
                Some(Matter::Rule(_)) | None => {
                    return Err(Refusal::NotFound { what: "dismissed check", id: *id });
                }
            }
        }
        self.withdraw(ids)
    }

    /// Takes acceptances back.
    pub(super) fn withdraw(&mut self, ids: &[Uuid]) -> Result<Vec<Uuid>, Refusal> {
        for id in ids {
            let row = self.estimate.acknowledgements().by_id(AcknowledgementId(*id)).cloned();
            let row = row.ok_or(Refusal::NotFound { what: "acknowledgement", id: *id })?;
            self.estimate.replace_acknowledgement(self.work, row.matter, row.object, None);
        }
        Ok(Vec::new())
    }
}
