//! The catalogue of business rules, and what a broken one looks like.
//!
//! One table per area of the product. A rule's id and code never change; its wording may.

mod audit;
mod commercials;
mod estimates;
mod handover;
mod items;
mod locks;
mod place;
mod quotes;
mod recipes;
mod resources;
mod roles;
mod snapshots;
mod submission;
mod tenders;
mod transfer;
mod violation;
mod worksheets;

use std::fmt;
use std::str::FromStr;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use violation::{Violation, Violations};

/// How many rules there are.
pub const RULE_COUNT: u8 = 123;

/// The number of a rule, 1 to [`RULE_COUNT`]; prints as `BR-013`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(u8);

impl RuleId {
    /// Rule `number`, for literals: `RuleId::br(13)`.
    ///
    /// # Panics
    /// When there is no such rule; in a constant this fails to compile.
    pub const fn br(number: u8) -> Self {
        assert!(number >= 1 && number <= RULE_COUNT, "there is no such rule");
        Self(number)
    }

    /// Rule `number`, if there is one.
    pub const fn from_number(number: u8) -> Option<Self> {
        if number >= 1 && number <= RULE_COUNT { Some(Self(number)) } else { None }
    }

    /// The number, 1 to [`RULE_COUNT`].
    pub const fn number(self) -> u8 {
        self.0
    }

    /// The rule's stable kebab-case code.
    pub fn code(self) -> &'static str {
        rule(self).code
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BR-{:03}", self.0)
    }
}

impl fmt::Debug for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is not the id of a rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no rule; rules are BR-001 to BR-{RULE_COUNT}")]
pub struct NoSuchRule(String);

impl FromStr for RuleId {
    type Err = NoSuchRule;

    fn from_str(text: &str) -> Result<Self, NoSuchRule> {
        text.strip_prefix("BR-")
            .filter(|digits| digits.len() == 3 && digits.bytes().all(|b| b.is_ascii_digit()))
            .and_then(|digits| digits.parse().ok())
            .and_then(Self::from_number)
            .ok_or_else(|| NoSuchRule(text.to_owned()))
    }
}

impl Serialize for RuleId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            serializer.serialize_u8(self.0)
        }
    }
}

impl<'de> Deserialize<'de> for RuleId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let text = String::deserialize(deserializer)?;
            return text.parse().map_err(D::Error::custom);
        }
        let number = u8::deserialize(deserializer)?;
        Self::from_number(number).ok_or_else(|| D::Error::custom("there is no such rule"))
    }
}

/// What breaking a rule leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The command is refused.
    Block,
    /// The command is refused until a Lead Estimator accepts it with a recorded reason.
    Acknowledge,
    /// A fault in the program: the transaction is rolled back and an alarm raised.
    Invariant,
}

/// The area of the product a rule belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Module {
    /// Tenders.
    Tenders,
    /// Estimates and hierarchy.
    Estimates,
    /// Items.
    Items,
    /// Worksheets.
    Worksheets,
    /// Resources and price books.
    Resources,
    /// Recipes.
    Recipes,
    /// Quotes and adjudication.
    Quotes,
    /// Commercials.
    Commercials,
    /// Submission and approval.
    Submission,
    /// Locks and collaboration.
    Locks,
    /// Import and export.
    Transfer,
    /// Integrations and hand-over.
    Handover,
    /// Roles and permissions.
    Roles,
    /// Audit and retention.
    Audit,
    /// Snapshots and anonymisation.
    Snapshots,
}

impl Module {
    /// All, in the order of their rules.
    pub const ALL: [Self; 15] = [
        Self::Tenders,
        Self::Estimates,
        Self::Items,
        Self::Worksheets,
        Self::Resources,
        Self::Recipes,
        Self::Quotes,
        Self::Commercials,
        Self::Submission,
        Self::Locks,
        Self::Transfer,
        Self::Handover,
        Self::Roles,
        Self::Audit,
        Self::Snapshots,
    ];

    /// The area's name as people read it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Tenders => "Tenders",
            Self::Estimates => "Estimates and hierarchy",
            Self::Items => "Items",
            Self::Worksheets => "Worksheets",
            Self::Resources => "Resources and price books",
            Self::Recipes => "Recipes",
            Self::Quotes => "Quotes and adjudication",
            Self::Commercials => "Commercials",
            Self::Submission => "Submission and approval",
            Self::Locks => "Locks and collaboration",
            Self::Transfer => "Import and export",
            Self::Handover => "Integrations and hand-over",
            Self::Roles => "Roles and permissions",
            Self::Audit => "Audit and retention",
            Self::Snapshots => "Snapshots and anonymisation",
        }
    }

    /// The area's rules in ascending order.
    pub const fn rules(self) -> &'static [Rule] {
        match self {
            Self::Tenders => &tenders::RULES,
            Self::Estimates => &estimates::RULES,
            Self::Items => &items::RULES,
            Self::Worksheets => &worksheets::RULES,
            Self::Resources => &resources::RULES,
            Self::Recipes => &recipes::RULES,
            Self::Quotes => &quotes::RULES,
            Self::Commercials => &commercials::RULES,
            Self::Submission => &submission::RULES,
            Self::Locks => &locks::RULES,
            Self::Transfer => &transfer::RULES,
            Self::Handover => &handover::RULES,
            Self::Roles => &roles::RULES,
            Self::Audit => &audit::RULES,
            Self::Snapshots => &snapshots::RULES,
        }
    }
}

/// A business rule of the catalogue.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Rule {
    /// Its number.
    pub id: RuleId,
    /// Its stable kebab-case code, the `code` of a refusal.
    pub code: &'static str,
    /// What holds, in a few words.
    pub title: &'static str,
    /// Where it belongs.
    pub module: Module,
    /// What breaking it leads to.
    pub kind: Kind,
    /// When it is checked.
    pub trigger: &'static str,
    /// The rule itself.
    pub statement: &'static str,
    /// What it protects and what to do about it.
    pub explanation: &'static str,
    /// Whether the server checks it; the others wait for the features they belong to.
    pub enforced: bool,
}

/// The rule with this id. O(1).
pub fn rule(id: RuleId) -> &'static Rule {
    let mut before = usize::from(id.0) - 1;
    for module in Module::ALL {
        let rules = module.rules();
        if let Some(rule) = rules.get(before) {
            return rule;
        }
        before -= rules.len();
    }
    unreachable!("ids are bounded by the count of rules")
}

/// All rules in ascending order.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    Module::ALL.into_iter().flat_map(Module::rules)
}

#[cfg(test)]
mod tests;
