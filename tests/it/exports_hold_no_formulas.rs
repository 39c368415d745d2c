//! What people typed is text in every file that leaves, whatever a spreadsheet program would make of
//! it: an entry that begins like a formula is none in a CSV or a workbook.

use crate::http_support::{Priced, fresh, id};
use crate::quotes_support::{Market, company};
use oxflow::documents::export_csv::plain;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use std::io::{Cursor, Read};
use std::path::Path;

/// What a spreadsheet program takes for a formula, or passes over before one.
const BEGINNINGS: [char; 7] = ['=', '+', '-', '@', '\t', '\r', '\n'];
/// What every hostile entry has in it.
const MARK: &str = "HOSTILE";

/// Sources that write CSV or workbooks, each with where the tests here make it do so.
const WRITERS: [(&str, &str); 9] = [
    ("src/documents/category_report.rs", "the report by category"),
    ("src/documents/export_csv.rs", "the estimate's export"),
    ("src/documents/export_xlsx.rs", "the estimate's export"),
    ("src/documents/handover.rs", "the files of a hand-over"),
    ("src/documents/print/workbook.rs", "documents as workbooks"),
    ("src/documents/quote_sheet.rs", "the blank schedule of a package"),
    ("src/documents/rate_sheet.rs", "a price list"),
    ("src/documents/resource_sheet.rs", "the estimate's export"),
    ("src/http/audit.rs", "the audit trail"),
];

async fn file(p: &Priced, path: &str) -> Vec<u8> {
    let answer = p.lead.request(Method::GET, path).send().await.unwrap();
    let status = answer.status();
    let bytes = answer.bytes().await.unwrap().to_vec();
    assert_eq!(status, 200, "{path}: {}", String::from_utf8_lossy(&bytes));
    bytes
}

/// No field of a CSV is a formula, and hostile entries are among its fields.
fn assert_plain_csv(what: &str, bytes: &[u8]) {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
    let mut hostile = 0;
    for record in reader.records() {
        for field in &record.unwrap() {
            let field = field.trim_start_matches('\u{feff}');
            let number = field.parse::<rust_decimal::Decimal>().is_ok();
            assert!(number || !field.starts_with(BEGINNINGS), "{what}: {field:?}");
            hostile += usize::from(field.contains(MARK));
        }
    }
    assert!(hostile > 0, "{what} has nothing hostile in it");
}

/// No cell of a workbook has a hostile formula, and hostile entries are among its texts.
fn assert_plain_workbook(what: &str, bytes: Vec<u8>) {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut hostile = 0;
    for at in 0..archive.len() {
        let mut part = archive.by_index(at).unwrap();
        if !part.name().unwrap().ends_with(".xml") {
            continue;
        }
        let mut xml = String::new();
        part.read_to_string(&mut xml).unwrap();
        for formula in xml.split("<f").skip(1).filter(|rest| rest.starts_with([' ', '>'])) {
            let formula = formula.split("</f>").next().unwrap();
            assert!(!formula.contains(MARK), "{what}: {formula}");
        }
        assert!(!xml.contains("<ddeLink") && !xml.contains("<externalReference"), "{what}");
        hostile += xml.matches(MARK).count();
    }
    assert!(hostile > 0, "{what} has nothing hostile in it");
}

/// A market whose every name begins like a formula.
async fn hostile() -> Market {
    let m = Market::issued().await;
    let p = &m.p;
    let tender = p.lead.get(&format!("/tenders/{}", p.tender)).await.ok();
    let named = json!({"version": tender["version"], "name": "=HOSTILE(0)"});
    p.lead.patch(&format!("/tenders/{}", p.tender), &named).await.ok();
    let texts = ["=HOSTILE(1)", "+HOSTILE(2)", "@HOSTILE(3)"];
    let edits = m.items.iter().zip(texts);
    let edits = edits.map(|(item, text)| {
        json!({"op": "update-item", "id": item, "set": {"description": text, "note": "-HOSTILE(4)"}})
    });
    let edits: Vec<Value> = edits.collect();
    p.lead.post(&p.at("/edits"), &json!({ "edits": edits })).await.ok();
    m
}

#[tokio::test]
async fn an_estimate_and_its_documents_hold_none() {
    let m = hostile().await;
    let p = &m.p;
    assert_plain_csv("the export", &file(p, &p.at("/export?format=csv")).await);
    assert_plain_workbook("the export", file(p, &p.at("/export?format=xlsx")).await);
    for document in ["client-schedule", "unpriced-schedule", "cost-by-heading"] {
        let path = p.at(&format!("/documents/{document}?format=xlsx"));
        assert_plain_workbook(document, file(p, &path).await);
    }
    let schedule = p.at(&format!("/packages/{}/schedule", m.package));
    assert_plain_workbook("the package's schedule", file(p, &schedule).await);
    assert_plain_csv("the audit trail", &file(p, "/audit/export").await);
}

#[tokio::test]
async fn a_report_by_category_and_a_price_list_hold_none() {
    let m = hostile().await;
    let p = &m.p;
    let set = json!({"name": "=HOSTILE(5)", "appliesTo":
        {"tenders": false, "resources": false, "items": true, "companies": false},
        "options": [{"name": "+HOSTILE(6)"}, {"name": "@HOSTILE(7)"}]});
    let works = p.lead.post("/categorisations", &set).await.ok();
    let label = json!({"kind": "item", "estimateId": p.estimate,
        "options": [works["options"][0]["id"]]});
    p.lead.put(&format!("/labels/{}", m.items[0]), &label).await.ok();
    let report = p.at(&format!("/categories/{}/report", id(&works["id"])));
    assert_plain_csv("the report", &file(p, &format!("{report}?format=csv")).await);
    assert_plain_workbook("the report", file(p, &format!("{report}?format=xlsx")).await);

    company(&p.lead, "Quarry Ltd").await;
    let book = json!({"name": "Quarry", "kind": "supplier", "supplier": "Quarry Ltd"});
    let book = p.lead.post("/price-books", &book).await.ok();
    let at = format!("/price-books/{}", id(&book["id"]));
    let list =
        "Code,Description,Unit,Price\r\nAP40,=HOSTILE(8),t,48.30\r\nAP65,@HOSTILE(9),t,3\r\n";
    let form = Form::new().part("file", Part::bytes(list.as_bytes()).file_name("list.csv"));
    let upload = p.lead.request(Method::POST, "/imports").multipart(form).send().await.unwrap();
    let upload: Value = upload.json().await.unwrap();
    let take = json!({"uploadId": upload["id"], "gst": "exclusive", "defaultType": "material",
        "apply": true});
    p.lead.post(&format!("{at}/import"), &take).await.ok();
    for format in ["csv", "xlsx"] {
        let bytes = file(p, &format!("{at}/versions/1/export?format={format}")).await;
        match format {
            "csv" => assert_plain_csv("the price list", &bytes),
            _ => assert_plain_workbook("the price list", bytes),
        }
    }
}

#[tokio::test]
async fn the_files_of_a_hand_over_hold_none() {
    let p = Priced::won().await;
    for target in ["csv", "workbench"] {
        let body = json!({"target": target, "key": fresh(), "codes": {"job": "=HOSTILE(10)"}});
        let made = p.lead.post(&format!("/tenders/{}/handovers", p.tender), &body).await.ok();
        let hash = made["files"][0]["hash"].as_str().unwrap().to_owned();
        assert_plain_csv(target, &file(&p, &format!("/files/{hash}")).await);
    }
}

#[test]
fn whatever_a_text_begins_with_it_is_no_formula() {
    for first in BEGINNINGS.into_iter().chain(['\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}']) {
        let text = format!("{first}{MARK}");
        assert_eq!(plain(&text), format!("'{text}"), "{first:?}");
    }
    for fine in ["", "Pipe = 300", "'=1", "a@b"] {
        assert_eq!(plain(fine), fine);
    }
}

#[test]
fn nothing_writes_tables_that_is_not_tried_here() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut folders = vec![root.join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                folders.push(entry);
                continue;
            }
            let text = std::fs::read_to_string(&entry).unwrap_or_default();
            let code = text.split("#[cfg(test)]").next().unwrap();
            if ["csv::Writer", "write_string", "write_record"]
                .iter()
                .any(|word| code.contains(word))
            {
                found.push(entry.strip_prefix(root).unwrap().display().to_string());
            }
        }
    }
    found.sort();
    let known: Vec<String> = WRITERS.iter().map(|(path, _)| (*path).to_owned()).collect();
    assert_eq!(found, known, "say in WRITERS where a test tries it");
}
