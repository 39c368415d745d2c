//! Work that takes a while, on threads where it holds nobody up.

use super::problem::Problem;
use tokio::sync::Semaphore;

/// Documents set at the same time; the pages of each stay in memory until it is written.
static PRESSES: Semaphore = Semaphore::const_new(2);

/// Runs work on a thread of its own; `what` says in the log what failed.
///
/// # Errors
/// 500 when it panicked.
pub(super) async fn off_thread<T: Send + 'static>(
    what: &'static str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.map_err(|error| {
        tracing::error!(%error, "{what} failed");
        Problem::internal()
    })
}

/// As [`off_thread`], for setting a document: waits for one of the presses.
pub(super) async fn press<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    let permit = PRESSES.acquire().await.map_err(|_| Problem::internal())?;
    let work = move || {
        // Given back by the thread: the work goes on when whoever asked has gone.
        let _permit = permit;
        work()
    };
    off_thread("making a document", work).await
}
