//! Who may call what: every route of the document stands in one table, and the server keeps to
//! it.

use crate::harness::{Client, TestApp};
use crate::http_support::fresh;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The least that a caller must be.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Least {
    Anyone,
    Viewer,
    Estimator,
    Lead,
    Admin,
}
use Least::{Admin, Anyone, Estimator, Lead, Viewer};

/// Every route of the document, with the least role that may call it. Where the role depends on
/// what is asked, the table has the least of them all.
pub const ROUTES: &[(&str, &str, Least)] = &[
    ("GET", "/session", Viewer),
    ("POST", "/session", Anyone),
    ("DELETE", "/session", Anyone),
    ("GET", "/session/users", Anyone),
    ("GET", "/session/providers", Anyone),
    ("POST", "/session/oidc", Anyone),
    ("GET", "/session/oidc/{provider}/callback", Anyone),
    ("POST", "/session/oidc/{provider}/logout", Anyone),
    ("GET", "/session/oidc/{provider}/logout", Anyone),
    ("POST", "/session/organisation", Viewer),
    ("GET", "/sessions", Viewer),
    ("DELETE", "/sessions", Viewer),
    ("DELETE", "/sessions/{id}", Viewer),
    ("GET", "/settings", Admin),
    ("GET", "/users", Admin),
    ("POST", "/users", Admin),
    ("PATCH", "/users/{id}", Admin),
    ("DELETE", "/users/{id}/sessions", Admin),
    ("DELETE", "/users/{id}/links", Admin),
    ("GET", "/tokens", Viewer),
    ("POST", "/tokens", Viewer),
    ("DELETE", "/tokens/{id}", Viewer),
    ("GET", "/organisations", Viewer),
    ("PATCH", "/organisations/{id}", Admin),
    ("GET", "/vault", Viewer),
    ("GET", "/vault/snapshots", Admin),
    ("POST", "/vault/snapshots", Admin),
    ("POST", "/vault/drills", Admin),
    ("POST", "/snapshots", Admin),
    ("GET", "/people", Viewer),
    ("GET", "/units", Viewer),
    ("POST", "/units", Estimator),
    ("PATCH", "/units/{code}", Estimator),
    ("DELETE", "/units/{code}", Lead),
    ("PUT", "/units/conversions", Estimator),
    ("GET", "/tenders", Viewer),
    ("POST", "/tenders", Estimator),
    ("GET", "/tenders/values", Viewer),
    ("GET", "/tenders/{id}", Viewer),
    ("PATCH", "/tenders/{id}", Estimator),
    ("DELETE", "/tenders/{id}", Admin),
    ("POST", "/tenders/{id}/duplicate", Estimator),
    ("GET", "/tenders/{id}/estimates", Viewer),
    ("POST", "/tenders/{id}/estimates", Estimator),
    ("GET", "/estimates/{id}", Viewer),
    ("PATCH", "/estimates/{id}", Estimator),
    ("PUT", "/estimates/{id}/lead", Lead),
    ("GET", "/estimates/{id}/rows", Viewer),
    ("POST", "/estimates/{id}/rows/query", Viewer),
    ("GET", "/estimates/{id}/rows/{node}", Viewer),
    ("GET", "/estimates/{id}/rows/{node}/children", Viewer),
    ("GET", "/estimates/{id}/rows/{node}/locate", Viewer),
    ("GET", "/estimates/{id}/search", Viewer),
    ("GET", "/estimates/{id}/tree", Viewer),
    ("POST", "/estimates/{id}/prices", Viewer),
    ("POST", "/estimates/{id}/edits", Estimator),
    ("POST", "/estimates/{id}/headings", Estimator),
    ("PATCH", "/estimates/{id}/headings/{heading}", Estimator),
    ("DELETE", "/estimates/{id}/headings/{heading}", Estimator),
    ("POST", "/estimates/{id}/items", Estimator),
    ("GET", "/estimates/{id}/items/{item}", Viewer),
    ("PATCH", "/estimates/{id}/items/{item}", Estimator),
    ("DELETE", "/estimates/{id}/items/{item}", Estimator),
    ("GET", "/estimates/{id}/items/{item}/worksheet", Viewer),
    ("PUT", "/estimates/{id}/items/{item}/worksheet", Estimator),
    ("POST", "/estimates/{id}/items/{item}/worksheet/lines", Estimator),
    ("PATCH", "/estimates/{id}/items/{item}/worksheet/lines/{line}", Estimator),
    ("DELETE", "/estimates/{id}/items/{item}/worksheet/lines/{line}", Estimator),
    ("GET", "/estimates/{id}/items/{item}/names", Viewer),
    ("GET", "/estimates/{id}/items/{item}/references", Viewer),
    ("POST", "/formulas/check", Viewer),
    ("POST", "/estimates/{id}/reprice", Estimator),
    ("GET", "/estimates/{id}/checks", Viewer),
    ("GET", "/estimates/{id}/content", Viewer),
    ("GET", "/estimates/{id}/categories/{categorisation}", Viewer),
    ("GET", "/estimates/{id}/categories/{categorisation}/report", Viewer),
    ("GET", "/estimates/{id}/commercials", Viewer),
    ("POST", "/estimates/{id}/commercials/preview", Viewer),
    ("GET", "/estimates/{id}/commercials/items", Viewer),
    ("GET", "/estimates/{id}/packages", Viewer),
    ("GET", "/estimates/{id}/packages/{package}", Viewer),
    ("POST", "/estimates/{id}/packages/{package}/preview", Viewer),
    ("GET", "/estimates/{id}/packages/{package}/schedule", Viewer),
    ("GET", "/estimates/{id}/packages/{package}/report", Viewer),
    ("POST", "/estimates/{id}/packages/{package}/read", Estimator),
    ("GET", "/estimates/{id}/acknowledgements", Viewer),
    ("GET", "/estimates/{id}/submission", Viewer),
    ("POST", "/estimates/{id}/submission", Lead),
    ("POST", "/estimates/{id}/approval", Lead),
    ("DELETE", "/estimates/{id}/approval", Lead),
    ("GET", "/estimates/{id}/schedule", Viewer),
    ("GET", "/estimates/{id}/compare", Viewer),
    ("POST", "/estimates/{id}/revise", Estimator),
    ("POST", "/estimates/{id}/archive", Lead),
    ("GET", "/files/{hash}", Viewer),
    ("PUT", "/tenders/{id}/decision", Lead),
    ("PUT", "/tenders/{id}/notices/{number}", Estimator),
    ("DELETE", "/tenders/{id}/notices/{number}", Estimator),
    ("GET", "/tenders/{id}/handovers", Viewer),
    ("POST", "/tenders/{id}/handovers", Lead),
    ("POST", "/tenders/{id}/handovers/{handover}/confirm", Lead),
    ("GET", "/estimates/{id}/undo", Viewer),
    ("POST", "/estimates/{id}/undo", Estimator),
    ("POST", "/estimates/{id}/redo", Estimator),
    ("GET", "/estimates/{id}/export", Viewer),
    ("POST", "/estimates/{id}/export", Estimator),
    ("GET", "/estimates/{id}/documents/{document}", Viewer),
    ("GET", "/thresholds", Viewer),
    ("PUT", "/thresholds", Admin),
    ("GET", "/branding", Viewer),
    ("PUT", "/branding", Admin),
    ("POST", "/branding/preview", Viewer),
    ("GET", "/branding/logo", Viewer),
    ("PUT", "/branding/logo", Admin),
    ("DELETE", "/branding/logo", Admin),
    ("POST", "/estimates/{id}/documents/{document}", Estimator),
    ("POST", "/estimates/{id}/write-back", Estimator),
    ("GET", "/estimates/{id}/programme", Viewer),
    ("POST", "/estimates/{id}/programme", Estimator),
    ("GET", "/library/undo", Viewer),
    ("POST", "/library/undo", Estimator),
    ("POST", "/library/redo", Estimator),
    ("GET", "/history/{entity}/{id}", Viewer),
    ("GET", "/estimates/{id}/comments", Viewer),
    ("POST", "/estimates/{id}/comments", Estimator),
    ("DELETE", "/estimates/{id}/comments/{comment}", Estimator),
    ("GET", "/tenders/{id}/attachments", Viewer),
    ("POST", "/tenders/{id}/attachments", Estimator),
    ("GET", "/tenders/{id}/attachments/{attachment}", Viewer),
    ("DELETE", "/tenders/{id}/attachments/{attachment}", Estimator),
    ("GET", "/notifications", Viewer),
    ("POST", "/notifications/read", Viewer),
    ("GET", "/estimates/{id}/leases", Viewer),
    ("POST", "/estimates/{id}/leases/{row}/take-over", Lead),
    ("GET", "/audit", Lead),
    ("GET", "/audit/entries/{lsn}", Lead),
    ("GET", "/audit/seal", Lead),
    ("POST", "/audit/verify", Lead),
    ("GET", "/audit/export", Lead),
    ("GET", "/audit/access", Admin),
    ("GET", "/audit/access/export", Admin),
    ("POST", "/audit/access/verify", Admin),
    ("GET", "/estimates/{id}/moments", Viewer),
    ("POST", "/estimates/{id}/restore", Estimator),
    ("POST", "/estimates/{id}/copy-back", Estimator),
    ("POST", "/estimates/{id}/moments/{lsn}/take-back", Estimator),
    ("GET", "/price-books", Viewer),
    ("POST", "/price-books", Estimator),
    ("GET", "/price-books/{id}", Viewer),
    ("PATCH", "/price-books/{id}", Estimator),
    ("POST", "/price-books/{id}/versions", Estimator),
    ("DELETE", "/price-books/{id}/versions/{n}", Estimator),
    ("POST", "/price-books/{id}/versions/{n}/publish", Estimator),
    ("POST", "/price-books/{id}/versions/{n}/archive", Estimator),
    ("GET", "/price-books/{id}/versions/{n}/rates", Viewer),
    ("PUT", "/price-books/{id}/versions/{n}/rates/{resource}", Estimator),
    ("GET", "/price-books/{id}/versions/{n}/usage", Viewer),
    ("GET", "/price-books/{id}/versions/{n}/export", Viewer),
    ("POST", "/price-books/{id}/versions/{n}/export", Estimator),
    ("GET", "/price-books/{id}/compare", Viewer),
    ("POST", "/price-books/{id}/import", Estimator),
    ("GET", "/resources", Viewer),
    ("POST", "/resources", Estimator),
    ("GET", "/resources/{id}", Viewer),
    ("PATCH", "/resources/{id}", Estimator),
    ("DELETE", "/resources/{id}", Estimator),
    ("GET", "/resources/{id}/usage", Viewer),
    ("GET", "/resources/{id}/rates", Viewer),
    ("PUT", "/resources/{id}/rates", Estimator),
    ("GET", "/content-kinds", Viewer),
    ("POST", "/content-kinds", Admin),
    ("PATCH", "/content-kinds/{id}", Admin),
    ("GET", "/categorisations", Viewer),
    ("POST", "/categorisations", Lead),
    ("PATCH", "/categorisations/{id}", Lead),
    ("GET", "/labels", Viewer),
    ("PUT", "/labels", Estimator),
    ("PUT", "/labels/{id}", Estimator),
    ("GET", "/companies", Viewer),
    ("POST", "/companies", Estimator),
    ("GET", "/companies/{id}", Viewer),
    ("PATCH", "/companies/{id}", Estimator),
    ("GET", "/companies/{id}/usage", Viewer),
    ("PUT", "/companies/xero/{contact}", Admin),
    ("DELETE", "/companies/xero/{contact}", Admin),
    ("GET", "/recipes", Viewer),
    ("POST", "/recipes", Estimator),
    ("GET", "/recipes/{id}", Viewer),
    ("PUT", "/recipes/{id}", Estimator),
    ("PATCH", "/recipes/{id}", Estimator),
    ("DELETE", "/recipes/{id}", Estimator),
    ("GET", "/recipes/{id}/usage", Viewer),
    ("DELETE", "/recipes/{id}/draft", Estimator),
    ("POST", "/recipes/{id}/versions/{n}/archive", Estimator),
    ("POST", "/recipes/from-item", Estimator),
    ("GET", "/estimates/{id}/items/{item}/worksheet/lines/{line}/upgrade", Viewer),
    ("POST", "/recipes/preview", Viewer),
    ("GET", "/catalogue", Viewer),
    ("POST", "/imports", Estimator),
    ("GET", "/imports/{id}", Viewer),
    ("DELETE", "/imports/{id}", Estimator),
    ("GET", "/imports/{id}/sheets/{index}", Viewer),
    ("GET", "/imports/{id}/sheets/{index}/values", Viewer),
    ("POST", "/imports/{id}/plan", Estimator),
    ("GET", "/imports/{id}/plan/rows", Viewer),
    ("POST", "/imports/{id}/commit", Estimator),
    ("GET", "/jobs", Viewer),
    ("GET", "/jobs/{id}", Viewer),
    ("DELETE", "/jobs/{id}", Estimator),
    ("GET", "/jobs/{id}/result", Viewer),
    ("POST", "/jobs/{id}/retry", Estimator),
    ("POST", "/jobs/reprice", Estimator),
    ("POST", "/jobs/recalculation", Estimator),
    ("GET", "/rules", Viewer),
];

/// A route's address with something in every place that nobody knows.
fn filled(path: &str) -> String {
    filled_with(path, |_| None)
}

/// A route's address with what is `known` in its places, and something where nothing is.
pub fn filled_with(path: &str, known: impl Fn(&str) -> Option<String>) -> String {
    let part = |part: &str| match part {
        part if known(part).is_some() => known(part).unwrap_or_default(),
        "{code}" => "m3".to_owned(),
        "{index}" => "0".to_owned(),
        "{n}" => "1".to_owned(),
        "{lsn}" => "999999".to_owned(),
        "{entity}" => "tender".to_owned(),
        "{document}" => "client-schedule".to_owned(),
        part if part.starts_with('{') => fresh(),
        part => part.to_owned(),
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// The smallest body a route takes, so that only the caller can be at fault.
pub fn body(method: &str, path: &str) -> Option<Value> {
    let some = fresh();
    let recipe = json!({"version": 1, "code": "R", "name": "R", "unit": "m3"});
    Some(match (method, path) {
        ("POST", "/session") => json!({"userId": some}),
        ("POST", "/session/oidc") => json!({"provider": "none"}),
        ("POST", "/session/organisation") => json!({"organisationId": some}),
        ("POST", "/users") => json!({"name": "", "role": "estimator"}),
        ("PATCH", "/users/{id}") => json!({"version": 1}),
        ("POST", "/tokens") => json!({"name": "", "scope": "read", "days": 1}),
        ("POST", "/estimates/{id}/submission") => json!({"contentHash": "", "totalEx": "0.00"}),
        ("POST", "/estimates/{id}/approval") => json!({"minutes": "M"}),
        ("DELETE", "/estimates/{id}/approval") => json!({"reason": "R"}),
        ("PUT", "/tenders/{id}/decision") => json!({"go": true, "reason": "R"}),
        ("POST", "/tenders/{id}/handovers") => {
            json!({"target": "csv", "key": "k", "codes": {"job": "J"}})
        }
        ("POST", "/units") => json!({"code": "m3", "name": "m3", "dimension": "volume"}),
        ("PUT", "/units/conversions") => json!({"from": "m", "to": "km", "factor": "0.001"}),
        ("POST", "/tenders") => json!({"number": "", "name": ""}),
        ("PATCH", "/tenders/{id}" | "/resources/{id}" | "/recipes/{id}") => json!({"version": 1}),
        ("POST", "/tenders/{id}/duplicate") => json!({"number": "D", "name": "D"}),
        ("POST", "/tenders/{id}/estimates") => json!({"code": "A", "name": "A"}),
        ("POST", "/estimates/{id}/edits") => json!({"edits": []}),
        ("POST", "/estimates/{id}/restore") => json!({"asOf": "1", "reason": "R"}),
        ("POST", "/estimates/{id}/comments") => json!({"itemId": some, "text": "T"}),
        ("POST", "/estimates/{id}/leases/{row}/take-over") => json!({"reason": "R"}),
        ("POST", "/estimates/{id}/copy-back") => json!({"asOf": "1", "rowIds": [some]}),
        ("POST", "/estimates/{id}/export") => json!({"format": "csv"}),
        ("POST", "/estimates/{id}/headings") => json!({"name": "H"}),
        ("POST", "/estimates/{id}/items") => json!({"parentId": some}),
        ("PATCH", "/estimates/{id}") => json!({}),
        ("PUT", "/estimates/{id}/lead") => json!({"leadId": some}),
        ("PATCH", "/price-books/{id}") => json!({"version": 1, "set": {}}),
        ("POST", "/price-books/{id}/import") => json!({"uploadId": some}),
        ("PUT", path) if path.contains("/rates") => json!({"entries": []}),
        ("PATCH", "/companies/{id}" | "/categorisations/{id}" | "/content-kinds/{id}") => {
            json!({"version": 1, "set": {}})
        }
        ("PUT", "/companies/xero/{contact}") => json!({"set": {"name": "X", "state": "active"}}),
        ("PUT", "/labels") => {
            json!({"kind": "tender", "ids": [some], "categorisationId": some})
        }
        ("PUT", "/labels/{id}") => json!({"kind": "tender", "options": []}),
        ("POST", "/content-kinds") => json!({"title": "T"}),
        ("PATCH", "/organisations/{id}") => json!({"name": "N"}),
        ("PATCH", _) => json!({"set": {}}),
        ("PUT", "/recipes/{id}") => recipe,
        ("POST", "/recipes/from-item") => {
            json!({"estimateId": some, "itemId": some, "code": "R", "name": "R"})
        }
        ("POST", "/recipes") => json!({"code": "", "name": "", "unit": "m3"}),
        ("POST", "/recipes/preview") => json!({"recipeId": some, "quantity": "1"}),
        ("POST", "/estimates/{id}/packages/{package}/read") => json!({"importId": some}),
        ("POST", "/estimates/{id}/packages/{package}/preview") => json!({"quoteId": some}),
        ("POST", "/companies") => json!({"name": ""}),
        ("POST", "/resources") => {
            json!({"code": "", "description": "", "type": "plant", "unit": "m3"})
        }
        ("POST", "/formulas/check") => json!({"estimateId": some, "text": "1"}),
        ("POST", "/imports/{id}/commit") => json!({"planId": some}),
        ("POST", "/imports/{id}/plan") => json!({
            "estimateId": some, "mode": "append", "rateAs": "ignore",
            "layout": {"sheet": 0, "headerRow": 0, "columns": {}},
        }),
        ("POST", path) if path.ends_with("/lines") => json!({"line": {}}),
        ("POST" | "PUT", _) => json!({}),
        _ => return None,
    })
}

async fn status(client: &Client, method: &str, path: &str) -> u16 {
    ask(client, method, path, filled(path)).await.0
}

/// Asks for a route at an address of its own; gives the status and what was said.
pub async fn ask(client: &Client, method: &str, path: &str, mut address: String) -> (u16, String) {
    if path == "/tenders/values" {
        address.push_str("?ids=");
    } else if path.ends_with("/values") {
        address.push_str("?column=0");
    }
    if path == "/labels" {
        address.push_str("?ids=");
    }
    if path.ends_with("/compare") {
        address.push_str("?from=1&to=1");
        address.push_str(&format!("?with={}", fresh()));
    }
    if path.ends_with("/export") && !path.starts_with("/audit/") {
        address.push_str("?format=csv");
    }
    let mut request = client.request(Method::from_bytes(method.as_bytes()).unwrap(), &address);
    if let Some(body) = body(method, path) {
        request = request.json(&body);
    }
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap_or_default())
}

#[tokio::test]
async fn every_route_of_the_document_has_a_known_least_role() {
    let app = TestApp::start().await;
    let document = app.visitor().get("/openapi.json").await.ok();
    let mut documented = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            documented.insert((method.to_uppercase(), path.clone()));
        }
    }
    let known: BTreeSet<(String, String)> =
        ROUTES.iter().map(|(m, p, _)| ((*m).to_owned(), (*p).to_owned())).collect();
    let missing: Vec<_> = documented.difference(&known).collect();
    assert!(missing.is_empty(), "say who may call {missing:?}");
    let gone: Vec<_> = known.difference(&documented).collect();
    assert!(gone.is_empty(), "these routes are no more: {gone:?}");
}

#[tokio::test]
async fn nobody_gets_anywhere_without_signing_in() {
    let app = TestApp::start().await;
    let visitor = app.visitor();
    for (method, path, least) in ROUTES {
        let status = status(&visitor, method, path).await;
        if *least == Anyone {
            assert_ne!(status, 401, "{method} {path}");
        } else {
            assert_eq!(status, 401, "{method} {path}");
        }
    }
    assert_eq!(visitor.page("/api/v1/live").send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn a_role_may_call_what_it_may_and_nothing_else() {
    let app = TestApp::start().await;
    let roles =
        [("viewer", Viewer), ("estimator", Estimator), ("lead-estimator", Lead), ("admin", Admin)];
    let mut wrong = Vec::new();
    for (role, rank) in roles {
        for (method, path, least) in ROUTES {
            if *path == "/session" {
                continue;
            }
            let client = app.sign_in(role).await;
            let status = status(&client, method, path).await;
            assert!(status < 500, "{role}: {method} {path} gave {status}");
            assert_ne!(status, 401, "{role}: {method} {path}");
            if (status == 403) != (rank < *least) {
                wrong.push(format!("{role}: {method} {path} gave {status}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn a_role_that_may_not_is_told_so_whatever_it_sends() {
    let app = TestApp::start().await;
    let roles = [("viewer", Viewer), ("estimator", Estimator), ("lead-estimator", Lead)];
    let mut wrong = Vec::new();
    for (role, rank) in roles {
        let client = app.sign_in(role).await;
        for (method, path, _) in ROUTES.iter().filter(|(.., least)| rank < *least) {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            // Nonsense in the body, in the query, in the path, and a header that makes no sense.
            let address =
                filled_with(path, |part| part.starts_with('{').then(|| "%00..".to_owned()));
            for (content_type, body) in
                [("application/json", "{\"]"), ("text/plain", "x"), ("multipart/form-data", "--")]
            {
                let request = client.request(method.clone(), &format!("{address}?x=%ff&version=q"));
                let request = request.header("content-type", content_type);
                let request = request.header("x-leases", "nonsense").body(body);
                let answer = request.send().await.unwrap();
                if answer.status() != 403 {
                    wrong.push(format!("{role}: {method} {path} gave {}", answer.status()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
