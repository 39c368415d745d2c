//! The vault: every commit of every ledger, kept in an object store away from this machine.
//!
//! It follows ledgers and knows neither what a row means nor HTTP. Under the prefix of the vault
//! each organisation has a folder by its slug, and the control ledger one called `_control`:
//!
//! ```text
//! lease/<epoch>.json              who may write, from which point of the chain
//! lease/<epoch>.held              its holder found nothing new after it had taken the lease
//! wal/<epoch>/<first>-<last>.seg  commits: header, zstd, blake3 (see `segment.rs`); merged ones end
//!                                 with .hour.seg and .day.seg (see `compact.rs`)
//! head/<epoch>/<lsn>.json         a signed point of the chain (see `heads.rs`)
//! drill/<time>.json               how a restore drill went
//! snap/<epoch>/<lsn>/part-NNNN    all rows at one commit (see `snapshot.rs`)
//! snap/<epoch>/<lsn>/manifest.json  written last: without it the parts are no snapshot
//! ```
//!
//! # Who may write
//!
//! A lease is an object that is only ever created, never changed: the store lets exactly one
//! writer create `lease/<n + 1>.json`. Whoever did writes under its own epoch from then on. After
//! each segment is stored the writer looks for the lease that would follow its own, and only when
//! there is none counts the segment's commits as stored: a newer writer has seen them then. It reads
//! what there is again after it has taken its lease, and holds it, which it says with a second
//! object, only where that is what the lease goes on from; a lease that is not held changes nothing
//! of the history. One that finds a newer lease stops, and its
//! organisation takes no more changes. No clock is asked anywhere.
//!
//! # What counts
//!
//! A lease says the commit its history goes on from. Of an older epoch everything up to the lowest
//! such point of the leases after it belongs to the history, and nothing beyond: a restore to an
//! earlier moment leaves what came after it in the store, unused, until it is pruned (see
//! `retention.rs`).

mod catalogue;
mod compact;
mod drill;
mod envelope;
mod error;
mod follow;
mod format;
mod heads;
mod keep;
mod lease;
mod lost;
pub mod masking;
mod moment;
mod own;
pub mod oxsnap;
mod oxsnap_follow;
mod oxsnap_header;
mod oxsnap_write;
mod plan;
mod restore;
mod restore_folder;
mod retention;
mod rows;
mod secret_file;
mod segment;
mod ship;
mod snapshot;
mod store;
mod store_error;
#[cfg(test)]
mod tests;
mod unpack;

pub use catalogue::{Catalogue, Level, SegmentKey, SnapshotKey};
pub use compact::Merging;
pub use drill::{Report, drill};
pub use envelope::Key;
pub use error::VaultError;
pub use follow::{CONTROL, Durability, Figures, Kept, Policy, Vault, Vaults};
pub use heads::{SignedHead, Signer, newest as newest_signed};
pub use lease::Lease;
pub use lost::Lost;
pub use moment::{Stop, first_moment, stop};
pub use own::Own;
pub use plan::{Plan, Target, plan, plan_with_history};
pub use restore::{Restored, refuse_existing, restore, unfinished};
pub use restore_folder::{place, restore_folder};
pub use retention::{Inventory, Retention, Unneeded, Why, prune};
pub use snapshot::Manifest;
pub use store::{Store, install_tls};
pub use store_error::StoreError;
pub use unpack::{pack, unpack};

/// Runs work that blocks on a thread where it may.
///
/// # Errors
/// What the work gives; `GivenUp` where it ended without an answer.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, VaultError> + Send + 'static,
) -> Result<T, VaultError> {
    let done = on_thread(work).await;
    done.unwrap_or_else(|error| Err(VaultError::GivenUp(error.to_string())))
}

/// Begins work on a thread where it holds nobody up; its answer is waited for.
#[cfg(not(test))]
fn on_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> tokio::task::JoinHandle<T> {
    tokio::task::spawn_blocking(work)
}

/// In the simulation nothing else happens meanwhile: a run must repeat from its seed.
#[cfg(test)]
fn on_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> std::future::Ready<Result<T, String>> {
    let done = std::thread::spawn(work).join();
    std::future::ready(done.map_err(|_| "it panicked".to_owned()))
}

/// What may wait between two that work beside each other: in the simulation, where one is done before
/// the other begins, all of it.
const fn waiting_max(otherwise: usize) -> usize {
    if cfg!(test) { tokio::sync::Semaphore::MAX_PERMITS } else { otherwise }
}
