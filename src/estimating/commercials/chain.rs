//! The chain: every rule's amount, once, and its shares in whole cents (R5, BR-078).

use super::{
    error::{PricingError, broken},
    ground::{Ground, Place},
    rule::{CommercialRule, Nature, RuleBase, RuleKind, Within},
};
use crate::estimating::{
    cost::CostTypes,
    number::{Factor, Money, Pct, percent_margin, percent_of, round_div},
    rules::Violation,
    share::{ShareError, Sharing},
};

/// The most rules an estimate has, inactive ones included.
pub const RULES_MAX: usize = 200;

/// One active rule, ready to run, and what it came to.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub rule: CommercialRule,
    pub nature: Nature,
    base: Base,
    /// Items it reaches, in schedule order; none means all.
    pub reach: Option<Vec<u32>>,
    /// Share of every schedule item, in cents.
    pub shares: Vec<i64>,
    pub base_total: Money,
    pub amount: Money,
    pub running_total: Money,
}

#[derive(Clone, Debug)]
enum Base {
    Running,
    Direct,
    Types(CostTypes),
    /// Places of earlier steps.
    Steps(Vec<usize>),
}

/// The rules in order and the running value of every schedule item.
#[derive(Clone, Debug, Default)]
pub(super) struct Chain {
    pub steps: Vec<Step>,
    /// Running value after the last rule, in cents.
    pub running: Vec<i64>,
    /// Sum of `running`.
    pub total: Money,
    sharing: Sharing,
    bases: Vec<i64>,
    parts: Vec<i64>,
}

impl Chain {
    /// The active rules in ascending sequence; they have passed the checks of a saved rule.
    pub fn new(ground: &Ground, rules: &[CommercialRule]) -> Result<Chain, PricingError> {
        if rules.len() > RULES_MAX {
            return Err(PricingError::beyond("The number of commercial rules"));
        }
        let mut active: Vec<&CommercialRule> = rules.iter().filter(|rule| rule.active).collect();
        active.sort_by_key(|rule| rule.sequence);
        let mut chain = Chain::default();
        for rule in active {
            let unmarked = || broken(82, format!("Rule {} has no nature.", rule.name));
            let nature = rule.nature.ok_or_else(unmarked)?;
            let base = match &rule.base {
                RuleBase::Running => Base::Running,
                RuleBase::Direct => Base::Direct,
                RuleBase::Types(types) => Base::Types(*types),
                RuleBase::Rules(ids) => {
                    let named = |step: &Step| ids.contains(&step.rule.id);
                    let earlier = chain.steps.iter().enumerate();
                    Base::Steps(earlier.filter(|(_, s)| named(s)).map(|(at, _)| at).collect())
                }
            };
            chain.steps.push(Step {
                rule: rule.clone(),
                nature,
                base,
                reach: None,
                shares: vec![0; ground.direct.len()],
                base_total: Money::ZERO,
                amount: Money::ZERO,
                running_total: Money::ZERO,
            });
        }
        chain.reach(ground, |_| true);
        Ok(chain)
    }

    /// Finds the items of the rules whose scope `wanted` names. O(items) each.
    fn reach(&mut self, ground: &Ground, wanted: impl Fn(&CommercialRule) -> bool) {
        for step in self.steps.iter_mut().filter(|step| wanted(&step.rule)) {
            let scope = &step.rule.scope;
            if scope.within == Within::All && scope.except.is_empty() {
                continue;
            }
            let mut marks = vec![false; ground.direct.len()];
            ground.mark(&scope.within, &mut marks, true);
            scope.except.iter().for_each(|part| ground.mark(part, &mut marks, false));
            step.reach = Some((0..).zip(&marks).filter(|(_, on)| **on).map(|(at, _)| at).collect());
            step.shares.fill(0);
        }
    }

    /// Finds again the items of rules that act where a type of cost is present.
    pub fn reach_types(&mut self, ground: &Ground) {
        let by_type = |part: &Within| matches!(part, Within::Type(_));
        self.reach(ground, |rule| {
            by_type(&rule.scope.within) || rule.scope.except.iter().any(by_type)
        });
    }

    /// Runs every rule. O(items x rules), without allocation once it has run before.
    pub fn run(&mut self, ground: &Ground) -> Result<(), PricingError> {
        self.running.clear();
        self.running.extend_from_slice(&ground.direct);
        self.total = money_sum(&ground.direct, "The direct cost")?;
        for at in 0..self.steps.len() {
            self.step(at, ground)?;
        }
        // Paired with the check of each step: nothing is lost between rules (BR-078).
        let added = Money::checked_sum(self.steps.iter().map(|step| step.amount));
        let direct = money_sum(&ground.direct, "The direct cost")?;
        let running = money_sum(&self.running, "The running total")?;
        if added.and_then(|added| direct.checked_add(added)) != Some(running) {
            return Err(broken(78, "The rules' amounts do not add up to the running total.").into());
        }
        Ok(())
    }

    fn step(&mut self, at: usize, ground: &Ground) -> Result<(), PricingError> {
        let (before, rest) = self.steps.split_at_mut(at);
        let Some(step) = rest.first_mut() else { return Ok(()) };
        let bases: &[i64] = match (&step.base, &step.reach) {
            (Base::Running, None) => &self.running,
            (Base::Direct, None) => &ground.direct,
            (base, reach) => {
                self.bases.clear();
                let value = |at: usize| value_of(base, at, &self.running, ground, before);
                match reach {
                    None => self.bases.extend((0..ground.direct.len()).map(value)),
                    Some(reach) => self.bases.extend(reach.iter().map(|at| value(*at as usize))),
                }
                &self.bases
            }
        };
        let name = &step.rule.name;
        step.base_total = money_sum(bases, &format!("The base of rule {name}"))?;
        step.amount = amount_of(&step.rule.kind, step.base_total, self.total, ground)
            .ok_or_else(|| PricingError::beyond(format!("The amount of rule {name}")))?;
        let cents = step.amount.units();
        let shared = match &step.reach {
            None => self.sharing.share(cents, bases, &mut step.shares),
            Some(reach) => {
                self.parts.resize(reach.len(), 0);
                let shared = self.sharing.share(cents, bases, &mut self.parts);
                for (at, part) in reach.iter().zip(&self.parts) {
                    step.shares[*at as usize] = *part;
                }
                shared
            }
        };
        shared.map_err(|error| unshared(error, step))?;
        #[cfg(test)]
        if crate::estimating::fault::planted(78) {
            step.shares.iter_mut().take(1).for_each(|share| *share += 1);
        }
        let sum: i64 = step.shares.iter().sum();
        check_shares(step, sum)?;
        for (running, share) in self.running.iter_mut().zip(&step.shares) {
            *running += share;
        }
        let beyond = || PricingError::beyond(format!("The total after rule {}", step.rule.name));
        self.total = self.total.checked_add(step.amount).ok_or_else(beyond)?;
        step.running_total = self.total;
        Ok(())
    }
}

/// The base of one item.
fn value_of(base: &Base, at: usize, running: &[i64], ground: &Ground, before: &[Step]) -> i64 {
    match base {
        Base::Running => running[at],
        Base::Direct => ground.direct[at],
        Base::Types(types) => ground.bill.schedule[at].cost.total_of(*types).units(),
        Base::Steps(steps) => steps.iter().map(|step| before[*step].shares[at]).sum(),
    }
}

/// Rule amount (R5), from its base, and from the total so far where it decides the total. `None`
/// out of the range of money.
fn amount_of(kind: &RuleKind, base: Money, total: Money, ground: &Ground) -> Option<Money> {
    match kind {
        RuleKind::SpreadIndirect { pool } => {
            let cost = |id| match ground.places.get(id) {
                Some(Place::Indirect(at)) => Some(ground.bill.indirect[*at].cost.total()),
                Some(Place::Schedule(_) | Place::Fixed(_) | Place::Aside(_)) | None => None,
            };
            Money::checked_sum(pool.iter().filter_map(cost))
        }
        RuleKind::PercentMarkup { percent, bounds } => {
            percent_of(base, *percent).map(|amount| bounds.hold(amount))
        }
        RuleKind::PercentMargin { percent, bounds } => {
            percent_margin(base, *percent).map(|amount| bounds.hold(amount))
        }
        RuleKind::LumpSum { amount } => Some(*amount),
        RuleKind::Index { weight, start, end } => index_amount(base, *weight, *start, *end),
        RuleKind::RiskRegister { risks } => risks.iter().try_fold(Money::ZERO, |sum, risk| {
            sum.checked_add(percent_of(risk.impact, risk.probability)?)
        }),
        RuleKind::TargetTotal { total: target } => {
            target.checked_sub(total.checked_add(ground.fixed_total)?)
        }
        RuleKind::RoundTotal { multiple } => {
            let cents = total.checked_add(ground.fixed_total)?.units();
            let short = (-cents).checked_rem_euclid(multiple.units())?;
            Money::from_units(short)
        }
    }
}

/// round2(base x weight / 100 x (end / start - 1)), in one rounding (R5).
fn index_amount(base: Money, weight: Pct, start: Factor, end: Factor) -> Option<Money> {
    let wide = |units: i64| i128::from(units);
    let rise = wide(end.units()) - wide(start.units());
    let whole = wide(Pct::SCALE) * 100 * wide(start.units());
    let product = wide(base.units()).checked_mul(wide(weight.units()))?.checked_mul(rise)?;
    (whole > 0).then(|| round_div(product, whole)).and_then(Money::from_wide)
}

/// BR-078: the shares of a step add up to its amount.
fn check_shares(step: &Step, sum: i64) -> Result<(), PricingError> {
    if sum == step.amount.units() {
        return Ok(());
    }
    let message =
        format!("The shares of rule {} do not add up to {}.", step.rule.name, step.amount);
    Err(broken(78, message).object(step.rule.id.0).into())
}

fn unshared(error: ShareError, step: &Step) -> PricingError {
    match error {
        ShareError::NoWeight => no_base(step).into(),
        ShareError::TooLarge => {
            PricingError::beyond(format!("The base of rule {}", step.rule.name))
        }
    }
}

fn no_base(step: &Step) -> Violation {
    let message = format!(
        "Rule {} comes to {}, but no item in its scope has a base above zero to share it on.",
        step.rule.name, step.amount
    );
    broken(79, message).object(step.rule.id.0).field("scope")
}

/// A sum of cents as money. The limits on items, costs and rules keep it far inside an `i64`.
fn money_sum(cents: &[i64], what: &str) -> Result<Money, PricingError> {
    Money::from_units(cents.iter().sum()).ok_or_else(|| PricingError::beyond(what))
}
