//! Edits of one estimate.

use super::{Effect, Run, Stop};
use crate::{
    estimating::{
        change::EstimateChange,
        edit::{Edit, EditContext},
        estimate::{Estimate, Touched},
        id::{EstimateId, RecipeId, ResourceId},
        library::LibraryEdit,
        limits::{CHANGES_MAX, EDITS_MAX},
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
    in_parts(state, cx, id, std::iter::once(edits))
}

/// Runs as many edits as an import takes (BR-103), a bounded part after the other.
pub(super) fn import(
    state: &mut Published,
    cx: &Run<'_>,
    id: EstimateId,
    edits: &[Edit],
) -> Result<Effect, Stop> {
    if edits.len() > CHANGES_MAX {
        return Err(Refusal::TooMany { what: "rows in one import", limit: CHANGES_MAX }.into());
    }
    in_parts(state, cx, id, edits.chunks(EDITS_MAX))
}

fn in_parts<'e>(
    state: &mut Published,
    cx: &Run<'_>,
    id: EstimateId,
    parts: impl Iterator<Item = &'e [Edit]>,
) -> Result<Effect, Stop> {
    let mut estimate = open(state, id)?;
    let mut effect = Effect::default();
    let (mut resources, mut recipes) = (Vec::new(), Vec::new());
    for (part, edits) in parts.enumerate() {
        for edit in edits {
            if let Edit::AddContent { kind, .. } | Edit::UpdateContent { kind: Some(kind), .. } =
                edit
            {
                state.library.takes_content(*kind)?;
            }
        }
        let mut ids = cx.ids.borrow_mut();
        let mut context = EditContext {
            catalogue: &state.library.catalogue,
            by: cx.actor.user,
            at_us: cx.at_us,
            ids: &mut *ids,
        };
        let outcome = estimate.edit(edits, &mut context);
        drop(ids);
        let outcome = outcome.map_err(|refusal| counted_from(refusal, part * EDITS_MAX))?;
        effect.changes.reserve(outcome.changes.len() + 2);
        for change in &outcome.changes {
            effect.changes.push(changes::encode_estimate(change)?);
            if let EstimateChange::Estimate(delta) = change {
                state.library.apply_estimate_row(delta);
            }
        }
        effect.ids.extend(outcome.ids);
        resources.extend(outcome.used_resources);
        recipes.extend(outcome.used_recipes);
        if part == 0 {
            (effect.label, effect.touched) = (outcome.label, outcome.touched);
        } else {
            effect.touched = Touched { structure: true, reload: true, ..Touched::default() };
        }
    }
    if !effect.changes.is_empty() {
        mark_used(state, cx, &resources, &recipes, &mut effect)?;
        state.changed.insert(id, state.lsn);
    }
    let estimate = Arc::new(estimate);
    state.put(id, estimate.clone(), cx.tick);
    effect.estimate = Some(estimate);
    Ok(effect)
}

/// Says which edit of the whole command was refused, not which of its part.
fn counted_from(refusal: Refusal, first: usize) -> Refusal {
    match refusal {
        Refusal::Violations(mut violations) => {
            for violation in &mut violations.0 {
                violation.edit = violation.edit.map(|edit| edit + first);
            }
            Refusal::Violations(violations)
        }
        Refusal::NotFound { .. }
        | Refusal::StaleVersion { .. }
        | Refusal::TooMany { .. }
        | Refusal::Invalid { .. } => refusal,
    }
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
