//! The adjudication of the worked example to the cent, and each rule broken and kept.

mod rules;

use super::*;
use crate::estimating::{
    heading::Stamp,
    id::{CompanyId, EstimateId, UserId},
    number::{Money, Pct},
};
use proptest::prelude::*;
use serde_json::Value;
use std::str::FromStr;
use uuid::Uuid;

fn read<T: FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().expect("a test figure")
}

fn member_id(n: u128) -> MemberId {
    MemberId(Uuid::from_u128(n))
}

fn gst() -> Pct {
    read("15")
}

fn stamp() -> Stamp {
    Stamp::new(UserId(Uuid::from_u128(7)), 0)
}

/// The three members of package PKG-01.
fn members() -> Vec<Member> {
    let rows = [(206, "4250"), (207, "96.5"), (208, "1900")];
    rows.map(|(n, quantity)| Member {
        id: member_id(n),
        quantity: read(quantity),
        own: read("1234.00"),
    })
    .to_vec()
}

fn line(n: u128, price: LinePrice) -> QuoteLine {
    let member = Some(member_id(n));
    QuoteLine {
        member,
        description: format!("line {n}").into(),
        set_aside: false,
        price,
        note: None,
    }
}

fn quote(n: u128, rates: [Option<&str>; 3]) -> Quote {
    let price = |rate: Option<&str>| rate.map_or(LinePrice::Blank, |r| LinePrice::Rate(read(r)));
    Quote {
        id: QuoteId(Uuid::from_u128(n)),
        estimate: EstimateId(Uuid::from_u128(9)),
        package: PackageId(Uuid::from_u128(1)),
        round: 1,
        company: CompanyId(Uuid::from_u128(50 + n)),
        name: format!("Company {n}").into(),
        received_at_us: Some(n as i64),
        valid_until_us: None,
        gst: Some(GstBasis::Exclusive),
        currency: Some(Currency::Nzd),
        lines: (206..).zip(rates).map(|(n, rate)| line(n, price(rate))).collect(),
        adjustments: vec![],
        conforming: true,
        stated_total: None,
        qualifications: None,
        confirmed: vec![],
        dropped: vec![],
        state: QuoteState::Received,
        version: 1,
        stamp: stamp(),
    }
}

fn adjustment(reason: &str, figure: AdjustmentFigure, origin: Origin) -> Adjustment {
    Adjustment { reason: reason.into(), figure, origin }
}

/// Quotes A, B and C of package PKG-01.
fn quotes() -> Vec<Quote> {
    let mut a = quote(1, [Some("7.85"), Some("289.00"), Some("3.40")]);
    let extra = AdjustmentFigure::Amount(read("2850.00"));
    a.adjustments.push(adjustment("establishment quoted separately", extra, Origin::Company));
    let mut b = quote(2, [Some("7.40"), Some("296.50"), None]);
    let sweeping = AdjustmentFigure::Amount(read("1450.00"));
    b.adjustments.push(adjustment("sweeping excluded", sweeping, Origin::Levelling));
    let mut c = quote(3, [Some("8.69"), Some("322.00"), Some("3.68")]);
    c.gst = Some(GstBasis::Inclusive);
    let discount = AdjustmentFigure::Percent(read("-1.5"));
    c.adjustments.push(adjustment("discount if all awarded", discount, Origin::Company));
    vec![a, b, c]
}

fn golden() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/golden/worked_example.json");
    serde_json::from_str(&std::fs::read_to_string(path).expect("the golden file")).expect("JSON")
}

const CODES: [&str; 3] = ["2.06", "2.07", "2.08"];
const NAMES: [&str; 3] = ["A Ara Surfacing", "B Bright Roads", "C Coastal Bitumen"];

fn compared() -> Comparison {
    compare(&members(), &quotes(), gst()).expect("a comparison")
}

#[test]
fn the_quotes_of_the_worked_example_compare_as_published() {
    let golden = golden();
    let comparison = compared();
    for (quote, name) in comparison.quotes.iter().zip(NAMES) {
        let want = &golden["adjudication"]["quotes"][name];
        for (line, code) in quote.lines.iter().zip(CODES) {
            let text = |value: Option<String>| value.map_or(Value::Null, Value::from);
            let rate = text(line.rate.map(|rate| rate.to_string()));
            assert_eq!(rate, want["rates_ex_gst"][code], "{name} {code}");
            let amount = text(line.amount.map(|amount| amount.to_string()));
            assert_eq!(amount, want["amounts"][code], "{name} {code}");
            let plug = line.plug.map(|plug| plug.to_string());
            assert_eq!(plug.as_deref(), want["gap_plugs"][code].as_str(), "{name} {code}");
        }
        assert_eq!(quote.quoted_total.to_string(), want["quoted_total"]);
        let adjusted = want["adjustments"].as_array().expect("a list");
        for (amount, want) in quote.adjustments.iter().zip(adjusted) {
            assert_eq!(amount.to_string(), want["amount"]);
        }
        assert_eq!(quote.comparison_total.to_string(), want["comparison_total"]);
        assert_eq!(quote.naive_total.to_string(), want["total_if_gst_were_ignored"]);
        assert_eq!(Value::from(quote.is_complete()), want["complete"]);
    }
}

#[test]
fn the_naive_view_of_the_worked_example_would_pick_another() {
    let comparison = compared();
    assert_eq!(comparison.ranking, [2, 1, 0]);
    let naive = comparison.quotes.iter().enumerate().min_by_key(|(_, quote)| quote.naive_total);
    assert_eq!(naive.map(|(at, _)| at), Some(1));
}

#[test]
fn the_award_of_the_worked_example_costs_each_item_as_published() {
    let golden = golden();
    let comparison = compared();
    let winner = comparison.lowest().expect("a lowest quote");
    let list = transfer(winner, &members()).expect("a transfer");
    let items = golden["items"].as_array().expect("a list");
    let mut sum = Money::ZERO;
    for (one, code) in list.iter().zip(CODES) {
        assert_eq!(one.lump.to_string(), golden["adjudication"]["adjustment_share"][code]);
        let cost = one.cost.checked_add(one.lump).expect("in range");
        let item = items.iter().find(|item| item["code"] == code).expect("an item");
        assert_eq!(cost.to_string(), item["cost"], "{code}");
        sum = sum.checked_add(cost).expect("in range");
    }
    assert_eq!(sum, winner.comparison_total);
}

#[test]
fn a_gap_of_the_awarded_quote_becomes_a_plug_and_never_a_rate() {
    let comparison = compared();
    let list = transfer(&comparison.quotes[1], &members()).expect("a transfer");
    assert_eq!((list[2].rate, list[2].cost, list[2].lump), (None, Money::ZERO, Money::ZERO));
    assert_eq!(list[2].plug, Some(read("3.4000")));
    let costs = list.iter().flat_map(|one| [one.cost, one.lump]);
    assert_eq!(Money::checked_sum(costs), Some(read("61512.25")));
}

#[test]
fn a_gap_nobody_prices_is_compared_at_the_estimators_own_amount() {
    let mut quotes = quotes();
    quotes.iter_mut().for_each(|quote| quote.lines[2].price = LinePrice::Blank);
    quotes[2].lines[2].price = LinePrice::Included;
    let comparison = compare(&members(), &quotes, gst()).expect("a comparison");
    let plugs: Vec<_> = comparison.quotes.iter().map(|quote| quote.lines[2].plug).collect();
    assert_eq!(plugs, [Some(read("1234.00")), Some(read("1234.00")), None]);
}

#[test]
fn a_foreign_quote_with_gst_is_brought_to_dollars_without() {
    let mut foreign = quote(1, [Some("10.00"), None, None]);
    foreign.currency = Some(Currency::Foreign { code: "AUD".into(), exchange: read("1.085") });
    foreign.gst = Some(GstBasis::Inclusive);
    foreign.lines[1].price = LinePrice::Amount(read("1150.00"));
    let own = normalise(&foreign, &members(), gst()).expect("a quote");
    assert_eq!(own.lines[0].rate, Some(read("9.4348")));
    assert_eq!(own.lines[1].amount, Some(read("1085.00")));
    assert_eq!(own.lines[1].rate, Some(read("11.2435")));
    assert_eq!(own.naive_total, read("43650.00"));
}

proptest! {
    #[test]
    fn every_award_is_transferred_to_the_cent(
        prices in prop::collection::vec((0_u8..5, 1_i64..900_000_000), 3),
        quantities in prop::collection::vec(1_i64..90_000_000, 3),
        adjusted in -50_000_000_i64..50_000_000,
        percent in -400_000_i64..400_000,
        inclusive in any::<bool>(),
    ) {
        let mut members = members();
        for (member, units) in members.iter_mut().zip(quantities) {
            member.quantity = crate::estimating::number::Qty::from_units(units).expect("in bounds");
        }
        let mut one = quote(1, [None; 3]);
        one.gst = Some(if inclusive { GstBasis::Inclusive } else { GstBasis::Exclusive });
        for (line, (kind, units)) in one.lines.iter_mut().zip(prices) {
            line.price = match kind {
                0 => LinePrice::Blank,
                1 => LinePrice::Included,
                2 => LinePrice::Amount(Money::from_units(units).expect("in bounds")),
                _ => LinePrice::Rate(crate::estimating::number::Rate::from_units(units / 1_000 + 1)
                    .expect("in bounds")),
            };
        }
        let fixed = AdjustmentFigure::Amount(Money::from_units(adjusted).expect("in bounds"));
        let share = AdjustmentFigure::Percent(Pct::from_units(percent).expect("in bounds"));
        one.adjustments.push(adjustment("a", fixed, Origin::Company));
        one.adjustments.push(adjustment("b", share, Origin::Levelling));
        let other = quote(2, [Some("5.00"), Some("6.00"), Some("7.00")]);
        let comparison = compare(&members, &[one, other], gst()).expect("a comparison");
        let compared = &comparison.quotes[0];
        if let Ok(list) = transfer(compared, &members) {
            let costs = list.iter().flat_map(|one| [one.cost, one.lump]);
            prop_assert_eq!(Money::checked_sum(costs), compared.award_total());
            for (line, one) in compared.lines.iter().zip(&list) {
                prop_assert_eq!(line.plug.is_some(), one.rate.is_none());
            }
        } else {
            prop_assert!(compared.lines.iter().all(|line| line.amount.unwrap_or_default().is_zero()));
        }
    }
}
