//! What followers of an organisation are told.

use super::command::{Actor, Reply, Request, Scope};
use crate::{
    estimating::{
        estimate::{Estimate, Totals, Touched},
        id::UserId,
    },
    ledger::{Lsn, Record},
};
use std::sync::Arc;

/// A commit, safe on the device, with what followers need so that none reads the ledger.
#[derive(Clone, Debug)]
pub struct Committed {
    /// Its position.
    pub lsn: Lsn,
    /// When, microseconds since 1970, UTC.
    pub at_us: i64,
    /// Who.
    pub actor: UserId,
    /// Their name.
    pub actor_name: Arc<str>,
    /// Which client asked, as it named itself.
    pub origin: Option<Arc<str>>,
    /// What was done, in words.
    pub label: Arc<str>,
    /// What it belongs to.
    pub scope: Option<Scope>,
    /// Rows of the estimate that changed, with all above them.
    pub touched: Arc<Touched>,
    /// The estimate as of this commit, in scope of one.
    pub estimate: Option<Arc<Estimate>>,
    /// Its totals.
    pub totals: Option<Totals>,
    /// Rows of the library that changed: kind, and identity or code.
    pub library: Arc<[(&'static str, String)]>,
    /// The record as the ledger keeps it; none only before it is sent out.
    pub record: Option<Arc<Record>>,
}

impl Committed {
    pub(super) fn new(
        actor: &Actor,
        request: &Request,
        reply: &Reply,
        scope: Option<Scope>,
        library: Vec<(&'static str, String)>,
    ) -> Committed {
        Committed {
            lsn: reply.lsn,
            at_us: reply.at_us,
            actor: actor.user,
            actor_name: actor.name.clone(),
            origin: request.origin.as_deref().map(Into::into),
            label: reply.label.clone(),
            scope,
            touched: reply.touched.clone(),
            estimate: reply.estimate.clone(),
            totals: reply.totals,
            library: library.into(),
            record: None,
        }
    }

    pub(super) fn of(self, record: &Arc<Record>) -> Committed {
        Committed { record: Some(record.clone()), ..self }
    }
}
