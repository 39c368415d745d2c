//! Two versions of price books side by side.

use super::{RateEntry, entries_at, version_of};
use crate::estimating::catalogue::Catalogue;
use crate::estimating::id::ResourceId;
use crate::estimating::number::{Pct, Rate};
use crate::estimating::resource::Resource;
use crate::http::auth::SignedIn;
use crate::http::extract::{Json, Path, Query};
use crate::http::problem::Problem;
use crate::http::schema;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Which version to compare with which.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CompareQuery {
    /// The version on the left.
    pub from: u32,
    /// The version on the right.
    pub to: u32,
    /// The price book on the right; the same where absent. Resources are matched by code then.
    pub with: Option<Uuid>,
}

/// How a resource differs between two versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RateDifference {
    /// Only the version on the right has a rate.
    Added,
    /// Only the version on the left has a rate.
    Removed,
    /// Both have rates, and they differ.
    Changed,
}

/// A resource whose rates differ.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RateComparison {
    /// The resource; the one on the right where both have one.
    pub resource_id: Uuid,
    /// Its code.
    pub code: Box<str>,
    /// Its description.
    pub description: Box<str>,
    /// Its unit.
    pub unit: Box<str>,
    /// How it differs.
    pub difference: RateDifference,
    /// Rates on the left.
    pub before: Vec<RateEntry>,
    /// Rates on the right.
    pub after: Vec<RateEntry>,
    /// The rate in force today on the left.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Rate>)]
    pub before_rate: Option<Rate>,
    /// The rate in force today on the right.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Rate>)]
    pub after_rate: Option<Rate>,
    /// Change from left to right, in percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Pct>)]
    pub change_pct: Option<Pct>,
}

/// Two versions side by side.
#[derive(Debug, Serialize, ToSchema)]
pub struct PriceBookComparison {
    /// Resources whose rates differ, by code.
    pub items: Vec<RateComparison>,
    /// Resources whose rates are the same.
    pub same: u64,
}

/// Two versions side by side: added, removed and changed rates.
#[utoipa::path(
    get,
    path = "/price-books/{id}/compare",
    operation_id = "comparePriceBooks",
    tag = "Library",
    params(("id" = Uuid, Path, description = "Price book"), CompareQuery),
    responses((status = 200, description = "What differs", body = PriceBookComparison)),
)]
pub async fn compare(
    me: SignedIn,
    Path(id): Path<Uuid>,
    Query(query): Query<CompareQuery>,
) -> Result<Json<PriceBookComparison>, Problem> {
    let published = me.published();
    let catalogue = &published.library.catalogue;
    version_of(catalogue, id, query.from)?;
    let right = query.with.unwrap_or(id);
    version_of(catalogue, right, query.to)?;
    let mut codes: BTreeMap<String, (Option<ResourceId>, Option<ResourceId>)> = BTreeMap::new();
    for resource in catalogue.resources() {
        let code = resource.code.to_lowercase();
        if resource.book.0 == id {
            codes.entry(code.clone()).or_default().0 = Some(resource.id);
        }
        if resource.book.0 == right {
            codes.entry(code).or_default().1 = Some(resource.id);
        }
    }
    let mut items = Vec::new();
    let mut same = 0;
    for (before, after) in codes.into_values() {
        match one(catalogue, (before, query.from), (after, query.to)) {
            Some(row) => items.push(row),
            None => same += 1,
        }
    }
    Ok(Json(PriceBookComparison { items, same }))
}

type Side = (Option<ResourceId>, u32);

fn one(catalogue: &Catalogue, left: Side, right: Side) -> Option<RateComparison> {
    let entries = |(id, n): Side| id.map(|id| entries_at(catalogue, id, n)).unwrap_or_default();
    let (before, after) = (entries(left), entries(right));
    if before == after {
        return None;
    }
    let resource: &Arc<Resource> = catalogue.resource(right.0.or(left.0)?)?;
    let rate = |(id, n): Side| id.and_then(|id| catalogue.rate_at(id, n));
    let (before_rate, after_rate) = (rate(left), rate(right));
    let difference = if before.is_empty() {
        RateDifference::Added
    } else if after.is_empty() {
        RateDifference::Removed
    } else {
        RateDifference::Changed
    };
    Some(RateComparison {
        resource_id: resource.id.0,
        code: resource.code.clone(),
        description: resource.description.clone(),
        unit: resource.unit.as_str().into(),
        difference,
        before,
        after,
        before_rate,
        after_rate,
        change_pct: before_rate.zip(after_rate).and_then(|(a, b)| change(a, b)),
    })
}

/// Change in percent, to one hundredth; none from zero.
fn change(before: Rate, after: Rate) -> Option<Pct> {
    let (before, after) = (before.to_decimal(), after.to_decimal());
    let share = (after - before).checked_div(before)?.checked_mul(Decimal::ONE_HUNDRED)?;
    let share = share.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    Pct::from_decimal_rounded(share)
}
