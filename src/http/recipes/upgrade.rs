//! What moving a line to another version of its recipe changes (BR-059).

use super::RecipeLine;
use crate::estimating::catalogue::Catalogue;
use crate::estimating::edit::{Edit, EditContext, LineDifference, RecipeUpgrade, TakeLine};
use crate::estimating::estimate::Estimate;
use crate::estimating::id::ItemId;
use crate::estimating::number::Money;
use crate::http::auth::SignedIn;
use crate::http::extract::{Json, Path, Query};
use crate::http::problem::Problem;
use crate::http::schema;
use crate::http::time::now_us;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Which version to move to.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpgradeQuery {
    /// The version; the current one where absent.
    pub n: Option<u32>,
}

/// A line of the recipe that differs.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpgradeLine {
    /// The line of the recipe.
    pub id: Uuid,
    /// How it differs.
    pub difference: LineDifference,
    /// As the item has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<RecipeLine>,
    /// As the new version has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<RecipeLine>,
    /// The item's own: it needs a choice.
    pub local: bool,
}

/// What moving a line to another version of its recipe changes.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RecipeUpgradePreview {
    /// The version it uses.
    pub from: u32,
    /// The version it would use.
    pub to: u32,
    /// Lines that differ; the edit `upgrade-recipe` says which to keep.
    pub lines: Vec<UpgradeLine>,
    /// The line's cost now.
    #[schema(value_type = schema::Money)]
    pub old_cost: Money,
    /// The line's cost when every new line is taken.
    #[schema(value_type = schema::Money)]
    pub new_cost: Money,
    /// The worksheet's version, for the edit.
    pub version: u64,
}

/// What moving a line to another version of its recipe changes.
#[utoipa::path(
    get,
    path = "/estimates/{id}/items/{item}/worksheet/lines/{line}/upgrade",
    operation_id = "previewUpgrade",
    tag = "Estimates",
    params(
        ("id" = Uuid, Path, description = "Estimate"),
        ("item" = Uuid, Path, description = "Item"),
        ("line" = Uuid, Path, description = "Line"),
        UpgradeQuery,
    ),
    responses((status = 200, description = "What changes", body = RecipeUpgradePreview)),
)]
pub async fn preview(
    me: SignedIn,
    Path((id, item, line)): Path<(Uuid, Uuid, Uuid)>,
    Query(query): Query<UpgradeQuery>,
) -> Result<Json<RecipeUpgradePreview>, Problem> {
    let opened = me.open(id).await?;
    let catalogue = opened.catalogue();
    let estimate = &opened.estimate;
    let sheet = estimate.worksheet(ItemId(item), catalogue);
    let sheet = sheet.ok_or_else(|| Problem::not_found("item"))?;
    let row = sheet.lines.iter().find(|view| view.line.id.0 == line);
    let row = row.ok_or_else(|| Problem::not_found("line"))?.line;
    let used = row
        .recipe()
        .ok_or_else(|| Problem::invalid("line", "The line is not made of a recipe."))?;
    let current = catalogue.recipe(used.recipe).map_or(0, |recipe| recipe.current);
    let upgrade = RecipeUpgrade::of(used, query.n.unwrap_or(current), catalogue)?;
    let mut after = Estimate::clone(estimate);
    let edit = Edit::UpgradeRecipe {
        item_id: item,
        line_id: line,
        version: None,
        n: Some(upgrade.to),
        choices: upgrade.lines.iter().map(|line| (line.id.0, TakeLine::New)).collect(),
    };
    let mut fresh = Uuid::now_v7;
    let mut context = EditContext { catalogue, by: me.id(), at_us: now_us(), ids: &mut fresh };
    after.edit(std::slice::from_ref(&edit), &mut context)?;
    Ok(Json(RecipeUpgradePreview {
        from: upgrade.from,
        to: upgrade.to,
        lines: upgrade.lines.iter().map(|line| UpgradeLine::of(catalogue, line)).collect(),
        old_cost: cost(estimate, item, line, catalogue),
        new_cost: cost(&after, item, line, catalogue),
        version: sheet.sheet.map_or(0, |sheet| sheet.version),
    }))
}

fn cost(estimate: &Estimate, item: Uuid, line: Uuid, catalogue: &Catalogue) -> Money {
    let sheet = estimate.worksheet(ItemId(item), catalogue);
    let view = sheet.as_ref().and_then(|s| s.lines.iter().find(|view| view.line.id.0 == line));
    view.and_then(|view| view.cost.as_ref()).map_or(Money::ZERO, |cost| cost.sums.total())
}

impl UpgradeLine {
    fn of(catalogue: &Catalogue, line: &crate::estimating::edit::UpgradeLine) -> UpgradeLine {
        let shown = |row: &crate::estimating::recipe::RecipeLine| RecipeLine::of(catalogue, row);
        UpgradeLine {
            id: line.id.0,
            difference: line.difference,
            before: line.before.as_ref().map(shown),
            after: line.after.as_ref().map(shown),
            local: line.local,
        }
    }
}
