//! Edits of commercials: rules, their order, and the terms of the price.

use super::{Place, run::Run, run::broken, text};
use crate::estimating::{
    by_name::by_name,
    commercials::{
        AmountBounds, CommercialRule, CommercialRuleId, Commercials, Nature, PackageId, RateTier,
        RegisteredRisk, RuleBase, RuleKind, RuleScope, Within,
    },
    cost::CostType,
    heading::Stamp,
    id::{HeadingId, ItemId},
    limits::{NAME_CHARS_MAX, VARIABLES_MAX},
    number::Money,
    refusal::Refusal,
    typed,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Sequence numbers are given out in steps of this, so that one can be put between two by hand.
const SEQUENCE_STEP: u32 = 10;
/// Items, risks or exclusions one rule names at most.
const NAMED_MAX: usize = 10_000;

/// Fields of a commercial rule; absent ones stay as they are, or take the default on a new rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct CommercialRuleFields {
    /// Place in the chain, unique in the estimate (BR-075); after all others where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sequence: Option<u32>,
    /// Name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it adds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<RuleKindInput>,
    /// What a percentage is worked on; the running value on a new rule (BR-076).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<RuleBaseInput>,
    /// The items it reaches; all on a new rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<RuleScopeInput>,
    /// Cost or margin (BR-082).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nature: Option<Nature>,
    /// Whether it takes part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
}

/// What a rule adds; money, percentages and factors are decimal texts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(
    tag = "type",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum RuleKindInput {
    /// The cost of these indirect and risk items.
    SpreadIndirect {
        /// The items.
        items: Vec<Uuid>,
    },
    /// A percentage of the base.
    PercentMarkup {
        /// Percent, above -100.
        percent: String,
        /// It adds at least this.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        floor: Option<String>,
        /// It adds at most this.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cap: Option<String>,
    },
    /// A percentage of the resulting value.
    PercentMargin {
        /// Percent, 0 to below 100.
        percent: String,
        /// It adds at least this.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        floor: Option<String>,
        /// It adds at most this.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cap: Option<String>,
    },
    /// A fixed amount.
    LumpSum {
        /// The amount, may be negative.
        amount: String,
    },
    /// Rise and fall by an index.
    Index {
        /// Percent of the base that moves with it.
        weight: String,
        /// The index the costs are at.
        start: String,
        /// The index they are carried to.
        end: String,
    },
    /// Probability times impact of each risk.
    RiskRegister {
        /// The risks.
        #[serde(deserialize_with = "by_name")]
        risks: Vec<RiskInput>,
    },
    /// Whatever takes the total excluding GST to a figure.
    TargetTotal {
        /// The total.
        total: String,
    },
    /// Whatever takes the total excluding GST up to a multiple.
    RoundTotal {
        /// The multiple.
        multiple: String,
    },
}

/// A risk of a register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RiskInput {
    /// What may happen.
    pub name: String,
    /// How likely, in percent.
    pub probability: String,
    /// What it would cost.
    pub impact: String,
}

/// What a rule is worked on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "kebab-case", deny_unknown_fields)]
pub enum RuleBaseInput {
    /// The running value at that point of the chain.
    Running {},
    /// Direct cost.
    Direct {},
    /// Direct cost of some types.
    Types {
        /// The types.
        types: Vec<CostType>,
    },
    /// What earlier rules added.
    Rules {
        /// The rules.
        rules: Vec<Uuid>,
    },
}

/// The items a rule reaches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RuleScopeInput {
    /// Where it acts.
    pub within: WithinInput,
    /// What is left out of that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<WithinInput>,
}

/// A part of the schedule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "kebab-case", deny_unknown_fields)]
pub enum WithinInput {
    /// Every item.
    All {},
    /// Items under a heading.
    Heading {
        /// The heading.
        id: Uuid,
    },
    /// Items with cost of a type.
    CostType {
        /// The type.
        #[serde(rename = "costType")]
        cost_type: CostType,
    },
    /// Items of a package.
    Package {
        /// The package.
        id: Uuid,
    },
    /// These items.
    Items {
        /// The items.
        items: Vec<Uuid>,
    },
}

/// Decimals of sell rates from a quantity on (BR-084).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RateTierInput {
    /// The least quantity of the tier.
    pub from: String,
    /// Decimals, 0 to 4.
    pub decimals: u8,
}

impl CommercialRuleFields {
    /// All fields of a rule, as an edit would set them.
    pub fn of(rule: &CommercialRule) -> CommercialRuleFields {
        CommercialRuleFields {
            sequence: Some(rule.sequence),
            name: Some(rule.name.to_string()),
            kind: Some(RuleKindInput::of(&rule.kind)),
            base: Some(RuleBaseInput::of(&rule.base)),
            scope: Some(RuleScopeInput {
                within: WithinInput::of(&rule.scope.within),
                except: rule.scope.except.iter().map(WithinInput::of).collect(),
            }),
            nature: rule.nature,
            active: Some(rule.active),
        }
    }

    /// Writes the fields given into a rule. A refusal names the rule's identity.
    ///
    /// # Errors
    /// A figure that cannot be read, or too many names.
    pub fn write(&self, rule: &mut CommercialRule) -> Result<(), Refusal> {
        let id = rule.id.0;
        if let Some(sequence) = self.sequence {
            rule.sequence = sequence;
        }
        if let Some(name) = &self.name {
            rule.name = text::name(name)?;
        }
        if let Some(kind) = &self.kind {
            rule.kind = kind.read(id)?;
        }
        if let Some(base) = &self.base {
            rule.base = base.read();
        }
        if let Some(scope) = &self.scope {
            bounded("scope.except", scope.except.len())?;
            rule.scope = RuleScope {
                within: scope.within.read()?,
                except: scope.except.iter().map(WithinInput::read).collect::<Result<_, _>>()?,
            };
        }
        if let Some(nature) = self.nature {
            rule.nature = Some(nature);
        }
        if let Some(active) = self.active {
            rule.active = active;
        }
        Ok(())
    }
}

fn bounded(field: &'static str, count: usize) -> Result<(), Refusal> {
    if count > NAMED_MAX {
        return Err(Refusal::invalid(field, format!("A rule names at most {NAMED_MAX} rows.")));
    }
    Ok(())
}

impl RuleKindInput {
    fn of(kind: &RuleKind) -> RuleKindInput {
        let bound = |money: Option<Money>| money.map(|money| money.to_string());
        match kind {
            RuleKind::SpreadIndirect { pool } => {
                RuleKindInput::SpreadIndirect { items: pool.iter().map(|item| item.0).collect() }
            }
            RuleKind::PercentMarkup { percent, bounds } => RuleKindInput::PercentMarkup {
                percent: percent.to_string(),
                floor: bound(bounds.floor),
                cap: bound(bounds.cap),
            },
            RuleKind::PercentMargin { percent, bounds } => RuleKindInput::PercentMargin {
                percent: percent.to_string(),
                floor: bound(bounds.floor),
                cap: bound(bounds.cap),
            },
            RuleKind::LumpSum { amount } => RuleKindInput::LumpSum { amount: amount.to_string() },
            RuleKind::Index { weight, start, end } => RuleKindInput::Index {
                weight: weight.to_string(),
                start: start.to_string(),
                end: end.to_string(),
            },
            RuleKind::RiskRegister { risks } => {
                let risk = |risk: &RegisteredRisk| RiskInput {
                    name: risk.name.to_string(),
                    probability: risk.probability.to_string(),
                    impact: risk.impact.to_string(),
                };
                RuleKindInput::RiskRegister { risks: risks.iter().map(risk).collect() }
            }
            RuleKind::TargetTotal { total } => {
                RuleKindInput::TargetTotal { total: total.to_string() }
            }
            RuleKind::RoundTotal { multiple } => {
                RuleKindInput::RoundTotal { multiple: multiple.to_string() }
            }
        }
    }

    fn read(&self, id: Uuid) -> Result<RuleKind, Refusal> {
        let money = |field, text: &str| typed::number::<Money>(77, field, &[id], text);
        let bounds = |floor: &Option<String>, cap: &Option<String>| {
            let read = |field, text: &Option<String>| {
                text.as_deref().map(|text| money(field, text)).transpose()
            };
            Ok::<_, Refusal>(AmountBounds { floor: read("floor", floor)?, cap: read("cap", cap)? })
        };
        Ok(match self {
            RuleKindInput::SpreadIndirect { items } => {
                bounded("items", items.len())?;
                RuleKind::SpreadIndirect { pool: items.iter().copied().map(ItemId).collect() }
            }
            RuleKindInput::PercentMarkup { percent, floor, cap } => RuleKind::PercentMarkup {
                percent: typed::number(77, "percent", &[id], percent)?,
                bounds: bounds(floor, cap)?,
            },
            RuleKindInput::PercentMargin { percent, floor, cap } => RuleKind::PercentMargin {
                percent: typed::number(77, "percent", &[id], percent)?,
                bounds: bounds(floor, cap)?,
            },
            RuleKindInput::LumpSum { amount } => {
                RuleKind::LumpSum { amount: money("amount", amount)? }
            }
            RuleKindInput::Index { weight, start, end } => RuleKind::Index {
                weight: typed::number(77, "weight", &[id], weight)?,
                start: typed::number(77, "start", &[id], start)?,
                end: typed::number(77, "end", &[id], end)?,
            },
            RuleKindInput::RiskRegister { risks } => {
                bounded("risks", risks.len())?;
                let risk = |risk: &RiskInput| {
                    Ok::<_, Refusal>(RegisteredRisk {
                        name: typed::needed("name", Some(&risk.name), NAME_CHARS_MAX)?,
                        probability: typed::number(77, "probability", &[id], &risk.probability)?,
                        impact: money("impact", &risk.impact)?,
                    })
                };
                RuleKind::RiskRegister { risks: risks.iter().map(risk).collect::<Result<_, _>>()? }
            }
            RuleKindInput::TargetTotal { total } => {
                RuleKind::TargetTotal { total: money("total", total)? }
            }
            RuleKindInput::RoundTotal { multiple } => {
                RuleKind::RoundTotal { multiple: money("multiple", multiple)? }
            }
        })
    }
}

impl RuleBaseInput {
    fn of(base: &RuleBase) -> RuleBaseInput {
        match base {
            RuleBase::Running => RuleBaseInput::Running {},
            RuleBase::Direct => RuleBaseInput::Direct {},
            RuleBase::Types(types) => RuleBaseInput::Types { types: types.iter().collect() },
            RuleBase::Rules(rules) => {
                RuleBaseInput::Rules { rules: rules.iter().map(|rule| rule.0).collect() }
            }
        }
    }

    fn read(&self) -> RuleBase {
        match self {
            RuleBaseInput::Running {} => RuleBase::Running,
            RuleBaseInput::Direct {} => RuleBase::Direct,
            RuleBaseInput::Types { types } => RuleBase::Types(types.iter().copied().collect()),
            RuleBaseInput::Rules { rules } => {
                RuleBase::Rules(rules.iter().copied().map(CommercialRuleId).collect())
            }
        }
    }
}

impl WithinInput {
    fn of(within: &Within) -> WithinInput {
        match within {
            Within::All => WithinInput::All {},
            Within::Heading(id) => WithinInput::Heading { id: id.0 },
            Within::Type(cost_type) => WithinInput::CostType { cost_type: *cost_type },
            Within::Package(id) => WithinInput::Package { id: id.0 },
            Within::Items(items) => {
                WithinInput::Items { items: items.iter().map(|item| item.0).collect() }
            }
        }
    }

    fn read(&self) -> Result<Within, Refusal> {
        Ok(match self {
            WithinInput::All {} => Within::All,
            WithinInput::Heading { id } => Within::Heading(HeadingId(*id)),
            WithinInput::CostType { cost_type } => Within::Type(*cost_type),
            WithinInput::Package { id } => Within::Package(PackageId(*id)),
            WithinInput::Items { items } => {
                bounded("scope.items", items.len())?;
                Within::Items(items.iter().copied().map(ItemId).collect())
            }
        })
    }
}

impl RateTierInput {
    /// A tier, as an edit would set it.
    pub fn of(tier: &RateTier) -> RateTierInput {
        RateTierInput { from: tier.from.to_string(), decimals: tier.decimals }
    }

    /// The tiers.
    ///
    /// # Errors
    /// More than could ever be wanted, or a quantity that cannot be read.
    pub fn read_all(tiers: &[RateTierInput]) -> Result<Vec<RateTier>, Refusal> {
        if tiers.len() > VARIABLES_MAX {
            return Err(Refusal::TooMany { what: "rate tiers", limit: VARIABLES_MAX });
        }
        tiers.iter().map(RateTierInput::read).collect()
    }

    fn read(&self) -> Result<RateTier, Refusal> {
        let from = typed::number(84, "tiers", &[], &self.from)?;
        Ok(RateTier { from, decimals: self.decimals })
    }
}

impl Commercials {
    fn place_of(&self, id: Uuid) -> Result<usize, Refusal> {
        let place = self.rules.iter().position(|rule| rule.id.0 == id);
        place.ok_or(Refusal::NotFound { what: "commercial rule", id })
    }

    /// A new rule with the fields given, after the others unless they say otherwise.
    ///
    /// # Errors
    /// A figure that cannot be read, or no kind.
    pub fn add_rule(
        &mut self,
        id: Uuid,
        set: &CommercialRuleFields,
        stamp: Stamp,
    ) -> Result<(), Refusal> {
        if set.name.is_none() {
            return Err(Refusal::invalid("name", "A rule has a name."));
        }
        if set.kind.is_none() {
            return Err(Refusal::invalid("kind", "A rule says what it adds."));
        }
        let last = self.rules.last().map_or(0, |rule| rule.sequence);
        let mut rule = CommercialRule {
            id: CommercialRuleId(id),
            estimate: self.estimate,
            sequence: (last / SEQUENCE_STEP).saturating_add(1).saturating_mul(SEQUENCE_STEP),
            name: "".into(),
            kind: RuleKind::LumpSum { amount: Money::ZERO },
            base: RuleBase::default(),
            scope: RuleScope::default(),
            nature: None,
            active: true,
            version: 1,
            stamp,
        };
        set.write(&mut rule)?;
        self.rules.push(rule);
        self.rules.sort_by_key(|rule| rule.sequence);
        Ok(())
    }
}

impl Run<'_, '_> {
    pub(super) fn add_rule(
        &mut self,
        id: Option<Uuid>,
        set: &CommercialRuleFields,
    ) -> Result<Vec<Uuid>, Refusal> {
        let mut row = Commercials::clone(self.estimate.commercials());
        let id = id.unwrap_or_else(|| self.ids.next_id());
        if id.is_nil() || row.place_of(id).is_ok() {
            return Err(Refusal::invalid("id", format!("The id {id} is taken.")));
        }
        let stamp = row.stamp;
        row.add_rule(id, set, stamp)?;
        self.estimate.replace_commercials(self.work, row);
        Ok(vec![id])
    }

    pub(super) fn update_rule(
        &mut self,
        id: Uuid,
        version: Option<u64>,
        set: &CommercialRuleFields,
    ) -> Result<Vec<Uuid>, Refusal> {
        let mut row = Commercials::clone(self.estimate.commercials());
        let place = row.place_of(id)?;
        let Some(rule) = row.rules.get_mut(place) else { return Ok(Vec::new()) };
        self.check_version("commercial rule", id, version, rule.version)?;
        set.write(rule)?;
        row.rules.sort_by_key(|rule| rule.sequence);
        self.estimate.replace_commercials(self.work, row);
        Ok(Vec::new())
    }

    pub(super) fn delete_rules(&mut self, ids: &[Uuid]) -> Result<Vec<Uuid>, Refusal> {
        let mut row = Commercials::clone(self.estimate.commercials());
        for id in ids {
            let place = row.place_of(*id)?;
            row.rules.remove(place);
        }
        self.estimate.replace_commercials(self.work, row);
        Ok(Vec::new())
    }

    /// Moves a rule within the chain and numbers the chain anew.
    pub(super) fn move_rule(&mut self, id: Uuid, place: Place) -> Result<Vec<Uuid>, Refusal> {
        let mut row = Commercials::clone(self.estimate.commercials());
        let from = row.place_of(id)?;
        let rule = row.rules.remove(from);
        let to = match place {
            Place::First => 0,
            Place::Last => row.rules.len(),
            Place::Before(other) => row.place_of(other)?,
            Place::After(other) => row.place_of(other)? + 1,
        };
        row.rules.insert(to, rule);
        for (at, rule) in (1_u32..).zip(&mut row.rules) {
            rule.sequence = at.saturating_mul(SEQUENCE_STEP);
        }
        self.estimate.replace_commercials(self.work, row);
        Ok(Vec::new())
    }

    #[expect(clippy::option_option, reason = "absent, given as none, given as an item")]
    pub(super) fn update_terms(
        &mut self,
        version: Option<u64>,
        tiers: Option<&[RateTierInput]>,
        balancing: Option<Option<Uuid>>,
    ) -> Result<Vec<Uuid>, Refusal> {
        let mut row = Commercials::clone(self.estimate.commercials());
        self.check_version("commercials", row.estimate.0, version, row.version)?;
        if let Some(tiers) = tiers {
            row.tiers = RateTierInput::read_all(tiers)?;
        }
        if let Some(item) = balancing {
            if let Some(id) = item
                && self.estimate.item_slot(ItemId(id)).is_none()
            {
                let message = "The balancing item is not in this estimate.";
                return Err(broken(85, id, Some("balancingItemId"), message));
            }
            row.balancing = item.map(ItemId);
        }
        self.estimate.replace_commercials(self.work, row);
        Ok(Vec::new())
    }
}
