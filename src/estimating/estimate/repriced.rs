//! What repricing would cost, line by line and all together, before it is done (BR-050).

use super::{Estimate, NodeRow};
use crate::estimating::{
    build_up::{LeafCost, LineCost, Sink},
    edit::{Edit, EditContext, RepriceScope, RepricedLine},
    id::ItemId,
    number::{Money, line_cost},
    refusal::Refusal,
    worksheet::{Line, Source},
};

/// A line that repricing changes, with its cost.
#[derive(Clone, Debug)]
pub struct RepricedCost {
    /// The item.
    pub item: ItemId,
    /// The line before and after.
    pub line: RepricedLine,
    /// Its cost now.
    pub old_cost: Money,
    /// Its cost then.
    pub new_cost: Money,
}

/// What repricing does.
#[derive(Clone, Debug)]
pub struct RepricePreview {
    /// The lines that change, in the order of the tree.
    pub lines: Vec<RepricedCost>,
    /// The estimate's cost now.
    pub old_total: Money,
    /// The estimate's cost then.
    pub new_total: Money,
    /// What the edit that does it must name.
    pub seen: String,
}

/// Gathers the cost of every line.
#[derive(Default)]
struct Costs(Vec<LineCost>);

impl Sink for Costs {
    const LEAVES: bool = false;
    fn line(&mut self, _: &Line, cost: &LineCost) {
        self.0.push(*cost);
    }
    fn leaf(&mut self, _: LeafCost) {}
}

impl Estimate {
    /// Works out on a copy what repricing would do. O(lines of the items it touches).
    ///
    /// # Errors
    /// As [`Estimate::repricing`], or a rule the result would break.
    pub fn reprice_preview(
        &self,
        scope: &RepriceScope<'_>,
        cx: &mut EditContext<'_>,
    ) -> Result<RepricePreview, Refusal> {
        let mut after = self.clone();
        let repricing = after.repricing(scope, cx.catalogue)?;
        if !repricing.lines.is_empty() {
            let edit = Edit::Reprice {
                line_ids: scope.lines.map(<[_]>::to_vec),
                resource_ids: scope.resources.map(<[_]>::to_vec),
                recipe_ids: scope.recipes.map(<[_]>::to_vec),
                price_book: scope.book,
                preview: Some(repricing.seen.clone()),
                choose: None,
            };
            after.edit(std::slice::from_ref(&edit), cx)?;
        }
        let mut lines = Vec::with_capacity(repricing.lines.len());
        let mut open = None;
        let (mut before, mut then) = (Costs::default(), None);
        for line in repricing.lines {
            let node = self.at(line.slot);
            let (NodeRow::Item(item), Some(sheet)) = (&node.row, &node.sheet) else { continue };
            if open != Some(line.slot) {
                open = Some(line.slot);
                (before, then) = (Costs::default(), None);
                // What has no value now costs nothing now.
                let _ = self.evaluate(line.slot, item, cx.catalogue, &mut before);
            }
            let at = sheet.lines.iter().position(|row| row.id == line.before.id);
            let old = at.and_then(|at| before.0.get(at)).copied();
            let old_cost = old.map_or(Money::ZERO, |cost| cost.sums.total());
            // A line of a resource costs its quantity at the new rate (BR-033); others are worked
            // out with their worksheet.
            let direct = old.and_then(|cost| cost.quantity).zip(line.after.rate);
            let new_cost = match (&line.after.source, direct) {
                (Source::Resource { .. }, Some((quantity, rate))) => line_cost(quantity, rate),
                (Source::Resource { .. } | Source::Recipe(_) | Source::Free { .. }, _) => {
                    let costs = then.get_or_insert_with(|| {
                        let mut costs = Costs::default();
                        if let NodeRow::Item(item) = &after.at(line.slot).row {
                            let _ = after.evaluate(line.slot, item, cx.catalogue, &mut costs);
                        }
                        costs
                    });
                    at.and_then(|at| costs.0.get(at)).map(|cost| cost.sums.total())
                }
            };
            let new_cost = new_cost.unwrap_or(old_cost);
            lines.push(RepricedCost { item: item.id, line, old_cost, new_cost });
        }
        Ok(RepricePreview {
            lines,
            old_total: self.totals().total(),
            new_total: after.totals().total(),
            seen: repricing.seen,
        })
    }
}
