//! From an `.oxsnap` to a data folder, and from a ledger to an `.oxsnap` as it is.

use std::{ops::ControlFlow, path::Path, sync::mpsc::sync_channel};

use super::{
    VaultError,
    oxsnap::{Counts, Header, Kind, LogFrom, Reader, Writer},
    restore::{begin, finish, put_rows},
};
use crate::{
    ledger::{Head, LedgerError, Lsn, Rebuild, Snapshot, TableId, genesis_hash, split_stored},
    workspace::{
        KEPT_BACK, STAGING_TABLE,
        control::{CONTROL_FILE, ledger_path},
        control_schema, organisation_schema,
        staging::Staging,
    },
};

/// Frames that may wait to be written.
const FRAMES_WAITING: usize = 1;

/// Rows after which it is said how far writing a file is.
const ROWS_TOLD: u64 = 4_096;
/// What the name of a ledger being written ends with.
const UNFINISHED: &str = "restoring";

/// Makes a data folder of a file: its control ledger and the organisation's ledger, named once the
/// whole file is verified. Flat memory.
///
/// # Errors
/// `Damaged`; `File` where there is a ledger already. Nothing is left behind then.
pub fn unpack(
    from: &Path,
    to: &Path,
    progress: impl FnMut(Counts),
) -> Result<(Header, Counts), VaultError> {
    unpack_read(Reader::open(from)?, to, progress)
}

/// As [`unpack`], of a file that is being read.
///
/// # Errors
/// As [`unpack`].
pub(super) fn unpack_read(
    mut reader: Reader,
    to: &Path,
    mut progress: impl FnMut(Counts),
) -> Result<(Header, Counts), VaultError> {
    let header = reader.header.clone();
    if !is_slug(&header.slug) {
        return Err(reader.damaged("the short name in its header is none"));
    }
    let ledger = ledger_path(to, &header.slug);
    let control = to.join(CONTROL_FILE);
    let paths = [&ledger, &control];
    for path in paths {
        begin(path)?;
        drop(std::fs::remove_file(path.with_extension(UNFINISHED)));
    }
    let done = write(&mut reader, &header, &ledger, &control, &mut progress).and_then(|()| {
        paths.iter().try_for_each(|path| finish(&path.with_extension(UNFINISHED), path))
    });
    if done.is_err() {
        for path in paths {
            drop(std::fs::remove_file(path.with_extension(UNFINISHED)));
        }
    }
    done.map(|()| (header, reader.counts))
}

/// A short name is a folder's: it must not lead anywhere else.
fn is_slug(slug: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !slug.is_empty() && slug.len() <= 40 && slug.chars().all(fits)
}

fn write(
    reader: &mut Reader,
    header: &Header,
    ledger: &Path,
    control: &Path,
    progress: &mut impl FnMut(Counts),
) -> Result<(), VaultError> {
    let organisation = header.organisation()?;
    let schema = organisation_schema(uuid::Uuid::from_bytes(organisation));
    let anchor = header.anchor()?;
    let unfinished = |path: &Path| path.with_extension(UNFINISHED);
    let mut rows = Rebuild::create(unfinished(ledger), schema, header.schema, anchor, 1)?;
    if let Some(at_us) = header.at_us {
        rows.dated(at_us)?;
    }
    // Its log begins here: nothing is known of what came before.
    let begins = Head { lsn: Lsn(1), hash: genesis_hash(&organisation) };
    let version = header.control_schema;
    let mut people = Rebuild::create(unfinished(control), control_schema(), version, begins, 1)?;
    std::thread::scope(|scope| {
        // The next frame is unpacked and verified while this one is written.
        let (send, frames) = sync_channel(FRAMES_WAITING);
        let reading = scope.spawn(move || {
            while let Some(frame) = reader.next_frame()? {
                // Whoever takes them has failed and says why.
                if send.send((frame, reader.counts)).is_err() {
                    break;
                }
            }
            Ok(())
        });
        let written = frames.into_iter().try_for_each(|(frame, counts)| {
            match frame.kind {
                Kind::Control => drop(put_rows(&mut people, &frame.name, &frame.raw)?),
                Kind::Rows => drop(put_rows(&mut rows, &frame.name, &frame.raw)?),
                Kind::Commits => frame.commits(|commit| {
                    rows.past(commit.to_vec())?;
                    Ok(())
                })?,
            }
            progress(counts);
            Ok(())
        });
        let given_up = |_| Err(VaultError::GivenUp("reading the file".into()));
        let read = reading.join().unwrap_or_else(given_up);
        written.and(read)
    })?;
    // Behind the commits that were copied comes what masking did, where they were.
    if rows.head().lsn < Lsn(header.lsn) {
        let why = format!("its log ends at commit {}, not {}", rows.head().lsn, header.lsn);
        return Err(VaultError::damaged("the audit trail", why));
    }
    if header.masked {
        let staging = Staging {
            contains_originals: header.contains_originals,
            made_at_us: header.created_at_us,
            policy_hash: header.policy_hash.clone().unwrap_or_default().into(),
        };
        let (key, row) = staging
            .to_row()
            .map_err(|error| VaultError::Settings(format!("the mark of staging: {error}")))?;
        people.rows(STAGING_TABLE, [Ok::<_, LedgerError>((key, row.as_slice()))])?;
    }
    let (last_rows, last_people) = (rows.head().lsn, people.head().lsn);
    rows.finish(last_rows)?;
    people.finish(last_people)?;
    Ok(())
}

/// The rows of one organisation in the control ledger: its own, then those of its people.
///
/// # Errors
/// What `visit` gives; a storage error.
pub(super) fn people_of<E: From<LedgerError>>(
    control: &Snapshot,
    organisation: &[u8; 16],
    mut visit: impl FnMut(TableId, &[u8], &[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let mut tables: Vec<TableId> = control.schema().tables.iter().map(|(id, _)| *id).collect();
    tables.sort_unstable();
    for table in tables.into_iter().filter(|table| !KEPT_BACK.contains(table)) {
        control.scan_prefix::<E>(table, organisation, |key, row| {
            visit(table, key, row)?;
            Ok(ControlFlow::Continue(()))
        })?;
    }
    Ok(())
}

/// Visits the commits of a log: their canonical bytes.
///
/// # Errors
/// What `visit` gives; a storage error.
pub(super) fn commits_of(
    snapshot: &Snapshot,
    mut visit: impl FnMut(&[u8]) -> Result<(), VaultError>,
) -> Result<(), VaultError> {
    snapshot.stored_after::<VaultError>(Lsn::ZERO, |_, stored| {
        let (canonical, _, _) = split_stored(stored).map_err(LedgerError::from)?;
        visit(canonical)?;
        Ok(ControlFlow::Continue(()))
    })
}

/// The header of a file with the rows of `snapshot`, and its log where `audit` says so. What was made
/// of a masked file stays marked as such.
///
/// # Errors
/// A storage error.
pub(super) fn header(
    snapshot: &Snapshot,
    control: &Snapshot,
    slug: &str,
    name: &str,
    audit: bool,
    created_at_us: i64,
) -> Result<Header, VaultError> {
    let head = snapshot.head()?;
    let staging = Staging::in_rows(control)?;
    let log_from = if audit {
        let anchor = snapshot.anchor()?;
        Some(LogFrom { lsn: anchor.lsn.0, hash: super::lease::hex(&anchor.hash) })
    } else {
        None
    };
    Ok(Header {
        slug: slug.to_owned(),
        name: name.to_owned(),
        at_us: snapshot.newest_at_us()?,
        schema: snapshot.schema_version()?,
        control_schema: control.schema_version()?,
        masked: staging.is_some(),
        contains_originals: audit && staging.as_ref().is_some_and(|one| one.contains_originals),
        policy_hash: staging.map(|one| one.policy_hash.into()),
        log_from,
        ..Header::of(snapshot.schema().organisation, head, created_at_us)
    })
}

/// Writes an organisation as it is into the file `to`; `progress` is told the rows so far. Flat
/// memory.
///
/// # Errors
/// `File` where there is such a file already; a storage error.
pub fn pack(
    snapshot: &Snapshot,
    control: &Snapshot,
    (slug, name): (&str, &str),
    audit: bool,
    created_at_us: i64,
    to: &Path,
    mut progress: impl FnMut(u64),
) -> Result<Counts, VaultError> {
    let header = header(snapshot, control, slug, name, audit, created_at_us)?;
    let mut writer = Writer::create(to, &header)?;
    people_of::<VaultError>(control, &snapshot.schema().organisation, |table, key, row| {
        writer.row(Kind::Control, table, key, row)
    })?;
    let (mut failed, mut rows) = (None, 0);
    super::snapshot::each_row(snapshot, |table, key, row| {
        rows += 1;
        if rows % ROWS_TOLD == 0 {
            progress(rows);
        }
        match writer.row(Kind::Rows, table, key, row) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        }
    })?;
    if let Some(error) = failed {
        return Err(error);
    }
    if audit {
        commits_of(snapshot, |canonical| writer.commit(canonical))?;
    }
    writer.finish()?.name()
}
