//! Invariants: no request breaks one, so a fault is planted in the program; the commit's proof
//! finds it, nothing of the command stays, and the alarm is raised.

use super::{Bench, add_item, fixed_line, set_quantity};
use crate::{
    estimating::{
        commercials::Nature,
        edit::{CommercialRuleFields, Edit, ItemFields, LineFields, Place, RuleKindInput},
        item::ItemType,
        library::LibraryEdit,
    },
    workspace::{Alarm, Options, Watch, WorkspaceError},
};
use parking_lot::Mutex;
use std::sync::{
    Arc,
    atomic::{AtomicU8, Ordering},
};
use uuid::Uuid;

#[derive(Default)]
struct Seen(Mutex<Vec<Alarm>>);

impl Watch for Seen {
    fn raised(&self, alarm: &Alarm) {
        self.0.lock().push(alarm.clone());
    }
}

/// An organisation that is watched, and whose program can be made faulty.
struct Watched {
    bench: Bench,
    fault: Arc<AtomicU8>,
    seen: Arc<Seen>,
}

impl Watched {
    fn new() -> Watched {
        let (fault, seen) = (Arc::new(AtomicU8::new(0)), Arc::new(Seen::default()));
        let settings = |options| Options { fault: fault.clone(), watch: seen.clone(), ..options };
        Watched { bench: Bench::with(settings), fault, seen }
    }

    /// Makes edits on a program with the fault that `rule` watches for. They are taken back as a
    /// whole, the alarm names the rule by `code`, and without the fault they are accepted.
    fn goes_wrong(self, rule: u8, edits: Vec<Edit>, code: &str) {
        let (bench, lsn) = (&self.bench, self.bench.ws().published().lsn);
        let before = bench.rows();
        self.fault.store(rule, Ordering::Relaxed);
        let error = bench.edit(&bench.ana, edits.clone()).unwrap_err();
        self.fault.store(0, Ordering::Relaxed);
        match &error {
            WorkspaceError::Invariant(broken) => assert_eq!(broken.0[0].code, code, "{broken}"),
            WorkspaceError::Failed(_) => assert_eq!(rule, 118),
            other => panic!("{other}"),
        }
        let alarms = std::mem::take(&mut *self.seen.0.lock());
        assert_eq!(alarms[0].rule.code(), code);
        assert_eq!(alarms[0].by, bench.ana.user);
        assert_eq!(bench.ws().figures().alarms, alarms.len() as u64);
        assert_eq!((bench.ws().published().lsn, bench.rows()), (lsn, before));
        bench.edit(&bench.ana, edits).unwrap();
        assert!(self.seen.0.lock().is_empty());
        self.bench.check();
    }
}

fn set(item: Uuid, set: ItemFields) -> Edit {
    Edit::UpdateItem { id: item, version: None, set: Box::new(set) }
}

fn markup() -> Edit {
    let kind = RuleKindInput::PercentMarkup { percent: "10".into(), floor: None, cap: None };
    let set = CommercialRuleFields {
        name: Some("Profit".into()),
        kind: Some(kind),
        nature: Some(Nature::Margin),
        ..CommercialRuleFields::default()
    };
    Edit::AddRule { id: None, set: Box::new(set) }
}

#[test]
fn br_016_broken() {
    let w = Watched::new();
    let item = w.bench.plugged_item(&w.bench.ana, "1.01", "5");
    w.goes_wrong(16, vec![set_quantity(item, "11")], "rollup-mismatch");
}

#[test]
fn br_025_broken() {
    let w = Watched::new();
    let item = w.bench.plugged_item(&w.bench.ana, "1.01", "5");
    let reviewed = ItemFields { reviewed: Some(true), ..ItemFields::default() };
    w.bench.edit(&w.bench.ana, vec![set(item, reviewed)]).unwrap();
    w.goes_wrong(25, vec![set_quantity(item, "11")], "review-flag-stale");
}

#[test]
fn br_028_broken() {
    let w = Watched::new();
    let Edit::AddItem { id, parent_id, place, mut set } =
        add_item(w.bench.heading, "1.01", "10", Some("5"))
    else {
        unreachable!("an item is added")
    };
    (set.item_type, set.quantity) = (Some(ItemType::RateOnly), Some(None));
    let add = Edit::AddItem { id, parent_id, place, set };
    w.goes_wrong(28, vec![add], "rate-only-in-total");
}

#[test]
fn br_031_broken() {
    let w = Watched::new();
    let item = w.bench.edit(&w.bench.ana, vec![add_item(w.bench.heading, "1.01", "10", None)]);
    let line = fixed_line(item.unwrap().ids[0][0], w.bench.resource("PLT", "98"), "8");
    w.goes_wrong(31, vec![line], "worksheet-owner-invalid");
}

#[test]
fn br_033_broken() {
    let w = Watched::new();
    let item = w.bench.edit(&w.bench.ana, vec![add_item(w.bench.heading, "1.01", "10", None)]);
    let line = fixed_line(item.unwrap().ids[0][0], w.bench.resource("PLT", "98"), "8");
    w.goes_wrong(33, vec![line], "line-cost-mismatch");
}

#[test]
fn br_058_broken() {
    let w = Watched::new();
    let resource = w.bench.resource("PLT", "98");
    let recipe = serde_json::json!({"op": "add-recipe", "recipe": {"code": "DIG", "name": "Dig",
        "unit": "m3", "lines": [{"resourceId": resource, "factor": "0.1"}]}});
    let recipe: LibraryEdit = serde_json::from_value(recipe).unwrap();
    let recipe = w.bench.library(&w.bench.ana, vec![recipe]).unwrap().ids[0][0];
    let item = w.bench.edit(&w.bench.ana, vec![add_item(w.bench.heading, "1.01", "10", None)]);
    let line = Box::new(LineFields { recipe_id: Some(recipe), ..LineFields::default() });
    let item_id = item.unwrap().ids[0][0];
    let add = Edit::AddLine { item_id, id: None, version: None, place: Place::Last, line };
    w.goes_wrong(58, vec![add], "recipe-cost-mismatch");
}

#[test]
fn br_078_broken() {
    let w = Watched::new();
    w.bench.plugged_item(&w.bench.ana, "1.01", "5");
    w.goes_wrong(78, vec![markup()], "rule-allocation-mismatch");
}

#[test]
fn br_087_broken() {
    let w = Watched::new();
    w.bench.plugged_item(&w.bench.ana, "1.01", "5");
    w.goes_wrong(87, vec![markup()], "gst-mismatch");
}

#[test]
fn br_118_broken() {
    let w = Watched::new();
    let item = w.bench.plugged_item(&w.bench.ana, "1.01", "5");
    w.goes_wrong(118, vec![set_quantity(item, "11")], "audit-write-failed");
}
