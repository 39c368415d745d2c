//! Every schedule of the real letting files goes through the API, as the wizard sends it, and the
//! estimate it makes adds up to the file's own figures, to the cent.
//!
//! What is expected is read by other readers (the `csv` crate, calamine), not by ours.

use crate::harness::Client;
use crate::http_support::{Priced, id};
use crate::import_reads_files::real_file;
use calamine::{Data, Reader as _};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The contract and the place of the bidder: together they name one schedule.
const KEYS: [&str; 2] = ["ProjectID", "Pos"];
const EXTENSION: &str = "Extension";

/// What one schedule comes to.
#[derive(Default)]
struct Schedule {
    total: Decimal,
    items: u64,
}

/// A file as other readers see it: headings, and rows of texts.
fn rows(name: &str) -> Vec<Vec<String>> {
    if name.ends_with(".csv") {
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).from_path(real_file(name)).unwrap();
        let rows = reader.records().map(|record| record.unwrap());
        return rows.map(|record| record.iter().map(str::to_owned).collect()).collect();
    }
    let mut book: calamine::Xls<_> = calamine::open_workbook(real_file(name)).unwrap();
    let range = book.worksheet_range_at(0).unwrap().unwrap();
    range.rows().map(|row| row.iter().map(Data::to_string).collect()).collect()
}

fn schedules(name: &str) -> BTreeMap<[String; 2], Schedule> {
    let rows = rows(name);
    let place = |heading: &str| rows[0].iter().position(|h| h == heading).expect("the column");
    let (keys, extension) = (KEYS.map(place), place(EXTENSION));
    let mut schedules: BTreeMap<[String; 2], Schedule> = BTreeMap::new();
    for row in &rows[1..] {
        let schedule = schedules.entry(keys.map(|key| row[key].clone())).or_default();
        let figure: Decimal = row[extension].parse().expect("a figure");
        // Some extensions of the old files carry fractions of a cent.
        schedule.total += figure.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
        schedule.items += 1;
    }
    schedules
}

async fn upload(client: &Client, name: &str) -> Value {
    let bytes = std::fs::read(real_file(name)).expect("the file");
    let form = Form::new().part("file", Part::bytes(bytes).file_name(name.to_owned()));
    let answer = client.request(Method::POST, "/imports").multipart(form).send().await.unwrap();
    assert_eq!(answer.status(), 201);
    answer.json().await.unwrap()
}

/// Units that the list does not know get what the server suggests, or else a unit of their own.
async fn map_units(client: &Client, planned: &Value, layout: &mut Value) {
    for unknown in planned["unknownUnits"].as_array().expect("a list") {
        let spelling = unknown["unit"].as_str().expect("a spelling");
        let code = match unknown["suggest"].as_str() {
            Some(code) => code.to_owned(),
            None => {
                let code: String = spelling.chars().filter(char::is_ascii_alphanumeric).collect();
                let unit = json!({"code": code, "name": spelling, "dimension": "count"});
                client.post("/units", &unit).await.ok();
                code
            }
        };
        layout["unitMap"][spelling] = json!(code);
    }
}

async fn commit(client: &Client, import: &str, plan: &Value) -> Value {
    let at = format!("/imports/{import}/commit");
    let body = json!({"planId": plan["planId"]});
    let answer = client.post(&at, &body).await;
    assert_eq!(answer.status, 200, "schedules of hundreds of rows are committed at once");
    answer.ok()["result"].clone()
}

/// Imports every schedule of a file into an estimate of its own; the number of schedules and rows.
async fn import_all(name: &str) -> (usize, u64) {
    let p = Priced::start().await;
    let import = id(&upload(&p.lead, name).await["id"]);
    let window = p.lead.get(&format!("/imports/{import}/sheets/0?limit=1")).await.ok();
    let headings: Vec<&str> =
        window["cells"][0].as_array().unwrap().iter().filter_map(|c| c["v"].as_str()).collect();
    let columns = KEYS.map(|key| headings.iter().position(|h| *h == key).expect("the column"));
    let mut layout = window["guess"].clone();
    let expected = schedules(name);
    let mut rows = 0;
    for (n, (keys, schedule)) in expected.iter().enumerate() {
        let tender = json!({"number": format!("R-{n}"), "name": keys[0]});
        let tender = p.lead.post("/tenders", &tender).await.ok();
        let estimate = id(&tender["estimates"][0]["id"]);
        layout["filters"] = json!([
            {"column": columns[0], "equals": keys[0]}, {"column": columns[1], "equals": keys[1]},
        ]);
        let body = |layout: &Value| {
            json!({"estimateId": estimate, "mode": "append", "layout": layout,
                "rateAs": "plug", "plugType": "other"})
        };
        let at = format!("/imports/{import}/plan");
        let mut planned = p.lead.post(&at, &body(&layout)).await.ok();
        if planned["unknownUnits"].as_array().is_some_and(|units| !units.is_empty()) {
            map_units(&p.lead, &planned, &mut layout).await;
            planned = p.lead.post(&at, &body(&layout)).await.ok();
        }
        assert_eq!(planned["summary"]["errors"], 0, "{keys:?}: {}", planned["problems"]);
        let done = commit(&p.lead, &import, &planned).await;
        let figures = p.lead.get(&format!("/estimates/{estimate}")).await.ok()["totals"].clone();
        let total = format!("{:.2}", schedule.total);
        assert_eq!(done["totals"]["total"], total, "{keys:?}");
        assert_eq!(figures["total"], total, "{keys:?}");
        assert_eq!(figures["items"], schedule.items, "{keys:?}");
        assert_eq!(figures["unpriced"], 0, "{keys:?}");
        rows += schedule.items;
    }
    (expected.len(), rows)
}

#[tokio::test]
async fn every_bidder_of_the_ten_contracts_imports_over_the_api_to_the_cent() {
    assert_eq!(import_all("indot-lettings-2026-05-07.csv").await, (33, 2_376));
}

#[tokio::test]
async fn the_smaller_old_excel_file_imports_over_the_api_to_the_cent() {
    assert_eq!(import_all("indot-letting-2025-11-19.xls").await, (3, 138));
}

#[tokio::test]
async fn the_larger_old_excel_file_imports_over_the_api_to_the_cent() {
    assert_eq!(import_all("indot-letting-2025-02-26.xls").await, (5, 1_904));
}
