//! The vault in a real S3 store (SeaweedFS), signed requests and all.

use crate::harness::s3::{BUCKET, S3};
use crate::vault_support::{Vaulted, admin_of, numbers, shipped, tender};
use std::time::Duration;

/// A server whose vault is in a store; the settings may go on with other tables.
pub async fn vaulted(s3: &S3, settings: &str) -> Vaulted {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let credentials = folder.path().join("credentials");
    std::fs::write(&credentials, s3.credentials()).expect("a credentials file");
    let settings =
        format!("credentials_file = {:?}\n{settings}", credentials.display().to_string());
    Vaulted::start_at(folder, format!("s3://{BUCKET}/live"), &settings).await
}

#[tokio::test]
async fn commits_reach_s3_and_come_back_and_the_store_may_be_away() {
    let mut s3 = S3::start().await;
    let mut app = vaulted(&s3, "flush_ms = 50").await;
    let admin = app.admin().await;
    tender(&admin, "T-1").await;
    shipped(&admin).await;

    // Away under load: work goes on, the lag shows, nothing is lost.
    s3.freeze();
    for number in 2..=20 {
        tender(&admin, &format!("T-{number}")).await;
    }
    let mut lagging = admin.get("/vault").await.ok();
    // The client of the store tries again by itself for a while before it says that it failed.
    for _ in 0..600 {
        if lagging["trouble"].is_string() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        lagging = admin.get("/vault").await.ok();
    }
    assert!(lagging["trouble"].is_string(), "{lagging}");
    assert!(lagging["lagCommits"].as_u64() >= Some(19), "{lagging}");
    assert!(lagging["lagSince"].is_string(), "{lagging}");
    s3.thaw().await;
    let state = shipped(&admin).await;
    assert_eq!(state["trouble"], serde_json::Value::Null, "{state}");

    app.server.kill();
    let back = app.restored("back", &[]);
    let server = crate::harness::process::Server::start(&["--auth", "development"], &back).await;
    assert_eq!(numbers(&admin_of(&server).await).await.len(), 20);
    let said = app.output(&["vault", "status"]);
    assert!(said.contains("default") && said.contains("epoch 1"), "{said}");
    let said = app.output(&["vault", "verify"]);
    assert!(said.contains("all as they should be"), "{said}");
    assert!(!app.server.said().contains("test-secret"), "the log has the secret key");
}
