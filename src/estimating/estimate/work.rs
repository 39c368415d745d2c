//! One command in progress: what it has changed so far, and what must be worked out for it.

use super::{
    Slot,
    prove::{Few, Proof},
};
use crate::estimating::{
    acknowledgement::{Acknowledgement, Matter},
    catalogue::Catalogue,
    commercials::Commercials,
    content::Content,
    heading::Heading,
    id::ItemId,
    item::Item,
    number::Money,
    quotes::{Adjudication, Package, PackageId, Quote, QuoteId},
    rules::Violation,
    tender::EstimateRow,
    worksheet::Worksheet,
};
use std::sync::Arc;
use uuid::Uuid;

/// Rows a [`Touched`] lists before it says "reload" instead.
pub const TOUCHED_ROWS_MAX: usize = 500;
/// Violations one refusal lists; the rest would only repeat them.
pub const VIOLATIONS_MAX: usize = 100;

/// What followers need to know of a change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    /// Rows whose own fields or figures changed, ancestors included, at most
    /// [`TOUCHED_ROWS_MAX`].
    pub rows: Vec<Uuid>,
    /// Rows that are gone.
    pub removed: Vec<Uuid>,
    /// Order, nesting or number of rows changed: windows must be read again.
    pub structure: bool,
    /// Too many rows changed to list them.
    pub reload: bool,
    /// Items whose worksheet's lines or figures changed.
    pub worksheets: Vec<ItemId>,
}

/// A row as it was before the command, kept the first time it changes.
pub(super) enum Before {
    Estimate(Arc<EstimateRow>),
    Heading(Uuid, Option<Arc<Heading>>),
    Item(Uuid, Option<Arc<Item>>),
    Sheet(Uuid, Option<Arc<Worksheet>>),
    Commercials(Arc<Commercials>),
    Content(Arc<Content>),
    Package(PackageId, Option<Arc<Package>>),
    Round((PackageId, u32), Option<Arc<Adjudication>>),
    Quote(QuoteId, Option<Arc<Quote>>),
    Acknowledgement(Matter, Uuid, Option<Arc<Acknowledgement>>),
}

impl Before {
    /// Whether it is an item or a worksheet: its costs may change, the rest of the price stands.
    pub(super) fn is_item(&self) -> bool {
        matches!(self, Before::Item(..) | Before::Sheet(..))
    }
}

/// Which table a row is in.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Table {
    Estimate,
    Node,
    Sheet,
    Commercials,
    Content,
    Package,
    Round,
    Quote,
    Acknowledgement(Matter),
}

/// What a command does to one row.
#[derive(Default)]
pub(super) struct Mark {
    /// The edit that makes it be worked out anew, and its rules be checked.
    pub(super) dirty: Option<usize>,
    /// Its fields or figures change.
    pub(super) changed: bool,
    /// Lines or figures of its worksheet change.
    pub(super) sheet: bool,
    /// What its lines came to, once it was worked out.
    pub(super) proof: Option<Proof>,
}

/// One command in progress.
pub(crate) struct Work<'a> {
    /// Resources, recipes and units.
    pub catalogue: &'a Catalogue,
    /// Index of the edit in hand, for messages.
    pub edit: usize,
    pub(super) before: Vec<Before>,
    seen: Few<(Table, Uuid), ()>,
    pub(super) marks: Few<Slot, Mark>,
    /// Slots that changed and those above them, once the command is proved.
    pub(super) above: Vec<Slot>,
    pub(super) removed: Vec<Uuid>,
    pub(super) structure: bool,
    /// The estimate's variables changed.
    pub(super) variables: bool,
    /// Rules, terms or rate locks changed: the price must hold.
    pub prices: bool,
    /// Packages or their states changed: no member is in two of them.
    pub scopes: bool,
    /// Packages taken over: their quoted items, and what those cost together from now on.
    pub transfers: Vec<(PackageId, Vec<ItemId>, Money)>,
    /// An option group may have changed.
    pub options: bool,
    /// A sum a percentage item may link to has changed.
    pub client_sums: bool,
    pub(super) violations: Vec<Violation>,
}

impl<'a> Work<'a> {
    /// Nothing done yet.
    pub fn new(catalogue: &'a Catalogue) -> Self {
        Work {
            catalogue,
            edit: 0,
            before: Vec::new(),
            seen: Few::default(),
            marks: Few::default(),
            above: Vec::new(),
            removed: Vec::new(),
            structure: false,
            variables: false,
            prices: false,
            scopes: false,
            transfers: Vec::new(),
            options: false,
            client_sums: false,
            violations: Vec::new(),
        }
    }

    /// Notes that a rule is broken; the command will be refused.
    pub fn violate(&mut self, mut violation: Violation, edit: usize) {
        violation.edit.get_or_insert(edit);
        if self.violations.len() < VIOLATIONS_MAX {
            self.violations.push(violation);
        }
    }

    pub(super) fn keep(&mut self, table: Table, id: Uuid, before: impl FnOnce() -> Before) {
        if self.seen.insert((table, id), ()).is_none() {
            self.before.push(before());
        }
    }

    /// The marks of a slot, to be added to.
    pub(super) fn mark(&mut self, slot: Slot) -> &mut Mark {
        self.marks.entry(slot).or_default()
    }

    /// Slots whose own rows or worksheets changed, with the edit that did it.
    pub fn dirty(&self) -> impl Iterator<Item = (Slot, usize)> {
        self.marks.iter().filter_map(|(slot, mark)| Some((*slot, mark.dirty?)))
    }

    /// Slots whose rows or figures changed.
    pub(super) fn changed(&self) -> impl Iterator<Item = Slot> {
        self.marks.iter().filter(|(_, mark)| mark.changed).map(|(slot, _)| *slot)
    }

    /// Slots whose worksheets, or the figures in them, changed.
    pub(super) fn sheets(&self) -> impl Iterator<Item = Slot> {
        self.marks.iter().filter(|(_, mark)| mark.sheet).map(|(slot, _)| *slot)
    }

    /// The slot is not worked out any more.
    pub(super) fn unmark_dirty(&mut self, slot: Slot) {
        if let Some(mark) = self.marks.get_mut(&slot) {
            mark.dirty = None;
        }
    }

    /// Rows changed so far.
    pub fn changes(&self) -> usize {
        self.before.len()
    }
}
