//! Reports on a settled price: margin, headings, and the budget for the hand-over (domain 2.7).

use super::{bill::FixedSell, error::PricingError, pricing::Pricing, rule::Nature};
use crate::estimating::{
    cost::{CostSums, CostType},
    id::{HeadingId, ItemId},
    number::{Money, Pct, round_div},
};

use super::rule::CommercialRuleId;

/// Where the price goes: cost, and what is left of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MarginReport {
    /// Direct cost of the items rules act on.
    pub direct_cost: Money,
    /// Indirect and risk cost.
    pub indirect_cost: Money,
    /// Amounts of cost rules other than spreading.
    pub cost_rules: Money,
    /// Provisional and prime-cost sums.
    pub client_sums: Money,
    /// Cost of daywork items.
    pub daywork_cost: Money,
    /// All of these.
    pub cost_total: Money,
    /// The price excluding GST.
    pub sell_ex: Money,
    /// Price less cost.
    pub margin: Money,
    /// Margin in percent of the price, to four decimals; none without a price above zero.
    pub margin_percent: Option<Pct>,
    /// Amounts of margin rules.
    pub margin_rules: Money,
    /// Amounts of percentage items.
    pub percentage_items: Money,
    /// Sell less cost of daywork items.
    pub daywork_margin: Money,
    /// The misclose that no balancing item takes: it lowers the margin.
    pub misclose: Money,
    /// Indirect cost that no rule spreads, or less than none when spread twice (BR-081): it
    /// lowers the margin.
    pub unspread: Money,
}

/// A row of the budget that hand-over takes to the job (figures of cost only).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BudgetRow {
    /// The job section: a top heading; none for an allowance that rules make.
    pub section: Option<HeadingId>,
    /// The section's code, or `allowance`.
    pub section_code: Box<str>,
    /// What the money is for.
    pub source: BudgetSource,
    /// The type of cost, the rule's name, or the client's sum with its code.
    pub cost_type: Box<str>,
    /// The amount.
    pub amount: Money,
}

/// What the money of a budget row is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BudgetSource {
    /// Direct, indirect and daywork cost of a type.
    Cost(CostType),
    /// The allowance of a cost rule.
    Rule(CommercialRuleId),
    /// A provisional or prime-cost sum.
    ClientSum(ItemId),
}

/// Section of the allowances that rules make.
pub const ALLOWANCE: &str = "allowance";

impl Pricing {
    /// Cost, price and margin. O(items), exact: margin is also the sum of what earns it,
    /// `margin_rules + percentage_items + daywork_margin - misclose - unspread`.
    pub fn margin(&self) -> Result<MarginReport, PricingError> {
        let beyond = || PricingError::beyond("The margin report");
        let sum = |figures: &mut dyn Iterator<Item = Money>| {
            Money::checked_sum(figures).ok_or_else(beyond)
        };
        let steps = || self.chain.steps.iter();
        let spread = sum(&mut steps().filter(|s| s.rule.kind.spreads()).map(|s| s.amount))?;
        let of = |nature| {
            move |step: &&super::chain::Step| step.nature == nature && !step.rule.kind.spreads()
        };
        let direct_cost = self.direct_total();
        let indirect_cost = self.ground.indirect_total().ok_or_else(beyond)?;
        let cost_rules = sum(&mut steps().filter(of(Nature::Cost)).map(|s| s.amount))?;
        let margin_rules = sum(&mut steps().filter(of(Nature::Margin)).map(|s| s.amount))?;
        let client_sums = sum(&mut self.fixed().filter_map(|(item, _)| item.sell.client_sum()))?;
        let daywork_cost = sum(&mut self.fixed().map(|(item, _)| item.sell.cost().total()))?;
        let sold = |daywork: bool| {
            self.fixed().filter_map(move |(item, sell)| {
                let wanted = match item.sell {
                    FixedSell::Daywork { .. } => daywork,
                    FixedSell::Percentage { .. } => !daywork,
                    FixedSell::ProvisionalSum(_) | FixedSell::PrimeCostSum(_) => false,
                };
                wanted.then_some(sell)
            })
        };
        let percentage_items = sum(&mut sold(false))?;
        let daywork_sell = sum(&mut sold(true))?;
        let costs = [direct_cost, indirect_cost, cost_rules, client_sums, daywork_cost];
        let cost_total = sum(&mut costs.into_iter())?;
        let sell_ex = self.tender_sum().total_ex;
        let margin = sell_ex.checked_sub(cost_total).ok_or_else(beyond)?;
        let kept = self.misclose();
        Ok(MarginReport {
            direct_cost,
            indirect_cost,
            cost_rules,
            client_sums,
            daywork_cost,
            cost_total,
            sell_ex,
            margin,
            margin_percent: percent_of_sell(margin, sell_ex),
            margin_rules,
            percentage_items,
            daywork_margin: daywork_sell.checked_sub(daywork_cost).ok_or_else(beyond)?,
            misclose: if kept.balancing.is_some() { Money::ZERO } else { kept.amount },
            unspread: indirect_cost.checked_sub(spread).ok_or_else(beyond)?,
        })
    }

    fn direct_total(&self) -> Money {
        Money::from_units(self.ground.direct.iter().sum()).expect("a settled figure is in range")
    }

    /// Sell of every heading with all below it, in the bill's order of headings; rate-only items
    /// and options not selected sell nothing. O(items + headings).
    pub fn heading_sells(&self) -> Result<Vec<(HeadingId, Money)>, PricingError> {
        let headings = &self.ground.bill.headings;
        let mut sells = vec![0_i128; headings.len()];
        for (item, cents) in self.ground.bill.schedule.iter().zip(&self.sell.amounts) {
            sells[item.heading as usize] += i128::from(*cents);
        }
        for (item, sell) in self.fixed() {
            sells[item.heading as usize] += i128::from(sell.units());
        }
        // A heading comes after the one above it, so the last are complete first.
        for (at, heading) in headings.iter().enumerate().rev() {
            if let Some(parent) = heading.parent {
                sells[parent as usize] += sells[at];
            }
        }
        let beyond = || PricingError::beyond("The sell of a heading");
        let sell = |cents| Money::from_wide(cents).ok_or_else(beyond);
        headings.iter().zip(sells).map(|(heading, cents)| Ok((heading.id, sell(cents)?))).collect()
    }

    /// The budget: cost by top heading and type, allowances of cost rules in sequence, client's
    /// sums. Its rows add up to the margin report's cost total. O(items + headings).
    pub fn budget(&self) -> Vec<BudgetRow> {
        let ground = &self.ground;
        let mut sums = vec![CostSums::ZERO; ground.bill.headings.len()];
        let top = |heading: u32| ground.tops[heading as usize] as usize;
        let bill = &ground.bill;
        bill.schedule.iter().for_each(|item| sums[top(item.heading)] += item.cost);
        bill.indirect.iter().for_each(|item| sums[top(item.heading)] += item.cost);
        bill.fixed.iter().for_each(|item| sums[top(item.heading)] += item.sell.cost());
        let mut rows = Vec::new();
        for (heading, sums) in bill.headings.iter().zip(&sums) {
            for cost_type in CostType::ALL {
                let amount = sums.get(cost_type);
                if !amount.is_zero() {
                    rows.push(BudgetRow {
                        section: Some(heading.id),
                        section_code: heading.code.clone(),
                        source: BudgetSource::Cost(cost_type),
                        cost_type: cost_type.name().into(),
                        amount,
                    });
                }
            }
        }
        let allowances = self.chain.steps.iter();
        let allowances =
            allowances.filter(|step| step.nature == Nature::Cost && !step.rule.kind.spreads());
        rows.extend(allowances.map(|step| BudgetRow {
            section: None,
            section_code: ALLOWANCE.into(),
            source: BudgetSource::Rule(step.rule.id),
            cost_type: step.rule.name.clone(),
            amount: step.amount,
        }));
        rows.extend(self.fixed().filter_map(|(item, sell)| {
            let name = match item.sell {
                FixedSell::ProvisionalSum(_) => "Provisional sum",
                FixedSell::PrimeCostSum(_) => "Prime-cost sum",
                FixedSell::Percentage { .. } | FixedSell::Daywork { .. } => return None,
            };
            let heading = &bill.headings[top(item.heading)];
            Some(BudgetRow {
                section: Some(heading.id),
                section_code: heading.code.clone(),
                source: BudgetSource::ClientSum(item.id),
                cost_type: format!("{name} {}", item.code).into(),
                amount: sell,
            })
        }));
        rows
    }
}

/// Margin in percent of the price, to four decimals.
fn percent_of_sell(margin: Money, sell: Money) -> Option<Pct> {
    let whole = 100 * i128::from(Pct::SCALE);
    let divisor = i128::from(sell.units());
    let percent = |divisor| round_div(i128::from(margin.units()) * whole, divisor);
    (divisor > 0).then(|| percent(divisor)).and_then(Pct::from_wide)
}
