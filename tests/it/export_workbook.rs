//! The workbook an estimate becomes, read back by another program's eyes.

use std::io::{Cursor, Read as _};

use calamine::Reader as _;
use oxflow::documents::export::{CostByType, ExportHeader, ExportKind, ExportRow, ResourceRow};
use oxflow::documents::export_xlsx;
use oxflow::documents::limits::{Limits, unwatched};
use oxflow::documents::sheet::{Sheet, Workbook};
use oxflow::estimating::number::{LineQty, Money, Pct, Qty, Rate};

pub fn header(is_draft: bool) -> ExportHeader {
    ExportHeader {
        organisation: "Oxcon & Sons".to_owned(),
        tender_number: "T-24-117".to_owned(),
        tender_name: "Ford Road renewal".to_owned(),
        estimate: "BASE".to_owned(),
        revision: 2,
        commit: 418,
        printed_at: "2026-11-22 19:05 NZDT".to_owned(),
        currency: "NZD".to_owned(),
        gst_pct: Pct::whole(15).expect("a percentage"),
        is_draft,
    }
}

pub fn money(text: &str) -> Money {
    text.parse().expect("money")
}

pub fn row(kind: ExportKind, depth: u32, code: &str, cost: &str) -> ExportRow {
    ExportRow {
        kind,
        depth,
        code: code.to_owned(),
        description: format!("Row {code}"),
        unit: None,
        quantity: None,
        cost_rate: None,
        cost: money(cost),
        by_type: CostByType { plant: money(cost), ..CostByType::default() },
        counted: true,
        status: String::new(),
        note: String::new(),
    }
}

pub fn item(depth: u32, code: &str, quantity: &str, rate: &str, cost: &str) -> ExportRow {
    ExportRow {
        unit: Some("m3".to_owned()),
        quantity: Some(quantity.parse::<Qty>().expect("a quantity")),
        cost_rate: Some(rate.parse::<Rate>().expect("a rate")),
        status: "priced".to_owned(),
        ..row(ExportKind::Item, depth, code, cost)
    }
}

/// The worked example's earthworks, with a sub-item, a rate-only item and a hostile name.
fn estimate() -> Vec<ExportRow> {
    let mut rate_only = item(3, "2.09", "100", "47.0975", "4709.75");
    rate_only.counted = false;
    let sub = |code: &str, cost: &str| ExportRow {
        kind: ExportKind::SubItem,
        ..item(4, code, "2400", "1", cost)
    };
    let mut hostile = item(2, "=1+1", "3", "2661.7333", "7985.20");
    hostile.description = "=HYPERLINK(\"http://example.test\",\"click\")".to_owned();
    hostile.note = "@note".to_owned();
    vec![
        row(ExportKind::Heading, 1, "1", "7985.20"),
        hostile,
        row(ExportKind::Heading, 1, "2", "110501.79"),
        row(ExportKind::Heading, 2, "2.1", "78386.66"),
        item(3, "2.01", "1", "6148.34", "6148.34"),
        item(3, "2.02", "2400", "30.0993", "72238.32"),
        sub("2.02a", "4565.63"),
        sub("2.02b", "67672.69"),
        rate_only,
        row(ExportKind::Heading, 2, "2.2", "32115.13"),
        item(3, "2.06", "4250", "7.5565", "32115.13"),
    ]
}

fn resources() -> Vec<ResourceRow> {
    let resource =
        |code: &str, kind: &str, quantity: &str, rate: Option<&str>, cost: &str| ResourceRow {
            code: code.to_owned(),
            description: format!("Resource {code}"),
            resource_type: kind.to_owned(),
            unit: "h".to_owned(),
            quantity: quantity.parse::<LineQty>().expect("a quantity"),
            rate: rate.map(|rate| rate.parse::<Rate>().expect("a rate")),
            cost: money(cost),
        };
    vec![
        resource("PLT-EX20", "plant", "15.060241", Some("98"), "1475.90"),
        resource("LAB-OP", "labour", "15.060241", Some("52"), "783.13"),
        resource("PLT-TRK", "plant", "30.120482", None, "3554.22"),
    ]
}

fn exported(is_draft: bool) -> Vec<u8> {
    export_xlsx::write(&header(is_draft), estimate(), &resources(), &mut unwatched)
        .expect("a workbook")
}

fn part(bytes: &[u8], path: &str) -> String {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).expect("a package");
    let mut text = String::new();
    zip.by_name(path).expect("the part").read_to_string(&mut text).expect("text");
    text
}

fn find(sheet: &Sheet, column: u32, shown: &str) -> u32 {
    (0..sheet.row_count()).find(|&r| sheet.shown(r, column) == shown).expect("the row")
}

#[test]
fn stored_results_are_right_for_viewers_that_do_not_calculate() {
    let bytes = exported(true);
    let book = Workbook::read(&bytes, "out.xlsx", &Limits::default()).expect("a readable file");
    let sheet = &book.sheets[0];
    for (code, cost) in [
        ("1", "7985.2"),
        ("2", "110501.79"),
        ("2.1", "78386.66"),
        ("2.01", "6148.34"),
        ("2.02", "72238.32"),
        ("2.2", "32115.13"),
        ("2.06", "32115.13"),
    ] {
        let at = find(sheet, 0, code);
        assert_eq!(sheet.shown(at, 5).trim_end_matches('0'), cost, "{code}");
    }
    let total = find(sheet, 1, "Total cost excl. GST, NZD");
    assert_eq!(sheet.shown(total, 5), "118486.99");
    assert_eq!(sheet.shown(total, 7), "118486.99", "plant");
    assert_eq!(sheet.shown(total, 6), "0.00", "labour");
    assert_eq!(sheet.shown(total + 1, 1), "GST 15 %");
    assert_eq!(sheet.shown(total + 1, 5), "17773.05");
    assert_eq!(sheet.shown(total + 2, 1), "Total cost incl. GST");
    assert_eq!(sheet.shown(total + 2, 5), "136260.04");
}

#[test]
fn totals_are_formulas_over_the_rows_they_add_up() {
    let bytes = exported(true);
    let mut book = calamine::Xlsx::new(Cursor::new(&bytes)).expect("a workbook");
    let formulas = book.worksheet_formula("Schedule").expect("the sheet");
    let formula =
        |row: u32, column: u32| formulas.get_value((row, column)).cloned().unwrap_or_default();
    assert_eq!(formula(6, 5), "SUM(F8)");
    assert_eq!(formula(7, 5), "ROUND(D8*E8,2)");
    assert_eq!(formula(8, 5), "SUM(F10,F16)");
    assert_eq!(formula(9, 5), "SUM(F11:F12,F15)", "a sub-item is counted by its item");
    assert_eq!(formula(10, 5), "D11*E11");
    assert_eq!(formula(11, 5), "SUM(F13:F14)", "an item of sub-items");
    assert_eq!(formula(12, 5), "", "a cost that is not quantity times rate is a figure");
    assert_eq!(formula(16, 5), "", "an exact half cent is a figure");
    assert_eq!(formula(18, 5), "SUM(F7,F9)");
    assert_eq!(formula(19, 5), "ROUND(F19*15/100,2)");
    assert_eq!(formula(20, 5), "F19+F20");
}

/// Adds up what each formula says from the values of the file, as a spreadsheet program would.
#[test]
fn recalculating_the_sums_gives_the_stored_results() {
    let bytes = exported(true);
    let read = Workbook::read(&bytes, "out.xlsx", &Limits::default()).expect("a readable file");
    let sheet = &read.sheets[0];
    let mut book = calamine::Xlsx::new(Cursor::new(&bytes)).expect("a workbook");
    let formulas = book.worksheet_formula("Schedule").expect("the sheet");
    let figure = |row: u32, column: u32| -> Money {
        let shown = sheet.shown(row, column);
        if shown.is_empty() { Money::ZERO } else { shown.parse().expect("money") }
    };
    let mut sums = 0;
    for (row, column, text) in formulas.used_cells() {
        let (top, left) = formulas.start().expect("a start");
        let at = |n: usize, offset: u32| u32::try_from(n).expect("small") + offset;
        let (row, column) = (at(row, top), at(column, left));
        let Some(arguments) = text.strip_prefix("SUM(").and_then(|t| t.strip_suffix(')')) else {
            continue;
        };
        let mut sum = Money::ZERO;
        for cells in arguments.split(',') {
            let number = |cell: &str| cell[1..].parse::<u32>().expect("a row") - 1;
            let (first, last) = cells.split_once(':').unwrap_or((cells, cells));
            for line in number(first)..=number(last) {
                sum = sum.checked_add(figure(line, column)).expect("money");
            }
        }
        assert_eq!(sum, figure(row, column), "{}", sheet.cell_name(row, column));
        sums += 1;
    }
    assert!(sums >= 30, "{sums} sums");
}

#[test]
fn client_text_that_looks_like_a_formula_is_a_string() {
    let bytes = exported(true);
    let book = Workbook::read(&bytes, "out.xlsx", &Limits::default()).expect("a readable file");
    let sheet = &book.sheets[0];
    assert_eq!(sheet.shown(7, 0), "=1+1");
    assert_eq!(sheet.shown(7, 1), "=HYPERLINK(\"http://example.test\",\"click\")");
    assert_eq!(sheet.shown(7, 12), "@note");
    assert!(!part(&bytes, "xl/worksheets/sheet1.xml").contains("<f>HYPERLINK"));
}

#[test]
fn rows_are_outlined_by_their_depth_and_uncounted_costs_stand_apart() {
    let bytes = exported(true);
    let xml = part(&bytes, "xl/worksheets/sheet1.xml");
    let level = |row: u32| {
        let start = xml.find(&format!("<row r=\"{row}\"")).expect("the row");
        let tag = &xml[start..start + xml[start..].find('>').expect("its end")];
        tag.split("outlineLevel=\"").nth(1).and_then(|t| t[..1].parse::<u32>().ok()).unwrap_or(0)
    };
    let levels: Vec<u32> = (7..=17).map(level).collect();
    assert_eq!(levels, [0, 1, 0, 1, 2, 2, 3, 3, 2, 1, 2]);
    assert!(xml.contains("summaryBelow=\"0\""));
    let book = Workbook::read(&bytes, "out.xlsx", &Limits::default()).expect("a readable file");
    let sheet = &book.sheets[0];
    let rate_only = find(sheet, 0, "2.09");
    assert_eq!(sheet.shown(rate_only, 5), "");
    assert_eq!(sheet.shown(rate_only, 12), "not in the total: 4709.75");
}

#[test]
fn the_print_is_set_up_and_a_draft_is_marked() {
    let bytes = exported(true);
    let xml = part(&bytes, "xl/worksheets/sheet1.xml");
    for expected in [
        "orientation=\"landscape\"",
        "paperSize=\"9\"",
        "fitToHeight=\"0\"",
        "state=\"frozen\"",
        "ySplit=\"6\"",
        "Page &amp;P of &amp;N",
        "Oxcon &amp;&amp; Sons",
        "DRAFT: revision 2, commit 418",
    ] {
        assert!(xml.contains(expected), "{expected}");
    }
    assert!(part(&bytes, "xl/workbook.xml").contains("_xlnm.Print_Titles"));
    let book = Workbook::read(&bytes, "out.xlsx", &Limits::default()).expect("a readable file");
    assert_eq!(book.sheets[0].shown(3, 0), "DRAFT: revision 2, commit 418, 2026-11-22 19:05 NZDT");
    let submitted = exported(false);
    assert!(!part(&submitted, "xl/worksheets/sheet1.xml").contains("DRAFT"));
}

#[test]
fn resources_are_totalled_and_totalled_by_type() {
    let bytes = exported(true);
    let book = Workbook::read(&bytes, "out.xlsx", &Limits::default()).expect("a readable file");
    let sheet = &book.sheets[1];
    assert_eq!(sheet.name, "Resources");
    let total = find(sheet, 1, "Total");
    assert_eq!(sheet.shown(total, 6), "5813.25");
    assert_eq!(
        (sheet.shown(total + 1, 2), sheet.shown(total + 1, 6)),
        ("plant".to_owned(), "5030.12".to_owned())
    );
    assert_eq!(
        (sheet.shown(total + 2, 2), sheet.shown(total + 2, 6)),
        ("labour".to_owned(), "783.13".to_owned())
    );
    let mut book = calamine::Xlsx::new(Cursor::new(&bytes)).expect("a workbook");
    let formulas = book.worksheet_formula("Resources").expect("the sheet");
    assert_eq!(formulas.get_value((6, 6)).map(String::as_str), Some("ROUND(E7*F7,2)"));
    assert_eq!(formulas.get_value((total, 6)).map(String::as_str), Some("SUM(G7:G9)"));
    assert_eq!(
        formulas.get_value((total + 1, 6)).map(String::as_str),
        Some("SUMIF(C7:C9,C12,G7:G9)")
    );
}

#[test]
fn an_estimate_without_rows_still_makes_a_workbook() {
    let none: [ExportRow; 0] = [];
    let bytes = export_xlsx::write(&header(true), none, &[], &mut unwatched).expect("a workbook");
    let book = Workbook::read(&bytes, "out.xlsx", &Limits::default()).expect("a readable file");
    let sheet = &book.sheets[0];
    assert_eq!(sheet.shown(find(sheet, 1, "Total cost incl. GST"), 5), "0.00");
}
