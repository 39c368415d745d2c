//! A re-import matches by client code: what is new, what changed, what is gone (BR-105).

use oxflow::documents::layout::guess;
use oxflow::documents::plan::{
    Action, ExistingRow, Mode, Plan, PlanOptions, RateAs, RowKind, plan,
};
use oxflow::estimating::number::{Qty, Rate};
use uuid::Uuid;

use super::import_plans_rows::{sheet, units};

fn existing(n: u128, code: &str, description: &str, quantity: &str) -> ExistingRow {
    ExistingRow {
        id: Uuid::from_u128(n),
        kind: RowKind::Item,
        code: code.to_owned(),
        description: description.to_owned(),
        unit: Some("m3".to_owned()),
        quantity: Some(quantity.parse::<Qty>().expect("a quantity")),
        plug_rate: None,
        has_worksheet: false,
        inactive: false,
    }
}

fn again(text: &str, rows: &[ExistingRow]) -> Plan {
    let sheet = sheet(text);
    let options = PlanOptions { mode: Mode::Reimport, rate_as: RateAs::Plug, under_depth: 0 };
    plan(&sheet, &guess(&sheet, 0), &units(), rows, options)
}

#[test]
fn added_changed_same_and_dropped_items_are_listed_field_by_field() {
    let heading = ExistingRow {
        kind: RowKind::Heading,
        unit: None,
        quantity: None,
        ..existing(9, "2", "Earthworks", "1")
    };
    let mut worked = existing(4, "2.04", "Sub-base", "960");
    worked.has_worksheet = true;
    let mut gone_before = existing(5, "2.05", "Returns", "7");
    gone_before.inactive = true;
    let mut plugged = existing(6, "2.06", "Plugged", "3");
    plugged.plug_rate = Some("10".parse::<Rate>().expect("a rate"));
    let rows = [
        heading,
        existing(1, "2.01", "Strip topsoil", "850"),
        existing(2, "2.02", "Cut to waste", "2400"),
        existing(3, "2.03", "Undercut", "180"),
        worked,
        gone_before,
        plugged,
    ];
    let plan = again(
        "Item,Description,Unit,Qty,Rate\n2,Earthworks,,,\n2.01,Strip topsoil,m3,900,\n2.02,Cut to waste,m3,2400,\n\
         2.04,Sub-base,m3,960,55\n2.05,Returns,m3,7,\n2.06,Plugged,m3,3,12.5\n2.07,New one,m3,1,\n",
        &rows,
    );
    let actions: Vec<_> = plan.rows.iter().map(|r| (r.code.as_str(), r.action)).collect();
    assert_eq!(
        actions,
        [
            ("2", Action::Same),
            ("2.01", Action::Change),
            ("2.02", Action::Same),
            ("2.04", Action::Same),
            ("2.05", Action::Change),
            ("2.06", Action::Change),
            ("2.07", Action::Add),
            ("2.03", Action::Drop),
        ]
    );
    let change = &plan.rows[1].changes[0];
    assert_eq!(
        (change.field, change.before.as_deref(), change.after.as_deref()),
        ("quantity", Some("850.0000"), Some("900.0000"))
    );
    assert_eq!(plan.rows[4].changes[0].field, "inactive");
    assert_eq!(plan.rows[5].changes[0].field, "plugRate");
    assert_eq!(plan.rows[7].existing, Some(Uuid::from_u128(3)));
    let s = &plan.summary;
    assert_eq!((s.added, s.changed, s.unchanged, s.dropped), (1, 3, 3, 1));
    assert!(plan.is_committable());
}

#[test]
fn codes_that_stand_twice_on_either_side_or_nowhere_are_refused() {
    let rows = [
        existing(1, "A1", "One", "1"),
        existing(2, "B1", "Two", "1"),
        existing(3, "B1", "Too", "1"),
    ];
    let plan = again(
        "Item,Description,Unit,Qty\nA1,One,m3,1\nA1,One more,m3,1\nB1,Two,m3,1\n,No code,m3,1\n",
        &rows,
    );
    let cells: Vec<_> = plan.problems.iter().map(|p| (p.cell.as_str(), p.rule, p.code)).collect();
    let refused = |cell| (cell, Some("BR-105"), "reimport-code-ambiguous");
    assert_eq!(
        cells,
        [
            refused("Schedule!A2"),
            refused("Schedule!A3"),
            refused("Schedule!A4"),
            refused("Schedule!A5")
        ]
    );
    assert!(!plan.is_committable());
    assert_eq!(plan.summary.dropped, 0, "a refused code drops nothing");
}

#[test]
fn a_file_imported_again_unchanged_changes_nothing() {
    let text = "Item,Description,Unit,Qty\n2.01,Strip topsoil,m3,850\n2.02,Cut to waste,m3,2400\n";
    let rows =
        [existing(1, "2.01", "Strip topsoil", "850"), existing(2, "2.02", "Cut to waste", "2400")];
    let plan = again(text, &rows);
    assert_eq!((plan.summary.changed, plan.summary.dropped, plan.summary.unchanged), (0, 0, 2));
}
