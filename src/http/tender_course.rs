//! A tender on its way: the go decision, notices to tenderers, revisions of its estimates.

use super::auth::SignedIn;
use super::estimates::EstimateSummary;
use super::extract::{Asked, Json, Path, Terms};
use super::history::Person;
use super::library;
use super::problem::Problem;
use super::schema;
use super::tenders::{Tender, find};
use super::time::Time;
use crate::estimating::id::EstimateId;
use crate::estimating::library::LibraryEdit;
use crate::estimating::number::Money;
use crate::estimating::tender_record::{
    Notice as NoticeRow, NoticeState, OutcomeReason, TenderRecord, WinningPrice,
};
use crate::workspace::Command;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Whether to bid.
#[derive(Debug, Serialize, ToSchema)]
pub struct GoDecision {
    /// Go, or no-go.
    pub go: bool,
    /// Who decided.
    pub by: Person,
    /// When.
    #[schema(value_type = schema::Time)]
    pub at: Time,
    /// Why.
    pub reason: Box<str>,
}

/// A notice to tenderers.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Notice {
    /// The client's number.
    pub number: Box<str>,
    /// Its date, `2026-11-22`.
    pub date: Box<str>,
    /// What it says, in short.
    pub title: Box<str>,
    /// How far it is dealt with.
    pub state: NoticeState,
    /// Whether it last moved the closing time.
    pub moved_closing: bool,
}

/// How a tender that was not won ended.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// Why.
    pub reason: OutcomeReason,
    /// In words.
    pub note: Box<str>,
    /// The winning price, excluding GST; absent where it is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Money>)]
    pub winning_price: Option<Money>,
    /// Who recorded it.
    pub by: Person,
    /// When.
    #[schema(value_type = schema::Time)]
    pub at: Time,
}

/// What is recorded of a tender on its way.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Course {
    /// Whether to bid; absent before somebody decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<GoDecision>,
    /// Notices to tenderers, as they came.
    pub notices: Vec<Notice>,
    /// The accepted revision of a won tender.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted_estimate_id: Option<Uuid>,
    /// The price it was accepted at, excluding GST.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Money>)]
    pub accepted_price: Option<Money>,
    /// How a tender that was not won ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
}

/// Go or no-go.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DecisionInput {
    /// The version the client read.
    #[serde(default)]
    pub version: Option<u64>,
    /// Go, or no-go.
    pub go: bool,
    /// Why.
    #[serde(default)]
    pub reason: String,
}

/// A notice to tenderers, new or known by its number.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NoticeInput {
    /// Its date; needed on a new one.
    #[serde(default)]
    pub date: Option<String>,
    /// What it says, in short.
    #[serde(default)]
    pub title: Option<String>,
    /// How far it is dealt with.
    #[serde(default)]
    pub state: Option<NoticeState>,
}

impl Course {
    /// What the API shows of a record.
    pub fn of(me: &SignedIn, record: &TenderRecord) -> Course {
        let moved = |notice: &NoticeRow| record.closing_moved_by.as_ref() == Some(&notice.number);
        Course {
            decision: record.decision.as_ref().map(|row| GoDecision {
                go: row.go,
                by: me.person(row.by),
                at: Time(row.at_us),
                reason: row.reason.clone(),
            }),
            notices: record
                .notices
                .iter()
                .map(|row| Notice {
                    number: row.number.clone(),
                    date: row.date.clone(),
                    title: row.title.clone(),
                    state: row.state,
                    moved_closing: moved(row),
                })
                .collect(),
            accepted_estimate_id: record.accepted.map(|id| id.0),
            accepted_price: record.accepted_price,
            outcome: record.outcome.as_ref().map(|row| Outcome {
                reason: row.reason,
                note: row.note.clone(),
                winning_price: match row.winning_price {
                    WinningPrice::Known(price) => Some(price),
                    WinningPrice::Unknown => None,
                },
                by: me.person(row.by),
                at: Time(row.at_us),
            }),
        }
    }
}

/// Records go or no-go for an enquiry (BR-003).
#[utoipa::path(
    put,
    path = "/tenders/{id}/decision",
    operation_id = "decideTender",
    tag = "Tenders",
    params(("id" = Uuid, Path, description = "Tender")),
    request_body = DecisionInput,
    responses((status = 200, description = "The tender", body = Tender)),
)]
pub async fn decide(
    me: SignedIn,
    Path(id): Path<Uuid>,
    asked: Asked<DecisionInput>,
) -> Result<Json<Tender>, Problem> {
    let DecisionInput { version, go, reason } = asked.body;
    library::edit(&me, LibraryEdit::DecideTender { id, version, go, reason }, asked.terms).await?;
    find(&me, id).map(Json)
}

/// Adds a notice to tenderers, or changes the one with this number.
#[utoipa::path(
    put,
    path = "/tenders/{id}/notices/{number}",
    operation_id = "putNotice",
    tag = "Tenders",
    params(
        ("id" = Uuid, Path, description = "Tender"),
        ("number" = String, Path, description = "The client's number"),
    ),
    request_body = NoticeInput,
    responses((status = 200, description = "The tender", body = Tender)),
)]
pub async fn put_notice(
    me: SignedIn,
    Path((id, number)): Path<(Uuid, String)>,
    asked: Asked<NoticeInput>,
) -> Result<Json<Tender>, Problem> {
    let NoticeInput { date, title, state } = asked.body;
    let edit = LibraryEdit::PutNotice { tender_id: id, number, date, title, state };
    library::edit(&me, edit, asked.terms).await?;
    find(&me, id).map(Json)
}

/// Takes out a notice that was entered by mistake.
#[utoipa::path(
    delete,
    path = "/tenders/{id}/notices/{number}",
    operation_id = "removeNotice",
    tag = "Tenders",
    params(
        ("id" = Uuid, Path, description = "Tender"),
        ("number" = String, Path, description = "The client's number"),
    ),
    responses((status = 200, description = "The tender", body = Tender)),
)]
pub async fn remove_notice(
    me: SignedIn,
    Path((id, number)): Path<(Uuid, String)>,
    terms: Terms,
) -> Result<Json<Tender>, Problem> {
    library::edit(&me, LibraryEdit::RemoveNotice { tender_id: id, number }, terms).await?;
    find(&me, id).map(Json)
}

/// Makes the next revision of an estimate (BR-010, BR-011).
#[utoipa::path(
    post,
    path = "/estimates/{id}/revise",
    operation_id = "reviseEstimate",
    tag = "Estimates",
    params(("id" = Uuid, Path, description = "Estimate")),
    responses((status = 201, description = "The revision", body = EstimateSummary)),
)]
pub async fn revise(me: SignedIn, Path(id): Path<Uuid>, terms: Terms) -> Result<Response, Problem> {
    let reply = me.submit(Command::Revise { id: EstimateId(id) }, terms).await?;
    let made = EstimateId(library::made(&reply)?);
    let published = me.published();
    let row = published.library.estimate(made).ok_or_else(Problem::internal)?;
    Ok((StatusCode::CREATED, Json(EstimateSummary::of(&me, &published.library, row)))
        .into_response())
}
