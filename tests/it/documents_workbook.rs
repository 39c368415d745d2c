//! Workbooks: documents with figures as numbers, and the client's own with rates written in.

use crate::documents_client::{Worked, golden, inside_words};
use calamine::{Data, Reader, Xlsx, open_workbook_from_rs};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use rust_xlsxwriter::{Format, Workbook};
use std::collections::BTreeMap;
use std::io::{Cursor, Read};

/// The client's workbook for the worked example, less the codes in `without`.
pub fn client_workbook(without: &[&str]) -> Vec<u8> {
    let golden = golden();
    let mut workbook = Workbook::new();
    let cover = workbook.add_worksheet();
    cover.set_name("Instructions").unwrap();
    cover.write(0, 0, "Fill in the rates. Change nothing else.").unwrap();
    let sheet = workbook.add_worksheet();
    sheet.set_name("Schedule").unwrap();
    let money = Format::new().set_num_format("#,##0.00");
    for (column, name) in (0_u16..).zip(["Item", "Description", "Unit", "Qty", "Rate", "Amount"]) {
        sheet.write(1, column, name).unwrap();
    }
    let mut row = 2;
    for line in golden["client_schedule"]["rows"].as_array().unwrap() {
        let code = line["code"].as_str().unwrap();
        if without.contains(&code) {
            continue;
        }
        sheet.write_string(row, 0, code).unwrap();
        sheet.write_string(row, 1, line["description"].as_str().unwrap()).unwrap();
        sheet.write_string(row, 2, line["unit"].as_str().unwrap_or_default()).unwrap();
        let quantity = line["quantity"].as_str().and_then(|text| text.parse::<f64>().ok());
        if let Some(quantity) = quantity {
            sheet.write_number(row, 3, quantity).unwrap();
        }
        sheet.write_blank(row, 4, &money).unwrap();
        if row == 3 {
            let product = format!("=D{0}*E{0}", row + 1);
            sheet.write_formula_with_format(row, 5, &*product, &money).unwrap();
        }
        row += 1;
    }
    sheet.write_string(row + 1, 1, "Total excluding GST").unwrap();
    workbook.save_to_buffer().unwrap()
}

/// Sends the client's workbook to be filled.
pub async fn upload(worked: &Worked, bytes: Vec<u8>) -> reqwest::Response {
    let form = Form::new().part("file", Part::bytes(bytes).file_name("client's schedule.xlsx"));
    let address = format!("/estimates/{}/write-back", worked.estimate);
    worked.lead.request(Method::POST, &address).multipart(form).send().await.unwrap()
}

/// Every part of a package as it unpacks.
pub fn parts(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..archive.len())
        .map(|index| {
            let mut part = archive.by_index(index).unwrap();
            let mut content = Vec::new();
            part.read_to_end(&mut content).unwrap();
            (part.name().unwrap().into_owned(), content)
        })
        .collect()
}

#[tokio::test]
async fn rates_go_into_the_clients_workbook_and_nothing_else_changes() {
    let worked = Worked::start().await;
    let before = client_workbook(&[]);
    let answer = upload(&worked, before.clone()).await;
    assert_eq!(answer.status(), 200);
    let after = answer.bytes().await.unwrap().to_vec();

    let (old, new) = (parts(&before), parts(&after));
    let changed: Vec<&String> = old.keys().filter(|name| old[*name] != new[*name]).collect();
    assert_eq!(changed, ["xl/worksheets/sheet2.xml"]);
    assert_eq!(old.len(), new.len());

    let read = |bytes: &[u8]| {
        let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes.to_vec())).unwrap();
        (book.worksheet_range("Schedule").unwrap(), book.worksheet_formula("Schedule").unwrap())
    };
    let ((was, _), (is, formulas)) = (read(&before), read(&after));
    let mut cents = 0_i64;
    for (row, line) in is.rows().enumerate() {
        let row = u32::try_from(row).unwrap() + is.start().unwrap().0;
        for (column, cell) in (0_u32..).zip(line) {
            if column < 4 {
                assert_eq!(was.get_value((row, column)), Some(cell), "row {row} column {column}");
            } else if let (5, Data::Float(amount)) = (column, cell) {
                cents += (amount * 100.0).round() as i64;
            }
        }
    }
    assert_eq!(cents, 49_146_978);
    assert_eq!(formulas.get_value((3, 5)), Some(&"D4*E4".to_owned()));
}

#[tokio::test]
async fn the_schedule_as_a_workbook_holds_numbers_and_nothing_of_the_inside() {
    let worked = Worked::start().await;
    let bytes = worked.file("/documents/client-schedule?format=xlsx").await;
    let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes.clone())).unwrap();
    let range = book.worksheet_range("Schedule of prices").unwrap();
    let has = |figure: f64| range.rows().flatten().any(|cell| *cell == Data::Float(figure));
    for figure in [491_469.78, 73_720.47, 565_190.25, 10_727.47, 21_240.0] {
        assert!(has(figure), "{figure}");
    }
    let all = parts(&bytes).remove("xl/sharedStrings.xml").unwrap();
    let all = String::from_utf8(all).unwrap();
    assert!(all.contains("DRAFT: revision 1, commit "));
    for word in inside_words() {
        assert!(!all.contains(&word.replace(',', "")), "the client reads {word}");
    }
}
