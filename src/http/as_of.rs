//! `?asOf=`: reads that answer from history, and how their answers say so.

use super::auth::{Opened, SignedIn};
use super::off_thread::off_thread;
use super::problem::Problem;
use crate::estimating::id::EstimateId;
use crate::ledger::Lsn;
use crate::workspace::{NoSuchMoment, Past, Workspace, WorkspaceError};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::str::FromStr;
use utoipa::IntoParams;
use uuid::Uuid;

/// Header of an answer from history: the newest commit up to the moment asked for that touched the
/// estimate.
const AS_OF: &str = "oxflow-as-of";

/// As of when.
#[derive(Clone, Debug, Default, Hash, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AsOf {
    /// A commit, or a time with its zone such as `2026-05-12T14:05:00+12:00`: the answer is as the
    /// estimate was then. As it is now where absent.
    pub as_of: Option<String>,
}

/// Which page of a list, as of when.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PagingAsOf {
    /// `nextCursor` of the page before; absent for the first page.
    pub cursor: Option<String>,
    /// Entries wanted, at most 500.
    pub limit: Option<u32>,
    /// A commit, or a time with its zone: the answer is as the estimate was then.
    pub as_of: Option<String>,
}

/// A moment of an organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Right after a commit.
    Commit(Lsn),
    /// At a time, in microseconds since 1970, UTC.
    Time(i64),
}

impl FromStr for When {
    type Err = Problem;

    fn from_str(text: &str) -> Result<When, Problem> {
        let bad = || {
            let detail = "asOf is the number of a commit, or a time with its zone such as \
                2026-05-12T14:05:00+12:00.";
            Problem::new(StatusCode::BAD_REQUEST, "as-of-invalid", detail).at_field("asOf")
        };
        if text.bytes().all(|b| b.is_ascii_digit()) {
            return text.parse().map(|lsn| When::Commit(Lsn(lsn))).map_err(|_| bad());
        }
        // A plus that was not escaped arrives as a space.
        let time = text.replace(' ', "+").parse::<jiff::Timestamp>().map_err(|_| bad())?;
        Ok(When::Time(time.as_microsecond()))
    }
}

/// What there is to say where an estimate has no state at a moment.
pub fn no_such_moment(none: NoSuchMoment) -> Problem {
    let (status, code) = match none {
        NoSuchMoment::Future => (StatusCode::BAD_REQUEST, "as-of-in-the-future"),
        NoSuchMoment::NotThere => (StatusCode::NOT_FOUND, "estimate-not-there-then"),
        NoSuchMoment::NotKept => (StatusCode::NOT_FOUND, "history-not-kept"),
    };
    let said = none.to_string();
    let mut sentence = said.chars();
    let first = sentence.next().map(|c| c.to_ascii_uppercase()).into_iter();
    Problem::new(status, code, format!("{}.", first.chain(sentence).collect::<String>()))
        .at_field("asOf")
}

impl SignedIn {
    /// An estimate as it was, or as it is now where no moment is given.
    ///
    /// # Errors
    /// 400 for a moment that is none, 404 where the estimate has no state then, 503 while it cannot
    /// be read.
    pub async fn open_at(&self, id: Uuid, as_of: Option<&str>) -> Result<Opened, Problem> {
        let Some(as_of) = as_of else { return self.open(id).await };
        let past = self.past(id, as_of).await?;
        // The first state read is the one the answer is of.
        let _ = self.read_at.set(past.lsn.0);
        Ok(Opened { lsn: past.lsn.0, published: self.published(), estimate: past.estimate })
    }

    /// An estimate as it was, with what was stored of it.
    ///
    /// # Errors
    /// As [`SignedIn::open_at`].
    pub async fn past(&self, id: Uuid, as_of: &str) -> Result<Past, Problem> {
        let when: When = as_of.parse()?;
        let workspace = self.workspace().clone();
        let read = move || at(&workspace, EstimateId(id), when);
        Ok(off_thread("reading an earlier estimate", read).await??)
    }
}

fn at(workspace: &Workspace, id: EstimateId, when: When) -> Result<Past, WorkspaceError> {
    let lsn = match when {
        When::Commit(lsn) => lsn,
        When::Time(at_us) => workspace.commit_at(at_us)?,
    };
    workspace.estimate_at(id, lsn)
}

/// What an answer from history is compared by: taken from the request before it is answered.
pub struct Asked {
    slice: u64,
    reads: bool,
    known: Vec<String>,
}

impl Asked {
    /// The request as far as its answer depends on it.
    pub fn of(method: &Method, uri: &Uri, headers: &HeaderMap) -> Asked {
        let mut hasher = DefaultHasher::new();
        (uri.path(), uri.query()).hash(&mut hasher);
        let known = headers.get_all(header::IF_NONE_MATCH).iter();
        let known = known.filter_map(|value| value.to_str().ok()).flat_map(|list| list.split(','));
        Asked {
            slice: hasher.finish(),
            reads: matches!(*method, Method::GET | Method::HEAD),
            known: known.map(|tag| tag.trim().to_owned()).collect(),
        }
    }

    /// Says on an answer from history which commit it is of, and leaves it out for a client that
    /// has it. The rows are those of the past commit; names and marks that come from the price book
    /// are of now, so that the tag holds until the next commit `now`.
    pub fn mark(&self, mut response: Response, past: u64, now: u64) -> Response {
        let tag = format!("\"{past:x}-{now:x}-{:x}\"", self.slice);
        let same = |known: &String| known.strip_prefix("W/").unwrap_or(known) == tag;
        if !response.status().is_success() {
            return response;
        }
        if self.reads && self.known.iter().any(same) {
            response = StatusCode::NOT_MODIFIED.into_response();
        }
        let headers = response.headers_mut();
        headers.insert(AS_OF, HeaderValue::from(past));
        if let (true, Ok(tag)) = (self.reads, HeaderValue::try_from(tag)) {
            headers.insert(header::ETAG, tag);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::When;
    use crate::ledger::Lsn;

    #[test]
    fn a_moment_is_a_commit_or_a_time_with_its_zone() {
        assert_eq!("42".parse::<When>().unwrap(), When::Commit(Lsn(42)));
        let time = "2026-04-20T14:05:00+12:00".parse::<When>().unwrap();
        assert_eq!("2026-04-20T02:05:00Z".parse::<When>().unwrap(), time);
        assert_eq!("2026-04-20T14:05:00 12:00".parse::<When>().unwrap(), time);
        for bad in ["", "-1", "yesterday", "2026-04-20", "2026-04-20T14:05:00"] {
            let problem = bad.parse::<When>().unwrap_err();
            assert_eq!(problem.document().code, "as-of-invalid", "{bad}");
        }
    }
}
