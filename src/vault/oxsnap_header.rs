//! What an `.oxsnap` file says of itself (see `oxsnap.rs`).

use serde::{Deserialize, Serialize};

use super::VaultError;
use crate::ledger::{Head, Lsn};

/// Version of the header this release writes.
pub(super) const FORMAT: u32 = 1;

/// What a file says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Header {
    /// Version of the format.
    pub format: u32,
    /// The organisation, 32 hexadecimal digits.
    pub organisation: String,
    /// Its short name.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// The commit the rows are of.
    pub lsn: u64,
    /// Hash of that commit, or where a new chain begins.
    pub hash: String,
    /// When that commit was made, microseconds since 1970, UTC.
    pub at_us: Option<i64>,
    /// Version of the schema of the organisation's rows.
    pub schema: u32,
    /// Version of the schema of the rows of the control ledger.
    pub control_schema: u32,
    /// When the file was made, microseconds since 1970, UTC.
    pub created_at_us: i64,
    /// Whether names and prices are invented.
    pub masked: bool,
    /// BLAKE3 of the masking policy, hexadecimal.
    pub policy_hash: Option<String>,
    /// Whether the audit trail is in it as it was, original names and prices with it.
    pub contains_originals: bool,
    /// What the first commit in the file follows, where the audit trail is in it.
    pub log_from: Option<LogFrom>,
}

/// A point of the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LogFrom {
    /// Its commit.
    pub lsn: u64,
    /// Its hash.
    pub hash: String,
}

impl Header {
    /// A header of this format; the rest is for whoever writes the file to say.
    pub fn of(organisation: [u8; 16], head: Head, created_at_us: i64) -> Header {
        Header {
            format: FORMAT,
            organisation: super::lease::hex(&organisation),
            slug: String::new(),
            name: String::new(),
            lsn: head.lsn.0,
            hash: super::lease::hex(&head.hash),
            at_us: None,
            schema: 0,
            control_schema: 0,
            created_at_us,
            masked: false,
            policy_hash: None,
            contains_originals: false,
            log_from: None,
        }
    }

    /// The organisation.
    ///
    /// # Errors
    /// `Damaged`.
    pub fn organisation(&self) -> Result<[u8; 16], VaultError> {
        let id = uuid::Uuid::try_parse(&self.organisation);
        id.map(uuid::Uuid::into_bytes)
            .map_err(|_| VaultError::damaged("the header", "it does not say whose file it is"))
    }

    /// What the ledger made of it begins its log after.
    ///
    /// # Errors
    /// `Damaged`.
    pub fn anchor(&self) -> Result<Head, VaultError> {
        let (lsn, hash) = match &self.log_from {
            Some(from) => (from.lsn, &from.hash),
            None => (self.lsn, &self.hash),
        };
        let hash = super::lease::unhex(hash)
            .ok_or_else(|| VaultError::damaged("the header", "it has no hash"))?;
        Ok(Head { lsn: Lsn(lsn), hash })
    }
}
