use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;

use super::text::FromText;
use crate::vault::{Durability, Key, Policy, Store};

/// What the names of variables start with that hold credentials and options of object stores.
const STORE_VARIABLES: [&str; 3] = ["AWS_", "AZURE_", "GOOGLE_"];

super::concern! {
    /// The back-up in an object store.
    Vault, "vault" {
        /// Where commits and snapshots go: `s3://bucket/prefix`, `az://container/prefix`, `gs://bucket/prefix` or `file:///folder`; empty for no vault.
        url: String = String::new(),
        /// When a change is acknowledged: `local` (on this disk; in the vault within the flush interval) or `sync` (in the vault as well).
        durability: Durability = Durability::Local,
        /// The longest a change waits before it is sent, in milliseconds.
        flush_ms: u64 = 1_000,
        /// Hours between two snapshots of an organisation that changes.
        snapshot_hours: u64 = 24,
        /// File with the key that segments and snapshots are encrypted with (64 hexadecimal digits); empty for none.
        key_file: PathBuf = PathBuf::new(),
        /// File with credentials and options of the store, `NAME=value` on each line, as in `AWS_ACCESS_KEY_ID=...`; the environment wins.
        credentials_file: PathBuf = PathBuf::new(),
        /// Go without fencing where the store cannot refuse to create an object twice.
        unfenced: bool = false,
    }
}

impl FromText for Durability {
    fn from_text(text: &str) -> Result<Self, String> {
        match text {
            "local" => Ok(Self::Local),
            "sync" => Ok(Self::Sync),
            _ => Err("one of local, sync".to_owned()),
        }
    }
}

impl Vault {
    /// The store to keep it in; none where no vault is set.
    ///
    /// # Errors
    /// An address, a key or a file that cannot be used.
    pub fn store(&self) -> anyhow::Result<Option<Store>> {
        if self.url.is_empty() { Ok(None) } else { self.store_at(&self.url).map(Some) }
    }

    /// The store at another address, with the same key and credentials.
    ///
    /// # Errors
    /// As [`Vault::store`].
    pub fn store_at(&self, url: &str) -> anyhow::Result<Store> {
        let key = match self.key_file.as_os_str().is_empty() {
            true => None,
            false => Some(Key::from_hex(&read(&self.key_file)?)?),
        };
        Ok(Store::open(url, self.options()?, key)?)
    }

    /// Options and credentials by the names of the stores' own tools.
    fn options(&self) -> anyhow::Result<Vec<(String, String)>> {
        let mut options = Vec::new();
        if !self.credentials_file.as_os_str().is_empty() {
            for (number, line) in read(&self.credentials_file)?.lines().enumerate() {
                let line = line.trim();
                if line.is_empty() || line.starts_with('#') {
                    continue;
                }
                let named = line.split_once('=').with_context(|| {
                    let (file, line) = (self.credentials_file.display(), number + 1);
                    format!("{file}, line {line}: NAME=value is expected")
                })?;
                options.push((named.0.trim().to_lowercase(), named.1.trim().to_owned()));
            }
        }
        let ours = |name: &str| STORE_VARIABLES.iter().any(|start| name.starts_with(start));
        options.extend(
            std::env::vars_os()
                .filter_map(|(name, value)| {
                    Some((name.into_string().ok()?, value.into_string().ok()?))
                })
                .filter(|(name, _)| ours(name))
                .map(|(name, value)| (name.to_lowercase(), value)),
        );
        Ok(options)
    }

    /// The settings as the vault takes them.
    pub fn policy(&self) -> Policy {
        Policy {
            flush_interval: Duration::from_millis(self.flush_ms),
            durability: self.durability,
            snapshot_interval: Duration::from_secs(self.snapshot_hours.saturating_mul(3_600)),
            unfenced: self.unfenced,
            ..Policy::default()
        }
    }
}

fn read(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}
