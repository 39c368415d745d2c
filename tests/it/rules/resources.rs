//! Resources and price books.

use super::support::broken;
use crate::harness::Answer;
use crate::http_support::{Priced, id};
use serde_json::{Value, json};

impl Priced {
    /// Changes a resource at the version it has now.
    async fn patch_resource(&self, resource: &str, set: Value) -> Answer {
        let at = format!("/resources/{resource}");
        let mut body = set;
        body["version"] = self.lead.get(&at).await.ok()["version"].clone();
        self.lead.patch(&at, &body).await
    }

    /// The organisation's own price book.
    pub async fn internal_book(&self) -> Value {
        let books = self.lead.get("/price-books").await.ok();
        books["items"].as_array().unwrap().iter().find(|b| b["kind"] == "internal").unwrap().clone()
    }

    /// Writes rates of a resource where they go next.
    async fn rates(&self, resource: &str, entries: Value) -> Answer {
        self.lead.put(&format!("/resources/{resource}/rates"), &json!({"entries": entries})).await
    }

    /// Opens the next version of the internal price book; gives the book's address and its number.
    async fn open_version(&self) -> (String, u64) {
        let at = format!("/price-books/{}", id(&self.internal_book().await["id"]));
        let book = self.lead.post(&format!("{at}/versions"), &json!({})).await.ok();
        (at, book["draft"].as_u64().unwrap())
    }

    /// A worksheet line of a resource on a new item of 10 m3; gives the item.
    async fn used(&self, resource: &str) -> String {
        let item = self.add(&json!({})).await;
        self.line(&item, &json!({"resourceId": resource, "method": "fixed", "quantity": "2"}))
            .await;
        item
    }

    /// The first line of an item's worksheet.
    async fn first_line(&self, item: &str) -> Value {
        let sheet = self.lead.get(&self.at(&format!("/items/{item}/worksheet"))).await.ok();
        sheet["lines"][0].clone()
    }
}

#[tokio::test]
async fn br_044_broken() {
    let p = Priced::start().await;
    p.resource("LAB-OP", "labour", "h", "60").await;
    let same = json!({"code": "lab-op", "description": "", "type": "plant", "unit": "h"});
    broken(p.lead.post("/resources", &same).await, "resource-code-not-unique");
}

#[tokio::test]
async fn br_044_kept() {
    let p = Priced::start().await;
    p.resource("LAB-OP", "labour", "h", "60").await;
    let book = json!({"name": "Quarry", "kind": "supplier", "supplier": "Quarry Ltd"});
    let book = p.lead.post("/price-books", &book).await.ok();
    let other = json!({"priceBookId": book["id"], "code": "LAB-OP", "description": "",
        "type": "labour", "unit": "h"});
    p.lead.post("/resources", &other).await.ok();
}

#[tokio::test]
async fn br_045_broken() {
    let p = Priced::start().await;
    let resource = p.resource("LAB-OP", "labour", "h", "60").await;
    p.used(&resource).await;
    for set in [json!({"type": "plant"}), json!({"unit": "m3"})] {
        broken(p.patch_resource(&resource, set).await, "resource-in-use-immutable");
    }
}

#[tokio::test]
async fn br_045_kept() {
    let p = Priced::start().await;
    let resource = p.resource("LAB-OP", "labour", "h", "60").await;
    p.patch_resource(&resource, json!({"type": "plant", "unit": "m3"})).await.ok();
    p.used(&resource).await;
    p.patch_resource(&resource, json!({"code": "LAB-2", "rate": "61"})).await.ok();
}

#[tokio::test]
async fn br_046_broken() {
    let p = Priced::start().await;
    let resource = p.resource("LAB-OP", "labour", "h", "60").await;
    let (at, n) = p.open_version().await;
    let rates = |n: u64| format!("{at}/versions/{n}/rates/{resource}");
    let entries = json!({"entries": [{"rate": "65"}]});
    p.lead.put(&rates(n), &entries).await.ok();
    p.lead.post(&format!("{at}/versions/{n}/publish"), &json!({})).await.ok();
    let code = "price-book-version-frozen";
    broken(p.lead.put(&rates(n), &json!({"entries": [{"rate": "66"}]})).await, code);
    broken(p.lead.put(&rates(1), &entries).await, code);
    broken(p.lead.delete(&format!("{at}/versions/{n}")).await, code);
    broken(p.lead.post(&format!("{at}/versions/{n}/publish"), &json!({})).await, code);
    assert_eq!(p.lead.get(&format!("/resources/{resource}")).await.ok()["rate"], "65.0000");
}

#[tokio::test]
async fn br_046_kept() {
    let p = Priced::start().await;
    let resource = p.resource("LAB-OP", "labour", "h", "60").await;
    let before = p.internal_book().await["current"].as_u64().unwrap();
    // Typed over in the list, a rate is a version of its own.
    p.patch_resource(&resource, json!({"rate": "61"})).await.ok();
    assert_eq!(p.internal_book().await["current"], json!(before + 1));
    let (at, n) = p.open_version().await;
    assert_eq!(n, before + 2);
    for rate in ["65", "70", "72"] {
        p.patch_resource(&resource, json!({"rate": rate})).await.ok();
    }
    let shown = p.lead.get(&format!("/resources/{resource}")).await.ok();
    assert_eq!((&shown["rate"], &shown["draftRate"]), (&json!("61.0000"), &json!("72.0000")));
    let compare = p.lead.get(&format!("{at}/compare?from={}&to={n}", before + 1)).await.ok();
    assert_eq!(compare["items"][0]["changePct"], "18.0300");
    let early = p.lead.get(&format!("{at}/versions/{before}/rates")).await.ok();
    assert_eq!(early["items"][0]["entries"][0]["rate"], "60.0000");
}

#[tokio::test]
async fn br_047_broken() {
    let p = Priced::start().await;
    let resource = p.resource("LAB-OP", "labour", "h", "60").await;
    for rate in ["-1", "1.23456", "dear"] {
        let entries = json!([{"rate": rate}]);
        broken(p.rates(&resource, entries).await, "rate-basis-invalid");
    }
    broken(p.rates(&resource, json!([{}])).await, "rate-basis-invalid");
}

#[tokio::test]
async fn br_047_kept() {
    let p = Priced::start().await;
    let resource = p.resource("LAB-OP", "labour", "h", "0").await;
    let quoted = json!([{"quoted": {"amount": "80.5", "gst": "inclusive"}}]);
    let rates = p.rates(&resource, quoted).await.ok();
    let entry = &rates["entries"][0];
    assert_eq!(
        (&entry["rate"], &entry["quoted"]["amount"]),
        (&json!("70.0000"), &json!("80.5000"))
    );
    assert_eq!(entry["quoted"]["gst"], "inclusive");
}

#[tokio::test]
async fn br_048_broken() {
    let p = Priced::start().await;
    let resource = p.resource("LAB-OP", "labour", "h", "60").await;
    let (at, n) = p.open_version().await;
    let entries = json!([
        {"rate": "60", "validTo": "2026-03-31"},
        {"rate": "65", "validFrom": "2026-03-31"},
    ]);
    p.rates(&resource, entries).await.ok();
    let publish = p.lead.post(&format!("{at}/versions/{n}/publish"), &json!({})).await;
    let violation = broken(publish, "rate-validity-overlap");
    assert_eq!(violation["objects"], json!([resource]));
}

#[tokio::test]
async fn br_048_kept() {
    let p = Priced::start().await;
    let resource = p.resource("LAB-OP", "labour", "h", "60").await;
    let (at, n) = p.open_version().await;
    let entries = json!([
        {"rate": "65", "validFrom": "2020-04-01"},
        {"rate": "60", "validTo": "2020-03-31"},
    ]);
    p.rates(&resource, entries).await.ok();
    p.lead.post(&format!("{at}/versions/{n}/publish"), &json!({"note": "April"})).await.ok();
    let shown = p.lead.get(&format!("/resources/{resource}")).await.ok();
    assert_eq!((&shown["rate"], &shown["moreRates"]), (&json!("65.0000"), &json!(true)));
}

#[tokio::test]
async fn br_050_broken() {
    let p = Priced::start().await;
    let resource = p.resource("LAB-OP", "labour", "h", "60").await;
    let item = p.used(&resource).await;
    p.patch_resource(&resource, json!({"rate": "65"})).await.ok();
    p.refused(&json!([{"op": "reprice"}]), "reprice-without-preview").await;
    let at = p.at("/reprice");
    broken(p.lead.post(&at, &json!({"apply": true})).await, "reprice-without-preview");
    let preview = p.lead.post(&at, &json!({})).await.ok()["preview"].clone();
    p.patch_resource(&resource, json!({"rate": "70"})).await.ok();
    let stale = json!({"apply": true, "preview": preview});
    broken(p.lead.post(&at, &stale).await, "reprice-without-preview");
    assert_eq!(p.first_line(&item).await["rate"], "60.0000");
}

#[tokio::test]
async fn br_050_kept() {
    let p = Priced::start().await;
    let resource = p.resource("LAB-OP", "labour", "h", "60").await;
    let (first, second) = (p.used(&resource).await, p.used(&resource).await);
    p.patch_resource(&resource, json!({"rate": "65"})).await.ok();
    let seen = p.lead.post(&p.at("/reprice"), &json!({})).await.ok();
    assert_eq!((&seen["effect"], &seen["newTotal"]), (&json!("20.00"), &json!("260.00")));
    let chosen = seen["lines"][0]["lineId"].clone();
    let take = json!({"apply": true, "preview": seen["preview"], "choose": [chosen]});
    let done = p.lead.post(&p.at("/reprice"), &take).await.ok();
    assert_eq!((&done["effect"], &done["newTotal"]), (&json!("10.00"), &json!("250.00")));
    assert_eq!(p.first_line(&first).await["rate"], "65.0000");
    assert_eq!(p.first_line(&second).await["diverged"], true);
}

#[tokio::test]
async fn br_052_broken() {
    let p = Priced::start().await;
    let resource = p.resource("MAT-AU", "material", "ea", "10").await;
    let quotes = [
        json!({"amount": "10", "currency": "AUD"}),
        json!({"amount": "10", "currency": "AUD", "exchange": "1.08"}),
        json!({"amount": "10", "currency": "AUD", "exchange": "0", "exchangeDate": "2026-04-20"}),
        json!({"amount": "10", "currency": "dollars", "exchange": "1"}),
    ];
    for quoted in quotes {
        let entries = json!([{"quoted": quoted}]);
        broken(p.rates(&resource, entries).await, "exchange-rate-missing");
    }
}

#[tokio::test]
async fn br_052_kept() {
    let p = Priced::start().await;
    let resource = p.resource("MAT-AU", "material", "ea", "10").await;
    let quoted = json!({"amount": "10.5", "currency": "aud", "exchange": "1.083333",
        "exchangeDate": "2026-04-20"});
    let rates = p.rates(&resource, json!([{"quoted": quoted}])).await.ok();
    let entry = &rates["entries"][0];
    assert_eq!((&entry["rate"], &entry["quoted"]["currency"]), (&json!("11.3750"), &json!("AUD")));
}

#[tokio::test]
async fn br_053_broken() {
    let p = Priced::start().await;
    let resource = p.resource("LAB-OP", "labour", "h", "60").await;
    let item = p.used(&resource).await;
    let gone = p.lead.delete(&format!("/resources/{resource}")).await;
    broken(gone, "resource-retired-or-in-use");
    p.patch_resource(&resource, json!({"state": "retired"})).await.ok();
    let line = json!([{"op": "add-line", "itemId": item, "line": {"resourceId": resource}}]);
    p.refused(&line, "resource-retired-or-in-use").await;
}

#[tokio::test]
async fn br_053_kept() {
    let p = Priced::start().await;
    let resource = p.resource("LAB-OP", "labour", "h", "60").await;
    p.patch_resource(&resource, json!({"state": "retired"})).await.ok();
    p.patch_resource(&resource, json!({"state": "active"})).await.ok();
    p.used(&resource).await;
    let other = p.resource("LAB-2", "labour", "h", "60").await;
    assert_eq!(p.lead.delete(&format!("/resources/{other}")).await.status, 204);
}

#[tokio::test]
async fn br_049_kept() {
    let p = Priced::start().await;
    let resource = p.resource("LAB-OP", "labour", "h", "60").await;
    let item = p.used(&resource).await;
    p.rates(&resource, json!([{"rate": "75"}])).await.ok();
    assert_eq!(p.total().await, "120.00", "2 h at 60");
    let sheet = p.lead.get(&p.at(&format!("/items/{item}/worksheet"))).await.ok();
    let line = &sheet["lines"][0];
    assert_eq!((&line["rate"], &line["currentRate"]), (&json!("60.0000"), &json!("75.0000")));
}
