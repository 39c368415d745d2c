//! Price lists in: a spreadsheet as the next version.

use super::{PriceBook, entries_at, find};
use crate::documents::rate_sheet::{self, RateList, RateRow};
use crate::estimating::catalogue::Catalogue;
use crate::estimating::cost::CostType;
use crate::estimating::id::{PriceBookId, ResourceId};
use crate::estimating::library::{
    Library, LibraryContext, LibraryEdit, QuotedInput, RateEntryInput, ResourceFields,
};
use crate::estimating::number::Rate;
use crate::estimating::price_book::GstBasis;
use crate::estimating::refusal::Refusal;
use crate::estimating::rules;
use crate::http::app::App;
use crate::http::auth::SignedIn;
use crate::http::extract::{Asked, Json, Path};
use crate::http::problem::{Problem, Violation};
use crate::http::schema;
use crate::http::time::now_us;
use crate::workspace::Command;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};
use utoipa::ToSchema;
use uuid::Uuid;

/// Rows of an import's preview that are shown; it counts them all.
const PREVIEW_ROWS_MAX: usize = 2_000;
/// Problems an import lists.
const PROBLEMS_MAX: usize = 500;

/// A price list to take into a price book.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RateImportRequest {
    /// The uploaded spreadsheet (`POST /imports`).
    pub upload_id: Uuid,
    /// The sheet, from 0.
    #[serde(default)]
    pub sheet: usize,
    /// Whether rates of rows that do not say so have GST in them.
    #[serde(default)]
    pub gst: Option<GstBasis>,
    /// Type of new resources whose row says none.
    #[serde(default)]
    pub default_type: Option<CostType>,
    /// False shows what each row becomes, true does it.
    #[serde(default)]
    pub apply: bool,
}

/// What a row becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RateImportAction {
    /// A new resource.
    New,
    /// New rates of a resource there is.
    Changed,
    /// The rates it has already.
    Same,
    /// It cannot be taken.
    Error,
}

/// A row of a price list and what it becomes.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RateImportRow {
    /// Row on the sheet, from 1.
    pub row: u32,
    /// Resource code.
    pub code: String,
    /// Description.
    pub description: String,
    /// What it becomes.
    pub action: RateImportAction,
    /// The rate in force today before.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Rate>)]
    pub before: Option<Rate>,
    /// The rate in force today after.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Rate>)]
    pub after: Option<Rate>,
}

/// What is wrong with a cell.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RateImportProblem {
    /// Row on the sheet, from 1.
    pub row: u32,
    /// The cell, such as `Rates!E7`.
    pub cell: String,
    /// Code of the rule it breaks.
    pub code: String,
    /// What is wrong.
    pub message: String,
}

/// What a price list does to a price book.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RateImport {
    /// The first rows, in the order of the sheet.
    pub rows: Vec<RateImportRow>,
    /// Everything wrong: nothing is taken while there is any (BR-103).
    pub problems: Vec<RateImportProblem>,
    /// New resources.
    pub added: u64,
    /// Resources with new rates.
    pub changed: u64,
    /// Resources whose rates stay.
    pub same: u64,
    /// Resources of the book that the list does not name; they keep their rates.
    pub missing: u64,
    /// The price book with the rates in its open version, once applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price_book: Option<PriceBook>,
}

/// Shows what a price list does to a price book, or does it: the rates go to the open version,
/// which is made where there is none. All of the list or nothing (BR-103).
#[utoipa::path(
    post,
    path = "/price-books/{id}/import",
    operation_id = "importPriceBooks",
    tag = "Library",
    params(("id" = Uuid, Path, description = "Price book")),
    request_body = RateImportRequest,
    responses((status = 200, description = "What the list does, or did", body = RateImport)),
)]
pub async fn import(
    State(app): State<App>,
    me: SignedIn,
    Path(id): Path<Uuid>,
    asked: Asked<RateImportRequest>,
) -> Result<Json<RateImport>, Problem> {
    let request = asked.body;
    let upload = crate::http::imports::find(&app, &me, request.upload_id)?;
    let sheet = upload.workbook.sheets.get(request.sheet);
    let list = rate_sheet::read(sheet.ok_or_else(|| Problem::not_found("sheet"))?);
    let published = me.published();
    let book = PriceBookId(id);
    let catalogue = &published.library.catalogue;
    catalogue.book(book).ok_or_else(|| Problem::not_found("price book"))?;
    let mut planned = Planner::new(&me, &published.library, book, &request).run(&list);
    if !request.apply {
        return Ok(Json(planned.answer));
    }
    if !planned.answer.problems.is_empty() {
        return Err(has_errors(&planned.answer.problems));
    }
    if planned.answer.added + planned.answer.changed > 0 {
        let label = Some(format!("Import {} into a price book", upload.file_name));
        me.submit(Command::Library { edits: planned.edits, label }, asked.terms).await?;
    }
    planned.answer.price_book = Some(find(&me, id)?);
    Ok(Json(planned.answer))
}

fn has_errors(problems: &[RateImportProblem]) -> Problem {
    let first = problems.first().map(|p| format!("{}: {}", p.cell, p.message)).unwrap_or_default();
    let said = format!("The list has {} errors; the first is {first}", problems.len());
    Problem::new(axum::http::StatusCode::UNPROCESSABLE_ENTITY, "import-has-errors", said)
        .with_violations(problems.iter().filter_map(violation).collect())
}

/// A problem as a broken rule.
fn violation(problem: &RateImportProblem) -> Option<Violation> {
    let rule = rules::all().find(|rule| rule.code == problem.code)?;
    let said = format!("{}: {}", problem.cell, problem.message);
    Some(rules::Violation::new(rule.id, said).into())
}

/// What an import does, worked out on a library nobody keeps.
struct Planner<'a> {
    library: Library,
    before: &'a Catalogue,
    book: PriceBookId,
    request: &'a RateImportRequest,
    me: &'a SignedIn,
    edits: Vec<LibraryEdit>,
    problems: Vec<RateImportProblem>,
}

struct Planned {
    answer: RateImport,
    edits: Vec<LibraryEdit>,
}

impl<'a> Planner<'a> {
    fn new(
        me: &'a SignedIn,
        library: &'a Library,
        book: PriceBookId,
        request: &'a RateImportRequest,
    ) -> Planner<'a> {
        let before = &library.catalogue;
        let problems = Vec::new();
        Planner { library: library.clone(), before, book, request, me, edits: Vec::new(), problems }
    }

    fn run(mut self, list: &RateList) -> Planned {
        for problem in &list.problems {
            self.problems.push(RateImportProblem {
                row: problem.row,
                cell: problem.cell.clone(),
                code: "import-cell-invalid".to_owned(),
                message: problem.message.clone(),
            });
        }
        if self.before.book_draft(self.book).is_none() {
            let open = LibraryEdit::DraftPriceBook { id: self.book.0 };
            if let Err(refusal) = self.try_edits(std::slice::from_ref(&open)) {
                self.refused(list, 1, &refusal);
            }
            self.edits.push(open);
        }
        let mut order: Vec<&str> = Vec::new();
        let mut by_code: BTreeMap<String, Vec<&RateRow>> = BTreeMap::new();
        for row in &list.rows {
            let rows = by_code.entry(row.code.to_lowercase()).or_default();
            if rows.is_empty() {
                order.push(&row.code);
            }
            rows.push(row);
        }
        let mut answer = RateImport {
            rows: Vec::new(),
            problems: Vec::new(),
            added: 0,
            changed: 0,
            same: 0,
            missing: 0,
            price_book: None,
        };
        for code in order {
            let Some(rows) = by_code.get(&code.to_lowercase()) else { continue };
            let row = self.one(list, rows);
            match row.action {
                RateImportAction::New => answer.added += 1,
                RateImportAction::Changed => answer.changed += 1,
                RateImportAction::Same => answer.same += 1,
                RateImportAction::Error => {}
            }
            if answer.rows.len() < PREVIEW_ROWS_MAX {
                answer.rows.push(row);
            }
        }
        let named: HashSet<&str> = by_code.keys().map(String::as_str).collect();
        let missing = self.before.resources().filter(|resource| {
            resource.book == self.book && !named.contains(&*resource.code.to_lowercase())
        });
        answer.missing = missing.count() as u64;
        self.problems.sort_by_key(|problem| problem.row);
        self.problems.truncate(PROBLEMS_MAX);
        answer.problems = self.problems;
        Planned { answer, edits: self.edits }
    }

    /// The rows of one code, in the order of the sheet.
    fn one(&mut self, list: &RateList, rows: &[&RateRow]) -> RateImportRow {
        let first = rows.first().copied().cloned().unwrap_or_default();
        let known = self.before.resource_by_code(self.book, &first.code).cloned();
        let id = known.as_ref().map_or_else(|| ResourceId(Uuid::now_v7()), |r| r.id);
        let mut edits = Vec::new();
        let cost_type = self.type_of(list, &first);
        match &known {
            None => edits.push(LibraryEdit::AddResource {
                id: Some(id.0),
                book_id: Some(self.book.0),
                set: Box::new(ResourceFields {
                    code: Some(first.code.clone()),
                    description: Some(first.description.clone()),
                    cost_type: cost_type.or(self.request.default_type),
                    unit: Some(first.unit.clone()),
                    ..ResourceFields::default()
                }),
            }),
            Some(row) => {
                let set = ResourceFields {
                    description: Some(first.description.clone())
                        .filter(|d| !d.is_empty() && **d != *row.description),
                    cost_type: cost_type.filter(|t| *t != row.cost_type),
                    unit: Some(first.unit.clone())
                        .filter(|u| !u.is_empty() && self.before.match_unit(u) != Some(row.unit)),
                    ..ResourceFields::default()
                };
                if set != ResourceFields::default() {
                    let set = Box::new(set);
                    edits.push(LibraryEdit::UpdateResource { id: id.0, version: None, set });
                }
            }
        }
        let described = known.is_some() && !edits.is_empty();
        let entries: Vec<RateEntryInput> =
            rows.iter().filter_map(|row| self.entry(list, row)).collect();
        edits.push(LibraryEdit::SetRates { resource_id: id.0, n: None, version: None, entries });
        let had = self.problems.len();
        let tried = self.try_edits(&edits);
        if let Err(refusal) = &tried {
            self.refused(list, first.row, refusal);
        }
        let wrong = self.problems.len() > had
            || self.problems.iter().any(|p| rows.iter().any(|row| row.row == p.row));
        let n = self.library.catalogue.book_draft(self.book).map_or(0, |draft| draft.n);
        let current = self.before.book_draft(self.book).map_or_else(
            || self.before.book(self.book).map_or(0, |book| book.current),
            |draft| draft.n,
        );
        let same =
            entries_at(self.before, id, current) == entries_at(&self.library.catalogue, id, n);
        let action = match (&known, wrong) {
            (_, true) => RateImportAction::Error,
            (None, false) => RateImportAction::New,
            (Some(_), false) if same && !described => RateImportAction::Same,
            (Some(_), false) => RateImportAction::Changed,
        };
        if !matches!(action, RateImportAction::Same | RateImportAction::Error) {
            self.edits.extend(edits);
        }
        RateImportRow {
            row: first.row,
            code: first.code,
            description: first.description,
            action,
            before: known.as_ref().and_then(|_| self.before.rate_at(id, current)),
            after: self.library.catalogue.rate_at(id, n).filter(|_| !wrong),
        }
    }

    fn type_of(&mut self, list: &RateList, row: &RateRow) -> Option<CostType> {
        if row.cost_type.is_empty() {
            return None;
        }
        let found =
            CostType::ALL.into_iter().find(|t| t.name().eq_ignore_ascii_case(&row.cost_type));
        if found.is_none() {
            let message = format!(
                "“{}” is not a type: Labour, Plant, Material, Subcontract or Other.",
                row.cost_type
            );
            self.problem(list, row.row, "Type", "resource-code-not-unique", message);
        }
        found
    }

    fn entry(&mut self, list: &RateList, row: &RateRow) -> Option<RateEntryInput> {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let gst = match row.gst.to_lowercase().as_str() {
            "" => self.request.gst,
            "inclusive" | "incl" | "incl." | "incl gst" | "inc" | "yes" => {
                Some(GstBasis::Inclusive)
            }
            "exclusive" | "excl" | "excl." | "excl gst" | "ex" | "no" => Some(GstBasis::Exclusive),
            _ => {
                let message = format!("“{}” is neither inclusive nor exclusive.", row.gst);
                self.problem(list, row.row, "GST", "rate-basis-invalid", message);
                return None;
            }
        };
        let figure = text(&row.quoted).or_else(|| text(&row.rate));
        let Some(figure) = figure else {
            if !self.problems.iter().any(|problem| problem.row == row.row) {
                let message = "The rate is missing.".to_owned();
                self.problem(list, row.row, "Rate", "rate-basis-invalid", message);
            }
            return None;
        };
        let home = row.currency.is_empty() || row.currency.eq_ignore_ascii_case("NZD");
        let plain = home && gst != Some(GstBasis::Inclusive);
        let quoted = QuotedInput {
            amount: figure.clone(),
            currency: text(&row.currency),
            exchange: text(&row.exchange),
            exchange_date: text(&row.exchange_date),
            gst,
        };
        Some(RateEntryInput {
            rate: plain.then_some(figure),
            quoted: (!plain).then_some(quoted),
            valid_from: text(&row.from),
            valid_to: text(&row.to),
        })
    }

    /// Runs edits on a copy and keeps it when they hold.
    fn try_edits(&mut self, edits: &[LibraryEdit]) -> Result<(), Refusal> {
        let mut copy = self.library.clone();
        let mut fresh = Uuid::now_v7;
        let mut context = LibraryContext::new(self.me.id(), now_us(), &mut fresh);
        copy.edit(edits, &mut context)?;
        self.library = copy;
        Ok(())
    }

    fn refused(&mut self, list: &RateList, row: u32, refusal: &Refusal) {
        let column = |field: Option<&str>| match field {
            Some("unit") => "Unit",
            Some("type") => "Type",
            Some("description") => "Description",
            Some("rate" | "amount") => "Rate",
            Some("validFrom") => "Valid from",
            Some("validTo") => "Valid to",
            Some("currency") => "Currency",
            Some("exchange") => "Exchange",
            Some("exchangeDate") => "Exchange date",
            Some(_) | None => "Code",
        };
        match refusal {
            Refusal::Violations(violations) => {
                for violation in &violations.0 {
                    let name = column(violation.field);
                    self.problem(list, row, name, violation.code, violation.message.clone());
                }
            }
            Refusal::Invalid { field, message } => {
                self.problem(list, row, column(*field), "import-cell-invalid", message.clone());
            }
            Refusal::NotFound { .. } | Refusal::StaleVersion { .. } | Refusal::TooMany { .. } => {
                self.problem(list, row, "Code", "import-cell-invalid", refusal.to_string());
            }
        }
    }

    fn problem(&mut self, list: &RateList, row: u32, column: &str, code: &str, message: String) {
        let cell = list.cell(row, column);
        self.problems.push(RateImportProblem { row, cell, code: code.to_owned(), message });
    }
}
