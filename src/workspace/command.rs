//! What can be asked of an organisation, and by whom.

use super::{
    AttachmentEdit, CommentEdit, Past, WorkspaceError,
    command_names::{common, edit_name, edit_role, library_edit_name},
    jobs::{JobEdit, JobKind, StepTaken},
    marks::MarkAsk,
    undo::UndoState,
};
use crate::{
    estimating::{
        edit::Edit,
        estimate::{Estimate, Totals, Touched},
        heading::Heading,
        id::{EstimateId, TenderId, UserId},
        item::Item,
        library::LibraryEdit,
        number::Money,
        submission::{HandoverCodes, HandoverTarget},
        user::Role,
        worksheet::Worksheet,
    },
    ledger::{Lsn, SYSTEM_ACTOR},
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use uuid::Uuid;

/// Characters of an idempotency key.
pub const IDEMPOTENCY_KEY_CHARS_MAX: usize = 200;
/// Characters of a client's name for itself.
pub const ORIGIN_CHARS_MAX: usize = 100;
/// Characters of a label given by a client.
pub const LABEL_CHARS_MAX: usize = 200;
/// Characters of an import layout's key and bytes of its text.
pub const LAYOUT_KEY_CHARS_MAX: usize = 200;
/// Bytes of an import layout.
pub const LAYOUT_BYTES_MAX: usize = 64 * 1024;

/// Who asks.
#[derive(Clone, Debug)]
pub struct Actor {
    /// Identity.
    pub user: UserId,
    /// Role, decided by the sign-in.
    pub role: Role,
    /// Name, as followers show it.
    pub name: Arc<str>,
}

impl Actor {
    /// The program itself: it begins and ends jobs.
    pub fn system() -> Actor {
        let user = UserId(Uuid::from_bytes(SYSTEM_ACTOR));
        Actor { user, role: Role::Admin, name: "oxFlow".into() }
    }
}

/// What an undo stack belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Scope {
    /// One estimate.
    Estimate(EstimateId),
    /// Tenders, the price book, recipes, units.
    Library,
}

/// A change somebody asks for.
#[derive(Clone, Debug)]
pub enum Command {
    /// Edits of one estimate: all of them or none.
    Estimate {
        /// The estimate.
        id: EstimateId,
        /// The edits, each seeing the ones before.
        edits: Vec<Edit>,
        /// What to call it; words from the edits where absent.
        label: Option<String>,
    },
    /// An import: as many edits of one estimate as it takes, in one commit or not at all (BR-103).
    Import {
        /// The estimate.
        id: EstimateId,
        /// The edits, each seeing the ones before.
        edits: Vec<Edit>,
        /// What to call it; words from the edits where absent.
        label: Option<String>,
    },
    /// Edits of tenders, price book, recipes and units: all of them or none.
    Library {
        /// The edits, each seeing the ones before.
        edits: Vec<LibraryEdit>,
        /// What to call it; words from the edits where absent.
        label: Option<String>,
    },
    /// A new tender with the rows of the newest estimate of another.
    DuplicateTender {
        /// The tender to copy.
        id: TenderId,
        /// Number of the new one.
        number: String,
        /// Name of the new one.
        name: String,
    },
    /// The next revision of an estimate, with the same rows.
    Revise {
        /// The estimate.
        id: EstimateId,
    },
    /// Approves an estimate as it is.
    Approve {
        /// The estimate.
        id: EstimateId,
        /// Minutes of the settlement meeting.
        minutes: String,
    },
    /// Takes an approval back.
    RevokeApproval {
        /// The estimate.
        id: EstimateId,
        /// Why.
        reason: String,
    },
    /// Submits an approved estimate.
    Submit {
        /// The estimate.
        id: EstimateId,
        /// Hash of the content the person saw.
        content_hash: String,
        /// The price the person saw, excluding GST.
        total_ex: Money,
        /// What is sent.
        files: Vec<NewFile>,
    },
    /// Hands the budget of a won tender over.
    HandOver {
        /// The tender.
        tender: TenderId,
        /// Where to.
        target: HandoverTarget,
        /// Makes it safe to repeat.
        key: String,
        /// How rows are coded.
        codes: HandoverCodes,
        /// The budget as files.
        files: Vec<NewFile>,
    },
    /// Notes that a hand-over has arrived.
    ConfirmHandover {
        /// The tender.
        tender: TenderId,
        /// The hand-over.
        id: Uuid,
    },
    /// The next revision of an estimate, with the rows it had at an earlier commit (BR-122).
    Restore {
        /// The estimate as that commit left it.
        past: Past,
        /// Why.
        reason: String,
    },
    /// Gives rows of an estimate the content they had at an earlier commit.
    CopyBack {
        /// The estimate.
        id: EstimateId,
        /// The commit.
        at: Lsn,
        /// The rows as they were.
        rows: Vec<PastRow>,
    },
    /// Takes back a commit of an estimate that history shows, unless its rows have changed since.
    TakeBack {
        /// The estimate.
        id: EstimateId,
        /// The commit.
        of: Lsn,
    },
    /// Takes back the newest change of whoever asks.
    Undo {
        /// Where.
        scope: Scope,
    },
    /// Does again what whoever asks took back last.
    Redo {
        /// Where.
        scope: Scope,
    },
    /// Keeps how the columns of a kind of spreadsheet were read.
    RememberLayout {
        /// What tells that kind of spreadsheet from others.
        key: String,
        /// The layout; opaque here.
        layout: String,
    },
    /// Asks for a job, or tells how one goes.
    Job {
        /// What.
        edit: JobEdit,
    },
    /// Says something about an item, takes it back, or reads what was said.
    Comment {
        /// What.
        edit: CommentEdit,
    },
    /// Attaches a file to something, or takes one away.
    Attach {
        /// What.
        edit: AttachmentEdit,
    },
    /// Writes into the audit trail what changes no figure.
    Mark {
        /// What.
        ask: MarkAsk,
    },
}

/// A row as it was at an earlier commit.
#[derive(Clone, Debug)]
pub enum PastRow {
    /// A heading: its code and its name.
    Heading(Arc<Heading>),
    /// An item with its worksheet.
    Item {
        /// The item.
        item: Arc<Item>,
        /// Its worksheet; none where it had none.
        sheet: Option<Arc<Worksheet>>,
    },
    /// Only the worksheet of an item.
    Worksheet {
        /// The item.
        item: Arc<Item>,
        /// Its worksheet; none where it had none.
        sheet: Option<Arc<Worksheet>>,
    },
}

/// A file to be kept with what it belongs to.
#[derive(Clone, Debug)]
pub struct NewFile {
    /// Its name.
    pub name: String,
    /// Its media type.
    pub media_type: &'static str,
    /// Its bytes.
    pub bytes: Arc<[u8]>,
}

/// A command with what makes it safe to repeat and easy to recognise.
#[derive(Clone, Debug)]
pub struct Request {
    /// The command.
    pub command: Command,
    /// Idempotency key and SHA-256 of the request's body.
    pub idempotency: Option<(String, [u8; 32])>,
    /// Name the client gave itself; comes back in [`Committed`](super::Committed).
    pub origin: Option<String>,
    /// The step of a job that this commit takes; refused when it was taken or the job stopped.
    pub step: Option<StepTaken>,
    /// Leases the client means to hold; refused when it does not any more (BR-098).
    pub leases: Vec<Uuid>,
}

impl Request {
    /// A request without key and origin.
    pub fn new(command: Command) -> Request {
        Request { command, idempotency: None, origin: None, step: None, leases: Vec::new() }
    }
}

impl From<Command> for Request {
    fn from(command: Command) -> Request {
        Request::new(command)
    }
}

/// What a commit did, for whoever asked.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The commit; the newest one where the command changed nothing.
    pub lsn: Lsn,
    /// When, microseconds since 1970, UTC.
    pub at_us: i64,
    /// What it did, in words.
    pub label: Arc<str>,
    /// Identities made, per edit.
    pub ids: Arc<Vec<Vec<Uuid>>>,
    /// Rows of the estimate that changed, with all above them.
    pub touched: Arc<Touched>,
    /// The estimate as of this commit; none for other scopes.
    pub estimate: Option<Arc<Estimate>>,
    /// Its totals.
    pub totals: Option<Totals>,
    /// What can be undone and redone now.
    pub undo: UndoState,
    /// Whether it made a commit, now or when it was first asked; false where all was as it wanted.
    pub made: bool,
    /// Whether this is the answer to an earlier request with the same idempotency key.
    pub repeated: bool,
}

impl Command {
    /// The least role that may run it (BR-008, BR-114, BR-115), with what the refusal calls it.
    pub fn least_role(&self) -> (Role, &'static str) {
        let pick = |a: (Role, &'static str), b: (Role, &'static str)| if b.0 > a.0 { b } else { a };
        match self {
            Command::Estimate { edits, .. } | Command::Import { edits, .. } => {
                edits.iter().map(edit_role).fold((Role::Estimator, "an edit"), pick)
            }
            Command::Library { edits, .. } => edits
                .iter()
                .map(|edit| (edit.least_role(), library_edit_name(edit)))
                .fold((Role::Estimator, "an edit"), pick),
            Command::DuplicateTender { .. } => (Role::Estimator, "duplicating a tender"),
            Command::Revise { .. } => (Role::Estimator, "making a revision"),
            Command::Restore { .. } => (Role::Estimator, "restoring a revision"),
            Command::CopyBack { .. } => (Role::Estimator, "copying back"),
            // What formed the price takes a Lead, which only the commit itself can tell.
            Command::TakeBack { .. } => (Role::Estimator, "taking back an edit"),
            Command::Approve { .. } => (Role::LeadEstimator, "approving an estimate"),
            Command::RevokeApproval { .. } => (Role::LeadEstimator, "revoking an approval"),
            Command::Submit { .. } => (Role::LeadEstimator, "submitting an estimate"),
            Command::HandOver { .. } | Command::ConfirmHandover { .. } => {
                (Role::LeadEstimator, "handing a budget over")
            }
            // What is taken back was the same person's own; the domain checks the rest.
            Command::Undo { .. } => (Role::Estimator, "undo"),
            Command::Redo { .. } => (Role::Estimator, "redo"),
            Command::RememberLayout { .. } => (Role::Estimator, "remembering an import layout"),
            Command::Job { edit: JobEdit::Start { ask, .. } } if ask.kind == JobKind::Snapshot => {
                (Role::Admin, "a snapshot of the organisation")
            }
            Command::Job { .. } => (Role::Estimator, "a job"),
            Command::Comment { edit: CommentEdit::Read { .. } } => (Role::Viewer, "a comment"),
            Command::Comment { .. } => (Role::Estimator, "a comment"),
            Command::Attach { .. } => (Role::Estimator, "attaching a file"),
            Command::Mark { ask } => {
                let (needs, what, _) = ask.least_role();
                (needs, what)
            }
        }
    }

    /// The code of the rule that asks for [`Command::least_role`]: inside an estimate only what
    /// forms its price needs more than an Estimator (BR-115).
    fn role_code(&self) -> &'static str {
        // Whoever may change nothing at all is told so by BR-114, whatever it was.
        if self.least_role().0 == Role::Estimator {
            return "permission-denied";
        }
        match self {
            Command::Estimate { .. } | Command::Import { .. } => "commercials-role-required",
            Command::Library { .. }
            | Command::DuplicateTender { .. }
            | Command::Revise { .. }
            | Command::Restore { .. }
            | Command::CopyBack { .. }
            | Command::TakeBack { .. }
            | Command::Approve { .. }
            | Command::RevokeApproval { .. }
            | Command::Submit { .. }
            | Command::HandOver { .. }
            | Command::ConfirmHandover { .. }
            | Command::Undo { .. }
            | Command::Redo { .. }
            | Command::RememberLayout { .. }
            | Command::Comment { .. }
            | Command::Attach { .. }
            | Command::Job { .. } => "permission-denied",
            Command::Mark { ask } => ask.least_role().2,
        }
    }

    /// Refuses a role that may not run it (BR-114), before anything is made for it.
    ///
    /// # Errors
    /// `PermissionDenied`.
    pub fn permits(&self, has: Role) -> Result<(), WorkspaceError> {
        let (needs, what) = self.least_role();
        if has >= needs {
            return Ok(());
        }
        Err(WorkspaceError::PermissionDenied { what, needs, has, code: self.role_code() })
    }

    /// Name of the command in the log and in the audit trail.
    pub fn name(&self) -> &'static str {
        match self {
            Command::Estimate { edits, .. } => common(edits.iter().map(edit_name), "edit-estimate"),
            Command::Import { .. } => "import",
            Command::Library { edits, .. } => {
                common(edits.iter().map(library_edit_name), "edit-library")
            }
            Command::DuplicateTender { .. } => "duplicate-tender",
            Command::Revise { .. } => "revise-estimate",
            Command::Restore { .. } => "restore-estimate",
            Command::CopyBack { .. } => "copy-back",
            Command::TakeBack { .. } => "take-back",
            Command::Approve { .. } => "approve-estimate",
            Command::RevokeApproval { .. } => "revoke-approval",
            Command::Submit { .. } => "submit-estimate",
            Command::HandOver { .. } => "hand-over",
            Command::ConfirmHandover { .. } => "confirm-hand-over",
            Command::Undo { .. } => "undo",
            Command::Redo { .. } => "redo",
            Command::RememberLayout { .. } => "remember-import-layout",
            Command::Job { edit } => edit.name(),
            Command::Mark { ask } => ask.name(),
            Command::Comment { edit } => edit.name(),
            Command::Attach { edit } => edit.name(),
        }
    }

    /// What its commit belongs to, for undo.
    pub fn scope(&self) -> Option<Scope> {
        match self {
            Command::Estimate { id, .. }
            | Command::Import { id, .. }
            | Command::CopyBack { id, .. }
            | Command::TakeBack { id, .. } => Some(Scope::Estimate(*id)),
            Command::Library { .. }
            | Command::DuplicateTender { .. }
            | Command::Revise { .. }
            | Command::Restore { .. }
            | Command::Approve { .. }
            | Command::RevokeApproval { .. }
            | Command::Submit { .. }
            | Command::HandOver { .. }
            | Command::ConfirmHandover { .. } => Some(Scope::Library),
            Command::Undo { scope } | Command::Redo { scope } => Some(*scope),
            Command::RememberLayout { .. }
            | Command::Job { .. }
            | Command::Comment { .. }
            | Command::Attach { .. }
            | Command::Mark { .. } => None,
        }
    }

    /// Whether it can be taken back. States of tenders and estimates move only along their
    /// transitions (BR-005, BR-018), and an estimate that was added stays: there may be work of
    /// others in it.
    pub(super) fn is_undoable(&self) -> bool {
        match self {
            Command::Library { edits, .. } => !edits.iter().any(|edit| {
                matches!(
                    edit,
                    LibraryEdit::SetTenderState { .. }
                        | LibraryEdit::DecideTender { .. }
                        | LibraryEdit::SetEstimateState { .. }
                        | LibraryEdit::PublishPriceBook { .. }
                        | LibraryEdit::ArchivePriceBookVersion { .. }
                        | LibraryEdit::AddTender { .. }
                        | LibraryEdit::AddEstimate { .. }
                )
            }),
            Command::Estimate { .. }
            | Command::Import { .. }
            | Command::CopyBack { .. }
            | Command::TakeBack { .. }
            | Command::Undo { .. }
            | Command::Redo { .. } => true,
            Command::DuplicateTender { .. }
            | Command::Revise { .. }
            | Command::Restore { .. }
            | Command::Approve { .. }
            | Command::RevokeApproval { .. }
            | Command::Submit { .. }
            | Command::HandOver { .. }
            | Command::ConfirmHandover { .. }
            | Command::RememberLayout { .. }
            | Command::Comment { .. }
            | Command::Attach { .. }
            | Command::Mark { .. }
            | Command::Job { .. } => false,
        }
    }

    /// Whether it reads the ledger, and so needs every commit before it to be there.
    pub(super) fn reads_ledger(&self) -> bool {
        match self {
            Command::Undo { .. }
            | Command::Redo { .. }
            | Command::TakeBack { .. }
            | Command::DuplicateTender { .. }
            | Command::Submit { .. }
            | Command::Mark { .. }
            | Command::Comment { .. }
            | Command::Attach { .. }
            | Command::HandOver { .. } => true,
            Command::Library { edits, .. } => {
                edits.iter().any(|edit| matches!(edit, LibraryEdit::DeleteTender { .. }))
            }
            Command::Estimate { .. }
            | Command::Import { .. }
            | Command::CopyBack { .. }
            | Command::Revise { .. }
            | Command::Restore { .. }
            | Command::Approve { .. }
            | Command::RevokeApproval { .. }
            | Command::ConfirmHandover { .. }
            | Command::RememberLayout { .. }
            | Command::Job { .. } => false,
        }
    }
}
