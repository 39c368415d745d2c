//! What holds of every price, whatever the bill and the rules.

use super::*;
use crate::estimating::{
    commercials::{BillEntry, RegisteredRisk},
    cost::CostTypes,
    number::{Factor, Qty, SellRate},
};
use proptest::prelude::*;

fn cents(money: Money) -> i128 {
    i128::from(money.units())
}

fn money(cents: i64) -> Money {
    Money::from_units(cents).expect("in bounds")
}

fn any_cost() -> impl Strategy<Value = CostSums> {
    let figure = prop_oneof![
        4 => 0_i64..20_000_000,
        2 => Just(0_i64),
        1 => -50_000_i64..50_000,
        1 => 0_i64..90_000_000_000,
    ];
    (figure, 0_usize..5, 0_i64..1_000_000, 0_usize..5).prop_map(|(a, t, b, u)| {
        let mut sums = CostSums::of(CostType::ALL[t], money(a));
        sums += CostSums::of(CostType::ALL[u], money(b));
        sums
    })
}

fn any_kind() -> impl Strategy<Value = RuleKind> {
    let bounds = AmountBounds::default();
    let percent = |range: std::ops::Range<i64>| {
        range.prop_map(|units| Pct::from_units(units).expect("in bounds"))
    };
    prop_oneof![
        percent(-900_000..3_000_000)
            .prop_map(move |percent| RuleKind::PercentMarkup { percent, bounds }),
        percent(0..999_999).prop_map(move |percent| RuleKind::PercentMargin { percent, bounds }),
        (-5_000_000_i64..50_000_000).prop_map(|cents| RuleKind::LumpSum { amount: money(cents) }),
        (0_i64..1_000_000, 1_i64..3_000_000, 1_i64..3_000_000).prop_map(|(w, s, e)| {
            RuleKind::Index {
                weight: Pct::from_units(w).expect("in bounds"),
                start: Factor::from_units(s).expect("in bounds"),
                end: Factor::from_units(e).expect("in bounds"),
            }
        }),
        (percent(0..1_000_000), -1_000_000_i64..9_000_000).prop_map(|(probability, impact)| {
            let risk = RegisteredRisk { name: "R".into(), probability, impact: money(impact) };
            RuleKind::RiskRegister { risks: vec![risk.clone(), risk] }
        }),
    ]
}

fn any_rules(items: u128) -> impl Strategy<Value = Vec<CommercialRule>> {
    let within = prop_oneof![
        3 => Just(Within::All),
        1 => (0_u128..3).prop_map(|n| Within::Heading(heading(n))),
        1 => (0_usize..5).prop_map(|t| Within::Type(CostType::ALL[t])),
        1 => prop::collection::vec(0..items, 0..5)
            .prop_map(|ns| Within::Items(ns.into_iter().map(item).collect())),
    ];
    let except = prop::collection::vec((0..items).prop_map(|n| Within::Items(vec![item(n)])), 0..2);
    let base = 0_u8..4;
    let one = (any_kind(), within, except, base, any::<bool>());
    (prop::collection::vec(one, 0..8), any::<bool>(), 0_u8..3).prop_map(|(list, spreads, last)| {
        let mut rules = Vec::new();
        if spreads {
            rules.push(rule(1, spread(&[900, 901])));
        }
        for (at, (kind, within, except, base, cost)) in list.into_iter().enumerate() {
            let sequence = at as u32 * 10 + 10;
            let mut made = rule(sequence, kind);
            made.scope = RuleScope { within, except };
            made.base = match base {
                0 | 1 => RuleBase::Running,
                2 => RuleBase::Direct,
                _ if at > 0 => RuleBase::Rules(vec![rule_id(sequence - 10)]),
                _ => RuleBase::Types(CostTypes::default().with(CostType::Labour)),
            };
            made.nature = Some(if cost { Nature::Cost } else { Nature::Margin });
            rules.push(made);
        }
        match last {
            1 => rules.push(rule(900, RuleKind::RoundTotal { multiple: money(100_000) })),
            2 => rules.push(rule(900, RuleKind::TargetTotal { total: money(500_000_000) })),
            _ => {}
        }
        rules
    })
}

fn any_item() -> impl Strategy<Value = (CostSums, i64, Option<i64>, u32)> {
    let quantity = prop_oneof![3 => 1_i64..50_000_000, 1 => Just(10_000_i64)];
    let locked = prop_oneof![5 => Just(None), 1 => (0_i64..50_000).prop_map(Some)];
    (any_cost(), quantity, locked, 0_u32..3)
}

fn any_bill() -> impl Strategy<Value = Bill> {
    let items = prop::collection::vec(any_item(), 0..30);
    (items, any_cost(), any_cost(), 0_i64..90_000_000).prop_map(|(items, first, second, sum)| {
        let schedule = items.into_iter().enumerate().map(|(n, (cost, quantity, locked, under))| {
            let mut made = scheduled(n as u128, "1", "0");
            made.cost = cost;
            made.heading = under;
            made.quantity = Qty::from_units(quantity).expect("in bounds");
            made.lump_sum = made.quantity == Qty::ONE;
            made.locked = locked.map(|cents| SellRate::from_units(cents * 100).expect("in bounds"));
            made
        });
        let mut bill = Bill { headings: headings(), ..Bill::default() };
        bill.schedule = schedule.collect();
        for (n, cost) in [(900, first), (901, second)] {
            bill.indirect.push(IndirectItem { cost, ..indirect(n, "0") });
        }
        bill.fixed = vec![
            fixed(910, FixedSell::ProvisionalSum(money(sum))),
            fixed(911, FixedSell::Percentage { percent: read("8"), linked: vec![item(910)] }),
        ];
        bill
    })
}

/// A bill whose first item takes the misclose.
fn balanced() -> impl Strategy<Value = Bill> {
    any_bill().prop_map(|mut bill| {
        let mut first = scheduled(500, "1", "5000.00");
        first.lump_sum = true;
        bill.schedule.insert(0, first);
        bill
    })
}

fn balancing_terms() -> Terms {
    Terms { balancing: Some(item(500)), ..Terms::plain(gst()) }
}

/// Every figure of a price.
fn figures(pricing: &Pricing) -> String {
    let shares: Vec<_> = pricing
        .rules()
        .map(|r| {
            let shares: Vec<_> = pricing.items().enumerate().map(|(at, _)| r.share(at)).collect();
            (r.base_total, r.amount, r.running_total, shares)
        })
        .collect();
    let items: Vec<_> = pricing.items().collect();
    let report = pricing.margin();
    let (sum, misclose) = (pricing.tender_sum(), pricing.misclose());
    format!("{shares:?} {items:?} {report:?} {sum:?} {misclose:?} {:?}", pricing.uplift())
}

fn check_sums(pricing: &Pricing) {
    let direct: i128 = pricing.items().map(|item| cents(item.direct)).sum();
    let amounts: i128 = pricing.rules().map(|rule| cents(rule.amount)).sum();
    let running: i128 = pricing.items().map(|item| cents(item.running)).sum();
    let target: i128 = pricing.items().map(|item| cents(item.target)).sum();
    assert_eq!(running, direct + amounts);
    assert_eq!(target, running, "locks only move money");
    for rule in pricing.rules() {
        let shares = (0..pricing.bill().schedule.len()).filter_map(|at| rule.share(at));
        assert_eq!(shares.map(cents).sum::<i128>(), cents(rule.amount));
    }
    let sold: i128 = pricing.items().map(|item| cents(item.amount)).sum();
    let fixed: i128 = pricing.fixed().map(|(_, sell)| cents(sell)).sum();
    let misclose = pricing.misclose();
    let kept = if misclose.balancing.is_some() { 0 } else { cents(misclose.amount) };
    assert_eq!(sold, target - kept);
    assert_eq!(cents(pricing.tender_sum().total_ex), sold + fixed);
    for (at, item) in pricing.items().enumerate() {
        if misclose.balancing != Some(at) {
            let product = crate::estimating::number::amount(item.quantity, item.rate);
            assert_eq!(product, Some(item.amount), "a client multiplies and gets the same");
        }
    }
    let Ok(report) = pricing.margin() else { return };
    let earned = cents(report.margin_rules) + cents(report.percentage_items);
    let earned = earned + cents(report.daywork_margin) - cents(report.misclose);
    assert_eq!(cents(report.margin), earned - cents(report.unspread));
    let budget: i128 = pricing.budget().iter().map(|row| cents(row.amount)).sum();
    assert_eq!(budget, cents(report.cost_total));
    let sells = pricing.heading_sells().expect("in range");
    let tops: i128 = [0, 2].iter().map(|at| cents(sells[*at].1)).sum();
    assert_eq!(tops, cents(pricing.tender_sum().total_ex));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_cent_is_accounted_for((bill, rules) in (any_bill(), any_rules(30))) {
        if let Ok(pricing) = Pricing::new(bill, &rules, Terms::plain(gst())) {
            check_sums(&pricing);
            pricing.review(Thresholds::built_in());
        }
    }

    #[test]
    fn every_cent_is_accounted_for_when_an_item_balances(
        (bill, rules) in (balanced(), any_rules(30)),
    ) {
        if let Ok(pricing) = Pricing::new(bill, &rules, balancing_terms()) {
            check_sums(&pricing);
            if let Some(last) = rules.last().filter(|rule| rule.kind.decides_total()) {
                let total = total(&pricing).units();
                match &last.kind {
                    RuleKind::TargetTotal { total: target } => {
                        prop_assert_eq!(total, target.units());
                    }
                    _ => prop_assert_eq!(total % 100_000, 0),
                }
            }
        }
    }

    #[test]
    fn locking_a_rate_never_changes_the_price(
        (bill, rules) in (balanced(), any_rules(30)),
        (place, rate) in (any::<prop::sample::Index>(), 0_i64..9_000_000),
    ) {
        let Ok(mut pricing) = Pricing::new(bill, &rules, balancing_terms()) else {
            return Ok(());
        };
        let before = (pricing.tender_sum(), pricing.margin().map(|report| report.margin));
        let count = pricing.bill().schedule.len();
        prop_assume!(count > 1);
        let mut locked = pricing.bill().schedule[1 + place.index(count - 1)].clone();
        locked.locked = SellRate::from_units(rate * 100);
        if pricing.replace(vec![BillEntry::Schedule(locked)]).is_ok() {
            let after = (pricing.tender_sum(), pricing.margin().map(|report| report.margin));
            prop_assert_eq!(after, before);
        }
    }

    #[test]
    fn what_is_kept_up_equals_what_is_formed_anew(
        (bill, rules) in (balanced(), any_rules(30)),
        edits in prop::collection::vec(
            (any::<prop::sample::Index>(), any_item(), 0_u8..4), 1..12
        ),
    ) {
        let Ok(mut pricing) = Pricing::new(bill, &rules, balancing_terms()) else {
            return Ok(());
        };
        for (place, (cost, quantity, locked, _), what) in edits {
            let before = figures(&pricing);
            let mut changed = pricing.bill().clone();
            let changing = &mut changed.schedule;
            let at = place.index(changing.len());
            let result = match what {
                0 => {
                    changed.indirect[at % 2].cost = cost;
                    pricing.set_costs(&[(changed.indirect[at % 2].id, cost)])
                }
                1 if at > 0 => {
                    changing[at].quantity = Qty::from_units(quantity).expect("in bounds");
                    let entry = BillEntry::Schedule(changing[at].clone());
                    pricing.replace(vec![entry]).map(|_| ())
                }
                2 if at > 0 => {
                    let rate = |cents: i64| SellRate::from_units(cents * 100).expect("in bounds");
                    changing[at].locked = locked.map(rate);
                    let entry = BillEntry::Schedule(changing[at].clone());
                    pricing.replace(vec![entry]).map(|_| ())
                }
                _ => {
                    changing[at].cost = cost;
                    pricing.set_costs(&[(changing[at].id, cost)])
                }
            };
            match (result, Pricing::new(changed, &rules, balancing_terms())) {
                (Ok(()), Ok(anew)) => prop_assert_eq!(figures(&pricing), figures(&anew)),
                (Err(error), Err(same)) => {
                    prop_assert_eq!(error.to_string(), same.to_string());
                    prop_assert_eq!(figures(&pricing), before);
                }
                (kept, anew) => panic!("{kept:?} but anew {:?}", anew.map(|p| figures(&p))),
            }
        }
    }

    #[test]
    fn the_order_of_rows_that_have_none_says_nothing(
        (bill, rules) in (balanced(), any_rules(30)),
        seed in any::<u64>(),
    ) {
        let mut turned = bill.clone();
        let mut rows = rules.clone();
        turned.indirect.reverse();
        turned.fixed.reverse();
        let middle = seed as usize % rows.len().max(1);
        rows.rotate_left(middle);
        let first = Pricing::new(bill, &rules, balancing_terms());
        let second = Pricing::new(turned, &rows, balancing_terms());
        prop_assert_eq!(first.is_ok(), second.is_ok());
        if let (Ok(first), Ok(second)) = (first, second) {
            prop_assert_eq!(figures(&first), figures(&second));
        }
    }

    #[test]
    fn the_order_of_the_schedule_moves_cents_between_items_and_no_total(
        bill in balanced(),
        kinds in prop::collection::vec(any_kind(), 0..6),
    ) {
        let numbered = kinds.into_iter().zip(1..);
        let rules: Vec<_> = numbered.map(|(kind, n)| rule(n * 10, kind)).collect();
        let mut turned = bill.clone();
        turned.schedule.reverse();
        let first = Pricing::new(bill, &rules, balancing_terms());
        let second = Pricing::new(turned, &rules, balancing_terms());
        if let (Ok(first), Ok(second)) = (first, second) {
            prop_assert_eq!(first.tender_sum(), second.tender_sum());
            prop_assert_eq!(first.margin(), second.margin());
        }
    }

    #[test]
    fn no_figure_however_large_makes_it_panic(
        costs in prop::collection::vec(any::<i64>(), 0..12),
        quantities in prop::collection::vec(any::<i64>(), 12),
        locked in prop::collection::vec(prop::option::of(any::<i64>()), 12),
        (percent, amount, sum) in any::<(i64, i64, i64)>(),
    ) {
        const BOUND: i64 = 1_000_000_000_000_000;
        let mut bill = Bill { headings: headings(), ..Bill::default() };
        for (n, cents) in costs.iter().enumerate() {
            let mut made = scheduled(n as u128, "1", "0");
            made.cost = CostSums::of(CostType::Other, money((cents % BOUND) >> (n % 4 * 10)));
            made.quantity = Qty::from_units(quantities[n] % BOUND).expect("in bounds");
            made.locked = locked[n].and_then(|units| SellRate::from_units(units % BOUND));
            bill.schedule.push(made);
        }
        bill.fixed.push(fixed(90, FixedSell::ProvisionalSum(money(sum % BOUND))));
        let bounds = AmountBounds::default();
        let percent = Pct::from_units(percent % BOUND).expect("in bounds");
        let amount = money(amount % BOUND);
        let rules = [
            rule(10, RuleKind::PercentMarkup { percent, bounds }),
            rule(20, RuleKind::LumpSum { amount }),
            rule(30, RuleKind::TargetTotal { total: amount }),
        ];
        for count in 0..=rules.len() {
            if let Ok(pricing) = Pricing::new(bill.clone(), &rules[..count], Terms::plain(percent)) {
                check_sums(&pricing);
                let _ = (pricing.review(Thresholds::built_in()), pricing.aside());
            }
        }
    }
}
