//! Files made to break a reader are refused with a reason, within their limits.

use std::io::Write as _;
use std::time::Duration;

use oxflow::documents::limits::{Limits, ReadError};
use oxflow::documents::sheet::Workbook;
use proptest::prelude::*;

const WORKBOOK: &str = r#"<workbook xmlns:r="r"><sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
const WORKBOOK_RELS: &str = r#"<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="x/sharedStrings" Target="sharedStrings.xml"/><Relationship Id="rId3" Type="x/styles" Target="styles.xml"/><Relationship Id="rId9" Type="x/externalLink" TargetMode="External" Target="file:///etc/passwd"/></Relationships>"#;
const ROOT_RELS: &str = r#"<Relationships><Relationship Id="rId1" Type="x/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;

/// An .xlsx package of a workbook with one sheet, and the parts given.
pub fn package(parts: &[(&str, &str)]) -> Vec<u8> {
    let bytes: Vec<(&str, Vec<u8>)> =
        parts.iter().map(|(path, text)| (*path, text.as_bytes().to_vec())).collect();
    package_of_bytes(&bytes)
}

fn package_of_bytes(parts: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    let fixed = [
        ("_rels/.rels", ROOT_RELS),
        ("xl/workbook.xml", WORKBOOK),
        ("xl/_rels/workbook.xml.rels", WORKBOOK_RELS),
    ];
    for (path, text) in fixed {
        if parts.iter().all(|(given, _)| *given != path) {
            zip.start_file(path, options).expect("an entry");
            zip.write_all(text.as_bytes()).expect("the entry");
        }
    }
    for (path, bytes) in parts {
        zip.start_file(*path, options).expect("an entry");
        zip.write_all(bytes).expect("the entry");
    }
    zip.finish().expect("a package").into_inner()
}

fn sheet_of(data: &str) -> Vec<u8> {
    package(&[(
        "xl/worksheets/sheet1.xml",
        &format!("<worksheet><sheetData>{data}</sheetData></worksheet>"),
    )])
}

fn refusal(bytes: &[u8], name: &str) -> ReadError {
    Workbook::read(bytes, name, &Limits::default()).expect_err("a refusal")
}

fn limited(error: &ReadError, expected: &str) -> (u64, u64) {
    match error {
        ReadError::Limit { what, limit, found, .. } => {
            assert_eq!(*what, expected);
            (*limit, *found)
        }
        other => panic!("{other}"),
    }
}

#[test]
fn content_that_is_not_what_the_name_says_is_refused() {
    for (bytes, name, code) in [
        (&b"%PDF-1.7 ..."[..], "schedule.xlsx", "import-name-mismatch"),
        (b"a,b\n1,2\n", "schedule.xlsx", "import-name-mismatch"),
        (b"<html><table>", "schedule.xls", "import-name-mismatch"),
        (b"<?xml version=\"1.0\"?>", "schedule.csv", "import-name-mismatch"),
        (b"PK\x03\x04rest", "schedule.xls", "import-name-mismatch"),
        (b"PK\x03\x04rest", "schedule.csv", "import-name-mismatch"),
        (b"PK\x03\x04rest", "schedule.xlsx", "import-file-damaged"),
        (b"PK\x03\x04rest", "schedule.xlsm", "import-format-unsupported"),
        (b"PK\x03\x04rest", "schedule.ods", "import-format-unsupported"),
        (b"PK\x03\x04rest", "schedule.xlsb", "import-format-unsupported"),
        (b"\x00\x01\x02\x03", "schedule.csv", "import-name-mismatch"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "schedule.xls", "import-file-damaged"),
        (b"", "schedule.csv", "import-file-empty"),
    ] {
        let error = refusal(bytes, name);
        assert_eq!(error.code(), code, "{name}: {error}");
    }
    assert_eq!(
        refusal(b"%PDF-1.7", "a.xlsx").to_string(),
        "the file is named .xlsx but its content is a PDF"
    );
}

#[test]
fn macros_are_refused_under_any_name() {
    let bytes = package(&[("xl/vbaProject.bin", "x")]);
    assert_eq!(refusal(&bytes, "plain.xlsx").code(), "import-format-unsupported");
}

#[test]
fn a_file_over_its_size_is_refused_with_both_figures() {
    let limits = Limits { file_bytes: 10, ..Limits::default() };
    let error = Workbook::read(b"aaaaaaaaaaaa", "x.csv", &limits).expect_err("a refusal");
    assert_eq!(error.to_string(), "bytes in the file: 12 is more than the limit of 10");
}

#[test]
fn a_zip_bomb_is_refused_by_its_ratio_and_by_its_size() {
    let zeros = vec![b' '; 80 << 20];
    let bytes = package_of_bytes(&[("xl/worksheets/sheet1.xml", zeros)]);
    assert!(bytes.len() < 200_000);
    limited(&refusal(&bytes, "bomb.xlsx"), "inflated over packed size");
    let text = vec![b' '; 2 << 20];
    let bytes = package_of_bytes(&[("xl/worksheets/sheet1.xml", text)]);
    let limits = Limits { inflated_bytes: 1 << 20, ..Limits::default() };
    let error = Workbook::read(&bytes, "bomb.xlsx", &limits).expect_err("a refusal");
    limited(&error, "inflated bytes in the package");
}

#[test]
fn an_entry_that_lies_about_its_size_is_stopped_while_inflating() {
    let mut sheet = b"<worksheet><sheetData>".to_vec();
    sheet.extend(std::iter::repeat_n(b"<row/>".as_slice(), 3 << 18).flatten());
    let mut bytes = package_of_bytes(&[("xl/worksheets/sheet1.xml", sheet.clone())]);
    let declared = u32::try_from(sheet.len()).expect("small").to_le_bytes();
    let mut at = 0;
    while let Some(found) = bytes[at..].windows(4).position(|w| w == declared) {
        bytes[at + found..at + found + 4].copy_from_slice(&100_u32.to_le_bytes());
        at += found + 4;
    }
    let limits = Limits { inflated_bytes: 1 << 20, ..Limits::default() };
    let error = Workbook::read(&bytes, "liar.xlsx", &limits).expect_err("a refusal");
    assert!(matches!(error, ReadError::Limit { .. } | ReadError::Broken { .. }), "{error}");
}

#[test]
fn too_many_entries_are_refused_before_the_directory_is_read() {
    let mut bytes = package(&[]);
    for _ in 0..5_000 {
        bytes.extend_from_slice(b"PK\x01\x02");
    }
    limited(&refusal(&bytes, "many.xlsx"), "entries in the package");
}

#[test]
fn declared_dimensions_and_counts_reserve_nothing() {
    let bytes = package(&[
        (
            "xl/worksheets/sheet1.xml",
            r#"<worksheet><dimension ref="A1:XFD1048576"/><sheetData><row r="3"><c r="C3" t="s"><v>0</v></c></row></sheetData></worksheet>"#,
        ),
        (
            "xl/sharedStrings.xml",
            r#"<sst count="18446744073709551615" uniqueCount="9999999999999"><si><t>one</t></si></sst>"#,
        ),
    ]);
    let book = Workbook::read(&bytes, "wide.xlsx", &Limits::default()).expect("a readable file");
    assert_eq!(book.sheets[0].shown(2, 2), "one");
    assert_eq!((book.sheets[0].row_count(), book.sheets[0].column_count()), (3, 3));
}

#[test]
fn rows_columns_cells_and_texts_are_limited_and_the_cell_is_named() {
    let far_row = sheet_of(r#"<row r="10000000"><c r="A10000000"><v>1</v></c></row>"#);
    assert_eq!(
        refusal(&far_row, "x.xlsx").to_string(),
        "rows in a sheet: 10000000 is more than the limit of 1000000 (at Sheet1!A10000000)"
    );
    let far_column = sheet_of(r#"<row r="1"><c r="XFD1"><v>1</v></c></row>"#);
    assert_eq!(limited(&refusal(&far_column, "x.xlsx"), "columns in a sheet"), (512, 16_384));
    let long = sheet_of(&format!(
        r#"<row r="1"><c r="A1" t="inlineStr"><is><t>{}</t></is></c></row>"#,
        "y".repeat(40_000)
    ));
    assert_eq!(limited(&refusal(&long, "x.xlsx"), "characters in a cell"), (32_767, 40_000));
    let limits = Limits { cells: 3, ..Limits::default() };
    let error = Workbook::read(b"1,2\n3,4\n", "x.csv", &limits).expect_err("a refusal");
    assert_eq!(limited(&error, "filled cells in the workbook"), (3, 4));
    let limits = Limits { rows: 1_000, ..Limits::default() };
    let error =
        Workbook::read("1\n".repeat(1_001).as_bytes(), "x.csv", &limits).expect_err("a refusal");
    assert_eq!(limited(&error, "rows in a sheet"), (1_000, 1_001));
}

#[test]
fn one_long_string_in_a_million_cells_is_kept_once() {
    let strings = format!("<sst><si><t>{}</t></si></sst>", "z".repeat(32_000));
    let mut rows = String::new();
    for row in 1..=20_000 {
        rows.push_str(&format!(r#"<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>"#));
    }
    let bytes = package(&[
        ("xl/sharedStrings.xml", &strings),
        (
            "xl/worksheets/sheet1.xml",
            &format!("<worksheet><sheetData>{rows}</sheetData></worksheet>"),
        ),
    ]);
    let book = Workbook::read(&bytes, "x.xlsx", &Limits::default()).expect("a readable file");
    let at = |row| match book.sheets[0].value(row, 0) {
        Some(oxflow::documents::cell::Value::Text(text)) => text.as_ptr(),
        other => panic!("{other:?}"),
    };
    assert_eq!(at(0), at(19_999));
}

#[test]
fn huge_tokens_deep_nesting_and_entities_are_refused() {
    let token = sheet_of(&format!("<row {}=\"1\"/>", "a".repeat(3 << 20)));
    limited(&refusal(&token, "x.xlsx"), "bytes in one XML token");
    let deep = sheet_of(&"<a>".repeat(1_000));
    limited(&refusal(&deep, "x.xlsx"), "nested XML elements");
    let laughs = package(&[(
        "xl/worksheets/sheet1.xml",
        r#"<!DOCTYPE x [<!ENTITY a "&b;&b;"><!ENTITY b "ha">]><worksheet><sheetData><row r="1"><c r="A1" t="str"><v>&a;</v></c></row></sheetData></worksheet>"#,
    )]);
    assert_eq!(refusal(&laughs, "x.xlsx").code(), "import-file-damaged");
}

#[test]
fn broken_xml_is_damage_in_a_named_part() {
    for data in [
        r#"<row r="1"><c r="A1"><v>1</c></row>"#,
        r#"<row r="1"><c r="A1" t="s"><v>7</v></c></row>"#,
        r#"<row r="1"><c r="A1"><v>ten</v></c></row>"#,
        r#"<row r="1"#,
    ] {
        assert_eq!(refusal(&sheet_of(data), "x.xlsx").code(), "import-file-damaged", "{data}");
    }
}

#[test]
fn an_encrypted_workbook_says_so() {
    let bytes = std::fs::read(super::import_reads_files::real_file("indot-letting-2025-11-19.xls"))
        .expect("the file");
    let mut renamed = bytes.clone();
    let old: Vec<u8> = "Workbook".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let at = renamed.windows(old.len()).position(|w| w == old).expect("the stream");
    let new: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    renamed[at..at + new.len()].copy_from_slice(&new);
    let entry = at - at % 128;
    renamed[entry + 64..entry + 66].copy_from_slice(&34_u16.to_le_bytes());
    assert_eq!(refusal(&renamed, "secret.xlsx"), ReadError::Encrypted);
}

#[test]
fn time_is_limited_and_reading_can_be_cancelled() {
    let rows: String = (1..=50_000)
        .map(|row| format!(r#"<row r="{row}"><c r="A{row}"><v>{row}</v></c></row>"#))
        .collect();
    let bytes = sheet_of(&rows);
    let limits = Limits { time: Duration::ZERO, ..Limits::default() };
    let error = Workbook::read(&bytes, "x.xlsx", &limits).expect_err("a refusal");
    assert_eq!(error.code(), "import-too-slow");
    let mut calls = 0;
    let error = Workbook::read_watched(&bytes, "x.xlsx", &Limits::default(), &mut |_, _| {
        calls += 1;
        if calls == 2 {
            std::ops::ControlFlow::Break(())
        } else {
            std::ops::ControlFlow::Continue(())
        }
    });
    assert_eq!(error.expect_err("a refusal"), ReadError::Cancelled);
    assert_eq!(calls, 2, "it went on after it was cancelled");
}

fn small_limits() -> Limits {
    Limits {
        inflated_bytes: 8 << 20,
        cells: 50_000,
        rows: 20_000,
        time: Duration::from_secs(20),
        ..Limits::default()
    }
}

fn seed_files() -> Vec<(&'static str, Vec<u8>)> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for row in 0..40 {
        sheet.write(row, 0, format!("1.{row:02}")).expect("a cell");
        sheet.write(row, 1, "Strip topsoil").expect("a cell");
        sheet.write(row, 3, f64::from(row) * 1.5).expect("a cell");
    }
    let xls = std::fs::read(super::import_reads_files::real_file("indot-letting-2025-11-19.xls"))
        .expect("the file");
    let csv = "Item,Description,Unit,Qty\n1.01,\"Strip, topsoil\",m3,850\n".repeat(20).into_bytes();
    vec![("a.xlsx", book.save_to_buffer().expect("a workbook")), ("a.xls", xls), ("a.csv", csv)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn a_mutated_or_cut_file_never_panics_and_never_passes_its_limits(
        which in 0_usize..3,
        cut in proptest::option::of(0.0_f64..1.0),
        hits in proptest::collection::vec((0.0_f64..1.0, any::<u8>()), 0..24),
    ) {
        let (name, mut bytes) = seed_files().swap_remove(which);
        for (place, byte) in hits {
            let at = ((bytes.len() - 1) as f64 * place) as usize;
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate((bytes.len() as f64 * cut) as usize);
        }
        match Workbook::read(&bytes, name, &small_limits()) {
            Ok(book) => {
                let filled: usize = book.sheets.iter().map(|s| (0..s.row_count()).map(|r| s.row(r).len()).sum::<usize>()).sum();
                prop_assert!(filled <= 50_000);
            }
            Err(error) => prop_assert_ne!(error, ReadError::ReaderFailed),
        }
    }

    #[test]
    fn mutated_parts_of_a_sound_package_never_panic(
        part in 0_usize..5,
        hits in proptest::collection::vec((0.0_f64..1.0, "[<>/\"=a-z0-9&;]{1,3}"), 1..12),
    ) {
        let sheet = r#"<worksheet><dimension ref="A1:D9"/><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" s="1"><v>45980.5</v></c><c r="C1" t="inlineStr"><is><r><t>a</t></r></is></c></row><row r="2"><c r="D2" t="str"><f>A1</f><v>x&amp;y</v></c><c r="E2" t="e"><v>#N/A</v></c></row></sheetData></worksheet>"#;
        let strings = r#"<sst count="2" uniqueCount="2"><si><t xml:space="preserve"> one </t></si><si><r><t>two</t></r><rPh><t>x</t></rPh></si></sst>"#;
        let styles = r#"<styleSheet><numFmts><numFmt numFmtId="164" formatCode="dd/mm/yyyy"/></numFmts><fonts><font><b/></font></fonts><cellXfs><xf numFmtId="0" fontId="0"/><xf numFmtId="164"><alignment indent="2"/></xf></cellXfs></styleSheet>"#;
        let mut parts = [
            ("xl/worksheets/sheet1.xml", sheet.to_owned()),
            ("xl/sharedStrings.xml", strings.to_owned()),
            ("xl/styles.xml", styles.to_owned()),
            ("xl/workbook.xml", WORKBOOK.to_owned()),
            ("xl/_rels/workbook.xml.rels", WORKBOOK_RELS.to_owned()),
        ];
        let text = &mut parts[part].1;
        for (place, piece) in hits {
            let at = ((text.len() - 1) as f64 * place) as usize;
            let end = (at + piece.len()).min(text.len());
            text.replace_range(at..end, &piece);
        }
        let texts: Vec<(&str, &str)> = parts.iter().map(|(path, text)| (*path, text.as_str())).collect();
        if let Err(error) = Workbook::read(&package(&texts), "x.xlsx", &small_limits()) {
            prop_assert_ne!(error, ReadError::ReaderFailed);
        }
    }
}
