//! Resources and recipes together, for type-ahead.

use super::auth::SignedIn;
use super::extract::{Json, Query};
use super::limits::{SEARCH_CHARS_MAX, SUGGESTIONS_MAX};
use super::problem::Problem;
use super::schema;
use crate::estimating::catalogue::{self, Found};
use crate::estimating::cost::CostType;
use crate::estimating::number::Rate;
use crate::estimating::resource::Availability;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// What an entry is.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CatalogueKind {
    /// A resource.
    Resource,
    /// A recipe.
    Recipe,
}

/// A resource or recipe.
#[derive(Debug, Serialize, ToSchema)]
pub struct CatalogueEntry {
    /// Resource or recipe.
    pub kind: CatalogueKind,
    /// Identity.
    pub id: Uuid,
    /// Code.
    pub code: Box<str>,
    /// Description or name.
    pub description: Box<str>,
    /// Type of a resource.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub cost_type: Option<CostType>,
    /// Unit.
    pub unit: Box<str>,
    /// Rate of a resource.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Rate>)]
    pub rate: Option<Rate>,
    /// State.
    pub state: Availability,
}

/// Suggestions, best first.
#[derive(Debug, Serialize, ToSchema)]
pub struct Catalogue {
    /// Entries.
    pub items: Vec<CatalogueEntry>,
}

/// What to suggest.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CatalogueQuery {
    /// What was typed so far.
    #[serde(default)]
    pub q: String,
    /// Entries wanted, at most 50; 20 where absent.
    pub limit: Option<u32>,
    /// Whether retired entries are wanted too; they come last.
    pub retired: Option<bool>,
}

/// Suggests resources and recipes, best first.
#[utoipa::path(
    get,
    path = "/catalogue",
    operation_id = "findCatalogue",
    tag = "Library",
    params(CatalogueQuery),
    responses((status = 200, description = "Suggestions", body = Catalogue)),
)]
pub async fn find(
    me: SignedIn,
    Query(query): Query<CatalogueQuery>,
) -> Result<Json<Catalogue>, Problem> {
    if query.q.chars().count() > SEARCH_CHARS_MAX {
        return Err(Problem::invalid("q", format!("Type at most {SEARCH_CHARS_MAX} characters.")));
    }
    let published = me.published();
    let catalogue = &published.library.catalogue;
    let limit = query.limit.map_or(SUGGESTIONS_DEFAULT, |l| (l as usize).min(SUGGESTIONS_MAX));
    let found = catalogue.find(&query.q, query.retired.unwrap_or(false), limit);
    Ok(Json(Catalogue {
        items: found.into_iter().filter_map(|found| CatalogueEntry::of(catalogue, found)).collect(),
    }))
}

/// Suggestions where the request does not say how many.
const SUGGESTIONS_DEFAULT: usize = 20;

impl CatalogueEntry {
    fn of(catalogue: &catalogue::Catalogue, found: Found) -> Option<CatalogueEntry> {
        Some(match found {
            Found::Resource(id) => {
                let resource = catalogue.resource(id)?;
                CatalogueEntry {
                    kind: CatalogueKind::Resource,
                    id: id.0,
                    code: resource.code.clone(),
                    description: resource.description.clone(),
                    cost_type: Some(resource.cost_type),
                    unit: resource.unit.as_str().into(),
                    rate: catalogue.rate(id),
                    state: resource.state,
                }
            }
            Found::Recipe(id) => {
                let recipe = catalogue.recipe(id)?;
                let version = catalogue.recipe_current(id)?;
                CatalogueEntry {
                    kind: CatalogueKind::Recipe,
                    id: id.0,
                    code: recipe.code.clone(),
                    description: recipe.name.clone(),
                    cost_type: None,
                    unit: version.unit.as_str().into(),
                    rate: None,
                    state: recipe.state,
                }
            }
        })
    }
}
