//! What stands in the way of taking a commit back, in words a person can act on.

use super::inverse::{Inverse, Restorable};
use crate::{
    estimating::id::UserId,
    ledger::{Change, Record, SYSTEM_ACTOR},
    workspace::{UndoConflict, WorkspaceError, note::CommitNote},
};
use uuid::Uuid;

/// The refusal that names whoever changed the row of `change` since.
pub(super) fn changed_since<T: Restorable>(
    cx: &Inverse<'_>,
    record: &Record,
    change: &Change,
    row: Option<&T>,
) -> WorkspaceError {
    let newest = cx
        .snapshot
        .history(change.table, &change.key, None, 1)
        .ok()
        .and_then(|lsns| lsns.first().copied())
        .and_then(|lsn| cx.snapshot.record(lsn).ok().flatten());
    refusal(cx, row, newest.as_ref().unwrap_or(record))
}

fn refusal<T: Restorable>(cx: &Inverse<'_>, row: Option<&T>, by: &Record) -> WorkspaceError {
    let user = UserId(Uuid::from_bytes(by.actor));
    let label = CommitNote::of(by).map(|note| note.label.into()).unwrap_or_default();
    WorkspaceError::UndoConflict(Box::new(UndoConflict {
        action: cx.action,
        what: T::WHAT,
        id: row.map(Restorable::uuid).unwrap_or_default(),
        row_name: row.map(Restorable::title).unwrap_or_default(),
        by: user,
        by_name: if by.actor == SYSTEM_ACTOR { "oxFlow".into() } else { (cx.name_of)(user) },
        label,
        at_us: by.at_us,
        lsn: by.lsn,
    }))
}
