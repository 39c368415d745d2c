//! Two revisions or two commits beside each other.

use super::auth::SignedIn;
use super::extract::{Json, Path, Query};
use super::off_thread::off_thread;
use super::problem::Problem;
use super::schema;
use crate::estimating::compare::{Difference, FieldDifference, ItemDifference, compare};
use crate::estimating::estimate::Estimate;
use crate::estimating::number::Money;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Items one answer lists; it counts them all.
const ITEMS_LISTED_MAX: usize = 5_000;

/// What to compare an estimate with.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CompareQuery {
    /// The older one, another revision or the estimate itself.
    pub with: Uuid,
    /// A commit or time of the older one, as `asOf` of other reads; as it is now where absent.
    pub with_at: Option<String>,
    /// A commit or time of this one; as it is now where absent.
    pub at: Option<String>,
}

/// Cost and price of one side.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ComparedSide {
    /// The estimate.
    pub estimate_id: Uuid,
    /// Its code.
    pub code: Box<str>,
    /// Its revision.
    pub revision: u32,
    /// Direct and indirect cost.
    #[schema(value_type = schema::Money)]
    pub cost: Money,
    /// The price, excluding GST; absent while there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Money>)]
    pub total_ex: Option<Money>,
}

/// An item that differs.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ComparedItem {
    /// How.
    pub difference: Difference,
    /// The item.
    pub id: Uuid,
    /// Its code.
    pub code: Box<str>,
    /// Its description.
    pub description: Box<str>,
    /// Fields that differ.
    pub fields: Vec<FieldDifference>,
    /// Cost before.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Money>)]
    pub cost_before: Option<Money>,
    /// Cost after.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Money>)]
    pub cost_after: Option<Money>,
    /// Price before.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Money>)]
    pub sell_before: Option<Money>,
    /// Price after.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Money>)]
    pub sell_after: Option<Money>,
}

/// Two states and what differs.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Comparison {
    /// The older side.
    pub before: ComparedSide,
    /// The newer side.
    pub after: ComparedSide,
    /// Items that differ, at most 5,000, in display order of the newer; removed ones last.
    pub items: Vec<ComparedItem>,
    /// How many there are.
    pub item_count: u64,
}

/// What came, went and changed between two revisions or commits, with cost and price.
#[utoipa::path(
    get,
    path = "/estimates/{id}/compare",
    operation_id = "compareEstimates",
    tag = "Submission",
    params(("id" = Uuid, Path, description = "The newer estimate"), CompareQuery),
    responses((status = 200, description = "What differs", body = Comparison)),
)]
pub async fn show(
    me: SignedIn,
    Path(id): Path<Uuid>,
    Query(query): Query<CompareQuery>,
) -> Result<Json<Comparison>, Problem> {
    let after = me.open_at(id, query.at.as_deref()).await?.estimate;
    let before = me.open_at(query.with, query.with_at.as_deref()).await?.estimate;
    let work = move || {
        let items = compare(&before, &after);
        let item_count = items.len() as u64;
        Comparison {
            before: ComparedSide::of(&before),
            after: ComparedSide::of(&after),
            items: items.into_iter().take(ITEMS_LISTED_MAX).map(ComparedItem::of).collect(),
            item_count,
        }
    };
    off_thread("comparing two estimates", work).await.map(Json)
}

impl ComparedSide {
    fn of(estimate: &Estimate) -> ComparedSide {
        let row = estimate.row();
        ComparedSide {
            estimate_id: row.id.0,
            code: row.code.clone(),
            revision: row.revision,
            cost: estimate.totals().total(),
            total_ex: estimate.price().ok().map(|price| price.pricing.tender_sum().total_ex),
        }
    }
}

impl ComparedItem {
    fn of(item: ItemDifference) -> ComparedItem {
        ComparedItem {
            difference: item.difference,
            id: item.id,
            code: item.code,
            description: item.description,
            fields: item.fields,
            cost_before: item.cost.0,
            cost_after: item.cost.1,
            sell_before: item.sell.0,
            sell_after: item.sell.1,
        }
    }
}
