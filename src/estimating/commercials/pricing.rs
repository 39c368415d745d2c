//! The live price of an estimate: formed once, then kept up as costs change.

use super::{
    bill::{AsideItem, Bill, BillEntry, FixedItem},
    chain::{Chain, Step},
    check::{check_locked, check_rules},
    error::PricingError,
    ground::{Ground, Place, check_cost},
    rule::{CommercialRule, CommercialRuleId, Nature},
    sell::{Misclose, Sell, TenderSum},
    terms::{SELL_RATE_DECIMALS, Terms},
};
use crate::estimating::{
    cost::CostSums,
    id::ItemId,
    number::{Money, Qty, SellRate, Uplift, amount, uplifted_rate},
    rules::Violations,
};

/// The price of an estimate and every figure on the way to it (domain 2.7).
///
/// A value of this type is always settled: a change that cannot be priced leaves it as it was.
#[derive(Clone, Debug)]
pub struct Pricing {
    pub(super) ground: Ground,
    pub(super) chain: Chain,
    pub(super) sell: Sell,
    /// A fixed-sell item was replaced and its amount is not worked out yet.
    fixed_changed: bool,
}

/// What one rule came to.
#[derive(Clone, Copy, Debug)]
pub struct AppliedRule<'a> {
    /// The rule.
    pub rule: &'a CommercialRule,
    /// Cost or margin.
    pub nature: Nature,
    /// Sum of the bases of the items it reaches.
    pub base_total: Money,
    /// What it adds, once.
    pub amount: Money,
    /// Sum of running values after it.
    pub running_total: Money,
    step: &'a Step,
}

impl AppliedRule<'_> {
    /// Share of the schedule item at `at`; none outside the rule's scope.
    pub fn share(&self, at: usize) -> Option<Money> {
        let inside =
            self.step.reach.as_ref().is_none_or(|reach| {
                u32::try_from(at).is_ok_and(|at| reach.binary_search(&at).is_ok())
            });
        let cents = self.step.shares.get(at).filter(|_| inside)?;
        Money::from_units(*cents)
    }
}

/// One line of the schedule with its price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PricedItem<'a> {
    /// Identity.
    pub id: ItemId,
    /// The client's code.
    pub code: &'a str,
    /// Quantity the price is on.
    pub quantity: Qty,
    /// Direct cost.
    pub direct: Money,
    /// Direct cost and its shares of cost rules; selling below it needs acceptance (BR-086).
    pub loaded: Money,
    /// Value after the last rule.
    pub running: Money,
    /// What locked rates give it, or its own lock takes from it.
    pub lock: Money,
    /// Running value and lock share: what the rate is formed from.
    pub target: Money,
    /// The client's rate.
    pub rate: SellRate,
    /// The client's amount.
    pub amount: Money,
}

/// The price of a rate-only item or of an option that is not selected, outside the total.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AsidePrice {
    /// Identity.
    pub id: ItemId,
    /// Cost rate times uplift; none while there is no cost.
    pub rate: Option<SellRate>,
    /// Quantity times rate; none without either.
    pub amount: Option<Money>,
}

/// What a row sells for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sold {
    /// The client's rate; none for the client's own sums and percentage items.
    pub rate: Option<SellRate>,
    /// The client's amount; none for rate-only items.
    pub amount: Option<Money>,
    /// Whether the amount is part of the total.
    pub counted: bool,
}

impl Pricing {
    /// Prices `bill` by `rules`, in any order, on `terms`. O(items x rules).
    ///
    /// Broken rules that leave the price undefined are errors: BR-075 to BR-080, BR-082 to BR-084,
    /// BR-087 and BR-088. The others (BR-081, BR-085, BR-086) are told by [`Pricing::review`].
    pub fn new(
        bill: Bill,
        rules: &[CommercialRule],
        terms: Terms,
    ) -> Result<Pricing, PricingError> {
        let ground = Ground::new(bill, terms)?;
        Violations::check(check_rules(&ground, rules))?;
        let chain = Chain::new(&ground, rules)?;
        let sell = Sell::new(&ground);
        let mut pricing = Pricing { ground, chain, sell, fixed_changed: false };
        pricing.run()?;
        Ok(pricing)
    }

    fn run(&mut self) -> Result<(), PricingError> {
        self.chain.run(&self.ground)?;
        self.sell.run(&self.ground, &self.chain)
    }

    /// Takes in new costs of schedule, indirect and daywork items and settles the price once; see
    /// [`Pricing::replace`]. Items that bear no cost here are passed over.
    pub fn set_costs(&mut self, costs: &[(ItemId, CostSums)]) -> Result<(), PricingError> {
        let entry = |(id, cost): &(ItemId, CostSums)| self.ground.entry(*id)?.at_cost(*cost);
        let entries = costs.iter().filter_map(entry).collect();
        self.replace(entries).map(|_| ())
    }

    /// Puts entries in the place of those with the same identities and settles the price once.
    ///
    /// False, with nothing changed, when one is not there under the same heading and of the same
    /// kind. On an error everything stays as it was. O(items x rules) in integers without search
    /// or allocation: the shares of a rule all hang on the one sum they are parts of.
    pub fn replace(&mut self, entries: Vec<BillEntry>) -> Result<bool, PricingError> {
        if !entries.iter().all(|entry| self.ground.has(entry)) {
            return Ok(false);
        }
        for entry in &entries {
            check_cost(entry.cost())?;
            if let BillEntry::Schedule(item) = entry {
                check_locked(&self.ground.terms, item).map_or(Ok(()), Err)?;
            }
        }
        let mut before = Vec::with_capacity(entries.len());
        let mut outside = true;
        for entry in entries {
            outside &= matches!(entry, BillEntry::Aside(_));
            before.push(self.swap(entry));
        }
        if outside {
            return Ok(true);
        }
        if let Err(error) = self.settle() {
            for entry in before.into_iter().rev() {
                self.swap(entry);
            }
            self.settle().expect("the price stood before the change");
            return Err(error);
        }
        Ok(true)
    }

    fn swap(&mut self, entry: BillEntry) -> BillEntry {
        let place = self.ground.places.get(&entry.id()).copied();
        self.fixed_changed |= matches!(entry, BillEntry::Fixed(_));
        let before = self.ground.swap(entry);
        if let Some(Place::Schedule(at)) = place {
            self.sell.look_up(&self.ground, at);
        }
        before
    }

    fn settle(&mut self) -> Result<(), PricingError> {
        self.ground.check_total()?;
        if self.fixed_changed {
            self.ground.sell_fixed()?;
            self.fixed_changed = false;
        }
        if std::mem::take(&mut self.ground.types_changed) {
            self.chain.reach_types(&self.ground);
        }
        self.run()
    }

    /// The terms it is priced on.
    pub fn terms(&self) -> &Terms {
        &self.ground.terms
    }

    /// What is priced.
    pub fn bill(&self) -> &Bill {
        &self.ground.bill
    }

    /// The active rules in sequence, with what they came to.
    pub fn rules(&self) -> impl ExactSizeIterator<Item = AppliedRule<'_>> {
        self.chain.steps.iter().map(|step| AppliedRule {
            rule: &step.rule,
            nature: step.nature,
            base_total: step.base_total,
            amount: step.amount,
            running_total: step.running_total,
            step,
        })
    }

    /// The active rule called `id`.
    pub fn rule(&self, id: CommercialRuleId) -> Option<AppliedRule<'_>> {
        self.rules().find(|applied| applied.rule.id == id)
    }

    /// The schedule item at `at`, in display order. O(rules).
    pub fn item(&self, at: usize) -> Option<PricedItem<'_>> {
        let item = self.ground.bill.schedule.get(at)?;
        let money = |cents| Money::from_units(cents).expect("a settled figure is in range");
        let (direct, running) = (self.ground.direct[at], self.chain.running[at]);
        let lock = self.sell.lock[at];
        Some(PricedItem {
            id: item.id,
            code: &item.code,
            quantity: item.quantity,
            direct: money(direct),
            loaded: money(self.loaded(at)),
            running: money(running),
            lock: money(lock),
            target: money(running + lock),
            rate: SellRate::from_units(self.sell.rates[at]).expect("a settled figure is in range"),
            amount: money(self.sell.amounts[at]),
        })
    }

    /// The schedule in display order. O(items x rules).
    pub fn items(&self) -> impl Iterator<Item = PricedItem<'_>> {
        (0..self.ground.direct.len()).filter_map(|at| self.item(at))
    }

    /// The schedule item `id`.
    pub fn item_of(&self, id: ItemId) -> Option<PricedItem<'_>> {
        match self.ground.places.get(&id)? {
            Place::Schedule(at) => self.item(*at),
            Place::Indirect(_) | Place::Fixed(_) | Place::Aside(_) => None,
        }
    }

    /// Direct cost and shares of cost rules, in cents.
    pub(super) fn loaded(&self, at: usize) -> i64 {
        let cost = self.chain.steps.iter().filter(|step| step.nature == Nature::Cost);
        self.ground.direct[at] + cost.map(|step| step.shares[at]).sum::<i64>()
    }

    /// Fixed-sell items with their amounts.
    pub fn fixed(&self) -> impl ExactSizeIterator<Item = (&FixedItem, Money)> {
        self.ground.bill.fixed.iter().zip(self.ground.fixed.iter().copied())
    }

    /// Prices outside the total: rate-only items, and options not selected, at the uplift.
    ///
    /// The rate has the decimals of the tier of the option's quantity, two for a rate-only item.
    pub fn aside(&self) -> Result<Vec<AsidePrice>, PricingError> {
        self.ground.bill.aside.iter().map(|item| self.price_aside(item)).collect()
    }

    fn price_aside(&self, item: &AsideItem) -> Result<AsidePrice, PricingError> {
        let Some(cost) = item.cost_rate else {
            return Ok(AsidePrice { id: item.id, rate: None, amount: None });
        };
        let beyond = || PricingError::beyond("The rate of an item outside the total");
        let tier = |quantity| self.ground.terms.decimals(quantity);
        let decimals = item.quantity.map_or(SELL_RATE_DECIMALS, tier);
        let rate = uplifted_rate(cost, self.sell.uplift, decimals.into()).ok_or_else(beyond)?;
        let amount = match item.quantity {
            Some(quantity) => Some(amount(quantity, rate).ok_or_else(beyond)?),
            None => None,
        };
        Ok(AsidePrice { id: item.id, rate: Some(rate), amount })
    }

    /// What the item sells for, in the total or outside it; none where the client sees no line of
    /// it. O(1).
    ///
    /// # Errors
    /// When the rate of an item outside the total is beyond the range of figures.
    pub fn sold(&self, id: ItemId) -> Result<Option<Sold>, PricingError> {
        Ok(match self.ground.places.get(&id) {
            None | Some(Place::Indirect(_)) => None,
            Some(Place::Schedule(at)) => self.item(*at).map(|item| Sold {
                rate: Some(item.rate),
                amount: Some(item.amount),
                counted: true,
            }),
            Some(Place::Fixed(at)) => self.fixed().nth(*at).map(|(item, amount)| Sold {
                rate: item.sell.rate(),
                amount: Some(amount),
                counted: true,
            }),
            Some(Place::Aside(at)) => match self.ground.bill.aside.get(*at) {
                None => None,
                Some(item) => {
                    let AsidePrice { rate, amount, .. } = self.price_aside(item)?;
                    Some(Sold { rate, amount, counted: false })
                }
            },
        })
    }

    /// Sell over cost of the schedule (R9).
    pub fn uplift(&self) -> Uplift {
        self.sell.uplift
    }

    /// What rounding left, and where it went.
    pub fn misclose(&self) -> Misclose {
        self.sell.misclose
    }

    /// The schedule's value after the last rule: the sum of targets.
    pub fn target_total(&self) -> Money {
        self.chain.total
    }

    /// The price.
    pub fn tender_sum(&self) -> TenderSum {
        self.sell.sum
    }
}
