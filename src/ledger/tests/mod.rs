//! Tests of the ledger through its public surface.

mod codec;
mod commits;
mod journal;
mod opening;
mod reading;
mod rebuilding;
mod recovery;
mod trimming;
mod verifying;

use super::{Change, Draft, Schema, TableId};

pub(super) const ITEMS: TableId = TableId(1);
pub(super) const RATES: TableId = TableId(2);
pub(super) const TABLES: &[(TableId, &str)] = &[(ITEMS, "items"), (RATES, "rates")];
pub(super) const ORGANISATION: [u8; 16] = *b"oxcon-civil-nz-1";

pub(super) fn schema() -> Schema {
    Schema { version: 0, organisation: ORGANISATION, tables: TABLES, migrations: &[] }
}

pub(super) fn draft(command: &str, changes: Vec<Change>) -> Draft {
    Draft {
        at_us: 1_795_000_000_000_000,
        actor: [7; 16],
        command: command.to_owned(),
        note: b"note".to_vec(),
        changes,
    }
}

/// A change of a row of `ITEMS`; an empty string stands for an absent row.
pub(super) fn item(key: &str, before: &str, after: &str) -> Change {
    let image = |text: &str| (!text.is_empty()).then(|| text.as_bytes().to_vec());
    Change {
        table: ITEMS,
        key: key.as_bytes().to_vec(),
        before: image(before),
        after: image(after),
    }
}
