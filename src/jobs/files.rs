//! The files of an organisation's jobs: what they were given and what they made.
//!
//! They lie in a folder beside the ledger and not in it: a log kept for years is no place for what
//! goes after a week, and a disk that fills up under a large file must fail that job, not the
//! commits of everybody. A file is synced and named before the commit that tells of it, and its
//! hash is in the job's row; what no row tells of is swept away.

use super::Policy;
use crate::workspace::jobs::{JobId, JobState, KeptJob};
use crate::workspace::{Published, hash_of, hash_of_reader};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// How long a file may wait for the commit that tells of it, in microseconds: 10 minutes.
const UNTOLD_KEPT_US: i64 = 10 * 60 * 1_000_000;

/// Which file of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// What it was given.
    Input,
    /// What it made.
    Result,
}

impl Part {
    const fn extension(self) -> &'static str {
        match self {
            Part::Input => "input",
            Part::Result => "result",
        }
    }
}

/// What a file holds.
pub enum Content {
    /// These bytes.
    Bytes(Vec<u8>),
    /// What a file in a place of work holds, which is taken as it is.
    Made(PathBuf, Workplace),
}

impl From<Vec<u8>> for Content {
    fn from(bytes: Vec<u8>) -> Content {
        Content::Bytes(bytes)
    }
}

/// A folder of a job beside its files, for what does not fit into memory; it goes when dropped.
pub struct Workplace(PathBuf);

impl Workplace {
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Workplace {
    fn drop(&mut self) {
        forget(&self.0);
    }
}

#[derive(Clone, Copy)]
struct Kept {
    bytes: u64,
    since_us: i64,
}

/// The files of the jobs of one organisation.
pub struct Files {
    folder: PathBuf,
    kept: Mutex<BTreeMap<(JobId, Part), Kept>>,
    /// Held while sweeping: what goes is decided on all there is.
    sweeping: Mutex<()>,
}

impl Files {
    /// The files in a folder, which need not be there yet. What was not written to its end goes.
    pub fn open(folder: PathBuf) -> Files {
        let mut kept = BTreeMap::new();
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let bytes = entry.metadata().map(|about| about.len()).unwrap_or_default();
            match name_of(&entry.path()) {
                Some(key) => drop(kept.insert(key, Kept { bytes, since_us: 0 })),
                None => forget(&entry.path()),
            }
        }
        Files { folder, kept: Mutex::new(kept), sweeping: Mutex::default() }
    }

    /// An empty folder for a job to work in; what an earlier try left there goes.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn workplace(&self, id: JobId) -> io::Result<Workplace> {
        let place = Workplace(self.folder.join(format!("{id}.work")));
        forget(&place.0);
        fs::create_dir_all(&place.0)?;
        Ok(place)
    }

    /// Writes a file, whole or not at all; gives its hash and how many bytes it has. O(bytes) and
    /// two fsyncs.
    ///
    /// # Errors
    /// When the folder or the file cannot be written.
    pub fn put(
        &self,
        id: JobId,
        part: Part,
        content: &Content,
        now_us: i64,
    ) -> io::Result<(String, u64)> {
        fs::create_dir_all(&self.folder)?;
        let path = self.path(id, part);
        let unfinished = path.with_extension("part");
        let written = (|| {
            let (hash, bytes) = match content {
                Content::Bytes(bytes) => {
                    let mut file = File::create(&unfinished)?;
                    file.write_all(bytes)?;
                    file.sync_all()?;
                    (hash_of(bytes), bytes.len() as u64)
                }
                Content::Made(made, _) => {
                    let file = File::open(made)?;
                    let hash = hash_of_reader(&file)?;
                    file.sync_all()?;
                    fs::rename(made, &unfinished)?;
                    (hash, file.metadata()?.len())
                }
            };
            fs::rename(&unfinished, &path)?;
            File::open(&self.folder)?.sync_all()?;
            Ok((hash, bytes))
        })();
        match written {
            Ok((_, bytes)) => {
                self.kept.lock().insert((id, part), Kept { bytes, since_us: now_us });
            }
            Err(_) => forget(&unfinished),
        }
        written
    }

    /// Whether a file is there. O(log files).
    pub fn has(&self, id: JobId, part: Part) -> bool {
        self.kept.lock().contains_key(&(id, part))
    }

    /// A file with the hash its row tells; none where it is gone or another. O(bytes).
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub fn get(&self, id: JobId, part: Part, hash: &str) -> io::Result<Option<Vec<u8>>> {
        if !self.has(id, part) {
            return Ok(None);
        }
        match fs::read(self.path(id, part)) {
            Ok(bytes) => Ok((hash_of(&bytes) == hash).then_some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// As [`Files::get`], to be read piece by piece: the file from its beginning, and its bytes.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub fn open_result(&self, id: JobId, hash: &str) -> io::Result<Option<(File, u64)>> {
        if !self.has(id, Part::Result) {
            return Ok(None);
        }
        let mut file = match File::open(self.path(id, Part::Result)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        if hash_of_reader(&file)? != hash {
            return Ok(None);
        }
        file.rewind()?;
        let bytes = file.metadata()?.len();
        Ok(Some((file, bytes)))
    }

    /// Removes a file, where there is one.
    pub fn remove(&self, id: JobId, part: Part) {
        if self.kept.lock().remove(&(id, part)).is_some() {
            forget(&self.path(id, part));
        }
    }

    /// Removes what is kept no longer: results past their time, inputs that nothing asks for any
    /// more, files no job tells of, and the oldest results beyond the bounds. O(files).
    pub fn sweep(&self, state: &Published, policy: &Policy, now_us: i64) {
        let _alone = self.sweeping.lock();
        let all: Vec<_> = self.kept.lock().iter().map(|(key, kept)| (*key, *kept)).collect();
        let (mut stay, mut go) = (Vec::new(), Vec::new());
        for ((id, part), kept) in all {
            let is_wanted = match state.job(id) {
                Some(job) => wanted(job, part, policy, now_us),
                None => kept.since_us.saturating_add(UNTOLD_KEPT_US) > now_us,
            };
            let is_result_of_one_over =
                part == Part::Result && state.job(id).is_some_and(|job| job.row.state.is_over());
            if !is_wanted {
                go.push((id, part));
            } else if is_result_of_one_over {
                stay.push((id, kept.bytes));
            }
        }
        // Identities are in the order of making: the newest stay.
        let mut bytes = 0_u64;
        for (n, (id, size)) in stay.into_iter().rev().enumerate() {
            bytes = bytes.saturating_add(size);
            if n >= policy.files_max || bytes > policy.files_bytes_max {
                go.push((id, Part::Result));
            }
        }
        for (id, part) in go {
            self.remove(id, part);
        }
    }

    fn path(&self, id: JobId, part: Part) -> PathBuf {
        self.folder.join(format!("{id}.{}", part.extension()))
    }
}

/// Whether a file of a job that is known is still asked for.
fn wanted(job: &KeptJob, part: Part, policy: &Policy, now_us: i64) -> bool {
    let kept_us = i64::try_from(policy.kept.as_micros()).unwrap_or(i64::MAX);
    match (job.row.state, part) {
        (JobState::Queued | JobState::Running, _) => true,
        (JobState::Done, Part::Result) => {
            job.row.file.as_ref().is_some_and(|file| file.expires_at_us > now_us)
        }
        // What failed can be asked for again.
        (JobState::Failed, Part::Input) => {
            job.row.ended_at_us.is_some_and(|at| at.saturating_add(kept_us) > now_us)
        }
        (JobState::Done, Part::Input)
        | (JobState::Failed, Part::Result)
        | (JobState::Cancelled, _) => false,
    }
}

/// The job and part a file's name tells.
fn name_of(path: &Path) -> Option<(JobId, Part)> {
    let id = Uuid::try_parse(path.file_stem()?.to_str()?).ok()?;
    let part = match path.extension()?.to_str()? {
        "input" => Part::Input,
        "result" => Part::Result,
        _ => return None,
    };
    Some((JobId(id), part))
}

fn forget(path: &Path) {
    let gone = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    if let Err(error) = gone
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(%error, path = %path.display(), "a file of a job stays");
    }
}
