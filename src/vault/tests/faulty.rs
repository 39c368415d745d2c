//! A store that fails, and the clock it keeps.

use std::{
    collections::HashMap,
    fmt,
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream::BoxStream};
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    ObjectStoreExt, PutMultipartOptions, PutOptions, PutPayload, PutResult, memory::InMemory,
    path::Path,
};
use parking_lot::Mutex;

/// Chance that can be had again: SplitMix64.
#[derive(Debug)]
pub(super) struct Chance(pub(super) AtomicU64);

impl Chance {
    pub(super) fn below(&self, limit: u64) -> u64 {
        let mut z = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit.max(1)
    }
}

/// The clock of a store in a run: time that passes as the run sleeps, and when each object was
/// stored by it.
#[derive(Debug)]
pub(super) struct StoreClock {
    pub(super) begin: tokio::time::Instant,
    pub(super) stored: Mutex<HashMap<Path, i64>>,
}

impl StoreClock {
    pub(super) fn now_us(&self) -> i64 {
        1_000_000_000 + self.begin.elapsed().as_micros() as i64
    }

    fn put(&self, location: &Path) {
        let now = self.now_us();
        self.stored.lock().entry(location.clone()).or_insert(now);
    }

    fn of(&self, mut meta: ObjectMeta) -> ObjectMeta {
        if let Some(at) = self.stored.lock().get(&meta.location) {
            let of_machine = Duration::from_micros(meta.last_modified.timestamp_micros() as u64);
            meta.last_modified =
                meta.last_modified - of_machine + Duration::from_micros(*at as u64);
        }
        meta
    }
}

/// What a listing may leave out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stale {
    Nothing,
    /// Leases: they are asked for one by one as well.
    Leases,
    /// Anything: what tidies a vault may see less of it than there is.
    Anything,
}

/// A store that fails before and after it did what it was asked, is slow, does not answer, and
/// fails for a while whatever it is asked, as chance has it.
#[derive(Clone, Debug)]
pub(super) struct Faulty {
    pub(super) inner: Arc<InMemory>,
    pub(super) clock: Arc<StoreClock>,
    pub(super) chance: Arc<Chance>,
    /// Of 100 calls, how many fail.
    pub(super) failing: u64,
    pub(super) stale: Stale,
    /// Until when every call fails.
    pub(super) storm: Arc<Mutex<Option<tokio::time::Instant>>>,
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
        if self.failing == 0 {
            return Ok(false);
        }
        tokio::time::sleep(Duration::from_millis(self.chance.below(40))).await;
        let now = tokio::time::Instant::now();
        if self.storm.lock().is_some_and(|until| now < until) {
            return Err(storm());
        }
        match self.chance.below(400) {
            0 => {
                // No answer for as long as a client waits.
                tokio::time::sleep(Duration::from_secs(30)).await;
                return Err(storm());
            }
            1 => {
                let lasts = Duration::from_millis(500 + self.chance.below(3_000));
                *self.storm.lock() = Some(now + lasts);
                return Err(storm());
            }
            _ => {}
        }
        match self.chance.below(100) {
            roll if roll < self.failing / 2 => Err(storm()),
            roll => Ok(roll < self.failing),
        }
    }

    /// What a listing shows of what there is.
    fn listed(&self, objects: Vec<ObjectMeta>, leases: bool) -> Vec<ObjectMeta> {
        let hides = match self.stale {
            Stale::Nothing => false,
            Stale::Leases => leases && self.chance.below(3) == 0,
            Stale::Anything => self.chance.below(2) == 0,
        };
        if !hides {
            return objects;
        }
        // What is hidden was stored last.
        let mut stored: Vec<_> = objects.iter().map(|object| object.last_modified).collect();
        stored.sort_unstable();
        let seen = self.chance.below(stored.len() as u64 + 1) as usize;
        let Some(limit) = stored.get(seen).copied() else { return objects };
        objects.into_iter().filter(|object| object.last_modified < limit).collect()
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
        if done.is_ok() {
            self.clock.put(location);
        }
        if self.failing > 0 {
            tokio::time::sleep(Duration::from_millis(self.chance.below(20))).await;
        }
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
        let this = self.clone();
        let deleted = locations.then(move |location| {
            let this = this.clone();
            async move {
                let location = location?;
                let lost = this.trouble().await?;
                this.inner.delete(&location).await?;
                if lost { Err(storm()) } else { Ok(location) }
            }
        });
        deleted.boxed()
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, object_store::Result<ObjectMeta>> {
        let (this, prefix) = (self.clone(), prefix.cloned());
        let listing = async move {
            if this.trouble().await? {
                return Err(storm());
            }
            let leases = prefix.as_ref().is_some_and(|prefix| prefix.as_ref().ends_with("lease"));
            let objects: Vec<ObjectMeta> = this.inner.list(prefix.as_ref()).try_collect().await?;
            let objects = objects.into_iter().map(|object| this.clock.of(object)).collect();
            let shown = this.listed(objects, leases).into_iter().map(Ok);
            Ok(futures_util::stream::iter(shown))
        };
        futures_util::stream::once(listing).try_flatten().boxed()
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
