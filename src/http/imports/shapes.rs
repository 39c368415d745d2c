//! What travels when a spreadsheet is imported.

use crate::estimating::cost::CostType;
use crate::estimating::item::ItemType;
use crate::estimating::number::Money;
use crate::http::edits::EditResult;
use crate::http::schema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A sheet of an uploaded workbook.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportSheet {
    /// Its place in the workbook, from 0.
    pub index: usize,
    /// Name.
    pub name: String,
    /// Rows with anything in them.
    pub rows: u32,
    /// Whether its tab is hidden.
    pub hidden: bool,
    /// Columns with anything in them.
    pub columns: u32,
}

/// An uploaded spreadsheet.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Import {
    /// Identity; forgotten after 30 minutes without use.
    pub id: Uuid,
    /// Name of the file.
    pub file_name: String,
    /// Bytes.
    pub size: u64,
    /// Its sheets.
    pub sheets: Vec<ImportSheet>,
}

/// The upload: a form with one part called `file`.
#[derive(ToSchema)]
#[schema(as = Upload)]
#[allow(dead_code, reason = "describes the form")]
pub struct UploadForm {
    /// An .xlsx, .xls, .ods or .csv file of at most 64 MiB.
    #[schema(value_type = String, format = Binary, content_media_type = "application/octet-stream")]
    file: Vec<u8>,
}

/// What a cell holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CellKind {
    /// Nothing.
    Empty,
    /// Text.
    Text,
    /// A number.
    Number,
    /// True or false.
    Bool,
    /// An error such as `#REF!`.
    Error,
    /// A date or time.
    Date,
}

/// A cell as the sheet shows it.
#[derive(Debug, Serialize, ToSchema)]
pub struct SheetCell {
    /// Its value as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub v: Option<String>,
    /// What it holds.
    pub kind: CellKind,
    /// Whether it is bold.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub bold: bool,
    /// Its indent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub indent: Option<u32>,
}

/// Which column holds what, from 0.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct LayoutColumns {
    /// Codes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<u32>,
    /// Descriptions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<u32>,
    /// Units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<u32>,
    /// Quantities.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity: Option<u32>,
    /// Rates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<u32>,
    /// Amounts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<u32>,
    /// Levels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<u32>,
    /// Notes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<u32>,
}

/// How the sheet shows its hierarchy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Hierarchy {
    /// Not at all.
    #[default]
    Flat,
    /// By codes such as 2.1.3.
    Codes,
    /// By indent.
    Indent,
    /// By a column with levels.
    Level,
    /// By bold headings.
    Bold,
}

/// Only rows whose cell in a column reads so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LayoutFilter {
    /// Column, from 0.
    pub column: u32,
    /// Its text.
    pub equals: String,
}

/// How a sheet is laid out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Layout {
    /// The sheet, from 0.
    pub sheet: u32,
    /// The row with the column names, from 0.
    pub header_row: u32,
    /// Which column holds what.
    pub columns: LayoutColumns,
    /// How the hierarchy shows.
    #[serde(default)]
    pub hierarchy: Hierarchy,
    /// Only rows that pass all of these.
    #[serde(default)]
    pub filters: Vec<LayoutFilter>,
    /// Units as the sheet writes them to ours.
    #[serde(default)]
    pub unit_map: BTreeMap<String, String>,
    /// Whether the layout was remembered from an earlier import of a sheet like it.
    #[serde(default)]
    pub remembered: bool,
}

/// Some rows of a sheet, and the layout it seems to have.
#[derive(Debug, Serialize, ToSchema)]
pub struct SheetWindow {
    /// Cells by row.
    pub cells: Vec<Vec<SheetCell>>,
    /// Rows of the sheet.
    pub rows: u32,
    /// Columns of the sheet.
    pub columns: u32,
    /// The layout it seems to have.
    pub guess: Layout,
}

/// Which rows of a sheet.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SheetQuery {
    /// The row with the column names, from 0; guessed where absent.
    pub header_row: Option<u32>,
    /// First row wanted, from 0.
    pub offset: Option<u32>,
    /// Rows wanted, at most 500.
    pub limit: Option<u32>,
}

/// Which values of a column.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ValuesQuery {
    /// Column, from 0.
    pub column: u32,
    /// The row with the column names, from 0.
    pub header_row: Option<u32>,
    /// Values wanted, at most 500.
    pub limit: Option<u32>,
}

/// A value of a column and how often it stands there.
#[derive(Debug, Serialize, ToSchema)]
pub struct ColumnValue {
    /// The text.
    pub value: String,
    /// How often.
    pub count: u64,
}

/// The values of a column.
#[derive(Debug, Serialize, ToSchema)]
pub struct ColumnValues {
    /// Values, most frequent first.
    pub items: Vec<ColumnValue>,
}

/// What the import is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ImportMode {
    /// Add everything below a heading or at the top.
    Append,
    /// Fill an estimate that is empty.
    ReplaceEmpty,
    /// Match on client codes: update, add, and make inactive what was dropped (BR-105).
    Reimport,
}

/// What becomes of rates in the sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RateAs {
    /// They become plugs.
    Plug,
    /// They are left out.
    Ignore,
}

/// A plan to make.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlanRequest {
    /// The estimate to import into.
    pub estimate_id: Uuid,
    /// What the import is to do.
    pub mode: ImportMode,
    /// The heading to add below; the top where absent.
    #[serde(default)]
    pub parent_id: Option<Uuid>,
    /// How the sheet is laid out.
    pub layout: Layout,
    /// What becomes of rates in the sheet.
    pub rate_as: RateAs,
    /// Type plugs are booked as; other where absent.
    #[serde(default)]
    pub plug_type: Option<CostType>,
}

/// What a plan comes to.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlanSummary {
    /// Rows that become headings.
    pub headings: u64,
    /// Rows that become items.
    pub items: u64,
    /// Rows that are new.
    pub added: u64,
    /// Rows that change.
    pub changed: u64,
    /// Rows that stay as they are.
    pub unchanged: u64,
    /// Items the sheet no longer has.
    pub dropped: u64,
    /// Rows left out.
    pub skipped: u64,
    /// Problems of both kinds.
    pub problems: u64,
    /// Problems that bar the commit (BR-103).
    pub errors: u64,
    /// Sum of quantity times rate, and of sums the client fixed.
    #[schema(value_type = schema::Money)]
    pub total: Money,
    /// Sum of the amounts as the file has them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Money>)]
    pub file_total: Option<Money>,
}

/// A unit the managed list does not have.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UnknownUnit {
    /// As the sheet writes it.
    pub unit: String,
    /// How often.
    pub count: u64,
    /// Ours that it may be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggest: Option<String>,
}

/// How serious a problem of a plan is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PlanSeverity {
    /// The plan cannot be committed.
    Error,
    /// Worth a look.
    Warning,
}

/// A problem of a plan.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PlanProblem {
    /// Sheet and cell, such as `Sheet1!D14`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cell: Option<String>,
    /// Stable code.
    pub code: &'static str,
    /// The rule behind it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<&'static str>,
    /// What is wrong, in a sentence.
    pub message: String,
    /// How serious it is.
    pub severity: PlanSeverity,
}

/// What a row of the sheet becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PlanKind {
    /// A heading.
    Heading,
    /// An item.
    Item,
    /// Nothing: a total, a blank, a filtered row.
    Skip,
    /// An item the sheet no longer has.
    Drop,
}

/// What happens with a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PlanAction {
    /// It is added.
    Add,
    /// It changes.
    Change,
    /// It stays as it is.
    Same,
    /// It becomes inactive.
    Drop,
    /// Nothing.
    Skip,
}

/// One field of a row that changes.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PlanChange {
    /// The field.
    pub field: &'static str,
    /// Before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// After.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// What becomes of one row of the sheet.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PlanRow {
    /// Number of the row in the sheet, from 1; 0 for items the sheet no longer has and for
    /// headings made for items without one.
    pub row: u32,
    /// What it becomes.
    pub kind: PlanKind,
    /// Level, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<u32>,
    /// Code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Quantity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity: Option<String>,
    /// Rate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<String>,
    /// Type of an item.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub item_type: Option<ItemType>,
    /// What happens with it.
    pub action: PlanAction,
    /// Why it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    /// Fields that change.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub changes: Vec<PlanChange>,
    /// Its problems.
    pub problems: Vec<PlanProblem>,
}

/// What an import would do.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// Identity; forgotten with the upload or when the next plan is made.
    pub plan_id: Uuid,
    /// What it comes to.
    pub summary: PlanSummary,
    /// Units the managed list does not have.
    pub unknown_units: Vec<UnknownUnit>,
    /// The first 200 rows.
    pub rows: Vec<PlanRow>,
    /// The first 1,000 problems.
    pub problems: Vec<PlanProblem>,
}

/// Which rows of a plan.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlanQuery {
    /// The plan, as planning told it; the newest one where absent.
    pub plan_id: Option<Uuid>,
    /// First row wanted, from 0.
    pub offset: Option<usize>,
    /// Rows wanted, at most 1,000.
    pub limit: Option<usize>,
}

/// Some rows of a plan.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanRows {
    /// Rows of the plan.
    pub total: usize,
    /// Place of the first row sent.
    pub offset: usize,
    /// The rows.
    pub rows: Vec<PlanRow>,
}

/// The plan to carry out.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CommitRequest {
    /// The plan, as previewed.
    pub plan_id: Uuid,
}

/// What an import did.
#[derive(Debug, Serialize, ToSchema)]
pub struct Imported<'a> {
    /// What the commit changed.
    pub result: EditResult<'a>,
}
