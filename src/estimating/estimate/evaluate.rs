//! One item's quantity and own cost, from its row, its worksheet and the names around it.

use super::{
    Estimate, NodeRow, ROOT, Slot,
    arena::{Calc, Flags},
};
use crate::estimating::{
    build_up::{BuildUpError, Frame, Scope, SheetInputs, Sink, evaluate_sheet},
    catalogue::Catalogue,
    cost::CostSums,
    formula::Steps,
    item::{Item, ItemType},
    limits::{COST_CENTS_MAX, RATE_ONLY_QUANTITY},
    number::{Qty, amount},
    worksheet::Worksheet,
};
use rust_decimal::Decimal;
use smallvec::SmallVec;

type BuiltIn = [(&'static str, Option<Decimal>); 3];

/// The items from the one asked for up to the heading, with what formulas may ask of each.
pub(super) struct Chain<'a> {
    items: SmallVec<[(&'a Item, BuiltIn); 2]>,
}

/// Names every formula of a worksheet or item knows.
pub const QUANTITY_NAMES: [&str; 2] = ["Q", "quantity"];
/// Name of the parent item's quantity.
pub const PARENT_QUANTITY: &str = "parent.quantity";

impl<'a> Chain<'a> {
    fn built_in(own: Option<Decimal>, parent: Option<Decimal>) -> BuiltIn {
        [(QUANTITY_NAMES[0], own), (QUANTITY_NAMES[1], own), (PARENT_QUANTITY, parent)]
    }

    /// The rings of names, innermost first, for the item's own row.
    fn frames<'s>(&'s self, estimate: &'s Estimate) -> SmallVec<[Frame<'s>; 4]> {
        let mut frames: SmallVec<[Frame<'s>; 4]> = self
            .items
            .iter()
            .map(|(item, built_in)| Frame {
                built_in: if built_in[2].1.is_some() { &built_in[..] } else { &built_in[..2] },
                variables: &item.extra().variables,
                ..Frame::default()
            })
            .collect();
        frames.push(Frame { numbers: &estimate.variables, ..Frame::default() });
        frames
    }
}

/// An item's quantity and own cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ItemValue {
    /// The client's quantity; zero where it has none.
    pub quantity: Qty,
    /// Own part of the cost.
    pub own: CostSums,
    /// Whether there is a plug or a line.
    pub content: bool,
    /// Whether the own part has a price.
    pub priced: bool,
}

/// The quantity a cost is built on.
pub(crate) fn cost_quantity(item: &Item, quantity: Qty) -> Qty {
    match item.item_type {
        ItemType::RateOnly => Qty::whole(RATE_ONLY_QUANTITY).unwrap_or(Qty::ONE),
        _ => match item.takeoff_quantity {
            Some(takeoff) => takeoff,
            None if item.quantity.is_none() => Qty::ONE,
            None => quantity,
        },
    }
}

impl Estimate {
    /// The item in `slot` and the items above it; quantities above are as last worked out.
    fn chain(&self, slot: Slot, own: Option<Decimal>) -> Chain<'_> {
        let mut items = SmallVec::new();
        let (mut slot, mut own) = (slot, own);
        while let NodeRow::Item(item) = &self.at(slot).row {
            let parent = self.calc(slot).parent;
            let above = (parent as usize) < self.nodes.len() && parent != ROOT;
            let parent_quantity = (above && matches!(self.at(parent).row, NodeRow::Item(_)))
                .then(|| self.quantity_at(parent).to_decimal());
            items.push((&**item, Chain::built_in(own, parent_quantity)));
            own = parent_quantity;
            if parent_quantity.is_none() {
                break;
            }
            slot = parent;
        }
        Chain { items }
    }

    /// The quantity of the item in `slot`, as last worked out.
    pub(crate) fn quantity_at(&self, slot: Slot) -> Qty {
        Qty::from_units(self.calc(slot).quantity).unwrap_or_default()
    }

    /// Runs `with` with the names the worksheet of `slot` sees, worked out on `quantity`.
    pub(super) fn with_scope<R>(
        &self,
        slot: Slot,
        quantity: Option<Qty>,
        sheet: Option<&Worksheet>,
        with: impl FnOnce(&mut Scope<'_>, &[Frame<'_>]) -> R,
    ) -> R {
        let chain = self.chain(slot, quantity.map(Qty::to_decimal));
        let mut frames = chain.frames(self);
        let sheet_frame = sheet.map(|sheet| Frame {
            built_in: frames.first().map_or(&[], |f| f.built_in),
            variables: &sheet.variables,
            blocks: &sheet.blocks,
            ..Frame::default()
        });
        frames.insert_many(0, sheet_frame);
        let steps = Steps::new();
        with(&mut Scope::new(&frames, &steps), &frames)
    }

    /// Works out the item in `slot`; lines and leaves go to `sink`.
    pub(super) fn evaluate<S: Sink>(
        &self,
        slot: Slot,
        item: &Item,
        catalogue: &Catalogue,
        sink: &mut S,
    ) -> Result<ItemValue, BuildUpError> {
        let quantity = self.quantity(slot, item)?;
        let mut value = ItemValue { quantity, own: CostSums::ZERO, content: false, priced: false };
        if !item.item_type.bears_cost() {
            return Ok(value);
        }
        let on = cost_quantity(item, quantity);
        if let Some(plug) = item.plug {
            let cost = amount(on, plug.rate)
                .filter(|c| c.units().abs() <= COST_CENTS_MAX)
                .ok_or_else(|| BuildUpError::rule("plugRate", 40, "The cost is too large."))?;
            value.own = CostSums::of(plug.cost_type, cost);
            (value.content, value.priced) = (true, true);
        } else if let Some(sheet) = &self.at(slot).sheet {
            let inputs = SheetInputs { quantity: on, sheet, catalogue };
            let cost = self.with_scope(slot, Some(on), Some(sheet), |scope, _| {
                evaluate_sheet(&inputs, scope, sink)
            })?;
            value.own = cost.sums;
            value.content = !sheet.lines.is_empty();
            value.priced = cost.priced;
        }
        Ok(value)
    }

    /// The item's quantity: at most four decimals, or BR-020.
    fn quantity(&self, slot: Slot, item: &Item) -> Result<Qty, BuildUpError> {
        let Some(formula) = &item.quantity else { return Ok(Qty::ZERO) };
        let value = match formula.as_number() {
            Some(number) => number,
            None => self
                .with_scope(slot, None, None, |scope, _| scope.value(formula))
                .map_err(|e| BuildUpError::formula("quantity", e))?,
        };
        exact_quantity(value).ok_or_else(|| {
            BuildUpError::rule(
                "quantity",
                20,
                format!(
                    "A quantity has at most four decimals; this one comes to {}. Write round(…, 4) \
                     to round it.",
                    value.normalize()
                ),
            )
        })
    }
}

/// Whether an item's cost enters the totals above it.
fn is_counted(item: &Item) -> bool {
    #[cfg(test)]
    if crate::estimating::fault::planted(28) {
        return true;
    }
    item.is_counted()
}

#[cfg(test)]
impl ItemValue {
    /// As it is while a fault of BR-033 is planted.
    pub(super) fn one_cent_more(mut self) -> ItemValue {
        self.own.0[0] += 1;
        self
    }
}

/// `value` as a quantity when it has at most four decimals, but for the residue of a division.
fn exact_quantity(value: Decimal) -> Option<Qty> {
    const RESIDUE: Decimal = Decimal::from_parts(1, 0, 0, false, 15);
    let quantity = Qty::from_decimal_rounded(value)?;
    let off = (quantity.to_decimal() - value).abs();
    (off <= RESIDUE).then_some(quantity)
}

impl Calc {
    /// The figures with an item's value and row taken in; what is below it stays.
    pub(super) fn with_item(mut self, item: &Item, value: &ItemValue) -> Calc {
        self.cost -= self.other;
        self.cost += value.own;
        self.other = value.own;
        self.quantity = value.quantity.units();
        let wanted = !item.inactive && item.is_selected();
        self.provisional = match item.extra().client_amount {
            Some(amount) if wanted && item.item_type.is_client_sum() => amount.units(),
            Some(_) | None => 0,
        };
        self.flags = self
            .flags
            .with(Flags::ITEM, true)
            .with(Flags::COUNTED, is_counted(item))
            .with(Flags::INDIRECT, item.is_indirect())
            .with(Flags::BEARING, wanted && item.item_type.bears_cost())
            .with(Flags::OWN_CONTENT, value.content)
            .with(Flags::OWN_PRICED, value.priced)
            .with(Flags::OWN_PLUG, item.plug.is_some())
            .with(Flags::REVIEWED, item.reviewed)
            .with(Flags::FAULT, false);
        self
    }
}
