//! Process and disk lost together, over and over: what was promised is there.

use crate::harness::process::Server;
use crate::vault_support::{Vaulted, admin_of, numbers, shipped, tender};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// Kills a run of the tests tries; `OXFLOW_KILLS` sets another number.
const KILLS: u32 = 8;

fn kills() -> u32 {
    std::env::var("OXFLOW_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(KILLS)
}

/// Works until killed, again and again, each time from what the vault gave back. In `sync` mode
/// everything acknowledged must come back, otherwise what the server said was stored.
async fn killed(settings: &str, sync: bool) {
    let mut app = Vaulted::start(settings).await;
    let mut kept: BTreeSet<String> = BTreeSet::new();
    let mut promised = 0;
    // Who is signed in is stored: there is something to come back from the first kill on.
    tender(&app.admin().await, "T").await;
    shipped(&app.admin().await).await;
    for round in 0..kills() {
        let admin = app.admin().await;
        let mut acknowledged: Vec<String> = Vec::new();
        let mut safe = 0;
        let lasts = Duration::from_millis(u64::from(50 + round * 37 % 400));
        let began = Instant::now();
        while began.elapsed() < lasts {
            let number = format!("T-{round}-{}", acknowledged.len());
            tender(&admin, &number).await;
            acknowledged.push(number);
            let state = admin.get("/vault").await.ok();
            let lag = state["lagCommits"].as_u64().expect("a lag") as usize;
            // A tender is one commit, and nobody else makes any.
            safe = safe.max(acknowledged.len().saturating_sub(lag));
        }
        if sync {
            safe = acknowledged.len();
        }
        promised += safe;
        app.server.kill();
        std::fs::remove_dir_all(app.data()).expect("the disk goes");
        std::fs::create_dir_all(app.data()).expect("an empty one comes");
        app.write_settings();
        app.restored("data", &[]);
        app.restart().await;
        let found: BTreeSet<String> = numbers(&app.admin().await).await.into_iter().collect();
        assert!(kept.is_subset(&found), "kill {round}: what had come back before is lost");
        let back = acknowledged.iter().take_while(|number| found.contains(*number)).count();
        assert!(back >= safe, "kill {round}: {back} of {safe} came back");
        let rest = acknowledged.iter().skip(back);
        assert!(rest.clone().all(|number| !found.contains(number)), "kill {round}: a gap");
        kept = found;
    }
    assert!(promised > 0, "nothing was promised in any round");
}

#[tokio::test]
async fn in_sync_mode_no_kill_loses_anything_acknowledged() {
    killed("durability = \"sync\"", true).await;
}

#[tokio::test]
async fn by_default_no_kill_loses_what_the_server_said_is_stored() {
    killed("flush_ms = 30", false).await;
}

#[tokio::test]
async fn in_sync_mode_people_and_organisations_wait_for_the_vault_too() {
    for round in 0..3 {
        let mut app = Vaulted::start("durability = \"sync\"").await;
        let admin = app.admin().await;
        let organisations = admin.get("/organisations").await.ok();
        let first = &organisations["items"][0];
        let id = first["id"].as_str().expect("an organisation");
        let body = serde_json::json!({ "name": format!("Renamed {round}") });
        let answer = admin.patch(&format!("/organisations/{id}"), &body).await;
        assert!(answer.status.is_success(), "{}", answer.text);
        app.server.kill();
        let back = app.restored("back", &[]);
        let server = Server::start(&["--auth", "development"], &back).await;
        let organisations = admin_of(&server).await.get("/organisations").await.ok();
        assert_eq!(organisations["items"][0]["name"], format!("Renamed {round}"));
    }
}
