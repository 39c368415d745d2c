//! Jobs: asked for, begun, stepped, ended, stopped, asked for again.

use super::{Effect, Run, Stop};
use crate::{
    estimating::{change::Delta, number::Money, user::Role},
    ledger::Change,
    workspace::{
        WorkspaceError, changes,
        jobs::{
            JOB_KEPT_US, JOB_STEPS_MAX, JOB_TEXT_BYTES_MAX, JOBS_ACTIVE_PER_USER_MAX, JOBS_MAX,
            JobAsk, JobEdit, JobEnd, JobId, JobRow, JobState, JobStep, KeptJob, StepTaken,
        },
        rows::Stored,
        state::Published,
    },
};
use std::sync::Arc;

/// Jobs removed in one commit at most.
const PRUNED_PER_COMMIT_MAX: usize = 4;

/// Changes a job.
pub(super) fn edit(state: &mut Published, cx: &Run<'_>, edit: &JobEdit) -> Result<Effect, Stop> {
    match edit {
        JobEdit::Start { id, ask } => start(state, cx, *id, ask),
        JobEdit::Begin { id } => {
            let row = active(state, *id)?;
            let next = JobRow {
                state: JobState::Running,
                tries: row.tries.saturating_add(1),
                ..JobRow::clone(&row)
            };
            put(state, next, format!("Begin {}", row.ask.title))
        }
        JobEdit::Step(step) => {
            check_step(state, step)?;
            let mut effect = Effect { label: "Step of a job".to_owned(), ..Effect::default() };
            take_step(state, cx, step, None, &mut effect)?;
            Ok(effect)
        }
        JobEdit::End { id, end } => finish(state, cx, *id, end),
        JobEdit::Cancel { id } => cancel(state, cx, *id),
        JobEdit::Retry { id } => {
            let row = owned(state, cx, *id)?;
            if row.state != JobState::Failed {
                return Err(
                    WorkspaceError::JobState("only a job that failed can be retried").into()
                );
            }
            not_too_many(state, row.owner.bytes())?;
            let next = JobRow {
                state: JobState::Queued,
                tries: 0,
                message: "".into(),
                problem: None,
                ended_at_us: None,
                ..JobRow::clone(&row)
            };
            put(state, next, format!("Retry {}", row.ask.title))
        }
    }
}

fn start(state: &mut Published, cx: &Run<'_>, id: JobId, ask: &JobAsk) -> Result<Effect, Stop> {
    if ask.choices.len() > JOB_TEXT_BYTES_MAX || ask.steps > JOB_STEPS_MAX {
        return Err(WorkspaceError::Invalid("the job is too large".to_owned()).into());
    }
    if state.jobs.contains_key(&id) {
        return Err(WorkspaceError::Invalid("there is such a job already".to_owned()).into());
    }
    not_too_many(state, cx.actor.user.bytes())?;
    let row = JobRow {
        id,
        owner: cx.actor.user,
        ask: ask.clone(),
        state: JobState::Queued,
        tries: 0,
        message: "".into(),
        answer: None,
        problem: None,
        file: None,
        created_at_us: cx.at_us,
        ended_at_us: None,
    };
    let mut pruned = prune(state, cx.at_us)?;
    let mut effect = put(state, row, format!("Start {}", ask.title))?;
    effect.changes.append(&mut pruned);
    effect.ids = vec![vec![id.0]];
    Ok(effect)
}

/// Refuses one person, or everyone, more jobs than are worked on in good time. O(jobs).
fn not_too_many(state: &Published, owner: [u8; 16]) -> Result<(), Stop> {
    let active = || state.jobs.values().filter(|job| !job.row.state.is_over());
    if active().filter(|job| job.row.owner.bytes() == owner).count() >= JOBS_ACTIVE_PER_USER_MAX {
        return Err(WorkspaceError::TooManyJobs(
            "you have as many jobs at work as one person may; wait for one to finish",
        )
        .into());
    }
    if active().count() >= JOBS_MAX {
        return Err(
            WorkspaceError::TooManyJobs("there are too many jobs at work; try later").into()
        );
    }
    Ok(())
}

/// Removes a few jobs that were over long ago, or the oldest over where there are too many. O(jobs).
fn prune(state: &mut Published, now_us: i64) -> Result<Vec<Change>, Stop> {
    let mut changes = Vec::new();
    for _ in 0..PRUNED_PER_COMMIT_MAX {
        let crowded = state.jobs.len() >= JOBS_MAX;
        let oldest = state.jobs.values().find(|job| {
            job.row.ended_at_us.is_some_and(|at| crowded || at < now_us.saturating_sub(JOB_KEPT_US))
        });
        let Some(KeptJob { row, steps }) = oldest.cloned() else { break };
        state.jobs.remove(&row.id);
        changes.push(removal(&row)?);
        for step in &steps {
            changes.push(removal(step)?);
        }
    }
    Ok(changes)
}

fn removal<T: Stored>(row: &Arc<T>) -> Result<Change, Stop> {
    let delta = Delta { before: Some(row.clone()), after: None };
    changes::encode_delta(&delta).map_err(Stop::from)
}

fn finish(state: &mut Published, cx: &Run<'_>, id: JobId, end: &JobEnd) -> Result<Effect, Stop> {
    let row = active(state, id)?;
    let long =
        |text: &Option<Box<str>>| text.as_ref().is_some_and(|text| text.len() > JOB_TEXT_BYTES_MAX);
    if long(&end.answer) || long(&end.problem) {
        return Err(WorkspaceError::Invalid("the result of the job is too long".to_owned()).into());
    }
    let failed = end.problem.is_some();
    let next = JobRow {
        state: if failed { JobState::Failed } else { JobState::Done },
        message: end.message.clone(),
        answer: end.answer.clone(),
        problem: end.problem.clone(),
        file: end.file.clone(),
        ended_at_us: Some(cx.at_us),
        ..JobRow::clone(&row)
    };
    let what = if failed { "failed" } else { "finished" };
    put(state, next, format!("{} {what}", row.ask.title))
}

fn cancel(state: &mut Published, cx: &Run<'_>, id: JobId) -> Result<Effect, Stop> {
    let row = owned(state, cx, id)?;
    let taken = state.jobs.get(&id).map_or(0, KeptJob::taken);
    // Once its last step is taken there is nothing left to stop.
    let is_through = row.ask.steps > 0 && taken >= row.ask.steps;
    if row.state.is_over() || is_through {
        return Err(WorkspaceError::JobOver.into());
    }
    let message = match taken {
        0 => "Cancelled".to_owned(),
        taken => format!("Cancelled after {taken} of {}; what was done stays", row.ask.steps),
    };
    let next = JobRow {
        state: JobState::Cancelled,
        message: message.into(),
        ended_at_us: Some(cx.at_us),
        ..JobRow::clone(&row)
    };
    put(state, next, format!("Cancel {}", row.ask.title))
}

/// A job that is not over.
fn active(state: &Published, id: JobId) -> Result<Arc<JobRow>, Stop> {
    let job = state.jobs.get(&id);
    let job = job.ok_or(WorkspaceError::NotFound { what: "job", id: id.0 })?;
    if job.row.state.is_over() {
        return Err(WorkspaceError::JobOver.into());
    }
    Ok(job.row.clone())
}

/// A job of whoever asks, or anybody's for an Admin; others' are not there.
fn owned(state: &Published, cx: &Run<'_>, id: JobId) -> Result<Arc<JobRow>, Stop> {
    let may = |row: &JobRow| row.owner == cx.actor.user || cx.actor.role >= Role::Admin;
    let job = state.jobs.get(&id).filter(|job| may(&job.row));
    let job = job.ok_or(WorkspaceError::NotFound { what: "job", id: id.0 })?;
    Ok(job.row.clone())
}

/// Refuses a step that was taken already, or whose job was stopped.
pub(super) fn check_step(state: &Published, step: &StepTaken) -> Result<(), Stop> {
    let row = active(state, step.job)?;
    let taken = state.jobs.get(&step.job).map_or(0, KeptJob::taken);
    if taken != step.n || step.n >= row.ask.steps || step.outcome.len() > JOB_TEXT_BYTES_MAX {
        return Err(WorkspaceError::JobState("this step of the job has been taken").into());
    }
    Ok(())
}

/// Notes a step in the commit that takes it. Followers are not told: whoever watches a job asks how
/// far it is, and a batch has hundreds of steps.
pub(super) fn take_step(
    state: &mut Published,
    cx: &Run<'_>,
    step: &StepTaken,
    cost: Option<Money>,
    effect: &mut Effect,
) -> Result<(), Stop> {
    let Some(kept) = state.jobs.get(&step.job).cloned() else { return Ok(()) };
    let row = Arc::new(JobStep {
        job: step.job,
        n: step.n,
        lsn: state.lsn,
        at_us: cx.at_us,
        cost,
        outcome: step.outcome.clone(),
    });
    effect.changes.push(changes::encode_delta(&Delta { before: None, after: Some(row.clone()) })?);
    let mut steps = kept.steps;
    steps.push_back(row);
    state.jobs.insert(step.job, KeptJob { row: kept.row, steps });
    Ok(())
}

fn put(state: &mut Published, next: JobRow, label: String) -> Result<Effect, Stop> {
    let id = next.id;
    let after = Arc::new(next);
    let kept = state.jobs.get(&id).cloned();
    let delta =
        Delta { before: kept.as_ref().map(|job| job.row.clone()), after: Some(after.clone()) };
    let change = changes::encode_delta(&delta)?;
    let steps = kept.map(|job| job.steps).unwrap_or_default();
    state.jobs.insert(id, KeptJob { row: after, steps });
    Ok(Effect {
        changes: vec![change],
        label,
        library: vec![("job", id.to_string())],
        ..Effect::default()
    })
}
