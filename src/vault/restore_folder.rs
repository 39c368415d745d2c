//! A data folder of one organisation, from the vault.

use std::path::{Path, PathBuf};

use futures_util::{StreamExt, TryStreamExt, stream};

use super::{
    CONTROL, Catalogue, Manifest, Plan, Restored, Store, Target, VaultError, Vaults, plan, restore,
};
use crate::{
    ledger::{Log, Schema},
    workspace::{
        control::{CONTROL_FILE, ledger_path},
        control_schema, organisation_schema,
    },
};

/// Where the ledger of a vault goes in a data folder, and what is in it.
#[must_use]
pub fn place(slug: &str, to: &Path, organisation: [u8; 16]) -> (PathBuf, Schema) {
    match slug {
        CONTROL => (to.join(CONTROL_FILE), control_schema()),
        slug => (ledger_path(to, slug), organisation_schema(uuid::Uuid::from_bytes(organisation))),
    }
}

/// Restores an organisation, and the list of organisations and people, into the folder `to`: both
/// as they were at `target`, but people as they were last where that is a commit. `root` is the
/// store above all vaults. The organisation's `log` is needed only by who copies it too.
///
/// # Errors
/// As [`plan`] and [`restore`].
pub async fn restore_folder(
    root: &Store,
    slug: &str,
    target: Target,
    log: Log,
    to: &Path,
    progress: impl Fn(Restored) + Clone + Send + 'static,
) -> Result<(), VaultError> {
    for name in [CONTROL, slug] {
        let store = root.under(name);
        let target = match target {
            Target::Lsn(_) if name == CONTROL => Target::Latest,
            target => target,
        };
        let plan = Plan { log, ..plan(&store, target).await? };
        let (path, schema) = place(name, to, plan.organisation);
        restore(&store, &plan, schema, &path, progress.clone()).await?;
    }
    Ok(())
}

/// Snapshots that are listed, the newest.
const SNAPSHOTS_LISTED_MAX: usize = 120;
/// Manifests read at the same time.
const MANIFESTS_AT_ONCE: usize = 8;

impl Vaults {
    /// Restores the rows of an organisation of these vaults, as [`restore_folder`] does.
    ///
    /// # Errors
    /// As [`restore_folder`].
    pub async fn restore(
        &self,
        slug: &str,
        target: Target,
        to: &Path,
        progress: impl Fn(Restored) + Clone + Send + 'static,
    ) -> Result<(), VaultError> {
        restore_folder(self.store(), slug, target, Log::Left, to, progress).await
    }

    /// The newest snapshots of an organisation that belong to its history, newest first: what each
    /// says of itself, and when it was finished, microseconds since 1970.
    ///
    /// # Errors
    /// `Store`, or `Damaged` for what does not read.
    pub async fn snapshots(&self, slug: &str) -> Result<Vec<(Manifest, i64)>, VaultError> {
        let store = self.store().under(slug);
        let catalogue = Catalogue::read(&store).await?;
        let mut kept = catalogue.snapshots.clone();
        kept.retain(|snapshot| snapshot.lsn <= catalogue.reach(snapshot.epoch));
        kept.sort_unstable_by_key(|snapshot| std::cmp::Reverse((snapshot.lsn, snapshot.epoch)));
        kept.truncate(SNAPSHOTS_LISTED_MAX);
        let read = |key: super::SnapshotKey| {
            let store = &store;
            async move { Ok((Manifest::read(store, key).await?, key.stored_us)) }
        };
        stream::iter(kept).map(read).buffered(MANIFESTS_AT_ONCE).try_collect().await
    }
}
