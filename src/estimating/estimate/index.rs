//! Who uses what: from resource, recipe and name to the items that use them, so that a change of
//! rate or variable works out just those.

use super::{Estimate, Node, NodeRow, Slot};
use crate::estimating::{
    formula::Formula,
    id::{RecipeId, ResourceId},
    item::Item,
    worksheet::{Source, Worksheet},
};
use std::{collections::BTreeSet, ops::RangeInclusive, sync::Arc};

/// The three indexes. Cloning costs O(1), an update O(log n) for each use.
#[derive(Clone, Default)]
pub(super) struct UseIndex {
    resources: imbl::OrdSet<(ResourceId, Slot)>,
    recipes: imbl::OrdSet<(RecipeId, Slot)>,
    names: imbl::OrdSet<(Arc<str>, Slot)>,
}

const ANY: RangeInclusive<Slot> = 0..=Slot::MAX;

impl UseIndex {
    fn change(&mut self, node: &Node, slot: Slot, on: bool) {
        let NodeRow::Item(item) = &node.row else { return };
        for name in names_of(item, node.sheet.as_deref()) {
            set(&mut self.names, (name.into(), slot), on);
        }
        for line in node.sheet.iter().flat_map(|s| &s.lines) {
            match &line.source {
                Source::Resource { resource, .. } => {
                    set(&mut self.resources, (*resource, slot), on);
                }
                Source::Recipe(recipe) => {
                    set(&mut self.recipes, (recipe.recipe, slot), on);
                    for (resource, _) in &recipe.rates {
                        set(&mut self.resources, (*resource, slot), on);
                    }
                }
                Source::Free { .. } => {}
            }
        }
    }
}

fn set<T: Ord + Clone>(set: &mut imbl::OrdSet<T>, value: T, on: bool) {
    if on {
        set.insert(value);
    } else {
        set.remove(&value);
    }
}

/// The names the formulas of an item and its worksheet call upon.
pub(super) fn names_of<'a>(item: &'a Item, sheet: Option<&'a Worksheet>) -> BTreeSet<&'a str> {
    let mut names = BTreeSet::new();
    let mut take = |formula: &'a Formula| {
        if formula.as_number().is_none() {
            names.extend(formula.names());
        }
    };
    item.quantity.iter().for_each(&mut take);
    item.extra().variables.iter().for_each(|v| take(&v.formula));
    if let Some(sheet) = sheet {
        sheet.variables.iter().for_each(|v| take(&v.formula));
        sheet.blocks.iter().for_each(|b| take(&b.formula));
        for line in &sheet.lines {
            line.method.formulas().for_each(|(_, f)| take(f));
            line.recipe().into_iter().flat_map(|r| &r.params).for_each(|(_, f)| take(f));
        }
    }
    names
}

impl Estimate {
    /// Makes the indexes if there are none yet. O(items + lines) the first time.
    pub(super) fn index_uses(&mut self) {
        if self.uses.is_some() {
            return;
        }
        let mut uses = UseIndex::default();
        for (slot, node) in self.nodes.iter().enumerate() {
            uses.change(node, slot as Slot, true);
        }
        self.uses = Some(uses);
    }

    /// Takes the uses of `slot` out of the indexes, before its row or worksheet changes.
    pub(super) fn forget_uses(&mut self, slot: Slot) {
        if let Some(mut uses) = self.uses.take() {
            uses.change(self.at(slot), slot, false);
            self.uses = Some(uses);
        }
    }

    /// Puts the uses of `slot` into the indexes, after its row or worksheet changed.
    pub(super) fn note_uses(&mut self, slot: Slot) {
        if let Some(mut uses) = self.uses.take() {
            uses.change(self.at(slot), slot, true);
            self.uses = Some(uses);
        }
    }

    /// Items with a line made of `resource`, directly or through a recipe.
    pub(crate) fn users_of_resource(&mut self, resource: ResourceId) -> Vec<Slot> {
        self.index_uses();
        let Some(uses) = &self.uses else { return Vec::new() };
        uses.resources
            .range((resource, *ANY.start())..=(resource, *ANY.end()))
            .map(|(_, slot)| *slot)
            .collect()
    }

    /// Items with a line made of `recipe`.
    pub(crate) fn users_of_recipe(&mut self, recipe: RecipeId) -> Vec<Slot> {
        self.index_uses();
        let Some(uses) = &self.uses else { return Vec::new() };
        uses.recipes
            .range((recipe, *ANY.start())..=(recipe, *ANY.end()))
            .map(|(_, slot)| *slot)
            .collect()
    }

    /// Items whose formulas call upon `name`.
    pub(super) fn users_of_name(&mut self, name: &str) -> Vec<Slot> {
        self.index_uses();
        let Some(uses) = &self.uses else { return Vec::new() };
        let name: Arc<str> = name.into();
        uses.names
            .range((name.clone(), *ANY.start())..=(name, *ANY.end()))
            .map(|(_, slot)| *slot)
            .collect()
    }
}
