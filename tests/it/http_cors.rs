//! Pages of other sites: none reads anything, unless the administrator named its origin; and that
//! one has what its token gives, never what a browser's cookie would.

use crate::harness::process::refused;
use crate::harness::{Client, TestApp};
use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use serde_json::json;

const REPORTS: &str = "https://reports.example";
const SETTINGS: &str = "[server]\ncors_origins = \"https://reports.example\"\n";

async fn token(client: &Client) -> String {
    let body = json!({"name": "Reports", "scope": "write", "days": 1});
    client.post("/tokens", &body).await.ok()["text"].as_str().unwrap().to_owned()
}

/// What a browser is told before a page of `origin` may change something.
async fn preflight(app: &TestApp, origin: &str) -> (StatusCode, HeaderMap) {
    let ask = app.visitor().request(Method::OPTIONS, "/tenders").header("origin", origin);
    let ask = ask.header("access-control-request-method", "POST");
    let ask = ask.header("access-control-request-headers", "authorization,content-type");
    let answer = ask.send().await.unwrap();
    (answer.status(), answer.headers().clone())
}

#[tokio::test]
async fn no_page_of_another_site_is_told_that_it_may() {
    let app = TestApp::start().await;
    let (_, headers) = preflight(&app, REPORTS).await;
    assert!(!headers.contains_key("access-control-allow-origin"), "{headers:?}");
    let get = app.visitor().request(Method::GET, "/session/providers").header("origin", REPORTS);
    let answer = get.send().await.unwrap();
    assert!(!answer.headers().contains_key("access-control-allow-origin"));
}

#[tokio::test]
async fn a_named_origin_has_what_its_token_gives_and_nothing_of_a_cookie() {
    let app = TestApp::configured(SETTINGS).await;
    let lead = app.sign_in("lead-estimator").await;
    let token = token(&lead).await;

    let (status, headers) = preflight(&app, REPORTS).await;
    assert_eq!(status, 200);
    assert_eq!(headers["access-control-allow-origin"], REPORTS);
    assert!(!headers.contains_key("access-control-allow-credentials"), "{headers:?}");
    let allowed = headers["access-control-allow-headers"].to_str().unwrap().to_lowercase();
    assert!(allowed.contains("authorization") && !allowed.contains('*'), "{allowed}");
    for other in ["https://reports.example.evil", "http://reports.example", "null"] {
        let (_, headers) = preflight(&app, other).await;
        assert!(!headers.contains_key("access-control-allow-origin"), "{other}");
    }

    let visitor = app.visitor();
    let get = visitor.request(Method::GET, "/tenders").bearer_auth(&token);
    let answer = get.header("origin", REPORTS).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["access-control-allow-origin"], REPORTS);
    let tender = json!({"number": "T-1", "name": "x"});
    let post = |client: &Client, origin: &'static str| {
        client.request(Method::POST, "/tenders").header("origin", origin).json(&tender)
    };
    let answer = post(&visitor, REPORTS).bearer_auth(&token).send().await.unwrap();
    assert_eq!(answer.status(), 201);

    // The cookie of whoever sits before the page is none of its own.
    let get = lead.request(Method::GET, "/tenders").header("origin", REPORTS);
    assert_eq!(get.send().await.unwrap().status(), 401);
    assert_eq!(post(&lead, REPORTS).send().await.unwrap().status(), 403);
    let answer = post(&lead, REPORTS).bearer_auth("oxf_none").send().await.unwrap();
    assert_eq!(answer.status(), 401);
    let end = lead.request(Method::DELETE, "/session").header("origin", REPORTS);
    end.bearer_auth(&token).send().await.unwrap();
    lead.get("/session").await.ok();

    // A page that nobody named has nothing, whatever it brings.
    let answer = post(&visitor, "https://evil.example").bearer_auth(&token).send().await.unwrap();
    assert_eq!(answer.status(), 403);
    assert_eq!(lead.get("/tenders").await.ok()["total"], 1);
}

#[test]
fn an_origin_that_is_everybodys_or_none_is_refused_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    for wrong in ["*", "null", "https://reports.example/", "reports.example"] {
        let settings = format!("[server]\ncors_origins = \"{wrong}\"\n");
        std::fs::write(folder.path().join("oxflow.toml"), settings).unwrap();
        let said = refused(&["serve", "--auth", "development"], folder.path());
        assert!(said.contains("server.cors_origins") && said.contains(wrong), "{said}");
    }
}
