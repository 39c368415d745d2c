//! The vault over stores that fail, in the middle of everything.

use std::{
    fmt,
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use futures_util::{StreamExt, stream::BoxStream};
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, memory::InMemory, path::Path,
};
use parking_lot::Mutex;
use tempfile::TempDir;

use super::{Catalogue, Durability, Policy, Store, Target, VaultError, Vaults, plan, restore};
use crate::{
    ledger::{Change, Draft, Ledger, Lsn, Schema, TableId},
    workspace::{Archive, control::Host},
};

const TABLE: TableId = TableId(1);
const TABLES: &[(TableId, &str)] = &[(TABLE, "rows")];
/// Seeds a run of the tests tries; `OXFLOW_SIM_SEEDS` sets another number (`make soak`).
const SEEDS: u64 = 200;

fn schema(organisation: [u8; 16]) -> Schema {
    Schema { version: 0, organisation, tables: TABLES, migrations: &[] }
}

/// Chance that can be had again: SplitMix64.
#[derive(Debug)]
struct Chance(AtomicU64);

impl Chance {
    fn below(&self, limit: u64) -> u64 {
        let mut z = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit.max(1)
    }
}

/// A store that fails before and after it did what it was asked, and is slow, as chance has it.
#[derive(Debug)]
struct Faulty {
    inner: Arc<InMemory>,
    chance: Arc<Chance>,
    /// Of 100 calls, how many fail.
    failing: u64,
    /// Keys of listings that are kept back, the newest first: a stale listing.
    stale: Mutex<u64>,
}

impl fmt::Display for Faulty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a store that fails")
    }
}

fn storm() -> object_store::Error {
    object_store::Error::Generic { store: "faulty", source: "503 Slow Down".into() }
}

impl Faulty {
    /// Waits a while, and maybe fails: before the call has an effect, or after.
    async fn trouble(&self) -> Result<bool, object_store::Error> {
        tokio::time::sleep(Duration::from_millis(self.chance.below(40))).await;
        match self.chance.below(100) {
            roll if roll < self.failing / 2 => Err(storm()),
            roll => Ok(roll < self.failing),
        }
    }
}

#[async_trait::async_trait]
impl ObjectStore for Faulty {
    async fn put_opts(
        &self,
        location: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> object_store::Result<PutResult> {
        let lost = self.trouble().await?;
        let done = self.inner.put_opts(location, payload, options).await;
        tokio::time::sleep(Duration::from_millis(self.chance.below(20))).await;
        if lost { Err(storm()) } else { done }
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> object_store::Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(location, options).await
    }

    async fn get_opts(
        &self,
        location: &Path,
        options: GetOptions,
    ) -> object_store::Result<GetResult> {
        if self.trouble().await? {
            return Err(storm());
        }
        self.inner.get_opts(location, options).await
    }

    async fn get_ranges(
        &self,
        location: &Path,
        ranges: &[Range<u64>],
    ) -> object_store::Result<Vec<Bytes>> {
        self.inner.get_ranges(location, ranges).await
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, object_store::Result<Path>>,
    ) -> BoxStream<'static, object_store::Result<Path>> {
        self.inner.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, object_store::Result<ObjectMeta>> {
        if self.chance.below(100) < self.failing / 2 {
            return futures_util::stream::once(async { Err(storm()) }).boxed();
        }
        // Only leases may be missing from a listing: they are asked for one by one as well.
        let leases = prefix.is_some_and(|prefix| prefix.as_ref().ends_with("lease"));
        let hide = leases && *self.stale.lock() > 0 && self.chance.below(3) == 0;
        let listed = self.inner.list(prefix);
        if hide { listed.take(0).boxed() } else { listed }
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> object_store::Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(
        &self,
        from: &Path,
        to: &Path,
        options: CopyOptions,
    ) -> object_store::Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}

/// One server with its disk, as far as the vault is concerned.
struct Server {
    ledger: Ledger,
    vaults: Arc<Vaults>,
}

const ORGANISATION: [u8; 16] = [7; 16];

impl Server {
    fn start(file: &std::path::Path, store: &Store, policy: Policy) -> Server {
        // What reads in the background for a server that is gone lets go of its file soon.
        let opened = (0..1_000).find_map(|_| {
            let opened = Ledger::open(file, schema(ORGANISATION));
            if opened.is_err() {
                std::thread::sleep(Duration::from_millis(2));
            }
            opened.ok()
        });
        let ledger = opened.expect("a ledger");
        let vaults = Vaults::new(store.clone(), policy);
        vaults.follow("org", ledger.reader());
        Server { ledger, vaults }
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
        let draft = Draft {
            at_us: value as i64,
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
    }
}

/// The rows a restore gives, and its newest commit.
async fn restored(store: &Store, folder: &TempDir, target: Target) -> Option<(Lsn, Vec<u8>)> {
    let store = store.under("org");
    let planned = match plan(&store, target).await {
        Ok(planned) => planned,
        Err(VaultError::Missing(_)) => return None,
        Err(error) => panic!("no plan: {error}"),
    };
    let path = folder.path().join(format!("{}.redb", uuid::Uuid::now_v7()));
    let done = restore(&store, &planned, schema(planned.organisation), &path, |_| ())
        .await
        .unwrap_or_else(|error| panic!("no restore: {error}"));
    let ledger = Ledger::open(&path, schema(planned.organisation)).unwrap();
    assert_eq!(ledger.head().lsn, done.lsn);
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

/// One history under faults: commits, crashes, restarts, takeovers; audited after each step.
async fn history(seed: u64) {
    let chance = Arc::new(Chance(AtomicU64::new(seed)));
    let truth = Arc::new(InMemory::new());
    let failing = chance.below(25);
    let faulty = Faulty {
        inner: truth.clone(),
        chance: chance.clone(),
        failing,
        stale: Mutex::new(chance.below(2)),
    };
    let store = Store::of(Arc::new(faulty), "vault", None);
    let sound = Store::of(truth, "vault", None);
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("ledger.redb");
    let scratch = TempDir::new().unwrap();
    let policy = policy(&chance);
    let mut server = Server::start(&file, &store, policy);
    // What each commit of the history left, by its number.
    let mut states: Vec<Vec<u8>> = vec![Vec::new()];
    let mut promised = Lsn::ZERO;
    for step in 0..(5 + chance.below(15)) {
        match chance.below(10) {
            0..=5 => {
                for _ in 0..=chance.below(6) {
                    let lsn = server.commit(chance.below(9) as u8, step * 100 + chance.below(99));
                    states.truncate(lsn.0 as usize);
                    states.push(rows(&server.ledger));
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
                server = Server::start(&file, &store, policy);
            }
            8 => {
                // The disk is gone too: from the vault, whatever it has.
                promised = promised.max(server.stored());
                server.vaults.abort().await;
                drop(server);
                let Some((lsn, found)) = restored(&sound, &scratch, Target::Latest).await else {
                    assert_eq!(promised, Lsn::ZERO, "seed {seed}: the vault lost everything");
                    server = Server::start(&file, &store, policy);
                    continue;
                };
                assert!(lsn >= promised, "seed {seed}: {lsn} restored, {promised} promised");
                assert_eq!(found, states[lsn.0 as usize], "seed {seed}: state at {lsn}");
                std::fs::remove_file(&file).unwrap();
                drop(std::fs::remove_file(folder.path().join("ledger.redb-journal")));
                let org = sound.under("org");
                let planned = plan(&org, Target::Latest).await.unwrap();
                restore(&org, &planned, schema(ORGANISATION), &file, |_| ()).await.unwrap();
                states.truncate(lsn.0 as usize + 1);
                server = Server::start(&file, &store, policy);
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
                let mut second = Server::start(&other, &store, policy);
                let mut kept = Vec::new();
                second.commit(1, 1);
                settle(&second, &chance).await;
                // The first goes on until it learns of it, and is told nothing is stored then.
                server.commit(2, 2);
                settle(&server, &chance).await;
                let (first, newer) = (server.refused(), second.refused());
                assert!(first || newer, "seed {seed}: two writers of one history");
                if first {
                    assert!(server.stored() >= before);
                    kept.push(second.stored());
                    server.vaults.abort().await;
                    second.vaults.abort().await;
                    drop((server, second));
                    std::fs::remove_file(&file).unwrap();
                    drop(std::fs::remove_file(folder.path().join("ledger.redb-journal")));
                    let planned = plan(&org, Target::Latest).await.unwrap();
                    let done =
                        restore(&org, &planned, schema(ORGANISATION), &file, |_| ()).await.unwrap();
                    assert!(kept.iter().all(|lsn| done.lsn >= *lsn), "seed {seed}: lost");
                    states.truncate(lsn.0 as usize + 1);
                    let ledger = Ledger::open(&file, schema(ORGANISATION)).unwrap();
                    while states.len() as u64 <= done.lsn.0 {
                        // Whatever the second server made; its own record says what it left.
                        states.push(rows(&ledger));
                    }
                    drop(ledger);
                    promised = done.lsn;
                } else {
                    // The second had an older copy of the history and was refused.
                    second.vaults.abort().await;
                    drop(second);
                    let lsn = server.ledger.head().lsn;
                    states.truncate(lsn.0 as usize);
                    states.push(rows(&server.ledger));
                    server.vaults.abort().await;
                    drop(server);
                }
                server = Server::start(&file, &store, policy);
            }
        }
        promised = promised.max(server.stored());
        audit(seed, &sound, &scratch, &states, promised, &chance).await;
    }
    server.vaults.abort().await;
}

/// Nothing promised is missing, and a sampled moment is what it was.
async fn audit(
    seed: u64,
    sound: &Store,
    scratch: &TempDir,
    states: &[Vec<u8>],
    promised: Lsn,
    chance: &Chance,
) {
    let Some((lsn, found)) = restored(sound, scratch, Target::Latest).await else {
        assert_eq!(promised, Lsn::ZERO, "seed {seed}: nothing to restore, {promised} promised");
        return;
    };
    assert!(lsn >= promised, "seed {seed}: {lsn} in the vault, {promised} promised");
    assert_eq!(&found, &states[lsn.0 as usize], "seed {seed}: newest state, {lsn}");
    let sample = Lsn(1 + chance.below(lsn.0));
    let (at, found) = restored(sound, scratch, Target::Lsn(sample))
        .await
        .unwrap_or_else(|| panic!("seed {seed}: no moment {sample}"));
    assert_eq!((at, &found), (sample, &states[sample.0 as usize]), "seed {seed}: {sample}");
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
    for seed in first..first + count {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        println!("OXFLOW_SIM_SEED={seed}");
        runtime.block_on(history(seed));
    }
}

#[tokio::test]
async fn a_store_without_create_is_refused_unless_told_otherwise() {
    /// Overwrites whatever it is told to create.
    #[derive(Debug)]
    struct Careless(InMemory);
    impl fmt::Display for Careless {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("careless")
        }
    }
    #[async_trait::async_trait]
    impl ObjectStore for Careless {
        async fn put_opts(
            &self,
            location: &Path,
            payload: PutPayload,
            _: PutOptions,
        ) -> object_store::Result<PutResult> {
            self.0.put_opts(location, payload, PutOptions::default()).await
        }
        async fn put_multipart_opts(
            &self,
            location: &Path,
            options: PutMultipartOptions,
        ) -> object_store::Result<Box<dyn MultipartUpload>> {
            self.0.put_multipart_opts(location, options).await
        }
        async fn get_opts(
            &self,
            location: &Path,
            options: GetOptions,
        ) -> object_store::Result<GetResult> {
            self.0.get_opts(location, options).await
        }
        fn delete_stream(
            &self,
            locations: BoxStream<'static, object_store::Result<Path>>,
        ) -> BoxStream<'static, object_store::Result<Path>> {
            self.0.delete_stream(locations)
        }
        fn list(
            &self,
            prefix: Option<&Path>,
        ) -> BoxStream<'static, object_store::Result<ObjectMeta>> {
            self.0.list(prefix)
        }
        async fn list_with_delimiter(
            &self,
            prefix: Option<&Path>,
        ) -> object_store::Result<ListResult> {
            self.0.list_with_delimiter(prefix).await
        }
        async fn copy_opts(
            &self,
            from: &Path,
            to: &Path,
            options: CopyOptions,
        ) -> object_store::Result<()> {
            self.0.copy_opts(from, to, options).await
        }
    }
    let folder = TempDir::new().unwrap();
    for (unfenced, refused) in [(false, true), (true, false)] {
        let store = Store::of(Arc::new(Careless(InMemory::new())), "vault", None);
        let file = folder.path().join(format!("{unfenced}.redb"));
        let quick = Duration::from_millis(5);
        let policy = Policy { unfenced, flush_interval: quick, ..Policy::default() };
        let mut server = Server::start(&file, &store, policy);
        let lsn = server.commit(1, 1);
        for _ in 0..400 {
            if server.refused() || server.stored() == lsn {
                break;
            }
            tokio::time::sleep(quick).await;
        }
        assert_eq!(server.refused(), refused, "{:?}", server.vaults.vault("org").figures());
        let archive = server.archive();
        assert_eq!(archive.refusal().is_some(), refused);
        server.vaults.abort().await;
    }
}

#[tokio::test]
async fn a_small_commit_takes_few_bytes_in_the_store() {
    let folder = TempDir::new().unwrap();
    let objects = Arc::new(InMemory::new());
    let store = Store::of(objects, "vault", None);
    let policy = Policy { flush_interval: Duration::from_millis(200), ..Policy::default() };
    let mut server = Server::start(&folder.path().join("ledger.redb"), &store, policy);
    for value in 0..20 {
        server.commit(1, value);
    }
    while server.stored() < server.ledger.head().lsn {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let catalogue = Catalogue::read(&store.under("org")).await.unwrap();
    assert_eq!(catalogue.newest(), Lsn(20));
    let bytes: u64 = catalogue.segments.iter().map(|segment| segment.bytes).sum();
    assert!(bytes < 20 * 300, "{bytes} bytes for 20 commits");
    server.vaults.abort().await;
}
