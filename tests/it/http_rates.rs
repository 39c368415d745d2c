//! Whoever asks too often waits, and nobody else does.

use crate::harness::{Answer, Client, TestApp};
use serde_json::{Value, json};

/// Somebody far away, behind the proxy on this machine.
async fn from(client: &Client, address: &str, path: &str) -> Answer {
    let request = client.request(reqwest::Method::GET, path).header("x-forwarded-for", address);
    let response = request.send().await.expect("an answer");
    Answer::of(path.to_owned(), response).await.expect("its text")
}

fn refused(answer: &Answer) -> bool {
    answer.status.as_u16() == 429
}

#[tokio::test]
async fn one_address_that_asks_too_often_waits_and_others_do_not() {
    let settings = "[limits]\naddress_per_minute = 5\n[server]\ntrusted_proxies = \"127.0.0.1\"\n";
    let app = TestApp::configured(settings).await;
    let admin = app.sign_in("admin").await;
    for _ in 0..5 {
        assert!(from(&admin, "203.0.113.7", "/tenders").await.status.is_success());
    }
    let over = from(&admin, "203.0.113.7", "/tenders").await;
    over.problem(429, "too-many-requests");
    // What the client itself claims before the proxy's word does not help.
    assert!(refused(&from(&admin, "198.51.100.1, 203.0.113.7", "/tenders").await));
    assert!(from(&admin, "203.0.113.8", "/tenders").await.status.is_success());
    // This machine is not counted.
    for _ in 0..20 {
        assert!(admin.get("/tenders").await.status.is_success());
    }
}

/// A proxy on this machine that nobody named is believed nothing, and is not this machine: all it
/// serves count as one, where guessing goes slowly too.
#[tokio::test]
async fn sign_ins_are_few_from_one_address_and_from_a_proxy_nobody_named() {
    let named = "[server]\ntrusted_proxies = \"127.0.0.1\"\n";
    for (server, other) in [(named, 401), ("", 429)] {
        let app = TestApp::configured(&format!("[limits]\nsign_in_per_minute = 3\n{server}")).await;
        let visitor = app.visitor();
        let guess = async |address: &str| {
            let request = visitor.request(reqwest::Method::POST, "/session");
            let request = request.header("x-forwarded-for", address);
            let body = json!({"userId": crate::http_support::fresh()});
            let answer = request.json(&body).send().await.expect("an answer");
            (answer.status().as_u16(), answer.headers().contains_key("retry-after"))
        };
        let tried = [guess("203.0.113.7").await, guess("203.0.113.7").await];
        assert!(tried.iter().all(|(status, _)| *status != 429), "{tried:?}");
        let third = guess("203.0.113.7").await.0;
        assert_eq!(guess("203.0.113.7").await, (429, true));
        let elsewhere = guess("203.0.113.8").await.0;
        assert_eq!(elsewhere, if other == 429 { 429 } else { third });
        // Reading goes on.
        assert!(from(&visitor, "203.0.113.7", "/session/users").await.status.is_success());
    }
}

#[tokio::test]
async fn a_token_has_its_own_limit_and_says_when_to_come_back() {
    let app = TestApp::configured("[limits]\ntoken_per_minute = 3\n").await;
    let admin = app.sign_in("admin").await;
    let body = json!({"name": "Reports", "scope": "read", "days": 7});
    let made: Value = admin.post("/tokens", &body).await.ok();
    let secret = made["text"].as_str().expect("the token").to_owned();
    let visitor = app.visitor();
    let ask = async || {
        let request = visitor.request(reqwest::Method::GET, "/tenders").bearer_auth(&secret);
        request.send().await.expect("an answer")
    };
    for _ in 0..3 {
        assert_eq!(ask().await.status(), 200);
    }
    let over = ask().await;
    assert_eq!(over.status(), 429);
    let wait: u64 = over.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    // The person's own browser goes on.
    admin.get("/tenders").await.ok();
}

#[tokio::test]
async fn an_organisation_has_a_limit_over_all_its_people() {
    let app = TestApp::configured("[limits]\norganisation_per_minute = 10\n").await;
    let (admin, lead) = (app.sign_in("admin").await, app.sign_in("lead-estimator").await);
    let mut over = 0;
    for _ in 0..6 {
        for client in [&admin, &lead] {
            over += u32::from(refused(&client.get("/tenders").await));
        }
    }
    assert_eq!(over, 2);
}
