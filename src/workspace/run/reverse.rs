//! Undo and redo: a commit with the inverse of another's changes.

use super::{Effect, Run, Stop, estimate, library};
use crate::{
    estimating::{
        change::{Delta, EstimateChange},
        id::EstimateId,
    },
    ledger::Record,
    workspace::{
        WorkspaceError, changes,
        command::Scope,
        state::Published,
        undo::{Inverse, Inverted, Motion, Step, invert},
    },
};
use std::sync::Arc;

/// Takes back the newest change of whoever asks.
pub(super) fn undo(state: &mut Published, cx: &Run<'_>, scope: Scope) -> Result<Effect, Stop> {
    let step = state.undo_state(cx.actor.user, scope).undo;
    let step = step.ok_or(WorkspaceError::NothingToUndo("undo"))?;
    let motion = Motion::Undo(step.lsn);
    reverse(state, cx, scope, &step, "undo", motion)
}

/// Does again what whoever asks took back last.
pub(super) fn redo(state: &mut Published, cx: &Run<'_>, scope: Scope) -> Result<Effect, Stop> {
    let step = state.undo_state(cx.actor.user, scope).redo;
    let step = step.ok_or(WorkspaceError::NothingToUndo("redo"))?;
    let motion = Motion::Redo(step.lsn);
    reverse(state, cx, scope, &step, "redo", motion)
}

fn reverse(
    state: &mut Published,
    cx: &Run<'_>,
    scope: Scope,
    step: &Step,
    action: &'static str,
    motion: Motion,
) -> Result<Effect, Stop> {
    let snapshot = cx.snapshot()?;
    let record = snapshot.record(step.lsn).map_err(WorkspaceError::from)?;
    let record = record.ok_or(WorkspaceError::NothingToUndo(action))?;
    let inverted = inverse_of(cx, scope, &record, action)?;
    let mut effect =
        Effect { label: step.label.to_string(), motion: Some(motion), ..Effect::default() };
    match scope {
        Scope::Estimate(id) => one_estimate(state, cx, id, &inverted.inside, &mut effect)?,
        Scope::Library => the_library(state, cx, &inverted, &mut effect)?,
    }
    Ok(effect)
}

/// What takes `record` back, unless a row is no longer as it left it.
pub(super) fn inverse_of(
    cx: &Run<'_>,
    scope: Scope,
    record: &Record,
    action: &'static str,
) -> Result<Inverted, Stop> {
    let name_of = |user| cx.people.name(user).unwrap_or_else(|| "somebody".into());
    let inverse = Inverse { snapshot: cx.snapshot()?, scope, action, name_of: &name_of };
    Ok(invert(&inverse, record)?)
}

/// Has an estimate take changes as they are, as one commit.
pub(super) fn one_estimate(
    state: &mut Published,
    cx: &Run<'_>,
    id: EstimateId,
    rows: &[EstimateChange],
    effect: &mut Effect,
) -> Result<(), Stop> {
    let mut estimate = estimate::open(state, id)?;
    let catalogue = &state.library.catalogue;
    let (rows, touched) = estimate.apply(rows, catalogue, cx.actor.user, cx.at_us)?;
    effect.touched = touched;
    for change in &rows {
        effect.changes.push(changes::encode_estimate(change)?);
        if let EstimateChange::Estimate(delta) = change {
            state.library.apply_estimate_row(delta);
        }
    }
    let estimate = Arc::new(estimate);
    state.put(id, estimate.clone(), cx.tick);
    state.changed.insert(id, state.lsn);
    effect.estimate = Some(estimate);
    Ok(())
}

/// The library takes its own rows back; an estimate that comes back with its tender brings what
/// was inside it along.
fn the_library(
    state: &mut Published,
    cx: &Run<'_>,
    inverted: &Inverted,
    effect: &mut Effect,
) -> Result<(), Stop> {
    let outcome = cx.with_library(state, |library, context| {
        library.restore(&inverted.library, &inverted.estimate_rows, context)
    })?;
    library::take(state, cx, outcome, effect)?;
    for change in &inverted.inside {
        effect.changes.push(changes::encode_estimate(&moved_on(change))?);
        if let Some(id) = change.estimate() {
            state.loaded.remove(&id);
            state.changed.insert(id, state.lsn);
        }
    }
    Ok(())
}

/// A row that comes back with its tender, at its next version: nothing else was inside.
fn moved_on(change: &EstimateChange) -> EstimateChange {
    use EstimateChange as E;
    fn next<T: Clone>(delta: &Delta<T>, version: impl Fn(&mut T) -> &mut u64) -> Delta<T> {
        let after = delta.after.as_deref().cloned().map(|mut row| {
            *version(&mut row) += 1;
            Arc::new(row)
        });
        Delta { before: delta.before.clone(), after }
    }
    match change {
        E::Estimate(delta) => E::Estimate(next(delta, |row| &mut row.version)),
        E::Heading(delta) => E::Heading(next(delta, |row| &mut row.version)),
        E::Item(delta) => E::Item(next(delta, |row| &mut row.version)),
        E::Worksheet(delta) => E::Worksheet(next(delta, |row| &mut row.version)),
        E::Commercials(delta) => E::Commercials(next(delta, |row| &mut row.version)),
        E::Content(delta) => E::Content(next(delta, |row| &mut row.version)),
        E::Package(delta) => E::Package(next(delta, |row| &mut row.version)),
        E::Adjudication(delta) => E::Adjudication(next(delta, |row| &mut row.version)),
        E::Quote(delta) => E::Quote(next(delta, |row| &mut row.version)),
        E::Acknowledgement(delta) => E::Acknowledgement(next(delta, |row| &mut row.version)),
    }
}
