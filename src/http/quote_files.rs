//! The schedule a package sends out as a workbook, and the priced one that comes back.

use super::app::App;
use super::auth::SignedIn;
use super::documents::unmade;
use super::exports::{ExportFormat::Xlsx, attached, file_called};
use super::extract::{Json, Path, Query};
use super::imports;
use super::off_thread::off_thread;
use super::packages::View;
use super::problem::Problem;
use crate::documents::quote_sheet::{self, AskedLine, QuoteHead, ReadLine, ReadPrice};
use crate::estimating::edit::{PriceTag, QuoteLineInput};
use crate::estimating::id::CompanyId;
use crate::estimating::quotes::PackageId;
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// For whom a schedule is written.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ScheduleQuery {
    /// The company asked; nobody in particular where absent.
    pub company_id: Option<Uuid>,
}

/// Which upload holds the priced schedule.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct QuoteReading {
    /// The upload, as `POST /imports` gave it.
    pub import_id: Uuid,
    /// Its sheet, from 0; the first where absent.
    #[serde(default)]
    pub sheet: Option<usize>,
}

/// A cell that is no price.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuoteCellProblem {
    /// The cell, such as `Quote!E14`.
    pub cell: String,
    /// What is wrong with it.
    pub message: String,
}

/// A priced schedule as it was read; nothing is kept until its lines are sent as an edit.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct QuoteRead {
    /// Its lines, those of the package with their members.
    pub lines: Vec<QuoteLineInput>,
    /// Lines that price a member.
    pub priced: u32,
    /// Members left blank or left out: gaps.
    pub gaps: u32,
    /// Lines with a price that match no member (BR-064).
    pub unmatched: u32,
    /// The total it states.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stated_total: Option<String>,
    /// Cells that are no price; a schedule with any is not taken over (BR-104).
    pub problems: Vec<QuoteCellProblem>,
}

/// The blank schedule of a package, to be priced and sent back.
#[utoipa::path(
    get,
    path = "/estimates/{id}/packages/{package}/schedule",
    operation_id = "scheduleOfPackage",
    tag = "Quotes",
    params(("id" = Uuid, Path, description = "Estimate"), ("package" = Uuid, Path, description = "Package"), ScheduleQuery),
    responses((status = 200, description = "A workbook")),
)]
pub async fn schedule(
    me: SignedIn,
    Path((id, package)): Path<(Uuid, Uuid)>,
    Query(query): Query<ScheduleQuery>,
) -> Result<Response, Problem> {
    let opened = me.open(id).await?;
    let view = View::of(&opened, PackageId(package), None)?;
    let company = match query.company_id {
        None => None,
        Some(id) => {
            let row = opened.catalogue().company(CompanyId(id));
            Some(row.ok_or_else(|| Problem::not_found("company"))?.name.to_string())
        }
    };
    let organisation = &me.office().organisation();
    let (row, round) = (view.package(), &view.round);
    let deadline = round.deadline_us.and_then(|us| jiff::Timestamp::from_microsecond(us).ok());
    let deadline = deadline.map(|at| match at.in_tz(&organisation.time_zone) {
        Ok(local) => local.strftime("Quotes by %-d %b %Y %H:%M %Z").to_string(),
        Err(_) => format!("Quotes by {at}"),
    });
    let title = format!("{} {}", row.code, row.name).trim().to_owned();
    let head = QuoteHead {
        organisation: organisation.name.to_string(),
        title: title.clone(),
        company: company.clone().unwrap_or_default(),
        deadline: deadline.unwrap_or_default(),
        note: row.note.as_deref().unwrap_or_default().to_owned(),
    };
    let line = |scope: &crate::estimating::quotes::Scope| AskedLine {
        reference: scope.asked.member.0,
        code: scope.asked.code.to_string(),
        description: scope.asked.description.to_string(),
        unit: scope.asked.unit.map(|unit| unit.to_string()).unwrap_or_default(),
        quantity: scope.asked.quantity.to_decimal(),
    };
    let lines: Vec<AskedLine> = view.scope.iter().map(line).collect();
    let published = opened.published.clone();
    let write = move || quote_sheet::write(&head, &lines, published.library.branding());
    let written = off_thread("writing a schedule", write).await?;
    let bytes = written.map_err(unmade)?;
    let name = file_called(&format!("{title} {}", company.unwrap_or_default()), Xlsx);
    Ok(attached(bytes, &name, Xlsx))
}

/// Reads a priced schedule: by the identity of each line, else by its code.
#[utoipa::path(
    post,
    path = "/estimates/{id}/packages/{package}/read",
    operation_id = "readQuote",
    tag = "Quotes",
    params(("id" = Uuid, Path, description = "Estimate"), ("package" = Uuid, Path, description = "Package")),
    request_body = QuoteReading,
    responses((status = 200, description = "What it holds", body = QuoteRead)),
)]
pub async fn read(
    State(app): State<App>,
    me: SignedIn,
    Path((id, package)): Path<(Uuid, Uuid)>,
    Json(reading): Json<QuoteReading>,
) -> Result<Json<QuoteRead>, Problem> {
    let opened = me.open(id).await?;
    let view = View::of(&opened, PackageId(package), None)?;
    let upload = imports::find(&app, &me, reading.import_id)?;
    let sheet = upload.sheet(reading.sheet.unwrap_or_default());
    let sheet = sheet.ok_or_else(|| Problem::not_found("sheet"))?;
    let read = quote_sheet::read(sheet).map_err(|found| {
        Problem::invalid("importId", format!("{}: {}", found.cell, found.message))
    })?;
    let mut codes: HashMap<String, Option<Uuid>> = HashMap::new();
    for scope in view.scope.iter().filter(|scope| !scope.asked.code.is_empty()) {
        let known = codes.entry(scope.asked.code.to_lowercase());
        known.and_modify(|id| *id = None).or_insert(Some(scope.asked.member.0));
    }
    let known = |id: &Uuid| view.scope.iter().any(|scope| scope.asked.member.0 == *id);
    let mut lines = Vec::with_capacity(read.lines.len());
    let (mut priced, mut unmatched) = (0_u32, 0_u32);
    for line in read.lines {
        let by_code = || codes.get(&line.code.to_lowercase()).copied().flatten();
        let member = line.reference.filter(|id| known(id)).or_else(by_code);
        match (member, line.price) {
            (None, ReadPrice::Blank) => continue,
            (None, _) => unmatched = unmatched.saturating_add(1),
            (Some(_), ReadPrice::Blank) => {}
            (Some(_), _) => priced = priced.saturating_add(1),
        }
        lines.push(input(line, member));
    }
    let members = u32::try_from(view.scope.len()).unwrap_or(u32::MAX);
    let problem =
        |one: quote_sheet::CellProblem| QuoteCellProblem { cell: one.cell, message: one.message };
    Ok(Json(QuoteRead {
        lines,
        priced,
        gaps: members.saturating_sub(priced),
        unmatched,
        stated_total: read.stated_total.map(|total| total.to_string()),
        problems: read.problems.into_iter().map(problem).collect(),
    }))
}

fn input(line: ReadLine, member: Option<Uuid>) -> QuoteLineInput {
    let (rate, amount, tag) = match line.price {
        ReadPrice::Blank => (None, None, None),
        ReadPrice::Rate(rate) => (Some(rate.to_string()), None, None),
        ReadPrice::Amount(amount) => (None, Some(amount.to_string()), None),
        ReadPrice::Included => (None, None, Some(PriceTag::Included)),
        ReadPrice::Free => (None, None, Some(PriceTag::Free)),
    };
    let words = [line.code.as_str(), line.description.as_str()];
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    QuoteLineInput {
        member_id: member,
        code: None,
        description: Some(words.join(" ")),
        set_aside: false,
        rate,
        amount,
        tag,
        note: (!line.note.is_empty()).then_some(line.note),
    }
}
