//! Commercial rules: the steps that lead from cost to price (domain 2.7).

use crate::estimating::{
    cost::{CostType, CostTypes},
    heading::Stamp,
    id::{EstimateId, HeadingId, ItemId},
    number::{Factor, Money, Pct},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A commercial rule of an estimate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CommercialRuleId(pub Uuid);

/// A package of work or supply that quotes are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PackageId(pub Uuid);

/// A commercial rule row: one step of the chain. What it adds up to is derived, never stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CommercialRule {
    /// Identity.
    pub id: CommercialRuleId,
    /// The estimate revision it belongs to.
    pub estimate: EstimateId,
    /// Place in the chain, unique in the estimate (BR-075).
    pub sequence: u32,
    /// Name as reports and the hand-over budget show it.
    pub name: Box<str>,
    /// What it adds.
    pub kind: RuleKind,
    /// What a percentage is worked on, and what the amount is shared by (BR-076).
    pub base: RuleBase,
    /// The items it reaches.
    pub scope: RuleScope,
    /// Cost or margin; a rule without is refused (BR-082).
    pub nature: Option<Nature>,
    /// An inactive rule is left out of the chain.
    pub active: bool,
    /// Counts changes of this row, from 1.
    pub version: u64,
    /// Who and when.
    pub stamp: Stamp,
}

/// What a rule adds to the items it reaches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum RuleKind {
    /// The cost of these indirect and risk items (BR-081).
    SpreadIndirect {
        /// The items whose cost is spread.
        pool: Vec<ItemId>,
    },
    /// round2(base x percent / 100) (R5).
    PercentMarkup {
        /// Percent of the base, above -100 (BR-077).
        percent: Pct,
        /// Least and most it adds.
        bounds: AmountBounds,
    },
    /// round2(base x percent / (100 - percent)) (R5).
    PercentMargin {
        /// Percent of the resulting value, 0 to below 100 (BR-077).
        percent: Pct,
        /// Least and most it adds.
        bounds: AmountBounds,
    },
    /// A fixed amount.
    LumpSum {
        /// The amount, may be negative.
        amount: Money,
    },
    /// Rise and fall: round2(base x weight / 100 x (end / start - 1)) (R5).
    Index {
        /// Percent of the base that moves with the index, 0 to 100.
        weight: Pct,
        /// The index the price is built on, above zero.
        start: Factor,
        /// The index it is carried to, above zero.
        end: Factor,
    },
    /// The sum of round2(probability x impact) (R5).
    RiskRegister {
        /// The risks.
        risks: Vec<RegisteredRisk>,
    },
    /// Whatever takes the total excluding GST to this figure; last in the chain (BR-088).
    TargetTotal {
        /// The total excluding GST.
        total: Money,
    },
    /// Whatever takes the total excluding GST up to a multiple; last in the chain (BR-088).
    RoundTotal {
        /// The multiple, above zero.
        multiple: Money,
    },
}

impl RuleKind {
    /// Whether the rule decides the total and so must be last (BR-088).
    pub const fn decides_total(&self) -> bool {
        matches!(self, RuleKind::TargetTotal { .. } | RuleKind::RoundTotal { .. })
    }

    /// Whether the rule spreads indirect cost, which is cost counted elsewhere already.
    pub const fn spreads(&self) -> bool {
        matches!(self, RuleKind::SpreadIndirect { .. })
    }
}

/// The least and the most a percentage adds, in money.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AmountBounds {
    /// The amount is at least this.
    pub floor: Option<Money>,
    /// The amount is at most this.
    pub cap: Option<Money>,
}

impl AmountBounds {
    /// `amount` raised to the floor, then held to the cap.
    pub fn hold(self, amount: Money) -> Money {
        let raised = self.floor.map_or(amount, |floor| amount.max(floor));
        self.cap.map_or(raised, |cap| raised.min(cap))
    }
}

/// A risk of a register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RegisteredRisk {
    /// What may happen.
    pub name: Box<str>,
    /// How likely, 0 to 100 percent.
    pub probability: Pct,
    /// What it would cost; negative for an opportunity.
    pub impact: Money,
}

/// What a rule is worked on: the base of each item it reaches (BR-076).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RuleBase {
    /// The running value at that point of the chain.
    #[default]
    Running,
    /// The direct cost.
    Direct,
    /// The direct cost of these types.
    Types(CostTypes),
    /// What these earlier rules gave the item.
    Rules(Vec<CommercialRuleId>),
}

/// The items a rule reaches: those within one part of the schedule, less exclusions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RuleScope {
    /// Where the rule acts.
    pub within: Within,
    /// What is left out of it.
    pub except: Vec<Within>,
}

impl RuleScope {
    /// All of `within`.
    pub const fn of(within: Within) -> RuleScope {
        RuleScope { within, except: Vec::new() }
    }
}

/// A part of the schedule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Within {
    /// Every item.
    #[default]
    All,
    /// Items under a heading, however deep.
    Heading(HeadingId),
    /// Items with a cost of this type other than zero.
    Type(CostType),
    /// Items of a package.
    Package(PackageId),
    /// These items.
    Items(Vec<ItemId>),
}

/// What a rule's amount is in the margin report (BR-082).
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Nature {
    /// Money that will be spent.
    Cost,
    /// Money that is earned.
    Margin,
}
