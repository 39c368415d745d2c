//! Restore drills: what a back-up is worth is known once it was restored.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use serde::{Deserialize, Serialize};

use super::{
    Catalogue, Manifest, Plan, SnapshotKey, Store, Target, VaultError, blocking, plan,
    plan::{first_whose, organisation_of},
    restore,
    restore::Restored,
};
use crate::ledger::{Head, Log, Lsn, Reader, Schema, genesis_hash};

/// The folder of the reports.
pub(super) const FOLDER: &str = "drill";

/// How a drill went, as it is kept in the vault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Report {
    /// When it ended, microseconds since 1970 by the server's clock.
    pub at_us: i64,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// The commit it restored to; 0 where it failed before that was known.
    pub lsn: u64,
    /// Rows restored.
    pub rows: u64,
    /// Commits made again.
    pub commits: u64,
    /// Why it failed; none where all was as it should be.
    pub failure: Option<String>,
}

impl Report {
    fn key(at_us: i64) -> String {
        format!("{FOLDER}/{:020}.json", at_us.max(0))
    }

    /// Keeps it in the vault.
    pub(super) async fn store(&self, store: &Store) -> Result<(), VaultError> {
        let text = serde_json::to_vec_pretty(self)
            .map_err(|error| VaultError::GivenUp(error.to_string()))?;
        store.create(&Report::key(self.at_us), text).await?;
        Ok(())
    }

    /// The newest in a vault.
    ///
    /// # Errors
    /// `Store`, or `Damaged`.
    pub async fn newest(store: &Store) -> Result<Option<Report>, VaultError> {
        let listed = store.list(FOLDER).await?;
        // By the store's clock: a server's may have been wrong.
        let newest = listed.into_iter().max_by_key(|object| (object.stored_us, object.key.clone()));
        let Some(newest) = newest.map(|object| object.key) else {
            return Ok(None);
        };
        let Some(bytes) = store.read(&newest).await? else { return Ok(None) };
        let report = serde_json::from_slice(&bytes)
            .map_err(|error| VaultError::damaged(&newest, error.to_string()))?;
        Ok(Some(report))
    }
}

/// What a ledger has now: its newest commit and the hash of its rows.
pub(super) async fn live(reader: &Reader) -> Result<(Lsn, String, Schema), VaultError> {
    let reader = reader.clone();
    blocking(move || {
        let snapshot = reader.snapshot()?;
        let hash = super::snapshot::rows_hash(&snapshot)?;
        Ok((snapshot.head()?.lsn, hash, snapshot.schema().clone()))
    })
    .await
}

/// Restores the newest state into a scratch folder and compares it with what it should be: the
/// rows of the ledger it was shipped from where `live` gives them, and always the snapshot before
/// with the commits after it against the newest snapshot. Gives how far it went; `progress` is told
/// meanwhile.
///
/// # Errors
/// `Damaged` where they differ; as [`restore`].
pub async fn drill(
    store: &Store,
    schema: &Schema,
    scratch: &Path,
    live: Option<(Lsn, String)>,
    progress: impl Fn(Restored) + Send + 'static,
) -> Result<Restored, VaultError> {
    let target = live.as_ref().map_or(Target::Latest, |(lsn, _)| Target::Lsn(*lsn));
    let newest = plan(store, target).await?;
    let path = scratch.join("drill.redb");
    drop(std::fs::remove_file(&path));
    let restored = restore(
        store,
        &newest,
        Schema { organisation: newest.organisation, ..schema.clone() },
        &path,
        progress,
    )
    .await?;
    if let Some((lsn, expected)) = live {
        compare(
            &path,
            Schema { organisation: newest.organisation, ..schema.clone() },
            lsn,
            expected,
        )
        .await?;
    }
    drop(std::fs::remove_file(&path));
    let catalogue = Catalogue::read(store).await?;
    let last = catalogue.snapshot_at(Lsn(u64::MAX));
    if let Some(last) = last.filter(|last| last.lsn > Lsn::ZERO) {
        against_snapshot(store, &catalogue, last, &path, schema).await?;
    }
    Ok(restored)
}

/// Makes the state of a snapshot from what came before it, and compares.
async fn against_snapshot(
    store: &Store,
    catalogue: &Catalogue,
    last: SnapshotKey,
    path: &Path,
    schema: &Schema,
) -> Result<(), VaultError> {
    let manifest = Manifest::read(store, last).await?;
    let before = catalogue.snapshot_at(last.lsn.prev());
    let start = before.map_or(Lsn::ZERO, |before| before.lsn);
    let segments = catalogue.cover(start);
    if segments.last().is_none_or(|(_, upto)| *upto < last.lsn) {
        // The log that led to it is beyond what is kept.
        return Ok(());
    }
    let snapshot = match before {
        Some(before) => Some(Manifest::read(store, before).await?),
        None => None,
    };
    let (organisation, schema_then) = match &snapshot {
        Some(older) => (organisation_of(older)?, older.schema),
        None => {
            let (organisation, schema, _) = first_whose(store, &segments).await?;
            (organisation, schema)
        }
    };
    let target = Target::Lsn(last.lsn);
    let anchor = match &snapshot {
        Some(manifest) => manifest.head()?,
        None => Head { lsn: Lsn::ZERO, hash: genesis_hash(&organisation) },
    };
    let older = Plan {
        organisation,
        schema: schema_then,
        target,
        snapshot,
        anchor,
        past: Vec::new(),
        segments,
        lost: None,
        heads: BTreeMap::new(),
        bytes: 0,
        epoch: 1,
        newest: last.lsn,
        log: Log::Left,
    };
    restore(store, &older, Schema { organisation, ..schema.clone() }, path, |_| ()).await?;
    let compared =
        compare(path, Schema { organisation, ..schema.clone() }, last.lsn, manifest.rows_hash)
            .await;
    drop(std::fs::remove_file(path));
    compared
}

async fn compare(
    path: &Path,
    schema: Schema,
    lsn: Lsn,
    expected: String,
) -> Result<(), VaultError> {
    let path = Arc::new(path.to_path_buf());
    blocking(move || {
        let ledger = crate::ledger::Ledger::open(&*path, schema)?;
        let found = super::snapshot::rows_hash(&ledger.snapshot()?)?;
        drop(ledger);
        let mut journal = path.as_os_str().to_owned();
        journal.push("-journal");
        drop(std::fs::remove_file(journal));
        if found == expected {
            return Ok(());
        }
        let key = format!("the state at commit {lsn}");
        Err(VaultError::damaged(&key, "what was restored is not what it should be"))
    })
    .await
}
