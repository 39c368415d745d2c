//! Price books over HTTP: imported, compared, exported, taken back, applied to an estimate.

use crate::http_support::{Priced, id};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

const LIST: &str = "Quarry Ltd price list\r\n\
    Code,Description,Unit,Price,Valid to\r\n\
    AP40,Basecourse AP40,t,48.30,30/06/2030\r\n\
    AP65,Subbase AP65,t,36.80,\r\n";

async fn upload(p: &Priced, text: &str) -> String {
    let part = Part::bytes(text.as_bytes().to_vec()).file_name("list.csv");
    let form = Form::new().part("file", part);
    let answer = p.lead.request(Method::POST, "/imports").multipart(form).send().await.unwrap();
    let import: Value = answer.json().await.unwrap();
    id(&import["id"])
}

async fn quarry(p: &Priced) -> String {
    let book = json!({"name": "Quarry", "kind": "supplier", "supplier": "Quarry Ltd"});
    let book = p.lead.post("/price-books", &book).await.ok();
    assert_eq!((&book["current"], &book["draft"]), (&json!(0), &json!(1)));
    format!("/price-books/{}", id(&book["id"]))
}

#[tokio::test]
async fn a_price_list_is_shown_then_taken_whole_compared_and_written_out() {
    let p = Priced::start().await;
    let at = quarry(&p).await;
    let ask = |upload: &str, apply: bool| json!({"uploadId": upload, "gst": "inclusive", "defaultType": "material", "apply": apply});
    let bad = LIST.replace("36.80", "POA").replace(",t,48.30", ",tonn,48.30");
    let bad = upload(&p, &bad).await;
    let shown = p.lead.post(&format!("{at}/import"), &ask(&bad, false)).await.ok();
    let cells: Vec<String> =
        shown["problems"].as_array().unwrap().iter().map(|one| id(&one["cell"])).collect();
    assert_eq!(cells.len(), 2, "{shown}");
    assert!(cells[0].ends_with("C3") && cells[1].ends_with("D4"), "{cells:?}");
    p.lead.post(&format!("{at}/import"), &ask(&bad, true)).await.problem(422, "import-has-errors");
    assert_eq!(p.lead.get(&at).await.ok()["resources"], 0);

    let good = upload(&p, LIST).await;
    let shown = p.lead.post(&format!("{at}/import"), &ask(&good, false)).await.ok();
    assert_eq!((&shown["added"], &shown["problems"]), (&json!(2), &json!([])));
    assert_eq!(shown["rows"][0]["after"], "42.0000");
    let done = p.lead.post(&format!("{at}/import"), &ask(&good, true)).await.ok();
    assert_eq!(done["priceBook"]["resources"], 2);
    p.lead.post(&format!("{at}/versions/1/publish"), &json!({"note": "First list"})).await.ok();

    // The same list again changes nothing; a dearer one opens version 2.
    let again = p.lead.post(&format!("{at}/import"), &ask(&good, false)).await.ok();
    assert_eq!((&again["same"], &again["changed"]), (&json!(2), &json!(0)));
    let dearer = upload(&p, &LIST.replace("36.80", "40.48")).await;
    let done = p.lead.post(&format!("{at}/import"), &ask(&dearer, true)).await.ok();
    assert_eq!((&done["changed"], &done["priceBook"]["draft"]), (&json!(1), &json!(2)));
    let compare = p.lead.get(&format!("{at}/compare?from=1&to=2")).await.ok();
    let rows = compare["items"].as_array().unwrap();
    assert_eq!((rows.len(), &rows[0]["code"]), (1, &json!("AP65")));
    assert_eq!(
        (&rows[0]["difference"], &rows[0]["changePct"]),
        (&json!("changed"), &json!("10.0000"))
    );

    let csv = p.lead.get(&format!("{at}/versions/1/export?format=csv")).await.text;
    assert!(
        csv.contains("AP40,Basecourse AP40,Material,t,42.0000,,2030-06-30,NZD,48.3000,inclusive"),
        "{csv}"
    );
    let back = upload(&p, &csv).await;
    let back = json!({"uploadId": back});
    p.lead.delete(&format!("{at}/versions/2")).await.ok();
    let back = p.lead.post(&format!("{at}/import"), &back).await.ok();
    assert_eq!((&back["same"], &back["problems"]), (&json!(2), &json!([])));
    let xlsx = p.lead.request(Method::GET, &format!("{at}/versions/1/export?format=xlsx"));
    let bytes = xlsx.send().await.unwrap().bytes().await.unwrap();
    assert!(bytes.starts_with(b"PK"));
}

#[tokio::test]
async fn rates_of_another_book_are_applied_to_an_estimate_by_code() {
    let p = Priced::start().await;
    let own = p.resource("AP65", "material", "t", "30").await;
    let item = p.add(&json!({})).await;
    p.line(&item, &json!({"resourceId": own, "method": "fixed", "quantity": "10"})).await;
    let at = quarry(&p).await;
    let list = upload(&p, LIST).await;
    let ask = json!({"uploadId": list, "defaultType": "material", "apply": true});
    p.lead.post(&format!("{at}/import"), &ask).await.ok();
    p.lead.post(&format!("{at}/versions/1/publish"), &json!({})).await.ok();
    let book = p.lead.get(&at).await.ok()["id"].clone();
    let scope = json!({"priceBook": {"id": book}});
    let seen = p.lead.post(&p.at("/reprice"), &scope).await.ok();
    assert_eq!(
        (&seen["lines"][0]["newRate"], &seen["effect"]),
        (&json!("36.8000"), &json!("68.00"))
    );
    let mut take = scope;
    take["apply"] = json!(true);
    take["preview"] = seen["preview"].clone();
    p.lead.post(&p.at("/reprice"), &take).await.ok();
    assert_eq!(p.total().await, "368.00");
    let used = p.lead.get(&format!("{at}/versions/1/usage")).await.ok();
    assert_eq!(used["total"], 1);
}

#[tokio::test]
async fn a_rate_is_taken_back_as_a_correction_and_a_started_version_goes() {
    let p = Priced::start().await;
    let resource = p.resource("LAB-OP", "labour", "h", "60").await;
    let at = format!("/resources/{resource}");
    let version = p.lead.get(&at).await.ok()["version"].clone();
    p.lead.patch(&at, &json!({"version": version, "rate": "65"})).await.ok();
    let stale = json!({"version": version, "rate": "66"});
    p.lead.patch(&at, &stale).await.problem(409, "stale-version");
    let before = p.internal_book().await;
    p.lead.post("/library/undo", &json!({})).await.ok();
    assert_eq!(p.lead.get(&at).await.ok()["rate"], "60.0000");
    let book = p.internal_book().await;
    assert_eq!(book["current"].as_u64(), before["current"].as_u64().map(|n| n + 1));
    p.lead.post("/library/redo", &json!({})).await.ok();
    assert_eq!(p.lead.get(&at).await.ok()["rate"], "65.0000");

    let book = format!("/price-books/{}", id(&book["id"]));
    let n = p.lead.post(&format!("{book}/versions"), &json!({})).await.ok()["draft"].clone();
    p.lead.post(&format!("{book}/versions"), &json!({})).await.problem(400, "invalid-request");
    p.lead.put(&format!("{at}/rates"), &json!({"entries": []})).await.ok();
    p.lead.delete(&format!("{book}/versions/{n}")).await.ok();
    p.lead.post("/library/undo", &json!({})).await.ok();
    let open = p.lead.get(&book).await.ok();
    assert_eq!((&open["draft"], &open["versions"][0]["changes"]), (&n, &json!(1)));
    p.lead.post("/library/undo", &json!({})).await.ok();
    p.lead.post("/library/undo", &json!({})).await.ok();
    assert_eq!(p.lead.get(&book).await.ok().get("draft"), None);
}
