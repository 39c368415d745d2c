//! A double-write journal under redb: one contiguous write and one sync for each commit.
//!
//! redb writes a commit as a dozen scattered pages; waiting for those costs several times one
//! append. Here every write goes to the data file at once, unsynced, and is also collected; a sync
//! appends what was collected as one frame to the journal and syncs only that. The data file is
//! synced in the background, when a journal region is full. Opening replays the frames.
//!
//! # Format of `<ledger>-journal`
//!
//! Two regions of equal length, each filled from its start with frames of one generation, each
//! frame starting at a multiple of 4096. Integers are big-endian.
//!
//! ```text
//! magic      8 bytes   "oxfjrnl1"
//! crc        u32       CRC-32 of the frame from `bytes` to the last entry
//! bytes      u32       length of the frame, without padding
//! generation u64       one more for each region begun
//! oldest     u64       generations below this are in the data file already
//! sequence   u64       0, 1, 2, ... within the generation
//! length     u64       length of the data file
//! entries              offset u64, length u32, bytes
//! ```
//!
//! # Invariants
//!
//! - A frame is written only after the sync of the one before it succeeded; a region is begun only
//!   after a sync of the data file covered the region's former frames.
//! - Hence the frames of the two newest generations, replayed in order, bring the data file to the
//!   last sync that succeeded (or to the one in progress, as a whole). Writes after it may be in
//!   the data file in part, which is what redb expects of any file.
//! - After a clean close the journal holds nothing, and the data file stands alone. After a crash
//!   the two belong together: move or copy both.

use std::{
    fmt, io,
    ops::Bound,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::JoinHandle,
};

use redb::{BackendError, StorageBackend};

mod replay;

const MAGIC: [u8; 8] = *b"oxfjrnl1";
/// Bytes of a frame before its entries.
const HEADER_BYTES: usize = 48;
/// Bytes of an entry before its content.
const ENTRY_HEADER_BYTES: usize = 12;
/// Offset of what the checksum covers: everything after it.
const CHECKED_FROM: usize = 12;
/// Frames start at multiples of this.
const ALIGNMENT: usize = 4096;
/// The journal grows by zeros this far ahead, so that most syncs change no file length.
const FILL_BYTES: u64 = 1024 * 1024;
/// Length of each of the two regions of a ledger's journal.
pub(super) const REGION_BYTES: u64 = 8 * 1024 * 1024;

/// Where the data file is synced when a region is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Checkpoint {
    /// On a thread of its own, while commits go on in the other region.
    Background,
    /// Before the commit goes on: for tests that must repeat exactly.
    #[cfg(any(test, feature = "faults"))]
    Inline,
}

/// Storage whose syncs go through a journal.
pub(super) struct Journaled {
    data: Arc<dyn StorageBackend>,
    journal: Arc<dyn StorageBackend>,
    region_bytes: u64,
    checkpoint: Checkpoint,
    state: Mutex<State>,
}

struct State {
    /// The frame being collected: room for its header, then entries.
    frame: Vec<u8>,
    /// More was written since the last sync than a region holds; `frame` is not complete.
    is_oversize: bool,
    /// Length of the data file at the last sync.
    synced_length: u64,
    generation: u64,
    oldest: u64,
    sequence: u64,
    /// Where the next frame goes within the region.
    at: u64,
    /// End of the bytes of each region that exist in the file.
    filled: [u64; 2],
    /// The sync of the data file for the generation before.
    checkpoint: Option<JoinHandle<io::Result<()>>>,
    /// A write or a sync failed: nothing is acknowledged any more.
    has_failed: bool,
}

impl fmt::Debug for Journaled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Journaled").finish_non_exhaustive()
    }
}

impl Journaled {
    /// Replays the journal into the data file, syncs that, and goes on with a new generation.
    /// O(journal).
    ///
    /// # Errors
    /// When reading or writing fails, or `InvalidData` when the journal is damaged.
    pub(super) fn open(
        data: Arc<dyn StorageBackend>,
        journal: Arc<dyn StorageBackend>,
        region_bytes: u64,
        checkpoint: Checkpoint,
    ) -> io::Result<Journaled> {
        let newest = replay::replay(&*data, &*journal, region_bytes)?;
        // Also what an earlier process wrote to the data file and did not sync.
        data.sync_data()?;
        let generation = newest + 1;
        let length = journal.len()?;
        let filled = [length.min(region_bytes), length.max(region_bytes)];
        let state = State {
            frame: vec![0; HEADER_BYTES],
            is_oversize: false,
            synced_length: data.len()?,
            generation,
            oldest: generation,
            sequence: 0,
            at: 0,
            filled,
            checkpoint: None,
            has_failed: false,
        };
        Ok(Journaled { data, journal, region_bytes, checkpoint, state: Mutex::new(state) })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes everything written so far durable.
    fn sync(&self, state: &mut State) -> io::Result<()> {
        let length = self.data.len()?;
        let padded = padded(state.frame.len());
        if state.is_oversize || padded > self.region_bytes {
            return self.sync_data_file(state, length);
        }
        if state.frame.len() == HEADER_BYTES && length == state.synced_length {
            return Ok(());
        }
        if state.at + padded > self.region_bytes {
            self.begin_region(state)?;
        }
        self.put_frame(state, length)
    }

    /// Goes on in the other region, once what that holds is in the data file.
    fn begin_region(&self, state: &mut State) -> io::Result<()> {
        finish(state.checkpoint.take())?;
        let data = Arc::clone(&self.data);
        match self.checkpoint {
            Checkpoint::Background => {
                let sync = std::thread::Builder::new().name("ledger-checkpoint".into());
                state.checkpoint = Some(sync.spawn(move || data.sync_data())?);
            }
            #[cfg(any(test, feature = "faults"))]
            Checkpoint::Inline => data.sync_data()?,
        }
        state.oldest = state.generation;
        state.generation += 1;
        state.sequence = 0;
        state.at = 0;
        Ok(())
    }

    /// Syncs the data file itself, then makes the journal hold nothing: for a commit larger than a
    /// region, and at the end.
    fn sync_data_file(&self, state: &mut State, length: u64) -> io::Result<()> {
        finish(state.checkpoint.take())?;
        self.data.sync_data()?;
        state.frame.truncate(HEADER_BYTES);
        state.is_oversize = false;
        // The older region: were this frame torn, the newer one would still be replayed whole.
        state.generation += 1;
        state.oldest = state.generation;
        state.sequence = 0;
        state.at = 0;
        self.put_frame(state, length)
    }

    /// Writes the collected frame and syncs the journal.
    fn put_frame(&self, state: &mut State, length: u64) -> io::Result<()> {
        let mut frame = std::mem::replace(&mut state.frame, vec![0; HEADER_BYTES]);
        let bytes = u32::try_from(frame.len()).map_err(io::Error::other)?;
        let mut header = Vec::with_capacity(HEADER_BYTES - CHECKED_FROM);
        header.extend_from_slice(&bytes.to_be_bytes());
        for field in [state.generation, state.oldest, state.sequence, length] {
            header.extend_from_slice(&field.to_be_bytes());
        }
        put(&mut frame, CHECKED_FROM, &header);
        let crc = crc32fast::hash(frame.get(CHECKED_FROM..).unwrap_or_default());
        put(&mut frame, 0, &MAGIC);
        put(&mut frame, MAGIC.len(), &crc.to_be_bytes());
        let end = state.at + padded(frame.len());
        let base = region_base(state.generation, self.region_bytes);
        let filled = if base == 0 { &mut state.filled[0] } else { &mut state.filled[1] };
        let mut fill_to = base + end;
        if fill_to > *filled {
            fill_to = (fill_to.next_multiple_of(FILL_BYTES)).min(base + self.region_bytes);
        }
        frame.resize(usize::try_from(fill_to - base - state.at).map_err(io::Error::other)?, 0);
        self.journal.write(base + state.at, &frame)?;
        self.journal.sync_data()?;
        *filled = fill_to.max(*filled);
        state.at = end;
        state.sequence += 1;
        state.synced_length = length;
        // The allocation serves the next frame, unless an unusual commit made it large.
        if frame.capacity() <= FILL_BYTES as usize {
            frame.truncate(HEADER_BYTES);
            state.frame = frame;
        }
        Ok(())
    }

    /// Runs a step that must not be followed by another once it failed.
    fn guarded(&self, step: impl FnOnce(&mut State) -> io::Result<()>) -> io::Result<()> {
        let mut state = self.state();
        if state.has_failed {
            return Err(io::Error::other("an earlier write failed"));
        }
        let result = step(&mut state);
        state.has_failed = result.is_err();
        result
    }
}

impl StorageBackend for Journaled {
    fn len(&self) -> io::Result<u64> {
        self.data.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.data.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.guarded(|state| {
            // What was cut off must read as zeros when the file grows again, which a replay of
            // frames would not see to.
            state.is_oversize |= len < self.data.len()?;
            self.data.set_len(len)
        })
    }

    fn sync_data(&self) -> io::Result<()> {
        self.guarded(|state| self.sync(state))
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.guarded(|state| {
            self.data.write(offset, data)?;
            let bytes = state.frame.len() + ENTRY_HEADER_BYTES + data.len();
            if state.is_oversize || padded(bytes) > self.region_bytes {
                state.is_oversize = true;
                state.frame.truncate(HEADER_BYTES);
                return Ok(());
            }
            let length = u32::try_from(data.len()).map_err(io::Error::other)?;
            state.frame.extend_from_slice(&offset.to_be_bytes());
            state.frame.extend_from_slice(&length.to_be_bytes());
            state.frame.extend_from_slice(data);
            Ok(())
        })
    }

    fn close(&self) -> io::Result<()> {
        let emptied = self.guarded(|state| {
            let length = self.data.len()?;
            self.sync_data_file(state, length)
        });
        // No writes any more, from this handle.
        self.state().has_failed = true;
        let data = self.data.close();
        let journal = self.journal.close();
        emptied.and(data).and(journal)
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.data.try_lock_range(start, end)
    }

    fn try_lock_shared_range(
        &self,
        start: Bound<u64>,
        end: Bound<u64>,
    ) -> Result<bool, BackendError> {
        self.data.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.data.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.data.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.data.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.data.query_lock_range(start, end)
    }
}

/// Waits for a sync of the data file, if there is one, and gives its result.
fn finish(checkpoint: Option<JoinHandle<io::Result<()>>>) -> io::Result<()> {
    match checkpoint.map(JoinHandle::join) {
        None => Ok(()),
        Some(Ok(result)) => result,
        Some(Err(_)) => Err(io::Error::other("the thread that syncs the data file stopped")),
    }
}

/// Start of the region that frames of a generation are in.
fn region_base(generation: u64, region_bytes: u64) -> u64 {
    (generation % 2) * region_bytes
}

/// Bytes a frame takes in its region.
fn padded(frame_bytes: usize) -> u64 {
    frame_bytes.next_multiple_of(ALIGNMENT) as u64
}

/// Overwrites bytes of a frame; the place is within its header.
fn put(frame: &mut [u8], at: usize, bytes: &[u8]) {
    if let Some(place) = frame.get_mut(at..at + bytes.len()) {
        place.copy_from_slice(bytes);
    }
}
