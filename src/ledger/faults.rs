//! A disk in memory that fails on purpose, for tests. Everything it does follows from its seed.
//!
//! It keeps, for each file, what is on the platters and what the operating system would show.
//! A write reaches the platters at the next sync; a crash before that leaves any subset of the
//! unsynced writes, torn at 512-byte sectors. A failed sync leaves such a subset too, and the
//! rest is lost although still shown, as Linux does, until the cached pages are forgotten.

use std::{
    fmt, io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use redb::StorageBackend;

use super::{
    Storage,
    journal::{Checkpoint, Journaled},
};

/// What a disk writes as a whole or not at all.
const SECTOR_BYTES: usize = 512;
/// The scale of the odds in [`Odds`].
const ODDS_SCALE: u64 = 1_000;

/// How often each operation fails, in thousandths.
#[derive(Debug, Clone, Copy, Default)]
pub struct Odds {
    /// A write fails and leaves nothing.
    pub write_error: u64,
    /// A write fails after some of its bytes.
    pub short_write: u64,
    /// A sync fails; some of the unsynced writes are on the platters, the others are lost.
    pub sync_error: u64,
    /// A change of length fails.
    pub set_len_error: u64,
}

/// A small pseudo-random generator (splitmix64).
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// Dice that always fall the same way for the same seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Dice(seed)
    }

    /// A number below `sides`; 0 when there are none.
    pub fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)).checked_rem(sides).unwrap_or_default()
    }

    /// A number below `sides`, for sizes and indices.
    pub fn roll_size(&mut self, sides: usize) -> usize {
        usize::try_from(self.roll(sides as u64)).unwrap_or_default()
    }

    /// True with these odds, in thousandths.
    pub fn hits(&mut self, odds: u64) -> bool {
        odds > 0 && self.roll(ODDS_SCALE) < odds
    }
}

/// The disk. Clones share it.
#[derive(Clone)]
pub struct FaultDisk(Arc<Mutex<Disk>>);

/// One file of a [`FaultDisk`], opened by a process that a crash of the disk ends.
#[derive(Debug)]
pub struct FaultFile {
    disk: FaultDisk,
    index: usize,
    boot: u64,
}

struct Disk {
    dice: Dice,
    /// Number of crashes; files opened before the last are gone with their process.
    boot: u64,
    odds: Odds,
    is_full: bool,
    /// Operations left until the power goes; then everything fails until `crash`.
    power_left: Option<u64>,
    files: Vec<Content>,
}

#[derive(Default)]
struct Content {
    platters: Vec<u8>,
    shown: Vec<u8>,
    unsynced: Vec<Unsynced>,
    /// A sync failed: what is shown may never reach the platters.
    has_lost_pages: bool,
}

enum Unsynced {
    Write { offset: usize, bytes: Vec<u8> },
    SetLen(usize),
}

impl fmt::Debug for FaultDisk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultDisk").finish_non_exhaustive()
    }
}

impl FaultDisk {
    /// An empty disk of `files` files that works until told otherwise.
    #[must_use]
    pub fn new(seed: u64, files: usize) -> Self {
        FaultDisk(Arc::new(Mutex::new(Disk {
            dice: Dice::new(seed),
            boot: 0,
            odds: Odds::default(),
            is_full: false,
            power_left: None,
            files: (0..files).map(|_| Content::default()).collect(),
        })))
    }

    /// The file of this number.
    #[must_use]
    pub fn file(&self, index: usize) -> FaultFile {
        FaultFile { disk: self.clone(), index, boot: self.lock().boot }
    }

    /// Sets how often operations fail from now on.
    pub fn set_odds(&self, odds: Odds) {
        self.lock().odds = odds;
    }

    /// Makes every write and growth fail for want of space, or lets them work again.
    pub fn set_full(&self, is_full: bool) {
        self.lock().is_full = is_full;
    }

    /// Lets the power fail after this many more operations.
    pub fn cut_power_after(&self, operations: u64) {
        self.lock().power_left = Some(operations);
    }

    /// A power loss and a restart: of the unsynced writes any subset survives. Ends a power cut.
    pub fn crash(&self) {
        let mut disk = self.lock();
        disk.power_left = None;
        disk.boot += 1;
        let mut dice = disk.dice.clone();
        for file in &mut disk.files {
            file.settle(&mut dice);
            file.shown.clone_from(&file.platters);
            file.has_lost_pages = false;
        }
        disk.dice = dice;
    }

    /// Forgets cached pages that a failed sync left shown but not saved.
    pub fn forget_lost_pages(&self) {
        for file in &mut self.lock().files {
            if file.has_lost_pages {
                file.has_lost_pages = false;
                file.shown.clone_from(&file.platters);
                let unsynced = std::mem::take(&mut file.unsynced);
                for operation in &unsynced {
                    operation.apply(&mut file.shown);
                }
                file.unsynced = unsynced;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Disk> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Disk {
    fn step(&mut self) -> io::Result<()> {
        match &mut self.power_left {
            Some(0) => Err(io::Error::other("the power is off")),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn need_space(&self) -> io::Result<()> {
        if self.is_full { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }
}

impl Content {
    /// Puts a subset of the unsynced writes on the platters, in order, and drops the others.
    fn settle(&mut self, dice: &mut Dice) {
        // Every operation, none, or about half: the interesting mixes.
        let odds = [0, ODDS_SCALE, 500, 900].get(dice.roll_size(4)).copied().unwrap_or_default();
        for operation in std::mem::take(&mut self.unsynced) {
            match &operation {
                Unsynced::SetLen(_) if dice.hits(odds) => operation.apply(&mut self.platters),
                Unsynced::SetLen(_) => (),
                Unsynced::Write { offset, bytes } => {
                    for (sector, bytes) in bytes.chunks(SECTOR_BYTES).enumerate() {
                        if dice.hits(odds) {
                            put(&mut self.platters, offset + sector * SECTOR_BYTES, bytes);
                        }
                    }
                }
            }
        }
    }

    fn perform(&mut self, operation: Unsynced) {
        operation.apply(&mut self.shown);
        self.unsynced.push(operation);
    }
}

impl Unsynced {
    fn apply(&self, file: &mut Vec<u8>) {
        match self {
            Unsynced::Write { offset, bytes } => put(file, *offset, bytes),
            Unsynced::SetLen(length) => file.resize(*length, 0),
        }
    }
}

fn put(file: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    let end = offset.saturating_add(bytes.len());
    if file.len() < end {
        file.resize(end, 0);
    }
    if let Some(place) = file.get_mut(offset..end) {
        place.copy_from_slice(bytes);
    }
}

fn broken() -> io::Error {
    io::Error::other("the disk failed")
}

fn to_usize(offset: u64) -> io::Result<usize> {
    usize::try_from(offset).map_err(io::Error::other)
}

impl FaultFile {
    fn with<T>(&self, run: impl FnOnce(&mut Disk, usize) -> io::Result<T>) -> io::Result<T> {
        let mut disk = self.disk.lock();
        disk.step()?;
        if disk.boot != self.boot {
            return Err(io::Error::other("the process ended with the crash"));
        }
        run(&mut disk, self.index)
    }
}

fn file(disk: &mut Disk, index: usize) -> io::Result<&mut Content> {
    disk.files.get_mut(index).ok_or_else(|| io::ErrorKind::NotFound.into())
}

/// The first file, opened as a careful program does: synced, and read from the platters.
impl Storage for FaultDisk {
    fn open(&self) -> io::Result<Arc<dyn StorageBackend>> {
        let file = self.file(0);
        file.sync_data()?;
        self.forget_lost_pages();
        Ok(Arc::new(file))
    }
}

/// The first two files of a disk as a ledger's data and journal, with a journal so small that it
/// is full every few commits.
#[derive(Debug, Clone)]
pub struct JournaledDisk {
    disk: FaultDisk,
    checkpoint: Checkpoint,
}

impl JournaledDisk {
    /// Everything on the thread that commits: the same every time for the same seed.
    #[must_use]
    pub fn inline(disk: &FaultDisk) -> Self {
        JournaledDisk { disk: disk.clone(), checkpoint: Checkpoint::Inline }
    }

    /// With a thread that syncs the data file, as a real ledger has; faults fall as it runs.
    #[must_use]
    pub fn background(disk: &FaultDisk) -> Self {
        JournaledDisk { disk: disk.clone(), checkpoint: Checkpoint::Background }
    }
}

impl Storage for JournaledDisk {
    fn open(&self) -> io::Result<Arc<dyn StorageBackend>> {
        const REGION_BYTES: u64 = 192 * 1024;
        let data = self.disk.open()?;
        let journal = Arc::new(self.disk.file(1));
        Ok(Arc::new(Journaled::open(data, journal, REGION_BYTES, self.checkpoint)?))
    }
}

impl StorageBackend for FaultFile {
    fn len(&self) -> io::Result<u64> {
        self.with(|disk, index| Ok(file(disk, index)?.shown.len() as u64))
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.with(|disk, index| {
            let start = to_usize(offset)?;
            let shown = &file(disk, index)?.shown;
            let bytes = shown.get(start..start.saturating_add(out.len()));
            out.copy_from_slice(bytes.ok_or(io::ErrorKind::UnexpectedEof)?);
            Ok(())
        })
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.with(|disk, index| {
            let length = to_usize(len)?;
            if length > file(disk, index)?.shown.len() {
                disk.need_space()?;
            }
            if disk.dice.hits(disk.odds.set_len_error) {
                return Err(broken());
            }
            file(disk, index)?.perform(Unsynced::SetLen(length));
            Ok(())
        })
    }

    fn sync_data(&self) -> io::Result<()> {
        self.with(|disk, index| {
            let fails = disk.dice.hits(disk.odds.sync_error);
            let mut dice = disk.dice.clone();
            let content = file(disk, index)?;
            if fails {
                content.settle(&mut dice);
                content.has_lost_pages = true;
                disk.dice = dice;
                return Err(broken());
            }
            for operation in std::mem::take(&mut content.unsynced) {
                operation.apply(&mut content.platters);
            }
            Ok(())
        })
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.with(|disk, index| {
            disk.need_space()?;
            let offset = to_usize(offset)?;
            if disk.dice.hits(disk.odds.write_error) {
                return Err(broken());
            }
            let is_short = disk.dice.hits(disk.odds.short_write);
            let length = if is_short { disk.dice.roll_size(data.len()) } else { data.len() };
            let bytes = data.iter().take(length).copied().collect();
            file(disk, index)?.perform(Unsynced::Write { offset, bytes });
            if is_short { Err(broken()) } else { Ok(()) }
        })
    }
}
