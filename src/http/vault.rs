//! How the back-up of the organisation is doing.

use super::app::App;
use super::auth::SignedIn;
use super::extract::Json;
use super::schema;
use super::time::Time;
use crate::vault::{Figures, Report};
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

/// The back-up of an organisation in the vault.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VaultStatus {
    /// Whether there is a vault; without one the rest is empty.
    pub enabled: bool,
    /// Whether a change is acknowledged only once it is in the vault.
    pub sync: bool,
    /// Which lease the server holds; none before it has one.
    pub epoch: Option<u64>,
    /// The newest commit.
    pub head: u64,
    /// The newest commit in the vault.
    pub stored: u64,
    /// Commits on their way to it.
    pub lag_commits: u64,
    /// Bytes of log on their way, before compression.
    pub lag_bytes: u64,
    /// Since when the oldest commit on its way has waited.
    #[schema(value_type = Option<schema::Time>)]
    pub lag_since: Option<Time>,
    /// Segments stored since the server started.
    pub segments: u64,
    /// Their bytes, as stored.
    pub segment_bytes: u64,
    /// The newest snapshot.
    pub snapshot: Option<VaultSnapshot>,
    /// The newest restore drill.
    pub drill: Option<VaultDrill>,
    /// The newest commit this server signed the hash of.
    pub signed: Option<u64>,
    /// The public key it signs with, hexadecimal.
    pub public_key: Option<String>,
    /// Why segments were not merged or old objects not removed last time.
    pub upkeep_trouble: Option<String>,
    /// Why nothing is stored at the moment.
    pub trouble: Option<String>,
    /// Why no change is taken any more.
    pub refusal: Option<String>,
}

/// A snapshot in the vault.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VaultSnapshot {
    /// The commit it holds the rows of.
    pub lsn: u64,
    /// When it was finished.
    #[schema(value_type = schema::Time)]
    pub at: Time,
}

/// A restore drill: everything was restored into a scratch folder and compared.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VaultDrill {
    /// When it ended.
    #[schema(value_type = schema::Time)]
    pub at: Time,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// The commit it restored to.
    pub lsn: u64,
    /// Rows taken from the snapshot.
    pub rows: u64,
    /// Commits made again.
    pub commits: u64,
    /// Why it failed; none where all was as it should be.
    pub failure: Option<String>,
}

impl VaultDrill {
    fn of(report: Report) -> VaultDrill {
        let Report { at_us, took_ms, lsn, rows, commits, failure } = report;
        VaultDrill { at: Time(at_us), took_ms, lsn, rows, commits, failure }
    }
}

impl VaultStatus {
    fn of(figures: Option<Figures>, sync: bool, public_key: Option<String>) -> VaultStatus {
        let enabled = figures.is_some();
        let figures = figures.unwrap_or_default();
        VaultStatus {
            enabled,
            sync,
            epoch: figures.epoch,
            head: figures.head.0,
            stored: figures.stored.0,
            lag_commits: figures.lag(),
            lag_bytes: figures.lag_bytes,
            lag_since: figures.lag_since_us.map(Time),
            segments: figures.segments,
            segment_bytes: figures.segment_bytes,
            snapshot: figures
                .snapshot
                .map(|(lsn, at_us)| VaultSnapshot { lsn: lsn.0, at: Time(at_us) }),
            drill: figures.drill.map(VaultDrill::of),
            signed: figures.signed.map(|lsn| lsn.0),
            public_key,
            upkeep_trouble: figures.upkeep_trouble.map(|why| why.to_string()),
            trouble: figures.trouble.map(|why| why.to_string()),
            refusal: figures.refusal.map(|why| why.to_string()),
        }
    }
}

/// How the back-up of the organisation is doing.
#[utoipa::path(
    get,
    path = "/vault",
    operation_id = "getVault",
    tag = "Vault",
    responses((status = 200, description = "The back-up", body = VaultStatus)),
)]
pub async fn status(State(app): State<App>, me: SignedIn) -> Json<VaultStatus> {
    let Some(vaults) = &app.settings.vaults else {
        return Json(VaultStatus::of(None, false, None));
    };
    let figures = vaults.vault(&me.office().organisation().slug).figures();
    Json(VaultStatus::of(Some(figures), vaults.is_sync(), vaults.public_key()))
}
