//! Records and rows of the ledger: what was accepted is written back to the same bytes.

use super::Input;
use oxflow::ledger::{Change, Draft, Head, Lsn, Record, TableId, split_stored};
use oxflow::workspace::{Book, RowError, RowWork, rework};
use serde::{Serialize, de::DeserializeOwned};

/// Changes one made record has at most.
const CHANGES_MAX: u8 = 8;
/// The longest blob of a made record.
const BLOB_BYTES_MAX: usize = 2_048;

/// Stored records, and rows of plain entities.
pub fn seeds() -> Vec<Vec<u8>> {
    let change = |before: Option<&[u8]>, after: Option<&[u8]>| Change {
        table: TableId(7),
        key: vec![1; 16],
        before: before.map(<[u8]>::to_vec),
        after: after.map(<[u8]>::to_vec),
    };
    let drafts = [
        Vec::new(),
        vec![change(None, Some(b"\x01new"))],
        vec![change(Some(b"\x01old"), Some(b"\x01new")), change(Some(b"\x01old"), None)],
    ];
    let head = Head { lsn: Lsn(41), hash: [9; 32] };
    let mut seeds = vec![Vec::new(), vec![0; 200], vec![1; 200]];
    for changes in drafts {
        let draft = Draft {
            at_us: 1_776_650_700_000_000,
            actor: [3; 16],
            command: "update-item".to_owned(),
            note: b"note".to_vec(),
            changes,
        };
        let (record, mut stored) = Record::after(head, draft).expect("a plain draft");
        stored.extend_from_slice(&record.prev_hash);
        stored.extend_from_slice(&record.hash);
        seeds.push(stored);
    }
    // Rows: which table, how long the key is, the key, the format and the body.
    for table in 0..40_u8 {
        for fill in [0_u8, 1, 2] {
            let mut row = vec![0, table, 16];
            row.extend_from_slice(&[1; 16]);
            row.extend_from_slice(&[1 + fill; 1]);
            row.extend_from_slice(&[fill; 160]);
            seeds.push(row);
        }
    }
    seeds
}

/// Reads bytes as a record and as a row, and makes a record of them.
pub fn keeps(bytes: &[u8]) {
    if let Ok(record) = Record::from_stored(bytes) {
        let (canonical, prev_hash, hash) = split_stored(bytes).expect("a record was read of it");
        assert_eq!((record.prev_hash, record.hash), (prev_hash, hash));
        let written = record.canonical_bytes().expect("what was read can be written");
        assert_eq!(written, canonical, "a record is written as it was read");
    }
    made(Input(bytes));
    let mut input = Input(bytes);
    let book = if input.byte() % 4 == 3 { Book::Control } else { Book::Organisation };
    let tables = book.tables();
    let (table, _) = tables[usize::from(input.byte()) % tables.len()];
    let keys = usize::from(input.byte()) % 64;
    let (key, row) = input.0.split_at(keys.min(input.0.len()));
    if let Ok(Some(once)) = rework(book, table, key, row, &mut Copying) {
        let twice = rework(book, table, key, &once, &mut Copying);
        let twice = twice.unwrap_or_else(|Refused(error)| panic!("a written row: {error}"));
        assert_eq!(twice.as_deref(), Some(once.as_slice()), "a row is written as it was read");
    }
}

/// A record made of any parts is read back as it was made, or refused when it is made.
fn made(mut input: Input<'_>) {
    let head = Head { lsn: Lsn(input.word() >> 1), hash: [input.byte(); 32] };
    let (at_us, actor) = (input.word().cast_signed(), [input.byte(); 16]);
    let command = String::from_utf8_lossy(input.some(300)).into_owned();
    let note = input.some(BLOB_BYTES_MAX).to_vec();
    let changes = (0..input.byte() % CHANGES_MAX).map(|_| {
        let table = TableId(input.byte());
        let key = input.some(300).to_vec();
        let mut image =
            || (!input.byte().is_multiple_of(3)).then(|| input.some(BLOB_BYTES_MAX).to_vec());
        Change { table, key, before: image(), after: image() }
    });
    let changes = changes.collect();
    let draft = Draft { at_us, actor, command, note, changes };
    let Ok((record, canonical)) = Record::after(head, draft) else { return };
    let read = Record::from_canonical(canonical, &head.hash);
    let (again, _) = read.unwrap_or_else(|error| panic!("a record that was made: {error}"));
    assert_eq!(again, record, "a record is read as it was made");
}

/// Writes a row anew, by way of its names.
struct Copying;

/// Why a row was not written anew.
struct Refused(RowError);

impl From<RowError> for Refused {
    fn from(error: RowError) -> Refused {
        Refused(error)
    }
}

impl RowWork for Copying {
    type Error = Refused;

    fn work<T: Serialize + DeserializeOwned>(&mut self, row: &T) -> Result<Option<T>, Refused> {
        let copied = serde_json::to_value(row).ok();
        Ok(copied.and_then(|value| serde_json::from_value(value).ok()))
    }
}
