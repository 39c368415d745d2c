//! Estimates of a tender, and one estimate with its totals.

use super::auth::{Opened, SignedIn};
use super::extract::{Asked, Json, Path};
use super::library;
use super::problem::Problem;
use super::schema;
use super::totals::Totals;
use super::worksheets::Variable;
use crate::estimating::edit::{Edit, VariableInput};
use crate::estimating::id::{EstimateId, TenderId};
use crate::estimating::library::{Library, LibraryEdit};
use crate::estimating::number::{Money, Pct};
use crate::estimating::tender::{EstimateRow, EstimateState};
use crate::workspace::Command;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// One revision of an estimate, in short.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EstimateSummary {
    /// Identity.
    pub id: Uuid,
    /// The tender priced.
    pub tender_id: Uuid,
    /// Unique in its tender.
    pub code: Box<str>,
    /// Name.
    pub name: Box<str>,
    /// Revision, from 1.
    pub revision: u32,
    /// State.
    pub state: EstimateState,
    /// The price it was submitted at, excluding GST; absent before.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Money>)]
    pub submitted_total_ex: Option<Money>,
}

/// The estimates of a tender.
#[derive(Debug, Serialize, ToSchema)]
pub struct Estimates {
    /// Estimates by code, newest revision first.
    pub items: Vec<EstimateSummary>,
}

/// One revision of an estimate with its totals.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Estimate {
    /// Identity.
    pub id: Uuid,
    /// The tender priced.
    pub tender_id: Uuid,
    /// Unique in its tender.
    pub code: Box<str>,
    /// Name.
    pub name: Box<str>,
    /// Revision, from 1.
    pub revision: u32,
    /// State.
    pub state: EstimateState,
    /// GST in percent.
    #[schema(value_type = schema::Pct)]
    pub gst_pct: Pct,
    /// Variables every formula of the estimate sees.
    pub variables: Vec<Variable>,
    /// Totals.
    pub totals: Totals,
    /// The commit this was read at.
    #[schema(value_type = schema::Lsn)]
    pub lsn: u64,
    /// Counts changes of the estimate's own row, from 1.
    pub version: u64,
}

/// A new estimate.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EstimateInput {
    /// Unique in its tender (BR-010).
    pub code: String,
    /// Name.
    pub name: String,
}

/// New values for some fields of an estimate; absent ones stay as they are.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EstimatePatch {
    /// The version the client read.
    #[serde(default)]
    pub version: Option<u64>,
    /// Name.
    #[serde(default)]
    pub name: Option<String>,
    /// Variables; replaces all of them.
    #[serde(default)]
    pub variables: Option<Vec<VariableInput>>,
    /// GST in percent.
    #[serde(default)]
    #[schema(value_type = Option<schema::Pct>)]
    pub gst_pct: Option<String>,
}

/// The estimates of a tender.
#[utoipa::path(
    get,
    path = "/tenders/{id}/estimates",
    operation_id = "listEstimates",
    tag = "Estimates",
    params(("id" = Uuid, Path, description = "Tender")),
    responses((status = 200, description = "Estimates", body = Estimates)),
)]
pub async fn list(me: SignedIn, Path(id): Path<Uuid>) -> Result<Json<Estimates>, Problem> {
    let published = me.published();
    let library = &published.library;
    let tender = library.tender(TenderId(id)).ok_or_else(|| Problem::not_found("tender"))?;
    Ok(Json(Estimates { items: EstimateSummary::all_of(library, tender.id) }))
}

/// Adds an estimate to a tender.
#[utoipa::path(
    post,
    path = "/tenders/{id}/estimates",
    operation_id = "createEstimates",
    tag = "Estimates",
    params(("id" = Uuid, Path, description = "Tender")),
    request_body = EstimateInput,
    responses((status = 201, description = "The estimate", body = Estimate)),
)]
pub async fn create(
    me: SignedIn,
    Path(id): Path<Uuid>,
    asked: Asked<EstimateInput>,
) -> Result<Response, Problem> {
    let EstimateInput { code, name } = asked.body;
    let edit =
        LibraryEdit::AddEstimate { id: None, tender_id: id, code, name: Some(name), lead_id: None };
    let reply = library::edit(&me, edit, asked.terms).await?;
    let opened = me.open(library::made(&reply)?).await?;
    Ok((StatusCode::CREATED, Json(Estimate::of(&opened))).into_response())
}

/// An estimate with its totals.
#[utoipa::path(
    get,
    path = "/estimates/{id}",
    operation_id = "showEstimates",
    tag = "Estimates",
    params(("id" = Uuid, Path, description = "Estimate")),
    responses((status = 200, description = "The estimate", body = Estimate)),
)]
pub async fn show(me: SignedIn, Path(id): Path<Uuid>) -> Result<Json<Estimate>, Problem> {
    Ok(Json(Estimate::of(&me.open(id).await?)))
}

/// Changes the estimate itself.
#[utoipa::path(
    patch,
    path = "/estimates/{id}",
    operation_id = "updateEstimates",
    tag = "Estimates",
    params(("id" = Uuid, Path, description = "Estimate")),
    request_body = EstimatePatch,
    responses((status = 200, description = "The estimate", body = Estimate)),
)]
pub async fn update(
    me: SignedIn,
    Path(id): Path<Uuid>,
    asked: Asked<EstimatePatch>,
) -> Result<Json<Estimate>, Problem> {
    let EstimatePatch { version, name, variables, gst_pct } = asked.body;
    let edits = vec![Edit::UpdateEstimate { version, name, state: None, gst_pct, variables }];
    let command = Command::Estimate { id: EstimateId(id), edits, label: None };
    me.submit(command, asked.terms).await?;
    Ok(Json(Estimate::of(&me.open(id).await?)))
}

impl EstimateSummary {
    /// A revision in short.
    pub fn of(library: &Library, row: &EstimateRow) -> EstimateSummary {
        EstimateSummary {
            id: row.id.0,
            tender_id: row.tender.0,
            code: row.code.clone(),
            name: row.name.clone(),
            revision: row.revision,
            state: row.state,
            submitted_total_ex: library.submission_of(row.id).map(|sent| sent.total_ex),
        }
    }

    /// The estimates of a tender by code, newest revision first.
    pub fn all_of(library: &Library, tender: TenderId) -> Vec<EstimateSummary> {
        let mut all: Vec<EstimateSummary> =
            library.estimates_of(tender).map(|row| EstimateSummary::of(library, row)).collect();
        all.sort_by(|a, b| a.code.cmp(&b.code).then(b.revision.cmp(&a.revision)));
        all
    }
}

impl Estimate {
    fn of(opened: &Opened) -> Estimate {
        let estimate = &opened.estimate;
        let row = estimate.row();
        let value = |name: &str| {
            let values = estimate.variables();
            values
                .iter()
                .find(|(known, _)| &**known == name)
                .map(|(_, v)| v.normalize().to_string())
        };
        let variables = row.variables.iter().map(|v| Variable {
            name: v.name.to_string(),
            formula: v.formula.text().into_owned(),
            value: value(&v.name),
            note: v.note.as_deref().map(str::to_owned),
            error: None,
        });
        Estimate {
            id: row.id.0,
            tender_id: row.tender.0,
            code: row.code.clone(),
            name: row.name.clone(),
            revision: row.revision,
            state: row.state,
            gst_pct: row.gst_pct,
            variables: variables.collect(),
            totals: estimate.totals().into(),
            lsn: opened.lsn,
            version: row.version,
        }
    }
}
