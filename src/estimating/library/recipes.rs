//! Recipes and their versions: code, use and state. What makes their content sound is in
//! [`super::recipe_rules`].

use std::sync::Arc;

use uuid::Uuid;

use super::{Done, RecipeInput, draft::Draft};
use crate::estimating::{
    heading::Stamp,
    id::RecipeId,
    limits::{CODE_CHARS_MAX, NAME_CHARS_MAX},
    price_book::VersionState,
    recipe::{Ingredient, Recipe, RecipeVersion},
    refusal::Refusal,
    resource::Availability,
    typed,
};

impl Draft<'_> {
    pub(super) fn add_recipe(
        &mut self,
        id: Option<Uuid>,
        input: &RecipeInput,
    ) -> Result<Done, Refusal> {
        let id: RecipeId = self.fresh::<Recipe>(id)?;
        let row = Recipe {
            id,
            code: typed::needed("code", Some(&input.code), CODE_CHARS_MAX)?,
            name: recipe_name(&input.name)?,
            current: u32::from(!input.draft),
            state: Availability::Active,
            used: false,
            version: 1,
            stamp: Stamp::new(self.by, self.at_us),
        };
        let version = self.recipe_content(id, 1, input, None)?;
        let label = format!("Add recipe {}", row.code);
        self.put_recipe(row)?;
        self.put_version(version)?;
        Done::new([id.0], label)
    }

    /// Writes the open version, or the next one where none is open.
    pub(super) fn save_recipe(
        &mut self,
        id: Uuid,
        version: Option<u64>,
        input: &RecipeInput,
    ) -> Result<Done, Refusal> {
        let before = self.current::<Recipe>("recipe", id, version)?;
        let mut row = Recipe {
            code: typed::needed("code", Some(&input.code), CODE_CHARS_MAX)?,
            name: recipe_name(&input.name)?,
            ..Recipe::clone(&before)
        };
        let catalogue = &self.library.catalogue;
        if let Some(named) = input.n {
            not_published(catalogue.recipe_version(row.id, named), &row, named)?;
        }
        let current = catalogue.recipe_current(row.id).cloned();
        let open = catalogue.recipe_draft(row.id).cloned();
        // A version once written stays, even when its save was undone: numbers are not reused.
        let last = catalogue.recipe_versions(row.id).map(|v| v.n).max().unwrap_or(0);
        let n = open.as_ref().map_or(last + 1, |open| open.n);
        let content =
            self.recipe_content(row.id, n, input, open.as_deref().or(current.as_deref()))?;
        let same = open.is_none()
            && current.is_some_and(|c| {
                let state = content.state;
                RecipeVersion { n, state, ..RecipeVersion::clone(&c) } == content
            });
        let label = if same {
            format!("Change recipe {}", row.code)
        } else if input.draft {
            format!("Write recipe {} version {n}", row.code)
        } else {
            row.current = n;
            format!("Save recipe {} version {n}", row.code)
        };
        self.put_recipe(row)?;
        if !same {
            self.put_version(content)?;
        }
        Done::new([id], label)
    }

    pub(super) fn discard_recipe(
        &mut self,
        id: Uuid,
        version: Option<u64>,
    ) -> Result<Done, Refusal> {
        let row = self.current::<Recipe>("recipe", id, version)?;
        let Some(open) = self.library.catalogue.recipe_draft(row.id).cloned() else {
            let message = format!("No version of {} is open.", row.code);
            return Err(Refusal::Invalid { field: None, message });
        };
        if row.current == 0 {
            let message = format!("{} has no other version: delete it instead.", row.code);
            return Err(Refusal::Invalid { field: None, message });
        }
        self.remove::<RecipeVersion>((row.id, open.n));
        self.put(Recipe::clone(&row));
        Done::new([id], format!("Discard recipe {} version {}", row.code, open.n))
    }

    pub(super) fn archive_recipe(&mut self, id: Uuid, n: u32) -> Result<Done, Refusal> {
        let row = self.current::<Recipe>("recipe", id, None)?;
        let version = self.library.catalogue.recipe_version(row.id, n).cloned();
        let version = version.ok_or(Refusal::NotFound { what: "recipe version", id })?;
        if version.state == VersionState::Draft || n == row.current {
            let message = "Only an earlier published version is archived.";
            return Err(Refusal::invalid("n", message));
        }
        self.put(RecipeVersion { state: VersionState::Archived, ..RecipeVersion::clone(&version) });
        self.put(Recipe::clone(&row));
        Done::new([id], format!("Archive recipe {} version {n}", row.code))
    }

    pub(super) fn update_recipe(
        &mut self,
        id: Uuid,
        version: Option<u64>,
        code: Option<&str>,
        name: Option<&str>,
        state: Option<Availability>,
    ) -> Result<Done, Refusal> {
        let before = self.current::<Recipe>("recipe", id, version)?;
        let mut row = Recipe::clone(&before);
        typed::set_needed(&mut row.code, "code", code, CODE_CHARS_MAX)?;
        if let Some(name) = name {
            row.name = recipe_name(name)?;
        }
        row.state = state.unwrap_or(row.state);
        let label = match row.state {
            Availability::Retired if row.state != before.state => {
                format!("Retire recipe {}", row.code)
            }
            Availability::Active if row.state != before.state => {
                format!("Bring back recipe {}", row.code)
            }
            Availability::Active | Availability::Retired => format!("Change recipe {}", row.code),
        };
        self.put_recipe(row)?;
        Done::new([id], label)
    }

    pub(super) fn delete_recipe(
        &mut self,
        id: Uuid,
        version: Option<u64>,
    ) -> Result<Done, Refusal> {
        let row = self.current::<Recipe>("recipe", id, version)?;
        not_used(&row)?;
        self.drop_recipe(row.id);
        Done::new([id], format!("Delete recipe {}", row.code))
    }

    /// Takes a recipe out with all its versions.
    pub(super) fn drop_recipe(&mut self, id: RecipeId) {
        let versions: Vec<u32> = self.library.catalogue.recipe_versions(id).map(|v| v.n).collect();
        for n in versions {
            self.remove::<RecipeVersion>((id, n));
        }
        self.remove::<Recipe>(id);
    }

    /// Stores a recipe unless another has its code.
    pub(super) fn put_recipe(&mut self, row: Recipe) -> Result<(), Refusal> {
        match self.library.catalogue.recipe_by_code(&row.code) {
            Some(other) if other.id != row.id => Err(typed::broken(
                44,
                "code",
                [other.id.0],
                format!("Recipe code {} is taken by {}.", other.code, other.name),
            )),
            Some(_) | None => {
                self.put(row);
                Ok(())
            }
        }
    }

    /// Stores a version and marks what it is made of as used (BR-045, BR-053).
    fn put_version(&mut self, version: RecipeVersion) -> Result<(), Refusal> {
        for line in &version.lines {
            match &line.ingredient {
                Ingredient::Resource(id) => self.mark_resource_used(*id)?,
                Ingredient::Recipe { recipe, .. } => self.mark_recipe_used(*recipe)?,
            }
        }
        self.put(version);
        Ok(())
    }
}

/// A version that may still be written (BR-057).
fn not_published(
    version: Option<&Arc<RecipeVersion>>,
    row: &Recipe,
    n: u32,
) -> Result<(), Refusal> {
    match version.map(|version| version.state) {
        Some(VersionState::Draft) => Ok(()),
        Some(VersionState::Published | VersionState::Archived) => {
            let message = format!(
                "Version {n} of {} is published and never changes. Save a new version instead.",
                row.code
            );
            Err(typed::broken(57, "n", [row.id.0], message))
        }
        None => Err(Refusal::invalid("n", format!("{} has no version {n}.", row.code))),
    }
}

/// A used recipe is retired, not deleted (as BR-053 for resources).
pub(super) fn not_used(row: &Recipe) -> Result<(), Refusal> {
    if !row.used {
        return Ok(());
    }
    let message = format!("{} has been used, so it can be retired but not deleted.", row.code);
    Err(typed::broken(53, "used", [row.id.0], message))
}

fn recipe_name(typed: &str) -> Result<Box<str>, Refusal> {
    let mut name = Box::default();
    typed::set(&mut name, "name", Some(typed), NAME_CHARS_MAX)?;
    Ok(name)
}
