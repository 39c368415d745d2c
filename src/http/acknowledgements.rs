//! What Leads have accepted of an estimate that rules of kind A refuse.

use super::as_of::PagingAsOf;
use super::auth::SignedIn;
use super::extract::{Json, Path, Query};
use super::history::Person;
use super::page::Page;
use super::problem::Problem;
use super::schema;
use super::time::Time;
use crate::estimating::acknowledgement::{Acknowledgement as Row, Matter};
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;
use uuid::Uuid;

/// An acceptance of what a rule refuses on a row. Edits `acknowledge` and
/// `withdraw-acknowledgement` make and end it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Acknowledgement {
    /// Identity.
    pub id: Uuid,
    /// The rule.
    pub rule: String,
    /// The row that breaks it.
    pub object_id: Uuid,
    /// What was accepted; it holds no longer than the row's value is this one.
    pub value: Box<str>,
    /// Why.
    pub reason: Box<str>,
    /// Who accepted.
    pub by: Person,
    /// When.
    #[schema(value_type = schema::Time)]
    pub at: Time,
}

impl Acknowledgement {
    /// A row as the API shows it.
    pub fn of(me: &SignedIn, row: &Row) -> Acknowledgement {
        Acknowledgement {
            id: row.id.0,
            rule: row.matter.to_string(),
            object_id: row.object,
            value: row.value.clone(),
            reason: row.reason.clone(),
            by: me.person(row.by),
            at: Time(row.at_us),
        }
    }
}

/// What has been accepted, by rule; void acceptances too.
#[utoipa::path(
    get,
    path = "/estimates/{id}/acknowledgements",
    operation_id = "listAcknowledgements",
    tag = "Submission",
    params(("id" = Uuid, Path, description = "Estimate"), PagingAsOf),
    responses((status = 200, description = "Acknowledgements", body = Page<Acknowledgement>)),
)]
pub async fn list(
    me: SignedIn,
    Path(id): Path<Uuid>,
    Query(paging): Query<PagingAsOf>,
) -> Result<Json<Page<Acknowledgement>>, Problem> {
    let opened = me.open_at(id, paging.as_of.as_deref()).await?;
    let of_rules = |row: &&Arc<Row>| matches!(row.matter, Matter::Rule(_));
    let rows: Vec<Arc<Row>> =
        opened.estimate.acknowledgements().iter().filter(of_rules).cloned().collect();
    Page::slice(&rows, paging.cursor.as_deref(), paging.limit, |row| Acknowledgement::of(&me, row))
        .map(Json)
}
