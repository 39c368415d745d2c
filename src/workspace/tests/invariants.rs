//! Invariants: no request breaks one, so a fault is planted in the program; the commit's proof
//! finds it, nothing of the command stays, and the alarm is raised.

use super::{Bench, add_item, fixed_line, set_quantity};
use crate::{
    estimating::{
        commercials::Nature,
        edit::{CommercialRuleFields, Edit, ItemFields, LineFields, Place, RuleKindInput},
        item::ItemType,
        library::LibraryEdit,
        submission::{HandoverCodes, HandoverTarget, content_hash},
    },
    workspace::{Alarm, Command, Options, Reply, Watch, WorkspaceError},
};
use parking_lot::Mutex;
use serde_json::{Value, json};
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
        let id = self.bench.estimate;
        self.command_goes_wrong(rule, Command::Estimate { id, edits, label: None }, code);
    }

    /// The same of any command.
    fn command_goes_wrong(self, rule: u8, command: Command, code: &str) {
        let (bench, lsn) = (&self.bench, self.bench.ws().published().lsn);
        let before = bench.rows();
        self.fault.store(rule, Ordering::Relaxed);
        let error = bench.ws().submit_blocking(&bench.ana, command.clone()).unwrap_err();
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
        bench.ws().submit_blocking(&bench.ana, command).unwrap();
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
    let recipe = json!({"op": "add-recipe", "recipe": {"code": "DIG", "name": "Dig",
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

impl Bench {
    /// Does something to the library, as it is written in JSON.
    fn shared(&self, edit: Value) -> Reply {
        self.library(&self.ana, vec![serde_json::from_value(edit).unwrap()]).unwrap()
    }

    /// Does something to a package, as it is written in JSON.
    fn package(&self, edit: Value) -> Reply {
        self.edit(&self.ana, vec![packaged(edit)]).unwrap()
    }

    pub(super) fn run(&self, command: Command) -> Reply {
        self.ws().submit_blocking(&self.ana, command).unwrap()
    }

    /// The tender out to market, at a markup of ten percent on an item of 1,000.00 of labour, all
    /// of it reviewed and approved.
    pub(super) fn approved(&self) {
        let tender = self.tender.0;
        self.shared(json!({"op": "decide-tender", "id": tender, "go": true, "reason": "A crew"}));
        let closing = json!({"closingAt": "2999-06-01T16:00:00+12:00"});
        self.shared(json!({"op": "update-tender", "id": tender, "set": closing}));
        self.shared(json!({"op": "set-tender-state", "id": tender, "state": "active"}));
        let item = add_item(self.heading, "1.01", "10", None);
        let item = self.edit(&self.ana, vec![item]).unwrap().ids[0][0];
        let line = json!({"op": "add-line", "itemId": item, "line": {"description": "Crew",
            "type": "labour", "unit": "h", "rate": "50", "method": "fixed", "quantity": "20"}});
        let line = serde_json::from_value(line).unwrap();
        let reviewed = ItemFields { reviewed: Some(true), ..ItemFields::default() };
        self.edit(&self.ana, vec![line, set(item, reviewed), markup()]).unwrap();
        self.run(Command::Approve { id: self.estimate, minutes: "Settled".to_owned() });
    }

    /// What submits the estimate as it is.
    pub(super) fn submission(&self) -> Command {
        let published = self.ws().published();
        let estimate = self.ws().estimate_blocking(self.estimate).unwrap();
        let tender = published.library.tender(self.tender).unwrap();
        Command::Submit {
            id: self.estimate,
            content_hash: content_hash(&estimate, tender).into(),
            total_ex: estimate.price().unwrap().pricing.tender_sum().total_ex,
            files: Vec::new(),
        }
    }
}

fn packaged(edit: Value) -> Edit {
    serde_json::from_value(json!({"op": "package", "edit": edit})).unwrap()
}

#[test]
fn br_049_broken() {
    let w = Watched::new();
    let resource = w.bench.resource("PLT", "98");
    let item = w.bench.edit(&w.bench.ana, vec![add_item(w.bench.heading, "1.01", "10", None)]);
    w.bench.edit(&w.bench.ana, vec![fixed_line(item.unwrap().ids[0][0], resource, "8")]).unwrap();
    // A new rate that is published at once: the line stays at 98.
    let rates = json!({"op": "set-rates", "resourceId": resource, "entries": [{"rate": "120"}]});
    let edits = vec![serde_json::from_value(rates).unwrap()];
    w.command_goes_wrong(49, Command::Library { edits, label: None }, "snapshot-rate-changed");
}

#[test]
fn br_066_broken() {
    let w = Watched::new();
    let bench = &w.bench;
    let items =
        [bench.plugged_item(&bench.ana, "1.01", "5"), bench.plugged_item(&bench.ana, "1.02", "7")];
    let package = Uuid::now_v7();
    let set = json!({"code": "P-1", "name": "Kerbs", "itemIds": items,
        "deadline": "2026-05-01T12:00:00+12:00"});
    bench.package(json!({"do": "add", "id": package, "set": set}));
    let roles = json!({"client": false, "supplier": false, "subcontractor": true});
    let company = json!({"op": "add-company", "set": {"name": "Kerb Co", "roles": roles}});
    let company = bench.shared(company).ids[0][0];
    let invite = json!({"do": "invite", "id": package, "companyIds": [company]});
    let quote = bench.package(invite).ids[0][0];
    bench.package(json!({"do": "issue", "id": package}));
    let set = json!({"gst": "exclusive", "currency": {"code": "NZD"},
        "receivedAt": "2026-04-20T09:00:00+12:00",
        "lines": [{"memberId": items[0], "rate": "6"}, {"memberId": items[1]}]});
    bench.package(json!({"do": "quote", "id": package, "quoteId": quote, "set": set}));
    bench.package(json!({"do": "compare", "id": package}));
    bench.package(json!({"do": "award", "id": package, "quoteId": quote}));
    let transfer = packaged(json!({"do": "transfer", "id": package}));
    w.goes_wrong(66, vec![transfer], "gap-plug-transferred");
}

#[test]
fn br_096_broken() {
    let w = Watched::new();
    w.bench.approved();
    let submission = w.bench.submission();
    w.command_goes_wrong(96, submission, "submission-recompute-mismatch");
}

#[test]
fn br_111_broken() {
    let w = Watched::new();
    let bench = &w.bench;
    bench.approved();
    bench.run(bench.submission());
    let how = json!({"acceptedEstimateId": bench.estimate.0, "acceptedPrice": "1100.00"});
    let tender = bench.tender;
    bench.shared(json!({"op": "set-tender-state", "id": tender.0, "state": "won", "how": how}));
    let codes = HandoverCodes { job: "J-1".to_owned(), ..HandoverCodes::default() };
    let target = HandoverTarget::Workbench;
    let key = "once".to_owned();
    let hand_over = Command::HandOver { tender, target, key, codes, files: Vec::new() };
    w.command_goes_wrong(111, hand_over, "handover-total-mismatch");
}

#[test]
fn br_122_broken() {
    let w = Watched::new();
    w.bench.approved();
    let then = w.bench.ws().published().lsn;
    let past = w.bench.ws().estimate_at(w.bench.estimate, then).unwrap();
    let restore = Command::Restore { past, reason: "As it was approved".to_owned() };
    w.command_goes_wrong(122, restore, "restore-total-mismatch");
}
