//! Commercials: how cost becomes the client's price (domain 2.7, BR-075 to BR-088).
//!
//! A [`Bill`] says what is priced, [`CommercialRule`]s what is added to it step by step, [`Terms`]
//! how rates are rounded. [`Pricing`] forms the price once and keeps it up to the cent as costs
//! change; reports read from it. Numbers are rounded only where the rounding policy says (R5 to
//! R9); everything between is whole cents.

mod bill;
mod chain;
mod check;
mod error;
mod from_estimate;
mod ground;
mod kept;
mod pricing;
mod report;
mod row;
mod rule;
mod sell;
mod terms;

pub use bill::{
    AsideItem, Bill, BillEntry, BillHeading, FixedItem, FixedSell, HeadingIndex, IndirectItem,
    PackageItems, ScheduleItem,
};
pub use chain::RULES_MAX;
pub use check::{BelowCost, Review, check_gst_rate, gst_in_force};
pub use error::PricingError;
pub(in crate::estimating) use kept::KeptPrice;
pub use kept::Price;
pub use pricing::{AppliedRule, AsidePrice, PricedItem, Pricing, Sold};
pub use report::{ALLOWANCE, BudgetRow, BudgetSource, MarginReport};
pub use row::Commercials;
pub use rule::{
    AmountBounds, CommercialRule, CommercialRuleId, Nature, PackageId, RegisteredRisk, RuleBase,
    RuleKind, RuleScope, Within,
};
pub use sell::{Misclose, TenderSum};
pub use terms::{RATE_TIERS_MAX, RateTier, SELL_RATE_DECIMALS, Terms};

#[cfg(test)]
mod tests;
