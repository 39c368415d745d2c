//! The vault through the client of Google Cloud Storage. There is no server of Google's to run here;
//! SeaweedFS speaks the XML API that the client uses, without Google's preconditions. So what is
//! proved is addresses, listings and requests of the real client, and that a store that cannot fence
//! is refused; not how Google's own preconditions answer.

use crate::harness::process::Server;
use crate::harness::s3::{BUCKET, S3};
use crate::vault_support::{Vaulted, admin_of, numbers, shipped, tender};
use std::time::Duration;

async fn vaulted(s3: &S3, settings: &str) -> Vaulted {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let credentials = folder.path().join("credentials");
    let text = format!("GOOGLE_BASE_URL={}\nGOOGLE_BEARER_TOKEN=test-token\n", s3.endpoint());
    std::fs::write(&credentials, text).expect("a credentials file");
    let settings = format!(
        "flush_ms = 50\n{settings}\ncredentials_file = {:?}",
        credentials.display().to_string()
    );
    Vaulted::start_at(folder, format!("gs://{BUCKET}/live"), &settings).await
}

#[tokio::test]
async fn commits_reach_a_gs_address_and_come_back_and_a_store_without_fencing_is_refused() {
    let s3 = S3::anonymous().await;
    let refused = vaulted(&s3, "").await;
    let admin = refused.admin().await;
    let mut state = admin.get("/vault").await.ok();
    for _ in 0..600 {
        if state["refusal"].is_string() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        state = admin.get("/vault").await.ok();
    }
    let why = state["refusal"].as_str().unwrap_or_else(|| panic!("not refused: {state}"));
    assert!(why.contains("does not refuse to create an object twice"), "{why}");
    let said = refused.server.said();
    assert!(!said.is_empty() && !said.contains("test-token"), "the log has the token: {said}");
    drop(refused);

    let mut app = vaulted(&s3, "unfenced = true").await;
    let admin = app.admin().await;
    for number in ["T-1", "T-2"] {
        tender(&admin, number).await;
        shipped(&admin).await;
    }
    app.server.kill();
    let back = app.restored("back", &[]);
    let server = Server::start(&["--auth", "development"], &back).await;
    assert_eq!(numbers(&admin_of(&server).await).await, ["T-1", "T-2"]);
    for part in ["status", "verify"] {
        let said = app.output(&["vault", part]);
        assert!(said.contains("default") && !said.contains("FAILED"), "{part}: {said}");
    }
    assert!(!app.server.said().contains("test-token"), "the log has the token");
}
