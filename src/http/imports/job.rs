//! A large import as a job: its edits are kept as they were planned and seen, and are carried out
//! in one commit that notes the job's only step as taken.

use super::planned::Planned;
use super::remember;
use crate::estimating::edit::Edit;
use crate::estimating::id::EstimateId;
use crate::http::app::App;
use crate::http::auth::SignedIn;
use crate::http::extract::Terms;
use crate::http::jobs::{self, Choices, Halt, New};
use crate::http::off_thread::off_thread;
use crate::http::problem::Problem;
use crate::jobs::{Finished, Run, Unit};
use crate::workspace::Command;
use crate::workspace::jobs::{JobKind, KeptJob, StepTaken};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;
use uuid::Uuid;

/// What an import is to do, beside its edits.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportChoices {
    /// The estimate.
    estimate_id: Uuid,
    /// What to call it.
    label: String,
    /// Rows of the plan.
    rows: u64,
    /// What the layout is remembered under.
    layout_key: String,
    /// The layout.
    layout: String,
}

/// Asks for an import as planned.
pub(super) async fn start(
    app: &App,
    me: &SignedIn,
    planned: Arc<Planned>,
    label: String,
    terms: Terms,
) -> Result<Response, Problem> {
    let estimate_id = planned.request.estimate_id;
    let layout = serde_json::to_string(&planned.request.layout).map_err(|_| Problem::internal())?;
    let choices = ImportChoices {
        estimate_id,
        label: label.clone(),
        rows: planned.plan.rows.len() as u64,
        layout_key: planned.layout_key.clone(),
        layout,
    };
    let edits =
        off_thread("keeping an import", move || serde_json::to_vec(&planned.edits())).await?;
    let input = Some(edits.map_err(|_| Problem::internal())?);
    let new = New {
        kind: JobKind::Import,
        title: label,
        estimate: Some(estimate_id),
        choices: Choices::Import(choices),
        input,
        steps: 1,
    };
    jobs::start(app, me, terms, new).await
}

/// Carries an import out, unless its one step was taken before.
pub async fn carry_out(
    me: &SignedIn,
    job: &KeptJob,
    run: &Run,
    choices: ImportChoices,
) -> Result<Finished, Halt> {
    let ImportChoices { estimate_id, label, rows, layout_key, layout } = choices;
    if job.steps.is_empty() {
        run.tell(Unit::Stage, 0, STAGES, "Reading what is to be imported");
        let edits = edits(me, job).await?;
        if run.is_stopped() {
            return Err(Halt::Cancelled);
        }
        run.tell(Unit::Stage, 1, STAGES, &format!("Writing {rows} rows in one commit"));
        let outcome = json!({ "rows": rows }).to_string().into();
        let step = StepTaken { job: job.row.id, n: 0, outcome };
        let command = Command::Import { id: EstimateId(estimate_id), edits, label: Some(label) };
        me.submit_step(command, step).await?;
    }
    remember(me, layout_key, layout).await;
    let published = me.published();
    let step = published.job(job.row.id).and_then(|job| job.steps.front().cloned());
    let step = step.ok_or_else(|| Problem::not_found("job"))?;
    let answer = json!({ "lsn": step.lsn.0, "rows": rows, "total": step.cost });
    let message = format!("Imported {rows} rows");
    Ok(Finished { message, answer: Some(answer.to_string()), file: None })
}

/// Stages that an import tells of: its commit is one piece.
const STAGES: u64 = 2;

/// The edits that were planned.
async fn edits(me: &SignedIn, job: &KeptJob) -> Result<Vec<Edit>, Halt> {
    let bytes = jobs::input(me, job).await?;
    let read = off_thread("reading an import", move || serde_json::from_slice(&bytes)).await?;
    Ok(read.map_err(|error| {
        tracing::error!(%error, job = %job.row.id, "the input of a job does not read");
        Problem::internal()
    })?)
}
