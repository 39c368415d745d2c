//! Recipes: reusable build-ups per one output unit, in numbered versions that never change.

pub mod from_item;
pub mod upgrade;

use super::auth::SignedIn;
use super::extract::{Asked, Json, Path, Query, Terms};
use super::library::{self, Words};
use super::lines::{RecipeRef, ResourceRef, params_of};
use super::page::{Page, Paging, Versioned};
use super::problem::Problem;
use super::schema;
use super::usage::{self, Usage};
use crate::estimating::catalogue::Catalogue;
use crate::estimating::edit::{BlockInput, VariableInput};
use crate::estimating::id::RecipeId;
use crate::estimating::library::{LibraryEdit, ParameterInput, RecipeInput, RecipeLineInput};
use crate::estimating::number::{LineQty, Pct};
use crate::estimating::price_book::VersionState;
use crate::estimating::recipe::{self, Ingredient, Parameter};
use crate::estimating::resource::Availability;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A recipe as typed, to become the next version.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RecipeSave {
    /// The version of the row the client read.
    pub version: u64,
    /// Unique among recipes.
    pub code: String,
    /// Name.
    pub name: String,
    /// Output unit.
    pub unit: String,
    /// Parameters.
    #[serde(default)]
    pub params: Vec<ParameterInput>,
    /// Variables.
    #[serde(default)]
    pub variables: Vec<VariableInput>,
    /// Calculation blocks.
    #[serde(default)]
    pub blocks: Vec<BlockInput>,
    /// Lines.
    #[serde(default)]
    pub lines: Vec<RecipeLineInput>,
    /// Whether the version stays open to be written again; published otherwise.
    #[serde(default)]
    pub draft: bool,
    /// The version it is written to; a published one is refused (BR-057).
    #[serde(default)]
    pub n: Option<u32>,
}

/// New code, name or state of a recipe; absent ones stay as they are.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RecipePatch {
    /// The version of the row the client read.
    pub version: u64,
    /// Code.
    #[serde(default)]
    pub code: Option<String>,
    /// Name.
    #[serde(default)]
    pub name: Option<String>,
    /// State (BR-053).
    #[serde(default)]
    pub state: Option<Availability>,
}

/// Which recipes.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RecipeQuery {
    /// Words in code or name; all must match.
    pub q: Option<String>,
    /// Only recipes in this state.
    #[param(value_type = Option<String>)]
    pub state: Option<Availability>,
    /// `nextCursor` of the page before.
    pub cursor: Option<String>,
    /// Entries wanted, at most 500.
    pub limit: Option<u32>,
}

/// A line of a recipe.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RecipeLine {
    /// Identity within the recipe.
    pub id: Uuid,
    /// Resource.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_id: Option<Uuid>,
    /// Resource in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<ResourceRef>,
    /// Recipe.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recipe_id: Option<Uuid>,
    /// Recipe in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recipe: Option<RecipeRef>,
    /// Version of that recipe.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n: Option<u32>,
    /// Units per output unit.
    pub factor: String,
    /// Waste in percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Pct>)]
    pub waste: Option<Pct>,
    /// Pack size.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::LineQty>)]
    pub pack: Option<LineQty>,
    /// Minimum quantity.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::LineQty>)]
    pub minimum: Option<LineQty>,
    /// Parameters of the recipe by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(required = false)]
    pub params: BTreeMap<String, String>,
    /// Free note.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A version of a recipe.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecipeVersion {
    /// Number, from 1.
    pub n: u32,
    /// State.
    pub state: VersionState,
}

/// A recipe in its newest version.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Recipe {
    /// Identity.
    pub id: Uuid,
    /// Unique among recipes.
    pub code: Box<str>,
    /// Name.
    pub name: Box<str>,
    /// Output unit.
    pub unit: Box<str>,
    /// The version shown: the newest.
    pub n: u32,
    /// The published version new lines take; 0 before the first.
    pub current: u32,
    /// Its versions, newest first.
    pub versions: Vec<RecipeVersion>,
    /// State.
    pub state: Availability,
    /// Whether any line ever used it.
    pub used: bool,
    /// Counts changes of this row, from 1.
    pub version: u64,
    /// Parameters.
    pub params: Vec<ParameterInput>,
    /// Variables.
    pub variables: Vec<VariableInput>,
    /// Calculation blocks.
    pub blocks: Vec<BlockInput>,
    /// Lines.
    pub lines: Vec<RecipeLine>,
}

/// A recipe in short.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RecipeSummary {
    /// Identity.
    pub id: Uuid,
    /// Unique among recipes.
    pub code: Box<str>,
    /// Name.
    pub name: Box<str>,
    /// Output unit.
    pub unit: Box<str>,
    /// The current version.
    pub n: u32,
    /// State.
    pub state: Availability,
    /// Whether any line ever used it.
    pub used: bool,
    /// Counts changes of this row, from 1.
    pub version: u64,
}

/// The recipes.
#[utoipa::path(
    get,
    path = "/recipes",
    operation_id = "listRecipes",
    tag = "Library",
    params(RecipeQuery),
    responses((status = 200, description = "Recipes", body = Page<RecipeSummary>)),
)]
pub async fn list(
    me: SignedIn,
    Query(query): Query<RecipeQuery>,
) -> Result<Json<Page<RecipeSummary>>, Problem> {
    let published = me.published();
    let catalogue = &published.library.catalogue;
    let words = Words::of(query.q.as_deref());
    let found: Vec<&Arc<recipe::Recipe>> = catalogue
        .recipes()
        .filter(|r| query.state.is_none_or(|state| r.state == state))
        .filter(|r| words.are_in(&[&r.code, &r.name]))
        .collect();
    let make = |recipe: &&Arc<recipe::Recipe>| RecipeSummary::of(catalogue, recipe);
    Page::slice(&found, query.cursor.as_deref(), query.limit, make).map(Json)
}

/// Adds a recipe.
#[utoipa::path(
    post,
    path = "/recipes",
    operation_id = "createRecipes",
    tag = "Library",
    request_body = RecipeInput,
    responses((status = 201, description = "The recipe", body = Recipe)),
)]
pub async fn create(me: SignedIn, asked: Asked<RecipeInput>) -> Result<Response, Problem> {
    let edit = LibraryEdit::AddRecipe { id: None, recipe: Box::new(asked.body) };
    let reply = library::edit(&me, edit, asked.terms).await?;
    Ok((StatusCode::CREATED, Json(find(&me, library::made(&reply)?)?)).into_response())
}

/// A recipe in its current version.
#[utoipa::path(
    get,
    path = "/recipes/{id}",
    operation_id = "showRecipes",
    tag = "Library",
    params(("id" = Uuid, Path, description = "Recipe")),
    responses((status = 200, description = "The recipe", body = Recipe)),
)]
pub async fn show(me: SignedIn, Path(id): Path<Uuid>) -> Result<Json<Recipe>, Problem> {
    find(&me, id).map(Json)
}

/// Saves a recipe as its next version (BR-057).
#[utoipa::path(
    put,
    path = "/recipes/{id}",
    operation_id = "saveRecipes",
    tag = "Library",
    params(("id" = Uuid, Path, description = "Recipe")),
    request_body = RecipeSave,
    responses((status = 200, description = "The recipe", body = Recipe)),
)]
pub async fn save(
    me: SignedIn,
    Path(id): Path<Uuid>,
    asked: Asked<RecipeSave>,
) -> Result<Json<Recipe>, Problem> {
    let version = Some(asked.body.version);
    let recipe = Box::new(asked.body.into());
    library::edit(&me, LibraryEdit::SaveRecipe { id, version, recipe }, asked.terms).await?;
    find(&me, id).map(Json)
}

/// Changes code, name or state of a recipe.
#[utoipa::path(
    patch,
    path = "/recipes/{id}",
    operation_id = "updateRecipes",
    tag = "Library",
    params(("id" = Uuid, Path, description = "Recipe")),
    request_body = RecipePatch,
    responses((status = 200, description = "The recipe", body = Recipe)),
)]
pub async fn update(
    me: SignedIn,
    Path(id): Path<Uuid>,
    asked: Asked<RecipePatch>,
) -> Result<Json<Recipe>, Problem> {
    let RecipePatch { version, code, name, state } = asked.body;
    let edit = LibraryEdit::UpdateRecipe { id, version: Some(version), code, name, state };
    library::edit(&me, edit, asked.terms).await?;
    find(&me, id).map(Json)
}

/// Takes the open version of a recipe away.
#[utoipa::path(
    delete,
    path = "/recipes/{id}/draft",
    operation_id = "discardRecipes",
    tag = "Library",
    params(("id" = Uuid, Path, description = "Recipe"), Versioned),
    responses((status = 200, description = "The recipe", body = Recipe)),
)]
pub async fn discard(
    me: SignedIn,
    Path(id): Path<Uuid>,
    Query(seen): Query<Versioned>,
    terms: Terms,
) -> Result<Json<Recipe>, Problem> {
    let edit = LibraryEdit::DiscardRecipeDraft { id, version: seen.version };
    library::edit(&me, edit, terms).await?;
    find(&me, id).map(Json)
}

/// Takes an earlier published version of a recipe out of offer; items keep it.
#[utoipa::path(
    post,
    path = "/recipes/{id}/versions/{n}/archive",
    operation_id = "archiveRecipes",
    tag = "Library",
    params(("id" = Uuid, Path, description = "Recipe"), ("n" = u32, Path, description = "Version")),
    responses((status = 200, description = "The recipe", body = Recipe)),
)]
pub async fn archive(
    me: SignedIn,
    Path((id, n)): Path<(Uuid, u32)>,
    terms: Terms,
) -> Result<Json<Recipe>, Problem> {
    library::edit(&me, LibraryEdit::ArchiveRecipeVersion { id, n }, terms).await?;
    find(&me, id).map(Json)
}

/// Deletes a recipe nothing ever used.
#[utoipa::path(
    delete,
    path = "/recipes/{id}",
    operation_id = "removeRecipes",
    tag = "Library",
    params(("id" = Uuid, Path, description = "Recipe"), Versioned),
    responses((status = 204, description = "Deleted")),
)]
pub async fn remove(
    me: SignedIn,
    Path(id): Path<Uuid>,
    Query(seen): Query<Versioned>,
    terms: Terms,
) -> Result<StatusCode, Problem> {
    library::edit(&me, LibraryEdit::DeleteRecipe { id, version: seen.version }, terms).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Items that use a recipe.
#[utoipa::path(
    get,
    path = "/recipes/{id}/usage",
    operation_id = "usageRecipes",
    tag = "Library",
    params(("id" = Uuid, Path, description = "Recipe"), Paging),
    responses((status = 200, description = "Items", body = Page<Usage>)),
)]
pub async fn usage(
    me: SignedIn,
    Path(id): Path<Uuid>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<Usage>>, Problem> {
    find(&me, id)?;
    usage::page(&me, usage::Used::Recipe(RecipeId(id)), paging).await.map(Json)
}

fn find(me: &SignedIn, id: Uuid) -> Result<Recipe, Problem> {
    let published = me.published();
    let recipe = Recipe::of(&published.library.catalogue, RecipeId(id));
    recipe.ok_or_else(|| Problem::not_found("recipe"))
}

impl From<RecipeSave> for RecipeInput {
    fn from(r: RecipeSave) -> RecipeInput {
        RecipeInput {
            code: r.code,
            name: r.name,
            unit: r.unit,
            params: r.params,
            variables: r.variables,
            blocks: r.blocks,
            lines: r.lines,
            draft: r.draft,
            n: r.n,
        }
    }
}

impl RecipeSummary {
    fn of(catalogue: &Catalogue, r: &recipe::Recipe) -> RecipeSummary {
        let version = catalogue.recipe_current(r.id).or_else(|| catalogue.recipe_draft(r.id));
        RecipeSummary {
            id: r.id.0,
            code: r.code.clone(),
            name: r.name.clone(),
            unit: version.map(|v| v.unit.as_str().into()).unwrap_or_default(),
            n: r.current,
            state: r.state,
            used: r.used,
            version: r.version,
        }
    }
}

impl Recipe {
    /// A recipe in its newest version; none when there is no such recipe. O(lines).
    pub fn of(catalogue: &Catalogue, id: RecipeId) -> Option<Recipe> {
        let recipe = catalogue.recipe(id)?;
        let version = catalogue.recipe_draft(id).or_else(|| catalogue.recipe_current(id))?;
        let mut versions: Vec<RecipeVersion> = catalogue
            .recipe_versions(id)
            .map(|v| RecipeVersion { n: v.n, state: v.state })
            .collect();
        versions.reverse();
        let variables = version.variables.iter().map(|v| VariableInput {
            name: v.name.to_string(),
            formula: v.formula.text().into_owned(),
            note: v.note.as_deref().map(str::to_owned),
        });
        let blocks = version.blocks.iter().map(|b| BlockInput {
            name: b.name.to_string(),
            formula: b.formula.text().into_owned(),
            unit: b.unit.as_deref().map(str::to_owned),
            note: b.note.as_deref().map(str::to_owned),
        });
        Some(Recipe {
            id: id.0,
            code: recipe.code.clone(),
            name: recipe.name.clone(),
            unit: version.unit.as_str().into(),
            n: version.n,
            current: recipe.current,
            versions,
            state: recipe.state,
            used: recipe.used,
            version: recipe.version,
            params: version.params.iter().map(parameter).collect(),
            variables: variables.collect(),
            blocks: blocks.collect(),
            lines: version.lines.iter().map(|line| RecipeLine::of(catalogue, line)).collect(),
        })
    }
}

fn parameter(p: &Parameter) -> ParameterInput {
    let text = |value: Option<recipe::ExactDecimal>| value.map(|value| value.0.to_string());
    ParameterInput {
        name: p.name.to_string(),
        unit: p.unit.as_deref().map(str::to_owned),
        min: text(p.min),
        max: text(p.max),
        default: text(p.default),
        note: p.note.as_deref().map(str::to_owned),
    }
}

impl RecipeLine {
    fn of(catalogue: &Catalogue, line: &recipe::RecipeLine) -> RecipeLine {
        let (resource, recipe, params) = match &line.ingredient {
            Ingredient::Resource(id) => (Some(*id), None, BTreeMap::new()),
            Ingredient::Recipe { recipe, n, params } => {
                (None, Some((*recipe, *n)), params_of(params))
            }
        };
        RecipeLine {
            id: line.id.0,
            resource_id: resource.map(|id| id.0),
            resource: resource.and_then(|id| ResourceRef::of(catalogue, id)),
            recipe_id: recipe.map(|(id, _)| id.0),
            recipe: recipe.and_then(|(id, n)| RecipeRef::of(catalogue, id, n)),
            n: recipe.map(|(_, n)| n),
            factor: line.factor.text().into_owned(),
            waste: line.waste,
            pack: line.pack,
            minimum: line.minimum,
            params,
            note: line.note.as_deref().map(str::to_owned),
        }
    }
}
