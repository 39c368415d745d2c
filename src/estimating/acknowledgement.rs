//! Acknowledgements: a Lead Estimator accepts, with a reason, what a rule of kind A would
//! otherwise refuse; and any estimator dismisses, with a reason, what a check warns of.
//!
//! What was accepted is a value, kept as text beside the reason. The acknowledgement holds as long
//! as the value is still that one. Nothing deletes it when the value moves on: whether it holds is
//! worked out where it is asked ([`Estimate::accepts`]), so that a value that comes back is
//! accepted still.

use super::{
    estimate::Estimate,
    heading::Stamp,
    id::{AcknowledgementId, EstimateId, UserId},
    rules::{Kind, RULE_COUNT, RuleId},
    warning::Warning,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use std::{fmt, sync::Arc};
use uuid::Uuid;

/// Characters of the value an acknowledgement names.
pub const VALUE_CHARS_MAX: usize = 500;
/// Acknowledgements one estimate may hold.
pub const ACKNOWLEDGEMENTS_MAX: usize = 50_000;

/// Stored numbers from this one on are warnings, those below it rules.
const WARNINGS_FROM: u8 = 200;
const _: () = assert!(RULE_COUNT < WARNINGS_FROM);

/// What an acknowledgement is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Matter {
    /// A rule of kind A, accepted.
    Rule(RuleId),
    /// The warning of a check, dismissed.
    Warning(Warning),
}

impl From<RuleId> for Matter {
    fn from(rule: RuleId) -> Matter {
        Matter::Rule(rule)
    }
}

impl From<Warning> for Matter {
    fn from(warning: Warning) -> Matter {
        Matter::Warning(warning)
    }
}

impl fmt::Display for Matter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Matter::Rule(rule) => rule.fmt(f),
            Matter::Warning(warning) => f.write_str(warning.code()),
        }
    }
}

impl Serialize for Matter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return serializer.collect_str(self);
        }
        serializer.serialize_u8(match self {
            Matter::Rule(rule) => rule.number(),
            Matter::Warning(warning) => WARNINGS_FROM + warning.number(),
        })
    }
}

impl<'de> Deserialize<'de> for Matter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let text = String::deserialize(deserializer)?;
            let rule = || text.parse().map(Matter::Rule).map_err(D::Error::custom);
            return Warning::from_code(&text).map_or_else(rule, |found| Ok(found.into()));
        }
        let number = u8::deserialize(deserializer)?;
        let known = match number.checked_sub(WARNINGS_FROM) {
            Some(number) => Warning::from_number(number).map(Matter::Warning),
            None => RuleId::from_number(number).map(Matter::Rule),
        };
        known.ok_or_else(|| D::Error::custom("there is no such rule or warning"))
    }
}

/// One acceptance, of one rule or warning on one row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledgement {
    /// Identity.
    pub id: AcknowledgementId,
    /// The estimate revision.
    pub estimate: EstimateId,
    /// What is accepted.
    pub matter: Matter,
    /// The row it is about: an item, a heading, a line, a quote, a package.
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

/// The acknowledgements of an estimate, one for each rule or warning and row. O(1) to clone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Acknowledgements(imbl::OrdMap<(Matter, Uuid), Arc<Acknowledgement>>);

impl Acknowledgements {
    /// How many there are, void ones too.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The one of a rule or warning on a row, whether it still holds or not. O(log n).
    pub fn get(&self, matter: impl Into<Matter>, object: Uuid) -> Option<&Arc<Acknowledgement>> {
        self.0.get(&(matter.into(), object))
    }

    /// All, rules first, by row.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Acknowledgement>> {
        self.0.values()
    }

    /// All on one row, rules first. O(n).
    pub fn on(&self, object: Uuid) -> impl Iterator<Item = &Arc<Acknowledgement>> {
        self.iter().filter(move |row| row.object == object)
    }

    /// The one with an identity. O(n).
    pub fn by_id(&self, id: AcknowledgementId) -> Option<&Arc<Acknowledgement>> {
        self.iter().find(|row| row.id == id)
    }

    /// Puts a row in the place of the one on the same matter and row.
    pub fn put(&mut self, row: Arc<Acknowledgement>) {
        self.0.insert((row.matter, row.object), row);
    }

    /// Takes out the one of a rule or warning on a row.
    pub fn remove(&mut self, matter: Matter, object: Uuid) {
        self.0.remove(&(matter, object));
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

/// Whether it is something that can be accepted: a rule of kind A, or a warning.
pub fn can_be_accepted(matter: Matter) -> bool {
    let Matter::Rule(rule) = matter else { return true };
    match super::rules::rule(rule).kind {
        Kind::Acknowledge => true,
        Kind::Block | Kind::Invariant => false,
    }
}
