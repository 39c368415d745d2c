//! The tree in memory: slots in persistent vectors, so that a clone costs O(1) and an edit copies
//! only the pages it touches.

use crate::estimating::{
    cost::CostSums, heading::Heading, item::Item, position::Position, worksheet::Worksheet,
};
use std::{
    hash::{BuildHasherDefault, Hasher},
    sync::Arc,
};
use uuid::Uuid;

/// Place of a node in the arena. Slot 0 is the estimate itself.
pub type Slot = u32;

/// The estimate's own slot.
pub const ROOT: Slot = 0;

/// A row of the tree.
#[derive(Clone, Debug, Default)]
pub enum NodeRow {
    /// The estimate itself, or a slot nobody uses.
    #[default]
    None,
    /// A heading.
    Heading(Arc<Heading>),
    /// An item or sub-item.
    Item(Arc<Item>),
}

impl NodeRow {
    /// The row's identity.
    pub fn id(&self) -> Option<Uuid> {
        match self {
            NodeRow::None => None,
            NodeRow::Heading(h) => Some(h.id.0),
            NodeRow::Item(i) => Some(i.id.0),
        }
    }
    /// The row's place among its siblings.
    pub fn position(&self) -> Option<&Position> {
        match self {
            NodeRow::None => None,
            NodeRow::Heading(h) => Some(&h.position),
            NodeRow::Item(i) => Some(&i.position),
        }
    }
}

/// A node: its row, its worksheet and its children in order.
#[derive(Clone, Debug, Default)]
pub struct Node {
    /// The row.
    pub row: NodeRow,
    /// The item's worksheet.
    pub sheet: Option<Arc<Worksheet>>,
    /// Children in display order; none rather than empty.
    pub children: Option<Arc<Vec<Slot>>>,
}

impl Node {
    /// The unused node.
    pub const FREE: Node = Node { row: NodeRow::None, sheet: None, children: None };

    /// The children in display order.
    pub fn children(&self) -> &[Slot] {
        self.children.as_ref().map_or(&[], |c| c.as_slice())
    }
}

/// Derived figures of a node, kept live by differences.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Calc {
    /// Heading: direct cost below it. Item: its own cost and that of its counted sub-items.
    pub cost: CostSums,
    /// Heading: indirect cost below it. Item: its own part, by plug or worksheet.
    pub other: CostSums,
    /// Client's provisional and prime-cost sums below a heading, or of the item, in cents.
    pub provisional: i64,
    /// Item: quantity in units of 0.0001; zero where it has none.
    pub quantity: i64,
    /// Parent slot.
    pub parent: Slot,
    /// Rows below.
    pub rows: u32,
    /// Headings below.
    pub headings: u32,
    /// Heading: cost-bearing items directly under it or its sub-headings. Item: counted sub-items.
    pub items: u32,
    /// Of those, how many have no price.
    pub unpriced: u32,
    /// Of those, how many rest on a plug.
    pub plugged: u32,
    /// Of those, how many a person has reviewed.
    pub reviewed: u32,
    /// Depth in the tree: 1 for a top heading.
    pub depth: u8,
    /// What the node is and how it counts.
    pub flags: Flags,
}

/// What a node is and how it counts, in one word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags(u16);

impl Flags {
    /// The node is an item.
    pub const ITEM: Flags = Flags(1);
    /// The item is under another item.
    pub const SUB_ITEM: Flags = Flags(1 << 1);
    /// The item's cost enters the totals above it.
    pub const COUNTED: Flags = Flags(1 << 2);
    /// The item's cost is indirect.
    pub const INDIRECT: Flags = Flags(1 << 3);
    /// The item bears cost and is wanted: its price state is counted.
    pub const BEARING: Flags = Flags(1 << 4);
    /// The item's own part has a price.
    pub const OWN_PRICED: Flags = Flags(1 << 5);
    /// The item has a plug, or lines, of its own.
    pub const OWN_CONTENT: Flags = Flags(1 << 6);
    /// The item's own part is a plug.
    pub const OWN_PLUG: Flags = Flags(1 << 7);
    /// A person has reviewed the item.
    pub const REVIEWED: Flags = Flags(1 << 8);
    /// The item could not be worked out.
    pub const FAULT: Flags = Flags(1 << 9);

    /// Whether all of `other` is set.
    pub const fn has(self, other: Flags) -> bool {
        self.0 & other.0 == other.0
    }
    /// With `other` set or not.
    pub const fn with(self, other: Flags, on: bool) -> Flags {
        if on { Flags(self.0 | other.0) } else { Flags(self.0 & !other.0) }
    }
}

/// Price state of an item: derived, except that a person may mark it reviewed (BR-024).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Something it needs has no rate, or it has no content at all (BR-041).
    Unpriced,
    /// Its cost, or a sub-item's, rests on a plug.
    Plugged,
    /// Built up and priced.
    Priced,
    /// Checked by a person.
    Reviewed,
}

impl Calc {
    /// The item's price state; none for headings and items that bear no cost.
    pub fn status(&self) -> Option<Status> {
        if !self.flags.has(Flags::ITEM) || !self.flags.has(Flags::BEARING) {
            return None;
        }
        let content = self.flags.has(Flags::OWN_CONTENT) || self.items > 0;
        let own_missing = self.flags.has(Flags::OWN_CONTENT) && !self.flags.has(Flags::OWN_PRICED);
        Some(if !content || own_missing || self.unpriced > 0 || self.flags.has(Flags::FAULT) {
            Status::Unpriced
        } else if self.flags.has(Flags::REVIEWED) {
            Status::Reviewed
        } else if self.flags.has(Flags::OWN_PLUG) || self.plugged > 0 {
            Status::Plugged
        } else {
            Status::Priced
        })
    }

    /// What the node adds to its parent.
    pub fn contribution(&self) -> Contribution {
        let rows = self.rows + 1;
        if !self.flags.has(Flags::ITEM) {
            return Contribution {
                direct: self.cost,
                indirect: self.other,
                provisional: self.provisional,
                rows: i64::from(rows),
                headings: i64::from(self.headings) + 1,
                items: i64::from(self.items),
                unpriced: i64::from(self.unpriced),
                plugged: i64::from(self.plugged),
                reviewed: i64::from(self.reviewed),
            };
        }
        let counted = self.flags.has(Flags::COUNTED);
        let indirect = self.flags.has(Flags::INDIRECT) && !self.flags.has(Flags::SUB_ITEM);
        let status = self.status();
        let one = |s: Status| i64::from(status == Some(s));
        Contribution {
            direct: if counted && !indirect { self.cost } else { CostSums::ZERO },
            indirect: if counted && indirect { self.cost } else { CostSums::ZERO },
            provisional: self.provisional,
            rows: i64::from(rows),
            headings: 0,
            items: i64::from(status.is_some()),
            unpriced: one(Status::Unpriced),
            plugged: one(Status::Plugged),
            reviewed: one(Status::Reviewed),
        }
    }

    /// Takes in a difference from a child.
    pub fn absorb(&mut self, d: &Contribution) {
        let item = self.flags.has(Flags::ITEM);
        self.cost += d.direct;
        if item {
            self.cost += d.indirect;
        } else {
            self.other += d.indirect;
            self.provisional += d.provisional;
        }
        let add = |n: &mut u32, d: i64| *n = (i64::from(*n) + d) as u32;
        add(&mut self.rows, d.rows);
        add(&mut self.headings, d.headings);
        add(&mut self.items, d.items);
        add(&mut self.unpriced, d.unpriced);
        add(&mut self.plugged, d.plugged);
        add(&mut self.reviewed, d.reviewed);
    }
}

/// What a node adds to its parent, or a difference of two such.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Contribution {
    /// Direct cost by type.
    pub direct: CostSums,
    /// Indirect cost by type.
    pub indirect: CostSums,
    /// Client's sums, in cents.
    pub provisional: i64,
    /// Rows, itself included.
    pub rows: i64,
    /// Headings, itself included.
    pub headings: i64,
    /// Cost-bearing items.
    pub items: i64,
    /// Items without a price.
    pub unpriced: i64,
    /// Items on a plug.
    pub plugged: i64,
    /// Items reviewed.
    pub reviewed: i64,
}

impl Contribution {
    /// Whether nothing differs.
    pub fn is_none(&self) -> bool {
        *self == Contribution::default()
    }
}

macro_rules! by_parts {
    ($operator:ident, $method:ident, $with:tt) => {
        impl std::ops::$operator for Contribution {
            fn $method(&mut self, other: Contribution) {
                self.direct $with other.direct;
                self.indirect $with other.indirect;
                self.provisional $with other.provisional;
                self.rows $with other.rows;
                self.headings $with other.headings;
                self.items $with other.items;
                self.unpriced $with other.unpriced;
                self.plugged $with other.plugged;
                self.reviewed $with other.reviewed;
            }
        }
    };
}
by_parts!(AddAssign, add_assign, +=);
by_parts!(SubAssign, sub_assign, -=);

impl std::ops::Sub for Contribution {
    type Output = Contribution;
    fn sub(mut self, other: Contribution) -> Contribution {
        self -= other;
        self
    }
}

/// Hashes identities by their own random bits: UUIDv7 needs no stirring.
#[derive(Clone, Copy, Default)]
pub struct IdHasher(u64);

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.0 = (self.0.rotate_left(29) ^ u64::from_le_bytes(word))
                .wrapping_mul(0x9e37_79b9_7f4a_7c15);
        }
    }
}

/// Makes an [`IdHasher`].
pub type IdState = BuildHasherDefault<IdHasher>;

/// A persistent map keyed by identity.
pub type IdMap<K, V> = imbl::GenericHashMap<K, V, IdState, imbl::shared_ptr::DefaultSharedPtr>;
