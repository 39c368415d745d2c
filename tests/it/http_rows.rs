//! Slices of the tree: windows as a view folds them, children, places, hits, the whole, and
//! answers that need not be sent again.

use crate::http_support::{Priced, fresh};
use reqwest::Method;
use serde_json::{Value, json};

/// Two more headings with three items each below the first one's own item.
async fn tree(p: &Priced) -> Vec<String> {
    p.item("1.1", "1", "1").await;
    let mut headings = Vec::new();
    for n in 1..=2 {
        let heading = fresh();
        let body = json!({"id": heading, "parentId": p.heading, "code": format!("1.{n}0"),
            "name": format!("Part {n}")});
        p.lead.post(&p.at("/headings"), &body).await.ok();
        let edits: Vec<Value> = (1..=3)
            .map(|k| {
                let mut edit = p.add_item(&fresh(), &format!("1.{n}{k}"), "10", "2");
                edit["parentId"] = json!(heading);
                edit
            })
            .collect();
        p.lead.post(&p.at("/edits"), &json!({"edits": edits})).await.ok();
        headings.push(heading);
    }
    headings
}

fn codes(window: &Value) -> Vec<&str> {
    window["rows"].as_array().unwrap().iter().map(|r| r["code"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_window_shows_what_the_view_leaves_open() {
    let p = Priced::start().await;
    let parts = tree(&p).await;
    let all = p.lead.get(&p.at("/rows")).await.ok();
    assert_eq!(all["total"], 10);
    assert_eq!(codes(&all)[..4], ["1", "1.1", "1.10", "1.11"]);
    let some = p.lead.get(&p.at("/rows?offset=3&limit=2")).await.ok();
    assert_eq!((codes(&some), &some["offset"]), (vec!["1.11", "1.12"], &json!(3)));
    let top = p.lead.get(&p.at("/rows?expandLevel=1")).await.ok();
    assert_eq!((codes(&top), &top["total"]), (vec!["1"], &json!(1)));
    assert_eq!(top["rows"][0]["open"], false);
    let one = p.lead.get(&p.at(&format!("/rows?expandLevel=2&toggled={}", parts[1]))).await.ok();
    assert_eq!(codes(&one), ["1", "1.1", "1.10", "1.20", "1.21", "1.22", "1.23"]);
    let body = json!({"expandLevel": 2, "toggled": [parts[1]], "limit": 3});
    let same = p.lead.post(&p.at("/rows/query"), &body).await.ok();
    assert_eq!((codes(&same), &same["total"]), (vec!["1", "1.1", "1.10"], &json!(7)));
    let heading = &all["rows"][0];
    assert_eq!((&heading["cost"], &heading["childCount"]), (&json!("121.00"), &json!(3)));
    assert!(heading.get("unit").is_none(), "{heading}");
    let past = p.lead.get(&p.at("/rows?offset=999999")).await.ok();
    assert_eq!((codes(&past).len(), &past["total"]), (0, &json!(10)));
    p.lead.get(&p.at("/rows?toggled=nonsense")).await.problem(400, "invalid-request");
    p.lead.get(&p.at("/rows?colour=red")).await.problem(400, "invalid-request");
}

#[tokio::test]
async fn a_row_is_found_again_wherever_the_view_puts_it() {
    let p = Priced::start().await;
    let parts = tree(&p).await;
    let children = p.lead.get(&p.at(&format!("/rows/{}/children", parts[1]))).await.ok();
    assert_eq!(children["total"], 3);
    let last = children["items"][2]["id"].as_str().unwrap().to_owned();
    let at = p.at(&format!("/rows/{last}/locate"));
    let place = p.lead.get(&at).await.ok();
    assert_eq!(place, json!({"ancestors": [p.heading, parts[1]], "index": 9}));
    assert!(p.lead.get(&format!("{at}?expandLevel=2")).await.ok().get("index").is_none());
    let view = format!("{at}?expandLevel=2&toggled={}", parts[1]);
    assert_eq!(p.lead.get(&view).await.ok()["index"], 6);

    let top = p.lead.get(&p.at("/rows/root/children?limit=1")).await.ok();
    assert_eq!((&top["total"], &top["items"][0]["id"]), (&json!(1), &json!(p.heading)));
    let page = p.lead.get(&p.at(&format!("/rows/{}/children?limit=2", parts[0]))).await.ok();
    let cursor = page["nextCursor"].as_str().unwrap();
    let rest = p.at(&format!("/rows/{}/children?limit=2&cursor={cursor}", parts[0]));
    let rest = p.lead.get(&rest).await.ok();
    assert_eq!((codes_of(&rest), rest.get("nextCursor")), (vec!["1.13"], None));

    let hits = p.lead.get(&p.at("/search?q=item%201.2&unit=m3&type=schedule")).await.ok();
    assert_eq!(hits["total"], 3);
    assert_eq!(hits["items"][0]["path"], json!(["Earthworks", "Part 2"]));
    assert_eq!(hits["items"][0]["index"], 7);
    assert_eq!(p.lead.get(&p.at("/search?status=unpriced")).await.ok()["total"], 0);
    p.lead.get(&p.at("/search?unit=furlong")).await.problem(400, "invalid-request");
    p.lead.get(&p.at(&format!("/rows/{}", fresh()))).await.problem(404, "not-found");
}

fn codes_of(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|r| r["code"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_whole_tree_comes_as_lines() {
    let p = Priced::start().await;
    tree(&p).await;
    let answer = p.lead.request(Method::GET, &p.at("/tree")).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "application/x-ndjson");
    let text = answer.text().await.unwrap();
    let rows: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.len(), 10);
    assert_eq!(rows[9]["code"], "1.23");
}

#[tokio::test]
async fn an_estimate_without_rows_is_no_lines_packed_or_not() {
    let p = Priced::start().await;
    let tender = p.lead.post("/tenders", &json!({"number": "T-2", "name": "Kopu"})).await.ok();
    let path = format!("/estimates/{}/tree", tender["estimates"][0]["id"].as_str().unwrap());
    for encoding in ["identity", "gzip"] {
        let request = p.lead.request(Method::GET, &path).header("accept-encoding", encoding);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200, "{encoding}");
        let packed = answer.headers().contains_key("content-encoding");
        assert_eq!(packed, encoding == "gzip");
        let bytes = answer.bytes().await.unwrap();
        assert_eq!(bytes.is_empty(), !packed, "{encoding}: {} bytes", bytes.len());
    }
}

#[tokio::test]
async fn a_slice_that_the_client_has_is_not_sent_again_until_something_changes() {
    let p = Priced::start().await;
    let item = p.item("1.1", "10", "5").await;
    let get = |path: String, tag: Option<String>| {
        let mut request = p.lead.request(Method::GET, &path);
        if let Some(tag) = tag {
            request = request.header("if-none-match", tag);
        }
        request.send()
    };
    let first = get(p.at("/rows"), None).await.unwrap();
    let tag = first.headers()["etag"].to_str().unwrap().to_owned();
    let again = get(p.at("/rows"), Some(tag.clone())).await.unwrap();
    assert_eq!((again.status().as_u16(), again.text().await.unwrap()), (304, String::new()));
    let other = get(p.at("/rows?limit=1"), Some(tag.clone())).await.unwrap();
    assert_eq!(other.status(), 200);
    p.lead.patch(&p.at(&format!("/items/{item}")), &json!({"set": {"quantity": "2"}})).await.ok();
    let changed = get(p.at("/rows"), Some(tag)).await.unwrap();
    assert_eq!(changed.status(), 200);
    assert_eq!(changed.json::<Value>().await.unwrap()["rows"][1]["quantity"], "2.0000");
}

#[tokio::test]
async fn checks_say_what_is_wrong_where() {
    let p = Priced::start().await;
    let body = json!({"parentId": p.heading, "set": {"code": "9", "unit": "m3", "quantity": "1"}});
    p.lead.post(&p.at("/items"), &body).await.ok();
    let checks = p.lead.get(&p.at("/checks")).await.ok();
    assert_eq!(checks["counts"], json!({"rules": 1, "warnings": 0, "dismissed": 0}));
    let check = &checks["items"][0];
    assert_eq!(
        (&check["code"], &check["rule"]),
        (&json!("estimate-has-unpriced-items"), &json!("BR-089"))
    );
    assert_eq!(check["kind"], "item");
}
