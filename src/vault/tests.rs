//! The vault over stores that fail, in the middle of everything.

use std::{
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use object_store::memory::InMemory;
use parking_lot::Mutex;
use tempfile::TempDir;

use super::{
    Catalogue, Durability, Inventory, Lease, Merging, Own, Plan, Policy, Retention, Signer, Store,
    Target, VaultError, Vaults, keep::upkeep, plan, plan_with_history, prune, restore,
};
use crate::{
    ledger::{Change, Draft, Ledger, Log, Lsn, Schema, TableId, verify_chain},
    workspace::{Archive, control::Host},
};

mod faulty;
mod stores;

use faulty::{Chance, Faulty, Stale, StoreClock};

const TABLE: TableId = TableId(1);
const TABLES: &[(TableId, &str)] = &[(TABLE, "rows")];
/// Seeds a run of the tests tries; `OXFLOW_SIM_SEEDS` sets another number (`make soak`).
const SEEDS: u64 = 200;

const HOUR_US: i64 = 3_600_000_000;

fn schema(organisation: [u8; 16]) -> Schema {
    Schema { version: 0, organisation, tables: TABLES, migrations: &[] }
}

/// One server with its disk, as far as the vault is concerned.
struct Server {
    ledger: Ledger,
    vaults: Arc<Vaults>,
    clock: Arc<StoreClock>,
    /// How far its clock is off, in microseconds.
    skew_us: i64,
    /// When its newest commit was made, as it knows it.
    last_us: i64,
}

const ORGANISATION: [u8; 16] = [7; 16];

impl Server {
    /// Starts with a clock that is right, or an hour off either way.
    fn start(
        file: &std::path::Path,
        store: &Store,
        policy: Policy,
        (clock, chance): (&Arc<StoreClock>, &Chance),
    ) -> Server {
        // What reads in the background for a server that is gone lets go of its file soon.
        let opened = (0..1_000).find_map(|_| {
            let opened = Ledger::open(file, schema(ORGANISATION));
            if opened.is_err() {
                std::thread::sleep(Duration::from_millis(2));
            }
            opened.ok()
        });
        let ledger = opened.expect("a ledger");
        let own = Own { signer: Signer::from_hex(&"5".repeat(64)).ok(), ..Own::default() };
        let vaults = Vaults::new(store.clone(), policy, own);
        vaults.follow("org", ledger.reader());
        let newest = ledger.snapshot().unwrap().newest_at_us().unwrap();
        Server {
            ledger,
            vaults,
            clock: clock.clone(),
            skew_us: [0, HOUR_US, -HOUR_US][chance.below(3) as usize],
            last_us: newest.unwrap_or(i64::MIN),
        }
    }

    /// Starts with a clock that is right, in a world where that is all there is to it.
    fn plain(file: &std::path::Path, store: &Store, policy: Policy) -> Server {
        let begin = tokio::time::Instant::now();
        let clock = Arc::new(StoreClock { begin, stored: Mutex::default() });
        let mut server =
            Server::start(file, store, policy, (&clock, &Chance(AtomicU64::default())));
        server.skew_us = 0;
        server
    }

    fn archive(&self) -> Arc<dyn Archive> {
        let options = crate::workspace::Options::new(Arc::new(crate::workspace::Nobody));
        self.vaults.options("org", options).archive
    }

    /// One commit that puts `value` into row `key`.
    fn commit(&mut self, key: u8, value: u64) -> Lsn {
        let before = self.ledger.snapshot().unwrap().get(TABLE, &[key]).unwrap();
        let after = Some(value.to_be_bytes().to_vec());
        let change = Change { table: TABLE, key: vec![key], before, after };
        // As the writer of an organisation has it: by its clock, and never before what it has.
        self.last_us = self.last_us.max(self.clock.now_us() + self.skew_us);
        let draft = Draft {
            at_us: self.last_us,
            actor: [1; 16],
            command: "put".into(),
            note: Vec::new(),
            changes: vec![change],
        };
        self.ledger.append(vec![draft]).unwrap().last().unwrap().lsn
    }

    /// What the vault has of it.
    fn stored(&self) -> Lsn {
        self.vaults.vault("org").figures().stored
    }

    fn refused(&self) -> bool {
        self.vaults.vault("org").figures().refusal.is_some()
    }
}

fn policy(chance: &Chance) -> Policy {
    Policy {
        flush_interval: Duration::from_millis(1 + chance.below(50)),
        durability: if chance.below(3) == 0 { Durability::Sync } else { Durability::Local },
        snapshot_interval: Duration::from_millis(50 + chance.below(400)),
        snapshot_bytes: 200 + chance.below(2_000),
        unfenced: false,
        upkeep_interval: Duration::from_millis(100 + chance.below(3_000)),
        merging: Merging {
            hour: Duration::from_millis(100 + chance.below(400)),
            day: Duration::from_millis(800 + chance.below(3_000)),
            bytes: 300 + chance.below(20_000) as usize,
        },
        retention: Retention {
            window: Duration::from_millis(500 + chance.below(6_000)),
            daily: Duration::from_millis(chance.below(8_000)),
            monthly: Duration::from_millis(chance.below(20_000)),
            log: Duration::from_millis(500 + chance.below(20_000)),
            grace: Duration::from_millis(200 + chance.below(1_000)),
            day: Duration::from_millis(200 + chance.below(1_000)),
            month: Duration::from_millis(1_000 + chance.below(4_000)),
        },
        drill_interval: None,
        keep_log: None,
    }
}

/// A folder; for many seeds one without a disk under it, where the system has such: what a sync costs
/// is not looked at. It takes some 200 MB, which not every machine has there.
fn scratch_folder() -> TempDir {
    match std::env::var_os("OXFLOW_SIM_SEEDS") {
        Some(_) => TempDir::new_in("/dev/shm").or_else(|_| TempDir::new()).unwrap(),
        None => TempDir::new().unwrap(),
    }
}

/// What there was, and when: what the auditor knows.
#[derive(Default)]
struct Truth {
    /// The rows after each commit, by its number.
    states: Vec<Vec<u8>>,
    /// When each was made, by the store's clock.
    times: Vec<i64>,
    /// When each was made, by its server's clock, where that is known.
    made: Vec<Option<i64>>,
}

impl Truth {
    /// Notes the newest commit: history goes on from the one before it.
    fn note(&mut self, lsn: Lsn, rows: Vec<u8>, at_us: i64, made_us: Option<i64>) {
        self.truncate(lsn.prev());
        self.states.push(rows);
        self.times.push(at_us);
        self.made.push(made_us);
    }

    /// The newest of the first `head` commits made at or before a time; none where that is not known
    /// of all of them from there on.
    fn at(&self, time_us: i64, head: Lsn) -> Option<Lsn> {
        for lsn in (1..=head.0).rev() {
            if self.made[lsn as usize]? <= time_us {
                return Some(Lsn(lsn));
            }
        }
        None
    }

    fn truncate(&mut self, newest: Lsn) {
        self.states.truncate(newest.0 as usize + 1);
        self.times.truncate(newest.0 as usize + 1);
        self.made.truncate(newest.0 as usize + 1);
    }

    /// Whether a commit was the newest at some moment since `since_us`.
    fn within(&self, lsn: Lsn, since_us: i64) -> bool {
        self.times.get(lsn.0 as usize + 1).is_none_or(|next| *next > since_us)
    }
}

/// The rows a restore gives, and its newest commit.
async fn restored(store: &Store, folder: &TempDir, target: Target) -> Option<(Lsn, Vec<u8>)> {
    let store = store.under("org");
    // With the log before it, or without any, now and then.
    let planned = match target {
        Target::Lsn(lsn) if lsn.0 % 3 == 0 => plan_with_history(&store, target).await,
        _ => plan(&store, target).await,
    };
    let planned = match planned {
        Ok(planned) => planned,
        // Before the first commit there was nothing yet.
        Err(VaultError::TooEarly(first)) if first.lsn == Lsn(1) => {
            return Some((Lsn::ZERO, Vec::new()));
        }
        Err(VaultError::Missing(_) | VaultError::TooEarly(_)) => return None,
        Err(error) => panic!("no plan: {error}"),
    };
    let planned = match target {
        Target::Lsn(lsn) if lsn.0 % 3 == 1 => Plan { log: Log::Left, ..planned },
        _ => planned,
    };
    let path = folder.path().join(format!("{}.redb", uuid::Uuid::now_v7()));
    let done = match restore(&store, &planned, schema(planned.organisation), &path, |_| ()).await {
        Ok(done) => done,
        // Which commit a time before the window is of may not be known any more.
        Err(VaultError::Missing(_)) if matches!(target, Target::At(_)) => return None,
        Err(error) => panic!("no restore: {error}"),
    };
    let ledger = Ledger::open(&path, schema(planned.organisation)).unwrap();
    assert_eq!(ledger.head().lsn, done.lsn);
    crate::ledger::verify_chain(&ledger.snapshot().unwrap(), |_| ()).unwrap();
    let rows = rows(&ledger);
    drop(ledger);
    std::fs::remove_file(&path).unwrap();
    Some((done.lsn, rows))
}

fn rows(ledger: &Ledger) -> Vec<u8> {
    let mut all = Vec::new();
    let snapshot = ledger.snapshot().unwrap();
    snapshot
        .scan_prefix::<crate::ledger::LedgerError>(TABLE, &[], |key, row| {
            all.extend_from_slice(key);
            all.extend_from_slice(row);
            Ok(std::ops::ControlFlow::Continue(()))
        })
        .unwrap();
    all
}

/// One history under faults: commits, crashes, restarts, takeovers, tidying; audited after each
/// step. Gives how many segments were merged and objects removed.
async fn history(seed: u64) -> (u64, u64, u64) {
    let chance = Arc::new(Chance(AtomicU64::new(seed)));
    let begin = tokio::time::Instant::now();
    let clock = Arc::new(StoreClock { begin, stored: Mutex::default() });
    let truth = Faulty {
        inner: Arc::new(InMemory::new()),
        clock: clock.clone(),
        chance: chance.clone(),
        failing: 0,
        stale: Stale::Nothing,
        storm: Arc::default(),
    };
    let stale = if chance.below(2) == 0 { Stale::Nothing } else { Stale::Leases };
    // In some histories nothing fails, in some so much that hardly any tidying comes to its end.
    let failing = [0, 2, 6, 12, 25][chance.below(5) as usize];
    let faulty = Faulty { failing, stale, ..truth.clone() };
    let behind = Faulty { stale: Stale::Anything, ..faulty.clone() };
    let store = Store::of(Arc::new(faulty), "vault", None);
    let behind = Store::of(Arc::new(behind), "vault", None);
    let sound = Store::of(Arc::new(truth), "vault", None);
    let folder = scratch_folder();
    let file = folder.path().join("ledger.redb");
    let scratch = scratch_folder();
    let policy = policy(&chance);
    let by = (&clock, &*chance);
    let mut server = Server::start(&file, &store, policy, by);
    let mut tidied = (0, 0);
    let mut old: Option<Inventory> = None;
    let mut truth = Truth::default();
    truth.note(Lsn(0), Vec::new(), clock.now_us(), None);
    let mut promised = Lsn::ZERO;
    for step in 0..(5 + chance.below(15)) {
        match chance.below(14) {
            0..=5 => {
                for _ in 0..=chance.below(6) {
                    let lsn = server.commit(chance.below(9) as u8, step * 100 + chance.below(99));
                    let made_us = Some(server.last_us);
                    truth.note(lsn, rows(&server.ledger), clock.now_us(), made_us);
                    if chance.below(3) == 0 {
                        tokio::time::sleep(Duration::from_millis(chance.below(30))).await;
                    }
                }
            }
            6 => tokio::time::sleep(Duration::from_millis(chance.below(2_000))).await,
            7 => {
                // A crash: whatever was on its way is cut off in the middle.
                promised = promised.max(server.stored());
                server.vaults.abort().await;
                drop(server);
                server = Server::start(&file, &store, policy, by);
            }
            8 => {
                // The disk is gone too: from the vault, whatever it has.
                promised = promised.max(server.stored());
                server.vaults.abort().await;
                drop(server);
                let Some((lsn, found)) = restored(&sound, &scratch, Target::Latest).await else {
                    assert_eq!(promised, Lsn::ZERO, "seed {seed}: the vault lost everything");
                    server = Server::start(&file, &store, policy, by);
                    continue;
                };
                assert!(lsn >= promised, "seed {seed}: {lsn} restored, {promised} promised");
                assert_eq!(found, truth.states[lsn.0 as usize], "seed {seed}: state at {lsn}");
                std::fs::remove_file(&file).unwrap();
                drop(std::fs::remove_file(folder.path().join("ledger.redb-journal")));
                let org = sound.under("org");
                let planned = plan(&org, Target::Latest).await.unwrap();
                restore(&org, &planned, schema(ORGANISATION), &file, |_| ()).await.unwrap();
                truth.truncate(lsn);
                server = Server::start(&file, &store, policy, by);
            }
            9 | 10 => {
                // Tidying, over listings that are behind, cut off anywhere.
                let org = behind.under("org");
                let Some(lease) = Lease::all(&sound.under("org")).await.unwrap().pop() else {
                    continue;
                };
                let work = upkeep(&org, &lease, &policy.merging, &policy.retention);
                let patience = Duration::from_millis(1 + chance.below(4_000));
                match tokio::time::timeout(patience, work).await {
                    Ok(Err(error)) if !error.may_pass() && !gone(&error) => {
                        panic!("seed {seed}: {error}")
                    }
                    Ok(Ok((made, removed))) => tidied = (tidied.0 + made, tidied.1 + removed),
                    Ok(Err(_)) | Err(_) => {}
                }
            }
            11 => {
                // Removing what was found unneeded a while ago, by somebody without a lease.
                let org = behind.under("org");
                if let Some(old) = old.take() {
                    let unneeded = old.unneeded(&policy.retention);
                    let work = prune(&org, &old, &unneeded, None);
                    let patience = Duration::from_millis(1 + chance.below(4_000));
                    match tokio::time::timeout(patience, work).await {
                        Ok(Err(error)) if !error.may_pass() => panic!("seed {seed}: {error}"),
                        Ok(Ok(removed)) => tidied.1 += removed,
                        Ok(Err(_)) | Err(_) => {}
                    }
                }
                old = Inventory::read(&org).await.ok();
            }
            12 => {
                // The oldest commits that the vault has are given up here.
                if let Some(kept) = server.archive().kept() {
                    let some = Lsn(kept.0.saturating_sub(chance.below(3)));
                    server.ledger.trim(some, i64::MAX).unwrap();
                    let snapshot = server.ledger.snapshot().unwrap();
                    assert!(snapshot.anchor().unwrap().lsn <= kept, "seed {seed}");
                    verify_chain(&snapshot, |_| ()).unwrap();
                }
            }
            _ => {
                // A second server takes over, from the vault; the first must stop.
                let Some((lsn, _)) = restored(&sound, &scratch, Target::Latest).await else {
                    continue;
                };
                let other = folder.path().join(format!("other-{step}.redb"));
                let org = sound.under("org");
                let planned = plan(&org, Target::Lsn(lsn)).await.unwrap();
                restore(&org, &planned, schema(ORGANISATION), &other, |_| ()).await.unwrap();
                let before = server.stored();
                let mut second = Server::start(&other, &store, policy, by);
                let mut kept = Vec::new();
                second.commit(1, 1);
                // Settling takes long: what is made now is not of later.
                let second_us = clock.now_us();
                settle(&second, &chance).await;
                // The first goes on until it learns of it, and is told nothing is stored then.
                server.commit(2, 2);
                let first_us = clock.now_us();
                settle(&server, &chance).await;
                let figures = |server: &Server| server.vaults.vault("org").figures();
                let (one, other) = (figures(&server), figures(&second));
                // One that faults kept from taking a lease all that time is no writer either.
                let first = server.refused() || one.epoch.is_none();
                let newer = second.refused() || other.epoch.is_none();
                assert!(first || newer, "seed {seed}: two writers: {one:?}, {other:?}");
                if first {
                    assert!(server.stored() >= before);
                    kept.push(second.stored());
                    let acknowledged = server.stored();
                    server.vaults.abort().await;
                    second.vaults.abort().await;
                    drop((server, second));
                    std::fs::remove_file(&file).unwrap();
                    drop(std::fs::remove_file(folder.path().join("ledger.redb-journal")));
                    let planned = plan(&org, Target::Latest).await.unwrap();
                    let done =
                        restore(&org, &planned, schema(ORGANISATION), &file, |_| ()).await.unwrap();
                    assert!(kept.iter().all(|lsn| done.lsn >= *lsn), "seed {seed}: lost");
                    assert!(
                        done.lsn >= acknowledged,
                        "seed {seed}: what the first had stored is lost"
                    );
                    truth.truncate(lsn);
                    let ledger = Ledger::open(&file, schema(ORGANISATION)).unwrap();
                    while truth.states.len() as u64 <= done.lsn.0 {
                        // Whatever either made meanwhile; the vault says what it left.
                        let next = Lsn(truth.states.len() as u64);
                        let left = restored(&sound, &scratch, Target::Lsn(next)).await;
                        let left = left.map_or_else(|| rows(&ledger), |(_, rows)| rows);
                        truth.note(next, left, second_us, None);
                    }
                    drop(ledger);
                    promised = done.lsn;
                } else {
                    // The second had an older copy of the history and was refused.
                    second.vaults.abort().await;
                    drop(second);
                    let lsn = server.ledger.head().lsn;
                    let made_us = Some(server.last_us);
                    truth.note(lsn, rows(&server.ledger), first_us, made_us);
                    server.vaults.abort().await;
                    drop(server);
                }
                server = Server::start(&file, &store, policy, by);
            }
        }
        promised = promised.max(server.stored());
        let since_us = clock.now_us() - policy.retention.window.as_micros() as i64;
        audit(seed, &sound, &scratch, &truth, promised, since_us, &chance).await;
    }
    server.vaults.abort().await;
    (tidied.0, tidied.1, chance.below(u64::MAX))
}

/// What listings that are behind make of what others removed meanwhile.
fn gone(error: &VaultError) -> bool {
    matches!(error, VaultError::Missing(_) | VaultError::Fenced(_))
}

/// Nothing promised is missing, every moment since `since_us` is there, and a sampled one is what
/// it was; one before it is that, or gone.
async fn audit(
    seed: u64,
    sound: &Store,
    scratch: &TempDir,
    truth: &Truth,
    promised: Lsn,
    since_us: i64,
    chance: &Chance,
) {
    let Some((lsn, found)) = restored(sound, scratch, Target::Latest).await else {
        assert_eq!(promised, Lsn::ZERO, "seed {seed}: nothing to restore, {promised} promised");
        return;
    };
    assert!(lsn >= promised, "seed {seed}: {lsn} in the vault, {promised} promised");
    assert_eq!(&found, &truth.states[lsn.0 as usize], "seed {seed}: newest state, {lsn}");
    let catalogue = Catalogue::read(&sound.under("org")).await.unwrap();
    for within in (1..=lsn.0).map(Lsn).filter(|lsn| truth.within(*lsn, since_us)) {
        let start = catalogue.snapshot_at(within).map_or(Lsn::ZERO, |snapshot| snapshot.lsn);
        let upto = catalogue.cover(start).last().map_or(start, |(_, upto)| *upto);
        assert!(
            upto >= within,
            "seed {seed}: moment {within} is gone, the log ends at {upto}; {catalogue:#?}"
        );
    }
    let sample = Lsn(1 + chance.below(lsn.0));
    match restored(sound, scratch, Target::Lsn(sample)).await {
        Some(found) => {
            let expected = (sample, truth.states[sample.0 as usize].clone());
            assert_eq!(found, expected, "seed {seed}: {sample}");
        }
        None => assert!(!truth.within(sample, since_us), "seed {seed}: no moment {sample}"),
    }
    // By the time of a commit, or a moment before it.
    let Some(time_us) = truth.made[sample.0 as usize].map(|at| at - chance.below(2) as i64) else {
        return;
    };
    let Some(expected) = truth.at(time_us, lsn) else { return };
    match restored(sound, scratch, Target::At(time_us)).await {
        Some(found) => {
            let state = truth.states[expected.0 as usize].clone();
            assert_eq!(found, (expected, state), "seed {seed}: at {time_us}");
        }
        None => assert!(!truth.within(expected, since_us), "seed {seed}: no time {time_us}"),
    }
}

/// Waits until a server has stored what it has, or was refused, or chance gives up.
async fn settle(server: &Server, chance: &Chance) {
    for _ in 0..40_000_u64 + chance.below(2) {
        if server.refused() || server.stored() == server.ledger.head().lsn {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[test]
fn no_fault_loses_a_promised_commit_or_forks_a_history() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let (first, count) = match number("OXFLOW_SIM_SEED") {
        Some(seed) => (seed, 1),
        None => (0, number("OXFLOW_SIM_SEEDS").unwrap_or(SEEDS)),
    };
    let mut tidied = (0, 0);
    for seed in first..first + count {
        println!("OXFLOW_SIM_SEED={seed}");
        let (made, removed, _) = run(seed);
        tidied = (tidied.0 + made, tidied.1 + removed);
    }
    println!("{} segments merged, {} objects removed", tidied.0, tidied.1);
    assert!(count < SEEDS || (tidied.0 > 0 && tidied.1 > 0), "nothing was ever tidied");
}

/// One history in a world of its own, where time passes only as it is waited for.
fn run(seed: u64) -> (u64, u64, u64) {
    let mut world = tokio::runtime::Builder::new_current_thread();
    world.enable_time().start_paused(true).build().unwrap().block_on(history(seed))
}

/// What a failure prints is enough to see it again.
#[test]
fn no_fault_comes_differently_from_the_same_seed() {
    for seed in (0..SEEDS).step_by(19) {
        assert_eq!(run(seed), run(seed), "OXFLOW_SIM_SEED={seed}");
    }
}
