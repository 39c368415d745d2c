//! How the back-up of the organisation is doing.

use super::app::App;
use super::auth::SignedIn;
use super::extract::Json;
use super::problem::Problem;
use super::schema;
use super::time::Time;
use crate::vault::{CONTROL, Figures, Report, Vault, VaultError, Vaults};
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use std::sync::Arc;
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
    /// Whether a snapshot that was asked for is being taken.
    pub snapshot_asked: bool,
    /// Why the last snapshot was not taken.
    pub snapshot_trouble: Option<String>,
    /// The newest restore drill.
    pub drill: Option<VaultDrill>,
    /// Whether a drill that was asked for is going on.
    pub drill_asked: bool,
    /// Why the last drill did not come about.
    pub drill_trouble: Option<String>,
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
    /// What is wrong with the back-up of the list of organisations and people, which a restore needs
    /// as well.
    pub directory_trouble: Option<String>,
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
    /// Rows restored.
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
            snapshot_asked: figures.snapshot_asked,
            snapshot_trouble: figures.snapshot_trouble.map(|why| why.to_string()),
            drill: figures.drill.map(VaultDrill::of),
            drill_asked: figures.drill_asked,
            drill_trouble: figures.drill_trouble.map(|why| why.to_string()),
            signed: figures.signed.map(|lsn| lsn.0),
            public_key,
            upkeep_trouble: figures.upkeep_trouble.map(|why| why.to_string()),
            trouble: figures.trouble.map(|why| why.to_string()),
            refusal: figures.refusal.map(|why| why.to_string()),
            directory_trouble: None,
        }
    }
}

/// The snapshots in the vault.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct KeptSnapshots {
    /// Where the vault is, as the configuration names it.
    pub place: String,
    /// The folder of the organisation in it.
    pub slug: String,
    /// The newest of them, at most 120, newest first.
    pub items: Vec<KeptSnapshot>,
}

/// A snapshot in the vault: every row at one commit.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct KeptSnapshot {
    /// The commit.
    #[schema(value_type = schema::Lsn)]
    pub lsn: u64,
    /// When that commit was made; none where nothing was committed yet.
    #[schema(value_type = Option<schema::Time>)]
    pub at: Option<Time>,
    /// When the snapshot was finished.
    #[schema(value_type = schema::Time)]
    pub taken_at: Time,
    /// Rows in it.
    pub rows: u64,
    /// Its bytes, as stored.
    pub bytes: u64,
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
    let directory_trouble = vaults.vault(CONTROL).figures().wrong().map(str::to_owned);
    let of_organisation = VaultStatus::of(Some(figures), vaults.is_sync(), vaults.public_key());
    Json(VaultStatus { directory_trouble, ..of_organisation })
}

/// The snapshots of the organisation in the vault, newest first.
#[utoipa::path(
    get,
    path = "/vault/snapshots",
    operation_id = "listVaultSnapshots",
    tag = "Vault",
    responses((status = 200, description = "The snapshots", body = KeptSnapshots)),
)]
pub async fn snapshots(
    State(app): State<App>,
    me: SignedIn,
) -> Result<Json<KeptSnapshots>, Problem> {
    let (vaults, slug) = (there(&app)?, me.office().organisation().slug.to_string());
    let kept = vaults.snapshots(&slug).await.map_err(refused)?;
    let items = kept.into_iter().map(|(manifest, taken_us)| KeptSnapshot {
        lsn: manifest.lsn,
        at: manifest.at_us.map(Time),
        taken_at: Time(taken_us),
        rows: manifest.rows,
        bytes: manifest.bytes,
    });
    Ok(Json(KeptSnapshots { place: vaults.place().to_owned(), items: items.collect(), slug }))
}

/// Has a snapshot taken into the vault now, unless nothing changed since the last one. What came of
/// it is in the figures of the vault.
#[utoipa::path(
    post,
    path = "/vault/snapshots",
    operation_id = "takeVaultSnapshot",
    tag = "Vault",
    responses((status = 202, description = "It is being taken")),
)]
pub async fn take_snapshot(State(app): State<App>, me: SignedIn) -> Result<StatusCode, Problem> {
    vault_of(&app, &me)?.ask_snapshot().map_err(refused)?;
    Ok(StatusCode::ACCEPTED)
}

/// Has the vault restored into a scratch folder and compared now. What came of it is in the figures
/// of the vault.
#[utoipa::path(
    post,
    path = "/vault/drills",
    operation_id = "drillVault",
    tag = "Vault",
    responses((status = 202, description = "It is going on")),
)]
pub async fn drill(State(app): State<App>, me: SignedIn) -> Result<StatusCode, Problem> {
    vault_of(&app, &me)?.ask_drill().map_err(refused)?;
    Ok(StatusCode::ACCEPTED)
}

fn vault_of(app: &App, me: &SignedIn) -> Result<Arc<Vault>, Problem> {
    Ok(there(app)?.vault(&me.office().organisation().slug))
}

/// The vaults of the server.
///
/// # Errors
/// 409 where it has none.
pub(super) fn there(app: &App) -> Result<&Arc<Vaults>, Problem> {
    app.settings.vaults.as_ref().ok_or_else(|| {
        let said = "This server has no vault: whoever runs it sets vault.url first.";
        Problem::new(StatusCode::CONFLICT, "no-vault", said)
    })
}

/// Why the vault did not do what was asked.
pub(super) fn refused(error: VaultError) -> Problem {
    let said = error.to_string();
    match error {
        VaultError::Missing(_) | VaultError::TooEarly(_) => {
            Problem::new(StatusCode::CONFLICT, "moment-not-in-vault", said)
        }
        error if error.may_pass() => {
            tracing::warn!(%error, "the vault did not answer");
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "vault-unavailable", said)
        }
        VaultError::File { .. } => {
            tracing::error!(%error, "a file of the vault could not be written");
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "storage-failed", said)
        }
        error => {
            tracing::error!(%error, "the vault failed");
            Problem::internal()
        }
    }
}
