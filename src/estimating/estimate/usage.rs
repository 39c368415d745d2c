//! How much of each resource an estimate takes.

use super::{Estimate, NodeView};
use crate::estimating::{
    build_up::{LeafCost, LineCost, Sink},
    catalogue::Catalogue,
    cost::{CostType, bounded},
    id::ResourceId,
    number::{LineQty, Money},
    worksheet::Line,
};
use std::collections::BTreeMap;

/// Quantity and cost of one resource over a whole estimate, rate-only items left out (BR-028).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResourceUse {
    /// The resource; none for free lines and plugs, by type.
    pub resource: Option<ResourceId>,
    /// Its type.
    pub cost_type: CostType,
    /// Units of it.
    pub quantity: LineQty,
    /// What it costs.
    pub cost: Money,
}

#[derive(Default)]
struct Sum {
    by: BTreeMap<(Option<ResourceId>, CostType), (i64, i64)>,
    from_leaves: bool,
}

impl Sum {
    fn add(&mut self, resource: Option<ResourceId>, t: CostType, quantity: i64, cents: i64) {
        let sum = self.by.entry((resource, t)).or_default();
        sum.0 = sum.0.saturating_add(quantity);
        sum.1 = sum.1.saturating_add(cents);
    }
}

impl Sink for Sum {
    const LEAVES: bool = true;
    fn line(&mut self, line: &Line, cost: &LineCost) {
        if std::mem::take(&mut self.from_leaves) {
            return;
        }
        let quantity = cost.quantity.map_or(0, LineQty::units);
        let cents = cost.sums.total().units();
        self.add(line.resource(), line.cost_type, quantity, cents);
    }
    fn leaf(&mut self, leaf: LeafCost) {
        self.from_leaves = true;
        self.add(Some(leaf.resource), leaf.cost_type, leaf.quantity.units(), leaf.cost.units());
    }
}

impl Estimate {
    /// Quantity and cost of every resource in what counts towards the totals, by resource; plugs
    /// and free lines by type under no resource. O(rows + lines).
    pub fn resource_usage(&self, catalogue: &Catalogue) -> Vec<ResourceUse> {
        let mut sum = Sum::default();
        let mut skip_below = None;
        for node in self.rows() {
            if skip_below.is_some_and(|depth| node.calc.depth > depth) {
                continue;
            }
            skip_below = None;
            let Some(item) = node.item() else { continue };
            if !node.is_counted() {
                skip_below = Some(node.calc.depth);
                continue;
            }
            if let Some(plug) = item.plug {
                sum.add(None, plug.cost_type, 0, node.calc.other.total().units());
                continue;
            }
            self.sum_sheet(&node, catalogue, &mut sum);
        }
        sum.by
            .into_iter()
            .map(|((resource, cost_type), (quantity, cents))| ResourceUse {
                resource,
                cost_type,
                quantity: LineQty::from_units(quantity).unwrap_or_default(),
                cost: bounded(cents),
            })
            .collect()
    }

    fn sum_sheet(&self, node: &NodeView<'_>, catalogue: &Catalogue, sum: &mut Sum) {
        if let (Some(item), false) = (node.item(), node.has_fault()) {
            // A faulty item adds nothing; `checks` tells about it.
            let _ = self.evaluate(node.slot, item, catalogue, sum);
        }
    }
}
