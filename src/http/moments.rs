//! The moments of an estimate, and what the past gives the present.

use super::as_of::When;
use super::auth::SignedIn;
use super::edits::EditResult;
use super::estimates::EstimateSummary;
use super::extract::{Asked, Json, Path, Query, Terms};
use super::history::Person;
use super::library;
use super::off_thread::off_thread;
use super::page::{Paging, page_before, page_size};
use super::problem::Problem;
use super::schema;
use super::time::Time;
use crate::estimating::id::EstimateId;
use crate::estimating::limits::EDITS_MAX;
use crate::estimating::number::Money;
use crate::workspace::{self, Command, PastRow};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A commit that touched an estimate.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Moment {
    /// The commit; `asOf` takes it.
    #[schema(value_type = schema::Lsn)]
    pub lsn: u64,
    /// When.
    #[schema(value_type = schema::Time)]
    pub at: Time,
    /// Who.
    pub actor: Person,
    /// The command, such as `update-item`.
    pub command: String,
    /// What was done, in words.
    pub label: String,
    /// Rows of the estimate it changed.
    pub rows: u64,
    /// The first heading or item it changed and did not delete.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row_id: Option<Uuid>,
    /// Direct cost after it; absent where the commit stored no totals.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Money>)]
    pub direct: Option<Money>,
    /// Indirect cost after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Money>)]
    pub indirect: Option<Money>,
    /// Whether it can be taken back, unless its rows have changed since.
    pub reversible: bool,
}

/// Moments of an estimate.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Moments {
    /// Moments, newest first.
    pub items: Vec<Moment>,
    /// Where the next page starts; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// Moments of all pages together.
    pub total: u64,
}

/// What to restore.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RestoreInput {
    /// The commit or time, as `asOf` of reads.
    pub as_of: String,
    /// Why; it stands in the history.
    pub reason: String,
}

/// What to copy back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CopyBackInput {
    /// The commit or time, as `asOf` of reads.
    pub as_of: String,
    /// Headings and items, at most 10,000.
    pub row_ids: Vec<Uuid>,
    /// Only the worksheets of the items.
    #[serde(default)]
    pub worksheets_only: bool,
}

/// The commits that touched an estimate.
#[utoipa::path(
    get,
    path = "/estimates/{id}/moments",
    operation_id = "listMoments",
    tag = "History",
    params(("id" = Uuid, Path, description = "Estimate"), Paging),
    responses((status = 200, description = "Moments, newest first", body = Moments)),
)]
pub async fn list(
    me: SignedIn,
    Path(id): Path<Uuid>,
    Query(paging): Query<Paging>,
) -> Result<Json<Moments>, Problem> {
    let before = page_before(paging.cursor.as_deref())?;
    let (workspace, limit) = (me.workspace().clone(), page_size(paging.limit));
    let read = move || workspace.moments(EstimateId(id), before, limit);
    let page = off_thread("reading moments", read).await??;
    Ok(Json(Moments {
        items: page.items.into_iter().map(Moment::from).collect(),
        next_cursor: page.next.map(|lsn| lsn.0.to_string()),
        total: page.total as u64,
    }))
}

/// Makes a new revision with the rows the estimate had at an earlier commit (BR-122).
#[utoipa::path(
    post,
    path = "/estimates/{id}/restore",
    operation_id = "restoreEstimate",
    tag = "History",
    params(("id" = Uuid, Path, description = "Estimate")),
    request_body = RestoreInput,
    responses((status = 201, description = "The revision", body = EstimateSummary)),
)]
pub async fn restore(
    me: SignedIn,
    Path(id): Path<Uuid>,
    asked: Asked<RestoreInput>,
) -> Result<Response, Problem> {
    let past = me.past(id, &asked.body.as_of).await?;
    let reason = asked.body.reason;
    let reply = me.submit(Command::Restore { past, reason }, asked.terms).await?;
    let made = EstimateId(library::made(&reply)?);
    let published = me.published();
    let row = published.library.estimate(made).ok_or_else(Problem::internal)?;
    Ok((StatusCode::CREATED, Json(EstimateSummary::of(&me, &published.library, row)))
        .into_response())
}

/// Gives rows the content they had at an earlier commit, as one edit of the estimate as it is now.
#[utoipa::path(
    post,
    path = "/estimates/{id}/copy-back",
    operation_id = "copyBackRows",
    tag = "History",
    params(("id" = Uuid, Path, description = "Estimate")),
    request_body = CopyBackInput,
    responses((status = 200, description = "What changed", body = EditResult)),
)]
pub async fn copy_back(
    me: SignedIn,
    Path(id): Path<Uuid>,
    asked: Asked<CopyBackInput>,
) -> Result<Response, Problem> {
    let CopyBackInput { as_of, row_ids, worksheets_only } = asked.body;
    if row_ids.is_empty() || row_ids.len() > EDITS_MAX {
        let detail = format!("Name 1 to {EDITS_MAX} rows to copy back.");
        return Err(Problem::invalid("rowIds", detail));
    }
    let past = me.past(id, &as_of).await?;
    let rows = row_ids.iter().map(|row| {
        PastRow::of(&past, *row, worksheets_only).ok_or_else(|| {
            Problem::invalid("rowIds", "A row named was not in the estimate then.").about(*row)
        })
    });
    let rows = rows.collect::<Result<Vec<_>, _>>()?;
    let command = Command::CopyBack { id: EstimateId(id), at: past.lsn, rows };
    changed(&me, command, asked.terms).await
}

/// Takes back a commit of the estimate, unless its rows have changed since.
#[utoipa::path(
    post,
    path = "/estimates/{id}/moments/{lsn}/take-back",
    operation_id = "takeBackMoment",
    tag = "History",
    params(
        ("id" = Uuid, Path, description = "Estimate"),
        ("lsn" = String, Path, description = "The commit"),
    ),
    responses((status = 200, description = "What changed", body = EditResult)),
)]
pub async fn take_back(
    me: SignedIn,
    Path((id, lsn)): Path<(Uuid, String)>,
    terms: Terms,
) -> Result<Response, Problem> {
    let Ok(When::Commit(of)) = lsn.parse() else {
        return Err(Problem::not_found("commit of this estimate"));
    };
    changed(&me, Command::TakeBack { id: EstimateId(id), of }, terms).await
}

async fn changed(me: &SignedIn, command: Command, terms: Terms) -> Result<Response, Problem> {
    let reply = me.submit(command, terms).await?;
    let published = me.published();
    Ok(Json(EditResult::of(&reply, &published.library.catalogue)?).into_response())
}

impl From<workspace::Moment> for Moment {
    fn from(moment: workspace::Moment) -> Moment {
        Moment {
            lsn: moment.lsn.0,
            at: Time(moment.at_us),
            actor: Person { id: moment.actor.0, name: moment.actor_name.to_string() },
            command: moment.command,
            label: moment.label,
            rows: moment.rows as u64,
            row_id: moment.row,
            direct: moment.totals.map(|totals| totals.direct),
            indirect: moment.totals.map(|totals| totals.indirect),
            reversible: moment.reversible,
        }
    }
}
