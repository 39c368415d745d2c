//! What rows of an estimate sell for, beside the tree: one edit of cost changes them all.

use super::as_of::AsOf;
use super::auth::{Opened, SignedIn};
use super::extract::{Json, Path, Query};
use super::limits::WINDOW_ROWS_MAX;
use super::problem::{Problem, Violation};
use super::schema;
use crate::estimating::commercials::{Price, PricingError, Sold};
use crate::estimating::number::{Money, Pct, SellRate};
use crate::estimating::refusal::Refusal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Whose prices are wanted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PricesRequest {
    /// Headings and items, at most 1,000.
    pub ids: Vec<Uuid>,
}

/// The price of the estimate and of the rows asked for.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Prices {
    /// The commit they were read at.
    #[schema(value_type = schema::Lsn)]
    pub lsn: u64,
    /// The price; absent while broken rules leave it undefined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sum: Option<PriceSum>,
    /// The rows with a price, in the order asked for.
    pub rows: Vec<RowPrice>,
    /// Broken rules that leave the price undefined.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub violations: Vec<Violation>,
}

/// The price of an estimate.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PriceSum {
    /// The price, excluding GST.
    #[schema(value_type = schema::Money)]
    pub total_ex: Money,
    /// GST.
    #[schema(value_type = schema::Money)]
    pub gst: Money,
    /// The price including GST.
    #[schema(value_type = schema::Money)]
    pub total_inc: Money,
    /// Price less cost.
    #[schema(value_type = schema::Money)]
    pub margin: Money,
    /// Margin in percent of the price; absent without a price above zero.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Pct>)]
    pub margin_percent: Option<Pct>,
}

/// What a row sells for, excluding GST.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RowPrice {
    /// The row.
    pub id: Uuid,
    /// The client's rate.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::SellRate>)]
    pub rate: Option<SellRate>,
    /// The client's amount; of a heading, all amounts below it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Money>)]
    pub amount: Option<Money>,
    /// Whether the amount is part of the price.
    pub counted: bool,
}

/// What the estimate and some of its rows sell for.
#[utoipa::path(
    post,
    path = "/estimates/{id}/prices",
    operation_id = "rowPrices",
    tag = "Commercials",
    params(("id" = Uuid, Path, description = "Estimate"), AsOf),
    request_body = PricesRequest,
    responses((status = 200, description = "Prices", body = Prices)),
)]
pub async fn of_rows(
    me: SignedIn,
    Path(id): Path<Uuid>,
    Query(query): Query<AsOf>,
    Json(request): Json<PricesRequest>,
) -> Result<Json<Prices>, Problem> {
    if request.ids.len() > WINDOW_ROWS_MAX {
        let message = format!("Ask for at most {WINDOW_ROWS_MAX} rows at once.");
        return Err(Problem::invalid("ids", message));
    }
    let opened = me.open_at(id, query.as_of.as_deref()).await?;
    let price = match opened.estimate.price() {
        Ok(price) => price,
        Err(PricingError::Broken(broken)) => {
            let violations = broken.0.into_iter().map(Violation::from).collect();
            return Ok(Json(Prices { lsn: opened.lsn, sum: None, rows: Vec::new(), violations }));
        }
        Err(error @ PricingError::Beyond { .. }) => return Err(Refusal::from(error).into()),
    };
    let sold = |id: &Uuid| row_price(&opened, &price, *id).transpose();
    let rows = request.ids.iter().filter_map(sold).collect::<Result<_, _>>();
    let rows = rows.map_err(Refusal::from)?;
    let report = price.pricing.margin().map_err(Refusal::from)?;
    let sum = price.pricing.tender_sum();
    let sum = PriceSum {
        total_ex: sum.total_ex,
        gst: sum.gst,
        total_inc: sum.total_inc,
        margin: report.margin,
        margin_percent: report.margin_percent,
    };
    Ok(Json(Prices { lsn: opened.lsn, sum: Some(sum), rows, violations: Vec::new() }))
}

fn row_price(opened: &Opened, price: &Price, id: Uuid) -> Result<Option<RowPrice>, PricingError> {
    let Some(node) = opened.estimate.node(id) else { return Ok(None) };
    if let Some(heading) = node.heading() {
        let amount = price.heading(heading.id);
        return Ok(Some(RowPrice { id, rate: None, amount, counted: true }));
    }
    let Some(item) = node.item() else { return Ok(None) };
    let sold = price.item(item.id)?;
    Ok(sold.map(|Sold { rate, amount, counted }| RowPrice { id, rate, amount, counted }))
}
