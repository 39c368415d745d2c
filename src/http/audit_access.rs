//! The audit trail of people and access, of the organisation of the Admin who asks.

use super::app::App;
use super::audit::{AuditEntry, AuditPage, AuditQuery, AuditSeal, filters, written};
use super::auth::{self, SignedIn};
use super::documents::download;
use super::extract::{Json, Query};
use super::off_thread::off_thread;
use super::page::page_size;
use super::problem::Problem;
use crate::workspace::control::ControlError;
use crate::workspace::{MarkAsk, MarkKind, TRAIL_PAGE_MAX};
use axum::extract::State;
use axum::response::Response;
use uuid::Uuid;

/// Who was added, changed, let in, signed out and given a token, newest first. Only an Admin reads
/// it, and of their own organisation alone.
#[utoipa::path(
    get,
    path = "/audit/access",
    operation_id = "listAccessAudit",
    tag = "Audit",
    params(AuditQuery),
    responses((status = 200, description = "Entries, newest first", body = AuditPage)),
)]
pub async fn list(
    State(app): State<App>,
    me: SignedIn,
    Query(query): Query<AuditQuery>,
) -> Result<Json<AuditPage>, Problem> {
    let (asked, limit) = (query.asked()?, page_size(query.limit).min(TRAIL_PAGE_MAX));
    let by = me.asker();
    let read = move || app.control.trail(&asked, limit, by).map_err(auth::control_refused);
    let page = off_thread("reading the audit trail of people", read).await??;
    Ok(Json(AuditPage {
        items: page.items.into_iter().map(AuditEntry::from).collect(),
        next_cursor: page.next.map(|lsn| lsn.0.to_string()),
    }))
}

/// Walks the chain of the commits of people and access from its beginning: that of all
/// organisations of the server, whose seals follow from each other.
#[utoipa::path(
    post,
    path = "/audit/access/verify",
    operation_id = "verifyAccessAudit",
    tag = "Audit",
    responses((status = 200, description = "Whether it holds", body = AuditSeal)),
)]
pub async fn verify(State(app): State<App>, me: SignedIn) -> Result<Json<AuditSeal>, Problem> {
    let by = me.asker();
    let walk = move || app.control.verify_trail(by);
    match off_thread("verifying the audit trail of people", walk).await? {
        Ok(verified) => Ok(Json(AuditSeal::of(Some(verified), None))),
        Err(ControlError::TrailBroken(why)) => Ok(Json(AuditSeal::of(None, Some(why)))),
        Err(error) => Err(auth::control_refused(error)),
    }
}

/// The audit trail of people and access as CSV, a line for each field that changed. That it was
/// exported is in the organisation's audit trail before the file is given (BR-121).
#[utoipa::path(
    get,
    path = "/audit/access/export",
    operation_id = "exportAccessAudit",
    tag = "Audit",
    params(AuditQuery),
    responses((status = 200, description = "The file", content_type = "text/csv", body = String)),
)]
pub async fn export(
    State(app): State<App>,
    me: SignedIn,
    Query(query): Query<AuditQuery>,
) -> Result<Response, Problem> {
    let (asked, by) = (query.asked()?, me.asker());
    let write = move || {
        written(asked, |asked| {
            app.control.trail(asked, TRAIL_PAGE_MAX, by).map_err(auth::control_refused)
        })
    };
    let (bytes, entries) = off_thread("exporting the audit trail of people", write).await??;
    let commits = if entries == 1 { "commit" } else { "commits" };
    let words = format!("Export the audit trail of people: {entries} {commits}{}", filters(&query));
    let kind = MarkKind::AuditExport;
    let ask = MarkAsk::Read { kind, object: Uuid::nil(), estimate: None, words };
    me.workspace().note_read(me.actor(), ask).await?;
    Ok(download(bytes, "text/csv; charset=utf-8", "audit-people.csv"))
}
