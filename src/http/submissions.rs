//! Approval and submission of an estimate: what stands in the way, and what was sent.

use super::acknowledgements::Acknowledgement;
use super::app::App;
use super::auth::{Opened, SignedIn};
use super::documents::{self, download};
use super::extract::{Asked, Json, Path, Query, Terms};
use super::history::Person;
use super::jobs::{self, Choices, New};
use super::limits::DOCUMENT_ROWS_DIRECT_MAX;
use super::off_thread::{off_thread, press};
use super::page::{Page, Paging};
use super::problem::Problem;
use super::schema;
use super::submitting::papers;
use super::time::Time;
use crate::documents::client_schedule::{self, LinePrice, PricedRow};
use crate::estimating::commercials::Pricing;
use crate::estimating::id::EstimateId;
use crate::estimating::number::{Money, Pct, Qty, SellRate};
use crate::estimating::rules::{Kind, rule};
use crate::estimating::submission::{self, FileRef, SubmissionCheck, Verdict};
use crate::estimating::tender::{EstimateState, Tender};
use crate::workspace::jobs::JobKind;
use crate::workspace::{Command, check_submission};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;
use std::sync::Arc;
use utoipa::ToSchema;
use uuid::Uuid;

/// Findings of one check that one answer lists; it counts them all.
const FINDINGS_LISTED_MAX: usize = 500;

/// One reason a check does not pass.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SubmissionFinding)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// The row at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object_id: Option<Uuid>,
    /// The package it is settled in, where it is one's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package_id: Option<Uuid>,
    /// What is wrong.
    pub message: String,
    /// What there is to accept, for an acknowledgement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Whether a Lead accepted it at this value.
    pub accepted: bool,
    /// Who accepted it last; void where `accepted` is false.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acknowledgement: Option<Acknowledgement>,
}

/// A rule that submitting asks for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SubmissionCheck)]
#[serde(rename_all = "camelCase")]
pub struct Check {
    /// The rule.
    pub rule: String,
    /// Its code.
    pub code: &'static str,
    /// What holds.
    pub title: &'static str,
    /// What it protects and what to do about it.
    pub explanation: &'static str,
    /// Whether a Lead can accept what is found.
    pub can_be_accepted: bool,
    /// How it ends.
    pub verdict: Verdict,
    /// What was found, at most 500.
    pub findings: Vec<Finding>,
    /// How many there are.
    pub finding_count: u64,
}

/// A Lead's approval.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Approval {
    /// Identity.
    pub id: Uuid,
    /// Who approved.
    pub by: Person,
    /// When.
    #[schema(value_type = schema::Time)]
    pub at: Time,
    /// Hash of the content approved.
    pub content_hash: Box<str>,
    /// The price approved, excluding GST.
    #[schema(value_type = schema::Money)]
    pub total_ex: Money,
    /// Minutes of the settlement meeting.
    pub minutes: Box<str>,
    /// Whether the content is still the one approved (BR-095).
    pub current: bool,
    /// Why it was taken back, where it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoked: Option<Box<str>>,
}

/// A stored file.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StoredFile)]
#[serde(rename_all = "camelCase")]
pub struct File {
    /// Its name.
    pub name: Box<str>,
    /// Its media type.
    pub media_type: Box<str>,
    /// SHA-256 of its bytes; it is read at `/files/{hash}`.
    pub hash: Box<str>,
    /// How many bytes it has.
    pub bytes: u64,
}

/// What was sent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SubmissionRecord)]
#[serde(rename_all = "camelCase")]
pub struct Sent {
    /// Identity.
    pub id: Uuid,
    /// Who submitted.
    pub by: Person,
    /// When.
    #[schema(value_type = schema::Time)]
    pub at: Time,
    /// Hash of the content; every file carries it.
    pub content_hash: Box<str>,
    /// The price, excluding GST.
    #[schema(value_type = schema::Money)]
    pub total_ex: Money,
    /// GST on it.
    #[schema(value_type = schema::Money)]
    pub gst: Money,
    /// The price, including GST.
    #[schema(value_type = schema::Money)]
    pub total_inc: Money,
    /// The files.
    pub files: Vec<File>,
}

/// Where an estimate stands on its way to the client.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Submission {
    /// The commit this was read at.
    #[schema(value_type = schema::Lsn)]
    pub lsn: u64,
    /// State of the estimate.
    pub state: EstimateState,
    /// Items that bear cost, and how many of them are reviewed.
    pub items: u32,
    /// Reviewed items.
    pub reviewed: u32,
    /// Hash of the content as it is.
    pub content_hash: Box<str>,
    /// The price, excluding GST; absent while there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Money>)]
    pub total_ex: Option<Money>,
    /// The price, including GST.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Money>)]
    pub total_inc: Option<Money>,
    /// Above this price another person approves than changed rules last (BR-094).
    #[schema(value_type = schema::Money)]
    pub separation_limit: Money,
    /// Why the person asking may not approve, where rules or rate locks were theirs (BR-094).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub separation: Option<String>,
    /// Every check, by rule.
    pub checks: Vec<Check>,
    /// Approvals, newest first.
    pub approvals: Vec<Approval>,
    /// What was sent; absent before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub submission: Option<Sent>,
}

/// A line of the client's schedule.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScheduleRow {
    /// The row.
    pub id: Uuid,
    /// Whether it is a heading.
    pub heading: bool,
    /// Depth in the tree, 1 at the top.
    pub depth: u8,
    /// Code.
    pub code: Box<str>,
    /// Description or name.
    pub description: Box<str>,
    /// Unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Quantity.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Qty>)]
    pub quantity: Option<Qty>,
    /// Rate.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::SellRate>)]
    pub rate: Option<SellRate>,
    /// Percent, of a percentage item.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Pct>)]
    pub percent: Option<Pct>,
    /// Amount.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Money>)]
    pub amount: Option<Money>,
    /// What stands in place of an amount.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
}

/// Approves the estimate as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ApprovalInput {
    /// Minutes of the settlement meeting.
    pub minutes: String,
}

/// Takes the approval back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RevocationInput {
    /// Why.
    pub reason: String,
}

/// Submits what the person sees.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SubmissionInput {
    /// The content hash read before (BR-095).
    pub content_hash: String,
    /// The price read before, excluding GST (BR-095).
    #[schema(value_type = schema::Money)]
    pub total_ex: String,
}

/// Where an estimate stands on its way to the client: checks, approvals, what was sent.
#[utoipa::path(
    get,
    path = "/estimates/{id}/submission",
    operation_id = "getSubmission",
    tag = "Submission",
    params(("id" = Uuid, Path, description = "Estimate")),
    responses((status = 200, description = "Checks, approvals and what was sent", body = Submission)),
)]
pub async fn show(me: SignedIn, Path(id): Path<Uuid>) -> Result<Json<Submission>, Problem> {
    let opened = me.open(id).await?;
    off_thread("checking a submission", move || Submission::of(&me, &opened)).await?.map(Json)
}

/// The client's schedule as it would be sent.
#[utoipa::path(
    get,
    path = "/estimates/{id}/schedule",
    operation_id = "listSchedule",
    tag = "Submission",
    params(("id" = Uuid, Path, description = "Estimate"), Paging),
    responses(
        (status = 200, description = "Lines", body = Page<ScheduleRow>),
        (status = 422, description = "Broken rules leave the price undefined"),
    ),
)]
pub async fn schedule(
    me: SignedIn,
    Path(id): Path<Uuid>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<ScheduleRow>>, Problem> {
    let opened = me.open(id).await?;
    let schedule = documents::client_schedule(&opened, &me.office().organisation())?;
    Page::slice(&schedule.rows, paging.cursor.as_deref(), paging.limit, ScheduleRow::of).map(Json)
}

/// Approves an estimate whose items are all reviewed (BR-018, BR-089, BR-094).
#[utoipa::path(
    post,
    path = "/estimates/{id}/approval",
    operation_id = "approveEstimate",
    tag = "Submission",
    params(("id" = Uuid, Path, description = "Estimate")),
    request_body = ApprovalInput,
    responses((status = 200, description = "Approved", body = Submission)),
)]
pub async fn approve(
    me: SignedIn,
    Path(id): Path<Uuid>,
    asked: Asked<ApprovalInput>,
) -> Result<Json<Submission>, Problem> {
    let command = Command::Approve { id: EstimateId(id), minutes: asked.body.minutes };
    after(me, id, command, asked.terms).await
}

/// Takes the approval of an estimate back.
#[utoipa::path(
    delete,
    path = "/estimates/{id}/approval",
    operation_id = "revokeApproval",
    tag = "Submission",
    params(("id" = Uuid, Path, description = "Estimate")),
    request_body = RevocationInput,
    responses((status = 200, description = "Reviewed again", body = Submission)),
)]
pub async fn revoke(
    me: SignedIn,
    Path(id): Path<Uuid>,
    asked: Asked<RevocationInput>,
) -> Result<Json<Submission>, Problem> {
    let command = Command::RevokeApproval { id: EstimateId(id), reason: asked.body.reason };
    after(me, id, command, asked.terms).await
}

/// Submits an approved estimate: recomputed, checked, frozen, its files stored (BR-089 to BR-096).
/// What stands in the way is answered at once; a large estimate is then submitted by a job.
#[utoipa::path(
    post,
    path = "/estimates/{id}/submission",
    operation_id = "submitEstimate",
    tag = "Submission",
    params(("id" = Uuid, Path, description = "Estimate")),
    request_body = SubmissionInput,
    responses(
        (status = 200, description = "Submitted", body = Submission),
        (status = 202, description = "The job that submits it", body = jobs::JobStarted),
        (status = 422, description = "Broken rules stand in the way"),
    ),
)]
pub async fn submit(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<Uuid>,
    asked: Asked<SubmissionInput>,
) -> Result<Response, Problem> {
    let total_ex = asked.body.total_ex.trim().parse::<Money>();
    let total_ex = total_ex.map_err(|error| Problem::invalid("totalEx", error.to_string()))?;
    let (content_hash, terms) = (asked.body.content_hash, asked.terms);
    let command = |files| {
        let content_hash = content_hash.clone();
        Command::Submit { id: EstimateId(id), content_hash, total_ex, files }
    };
    me.permitted(&command(Vec::new()))?;
    let opened = me.open(id).await?;
    let (title, rows) = (title_of(&opened)?, opened.estimate.len());
    let seen = content_hash.clone();
    // A request that is repeated after all was done gets the first answer, not what stands in the
    // way by now.
    let is_repeat = terms.idempotency.is_some()
        && me.published().library.submission_of(EstimateId(id)).is_some();
    let organisation = me.office().organisation();
    let set_out = off_thread("checking a submission", move || {
        if !is_repeat {
            check_submission(&opened.published, &opened.estimate, &seen, total_ex)?;
        }
        let papers = papers(&opened, &organisation)?;
        Ok::<_, Problem>((opened, papers))
    });
    let (opened, papers) = set_out.await??;
    if rows <= DOCUMENT_ROWS_DIRECT_MAX {
        let set = move || papers.set(&opened, &mut |_, _, _| ControlFlow::Continue(()));
        let files = press(set).await??;
        return Ok(after(me, id, command(files), terms).await?.into_response());
    }
    let choices = Choices::Submission { estimate_id: id, content_hash, total_ex };
    let kind = JobKind::Submission;
    let new = New { kind, title, estimate: Some(id), choices, input: None, steps: 1 };
    jobs::start(&app, &me, terms, new).await
}

/// The bytes of a file of a submission or hand-over.
#[utoipa::path(
    get,
    path = "/files/{hash}",
    operation_id = "showFiles",
    tag = "Submission",
    params(("hash" = String, Path, description = "SHA-256 of the file, hexadecimal")),
    responses((status = 200, description = "The file")),
)]
pub async fn file(me: SignedIn, Path(hash): Path<String>) -> Result<Response, Problem> {
    let missing = || Problem::not_found("file");
    let known = me.published().library.file(&hash).ok_or_else(missing)?;
    let workspace = me.workspace().clone();
    let read = off_thread("reading a file", move || workspace.file(&hash)).await?;
    let bytes = read?.ok_or_else(missing)?;
    Ok(download(bytes, &known.media_type, &known.name))
}

/// Carries a command out and tells where the estimate stands then.
async fn after(
    me: SignedIn,
    id: Uuid,
    command: Command,
    terms: Terms,
) -> Result<Json<Submission>, Problem> {
    me.submit(command, terms).await?;
    show(me, Path(id)).await
}

/// A name every file system takes.
pub fn file_stem(text: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || ".-_ ".contains(c) { c } else { '-' };
    text.chars().map(safe).take(100).collect::<String>().trim().to_owned()
}

/// What a job that submits is called.
fn title_of(opened: &Opened) -> Result<String, Problem> {
    let row = opened.estimate.row();
    Ok(format!("Submit {} {} r{}", tender(opened)?.number, row.code, row.revision))
}

pub(super) fn tender(opened: &Opened) -> Result<Arc<Tender>, Problem> {
    let id = opened.estimate.row().tender;
    opened.published.library.tender(id).cloned().ok_or_else(|| Problem::not_found("tender"))
}

impl Submission {
    fn of(me: &SignedIn, opened: &Opened) -> Result<Submission, Problem> {
        let estimate = &opened.estimate;
        let library = &opened.published.library;
        let tender = tender(opened)?;
        let price = estimate.price();
        let pricing = price.as_ref().map(|price| &price.pricing);
        let checks = submission::checks(estimate, &tender, &library.catalogue, pricing);
        let sum = pricing.ok().map(Pricing::tender_sum);
        let content_hash = submission::content_hash(estimate, &tender);
        let id = estimate.row().id;
        let limit = library.catalogue.thresholds().approval;
        let separation = sum
            .as_ref()
            .and_then(|sum| submission::separation(estimate, sum.total_ex, limit, me.id()));
        let mut approvals: Vec<Approval> = library
            .approvals_of(id)
            .map(|row| Approval {
                id: row.id.0,
                by: me.person(row.by),
                at: Time(row.at_us),
                content_hash: row.content_hash.clone(),
                total_ex: row.total_ex,
                minutes: row.minutes.clone(),
                current: row.revoked.is_none() && row.content_hash == content_hash,
                revoked: row.revoked.as_ref().map(|revoked| revoked.reason.clone()),
            })
            .collect();
        approvals.reverse();
        let totals = estimate.totals();
        Ok(Submission {
            lsn: opened.lsn,
            state: estimate.row().state,
            items: totals.items,
            reviewed: totals.reviewed,
            content_hash,
            total_ex: sum.as_ref().map(|sum| sum.total_ex),
            total_inc: sum.as_ref().map(|sum| sum.total_inc),
            separation_limit: limit,
            separation: separation.map(|violation| violation.message),
            checks: checks.iter().map(|check| Check::of(me, check)).collect(),
            approvals,
            submission: library.submission_of(id).map(|row| Sent {
                id: row.id.0,
                by: me.person(row.by),
                at: Time(row.at_us),
                content_hash: row.content_hash.clone(),
                total_ex: row.total_ex,
                gst: row.gst,
                total_inc: row.total_inc,
                files: row.files.iter().map(File::of).collect(),
            }),
        })
    }
}

impl Check {
    fn of(me: &SignedIn, check: &SubmissionCheck) -> Check {
        let catalogued = rule(check.rule);
        let findings = check.findings.iter().take(FINDINGS_LISTED_MAX);
        Check {
            rule: check.rule.to_string(),
            code: catalogued.code,
            title: catalogued.title,
            explanation: catalogued.explanation,
            can_be_accepted: catalogued.kind == Kind::Acknowledge,
            verdict: check.verdict(),
            findings: findings
                .map(|finding| Finding {
                    object_id: finding.object,
                    package_id: finding.package.map(|package| package.0),
                    message: finding.message.clone(),
                    value: finding.value.clone(),
                    accepted: finding.is_accepted(),
                    acknowledgement: finding
                        .acknowledgement
                        .as_ref()
                        .map(|row| Acknowledgement::of(me, row)),
                })
                .collect(),
            finding_count: check.findings.len() as u64,
        }
    }
}

impl File {
    /// A stored file.
    pub fn of(row: &FileRef) -> File {
        File {
            name: row.name.clone(),
            media_type: row.media_type.clone(),
            hash: row.hash.clone(),
            bytes: row.bytes,
        }
    }
}

impl ScheduleRow {
    /// A row of the client's schedule as the API and the files for programs tell it.
    pub(super) fn of(row: &PricedRow) -> ScheduleRow {
        let (line, price) = match row {
            client_schedule::ScheduleRow::Heading(heading, amount) => {
                return ScheduleRow {
                    id: heading.id.0,
                    heading: true,
                    depth: heading.depth,
                    code: heading.code.as_str().into(),
                    description: heading.name.as_str().into(),
                    unit: None,
                    quantity: None,
                    rate: None,
                    percent: None,
                    amount: *amount,
                    remark: None,
                };
            }
            client_schedule::ScheduleRow::Line(line, price) => (line, *price),
        };
        let (rate, percent, amount) = match price {
            LinePrice::Rated { rate, amount } => (Some(rate), None, Some(amount)),
            LinePrice::Sum(amount) => (None, None, Some(amount)),
            LinePrice::Percentage { percent, amount } => (None, Some(percent), Some(amount)),
            LinePrice::RateOnly(rate) | LinePrice::Option { rate, .. } => (rate, None, None),
            LinePrice::Excluded | LinePrice::Included => (None, None, None),
        };
        let remark = match price {
            LinePrice::Rated { .. } | LinePrice::Sum(_) | LinePrice::Percentage { .. } => None,
            LinePrice::RateOnly(_) => Some("Rate only".to_owned()),
            LinePrice::Option { amount: Some(amount), .. } => {
                Some(format!("Option, {amount} not in the total"))
            }
            LinePrice::Option { amount: None, .. } => Some("Option, not in the total".to_owned()),
            LinePrice::Excluded => Some("Excluded".to_owned()),
            LinePrice::Included => Some(match &line.included_in {
                Some(code) => format!("Included in {code}"),
                None => "Included elsewhere".to_owned(),
            }),
        };
        ScheduleRow {
            id: line.item.0,
            heading: false,
            depth: line.depth,
            code: line.code.as_str().into(),
            description: line.description.as_str().into(),
            unit: Some(line.unit.clone()).filter(|unit| !unit.is_empty()),
            quantity: line.quantity,
            rate,
            percent,
            amount,
            remark,
        }
    }
}
