//! Signing in and out, and what keeps other sites out.

use crate::harness::TestApp;
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn a_session_says_who_is_signed_in_until_they_sign_out() {
    let app = TestApp::start().await;
    app.visitor().get("/session").await.problem(401, "not-signed-in");
    let lead = app.sign_in("lead-estimator").await;
    let session = lead.get("/session").await.ok();
    assert_eq!(session["user"]["role"], "lead-estimator");
    assert_eq!((&session["signIn"], &session["demo"]), (&json!("development"), &json!(false)));
    assert_eq!(session["organisation"]["gstPct"], "15.0000");
    assert_eq!(session["version"], env!("CARGO_PKG_VERSION"));
    let organisations = lead.get("/organisations").await.ok();
    assert_eq!(organisations["items"][0], session["organisation"]);
    assert_eq!(lead.delete("/session").await.status, 204);
    lead.get("/session").await.problem(401, "not-signed-in");
    let nobody = json!({"userId": crate::http_support::fresh()});
    app.visitor().post("/session", &nobody).await.problem(404, "not-found");
}

#[tokio::test]
async fn the_cookie_stays_out_of_reach() {
    let app = TestApp::start().await;
    let users = app.visitor().get("/session/users").await.ok();
    let body = json!({"userId": users["items"][0]["id"]});
    let visitor = app.visitor();
    let answer = visitor.request(Method::POST, "/session").json(&body).send().await.unwrap();
    let cookie = answer.headers()["set-cookie"].to_str().unwrap();
    for part in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age="] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let token = cookie.split(['=', ';']).nth(1).unwrap();
    assert_eq!(token.len(), 64, "256 bits in hexadecimal");
    for forged in [token[1..].to_owned(), "0".repeat(64), String::new()] {
        let request = visitor.request(Method::GET, "/session");
        let answer = request.header("cookie", format!("oxflow_session={forged}")).send().await;
        assert_eq!(answer.unwrap().status(), 401);
    }
}

#[tokio::test]
async fn pages_of_other_sites_change_nothing() {
    let app = TestApp::start().await;
    let lead = app.sign_in("lead-estimator").await;
    let body = json!({"number": "T-1", "name": "x"});
    let post = |name: &'static str, value: &'static str| {
        lead.request(Method::POST, "/tenders").header(name, value).json(&body).send()
    };
    for (name, value) in [
        ("origin", "http://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        let answer = post(name, value).await.unwrap();
        assert_eq!(answer.status(), 403, "{name}: {value}");
        assert_eq!(answer.json::<Value>().await.unwrap()["code"], "foreign-origin");
    }
    // A name that was made to resolve to this machine reads nothing either.
    let get = lead.request(Method::GET, "/tenders").header("host", "evil.example");
    let answer = get.send().await.unwrap();
    assert_eq!(answer.status(), 421);
    assert_eq!(answer.json::<Value>().await.unwrap()["code"], "foreign-host");
    // Nor the figures that are for this machine, though the browser that asks is on it.
    let figures = async |host: &str| {
        lead.page("/metrics").header("host", host).send().await.unwrap().status().as_u16()
    };
    assert_eq!(figures("evil.example").await, 403);
    assert_eq!(figures("localhost").await, 200);
    assert_eq!(lead.get("/tenders").await.ok()["total"], 0);
    assert_eq!(post("sec-fetch-site", "same-origin").await.unwrap().status(), 201);
}

#[tokio::test]
async fn every_answer_carries_its_number_and_its_guards() {
    let app = TestApp::start().await;
    let lead = app.sign_in("lead-estimator").await;
    for path in ["/tenders", "/nowhere", "/rules"] {
        let answer = lead.request(Method::GET, path).send().await.unwrap();
        let headers = answer.headers();
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        assert!(headers["x-request-id"].to_str().unwrap().parse::<u64>().is_ok(), "{path}");
        assert!(headers.contains_key("content-security-policy"), "{path}");
        // No page of another site shows any of it, and no proxy keeps it for somebody else.
        assert_eq!(headers["cross-origin-resource-policy"], "same-origin", "{path}");
        let kept = if answer.status().is_success() { "private, no-cache" } else { "no-store" };
        assert_eq!(headers["cache-control"], kept, "{path}");
    }
    let rules = lead.get("/rules").await.ok();
    assert_eq!(rules["items"].as_array().unwrap().len(), 123);
    assert_eq!(rules["items"][12]["id"], "BR-013");
}

#[tokio::test]
async fn large_answers_are_compressed_for_those_who_ask() {
    let app = TestApp::start().await;
    let lead = app.sign_in("lead-estimator").await;
    let get = |path: &str, encoding: &'static str| {
        lead.request(Method::GET, path).header("accept-encoding", encoding).send()
    };
    let encoded = |answer: &reqwest::Response| answer.headers().contains_key("content-encoding");
    assert!(encoded(&get("/rules", "gzip").await.unwrap()));
    assert!(!encoded(&get("/rules", "identity").await.unwrap()));
    assert!(!encoded(&get("/session", "gzip").await.unwrap()), "a small answer");
}

#[tokio::test]
async fn an_admin_names_the_organisation_for_everyone_and_for_good() {
    let mut app = TestApp::start().await;
    let (admin, lead) = (app.sign_in("admin").await, app.sign_in("lead-estimator").await);
    let own = admin.get("/organisations").await.ok()["items"][0]["id"].clone();
    let path = format!("/organisations/{}", own.as_str().expect("an id"));
    let name = json!({"name": "  Oxcon Civil Limited "});
    lead.patch(&path, &name).await.problem(403, "permission-denied");
    admin.patch(&path, &json!({"name": " "})).await.problem(400, "invalid-request");
    let other = format!("/organisations/{}", crate::http_support::fresh());
    admin.patch(&other, &name).await.problem(404, "not-found");
    assert_eq!(admin.patch(&path, &name).await.ok()["name"], "Oxcon Civil Limited");
    assert_eq!(lead.get("/session").await.ok()["organisation"]["name"], "Oxcon Civil Limited");
    app.restart().await;
    let again = app.sign_in("estimator").await;
    assert_eq!(again.get("/organisations").await.ok()["items"][0]["name"], "Oxcon Civil Limited");
}
