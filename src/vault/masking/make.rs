//! The copy: gathered, masked, written, read back, searched, and only then named.

use std::{ops::ControlFlow, path::Path, sync::mpsc::sync_channel};

use rayon::prelude::*;

use super::{
    MaskError, Policy, Salt,
    names::{Dictionary, Gathered},
    policy::Node,
    search::{Unpacked, search},
    treat::{Masker, in_table},
    walk::walk,
};
use crate::{
    estimating::user::Organisation,
    ledger::{Change, Draft, Head, Ledger, LedgerError, Record, SYSTEM_ACTOR, Snapshot, TableId},
    vault::{
        oxsnap::{Counts, Header, Kind, LogFrom, Reader, Unnamed, Writer},
        unpack::{commits_of, header, people_of},
    },
    workspace::{
        Book, RowWork,
        control::{CONTROL_FILE, Control, ledger_path},
        control_schema, organisation_schema, rework,
        staging::Staging,
    },
};
use serde::{Serialize, de::DeserializeOwned};

/// Rows worked on together.
pub(super) const CHUNK_ROWS: usize = 4_096;
/// Bytes of rows worked on together.
const CHUNK_BYTES: usize = 2 << 20;
/// Chunks that may wait for the next step.
const CHUNKS_WAITING: usize = 2;
/// Bytes of one commit of what masking did, where the audit trail comes along.
const COMMIT_BYTES: usize = 4 << 20;
/// The command of those commits.
const COMMAND: &str = "mask";

/// Whether the audit trail comes along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audit {
    /// As it was, originals and all.
    Keep,
    /// A new one begins.
    Truncate,
}

/// An organisation to be copied: its ledger and that of its people, nobody else's meanwhile.
pub struct Source {
    // Both are open as long as their snapshots are looked at; a server's own are none of its.
    _ledgers: Option<[Ledger; 2]>,
    pub(super) rows: Snapshot,
    pub(super) control: Snapshot,
    organisation: [u8; 16],
    slug: Box<str>,
    name: Box<str>,
}

impl Source {
    /// Opens an organisation of a data folder; the only one where none is named.
    ///
    /// # Errors
    /// `Source` for no such organisation, or a server that has the folder open.
    pub fn open(data: &Path, slug: Option<&str>) -> Result<Source, MaskError> {
        let failed = |why: String| MaskError::Source(why);
        let path = data.join(CONTROL_FILE);
        if !path.is_file() {
            return Err(failed(format!("{} is no data folder", data.display())));
        }
        let directory = {
            let control = Control::open(data).map_err(|error| failed(error.to_string()))?;
            control.directory()
        };
        let found: Option<&Organisation> = match slug {
            Some(slug) => directory.organisations.get(slug).map(|found| &**found),
            None if directory.organisations.len() == 1 => {
                directory.organisations.values().next().map(|found| &**found)
            }
            None => None,
        };
        let found = found.ok_or_else(|| {
            let names: Vec<&str> = directory.organisations.keys().map(|name| &**name).collect();
            failed(format!("name one of its organisations with --org: {}", names.join(", ")))
        })?;
        let control = Ledger::open_along(&path, control_schema())?;
        let path = ledger_path(data, &found.slug);
        if !path.is_file() {
            return Err(failed(format!("organisation {} has no ledger yet", found.slug)));
        }
        let ledger = Ledger::open_along(&path, organisation_schema(found.id.0))?;
        Ok(Source {
            rows: ledger.snapshot()?,
            control: control.snapshot()?,
            _ledgers: Some([ledger, control]),
            organisation: found.id.bytes(),
            slug: found.slug.clone(),
            name: found.name.clone(),
        })
    }

    /// An organisation that is being served, as it is now; its writers go on meanwhile.
    #[must_use]
    pub fn live(rows: Snapshot, control: Snapshot, organisation: &Organisation) -> Source {
        Source {
            rows,
            control,
            _ledgers: None,
            organisation: organisation.id.bytes(),
            slug: organisation.slug.clone(),
            name: organisation.name.clone(),
        }
    }

    /// Its short name and its name.
    #[must_use]
    pub fn names(&self) -> (&str, &str) {
        (&self.slug, &self.name)
    }

    /// The rows, and those of the control ledger.
    #[must_use]
    pub fn snapshots(&self) -> (&Snapshot, &Snapshot) {
        (&self.rows, &self.control)
    }

    pub(super) fn snapshot(&self, book: Book) -> &Snapshot {
        match book {
            Book::Control => &self.control,
            Book::Organisation => &self.rows,
        }
    }
}

/// A row on its way.
pub(super) struct Row {
    pub(super) table: TableId,
    pub(super) name: &'static str,
    /// Its key, and behind it the row.
    bytes: Vec<u8>,
    key_bytes: usize,
}

impl Row {
    pub(super) fn of(table: TableId, name: &'static str, key: &[u8], row: &[u8]) -> Row {
        Row { table, name, bytes: [key, row].concat(), key_bytes: key.len() }
    }

    pub(super) fn key(&self) -> &[u8] {
        self.bytes.get(..self.key_bytes).unwrap_or_default()
    }

    pub(super) fn row(&self) -> &[u8] {
        self.bytes.get(self.key_bytes..).unwrap_or_default()
    }
}

/// Gives the rows that come along, in order, in chunks. The rows of other tables go nowhere.
fn chunks(
    source: &Source,
    book: Book,
    policy: &Policy,
    mut give: impl FnMut(Vec<Row>) -> Result<(), MaskError>,
) -> Result<(), MaskError> {
    let (mut chunk, mut bytes): (Vec<Row>, usize) = (Vec::new(), 0);
    let mut visit = |table: TableId, key: &[u8], row: &[u8]| -> Result<(), MaskError> {
        let name = book.table_name(table).ok_or(LedgerError::UnknownTable(table))?;
        bytes += key.len() + row.len();
        chunk.push(Row::of(table, name, key, row));
        if chunk.len() >= CHUNK_ROWS || bytes >= CHUNK_BYTES {
            bytes = 0;
            give(std::mem::take(&mut chunk))?;
        }
        Ok(())
    };
    match book {
        Book::Control => people_of(&source.control, &source.organisation, |table, key, row| {
            visit(table, key, row)
        })?,
        Book::Organisation => {
            let mut tables: Vec<_> = book.tables().to_vec();
            tables.sort_unstable();
            tables.retain(|(_, name)| policy.table(name).is_some());
            for (table, _) in tables {
                source.rows.scan_prefix::<MaskError>(table, &[], |key, row| {
                    visit(table, key, row)?;
                    Ok(ControlFlow::Continue(()))
                })?;
            }
        }
    }
    if chunk.is_empty() { Ok(()) } else { give(chunk) }
}

/// Reads chunks on another thread, and what `beside` has to go with each, a few ahead of what
/// `each` does with them.
pub(super) fn read_ahead<B: Send>(
    source: &Source,
    book: Book,
    policy: &Policy,
    beside: impl Fn(&[Row]) -> Result<B, MaskError> + Send,
    mut each: impl FnMut((Vec<Row>, B)) -> Result<(), MaskError>,
) -> Result<(), MaskError> {
    std::thread::scope(|scope| {
        let (send, receive) = sync_channel::<(Vec<Row>, B)>(CHUNKS_WAITING);
        let reading = scope.spawn(move || {
            chunks(source, book, policy, |chunk| {
                let beside = beside(&chunk)?;
                // Whoever takes them has failed and says why.
                send.send((chunk, beside)).map_err(|_| given_up())
            })
        });
        let done = receive.into_iter().try_for_each(&mut each);
        let read = reading.join().unwrap_or_else(|_| Err(given_up()));
        done.and(read)
    })
}

pub(super) fn given_up() -> MaskError {
    MaskError::Source("given up".into())
}

/// Reads chunks, works on each on all cores, and has them taken in order, all at once.
fn each_chunk<T: Send>(
    source: &Source,
    book: Book,
    policy: &Policy,
    work: impl Fn(&Row, &Node) -> Result<T, MaskError> + Sync + Send,
    mut take: impl FnMut(Vec<Row>, Vec<T>) -> Result<(), MaskError>,
) -> Result<(), MaskError> {
    std::thread::scope(|scope| {
        let (send, receive) = sync_channel::<(Vec<Row>, Vec<T>)>(CHUNKS_WAITING);
        let working = scope.spawn(move || {
            read_ahead(
                source,
                book,
                policy,
                |_| Ok(()),
                |(chunk, ())| {
                    let made: Result<Vec<T>, MaskError> = chunk
                        .par_iter()
                        .with_min_len(CHUNK_ROWS / 64)
                        .map(|row| match policy.table(row.name) {
                            Some(node) => work(row, node),
                            None => Err(MaskError::Untreated(row.name.to_owned())),
                        })
                        .collect();
                    send.send((chunk, made?)).map_err(|_| given_up())
                },
            )
        });
        let done = receive.into_iter().try_for_each(|(chunk, made)| take(chunk, made));
        let worked = working.join().unwrap_or_else(|_| Err(given_up()));
        done.and(worked)
    })
}

/// Gathers from one row.
struct Gather<'a> {
    gathered: Gathered,
    node: &'a Node,
    table: &'static str,
}

impl RowWork for Gather<'_> {
    type Error = MaskError;

    fn work<T: Serialize + DeserializeOwned>(&mut self, row: &T) -> Result<Option<T>, MaskError> {
        let shown = walk(row, self.node, &mut self.gathered, &mut Vec::new());
        shown.map(|_| None).map_err(|error| in_table(self.table, error))
    }
}

/// Everything the copy must not say.
pub(super) fn gather(source: &Source, policy: &Policy) -> Result<Gathered, MaskError> {
    let of_copy = Staging::in_rows(&source.control)?.is_some();
    let mut all = Gathered::default();
    all.of_copy = of_copy;
    for book in [Book::Control, Book::Organisation] {
        read_ahead(
            source,
            book,
            policy,
            |_| Ok(()),
            |(chunk, ())| {
                let found = chunk
                    .par_chunks(CHUNK_ROWS / 8)
                    .map(|rows| {
                        let mut gathered = Gathered::default();
                        for row in rows {
                            let node = policy.table(row.name);
                            let node =
                                node.ok_or_else(|| MaskError::Untreated(row.name.to_owned()))?;
                            let mut work = Gather { gathered, node, table: row.name };
                            rework(book, row.table, row.key(), row.row(), &mut work)?;
                            gathered = work.gathered;
                        }
                        Ok(gathered)
                    })
                    .try_reduce(Gathered::default, |one, other| {
                        Ok::<_, MaskError>(one.and(other))
                    })?;
                all = std::mem::take(&mut all).and(found);
                Ok(())
            },
        )?;
    }
    Ok(all)
}

fn mask_row(
    book: Book,
    row: &Row,
    node: &Node,
    salt: &Salt,
    dictionary: &Dictionary,
) -> Result<Vec<u8>, MaskError> {
    let mut masker = Masker {
        salt,
        dictionary,
        table: row.name,
        key: row.key(),
        node,
        route: Vec::new(),
        money: false,
    };
    let made = rework(book, row.table, row.key(), row.row(), &mut masker)?;
    made.ok_or_else(|| MaskError::Row { table: row.name, why: "nothing was made of it".into() })
}

/// What was made.
#[derive(Clone, Debug)]
pub struct Made {
    /// What the file says of itself.
    pub header: Header,
    /// What is in it.
    pub counts: Counts,
    /// Rows searched.
    pub searched: u64,
}

/// Copies an organisation into the file `to`, masked; the file gets its name when nothing of the
/// source is found in it (BR-123). `scratch` is a folder for what is made to be searched. Flat
/// memory but for the names and amounts of the source.
///
/// # Errors
/// `Untreated` for a field the policy does not name, `Leaks`, a file that is there, the ledger.
/// Nothing is left behind then.
#[expect(clippy::too_many_arguments, reason = "the choices of one command")]
pub fn clone(
    source: &Source,
    policy: &Policy,
    salt: &Salt,
    audit: Audit,
    to: &Path,
    created_at_us: i64,
    scratch: &Path,
    mut progress: impl FnMut(&str, u64),
) -> Result<Made, MaskError> {
    progress("gathering names", 0);
    let gathered = gather(source, policy)?;
    let dictionary = Dictionary::new(gathered, salt, &policy.labels, &policy.domain)?;
    let header = masked_header(source, policy, salt, audit, created_at_us, &dictionary)?;
    let mut writer = Writer::create(to, &header)?;
    let following = writer.follow()?;
    let (written, unpacked) = std::thread::scope(|scope| {
        // What will be searched is made of the file while it grows.
        let unpacking = scope.spawn(move || Unpacked::new(Reader::follow(following)?, scratch));
        let at_us = header.created_at_us;
        let written = write(source, policy, salt, &dictionary, audit, writer, at_us, &mut progress);
        let unpacked = unpacking.join().unwrap_or_else(|_| Err(given_up()));
        // Where writing failed, what was made of it fails too and does not know why.
        written.and_then(|written| unpacked.map(|unpacked| (written, unpacked)))
    })?;
    progress("searching for leaks", written.counts.rows);
    let searched = search(unpacked, source, policy, &dictionary)?;
    let counts = written.name()?;
    Ok(Made { header, counts, searched })
}

/// The header of a masked file: its name is invented too, and its chain is its own.
fn masked_header(
    source: &Source,
    policy: &Policy,
    salt: &Salt,
    audit: Audit,
    created_at_us: i64,
    dictionary: &Dictionary,
) -> Result<Header, MaskError> {
    let kept = audit == Audit::Keep;
    let plain = header(&source.rows, &source.control, "", "", kept, created_at_us)?;
    let name = dictionary.pseudonym(&source.name).unwrap_or(STAGING_NAME).to_owned();
    let begins = salt.mac(&[b"chain", &source.organisation, &plain.lsn.to_be_bytes()]);
    // An empty chain has no commit that could be followed: the new one begins behind one.
    let lsn = plain.lsn.max(1);
    let hash = if kept { plain.hash } else { crate::vault::lease::hex(&begins) };
    Ok(Header {
        slug: STAGING_SLUG.to_owned(),
        name,
        lsn,
        hash,
        masked: true,
        policy_hash: Some(policy.hash.clone()),
        contains_originals: kept,
        at_us: plain.at_us,
        log_from: plain.log_from.map(|from| LogFrom { ..from }),
        ..plain
    })
}

/// Short name of every masked organisation; the policy gives its row the same.
const STAGING_SLUG: &str = "staging";
/// Name of one that has none.
const STAGING_NAME: &str = "Staging";

#[expect(clippy::too_many_arguments, reason = "one step of one command")]
fn write(
    source: &Source,
    policy: &Policy,
    salt: &Salt,
    dictionary: &Dictionary,
    audit: Audit,
    mut writer: Writer,
    at_us: i64,
    progress: &mut impl FnMut(&str, u64),
) -> Result<Unnamed, MaskError> {
    let mut rows = 0;
    for (book, kind) in [(Book::Control, Kind::Control), (Book::Organisation, Kind::Rows)] {
        let work = |row: &Row, node: &Node| mask_row(book, row, node, salt, dictionary);
        each_chunk(source, book, policy, work, |chunk, made| {
            for (row, masked) in chunk.iter().zip(&made) {
                writer.row(kind, row.table, row.key(), masked)?;
            }
            rows += made.len() as u64;
            progress("masking rows", rows);
            Ok(())
        })?;
    }
    if audit == Audit::Keep {
        commits_of(&source.rows, |canonical| writer.commit(canonical))?;
        changes(source, policy, salt, dictionary, &mut writer, at_us)?;
    }
    Ok(writer.finish()?)
}

/// What masking did as commits behind the ones that were copied, so that log and rows agree.
fn changes(
    source: &Source,
    policy: &Policy,
    salt: &Salt,
    dictionary: &Dictionary,
    writer: &mut Writer,
    at_us: i64,
) -> Result<(), MaskError> {
    let mut head = source.rows.head()?;
    let (mut waiting, mut bytes): (Vec<Change>, usize) = (Vec::new(), 0);
    let mut commit = |changes: Vec<Change>, head: &mut Head| -> Result<(), MaskError> {
        let draft = Draft {
            at_us,
            actor: SYSTEM_ACTOR,
            command: COMMAND.to_owned(),
            note: Vec::new(),
            changes,
        };
        let (record, canonical) = Record::after(*head, draft).map_err(LedgerError::from)?;
        *head = Head { lsn: record.lsn, hash: record.hash };
        Ok(writer.commit(&canonical)?)
    };
    let book = Book::Organisation;
    let work = |row: &Row, node: &Node| mask_row(book, row, node, salt, dictionary);
    each_chunk(source, book, policy, work, |chunk, made| {
        for (row, masked) in chunk.into_iter().zip(made) {
            if row.row() == masked {
                continue;
            }
            bytes += row.row().len() + masked.len();
            let (before, after) = (Some(row.row().to_vec()), Some(masked));
            waiting.push(Change { table: row.table, key: row.key().to_vec(), before, after });
            if bytes >= COMMIT_BYTES {
                bytes = 0;
                commit(std::mem::take(&mut waiting), &mut head)?;
            }
        }
        Ok(())
    })?;
    for (table, _) in book.tables().iter().filter(|(_, name)| policy.table(name).is_none()) {
        source.rows.scan_prefix::<MaskError>(*table, &[], |key, row| {
            let before = Some(row.to_vec());
            bytes += row.len();
            waiting.push(Change { table: *table, key: key.to_vec(), before, after: None });
            if bytes >= COMMIT_BYTES {
                bytes = 0;
                commit(std::mem::take(&mut waiting), &mut head)?;
            }
            Ok(ControlFlow::Continue(()))
        })?;
    }
    if waiting.is_empty() { Ok(()) } else { commit(waiting, &mut head) }
}
