//! Edits of one estimate.

use super::{Effect, Run, Stop};
use crate::{
    estimating::{
        change::EstimateChange,
        edit::{Edit, EditContext},
        estimate::Estimate,
        id::{EstimateId, RecipeId, ResourceId},
        library::LibraryEdit,
        refusal::Refusal,
        rules::{RuleId, Violation},
    },
    workspace::{WorkspaceError, changes, state::Published},
};
use std::sync::Arc;

/// Runs edits on an estimate in memory: all of them or none. O(depth) per row touched.
pub(super) fn edit(
    state: &mut Published,
    cx: &Run<'_>,
    id: EstimateId,
    edits: &[Edit],
) -> Result<Effect, Stop> {
    let mut estimate = open(state, id)?;
    let mut ids = cx.ids.borrow_mut();
    let mut context = EditContext {
        catalogue: &state.library.catalogue,
        by: cx.actor.user,
        at_us: cx.at_us,
        ids: &mut *ids,
    };
    let outcome = estimate.edit(edits, &mut context)?;
    drop(ids);
    let mut changes = Vec::with_capacity(outcome.changes.len() + 2);
    for change in &outcome.changes {
        changes.push(changes::encode_estimate(change)?);
        if let EstimateChange::Estimate(delta) = change {
            state.library.apply_estimate_row(delta);
        }
    }
    let mut effect = Effect {
        changes,
        label: outcome.label,
        ids: outcome.ids,
        touched: outcome.touched,
        ..Effect::default()
    };
    if !effect.changes.is_empty() {
        mark_used(state, cx, &outcome.used_resources, &outcome.used_recipes, &mut effect)?;
        state.changed.insert(id, state.lsn);
    }
    let estimate = Arc::new(estimate);
    state.put(id, estimate.clone(), cx.tick);
    effect.estimate = Some(estimate);
    Ok(effect)
}

/// A clone of an estimate that may be changed.
pub(super) fn open(state: &Published, id: EstimateId) -> Result<Estimate, Stop> {
    let estimate = state.estimate(id).ok_or_else(|| match state.library.estimate(id) {
        Some(_) => Stop::Cold(id),
        None => WorkspaceError::NotFound { what: "estimate", id: id.0 }.into(),
    })?;
    if !estimate.row().state.is_editable() {
        return Err(frozen(id).into());
    }
    Ok(Estimate::clone(estimate))
}

/// Nothing inside a submitted, superseded or archived revision changes (BR-012).
fn frozen(id: EstimateId) -> Refusal {
    let message = "This revision is submitted, superseded or archived: nothing in it changes.";
    Violation::new(RuleId::br(12), message).object(id.0).into()
}

/// Notes the first use of resources and recipes in the commit that uses them (BR-045, BR-053).
fn mark_used(
    state: &mut Published,
    cx: &Run<'_>,
    resources: &[ResourceId],
    recipes: &[RecipeId],
    effect: &mut Effect,
) -> Result<(), Stop> {
    let catalogue = &state.library.catalogue;
    let resources: Vec<_> = resources
        .iter()
        .filter(|id| catalogue.resource(**id).is_some_and(|resource| !resource.used))
        .map(|id| id.0)
        .collect();
    let recipes: Vec<_> = recipes
        .iter()
        .filter(|id| catalogue.recipe(**id).is_some_and(|recipe| !recipe.used))
        .map(|id| id.0)
        .collect();
    if resources.is_empty() && recipes.is_empty() {
        return Ok(());
    }
    let mark = [LibraryEdit::MarkUsed { resources, recipes }];
    let outcome = cx.with_library(state, |library, context| library.edit(&mark, context))?;
    super::library::take(state, cx, outcome, effect)
}
