//! What each row of a schedule becomes, and every problem by its cell.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use oxflow::documents::layout::{Hierarchy, Layout, guess};
use oxflow::documents::limits::Limits;
use oxflow::documents::plan::{
    ItemType, Mode, Plan, PlanOptions, RateAs, RowKind, Severity, plan, plan_watched,
};
use oxflow::documents::sheet::{Sheet, Workbook};
use oxflow::documents::units::UnitMap;
use proptest::prelude::*;
use rust_xlsxwriter::{Format, Formula};

pub const FIRST_IMPORT: PlanOptions =
    PlanOptions { mode: Mode::Append, rate_as: RateAs::Plug, under_depth: 0 };

pub fn units() -> UnitMap {
    let list: [(&str, &[&str]); 8] = [
        ("LS", &["sum"]),
        ("m3", &[]),
        ("m2", &[]),
        ("m", &[]),
        ("t", &[]),
        ("ea", &["no"]),
        ("PS", &[]),
        ("%", &[]),
    ];
    UnitMap::new(list.map(|(code, aliases)| (code, aliases.iter().copied())), &BTreeMap::new())
}

pub fn sheet(text: &str) -> Sheet {
    let book = Workbook::read(text.as_bytes(), "Schedule.csv", &Limits::default());
    book.expect("a readable file").sheets.remove(0)
}

fn planned(text: &str) -> Plan {
    let sheet = sheet(text);
    plan(&sheet, &guess(&sheet, 0), &units(), &[], FIRST_IMPORT)
}

/// The plan as a small text: one line a row, then one a problem.
fn written(plan: &Plan) -> String {
    let mut text = String::new();
    for row in &plan.rows {
        let figures = [
            row.unit.clone(),
            row.quantity.map(|q| q.to_string()),
            row.rate.map(|r| r.to_string()),
            row.client_amount.map(|a| a.to_string()),
        ];
        let figures: Vec<String> = figures.into_iter().flatten().collect();
        let kind = format!("{:?}", row.kind).to_lowercase();
        let why = row.reason.map(|r| format!("[{r}]")).unwrap_or_default();
        let indent = "  ".repeat(usize::try_from(row.level).expect("small"));
        let figures = figures.join(" ");
        let parts = [kind.as_str(), &row.code, &row.description, &figures, why.as_str()];
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        let line = format!("{indent}{}", parts.join(" "));
        writeln!(text, "{}", line.trim_end()).expect("text");
    }
    for problem in &plan.problems {
        let rule = problem.rule.unwrap_or("-");
        writeln!(
            text,
            "{:?} {} {rule} {}: {}",
            problem.severity, problem.cell, problem.code, problem.message
        )
        .expect("text");
    }
    text
}

#[test]
fn a_coded_schedule_nests_by_its_codes_and_leaves_totals_and_notes_out() {
    let plan = planned(
        "Tender 24-117,,,,,\n\
         Item No,Description,Unit,Qty,Rate,Amount\n\
         1,Preliminary and general,,,,\n\
         1.01,Establishment,LS,1,7985.20,7985.20\n\
         ,Sub-total,,,,7985.20\n\
         \n\
         2,Earthworks,,,,\n\
         ,All rates include haulage,,,,\n\
         2.1,Topsoil,,,,\n\
         2.1.1,Strip topsoil to stockpile,m3,850,7.2333,6148.31\n\
         Item No,Description,Unit,Qty,Rate,Amount\n\
         2.1.2,Extra over for rock,m3,Rate only,47.0975,\n\
         2.2,Provisional sum: services,PS,,,25000\n\
         2.3,Contractor's percentage,%,,8,\n\
         ,Total excl. GST,,,,39133.51\n",
    );
    let expected = "  heading 1 Preliminary and general
    item 1.01 Establishment LS 1.0000 7985.2000
skip Sub-total [total]
  heading 2 Earthworks
skip All rates include haulage [text without unit and quantity]
    heading 2.1 Topsoil
      item 2.1.1 Strip topsoil to stockpile m3 850.0000 7.2333
skip Item No Description [repeated headings]
      item 2.1.2 Extra over for rock m3 47.0975
    item 2.2 Provisional sum: services PS 25000.00
    item 2.3 Contractor's percentage %
skip Total excl. GST [total]
Warning Schedule!C14 BR-027 percentage-item-base-invalid: a percentage of the client's sums in this file: check which it is of
";
    assert_eq!(written(&plan), expected);
    assert_eq!(plan.summary.total.to_string(), "39133.51");
    assert_eq!((plan.summary.headings, plan.summary.items), (3, 5));
    assert!(plan.is_committable());
    let types: Vec<_> = plan.rows.iter().filter_map(|r| r.item_type).collect();
    assert_eq!(
        types,
        [
            ItemType::Schedule,
            ItemType::Schedule,
            ItemType::RateOnly,
            ItemType::ProvisionalSum,
            ItemType::Percentage
        ]
    );
}

#[test]
fn every_problem_names_its_cell_and_rule() {
    let plan = planned(
        "Item,Description,Unit,Qty,Rate,Amount\n\
         1,No unit,,5,1,5\n\
         2,Unknown unit,bags,5,1,5\n\
         3,No quantity,m3,,1,\n\
         4,Zero,m3,0,1,0\n\
         5,Negative,m3,-2,1,-2\n\
         6,Five decimals,m3,1.23456,1,1.23\n\
         7,Words,m3,about ten,1,\n\
         8,Lump sum of two,LS,2,1,2\n\
         9,Lump sum of none,LS,,1,1\n\
         10,Odd amount,m3,10,1.50,20.00\n\
         11,Fine rate,m3,3,1.23456,3.70\n\
         12,Included,m3,3,Included,\n\
         13,Error,m3,#REF!,1,\n\
         14,Below zero,m3,1,-1,\n\
         1,Again,m3,1,1,1\n",
    );
    let problems: Vec<String> = plan
        .problems
        .iter()
        .map(|p| format!("{} {} {} {:?}", p.cell, p.rule.unwrap_or("-"), p.code, p.severity))
        .collect();
    assert_eq!(
        problems,
        [
            "Schedule!C2 BR-019 item-unit-missing Error",
            "Schedule!C3 BR-019 item-unit-missing Error",
            "Schedule!D4 BR-020 item-quantity-invalid Error",
            "Schedule!D5 BR-020 item-quantity-invalid Error",
            "Schedule!D6 BR-020 item-quantity-invalid Error",
            "Schedule!D7 BR-020 item-quantity-invalid Error",
            "Schedule!D8 BR-104 import-cell-invalid Error",
            "Schedule!D9 BR-021 lump-sum-quantity-not-one Error",
            "Schedule!D10 BR-021 import-lump-sum-assumed Warning",
            "Schedule!F11 - import-amount-differs Warning",
            "Schedule!E12 - import-rate-rounded Warning",
            "Schedule!E13 BR-104 import-rate-in-words Warning",
            "Schedule!D14 BR-104 import-cell-invalid Error",
            "Schedule!E15 BR-047 rate-basis-invalid Error",
            "Schedule!A16 - import-code-twice Warning",
        ]
    );
    assert!(!plan.is_committable());
    assert_eq!(plan.unknown_units.len(), 1);
    let message =
        &plan.problems.iter().find(|p| p.code == "import-amount-differs").expect("it").message;
    assert_eq!(message, "quantity times rate is 15.00, the amount says 20.00");
    for row in plan.rows.iter().filter(|r| r.kind == RowKind::Item) {
        if let Some(quantity) = row.quantity {
            assert!(quantity.is_positive(), "a refused quantity is never read as 0");
        }
    }
}

#[test]
fn a_workbook_reports_text_numbers_errors_and_formulas_without_results() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet().set_name("Bill").expect("a name");
    let bold = Format::new().set_bold();
    for (column, heading) in (0_u16..).zip(["Ref", "Description", "Unit", "Quantity", "Rate"]) {
        sheet.write_with_format(0, column, heading, &bold).expect("a cell");
    }
    sheet.write_with_format(1, 1, "EARTHWORKS", &bold).expect("a cell");
    sheet.write_with_format(2, 1, "Cut", &bold).expect("a cell");
    for (row, code) in (3_u32..).zip(["A1", "A2", "A3", "A4"]) {
        sheet.write(row, 0, code).expect("a cell");
        sheet.write(row, 1, "Cut to waste").expect("a cell");
        sheet.write(row, 2, "m3").expect("a cell");
    }
    sheet.write(3, 3, "850").expect("a cell");
    sheet.write(4, 3, Formula::new("=1/0").set_result("#DIV/0!")).expect("a cell");
    sheet.write(5, 3, Formula::new("=0.1+0.2").set_result("0.30000000000000004")).expect("a cell");
    sheet.write(6, 3, 12.5).expect("a cell");
    sheet.write_with_format(7, 1, "FILL", &bold).expect("a cell");
    sheet.write(8, 1, "Import fill").expect("a cell");
    sheet.write(8, 2, "m3").expect("a cell");
    sheet.write(8, 3, 4).expect("a cell");
    let bytes = book.save_to_buffer().expect("a workbook");
    let book = Workbook::read(&bytes, "bill.xlsx", &Limits::default()).expect("a readable file");
    let sheet = &book.sheets[0];
    let layout = guess(sheet, 0);
    assert_eq!(layout.hierarchy, Hierarchy::Bold);
    let plan = plan(sheet, &layout, &units(), &[], FIRST_IMPORT);
    let expected = "  heading EARTHWORKS
    heading Cut
      item A1 Cut to waste m3 850.0000
      item A2 Cut to waste m3
      item A3 Cut to waste m3 0.3000
      item A4 Cut to waste m3 12.5000
  heading FILL
    item Import fill m3 4.0000
Warning Bill!D4 BR-104 import-number-as-text: the quantity “850” is a number stored as text; read as 850
Error Bill!D5 BR-104 import-cell-invalid: the quantity is #DIV/0!
Warning Bill!D6 - import-number-noise: the quantity is stored as 0.30000000000000004; read as 0.3, as Excel shows it
";
    assert_eq!(written(&plan), expected);
}

#[test]
fn indents_and_level_columns_nest_rows() {
    let indented = planned(
        "Description,Unit,Qty\nRoads,,\n  Earthworks,,\n    Cut,m3,5\n  Pavement,,\n    Basecourse,m3,6\nBridges,,\n  Piles,m,7\n",
    );
    let levels: Vec<_> = indented.rows.iter().map(|r| (r.description.as_str(), r.level)).collect();
    assert_eq!(
        levels,
        [
            ("Roads", 1),
            ("Earthworks", 2),
            ("Cut", 3),
            ("Pavement", 2),
            ("Basecourse", 3),
            ("Bridges", 1),
            ("Piles", 2)
        ]
    );
    let leveled = planned(
        "Level,Description,Unit,Qty\n1,Roads,,\n2,Earthworks,,\n3,Cut,m3,5\n1,Bridges,,\n2,Piles,m,7\n9,Wharf,,\n",
    );
    let levels: Vec<_> = leveled.rows.iter().map(|r| (r.description.as_str(), r.level)).collect();
    assert_eq!(
        levels[..5],
        [("Roads", 1), ("Earthworks", 2), ("Cut", 3), ("Bridges", 1), ("Piles", 2)]
    );
    assert_eq!(leveled.problems[0].cell, "Schedule!A7");
}

#[test]
fn headings_deeper_than_five_are_refused_also_below_the_place_of_import() {
    let text = "Item,Description,Unit,Qty\n1,a,,\n1.1,b,,\n1.1.1,c,,\n1.1.1.1,d,,\n1.1.1.1.1,e,,\n1.1.1.1.1.1,Item,m3,5\n";
    let plan_at = |under_depth| {
        let sheet = sheet(text);
        plan(&sheet, &guess(&sheet, 0), &units(), &[], PlanOptions { under_depth, ..FIRST_IMPORT })
    };
    assert!(plan_at(0).is_committable());
    let deep = plan_at(1);
    assert_eq!(deep.problems.len(), 1);
    assert_eq!(
        (deep.problems[0].rule, deep.problems[0].cell.as_str()),
        (Some("BR-013"), "Schedule!A6")
    );
}

#[test]
fn items_without_a_heading_get_one_unless_they_go_under_one() {
    let text = "Item,Description,Unit,Qty\nX,One,m3,1\nY,Two,m3,2\n";
    let plan_at = |under_depth| {
        let sheet = sheet(text);
        plan(&sheet, &guess(&sheet, 0), &units(), &[], PlanOptions { under_depth, ..FIRST_IMPORT })
    };
    let alone = plan_at(0);
    assert_eq!(
        (alone.rows[0].kind, alone.rows[0].description.as_str()),
        (RowKind::Heading, "Schedule")
    );
    assert_eq!((alone.rows[1].parent, alone.rows[1].level), (Some(0), 2));
    let under = plan_at(2);
    assert_eq!((under.rows[0].kind, under.rows[0].parent), (RowKind::Item, None));
}

#[test]
fn a_layout_goes_to_the_wire_and_back_in_the_agreed_words() {
    let sheet = sheet("Item,Description,Unit,Qty\n1,One,m3,1\n");
    let mut layout = guess(&sheet, 0);
    layout.unit_map.insert("L.S.".to_owned(), "LS".to_owned());
    let json = serde_json::to_value(&layout).expect("json");
    assert_eq!(
        json,
        serde_json::json!({
            "sheet": 0, "headerRow": 0,
            "columns": {"code": 0, "description": 1, "unit": 2, "quantity": 3},
            "hierarchy": "flat", "filters": [], "unitMap": {"L.S.": "LS"}, "remembered": false
        })
    );
    assert_eq!(serde_json::from_value::<Layout>(json).expect("a layout"), layout);
}

#[test]
fn planning_can_be_cancelled() {
    let text = format!("Item,Description,Unit,Qty\n{}", "1,One,m3,1\n".repeat(5_000));
    let sheet = sheet(&text);
    let mut stop = |_, _| std::ops::ControlFlow::Break(());
    let plan = plan_watched(&sheet, &guess(&sheet, 0), &units(), &[], FIRST_IMPORT, &mut stop);
    assert_eq!(plan.expect_err("cancelled").code(), "import-cancelled");
}

fn any_cell() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        "[A-Za-z ]{0,12}",
        "[0-9.]{1,8}",
        "-?[0-9]{1,30}",
        Just("rate only".to_owned()),
        Just("Total".to_owned()),
        Just("Item".to_owned()),
        Just("Description".to_owned()),
        Just("Qty".to_owned()),
        Just("LS".to_owned()),
        Just("%".to_owned()),
        "\\PC{0,10}",
    ]
}

proptest! {
    #[test]
    fn any_grid_of_cells_plans_without_panic_and_in_order(
        rows in proptest::collection::vec(proptest::collection::vec(any_cell(), 0..9), 0..40),
        hierarchy in prop_oneof![
            Just(Hierarchy::Flat), Just(Hierarchy::Codes), Just(Hierarchy::Indent),
            Just(Hierarchy::Level), Just(Hierarchy::Bold)
        ],
        textual: bool,
    ) {
        let sheet = Sheet::from_text("Grid", &rows, textual);
        let layout = Layout { hierarchy, ..guess(&sheet, 0) };
        let plan = plan(&sheet, &layout, &units(), &[], FIRST_IMPORT);
        for (index, row) in plan.rows.iter().enumerate() {
            if let Some(parent) = row.parent {
                prop_assert!(parent < index);
                prop_assert_eq!(plan.rows[parent].kind, RowKind::Heading);
                prop_assert!(plan.rows[parent].level < row.level);
            }
        }
        let errors = plan.problems.iter().filter(|p| p.severity == Severity::Error).count();
        prop_assert_eq!(u64::try_from(errors).expect("small"), plan.summary.errors);
    }
}
