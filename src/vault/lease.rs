//! Who may write, and from which point of the chain.

use std::collections::BTreeSet;

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Store, VaultError};
use crate::ledger::{Hash, Head, Lsn};

/// The folder of the leases.
pub(super) const FOLDER: &str = "lease";
/// Leases read at the same time.
const READS_AT_ONCE: usize = 64;

/// The right to write one vault, as it is stored: created once, never changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Lease {
    /// Which lease of this vault: 1, 2, 3, ...
    pub epoch: u64,
    /// Whose: a new identity at each start of a server.
    pub holder: Uuid,
    /// When it was taken, microseconds since 1970 by the holder's clock. For people only.
    pub taken_us: i64,
    /// The commit its history goes on from.
    pub from: u64,
    /// Hash of that commit, hexadecimal.
    pub hash: String,
    /// Version of the format: from 2 on a lease cuts the history only once it is held.
    #[serde(default)]
    pub format: u32,
    /// Whether its holder found, after having taken it, that nothing was stored meanwhile.
    #[serde(skip)]
    pub held: bool,
}

/// The format this release writes.
pub(super) const FORMAT: u32 = 2;

impl Lease {
    /// Key of the lease of an epoch.
    pub(super) fn key(epoch: u64) -> String {
        format!("{FOLDER}/{epoch:010}.json")
    }

    /// Key of what says that the lease of an epoch is held.
    fn held_key(epoch: u64) -> String {
        format!("{FOLDER}/{epoch:010}.held")
    }

    /// Whether what older epochs stored beyond its beginning is no part of the history.
    #[must_use]
    pub fn cuts(&self) -> bool {
        self.format < FORMAT || self.held
    }

    /// Says that it is held. To be called once it was taken and nothing was stored between reading
    /// what there is and taking it: an older writer acknowledges nothing from the taking on.
    ///
    /// # Errors
    /// `Store`.
    pub(super) async fn hold(&mut self, store: &Store) -> Result<(), VaultError> {
        store.create(&Lease::held_key(self.epoch), self.holder.to_string()).await?;
        self.held = true;
        Ok(())
    }

    /// The point of the chain it goes on from; none where the stored hash does not read.
    #[must_use]
    pub fn head(&self) -> Option<Head> {
        Some(Head { lsn: Lsn(self.from), hash: unhex(&self.hash)? })
    }

    /// Reads the lease of an epoch; none where there is none.
    ///
    /// # Errors
    /// `Damaged` for one that does not read; `Settings` for one of another key; `Store`.
    pub(super) async fn read(store: &Store, epoch: u64) -> Result<Option<Lease>, VaultError> {
        Lease::known(store, epoch, false).await
    }

    /// Reads the lease of an epoch, of which it may be known that it is held.
    async fn known(store: &Store, epoch: u64, held: bool) -> Result<Option<Lease>, VaultError> {
        let key = Lease::key(epoch);
        let Some(bytes) = store.read_text(&key).await? else { return Ok(None) };
        let mut lease: Lease = super::format::read(&key, &bytes, FORMAT)?;
        if lease.epoch != epoch || lease.head().is_none() {
            return Err(VaultError::damaged(&key, "it says another epoch, or no hash"));
        }
        lease.held =
            lease.format >= FORMAT && (held || store.exists(&Lease::held_key(epoch)).await?);
        Ok(Some(lease))
    }

    /// Every lease there is, oldest first. A listing that is behind is made good by asking for
    /// the leases after its last one.
    ///
    /// # Errors
    /// As [`Lease::read`]; `Damaged` where one is missing among them.
    pub(super) async fn all(store: &Store) -> Result<Vec<Lease>, VaultError> {
        let listed = store.list(FOLDER).await?;
        let known =
            listed.iter().filter_map(|object| place(&object.key, ".json")).max().unwrap_or(0);
        let held: BTreeSet<u64> =
            listed.iter().filter_map(|object| place(&object.key, ".held")).collect();
        let reads = (1..=known).map(|epoch| Lease::known(store, epoch, held.contains(&epoch)));
        let found: Vec<_> = stream::iter(reads).buffered(READS_AT_ONCE).try_collect().await?;
        let mut leases = Vec::with_capacity(found.len());
        for (epoch, lease) in (1..).zip(found) {
            let missing = || VaultError::damaged(&Lease::key(epoch), "it is missing");
            leases.push(lease.ok_or_else(missing)?);
        }
        while let Some(lease) = Lease::read(store, leases.len() as u64 + 1).await? {
            leases.push(lease);
        }
        Ok(leases)
    }

    /// Takes this lease, unless somebody else has.
    ///
    /// # Errors
    /// `Fenced` when somebody else was first; `Store`.
    pub(super) async fn take(&self, store: &Store) -> Result<(), VaultError> {
        let bytes = serde_json::to_vec_pretty(self)
            .map_err(|error| VaultError::Settings(error.to_string()))?;
        match store.create_text(&Lease::key(self.epoch), bytes).await? {
            true => Ok(()),
            false => Err(VaultError::Fenced(self.epoch)),
        }
    }

    /// Finds out whether it is still the newest.
    ///
    /// # Errors
    /// `Fenced` when there is a newer one; `Store`.
    pub(super) async fn check(&self, store: &Store) -> Result<(), VaultError> {
        match store.exists(&Lease::key(self.epoch + 1)).await? {
            true => Err(VaultError::Fenced(self.epoch + 1)),
            false => Ok(()),
        }
    }
}

/// The epoch in the name of an object of a lease.
fn place(key: &str, ending: &str) -> Option<u64> {
    key.strip_prefix(FOLDER)?.strip_prefix('/')?.strip_suffix(ending)?.parse().ok()
}

/// Bytes in hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(bytes)
}

/// The hash in hexadecimal digits; none for anything else.
pub(super) fn unhex(text: &str) -> Option<Hash> {
    HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok()?.try_into().ok()
}
