//! Answers kept so that a repeated request does nothing twice (BR: a repeat within 24 hours gives
//! the first answer). Each is a row in the commit it answers for.

use super::{rows::RowError, tables};
use crate::{
    estimating::{
        estimate::Touched,
        id::{EstimateId, ItemId, UserId},
    },
    ledger::{Change, CodecError, Lsn, Row, decode, encode},
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use uuid::Uuid;

/// How long an answer is kept, in microseconds: 24 hours.
pub const ANSWER_KEPT_US: i64 = 24 * 3600 * 1_000_000;
/// Answers kept at most; the oldest go first.
pub const ANSWERS_MAX: usize = 200_000;
/// Old answers removed in one commit at most.
const PRUNED_PER_COMMIT_MAX: usize = 16;

/// The answer to one request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Answer {
    /// When, microseconds since 1970, UTC.
    pub at_us: i64,
    /// SHA-256 of the request's body.
    pub body_hash: [u8; 32],
    /// The commit.
    pub lsn: Lsn,
    /// What it did, in words.
    pub label: Box<str>,
    /// The estimate it changed.
    pub estimate: Option<EstimateId>,
    /// Identities made, per edit.
    pub ids: Vec<Vec<Uuid>>,
    /// Rows changed, with all above them.
    pub rows: Vec<Uuid>,
    /// Rows removed.
    pub removed: Vec<Uuid>,
    /// Worksheets changed.
    pub worksheets: Vec<Uuid>,
    /// Whether the order of rows changed.
    pub structure: bool,
    /// Whether too many rows changed to name them.
    pub reload: bool,
}

impl Row for Answer {
    const FORMAT: u8 = 1;
}

impl Answer {
    /// The rows it touched, as the first answer named them.
    pub(super) fn touched(&self) -> Touched {
        Touched {
            rows: self.rows.clone(),
            removed: self.removed.clone(),
            structure: self.structure,
            reload: self.reload,
            worksheets: self.worksheets.iter().copied().map(ItemId).collect(),
        }
    }
}

/// Every answer kept. O(1) to clone.
#[derive(Clone, Default)]
pub(super) struct Answers {
    by_key: imbl::HashMap<Box<[u8]>, Arc<Answer>>,
    /// When each was given, oldest first.
    age: imbl::OrdSet<(i64, Box<[u8]>)>,
}

/// Key of an answer: whose, and the key they sent.
pub(super) fn answer_key(user: UserId, key: &str) -> Box<[u8]> {
    let mut bytes = user.bytes().to_vec();
    bytes.extend_from_slice(key.as_bytes());
    bytes.into()
}

impl Answers {
    /// The answer under a key, unless it has lapsed. O(1).
    pub(super) fn get(&self, key: &[u8], now_us: i64) -> Option<&Arc<Answer>> {
        self.by_key.get(key).filter(|answer| answer.at_us > now_us - ANSWER_KEPT_US)
    }

    /// Takes in an answer that is stored already.
    pub(super) fn restore(&mut self, key: &[u8], row: &[u8]) -> Result<(), RowError> {
        let answer: Answer = decode(row).map_err(codec)?;
        self.keep(key.into(), answer);
        Ok(())
    }

    fn keep(&mut self, key: Box<[u8]>, answer: Answer) {
        self.age.insert((answer.at_us, key.clone()));
        self.by_key.insert(key, Arc::new(answer));
    }

    /// Takes in a new answer; gives the change that stores it. O(size).
    pub(super) fn add(&mut self, key: Box<[u8]>, answer: Answer) -> Result<Change, RowError> {
        let before = match self.by_key.get(&key) {
            Some(lapsed) => {
                self.age.remove(&(lapsed.at_us, key.clone()));
                Some(encode(lapsed.as_ref()).map_err(codec)?)
            }
            None => None,
        };
        let after = Some(encode(&answer).map_err(codec)?);
        let change = Change { table: tables::IDEMPOTENCY, key: key.to_vec(), before, after };
        self.keep(key, answer);
        Ok(change)
    }

    /// Removes a few answers that have lapsed; gives the changes that do so in the store. O(1)
    /// when there are none.
    pub(super) fn prune(&mut self, now_us: i64) -> Result<Vec<Change>, RowError> {
        let mut changes = Vec::new();
        while changes.len() < PRUNED_PER_COMMIT_MAX {
            let Some((at_us, _)) = self.age.get_min() else { break };
            let lapsed = *at_us <= now_us - ANSWER_KEPT_US;
            if !lapsed && self.by_key.len() <= ANSWERS_MAX {
                break;
            }
            let Some((_, key)) = self.age.remove_min() else { break };
            if let Some(answer) = self.by_key.remove(&key) {
                let before = Some(encode(answer.as_ref()).map_err(codec)?);
                changes.push(Change {
                    table: tables::IDEMPOTENCY,
                    key: key.into_vec(),
                    before,
                    after: None,
                });
            }
        }
        Ok(changes)
    }
}

fn codec(cause: CodecError) -> RowError {
    RowError::Codec { table: "idempotency", cause }
}
