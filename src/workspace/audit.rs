//! Whether the audit trail holds (BR-119): it is walked when the organisation is opened, daily and
//! when somebody asks. A break stops every change until a person has looked into it and the
//! program is started on a ledger that holds.

use super::{Alarm, Workspace, WorkspaceError, writer::Message};
use crate::{
    estimating::{id::UserId, rules::RuleId},
    ledger::{ChainBreak, Lsn, SYSTEM_ACTOR, verify_chain},
};
use parking_lot::Mutex;
use std::sync::{Arc, mpsc::sync_channel};
use uuid::Uuid;

/// What the last walk along the chain of commits found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// When it was over, microseconds since 1970, UTC.
    pub at_us: i64,
    /// Commits walked.
    pub commits: u64,
    /// The newest of them.
    pub head: Lsn,
    /// Hash of the newest, hexadecimal.
    pub hash: String,
}

/// What is known of the audit trail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditState {
    /// The last walk that found it sound.
    pub verified: Option<Verified>,
    /// Where it is broken, in words, and when that was found.
    pub broken: Option<(Arc<str>, i64)>,
}

/// What is known of the audit trail, shared with the writer.
#[derive(Default)]
pub(super) struct Audit(Mutex<AuditState>);

impl Audit {
    /// Why nothing may be changed any more.
    pub(super) fn refusal(&self) -> Option<WorkspaceError> {
        let state = self.0.lock();
        state.broken.as_ref().map(|(why, _)| WorkspaceError::AuditBroken(why.clone()))
    }
}

impl Workspace {
    /// What is known of the audit trail.
    pub fn audit_state(&self) -> AuditState {
        self.shared.audit.0.lock().clone()
    }

    /// Walks the chain of commits; `progress` is told each one. Where it is broken, nothing is
    /// changed any more and the alarm is raised. O(log), flat memory.
    ///
    /// # Errors
    /// `AuditBroken`; storage errors.
    pub fn verify_audit(&self, progress: impl FnMut(Lsn)) -> Result<Verified, WorkspaceError> {
        let snapshot = self.reader().snapshot()?;
        let walked = verify_chain(&snapshot, progress);
        drop(snapshot);
        let at_us = (self.clock)();
        match walked {
            Ok(report) => {
                let hash = report.head.hash.iter().map(|byte| format!("{byte:02x}")).collect();
                let (commits, head) = (report.records, report.head.lsn);
                let verified = Verified { at_us, commits, head, hash };
                self.shared.audit.0.lock().verified = Some(verified.clone());
                Ok(verified)
            }
            Err(broken) => Err(self.chain_is_broken(&broken, at_us)),
        }
    }

    /// Gives up commits older than the log is kept for, as far as they are kept elsewhere. Tells how
    /// many went. Changes go on meanwhile.
    ///
    /// # Errors
    /// `Closing`; storage errors.
    pub fn trim_log(&self) -> Result<u64, WorkspaceError> {
        let mut all = 0;
        loop {
            let (answer, answered) = sync_channel(1);
            if self.messages.send(Message::Trim(answer)).is_err() {
                return Err(WorkspaceError::Closing);
            }
            match answered.recv().unwrap_or(Err(WorkspaceError::Closing))? {
                0 => return Ok(all),
                went => all += went,
            }
        }
    }

    fn chain_is_broken(&self, broken: &ChainBreak, at_us: i64) -> WorkspaceError {
        let message = format!(
            "The audit trail does not hold: {broken}. Nothing is changed until an administrator \
             has looked into it."
        );
        let told: Arc<str> = message.as_str().into();
        let first = {
            let mut state = self.shared.audit.0.lock();
            state.broken.replace((told.clone(), at_us)).is_none()
        };
        if first {
            tracing::error!(rule = "BR-119", code = "audit-chain-broken", "{message}");
            self.watch.raised(&Alarm {
                rule: RuleId::br(119),
                message,
                objects: Vec::new(),
                command: "verify-audit",
                by: UserId(Uuid::from_bytes(SYSTEM_ACTOR)),
                at_us,
            });
        }
        WorkspaceError::AuditBroken(told)
    }
}
