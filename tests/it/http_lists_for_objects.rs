//! A list in the place of an object is refused, wherever in a body it stands: it would be read as
//! the fields of the object in their order, and a short one as a change of nothing. Bodies are made
//! of the API document, so that a new operation or field is tried as soon as it is there.

use crate::harness::TestApp;
use crate::http_routes::filled_with;
use crate::http_support::fresh;
use reqwest::Method;
use serde_json::{Map, Value, json};

/// Fewer, and nothing was found to be tried.
const TRIED_MIN: usize = 200;

/// The API document.
struct Document(Value);

impl Document {
    /// What a schema says, with its name where it has one.
    fn resolved<'a>(&'a self, schema: &'a Value) -> (&'a Value, Option<&'a str>) {
        let Some(name) = schema["$ref"].as_str() else { return (schema, None) };
        let at = name.strip_prefix('#').expect("a place in the document");
        (self.0.pointer(at).unwrap_or_else(|| panic!("no {name}")), Some(name))
    }

    /// The ways a schema leaves open, without the one that there is nothing.
    fn ways<'a>(&'a self, schema: &'a Value) -> Vec<&'a Value> {
        let ways = schema["oneOf"].as_array().or_else(|| schema["anyOf"].as_array());
        let Some(ways) = ways else { return vec![schema] };
        ways.iter().filter(|way| way["type"] != "null").collect()
    }

    /// The smallest value of a schema.
    fn least(&self, schema: &Value) -> Value {
        let (schema, _) = self.resolved(self.ways(self.resolved(schema).0)[0]);
        if let Some(all) = schema["allOf"].as_array() {
            let parts = all.iter().map(|part| self.least(part));
            return parts.fold(json!({}), |mut whole, part| {
                let part = part.as_object().cloned().unwrap_or_default();
                whole.as_object_mut().expect("an object").extend(part);
                whole
            });
        }
        if let Some(word) = schema["enum"].get(0) {
            return word.clone();
        }
        let kinds = schema["type"].as_array().cloned().unwrap_or(vec![schema["type"].clone()]);
        match kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null") {
            Some("object") => {
                let needed = schema["required"].as_array().cloned().unwrap_or_default();
                let needed = needed.iter().filter_map(Value::as_str);
                let made =
                    needed.map(|name| (name.to_owned(), self.least(&schema["properties"][name])));
                Value::Object(made.collect())
            }
            Some("array") => json!([]),
            Some("string") if schema["format"] == "uuid" => json!(fresh()),
            Some("string") if schema["format"] == "date-time" => json!("2026-04-20T02:05:00Z"),
            Some("string") if schema["pattern"].is_string() => json!("1"),
            // A kind of content block, and otherwise a word like any.
            Some("string") => json!("inclusions"),
            Some("integer" | "number") => json!(1),
            Some("boolean") => json!(true),
            _ => Value::Null,
        }
    }

    /// Values of a schema that are as they should be, but for one object that is a list.
    fn with_a_list(&self, schema: &Value, within: &[&str]) -> Vec<Value> {
        let (schema, name) = self.resolved(schema);
        let mut names = within.to_vec();
        if let Some(name) = name {
            if within.contains(&name) {
                return Vec::new();
            }
            names.push(name);
        }
        let ways = self.ways(schema);
        if ways.len() > 1 || ways[0] != schema {
            return ways.into_iter().flat_map(|way| self.with_a_list(way, &names)).collect();
        }
        if !schema["items"].is_null() {
            let inner = self.with_a_list(&schema["items"], &names);
            return inner.into_iter().map(|value| json!([value])).collect();
        }
        let mut made = Vec::new();
        if let Some(properties) = schema["properties"].as_object() {
            made.push(json!([]));
            made.push(json!([null, null]));
            for (name, property) in properties {
                for value in self.with_a_list(property, &names) {
                    let mut whole = self.least(schema);
                    whole[name] = value;
                    made.push(whole);
                }
            }
        }
        if schema["additionalProperties"].is_object() {
            let inner = self.with_a_list(&schema["additionalProperties"], &names);
            made.extend(
                inner.into_iter().map(|value| Value::Object(Map::from_iter([(fresh(), value)]))),
            );
        }
        made
    }
}

#[tokio::test]
async fn no_list_is_read_as_the_fields_of_an_object() {
    let app = TestApp::start().await;
    let admin = app.sign_in("admin").await;
    let document = Document(app.visitor().get("/openapi.json").await.ok());
    let (mut tried, mut wrong) = (0, Vec::new());
    for (path, methods) in document.0["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            if schema.is_null() {
                continue;
            }
            let address = filled_with(path, |_| None);
            for body in document.with_a_list(schema, &[]) {
                tried += 1;
                let named = method.to_uppercase();
                let asked = Method::from_bytes(named.as_bytes()).unwrap();
                let answer = admin.request(asked, &address).json(&body).send().await.unwrap();
                let (status, said) = (answer.status(), answer.text().await.unwrap());
                // Where an object has one key of a few, JSON itself is short about it.
                let told = ["invalid type: sequence, expected ", ": expected value at line"];
                if status != 400 || !told.iter().any(|words| said.contains(words)) {
                    wrong.push(format!("{named} {path} {body}: {status} {said}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {tried}: {wrong:#?}", wrong.len());
    assert!(tried >= TRIED_MIN, "{tried} were tried");
}
