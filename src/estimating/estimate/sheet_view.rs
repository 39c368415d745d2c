//! A worksheet as readers see it: every line with its quantity, cost, leaves or fault.

use super::{Estimate, checks::is_diverged, evaluate::cost_quantity};
use crate::estimating::{
    build_up::{BuildUpError, LeafCost, LineCost, Sink},
    catalogue::Catalogue,
    formula::{Formula, FormulaError},
    id::ItemId,
    item::Item,
    number::{Factor, Qty, Rate},
    worksheet::{Line, Method, Source, Worksheet},
};
use rust_decimal::Decimal;
use std::sync::Arc;

/// A worksheet with what it comes to.
pub struct SheetView<'a> {
    /// The item it belongs to.
    pub item: &'a Item,
    /// The row; none when the item has no worksheet yet.
    pub sheet: Option<&'a Arc<Worksheet>>,
    /// The quantity cost is built on.
    pub quantity: Qty,
    /// Variables and then blocks, each with its value or what is wrong with it.
    pub values: Vec<ValueView<'a>>,
    /// Lines in order.
    pub lines: Vec<LineView<'a>>,
    /// What keeps the worksheet from having a value.
    pub fault: Option<BuildUpError>,
}

/// A variable or calculation block with its value.
pub struct ValueView<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its value, or what is wrong.
    pub value: Result<Decimal, FormulaError>,
}

/// A line with what it comes to.
pub struct LineView<'a> {
    /// The line.
    pub line: &'a Line,
    /// Its result; none when it or a line before it has no value.
    pub cost: Option<LineCost>,
    /// Leaves of a recipe line.
    pub leaves: Vec<LeafCost>,
    /// Rate of the resource now.
    pub current_rate: Option<Rate>,
    /// Whether the price book or library now says otherwise.
    pub diverged: bool,
    /// The sum in words: `1.5 × 180 ÷ (32 × 0.83)`.
    pub working: String,
}

/// A name a formula may call upon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameView {
    /// The name.
    pub name: String,
    /// Its value, where it has one.
    pub value: Option<Decimal>,
    /// Where it comes from: `built-in`, `worksheet`, `item`, `parent` or `estimate`.
    pub from: &'static str,
}

/// What a formula text comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormulaCheck {
    /// Names it calls upon.
    pub names: Vec<String>,
    /// Its value, or what is wrong with it.
    pub value: Result<Decimal, FormulaError>,
}

#[derive(Default)]
struct Collect {
    lines: Vec<(LineCost, Vec<LeafCost>)>,
    leaves: Vec<LeafCost>,
}

impl Sink for Collect {
    const LEAVES: bool = true;
    fn line(&mut self, _: &Line, cost: &LineCost) {
        self.lines.push((*cost, std::mem::take(&mut self.leaves)));
    }
    fn leaf(&mut self, leaf: LeafCost) {
        self.leaves.push(leaf);
    }
}

impl Estimate {
    /// The worksheet of an item, worked out anew. O(lines + leaves).
    pub fn worksheet(&self, id: ItemId, catalogue: &Catalogue) -> Option<SheetView<'_>> {
        let slot = self.item_slot(id)?;
        let node = self.node(id.0)?;
        let item = node.item()?;
        let quantity = cost_quantity(item, self.quantity_at(slot));
        let mut collect = Collect::default();
        let fault = self.evaluate(slot, item, catalogue, &mut collect).err();
        let sheet = self.at(slot).sheet.as_ref();
        let values = sheet.map_or_else(Vec::new, |s| self.sheet_values(slot, quantity, s));
        let mut done = collect.lines.into_iter();
        let lines = sheet
            .iter()
            .flat_map(|s| &s.lines)
            .map(|line| {
                let (cost, leaves) = done.next().map_or((None, Vec::new()), |(c, l)| (Some(c), l));
                let current_rate = line.resource().and_then(|r| catalogue.rate(r));
                let diverged = is_diverged(line, catalogue);
                let working = working(line, quantity);
                LineView { line, cost, leaves, current_rate, diverged, working }
            })
            .collect();
        Some(SheetView { item, sheet, quantity, values, lines, fault })
    }

    fn sheet_values<'a>(
        &'a self,
        slot: super::Slot,
        quantity: Qty,
        sheet: &'a Worksheet,
    ) -> Vec<ValueView<'a>> {
        let names =
            sheet.variables.iter().map(|v| &*v.name).chain(sheet.blocks.iter().map(|b| &*b.name));
        self.with_scope(slot, Some(quantity), Some(sheet), |scope, _| {
            names.map(|name| ValueView { name, value: scope.resolve(name, 0, 0) }).collect()
        })
    }

    /// The names formulas of the item's worksheet may call upon, innermost first.
    pub fn names(&self, id: ItemId) -> Option<Vec<NameView>> {
        let slot = self.item_slot(id)?;
        let item = self.node(id.0)?.item()?;
        let quantity = cost_quantity(item, self.quantity_at(slot));
        let sheet = self.at(slot).sheet.as_deref();
        let list = self.with_scope(slot, Some(quantity), sheet, |scope, frames| {
            let inner = usize::from(sheet.is_some());
            let last = frames.len() - 1;
            let mut out: Vec<NameView> = Vec::new();
            for (depth, frame) in frames.iter().enumerate() {
                let from = match depth {
                    d if d == last => "estimate",
                    d if d < inner => "worksheet",
                    d if d == inner => "item",
                    _ => "parent",
                };
                let built_in = frame.built_in.iter().map(|(n, _)| (*n, "built-in"));
                let defined = frame
                    .variables
                    .iter()
                    .map(|v| &*v.name)
                    .chain(frame.blocks.iter().map(|b| &*b.name))
                    .chain(frame.numbers.iter().map(|(n, _)| &**n));
                for (name, from) in built_in.chain(defined.map(|n| (n, from))) {
                    if !out.iter().any(|o| o.name == name) {
                        let value = scope.resolve(name, 0, 0).ok();
                        out.push(NameView { name: name.to_owned(), value, from });
                    }
                }
            }
            out
        });
        Some(list)
    }

    /// What `text` would come to in the worksheet of `id`, or on the estimate.
    pub fn check_formula(&self, id: Option<ItemId>, text: &str) -> FormulaCheck {
        let formula = match Formula::parse(text) {
            Ok(formula) => formula,
            Err(error) => return FormulaCheck { names: Vec::new(), value: Err(error) },
        };
        let names = formula.names().map(str::to_owned).collect();
        let slot = id.and_then(|id| self.item_slot(id)).unwrap_or(super::ROOT);
        let item = id.and_then(|id| self.node(id.0)).and_then(|n| n.item());
        let quantity = item.map(|item| cost_quantity(item, self.quantity_at(slot)));
        let sheet = self.at(slot).sheet.as_deref();
        let value = self.with_scope(slot, quantity, sheet, |scope, _| scope.value(&formula));
        FormulaCheck { names, value }
    }
}

/// The line's sum in words, with the inputs as typed.
fn working(line: &Line, quantity: Qty) -> String {
    let plain = |d: Decimal| d.normalize().to_string();
    let q = plain(quantity.to_decimal());
    let input = |f: &Formula| match f.as_number() {
        Some(number) => plain(number),
        None => format!("({})", f.text()),
    };
    let waste = |line: &Line| {
        line.method
            .waste()
            .map_or_else(String::new, |w| format!(" × (1 + {} %)", plain(w.to_decimal())))
    };
    let converted = |factor: Factor| format!(" × {}", plain(factor.to_decimal()));
    let mut text = match &line.method {
        Method::Time { count, production, efficiency, .. } => {
            format!("{} × {q} ÷ ({} × {})", input(count), input(production), input(efficiency))
        }
        Method::Norm { count, hours, efficiency, .. } => {
            format!("{} × {q} × {} ÷ {}", input(count), input(hours), input(efficiency))
        }
        Method::Fixed { quantity, .. } => format!("{}{}", input(quantity), waste(line)),
        Method::Usage { usage, .. } => format!("{q} × {}{}", input(usage), waste(line)),
        Method::Subcontract => q,
        Method::Lump { amount } => amount.to_string(),
        Method::PercentOf { percent, of } => {
            let types: Vec<&str> = of.iter().map(|t| t.name()).collect();
            format!("{} % of {}", plain(percent.to_decimal()), types.join(", "))
        }
    };
    text.extend(line.conversion().map(converted));
    if let Some(pack) = line.method.pack() {
        text.push_str(&format!(", in packs of {}", plain(pack.to_decimal())));
    }
    if let Some(minimum) = line.method.minimum() {
        text.push_str(&format!(", at least {}", plain(minimum.to_decimal())));
    }
    if matches!(line.source, Source::Recipe(_)) {
        text.push_str(" of the recipe");
    }
    text
}
