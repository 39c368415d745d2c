//! The audit trail: read, searched, exported, proved.

use super::app::App;
use super::auth::SignedIn;
use super::documents::download;
use super::extract::{Json, Path, Query, Terms};
use super::history::{FieldChange, Person};
use super::jobs::{self, Choices, Halt, New};
use super::off_thread::off_thread;
use super::page::{page_before, page_size};
use super::problem::Problem;
use super::schema;
use super::time::Time;
use crate::documents::export_csv::plain;
use crate::estimating::id::{EstimateId, UserId};
use crate::jobs::{Finished, Run, Unit};
use crate::ledger::Lsn;
use crate::workspace::jobs::JobKind;
use crate::workspace::{
    self, MarkAsk, MarkKind, TRAIL_PAGE_MAX, TrailPage, TrailQuery, Verified, Workspace,
};
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::{Arc, Weak};
use std::time::Duration;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Lines of one export: beyond, narrow the filters.
const EXPORT_LINES_MAX: usize = 200_000;
/// Pages of the log one export reads.
const EXPORT_PAGES_MAX: usize = 2_000;
/// Time between two walks along the chain of commits (BR-119).
const VERIFY_EVERY: Duration = Duration::from_secs(24 * 3_600);

/// What of the audit trail is wanted.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AuditQuery {
    /// Who did it.
    pub person: Option<Uuid>,
    /// The command, such as `update-item`.
    pub command: Option<String>,
    /// The kind of what was changed, such as `item`, `tender` or `price-book`.
    pub kind: Option<String>,
    /// The estimate that was changed.
    pub estimate_id: Option<Uuid>,
    /// The row that was changed.
    pub object: Option<Uuid>,
    /// Not before this time.
    #[param(value_type = Option<String>)]
    pub from: Option<Time>,
    /// Before this time.
    #[param(value_type = Option<String>)]
    pub to: Option<Time>,
    /// Words in what was done, who did it, or what was changed.
    pub text: Option<String>,
    /// `nextCursor` of the page before.
    pub cursor: Option<String>,
    /// Entries wanted, at most 200.
    pub limit: Option<u32>,
}

/// A row a commit changed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditRow {
    /// Its kind.
    pub kind: &'static str,
    /// Its identity or code.
    pub id: String,
    /// The estimate it is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub estimate_id: Option<Uuid>,
    /// What people call it.
    pub name: String,
    /// `added`, `changed` or `removed`.
    pub change: &'static str,
    /// Its fields before and after.
    pub fields: Vec<FieldChange>,
}

/// A commit.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditEntry {
    /// Its number.
    #[schema(value_type = schema::Lsn)]
    pub lsn: u64,
    /// When.
    #[schema(value_type = schema::Time)]
    pub at: Time,
    /// Who.
    pub actor: Person,
    /// The command.
    pub command: String,
    /// What was done, in words.
    pub label: String,
    /// The client that asked, as it named itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// The seal of the commit: SHA-256 over it and the seal before, hexadecimal.
    pub hash: String,
    /// The rows it changed: the first 20 in a list, the first 1,000 of one entry.
    pub rows: Vec<AuditRow>,
    /// How many there are.
    pub rows_total: u64,
}

/// Entries of the audit trail.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditPage {
    /// Entries, newest first; there may be few although more follow, where filters let little pass.
    pub items: Vec<AuditEntry>,
    /// Where the next page starts; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// Whether the audit trail holds.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditSeal {
    /// Whether it holds as far as it was walked; nothing can be changed where it does not.
    pub holds: bool,
    /// Where it is broken, in a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub broken: Option<String>,
    /// When it was last walked to its end; absent until the first walk is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Time>)]
    pub verified_at: Option<Time>,
    /// Commits walked.
    pub commits: u64,
    /// The newest commit walked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Lsn>)]
    pub head: Option<u64>,
    /// Its seal, hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
}

impl AuditSeal {
    pub(super) fn of(verified: Option<Verified>, broken: Option<String>) -> AuditSeal {
        AuditSeal {
            holds: broken.is_none(),
            broken,
            verified_at: verified.as_ref().map(|verified| Time(verified.at_us)),
            commits: verified.as_ref().map_or(0, |verified| verified.commits),
            head: verified.as_ref().map(|verified| verified.head.0),
            hash: verified.map(|verified| verified.hash),
        }
    }
}

impl AuditQuery {
    pub(super) fn asked(&self) -> Result<TrailQuery, Problem> {
        Ok(TrailQuery {
            person: self.person.map(UserId),
            command: self.command.clone(),
            kind: self.kind.clone(),
            estimate: self.estimate_id.map(EstimateId),
            object: self.object,
            from_us: self.from.map(|time| time.0),
            to_us: self.to.map(|time| time.0),
            text: self.text.clone(),
            before: page_before(self.cursor.as_deref())?,
        })
    }
}

impl From<workspace::TrailEntry> for AuditEntry {
    fn from(entry: workspace::TrailEntry) -> AuditEntry {
        let rows = entry.rows.into_iter().map(|row| AuditRow {
            kind: row.kind,
            id: row.id,
            estimate_id: row.estimate.map(|id| id.0),
            name: row.name,
            change: row.change,
            fields: row.fields.into_iter().map(FieldChange::from).collect(),
        });
        AuditEntry {
            lsn: entry.lsn.0,
            at: Time(entry.at_us),
            actor: Person { id: entry.actor.0, name: entry.actor_name.to_string() },
            command: entry.command,
            label: entry.label,
            origin: entry.origin,
            hash: entry.hash,
            rows: rows.collect(),
            rows_total: entry.rows_total as u64,
        }
    }
}

/// The audit trail, newest first. Leads read what touches an estimate, an Admin reads all (BR-121).
#[utoipa::path(
    get,
    path = "/audit",
    operation_id = "listAudit",
    tag = "Audit",
    params(AuditQuery),
    responses((status = 200, description = "Entries, newest first", body = AuditPage)),
)]
pub async fn list(
    me: SignedIn,
    Query(query): Query<AuditQuery>,
) -> Result<Json<AuditPage>, Problem> {
    let (asked, limit) = (query.asked()?, page_size(query.limit).min(TRAIL_PAGE_MAX));
    let (workspace, role) = (me.workspace().clone(), me.user().role);
    let read = move || workspace.trail(role, &asked, limit);
    let page = off_thread("reading the audit trail", read).await??;
    Ok(Json(AuditPage {
        items: page.items.into_iter().map(AuditEntry::from).collect(),
        next_cursor: page.next.map(|lsn| lsn.0.to_string()),
    }))
}

/// One entry of the audit trail with all it changed.
#[utoipa::path(
    get,
    path = "/audit/entries/{lsn}",
    operation_id = "showAudit",
    tag = "Audit",
    params(("lsn" = u64, Path, description = "The commit")),
    responses((status = 200, description = "The entry", body = AuditEntry)),
)]
pub async fn show(me: SignedIn, Path(lsn): Path<u64>) -> Result<Json<AuditEntry>, Problem> {
    let (workspace, role) = (me.workspace().clone(), me.user().role);
    let read = move || workspace.trail_entry(role, Lsn(lsn));
    let entry = off_thread("reading the audit trail", read).await??;
    Ok(Json(entry.into()))
}

/// Whether the audit trail holds, as far as it was walked last.
#[utoipa::path(
    get,
    path = "/audit/seal",
    operation_id = "showAuditSeal",
    tag = "Audit",
    responses((status = 200, description = "What is known", body = AuditSeal)),
)]
pub async fn seal(me: SignedIn) -> Result<Json<AuditSeal>, Problem> {
    readable(&me)?;
    let state = me.workspace().audit_state();
    let verified = state.verified;
    Ok(Json(AuditSeal::of(verified, state.broken.map(|(why, _)| why.to_string()))))
}

/// Walks the chain of commits from its beginning, as a job (BR-119).
#[utoipa::path(
    post,
    path = "/audit/verify",
    operation_id = "verifyAudit",
    tag = "Audit",
    responses((status = 202, description = "The job that does it", body = jobs::JobStarted)),
)]
pub async fn verify(
    State(app): State<App>,
    me: SignedIn,
    terms: Terms,
) -> Result<Response, Problem> {
    readable(&me)?;
    let new = New {
        kind: JobKind::AuditVerification,
        title: "Verify the audit trail".to_owned(),
        estimate: None,
        choices: Choices::VerifyAudit,
        input: None,
        steps: 0,
    };
    jobs::start(&app, &me, terms, new).await
}

/// Walks the chain for a job.
pub(super) async fn carry_out_verification(me: &SignedIn, run: Arc<Run>) -> Result<Finished, Halt> {
    let workspace = me.workspace().clone();
    let total = workspace.published().lsn.0;
    run.tell(Unit::Commit, 0, total, "Walking the chain of commits");
    let walk = move || {
        workspace.verify_audit(|lsn| {
            // A walk is short and cannot be stopped half way.
            let _ = run.step(lsn.0);
        })
    };
    let verified = off_thread("verifying the audit trail", walk).await??;
    let message = format!("The audit trail holds: {} commits", verified.commits);
    let answer = json!({
        "commits": verified.commits, "head": verified.head.0, "hash": verified.hash,
    });
    Ok(Finished { message, answer: Some(answer.to_string()), file: None })
}

/// The audit trail as CSV, a line for each field that changed. That it was exported is itself in
/// the trail before the file is given (BR-121).
#[utoipa::path(
    get,
    path = "/audit/export",
    operation_id = "exportAudit",
    tag = "Audit",
    params(AuditQuery),
    responses((status = 200, description = "The file")),
)]
pub async fn export(me: SignedIn, Query(query): Query<AuditQuery>) -> Result<Response, Problem> {
    let mut asked = query.asked()?;
    asked.before = asked.before.or(Some(me.published().lsn.next()));
    let (workspace, role) = (me.workspace().clone(), me.user().role);
    let write = move || {
        written(asked, |asked| {
            let mut page = workspace.trail(role, asked, TRAIL_PAGE_MAX)?;
            for entry in &mut page.items {
                if entry.rows_total > entry.rows.len() {
                    *entry = workspace.trail_entry(role, entry.lsn)?;
                }
            }
            Ok(page)
        })
    };
    let (bytes, entries) = off_thread("exporting the audit trail", write).await??;
    let commits = if entries == 1 { "commit" } else { "commits" };
    let words = format!("Export the audit trail: {entries} {commits}{}", filters(&query));
    let ask = MarkAsk::Read {
        kind: MarkKind::AuditExport,
        object: Uuid::nil(),
        estimate: query.estimate_id.map(EstimateId),
        words,
    };
    me.workspace().note_read(me.actor(), ask).await?;
    Ok(download(bytes, "text/csv; charset=utf-8", "audit.csv"))
}

/// The filters of an export, in words.
pub(super) fn filters(query: &AuditQuery) -> String {
    let time = |time: &Option<Time>| time.and_then(|t| serde_json::to_value(t).ok());
    let parts = [
        ("person", query.person.map(|id| json!(id))),
        ("command", query.command.as_ref().map(|text| json!(text))),
        ("kind", query.kind.as_ref().map(|text| json!(text))),
        ("estimate", query.estimate_id.map(|id| json!(id))),
        ("object", query.object.map(|id| json!(id))),
        ("from", time(&query.from)),
        ("to", time(&query.to)),
        ("text", query.text.as_ref().map(|text| json!(text))),
    ];
    let told = parts.into_iter().filter_map(|(name, value)| Some((name, value?)));
    told.fold(String::new(), |all, (name, value)| format!("{all}, {name} {value}"))
}

/// Writes the lines of an export, read page by page; gives how many commits they are of.
pub(super) fn written(
    mut asked: TrailQuery,
    read: impl Fn(&TrailQuery) -> Result<TrailPage, Problem>,
) -> Result<(Vec<u8>, usize), Problem> {
    let failed = |error: csv::Error| Problem::too_large("export-failed", error.to_string());
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(b"\xef\xbb\xbf".to_vec());
    let columns = [
        "Commit", "Time", "Person", "Command", "What", "Change", "Kind", "Object", "Name", "Field",
        "Before", "After", "Seal",
    ];
    writer.write_record(columns).map_err(failed)?;
    let (mut lines, mut entries) = (0, 0);
    for _ in 0..EXPORT_PAGES_MAX {
        let page = read(&asked)?;
        for entry in page.items {
            entries += 1;
            lines += entry.rows.iter().map(|row| row.fields.len().max(1)).sum::<usize>().max(1);
            if lines > EXPORT_LINES_MAX {
                return Err(too_much());
            }
            for line in lines_of(&entry) {
                let line = line.iter().map(|cell| plain(cell).into_owned());
                writer.write_record(line).map_err(failed)?;
            }
        }
        match page.next {
            Some(next) => asked.before = Some(next),
            None => {
                let bytes = writer.into_inner().map_err(|_| Problem::internal())?;
                return Ok((bytes, entries));
            }
        }
    }
    Err(too_much())
}

fn too_much() -> Problem {
    let said = format!("One export has at most {EXPORT_LINES_MAX} lines: narrow the time.");
    Problem::too_large("export-too-large", said)
}

fn lines_of(entry: &workspace::TrailEntry) -> Vec<[String; 13]> {
    let time = serde_json::to_value(Time(entry.at_us)).ok();
    let time = time.and_then(|time| time.as_str().map(str::to_owned)).unwrap_or_default();
    let line = |row: Option<&workspace::TrailRow>, field: Option<&workspace::FieldChange>| {
        let text = |value: Option<&Value>| match value {
            None => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        };
        let of_row = |of: fn(&workspace::TrailRow) -> String| row.map(of).unwrap_or_default();
        [
            entry.lsn.0.to_string(),
            time.clone(),
            entry.actor_name.to_string(),
            entry.command.clone(),
            entry.label.clone(),
            of_row(|row| row.change.to_owned()),
            of_row(|row| row.kind.to_owned()),
            of_row(|row| row.id.clone()),
            of_row(|row| row.name.clone()),
            field.map(|field| field.field.clone()).unwrap_or_default(),
            text(field.and_then(|field| field.before.as_ref())),
            text(field.and_then(|field| field.after.as_ref())),
            entry.hash.clone(),
        ]
    };
    let mut lines = Vec::new();
    for row in &entry.rows {
        lines.extend(row.fields.iter().map(|field| line(Some(row), Some(field))));
        if row.fields.is_empty() {
            lines.push(line(Some(row), None));
        }
    }
    if lines.is_empty() {
        lines.push(line(None, None));
    }
    lines
}

/// Refuses those who may not read the trail (BR-121).
fn readable(me: &SignedIn) -> Result<(), Problem> {
    Ok(Workspace::may_read_trail(me.user().role)?)
}

/// Notes that somebody looks at the commercials of an estimate, before they see them; that it
/// cannot be noted while nothing can be changed does not keep them from looking.
pub(super) async fn commercials_read(me: &SignedIn, id: Uuid) {
    if me.published().library.estimate(EstimateId(id)).is_none() {
        return;
    }
    let ask = MarkAsk::Read {
        kind: MarkKind::CommercialsRead,
        object: id,
        estimate: Some(EstimateId(id)),
        words: "Read the commercials".to_owned(),
    };
    if let Err(error) = me.workspace().note_read(me.actor(), ask).await {
        tracing::warn!(%error, "a look at the commercials could not be noted");
    }
}

/// Notes that a price book was exported; the file is not given otherwise.
///
/// # Errors
/// Any refusal of the workspace.
pub(super) async fn price_book_exported(
    me: &SignedIn,
    id: Uuid,
    file: &str,
) -> Result<(), Problem> {
    let ask = MarkAsk::Read {
        kind: MarkKind::PriceBookExport,
        object: id,
        estimate: None,
        words: format!("Export {file}"),
    };
    Ok(me.workspace().note_read(me.actor(), ask).await?)
}

/// Walks the chain of an organisation now and daily, as long as it is open (BR-119); what was found
/// sound and is older than the log is kept here goes, where the vault has it.
pub(super) fn watch(workspace: &Arc<Workspace>) {
    let weak = Arc::downgrade(workspace);
    tokio::spawn(async move {
        loop {
            let Some(workspace) = Weak::upgrade(&weak) else { return };
            let walk = tokio::task::spawn_blocking(move || {
                workspace.verify_audit(|_| {})?;
                workspace.trim_log()
            });
            match walk.await {
                Ok(Ok(0)) | Err(_) => {}
                Ok(Ok(commits)) => tracing::info!(commits, "old commits left to the vault"),
                Ok(Err(error)) => {
                    tracing::error!(%error, "the audit trail could not be verified or trimmed");
                }
            }
            tokio::time::sleep(VERIFY_EVERY).await;
        }
    });
}
