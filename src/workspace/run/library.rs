//! Edits of what all estimates share.

use super::{Effect, Run, Stop, kept_rates};
use crate::{
    estimating::{
        categorisation::LabelledKind,
        change::{Delta, LibraryChange},
        id::EstimateId,
        library::{Library, LibraryContext, LibraryEdit, LibraryOutcome},
        refusal::Refusal,
        tender::EstimateRow,
    },
    ledger::Change,
    workspace::{WorkspaceError, changes, state::Published, undo::inner_keys},
};

impl Run<'_> {
    /// Has the state's library do something on behalf of whoever asks.
    pub(super) fn with_library(
        &self,
        state: &mut Published,
        act: impl FnOnce(&mut Library, &mut LibraryContext<'_>) -> Result<LibraryOutcome, Refusal>,
    ) -> Result<LibraryOutcome, Stop> {
        let leads = self.people.leads();
        let mut ids = self.ids.borrow_mut();
        let mut context = LibraryContext {
            by: self.actor.user,
            at_us: self.at_us,
            ids: &mut *ids,
            leads: &leads,
            gst_pct: self.gst_pct,
        };
        Ok(act(&mut state.library, &mut context)?)
    }
}

/// Runs edits of tenders, price book, recipes and units: all of them or none.
pub(super) fn edit(
    state: &mut Published,
    cx: &Run<'_>,
    edits: &[LibraryEdit],
) -> Result<Effect, Stop> {
    let before = state.clone();
    let mut outcome = cx.with_library(state, |library, context| library.edit(edits, context))?;
    labelled_items(state, edits)?;
    kept_rates::prove(&before, state, &outcome.changes)?;
    let mut effect = Effect {
        label: std::mem::take(&mut outcome.label),
        ids: std::mem::take(&mut outcome.ids),
        ..Effect::default()
    };
    take(state, cx, outcome, &mut effect)?;
    Ok(effect)
}

/// Whether the items that are given labels are in the estimates named, which only those know.
fn labelled_items(state: &Published, edits: &[LibraryEdit]) -> Result<(), Stop> {
    for edit in edits {
        let LibraryEdit::SetLabels { id, kind: LabelledKind::Item, estimate_id, .. } = edit else {
            continue;
        };
        let estimate = EstimateId(estimate_id.unwrap_or_default());
        let loaded = state.estimate(estimate).ok_or(Stop::Cold(estimate))?;
        if loaded.node(*id).is_none_or(|node| node.item().is_none()) {
            return Err(Refusal::NotFound { what: "item", id: *id }.into());
        }
    }
    Ok(())
}

/// Takes what the library has done to itself into the effect, and into estimates in memory.
pub(super) fn take(
    state: &mut Published,
    cx: &Run<'_>,
    outcome: LibraryOutcome,
    effect: &mut Effect,
) -> Result<(), Stop> {
    for change in &outcome.changes {
        effect.changes.push(changes::encode_library(change)?);
        effect.library.extend(row_name(change));
    }
    for delta in &outcome.estimate_rows {
        estimate_row(state, cx, delta, effect)?;
    }
    Ok(())
}

/// Takes in a change of an estimate's own row that the library has made already.
fn estimate_row(
    state: &mut Published,
    cx: &Run<'_>,
    delta: &Delta<EstimateRow>,
    effect: &mut Effect,
) -> Result<(), Stop> {
    let Some(id) = delta.row().map(|row| row.id) else { return Ok(()) };
    effect.changes.push(changes::encode_delta(delta)?);
    effect.library.push(("estimate", id.to_string()));
    match (&delta.before, &delta.after) {
        (None, _) => {}
        (Some(_), Some(_)) => {
            // Read again when next asked for: only its own row has changed, but that may decide
            // what else holds.
            state.loaded.remove(&id);
        }
        (Some(_), None) => {
            effect.changes.extend(remove_inside(cx, id)?);
            state.loaded.remove(&id);
        }
    }
    state.changed.insert(id, state.lsn);
    Ok(())
}

/// The removal of every row inside an estimate. O(rows).
fn remove_inside(cx: &Run<'_>, id: EstimateId) -> Result<Vec<Change>, Stop> {
    let snapshot = cx.snapshot()?;
    let mut changes = Vec::new();
    for (table, key) in inner_keys(snapshot, id)? {
        let before = snapshot.get(table, &key).map_err(WorkspaceError::from)?;
        changes.push(Change { table, key, before, after: None });
    }
    Ok(changes)
}

/// Kind and identity or code of a row of the library.
pub(super) fn row_name(change: &LibraryChange) -> Option<(&'static str, String)> {
    Some(match change {
        LibraryChange::Tender(delta) => ("tender", delta.row()?.id.to_string()),
        LibraryChange::Unit(delta) => ("unit", delta.row()?.code.as_str().to_owned()),
        LibraryChange::Conversion(delta) => {
            let row = delta.row()?;
            ("conversion", format!("{} {}", row.from.as_str(), row.to.as_str()))
        }
        LibraryChange::PriceBook(delta) => ("price-book", delta.row()?.id.to_string()),
        LibraryChange::PriceBookVersion(delta) => ("price-book", delta.row()?.book.to_string()),
        // Their resource's row always comes with them.
        LibraryChange::ResourceRates(_) => return None,
        LibraryChange::Resource(delta) => ("resource", delta.row()?.id.to_string()),
        LibraryChange::Company(delta) => ("company", delta.row()?.id.to_string()),
        LibraryChange::Recipe(delta) => ("recipe", delta.row()?.id.to_string()),
        LibraryChange::Approval(delta) => ("estimate", delta.row()?.estimate.to_string()),
        LibraryChange::Submission(delta) => ("estimate", delta.row()?.estimate.to_string()),
        LibraryChange::Handover(delta) => ("tender", delta.row()?.tender.to_string()),
        LibraryChange::Categorisation(delta) => ("categorisation", delta.row()?.id.to_string()),
        LibraryChange::Labels(delta) => (delta.row()?.kind.name(), delta.row()?.id.to_string()),
        LibraryChange::OwnContentKind(delta) => ("content-kind", delta.row()?.id.to_string()),
        LibraryChange::Branding(delta) => ("branding", delta.row().map(|_| String::new())?),
        LibraryChange::Thresholds(delta) => ("thresholds", delta.row().map(|_| String::new())?),
        // A version never changes; its recipe's row always comes with it.
        LibraryChange::RecipeVersion(_) => return None,
    })
}
