//! A copy of an organisation that gives nothing away: names, contacts, texts and prices are
//! replaced, how the work is built up stays.
//!
//! ```text
//! policy    what becomes of every field of every entity: a field without a treatment stops it
//! names     every name, address, number and amount of the source, gathered first; which of the
//!           words of a name are one by themselves (`ordinary.txt`: which are not)
//! prose     free text without them; money: which figures in it are money; formula: the same of
//!           formulas and of what things are called in them
//! treat     each row again, keyed by a secret salt: the same in, the same out
//! leak      what was made is searched for what was gathered before it gets its name (BR-123)
//! ```

mod formula;
mod identifying;
mod keyed;
mod leak;
mod made;
mod make;
mod money;
mod names;
mod policy;
mod prose;
mod search;
mod shape;
mod told;
mod treat;
mod walk;

#[cfg(test)]
mod tests;

pub use keyed::Salt;
pub use leak::Leak;
pub use make::{Audit, Made, Source, clone};
pub use policy::Policy;
pub use search::scan;
pub use shape::fields;

/// The policy that is built in: `snapshots/masking.toml`.
pub const BUILT_IN: &str = include_str!("../../../snapshots/masking.toml");

use super::VaultError;
use crate::{ledger::LedgerError, workspace::RowError};

/// Why a copy could not be made.
#[derive(Debug, thiserror::Error)]
pub enum MaskError {
    /// The policy does not read, or does not fit the entities of this release.
    #[error("the masking policy: {0}")]
    Policy(String),
    /// The salt cannot be used.
    #[error("the salt has {0} bytes; it needs at least {min}, such as `openssl rand -hex 32` writes", min = keyed::SALT_BYTES_MIN)]
    Salt(usize),
    /// A row has a field that the policy does not name.
    #[error("the masking policy has no treatment for {0}")]
    Untreated(String),
    /// A masked row is none that can be stored.
    #[error("{table}: a masked row does not read: {why}")]
    Row {
        /// Its table.
        table: &'static str,
        /// Why not.
        why: String,
    },
    /// Something of the source is in the copy.
    #[error("anonymisation-leak-detected: {total} found, so the copy was removed (BR-123){list}", list = leak::list(.leaks))]
    Leaks {
        /// The first of them.
        leaks: Vec<Leak>,
        /// How many there are.
        total: u64,
    },
    /// The source has no such organisation.
    #[error("{0}")]
    Source(String),
    /// A row does not read.
    #[error(transparent)]
    Stored(#[from] RowError),
    /// A file, or the ledger.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl serde::ser::Error for MaskError {
    fn custom<T: std::fmt::Display>(why: T) -> Self {
        MaskError::Row { table: "", why: why.to_string() }
    }
}
