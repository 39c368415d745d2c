//! Each commercial rule: broken once, and kept just inside.

use super::*;
use crate::estimating::commercials::{
    AsideItem, PackageId, PackageItems, RegisteredRisk, TenderSum, check_gst_rate, gst_in_force,
};
use crate::estimating::{cost::CostTypes, rules::RuleId};

/// 1 January 2026, in microseconds.
const CLOSING: i64 = 1_767_225_600_000_000;

#[test]
fn br_075_sequences_are_unique_and_inactive_rules_are_passed_over() {
    let twice = [rule(10, markup("5")), rule(10, markup("6"))];
    assert_eq!(refused(bill(), &twice, terms()), "BR-075");
    let mut rules = [rule(20, markup("10")), rule(10, lump("500.00")), rule(15, markup("50"))];
    rules[2].active = false;
    // 500.00 comes first although it stands second: 6500.00 and a tenth of it.
    assert_eq!(total(&price(bill(), &rules)), read("7150.00"));
    rules[2].sequence = 20;
    assert_eq!(refused(bill(), &rules, terms()), "BR-075");
}

#[test]
fn br_076_a_base_on_rules_looks_only_back() {
    let mut later = rule(20, markup("10"));
    later.base = RuleBase::Rules(vec![rule_id(10)]);
    let rules = [rule(10, lump("500.00")), later.clone()];
    assert_eq!(total(&price(bill(), &rules)), read("6550.00"));
    for base in [vec![rule_id(20)], vec![rule_id(30)], vec![rule_id(99)], vec![]] {
        later.base = RuleBase::Rules(base);
        let rules = [rule(10, lump("500.00")), later.clone(), rule(30, lump("1.00"))];
        assert_eq!(refused(bill(), &rules, terms()), "BR-076");
    }
    later.base = RuleBase::Types(CostTypes::default());
    assert_eq!(refused(bill(), &[later], terms()), "BR-076");
    assert_eq!(RuleBase::default(), RuleBase::Running);
}

#[test]
fn br_077_percentages_stay_in_their_ranges() {
    for kind in [margin("100"), margin("-0.0001"), markup("-100")] {
        assert_eq!(refused(bill(), &[rule(10, kind)], terms()), "BR-077");
    }
    for kind in [margin("99.9999"), margin("0"), markup("-99.9999"), markup("1000")] {
        price(bill(), &[rule(10, kind)]);
    }
    let index = |weight, start, end| RuleKind::Index {
        weight: read(weight),
        start: read(start),
        end: read(end),
    };
    for kind in [index("100.1", "100", "103"), index("80", "0", "103"), index("80", "100", "0")] {
        assert_eq!(refused(bill(), &[rule(10, kind)], terms()), "BR-077");
    }
    // 80 % of 6000.00 moves by 3 %.
    let priced = price(bill(), &[rule(10, index("80", "100", "103"))]);
    assert_eq!(total(&priced), read("6144.00"));
    let register = |probability| RuleKind::RiskRegister {
        risks: vec![
            RegisteredRisk {
                name: "Flood".into(),
                probability: read(probability),
                impact: read("1000.01"),
            },
            RegisteredRisk { name: "Dry".into(), probability: read("50"), impact: read("-100.01") },
        ],
    };
    assert_eq!(refused(bill(), &[rule(10, register("100.0001"))], terms()), "BR-077");
    // Each risk is rounded for itself: 500.01 less 50.01.
    assert_eq!(total(&price(bill(), &[rule(10, register("50"))])), read("6450.00"));
    let round = |multiple| RuleKind::RoundTotal { multiple: read(multiple) };
    assert_eq!(refused(bill(), &[rule(10, round("0"))], terms()), "BR-077");
    assert_eq!(total(&price(bill(), &[rule(10, round("0.01"))])), read("6000.00"));
}

#[test]
fn br_077_a_floor_and_a_cap_hold_the_amount() {
    let held = |floor: Option<&str>, cap: Option<&str>| {
        let bounds = AmountBounds { floor: floor.map(read), cap: cap.map(read) };
        [rule(10, RuleKind::PercentMarkup { percent: read("10"), bounds })]
    };
    assert_eq!(refused(bill(), &held(Some("2.00"), Some("1.00")), terms()), "BR-077");
    assert_eq!(total(&price(bill(), &held(Some("700.00"), None))), read("6700.00"));
    assert_eq!(total(&price(bill(), &held(None, Some("500.00")))), read("6500.00"));
    assert_eq!(total(&price(bill(), &held(Some("1.00"), Some("1.00")))), read("6001.00"));
}

#[test]
fn br_078_shares_add_up_and_ties_go_to_the_earlier_item() {
    let mut even = bill();
    even.schedule.iter_mut().for_each(|item| item.cost = cost("100.00"));
    let priced = price(even, &[rule(10, lump("-0.02"))]);
    let applied = priced.rules().next().expect("a rule");
    let shares: Vec<Option<Money>> = (0..4).map(|at| applied.share(at)).collect();
    let want = ["-0.01", "-0.01", "0.00"].map(|text| Some(read(text)));
    assert_eq!(shares[..3], want);
    assert_eq!(shares[3], None);
}

#[test]
fn br_079_an_amount_needs_something_to_be_shared_on() {
    let mut narrow = rule(10, lump("5.00"));
    narrow.scope = RuleScope::of(Within::Heading(heading(2)));
    assert_eq!(refused(bill(), &[narrow.clone()], terms()), "BR-079");
    narrow.base = RuleBase::Types(CostTypes::default().with(CostType::Labour));
    narrow.scope = RuleScope::default();
    assert_eq!(refused(bill(), &[narrow.clone()], terms()), "BR-079");
    narrow.kind = markup("5");
    assert_eq!(total(&price(bill(), &[narrow])), read("6000.00"));
}

#[test]
fn br_080_fixed_sums_are_in_no_scope() {
    let mut with_sum = bill();
    with_sum.fixed.push(fixed(9, FixedSell::ProvisionalSum(read("250.00"))));
    let package = PackageId(Uuid::from_u128(1));
    with_sum.packages.push(PackageItems { id: package, items: vec![item(2), item(9)] });
    let mut named = rule(10, markup("10"));
    for within in [Within::Items(vec![item(2), item(9)]), Within::Package(package)] {
        named.scope = RuleScope::of(within);
        assert_eq!(refused(with_sum.clone(), &[named.clone()], terms()), "BR-080");
    }
    // A heading with such an item below it is fine: the rule reaches only the others.
    named.scope = RuleScope::of(Within::Heading(heading(0)));
    assert_eq!(total(&price(with_sum.clone(), &[named.clone()])), read("6850.00"));
    with_sum.packages[0].items.pop();
    named.scope = RuleScope::of(Within::Package(package));
    assert_eq!(total(&price(with_sum, &[named])), read("6450.00"));
}

#[test]
fn br_081_indirect_cost_is_spread_exactly_once() {
    assert_eq!(open(&price(bill(), &[])), ["BR-081"]);
    assert_eq!(open(&price(bill(), &[rule(10, spread(&[8]))])), Vec::<String>::new());
    let twice = [rule(10, spread(&[8])), rule(20, spread(&[8]))];
    assert_eq!(open(&price(bill(), &twice)), ["BR-081"]);
    assert_eq!(open(&price(bill(), &[rule(10, spread(&[8, 8]))])), ["BR-081"]);
    assert_eq!(open(&price(bill(), &[rule(10, spread(&[8, 2]))])), ["BR-081"]);
    let mut inactive = twice.clone();
    inactive[1].active = false;
    assert_eq!(open(&price(bill(), &inactive)), Vec::<String>::new());
    let mut free = bill();
    free.indirect[0].cost = CostSums::ZERO;
    assert_eq!(open(&price(free, &[])), Vec::<String>::new());
    assert_eq!(price(bill(), &[]).margin().expect("a report").unspread, read("600.00"));
}

#[test]
fn br_082_every_rule_is_cost_or_margin_and_spreading_is_cost() {
    let mut unmarked = rule(10, markup("5"));
    unmarked.nature = None;
    assert_eq!(refused(bill(), &[unmarked], terms()), "BR-082");
    let mut spreading = rule(10, spread(&[8]));
    spreading.nature = Some(Nature::Margin);
    assert_eq!(refused(bill(), &[spreading.clone()], terms()), "BR-082");
    spreading.nature = Some(Nature::Cost);
    price(bill(), &[spreading]);
}

#[test]
fn br_083_a_locked_rate_leaves_the_price_and_needs_a_free_item() {
    let rules = [rule(10, markup("10"))];
    let free = price(bill(), &rules);
    let mut locked = bill();
    locked.schedule[1].locked = Some(read("30.00"));
    locked.schedule[2].locked = Some(read("9.00"));
    let priced = price(locked.clone(), &rules);
    assert_eq!(total(&priced), total(&free));
    let rates: Vec<String> = priced.items().map(|item| item.rate.to_string()).collect();
    assert_eq!(rates, ["900.00", "30.00", "9.00"]);
    let mut all = locked.clone();
    all.schedule[0].locked = Some(read("900.00"));
    assert_eq!(refused(all, &rules, terms()), "BR-083");
    let mut worthless = locked;
    worthless.schedule[0].cost = CostSums::ZERO;
    assert_eq!(refused(worthless, &rules, terms()), "BR-083");
}

#[test]
fn br_084_rates_keep_to_the_decimals_of_their_tier() {
    let tiers = |tiers: &[(&str, u8)]| {
        let tier =
            |(from, decimals): &(&str, u8)| RateTier { from: read(from), decimals: *decimals };
        Terms { tiers: tiers.iter().map(tier).collect(), ..terms() }
    };
    let mut locked = bill();
    locked.schedule[2].locked = Some(read("10.0105"));
    assert_eq!(refused(locked.clone(), &[], terms()), "BR-084");
    assert_eq!(refused(locked.clone(), &[], tiers(&[("300.0001", 4)])), "BR-084");
    let finer = tiers(&[("100", 0), ("300", 4)]);
    let priced = Pricing::new(locked, &[rule(10, lump("33.33"))], finer).expect("a price");
    let rates: Vec<String> = priced.items().map(|item| item.rate.to_string()).collect();
    assert_eq!(rates, ["1030.18", "20.00", "10.0105"]);
    assert_eq!(refused(bill(), &[], tiers(&[("1", 5)])), "BR-084");
    assert_eq!(refused(bill(), &[], tiers(&[("1", 4), ("1.0", 2)])), "BR-084");
}

#[test]
fn br_085_the_misclose_goes_to_the_balancing_item_or_stays_small() {
    let with = |quantity: &str, direct: &str| {
        let mut bill = bill();
        bill.indirect.clear();
        bill.schedule.truncate(1);
        bill.schedule.push(scheduled(2, quantity, direct));
        bill
    };
    let plain = || Terms::plain(gst());
    // 3.00 / 200 = 0.015 -> 0.02 x 200 = 4.00: one dollar is allowed.
    let inside = Pricing::new(with("200", "3.00"), &[], plain()).expect("a price");
    assert_eq!(inside.misclose().amount, read("-1.00"));
    assert_eq!(open(&inside), Vec::<String>::new());
    assert_eq!(inside.margin().expect("a report").margin, read("1.00"));
    // 3.01 / 202 -> 0.01 x 202 = 2.02.
    let beyond = Pricing::new(with("202", "3.03"), &[], plain()).expect("a price");
    assert_eq!(beyond.misclose().amount, read("-1.01"));
    assert_eq!(open(&beyond), ["BR-085"]);
    let balanced = price(with("202", "3.03"), &[]);
    assert_eq!(open(&balanced), Vec::<String>::new());
    assert_eq!(total(&balanced), read("1003.03"));
    assert_eq!(balanced.item(0).expect("the lump sum").rate, read("998.99"));
    let unfit = Terms { balancing: Some(item(2)), ..plain() };
    assert_eq!(open(&Pricing::new(with("200", "4.00"), &[], unfit).expect("a price")), ["BR-085"]);
}

#[test]
fn br_086_selling_below_loaded_cost_is_listed_for_acceptance() {
    let mut locked = bill();
    locked.schedule[1].locked = Some(read("22.00"));
    let rules = [rule(10, spread(&[8]))];
    assert_eq!(price(locked.clone(), &rules).review(Thresholds::built_in()).below_cost, []);
    locked.schedule[1].locked = Some(read("21.99"));
    let daywork =
        FixedSell::Daywork { quantity: read("10"), rate: read("50.00"), cost: cost("500.01") };
    locked.fixed.push(fixed(9, daywork));
    let below = price(locked, &rules).review(Thresholds::built_in()).below_cost;
    let codes: Vec<&str> = below.iter().map(|item| &*item.code).collect();
    assert_eq!(codes, ["1.02", "F.9"]);
    assert_eq!((below[0].sell, below[0].loaded), (read("2199.00"), read("2200.00")));
    let violation = below[0].violation();
    assert_eq!((violation.code, violation.objects[0]), ("sell-below-cost", item(2).0));
}

#[test]
fn br_087_gst_is_worked_out_once_at_the_rate_of_the_closing_date() {
    let sum = price(bill(), &[]).tender_sum();
    assert_eq!((sum.gst, sum.total_inc), (read("900.00"), read("6900.00")));
    sum.check(gst()).expect("it follows");
    let off = TenderSum { gst: read("899.99"), total_inc: read("6899.99"), ..sum };
    assert!(off.check(gst()).expect_err("a cent off").breaks(RuleId::br(87)));
    assert_eq!(gst_in_force(CLOSING), gst());
    assert_eq!(gst_in_force(1_285_844_399_999_999), read("12.5"));
    check_gst_rate(gst(), CLOSING).expect("in force");
    assert!(check_gst_rate(read("12.5"), CLOSING).expect_err("of old").breaks(RuleId::br(87)));
}

#[test]
fn br_088_one_rule_at_most_decides_the_total_and_it_is_last() {
    let target = || rule(50, RuleKind::TargetTotal { total: read("7000.00") });
    let round = |sequence| rule(sequence, RuleKind::RoundTotal { multiple: read("500.00") });
    assert_eq!(refused(bill(), &[target(), rule(60, lump("1.00"))], terms()), "BR-088");
    assert_eq!(refused(bill(), &[round(40), target()], terms()), "BR-088");
    let mut sums = bill();
    sums.fixed.push(fixed(9, FixedSell::PrimeCostSum(read("250.00"))));
    assert_eq!(total(&price(sums.clone(), &[rule(10, markup("5")), target()])), read("7000.00"));
    assert_eq!(total(&price(sums.clone(), &[round(50)])), read("6500.00"));
    assert_eq!(total(&price(bill(), &[round(50)])), read("6000.00"));
    let mut inactive = round(40);
    inactive.active = false;
    assert_eq!(total(&price(sums, &[inactive, target()])), read("7000.00"));
}

#[test]
fn fixed_sums_percentages_and_daywork_sell_at_their_own_figures() {
    let mut sums = bill();
    sums.fixed = vec![
        fixed(9, FixedSell::Percentage { percent: read("7.5"), linked: vec![item(10), item(11)] }),
        fixed(10, FixedSell::ProvisionalSum(read("1000.00"))),
        fixed(11, FixedSell::PrimeCostSum(read("333.33"))),
        fixed(
            12,
            FixedSell::Daywork { quantity: read("8"), rate: read("95.00"), cost: cost("600.00") },
        ),
    ];
    sums.aside = vec![
        AsideItem { id: item(20), quantity: None, cost_rate: Some(read("10.0000")) },
        AsideItem { id: item(21), quantity: Some(read("3")), cost_rate: Some(read("10.0000")) },
        AsideItem { id: item(22), quantity: None, cost_rate: None },
    ];
    let priced = price(sums, &[rule(10, spread(&[8])), rule(20, markup("5"))]);
    let sells: Vec<String> = priced.fixed().map(|(_, sell)| sell.to_string()).collect();
    assert_eq!(sells, ["100.00", "1000.00", "333.33", "760.00"]);
    assert_eq!(total(&priced), read("9123.33"));
    assert_eq!(priced.uplift(), read("1.15500000"));
    let aside = priced.aside().expect("prices");
    assert_eq!((aside[0].rate, aside[0].amount), (Some(read("11.55")), None));
    assert_eq!((aside[1].rate, aside[1].amount), (Some(read("11.55")), Some(read("34.65"))));
    assert_eq!(aside[2].rate, None);
    let report = priced.margin().expect("a report");
    assert_eq!(report.cost_total, read("8533.33"));
    assert_eq!(report.daywork_margin, read("160.00"));
    let labels: Vec<String> = priced.budget().iter().map(|row| row.cost_type.to_string()).collect();
    assert_eq!(labels, ["Plant", "Provisional sum F.10", "Prime-cost sum F.11"]);
}

#[test]
fn scopes_reach_headings_types_packages_and_lists_less_exclusions() {
    let mut mixed = bill();
    mixed.schedule[1].cost = CostSums::of(CostType::Labour, read("2000.00"));
    let amount = |within: Within, except: Vec<Within>| {
        let mut scoped = rule(10, markup("10"));
        scoped.scope = RuleScope { within, except };
        price(mixed.clone(), &[scoped]).rules().next().expect("a rule").amount.to_string()
    };
    assert_eq!(amount(Within::All, vec![]), "600.00");
    assert_eq!(amount(Within::Heading(heading(1)), vec![]), "300.00");
    assert_eq!(amount(Within::Type(CostType::Labour), vec![]), "200.00");
    assert_eq!(amount(Within::Items(vec![item(1), item(3)]), vec![]), "400.00");
    assert_eq!(amount(Within::All, vec![Within::Type(CostType::Labour)]), "400.00");
    let two = vec![Within::Items(vec![item(1)]), Within::Heading(heading(1))];
    assert_eq!(amount(Within::Heading(heading(0)), two), "200.00");
}

#[test]
fn a_figure_out_of_range_is_an_error_that_leaves_the_price_alone() {
    let mut priced = price(bill(), &[rule(10, markup("10"))]);
    let before = priced.tender_sum();
    let huge = CostSums::of(CostType::Plant, read("99999999999.00"));
    let error = priced.set_costs(&[(item(2), cost("1.00")), (item(3), huge)]);
    assert!(matches!(error, Err(PricingError::Beyond { .. })), "{error:?}");
    assert_eq!(priced.tender_sum(), before);
    let steep = markup("99999999999");
    assert!(refused(bill(), &[rule(10, steep)], terms()).contains("beyond the range"));
    let mut sums = bill();
    let most = FixedSell::ProvisionalSum(Money::MAX);
    sums.fixed = vec![fixed(9, most.clone()), fixed(10, most)];
    assert!(refused(sums, &[], terms()).contains("beyond the range"));
}

#[test]
fn a_change_that_cannot_be_priced_leaves_the_price_as_it_was() {
    let mut labour = rule(10, lump("50.00"));
    labour.base = RuleBase::Types(CostTypes::default().with(CostType::Labour));
    let mut mixed = bill();
    mixed.schedule[1].cost = CostSums::of(CostType::Labour, read("2000.00"));
    let mut priced = price(mixed, &[labour]);
    let before: Vec<String> = priced.items().map(|item| format!("{item:?}")).collect();
    let error = priced.set_costs(&[(item(2), cost("7.00"))]).expect_err("no labour is left");
    assert!(error.to_string().contains("BR-079"), "{error}");
    let after: Vec<String> = priced.items().map(|item| format!("{item:?}")).collect();
    assert_eq!(after, before);
}
