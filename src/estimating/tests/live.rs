//! Live figures against fresh ones, over random sequences of edits, moves, deletes and undos.

use super::library::{Bench, NOW, USER, id};
use crate::estimating::{
    change::EstimateChange,
    edit::{Edit, Place},
    estimate::{NodeRow, View},
    item::Parent,
};
use proptest::{prelude::*, test_runner::FileFailurePersistence};
use serde_json::json;
use uuid::Uuid;

/// A choice that means something whatever the estimate looks like by then.
#[derive(Clone, Debug)]
enum Step {
    Heading { under: usize },
    Item { under: usize, quantity: u32, plug: Option<u32> },
    Formula { at: usize, factor: u32 },
    Quantity { at: usize, quantity: u32 },
    Line { at: usize, resource: usize, usage: u32 },
    Recipe { at: usize, dia: u32 },
    PercentOf { at: usize },
    Flag { at: usize, flag: usize },
    Review { at: usize },
    Move { what: usize, under: usize, first: bool },
    Indent { at: usize },
    Outdent { at: usize },
    Swap { at: usize, up: bool },
    Duplicate { at: usize },
    Delete { at: usize },
    Variable { value: u32 },
    Undo { back: usize },
}

fn step() -> impl Strategy<Value = Step> {
    let n = 0..64_usize;
    prop_oneof![
        2 => n.clone().prop_map(|under| Step::Heading { under }),
        5 => (n.clone(), 1..9_999_u32, proptest::option::of(0..99_999_u32))
            .prop_map(|(under, quantity, plug)| Step::Item { under, quantity, plug }),
        2 => (n.clone(), 1..40_u32).prop_map(|(at, factor)| Step::Formula { at, factor }),
        3 => (n.clone(), 1..9_999_u32).prop_map(|(at, quantity)| Step::Quantity { at, quantity }),
        4 => (n.clone(), n.clone(), 1..5_000_u32)
            .prop_map(|(at, resource, usage)| Step::Line { at, resource, usage }),
        1 => (n.clone(), 1..24_u32).prop_map(|(at, dia)| Step::Recipe { at, dia }),
        1 => n.clone().prop_map(|at| Step::PercentOf { at }),
        2 => (n.clone(), 0..3_usize).prop_map(|(at, flag)| Step::Flag { at, flag }),
        1 => n.clone().prop_map(|at| Step::Review { at }),
        3 => (n.clone(), n.clone(), any::<bool>())
            .prop_map(|(what, under, first)| Step::Move { what, under, first }),
        1 => n.clone().prop_map(|at| Step::Indent { at }),
        1 => n.clone().prop_map(|at| Step::Outdent { at }),
        1 => (n.clone(), any::<bool>()).prop_map(|(at, up)| Step::Swap { at, up }),
        1 => n.clone().prop_map(|at| Step::Duplicate { at }),
        1 => n.clone().prop_map(|at| Step::Delete { at }),
        1 => (1..50_u32).prop_map(|value| Step::Variable { value }),
        2 => (0..4_usize).prop_map(|back| Step::Undo { back }),
    ]
}

const LEAVES: [&str; 5] = ["LAB-OP", "PLT-EX20", "MAT-AP65", "OTH-TIP", "SUB-SEAL"];

struct Play {
    bench: Bench,
    done: Vec<Vec<EstimateChange>>,
    accepted: usize,
}

impl Play {
    fn rows(&self, items: bool) -> Vec<Uuid> {
        self.bench
            .estimate
            .rows()
            .filter(|n| !items || n.item().is_some())
            .map(|n| n.id())
            .collect()
    }

    fn pick(&self, at: usize, items: bool) -> Option<Uuid> {
        let rows = self.rows(items);
        (!rows.is_empty()).then(|| rows[at % rows.len()])
    }

    fn json(&self, step: &Step) -> Option<serde_json::Value> {
        Some(match step {
            Step::Heading { under } => {
                json!({"op": "add-heading", "parentId": self.pick(*under, false), "name": "H"})
            }
            Step::Item { under, quantity, plug } => {
                let plug = plug.map(|cents| format!("{}.{:02}", cents / 100, cents % 100));
                let parent = self.pick(*under, false)?;
                let text = format!("{}.{:02}", quantity / 100, quantity % 100);
                json!({"op": "add-item", "parentId": parent, "set":
                    {"unit": "m3", "quantity": text, "plugRate": plug}})
            }
            Step::Formula { at, factor } => {
                json!({"op": "update-item", "id": self.pick(*at, true)?,
                "set": {"quantity": format!("k * {factor} + 1")}})
            }
            Step::Quantity { at, quantity } => json!({"op": "update-item",
                "id": self.pick(*at, true)?, "set": {"quantity": quantity.to_string()}}),
            Step::Line { at, resource, usage } => {
                let code = LEAVES[resource % LEAVES.len()];
                let mut line = json!({"resourceId": id(code)});
                let text = format!("{}.{:03}", usage / 1000, usage % 1000);
                match &code[..3] {
                    "LAB" | "PLT" => line["production"] = json!(format!("{text} + 0.001")),
                    "MAT" => {
                        line["usage"] = json!(text);
                        line["waste"] = json!("5");
                    }
                    "OTH" => line["quantity"] = json!(format!("Q * {text}")),
                    _ => {}
                }
                json!({"op": "add-line", "itemId": self.pick(*at, true)?, "line": line})
            }
            Step::Recipe { at, dia } => {
                let dia = format!("{}.{}", dia / 10, dia % 10);
                json!({"op": "add-line", "itemId": self.pick(*at, true)?, "line":
                    {"recipeId": id("PIPE-LAY"), "params": {"dia": dia, "depth": "1.6", "prod": "4.2"}}})
            }
            Step::PercentOf { at } => json!({"op": "add-line", "itemId": self.pick(*at, true)?,
                "line": {"method": "percent-of", "percent": "7.5", "ofTypes": ["labour", "plant"]}}),
            Step::Flag { at, flag } => {
                let set = [
                    json!({"inactive": true}),
                    json!({"indirect": true}),
                    json!({"inactive": false, "indirect": false}),
                ][*flag]
                    .clone();
                json!({"op": "update-item", "id": self.pick(*at, true)?, "set": set})
            }
            Step::Review { at } => json!({"op": "update-item", "id": self.pick(*at, true)?,
                "set": {"reviewed": true}}),
            Step::Move { what, under, first } => {
                let place = if *first { json!("first") } else { json!("last") };
                json!({"op": "move", "ids": [self.pick(*what, false)?],
                    "parentId": self.pick(*under, false), "place": place})
            }
            Step::Indent { at } => json!({"op": "indent", "ids": [self.pick(*at, false)?]}),
            Step::Outdent { at } => json!({"op": "outdent", "ids": [self.pick(*at, false)?]}),
            Step::Swap { at, up } => {
                let op = if *up { "move-up" } else { "move-down" };
                json!({"op": op, "ids": [self.pick(*at, false)?]})
            }
            Step::Duplicate { at } => json!({"op": "duplicate", "ids": [self.pick(*at, false)?]}),
            Step::Delete { at } => {
                let id = self.pick(*at, false)?;
                let rows = self.bench.estimate.subtree(self.bench.estimate.slot(id)?);
                let items = rows
                    .iter()
                    .filter(|s| matches!(self.bench.estimate.at(**s).row, NodeRow::Item(_)))
                    .count();
                let cost = self.bench.estimate.node(id)?.cost().to_string();
                json!({"op": "delete", "ids": [id], "confirm": {"items": items, "cost": cost}})
            }
            Step::Variable { value } => json!({"op": "update-estimate",
                "variables": [{"name": "k", "formula": format!("{value} / 2")}]}),
            Step::Undo { .. } => return None,
        })
    }

    fn play(&mut self, step: &Step) {
        if let Step::Undo { back } = step {
            return self.undo(*back);
        }
        let Some(json) = self.json(step) else { return };
        let edit: Edit = serde_json::from_value(json).unwrap();
        // A refusal leaves the estimate as it was: that is checked with everything else below.
        if let Ok(outcome) = self.bench.try_edit(&[edit]) {
            self.accepted += 1;
            self.done.push(outcome.changes);
        }
    }

    /// Takes an earlier commit back, where what came later still allows it.
    fn undo(&mut self, back: usize) {
        let Some(at) = self.done.len().checked_sub(back + 1) else { return };
        let inverse: Vec<_> = self.done[at].iter().map(EstimateChange::inverse).collect();
        let mut clone = self.bench.estimate.clone();
        if let Ok((changes, _)) = clone.apply(&inverse, &self.bench.catalogue, USER, NOW) {
            self.bench.estimate = clone;
            self.accepted += 1;
            self.done.remove(at);
            if back > 0 {
                self.done.push(changes);
            }
        }
    }

    fn check(&self) {
        let estimate = &self.bench.estimate;
        estimate.recompute(&self.bench.catalogue).unwrap();
        let mut seen = 0;
        for node in estimate.rows() {
            seen += 1;
            let parent = estimate.at(node.calc.parent).row.id();
            assert_eq!(node.parent(), parent, "a row hangs where its row says");
            if let Some(item) = node.item() {
                assert!(!node.cost().is_negative());
                let under_item = matches!(item.parent, Parent::Item(_));
                assert_eq!(
                    parent.is_some_and(|p| estimate.item_slot(p.into()).is_some()),
                    under_item
                );
            }
        }
        assert_eq!(seen, estimate.len());
        // Now and then only, so that a price is brought up over several edits.
        if self.accepted % 3 != 1 {
            self.check_price();
        }
        assert_eq!(estimate.window(&View::default(), 0, usize::MAX).rows.len(), seen);
    }
}

impl Play {
    /// The price kept beside the estimate is the one its costs and rules form.
    fn check_price(&self) {
        let estimate = &self.bench.estimate;
        let fresh = estimate.priced_by(estimate.commercials());
        match (estimate.price(), fresh) {
            (Ok(kept), Ok(fresh)) => {
                assert_eq!(kept.pricing.tender_sum(), fresh.tender_sum());
                assert!(kept.pricing.items().eq(fresh.items()));
                for (heading, sell) in fresh.heading_sells().unwrap() {
                    assert_eq!(kept.heading(heading), Some(sell));
                }
            }
            (Err(kept), Err(fresh)) => assert_eq!(kept, fresh),
            (kept, fresh) => panic!("{:?} {:?}", kept.map(|_| ()), fresh.map(|_| ())),
        }
    }
}

fn play(steps: &[Step]) -> Play {
    let mut bench = Bench::new();
    bench.edit(json!([
        {"op": "update-estimate", "variables": [{"name": "k", "formula": "3"}]},
        {"op": "add-heading", "name": "Top"},
        {"op": "add-rule", "set": {"name": "Profit", "nature": "margin",
            "kind": {"type": "percent-markup", "percent": "8"}}}
    ]));
    let mut play = Play { bench, done: Vec::new(), accepted: 0 };
    for step in steps {
        play.play(step);
        play.check();
    }
    play
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 96,
        max_shrink_iters: 4_000,
        // What once failed is kept beside this file and run first.
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource(
            "proptest-regressions",
        ))),
        ..Default::default()
    })]

    #[test]
    fn live_figures_equal_recomputed_ones_after_any_sequence(
        steps in proptest::collection::vec(step(), 1..60)
    ) {
        play(&steps);
    }

    #[test]
    fn windows_are_slices_of_the_visible_rows(
        steps in proptest::collection::vec(step(), 5..50),
        level in 0..6_u8,
        toggled in proptest::collection::vec(0..64_usize, 0..5),
        offset in 0..40_usize,
        limit in 1..20_usize,
    ) {
        let play = play(&steps);
        let rows = play.rows(false);
        prop_assume!(!rows.is_empty());
        let toggled = toggled.iter().map(|i| rows[i % rows.len()]).collect();
        let view = View { expand_level: level, toggled };
        let estimate = &play.bench.estimate;
        let all: Vec<Uuid> =
            estimate.window(&view, 0, usize::MAX).rows.iter().map(|n| n.id()).collect();
        let slow: Vec<Uuid> = estimate
            .rows()
            .map(|n| n.id())
            .filter(|id| {
                estimate.ancestors(*id).iter().all(|above| {
                    let open = estimate.node(*above).unwrap().calc.depth < view.expand_level;
                    open != view.toggled.contains(above)
                })
            })
            .collect();
        prop_assert_eq!(&all, &slow);
        let window = estimate.window(&view, offset, limit);
        prop_assert_eq!(window.total, all.len());
        let got: Vec<Uuid> = window.rows.iter().map(|n| n.id()).collect();
        let want: Vec<Uuid> = all.iter().skip(offset).take(limit).copied().collect();
        prop_assert_eq!(got, want);
        for id in rows {
            prop_assert_eq!(estimate.locate(id, &view), all.iter().position(|a| *a == id));
        }
    }

    #[test]
    fn totals_do_not_depend_on_the_order_of_rows(
        quantities in proptest::collection::vec((1..99_999_u32, 1..99_999_u32), 1..20),
        seed in any::<u64>(),
    ) {
        let total = |order: &[(u32, u32)]| {
            let mut bench = Bench::new();
            let top = bench.edit(json!([{"op": "add-heading", "name": "Top"}]))[0];
            for (quantity, cents) in order {
                let rate = format!("{}.{:02}", cents / 100, cents % 100);
                bench.edit(json!([{"op": "add-item", "parentId": top, "set": {
                    "unit": "m", "quantity": quantity.to_string(), "plugRate": rate}}]));
            }
            bench.estimate.totals()
        };
        let mut shuffled = quantities.clone();
        let len = shuffled.len();
        for i in 0..len {
            shuffled.swap(i, (seed as usize).wrapping_mul(i + 7) % len);
        }
        prop_assert_eq!(total(&quantities), total(&shuffled));
    }
}

#[test]
fn undoing_a_delete_brings_the_subtree_back_as_it_was() {
    let mut bench = Bench::new();
    let top = bench.edit(json!([{"op": "add-heading", "name": "Top"}]))[0];
    let item = bench.edit(json!([{"op": "add-item", "parentId": top,
        "set": {"unit": "m3", "quantity": "10", "code": "1"}}]))[0];
    bench.edit(json!([{"op": "add-line", "itemId": item, "line":
        {"resourceId": id("MAT-AP65"), "usage": "2"}}]));
    let before = bench.estimate.totals();
    let confirm = json!({"items": 1, "cost": before.total().to_string()});
    let edits: Vec<Edit> =
        serde_json::from_value(json!([{"op": "delete", "ids": [top], "confirm": confirm}]))
            .unwrap();
    let outcome = bench.try_edit(&edits).unwrap();
    assert!(bench.estimate.is_empty());
    let inverse: Vec<_> = outcome.changes.iter().map(EstimateChange::inverse).collect();
    let mut estimate = bench.estimate.clone();
    estimate.apply(&inverse, &bench.catalogue, USER, NOW).unwrap();
    assert_eq!(estimate.totals(), before);
    assert_eq!(estimate.node(item).unwrap().item().unwrap().version, 2);
}

#[test]
fn inserting_between_two_rows_changes_no_sibling() {
    let mut bench = Bench::new();
    let ids = bench.edit(json!([
        {"op": "add-heading", "name": "A"}, {"op": "add-heading", "name": "B"}
    ]));
    for n in 0..40 {
        let edits = vec![Edit::AddHeading {
            id: None,
            parent_id: None,
            place: Place::After(ids[0]),
            code: String::new(),
            name: format!("N{n}"),
        }];
        assert_eq!(bench.try_edit(&edits).unwrap().changes.len(), 1);
    }
}
