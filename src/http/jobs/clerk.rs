//! Carries out what jobs ask for, in the name of whoever asked.

use super::batch;
use super::shapes::{BatchEstimate, JobStarted};
use crate::estimating::edit::FromPriceBook;
use crate::estimating::id::EstimateId;
use crate::estimating::number::Money;
use crate::http::app::{App, Office};
use crate::http::audit;
use crate::http::auth::SignedIn;
use crate::http::documents::{self, DocumentKind, DocumentRequest};
use crate::http::exports::{self, ExportFormat};
use crate::http::extract::{Json, Terms};
use crate::http::filling;
use crate::http::imports;
use crate::http::off_thread::off_thread;
use crate::http::price_books;
use crate::http::problem::Problem;
use crate::http::snapshots;
use crate::http::submitting;
use crate::jobs::{Finished, NewJob, Refused, Run, Stopped, Wanted, Work};
use crate::workspace::jobs::{JobKind, JobRow, KeptJob};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use uuid::Uuid;

/// What a job is to do, as its row keeps it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Choices {
    /// Brings a plan that was seen into an estimate; its edits are the job's input.
    Import(imports::ImportChoices),
    /// Writes an estimate as a file.
    Export {
        /// The estimate.
        estimate_id: Uuid,
        /// The format.
        format: ExportFormat,
    },
    /// Sets a document.
    Document {
        /// The estimate.
        estimate_id: Uuid,
        /// The document.
        document: DocumentKind,
        /// In which form.
        request: DocumentRequest,
    },
    /// Submits an estimate as it was seen.
    Submission {
        /// The estimate.
        estimate_id: Uuid,
        /// The content hash seen (BR-095).
        content_hash: String,
        /// The price seen, excluding GST (BR-095).
        total_ex: Money,
    },
    /// Fills the client's workbook, which is the job's input.
    WriteBack {
        /// The estimate.
        estimate_id: Uuid,
        /// The workbook's name.
        file_name: String,
    },
    /// Writes a version of a price book as a file.
    PriceBook {
        /// The price book.
        price_book_id: Uuid,
        /// The version.
        version: u32,
        /// The format.
        format: ExportFormat,
    },
    /// Reprices estimates, or lists what that would do.
    Reprice {
        /// The estimates.
        estimates: Vec<BatchEstimate>,
        /// Lines of these resources.
        resource_ids: Option<Vec<Uuid>>,
        /// Lines of these recipes.
        recipe_ids: Option<Vec<Uuid>>,
        /// Rates of this price book in the place of each resource's own.
        price_book: Option<FromPriceBook>,
        /// Whether to do it.
        apply: bool,
    },
    /// Works estimates out again.
    Recalculation {
        /// The estimates.
        estimates: Vec<Uuid>,
    },
    /// Walks the audit trail.
    VerifyAudit,
    /// Writes the organisation into one file.
    Snapshot(snapshots::SnapshotRequest),
}

/// Why a job stops before its end.
pub enum Halt {
    /// It was refused, or failed.
    Problem(Problem),
    /// Somebody asked it to stop.
    Cancelled,
}

impl<E: Into<Problem>> From<E> for Halt {
    fn from(error: E) -> Halt {
        Halt::Problem(error.into())
    }
}

/// A job to be asked for.
pub struct New {
    /// What it does.
    pub kind: JobKind,
    /// What it is called.
    pub title: String,
    /// The one estimate it is about, where it is one.
    pub estimate: Option<Uuid>,
    /// What it is to do.
    pub choices: Choices,
    /// What it is given beside that.
    pub input: Option<Vec<u8>>,
    /// Steps that are each one commit.
    pub steps: u32,
}

/// Asks for a job in the name of `me`; the answer is its identity.
///
/// # Errors
/// Any refusal of the workspace.
pub async fn start(app: &App, me: &SignedIn, terms: Terms, new: New) -> Result<Response, Problem> {
    let choices = serde_json::to_string(&new.choices).map_err(|_| Problem::internal())?;
    let Terms { idempotency, origin, leases: _ } = terms;
    let wanted = Wanted { actor: me.actor(), idempotency, origin };
    let New { kind, title, input, steps, .. } = new;
    let estimate = new.estimate.map(EstimateId);
    let new = NewJob { kind, title, estimate, choices, input, steps };
    let work = Clerk::of(app, me.office());
    let id = me.office().queue.start(wanted, new, work).await?;
    Ok((StatusCode::ACCEPTED, Json(JobStarted { job_id: id.0 })).into_response())
}

/// Does the jobs of one organisation.
pub struct Clerk {
    app: App,
    office: Arc<Office>,
}

impl Clerk {
    /// The clerk of an office.
    pub fn of(app: &App, office: &Arc<Office>) -> Arc<dyn Work> {
        Arc::new(Clerk { app: app.clone(), office: office.clone() })
    }

    /// The person a job is for, if they may still sign in.
    fn owner(&self, row: &JobRow) -> Result<SignedIn, Problem> {
        let directory = self.app.control.directory();
        let organisation = self.office.organisation().id;
        let user = directory.user(organisation, row.owner).filter(|user| user.active);
        let user = user.ok_or_else(|| {
            let said = "Whoever asked for this may not sign in any more.".to_owned();
            Problem::permission_denied("permission-denied", said)
        })?;
        Ok(SignedIn::on_behalf(user.clone(), self.office.clone()))
    }

    async fn work(&self, job: KeptJob, run: Arc<Run>) -> Result<Finished, Halt> {
        let me = self.owner(&job.row)?;
        let choices: Choices = serde_json::from_str(&job.row.ask.choices).map_err(|error| {
            tracing::error!(%error, job = %job.row.id, "the choices of a job do not read");
            Problem::internal()
        })?;
        match choices {
            Choices::Import(choices) => imports::carry_out_job(&me, &job, &run, choices).await,
            Choices::Export { estimate_id, format } => {
                exports::carry_out(&me, estimate_id, format, run).await
            }
            Choices::Document { estimate_id, document, request } => {
                documents::carry_out(&me, estimate_id, document, request, run).await
            }
            Choices::Submission { estimate_id, content_hash, total_ex } => {
                submitting::carry_out(&me, &job, run, estimate_id, content_hash, total_ex).await
            }
            Choices::WriteBack { estimate_id, file_name } => {
                filling::carry_out(&self.app, &me, &job, &run, estimate_id, file_name).await
            }
            Choices::PriceBook { price_book_id, version, format } => {
                price_books::lists::carry_out(&me, price_book_id, version, format, run).await
            }
            Choices::Reprice { estimates, resource_ids, recipe_ids, price_book, apply } => {
                let lines = batch::Lines { resource_ids, recipe_ids, price_book };
                batch::carry_out_reprice(&me, &job, &run, estimates, lines, apply).await
            }
            Choices::Recalculation { estimates } => {
                batch::carry_out_recalculation(&me, &job, &run, estimates).await
            }
            Choices::VerifyAudit => audit::carry_out_verification(&me, run).await,
            Choices::Snapshot(request) => {
                snapshots::carry_out(&self.app, &me, &job, run, request).await
            }
        }
    }
}

impl Work for Clerk {
    fn carry_out(
        self: Arc<Self>,
        job: KeptJob,
        run: Arc<Run>,
    ) -> Pin<Box<dyn Future<Output = Result<Finished, Stopped>> + Send>> {
        Box::pin(async move {
            let watched = run.clone();
            self.work(job, run).await.map_err(|halt| stopped(halt, &watched))
        })
    }
}

/// What the queue is told of a halt.
fn stopped(halt: Halt, run: &Run) -> Stopped {
    let problem = match halt {
        Halt::Cancelled => return Stopped::Cancelled,
        // Work that was asked to stop says so in words of its own.
        Halt::Problem(_) if run.is_stopped() => return Stopped::Cancelled,
        Halt::Problem(problem) => problem,
    };
    if problem.document().code == JOB_OVER {
        return Stopped::Cancelled;
    }
    let is_passing = problem.status() == StatusCode::SERVICE_UNAVAILABLE;
    let message = words(&problem);
    let why =
        Refused { message: message.trim_end_matches('.').to_owned(), problem: text(&problem) };
    if is_passing { Stopped::Passing(why) } else { Stopped::Refused(why) }
}

/// Whether a problem of one estimate of a batch ends the whole batch: a fault that may pass, or
/// somebody's wish.
pub fn halted(problem: &Problem) -> bool {
    let code = problem.document().code;
    problem.status() == StatusCode::SERVICE_UNAVAILABLE || code == JOB_OVER
}

/// Code of what is asked of a job that is over.
const JOB_OVER: &str = "job-is-over";

/// What a job was given beside its choices.
///
/// # Errors
/// 410 where it is gone, 503 where the disk does not give it.
pub async fn input(me: &SignedIn, job: &KeptJob) -> Result<Vec<u8>, Problem> {
    let (queue, row) = (me.office().queue.clone(), job.row.clone());
    let read = off_thread("reading the input of a job", move || queue.input(&row)).await?;
    let read = read.map_err(|error| {
        tracing::error!(%error, job = %job.row.id, "the input of a job cannot be read");
        let said = "What the job was given could not be read from the disk.";
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "storage-failed", said)
    })?;
    read.ok_or_else(|| {
        let said = "What the job was given is no longer there. Upload the file again.";
        Problem::new(StatusCode::GONE, "job-input-gone", said)
    })
}

/// A problem in one sentence.
pub(super) fn words(problem: &Problem) -> String {
    let document = problem.document();
    match (document.violations.first(), &document.detail) {
        (Some(violation), _) => violation.message.clone(),
        (None, Some(detail)) => detail.clone(),
        (None, None) => document.title.to_owned(),
    }
}

/// A problem as it is kept, without rows that may be large.
fn text(problem: &Problem) -> String {
    let mut document = problem.document().clone();
    document.current = None;
    document.violations.truncate(VIOLATIONS_KEPT_MAX);
    serde_json::to_string(&document).unwrap_or_default()
}

/// Broken rules that a failed job keeps.
const VIOLATIONS_KEPT_MAX: usize = 50;
