//! What the organisation reckoned and asked for the same work before.

use super::auth::SignedIn;
use super::extract::{Json, Path, Query};
use super::problem::Problem;
use super::schema;
use super::time::Time;
use crate::estimating::id::OptionId;
use crate::estimating::library::Library;
use crate::estimating::number::{Rate, SellRate};
use crate::estimating::reference::{Past, ReferenceRate, Regions, Spread};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Past rates listed, the newest; all of them count in the spread.
const LISTED_MAX: usize = 20;

/// A rate of the same work in a tender that was submitted.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PastRate {
    /// The tender.
    pub tender_id: Uuid,
    /// The tender's number.
    pub tender_number: String,
    /// The tender's name.
    pub tender_name: String,
    /// The tender's region, where it carries one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<Box<str>>,
    /// The submitted revision.
    pub estimate_id: Uuid,
    /// The item.
    pub item_id: Uuid,
    /// Cost for one unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Rate>)]
    pub cost_rate: Option<Rate>,
    /// The client's rate for one unit, excluding GST.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::SellRate>)]
    pub sell_rate: Option<SellRate>,
    /// When it was submitted.
    #[schema(value_type = schema::Time)]
    pub submitted_at: Time,
}

/// How past rates lie.
#[derive(Debug, Serialize, ToSchema)]
pub struct RateSpread {
    /// How many there are.
    pub count: usize,
    /// The lowest.
    #[schema(value_type = schema::Rate)]
    pub lowest: Rate,
    /// The middle one.
    #[schema(value_type = schema::Rate)]
    pub median: Rate,
    /// The highest.
    #[schema(value_type = schema::Rate)]
    pub highest: Rate,
}

/// Past rates of an item's work.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PastRates {
    /// How past cost rates lie; absent where there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<RateSpread>,
    /// How past sell rates lie; absent where there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sell: Option<RateSpread>,
    /// Whether the item's own cost rate lies far outside; five past rates are needed to tell, and
    /// five of the same region are preferred.
    pub far: bool,
    /// The region of the item's own tender, where it carries one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<Box<str>>,
    /// How many of the past rates, of all regions, are of that region.
    pub in_region: usize,
    /// Past tenders are still being read: ask again.
    pub still_reading: bool,
    /// The newest, at most 20.
    pub rates: Vec<PastRate>,
}

/// Which past rates.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReferencesQuery {
    /// Only those of the item's own region; all where its tender carries none.
    #[serde(default)]
    pub same_region: bool,
}

/// What items of the same description and unit came to in other tenders that were submitted.
#[utoipa::path(
    get,
    path = "/estimates/{id}/items/{item}/references",
    operation_id = "listReferences",
    tag = "Estimates",
    params(("id" = Uuid, Path, description = "Estimate"), ("item" = Uuid, Path, description = "Item"), ReferencesQuery),
    responses((status = 200, description = "Past rates, the newest first", body = PastRates)),
)]
pub async fn list(
    me: SignedIn,
    Path((id, item)): Path<(Uuid, Uuid)>,
    Query(query): Query<ReferencesQuery>,
) -> Result<Json<PastRates>, Problem> {
    let opened = me.open(id).await?;
    let node = opened.estimate.node(item);
    let node = node.as_ref().and_then(|node| Some((node, node.item()?)));
    let (node, item) = node.ok_or_else(|| Problem::not_found("item"))?;
    let known = me.workspace().references().await?;
    let own = opened.estimate.row().tender;
    let library = &opened.published.library;
    let regions = library.regions();
    let past = Past { references: &known.references, regions: &regions };
    let far = node
        .cost_rate()
        .is_some_and(|cost| past.far(&item.description, item.unit, own, cost).is_some());
    let mut rates = known.references.of(&item.description, item.unit, own);
    let region = regions.get(&own).copied();
    let here =
        |rate: &ReferenceRate| region.is_some() && regions.get(&rate.tender).copied() == region;
    let in_region = rates.iter().filter(|rate| here(rate)).count();
    if query.same_region && region.is_some() {
        rates.retain(here);
    }
    let cost = Spread::of(rates.iter().filter_map(|rate| rate.cost).map(Rate::units));
    let sell = Spread::of(rates.iter().filter_map(|rate| rate.sell).map(SellRate::units));
    let listed = rates.iter().take(LISTED_MAX);
    let rates = listed.filter_map(|rate| PastRate::of(rate, library, &regions)).collect();
    let spread = |spread: Option<Spread>| spread.and_then(RateSpread::of);
    Ok(Json(PastRates {
        cost: spread(cost),
        sell: spread(sell),
        far,
        region: region.and_then(|option| name_of(library, option)),
        in_region,
        still_reading: known.still_reading,
        rates,
    }))
}

/// The name of a region.
fn name_of(library: &Library, option: OptionId) -> Option<Box<str>> {
    library.option(option).map(|(_, option)| option.name.clone())
}

impl RateSpread {
    fn of(spread: Spread) -> Option<RateSpread> {
        Some(RateSpread {
            count: spread.count,
            lowest: Rate::from_units(spread.lowest)?,
            median: Rate::from_units(spread.median)?,
            highest: Rate::from_units(spread.highest)?,
        })
    }
}

impl PastRate {
    fn of(rate: &ReferenceRate, library: &Library, regions: &Regions) -> Option<PastRate> {
        let tender = library.tender(rate.tender)?;
        Some(PastRate {
            tender_id: rate.tender.0,
            tender_number: tender.number.to_string(),
            tender_name: tender.name.to_string(),
            region: regions.get(&rate.tender).and_then(|option| name_of(library, *option)),
            estimate_id: rate.estimate.0,
            item_id: rate.item.0,
            cost_rate: rate.cost,
            sell_rate: rate.sell,
            submitted_at: Time(rate.at_us),
        })
    }
}
