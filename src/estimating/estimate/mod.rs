//! One estimate in memory: the tree, its worksheets, and every figure derived from them, kept
//! live edit by edit.
//!
//! Rows are the inputs; quantities, costs, statuses and totals are worked out here and stored
//! nowhere. A change re-evaluates the rows it touches and carries the difference up the
//! ancestors: O(depth) whatever the size of the estimate. A clone costs O(1), so a command runs
//! on a clone that is dropped when a rule refuses it.

mod apply;
mod arena;
mod ask;
mod broken;
mod build;
mod by_category;
mod checks;
mod evaluate;
mod expiry;
mod filtered;
mod finish;
mod identities;
mod index;
mod link;
mod nodes;
mod packages;
mod pages;
mod prove;
mod repriced;
mod search;
mod settle;
mod sheet_view;
mod texts;
mod units;
mod unused;
mod unusual;
mod usage;
mod validate;
mod view;
mod work;

pub use arena::{Calc, Node, NodeRow, ROOT, Slot, Status};
pub use build::{BuildError, Mismatch};
pub use by_category::CategorySum;
pub use checks::{Check, CheckCounts, CheckFound, CheckSeverity};
pub use expiry::ExpiringRate;
pub use repriced::{RepricePreview, RepricedCost};
pub use search::{Found, Search};
pub use sheet_view::{FormulaCheck, LineView, NameView, SheetView, ValueView};
pub use usage::ResourceUse;
pub use view::{NodeView, View, Window};
pub use work::Touched;

pub(crate) use broken::{label, violation};
pub(crate) use work::Work;

use super::{
    acknowledgement::Acknowledgements,
    commercials::{Commercials, KeptPrice},
    content::Content,
    cost::CostSums,
    id::ItemId,
    number::Money,
    quotes::Packages,
    tender::EstimateRow,
};
use identities::Identities;
use index::UseIndex;
use pages::Pages;
use prove::Was;
use rust_decimal::Decimal;
use std::sync::Arc;
use uuid::Uuid;

/// One estimate, live. Cloning costs O(1).
#[derive(Clone)]
pub struct Estimate {
    row: Arc<EstimateRow>,
    commercials: Arc<Commercials>,
    content: Arc<Content>,
    packages: Packages,
    acknowledgements: Acknowledgements,
    nodes: Pages<Node>,
    calc: Pages<Calc>,
    index: Identities,
    free: imbl::Vector<Slot>,
    /// Figures before the command in progress, for its proof.
    was: Option<Was>,
    /// Values of the estimate's variables.
    variables: Arc<[(Box<str>, Decimal)]>,
    /// Who uses what; made when first needed, kept from then on.
    uses: Option<UseIndex>,
    price: KeptPrice,
}

/// Totals of an estimate (domain 2.6). Money excludes GST.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Direct cost.
    pub direct: Money,
    /// Indirect and risk cost.
    pub indirect: Money,
    /// Direct and indirect cost by type.
    pub by_type: CostSums,
    /// Client's provisional and prime-cost sums, in neither of the two.
    pub provisional: Money,
    /// Headings.
    pub headings: u32,
    /// Cost-bearing items under headings.
    pub items: u32,
    /// Of those, without a price.
    pub unpriced: u32,
    /// Of those, on a plug.
    pub plugged: u32,
    /// Of those, reviewed.
    pub reviewed: u32,
    /// Every row: headings, items and sub-items.
    pub rows: u32,
}

impl Totals {
    /// Direct and indirect cost together.
    pub fn total(&self) -> Money {
        self.by_type.total()
    }
}

impl Estimate {
    /// The estimate's own row.
    pub fn row(&self) -> &Arc<EstimateRow> {
        &self.row
    }

    /// Rules and terms of the price; none of either where nobody has set any.
    pub fn commercials(&self) -> &Arc<Commercials> {
        &self.commercials
    }

    /// Packages put to the market, with their rounds and quotes.
    pub fn packages(&self) -> &Packages {
        &self.packages
    }

    /// The same estimate with its packages, as they were stored.
    #[must_use]
    pub fn with_packages(mut self, packages: Packages) -> Estimate {
        self.packages = packages;
        self
    }

    /// The same estimate with its commercials, as they were stored.
    #[must_use]
    pub fn with_commercials(mut self, commercials: Commercials) -> Estimate {
        self.commercials = Arc::new(commercials);
        self.price.moved_on(None);
        self
    }

    /// The content blocks; none where nobody has written any.
    pub fn content(&self) -> &Arc<Content> {
        &self.content
    }

    /// The same estimate with its content blocks, as they were stored.
    #[must_use]
    pub fn with_content(mut self, content: Content) -> Estimate {
        self.content = Arc::new(content);
        self
    }

    pub(in crate::estimating) fn kept_price(&self) -> &KeptPrice {
        &self.price
    }

    /// What a Lead has accepted of it, by rule and row; see
    /// [`Estimate::accepts`](Self::accepts) for whether it still holds.
    pub fn acknowledgements(&self) -> &Acknowledgements {
        &self.acknowledgements
    }

    /// The same estimate with its acknowledgements, as they were stored.
    #[must_use]
    pub fn with_acknowledgements(mut self, all: Acknowledgements) -> Estimate {
        self.acknowledgements = all;
        self
    }

    /// The totals, as of the last edit. O(1).
    pub fn totals(&self) -> Totals {
        let root = self.calc(ROOT);
        let mut by_type = root.cost;
        by_type += root.other;
        Totals {
            direct: root.cost.total(),
            indirect: root.other.total(),
            by_type,
            provisional: super::cost::bounded(root.provisional),
            headings: root.headings,
            items: root.items,
            unpriced: root.unpriced,
            plugged: root.plugged,
            reviewed: root.reviewed,
            rows: root.rows,
        }
    }

    /// Rows in the tree.
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// Whether the tree has no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Roughly how much memory the estimate takes, in bytes: rows with three plain lines each.
    pub fn bytes(&self) -> usize {
        const BYTES_PER_ROW: usize = 1_000;
        4_096 + self.len() * BYTES_PER_ROW
    }

    /// The slot of a heading or item.
    pub fn slot(&self, id: Uuid) -> Option<Slot> {
        self.index.get(id)
    }

    /// The slot of an item.
    pub fn item_slot(&self, id: ItemId) -> Option<Slot> {
        let slot = self.slot(id.0)?;
        matches!(self.at(slot).row, NodeRow::Item(_)).then_some(slot)
    }

    /// The item in `slot`, where there is one.
    pub fn item_at(&self, slot: Slot) -> Option<ItemId> {
        match &self.nodes.get(slot as usize)?.row {
            NodeRow::Item(item) => Some(item.id),
            NodeRow::Heading(_) | NodeRow::None => None,
        }
    }

    /// The node in `slot`, which must come from this estimate.
    pub(crate) fn at(&self, slot: Slot) -> &Node {
        self.nodes.get(slot as usize).expect("a slot of this estimate")
    }

    /// The figures of `slot`, which must come from this estimate.
    pub fn calc(&self, slot: Slot) -> &Calc {
        self.calc.get(slot as usize).expect("a slot of this estimate")
    }

    pub(crate) fn calc_mut(&mut self, slot: Slot) -> &mut Calc {
        let calc = self.calc.get_mut(slot as usize).expect("a slot of this estimate");
        if let Some(was) = &mut self.was {
            was.note(slot, calc);
        }
        calc
    }

    pub(crate) fn node_mut(&mut self, slot: Slot) -> &mut Node {
        self.nodes.get_mut(slot as usize).expect("a slot of this estimate")
    }

    /// Values of the estimate's variables.
    pub fn variables(&self) -> &[(Box<str>, Decimal)] {
        &self.variables
    }

    /// Slots of the subtree under `slot`, itself first, in display order.
    pub(crate) fn subtree(&self, slot: Slot) -> Vec<Slot> {
        let mut out = Vec::new();
        let mut open = vec![slot];
        while let Some(slot) = open.pop() {
            out.push(slot);
            open.extend(self.at(slot).children().iter().rev());
        }
        out
    }
}

impl std::fmt::Debug for Estimate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Estimate").field("id", &self.row.id).field("rows", &self.len()).finish()
    }
}
