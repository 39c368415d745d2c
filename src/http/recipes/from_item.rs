//! A recipe made from an item (BR-060).

use super::{Recipe, find};
use crate::estimating::id::ItemId;
use crate::estimating::library::LibraryEdit;
use crate::http::auth::SignedIn;
use crate::http::extract::{Asked, Json};
use crate::http::library;
use crate::http::problem::Problem;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// The item to make a recipe of.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RecipeFromItem {
    /// The estimate.
    pub estimate_id: Uuid,
    /// The item.
    pub item_id: Uuid,
    /// The lines to take; all where absent.
    #[serde(default)]
    pub line_ids: Option<Vec<Uuid>>,
    /// Code of the recipe.
    pub code: String,
    /// Name of the recipe; not the client's text for the item.
    pub name: String,
}

/// Makes a recipe from an item's worksheet, open to be looked over and published.
#[utoipa::path(
    post,
    path = "/recipes/from-item",
    operation_id = "fromItemRecipes",
    tag = "Library",
    request_body = RecipeFromItem,
    responses((status = 201, description = "The recipe", body = Recipe)),
)]
pub async fn make(me: SignedIn, asked: Asked<RecipeFromItem>) -> Result<Response, Problem> {
    let RecipeFromItem { estimate_id, item_id, line_ids, code, name } = asked.body;
    let opened = me.open(estimate_id).await?;
    let lines = line_ids.as_deref();
    let catalogue = opened.catalogue();
    let recipe = opened.estimate.recipe_from(ItemId(item_id), lines, &code, &name, catalogue)?;
    let edit = LibraryEdit::AddRecipe { id: None, recipe: Box::new(recipe) };
    let reply = library::edit(&me, edit, asked.terms).await?;
    Ok((StatusCode::CREATED, Json(find(&me, library::made(&reply)?)?)).into_response())
}
