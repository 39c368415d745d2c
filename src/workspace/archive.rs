//! Where commits are kept beside this machine, as far as the writer must know.

use std::sync::Arc;

use crate::ledger::Lsn;

/// Keeps every commit somewhere else as well. The writer asks before and after each group.
pub trait Archive: Send + Sync {
    /// Why no commit may be made any more, in words for a person; none when one may. O(1).
    fn refusal(&self) -> Option<Arc<str>>;

    /// Waits until commit `lsn` is kept as safely as it must be before it is acknowledged. O(1)
    /// where that is no more than being on this machine's disk.
    ///
    /// # Errors
    /// Why it never will be, in words for a person.
    fn keep(&self, lsn: Lsn) -> Result<(), Arc<str>>;

    /// The newest commit that is kept there for good, with all before it; none where commits are
    /// on this machine only. O(1).
    fn kept(&self) -> Option<Lsn>;
}

/// Commits are kept on this machine only.
pub struct Unarchived;

impl Archive for Unarchived {
    fn refusal(&self) -> Option<Arc<str>> {
        None
    }
    fn keep(&self, _lsn: Lsn) -> Result<(), Arc<str>> {
        Ok(())
    }
    fn kept(&self) -> Option<Lsn> {
        None
    }
}
