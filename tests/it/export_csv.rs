//! The text an estimate becomes.

use oxflow::documents::export::ExportKind;
use oxflow::documents::export_csv;
use oxflow::documents::limits::{Limits, unwatched};
use oxflow::documents::sheet::Workbook;

use super::export_workbook::{header, item, row};

#[test]
fn fields_are_quoted_marked_and_never_formulas() {
    let mut hostile = item(2, "+64 9", "850", "7.2333", "6148.34");
    hostile.description = "=cmd|'/c calc'!A1, \"quoted\"\nsecond line".to_owned();
    hostile.note = "Māori".to_owned();
    let mut credit = item(2, "C1", "1", "5", "5.00");
    credit.cost = "-12.50".parse().expect("money");
    let rows = [row(ExportKind::Heading, 1, "1", "6135.84"), hostile, credit];
    let bytes = export_csv::write(&header(true), rows, &mut unwatched).expect("text");
    assert!(bytes.starts_with(b"\xef\xbb\xbf"));
    let text = String::from_utf8(bytes.clone()).expect("UTF-8");
    assert!(text.contains("\"'=cmd|'/c calc'!A1, \"\"quoted\"\"\nsecond line\""));
    assert!(text.contains(",'+64 9,"));
    assert!(text.contains("\r\n"));
    let book = Workbook::read(&bytes, "out.csv", &Limits::default()).expect("a readable file");
    let sheet = &book.sheets[0];
    assert_eq!(sheet.shown(0, 0), "DRAFT: revision 2, commit 418, 2026-11-22 19:05 NZDT");
    assert_eq!(sheet.shown(1, 3), "Description");
    assert_eq!(sheet.shown(2, 1), "heading");
    assert_eq!(sheet.shown(3, 5), "850.0000");
    assert_eq!(sheet.shown(3, 7), "6148.34");
    assert_eq!(sheet.shown(3, 15), "Māori");
    assert_eq!(sheet.shown(4, 7), "-12.50", "a figure is not escaped");
}

#[test]
fn a_submitted_revision_has_no_draft_line_and_an_export_can_be_cancelled() {
    let rows = vec![item(1, "1", "1", "1", "1.00"); 3];
    let bytes = export_csv::write(&header(false), rows.clone(), &mut unwatched).expect("text");
    assert!(String::from_utf8(bytes).expect("UTF-8").starts_with("\u{feff}Level,Kind,Code"));
    let mut stop = |_, _| std::ops::ControlFlow::Break(());
    let stopped = export_csv::write(&header(false), rows, &mut stop);
    assert_eq!(stopped.expect_err("cancelled").to_string(), "the export was cancelled");
}
