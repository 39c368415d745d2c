//! Two revisions or two commits beside each other.

use super::auth::SignedIn;
use super::extract::{Json, Path, Query};
use super::off_thread::off_thread;
use super::problem::Problem;
use super::schema;
use crate::estimating::compare::{Difference, FieldDifference, ItemDifference, compare};
use crate::estimating::estimate::Estimate;
use crate::estimating::id::EstimateId;
use crate::estimating::number::Money;
use crate::ledger::Lsn;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
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
    /// A commit of the older one; as it is now where absent.
    pub with_at: Option<u64>,
    /// A commit of this one; as it is now where absent.
    pub at: Option<u64>,
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
    let before = side(&me, query.with, query.with_at).await?;
    let after = side(&me, id, query.at).await?;
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

async fn side(me: &SignedIn, id: Uuid, at: Option<u64>) -> Result<Arc<Estimate>, Problem> {
    let Some(at) = at else { return Ok(me.open(id).await?.estimate) };
    let workspace = me.workspace().clone();
    let read = move || workspace.estimate_at(EstimateId(id), Lsn(at));
    Ok(Arc::new(off_thread("reading an earlier estimate", read).await??))
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
