//! Pages of a list: a bounded slice and a cursor to the next.

use super::limits::{PAGE_ITEMS_DEFAULT, PAGE_ITEMS_MAX};
use super::problem::Problem;
use crate::ledger::Lsn;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Page<T> {
    /// The entries, in the order asked for.
    pub items: Vec<T>,
    /// Where the next page starts; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// Entries of all pages together.
    pub total: u64,
}

/// Which page of a list.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Paging {
    /// `nextCursor` of the page before; absent for the first page.
    pub cursor: Option<String>,
    /// Entries wanted, at most 500.
    pub limit: Option<u32>,
}

/// Which version of a row is to go.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Versioned {
    /// The version the client read; whichever it is where absent.
    pub version: Option<u64>,
}

/// Entries a page may hold, from what the request asks; never zero.
pub fn page_size(limit: Option<u32>) -> usize {
    limit.map_or(PAGE_ITEMS_DEFAULT, |l| (l as usize).clamp(1, PAGE_ITEMS_MAX))
}

/// Place of the first entry of the page a cursor names.
///
/// A cursor is an entry's number in the list. Lists paged so are read from one immutable
/// snapshot, and a row that moves between two pages is seen twice or not at all, never torn.
pub fn page_start(cursor: Option<&str>) -> Result<usize, Problem> {
    let start = cursor.map_or(Ok(0), str::parse::<u32>);
    start.map(|n| n as usize).map_err(|_| not_a_cursor())
}

/// The commit before which the page of a log begins that a cursor names.
///
/// # Errors
/// 400 for what is no cursor.
pub fn page_before(cursor: Option<&str>) -> Result<Option<Lsn>, Problem> {
    let lsn = cursor.map(|text| text.parse().map(Lsn)).transpose();
    lsn.map_err(|_| not_a_cursor())
}

fn not_a_cursor() -> Problem {
    Problem::invalid("cursor", "this is not a cursor this server gave")
}

impl<T> Page<T> {
    /// The page of `all` at `cursor` with at most `limit` entries, each made into what is sent
    /// only when it is on the page. O(entries of the page) beyond `all` itself.
    pub fn slice<S>(
        all: &[S],
        cursor: Option<&str>,
        limit: Option<u32>,
        make: impl FnMut(&S) -> T,
    ) -> Result<Page<T>, Problem> {
        let (start, size) = (page_start(cursor)?, page_size(limit));
        let items: Vec<T> = all.iter().skip(start).take(size).map(make).collect();
        Ok(Page {
            next_cursor: next_cursor(start, items.len(), all.len()),
            items,
            total: all.len() as u64,
        })
    }
}

/// The cursor after `taken` entries from `start`, none when that was the end of `total`.
pub fn next_cursor(start: usize, taken: usize, total: usize) -> Option<String> {
    let next = start.saturating_add(taken);
    (taken > 0 && next < total).then(|| next.to_string())
}
