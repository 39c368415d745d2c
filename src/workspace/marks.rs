//! Marks: what the audit trail tells although it changes no figure.
//!
//! A lease taken over, an export of the audit trail or of a price book, a look at the commercials.
//! Each is the newest of its kind by one person about one object, kept as a row, so that the commit
//! that writes it is a record like any other and the table stays small; the log has all of them.

use super::{
    Actor, Command, Published, Workspace, WorkspaceError,
    leases::{Session, Taken, code_of},
    rows::{RowError, Stored},
    run::{Effect, Run, Stop},
    tables,
};
use crate::{
    estimating::{
        change::Delta,
        id::{EstimateId, UserId},
        refusal::Refusal,
        rules::{RuleId, Violation},
        user::Role,
    },
    ledger::{CodecError, Row, Snapshot, TableId, decode, encode},
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use uuid::Uuid;

/// Characters of a reason.
pub const REASON_CHARS_MAX: usize = 500;
/// A person's look at one object is noted once in this time, in microseconds: an hour.
pub const READS_NOTED_EVERY_US: i64 = 3_600 * 1_000_000;

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum MarkKind {
    /// A row somebody was at work on was taken over (BR-100).
    Takeover,
    /// The audit trail was exported (BR-121).
    AuditExport,
    /// A price book was exported.
    PriceBookExport,
    /// The commercials of an estimate were looked at.
    CommercialsRead,
    /// The whole organisation was taken away in one file.
    SnapshotExport,
}

impl MarkKind {
    /// Name of the command that makes it.
    pub const fn command(self) -> &'static str {
        match self {
            MarkKind::Takeover => "take-over-item",
            MarkKind::AuditExport => "export-audit",
            MarkKind::PriceBookExport => "export-price-book",
            MarkKind::CommercialsRead => "read-commercials",
            MarkKind::SnapshotExport => "export-snapshot",
        }
    }

    const fn byte(self) -> u8 {
        match self {
            MarkKind::Takeover => 1,
            MarkKind::AuditExport => 2,
            MarkKind::PriceBookExport => 3,
            MarkKind::CommercialsRead => 4,
            MarkKind::SnapshotExport => 5,
        }
    }
}

/// The newest mark of a kind by one person about one object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// What was done.
    pub kind: MarkKind,
    /// The row, price book or estimate it was done to; nil for the organisation.
    pub object: Uuid,
    /// Who.
    pub by: UserId,
    /// When, microseconds since 1970, UTC.
    pub at_us: i64,
    /// The estimate it was in.
    pub estimate: Option<EstimateId>,
    /// Who had the row before.
    pub from: Option<UserId>,
    /// Why, or what exactly.
    pub words: Box<str>,
}

impl Row for Mark {
    const FORMAT: u8 = 1;
}

fn key_of(kind: MarkKind, object: Uuid, by: UserId) -> Vec<u8> {
    let mut key = Vec::with_capacity(33);
    key.push(kind.byte());
    key.extend_from_slice(object.as_bytes());
    key.extend_from_slice(&by.bytes());
    key
}

impl Stored for Mark {
    const TABLE: TableId = tables::MARKS;

    fn key(&self) -> Vec<u8> {
        key_of(self.kind, self.object, self.by)
    }
    fn to_row(&self) -> Result<Vec<u8>, RowError> {
        encode(self).map_err(codec)
    }
    fn from_row(key: &[u8], row: &[u8]) -> Result<Self, RowError> {
        let mark: Mark = decode(row).map_err(codec)?;
        if mark.key() == key { Ok(mark) } else { Err(RowError::Key("marks")) }
    }
}

fn codec(cause: CodecError) -> RowError {
    RowError::Codec { table: "marks", cause }
}

/// A mark somebody asks for.
#[derive(Clone, Debug)]
pub enum MarkAsk {
    /// Take a row over from whoever is at work on it (BR-100).
    TakeOver {
        /// The estimate.
        estimate: EstimateId,
        /// The item or heading.
        row: Uuid,
        /// Why.
        reason: String,
    },
    /// Note that something was read or taken away that not everybody should have.
    Read {
        /// What.
        kind: MarkKind,
        /// The price book or estimate; nil for the organisation.
        object: Uuid,
        /// The estimate it is in.
        estimate: Option<EstimateId>,
        /// What exactly, in words.
        words: String,
    },
}

impl MarkAsk {
    /// The least role that may ask, what the refusal calls it, and the code of the rule.
    pub(super) fn least_role(&self) -> (Role, &'static str, &'static str) {
        match self {
            MarkAsk::TakeOver { .. } => {
                (Role::LeadEstimator, "taking over an item", "lock-break-not-allowed")
            }
            MarkAsk::Read { kind: MarkKind::AuditExport, .. } => {
                (Role::LeadEstimator, "the audit trail", "audit-access-denied")
            }
            MarkAsk::Read { kind: MarkKind::SnapshotExport, .. } => {
                (Role::Admin, "a snapshot of the organisation", "permission-denied")
            }
            MarkAsk::Read { .. } => (Role::Viewer, "reading", "permission-denied"),
        }
    }

    /// Name of the command.
    pub(super) fn name(&self) -> &'static str {
        match self {
            MarkAsk::TakeOver { .. } => MarkKind::Takeover.command(),
            MarkAsk::Read { kind, .. } => kind.command(),
        }
    }
}

/// Whether a look of `by` at an object was noted less than an hour before `now_us`. O(log n).
///
/// # Errors
/// Storage errors.
pub(super) fn is_noted(
    snapshot: &Snapshot,
    kind: MarkKind,
    object: Uuid,
    by: UserId,
    now_us: i64,
) -> Result<bool, WorkspaceError> {
    let key = key_of(kind, object, by);
    let Some(row) = snapshot.get(tables::MARKS, &key)? else { return Ok(false) };
    Ok(Mark::from_row(&key, &row)?.at_us > now_us - READS_NOTED_EVERY_US)
}

impl Workspace {
    /// Notes that `actor` read or took away what not everybody should have; a look at the same
    /// within an hour of the last one noted is not noted again, an export always is.
    ///
    /// # Errors
    /// Any [`WorkspaceError`].
    pub async fn note_read(
        self: &Arc<Self>,
        actor: Actor,
        ask: MarkAsk,
    ) -> Result<(), WorkspaceError> {
        if let MarkAsk::Read { kind: MarkKind::CommercialsRead, object, .. } = &ask
            && is_noted(
                &self.reader().snapshot()?,
                MarkKind::CommercialsRead,
                *object,
                actor.user,
                self.now_us(),
            )?
        {
            return Ok(());
        }
        self.submit(actor, Command::Mark { ask }).await.map(drop)
    }
}

/// Makes a mark.
pub(super) fn make(
    state: &Published,
    cx: &Run<'_>,
    session: Option<Session>,
    ask: &MarkAsk,
) -> Result<Effect, Stop> {
    let (mark, label, taken) = match ask {
        MarkAsk::TakeOver { estimate, row, reason } => {
            let reason = reason.trim();
            if reason.is_empty() || reason.chars().count() > REASON_CHARS_MAX {
                let message = format!(
                    "Taking over what somebody is at work on needs a reason of 1 to \
                     {REASON_CHARS_MAX} characters."
                );
                let violation = Violation::new(RuleId::br(100), message).field("reason");
                return Err(Refusal::from(violation.object(*row)).into());
            }
            let lease = cx.leases.at((*estimate, *row), cx.now_us);
            let lease = lease.ok_or(WorkspaceError::NotFound { what: "lease", id: *row })?;
            let node = state.estimate(*estimate).ok_or_else(|| {
                match state.library.estimate(*estimate) {
                    Some(_) => Stop::Cold(*estimate),
                    None => WorkspaceError::NotFound { what: "estimate", id: estimate.0 }.into(),
                }
            })?;
            let code = node.node(*row).map_or("", code_of).to_owned();
            let label = format!("Take over {code} from {}: {reason}", lease.holder_name);
            let taken = Taken {
                at: (*estimate, *row),
                to: session,
                by: cx.actor.name.clone(),
                reason: reason.into(),
            };
            let mark = Mark {
                kind: MarkKind::Takeover,
                object: *row,
                by: cx.actor.user,
                at_us: cx.at_us,
                estimate: Some(*estimate),
                from: Some(lease.holder.user),
                words: reason.into(),
            };
            (mark, label, Some(taken))
        }
        MarkAsk::Read { kind, object, estimate, words } => {
            let mark = Mark {
                kind: *kind,
                object: *object,
                by: cx.actor.user,
                at_us: cx.at_us,
                estimate: *estimate,
                from: None,
                words: words.as_str().into(),
            };
            (mark, words.clone(), None)
        }
    };
    let before = cx.snapshot()?.get(tables::MARKS, &mark.key()).map_err(WorkspaceError::from)?;
    let before = before.map(|row| Mark::from_row(&mark.key(), &row)).transpose()?;
    let noted = before.as_ref().is_some_and(|before: &Mark| {
        mark.kind == MarkKind::CommercialsRead && before.at_us > cx.at_us - READS_NOTED_EVERY_US
    });
    if noted {
        return Ok(Effect { label, ..Effect::default() });
    }
    let delta = Delta { before: before.map(Arc::new), after: Some(Arc::new(mark)) };
    let changes = vec![super::changes::encode_delta(&delta)?];
    Ok(Effect { changes, label, taken, ..Effect::default() })
}
