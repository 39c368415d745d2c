//! What makes a data folder a staging copy, and what it must not do then.

use super::tables::{STAGING, STAGING_KEY};
use crate::ledger::{CodecError, LedgerError, Row, Snapshot, decode, encode};
use serde::{Deserialize, Serialize};

/// A folder made from a masked snapshot says so in its control ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Staging {
    /// Whether the audit trail came along as it was, original names and prices with it.
    pub contains_originals: bool,
    /// When the snapshot was made, microseconds since 1970, UTC.
    pub made_at_us: i64,
    /// BLAKE3 of the masking policy, hexadecimal.
    pub policy_hash: Box<str>,
}

impl Row for Staging {
    const FORMAT: u8 = 1;
}

impl Staging {
    /// What a control ledger says of it; none where it is no staging copy.
    ///
    /// # Errors
    /// A storage error, or `Corrupt` for a row that does not read.
    pub fn in_rows(control: &Snapshot) -> Result<Option<Staging>, LedgerError> {
        let row = control.get(STAGING, STAGING_KEY)?;
        let read = row.map(|row| decode::<Staging>(&row)).transpose();
        read.map_err(|error| LedgerError::Corrupt(format!("the mark of staging: {error}")))
    }

    /// Its key and its bytes.
    ///
    /// # Errors
    /// When it does not encode.
    pub fn to_row(&self) -> Result<(&'static [u8], Vec<u8>), CodecError> {
        Ok((STAGING_KEY, encode(self)?))
    }
}

/// Whether messages may leave this server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outgoing {
    /// As usual.
    Allowed,
    /// This is a staging copy: nobody outside may hear from it.
    HeldBack,
}
