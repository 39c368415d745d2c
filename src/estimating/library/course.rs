//! A tender on its way: the go decision, notices, states and outcome (BR-003 to BR-008).

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Done, draft::Draft};
use crate::estimating::{
    id::EstimateId,
    limits::{CODE_CHARS_MAX, NAME_CHARS_MAX, NOTE_CHARS_MAX},
    number::Money,
    refusal::Refusal,
    submission::HandoverState,
    tender::{EstimateRow, EstimateState, Tender, TenderState},
    tender_record::{
        GoDecision, NOTICES_MAX, Notice, NoticeState, Outcome, OutcomeReason, WinningPrice,
    },
    typed,
};

/// What the person says about how a tender ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OutcomeInput {
    /// Why.
    pub reason: OutcomeReason,
    /// In words.
    #[serde(default)]
    pub note: String,
    /// The winning price excluding GST, or `unknown`.
    #[serde(default)]
    pub winning_price: Option<String>,
}

/// What comes with a new state of a tender.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Move {
    /// The submitted revision that was accepted; needed for `won` (BR-006).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted_estimate_id: Option<Uuid>,
    /// The price it was accepted at, excluding GST; needed for `won` (BR-006).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted_price: Option<String>,
    /// Why, for `lost`, `no-award` and `withdrawn` (BR-007).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<OutcomeInput>,
}

impl Draft<'_> {
    /// Records whether to bid. An enquiry can be decided anew until it has moved on.
    pub(super) fn decide_tender(
        &mut self,
        id: Uuid,
        version: Option<u64>,
        go: bool,
        reason: &str,
    ) -> Result<Done, Refusal> {
        let mut row = Tender::clone(&*self.current::<Tender>("tender", id, version)?);
        if row.state != TenderState::Enquiry {
            let message = "Go or no-go is decided while a tender is an enquiry.";
            return Err(typed::broken(5, "state", [id], message));
        }
        let reason = typed::optional("reason", Some(reason), NOTE_CHARS_MAX)?;
        let Some(reason) = reason else {
            let message = "A go or no-go is recorded with its reason.";
            return Err(typed::broken(3, "reason", [id], message));
        };
        let (by, at_us) = (self.by, self.at_us);
        row.record.decision = Some(GoDecision { go, by, at_us, reason });
        let words = if go { "go" } else { "no-go" };
        let label = format!("Record {words} for tender {}", row.number);
        self.put(row);
        Done::new([id], label)
    }

    /// Adds a notice to tenderers, or changes the one with its number.
    pub(super) fn put_notice(
        &mut self,
        id: Uuid,
        number: &str,
        date: Option<&str>,
        title: Option<&str>,
        state: Option<NoticeState>,
    ) -> Result<Done, Refusal> {
        let mut row = Tender::clone(&*self.current::<Tender>("tender", id, None)?);
        let number = typed::needed("number", Some(number), CODE_CHARS_MAX)?;
        let date = date.map(date_of).transpose()?;
        let known = row
            .record
            .notices
            .iter_mut()
            .find(|notice| notice.number.eq_ignore_ascii_case(&number));
        match known {
            Some(notice) => {
                notice.date = date.unwrap_or_else(|| notice.date.clone());
                typed::set(&mut notice.title, "title", title, NAME_CHARS_MAX)?;
                notice.state = state.unwrap_or(notice.state);
            }
            None => {
                if row.record.notices.len() >= NOTICES_MAX {
                    return Err(Refusal::TooMany { what: "notices", limit: NOTICES_MAX });
                }
                let Some(date) = date else {
                    return Err(Refusal::invalid("date", "A notice has a date."));
                };
                row.record.notices.push(Notice {
                    number: number.clone(),
                    date,
                    title: typed::within("title", title.unwrap_or_default(), NAME_CHARS_MAX)?,
                    state: state.unwrap_or(NoticeState::Open),
                });
            }
        }
        let label = format!("Note notice {number} of tender {}", row.number);
        self.put(row);
        Done::new([id], label)
    }

    /// Takes a notice out that was entered by mistake; one that moved the closing time stays.
    pub(super) fn remove_notice(&mut self, id: Uuid, number: &str) -> Result<Done, Refusal> {
        let mut row = Tender::clone(&*self.current::<Tender>("tender", id, None)?);
        if row.record.notice(number).is_none() {
            return Err(Refusal::NotFound { what: "notice", id });
        }
        let moved = row.record.closing_moved_by.as_deref();
        if moved.is_some_and(|by| by.eq_ignore_ascii_case(number.trim())) {
            let message = format!("Notice {} moved the closing time, so it stays.", number.trim());
            return Err(typed::broken(4, "closingNotice", [id], message));
        }
        row.record.notices.retain(|notice| !notice.number.eq_ignore_ascii_case(number.trim()));
        let label = format!("Remove notice {} of tender {}", number.trim(), row.number);
        self.put(row);
        Done::new([id], label)
    }

    pub(super) fn set_tender_state(
        &mut self,
        id: Uuid,
        version: Option<u64>,
        to: TenderState,
        how: &Move,
    ) -> Result<Done, Refusal> {
        let row = self.current::<Tender>("tender", id, version)?;
        if !may_move(row.state, to) {
            return Err(typed::broken(5, "state", [id], refused_move(row.state, to)));
        }
        decision_allows(&row, to)?;
        self.closing_allows(&row, to)?;
        self.handed_over(&row, to)?;
        let mut next = Tender { state: to, ..Tender::clone(&row) };
        goes_with(&row, to, how)?;
        match to {
            TenderState::Won => self.accept(&mut next, how)?,
            TenderState::Lost | TenderState::NoAward | TenderState::Withdrawn => {
                next.record.outcome = Some(self.outcome(&row, to, how.outcome.as_ref())?);
            }
            TenderState::Enquiry
            | TenderState::Active
            | TenderState::Submitted
            | TenderState::Declined
            | TenderState::Archived => {}
        }
        self.archive_with(&next, to);
        let label = format!("Mark tender {} {}", row.number, name(to));
        self.put(next);
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

    /// A won tender is archived once every hand-over begun is confirmed (2.3).
    fn handed_over(&self, row: &Tender, to: TenderState) -> Result<(), Refusal> {
        if row.state != TenderState::Won || to != TenderState::Archived {
            return Ok(());
        }
        let open = self
            .library
            .handovers_of(row.id)
            .any(|handover| handover.state == HandoverState::Prepared);
        if open {
            let message = "A hand-over is not confirmed yet: confirm it, then archive the tender.";
            return Err(typed::broken(5, "state", [row.id.0], message));
        }
        Ok(())
    }

    /// BR-006: the revision accepted is submitted, and the price its total.
    fn accept(&self, row: &mut Tender, how: &Move) -> Result<(), Refusal> {
        let broken = |field, message: String| Err(typed::broken(6, field, [row.id.0], message));
        let accepted = how.accepted_estimate_id.map(EstimateId);
        let sent = accepted.and_then(|estimate| {
            let of_it = self.library.estimate(estimate);
            let here =
                of_it.is_some_and(|e| e.tender == row.id && e.state == EstimateState::Submitted);
            self.library.submission_of(estimate).filter(|_| here).cloned()
        });
        let Some(sent) = sent else {
            let message = "A won tender names the submitted revision that was accepted.";
            return broken("acceptedEstimateId", message.to_owned());
        };
        let Some(price) = &how.accepted_price else {
            let message = "A won tender names the price that was accepted, excluding GST.";
            return broken("acceptedPrice", message.to_owned());
        };
        let price: Money = typed::number(6, "acceptedPrice", &[row.id.0], price)?;
        if price != sent.total_ex {
            let message = format!(
                "The revision accepted was submitted at {}, not {price}: a negotiated price needs \
                 a submitted revision with that total.",
                sent.total_ex
            );
            return broken("acceptedPrice", message);
        }
        row.record.accepted = accepted;
        row.record.accepted_price = Some(price);
        Ok(())
    }

    fn outcome(
        &self,
        row: &Tender,
        to: TenderState,
        input: Option<&OutcomeInput>,
    ) -> Result<Outcome, Refusal> {
        let missing = |field, what: &str| {
            let message = format!("A tender that is {} says {what}.", name(to));
            Err(typed::broken(7, field, [row.id.0], message))
        };
        let Some(input) = input else { return missing("outcome", "why, with a reason code") };
        let winning_price = match input.winning_price.as_deref().map(str::trim) {
            None | Some("") => {
                return missing("winningPrice", "what the winning price is, or that it is unknown");
            }
            Some("unknown") => WinningPrice::Unknown,
            Some(text) => WinningPrice::Known(typed::number(7, "winningPrice", &[row.id.0], text)?),
        };
        Ok(Outcome {
            reason: input.reason,
            note: typed::within("note", &input.note, NOTE_CHARS_MAX)?,
            winning_price,
            by: self.by,
            at_us: self.at_us,
        })
    }

    /// Archives the estimates a tender's new state leaves behind (domain 2.3): the submitted ones
    /// of a tender that is not won, all but the accepted one of a tender that is.
    fn archive_with(&mut self, tender: &Tender, to: TenderState) {
        let rows: Vec<Arc<EstimateRow>> = self.library.estimates_of(tender.id).cloned().collect();
        let leaves = |row: &EstimateRow| match to {
            TenderState::Lost | TenderState::NoAward | TenderState::Withdrawn => {
                row.state == EstimateState::Submitted
            }
            TenderState::Won => Some(row.id) != tender.record.accepted,
            TenderState::Enquiry
            | TenderState::Active
            | TenderState::Submitted
            | TenderState::Declined
            | TenderState::Archived => false,
        };
        for row in rows.iter().filter(|row| leaves(row) && row.state != EstimateState::Archived) {
            self.put(EstimateRow { state: EstimateState::Archived, ..EstimateRow::clone(row) });
        }
    }
}

/// What comes with a new state is what that state takes: nothing said is left aside.
fn goes_with(row: &Tender, to: TenderState, how: &Move) -> Result<(), Refusal> {
    let ended = matches!(to, TenderState::Lost | TenderState::NoAward | TenderState::Withdrawn);
    if to != TenderState::Won {
        let named = [
            ("acceptedEstimateId", how.accepted_estimate_id.is_some()),
            ("acceptedPrice", how.accepted_price.is_some()),
        ];
        if let Some((field, _)) = named.into_iter().find(|(_, given)| *given) {
            let message = format!("A tender that is {} has nothing accepted.", name(to));
            return Err(typed::broken(6, field, [row.id.0], message));
        }
    }
    if !ended && how.outcome.is_some() {
        let message = format!("A tender that is {} does not say why it ended.", name(to));
        return Err(typed::broken(7, "outcome", [row.id.0], message));
    }
    Ok(())
}

/// BR-003: an enquiry moves on along its recorded decision.
fn decision_allows(row: &Tender, to: TenderState) -> Result<(), Refusal> {
    if row.state != TenderState::Enquiry {
        return Ok(());
    }
    let message = match (&row.record.decision, to) {
        (None, _) => "Record go or no-go with a reason before the tender moves on.",
        (Some(decision), TenderState::Declined) if decision.go => {
            "The decision is go: a tender is declined on a no-go."
        }
        (Some(decision), TenderState::Active) if !decision.go => {
            "The decision is no-go, which leads to declined only."
        }
        (Some(_), _) => return Ok(()),
    };
    Err(typed::broken(3, "state", [row.id.0], message))
}

/// A calendar date.
fn date_of(text: &str) -> Result<Box<str>, Refusal> {
    let date: Result<jiff::civil::Date, _> = text.trim().parse();
    date.map(|date| date.to_string().into())
        .map_err(|_| Refusal::invalid("date", "A date is written like 2026-11-22."))
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
