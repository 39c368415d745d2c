//! Taking rates of price books and recipe versions into lines, never unseen (BR-049, BR-050).

use super::run::{Run, broken};
use crate::estimating::{
    catalogue::Catalogue,
    estimate::{Estimate, NodeRow, Slot},
    id::{PriceBookId, RecipeId, ResourceId},
    number::Rate,
    refusal::Refusal,
    worksheet::{Line, RecipeUse, Source},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeSet, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
};
use utoipa::ToSchema;
use uuid::Uuid;

/// A version of a price book to take rates from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FromPriceBook {
    /// The price book; resources of another are matched by code, type and unit.
    pub id: Uuid,
    /// The version; the current one where absent.
    #[serde(default)]
    pub n: Option<u32>,
}

/// Which lines to reprice, and with what.
#[derive(Clone, Copy, Debug, Default)]
pub struct RepriceScope<'a> {
    /// These lines only.
    pub lines: Option<&'a [Uuid]>,
    /// Lines of these resources.
    pub resources: Option<&'a [Uuid]>,
    /// Lines of these recipes.
    pub recipes: Option<&'a [Uuid]>,
    /// Rates of this price book in the place of each resource's own.
    pub book: Option<FromPriceBook>,
}

/// A line that repricing changes.
#[derive(Clone, Debug)]
pub struct RepricedLine {
    /// Where its item is.
    pub slot: Slot,
    /// The line as it is.
    pub before: Line,
    /// The line as it would be.
    pub after: Line,
}

/// What repricing would do, and what tells one such list from another.
#[derive(Clone, Debug)]
pub struct Repricing {
    /// The lines that change, in the order of the tree.
    pub lines: Vec<RepricedLine>,
    /// Differs when any line, rate or version in the list does.
    pub seen: String,
}

impl Estimate {
    /// What repricing would change. Only items that use what is named are looked at. O(lines).
    ///
    /// # Errors
    /// A price book or version that is not there or not published.
    pub fn repricing(
        &mut self,
        scope: &RepriceScope<'_>,
        catalogue: &Catalogue,
    ) -> Result<Repricing, Refusal> {
        let rates = Rates::new(catalogue, scope.book)?;
        let named: Option<HashSet<Uuid>> = scope.lines.map(|l| l.iter().copied().collect());
        let all = scope.resources.is_none() && scope.recipes.is_none();
        let upgrade = scope.book.is_none() && (scope.recipes.is_some() || all);
        let of = |list: Option<&[Uuid]>, id: Uuid| list.is_some_and(|l| l.contains(&id));
        let mut lines = Vec::new();
        for slot in self.slots_in(scope) {
            let Some(sheet) = &self.at(slot).sheet else { continue };
            if !matches!(self.at(slot).row, NodeRow::Item(_)) {
                continue;
            }
            for line in &sheet.lines {
                let wanted = named.as_ref().is_none_or(|n| n.contains(&line.id.0));
                let chosen = all
                    || match &line.source {
                        Source::Free { .. } => false,
                        Source::Resource { resource, .. } => of(scope.resources, resource.0),
                        Source::Recipe(r) => {
                            of(scope.recipes, r.recipe.0)
                                || r.rates.iter().any(|(id, _)| of(scope.resources, id.0))
                        }
                    };
                if !wanted || !chosen {
                    continue;
                }
                if let Some(after) = rates.refreshed(line, upgrade) {
                    lines.push(RepricedLine { slot, before: line.clone(), after });
                }
            }
        }
        let seen = fingerprint(&lines);
        Ok(Repricing { lines, seen })
    }

    fn slots_in(&mut self, scope: &RepriceScope<'_>) -> BTreeSet<Slot> {
        let mut slots = BTreeSet::new();
        if scope.resources.is_none() && scope.recipes.is_none() {
            slots.extend(self.rows().filter(|n| n.sheet.is_some()).map(|n| n.slot));
        }
        for id in scope.resources.unwrap_or_default() {
            slots.extend(self.users_of_resource(ResourceId(*id)));
        }
        for id in scope.recipes.unwrap_or_default() {
            slots.extend(self.users_of_recipe(RecipeId(*id)));
        }
        slots
    }
}

/// Sixteen characters that differ when what would change does.
fn fingerprint(lines: &[RepricedLine]) -> String {
    let mut hasher = DefaultHasher::new();
    for RepricedLine { before, after, .. } in lines {
        (before.id, before.rate, after.rate).hash(&mut hasher);
        for line in [before, after] {
            match &line.source {
                Source::Resource { resource, book_version } => {
                    (resource, book_version).hash(&mut hasher);
                }
                Source::Recipe(recipe) => (recipe.n, &recipe.rates).hash(&mut hasher),
                Source::Free { .. } => {}
            }
        }
    }
    format!("{:016x}", hasher.finish())
}

/// Where rates come from.
struct Rates<'a> {
    catalogue: &'a Catalogue,
    /// A price book and its version.
    book: Option<(PriceBookId, u32)>,
}

impl<'a> Rates<'a> {
    fn new(catalogue: &'a Catalogue, from: Option<FromPriceBook>) -> Result<Self, Refusal> {
        let Some(from) = from else { return Ok(Rates { catalogue, book: None }) };
        let id = PriceBookId(from.id);
        let book =
            catalogue.book(id).ok_or(Refusal::NotFound { what: "price book", id: from.id })?;
        let n = from.n.unwrap_or(book.current);
        let draft = catalogue.book_draft(id).is_some_and(|draft| draft.n == n);
        if n == 0 || draft || catalogue.book_version(id, n).is_none() {
            let message = format!("{} has no published version {n}.", book.name);
            return Err(Refusal::invalid("priceBook", message));
        }
        Ok(Rates { catalogue, book: Some((id, n)) })
    }

    /// The resource whose rate a line of `resource` takes, the rate and its version; none where
    /// the price book says nothing of it.
    fn of(&self, resource: ResourceId) -> Option<(ResourceId, Option<Rate>, u32)> {
        let row = self.catalogue.resource(resource)?;
        match self.book {
            None => {
                let current = self.catalogue.book(row.book).map_or(1, |b| b.current);
                Some((resource, self.catalogue.rate(resource), current))
            }
            Some((book, n)) => {
                let other = self.catalogue.resource_by_code(book, &row.code)?;
                let fits = other.unit == row.unit && other.cost_type == row.cost_type;
                let rate = self.catalogue.rate_at(other.id, n).filter(|_| fits)?;
                Some((other.id, Some(rate), n))
            }
        }
    }

    /// The line with the rates there are now, and the current recipe version when `upgrade`; none
    /// where nothing changes.
    fn refreshed(&self, line: &Line, upgrade: bool) -> Option<Line> {
        match &line.source {
            Source::Free { .. } => None,
            Source::Resource { resource, .. } => {
                let (other, rate, version) = self.of(*resource)?;
                if line.rate == rate && other == *resource {
                    return None;
                }
                let source = Source::Resource { resource: other, book_version: version };
                Some(Line { rate, source, ..line.clone() })
            }
            Source::Recipe(recipe) => {
                let current = self.catalogue.recipe(recipe.recipe).map(|r| r.current);
                let n = current
                    .filter(|n| upgrade && *n > 0 && recipe.kept.is_empty())
                    .unwrap_or(recipe.n);
                // An item with lines of its own moves only by a choice for each (BR-059).
                let leaves = if n == recipe.n {
                    recipe.rates.iter().map(|(id, _)| *id).collect()
                } else {
                    self.catalogue.recipe_leaves(recipe.recipe, n)
                };
                let rates: Vec<_> = leaves
                    .into_iter()
                    .map(|leaf| {
                        let was = recipe.rates.iter().find(|(id, _)| *id == leaf);
                        let now = self.of(leaf).map(|(_, rate, _)| rate);
                        (leaf, now.unwrap_or_else(|| was.and_then(|(_, rate)| *rate)))
                    })
                    .collect();
                if n == recipe.n && rates == recipe.rates {
                    return None;
                }
                let source = Source::Recipe(Box::new(RecipeUse { n, rates, ..(**recipe).clone() }));
                Some(Line { source, ..line.clone() })
            }
        }
    }
}

impl Run<'_, '_> {
    /// Reprices the lines of a list somebody has seen, or those of them that were chosen.
    pub(super) fn reprice(
        &mut self,
        scope: &RepriceScope<'_>,
        seen: Option<&str>,
        choose: Option<&[Uuid]>,
    ) -> Result<Vec<Uuid>, Refusal> {
        let estimate = self.estimate.row().id.0;
        let Some(seen) = seen else {
            let message = "Repricing shows the old rate, the new rate and the effect of each line \
                           first: ask for the preview and send back what it calls `preview`.";
            return Err(broken(50, estimate, Some("preview"), message));
        };
        let repricing = self.estimate.repricing(scope, self.catalogue)?;
        if repricing.seen != seen {
            let message = "Rates or lines have changed since the preview: look at it again.";
            return Err(broken(50, estimate, Some("preview"), message));
        }
        let chosen: Option<HashSet<Uuid>> = choose.map(|ids| ids.iter().copied().collect());
        let mut repriced = Vec::new();
        let mut lines = repricing
            .lines
            .into_iter()
            .filter(|line| chosen.as_ref().is_none_or(|ids| ids.contains(&line.before.id.0)))
            .peekable();
        while let Some(first) = lines.next() {
            let slot = first.slot;
            let Some(sheet) = self.estimate.at(slot).sheet.clone() else { continue };
            let mut next = (*sheet).clone();
            let mut take = |line: RepricedLine| {
                if let Some(row) = next.lines.iter_mut().find(|row| row.id == line.before.id) {
                    repriced.push(row.id.0);
                    *row = line.after;
                }
            };
            take(first);
            while let Some(line) = lines.next_if(|line| line.slot == slot) {
                take(line);
            }
            for line in &next.lines {
                match &line.source {
                    Source::Resource { resource, .. } => self.used_resources.push(*resource),
                    Source::Recipe(recipe) => {
                        self.used_recipes.push(recipe.recipe);
                        self.used_resources.extend(recipe.rates.iter().map(|(id, _)| *id));
                    }
                    Source::Free { .. } => {}
                }
            }
            self.estimate.replace_sheet(self.work, slot, Some(next.into()));
        }
        Ok(repriced)
    }
}
