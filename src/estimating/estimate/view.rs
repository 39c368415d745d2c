//! Slices of the tree in display order, so that an estimate of any size is read a window at a
//! time.

use super::{
    Calc, Estimate, NodeRow, ROOT, Slot, Status, arena::Flags, checks::is_diverged,
    evaluate::cost_quantity,
};
use crate::estimating::{
    catalogue::Catalogue,
    heading::Heading,
    item::Item,
    number::{Money, Qty, Rate, cost_rate},
    worksheet::Worksheet,
};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// Which rows are folded: a node with children is open when its depth is below `expand_level`,
/// the other way round for those in `toggled`.
#[derive(Clone, Debug)]
pub struct View {
    /// Nodes shallower than this are open.
    pub expand_level: u8,
    /// Nodes that are the other way round.
    pub toggled: HashSet<Uuid>,
}

impl Default for View {
    /// Everything open.
    fn default() -> Self {
        View { expand_level: u8::MAX, toggled: HashSet::new() }
    }
}

/// One row as readers see it.
#[derive(Clone, Copy)]
pub struct NodeView<'a> {
    /// Its slot.
    pub slot: Slot,
    /// The row.
    pub row: &'a NodeRow,
    /// Its figures.
    pub calc: &'a Calc,
    /// Its worksheet.
    pub sheet: Option<&'a Worksheet>,
    /// Children directly below.
    pub child_count: usize,
    /// Whether the children show in the view asked for.
    pub open: bool,
}

impl<'a> NodeView<'a> {
    /// Identity.
    pub fn id(&self) -> Uuid {
        self.row.id().unwrap_or_default()
    }
    /// The heading, where it is one.
    pub fn heading(&self) -> Option<&'a Heading> {
        match self.row {
            NodeRow::Heading(h) => Some(h),
            NodeRow::Item(_) | NodeRow::None => None,
        }
    }
    /// The item, where it is one.
    pub fn item(&self) -> Option<&'a Item> {
        match self.row {
            NodeRow::Item(i) => Some(i),
            NodeRow::Heading(_) | NodeRow::None => None,
        }
    }
    /// Parent's identity; none at the top.
    pub fn parent(&self) -> Option<Uuid> {
        match self.row {
            NodeRow::None => None,
            NodeRow::Heading(h) => h.parent.map(|p| p.0),
            NodeRow::Item(i) => Some(i.parent.uuid()),
        }
    }
    /// Total cost: direct and indirect of a heading, own and sub-items' of an item.
    pub fn cost(&self) -> Money {
        let mut sums = self.calc.cost;
        if self.heading().is_some() {
            sums += self.calc.other;
        }
        sums.total()
    }
    /// An item's quantity; none where it has none.
    pub fn quantity(&self) -> Option<Qty> {
        self.item()?.quantity.as_ref()?;
        Qty::from_units(self.calc.quantity)
    }
    /// The quantity an item's cost is built on.
    pub fn cost_quantity(&self) -> Option<Qty> {
        let item = self.item()?;
        Some(cost_quantity(item, Qty::from_units(self.calc.quantity)?))
    }
    /// Item cost ÷ quantity at R4; none where the item bears no cost or has no price at all.
    /// It is per unit of the client's quantity, or of the notional one of a rate-only item.
    pub fn cost_rate(&self) -> Option<Rate> {
        let item = self.item()?;
        let status = self.calc.status()?;
        if status == Status::Unpriced && self.calc.cost.is_zero() {
            return None;
        }
        let quantity = match self.quantity() {
            Some(q) if !q.is_zero() => q,
            Some(_) | None => cost_quantity(item, Qty::default()),
        };
        cost_rate(self.cost(), quantity)
    }
    /// The item's price state; none for headings and items that bear no cost.
    pub fn status(&self) -> Option<Status> {
        self.calc.status()
    }
    /// Whether the item could not be worked out.
    pub fn has_fault(&self) -> bool {
        self.calc.flags.has(Flags::FAULT)
    }
    /// Whether a line of its worksheet has a rate or recipe version that is no longer the current
    /// one. O(lines).
    pub fn is_diverged(&self, catalogue: &Catalogue) -> bool {
        self.sheet.is_some_and(|sheet| sheet.lines.iter().any(|l| is_diverged(l, catalogue)))
    }
    /// Whether the item's cost enters the totals above it.
    pub fn is_counted(&self) -> bool {
        self.calc.flags.has(Flags::COUNTED)
    }
}

/// A run of visible rows.
pub struct Window<'a> {
    /// Visible rows in the whole view.
    pub total: usize,
    /// The rows asked for.
    pub rows: Vec<NodeView<'a>>,
}

/// A view with what it takes to skip whole subtrees.
struct Skips<'a> {
    estimate: &'a Estimate,
    view: &'a View,
    /// Visible rows below nodes that have a toggled node at or below them.
    special: HashMap<Slot, usize>,
    depth_max: u8,
}

impl<'a> Skips<'a> {
    fn new(estimate: &'a Estimate, view: &'a View) -> Self {
        let mut skips =
            Skips { estimate, view, special: HashMap::new(), depth_max: view.expand_level };
        let mut marked: HashSet<Slot> = HashSet::new();
        for id in &view.toggled {
            let Some(mut slot) = estimate.slot(*id) else { continue };
            while marked.insert(slot) && slot != ROOT {
                slot = estimate.calc(slot).parent;
            }
        }
        let mut order: Vec<Slot> = marked.into_iter().collect();
        order.sort_unstable_by_key(|s| std::cmp::Reverse(estimate.calc(*s).depth));
        for slot in order {
            let below = skips.below(slot);
            skips.special.insert(slot, below);
        }
        skips
    }

    fn is_open(&self, slot: Slot) -> bool {
        if slot == ROOT {
            return true;
        }
        self.estimate.is_open_in(self.view, slot)
    }

    /// Visible rows below `slot`.
    fn below(&self, slot: Slot) -> usize {
        if let Some(known) = self.special.get(&slot) {
            return *known;
        }
        let calc = self.estimate.calc(slot);
        if calc.rows == 0 || !self.is_open(slot) {
            return 0;
        }
        let children = self.estimate.at(slot).children();
        if calc.rows as usize == children.len() {
            return children.len();
        }
        if self.depth_max == u8::MAX {
            return calc.rows as usize;
        }
        children.iter().map(|c| 1 + self.below(*c)).sum()
    }
}

impl Estimate {
    pub(super) fn view_of(&self, slot: Slot, open: bool) -> NodeView<'_> {
        let node = self.at(slot);
        NodeView {
            slot,
            row: &node.row,
            calc: self.calc(slot),
            sheet: node.sheet.as_deref(),
            child_count: node.children().len(),
            open,
        }
    }

    /// Whether the children of a row show in `view`.
    pub(super) fn is_open_in(&self, view: &View, slot: Slot) -> bool {
        let toggled = self.at(slot).row.id().is_some_and(|id| view.toggled.contains(&id));
        (self.calc(slot).depth < view.expand_level) != toggled
    }

    /// One row.
    pub fn node(&self, id: Uuid) -> Option<NodeView<'_>> {
        self.slot(id).map(|slot| self.view_of(slot, true))
    }

    /// The children of a row, or the top rows, in display order.
    pub fn children(&self, id: Option<Uuid>) -> Option<Vec<NodeView<'_>>> {
        let slot = id.map_or(Some(ROOT), |id| self.slot(id))?;
        Some(self.at(slot).children().iter().map(|c| self.view_of(*c, false)).collect())
    }

    /// The rows above `id`, from the top.
    pub fn ancestors(&self, id: Uuid) -> Vec<Uuid> {
        let mut out = Vec::new();
        let mut slot = self.slot(id).map_or(ROOT, |s| self.calc(s).parent);
        while slot != ROOT {
            out.extend(self.at(slot).row.id());
            slot = self.calc(slot).parent;
        }
        out.reverse();
        out
    }

    /// Every row in display order.
    pub fn rows(&self) -> impl Iterator<Item = NodeView<'_>> {
        let mut open: Vec<Slot> = self.at(ROOT).children().iter().rev().copied().collect();
        std::iter::from_fn(move || {
            let slot = open.pop()?;
            open.extend(self.at(slot).children().iter().rev());
            Some(self.view_of(slot, true))
        })
    }

    /// `limit` visible rows of `view` from the `offset`th. Whole subtrees before the window are
    /// skipped by their counts: O(window + siblings on the way).
    pub fn window(&self, view: &View, offset: usize, limit: usize) -> Window<'_> {
        let deep = self.clamp_level(view);
        let skips = Skips::new(self, &deep);
        let total = skips.below(ROOT);
        let mut rows = Vec::with_capacity(limit.min(total.saturating_sub(offset)));
        let mut skip = offset;
        self.collect(ROOT, &skips, &mut skip, limit, &mut rows);
        Window { total, rows }
    }

    /// A level deeper than the tree means "everything", which skips fastest.
    fn clamp_level(&self, view: &View) -> View {
        const DEEPEST: u8 = crate::estimating::limits::HEADING_DEPTH_MAX
            + crate::estimating::limits::SUB_ITEM_DEPTH_MAX
            + 1;
        let mut view = view.clone();
        if view.expand_level > DEEPEST {
            view.expand_level = u8::MAX;
        }
        view
    }

    fn collect<'a>(
        &'a self,
        slot: Slot,
        skips: &Skips<'_>,
        skip: &mut usize,
        limit: usize,
        rows: &mut Vec<NodeView<'a>>,
    ) {
        let children = self.at(slot).children();
        let flat = self.calc(slot).rows as usize == children.len();
        let first = if flat { (*skip).min(children.len()) } else { 0 };
        *skip -= first;
        for &child in children.iter().skip(first) {
            if rows.len() >= limit {
                return;
            }
            let below = skips.below(child);
            if *skip > below {
                *skip -= 1 + below;
                continue;
            }
            if *skip > 0 {
                *skip -= 1;
            } else {
                rows.push(self.view_of(child, skips.is_open(child)));
            }
            if below > 0 {
                self.collect(child, skips, skip, limit, rows);
            }
        }
    }

    /// Where `id` stands among the visible rows of `view`; none when a row above it is folded.
    pub fn locate(&self, id: Uuid, view: &View) -> Option<usize> {
        let deep = self.clamp_level(view);
        let skips = Skips::new(self, &deep);
        let mut slot = self.slot(id)?;
        let mut index = 0;
        while slot != ROOT {
            let parent = self.calc(slot).parent;
            if !skips.is_open(parent) {
                return None;
            }
            let before = self.at(parent).children().iter().take_while(|c| **c != slot);
            index += before.map(|c| 1 + skips.below(*c)).sum::<usize>();
            index += usize::from(parent != ROOT);
            slot = parent;
        }
        Some(index)
    }
}
