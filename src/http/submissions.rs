//! Approval and submission of an estimate: what stands in the way, and what was sent.

use super::acknowledgements::Acknowledgement;
use super::auth::{Opened, SignedIn};
use super::documents::{client_schedule, unmade};
use super::extract::{Asked, Json, Path, Query, Terms};
use super::history::Person;
use super::off_thread::{off_thread, press};
use super::page::{Page, Paging};
use super::problem::Problem;
use super::schema;
use super::time::Time;
use crate::documents::limits::unwatched;
use crate::documents::print;
use crate::estimating::commercials::Pricing;
use crate::estimating::id::EstimateId;
use crate::estimating::number::{Money, Pct, Qty, SellRate};
use crate::estimating::refusal::Refusal;
use crate::estimating::rules::{Kind, rule};
use crate::estimating::submission::{self, FileRef, ScheduleLine, SubmissionCheck, Verdict};
use crate::estimating::tender::{EstimateState, Tender};
use crate::estimating::user::Organisation;
use crate::workspace::{Command, NewFile, SEPARATION_LIMIT};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;
use uuid::Uuid;

/// Findings of one check that one answer lists; it counts them all.
const FINDINGS_LISTED_MAX: usize = 500;
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

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
    let estimate = &opened.estimate;
    let price = estimate.price().map_err(Refusal::from)?;
    let lines = submission::client_schedule(estimate, &price.pricing).map_err(Refusal::from)?;
    Page::slice(&lines, paging.cursor.as_deref(), paging.limit, ScheduleRow::of).map(Json)
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
#[utoipa::path(
    post,
    path = "/estimates/{id}/submission",
    operation_id = "submitEstimate",
    tag = "Submission",
    params(("id" = Uuid, Path, description = "Estimate")),
    request_body = SubmissionInput,
    responses((status = 200, description = "Submitted", body = Submission)),
)]
pub async fn submit(
    me: SignedIn,
    Path(id): Path<Uuid>,
    asked: Asked<SubmissionInput>,
) -> Result<Json<Submission>, Problem> {
    let total_ex = asked.body.total_ex.trim().parse::<Money>();
    let total_ex = total_ex.map_err(|error| Problem::invalid("totalEx", error.to_string()))?;
    let content_hash = asked.body.content_hash;
    let id_of = EstimateId(id);
    let mut command = Command::Submit { id: id_of, content_hash, total_ex, files: Vec::new() };
    me.permitted(&command)?;
    let opened = me.open(id).await?;
    let organisation = me.office().organisation();
    let files = press(move || files(&opened, &organisation)).await??;
    if let Command::Submit { files: made, .. } = &mut command {
        *made = files;
    }
    after(me, id, command, asked.terms).await
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
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    if let Ok(kind) = HeaderValue::try_from(&*known.media_type) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    if let Ok(name) = HeaderValue::try_from(format!("attachment; filename=\"{}\"", known.name)) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    Ok((StatusCode::OK, response).into_response())
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

/// The files of a submission, each with the content hash: a refused submission stores none of
/// them. O(items).
fn files(opened: &Opened, organisation: &Organisation) -> Result<Vec<NewFile>, Problem> {
    let (estimate, row) = (&opened.estimate, opened.estimate.row());
    let tender = tender(opened)?;
    let price = estimate.price().map_err(Refusal::from)?;
    let lines = submission::client_schedule(estimate, &price.pricing).map_err(Refusal::from)?;
    let sum = price.pricing.tender_sum();
    let content_hash = submission::content_hash(estimate, &tender).to_string();
    let paper = submitted_paper(opened, organisation, &content_hash)?;
    let branding = opened.branding();
    let pdf = print::pdf(&paper, branding, &mut unwatched).map_err(unmade)?;
    let xlsx = print::xlsx(&paper, branding).map_err(unmade)?;
    let json = serde_json::json!({
        "contentHash": content_hash,
        "tender": {"number": tender.number, "name": tender.name, "client": tender.client_name,
            "validityDays": tender.validity_days},
        "estimate": {"code": row.code, "name": row.name, "revision": row.revision},
        "schedule": lines,
        "totalEx": sum.total_ex, "gst": sum.gst, "totalInc": sum.total_inc,
    });
    let json = serde_json::to_vec_pretty(&json).map_err(|_| Problem::internal())?;
    let stem = file_stem(&format!("{} {} r{}", tender.number, row.code, row.revision));
    let file = |extension: &str, media_type, bytes: Vec<u8>| NewFile {
        name: format!("{stem}.{extension}"),
        media_type,
        bytes: bytes.into(),
    };
    Ok(vec![
        file("pdf", "application/pdf", pdf),
        file("xlsx", XLSX, xlsx),
        file("json", "application/json", json),
    ])
}

/// The schedule of prices as it goes to the client: no draft any more, with the content hash.
fn submitted_paper(
    opened: &Opened,
    organisation: &Organisation,
    content_hash: &str,
) -> Result<print::Paper, Problem> {
    let mut schedule = client_schedule(opened, organisation)?;
    schedule.header.is_draft = false;
    let mut paper = schedule.paper(opened.branding().columns);
    let validity = format!("{} days after closing", tender(opened)?.validity_days);
    paper.facts.push(("Holds for".to_owned(), validity));
    paper.facts.push(("Content".to_owned(), content_hash.to_owned()));
    Ok(paper)
}

/// A name every file system takes.
pub fn file_stem(text: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || ".-_ ".contains(c) { c } else { '-' };
    text.chars().map(safe).take(100).collect::<String>().trim().to_owned()
}

fn tender(opened: &Opened) -> Result<Arc<Tender>, Problem> {
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
        let separation = sum.as_ref().and_then(|sum| {
            submission::separation(estimate, sum.total_ex, SEPARATION_LIMIT, me.id())
        });
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
            separation_limit: SEPARATION_LIMIT,
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
    fn of(line: &ScheduleLine) -> ScheduleRow {
        ScheduleRow {
            id: line.id,
            heading: line.heading,
            depth: line.depth,
            code: line.code.clone(),
            description: line.description.clone(),
            unit: line.unit.clone(),
            quantity: line.quantity,
            rate: line.rate,
            percent: line.percent,
            amount: line.amount,
            remark: line.remark.clone(),
        }
    }
}
