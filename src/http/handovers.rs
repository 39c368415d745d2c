//! The budget of a won tender, handed to its job.

use super::auth::SignedIn;
use super::extract::{Asked, Json, Path, Query, Terms};
use super::history::Person;
use super::library;
use super::problem::Problem;
use super::schema;
use super::submissions::{File, file_stem};
use super::time::Time;
use crate::documents::handover::{generic_csv, workbench_csv};
use crate::estimating::commercials::Pricing;
use crate::estimating::estimate::Estimate;
use crate::estimating::id::TenderId;
use crate::estimating::number::Money;
use crate::estimating::refusal::Refusal;
use crate::estimating::rules::{RuleId, Violation, Violations};
use crate::estimating::submission::{
    self, HandoverCodes, HandoverPlan, HandoverState, HandoverTarget,
};
use crate::workspace::{Command, NewFile};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A hand-over.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Handover {
    /// Identity.
    pub id: Uuid,
    /// Where to.
    pub target: HandoverTarget,
    /// The key it was asked with.
    pub key: Box<str>,
    /// How far it is.
    pub state: HandoverState,
    /// Who.
    pub by: Person,
    /// When.
    #[schema(value_type = schema::Time)]
    pub at: Time,
    /// Sum of the budget.
    #[schema(value_type = schema::Money)]
    pub cost_total: Money,
    /// Sum of the revenue.
    #[schema(value_type = schema::Money)]
    pub total_ex: Money,
    /// The files.
    pub files: Vec<File>,
}

/// The hand-overs of a tender, and the budget the next would have.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Handovers {
    /// Hand-overs, oldest first.
    pub items: Vec<Handover>,
    /// The budget and revenue, coded for the job asked for; absent before the tender is won.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<HandoverPlan>,
    /// What the budget is divided into, in order; each may be given a sub-job and an activity of its
    /// own, and one without a code needs them (BR-110). There is no plan until it has.
    pub sections: Vec<BudgetSection>,
}

/// A section of a budget: rows that share a sub-job and an activity.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BudgetSection {
    /// The top heading's code, or `allowance`.
    pub section: Box<str>,
    /// The heading's name; empty for allowances.
    pub name: Box<str>,
    /// What it is budgeted at.
    #[schema(value_type = schema::Money)]
    pub amount: Money,
}

/// Which job the budget would go to.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HandoverQuery {
    /// The job; the tender's number where absent.
    pub job: Option<String>,
}

/// A hand-over to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HandoverInput {
    /// Where to.
    pub target: HandoverTarget,
    /// Makes it safe to repeat: the same key again changes nothing (BR-109).
    pub key: String,
    /// How rows are coded (BR-110).
    pub codes: HandoverCodes,
}

/// Hand-overs of a tender, with the budget as it would be handed over.
#[utoipa::path(
    get,
    path = "/tenders/{id}/handovers",
    operation_id = "listHandovers",
    tag = "Submission",
    params(("id" = Uuid, Path, description = "Tender"), HandoverQuery),
    responses((status = 200, description = "Hand-overs and budget", body = Handovers)),
)]
pub async fn list(
    me: SignedIn,
    Path(id): Path<Uuid>,
    Query(query): Query<HandoverQuery>,
) -> Result<Json<Handovers>, Problem> {
    let published = me.published();
    let tender =
        published.library.tender(TenderId(id)).ok_or_else(|| Problem::not_found("tender"))?;
    let job = query.job.unwrap_or_else(|| tender.number.to_string());
    let codes = HandoverCodes { job, sections: Vec::new() };
    let (plan, sections) = match tender.record.accepted {
        None => (None, Vec::new()),
        Some(accepted) => {
            let opened = me.open(accepted.0).await?;
            let price = opened.estimate.price().map_err(Refusal::from)?;
            let sections = sections(&opened.estimate, &price.pricing);
            match submission::plan(&opened.estimate, &price.pricing, &codes) {
                Ok(plan) => (Some(plan), sections),
                Err(Refusal::Violations(broken)) if only_uncoded(&broken) => (None, sections),
                Err(refusal) => return Err(refusal.into()),
            }
        }
    };
    Ok(Json(Handovers { items: all(&me, id), plan, sections }))
}

/// Whether all that is wrong is that sections have no codes yet.
fn only_uncoded(broken: &Violations) -> bool {
    broken.0.iter().all(|one| one.rule == RuleId::br(110) && one.field == Some("sections"))
}

/// The sections of a budget, in order. O(rows x sections).
fn sections(estimate: &Estimate, pricing: &Pricing) -> Vec<BudgetSection> {
    let mut sections: Vec<BudgetSection> = Vec::new();
    for row in pricing.budget() {
        if let Some(known) = sections.iter_mut().find(|one| one.section == row.section_code) {
            known.amount = known.amount.checked_add(row.amount).unwrap_or(Money::MAX);
            continue;
        }
        let heading = row.section.and_then(|id| estimate.node(id.0));
        let name = heading.as_ref().and_then(|node| node.heading()).map(|one| (*one.name).into());
        let (section, amount) = (row.section_code.clone(), row.amount);
        sections.push(BudgetSection { section, name: name.unwrap_or_default(), amount });
    }
    sections
}

/// Hands the budget over: Workbench as CSV and JSON, others as CSV (BR-109 to BR-111).
#[utoipa::path(
    post,
    path = "/tenders/{id}/handovers",
    operation_id = "createHandovers",
    tag = "Submission",
    params(("id" = Uuid, Path, description = "Tender")),
    request_body = HandoverInput,
    responses((status = 201, description = "The hand-over", body = Handover)),
)]
pub async fn create(
    me: SignedIn,
    Path(id): Path<Uuid>,
    asked: Asked<HandoverInput>,
) -> Result<Response, Problem> {
    let HandoverInput { target, key, codes } = asked.body;
    let tender_id = TenderId(id);
    let mut command = Command::HandOver {
        tender: tender_id,
        target,
        key,
        codes: codes.clone(),
        files: Vec::new(),
    };
    me.permitted(&command)?;
    let published = me.published();
    let tender =
        published.library.tender(TenderId(id)).ok_or_else(|| Problem::not_found("tender"))?;
    let Some(accepted) = tender.record.accepted else {
        let message = "A hand-over starts from the accepted revision of a won tender.";
        return Err(Refusal::from(Violation::new(RuleId::br(109), message).object(id)).into());
    };
    let opened = me.open(accepted.0).await?;
    let price = opened.estimate.price().map_err(Refusal::from)?;
    let plan = submission::plan(&opened.estimate, &price.pricing, &codes)?;
    let made = files(&format!("{} budget", tender.number), target, &plan)?;
    if let Command::HandOver { files, .. } = &mut command {
        *files = made;
    }
    let reply = me.submit(command, asked.terms).await?;
    let made = library::made(&reply)?;
    let handover = all(&me, id).into_iter().find(|row| row.id == made);
    let handover = handover.ok_or_else(Problem::internal)?;
    Ok((StatusCode::CREATED, Json(handover)).into_response())
}

/// Notes that the other side has taken a hand-over.
#[utoipa::path(
    post,
    path = "/tenders/{id}/handovers/{handover}/confirm",
    operation_id = "confirmHandover",
    tag = "Submission",
    params(
        ("id" = Uuid, Path, description = "Tender"),
        ("handover" = Uuid, Path, description = "Hand-over"),
    ),
    responses((status = 200, description = "The hand-over", body = Handover)),
)]
pub async fn confirm(
    me: SignedIn,
    Path((id, handover)): Path<(Uuid, Uuid)>,
    terms: Terms,
) -> Result<Json<Handover>, Problem> {
    me.submit(Command::ConfirmHandover { tender: TenderId(id), id: handover }, terms).await?;
    let row = all(&me, id).into_iter().find(|row| row.id == handover);
    row.map(Json).ok_or_else(|| Problem::not_found("hand-over"))
}

fn all(me: &SignedIn, tender: Uuid) -> Vec<Handover> {
    let published = me.published();
    let rows = published.library.handovers_of(TenderId(tender));
    rows.map(|row| Handover {
        id: row.id.0,
        target: row.target,
        key: row.key.clone(),
        state: row.state,
        by: me.person(row.by),
        at: Time(row.at_us),
        cost_total: row.cost_total,
        total_ex: row.total_ex,
        files: row.files.iter().map(File::of).collect(),
    })
    .collect()
}

fn files(name: &str, target: HandoverTarget, plan: &HandoverPlan) -> Result<Vec<NewFile>, Problem> {
    let stem = file_stem(name);
    let failed = |error: crate::documents::export::ExportError| {
        Problem::too_large("export-failed", error.to_string())
    };
    let file = |extension: &str, media_type, bytes: Vec<u8>| NewFile {
        name: format!("{stem}.{extension}"),
        media_type,
        bytes: bytes.into(),
    };
    Ok(match target {
        HandoverTarget::Workbench => {
            let json = serde_json::to_vec_pretty(plan).map_err(|_| Problem::internal())?;
            vec![
                file("csv", "text/csv; charset=utf-8", workbench_csv(plan).map_err(failed)?),
                file("json", "application/json", json),
            ]
        }
        HandoverTarget::Csv => {
            vec![file("csv", "text/csv; charset=utf-8", generic_csv(plan).map_err(failed)?)]
        }
    })
}
