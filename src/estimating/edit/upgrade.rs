//! Moving a line to another version of its recipe, line by line where it matters (BR-059).

use super::run::{Run, broken};
use crate::estimating::{
    catalogue::Catalogue,
    id::LineId,
    price_book::VersionState,
    recipe::RecipeLine,
    refusal::Refusal,
    rules::{RuleId, Violation},
    worksheet::{KeptLine, RecipeUse, Source, Worksheet},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// How a line of a recipe differs from one version to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LineDifference {
    /// The new version brings it.
    Added,
    /// The new version leaves it out.
    Removed,
    /// The new version says otherwise.
    Changed,
}

/// Which of the two an item takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TakeLine {
    /// The line as the item has it.
    Old,
    /// The line as the new version has it.
    New,
}

/// A line that an upgrade changes.
#[derive(Clone, Debug)]
pub struct UpgradeLine {
    /// The line of the recipe.
    pub id: LineId,
    /// How it differs.
    pub difference: LineDifference,
    /// As the item has it.
    pub before: Option<RecipeLine>,
    /// As the new version has it.
    pub after: Option<RecipeLine>,
    /// The item chose it before: it is never overwritten without another choice.
    pub local: bool,
    /// The version the item has it from.
    pub from: u32,
}

/// What moving a line to another version of its recipe changes.
#[derive(Clone, Debug)]
pub struct RecipeUpgrade {
    /// The version it uses.
    pub from: u32,
    /// The version it would use.
    pub to: u32,
    /// Lines that differ.
    pub lines: Vec<UpgradeLine>,
}

impl RecipeUpgrade {
    /// What moves a line that uses a recipe so to version `to`. O(lines).
    ///
    /// # Errors
    /// When there is no such published version, or its output unit is another.
    pub fn of(used: &RecipeUse, to: u32, catalogue: &Catalogue) -> Result<Self, Refusal> {
        let missing = |n: u32| Refusal::invalid("n", format!("There is no published version {n}."));
        let old = catalogue.recipe_version(used.recipe, used.n).ok_or_else(|| missing(used.n))?;
        let new = catalogue
            .recipe_version(used.recipe, to)
            .filter(|version| version.state != VersionState::Draft)
            .ok_or_else(|| missing(to))?;
        if old.unit != new.unit {
            let message = format!("Version {to} gives {} and not {}.", new.unit, old.unit);
            return Err(Refusal::invalid("n", message));
        }
        let before: Vec<&RecipeLine> = catalogue.lines_with(old, &used.kept).collect();
        let mut ids: Vec<LineId> = before.iter().map(|line| line.id).collect();
        ids.extend(
            new.lines
                .iter()
                .map(|line| line.id)
                .filter(|id| !before.iter().any(|line| line.id == *id)),
        );
        let lines = ids
            .into_iter()
            .filter_map(|id| {
                let was = before.iter().find(|line| line.id == id).copied();
                let now = new.lines.iter().find(|line| line.id == id);
                let difference = match (was, now) {
                    (Some(was), Some(now)) if was == now => return None,
                    (Some(_), Some(_)) => LineDifference::Changed,
                    (None, Some(_)) => LineDifference::Added,
                    (Some(_), None) => LineDifference::Removed,
                    (None, None) => return None,
                };
                let kept = used.kept.iter().find(|kept| kept.line == id);
                Some(UpgradeLine {
                    id,
                    difference,
                    before: was.cloned(),
                    after: now.cloned(),
                    local: kept.is_some(),
                    from: kept.map_or(used.n, |kept| kept.n),
                })
            })
            .collect();
        Ok(RecipeUpgrade { from: used.n, to, lines })
    }

    /// The recipe as the line uses it afterwards: lines of its own need a choice (BR-059), others
    /// become the new version's unless the old one is chosen. Rates it has stay (BR-049).
    ///
    /// # Errors
    /// BR-059, naming the lines without a choice.
    pub fn take(
        &self,
        used: &RecipeUse,
        choices: &BTreeMap<Uuid, TakeLine>,
        catalogue: &Catalogue,
    ) -> Result<RecipeUse, Refusal> {
        let open: Vec<Uuid> = self
            .lines
            .iter()
            .filter(|line| line.local && !choices.contains_key(&line.id.0))
            .map(|line| line.id.0)
            .collect();
        if !open.is_empty() {
            let message = format!(
                "{} of the recipe's lines are this item's own: say for each whether to keep it or \
                 take the new one.",
                open.len()
            );
            let violation = Violation::new(RuleId::br(59), message).objects(open).field("choices");
            return Err(violation.into());
        }
        let kept: Vec<KeptLine> = self
            .lines
            .iter()
            .filter(|line| choices.get(&line.id.0) == Some(&TakeLine::Old))
            .map(|line| KeptLine { line: line.id, n: line.from })
            .collect();
        let known = |name: &str| {
            let version = catalogue.recipe_version(used.recipe, self.to);
            version.is_some_and(|version| version.params.iter().any(|p| &*p.name == name))
        };
        let params = used.params.iter().filter(|(name, _)| known(name)).cloned().collect();
        let rates = catalogue
            .leaves_with(used.recipe, self.to, &kept)
            .into_iter()
            .map(|leaf| match used.rates.iter().find(|(id, _)| *id == leaf) {
                Some(had) => *had,
                None => (leaf, catalogue.rate(leaf)),
            })
            .collect();
        Ok(RecipeUse { recipe: used.recipe, n: self.to, params, rates, kept })
    }
}

impl Run<'_, '_> {
    /// Moves a line to another version of its recipe.
    pub(super) fn upgrade_recipe(
        &mut self,
        item: Uuid,
        line: Uuid,
        version: Option<u64>,
        n: Option<u32>,
        choices: &BTreeMap<Uuid, TakeLine>,
    ) -> Result<Vec<Uuid>, Refusal> {
        let slot = self.slot(item)?;
        let missing = Refusal::NotFound { what: "line", id: line };
        let sheet = self.estimate.at(slot).sheet.clone().ok_or(missing.clone())?;
        self.check_version("worksheet", item, version, sheet.version)?;
        let mut next: Worksheet = (*sheet).clone();
        let row = next.lines.iter_mut().find(|row| row.id.0 == line).ok_or(missing)?;
        let Source::Recipe(used) = &mut row.source else {
            return Err(Refusal::invalid("lineId", "The line is not made of a recipe."));
        };
        let current = self.catalogue.recipe(used.recipe).map_or(0, |recipe| recipe.current);
        let upgrade = RecipeUpgrade::of(used, n.unwrap_or(current), self.catalogue)?;
        let taken = upgrade.take(used, choices, self.catalogue)?;
        if taken.rates.is_empty() {
            let message = "Nothing of the recipe would be left.";
            return Err(broken(54, item, Some("choices"), message));
        }
        self.used_resources.extend(taken.rates.iter().map(|(id, _)| *id));
        **used = taken;
        self.estimate.replace_sheet(self.work, slot, Some(next.into()));
        Ok(vec![line])
    }
}
