//! Files become cells: the same cells another reader finds, whatever the format.

use std::path::{Path, PathBuf};

use calamine::Reader as _;
use oxflow::documents::cell::{CellError, Value};
use oxflow::documents::limits::Limits;
use oxflow::documents::sheet::{FileFormat, Workbook};
use rust_decimal::Decimal;
use rust_xlsxwriter::{Format, FormatAlign, Formula};

pub fn real_file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(name)
}

fn read(bytes: &[u8], name: &str) -> Workbook {
    Workbook::read(bytes, name, &Limits::default()).expect("a readable file")
}

fn same(ours: Option<&Value>, theirs: &calamine::Data) -> bool {
    match (ours, theirs) {
        (None, calamine::Data::Empty) => true,
        (None, calamine::Data::String(text)) => text.is_empty(),
        (Some(Value::Text(ours)), calamine::Data::String(theirs)) => **ours == **theirs,
        (Some(Value::Number(ours)), calamine::Data::Float(theirs)) => {
            ours.to_string() == theirs.to_string()
        }
        (Some(Value::Number(ours)), calamine::Data::Int(theirs)) => *ours == Decimal::from(*theirs),
        (Some(Value::Bool(ours)), calamine::Data::Bool(theirs)) => ours == theirs,
        (Some(Value::Error(_)), calamine::Data::Error(_)) => true,
        (Some(Value::Date(_)), calamine::Data::DateTime(_)) => true,
        _ => false,
    }
}

#[test]
fn the_old_excel_files_hold_the_cells_another_reader_finds() {
    for name in ["indot-letting-2025-11-19.xls", "indot-letting-2025-02-26.xls"] {
        let bytes = std::fs::read(real_file(name)).expect("the file");
        let ours = read(&bytes, name);
        assert_eq!(ours.format, FileFormat::Xls);
        let mut theirs = calamine::Xls::new(std::io::Cursor::new(&bytes)).expect("a workbook");
        assert_eq!(ours.sheets.len(), theirs.sheet_names().len());
        for sheet in &ours.sheets {
            let range = theirs.worksheet_range(&sheet.name).expect("the sheet");
            let mut compared = 0;
            for (row, column, value) in range.used_cells() {
                let (top, left) = range.start().expect("a start");
                let (row, column) = (
                    u32::try_from(row).expect("a row") + top,
                    u32::try_from(column).expect("a column") + left,
                );
                let ours = sheet.value(row, column);
                assert!(
                    same(ours, value),
                    "{name} {}: {ours:?} {value:?}",
                    sheet.cell_name(row, column)
                );
                compared += usize::from(ours.is_some());
            }
            assert!(compared > 1_000, "{name} compared {compared}");
            let filled: usize = (0..sheet.row_count()).map(|row| sheet.row(row).len()).sum();
            assert_eq!(filled, compared);
        }
    }
}

#[test]
fn a_csv_file_keeps_every_field_as_written() {
    let name = "indot-lettings-2026-05-07.csv";
    let bytes = std::fs::read(real_file(name)).expect("the file");
    let book = read(&bytes, name);
    assert_eq!(book.format, FileFormat::Text);
    let sheet = &book.sheets[0];
    assert_eq!(sheet.name, "indot-lettings-2026-05-07");
    assert_eq!((sheet.row_count(), sheet.column_count()), (2_377, 23));
    assert_eq!(sheet.shown(1, 6), "RIETH-RILEY CONSTRUCTION CO., INC.");
    assert_eq!(sheet.shown(1, 4), "12450.0");
}

#[test]
fn an_xlsx_gives_values_styles_and_stored_results() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet().set_name("Schedule").expect("a name");
    let bold = Format::new().set_bold();
    let indented = Format::new().set_align(FormatAlign::Left).set_indent(2);
    let code = Format::new().set_num_format("0.00");
    let date = Format::new().set_num_format("dd/mm/yyyy");
    sheet.write_with_format(0, 0, "Earthworks & <drainage>", &bold).expect("a cell");
    sheet.write_with_format(1, 1, "  spaced  ", &indented).expect("a cell");
    sheet.write_with_format(1, 0, 1.1, &code).expect("a cell");
    sheet.write(2, 0, 30.1).expect("a cell");
    sheet.write(2, 1, true).expect("a cell");
    sheet.write_with_format(2, 2, 45_980, &date).expect("a cell");
    sheet.write(3, 0, Formula::new("=1/0").set_result("#DIV/0!")).expect("a cell");
    sheet.write(3, 1, Formula::new("=2*21").set_result("42")).expect("a cell");
    sheet.write(3, 2, Formula::new("=\"a\"&\"b\"").set_result("ab")).expect("a cell");
    sheet.write(40, 20, "far").expect("a cell");
    book.add_worksheet().set_name("Hidden").expect("a name").set_hidden(true);
    let bytes = book.save_to_buffer().expect("a workbook");
    let book = read(&bytes, "tender.xlsx");
    let sheet = &book.sheets[0];
    assert_eq!(sheet.shown(0, 0), "Earthworks & <drainage>");
    assert!(sheet.style(sheet.cell(0, 0).expect("a cell")).bold);
    assert_eq!(sheet.style(sheet.cell(1, 1).expect("a cell")).indent, 2);
    assert_eq!(sheet.value(1, 1), Some(&Value::Text("  spaced  ".into())));
    assert_eq!(sheet.shown(1, 0), "1.10");
    assert_eq!(sheet.shown(2, 0), "30.1");
    assert_eq!(sheet.value(2, 1), Some(&Value::Bool(true)));
    assert_eq!(sheet.shown(2, 2), "2025-11-19");
    assert_eq!(sheet.shown(3, 1), "42");
    assert_eq!(sheet.shown(3, 2), "ab");
    assert_eq!(sheet.shown(40, 20), "far");
    assert_eq!((sheet.row_count(), sheet.column_count()), (41, 21));
    assert!(book.sheets[1].hidden);
    assert!(matches!(sheet.value(3, 0), Some(Value::Error(CellError::Div0) | Value::Text(_))));
}

#[test]
fn blank_lines_count_as_rows_in_text() {
    let book = read(b"a,b\r\n\r\n\r\n1,\"two\r\nlines\"\r\n\n3,4\r\n", "x.csv");
    let sheet = &book.sheets[0];
    assert_eq!(sheet.shown(0, 0), "a");
    assert_eq!(sheet.shown(3, 0), "1");
    assert_eq!(sheet.shown(3, 1), "two\r\nlines");
    assert_eq!(sheet.shown(5, 1), "4");
}

#[test]
fn a_formula_without_a_stored_result_is_an_error_value_not_an_empty_cell() {
    let parts = super::import_hostile_files::package(&[(
        "xl/worksheets/sheet1.xml",
        r#"<worksheet><sheetData><row r="1"><c r="A1"><f>1+1</f></c><c r="B1"/><c r="C1"><v></v></c></row></sheetData></worksheet>"#,
    )]);
    let book = read(&parts, "x.xlsx");
    let sheet = &book.sheets[0];
    assert_eq!(sheet.value(0, 0), Some(&Value::Error(CellError::NoStoredResult)));
    assert_eq!(sheet.value(0, 1), None);
    assert_eq!(sheet.value(0, 2), None);
}
