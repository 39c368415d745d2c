//! Which slot a row is in, by its identity.

use super::{
    Slot,
    arena::{IdMap, IdState},
};
use std::{collections::HashMap, sync::Arc};
use uuid::Uuid;

/// Rows that may come and go before the two parts are made one again, and as a share of the
/// rows there are.
const LOOSE_MIN: usize = 1_024;
const LOOSE_SHARE: usize = 8;

/// A plain table, as made in bulk.
pub(super) type Table = HashMap<Uuid, Slot, IdState>;

/// A table that is cheap to copy: a plain one that nobody changes, and what came and went since.
/// A lookup costs O(1), a change O(log n); from time to time a change makes a new plain table.
#[derive(Clone)]
pub(super) struct Identities {
    settled: Arc<Table>,
    /// Rows that came, and none for those that went.
    loose: IdMap<Uuid, Option<Slot>>,
    len: usize,
}

impl From<Table> for Identities {
    fn from(table: Table) -> Self {
        Identities { len: table.len(), settled: Arc::new(table), loose: IdMap::default() }
    }
}

impl Identities {
    /// Rows known.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The slot of a row.
    pub(super) fn get(&self, id: Uuid) -> Option<Slot> {
        if !self.loose.is_empty()
            && let Some(moved) = self.loose.get(&id)
        {
            return *moved;
        }
        self.settled.get(&id).copied()
    }

    /// Puts a row into a slot.
    pub(super) fn insert(&mut self, id: Uuid, slot: Slot) {
        self.set(id, Some(slot));
    }

    /// Forgets a row.
    pub(super) fn remove(&mut self, id: Uuid) {
        self.set(id, None);
    }

    fn set(&mut self, id: Uuid, slot: Option<Slot>) {
        self.len -= usize::from(self.get(id).is_some());
        self.len += usize::from(slot.is_some());
        self.loose.insert(id, slot);
        if self.loose.len() > LOOSE_MIN + self.settled.len() / LOOSE_SHARE {
            let mut table = Table::clone(&self.settled);
            for (id, slot) in std::mem::take(&mut self.loose) {
                match slot {
                    Some(slot) => table.insert(id, slot),
                    None => table.remove(&id),
                };
            }
            self.settled = Arc::new(table);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_a_table_and_clones_stay_as_they_were(
            start in 0_u128..3_000,
            steps in prop::collection::vec((0_u128..5_000, prop::option::of(0_u32..9), 0..50_u8), 1..4_000),
        ) {
            let mut model: HashMap<Uuid, Slot> =
                (0..start).map(|n| (Uuid::from_u128(n), n as Slot)).collect();
            let mut ids = Identities::from(model.iter().map(|(id, s)| (*id, *s)).collect::<Table>());
            let mut older = Vec::new();
            for (id, slot, keep) in steps {
                let id = Uuid::from_u128(id);
                match slot {
                    Some(slot) => {
                        model.insert(id, slot);
                        ids.insert(id, slot);
                    }
                    None => {
                        model.remove(&id);
                        ids.remove(id);
                    }
                }
                if keep == 0 && older.len() < 5 {
                    older.push((model.clone(), ids.clone()));
                }
            }
            older.push((model, ids));
            for (model, ids) in older {
                prop_assert_eq!(ids.len(), model.len());
                for n in 0..5_000 {
                    let id = Uuid::from_u128(n);
                    prop_assert_eq!(ids.get(id), model.get(&id).copied());
                }
            }
        }
    }
}
