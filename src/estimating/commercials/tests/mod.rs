//! Rules broken and kept, and what holds of every price.

mod breaking;
mod properties;

use super::{
    AmountBounds, Bill, BillHeading, CommercialRule, CommercialRuleId, FixedItem, FixedSell,
    IndirectItem, Nature, Pricing, PricingError, RateTier, RuleBase, RuleKind, RuleScope,
    ScheduleItem, Terms, Within,
};
use crate::estimating::{
    cost::{CostSums, CostType},
    heading::Stamp,
    id::{EstimateId, HeadingId, ItemId, UserId},
    number::{Money, Pct},
    thresholds::Thresholds,
};
use std::str::FromStr;
use uuid::Uuid;

fn read<T: FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().expect("a test figure")
}

fn item(n: u128) -> ItemId {
    ItemId(Uuid::from_u128(n))
}

fn heading(n: u128) -> HeadingId {
    HeadingId(Uuid::from_u128(1_000 + n))
}

fn cost(text: &str) -> CostSums {
    CostSums::of(CostType::Plant, read(text))
}

/// A schedule item called `n`, under heading `n % headings`.
fn scheduled(n: u128, quantity: &str, direct: &str) -> ScheduleItem {
    ScheduleItem {
        id: item(n),
        heading: 0,
        code: format!("1.{n:02}").into(),
        quantity: read(quantity),
        lump_sum: false,
        cost: cost(direct),
        locked: None,
    }
}

fn indirect(n: u128, direct: &str) -> IndirectItem {
    IndirectItem { id: item(n), heading: 0, code: format!("I.{n}").into(), cost: cost(direct) }
}

fn fixed(n: u128, sell: FixedSell) -> FixedItem {
    FixedItem { id: item(n), heading: 0, code: format!("F.{n}").into(), sell }
}

/// Heading 0 with heading 1 below it, and heading 2 beside.
fn headings() -> Vec<BillHeading> {
    let parents = [None, Some(0), None];
    let rows = parents.iter().zip(0..);
    rows.map(|(parent, n)| BillHeading {
        id: heading(n),
        parent: *parent,
        code: format!("{n}").into(),
    })
    .collect()
}

/// Three items: a lump sum of 1000.00, 100 m3 at 2000.00, 300 m2 at 3000.00; a site cost of 600.00.
fn bill() -> Bill {
    let mut first = scheduled(1, "1", "1000.00");
    first.lump_sum = true;
    let mut third = scheduled(3, "300", "3000.00");
    third.heading = 1;
    Bill {
        headings: headings(),
        schedule: vec![first, scheduled(2, "100", "2000.00"), third],
        indirect: vec![indirect(8, "600.00")],
        ..Bill::default()
    }
}

fn rule(sequence: u32, kind: RuleKind) -> CommercialRule {
    let nature = if kind.spreads() { Nature::Cost } else { Nature::Margin };
    CommercialRule {
        id: rule_id(sequence),
        estimate: EstimateId(Uuid::from_u128(100)),
        sequence,
        name: format!("at {sequence}").into(),
        kind,
        base: RuleBase::Running,
        scope: RuleScope::default(),
        nature: Some(nature),
        active: true,
        version: 1,
        stamp: Stamp::new(UserId(Uuid::from_u128(7)), 0),
    }
}

fn rule_id(sequence: u32) -> CommercialRuleId {
    CommercialRuleId(Uuid::from_u128(5_000 + u128::from(sequence)))
}

fn markup(percent: &str) -> RuleKind {
    RuleKind::PercentMarkup { percent: read(percent), bounds: AmountBounds::default() }
}

fn margin(percent: &str) -> RuleKind {
    RuleKind::PercentMargin { percent: read(percent), bounds: AmountBounds::default() }
}

fn lump(amount: &str) -> RuleKind {
    RuleKind::LumpSum { amount: read(amount) }
}

fn spread(items: &[u128]) -> RuleKind {
    RuleKind::SpreadIndirect { pool: items.iter().map(|n| item(*n)).collect() }
}

/// GST of 15 %; item 1 balances.
fn terms() -> Terms {
    Terms { balancing: Some(item(1)), ..Terms::plain(gst()) }
}

fn gst() -> Pct {
    read("15")
}

fn price(bill: Bill, rules: &[CommercialRule]) -> Pricing {
    Pricing::new(bill, rules, terms()).expect("a price")
}

/// The first broken rule that refuses a price.
fn refused(bill: Bill, rules: &[CommercialRule], terms: Terms) -> String {
    match Pricing::new(bill, rules, terms) {
        Ok(_) => panic!("a price was formed"),
        Err(PricingError::Broken(violations)) => violations.0[0].rule.to_string(),
        Err(error @ PricingError::Beyond { .. }) => error.to_string(),
    }
}

/// The rules a settled price still breaks.
fn open(pricing: &Pricing) -> Vec<String> {
    pricing
        .review(Thresholds::built_in())
        .violations
        .iter()
        .map(|violation| violation.rule.to_string())
        .collect()
}

fn total(pricing: &Pricing) -> Money {
    pricing.tender_sum().total_ex
}
