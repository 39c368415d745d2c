use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use serde::{Deserialize, Serialize};

use super::text::FromText;
use crate::vault::{Durability, Key, Own, Policy, Retention, Signer, Store};

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
        /// File with the key that segments and snapshots are encrypted with (64 hexadecimal digits), or `secret:NAME`; empty for none.
        key_file: PathBuf = PathBuf::new(),
        /// File with credentials and options of the store, `NAME=value` on each line, as in `AWS_ACCESS_KEY_ID=...`, or `secret:NAME`; the environment wins.
        credentials_file: PathBuf = PathBuf::new(),
        /// Days of which every moment can be restored.
        window_days: u64 = 30,
        /// Days of which the last snapshot of each day is kept.
        daily_days: u64 = 30,
        /// Days of which the first snapshot of each month is kept; the built-in value is seven years.
        monthly_days: u64 = 2_557,
        /// Days the log itself, the audit trail, is kept; the built-in value is ten years, the least 2923 days: seven years after the 31 March that follows a closing (BR-120).
        log_days: u64 = 3_653,
        /// Time between two restore drills, such as `24h`, `90m` or `60s`; `never` for none.
        drill_interval: Every = Every(Some(Duration::from_secs(24 * 60 * 60))),
        /// File with the key that signs heads of the chain (64 hexadecimal digits), or `secret:NAME`; empty for one made in the data folder.
        signing_key_file: PathBuf = PathBuf::new(),
        /// Public keys whose signed heads count, separated by commas; empty for any.
        trusted_keys: String = String::new(),
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

/// Name of the file in the data folder with the key that signs.
const SIGNING_KEY: &str = "vault-signing.key";
/// The longest time between two snapshots, in hours: a month.
const HOURS_MAX: u64 = 744;
/// The longest a change may wait before it is sent, in milliseconds: an hour.
const FLUSH_MAX: u64 = 3_600_000;
/// Days that can be set at most: a century, which no arithmetic with times overflows.
const DAYS_MAX: u64 = 36_525;
/// The fewest days the log is kept: seven years after the 31 March that follows a tender's closing
/// (BR-120) are at most eight years after it.
const LOG_DAYS_MIN: u64 = 2_923;
/// The shortest time between two drills.
const DRILL_MIN: Duration = Duration::from_secs(10);

/// A time between two of something, or never.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Every(pub Option<Duration>);

impl TryFrom<String> for Every {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Every::from_text(&text)
    }
}

impl From<Every> for String {
    fn from(every: Every) -> String {
        match every.0.map(|every| every.as_secs()) {
            None => "never".to_owned(),
            Some(seconds) if seconds % 3_600 == 0 => format!("{}h", seconds / 3_600),
            Some(seconds) if seconds % 60 == 0 => format!("{}m", seconds / 60),
            Some(seconds) => format!("{seconds}s"),
        }
    }
}

impl FromText for Every {
    fn from_text(text: &str) -> Result<Self, String> {
        if text == "never" {
            return Ok(Every(None));
        }
        let wrong = || {
            let least = DRILL_MIN.as_secs();
            format!("a time of {least} seconds or more, such as 24h, 90m or 60s, or never")
        };
        let (number, unit) =
            text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(wrong)?;
        let unit: u64 = match unit {
            "h" => 3_600,
            "m" => 60,
            "s" => 1,
            _ => return Err(wrong()),
        };
        let number: u64 = number.parse().map_err(|_| wrong())?;
        let seconds = number.checked_mul(unit).filter(|all| *all <= DAYS_MAX * 24 * 3_600);
        let every = Duration::from_secs(seconds.ok_or_else(wrong)?);
        if every < DRILL_MIN { Err(wrong()) } else { Ok(Every(Some(every))) }
    }
}

impl Vault {
    /// The store to keep it in; none where no vault is set. `data` is the data folder.
    ///
    /// # Errors
    /// An address, a key or a file that cannot be used.
    pub fn store(&self, data: &Path) -> anyhow::Result<Option<Store>> {
        if self.url.is_empty() { Ok(None) } else { self.store_at(&self.url, data).map(Some) }
    }

    /// The store at another address, with the same key and credentials.
    ///
    /// # Errors
    /// As [`Vault::store`].
    pub fn store_at(&self, url: &str, data: &Path) -> anyhow::Result<Store> {
        let key = match self.key_file.as_os_str().is_empty() {
            true => None,
            false => Some(Key::from_hex(&read("vault.key_file", &self.key_file, data)?)?),
        };
        Ok(Store::open(url, self.options(data)?, key)?.trusting(self.trusted()?))
    }

    /// The public keys that count.
    fn trusted(&self) -> anyhow::Result<Vec<String>> {
        let keys = self.trusted_keys.split(',').map(str::trim).filter(|key| !key.is_empty());
        let keys: Vec<String> = keys.map(str::to_lowercase).collect();
        let sound = |key: &String| key.len() == 64 && key.chars().all(|c| c.is_ascii_hexdigit());
        if let Some(wrong) = keys.iter().find(|key| !sound(key)) {
            bail!("vault.trusted_keys: {wrong:?} is no public key of 64 hexadecimal digits");
        }
        Ok(keys)
    }

    /// What a server on the data folder has of its own: scratch space for drills, a key to sign.
    ///
    /// # Errors
    /// A key that cannot be read or made.
    pub fn own(&self, data: &Path) -> anyhow::Result<Own> {
        let signer = match self.signing_key_file.as_os_str().is_empty() {
            true => Signer::in_file(&data.join(SIGNING_KEY))?,
            false => {
                Signer::from_hex(&read("vault.signing_key_file", &self.signing_key_file, data)?)?
            }
        };
        let trusted = self.trusted()?;
        ensure!(
            trusted.is_empty() || trusted.contains(&signer.public()),
            "vault.trusted_keys does not hold the public key this server signs with; what it signs \
             would count as forged. Add it: {}",
            signer.public()
        );
        Ok(Own::new(self.url.clone(), data, signer))
    }

    /// How long what is kept.
    ///
    /// # Errors
    /// Days that contradict each other or are beyond every bound.
    pub fn retention(&self) -> anyhow::Result<Retention> {
        let days = |name: &str, days: u64, least: u64| {
            let sound = (least..=DAYS_MAX).contains(&days);
            ensure!(
                sound,
                "vault.{name} = {days}: between {least} and {DAYS_MAX} days are possible"
            );
            Ok(Duration::from_secs(days * 24 * 60 * 60))
        };
        Ok(Retention {
            window: days("window_days", self.window_days, 1)?,
            daily: days("daily_days", self.daily_days, 1)?,
            monthly: days("monthly_days", self.monthly_days, 0)?,
            log: days("log_days", self.log_days, LOG_DAYS_MIN.max(self.window_days))?,
            ..Retention::default()
        })
    }

    /// Options and credentials by the names of the stores' own tools.
    fn options(&self, data: &Path) -> anyhow::Result<Vec<(String, String)>> {
        let mut options = Vec::new();
        if !self.credentials_file.as_os_str().is_empty() {
            let text = read("vault.credentials_file", &self.credentials_file, data)?;
            for (number, line) in text.lines().enumerate() {
                let line = line.trim();
                if line.is_empty() || line.starts_with('#') {
                    continue;
                }
                let named = line.split_once('=').with_context(|| {
                    let (file, line) = (self.credentials_file.display(), number + 1);
                    format!("{file}, line {line}: NAME=value is expected")
                })?;
                let (name, value) = (named.0.trim(), named.1.trim());
                let secret = super::named(name, value, data)?;
                let value = secret.map_or_else(|| value.to_owned(), |s| s.text().to_owned());
                options.push((name.to_lowercase(), value));
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
    ///
    /// # Errors
    /// Settings that contradict each other or are beyond every bound.
    pub fn policy(&self) -> anyhow::Result<Policy> {
        let hours = self.snapshot_hours;
        ensure!(
            (1..=HOURS_MAX).contains(&hours),
            "vault.snapshot_hours = {hours}: between 1 and {HOURS_MAX}"
        );
        let flush = self.flush_ms;
        ensure!(
            (1..=FLUSH_MAX).contains(&flush),
            "vault.flush_ms = {flush}: between 1 and {FLUSH_MAX}"
        );
        Ok(Policy {
            flush_interval: Duration::from_millis(flush),
            durability: self.durability,
            snapshot_interval: Duration::from_secs(hours * 3_600),
            unfenced: self.unfenced,
            retention: self.retention()?,
            drill_interval: self.drill_interval.0,
            ..Policy::default()
        })
    }
}

/// The text of a file, or of the secret that a setting names in its place.
fn read(setting: &str, path: &Path, data: &Path) -> anyhow::Result<String> {
    if let Some(secret) = super::named(setting, &path.to_string_lossy(), data)? {
        return Ok(secret.text().to_owned());
    }
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_contradicts_itself_is_refused_by_name() {
        for (vault, name) in [
            (Vault { log_days: 10, ..Vault::default() }, "log_days"),
            (Vault { window_days: 0, ..Vault::default() }, "window_days"),
            (Vault { monthly_days: u64::MAX, ..Vault::default() }, "monthly_days"),
            (Vault { snapshot_hours: 0, ..Vault::default() }, "snapshot_hours"),
            (Vault { flush_ms: 0, ..Vault::default() }, "flush_ms"),
        ] {
            let error = vault.policy().unwrap_err().to_string();
            assert!(error.contains(name), "{error}");
        }
        assert_eq!(Vault::default().policy().unwrap(), Policy::default());
        let vault = Vault { trusted_keys: "abc".into(), ..Vault::default() };
        assert!(vault.trusted().unwrap_err().to_string().contains("trusted_keys"));
    }

    #[test]
    fn a_time_is_written_as_it_is_read() {
        for text in ["24h", "90m", "10s", "never"] {
            assert_eq!(String::from(Every::from_text(text).unwrap()), text);
        }
        for text in ["", "h", "1d", "9s", "-1h", "ä", "99999999999999h"] {
            assert!(Every::from_text(text).is_err(), "{text}");
        }
    }
}
