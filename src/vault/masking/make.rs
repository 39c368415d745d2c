//! The copy: gathered, masked, written, read back, searched, and only then named.

use std::{
    collections::BTreeSet,
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::mpsc::sync_channel,
};

use rayon::prelude::*;

use super::{
    MaskError, Policy, Salt,
    leak::{self, Amounts, Leaks, Search},
    names::{Dictionary, Gathered},
    policy::Node,
    treat::{Masker, in_table},
    walk::walk,
};
use crate::{
    estimating::user::Organisation,
    ledger::{Change, Draft, Head, Ledger, LedgerError, Record, SYSTEM_ACTOR, Snapshot, TableId},
    vault::{
        VaultError,
        oxsnap::{Counts, Header, Kind, LogFrom, Unnamed, Writer},
        restore::file_error,
        unpack::{commits_of, header, people_of, unpack},
    },
    workspace::{
        Book, RowWork,
        control::{CONTROL_FILE, Control, ledger_path},
        control_schema, organisation_schema, rework,
    },
};
use serde::{Serialize, de::DeserializeOwned};

/// Rows worked on together.
const CHUNK_ROWS: usize = 4_096;
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
    // Both are open as long as their snapshots are looked at.
    _ledgers: [Ledger; 2],
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
        let control = Ledger::open(&path, control_schema())?;
        let path = ledger_path(data, &found.slug);
        if !path.is_file() {
            return Err(failed(format!("organisation {} has no ledger yet", found.slug)));
        }
        let ledger = Ledger::open(&path, organisation_schema(found.id.0))?;
        Ok(Source {
            rows: ledger.snapshot()?,
            control: control.snapshot()?,
            _ledgers: [ledger, control],
            organisation: found.id.bytes(),
            slug: found.slug.clone(),
            name: found.name.clone(),
        })
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

    fn snapshot(&self, book: Book) -> &Snapshot {
        match book {
            Book::Control => &self.control,
            Book::Organisation => &self.rows,
        }
    }
}

/// A row on its way.
struct Row {
    table: TableId,
    name: &'static str,
    key: Vec<u8>,
    row: Vec<u8>,
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
        chunk.push(Row { table, name, key: key.to_vec(), row: row.to_vec() });
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

/// Reads chunks on another thread, a few ahead of what `each` does with them.
fn read_ahead(
    source: &Source,
    book: Book,
    policy: &Policy,
    mut each: impl FnMut(Vec<Row>) -> Result<(), MaskError>,
) -> Result<(), MaskError> {
    std::thread::scope(|scope| {
        let (send, receive) = sync_channel::<Vec<Row>>(CHUNKS_WAITING);
        let reading = scope.spawn(move || {
            // Whoever takes them has failed and says why.
            chunks(source, book, policy, |chunk| send.send(chunk).map_err(|_| given_up()))
        });
        let done = receive.into_iter().try_for_each(&mut each);
        let read = reading.join().unwrap_or_else(|_| Err(given_up()));
        done.and(read)
    })
}

fn given_up() -> MaskError {
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
            read_ahead(source, book, policy, |chunk| {
                let made: Result<Vec<T>, MaskError> = chunk
                    .par_iter()
                    .with_min_len(CHUNK_ROWS / 64)
                    .map(|row| match policy.table(row.name) {
                        Some(node) => work(row, node),
                        None => Err(MaskError::Untreated(row.name.to_owned())),
                    })
                    .collect();
                send.send((chunk, made?)).map_err(|_| given_up())
            })
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
fn gather(source: &Source, policy: &Policy) -> Result<Gathered, MaskError> {
    let mut all = Gathered::default();
    for book in [Book::Control, Book::Organisation] {
        read_ahead(source, book, policy, |chunk| {
            let found = chunk
                .par_chunks(CHUNK_ROWS / 8)
                .map(|rows| {
                    let mut gathered = Gathered::default();
                    for row in rows {
                        let node = policy.table(row.name);
                        let node = node.ok_or_else(|| MaskError::Untreated(row.name.to_owned()))?;
                        let mut work = Gather { gathered, node, table: row.name };
                        rework(book, row.table, &row.key, &row.row, &mut work)?;
                        gathered = work.gathered;
                    }
                    Ok(gathered)
                })
                .try_reduce(Gathered::default, |one, other| Ok::<_, MaskError>(one.and(other)))?;
            all = std::mem::take(&mut all).and(found);
            Ok(())
        })?;
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
    let mut masker =
        Masker { salt, dictionary, table: row.name, key: &row.key, node, route: Vec::new() };
    let made = rework(book, row.table, &row.key, &row.row, &mut masker)?;
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
    let written = write(source, policy, salt, &dictionary, audit, &header, to, &mut progress)?;
    progress("searching for leaks", written.counts.rows);
    let searched = search(written.path(), source, policy, &dictionary, scratch)?;
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
    header: &Header,
    to: &Path,
    progress: &mut impl FnMut(&str, u64),
) -> Result<Unnamed, MaskError> {
    let mut writer = Writer::create(to, header)?;
    let mut rows = 0;
    for (book, kind) in [(Book::Control, Kind::Control), (Book::Organisation, Kind::Rows)] {
        let work = |row: &Row, node: &Node| mask_row(book, row, node, salt, dictionary);
        each_chunk(source, book, policy, work, |chunk, made| {
            for (row, masked) in chunk.iter().zip(&made) {
                writer.row(kind, row.table, &row.key, masked)?;
            }
            rows += made.len() as u64;
            progress("masking rows", rows);
            Ok(())
        })?;
    }
    if audit == Audit::Keep {
        commits_of(&source.rows, |canonical| writer.commit(canonical))?;
        changes(source, policy, salt, dictionary, &mut writer, header.created_at_us)?;
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
            if row.row == masked {
                continue;
            }
            bytes += row.row.len() + masked.len();
            let (before, after) = (Some(row.row), Some(masked));
            waiting.push(Change { table: row.table, key: row.key, before, after });
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

/// A folder that goes when it is no longer looked at.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// Searches a file for what a source holds, as BR-123 has it: the salt it was made with is not
/// needed. Gives the number of rows searched.
///
/// # Errors
/// `Leaks`; a file that does not verify; the ledger.
pub fn scan(
    file: &Path,
    source: &Source,
    policy: &Policy,
    scratch: &Path,
) -> Result<u64, MaskError> {
    let salt = Salt::new(policy.hash.as_bytes())?;
    let gathered = gather(source, policy)?;
    let dictionary = Dictionary::new(gathered, &salt, &policy.labels, &policy.domain)?;
    search(file, source, policy, &dictionary, scratch)
}

/// Makes a data folder of the file, opens it as a server does, and searches every row and byte.
fn search(
    file: &Path,
    source: &Source,
    policy: &Policy,
    dictionary: &Dictionary,
    scratch: &Path,
) -> Result<u64, MaskError> {
    let folder = Scratch(scratch.join(format!("oxflow-masked-{}", uuid::Uuid::now_v7())));
    let (header, counts) = unpack(file, &folder.0, |_| ())?;
    let broken = |error: String| MaskError::Source(format!("the copy does not start: {error}"));
    {
        let control = Control::open(&folder.0).map_err(|error| broken(error.to_string()))?;
        control.workspace(&header.slug).map_err(|error| broken(error.to_string()))?;
        control.close();
    }
    let files = [folder.0.join(CONTROL_FILE), ledger_path(&folder.0, &header.slug)];
    let copy = Source::open(&folder.0, Some(&header.slug))?;
    let leaks = std::thread::scope(|scope| {
        let bytes =
            (!header.contains_originals).then(|| scope.spawn(|| in_files(&files, dictionary)));
        let rows = in_rows(&copy, source, policy, dictionary)?;
        match bytes.map(|bytes| bytes.join().unwrap_or_else(|_| Err(given_up()))) {
            Some(bytes) => Ok::<_, MaskError>(rows.and(bytes?)),
            None => Ok(rows),
        }
    })?;
    drop(copy);
    if !header.contains_originals {
        let said: Result<String, _> = serde_json::to_string(&header);
        let said = said.map_err(|error| VaultError::Settings(error.to_string()))?;
        if super::prose::leak(dictionary, &said, false).is_some() {
            return Err(MaskError::Source("the header of the copy says an original name".into()));
        }
    }
    leaks.none()?;
    Ok(counts.rows)
}

/// Searches the bytes of files.
fn in_files(files: &[PathBuf], dictionary: &Dictionary) -> Result<Leaks, MaskError> {
    files.iter().try_fold(Leaks::default(), |leaks, path| {
        let found = leak::bytes(dictionary, path).map_err(|error| file_error(path, error))?;
        Ok(leaks.and(found))
    })
}

/// Searches the rows of a copy, beside those they were made of.
fn in_rows(
    copy: &Source,
    source: &Source,
    policy: &Policy,
    dictionary: &Dictionary,
) -> Result<Leaks, MaskError> {
    let mut leaks = Leaks::default();
    for book in [Book::Control, Book::Organisation] {
        let names = book.tables().iter().map(|(_, name)| *name);
        let moving: BTreeSet<&str> =
            names.filter(|name| policy.table(name).is_some_and(Node::moves)).collect();
        let work = |row: &Row, node: &Node| {
            let mut before = Amounts { node, met: Vec::new() };
            if moving.contains(row.name)
                && let Some(original) = source.snapshot(book).get(row.table, &row.key)?
            {
                rework(book, row.table, &row.key, &original, &mut before)?;
            }
            let mut search = Search {
                dictionary,
                table: row.name,
                key: &row.key,
                node,
                route: Vec::new(),
                amounts: (&before.met, 0),
                leaks: Leaks::default(),
            };
            rework(book, row.table, &row.key, &row.row, &mut search)?;
            Ok(search.leaks)
        };
        each_chunk(copy, book, policy, work, |_, found| {
            leaks = found.into_iter().fold(std::mem::take(&mut leaks), Leaks::and);
            Ok(())
        })?;
        for (table, name) in book.tables().iter().filter(|(_, name)| policy.table(name).is_none()) {
            let there = copy.snapshot(book).count(*table)?;
            if there > 0 && *name != STAGING_TABLE_NAME {
                return Err(MaskError::Source(format!(
                    "{name} is to be dropped and is in the copy"
                )));
            }
        }
    }
    Ok(leaks)
}

/// The one table that a copy has of its own.
const STAGING_TABLE_NAME: &str = "staging";
