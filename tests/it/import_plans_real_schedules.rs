//! Every contract and every bidder of the real letting files imports to the sums of the file.

use std::collections::{BTreeMap, BTreeSet};

use oxflow::documents::layout::{Filter, Hierarchy, Layout, guess};
use oxflow::documents::limits::Limits;
use oxflow::documents::plan::{Mode, PlanOptions, RateAs, RowKind, Severity, plan};
use oxflow::documents::sheet::{Sheet, Workbook};
use oxflow::documents::units::UnitMap;
use rust_decimal::{Decimal, RoundingStrategy};

use super::import_reads_files::real_file;

const FIRST_IMPORT: PlanOptions =
    PlanOptions { mode: Mode::Append, rate_as: RateAs::Plug, under_depth: 0 };

fn sheet_of(name: &str) -> Sheet {
    let bytes = std::fs::read(real_file(name)).expect("the file");
    let mut book = Workbook::read(&bytes, name, &Limits::default()).expect("a readable file");
    book.sheets.remove(0)
}

/// Every unit of the file mapped to a unit of the list, as a person would.
fn units() -> UnitMap {
    let list = [
        "LS", "ea", "ft", "yd2", "yd3", "ft2", "ton", "month", "day", "lb", "kgal", "gal", "h", "$",
    ];
    let chosen: BTreeMap<String, String> = [
        ("EACH", "ea"),
        ("L.F.", "ft"),
        ("LFT", "ft"),
        ("SYS", "yd2"),
        ("SYD", "yd2"),
        ("C.Y.", "yd3"),
        ("CYS", "yd3"),
        ("S.F.", "ft2"),
        ("SFT", "ft2"),
        ("MOS", "month"),
        ("LBS", "lb"),
        ("M.G.", "kgal"),
        ("HRS", "h"),
        ("DOL", "$"),
    ]
    .into_iter()
    .map(|(spelling, code)| (spelling.to_owned(), code.to_owned()))
    .collect();
    UnitMap::new(list.map(|code| (code, [])), &chosen)
}

fn column(sheet: &Sheet, heading: &str) -> u32 {
    (0..sheet.column_count()).find(|&c| sheet.shown(0, c) == heading).expect("the column")
}

/// Sums of the extension column by the values of `keys`, and rows.
fn sums(sheet: &Sheet, keys: &[u32], extension: u32) -> BTreeMap<Vec<String>, (Decimal, u64)> {
    let mut sums = BTreeMap::new();
    for row in 1..sheet.row_count() {
        let key: Vec<String> = keys.iter().map(|&c| sheet.shown(row, c)).collect();
        let figure: Decimal = sheet.shown(row, extension).parse().expect("a figure");
        let entry: &mut (Decimal, u64) = sums.entry(key).or_default();
        // Some extensions of the old files carry fractions of a cent.
        entry.0 += figure.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
        entry.1 += 1;
    }
    sums
}

fn with_filters(layout: &Layout, columns: &[u32], values: &[String]) -> Layout {
    let filters = columns
        .iter()
        .zip(values)
        .map(|(&column, value)| Filter { column, equals: value.clone() })
        .collect();
    Layout { filters, ..layout.clone() }
}

fn imports_to_the_cent(name: &str, keys: &[&str], units: &UnitMap) -> (usize, u64) {
    let sheet = sheet_of(name);
    let layout = guess(&sheet, 0);
    let key_columns: Vec<u32> = keys.iter().map(|k| column(&sheet, k)).collect();
    let amount = layout.columns.amount.expect("an amount column");
    let groups = sums(&sheet, &key_columns, amount);
    let mut rows = 0;
    for (values, (sum, count)) in &groups {
        let plan =
            plan(&sheet, &with_filters(&layout, &key_columns, values), units, &[], FIRST_IMPORT);
        let errors: Vec<_> =
            plan.problems.iter().filter(|p| p.severity == Severity::Error).take(3).collect();
        assert!(plan.is_committable(), "{values:?}: {errors:?} {:?}", plan.unknown_units);
        assert_eq!(plan.summary.items, *count, "{values:?}");
        assert_eq!(plan.summary.total.to_decimal(), *sum, "{values:?}");
        assert_eq!(plan.summary.file_total, Some(plan.summary.total), "{values:?}");
        rows += count;
    }
    (groups.len(), rows)
}

#[test]
fn all_bidders_of_the_ten_contracts_import_to_the_cent() {
    let (schedules, rows) =
        imports_to_the_cent("indot-lettings-2026-05-07.csv", &["ProjectID", "Pos"], &units());
    assert_eq!((schedules, rows), (33, 2_376));
}

#[test]
fn the_layout_of_the_letting_file_is_guessed_with_filters_for_one_contract_and_bidder() {
    let sheet = sheet_of("indot-lettings-2026-05-07.csv");
    let layout = guess(&sheet, 0);
    assert_eq!(layout.header_row, 0);
    let columns = layout.columns;
    assert_eq!(columns.code, Some(0));
    assert_eq!(columns.description, Some(1));
    assert_eq!(columns.quantity, Some(2));
    assert_eq!(columns.unit, Some(3));
    assert_eq!(columns.rate, Some(4));
    assert_eq!(columns.amount, Some(13));
    assert_eq!(layout.hierarchy, Hierarchy::Flat);
    let filters: Vec<_> = layout.filters.iter().map(|f| (f.column, f.equals.as_str())).collect();
    assert_eq!(filters, [(7, "B -43355-A"), (12, "1")]);
    let plan = plan(&sheet, &layout, &units(), &[], FIRST_IMPORT);
    assert_eq!(plan.summary.items, 92);
    assert_eq!(plan.summary.total.to_string(), "1855375.11");
}

#[test]
fn units_of_the_file_that_nobody_mapped_are_listed_with_their_count() {
    let sheet = sheet_of("indot-lettings-2026-05-07.csv");
    let layout = Layout { filters: Vec::new(), ..guess(&sheet, 0) };
    let list: [(&str, &[&str]); 3] = [("LS", &[]), ("ea", &[]), ("m3", &[])];
    let units =
        UnitMap::new(list.map(|(code, aliases)| (code, aliases.iter().copied())), &BTreeMap::new());
    let plan = plan(&sheet, &layout, &units, &[], FIRST_IMPORT);
    let unknown: Vec<_> = plan
        .unknown_units
        .iter()
        .map(|u| (u.unit.as_str(), u.count, u.suggest.as_deref()))
        .collect();
    assert_eq!(unknown[0], ("EACH", 657, Some("ea")));
    assert!(unknown.contains(&("C.Y.", 117, None)), "a cubic yard is no cubic metre");
    assert!(!unknown.iter().any(|(unit, ..)| *unit == "L.S."));
    assert!(!plan.is_committable());
    assert_eq!(plan.problems.iter().filter(|p| p.rule == Some("BR-019")).count(), 2_376 - 208);
}

fn old_excel_imports_to_the_cent(name: &str) -> (usize, u64) {
    let sheet = sheet_of(name);
    let headings: Vec<String> = (0..sheet.column_count()).map(|c| sheet.shown(0, c)).collect();
    let has = |heading: &str| headings.iter().any(|h| h == heading);
    assert!(has("ProjectID") && has("Pos"), "{headings:?}");
    // The list of units is the file's own: what is proved here is figures, not units.
    let unit = column(&sheet, "Unit");
    let spellings: BTreeSet<String> =
        (1..sheet.row_count()).map(|r| sheet.shown(r, unit)).collect();
    let list = spellings.iter().filter(|s| *s != "L.S.").map(|s| (s.as_str(), []));
    let units = UnitMap::new(list.chain([("LS", [])]), &BTreeMap::new());
    imports_to_the_cent(name, &["ProjectID", "Pos"], &units)
}

#[test]
fn every_contract_of_the_old_excel_files_imports_to_the_cent() {
    let (small, rows_small) = old_excel_imports_to_the_cent("indot-letting-2025-11-19.xls");
    let (large, rows_large) = old_excel_imports_to_the_cent("indot-letting-2025-02-26.xls");
    assert!(small >= 2 && large > small, "{small} and {large} schedules");
    assert!(rows_small > 100 && rows_large > 1_500, "{rows_small} and {rows_large} rows");
}

#[test]
fn the_units_and_codes_of_a_plan_are_those_of_the_file() {
    let sheet = sheet_of("indot-lettings-2026-05-07.csv");
    let plan = plan(&sheet, &guess(&sheet, 0), &units(), &[], FIRST_IMPORT);
    let items: Vec<_> = plan.rows.iter().filter(|r| r.kind == RowKind::Item).collect();
    let codes: BTreeSet<_> = items.iter().map(|r| r.code.as_str()).collect();
    assert_eq!(codes.len(), 92);
    let first = items[0];
    assert_eq!(first.code, "105-06845");
    assert_eq!(first.description, "CONSTRUCTION ENGINEERING");
    assert_eq!(first.unit.as_deref(), Some("LS"));
    assert_eq!(first.rate.map(|r| r.to_string()).as_deref(), Some("12450.0000"));
    assert_eq!(plan.rows[0].description, "indot-lettings-2026-05-07", "the heading made for them");
    assert_eq!(first.parent, Some(0));
}
