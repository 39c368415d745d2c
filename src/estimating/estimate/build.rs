//! An estimate from its rows, and the proof that the live figures equal a fresh computation.

use super::{
    Calc, Estimate, Node, NodeRow, ROOT, Slot, arena::Flags, identities::Table, link::link,
    nodes::DETACHED,
};
use crate::estimating::commercials::KeptPrice;
use crate::estimating::{
    acknowledgement::Acknowledgements,
    build_up::{Frame, Scope},
    catalogue::Catalogue,
    commercials::Commercials,
    content::Content,
    formula::{FormulaError, Steps},
    heading::Heading,
    item::Item,
    limits::NODES_MAX,
    tender::EstimateRow,
    worksheet::{Variable, Worksheet},
};
use rust_decimal::Decimal;
use std::sync::Arc;
use uuid::Uuid;

/// Why rows do not make an estimate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// A row hangs under one that is not there (BR-015).
    #[error("row {row} hangs under {parent}, which is not in the estimate")]
    NoParent {
        /// The row.
        row: Uuid,
        /// What it names as its parent.
        parent: Uuid,
    },
    /// Rows hang under each other in a circle (BR-014).
    #[error("{rows} rows hang under each other and not under the estimate")]
    Circle {
        /// How many rows cannot be reached from the top.
        rows: usize,
    },
    /// A worksheet belongs to no item (BR-031).
    #[error("the worksheet of {item} belongs to no item of the estimate")]
    NoOwner {
        /// What it names as its item.
        item: Uuid,
    },
    /// Two rows have one identity.
    #[error("two rows have the identity {id}")]
    Twice {
        /// The identity.
        id: Uuid,
    },
    /// The estimate is larger than [`NODES_MAX`].
    #[error("the estimate has more than {NODES_MAX} rows")]
    TooLarge,
}

/// Where live figures differ from recomputed ones (BR-016): never, unless there is a bug.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("figures of {id} differ: live {live:?}, recomputed {fresh:?}")]
pub struct Mismatch {
    /// The row; nil for the estimate itself.
    pub id: Uuid,
    /// Figures kept live.
    pub live: Box<Calc>,
    /// Figures worked out anew.
    pub fresh: Box<Calc>,
}

impl Estimate {
    /// An estimate from its rows, in any order. O(rows + lines).
    ///
    /// An item whose build-up has no value (which no accepted edit leaves behind) counts as
    /// unpriced and carries the fault in its checks; the rest of the estimate stands.
    ///
    /// # Errors
    /// Rows that do not form a tree.
    pub fn build(
        row: EstimateRow,
        headings: Vec<Heading>,
        items: Vec<Item>,
        worksheets: Vec<Worksheet>,
        catalogue: &Catalogue,
    ) -> Result<Estimate, BuildError> {
        let rows = headings
            .into_iter()
            .map(|h| NodeRow::Heading(Arc::new(h)))
            .chain(items.into_iter().map(|i| NodeRow::Item(Arc::new(i))));
        let sheets = worksheets.into_iter().map(Arc::new);
        Self::from_rows(Arc::new(row), rows, sheets, catalogue)
    }

    fn from_rows(
        row: Arc<EstimateRow>,
        rows: impl Iterator<Item = NodeRow>,
        sheets: impl Iterator<Item = Arc<Worksheet>>,
        catalogue: &Catalogue,
    ) -> Result<Estimate, BuildError> {
        let mut nodes = vec![Node::FREE];
        nodes.extend(rows.map(|row| Node { row, sheet: None, children: None }));
        if nodes.len() > NODES_MAX {
            return Err(BuildError::TooLarge);
        }
        let mut index = Table::with_capacity_and_hasher(nodes.len(), Default::default());
        for (slot, node) in nodes.iter().enumerate().skip(1) {
            let id = node.row.id().unwrap_or_default();
            if index.insert(id, slot as Slot).is_some() {
                return Err(BuildError::Twice { id });
            }
        }
        for sheet in sheets {
            let item = sheet.item.0;
            let owner = index.get(&item).and_then(|s| nodes.get_mut(*s as usize));
            match owner {
                Some(node) if matches!(node.row, NodeRow::Item(_)) => node.sheet = Some(sheet),
                Some(_) | None => return Err(BuildError::NoOwner { item }),
            }
        }
        let mut calc = vec![Calc { parent: DETACHED, ..Calc::default() }; nodes.len()];
        let order = link(&mut nodes, &mut calc, &index)?;
        let variables =
            resolve_variables(&row.variables).map_err(|(_, e)| e).unwrap_or_default().into();
        let commercials = Arc::new(Commercials::none(row.id, row.stamp));
        let content = Arc::new(Content::none(row.id, row.stamp));
        let mut estimate = Estimate {
            commercials,
            content,
            acknowledgements: Acknowledgements::default(),
            row,
            nodes: nodes.into(),
            calc: calc.clone().into(),
            index: index.into(),
            free: imbl::Vector::new(),
            was: None,
            variables,
            packages: crate::estimating::quotes::Packages::default(),
            uses: None,
            price: KeptPrice::default(),
        };
        estimate.evaluate_all(calc, &order, catalogue);
        Ok(estimate)
    }

    /// Works every figure out anew from the rows and compares it with the live one (BR-016).
    ///
    /// # Errors
    /// The first row whose figures differ.
    pub fn recompute(&self, catalogue: &Catalogue) -> Result<(), Mismatch> {
        let rows: Vec<Slot> = self.subtree(ROOT);
        let nodes = rows.iter().skip(1).map(|s| self.at(*s).row.clone());
        let sheets = rows.iter().filter_map(|s| self.at(*s).sheet.clone());
        let fresh = Self::from_rows(self.row.clone(), nodes, sheets, catalogue);
        let mismatch = |id, live: &Calc, fresh: Calc| Mismatch {
            id,
            live: Box::new(*live),
            fresh: Box::new(fresh),
        };
        let Ok(fresh) = fresh else {
            return Err(mismatch(Uuid::nil(), self.calc(ROOT), Calc::default()));
        };
        for slot in rows {
            let id = self.at(slot).row.id();
            let other = id.map_or(Some(ROOT), |id| fresh.slot(id));
            let live = self.calc(slot);
            let fresh_calc = other.map(|s| *fresh.calc(s)).unwrap_or_default();
            let same_parent = live.parent == DETACHED
                || other.is_some_and(|s| {
                    self.at(live.parent).row.id() == fresh.at(fresh.calc(s).parent).row.id()
                });
            if !same_parent || (Calc { parent: live.parent, ..fresh_calc }) != *live {
                return Err(mismatch(id.unwrap_or_default(), live, fresh_calc));
            }
        }
        Ok(())
    }
}

impl Calc {
    /// The figures of an item that cannot be worked out: no cost of its own, unpriced.
    pub(super) fn with_fault(self, item: &Item) -> Calc {
        let none = super::evaluate::ItemValue {
            quantity: Default::default(),
            own: Default::default(),
            content: true,
            priced: false,
        };
        let mut calc = self.with_item(item, &none);
        calc.flags = calc.flags.with(Flags::FAULT, true);
        calc
    }
}

/// A variable without a value, and why.
pub(super) type NoValue = (Box<str>, FormulaError);

/// The values of an estimate's variables, each worked out once.
///
/// # Errors
/// The name and error of the first that has no value.
pub(super) fn resolve_variables(
    variables: &[Variable],
) -> Result<Vec<(Box<str>, Decimal)>, NoValue> {
    let frames = [Frame { variables, ..Frame::default() }];
    let steps = Steps::new();
    let mut scope = Scope::new(&frames, &steps);
    variables
        .iter()
        .map(|v| {
            let value = scope.resolve(&v.name, 0, 0).map_err(|e| (v.name.clone(), e))?;
            Ok((v.name.clone(), value))
        })
        .collect()
}
