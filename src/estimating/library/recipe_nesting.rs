//! What recipes contain each other (BR-055).

use std::collections::{HashMap, HashSet};

use crate::estimating::{
    catalogue::Catalogue,
    id::RecipeId,
    limits::{RECIPE_DEPTH_MAX, RECIPE_LEAVES_MAX},
    recipe::{Ingredient, RecipeVersion},
    refusal::Refusal,
    typed,
};

/// Refuses a version that contains its recipe in any version and at any depth, nests deeper than
/// [`RECIPE_DEPTH_MAX`] or opens to more than [`RECIPE_LEAVES_MAX`] lines. O(versions reached).
pub(super) fn check(catalogue: &Catalogue, version: &RecipeVersion) -> Result<(), Refusal> {
    let mut path = vec![version.recipe];
    if find_self(catalogue, version, version.recipe, &mut path, &mut HashSet::new()) {
        let codes: Vec<&str> = path.iter().map(|id| code(catalogue, *id)).collect();
        let message = format!("A recipe cannot contain itself: {}.", codes.join(" > "));
        return Err(typed::broken(55, "lines", [version.recipe.0], message));
    }
    let size = Sizes { catalogue, known: HashMap::new() }.of(version);
    if size.depth > u32::from(RECIPE_DEPTH_MAX) {
        let message = format!(
            "Recipes nest at most {RECIPE_DEPTH_MAX} deep; this one would nest {} deep.",
            size.depth
        );
        return Err(typed::broken(55, "lines", [version.recipe.0], message));
    }
    if size.leaves > RECIPE_LEAVES_MAX {
        return Err(Refusal::TooMany {
            what: "lines with nested recipes opened",
            limit: RECIPE_LEAVES_MAX,
        });
    }
    Ok(())
}

fn code(catalogue: &Catalogue, id: RecipeId) -> &str {
    catalogue.recipe(id).map_or("this recipe", |row| &row.code)
}

/// Whether `target` is reached from `version`; `path` then says how.
fn find_self(
    catalogue: &Catalogue,
    version: &RecipeVersion,
    target: RecipeId,
    path: &mut Vec<RecipeId>,
    seen: &mut HashSet<(RecipeId, u32)>,
) -> bool {
    for (recipe, n) in nested(version) {
        path.push(recipe);
        if recipe == target {
            return true;
        }
        let below = seen.insert((recipe, n)).then(|| catalogue.recipe_version(recipe, n)).flatten();
        if below.is_some_and(|below| find_self(catalogue, below, target, path, seen)) {
            return true;
        }
        path.pop();
    }
    false
}

fn nested(version: &RecipeVersion) -> impl Iterator<Item = (RecipeId, u32)> {
    version.lines.iter().filter_map(|line| match &line.ingredient {
        Ingredient::Resource(_) => None,
        Ingredient::Recipe { recipe, n, .. } => Some((*recipe, *n)),
    })
}

/// How deep a version nests, itself counted, and how many leaf lines it opens to.
#[derive(Clone, Copy)]
struct Size {
    depth: u32,
    leaves: usize,
}

struct Sizes<'a> {
    catalogue: &'a Catalogue,
    known: HashMap<(RecipeId, u32), Size>,
}

impl Sizes<'_> {
    fn of(&mut self, version: &RecipeVersion) -> Size {
        let mut size = Size { depth: 1, leaves: 0 };
        for line in &version.lines {
            match &line.ingredient {
                Ingredient::Resource(_) => size.leaves = size.leaves.saturating_add(1),
                Ingredient::Recipe { recipe, n, .. } => {
                    let below = self.nested((*recipe, *n));
                    size.depth = size.depth.max(below.depth + 1);
                    size.leaves = size.leaves.saturating_add(below.leaves);
                }
            }
        }
        size
    }

    fn nested(&mut self, key: (RecipeId, u32)) -> Size {
        if let Some(size) = self.known.get(&key) {
            return *size;
        }
        let row = self.catalogue.recipe_version(key.0, key.1).cloned();
        let size = row.map_or(Size { depth: 0, leaves: 0 }, |row| self.of(&row));
        self.known.insert(key, size);
        size
    }
}
