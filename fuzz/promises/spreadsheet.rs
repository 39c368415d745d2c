//! Spreadsheets as they are uploaded: read within their limits, then laid out, planned and read as
//! quotes and rates, as the routes of the server do.

use super::compound;
use oxflow::documents::cell::Value;
use oxflow::documents::limits::{Limits, ReadError};
use oxflow::documents::plan::{Mode, PROBLEMS_MAX, PlanOptions, RateAs, plan};
use oxflow::documents::sheet::{Sheet, Workbook};
use oxflow::documents::{layout, quote_sheet, rate_sheet, units::UnitMap};
use oxflow::estimating::units::UnitList;
use std::collections::BTreeMap;
use std::io::{Cursor, Write};
use std::time::Duration;

/// Parts of a package by the letter an input begins with.
const PARTS: [(u8, &str); 5] = [
    (b's', "xl/worksheets/sheet1.xml"),
    (b't', "xl/sharedStrings.xml"),
    (b'y', "xl/styles.xml"),
    (b'w', "xl/workbook.xml"),
    (b'r', "xl/_rels/workbook.xml.rels"),
];
const SHEET: &str = r#"<worksheet><dimension ref="A1:D9"/><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>Description</t></is></c><c r="C1" t="inlineStr"><is><t>Unit</t></is></c><c r="D1" t="inlineStr"><is><t>Qty</t></is></c><c r="E1" t="inlineStr"><is><r><t>Ra</t></r><r><t>te</t></r></is></c></row><row r="2"><c r="A2" t="str"><f>A1</f><v>1.01</v></c><c r="B2" t="s"><v>1</v></c><c r="C2" t="inlineStr"><is><t>m3</t></is></c><c r="D2" s="1"><v>850.5</v></c><c r="E2"><v>7.2333</v></c></row><row r="3"><c r="A3" t="e"><v>#N/A</v></c><c r="D3" s="2"><v>45980.5</v></c><c r="F3" t="b"><v>1</v></c></row></sheetData><mergeCells><mergeCell ref="A4:C4"/></mergeCells></worksheet>"#;
const STRINGS: &str = r#"<sst count="2" uniqueCount="2"><si><t xml:space="preserve"> Item </t></si><si><r><t>Strip &amp; stockpile</t></r><rPh><t>x</t></rPh></si></sst>"#;
const STYLES: &str = r#"<styleSheet><numFmts><numFmt numFmtId="164" formatCode="dd/mm/yyyy"/></numFmts><fonts><font><b/></font></fonts><cellXfs><xf numFmtId="0" fontId="0"/><xf numFmtId="4"><alignment indent="2"/></xf><xf numFmtId="164"/></cellXfs></styleSheet>"#;
const WORKBOOK: &str = r#"<workbook xmlns:r="r"><workbookPr date1904="0"/><sheets><sheet name="Bill" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
const RELATIONS: &str = r#"<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="x/sharedStrings" Target="sharedStrings.xml"/><Relationship Id="rId3" Type="x/styles" Target="styles.xml"/></Relationships>"#;
const ROOT: &str = r#"<Relationships><Relationship Id="rId1" Type="x/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;

/// Text files and the parts of workbooks of both kinds, after the letter that says which.
pub fn seeds() -> Vec<Vec<u8>> {
    let sound = [SHEET, STRINGS, STYLES, WORKBOOK, RELATIONS];
    let mut seeds: Vec<Vec<u8>> = PARTS
        .iter()
        .zip(sound)
        .map(|((letter, _), text)| [&[*letter], text.as_bytes()].concat())
        .collect();
    let bill = "Item,Description,Unit,Qty,Rate,Amount\n1,EARTHWORKS,,,,\n\
                1.01,\"Strip, topsoil\",m3,850,7.2333,\"6,148.34\"\n1.02,Provisional sum,LS,1,,5000\n";
    let rates =
        "Code,Description,Unit,Rate\nLAB-01,Labourer,h,\"$48.50\"\nDIG-20,Digger 20 t,h,165\n";
    for text in [bill, rates, "a;b;c\n1;2,5;3\n", "a\tb\n\u{e9}\t(12)\n", "=1+1\n-5 %\n"] {
        seeds.push([b"c", text.as_bytes()].concat());
    }
    let utf16: Vec<u8> = "\u{feff}a,b\n1,2\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    seeds.push([b"c", utf16.as_slice()].concat());
    seeds.push([b"x", packed("", &[]).as_slice()].concat());
    seeds.push([b"B", compound::records().as_slice()].concat());
    seeds.push([b"b", compound::workbook(&compound::records()).as_slice()].concat());
    seeds
}

/// A package that is sound but for one part.
fn packed(part: &str, bytes: &[u8]) -> Vec<u8> {
    let sound = [SHEET, STRINGS, STYLES, WORKBOOK, RELATIONS];
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    // As they are: a reader that is shown packed bytes learns nothing of what is in them.
    let method = zip::CompressionMethod::Stored;
    let options = zip::write::SimpleFileOptions::default().compression_method(method);
    let parts = PARTS.iter().map(|(_, path)| *path).zip(sound).chain([("_rels/.rels", ROOT)]);
    for (path, text) in parts {
        zip.start_file(path, options).expect("an entry");
        let text = if path == part { bytes } else { text.as_bytes() };
        zip.write_all(text).expect("the entry");
    }
    zip.finish().expect("a package").into_inner()
}

fn limits() -> Limits {
    Limits {
        file_bytes: 1 << 20,
        inflated_bytes: 4 << 20,
        cells: 20_000,
        rows: 20_000,
        cell_chars: 5_000,
        text_bytes: 1 << 20,
        time: Duration::from_secs(30),
        ..Limits::default()
    }
}

/// Reads a file as an upload is read.
pub fn keeps(bytes: &[u8]) {
    let (letter, rest) = bytes.split_first().unwrap_or((&b'c', &[]));
    let part = PARTS.iter().find(|(known, _)| known == letter);
    let (file, name) = match (letter, part) {
        (_, Some((_, path))) => (packed(path, rest), "a.xlsx"),
        (b'x', None) => (rest.to_vec(), "a.xlsx"),
        (b'b', None) => (rest.to_vec(), "a.xls"),
        (b'B', None) => (compound::workbook(rest), "a.xls"),
        (_, None) => (rest.to_vec(), "a.csv"),
    };
    let limits = limits();
    let book = match Workbook::read(&file, name, &limits) {
        Ok(book) => book,
        Err(error) => {
            assert_ne!(error, ReadError::ReaderFailed, "a reader does not panic");
            return assert!(error.code().starts_with("import-") && !error.to_string().is_empty());
        }
    };
    let filled: usize = book.sheets.iter().map(|sheet| bounded(sheet, &limits)).sum();
    assert!(filled as u64 <= limits.cells, "{filled} cells");
    let standard = UnitList::standard();
    for (at, sheet) in book.sheets.iter().take(2).enumerate() {
        planned(sheet, u32::try_from(at).unwrap_or_default(), standard);
        let _ = quote_sheet::read(sheet);
        let _ = rate_sheet::read(sheet);
    }
}

/// Holds a sheet to its limits; its filled cells.
fn bounded(sheet: &Sheet, limits: &Limits) -> usize {
    assert!(u64::from(sheet.row_count()) <= limits.rows, "{} rows", sheet.row_count());
    assert!(u64::from(sheet.column_count()) <= limits.columns, "{} columns", sheet.column_count());
    let mut filled = 0;
    for row in 0..sheet.row_count() {
        let cells = sheet.row(row);
        filled += cells.len();
        assert!(cells.is_sorted_by(|a, b| a.column < b.column), "cells are in order");
        for cell in cells {
            if let Value::Text(text) = &cell.value {
                assert!(text.chars().count() as u64 <= limits.cell_chars, "a text is too long");
            }
        }
    }
    filled
}

/// Lays a sheet out and plans it in both ways.
fn planned(sheet: &Sheet, index: u32, standard: &UnitList) {
    let layout = layout::guess(sheet, index);
    let spellings = standard.units().iter().map(|unit| (unit.code.as_str(), []));
    let units = UnitMap::new(spellings, &BTreeMap::new());
    for (mode, rate_as) in [(Mode::Append, RateAs::Plug), (Mode::ReplaceEmpty, RateAs::Ignore)] {
        let options = PlanOptions { mode, rate_as, under_depth: 1 };
        let plan = plan(sheet, &layout, &units, &[], options);
        assert!(plan.problems.len() <= PROBLEMS_MAX, "{} problems", plan.problems.len());
        let known = |at: &usize| *at < plan.problems.len();
        assert!(plan.rows.iter().all(|row| row.problems.iter().all(known)), "problems are there");
    }
}
