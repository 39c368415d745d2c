//! Packages, quotes and awards over HTTP, on the figures of the worked example.

use crate::http_support::{Priced, fresh, id};
use crate::quotes_support::{Market, company, doing};
use calamine::{Data, Reader as _};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use std::io::Cursor;

#[tokio::test]
async fn the_worked_example_compares_awards_and_transfers_to_the_cent() {
    let mut m = Market::comparing().await;
    let detail = m.detail().await;
    let totals: Vec<&str> = detail["quotes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|quote| quote["compared"]["comparisonTotal"].as_str().unwrap())
        .collect();
    assert_eq!(totals, ["70561.00", "67972.25", "64236.90"]);
    assert_eq!(detail["ranking"], json!([m.quotes[2], m.quotes[1], m.quotes[0]]));
    assert_eq!(detail["quotes"][1]["compared"]["lines"][2], json!({"plug": "6460.00"}));
    assert_eq!(detail["package"]["lowest"]["company"], "C Coastal Bitumen");

    let at = m.p.at(&format!("/packages/{}/preview", m.package));
    let before = m.p.totals().await;
    let trial = m.p.lead.post(&at, &json!({"quoteId": m.quotes[2]})).await.ok();
    assert_eq!(trial["costAfter"], "64236.90");
    assert_eq!(m.p.totals().await, before, "a trial keeps nothing");

    m.award(2, None, &[]).await.ok();
    let company = detail["quotes"][2]["companyId"].as_str().unwrap();
    let used = m.p.lead.get(&format!("/companies/{company}/usage")).await.ok();
    assert_eq!(
        (&used["items"][0]["package"], &used["items"][0]["state"]),
        (&json!("PKG-01"), &json!("awarded"))
    );
    let estimator = m.p.app.sign_in("estimator").await;
    m.as_person(&estimator, "transfer", &json!({})).await.problem(403, "commercials-role-required");
    let done = m.do_it("transfer", &json!({})).await.ok();
    assert_eq!(done["label"], "Transfer the award of PKG-01");
    assert_eq!(m.p.totals().await["total"], "64236.90");
    let sheet = m.p.at(&format!("/items/{}/worksheet", m.items[0]));
    let sheet = m.p.lead.get(&sheet).await.ok();
    let lines = sheet["lines"].as_array().unwrap();
    assert_eq!(lines.len(), 2, "{sheet}");
    assert_eq!((&lines[0]["rate"], &lines[0]["cost"]), (&json!("7.5565"), &json!("32115.13")));
    assert_eq!(lines[1]["cost"], "-481.73");

    m.p.lead.post(&m.p.at("/undo"), &json!({})).await.ok();
    assert_eq!(m.p.totals().await, before);
    assert_eq!(m.detail().await["package"]["state"], "awarded");
    m.p.lead.post(&m.p.at("/redo"), &json!({})).await.ok();
    assert_eq!(m.p.totals().await["total"], "64236.90");
    m.p.app.restart().await;
    m.p.lead = m.p.app.sign_in("lead-estimator").await;
    let kept = m.detail().await;
    assert_eq!(
        (&kept["package"]["state"], &kept["rounds"][0]["award"]["company"]),
        (&json!("transferred"), &json!("C Coastal Bitumen"))
    );
    let at = format!("/history/quote/{}?estimateId={}", m.quotes[2], m.p.estimate);
    let history = m.p.lead.get(&at).await.ok();
    assert!(history["items"].as_array().unwrap().len() >= 4, "{history}");
    m.p.app.kill();
    m.p.app.command(&["check"]);
}

#[tokio::test]
async fn a_gap_of_the_chosen_quote_becomes_a_plug() {
    let m = Market::comparing().await;
    m.award(1, Some("Can start in May"), &[]).await.ok();
    m.do_it("transfer", &json!({})).await.ok();
    let gap = m.p.lead.get(&m.p.at(&format!("/rows/{}", m.items[2]))).await.ok();
    assert_eq!(gap["plugRate"], "3.4000");
    // Quoted lines and our allowance, and the plug beside them.
    assert_eq!(m.p.totals().await["total"], "67972.25");
    assert_eq!(m.p.totals().await["plugged"], 1);
}

#[tokio::test]
async fn a_resource_is_bought_at_the_awarded_rate() {
    let p = Priced::start().await;
    let resource = json!({"code": "MAT-AP40", "description": "AP40", "type": "material",
        "unit": "t", "rate": "36.40"});
    let resource = id(&p.lead.post("/resources", &resource).await.ok()["id"]);
    for quantity in ["10", "2.5"] {
        let item = fresh();
        let set =
            json!({"code": quantity, "description": "Lay", "unit": "m3", "quantity": quantity});
        let line = json!({"resourceId": resource, "usage": "2.05"});
        let edits = json!({"edits": [
            {"op": "add-item", "id": item, "parentId": p.heading, "set": set},
            {"op": "add-line", "itemId": item, "line": line},
        ]});
        p.lead.post(&p.at("/edits"), &edits).await.ok();
    }
    let package = fresh();
    let set = json!({"code": "MAT", "name": "Aggregate", "resourceIds": [resource],
        "deadline": "2026-05-01T12:00:00+12:00"});
    let ara = company(&p.lead, "Ara Quarries").await;
    let edits = json!({"edits": [doing(&package, "add", &json!({"set": set})),
        doing(&package, "invite", &json!({"companyIds": [ara]})),
        doing(&package, "issue", &json!({}))]});
    let made = p.lead.post(&p.at("/edits"), &edits).await.ok();
    let quote = id(&made["results"][1]["ids"][0]);
    let set = json!({"gst": "exclusive", "currency": {"code": "AUD", "exchange": "1.1"},
        "lines": [{"code": "mat-ap40", "rate": "30"}],
        "adjustments": [{"reason": "cartage", "amount": "100", "origin": "levelling"}]});
    let edits = json!({"edits": [
        doing(&package, "quote", &json!({"quoteId": quote, "set": set})),
        doing(&package, "compare", &json!({})),
        doing(&package, "award", &json!({"quoteId": quote,
            "accept": [{"rule": "BR-070", "reason": "late but lowest"}]})),
        doing(&package, "transfer", &json!({})),
    ]});
    p.lead.post(&p.at("/edits"), &edits).await.ok();
    // 25.625 t at 33.00 and the cartage.
    assert_eq!(p.totals().await["total"], "945.63");
}

#[tokio::test]
async fn a_reopened_package_starts_a_round_and_the_old_one_stays() {
    let m = Market::comparing().await;
    m.award(2, None, &[]).await.ok();
    m.do_it("transfer", &json!({})).await.ok();
    m.do_it("reopen", &json!({})).await.ok();
    let now = m.detail().await;
    assert_eq!((&now["round"], &now["package"]["state"]), (&json!(2), &json!("comparing")));
    let copies = now["quotes"].as_array().unwrap();
    assert_eq!(copies.len(), 3);
    let a = json!({"quoteId": copies[0]["id"], "line": {"memberId": m.items[0], "rate": "5"}});
    m.do_it("price", &a).await.ok();
    let at = m.p.at(&format!("/packages/{}?round=1", m.package));
    let old = m.p.lead.get(&at).await.ok();
    assert_eq!(old["quotes"][0]["compared"]["comparisonTotal"], "70561.00");
    assert_eq!(old["quotes"][2]["state"], "awarded");
    // The cheapest by now is awarded, and takes the place of the one before.
    m.do_it("award", &json!({"quoteId": copies[0]["id"]})).await.ok();
    m.do_it("transfer", &json!({})).await.ok();
    assert_eq!(m.p.totals().await["total"], "58448.50");
}

/// Uploads a workbook and has it read as a quote of the package.
async fn read_back(m: &Market, bytes: Vec<u8>) -> Value {
    let part = Part::bytes(bytes).file_name("quote.xlsx");
    let form = Form::new().part("file", part);
    let request = m.p.lead.request(Method::POST, "/imports").multipart(form);
    let upload: Value = request.send().await.unwrap().json().await.unwrap();
    let at = m.p.at(&format!("/packages/{}/read", m.package));
    m.p.lead.post(&at, &json!({"importId": upload["id"]})).await.ok()
}

/// Puts values into the rate column of the schedule the package sends out.
async fn priced(m: &Market, rates: &[&str]) -> Vec<u8> {
    let at = m.p.at(&format!("/packages/{}/schedule", m.package));
    let answer = m.p.lead.request(Method::GET, &at).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let blank = answer.bytes().await.unwrap().to_vec();
    let mut book: calamine::Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(blank)).unwrap();
    let sheet = book.worksheet_range_at(0).unwrap().unwrap();
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let out = workbook.add_worksheet();
    let mut prices = rates.iter();
    for (row, cells) in (0_u32..).zip(sheet.rows()) {
        let is_line = cells.get(7).is_some_and(|cell| cell.to_string().len() == 36);
        for (column, cell) in (0_u16..).zip(cells) {
            match cell {
                Data::Float(number) => drop(out.write_number(row, column, *number).unwrap()),
                other => drop(out.write_string(row, column, other.to_string()).unwrap()),
            }
        }
        if is_line && let Some(price) = prices.next() {
            match price.parse::<f64>() {
                Ok(number) => drop(out.write_number(row, 4, number).unwrap()),
                Err(_) => drop(out.write_string(row, 4, *price).unwrap()),
            }
        }
    }
    workbook.save_to_buffer().unwrap()
}

#[tokio::test]
async fn the_schedule_goes_out_blank_and_comes_back_priced() {
    let m = Market::issued().await;
    let read = read_back(&m, priced(&m, &["7.85", "included", ""]).await).await;
    assert_eq!(
        (&read["priced"], &read["gaps"], &read["unmatched"]),
        (&json!(2), &json!(1), &json!(0)),
        "{read}"
    );
    assert_eq!(read["problems"], json!([]));
    let set = json!({"gst": "exclusive", "currency": {"code": "NZD"}, "lines": read["lines"]});
    m.set_quote(0, &set).await.ok();
    let lines = m.seen(0).await["compared"]["lines"].clone();
    assert_eq!(lines[0]["amount"], "33362.50");
    assert_eq!((&lines[1]["amount"], &lines[2]["plug"]), (&json!("0.00"), &json!("1900.00")));
    let wrong = read_back(&m, priced(&m, &["0", "soon", "3.40"]).await).await;
    let cells: Vec<&Value> =
        wrong["problems"].as_array().unwrap().iter().map(|one| &one["cell"]).collect();
    assert_eq!(cells, ["Sheet1!E8", "Sheet1!E9"], "{wrong}");
}

#[tokio::test]
async fn what_is_accepted_with_an_award_is_an_acknowledgement_on_its_quote() {
    let m = Market::comparing().await;
    m.set_quote(2, &json!({"receivedAt": "2026-05-02T12:00:00+12:00"})).await.ok();
    m.award(2, None, &["BR-070"]).await.ok();
    let rows = m.p.lead.get(&m.p.at("/acknowledgements")).await.ok()["items"].clone();
    assert_eq!(rows.as_array().unwrap().len(), 1, "{rows}");
    assert_eq!((&rows[0]["rule"], &rows[0]["objectId"]), (&json!("BR-070"), &json!(m.quotes[2])));
    assert_eq!(rows[0]["reason"], "Agreed by phone");
    let award = m.detail().await["rounds"][0]["award"].clone();
    assert_eq!(award["accepted"][0]["value"], rows[0]["value"]);
    // Accepted already: the transfer asks no more.
    m.do_it("transfer", &json!({})).await.ok();
    // Undone with the award it came with.
    for _ in 0..2 {
        m.p.lead.post(&m.p.at("/undo"), &json!({})).await.ok();
    }
    let rows = m.p.lead.get(&m.p.at("/acknowledgements")).await.ok();
    assert_eq!(rows["items"], json!([]));
    // Accepted before the award, and then taken back: the award asks again.
    m.award(2, None, &["BR-070"]).await.ok();
    let rows = m.p.lead.get(&m.p.at("/acknowledgements")).await.ok()["items"].clone();
    let withdraw = json!({"edits": [{"op": "withdraw-acknowledgement", "ids": [rows[0]["id"]]}]});
    m.p.lead.post(&m.p.at("/edits"), &withdraw).await.ok();
    m.do_it("transfer", &json!({})).await.problem(422, "quote-is-late");
}
