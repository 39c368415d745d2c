//! Acknowledgements: a Lead Estimator accepts, with a reason, what a rule of kind A would
//! otherwise refuse.
//!
//! What was accepted is a value, kept as text beside the reason. The acknowledgement holds as long
//! as the value is still that one. Nothing deletes it when the value moves on: whether it holds is
//! worked out where it is asked ([`Estimate::accepts`]), so that a value that comes back is
//! accepted still.

use super::{
    estimate::Estimate,
    heading::Stamp,
    id::{AcknowledgementId, EstimateId, UserId},
    rules::{Kind, RuleId},
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use uuid::Uuid;

/// Characters of the value an acknowledgement names.
pub const VALUE_CHARS_MAX: usize = 500;
/// Acknowledgements one estimate may hold.
pub const ACKNOWLEDGEMENTS_MAX: usize = 50_000;

/// One acceptance, of one rule on one row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledgement {
    /// Identity.
    pub id: AcknowledgementId,
    /// The estimate revision.
    pub estimate: EstimateId,
    /// The rule, of kind A.
    pub rule: RuleId,
    /// The row that breaks it: an item, a line, a quote, a package.
    pub object: Uuid,
    /// Why it is accepted.
    pub reason: Box<str>,
    /// What was accepted, in the words the rule's check uses.
    pub value: Box<str>,
    /// Who accepts.
    pub by: UserId,
    /// When, microseconds since 1970, UTC.
    pub at_us: i64,
    /// Counts changes of this row, from 1.
    pub version: u64,
    /// Who and when.
    pub stamp: Stamp,
}

impl Acknowledgement {
    /// Whether it still holds for a row whose value is now `value`.
    pub fn holds_for(&self, value: &str) -> bool {
        *self.value == *value
    }
}

/// The acknowledgements of an estimate, one for each rule and row. O(1) to clone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Acknowledgements(imbl::OrdMap<(RuleId, Uuid), Arc<Acknowledgement>>);

impl Acknowledgements {
    /// How many there are, void ones too.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The one of a rule on a row, whether it still holds or not. O(log n).
    pub fn get(&self, rule: RuleId, object: Uuid) -> Option<&Arc<Acknowledgement>> {
        self.0.get(&(rule, object))
    }

    /// All, by rule and row.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Acknowledgement>> {
        self.0.values()
    }

    /// All on one row, by rule. O(n).
    pub fn on(&self, object: Uuid) -> impl Iterator<Item = &Arc<Acknowledgement>> {
        self.iter().filter(move |row| row.object == object)
    }

    /// The one with an identity. O(n).
    pub fn by_id(&self, id: AcknowledgementId) -> Option<&Arc<Acknowledgement>> {
        self.iter().find(|row| row.id == id)
    }

    /// Puts a row in the place of the one on the same rule and row.
    pub fn put(&mut self, row: Arc<Acknowledgement>) {
        self.0.insert((row.rule, row.object), row);
    }

    /// Takes out the one of a rule on a row.
    pub fn remove(&mut self, rule: RuleId, object: Uuid) {
        self.0.remove(&(rule, object));
    }
}

impl FromIterator<Acknowledgement> for Acknowledgements {
    fn from_iter<I: IntoIterator<Item = Acknowledgement>>(rows: I) -> Self {
        let mut all = Acknowledgements::default();
        rows.into_iter().for_each(|row| all.put(Arc::new(row)));
        all
    }
}

impl Estimate {
    /// Whether `rule` is accepted on row `object` at the value it has now. O(log n).
    pub fn accepts(&self, rule: RuleId, object: Uuid, value: &str) -> bool {
        self.acknowledgements().get(rule, object).is_some_and(|row| row.holds_for(value))
    }
}

/// Whether a rule is one that can be accepted.
pub fn can_be_accepted(rule: RuleId) -> bool {
    match super::rules::rule(rule).kind {
        Kind::Acknowledge => true,
        Kind::Block | Kind::Invariant => false,
    }
}
