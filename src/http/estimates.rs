//! Estimates of a tender, and one estimate with its totals.

use super::as_of::AsOf;
use super::auth::{Opened, SignedIn};
use super::extract::{Asked, Json, Path, Query};
use super::history::Person;
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
    /// Who answers for it (BR-009).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lead: Option<Person>,
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
    /// Who answers for it (BR-009).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lead: Option<Person>,
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
    /// Who answers for it, a Lead Estimator or Admin; whoever asks where that is one (BR-009).
    #[serde(default)]
    pub lead_id: Option<Uuid>,
}

/// Who answers for an estimate.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LeadInput {
    /// The version the client read.
    #[serde(default)]
    pub version: Option<u64>,
    /// A Lead Estimator or Admin (BR-009).
    pub lead_id: Uuid,
}

/// Which version of an estimate is archived.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ArchiveInput {
    /// The version the client read.
    #[serde(default)]
    pub version: Option<u64>,
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
    Ok(Json(Estimates { items: EstimateSummary::all_of(&me, library, tender.id) }))
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
    let EstimateInput { code, name, lead_id } = asked.body;
    let edit =
        LibraryEdit::AddEstimate { id: None, tender_id: id, code, name: Some(name), lead_id };
    let reply = library::edit(&me, edit, asked.terms).await?;
    let opened = me.open(library::made(&reply)?).await?;
    Ok((StatusCode::CREATED, Json(Estimate::of(&me, &opened))).into_response())
}

/// An estimate with its totals.
#[utoipa::path(
    get,
    path = "/estimates/{id}",
    operation_id = "showEstimates",
    tag = "Estimates",
    params(("id" = Uuid, Path, description = "Estimate"), AsOf),
    responses((status = 200, description = "The estimate", body = Estimate)),
)]
pub async fn show(
    me: SignedIn,
    Path(id): Path<Uuid>,
    Query(query): Query<AsOf>,
) -> Result<Json<Estimate>, Problem> {
    Ok(Json(Estimate::of(&me, &me.open_at(id, query.as_of.as_deref()).await?)))
}

/// Has another person answer for the estimate (BR-009).
#[utoipa::path(
    put,
    path = "/estimates/{id}/lead",
    operation_id = "setLead",
    tag = "Estimates",
    params(("id" = Uuid, Path, description = "Estimate")),
    request_body = LeadInput,
    responses((status = 200, description = "The estimate", body = Estimate)),
)]
pub async fn set_lead(
    me: SignedIn,
    Path(id): Path<Uuid>,
    asked: Asked<LeadInput>,
) -> Result<Json<Estimate>, Problem> {
    let LeadInput { version, lead_id } = asked.body;
    library::edit(&me, LibraryEdit::SetEstimateLead { id, version, lead_id }, asked.terms).await?;
    Ok(Json(Estimate::of(&me, &me.open(id).await?)))
}

/// Archives an estimate that was not submitted; it is frozen from then on (BR-018).
#[utoipa::path(
    post,
    path = "/estimates/{id}/archive",
    operation_id = "archiveEstimate",
    tag = "Estimates",
    params(("id" = Uuid, Path, description = "Estimate")),
    request_body = ArchiveInput,
    responses((status = 200, description = "The estimate", body = Estimate)),
)]
pub async fn archive(
    me: SignedIn,
    Path(id): Path<Uuid>,
    asked: Asked<ArchiveInput>,
) -> Result<Json<Estimate>, Problem> {
    let version = asked.body.version;
    let state = EstimateState::Archived;
    library::edit(&me, LibraryEdit::SetEstimateState { id, version, state }, asked.terms).await?;
    Ok(Json(Estimate::of(&me, &me.open(id).await?)))
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
    Ok(Json(Estimate::of(&me, &me.open(id).await?)))
}

impl EstimateSummary {
    /// A revision in short.
    pub fn of(me: &SignedIn, library: &Library, row: &EstimateRow) -> EstimateSummary {
        EstimateSummary {
            id: row.id.0,
            tender_id: row.tender.0,
            code: row.code.clone(),
            name: row.name.clone(),
            revision: row.revision,
            lead: row.lead.map(|lead| me.person(lead)),
            state: row.state,
            submitted_total_ex: library.submission_of(row.id).map(|sent| sent.total_ex),
        }
    }

    /// The estimates of a tender by code, newest revision first.
    pub fn all_of(me: &SignedIn, library: &Library, tender: TenderId) -> Vec<EstimateSummary> {
        let rows = library.estimates_of(tender);
        let mut all: Vec<EstimateSummary> =
            rows.map(|row| EstimateSummary::of(me, library, row)).collect();
        all.sort_by(|a, b| a.code.cmp(&b.code).then(b.revision.cmp(&a.revision)));
        all
    }
}

impl Estimate {
    fn of(me: &SignedIn, opened: &Opened) -> Estimate {
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
            lead: row.lead.map(|lead| me.person(lead)),
            state: row.state,
            gst_pct: row.gst_pct,
            variables: variables.collect(),
            totals: estimate.totals().into(),
            lsn: opened.lsn,
            version: row.version,
        }
    }
}
