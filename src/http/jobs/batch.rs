//! Repricing and working out many estimates: one step for each, each step one commit.

use super::clerk::{Choices, Halt, New, halted, start, words};
use super::shapes::{BatchEstimate, BatchRecalculation, BatchReprice, Outcome, Verdict, outcomes};
use crate::estimating::edit::{Edit, EditContext, FromPriceBook, RepriceScope};
use crate::estimating::estimate::RepricePreview;
use crate::estimating::id::EstimateId;
use crate::estimating::library::Library;
use crate::estimating::number::Money;
use crate::estimating::refusal::Refusal;
use crate::estimating::rules::{RuleId, Violation, Violations};
use crate::estimating::tender::{EstimateRow, EstimateState};
use crate::http::app::App;
use crate::http::auth::SignedIn;
use crate::http::extract::Asked;
use crate::http::off_thread::off_thread;
use crate::http::problem::Problem;
use crate::http::time::now_us;
use crate::jobs::{Finished, Run, Unit};
use crate::workspace::Command;
use crate::workspace::jobs::{JOB_STEPS_MAX, JobEdit, JobId, JobKind, KeptJob, StepTaken};
use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::sync::Arc;
use uuid::Uuid;

/// Which lines of each estimate.
pub struct Lines {
    /// Lines of these resources.
    pub resource_ids: Option<Vec<Uuid>>,
    /// Lines of these recipes.
    pub recipe_ids: Option<Vec<Uuid>>,
    /// Rates of this price book in the place of each resource's own.
    pub price_book: Option<FromPriceBook>,
}

impl Lines {
    fn scope(&self) -> RepriceScope<'_> {
        RepriceScope {
            lines: None,
            resources: self.resource_ids.as_deref(),
            recipes: self.recipe_ids.as_deref(),
            book: self.price_book,
        }
    }
}

/// Lists what repricing would do to many estimates, or does what was listed (BR-050).
#[utoipa::path(
    post,
    path = "/jobs/reprice",
    operation_id = "repriceJobs",
    tag = "Jobs",
    request_body = BatchReprice,
    responses((status = 202, description = "The job that does it", body = super::shapes::JobStarted)),
)]
pub async fn reprice(
    State(app): State<App>,
    me: SignedIn,
    asked: Asked<BatchReprice>,
) -> Result<Response, Problem> {
    let BatchReprice { estimates, resource_ids, recipe_ids, price_book, apply } = asked.body;
    let published = me.published();
    let library = &published.library;
    let estimates = match estimates {
        Some(estimates) => estimates,
        None => {
            let rows = library.estimates().filter(|row| row.state == EstimateState::InProgress);
            rows.map(|row| BatchEstimate { id: row.id.0, preview: None }).collect()
        }
    };
    let ids: Vec<Uuid> = estimates.iter().map(|estimate| estimate.id).collect();
    let steps = check(library, &ids)?;
    if apply {
        seen(&estimates)?;
    }
    let (kind, what) = match apply {
        true => (JobKind::Reprice, "Reprice"),
        false => (JobKind::RepriceList, "List repricing of"),
    };
    let title = format!("{what} {}", counted(ids.len()));
    let choices = Choices::Reprice { estimates, resource_ids, recipe_ids, price_book, apply };
    let new = New { kind, title, estimate: None, choices, input: None, steps };
    start(&app, &me, asked.terms, new).await
}

/// Works the figures of many estimates out again and compares (BR-016).
#[utoipa::path(
    post,
    path = "/jobs/recalculation",
    operation_id = "recalculateJobs",
    tag = "Jobs",
    request_body = BatchRecalculation,
    responses((status = 202, description = "The job that does it", body = super::shapes::JobStarted)),
)]
pub async fn recalculate(
    State(app): State<App>,
    me: SignedIn,
    asked: Asked<BatchRecalculation>,
) -> Result<Response, Problem> {
    let published = me.published();
    let library = &published.library;
    let estimates = match asked.body.estimate_ids {
        Some(ids) => ids,
        None => library.estimates().map(|row| row.id.0).collect(),
    };
    let steps = check(library, &estimates)?;
    let new = New {
        kind: JobKind::Recalculation,
        title: format!("Recalculate {}", counted(estimates.len())),
        estimate: None,
        choices: Choices::Recalculation { estimates },
        input: None,
        steps,
    };
    start(&app, &me, asked.terms, new).await
}

fn counted(estimates: usize) -> String {
    if estimates == 1 { "1 estimate".to_owned() } else { format!("{estimates} estimates") }
}

/// The steps of a batch over these estimates: each is there, and there once.
fn check(library: &Library, ids: &[Uuid]) -> Result<u32, Problem> {
    if ids.is_empty() {
        return Err(Problem::invalid("estimates", "Name at least one estimate."));
    }
    let steps = u32::try_from(ids.len()).ok().filter(|steps| *steps <= JOB_STEPS_MAX);
    let steps = steps.ok_or_else(|| {
        let said = format!("One job takes at most {JOB_STEPS_MAX} estimates.");
        Problem::too_large("too-many-estimates", said)
    })?;
    let mut seen = HashSet::new();
    for id in ids {
        if !seen.insert(id) {
            return Err(Problem::invalid("estimates", "An estimate is named twice."));
        }
        if library.estimate(EstimateId(*id)).is_none() {
            return Err(Problem::not_found("estimate").about(*id));
        }
    }
    Ok(steps)
}

/// BR-050: only what was listed is done.
fn seen(estimates: &[BatchEstimate]) -> Result<(), Problem> {
    let Some(unseen) = estimates.iter().find(|estimate| estimate.preview.is_none()) else {
        return Ok(());
    };
    let message = "Repricing shows the effect on each estimate first: list it, and send back what \
                   the list calls `preview`.";
    let broken =
        Violation::new(RuleId::br(50), message.to_owned()).object(unseen.id).field("preview");
    Err(Refusal::from(Violations::from(broken)).into())
}

/// Carries a batch of repricing out, from the step after the last one taken.
pub async fn carry_out_reprice(
    me: &SignedIn,
    job: &KeptJob,
    run: &Run,
    estimates: Vec<BatchEstimate>,
    lines: Lines,
    apply: bool,
) -> Result<Finished, Halt> {
    let lines = Arc::new(lines);
    let message = if apply { "Repricing" } else { "Working out what would change" };
    for (n, estimate) in rest(job, &estimates) {
        tell(me, run, n, estimates.len(), estimate.id, message)?;
        match preview(me, estimate.id, &lines).await {
            Err(problem) => refuse(me, job.row.id, n, estimate.id, problem).await?,
            Ok(preview) if apply => {
                apply_one(me, job.row.id, n, estimate, &lines, &preview).await?;
            }
            Ok(preview) => {
                let outcome = outcome_of(me, estimate.id, &preview);
                note(me, job.row.id, n, outcome).await?;
            }
        }
    }
    let scope = json!({
        "resourceIds": lines.resource_ids,
        "recipeIds": lines.recipe_ids,
        "priceBook": lines.price_book,
    });
    finished(me, job.row.id, scope)
}

/// Carries a batch of recalculation out, from the step after the last one taken.
pub async fn carry_out_recalculation(
    me: &SignedIn,
    job: &KeptJob,
    run: &Run,
    estimates: Vec<Uuid>,
) -> Result<Finished, Halt> {
    for (n, id) in rest(job, &estimates) {
        tell(me, run, n, estimates.len(), *id, "Recalculating")?;
        let (workspace, by) = (me.workspace().clone(), me.id());
        let (estimate, blank) = (EstimateId(*id), blank(me, *id, Verdict::Agrees));
        let work = move || workspace.recalculate(estimate, by);
        let worked = off_thread("recalculating an estimate", work).await?;
        let outcome = match worked {
            Err(error) => {
                refuse(me, job.row.id, n, *id, error.into()).await?;
                continue;
            }
            Ok(worked) => Outcome {
                verdict: match worked.difference {
                    None => Verdict::Agrees,
                    Some(_) => Verdict::Differs,
                },
                count: worked.rows as u64,
                new_total: Some(worked.totals.total()),
                message: worked.difference,
                ..blank
            },
        };
        note(me, job.row.id, n, outcome).await?;
    }
    finished(me, job.row.id, Value::Null)
}

/// What is left to do, with its places.
fn rest<'a, T>(job: &KeptJob, all: &'a [T]) -> impl Iterator<Item = (u32, &'a T)> {
    (0..).zip(all).skip(job.steps.len())
}

/// Tells which estimate is next, unless the job is to stop.
fn tell(
    me: &SignedIn,
    run: &Run,
    n: u32,
    total: usize,
    id: Uuid,
    message: &str,
) -> Result<(), Halt> {
    let message = format!("{message}: {}", name_of(me, id));
    run.tell(Unit::Estimate, u64::from(n), total as u64, &message);
    if run.is_stopped() { Err(Halt::Cancelled) } else { Ok(()) }
}

/// What repricing would do to an estimate, worked out where it holds nobody up.
async fn preview(me: &SignedIn, id: Uuid, lines: &Arc<Lines>) -> Result<RepricePreview, Problem> {
    let opened = me.open(id).await?;
    let (lines, by) = (lines.clone(), me.id());
    let work = move || {
        let mut fresh = Uuid::now_v7;
        let catalogue = opened.catalogue();
        let mut context = EditContext { catalogue, by, at_us: now_us(), ids: &mut fresh };
        opened.estimate.reprice_preview(&lines.scope(), &mut context)
    };
    Ok(off_thread("previewing a repricing", work).await??)
}

/// Reprices one estimate as listed; the commit that does it notes the step.
async fn apply_one(
    me: &SignedIn,
    job: JobId,
    n: u32,
    estimate: &BatchEstimate,
    lines: &Lines,
    preview: &RepricePreview,
) -> Result<(), Halt> {
    let listed = outcome_of(me, estimate.id, preview);
    if preview.lines.is_empty() && estimate.preview.as_deref() == Some(&*preview.seen) {
        return note(me, job, n, Outcome { preview: None, ..listed }).await;
    }
    let edit = Edit::Reprice {
        line_ids: None,
        resource_ids: lines.resource_ids.clone(),
        recipe_ids: lines.recipe_ids.clone(),
        price_book: lines.price_book,
        preview: estimate.preview.clone(),
        choose: None,
    };
    let label = Some("Reprice lines".to_owned());
    let command = Command::Estimate { id: EstimateId(estimate.id), edits: vec![edit], label };
    let outcome = Outcome { verdict: Verdict::Repriced, preview: None, ..listed };
    match me.submit_step(command, step(job, n, &outcome)?).await {
        Ok(_) => Ok(()),
        Err(problem) => refuse(me, job, n, estimate.id, problem).await,
    }
}

/// Notes that an estimate was refused; ends the batch instead where the fault may pass.
async fn refuse(me: &SignedIn, job: JobId, n: u32, id: Uuid, problem: Problem) -> Result<(), Halt> {
    if halted(&problem) {
        return Err(problem.into());
    }
    let message = Some(words(&problem));
    note(me, job, n, Outcome { message, ..blank(me, id, Verdict::Refused) }).await
}

/// Notes a step that changed nothing.
async fn note(me: &SignedIn, job: JobId, n: u32, outcome: Outcome) -> Result<(), Halt> {
    let edit = JobEdit::Step(step(job, n, &outcome)?);
    me.workspace().submit(me.actor(), Command::Job { edit }).await?;
    Ok(())
}

fn step(job: JobId, n: u32, outcome: &Outcome) -> Result<StepTaken, Problem> {
    let outcome = serde_json::to_string(outcome).map_err(|_| Problem::internal())?.into();
    Ok(StepTaken { job, n, outcome })
}

fn outcome_of(me: &SignedIn, id: Uuid, preview: &RepricePreview) -> Outcome {
    let is_same = preview.lines.is_empty();
    let verdict = if is_same { Verdict::Unchanged } else { Verdict::Listed };
    Outcome {
        count: preview.lines.len() as u64,
        effect: preview.new_total.checked_sub(preview.old_total),
        old_total: Some(preview.old_total),
        new_total: Some(preview.new_total),
        preview: Some(preview.seen.clone()),
        ..blank(me, id, verdict)
    }
}

fn blank(me: &SignedIn, id: Uuid, verdict: Verdict) -> Outcome {
    Outcome {
        estimate_id: id,
        name: name_of(me, id),
        verdict,
        count: 0,
        effect: None,
        old_total: None,
        new_total: None,
        preview: None,
        message: None,
        lsn: None,
    }
}

/// An estimate as people know it.
fn name_of(me: &SignedIn, id: Uuid) -> String {
    let published = me.published();
    let library = &published.library;
    match library.estimate(EstimateId(id)) {
        Some(row) => estimate_name(library, row),
        None => "an estimate that is gone".to_owned(),
    }
}

fn estimate_name(library: &Library, row: &EstimateRow) -> String {
    let number = library.tender(row.tender).map(|tender| tender.number.to_string());
    format!("{} {} r{}", number.unwrap_or_default(), row.code, row.revision).trim().to_owned()
}

/// What all steps come to; `scope` is what has to be sent back with what is listed.
fn finished(me: &SignedIn, id: JobId, scope: Value) -> Result<Finished, Halt> {
    let published = me.published();
    let job = published.job(id).ok_or_else(|| Problem::not_found("job"))?;
    let outcomes = outcomes(job);
    let count = |verdict: Verdict| outcomes.iter().filter(|o| o.verdict == verdict).count();
    let effects = outcomes.iter().filter(|o| o.verdict != Verdict::Refused).map(|o| o.effect);
    let effect =
        effects.flatten().fold(Money::ZERO, |sum, effect| sum.checked_add(effect).unwrap_or(sum));
    let parts = [
        (Verdict::Repriced, "repriced"),
        (Verdict::Listed, "would change"),
        (Verdict::Agrees, "agree to the cent"),
        (Verdict::Differs, "do not add up"),
        (Verdict::Unchanged, "unchanged"),
        (Verdict::Refused, "refused"),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .map(|(verdict, said)| (count(verdict), said))
        .filter(|(n, _)| *n > 0)
        .map(|(n, said)| format!("{n} {said}"))
        .collect();
    let answer = json!({
        "estimates": outcomes.len(),
        "repriced": count(Verdict::Repriced),
        "listed": count(Verdict::Listed),
        "unchanged": count(Verdict::Unchanged),
        "agrees": count(Verdict::Agrees),
        "differs": count(Verdict::Differs),
        "refused": count(Verdict::Refused),
        "effect": effect,
        "scope": scope,
    });
    Ok(Finished { message: parts.join(", "), answer: Some(answer.to_string()), file: None })
}
