//! The price of the worked example, built through edits, to the cent.

use super::{golden::build, library::Bench};
use crate::estimating::{
    commercials::{
        AmountBounds, Bill, CommercialRule, CommercialRuleId, MarginReport, Nature, Pricing,
        RuleBase, RuleKind, RuleScope, Terms, Within,
    },
    cost::{CostType, CostTypes},
    heading::Stamp,
    id::{EstimateId, HeadingId, ItemId, UserId},
    number::Pct,
    thresholds::Thresholds,
};
use serde_json::{Value, json};
use std::collections::HashMap;
use uuid::Uuid;

type Codes = HashMap<String, Uuid>;

const V1: &str = "V1 quantity of 2.01 from 850 to 900";
const V2: &str = "V2 rules 30 and 40 swapped";
const V3: &str = "V3 sell rate of 2.03 unlocked";

fn golden() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/golden/worked_example.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// A rule as the golden file writes it.
fn rule(row: &Value, codes: &Codes) -> CommercialRule {
    let percent = || text(&row["pct"]).parse().unwrap();
    let bounds = AmountBounds::default();
    let kind = match text(&row["kind"]) {
        "spread-indirect" => {
            let pool = row["pool"].as_array().unwrap();
            let pool = pool.iter().map(|code| ItemId(codes[text(code)])).collect();
            RuleKind::SpreadIndirect { pool }
        }
        "percent-markup" => RuleKind::PercentMarkup { percent: percent(), bounds },
        "percent-margin" => RuleKind::PercentMargin { percent: percent(), bounds },
        "lump-sum" => RuleKind::LumpSum { amount: text(&row["amount"]).parse().unwrap() },
        other => panic!("{other}"),
    };
    let base = match text(&row["base"]).split_once(':') {
        Some((_, name)) => {
            RuleBase::Types(CostTypes::default().with(CostType::by_name(name).unwrap()))
        }
        None if row["base"] == "running" => RuleBase::Running,
        None => RuleBase::Direct,
    };
    let within = match text(&row["scope"]).split_once(':') {
        Some((_, code)) => Within::Heading(HeadingId(codes[code])),
        None => Within::All,
    };
    let sequence = row["seq"].as_u64().unwrap() as u32;
    CommercialRule {
        id: CommercialRuleId(Uuid::from_u128(sequence.into())),
        estimate: EstimateId(Uuid::from_u128(100)),
        sequence,
        name: text(&row["name"]).into(),
        kind,
        base,
        scope: RuleScope::of(within),
        nature: Some(if row["nature"] == "cost" { Nature::Cost } else { Nature::Margin }),
        active: true,
        version: 1,
        stamp: Stamp::new(UserId(Uuid::from_u128(7)), 0),
    }
}

struct Priced {
    golden: Value,
    bench: Bench,
    codes: Codes,
    rules: Vec<CommercialRule>,
    terms: Terms,
}

impl Priced {
    fn new() -> Priced {
        let golden = golden();
        let mut bench = Bench::new();
        let codes = build(&mut bench, &golden);
        lock(&mut bench, codes["2.03"], json!("118.00"));
        let rules = golden["rules"].as_array().unwrap();
        let rules = rules.iter().map(|row| rule(row, &codes)).collect();
        let balancing = Some(ItemId(codes["1.01"]));
        let terms = Terms { balancing, ..Terms::plain(Pct::whole(15).unwrap()) };
        Priced { golden, bench, codes, rules, terms }
    }

    fn price(&self) -> Pricing {
        let bill = Bill::of(&self.bench.estimate, vec![]);
        Pricing::new(bill, &self.rules, self.terms.clone()).unwrap()
    }

    /// The schedule as the golden file prints it: rate and amount by code.
    fn schedule(&self, pricing: &Pricing) -> HashMap<String, (String, Option<String>)> {
        let scheduled = pricing.items().map(|item| {
            (item.code.to_owned(), (item.rate.to_string(), Some(item.amount.to_string())))
        });
        let fixed = pricing
            .fixed()
            .map(|(item, sell)| (item.code.to_string(), (String::new(), Some(sell.to_string()))));
        let rate_only = pricing.aside().unwrap().into_iter().map(|item| {
            let node = self.bench.estimate.node(item.id.0).unwrap();
            let code = node.item().unwrap().code.to_string();
            (code, (item.rate.unwrap().to_string(), item.amount.map(|a| a.to_string())))
        });
        scheduled.chain(fixed).chain(rate_only).collect()
    }

    fn check_variant(&self, name: &str, pricing: &Pricing) {
        let want = &self.golden["variants"][name];
        for applied in pricing.rules() {
            let sequence = applied.rule.sequence.to_string();
            assert_eq!(applied.amount.to_string(), want["rule_amounts"][&sequence], "{sequence}");
        }
        let schedule = self.schedule(pricing);
        for row in self.golden["client_schedule"]["rows"].as_array().unwrap() {
            let code = text(&row["code"]);
            let (rate, amount) = match want["rows_changed"].get(code) {
                Some(changed) => (changed[0].clone(), changed[1].clone()),
                None => (row["rate"].clone(), row["amount"].clone()),
            };
            let (got_rate, got_amount) = &schedule[code];
            assert_eq!(json!(got_amount), amount, "amount of {code}");
            if !got_rate.is_empty() {
                assert_eq!(json!(got_rate), rate, "rate of {code}");
            }
        }
        assert_eq!(pricing.misclose().amount.to_string(), want["misclose"]);
        let margin = pricing.margin().unwrap();
        assert_eq!(margin.direct_cost.to_string(), want["direct_cost"]);
        assert_eq!(margin.cost_total.to_string(), want["cost_total"]);
        let sum = pricing.tender_sum();
        assert_eq!(sum.total_ex.to_string(), want["total_ex_gst"]);
        assert_eq!(sum.gst.to_string(), want["gst"]);
        assert_eq!(sum.total_inc.to_string(), want["total_inc_gst"]);
    }
}

fn lock(bench: &mut Bench, item: Uuid, rate: Value) {
    bench.edit(json!([{"op": "update-item", "id": item, "set": {"lockedSellRate": rate}}]));
}

#[test]
fn rules_share_the_worked_example_out_as_published() {
    let example = Priced::new();
    let pricing = example.price();
    let rows = example.golden["rules"].as_array().unwrap();
    assert_eq!(pricing.rules().len(), rows.len());
    let mut running: HashMap<&str, i64> =
        pricing.items().map(|item| (item.code, item.direct.units())).collect();
    for (applied, want) in pricing.rules().zip(rows) {
        let name = &applied.rule.name;
        assert_eq!(applied.base_total.to_string(), want["base_total"], "{name}");
        assert_eq!(applied.amount.to_string(), want["amount"], "{name}");
        assert_eq!(applied.running_total.to_string(), want["running_total"], "{name}");
        for (at, item) in pricing.items().enumerate() {
            let share = applied.share(at);
            let wanted = want["allocation"][item.code].as_str();
            assert_eq!(share.map(|s| s.to_string()).as_deref(), wanted, "{name} {}", item.code);
            let value = running.get_mut(item.code).unwrap();
            *value += share.unwrap_or_default().units();
            let after = crate::estimating::number::Money::from_units(*value).unwrap();
            assert_eq!(after.to_string(), want["running_after"][item.code]);
        }
    }
    for item in pricing.items() {
        assert_eq!(item.running.units(), running[item.code]);
    }
}

#[test]
fn a_locked_rate_of_the_worked_example_moves_money_as_published() {
    let example = Priced::new();
    let pricing = example.price();
    let locked = &example.golden["locked_rates"];
    for item in pricing.items() {
        match locked["redistribution"][item.code].as_str() {
            Some(want) => assert_eq!(item.lock.to_string(), want, "{}", item.code),
            None => assert_eq!(format!("-{}", text(&locked["difference"])), item.lock.to_string()),
        }
    }
    let misclose = pricing.misclose();
    assert_eq!(misclose.amount.to_string(), example.golden["misclose"]["amount"]);
    assert_eq!(
        Thresholds::built_in().misclose_of(misclose.target).to_string(),
        example.golden["misclose"]["threshold"]
    );
    assert_eq!(pricing.item(misclose.balancing.unwrap()).unwrap().code, "1.01");
}

#[test]
fn the_schedule_of_the_worked_example_is_as_published() {
    let example = Priced::new();
    let pricing = example.price();
    let want = &example.golden["client_schedule"];
    let rows = want["rows"].as_array().unwrap();
    let got = example.schedule(&pricing);
    assert_eq!(got.len(), rows.len());
    for row in rows {
        let (rate, amount) = &got[text(&row["code"])];
        assert_eq!(json!(amount), row["amount"], "{}", row["code"]);
        assert!(rate.is_empty() || row["rate"] == json!(rate), "{}", row["code"]);
    }
    let sum = pricing.tender_sum();
    assert_eq!(sum.total_ex.to_string(), want["total_ex_gst"]);
    assert_eq!(sum.gst.to_string(), want["gst"]);
    assert_eq!(sum.total_inc.to_string(), want["total_inc_gst"]);
    for ((id, sell), heading) in pricing
        .heading_sells()
        .unwrap()
        .into_iter()
        .zip(example.golden["headings"].as_array().unwrap())
    {
        assert_eq!(id.0, example.codes[text(&heading["code"])]);
        assert_eq!(sell.to_string(), heading["sell"], "{}", heading["code"]);
    }
}

#[test]
fn margin_and_budget_of_the_worked_example_are_as_published() {
    let example = Priced::new();
    let pricing = example.price();
    let want = &example.golden["margin_report"];
    let margin = pricing.margin().unwrap();
    let MarginReport { direct_cost, indirect_cost, cost_rules, client_sums, .. } = margin;
    assert_eq!(direct_cost.to_string(), want["direct_cost"]);
    assert_eq!(indirect_cost.to_string(), want["indirect_cost"]);
    assert_eq!(cost_rules.to_string(), want["cost_rules"]);
    assert_eq!(client_sums.to_string(), want["provisional_sums"]);
    assert_eq!(margin.cost_total.to_string(), want["cost_total"]);
    assert_eq!(margin.sell_ex.to_string(), want["sell_ex_gst"]);
    assert_eq!(margin.margin.to_string(), want["margin"]);
    assert_eq!(margin.margin_percent.unwrap().to_string(), want["margin_pct_of_sell"]);
    assert_eq!(pricing.uplift().to_string(), want["uplift_factor"]);
    for item in pricing.items() {
        assert_eq!(item.loaded.to_string(), want["loaded_cost"][item.code], "{}", item.code);
    }
    let review = pricing.review(Thresholds::built_in());
    assert_eq!(review.violations, []);
    let below: Vec<&str> = review.below_cost.iter().map(|item| &*item.code).collect();
    assert_eq!(json!(below), want["below_cost_items"]);

    let rows: Vec<Value> = pricing
        .budget()
        .iter()
        .map(|row| {
            json!({"job_section": row.section_code, "cost_type": row.cost_type,
                   "amount": row.amount.to_string()})
        })
        .collect();
    assert_eq!(json!(rows), example.golden["handover_budget"]["rows"]);
}

#[test]
fn variant_1_one_quantity_edit_gives_the_published_price_by_both_paths() {
    let mut example = Priced::new();
    let mut pricing = example.price();
    let set = json!({"quantity": "900"});
    let edit = json!([{"op": "update-item", "id": example.codes["2.01"], "set": set}]);
    let edits: Vec<crate::estimating::edit::Edit> = serde_json::from_value(edit).unwrap();
    let outcome = example.bench.try_edit(&edits).unwrap();
    assert!(pricing.follow(&example.bench.estimate, &outcome.touched.rows).unwrap());
    example.check_variant(V1, &pricing);
    example.check_variant(V1, &example.price());
}

#[test]
fn variant_2_order_matters() {
    let mut example = Priced::new();
    for rule in &mut example.rules {
        rule.sequence = match rule.sequence {
            30 => 40,
            40 => 30,
            other => other,
        };
    }
    example.check_variant(V2, &example.price());
}

#[test]
fn variant_3_unlocking_a_rate_leaves_the_price_alone() {
    let mut example = Priced::new();
    let mut pricing = example.price();
    let before = pricing.tender_sum();
    let item = example.codes["2.03"];
    lock(&mut example.bench, item, Value::Null);
    assert!(pricing.follow(&example.bench.estimate, &[item]).unwrap());
    example.check_variant(V3, &pricing);
    example.check_variant(V3, &example.price());
    assert_eq!(pricing.tender_sum(), before);
}

#[test]
fn following_an_estimate_tells_when_the_bill_must_be_read_anew() {
    let mut example = Priced::new();
    let mut pricing = example.price();
    let item = example.codes["2.03"];
    let off = json!([{"op": "update-item", "id": item, "set": {"inactive": true}}]);
    example.bench.edit(off);
    assert_eq!(pricing.follow(&example.bench.estimate, &[item]), Ok(false));
    let provisional = example.codes["4.01"];
    let set = json!({"clientAmount": "30000"});
    example.bench.edit(json!([{"op": "update-item", "id": provisional, "set": set}]));
    let mut other = example.price();
    assert_eq!(other.follow(&example.bench.estimate, &[provisional]), Ok(true));
    assert_eq!(other.margin().unwrap().client_sums.to_string(), "30000.00");
    assert_eq!(other.margin().unwrap().percentage_items.to_string(), "2400.00");
    assert_eq!(other.tender_sum(), example.price().tender_sum());
}
