//! A whole estimate as a stream of lines, never all of it in memory at once.

use super::auth::Opened;
use axum::body::Bytes;
use futures_util::stream::unfold;
use futures_util::{Stream, StreamExt};
use std::convert::Infallible;
use std::sync::Arc;
use uuid::Uuid;

/// Rows written at a time.
const CHUNK_ROWS: usize = 500;
/// Bytes a line takes, roughly.
const LINE_BYTES_AROUND: usize = 768;

/// Every row in display order, one JSON object on each line. Each part is written when the
/// client has taken the one before.
pub fn lines(opened: Opened) -> impl Stream<Item = Result<Bytes, Infallible>> {
    let order: Arc<[Uuid]> = opened.estimate.rows().map(|node| node.id()).collect();
    unfold((opened, order, 0_usize), |(opened, order, start)| async move {
        let ids = order.get(start..)?;
        let ids = ids.get(..ids.len().min(CHUNK_ROWS)).filter(|ids| !ids.is_empty())?;
        let mut chunk = Vec::with_capacity(ids.len() * LINE_BYTES_AROUND);
        for node in ids.iter().filter_map(|id| opened.estimate.node(*id)) {
            if serde_json::to_writer(&mut chunk, &opened.row(&node)).is_ok() {
                chunk.push(b'\n');
            }
        }
        let next = start + ids.len();
        Some((Ok(Bytes::from(chunk)), (opened, order, next)))
    })
    // Whoever packs the answer asks again after its end.
    .fuse()
}
