//! The oldest records of a log, given up here once they are kept elsewhere for good.

use redb::{Durability, ReadableTable};

use super::{
    Head, Ledger, LedgerError, Lsn, Record,
    tables::{LOG, META, META_ANCHOR, TOUCHED, pack_head, touched_key},
};

/// Records given up in one transaction at most, so that no commit waits long.
const RECORDS_MAX: usize = 1_000;
/// Bytes of records given up in one transaction, about.
const BYTES_MAX: usize = 8 << 20;

impl Ledger {
    /// Gives up the oldest records, in one durable transaction: those up to commit `archived` that
    /// were made before `before_us` (microseconds since 1970, UTC), up to the first that was not,
    /// a thousand or so at a time. The rows stay, and so does the newest record; the chain is
    /// anchored behind the last that went. Gives how many went: none when there is no more to do.
    /// O(records * log n) and one fsync.
    ///
    /// # Errors
    /// `Record` for one that does not read: the handle is good. `DiskFull`, `Io` or `Corrupt`:
    /// the records may be gone or there, all of them; [`Ledger::reopen`] tells. `NeedsReopen`
    /// until then.
    pub fn trim(&mut self, archived: Lsn, before_us: i64) -> Result<u64, LedgerError> {
        if self.is_poisoned() {
            return Err(LedgerError::NeedsReopen);
        }
        let given_up = self.give_up(archived, before_us);
        if given_up.as_ref().is_err_and(LedgerError::needs_reopen) {
            self.poison();
        }
        given_up
    }

    fn give_up(&self, archived: Lsn, before_us: i64) -> Result<u64, LedgerError> {
        // The newest stays: the head is read from it.
        let archived = archived.0.min(self.head().lsn.0.saturating_sub(1));
        let guard = self.slot().read();
        let database = guard.as_ref().ok_or(LedgerError::NeedsReopen)?;
        let mut transaction = database.begin_write()?;
        transaction.set_durability(Durability::Immediate).map_err(redb::Error::from)?;
        let (mut going, mut bytes): (Vec<Record>, usize) = (Vec::new(), 0);
        {
            let mut log = transaction.open_table(LOG)?;
            for entry in log.range(..=archived)? {
                let (_, stored) = entry?;
                let record = Record::from_stored(stored.value())?;
                if record.at_us >= before_us || going.len() >= RECORDS_MAX || bytes >= BYTES_MAX {
                    break;
                }
                bytes += stored.value().len();
                going.push(record);
            }
            let Some(last) = going.last() else { return Ok(0) };
            let anchor = Head { lsn: last.lsn, hash: last.hash };
            let mut touched = transaction.open_table(TOUCHED)?;
            for record in &going {
                log.remove(record.lsn.0)?;
                for change in &record.changes {
                    let key = touched_key(change.table, &change.key, record.lsn);
                    touched.remove(key.as_slice())?;
                }
            }
            transaction.open_table(META)?.insert(META_ANCHOR, pack_head(anchor).as_slice())?;
        }
        transaction.commit()?;
        Ok(going.len() as u64)
    }
}
