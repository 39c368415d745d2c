//! An estimate's rows narrowed to a category, and its cost and price summed by one.

use crate::http_support::{Priced, fresh, id};
use serde_json::{Value, json};

/// An estimate of two headings, three items and a sub-item, with a categorisation of two options.
struct Sorted {
    p: Priced,
    works: Value,
    items: [String; 3],
    part: String,
}

impl Sorted {
    async fn start() -> Sorted {
        let p = Priced::start().await;
        let set = json!({"name": "Work type", "appliesTo":
            {"tenders": false, "resources": false, "items": true, "companies": false},
            "options": [{"name": "Earthworks"}, {"name": "Drainage"}]});
        let works = p.lead.post("/categorisations", &set).await.ok();
        let second = fresh();
        let body = json!({"id": second, "code": "2", "name": "Pipes"});
        p.lead.post(&p.at("/headings"), &body).await.ok();
        let one = p.item("1.1", "3", "33.33").await;
        let two = p.item("1.2", "7", "10.01").await;
        let three = fresh();
        let set = json!({"code": "2.1", "description": "Lay pipe", "unit": "m", "quantity": "11"});
        let body = json!({"id": three, "parentId": second, "set": set});
        p.lead.post(&p.at("/items"), &body).await.ok();
        let part = fresh();
        let set = json!({"code": "2.1a", "description": "Trench", "unit": "m3", "quantity": "11",
            "plugRate": "1.27", "plugType": "plant"});
        let body = json!({"id": part, "parentId": three, "set": set});
        p.lead.post(&p.at("/items"), &body).await.ok();
        let rule = json!({"edits": [{"op": "add-rule", "set": {"name": "Margin", "nature": "margin",
            "kind": {"type": "percent-margin", "percent": "7.3"}, "base": {"type": "running"}}}]});
        p.lead.post(&p.at("/edits"), &rule).await.ok();
        Sorted { p, works, items: [one, two, three], part }
    }

    fn option(&self, at: usize) -> String {
        id(&self.works["options"][at]["id"])
    }

    async fn label(&self, item: &str, option: usize) {
        let body = json!({"kind": "item", "estimateId": self.p.estimate,
            "options": [self.option(option)]});
        self.p.lead.put(&format!("/labels/{item}"), &body).await.ok();
    }

    async fn codes(&self, query: &str) -> Vec<String> {
        let rows = self.p.lead.get(&self.p.at(&format!("/rows?{query}"))).await.ok();
        let codes = rows["rows"].as_array().unwrap().iter().map(|row| id(&row["code"]));
        let codes: Vec<String> = codes.collect();
        assert!(rows["total"].as_u64().unwrap() >= codes.len() as u64);
        codes
    }

    fn report(&self, end: &str) -> String {
        self.p.at(&format!("/categories/{}{end}", id(&self.works["id"])))
    }
}

fn cents(text: &Value) -> i64 {
    text.as_str().expect("money").replace('.', "").parse().expect("cents")
}

#[tokio::test]
async fn rows_are_narrowed_to_what_carries_an_option_with_its_headings() {
    let s = Sorted::start().await;
    s.label(&s.items[1], 0).await;
    s.label(&s.items[2], 1).await;
    let (earth, drains) = (s.option(0), s.option(1));
    assert_eq!(s.codes(&format!("options={earth}")).await, ["1", "1.2"]);
    // A sub-item is part of its item.
    assert_eq!(s.codes(&format!("options={drains}")).await, ["2", "2.1", "2.1a"]);
    assert_eq!(s.codes(&format!("options={drains}&expandLevel=2")).await, ["2", "2.1"]);
    assert_eq!(s.codes(&format!("options={drains}&offset=1&limit=1")).await, ["2.1"]);
    assert!(s.codes(&format!("options={earth},{drains}")).await.is_empty());
    let asked = json!({"options": [earth], "limit": 10});
    let posted = s.p.lead.post(&s.p.at("/rows/query"), &asked).await.ok();
    assert_eq!((&posted["total"], &posted["rows"][1]["code"]), (&json!(2), &json!("1.2")));

    let locate = |item: &str| s.p.at(&format!("/rows/{item}/locate?options={drains}"));
    assert_eq!(s.p.lead.get(&locate(&s.part)).await.ok()["index"], 2);
    assert!(s.p.lead.get(&locate(&s.items[0])).await.ok().get("index").is_none());
    s.p.lead.get(&s.p.at("/rows?options=red")).await.problem(400, "invalid-request");

    // What a client has been sent is not current once a label has changed.
    let path = s.p.at(&format!("/rows?options={earth}"));
    let send = || s.p.lead.request(reqwest::Method::GET, &path);
    let tag = send().send().await.unwrap().headers()["etag"].clone();
    let again = send().header("if-none-match", &tag).send().await.unwrap();
    assert_eq!(again.status(), 304);
    s.label(&s.items[0], 0).await;
    let moved = send().header("if-none-match", &tag).send().await.unwrap();
    assert_eq!(moved.status(), 200);
    assert_eq!(s.codes(&format!("options={earth}")).await, ["1", "1.1", "1.2"]);
}

#[tokio::test]
async fn cost_and_price_by_option_add_up_to_the_cent() {
    let s = Sorted::start().await;
    s.label(&s.items[0], 0).await;
    s.label(&s.part, 1).await;
    let report = s.p.lead.get(&s.report("")).await.ok();
    let rows = report["rows"].as_array().unwrap();
    let named: Vec<&str> = rows.iter().map(|row| row["name"].as_str().unwrap()).collect();
    assert_eq!(named, ["Earthworks", "Drainage", "None"]);
    // 3 x 33.33; 11 x 1.27; 7 x 10.01.
    let costs: Vec<&Value> = rows.iter().map(|row| &row["cost"]).collect();
    assert_eq!(costs, [&json!("99.99"), &json!("13.97"), &json!("70.07")]);
    let totals = s.p.totals().await;
    let sum = |field: &str| rows.iter().map(|row| cents(&row[field])).sum::<i64>();
    assert_eq!(sum("cost"), cents(&report["cost"]));
    assert_eq!(sum("cost"), cents(&totals["direct"]) + cents(&totals["indirect"]));
    assert_eq!(sum("price"), cents(&report["price"]));
    let price = s.p.lead.post(&s.p.at("/prices"), &json!({"ids": []})).await.ok();
    assert_eq!(report["price"], price["sum"]["totalEx"]);
    assert_eq!(rows[1]["price"], "0.00", "the client pays for the item, not for its part");

    // Inactive work is in no sum.
    let off =
        json!({"edits": [{"op": "update-item", "id": s.items[2], "set": {"inactive": true}}]});
    s.p.lead.post(&s.p.at("/edits"), &off).await.ok();
    let report = s.p.lead.get(&s.report("")).await.ok();
    assert_eq!(
        (&report["rows"][1]["cost"], &report["rows"][1]["items"]),
        (&json!("0.00"), &json!(0))
    );
    assert_eq!(report["cost"], "170.06");

    let missing = s.p.at(&format!("/categories/{}", fresh()));
    s.p.lead.get(&missing).await.problem(404, "not-found");
}

#[tokio::test]
async fn the_report_is_a_file_too() {
    let s = Sorted::start().await;
    s.label(&s.items[0], 0).await;
    let file = |format: &str| {
        let path = s.report(&format!("/report?format={format}"));
        s.p.lead.request(reqwest::Method::GET, &path).send()
    };
    let csv = file("csv").await.unwrap().text().await.unwrap();
    let lines: Vec<&str> = csv.lines().collect();
    assert!(lines[0].contains("DRAFT"), "{csv}");
    assert_eq!(lines[1], "Code,Work type,Items,Cost,Price excl. GST");
    assert!(lines[2].starts_with(",Earthworks,1,99.99,"), "{csv}");
    assert!(lines[4].starts_with(",None,") && lines[5].starts_with(",Total,"), "{csv}");
    let xlsx = file("xlsx").await.unwrap().bytes().await.unwrap();
    assert_eq!(&xlsx[..2], b"PK");
    let pdf = file("pdf").await.unwrap().bytes().await.unwrap();
    let text = crate::harness::pdf::text(&pdf);
    assert!(text.contains("Earthworks") && text.contains("99.99"), "{text}");
}
