//! The priced schedule as the client sees it: no cost, margin, rule or resource (BR-107).

use crate::estimating::{
    commercials::{Pricing, PricingError},
    estimate::{Estimate, NodeView},
    item::{Item, ItemType, Parent},
    number::{Money, Pct, Qty, SellRate},
};
use serde::Serialize;
use std::collections::HashMap;
use uuid::Uuid;

/// A line of the client's schedule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ScheduleLine {
    /// The row.
    pub id: Uuid,
    /// Whether it is a heading.
    pub heading: bool,
    /// Depth in the tree, 1 at the top.
    pub depth: u8,
    /// Code.
    pub code: Box<str>,
    /// Description, or the heading's name.
    pub description: Box<str>,
    /// Unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Quantity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Qty>,
    /// Rate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<SellRate>,
    /// Percent, of a percentage item.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub percent: Option<Pct>,
    /// Amount; the sum of what is below, for a heading.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    /// What stands in place of an amount: "Rate only", "Excluded", "Option".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
}

/// Every line in display order. O(items + headings).
///
/// # Errors
/// Figures beyond their range.
pub fn client_schedule(
    estimate: &Estimate,
    pricing: &Pricing,
) -> Result<Vec<ScheduleLine>, PricingError> {
    let sells: HashMap<Uuid, Money> =
        pricing.heading_sells()?.into_iter().map(|(id, sell)| (id.0, sell)).collect();
    let priced: HashMap<Uuid, (SellRate, Money)> =
        pricing.items().map(|item| (item.id.0, (item.rate, item.amount))).collect();
    let fixed: HashMap<Uuid, Money> =
        pricing.fixed().map(|(item, sell)| (item.id.0, sell)).collect();
    let aside: HashMap<Uuid, (Option<SellRate>, Option<Money>)> =
        pricing.aside()?.into_iter().map(|item| (item.id.0, (item.rate, item.amount))).collect();
    let mut lines = Vec::new();
    for node in estimate.rows() {
        if let Some(heading) = node.heading() {
            lines.push(ScheduleLine {
                amount: sells.get(&heading.id.0).copied(),
                ..blank(&node, true, &heading.code, &heading.name)
            });
            continue;
        }
        let Some(item) = node.item().filter(|item| is_shown(item)) else { continue };
        let mut line = ScheduleLine {
            unit: item.unit.map(|unit| unit.to_string()),
            quantity: node.quantity(),
            ..blank(&node, false, &item.code, &item.description)
        };
        if let Some((rate, amount)) = priced.get(&item.id.0) {
            (line.rate, line.amount) = (Some(*rate), Some(*amount));
        } else if let Some(amount) = fixed.get(&item.id.0) {
            line.amount = Some(*amount);
            match item.item_type {
                ItemType::Percentage => line.percent = item.extra().percent,
                ItemType::Daywork => line.rate = item.extra().locked_sell_rate,
                _ => line.quantity = None,
            }
        } else if let Some((rate, amount)) = aside.get(&item.id.0) {
            line.rate = *rate;
            let only_rate = item.item_type == ItemType::RateOnly;
            line.quantity = line.quantity.filter(|_| !only_rate);
            line.remark = Some(match amount {
                Some(amount) if !only_rate => format!("Option, {amount} not in the total"),
                Some(_) | None => "Rate only".to_owned(),
            });
        } else {
            line.remark = remark(estimate, item);
        }
        lines.push(line);
    }
    Ok(without_bare_headings(lines))
}

/// Leaves out headings with no line of the client's below them, such as one of indirect costs.
fn without_bare_headings(lines: Vec<ScheduleLine>) -> Vec<ScheduleLine> {
    let mut kept: Vec<ScheduleLine> = Vec::with_capacity(lines.len());
    // From the end: what a heading holds comes after it, and deeper.
    for line in lines.into_iter().rev() {
        if !line.heading || kept.last().is_some_and(|next| next.depth > line.depth) {
            kept.push(line);
        }
    }
    kept.reverse();
    kept
}

fn blank(node: &NodeView<'_>, heading: bool, code: &str, description: &str) -> ScheduleLine {
    ScheduleLine {
        id: node.id(),
        heading,
        depth: node.calc.depth,
        code: code.into(),
        description: description.into(),
        unit: None,
        quantity: None,
        rate: None,
        percent: None,
        amount: None,
        remark: None,
    }
}

/// Whether an item is a line of the client's: sub-items, internal and inactive items are not.
fn is_shown(item: &Item) -> bool {
    let internal = item.indirect || matches!(item.item_type, ItemType::Normal | ItemType::Risk);
    !item.inactive && !internal && matches!(item.parent, Parent::Heading(_))
}

fn remark(estimate: &Estimate, item: &Item) -> Option<String> {
    match item.item_type {
        ItemType::Excluded => Some("Excluded".to_owned()),
        ItemType::IncludedElsewhere => {
            let id = item.extra().included_in?;
            let node = estimate.node(id.0)?;
            Some(format!("Included in {}", node.item()?.code))
        }
        ItemType::Schedule
        | ItemType::Normal
        | ItemType::RateOnly
        | ItemType::ProvisionalSum
        | ItemType::PrimeCostSum
        | ItemType::Percentage
        | ItemType::Daywork
        | ItemType::Risk => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_without_a_line_below_are_left_out() {
        let line = |depth, heading, code: &str| ScheduleLine {
            id: Uuid::nil(),
            heading,
            depth,
            code: code.into(),
            description: "".into(),
            unit: None,
            quantity: None,
            rate: None,
            percent: None,
            amount: None,
            remark: None,
        };
        let all = vec![
            line(1, true, "1"),
            line(2, true, "1.1"),
            line(2, true, "1.2"),
            line(3, false, "a"),
            line(1, true, "2"),
            line(2, true, "2.1"),
        ];
        let kept = without_bare_headings(all);
        assert_eq!(kept.iter().map(|l| &*l.code).collect::<Vec<_>>(), ["1", "1.2", "a"]);
    }
}
