//! The rules of the library: each broken once, and once just kept.

mod previews;
mod properties;
mod recipes;
mod resources;
mod restoring;
mod tenders;
mod units;

use uuid::Uuid;

use super::*;
use crate::estimating::{id::UserId, rules::RuleId};

/// Midday of 22 November 2026 in New Zealand, in microseconds.
const NOW_US: i64 = 1_795_302_000_000_000;

/// A library under test: edits run on a clone, as in earnest.
pub(super) struct Bench {
    pub library: Library,
    pub leads: Vec<UserId>,
    next: u128,
}

pub(super) fn user(n: u128) -> UserId {
    UserId(Uuid::from_u128(n))
}

/// A library with the standard start.
pub(super) fn bench() -> Bench {
    let mut next = 1_000;
    let mut library = Library::default();
    let mut ids = counter(&mut next);
    let start = standard(&mut LibraryContext::new(user(1), NOW_US, &mut ids));
    start.iter().for_each(|change| library.apply(change));
    Bench { library, leads: vec![user(2)], next: 1_001 }
}

fn counter(next: &mut u128) -> impl FnMut() -> Uuid + use<'_> {
    move || {
        *next += 1;
        Uuid::from_u128(*next)
    }
}

impl Bench {
    pub fn try_all(&mut self, edits: &[LibraryEdit]) -> Result<LibraryOutcome, Refusal> {
        let mut draft = self.library.clone();
        let mut ids = counter(&mut self.next);
        let mut cx = LibraryContext::new(user(1), NOW_US, &mut ids);
        cx.leads = &self.leads;
        let outcome = draft.edit(edits, &mut cx)?;
        assert!(draft.rebuild_equals(), "indexes follow rows");
        let mut replayed = self.library.clone();
        outcome.changes.iter().for_each(|change| replayed.apply(change));
        outcome.estimate_rows.iter().for_each(|change| replayed.apply_estimate_row(change));
        assert!(replayed.same_rows(&draft), "changes alone lead to the same rows");
        self.library = draft;
        Ok(outcome)
    }

    pub fn try_one(&mut self, edit: LibraryEdit) -> Result<LibraryOutcome, Refusal> {
        self.try_all(&[edit])
    }

    /// Runs an edit written as the API has it; gives the first identity it made.
    pub fn json(&mut self, edit: serde_json::Value) -> Result<Uuid, Refusal> {
        let edit: LibraryEdit = serde_json::from_value(edit).expect("a well-formed edit");
        let outcome = self.try_one(edit)?;
        Ok(outcome.ids.first().and_then(|ids| ids.first()).copied().unwrap_or_default())
    }

    /// Takes a commit back; gives the commit that does it.
    pub fn restore(&mut self, commit: &LibraryOutcome) -> Result<LibraryOutcome, Refusal> {
        let mut draft = self.library.clone();
        let mut ids = counter(&mut self.next);
        let mut cx = LibraryContext::new(user(1), NOW_US, &mut ids);
        let outcome = draft.restore(&commit.changes, &commit.estimate_rows, &mut cx)?;
        assert!(draft.rebuild_equals(), "indexes follow rows");
        self.library = draft;
        Ok(outcome)
    }

    pub fn resource(&self, code: &str) -> Arc<crate::estimating::resource::Resource> {
        let book = self.library.catalogue.internal_book().expect("a standard library has one").id;
        self.library.catalogue.resource_by_code(book, code).expect("the test added it").clone()
    }

    pub fn recipe(&self, code: &str) -> Arc<crate::estimating::recipe::Recipe> {
        self.library.catalogue.recipe_by_code(code).expect("the test added it").clone()
    }

    pub fn add_resource(&mut self, code: &str, cost_type: &str, unit: &str, rate: &str) -> Uuid {
        let set = serde_json::json!({"code": code, "description": format!("Words of {code}"),
            "type": cost_type, "unit": unit, "rate": rate});
        self.json(serde_json::json!({"op": "add-resource", "set": set})).expect("a sound resource")
    }
}

/// Expects a refusal under rule `rule` at `field`; gives its sentence.
pub(super) fn breaks<T: std::fmt::Debug>(
    result: Result<T, Refusal>,
    rule: u8,
    field: &str,
) -> String {
    match result {
        Err(Refusal::Violations(list)) => {
            let violation = &list.0[0];
            assert_eq!(violation.rule, RuleId::br(rule), "{violation:?}");
            assert_eq!(violation.field, Some(field), "{violation:?}");
            assert_eq!(violation.edit, Some(0));
            violation.message.clone()
        }
        other => panic!("rule {rule} at {field} should refuse it, not: {other:?}"),
    }
}

#[test]
fn edits_of_one_command_see_each_other_and_count_one_change_per_row() {
    let mut bench = bench();
    let id = bench.add_resource("LAB-OP", "labour", "h", "52");
    let set = |json| serde_json::from_value(json).expect("fields");
    let rate = LibraryEdit::UpdateResource {
        id,
        version: Some(1),
        set: set(serde_json::json!({"rate": "53"})),
    };
    let words = LibraryEdit::UpdateResource {
        id,
        version: Some(1),
        set: set(serde_json::json!({"description": "Operator"})),
    };
    let outcome = bench.try_all(&[rate, words]).expect("both read version 1");
    // One of the resource; the others are the price book's next version with the rate in it.
    let resources = |c: &&LibraryChange| matches!(c, LibraryChange::Resource(_));
    assert_eq!((outcome.changes.iter().filter(resources).count(), outcome.changes.len()), (1, 4));
    assert_eq!(outcome.label, "Change rate of LAB-OP to 53.0000 and 1 more");
    assert_eq!(bench.resource("lab-op").version, 2);
    assert_eq!(&*bench.resource("lab-op").description, "Operator");
}

#[test]
fn a_change_that_ends_where_it_began_is_none() {
    let mut bench = bench();
    let id = Uuid::from_u128(7);
    let set = serde_json::json!({"code": "X", "type": "other", "unit": "h"});
    let add = LibraryEdit::AddResource {
        id: Some(id),
        book_id: None,
        set: serde_json::from_value(set).expect("fields"),
    };
    let outcome = bench
        .try_all(&[add, LibraryEdit::DeleteResource { id, version: None }])
        .expect("added and deleted");
    assert_eq!(outcome.changes, []);
}

#[test]
fn a_row_that_changed_since_it_was_read_is_refused() {
    let mut bench = bench();
    let id = bench.add_resource("LAB-OP", "labour", "h", "52");
    let update = |version| {
        serde_json::json!({"op": "update-resource", "id": id, "version": version,
            "set": {"rate": "54"}})
    };
    bench.json(update(1)).expect("read at version 1");
    let refused = bench.json(update(1));
    assert_eq!(refused, Err(Refusal::StaleVersion { what: "resource", id, current: 2 }));
    bench.json(update(2)).expect("read at version 2");
}

#[test]
fn unknown_fields_are_refused() {
    let edit = serde_json::json!({"op": "delete-unit", "code": "h", "force": true});
    assert!(serde_json::from_value::<LibraryEdit>(edit).is_err());
    let mark = serde_json::json!({"op": "mark-used", "resources": [], "recipes": []});
    assert!(serde_json::from_value::<LibraryEdit>(mark).is_err(), "only the server marks use");
}
