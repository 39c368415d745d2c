//! Taking current rates and recipe versions into lines (BR-049, BR-050).

use super::run::Run;
use crate::estimating::{
    estimate::{NodeRow, Slot},
    id::{RecipeId, ResourceId},
    refusal::Refusal,
    worksheet::{Line, RecipeUse, Source},
};
use std::collections::{BTreeSet, HashSet};
use uuid::Uuid;

impl Run<'_, '_> {
    /// Reprices the lines named by line, resource or recipe; every line where none is named. Only
    /// items that use them are looked at.
    pub(super) fn reprice(
        &mut self,
        lines: Option<&[Uuid]>,
        resources: Option<&[Uuid]>,
        recipes: Option<&[Uuid]>,
    ) -> Result<Vec<Uuid>, Refusal> {
        let named: Option<HashSet<Uuid>> = lines.map(|l| l.iter().copied().collect());
        let mut slots: BTreeSet<Slot> = BTreeSet::new();
        match (resources, recipes) {
            (None, None) => {
                slots.extend(self.estimate.rows().filter(|n| n.sheet.is_some()).map(|n| n.slot))
            }
            (resources, recipes) => {
                for id in resources.unwrap_or_default() {
                    slots.extend(self.estimate.users_of_resource(ResourceId(*id)));
                }
                for id in recipes.unwrap_or_default() {
                    slots.extend(self.estimate.users_of_recipe(RecipeId(*id)));
                }
            }
        }
        let of = |list: Option<&[Uuid]>, id: Uuid| list.is_some_and(|l| l.contains(&id));
        let all = resources.is_none() && recipes.is_none();
        let mut repriced = Vec::new();
        for slot in slots {
            let Some(sheet) = self.estimate.at(slot).sheet.clone() else { continue };
            let mut next = (*sheet).clone();
            for line in &mut next.lines {
                let wanted = named.as_ref().is_none_or(|n| n.contains(&line.id.0));
                let chosen = all
                    || match &line.source {
                        Source::Free { .. } => false,
                        Source::Resource { resource, .. } => of(resources, resource.0),
                        Source::Recipe(r) => {
                            of(recipes, r.recipe.0)
                                || r.rates.iter().any(|(id, _)| of(resources, id.0))
                        }
                    };
                if wanted && chosen && self.refresh(line, recipes.is_some() || all) {
                    repriced.push(line.id.0);
                }
            }
            if next != *sheet && matches!(self.estimate.at(slot).row, NodeRow::Item(_)) {
                self.estimate.replace_sheet(self.work, slot, Some(next.into()));
            }
        }
        Ok(repriced)
    }

    /// Takes the current rates, and the current recipe version when `upgrade`, into a line; tells
    /// whether anything changed.
    fn refresh(&self, line: &mut Line, upgrade: bool) -> bool {
        match &mut line.source {
            Source::Free { .. } => false,
            Source::Resource { resource, book_version } => {
                let Some(row) = self.catalogue.resource(*resource) else { return false };
                let changed = line.rate != row.rate;
                line.rate = row.rate;
                if changed {
                    *book_version = self.catalogue.book(row.book).map_or(1, |b| b.current);
                }
                changed
            }
            Source::Recipe(recipe) => {
                let current = self.catalogue.recipe(recipe.recipe).map(|r| r.current);
                let n = current.filter(|_| upgrade).unwrap_or(recipe.n);
                let rates = self.leaf_rates(recipe.recipe, n);
                let next = RecipeUse { n, rates, ..(**recipe).clone() };
                let changed = next != **recipe;
                **recipe = next;
                changed
            }
        }
    }
}
