//! Commercials of an estimate: the chain of rules, the price it forms, and what-ifs.

use super::as_of::{AsOf, PagingAsOf};
use super::audit;
use super::auth::{Opened, SignedIn};
use super::extract::{Json, Path, Query, present};
use super::page::Page;
use super::problem::{Problem, Violation};
use super::schema;
use crate::estimating::commercials::{
    AppliedRule, Commercials as CommercialsRow, PricedItem, Pricing, PricingError, RULES_MAX,
};
use crate::estimating::edit::{CommercialRuleFields, RateTierInput};
use crate::estimating::id::ItemId;
use crate::estimating::number::{Money, Pct, Qty, SellRate, Uplift};
use crate::estimating::refusal::Refusal;
use crate::estimating::thresholds::Thresholds;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Items below cost that one answer lists; it counts them all.
const BELOW_COST_LISTED_MAX: usize = 200;

/// A rule with what it comes to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CommercialRule {
    /// Identity.
    pub id: Uuid,
    /// Counts changes of this rule, from 1.
    pub version: u64,
    /// Its fields, as an edit sets them.
    pub set: CommercialRuleFields,
    /// What it was worked on; absent while the rule is inactive or there is no price.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Money>)]
    pub base_total: Option<Money>,
    /// What it adds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Money>)]
    pub amount: Option<Money>,
    /// The value of the schedule after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Money>)]
    pub running_total: Option<Money>,
}

/// The price and where it goes. Money excludes GST unless it says otherwise.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Price {
    /// Direct cost of the items that rules act on.
    #[schema(value_type = schema::Money)]
    pub direct_cost: Money,
    /// Indirect and risk cost.
    #[schema(value_type = schema::Money)]
    pub indirect_cost: Money,
    /// Amounts of cost rules other than spreading.
    #[schema(value_type = schema::Money)]
    pub cost_rules: Money,
    /// Provisional and prime-cost sums.
    #[schema(value_type = schema::Money)]
    pub client_sums: Money,
    /// Cost of daywork items.
    #[schema(value_type = schema::Money)]
    pub daywork_cost: Money,
    /// All of these.
    #[schema(value_type = schema::Money)]
    pub cost_total: Money,
    /// Amounts of margin rules.
    #[schema(value_type = schema::Money)]
    pub margin_rules: Money,
    /// Amounts of percentage items.
    #[schema(value_type = schema::Money)]
    pub percentage_items: Money,
    /// Sell less cost of daywork items.
    #[schema(value_type = schema::Money)]
    pub daywork_margin: Money,
    /// Price less cost.
    #[schema(value_type = schema::Money)]
    pub margin: Money,
    /// Margin in percent of the price; absent without a price above zero.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Pct>)]
    pub margin_percent: Option<Pct>,
    /// Indirect cost that no rule spreads (BR-081).
    #[schema(value_type = schema::Money)]
    pub unspread: Money,
    /// What rounding of rates leaves, before balancing (BR-085).
    #[schema(value_type = schema::Money)]
    pub misclose: Money,
    /// What it may come to without a balancing item.
    #[schema(value_type = schema::Money)]
    pub misclose_limit: Money,
    /// Sum of the schedule before rates are rounded.
    #[schema(value_type = schema::Money)]
    pub target_total: Money,
    /// Sell over direct cost, eight decimals.
    #[schema(value_type = schema::Exact)]
    pub uplift: Uplift,
    /// The price.
    #[schema(value_type = schema::Money)]
    pub total_ex: Money,
    /// GST in percent.
    #[schema(value_type = schema::Pct)]
    pub gst_pct: Pct,
    /// GST.
    #[schema(value_type = schema::Money)]
    pub gst: Money,
    /// The price including GST.
    #[schema(value_type = schema::Money)]
    pub total_inc: Money,
}

/// An item that sells below its loaded cost (BR-086).
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BelowCost {
    /// The item.
    pub id: Uuid,
    /// Its code.
    pub code: Box<str>,
    /// What it sells for.
    #[schema(value_type = schema::Money)]
    pub sell: Money,
    /// What it costs with its shares of cost rules.
    #[schema(value_type = schema::Money)]
    pub loaded_cost: Money,
}

/// The commercials of an estimate.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Commercials {
    /// The commit this was read at.
    #[schema(value_type = schema::Lsn)]
    pub lsn: u64,
    /// Counts changes of rules and terms; 0 before there are any.
    pub version: u64,
    /// The rules in sequence, inactive ones too.
    pub rules: Vec<CommercialRule>,
    /// Tiers of sell-rate decimals.
    pub tiers: Vec<RateTierInput>,
    /// The lump-sum item that takes the misclose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub balancing_item_id: Option<Uuid>,
    /// The price; absent while broken rules leave it undefined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<Price>,
    /// Broken rules: those that leave the price undefined, or those to mend before submission.
    pub violations: Vec<Violation>,
    /// Items that sell below cost, at most 200.
    pub below_cost: Vec<BelowCost>,
    /// How many there are.
    pub below_cost_count: u64,
}

/// A line of the schedule with its price and how it came about.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ItemPrice {
    /// The item.
    pub id: Uuid,
    /// Its code.
    pub code: Box<str>,
    /// Its description.
    pub description: Box<str>,
    /// Its unit.
    pub unit: Box<str>,
    /// Its quantity.
    #[schema(value_type = schema::Qty)]
    pub quantity: Qty,
    /// Direct cost.
    #[schema(value_type = schema::Money)]
    pub direct: Money,
    /// What each active rule adds, in sequence; null where it does not reach the item.
    #[schema(value_type = Vec<Option<schema::Money>>)]
    pub shares: Vec<Option<Money>>,
    /// Direct cost and all shares.
    #[schema(value_type = schema::Money)]
    pub running: Money,
    /// What rate locks move to or from it.
    #[schema(value_type = schema::Money)]
    pub lock: Money,
    /// What it should sell for.
    #[schema(value_type = schema::Money)]
    pub target: Money,
    /// Direct cost and shares of cost rules.
    #[schema(value_type = schema::Money)]
    pub loaded_cost: Money,
    /// Sell rate.
    #[schema(value_type = schema::SellRate)]
    pub rate: SellRate,
    /// Sell amount.
    #[schema(value_type = schema::Money)]
    pub amount: Money,
    /// The rate it is locked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::SellRate>)]
    pub locked_rate: Option<SellRate>,
}

/// Rules and terms to try on an estimate without keeping them.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Scenario {
    /// All rules of the chain; their ids tell them apart within the scenario.
    pub rules: Vec<ScenarioRule>,
    /// Tiers of sell-rate decimals; the estimate's own where absent.
    #[serde(default)]
    pub tiers: Option<Vec<RateTierInput>>,
    /// The balancing item, null for none; the estimate's own where absent.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Uuid>)]
    pub balancing_item_id: Option<Option<Uuid>>,
}

/// A rule of a scenario.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ScenarioRule {
    /// Identity.
    pub id: Uuid,
    /// Its fields.
    pub set: CommercialRuleFields,
}

/// The rules of an estimate, and the price they form from its costs as they are.
#[utoipa::path(
    get,
    path = "/estimates/{id}/commercials",
    operation_id = "getCommercials",
    tag = "Commercials",
    params(("id" = Uuid, Path, description = "Estimate"), AsOf),
    responses((status = 200, description = "Rules and price", body = Commercials)),
)]
pub async fn show(
    me: SignedIn,
    Path(id): Path<Uuid>,
    Query(query): Query<AsOf>,
) -> Result<Json<Commercials>, Problem> {
    audit::commercials_read(&me, id).await;
    let opened = me.open_at(id, query.as_of.as_deref()).await?;
    let priced = opened.estimate.price();
    let priced = priced.as_ref().map(|price| &price.pricing).map_err(Clone::clone);
    Ok(Json(Commercials::of(&opened, opened.estimate.commercials(), priced)?))
}

/// The price that other rules would form, without keeping them.
#[utoipa::path(
    post,
    path = "/estimates/{id}/commercials/preview",
    operation_id = "previewCommercials",
    tag = "Commercials",
    params(("id" = Uuid, Path, description = "Estimate")),
    request_body = Scenario,
    responses((status = 200, description = "Rules and the price they would form", body = Commercials)),
)]
pub async fn preview(
    me: SignedIn,
    Path(id): Path<Uuid>,
    Json(scenario): Json<Scenario>,
) -> Result<Json<Commercials>, Problem> {
    audit::commercials_read(&me, id).await;
    let opened = me.open(id).await?;
    let row = scenario.row(opened.estimate.commercials())?;
    let priced = opened.estimate.priced_by(&row);
    Ok(Json(Commercials::of(&opened, &row, priced.as_ref().map_err(Clone::clone))?))
}

/// The lines of the schedule in display order, each with its shares, rate and amount.
#[utoipa::path(
    get,
    path = "/estimates/{id}/commercials/items",
    operation_id = "listItemPrices",
    tag = "Commercials",
    params(("id" = Uuid, Path, description = "Estimate"), PagingAsOf),
    responses(
        (status = 200, description = "Lines with prices", body = Page<ItemPrice>),
        (status = 422, description = "Broken rules leave the price undefined"),
    ),
)]
pub async fn items(
    me: SignedIn,
    Path(id): Path<Uuid>,
    Query(paging): Query<PagingAsOf>,
) -> Result<Json<Page<ItemPrice>>, Problem> {
    audit::commercials_read(&me, id).await;
    let opened = me.open_at(id, paging.as_of.as_deref()).await?;
    let price = opened.estimate.price().map_err(Refusal::from)?;
    let pricing = &price.pricing;
    let rules: Vec<AppliedRule<'_>> = pricing.rules().collect();
    let listed: Vec<(usize, PricedItem<'_>)> = pricing.items().enumerate().collect();
    let page = Page::slice(&listed, paging.cursor.as_deref(), paging.limit, |(at, item)| {
        let shares = rules.iter().map(|rule| rule.share(*at)).collect();
        ItemPrice::of(&opened, item, shares)
    })?;
    Ok(Json(page))
}

impl Scenario {
    /// The scenario as a row, on the terms of `own` where it has none.
    fn row(&self, own: &CommercialsRow) -> Result<CommercialsRow, Problem> {
        if self.rules.len() > RULES_MAX {
            return Err(Problem::invalid(
                "rules",
                format!("A scenario has at most {RULES_MAX} rules."),
            ));
        }
        let mut row = CommercialsRow { rules: Vec::new(), ..own.clone() };
        for rule in &self.rules {
            row.add_rule(rule.id, &rule.set, own.stamp)?;
        }
        if let Some(tiers) = &self.tiers {
            row.tiers = RateTierInput::read_all(tiers)?;
        }
        if let Some(item) = self.balancing_item_id {
            row.balancing = item.map(ItemId);
        }
        Ok(row)
    }
}

impl Commercials {
    fn of(
        opened: &Opened,
        row: &CommercialsRow,
        priced: Result<&Pricing, PricingError>,
    ) -> Result<Commercials, Problem> {
        let (pricing, mut violations) = match priced {
            Ok(pricing) => (Some(pricing), Vec::new()),
            Err(PricingError::Broken(broken)) => (None, broken.0),
            Err(error @ PricingError::Beyond { .. }) => return Err(Refusal::from(error).into()),
        };
        let thresholds = opened.catalogue().thresholds();
        let review = pricing.map(|pricing| pricing.review(thresholds));
        let mut review = review.unwrap_or_default();
        violations.append(&mut review.violations);
        let below_cost_count = review.below_cost.len() as u64;
        let below_cost = review.below_cost.into_iter().take(BELOW_COST_LISTED_MAX);
        let applied = |id| pricing.and_then(|pricing| pricing.rule(id));
        let rules = row.rules.iter().map(|rule| {
            let applied = applied(rule.id);
            CommercialRule {
                id: rule.id.0,
                version: rule.version,
                set: CommercialRuleFields::of(rule),
                base_total: applied.as_ref().map(|rule| rule.base_total),
                amount: applied.as_ref().map(|rule| rule.amount),
                running_total: applied.as_ref().map(|rule| rule.running_total),
            }
        });
        Ok(Commercials {
            lsn: opened.lsn,
            version: row.version,
            rules: rules.collect(),
            tiers: row.tiers.iter().map(RateTierInput::of).collect(),
            balancing_item_id: row.balancing.map(|item| item.0),
            price: pricing.map(|pricing| Price::of(pricing, thresholds)).transpose()?,
            violations: violations.into_iter().map(Violation::from).collect(),
            below_cost: below_cost
                .map(|item| BelowCost {
                    id: item.id.0,
                    code: item.code.as_str().into(),
                    sell: item.sell,
                    loaded_cost: item.loaded,
                })
                .collect(),
            below_cost_count,
        })
    }
}

impl Price {
    fn of(pricing: &Pricing, thresholds: &Thresholds) -> Result<Price, Problem> {
        let report = pricing.margin().map_err(Refusal::from)?;
        let (misclose, sum) = (pricing.misclose(), pricing.tender_sum());
        Ok(Price {
            direct_cost: report.direct_cost,
            indirect_cost: report.indirect_cost,
            cost_rules: report.cost_rules,
            client_sums: report.client_sums,
            daywork_cost: report.daywork_cost,
            cost_total: report.cost_total,
            margin_rules: report.margin_rules,
            percentage_items: report.percentage_items,
            daywork_margin: report.daywork_margin,
            margin: report.margin,
            margin_percent: report.margin_percent,
            unspread: report.unspread,
            misclose: misclose.amount,
            misclose_limit: thresholds.misclose_of(misclose.target),
            target_total: pricing.target_total(),
            uplift: pricing.uplift(),
            total_ex: sum.total_ex,
            gst_pct: pricing.terms().gst,
            gst: sum.gst,
            total_inc: sum.total_inc,
        })
    }
}

impl ItemPrice {
    fn of(opened: &Opened, item: &PricedItem<'_>, shares: Vec<Option<Money>>) -> ItemPrice {
        let node = opened.estimate.node(item.id.0);
        let row = node.as_ref().and_then(|node| node.item());
        let unit = row.and_then(|row| row.unit);
        ItemPrice {
            id: item.id.0,
            code: item.code.into(),
            description: row.map_or_else(Box::default, |row| row.description.as_str().into()),
            unit: unit.map_or_else(Box::default, |unit| unit.as_str().into()),
            quantity: item.quantity,
            direct: item.direct,
            shares,
            running: item.running,
            lock: item.lock,
            target: item.target,
            loaded_cost: item.loaded,
            rate: item.rate,
            amount: item.amount,
            locked_rate: row.and_then(|row| row.extra().locked_sell_rate),
        }
    }
}
