//! The log, however much of it is asked for, holds nothing that lets anybody in.

use crate::harness::TestApp;
use crate::harness::idp::Idp;
use crate::live_support::Live;
use crate::oidc_support::Site;
use reqwest::{Method, Url};
use serde_json::json;

/// Fails where a log holds a secret, or nothing at all.
fn assert_untold(app: &TestApp, secrets: &[(&str, &str)]) {
    let said = app.said();
    assert!(said.contains("TRACE") && said.contains("answered"), "the log is not written whole");
    for (what, secret) in secrets {
        assert!(secret.len() > 8, "{what} is no secret: {secret:?}");
        let line = said.lines().find(|line| line.contains(secret));
        assert!(line.is_none(), "{what} is in the log: {line:?}");
    }
}

#[tokio::test]
async fn tokens_and_cookies_are_in_no_line_of_the_log() {
    let app = TestApp::logging("trace").await;
    let admin = app.sign_in("admin").await;
    let body = json!({"name": "Nightly", "scope": "write", "days": 1});
    let made = admin.post("/tokens", &body).await.ok();
    let token = made["text"].as_str().unwrap();
    let visitor = app.visitor();
    let forged = format!("oxf_{}", "ab12".repeat(16));
    let cookie = format!("oxflow_session={}", "cd34".repeat(16));
    for (bearer, status) in [(token, 200), (&forged, 401)] {
        let get = visitor.request(Method::GET, "/tenders").bearer_auth(bearer);
        assert_eq!(get.send().await.unwrap().status(), status);
    }
    let get = visitor.request(Method::GET, "/tenders").header("cookie", &cookie);
    assert_eq!(get.send().await.unwrap().status(), 401);
    // A body that is refused may hold anything.
    let password = "swordfish-swordfish";
    visitor.post("/session", &json!({"userId": password, "password": password})).await;
    visitor.post("/session", &json!({"userId": uuid::Uuid::now_v7()})).await;
    let live = Live::open(&app, &admin).await;
    live.goodbye().await;
    let session = admin.cookie().split_once('=').unwrap().1.to_owned();
    admin.delete("/session").await.ok();
    let cookie = cookie.split_once('=').unwrap().1.to_owned();
    assert_untold(
        &app,
        &[
            ("an API token", token),
            ("a token that is none", &forged),
            ("a session", &session),
            ("a session that is none", &cookie),
            ("what a refused body held", password),
        ],
    );
}

/// A parameter of an address.
fn part(address: &Url, name: &str) -> String {
    let found = address.query_pairs().find(|(of, _)| of == name);
    found.unwrap_or_else(|| panic!("no {name} in {address}")).1.into_owned()
}

#[tokio::test]
async fn the_way_to_a_provider_and_back_leaves_no_secret_in_the_log() {
    let site = Site::logging("trace").await;
    let ann = site.browser();
    let setup = site.app.setup().await;
    let there = ann.begin(json!({"setup": setup})).await;
    let (state, nonce) = (part(&there, "state"), part(&there, "nonce"));
    let back = ann.through(there).await;
    let code = part(&back, "code");
    let ended = ann.back(back.clone()).await;
    assert_eq!(ended.page, "/", "{}", site.app.said());
    let session = ended.cookies.iter().find_map(|one| one.strip_prefix("oxflow_session="));
    let session = session.unwrap().split(';').next().unwrap().to_owned();
    // Coming back once more signs nobody in, and is told of without what it came with.
    assert!(ann.back(back).await.page.starts_with("/sign-in?error="));
    let body = json!({"provider": "test", "setup": "0f".repeat(32)});
    ann.send(Method::POST, "/session/oidc", Some(&body)).await.problem(403, "setup-over");
    let wrong_setup = "0f".repeat(32);
    assert_untold(
        &site.app,
        &[
            ("the link's secret", &setup),
            ("a wrong secret of a link", &wrong_setup),
            ("the client's secret", Idp::SECRET.trim()),
            ("the state", &state),
            ("the nonce", &nonce),
            ("the code", &code),
            ("the session", &session),
        ],
    );
}
