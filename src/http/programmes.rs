//! Programmes of Microsoft Project: durations into an estimate, and an estimate as a programme.

use super::app::App;
use super::auth::{Opened, SignedIn};
use super::documents::download;
use super::exports::{file_stem, head};
use super::extract::{Json, Path, Query, Terms};
use super::imports::{UploadForm, file_of, unreadable};
use super::off_thread::off_thread;
use super::problem::Problem;
use super::schema;
use super::time::now_us;
use crate::documents::mpxj;
use crate::documents::programme::{self, Activity, Programme};
use crate::estimating::edit::{Edit, VariableInput};
use crate::estimating::estimate::Estimate;
use crate::estimating::id::{EstimateId, ItemId};
use crate::estimating::number::LineQty;
use crate::estimating::refusal::Refusal;
use crate::estimating::rules::{RuleId, Violation, Violations};
use crate::estimating::worksheet::Method;
use crate::workspace::Command;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{Multipart, State};
use axum::response::Response;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use tokio::sync::Semaphore;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// What names of variables that hold a task's duration begin with; the task's UID follows.
const PREFIX: &str = "task_";
/// What the note of such a variable begins with while its task is in the programme.
const LINKED: &str = "Programme: ";
/// What fails when a programme is not read.
const READING: &str = "reading a programme";
/// One process of mpxj at a time: it takes half a gigabyte.
static MPXJ: Semaphore = Semaphore::const_new(1);
/// Characters of the reason for keeping a duration.
const REASON_CHARS_MAX: usize = 500;

/// How a programme is taken in.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProgrammeQuery {
    /// UIDs of the tasks wanted, separated by commas; every task that sums up no others where
    /// absent.
    pub uids: Option<String>,
    /// Why durations of tasks that are gone stay as they are, where formulas use them (BR-113).
    pub fix: Option<String>,
}

/// What a programme changed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProgrammeTaken {
    /// The newest commit.
    #[schema(value_type = schema::Lsn)]
    pub lsn: u64,
    /// Durations that came.
    pub added: usize,
    /// Durations that changed.
    pub changed: usize,
    /// Durations that went with their tasks.
    pub removed: usize,
    /// Durations kept as they are without a task.
    pub fixed: usize,
}

/// Takes the durations of a programme (MSPDI XML; `.mpp` and others where mpxj is installed) into
/// the estimate: task 7 becomes the variable
/// `task_7`, in working days. Read again, tasks are matched by UID (BR-113).
#[utoipa::path(
    post,
    path = "/estimates/{id}/programme",
    operation_id = "takeProgrammes",
    tag = "Documents",
    params(("id" = Uuid, Path, description = "Estimate"), ProgrammeQuery),
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses((status = 200, description = "What changed", body = ProgrammeTaken)),
)]
pub async fn take(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<Uuid>,
    Query(query): Query<ProgrammeQuery>,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Json<ProgrammeTaken>, Problem> {
    let opened = me.open(id).await?;
    let mut form = form.map_err(|_| {
        Problem::invalid("file", "Send the programme as a multipart form with the part `file`.")
    })?;
    let (_, bytes) = file_of(&mut form, app.settings.upload_bytes_max).await?;
    let read = if mpxj::is_for_mpxj(&bytes) {
        let _turn = MPXJ.acquire().await.map_err(|_| Problem::internal())?;
        let python = app.settings.mpxj_python.clone();
        off_thread(READING, move || programme::read(&mpxj::to_mspdi(&python, &bytes)?)).await?
    } else {
        off_thread(READING, move || programme::read(&bytes)).await?
    };
    let programme = read.map_err(unreadable)?;
    let plan = Plan::of(&opened.estimate, &programme, &query)?;
    let mut taken = plan.taken;
    taken.lsn = opened.lsn;
    if taken.added + taken.changed + taken.removed + taken.fixed > 0 {
        let edit = Edit::UpdateEstimate {
            version: Some(opened.estimate.row().version),
            name: None,
            state: None,
            gst_pct: None,
            variables: Some(plan.variables),
        };
        let label = Some(format!("Take in programme {}", programme.title).trim().to_owned());
        let command = Command::Estimate { id: EstimateId(id), edits: vec![edit], label };
        taken.lsn = me.submit(command, Terms::default()).await?.lsn.0;
    }
    Ok(Json(taken))
}

/// The variables an estimate has with a programme taken in.
struct Plan {
    variables: Vec<VariableInput>,
    taken: ProgrammeTaken,
}

impl Plan {
    fn of(
        estimate: &Estimate,
        programme: &Programme,
        query: &ProgrammeQuery,
    ) -> Result<Plan, Problem> {
        let wanted = wanted(programme, query)?;
        let reason = query.fix.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
        if reason.is_some_and(|reason| reason.chars().count() > REASON_CHARS_MAX) {
            let message = format!("A reason has at most {REASON_CHARS_MAX} characters.");
            return Err(Problem::invalid("fix", message));
        }
        let mut taken = ProgrammeTaken { lsn: 0, added: 0, changed: 0, removed: 0, fixed: 0 };
        let mut left: Vec<VariableInput> = wanted;
        let mut variables = Vec::new();
        let mut orphans = Vec::new();
        for own in &estimate.row().variables {
            let known = VariableInput {
                name: own.name.to_string(),
                formula: own.formula.text().into_owned(),
                note: own.note.as_deref().map(str::to_owned),
            };
            let linked = known.note.as_deref().is_some_and(|note| note.starts_with(LINKED));
            if let Some(at) = left.iter().position(|new| new.name == known.name) {
                let new = left.swap_remove(at);
                taken.changed += usize::from(new != known);
                variables.push(new);
            } else if linked && known.name.starts_with(PREFIX) {
                orphans.push(known);
            } else {
                variables.push(known);
            }
        }
        left.sort_by(|a, b| (a.name.len(), &a.name).cmp(&(b.name.len(), &b.name)));
        taken.added = left.len();
        variables.extend(left);
        for orphan in orphans {
            if !is_used(estimate, &orphan.name) {
                taken.removed += 1;
            } else if let Some(reason) = reason {
                taken.fixed += 1;
                variables.push(VariableInput { note: Some(format!("Fixed: {reason}")), ..orphan });
            } else {
                return Err(orphaned(&orphan));
            }
        }
        Ok(Plan { variables, taken })
    }
}

fn orphaned(orphan: &VariableInput) -> Problem {
    let task = orphan.note.as_deref().unwrap_or_default();
    let message = format!(
        "{} ({task}) is no longer in the programme, but a formula uses it: use another task's \
         duration there, or give a reason to keep {} days.",
        orphan.name, orphan.formula
    );
    let broken = Violation::new(RuleId::br(113), message).field("fix").fact("name", &orphan.name);
    Refusal::from(Violations::from(broken)).into()
}

/// The tasks asked for, as variables.
fn wanted(programme: &Programme, query: &ProgrammeQuery) -> Result<Vec<VariableInput>, Problem> {
    let uids = match query.uids.as_deref() {
        None => None,
        Some(text) => {
            let read = text.split(',').map(|uid| uid.trim().parse::<u32>());
            let read: Result<BTreeSet<u32>, _> = read.collect();
            Some(read.map_err(|_| Problem::invalid("uids", "UIDs are whole numbers."))?)
        }
    };
    let tasks = programme.tasks.iter().filter(|task| match &uids {
        Some(uids) => uids.contains(&task.uid),
        None => !task.summary && task.minutes > 0,
    });
    let variable = |task: &programme::Task| VariableInput {
        name: format!("{PREFIX}{}", task.uid),
        formula: programme.days(task).to_string(),
        note: Some(format!("{LINKED}{}, days", task.name)),
    };
    Ok(tasks.map(variable).collect())
}

/// Whether a formula of the estimate may call upon `name`. O(rows + lines).
fn is_used(estimate: &Estimate, name: &str) -> bool {
    let written = |text: &str| {
        text.match_indices(name).any(|(at, _)| {
            let after = text.get(at + name.len()..).and_then(|rest| rest.chars().next());
            after.is_none_or(|c| !c.is_alphanumeric() && c != '_')
        })
    };
    let holds = |text: Result<String, serde_json::Error>| text.is_ok_and(|text| written(&text));
    let others = estimate.row().variables.iter().filter(|own| &*own.name != name);
    others.map(|own| own.formula.text()).any(|text| written(&text))
        || estimate.rows().any(|node| {
            node.item().is_some_and(|item| holds(serde_json::to_string(item)))
                || node.sheet.is_some_and(|sheet| holds(serde_json::to_string(sheet)))
        })
}

/// The estimate as a programme (MSPDI XML): headings and items, durations from time-based lines.
#[utoipa::path(
    get,
    path = "/estimates/{id}/programme",
    operation_id = "getProgrammes",
    tag = "Documents",
    params(("id" = Uuid, Path, description = "Estimate")),
    responses((status = 200, description = "The programme")),
)]
pub async fn show(me: SignedIn, Path(id): Path<Uuid>) -> Result<Response, Problem> {
    let opened = me.open(id).await?;
    let header = head(&opened, &me.office().organisation());
    let name = format!("{} programme.xml", file_stem(&header));
    let title = format!("{} {}", header.tender_number, header.tender_name);
    let written = off_thread("writing a programme", move || {
        let today = jiff::Timestamp::from_microsecond(now_us()).unwrap_or_default();
        let today = today.strftime("%Y-%m-%d").to_string();
        programme::write(title.trim(), &today, &activities(&opened))
    });
    Ok(download(written.await?.into_bytes(), "application/xml", &name))
}

fn activities(opened: &Opened) -> Vec<Activity> {
    let estimate = &opened.estimate;
    let rows = estimate.rows().filter_map(|node| {
        let level = u32::from(node.calc.depth);
        if let Some(heading) = node.heading() {
            let name = format!("{} {}", heading.code, heading.name).trim().to_owned();
            return Some(Activity { name, level, minutes: None });
        }
        let item = node.item().filter(|item| !item.inactive)?;
        let name = format!("{} {}", item.code, item.description).trim().to_owned();
        let minutes = if node.child_count > 0 { None } else { Some(minutes(opened, item.id)) };
        Some(Activity { name, level, minutes })
    });
    rows.collect()
}

/// Working minutes of an item: its longest time-based line, for the number at work at once.
fn minutes(opened: &Opened, item: ItemId) -> u64 {
    let Some(sheet) = opened.estimate.worksheet(item, opened.catalogue()) else { return 0 };
    let hours = sheet.lines.iter().filter_map(|line| {
        let count = match &line.line.method {
            Method::Time { count, .. } | Method::Norm { count, .. } => count,
            Method::Fixed { .. }
            | Method::Usage { .. }
            | Method::Subcontract
            | Method::Lump { .. }
            | Method::PercentOf { .. } => return None,
        };
        let at_once = count.constant().filter(|n| *n > Decimal::ZERO);
        let quantity = line.cost.as_ref()?.quantity.map(LineQty::to_decimal)?;
        quantity.checked_div(at_once.unwrap_or(Decimal::ONE))
    });
    let hours = hours.max().unwrap_or_default();
    let minutes = hours.checked_mul(Decimal::from(60)).unwrap_or_default().ceil();
    u64::try_from(minutes).unwrap_or_default()
}
