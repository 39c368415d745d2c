//! Undo and redo, alone and in company.

use super::*;

#[test]
fn undo_and_redo_give_the_rows_back_at_higher_versions() {
    let bench = Bench::new();
    let item = bench.plugged_item(&bench.ana, "1.01", "3");
    let version = |bench: &Bench| {
        let estimate = bench.ws().estimate_blocking(bench.estimate).unwrap();
        estimate.node(item).and_then(|node| node.item().map(|item| item.version))
    };
    bench.edit(&bench.ana, vec![set_quantity(item, "20")]).unwrap();
    assert_eq!((bench.direct().as_str(), version(&bench)), ("60.00", Some(2)));
    let undone = bench.undo(&bench.ana, bench.scope()).unwrap();
    assert_eq!((bench.direct().as_str(), version(&bench)), ("30.00", Some(3)));
    assert!(undone.undo.redo.is_some());
    bench.redo(&bench.ana, bench.scope()).unwrap();
    assert_eq!((bench.direct().as_str(), version(&bench)), ("60.00", Some(4)));
    bench.undo(&bench.ana, bench.scope()).unwrap();
    bench.undo(&bench.ana, bench.scope()).unwrap();
    assert_eq!(version(&bench), None);
    bench.redo(&bench.ana, bench.scope()).unwrap();
    assert!(version(&bench).is_some_and(|version| version > 5));
    bench.check();
}

#[test]
fn an_undo_names_whoever_changed_the_row_since() {
    let bench = Bench::new();
    let item = bench.plugged_item(&bench.ana, "1.01", "3");
    bench.edit(&bench.ana, vec![set_quantity(item, "20")]).unwrap();
    bench.edit(&bench.ben, vec![set_quantity(item, "30")]).unwrap();
    let Err(WorkspaceError::UndoConflict(conflict)) = bench.undo(&bench.ana, bench.scope()) else {
        panic!("the undo went through");
    };
    assert_eq!((&*conflict.by_name, conflict.what, conflict.id), ("Ben", "item", item));
    assert_eq!(conflict.row_name, "1.01");
    assert_eq!(bench.direct(), "90.00");
    bench.check();
}

#[test]
fn changes_of_others_to_other_rows_do_not_stand_in_the_way() {
    let bench = Bench::new();
    let item = bench.plugged_item(&bench.ana, "1.01", "3");
    bench.edit(&bench.ana, vec![set_quantity(item, "20")]).unwrap();
    bench.plugged_item(&bench.ben, "1.02", "4");
    bench.undo(&bench.ana, bench.scope()).unwrap();
    assert_eq!(bench.direct(), "70.00");
    bench.check();
}

#[test]
fn a_row_deleted_by_another_cannot_be_changed_back() {
    let bench = Bench::new();
    let item = bench.plugged_item(&bench.ana, "1.01", "3");
    bench.edit(&bench.ben, vec![Edit::Delete { ids: vec![item], confirm: None }]).unwrap();
    let refused = bench.undo(&bench.ana, bench.scope());
    assert!(matches!(refused, Err(WorkspaceError::UndoConflict(_))), "{refused:?}");
    bench.undo(&bench.ben, bench.scope()).unwrap();
    assert_eq!(bench.direct(), "30.00");
    bench.check();
}

#[test]
fn a_heading_others_have_filled_since_is_not_taken_away() {
    let bench = Bench::new();
    let heading = bench.edit(&bench.ana, vec![add_heading("2", "Drainage")]).unwrap().ids[0][0];
    bench.edit(&bench.ben, vec![add_item(heading, "2.01", "5", Some("1"))]).unwrap();
    assert!(bench.undo(&bench.ana, bench.scope()).is_err());
    assert_eq!(bench.direct(), "5.00");
    bench.check();
}

#[test]
fn a_new_change_ends_what_could_be_redone() {
    let bench = Bench::new();
    let item = bench.plugged_item(&bench.ana, "1.01", "3");
    bench.undo(&bench.ana, bench.scope()).unwrap();
    let reply = bench.edit(&bench.ana, vec![add_heading("9", "Indirect")]).unwrap();
    assert!(reply.undo.redo.is_none());
    let refused = bench.redo(&bench.ana, bench.scope());
    assert!(matches!(refused, Err(WorkspaceError::NothingToUndo("redo"))));
    let _ = item;
    bench.check();
}

#[test]
fn library_changes_have_a_stack_of_their_own() {
    let bench = Bench::new();
    let resource = bench.resource("PLT-X", "100");
    let set = Box::new(ResourceFields { rate: Some(Some("120".into())), ..Default::default() });
    let update = LibraryEdit::UpdateResource { id: resource, version: None, set };
    bench.library(&bench.ana, vec![update]).unwrap();
    bench.plugged_item(&bench.ana, "1.01", "3");
    let rate = |bench: &Bench| {
        let published = bench.ws().published();
        let row = published.library.catalogue.resource(resource.into()).cloned();
        row.and_then(|row| row.rate).map(|rate| rate.to_string())
    };
    bench.undo(&bench.ana, Scope::Library).unwrap();
    assert_eq!(rate(&bench).as_deref(), Some("100.0000"));
    assert_eq!(bench.direct(), "30.00");
    bench.redo(&bench.ana, Scope::Library).unwrap();
    assert_eq!(rate(&bench).as_deref(), Some("120.0000"));
    bench.check();
}

#[test]
fn a_mark_of_first_use_neither_blocks_an_undo_nor_goes_with_it() {
    let bench = Bench::new();
    let resource = bench.resource("PLT-X", "100");
    let set = Box::new(ResourceFields { rate: Some(Some("120".into())), ..Default::default() });
    let update = LibraryEdit::UpdateResource { id: resource, version: None, set };
    bench.library(&bench.ana, vec![update]).unwrap();
    let item = bench.edit(&bench.ben, vec![add_item(bench.heading, "1.01", "10", None)]).unwrap();
    bench.edit(&bench.ben, vec![fixed_line(item.ids[0][0], resource, "3")]).unwrap();
    bench.undo(&bench.ana, Scope::Library).unwrap();
    bench.undo(&bench.ben, bench.scope()).unwrap();
    let published = bench.ws().published();
    let row = published.library.catalogue.resource(resource.into()).unwrap();
    assert!(row.used);
    assert_eq!(row.rate.map(|rate| rate.to_string()).as_deref(), Some("100.0000"));
    // The resource itself has been used: adding it cannot be taken back.
    assert!(bench.undo(&bench.ana, Scope::Library).is_err());
    bench.check();
}

#[test]
fn history_tells_who_changed_which_field() {
    let bench = Bench::new();
    let item = bench.plugged_item(&bench.ana, "1.01", "3");
    bench.edit(&bench.ben, vec![set_quantity(item, "20")]).unwrap();
    let entity = super::super::Entity::Item(bench.estimate, item.into());
    let page = bench.ws().history(&entity, None, 1).unwrap();
    assert_eq!(&*page.items[0].actor_name, "Ben");
    let change = &page.items[0].changes[0];
    assert_eq!((change.field.as_str(), page.items[0].changes.len()), ("quantity", 1));
    assert_eq!(change.before, Some("10".into()));
    assert_eq!(change.after, Some("20".into()));
    let older = bench.ws().history(&entity, page.next, 1).unwrap();
    assert_eq!(&*older.items[0].actor_name, "Ana");
    assert_eq!(older.next, None);
    bench.check();
}
