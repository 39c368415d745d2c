//! What holds of a set of rules before it runs, and of a price after it has: BR-075 to BR-088.

use super::{
    bill::ScheduleItem,
    chain::RULES_MAX,
    error::broken,
    ground::{Ground, Place},
    pricing::Pricing,
    rule::{CommercialRule, Nature, RuleBase, RuleKind, Within},
    terms::{Terms, fits_decimals},
};
use crate::estimating::{
    id::ItemId,
    number::{Factor, Money, Pct},
    rules::{Violation, Violations},
    thresholds::Thresholds,
};
use ecow::EcoString;
use std::collections::HashMap;

/// One hundred percent.
const WHOLE: Pct = match Pct::whole(100) {
    Some(whole) => whole,
    None => Pct::MAX,
};

/// GST in New Zealand: since when (microseconds since 1970, UTC), and how much.
const GST_RATES: [(i64, i64); 3] = [
    (528_465_600_000_000, 100_000),
    (615_211_200_000_000, 125_000),
    (1_285_844_400_000_000, 150_000),
];

/// An item that sells below its loaded cost: a Lead accepts it, or its rate is raised (BR-086).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BelowCost {
    /// The item.
    pub id: ItemId,
    /// Its code.
    pub code: EcoString,
    /// What it sells for.
    pub sell: Money,
    /// What it costs, shares of cost rules included.
    pub loaded: Money,
}

impl BelowCost {
    /// The violation that stands until the item is accepted.
    pub fn violation(&self) -> Violation {
        let message =
            format!("{} sells at {}, below its cost of {}.", self.code, self.sell, self.loaded);
        broken(86, message)
            .object(self.id.0)
            .fact("sell", self.sell)
            .fact("loadedCost", self.loaded)
    }
}

/// What stands between a settled price and its submission.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Review {
    /// Broken rules: BR-081 and BR-085.
    pub violations: Vec<Violation>,
    /// Items to be accepted, in display order, daywork last (BR-086).
    pub below_cost: Vec<BelowCost>,
}

/// GST in percent in force at a time (microseconds since 1970, UTC); zero before there was any.
pub fn gst_in_force(at_us: i64) -> Pct {
    let since = GST_RATES.iter().rev().find(|(from, _)| *from <= at_us);
    since.and_then(|(_, units)| Pct::from_units(*units)).unwrap_or_default()
}

/// BR-087: an estimate's GST, which a person sets, is the one in force when its tender closes.
pub fn check_gst_rate(gst: Pct, closing_at_us: i64) -> Result<(), Violations> {
    let in_force = gst_in_force(closing_at_us);
    if gst == in_force {
        return Ok(());
    }
    let message = format!("GST is {gst} %, but {in_force} % is in force on the closing date.");
    Err(broken(87, message).field("gstPct").entered().into())
}

/// Everything that leaves a price undefined, of all rules and of the terms.
pub(super) fn check_rules(ground: &Ground, rules: &[CommercialRule]) -> Vec<Violation> {
    let mut found = ground.terms.check();
    if rules.len() > RULES_MAX {
        found.push(broken(75, format!("An estimate has at most {RULES_MAX} commercial rules.")));
    }
    check_sequences(rules, &mut found);
    for rule in rules {
        check_base(rule, rules, &mut found);
        found.extend(check_figures(rule).map(|wrong| {
            let message = format!("Rule {}: {wrong}.", rule.name);
            broken(77, message).object(rule.id.0).field("kind")
        }));
        check_scope(ground, rule, &mut found);
        found.extend(check_nature(rule));
    }
    check_last(rules, &mut found);
    check_locked_rates(ground, &mut found);
    found
}

fn check_sequences(rules: &[CommercialRule], found: &mut Vec<Violation>) {
    let mut by_sequence: HashMap<u32, &CommercialRule> = HashMap::new();
    for rule in rules {
        if let Some(other) = by_sequence.insert(rule.sequence, rule) {
            let message = format!(
                "Rules {} and {} both have sequence {}.",
                other.name, rule.name, rule.sequence
            );
            let rows = [rule.id.0, other.id.0];
            found.push(broken(75, message).objects(rows).field("sequence"));
        }
    }
}

fn check_base(rule: &CommercialRule, rules: &[CommercialRule], found: &mut Vec<Violation>) {
    let mut violate = |message: String| {
        found.push(broken(76, message).object(rule.id.0).field("base"));
    };
    match &rule.base {
        RuleBase::Running | RuleBase::Direct => {}
        RuleBase::Types(types) if types.is_empty() => {
            violate(format!("Rule {} names no type of cost as its base.", rule.name));
        }
        RuleBase::Types(_) => {}
        RuleBase::Rules(ids) if ids.is_empty() => {
            violate(format!("Rule {} names no earlier rule as its base.", rule.name));
        }
        RuleBase::Rules(ids) => {
            for id in ids {
                match rules.iter().find(|other| other.id == *id) {
                    None => violate(format!("Rule {} is based on one not there.", rule.name)),
                    Some(other) if other.sequence >= rule.sequence => violate(format!(
                        "Rule {} at {} is based on {} at {}, which does not come before it.",
                        rule.name, rule.sequence, other.name, other.sequence
                    )),
                    Some(_) => {}
                }
            }
        }
    }
}

/// What is wrong with a rule's own figures.
fn check_figures(rule: &CommercialRule) -> Option<String> {
    let percent = |value: Pct| !value.is_negative() && value <= WHOLE;
    match &rule.kind {
        RuleKind::PercentMarkup { percent, .. } if *percent <= -WHOLE => {
            Some(format!("a markup is above -100 %, not {percent}"))
        }
        RuleKind::PercentMargin { percent, .. } if percent.is_negative() || *percent >= WHOLE => {
            Some(format!("a margin is from 0 to below 100 %, not {percent}"))
        }
        RuleKind::PercentMarkup { bounds, .. } | RuleKind::PercentMargin { bounds, .. } => {
            let (floor, cap) = (bounds.floor?, bounds.cap?);
            (floor > cap).then(|| format!("its floor of {floor} is above its cap of {cap}"))
        }
        RuleKind::Index { weight, start, end } => {
            if !percent(*weight) {
                return Some(format!("the weight of an index is 0 to 100 %, not {weight}"));
            }
            let no_index = *start <= Factor::ZERO || *end <= Factor::ZERO;
            no_index.then(|| "both values of an index are above zero".to_owned())
        }
        RuleKind::RiskRegister { risks } => {
            let odd = risks.iter().find(|risk| !percent(risk.probability))?;
            Some(format!("the probability of {} is not between 0 and 100 %", odd.name))
        }
        RuleKind::RoundTotal { multiple } if !multiple.is_positive() => {
            Some(format!("a total is rounded up to a multiple above zero, not {multiple}"))
        }
        RuleKind::SpreadIndirect { .. }
        | RuleKind::LumpSum { .. }
        | RuleKind::TargetTotal { .. }
        | RuleKind::RoundTotal { .. } => None,
    }
}

fn check_scope(ground: &Ground, rule: &CommercialRule, found: &mut Vec<Violation>) {
    let packaged;
    let named: &[ItemId] = match &rule.scope.within {
        Within::All | Within::Heading(_) | Within::Type(_) => &[],
        Within::Items(ids) => ids,
        Within::Package(id) => {
            let packages = ground.bill.packages.iter().filter(|package| package.id == *id);
            packaged = packages.flat_map(|p| p.items.iter().copied()).collect::<Vec<_>>();
            &packaged
        }
    };
    let fixed = |id: &&ItemId| matches!(ground.places.get(id), Some(Place::Fixed(_)));
    let fixed: Vec<&ItemId> = named.iter().filter(fixed).collect();
    if fixed.is_empty() {
        return;
    }
    let codes: Vec<&str> = fixed.iter().map(|id| code_of(ground, id)).collect();
    let message = format!(
        "Rule {} reaches {}, whose price the client has fixed or pays for by percentage.",
        rule.name,
        codes.join(", ")
    );
    let rows = std::iter::once(rule.id.0).chain(fixed.into_iter().map(|id| id.0));
    found.push(broken(80, message).objects(rows).field("scope"));
}

fn check_nature(rule: &CommercialRule) -> Option<Violation> {
    let message = match (rule.nature, rule.kind.spreads()) {
        (Some(Nature::Cost), _) | (Some(Nature::Margin), false) => return None,
        (None, _) => format!("Rule {} is marked neither cost nor margin.", rule.name),
        (Some(Nature::Margin), true) => {
            format!("Rule {} spreads indirect cost, so it is cost and not margin.", rule.name)
        }
    };
    Some(broken(82, message).object(rule.id.0).field("nature"))
}

/// BR-088: whoever decides the total is alone and has the last word.
fn check_last(rules: &[CommercialRule], found: &mut Vec<Violation>) {
    let active = || rules.iter().filter(|rule| rule.active);
    let Some(last) = active().map(|rule| rule.sequence).max() else { return };
    let deciding: Vec<&CommercialRule> = active().filter(|r| r.kind.decides_total()).collect();
    let rows = deciding.iter().map(|rule| rule.id.0);
    if let [first, second, ..] = deciding.as_slice() {
        let message = format!("Rules {} and {} both decide the total.", first.name, second.name);
        found.push(broken(88, message).objects(rows).field("kind"));
    } else if let Some(rule) = deciding.iter().find(|rule| rule.sequence < last) {
        let message = format!("Rule {} decides the total, but other rules follow it.", rule.name);
        found.push(broken(88, message).objects(rows).field("sequence"));
    }
}

fn check_locked_rates(ground: &Ground, found: &mut Vec<Violation>) {
    found.extend(ground.bill.schedule.iter().filter_map(|item| check_locked(&ground.terms, item)));
}

/// BR-084: a locked rate has no more decimals than the tier of the item's quantity.
pub(super) fn check_locked(terms: &Terms, item: &ScheduleItem) -> Option<Violation> {
    let rate = item.locked?;
    let decimals = terms.decimals(item.quantity);
    let message = format!(
        "The locked rate {rate} of {} has more than the {decimals} decimals of its tier.",
        item.code
    );
    let violation = || broken(84, message).object(item.id.0).field("lockedSellRate");
    (!fits_decimals(rate, decimals)).then(violation)
}

fn code_of<'a>(ground: &'a Ground, id: &ItemId) -> &'a str {
    match ground.places.get(id) {
        Some(Place::Schedule(at)) => &ground.bill.schedule[*at].code,
        Some(Place::Indirect(at)) => &ground.bill.indirect[*at].code,
        Some(Place::Fixed(at)) => &ground.bill.fixed[*at].code,
        Some(Place::Aside(_)) | None => "an item outside the total",
    }
}

impl Pricing {
    /// What the settled price still breaks, and what must be accepted. O(items x rules).
    pub fn review(&self, thresholds: &Thresholds) -> Review {
        let mut violations = Vec::new();
        self.check_spread(&mut violations);
        self.check_misclose(thresholds, &mut violations);
        Review { violations, below_cost: self.below_cost() }
    }

    /// BR-081: every indirect or risk item with cost is in exactly one active spread rule.
    fn check_spread(&self, found: &mut Vec<Violation>) {
        let ground = &self.ground;
        let mut times: HashMap<ItemId, usize> = HashMap::new();
        for step in &self.chain.steps {
            let RuleKind::SpreadIndirect { pool } = &step.rule.kind else { continue };
            for id in pool {
                match ground.places.get(id) {
                    Some(Place::Indirect(_)) => *times.entry(*id).or_default() += 1,
                    Some(Place::Schedule(_) | Place::Fixed(_) | Place::Aside(_)) => {
                        let message = format!(
                            "Rule {} spreads {}, which is no indirect or risk item.",
                            step.rule.name,
                            code_of(ground, id)
                        );
                        found.push(broken(81, message).objects([step.rule.id.0, id.0]));
                    }
                    None => {}
                }
            }
        }
        for item in ground.bill.indirect.iter().filter(|item| !item.cost.is_zero()) {
            let message = match times.get(&item.id) {
                Some(1) => continue,
                None => format!("The cost of {} is in no active spread rule.", item.code),
                Some(n) => format!("The cost of {} is spread {n} times.", item.code),
            };
            found.push(broken(81, message).object(item.id.0));
        }
    }

    /// BR-085: the misclose has somewhere to go, or is small.
    fn check_misclose(&self, thresholds: &Thresholds, found: &mut Vec<Violation>) {
        let misclose = self.misclose();
        if let (Some(named), None) = (self.ground.terms.balancing, misclose.balancing) {
            let message = format!(
                "The balancing item {} must be an active, unlocked lump sum.",
                code_of(&self.ground, &named)
            );
            found.push(broken(85, message).object(named.0).field("balancingItem"));
        }
        if misclose.exceeds(thresholds) {
            let limit = thresholds.misclose_of(misclose.target);
            let message =
                format!("Rounded rates miss the target by {}, more than {limit}.", misclose.amount);
            let fact = broken(85, message).fact("misclose", misclose.amount);
            found.push(fact.fact("limit", limit));
        }
    }

    fn below_cost(&self) -> Vec<BelowCost> {
        let scheduled = self.items().filter(|item| item.amount < item.loaded).map(|item| {
            let (sell, loaded) = (item.amount, item.loaded);
            BelowCost { id: item.id, code: item.code.into(), sell, loaded }
        });
        let fixed = self.fixed().filter_map(|(item, sell)| {
            let loaded = item.sell.cost().total();
            let (id, code) = (item.id, item.code.clone());
            (sell < loaded).then_some(BelowCost { id, code, sell, loaded })
        });
        scheduled.chain(fixed).collect()
    }
}
