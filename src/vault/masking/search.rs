//! The search of a copy for what it must not say: a server is started on it, and every row and
//! byte of that is looked through.

use std::{
    collections::BTreeSet,
    ops::{Bound, ControlFlow},
    path::{Path, PathBuf},
};

use rayon::prelude::*;

use super::{
    MaskError, Policy, Salt,
    leak::{self, Amounts, Leaks, Search},
    make::{CHUNK_ROWS, Row, Source, gather, given_up, read_ahead},
    names::Dictionary,
    policy::Node,
    told::tell,
};
use crate::{
    ledger::Snapshot,
    vault::{
        oxsnap::{Counts, Header, Reader},
        restore::file_error,
        unpack::unpack_read,
    },
    workspace::{
        Book,
        control::{CONTROL_FILE, Control, ledger_path},
        rework,
    },
};

/// A data folder made of a copy; it goes when it is no longer looked at.
pub(super) struct Unpacked {
    folder: Scratch,
    header: Header,
    counts: Counts,
}

impl Unpacked {
    /// Makes it of what is read, in a folder of its own within `scratch`.
    ///
    /// # Errors
    /// A copy that does not verify; the ledger.
    pub(super) fn new(reader: Reader, scratch: &Path) -> Result<Unpacked, MaskError> {
        let folder = Scratch(scratch.join(format!("oxflow-masked-{}", uuid::Uuid::now_v7())));
        let (header, counts) = unpack_read(reader, &folder.0, |_| ())?;
        Ok(Unpacked { folder, header, counts })
    }
}

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
    search(Unpacked::new(Reader::open(file)?, scratch)?, source, policy, &dictionary)
}

/// Opens the copy as a server does, and searches every row and byte of it.
pub(super) fn search(
    copy: Unpacked,
    source: &Source,
    policy: &Policy,
    dictionary: &Dictionary,
) -> Result<u64, MaskError> {
    let Unpacked { folder, header, counts } = copy;
    let broken = |error: String| MaskError::Source(format!("the copy does not start: {error}"));
    {
        let control = Control::open(&folder.0).map_err(|error| broken(error.to_string()))?;
        control.workspace(&header.slug).map_err(|error| broken(error.to_string()))?;
        control.close();
    }
    let files = [folder.0.join(CONTROL_FILE), ledger_path(&folder.0, &header.slug)];
    let copy = Source::open(&folder.0, Some(&header.slug))?;
    let mut leaks = std::thread::scope(|scope| {
        let bytes =
            (!header.contains_originals).then(|| scope.spawn(|| in_files(&files, dictionary)));
        let rows = in_rows(&copy, source, policy, dictionary)?;
        match bytes.map(|bytes| bytes.join().unwrap_or_else(|_| Err(given_up()))) {
            Some(bytes) => Ok::<_, MaskError>(rows.and(bytes?)),
            None => Ok(rows),
        }
    })?;
    leaks.first.iter_mut().try_for_each(|leak| tell(&copy, policy, dictionary, leak))?;
    drop(copy);
    if !header.contains_originals && super::prose::leak(dictionary, &header.name, false).is_some() {
        return Err(MaskError::Source("the header of the copy says an original name".into()));
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
        let beside = |chunk: &[Row]| originals(source.snapshot(book), chunk, &moving);
        read_ahead(copy, book, policy, beside, |(chunk, originals)| {
            let found = chunk
                .par_iter()
                .zip(originals)
                .with_min_len(CHUNK_ROWS / 64)
                .map(|(row, original)| search_row(book, row, original, policy, dictionary))
                .try_reduce(Leaks::default, |one, other| Ok(one.and(other)))?;
            leaks = std::mem::take(&mut leaks).and(found);
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

/// For each row of a chunk, the one it was made of, where its amounts move. The keys are the same
/// and in the same order: read along, not looked up one by one.
fn originals(
    source: &Snapshot,
    chunk: &[Row],
    moving: &BTreeSet<&str>,
) -> Result<Vec<Option<Row>>, MaskError> {
    let mut all = Vec::with_capacity(chunk.len());
    for rows in chunk.chunk_by(|one, other| one.table == other.table) {
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else { continue };
        let mut waiting = rows.iter().peekable();
        if moving.contains(first.name) {
            let bounds = (Bound::Included(first.key()), Bound::Included(last.key()));
            source.scan_range::<MaskError>(first.table, bounds, |key, row| {
                while waiting.next_if(|made| made.key() < key).is_some() {
                    all.push(None);
                }
                if let Some(made) = waiting.next_if(|made| made.key() == key) {
                    all.push(Some(Row::of(made.table, made.name, key, row)));
                }
                Ok(ControlFlow::Continue(()))
            })?;
        }
        all.extend(waiting.map(|_| None));
    }
    Ok(all)
}

fn search_row(
    book: Book,
    row: &Row,
    original: Option<Row>,
    policy: &Policy,
    dictionary: &Dictionary,
) -> Result<Leaks, MaskError> {
    let node = policy.table(row.name).ok_or_else(|| MaskError::Untreated(row.name.to_owned()))?;
    let mut before = Amounts { node, met: Vec::new() };
    if let Some(original) = original {
        rework(book, original.table, original.key(), original.row(), &mut before)?;
    }
    let mut search = Search {
        dictionary,
        table: row.name,
        key: row.key(),
        node,
        route: Vec::new(),
        amounts: (&before.met, 0),
        money: false,
        leaks: Leaks::default(),
    };
    rework(book, row.table, row.key(), row.row(), &mut search)?;
    Ok(search.leaks)
}

/// The one table that a copy has of its own.
const STAGING_TABLE_NAME: &str = "staging";
