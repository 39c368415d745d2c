//! What a refusal of the workspace becomes for the client.

use super::auth::SignedIn;
use super::problem::{Facts, Problem, Violation};
use super::row::Row;
use super::{recipes, resources, tenders, worksheets};
use crate::estimating::id::{EstimateId, ItemId, RecipeId, ResourceId, TenderId};
use crate::estimating::refusal::Refusal;
use crate::estimating::rules;
use crate::workspace::WorkspaceError;
use axum::http::StatusCode;
use serde_json::Value;
use uuid::Uuid;

/// Seconds after which somebody whose jobs are too many may ask again.
const JOBS_WAIT_SECONDS: u64 = 5;

impl From<WorkspaceError> for Problem {
    fn from(error: WorkspaceError) -> Problem {
        let said = error.to_string();
        match error {
            WorkspaceError::Refused(refusal) => refusal.into(),
            WorkspaceError::Invariant(violations) => broken(violations).as_fault(),
            WorkspaceError::PermissionDenied { code, .. } => Problem::permission_denied(code, said),
            WorkspaceError::UndoConflict(conflict) => {
                Problem::new(StatusCode::CONFLICT, "undo-conflict", said).about(conflict.id)
            }
            WorkspaceError::NothingToUndo(_) => {
                Problem::new(StatusCode::CONFLICT, "nothing-to-undo", said)
            }
            WorkspaceError::IdempotencyMismatch => {
                Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency-mismatch", said)
            }
            WorkspaceError::Invalid(_) => Problem::bad_request(said),
            WorkspaceError::NotFound { what, .. } => Problem::not_found(what),
            WorkspaceError::Moment(none) => super::as_of::no_such_moment(none),
            WorkspaceError::JobOver => {
                Problem::new(StatusCode::CONFLICT, "job-is-over", "The job is over already.")
            }
            WorkspaceError::JobState(_) => {
                Problem::new(StatusCode::CONFLICT, "job-state-invalid", said)
            }
            WorkspaceError::TooManyJobs(_) => {
                Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-jobs", said)
                    .again_after(JOBS_WAIT_SECONDS)
            }
            WorkspaceError::ReadOnly(_) => {
                Problem::new(StatusCode::SERVICE_UNAVAILABLE, "read-only", said)
            }
            WorkspaceError::AuditBroken(_) => {
                Problem::new(StatusCode::SERVICE_UNAVAILABLE, "audit-chain-broken", said)
            }
            WorkspaceError::Overloaded => Problem::overloaded(),
            WorkspaceError::Closing => Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "overloaded",
                "The server is stopping.",
            ),
            WorkspaceError::Failed(_) | WorkspaceError::Storage(_) => {
                tracing::error!(error = %said, "a change could not be saved or read");
                Problem::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "storage-failed",
                    "The disk failed while the change was being saved. Try again.",
                )
            }
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Problem {
        let said = refusal.to_string();
        match refusal {
            Refusal::Violations(violations) => broken(violations),
            Refusal::NotFound { what, .. } => Problem::not_found(what),
            Refusal::StaleVersion { id, .. } => stale(&said).about(id),
            Refusal::TooMany { .. } => Problem::too_large("too-many-edits", said),
            Refusal::Invalid { field: Some(field), message } => Problem::invalid(field, message),
            Refusal::Invalid { field: None, message } => Problem::bad_request(message),
        }
    }
}

fn stale(said: &str) -> Problem {
    Problem::new(StatusCode::CONFLICT, "stale-version", said)
}

/// Every broken rule, under the code of the first.
fn broken(violations: rules::Violations) -> Problem {
    let violations: Vec<Violation> = violations.0.into_iter().map(Violation::from).collect();
    let (code, said) = match violations.first() {
        Some(first) => (first.code, first.message.clone()),
        None => ("rule-broken", "A rule is broken.".to_owned()),
    };
    Problem::new(status_of(code), code, said).with_violations(violations)
}

/// What somebody else is at work on is locked (BR-097, BR-101, BR-102), what one held oneself has
/// changed hands (BR-098); everything else cannot be processed as it is.
fn status_of(code: &str) -> StatusCode {
    match code {
        "item-locked-by-other" | "bulk-lock-failed" | "subtree-in-use" => StatusCode::LOCKED,
        "lock-lease-expired" => StatusCode::CONFLICT,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

impl From<rules::Violation> for Violation {
    fn from(v: rules::Violation) -> Violation {
        let short = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Violation {
            rule: v.rule.to_string(),
            code: v.code,
            message: v.message,
            objects: v.objects,
            field: v.field.map(str::to_owned),
            position: v.position.map(short),
            edit: v.edit.map(short),
            facts: (!v.facts.is_empty()).then_some(Facts(v.facts)),
        }
    }
}

/// The problem, with the row as it is now where the client's was stale (BR-099).
pub async fn with_current_row(
    me: &SignedIn,
    estimate: Option<EstimateId>,
    error: WorkspaceError,
) -> Problem {
    let row = match &error {
        WorkspaceError::Refused(Refusal::StaleVersion { what, id, .. }) => Some((*what, *id)),
        _ => None,
    };
    let problem = Problem::from(error);
    let Some((what, id)) = row else { return problem };
    match current_row(me, estimate, what, id).await {
        Some(row) => problem.with_current(row),
        None => problem,
    }
}

async fn current_row(
    me: &SignedIn,
    estimate: Option<EstimateId>,
    what: &str,
    id: Uuid,
) -> Option<Value> {
    if let Some(estimate) = estimate {
        let opened = me.open(estimate.0).await.ok()?;
        if what == "worksheet" {
            let sheet = opened.estimate.worksheet(ItemId(id), opened.catalogue())?;
            return serde_json::to_value(worksheets::Worksheet::of(&opened, &sheet)).ok();
        }
        let node = opened.estimate.node(id)?;
        return serde_json::to_value(Row::of(&node, &opened.estimate, opened.catalogue())).ok();
    }
    let published = me.published();
    let library = &published.library;
    let catalogue = &library.catalogue;
    match what {
        "tender" => {
            let tender = library.tender(TenderId(id))?;
            serde_json::to_value(tenders::Tender::of(me, library, tender)).ok()
        }
        "resource" => {
            let resource = catalogue.resource(ResourceId(id))?;
            serde_json::to_value(resources::Resource::of(resource, catalogue)).ok()
        }
        "recipe" => serde_json::to_value(recipes::Recipe::of(catalogue, RecipeId(id))?).ok(),
        _ => None,
    }
}
