//! The committed description of the API is the one the server gives.

use crate::harness::TestApp;
use serde_json::Value;
use std::collections::BTreeSet;

const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/ui/openapi.json");

#[tokio::test]
async fn the_committed_document_is_the_generated_one() {
    let app = TestApp::start().await;
    let served = app.visitor().page("/api/v1/openapi.json").send().await.unwrap();
    assert_eq!(served.headers()["content-type"], "application/json");
    let served = served.text().await.unwrap();
    let committed = std::fs::read_to_string(COMMITTED).unwrap();
    assert!(served == committed, "run `oxflow openapi > ui/openapi.json`");
}

#[test]
fn the_document_is_whole() {
    let text = std::fs::read_to_string(COMMITTED).unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut references = BTreeSet::new();
    collect(&document, &mut references);
    for reference in references {
        let pointer = reference.trim_start_matches('#');
        assert!(document.pointer(pointer).is_some(), "{reference} points nowhere");
    }
    let mut operations = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap();
            assert!(operations.insert(id.to_owned()), "{id} stands for two operations");
            assert!(operation["summary"].is_string(), "{method} {path} says nothing of itself");
            assert!(operation["responses"]["default"].is_object(), "{method} {path}");
        }
    }
}

fn collect(value: &Value, references: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            if let Some(Value::String(reference)) = object.get("$ref") {
                references.insert(reference.clone());
            }
            object.values().for_each(|value| collect(value, references));
        }
        Value::Array(items) => items.iter().for_each(|value| collect(value, references)),
        _ => {}
    }
}

#[tokio::test]
async fn the_reference_page_is_made_of_this_server_alone() {
    let app = TestApp::start().await;
    let page = app.visitor().page("/api").send().await.unwrap();
    assert!(page.headers()["content-security-policy"].to_str().unwrap().contains("'self'"));
    let html = page.text().await.unwrap();
    assert!(!html.contains("http://") && !html.contains("https://"), "{html}");
    assert!(!html.contains("<script>"), "a script stands in the page itself");
    for file in ["/api/reference.js", "/api/reference.css"] {
        assert!(html.contains(file));
        assert_eq!(app.visitor().page(file).send().await.unwrap().status(), 200);
    }
    assert_eq!(app.visitor().page("/api/other").send().await.unwrap().status(), 404);
}
