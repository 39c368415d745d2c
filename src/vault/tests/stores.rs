//! The vault over stores of one peculiarity each.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::stream::BoxStream;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, memory::InMemory, path::Path,
};
use tempfile::TempDir;

use super::{
    super::{Catalogue, Policy, Store},
    Server,
};
use crate::ledger::Lsn;

/// What it does with a put.
#[derive(Debug)]
enum Puts {
    /// Overwrites whatever it is told to create.
    Careless,
    /// Says what the system says while there is no space, if there is none.
    Full(AtomicBool),
}

#[derive(Debug)]
struct Peculiar(InMemory, Puts);

impl fmt::Display for Peculiar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("peculiar")
    }
}

#[async_trait::async_trait]
impl ObjectStore for Peculiar {
    async fn put_opts(
        &self,
        location: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> object_store::Result<PutResult> {
        let options = match &self.1 {
            Puts::Careless => PutOptions::default(),
            Puts::Full(full) if full.load(Ordering::Acquire) => {
                let source = std::io::Error::from_raw_os_error(NO_SPACE).into();
                return Err(object_store::Error::Generic { store: "peculiar", source });
            }
            Puts::Full(_) => options,
        };
        self.0.put_opts(location, payload, options).await
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
    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, object_store::Result<ObjectMeta>> {
        self.0.list(prefix)
    }
    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> object_store::Result<ListResult> {
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

/// ENOSPC.
const NO_SPACE: i32 = 28;
const QUICK: Duration = Duration::from_millis(5);

async fn until(server: &Server, wanted: impl Fn(&super::super::Figures) -> bool) {
    for _ in 0..4_000 {
        if wanted(&server.vaults.vault("org").figures()) {
            return;
        }
        tokio::time::sleep(QUICK).await;
    }
    panic!("it never came: {:?}", server.vaults.vault("org").figures());
}

#[tokio::test]
async fn a_full_disk_under_the_vault_shows_and_passes() {
    let folder = TempDir::new().unwrap();
    let objects = Arc::new(Peculiar(InMemory::new(), Puts::Full(AtomicBool::new(false))));
    let store = Store::of(objects.clone(), "vault", None);
    let policy = Policy { flush_interval: QUICK, ..Policy::default() };
    let mut server = Server::plain(&folder.path().join("ledger.redb"), &store, policy);
    let first = server.commit(1, 1);
    until(&server, |figures| figures.stored == first).await;
    let Puts::Full(full) = &objects.1 else { unreachable!() };
    full.store(true, Ordering::Release);
    let second = server.commit(1, 2);
    until(&server, |figures| figures.trouble.is_some()).await;
    let figures = server.vaults.vault("org").figures();
    assert!(figures.trouble.as_ref().is_some_and(|why| why.contains("No space left")));
    assert_eq!((figures.stored, figures.lag(), figures.refusal), (first, 1, None));
    full.store(false, Ordering::Release);
    until(&server, |figures| figures.stored == second && figures.trouble.is_none()).await;
    server.vaults.abort().await;
}

#[tokio::test]
async fn a_store_without_create_is_refused_unless_told_otherwise() {
    let folder = TempDir::new().unwrap();
    for (unfenced, refused) in [(false, true), (true, false)] {
        let store = Store::of(Arc::new(Peculiar(InMemory::new(), Puts::Careless)), "vault", None);
        let file = folder.path().join(format!("{unfenced}.redb"));
        let quick = Duration::from_millis(5);
        let policy = Policy { unfenced, flush_interval: quick, ..Policy::default() };
        let mut server = Server::plain(&file, &store, policy);
        let lsn = server.commit(1, 1);
        for _ in 0..400 {
            if server.refused() || server.stored() == lsn {
                break;
            }
            tokio::time::sleep(quick).await;
        }
        assert_eq!(server.refused(), refused, "{:?}", server.vaults.vault("org").figures());
        assert_eq!(server.stored() == lsn, !refused);
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
    let mut server = Server::plain(&folder.path().join("ledger.redb"), &store, policy);
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
