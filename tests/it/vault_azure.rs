//! The vault in Azure's Blob Storage (its own emulator, Azurite), signed requests and all.

use crate::harness::azure::{Azure, CONTAINER};
use crate::vault_support::{Vaulted, admin_of, numbers, shipped, tender};

#[tokio::test]
async fn commits_reach_azure_and_come_back_and_a_second_writer_is_fenced_off() {
    let azure = Azure::start().await;
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let credentials = folder.path().join("credentials");
    std::fs::write(&credentials, azure.credentials()).expect("a credentials file");
    let settings = format!(
        "flush_ms = 50\ndurability = \"sync\"\ncredentials_file = {:?}",
        credentials.display().to_string()
    );
    let url = format!("az://{CONTAINER}/live");
    let app = Vaulted::start_at(folder, url, &settings).await;
    let admin = app.admin().await;
    tender(&admin, "T-1").await;
    shipped(&admin).await;

    // Away and back: what was asked for meanwhile is answered once it is stored.
    azure.freeze();
    let waiting = { tokio::spawn(async move { (tender(&admin, "T-2").await, admin) }) };
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    assert!(!waiting.is_finished(), "answered without being stored");
    azure.thaw();
    let (_, admin) = waiting.await.expect("it was answered");
    shipped(&admin).await;

    // What comes back writes on; the first server may not any more.
    let back = app.restored("back", &[]);
    let second = app.beside(&back).await;
    let other = admin_of(&second).await;
    assert_eq!(numbers(&other).await, ["T-1", "T-2"]);
    tender(&other, "T-3").await;
    shipped(&other).await;
    let body = serde_json::json!({ "number": "T-4", "name": "Kerbs" });
    let refused = admin.post("/tenders", &body).await;
    assert_eq!(refused.status, 503, "{}", refused.text);

    let said = app.output(&["vault", "verify"]);
    assert!(said.contains("all as they should be"), "{said}");
    assert!(!app.server.said().contains("YSBrZXkg"), "the log has the account's key");
}
