//! What an Admin sees of how the server was set up.

use crate::harness::TestApp;
use crate::oidc_support::Site;
use serde_json::{Value, json};

/// The setting by this name.
fn setting<'a>(shown: &'a Value, key: &str) -> &'a Value {
    let items = shown["items"].as_array().expect("settings");
    items.iter().find(|item| item["key"] == key).unwrap_or_else(|| panic!("no {key}: {shown}"))
}

#[tokio::test]
async fn an_admin_sees_the_limits_and_sign_in_in_force_with_what_changes_them() {
    let app = TestApp::configured("[limits]\ntoken_per_minute = 7\n").await;
    let admin = app.sign_in("admin").await;
    let shown = admin.get("/settings").await.ok();
    let tokens = setting(&shown, "limits.token_per_minute");
    assert_eq!((&tokens["value"], &tokens["default"]), (&json!("7"), &json!("100")));
    assert_eq!(tokens["variable"], "OXFLOW_LIMITS_TOKEN_PER_MINUTE");
    assert!(tokens["about"].as_str().expect("words").contains("API token"), "{tokens}");
    assert_eq!(setting(&shown, "auth.mode")["value"], "\"development\"");
    assert_eq!(setting(&shown, "auth.session_idle_seconds")["value"], "43200");
    assert_eq!(shown["providers"], json!([]));
    // Folders, keys and stores of the machine are for whoever runs it.
    let text = shown.to_string();
    for hidden in ["storage.", "vault.", "metrics_token", "secret", "trusted_proxies"] {
        assert!(!text.contains(hidden), "{hidden}: {text}");
    }
    for role in ["viewer", "estimator", "lead-estimator"] {
        let other = app.sign_in(role).await;
        other.get("/settings").await.problem(403, "permission-denied");
    }
}

#[tokio::test]
async fn a_provider_is_shown_without_its_secret_and_to_nobody_it_lets_not_in() {
    let roles = "roles = { \"ox-lead\" = \"lead-estimator\" }\nfirst_role = \"admin\"\n\
        organisation = \"default\"\n\
        [[auth.providers]]\nid = \"other\"\nname = \"Other\"\nissuer = \"https://i.example\"\n\
        client_id = \"c\"\norganisation = \"second\"";
    let (site, ann) = Site::start(roles).await;
    let shown = ann.get("/settings").await.ok();
    let providers = shown["providers"].as_array().expect("providers");
    assert_eq!(providers.len(), 1, "another organisation's is none of ours: {shown}");
    let provider = &providers[0];
    assert_eq!(provider["id"], "test");
    let back = format!("{}/api/v1/session/oidc/test/callback", site.app.origin());
    assert_eq!(provider["redirectUri"], json!(back));
    assert_eq!(provider["roles"], json!({"ox-lead": "lead-estimator"}));
    assert_eq!((&provider["firstRole"], &provider["onlyHere"]), (&json!("admin"), &json!(true)));
    let settings = site.idp.settings("");
    let secret = settings.lines().find(|line| line.starts_with("client_secret")).expect("one");
    let secret = secret.split('"').nth(1).expect("quoted");
    assert!(!shown.to_string().contains(secret), "{shown}");
}
