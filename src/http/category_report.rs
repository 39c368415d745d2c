//! What an estimate costs and sells for by the options of a categorisation: on screen and as a
//! file.

use super::auth::{Opened, SignedIn};
use super::documents::{DocumentFormat, written};
use super::exports::{ExportFormat, attached, file_called, file_stem, head};
use super::extract::{Json, Path, Query};
use super::off_thread::press;
use super::problem::Problem;
use super::schema;
use crate::documents::category_report::{self, CategoryRow};
use crate::estimating::categorisation::Categorisation;
use crate::estimating::commercials::PricingError;
use crate::estimating::estimate::CategorySum;
use crate::estimating::id::OptionId;
use crate::estimating::number::Money;
use crate::estimating::refusal::Refusal;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// How what carries no option is called.
const NONE: &str = "None";

/// What carries an option.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OptionSum {
    /// The option; absent for what carries none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub option_id: Option<Uuid>,
    /// Its code, may be empty.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Counted items and sub-items.
    pub items: usize,
    /// Their cost, direct and indirect.
    #[schema(value_type = schema::Money)]
    pub cost: Money,
    /// What they sell for, excluding GST; absent while the estimate has no price.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Money>)]
    pub price: Option<Money>,
}

/// Cost and price by option.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CategoryReport {
    /// The categorisation.
    pub categorisation_id: Uuid,
    /// Its name.
    pub name: Box<str>,
    /// One row for each option something carries and each that is not archived, in their order;
    /// what carries none is the last.
    pub rows: Vec<OptionSum>,
    /// The estimate's own cost, which the rows add up to.
    #[schema(value_type = schema::Money)]
    pub cost: Money,
    /// The estimate's own price excluding GST, which the rows add up to; absent while it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Money>)]
    pub price: Option<Money>,
}

/// A form of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReportFormat {
    /// Portable Document Format.
    Pdf,
    /// An Excel workbook.
    Xlsx,
    /// Comma-separated text.
    Csv,
}

/// Which file.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CategoryReportQuery {
    /// Format.
    #[param(inline)]
    pub format: ReportFormat,
}

/// Cost and price of an estimate by the options of a categorisation. A sub-item that carries none
/// goes with the item it is under; the price is that of the item the client pays for.
#[utoipa::path(
    get,
    path = "/estimates/{id}/categories/{categorisation}",
    operation_id = "reportByCategory",
    tag = "Estimates",
    params(("id" = Uuid, Path, description = "Estimate"), ("categorisation" = Uuid, Path, description = "Categorisation")),
    responses((status = 200, description = "Cost and price by option", body = CategoryReport)),
)]
pub async fn show(
    me: SignedIn,
    Path((id, categorisation)): Path<(Uuid, Uuid)>,
) -> Result<Json<CategoryReport>, Problem> {
    let opened = me.open(id).await?;
    report(&opened, categorisation).map(Json)
}

/// The report as a file.
#[utoipa::path(
    get,
    path = "/estimates/{id}/categories/{categorisation}/report",
    operation_id = "categoryReportFile",
    tag = "Estimates",
    params(("id" = Uuid, Path, description = "Estimate"), ("categorisation" = Uuid, Path, description = "Categorisation"), CategoryReportQuery),
    responses((status = 200, description = "The file")),
)]
pub async fn file(
    me: SignedIn,
    Path((id, categorisation)): Path<(Uuid, Uuid)>,
    Query(query): Query<CategoryReportQuery>,
) -> Result<Response, Problem> {
    let opened = me.open(id).await?;
    press(move || make(&me, &opened, categorisation, query.format)).await?
}

fn make(
    me: &SignedIn,
    opened: &Opened,
    categorisation: Uuid,
    format: ReportFormat,
) -> Result<Response, Problem> {
    let report = report(opened, categorisation)?;
    let header = head(opened, &me.office().organisation());
    let stem = format!("{} by {}", file_stem(&header), report.name);
    let row = |row: &OptionSum| CategoryRow {
        code: row.code.clone(),
        name: row.name.clone(),
        items: row.items,
        cost: row.cost,
        price: row.price,
    };
    let rows: Vec<CategoryRow> = report.rows.iter().map(row).collect();
    let total = CategoryRow {
        code: String::new(),
        name: "Total".to_owned(),
        items: rows.iter().map(|row| row.items).sum(),
        cost: report.cost,
        price: report.price,
    };
    let form = match format {
        ReportFormat::Csv => {
            let text = category_report::csv(&header, &report.name, &rows, &total);
            let text =
                text.map_err(|error| Problem::too_large("export-failed", error.to_string()))?;
            return Ok(attached(text, &file_called(&stem, ExportFormat::Csv), ExportFormat::Csv));
        }
        ReportFormat::Pdf => DocumentFormat::Pdf,
        ReportFormat::Xlsx => DocumentFormat::Xlsx,
    };
    let paper = category_report::paper(header, &report.name, &rows, &total);
    written(&paper, opened.branding(), form, &stem)
}

fn report(opened: &Opened, id: Uuid) -> Result<CategoryReport, Problem> {
    let library = &opened.published.library;
    let mut all = library.categorisations();
    let row = all.find(|row| row.id.0 == id).ok_or_else(|| Problem::not_found("categorisation"))?;
    let row: Arc<Categorisation> = row.clone();
    let carried = |item: Uuid| {
        let mut options = library.labels_of(item).iter().copied();
        options.find(|option| row.option(*option).is_some())
    };
    let sums = opened.estimate.by_category(carried).map_err(Refusal::from)?;
    let price = match opened.estimate.price() {
        Ok(price) => Some(price.pricing.tender_sum().total_ex),
        Err(PricingError::Broken(_)) => None,
        Err(error @ PricingError::Beyond { .. }) => return Err(Refusal::from(error).into()),
    };
    let nothing = CategorySum { price: price.map(|_| Money::ZERO), ..CategorySum::default() };
    let sum_of = |option: Option<OptionId>| sums.get(&option).copied();
    let made = |option: Option<OptionId>, code: &str, name: &str, sum: CategorySum| OptionSum {
        option_id: option.map(|option| option.0),
        code: code.to_owned(),
        name: name.to_owned(),
        items: sum.items,
        cost: sum.cost,
        price: sum.price,
    };
    let options = row.options.iter().filter_map(|option| {
        let sum = sum_of(Some(option.id)).or((!option.archived).then_some(nothing))?;
        Some(made(Some(option.id), &option.code, &option.name, sum))
    });
    let none = made(None, "", NONE, sum_of(None).unwrap_or(nothing));
    Ok(CategoryReport {
        categorisation_id: row.id.0,
        name: row.name.clone(),
        rows: options.chain([none]).collect(),
        cost: opened.estimate.totals().total(),
        price,
    })
}
