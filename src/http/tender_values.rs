//! What the tenders of a list are worth.

use super::auth::SignedIn;
use super::extract::{Json, Query};
use super::problem::Problem;
use super::schema;
use crate::estimating::id::TenderId;
use crate::estimating::number::Money;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Tenders one request may ask for.
const TENDERS_MAX: usize = 100;

/// Which tenders.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ValuesQuery {
    /// Identities of tenders, parted by commas, at most 100.
    pub ids: String,
}

/// What a tender is worth: the price of its newest estimate.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TenderValue {
    /// The tender.
    pub tender_id: Uuid,
    /// Its newest estimate.
    pub estimate_id: Uuid,
    /// Direct and indirect cost.
    #[schema(value_type = schema::Money)]
    pub cost: Money,
    /// Price excluding GST; absent while the commercial rules make none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Money>)]
    pub total_ex: Option<Money>,
}

/// Values of tenders.
#[derive(Debug, Serialize, ToSchema)]
pub struct TenderValues {
    /// In the order asked for; tenders without an estimate are left out.
    pub items: Vec<TenderValue>,
}

/// What tenders are worth, by their newest estimates. Figures that have not changed since they
/// were last asked for are not worked out again.
#[utoipa::path(
    get,
    path = "/tenders/values",
    operation_id = "listTenderValues",
    tag = "Tenders",
    params(ValuesQuery),
    responses((status = 200, description = "Values", body = TenderValues)),
)]
pub async fn list(
    me: SignedIn,
    Query(query): Query<ValuesQuery>,
) -> Result<Json<TenderValues>, Problem> {
    let asked: Vec<&str> = query.ids.split(',').filter(|id| !id.is_empty()).collect();
    if asked.len() > TENDERS_MAX {
        let detail = format!("At most {TENDERS_MAX} tenders can be asked for at once.");
        return Err(Problem::too_large("too-many-ids", detail));
    }
    let mut items = Vec::with_capacity(asked.len());
    for id in asked {
        let invalid = |_| Problem::invalid("ids", format!("{id} is no identity."));
        let tender = TenderId(id.parse().map_err(invalid)?);
        let newest = me.published().library.estimates_of(tender).last().map(|row| row.id);
        let Some(estimate) = newest else { continue };
        match me.workspace().price(estimate).await {
            Ok(price) => items.push(TenderValue {
                tender_id: tender.0,
                estimate_id: estimate.0,
                cost: price.cost,
                total_ex: price.total_ex,
            }),
            // It was deleted in between.
            Err(error) => match Problem::from(error) {
                gone if gone.status() == StatusCode::NOT_FOUND => {}
                problem => return Err(problem),
            },
        }
    }
    Ok(Json(TenderValues { items }))
}
