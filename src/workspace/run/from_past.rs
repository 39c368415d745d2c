//! What the past gives the present: a revision made from an earlier commit, rows copied back, and
//! a commit of long ago taken back.

use super::{Effect, Run, Stop, estimate, library, reverse, submission};
use crate::{
    estimating::{
        acknowledgement::Acknowledgement,
        change::{Delta, EstimateChange},
        estimate::{Estimate, NodeRow, Totals},
        heading::Heading,
        id::EstimateId,
        item::Item,
        quotes::Adjudication,
        refusal::Refusal,
        rules::{RuleId, Violation},
        user::Role,
        worksheet::Worksheet,
    },
    ledger::Lsn,
    workspace::{
        Past, WorkspaceError,
        command::{PastRow, Scope},
        note::CommitNote,
        state::Published,
        undo::Motion,
    },
};
use std::sync::Arc;
use uuid::Uuid;

/// Makes a new revision with the rows an estimate had at an earlier commit, and proves that it comes
/// to the totals stored with that commit (BR-122). History stays as it is. O(rows).
pub(super) fn restore(
    state: &mut Published,
    cx: &Run<'_>,
    past: &Past,
    reason: &str,
) -> Result<Effect, Stop> {
    let reason = submission::text("reason", reason)?;
    let (source, id) = (&past.estimate, past.estimate.row().id);
    if state.library.estimate(id).is_none() {
        return Err(WorkspaceError::NotFound { what: "estimate", id: id.0 }.into());
    }
    let now = state.estimate(id).ok_or(Stop::Cold(id))?;
    let same = decisions(now).eq(decisions(source)) && now.commercials() == source.commercials();
    if !same {
        needs(cx, (Role::LeadEstimator, "restoring other rules, awards or acceptances"))?;
    }
    let new = EstimateId(cx.ids.borrow_mut().next_id());
    let outcome =
        cx.with_library(state, |library, context| library.revise(id, new, source.row(), context))?;
    let mut effect = Effect {
        label: format!("{} as of commit {}: {reason}", outcome.label, past.lsn.0),
        ids: outcome.ids.clone(),
        ..Effect::default()
    };
    library::take(state, cx, outcome, &mut effect)?;
    let row = state.library.estimate(new).cloned();
    let row = row.ok_or(WorkspaceError::NotFound { what: "estimate", id: new.0 })?;
    submission::copy_rows(state, cx, source, &row, &mut effect)?;
    prove(effect.totals, past, id)?;
    Ok(effect)
}

type Decision<'a> = (Option<&'a Arc<Adjudication>>, Option<&'a Arc<Acknowledgement>>);

/// What only a Lead decides beside the rules: rounds of adjudication and acceptances.
fn decisions(estimate: &Estimate) -> impl Iterator<Item = Decision<'_>> {
    let packages = estimate.packages();
    let rounds = packages.all().flat_map(move |package| packages.rounds_of(package.id));
    let accepted = estimate.acknowledgements().iter();
    rounds.map(|round| (Some(round), None)).chain(accepted.map(|row| (None, Some(row))))
}

/// Refuses a role below the one that forming the price takes (BR-115).
fn needs(cx: &Run<'_>, (needs, what): (Role, &'static str)) -> Result<(), WorkspaceError> {
    let has = cx.actor.role;
    if has >= needs {
        return Ok(());
    }
    let code = "commercials-role-required";
    Err(WorkspaceError::PermissionDenied { what, needs, has, code })
}

/// What was restored comes to what was stored, or to what the past state comes to where no commit
/// stored any (BR-122).
fn prove(restored: Option<Totals>, past: &Past, id: EstimateId) -> Result<(), Stop> {
    let was = past.totals.unwrap_or_else(|| super::note_totals(past.estimate.totals()));
    let is = restored.map(super::note_totals);
    let same = is.is_some_and(|is| (is.direct, is.indirect) == (was.direct, was.indirect));
    if same {
        return Ok(());
    }
    let message = format!(
        "Commit {} was stored with {} direct and {} indirect; restored it comes to {} and {}.",
        past.lsn.0,
        was.direct,
        was.indirect,
        is.map(|is| is.direct).unwrap_or_default(),
        is.map(|is| is.indirect).unwrap_or_default(),
    );
    Err(Refusal::from(Violation::new(RuleId::br(122), message).object(id.0)).into())
}

/// Gives rows of an estimate the content they had at an earlier commit, where they are now: an edit
/// like any other. Reviews and locked sell rates are the present's. O(depth) for each row.
pub(super) fn copy_back(
    state: &mut Published,
    cx: &Run<'_>,
    id: EstimateId,
    at: Lsn,
    rows: &[PastRow],
) -> Result<Effect, Stop> {
    let now = estimate::open(state, id)?;
    let mut copied = Vec::with_capacity(rows.len() * 2);
    let mut name = String::new();
    for row in rows {
        let node = now.node(row.id()).ok_or_else(|| gone(row))?;
        match row {
            PastRow::Heading(was) => {
                let is = node.heading().ok_or_else(|| gone(row))?;
                let after =
                    Heading { code: was.code.clone(), name: was.name.clone(), ..is.clone() };
                copied.push(EstimateChange::Heading(changed(is.clone(), after)));
            }
            PastRow::Item { item: was, sheet } => {
                let is = node.item().ok_or_else(|| gone(row))?;
                copied.push(EstimateChange::Item(changed(is.clone(), as_it_was(is, was))));
                copied.extend(sheet_as_it_was(&now, id, is, sheet.as_deref()));
            }
            PastRow::Worksheet { item, sheet } => {
                let is = node.item().ok_or_else(|| gone(row))?;
                copied.extend(sheet_as_it_was(&now, id, is, sheet.as_deref()));
                name = format!("the worksheet of {}", named(&item.code, &item.description));
            }
        }
        if name.is_empty() && rows.len() == 1 {
            name = row.title();
        }
    }
    if name.is_empty() {
        name = format!("{} rows", rows.len());
    }
    let mut effect =
        Effect { label: format!("Copy back {name} from commit {}", at.0), ..Effect::default() };
    reverse::one_estimate(state, cx, id, &copied, &mut effect)?;
    Ok(effect)
}

fn changed<T>(before: T, after: T) -> Delta<T> {
    Delta { before: Some(Arc::new(before)), after: Some(Arc::new(after)) }
}

/// The item in the place it has now, with what it was.
fn as_it_was(is: &Item, was: &Item) -> Item {
    let mut after = Item {
        estimate: is.estimate,
        parent: is.parent,
        position: is.position,
        reviewed: is.reviewed,
        version: is.version,
        stamp: is.stamp,
        ..was.clone()
    };
    let locked = is.extra().locked_sell_rate;
    after.with_extra(|extra| extra.locked_sell_rate = locked);
    after
}

fn sheet_as_it_was(
    now: &Estimate,
    id: EstimateId,
    is: &Item,
    was: Option<&Worksheet>,
) -> Option<EstimateChange> {
    let before = now.item_slot(is.id).and_then(|slot| now.at(slot).sheet.clone());
    let version = before.as_ref().map_or(0, |sheet| sheet.version);
    let after = was
        .map(|sheet| Arc::new(Worksheet { estimate: id, item: is.id, version, ..sheet.clone() }));
    (before.is_some() || after.is_some())
        .then_some(EstimateChange::Worksheet(Delta { before, after }))
}

fn gone(row: &PastRow) -> Stop {
    let message = format!(
        "{} is not in the estimate any more as it was, so there is nothing to copy it onto: take back \
         the change that removed it, or restore the moment as a revision.",
        row.title()
    );
    Refusal::invalid("rowIds", message).into()
}

fn named(code: &str, text: &str) -> String {
    if code.is_empty() { text.to_owned() } else { code.to_owned() }
}

impl PastRow {
    /// The row's identity.
    pub fn id(&self) -> Uuid {
        match self {
            PastRow::Heading(heading) => heading.id.0,
            PastRow::Item { item, .. } | PastRow::Worksheet { item, .. } => item.id.0,
        }
    }

    fn title(&self) -> String {
        match self {
            PastRow::Heading(heading) => named(&heading.code, &heading.name),
            PastRow::Item { item, .. } | PastRow::Worksheet { item, .. } => {
                named(&item.code, &item.description)
            }
        }
    }

    /// A row of a past state, or only its worksheet; none where it has no such row.
    pub fn of(past: &Past, id: Uuid, worksheet_only: bool) -> Option<PastRow> {
        let estimate = &past.estimate;
        let node = estimate.at(estimate.slot(id)?);
        match &node.row {
            NodeRow::None => None,
            NodeRow::Heading(_) if worksheet_only => None,
            NodeRow::Heading(heading) => Some(PastRow::Heading(heading.clone())),
            NodeRow::Item(item) => {
                let (item, sheet) = (item.clone(), node.sheet.clone());
                Some(if worksheet_only {
                    PastRow::Worksheet { item, sheet }
                } else {
                    PastRow::Item { item, sheet }
                })
            }
        }
    }
}

/// Takes back a commit of an estimate, whoever made it and however long ago, unless its rows have
/// changed since. It is a change of its own, which undo takes back like any other.
pub(super) fn take_back(
    state: &mut Published,
    cx: &Run<'_>,
    id: EstimateId,
    of: Lsn,
) -> Result<Effect, Stop> {
    let record = cx.snapshot()?.record(of).map_err(WorkspaceError::from)?;
    let missing = WorkspaceError::NotFound { what: "commit of this estimate", id: id.0 };
    let record = record.ok_or_else(|| missing.clone())?;
    let note = CommitNote::of(&record)?;
    if note.scope != Some(Scope::Estimate(id)) {
        return Err(missing.into());
    }
    let inverted = reverse::inverse_of(cx, Scope::Estimate(id), &record, "take that back")?;
    needs(cx, inverted.inside.iter().map(role_for).max().unwrap_or(EDIT))?;
    let label = format!("Take back commit {}: {}", of.0, note.in_words());
    let mut effect = Effect { label, motion: Some(Motion::Forward), ..Effect::default() };
    reverse::one_estimate(state, cx, id, &inverted.inside, &mut effect)?;
    Ok(effect)
}

const EDIT: (Role, &str) = (Role::Estimator, "taking back an edit");

/// Taking a change back needs the role that making it needed (BR-115).
fn role_for(change: &EstimateChange) -> (Role, &'static str) {
    const LEAD: (Role, &str) = (Role::LeadEstimator, "taking back what forms the price");
    match change {
        EstimateChange::Commercials(_)
        | EstimateChange::Adjudication(_)
        | EstimateChange::Acknowledgement(_) => LEAD,
        EstimateChange::Item(delta) => {
            let lock = |row: &Option<Arc<Item>>| {
                row.as_ref().and_then(|item| item.extra().locked_sell_rate)
            };
            if lock(&delta.before) == lock(&delta.after) { EDIT } else { LEAD }
        }
        EstimateChange::Estimate(_)
        | EstimateChange::Heading(_)
        | EstimateChange::Worksheet(_)
        | EstimateChange::Content(_)
        | EstimateChange::Package(_)
        | EstimateChange::Quote(_) => EDIT,
    }
}
