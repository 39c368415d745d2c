//! Worksheets: how the cost of an item is built up, line by line.

use super::as_of::AsOf;
use super::auth::{Opened, SignedIn};
use super::edits::{self, EditResult, LinePatch, NewLine};
use super::extract::{Asked, Json, Path, Query, Terms};
use super::lines::Line;
use super::problem::Problem;
use super::schema;
use super::totals::{ByType, ByTypeSchema};
use crate::estimating::build_up::{BuildUpError, Fault};
use crate::estimating::edit::{BlockInput, Edit, VariableInput};
use crate::estimating::estimate::SheetView;
use crate::estimating::formula::{self, FormulaErrorKind};
use crate::estimating::id::ItemId;
use crate::estimating::number::{Money, Qty, Rate};
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Why a formula or line has no value.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FormulaError {
    /// The rule's code, such as `formula-name-unknown`.
    pub code: &'static str,
    /// What is wrong, in a sentence.
    pub message: String,
    /// The field at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<&'static str>,
    /// Where in the text, in characters from its start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<u64>,
    /// The names of a cycle, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub path: Vec<String>,
}

/// A named number or formula, with its value.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Variable {
    /// Name as formulas write it.
    pub name: String,
    /// Number or formula.
    pub formula: String,
    /// Its value.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Exact>)]
    pub value: Option<String>,
    /// What it stands for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Why it has no value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<FormulaError>,
}

/// A calculation block, with its value.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Block {
    /// Name as formulas write it.
    pub name: String,
    /// What it works out.
    pub formula: String,
    /// Unit it is shown in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// What it stands for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Its value.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Exact>)]
    pub value: Option<String>,
    /// Why it has no value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<FormulaError>,
}

/// The worksheet of an item.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Worksheet {
    /// The item.
    pub item_id: Uuid,
    /// Counts changes of the worksheet, from 1; 0 while nothing is in it.
    pub version: u64,
    /// Quantity of the item the cost is built on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Qty>)]
    pub quantity: Option<Qty>,
    /// The quantity as written, where that is a formula.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity_formula: Option<String>,
    /// Unit of the item.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Cost of the item.
    #[schema(value_type = schema::Money)]
    pub cost: Money,
    /// Cost per unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Rate>)]
    pub cost_rate: Option<Rate>,
    /// The cost by type.
    #[schema(value_type = ByTypeSchema)]
    pub by_type: ByType,
    /// Variables.
    pub variables: Vec<Variable>,
    /// Calculation blocks.
    pub blocks: Vec<Block>,
    /// Lines in order.
    pub lines: Vec<Line>,
    /// Why the item's quantity, a variable or a block keeps it from having a cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<FormulaError>,
}

/// New variables or blocks of a worksheet; absent lists stay as they are.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WorksheetInput {
    /// The worksheet version the client read.
    #[serde(default)]
    pub version: Option<u64>,
    /// Variables; replaces all of them.
    #[serde(default)]
    pub variables: Option<Vec<VariableInput>>,
    /// Calculation blocks; replaces all of them.
    #[serde(default)]
    pub blocks: Option<Vec<BlockInput>>,
}

/// The worksheet of an item, worked out.
#[utoipa::path(
    get,
    path = "/estimates/{id}/items/{item}/worksheet",
    operation_id = "showWorksheets",
    tag = "Worksheets",
    params(("id" = Uuid, Path, description = "Estimate"), ("item" = Uuid, Path, description = "Item"), AsOf),
    responses((status = 200, description = "The worksheet", body = Worksheet)),
)]
pub async fn show(
    me: SignedIn,
    Path((id, item)): Path<(Uuid, Uuid)>,
    Query(query): Query<AsOf>,
) -> Result<Json<Worksheet>, Problem> {
    let opened = me.open_at(id, query.as_of.as_deref()).await?;
    let sheet = opened.estimate.worksheet(ItemId(item), opened.catalogue());
    let sheet = sheet.ok_or_else(|| Problem::not_found("item"))?;
    Ok(Json(Worksheet::of(&opened, &sheet)))
}

/// Sets variables and calculation blocks.
#[utoipa::path(
    put,
    path = "/estimates/{id}/items/{item}/worksheet",
    operation_id = "updateWorksheets",
    tag = "Worksheets",
    params(("id" = Uuid, Path, description = "Estimate"), ("item" = Uuid, Path, description = "Item")),
    request_body = WorksheetInput,
    responses((status = 200, description = "What changed", body = EditResult)),
)]
pub async fn update(
    me: SignedIn,
    Path((id, item_id)): Path<(Uuid, Uuid)>,
    asked: Asked<WorksheetInput>,
) -> Result<Response, Problem> {
    let WorksheetInput { version, variables, blocks } = asked.body;
    let edit = Edit::Worksheet { item_id, version, variables, blocks };
    edits::run(&me, id, vec![edit], None, asked.terms, StatusCode::OK).await
}

/// Adds a line.
#[utoipa::path(
    post,
    path = "/estimates/{id}/items/{item}/worksheet/lines",
    operation_id = "addLineWorksheets",
    tag = "Worksheets",
    params(("id" = Uuid, Path, description = "Estimate"), ("item" = Uuid, Path, description = "Item")),
    request_body = NewLine,
    responses((status = 201, description = "What changed", body = EditResult)),
)]
pub async fn add_line(
    me: SignedIn,
    Path((id, item_id)): Path<(Uuid, Uuid)>,
    asked: Asked<NewLine>,
) -> Result<Response, Problem> {
    let NewLine { id: line_id, version, place, line } = asked.body;
    let edit = Edit::AddLine { item_id, id: line_id, version, place, line: Box::new(line) };
    edits::run(&me, id, vec![edit], None, asked.terms, StatusCode::CREATED).await
}

/// Changes a line.
#[utoipa::path(
    patch,
    path = "/estimates/{id}/items/{item}/worksheet/lines/{line}",
    operation_id = "updateLineWorksheets",
    tag = "Worksheets",
    params(("id" = Uuid, Path, description = "Estimate"), ("item" = Uuid, Path, description = "Item"), ("line" = Uuid, Path, description = "Line")),
    request_body = LinePatch,
    responses((status = 200, description = "What changed", body = EditResult)),
)]
pub async fn update_line(
    me: SignedIn,
    Path((id, item_id, line_id)): Path<(Uuid, Uuid, Uuid)>,
    asked: Asked<LinePatch>,
) -> Result<Response, Problem> {
    let LinePatch { version, set } = asked.body;
    let edit = Edit::UpdateLine { item_id, line_id, version, set: Box::new(set) };
    edits::run(&me, id, vec![edit], None, asked.terms, StatusCode::OK).await
}

/// Deletes a line.
#[utoipa::path(
    delete,
    path = "/estimates/{id}/items/{item}/worksheet/lines/{line}",
    operation_id = "removeLineWorksheets",
    tag = "Worksheets",
    params(("id" = Uuid, Path, description = "Estimate"), ("item" = Uuid, Path, description = "Item"), ("line" = Uuid, Path, description = "Line")),
    responses((status = 200, description = "What changed", body = EditResult)),
)]
pub async fn remove_line(
    me: SignedIn,
    Path((id, item_id, line_id)): Path<(Uuid, Uuid, Uuid)>,
    terms: Terms,
) -> Result<Response, Problem> {
    let edit = Edit::DeleteLines { item_id, line_ids: vec![line_id], version: None };
    edits::run(&me, id, vec![edit], None, terms, StatusCode::OK).await
}

impl From<&formula::FormulaError> for FormulaError {
    fn from(error: &formula::FormulaError) -> FormulaError {
        let path = match &error.kind {
            FormulaErrorKind::Cycle { path } => path.clone(),
            FormulaErrorKind::Syntax
            | FormulaErrorKind::NameUnknown { .. }
            | FormulaErrorKind::EvaluationFailed => Vec::new(),
        };
        FormulaError {
            code: error.code(),
            message: error.to_string(),
            field: None,
            // Inside another definition the position is not one of this text.
            position: error.within.is_none().then_some(error.position as u64),
            path,
        }
    }
}

impl From<&BuildUpError> for FormulaError {
    fn from(error: &BuildUpError) -> FormulaError {
        let told = match &error.fault {
            Fault::Formula(error) => FormulaError::from(&**error),
            Fault::Rule(rule, message) => FormulaError {
                code: rule.code(),
                message: message.clone(),
                field: None,
                position: None,
                path: Vec::new(),
            },
        };
        FormulaError { field: Some(error.field), ..told }
    }
}

impl Worksheet {
    /// The worksheet of an item, worked out. O(lines + leaves).
    pub fn of(opened: &Opened, sheet: &SheetView<'_>) -> Worksheet {
        let item = sheet.item;
        let node = opened.estimate.node(item.id.0);
        let row = sheet.sheet;
        let value = |name: &str| sheet.values.iter().find(|v| v.name == name).map(|v| &v.value);
        let variables = row.iter().flat_map(|s| &s.variables).map(|v| Variable {
            name: v.name.to_string(),
            formula: v.formula.text().into_owned(),
            value: value_of(value(&v.name)),
            note: v.note.as_deref().map(str::to_owned),
            error: error_of(value(&v.name)),
        });
        let blocks = row.iter().flat_map(|s| &s.blocks).map(|b| Block {
            name: b.name.to_string(),
            formula: b.formula.text().into_owned(),
            unit: b.unit.as_deref().map(str::to_owned),
            note: b.note.as_deref().map(str::to_owned),
            value: value_of(value(&b.name)),
            error: error_of(value(&b.name)),
        });
        let fault = sheet.fault.as_ref();
        let lines = sheet.lines.iter().map(|line| {
            let error = fault.filter(|error| error.line == Some(line.line.id));
            Line::of(line, error, opened.catalogue())
        });
        Worksheet {
            item_id: item.id.0,
            version: row.map_or(0, |s| s.version),
            quantity: node.as_ref().and_then(|n| n.cost_quantity()),
            quantity_formula: item
                .quantity
                .as_ref()
                .filter(|formula| formula.as_number().is_none())
                .map(|formula| formula.text().into_owned()),
            unit: item.unit.map(|unit| unit.to_string()),
            cost: node.as_ref().map_or(Money::ZERO, |n| n.cost()),
            cost_rate: node.as_ref().and_then(|n| n.cost_rate()),
            by_type: ByType(node.as_ref().map(|n| n.calc.cost).unwrap_or_default()),
            variables: variables.collect(),
            blocks: blocks.collect(),
            lines: lines.collect(),
            error: fault.filter(|error| error.line.is_none()).map(FormulaError::from),
        }
    }
}

/// A name's value, as the engine worked it out.
type Worked<'a> = Option<&'a Result<rust_decimal::Decimal, formula::FormulaError>>;

fn value_of(value: Worked<'_>) -> Option<String> {
    value.and_then(|v| v.as_ref().ok()).map(|v| v.normalize().to_string())
}

fn error_of(value: Worked<'_>) -> Option<FormulaError> {
    value.and_then(|v| v.as_ref().err()).map(FormulaError::from)
}
