//! Running one command on working state: from what is asked to the rows of one commit.
//!
//! The state given is a clone that the writer drops when the command is refused, so nothing here
//! takes anything back.

mod estimate;
mod from_past;
mod jobs;
mod kept_rates;
mod library;
mod reverse;
mod submission;
mod tender_copy;

pub use submission::check_submission;

use super::{
    People, WorkspaceError,
    answers::{Answer, answer_key},
    attachments, changes,
    command::{
        Actor, Command, IDEMPOTENCY_KEY_CHARS_MAX, LABEL_CHARS_MAX, LAYOUT_BYTES_MAX,
        LAYOUT_KEY_CHARS_MAX, ORIGIN_CHARS_MAX, Reply, Request, Scope,
    },
    comments,
    leases::{self, Leases, Taken},
    load::LayoutRow,
    marks,
    note::{CommitNote, NoteTotals},
    state::Published,
    tables,
    undo::{Motion, UndoState},
};
use crate::{
    estimating::{
        day::Day,
        estimate::{Estimate, Totals, Touched},
        id::{EstimateId, IdSource},
        number::Pct,
    },
    ledger::{Change, Draft, Snapshot},
};
use std::{cell::RefCell, sync::Arc};
use uuid::Uuid;

/// What a command may use beside the state.
pub(super) struct Run<'a> {
    /// Who asks.
    pub actor: &'a Actor,
    /// When, microseconds since 1970, UTC.
    pub at_us: i64,
    /// Tick of the use counter, for the estimates touched.
    pub tick: u64,
    /// Fresh identities.
    pub ids: &'a RefCell<dyn IdSource>,
    /// Names and roles of people.
    pub people: &'a dyn People,
    /// GST of new estimates.
    pub gst_pct: Pct,
    /// The ledger with every commit before this one; none for commands that do not read it.
    pub snapshot: Option<&'a Snapshot>,
    /// Who is at work on what.
    pub leases: &'a Leases,
    /// Now, which the time of commits may be ahead of.
    pub now_us: i64,
}

/// Why a command was not run.
pub(super) enum Stop {
    /// The estimate has to be loaded first.
    Cold(EstimateId),
    /// It is refused.
    Refused(WorkspaceError),
}

impl<E: Into<WorkspaceError>> From<E> for Stop {
    fn from(error: E) -> Self {
        Stop::Refused(error.into())
    }
}

/// What a command did to the state.
#[derive(Default)]
pub(super) struct Effect {
    /// Its rows, as bytes.
    pub changes: Vec<Change>,
    /// What it did, in words.
    pub label: String,
    /// Identities made, per edit.
    pub ids: Vec<Vec<Uuid>>,
    /// Rows of the estimate that changed.
    pub touched: Touched,
    /// The estimate after it, in scope of one.
    pub estimate: Option<Arc<Estimate>>,
    /// Totals to be stored with the commit where they are not those of `estimate`: of the estimate
    /// it made.
    pub totals: Option<Totals>,
    /// Rows of the library that changed, as kind and identity or code.
    pub library: Vec<(&'static str, String)>,
    /// The commit it takes back.
    pub motion: Option<Motion>,
    /// The row it takes over from somebody.
    pub taken: Option<Taken>,
}

/// What the writer does next.
pub(super) enum Done {
    /// Commits this.
    Commit(Box<Commit>),
    /// Answers; there is nothing to commit.
    Answer(Reply),
}

/// A command ready to be committed and answered.
pub(super) struct Commit {
    pub draft: Draft,
    pub reply: Reply,
    pub scope: Option<Scope>,
    pub library: Vec<(&'static str, String)>,
    pub taken: Option<Taken>,
}

impl<'a> Run<'a> {
    /// The ledger with every commit before this one.
    pub(super) fn snapshot(&self) -> Result<&'a Snapshot, WorkspaceError> {
        self.snapshot.ok_or_else(|| WorkspaceError::Storage("the ledger was not asked for".into()))
    }
}

/// Runs `request` on `state`, whose `lsn` is already that of the commit to come.
pub(super) fn run(state: &mut Published, cx: &Run<'_>, request: &Request) -> Result<Done, Stop> {
    state.library.catalogue.set_day(Day::at_us(cx.at_us));
    request.command.permits(cx.actor.role)?;
    let key = match &request.idempotency {
        None => None,
        Some((key, body_hash)) => {
            check_length("the idempotency key", key, IDEMPOTENCY_KEY_CHARS_MAX)?;
            let key = answer_key(cx.actor.user, key);
            if let Some(answer) = state.answers.get(&key, cx.at_us) {
                if answer.body_hash != *body_hash {
                    return Err(WorkspaceError::IdempotencyMismatch.into());
                }
                let answer = answer.clone();
                return repeat(state, cx, request, &answer).map(Done::Answer);
            }
            Some((key, *body_hash))
        }
    };
    if let Some(origin) = &request.origin {
        check_length("the client's id", origin, ORIGIN_CHARS_MAX)?;
    }
    if let Some(step) = &request.step {
        jobs::check_step(state, step)?;
    }
    let asked = (cx.actor, request);
    let guard = leases::Guard::over(cx.leases, state, asked, cx.now_us);
    let mut effect = apply(state, cx, request)?;
    if let Some(guard) = guard {
        guard.check(cx.actor, &effect.changes)?;
    }
    leases::check_named(cx.leases, asked, cx.now_us)?;
    if let Some(step) = &request.step {
        let cost = effect.estimate.as_ref().map(|estimate| estimate.totals().total());
        jobs::take_step(state, cx, step, cost, &mut effect)?;
    }
    if effect.changes.is_empty() && effect.motion.is_none() {
        return Ok(Done::Answer(unchanged(state, cx, request, effect)));
    }
    commit(state, cx, request, key, effect)
}

fn apply(state: &mut Published, cx: &Run<'_>, request: &Request) -> Result<Effect, Stop> {
    match &request.command {
        Command::Estimate { id, edits, label } => {
            named(label, estimate::edit(state, cx, *id, edits)?)
        }
        Command::Import { id, edits, label } => {
            named(label, estimate::import(state, cx, *id, edits)?)
        }
        Command::Library { edits, label } => named(label, library::edit(state, cx, edits)?),
        Command::DuplicateTender { id, number, name } => {
            tender_copy::duplicate(state, cx, *id, number, name)
        }
        Command::Revise { id } => submission::revise(state, cx, *id),
        Command::Approve { id, minutes } => submission::approve(state, cx, *id, minutes),
        Command::RevokeApproval { id, reason } => submission::revoke(state, cx, *id, reason),
        Command::Submit { id, content_hash, total_ex, files } => {
            let saw = submission::Seen { content_hash, total_ex: *total_ex, files };
            submission::submit(state, cx, *id, &saw)
        }
        Command::HandOver { tender, target, key, codes, files } => {
            let asked = submission::HandoverAsked { target: *target, key, codes, files };
            submission::hand_over(state, cx, *tender, &asked)
        }
        Command::ConfirmHandover { tender, id } => {
            submission::confirm_handover(state, cx, *tender, *id)
        }
        Command::Restore { past, reason } => from_past::restore(state, cx, past, reason),
        Command::CopyBack { id, at, rows } => from_past::copy_back(state, cx, *id, *at, rows),
        Command::TakeBack { id, of } => from_past::take_back(state, cx, *id, *of),
        Command::Undo { scope } => reverse::undo(state, cx, *scope),
        Command::Redo { scope } => reverse::redo(state, cx, *scope),
        Command::RememberLayout { key, layout } => remember_layout(state, key, layout),
        Command::Job { edit } => jobs::edit(state, cx, edit),
        Command::Comment { edit } => comments::edit(state, cx, edit),
        Command::Attach { edit } => attachments::edit(state, cx, edit),
        Command::Mark { ask } => marks::make(state, cx, leases::session_of(cx.actor, request), ask),
    }
}

/// Takes over the client's words for what it did.
fn named(label: &Option<String>, mut effect: Effect) -> Result<Effect, Stop> {
    if let Some(label) = label.as_deref().map(str::trim).filter(|label| !label.is_empty()) {
        check_length("the label", label, LABEL_CHARS_MAX)?;
        effect.label = label.to_owned();
    }
    Ok(effect)
}

fn check_length(what: &str, text: &str, chars_max: usize) -> Result<(), WorkspaceError> {
    if text.len() > 4 * chars_max || text.chars().count() > chars_max || text.is_empty() {
        return Err(WorkspaceError::Invalid(format!(
            "{what} must have 1 to {chars_max} characters"
        )));
    }
    Ok(())
}

/// Turns an effect into a draft and the answer for whoever asked.
fn commit(
    state: &mut Published,
    cx: &Run<'_>,
    request: &Request,
    key: Option<(Box<[u8]>, [u8; 32])>,
    effect: Effect,
) -> Result<Done, Stop> {
    let Effect { mut changes, label, ids, touched, estimate, totals: made, library, motion, taken } =
        effect;
    let scope = if request.command.is_undoable() { request.command.scope() } else { None };
    let motion = motion.unwrap_or(Motion::Forward);
    let label: Arc<str> = label.into();
    let totals = estimate.as_ref().map(|estimate| estimate.totals());
    changes.extend(state.answers.prune(cx.at_us)?);
    if let Some((key, body_hash)) = key {
        let answer = answer_for(state, cx, request, body_hash, &label, &ids, &touched);
        changes.push(state.answers.add(key, answer)?);
    }
    let (reverses, redo) = match motion {
        Motion::Forward => (None, false),
        Motion::Undo(of) => (Some(of), false),
        Motion::Redo(of) => (Some(of), true),
    };
    let note = CommitNote {
        scope,
        label: (&*label).into(),
        origin: request.origin.as_deref().map(Into::into),
        reverses,
        redo,
        totals: totals.or(made).map(note_totals),
    };
    let draft = Draft {
        at_us: cx.at_us,
        actor: cx.actor.user.bytes(),
        command: request.command.name().to_owned(),
        note: note.to_bytes()?,
        changes: changes::net(changes),
    };
    state.at_us = cx.at_us;
    if let Some(scope) = scope {
        state.step(cx.actor.user, scope, motion, &label);
    }
    let reply = Reply {
        lsn: state.lsn,
        at_us: cx.at_us,
        label,
        ids: Arc::new(ids),
        touched: Arc::new(touched),
        estimate,
        totals,
        undo: undo_state(state, cx, request),
        made: true,
        repeated: false,
    };
    let scope = request.command.scope();
    Ok(Done::Commit(Box::new(Commit { draft, reply, scope, library, taken })))
}

fn note_totals(totals: Totals) -> NoteTotals {
    NoteTotals { direct: totals.direct, indirect: totals.indirect, sell: None }
}

fn undo_state(state: &Published, cx: &Run<'_>, request: &Request) -> UndoState {
    let scope = request.command.scope();
    scope.map(|scope| state.undo_state(cx.actor.user, scope)).unwrap_or_default()
}

fn answer_for(
    state: &Published,
    cx: &Run<'_>,
    request: &Request,
    body_hash: [u8; 32],
    label: &Arc<str>,
    ids: &[Vec<Uuid>],
    touched: &Touched,
) -> Answer {
    Answer {
        at_us: cx.at_us,
        body_hash,
        lsn: state.lsn,
        label: (&**label).into(),
        estimate: estimate_of(request),
        ids: ids.to_vec(),
        rows: touched.rows.clone(),
        removed: touched.removed.clone(),
        worksheets: touched.worksheets.iter().map(|id| id.0).collect(),
        structure: touched.structure,
        reload: touched.reload,
    }
}

fn estimate_of(request: &Request) -> Option<EstimateId> {
    match request.command.scope() {
        Some(Scope::Estimate(id)) => Some(id),
        Some(Scope::Library) | None => None,
    }
}

/// The first answer to a request made again: what it did then, figures as they are now.
fn repeat(
    state: &Published,
    cx: &Run<'_>,
    request: &Request,
    answer: &Answer,
) -> Result<Reply, Stop> {
    let estimate = match answer.estimate {
        None => None,
        // An estimate deleted since has no figures any more.
        Some(id) if state.library.estimate(id).is_none() => None,
        Some(id) => Some(state.estimate(id).ok_or(Stop::Cold(id))?.clone()),
    };
    Ok(Reply {
        lsn: answer.lsn,
        at_us: answer.at_us,
        label: (&*answer.label).into(),
        ids: Arc::new(answer.ids.clone()),
        touched: Arc::new(answer.touched()),
        totals: estimate.as_ref().map(|estimate| estimate.totals()),
        estimate,
        undo: undo_state(state, cx, request),
        made: true,
        repeated: true,
    })
}

/// The answer to a command that found everything as it wanted it.
fn unchanged(state: &Published, cx: &Run<'_>, request: &Request, effect: Effect) -> Reply {
    Reply {
        lsn: state.lsn.prev(),
        at_us: state.at_us,
        label: effect.label.into(),
        ids: Arc::new(effect.ids),
        touched: Arc::new(effect.touched),
        totals: effect.estimate.as_ref().map(|estimate| estimate.totals()),
        estimate: effect.estimate,
        undo: undo_state(state, cx, request),
        made: false,
        repeated: false,
    }
}

fn remember_layout(state: &mut Published, key: &str, layout: &str) -> Result<Effect, Stop> {
    check_length("the layout's key", key, LAYOUT_KEY_CHARS_MAX)?;
    if layout.len() > LAYOUT_BYTES_MAX {
        let message = format!("a layout may have at most {LAYOUT_BYTES_MAX} bytes");
        return Err(WorkspaceError::Invalid(message).into());
    }
    let before = state.layouts.get(key).map(|text| LayoutRow::bytes(text)).transpose()?;
    let after = Some(LayoutRow::bytes(layout)?);
    let change =
        Change { table: tables::IMPORT_LAYOUTS, key: key.as_bytes().to_vec(), before, after };
    state.layouts.insert(key.into(), layout.into());
    let changes = if change.before == change.after { Vec::new() } else { vec![change] };
    Ok(Effect { changes, label: "Remember import layout".to_owned(), ..Effect::default() })
}
