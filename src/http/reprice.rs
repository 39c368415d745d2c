//! Taking rates of price books and recipe versions into lines, previewed first (BR-050).

use super::auth::{Opened, SignedIn};
use super::edits::EditResult;
use super::extract::{Asked, Json, Path};
use super::limits::REPRICE_LINES_MAX;
use super::problem::Problem;
use super::schema;
use super::time::now_us;
use crate::estimating::catalogue::Catalogue;
use crate::estimating::edit::{Edit, EditContext, FromPriceBook, RepriceScope};
use crate::estimating::estimate::RepricedCost;
use crate::estimating::id::{EstimateId, ItemId};
use crate::estimating::number::{Money, Rate};
use crate::estimating::worksheet::{Line, Source};
use crate::workspace::Command;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Which lines to reprice; all whose rate or version differs where nothing is named.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct RepriceRequest {
    /// Lines of these resources.
    pub resource_ids: Option<Vec<Uuid>>,
    /// Lines of these recipes.
    pub recipe_ids: Option<Vec<Uuid>>,
    /// These lines.
    pub line_ids: Option<Vec<Uuid>>,
    /// Rates of this price book in the place of each resource's own.
    pub price_book: Option<FromPriceBook>,
    /// False lists what would change, true does it.
    pub apply: bool,
    /// What the list of before called `preview`: needed to do it, and refused when the list has
    /// changed since (BR-050).
    pub preview: Option<String>,
    /// The lines of the list to take; all where absent.
    pub choose: Option<Vec<Uuid>>,
}

/// What repricing does to one line.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RepriceLine {
    /// The item.
    pub item_id: Uuid,
    /// The item's code.
    pub item_code: String,
    /// The line.
    pub line_id: Uuid,
    /// Code of its resource or recipe.
    pub code: String,
    /// The rate it has; absent on recipe lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Rate>)]
    pub old_rate: Option<Rate>,
    /// The rate it gets; absent on recipe lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Rate>)]
    pub new_rate: Option<Rate>,
    /// Its cost now.
    #[schema(value_type = schema::Money)]
    pub old_cost: Money,
    /// Its cost then.
    #[schema(value_type = schema::Money)]
    pub new_cost: Money,
}

/// What repricing does.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Reprice)]
#[serde(rename_all = "camelCase")]
pub struct Repriced<'a> {
    /// The lines that change.
    pub lines: Vec<RepriceLine>,
    /// Change of the lines' cost together.
    #[schema(value_type = schema::Money)]
    pub effect: Money,
    /// The estimate's cost now.
    #[schema(value_type = schema::Money)]
    pub old_total: Money,
    /// The estimate's cost then, with lines that are worked on others' cost.
    #[schema(value_type = schema::Money)]
    pub new_total: Money,
    /// To be sent back to do what is listed.
    pub preview: String,
    /// What the commit changed, when applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<EditResult<'a>>,
}

/// Takes rates and recipe versions into lines, or lists what that would do.
#[utoipa::path(
    post,
    path = "/estimates/{id}/reprice",
    operation_id = "repriceReprice",
    tag = "Estimates",
    params(("id" = Uuid, Path, description = "Estimate")),
    request_body = RepriceRequest,
    responses((status = 200, description = "What changes, or changed", body = Repriced)),
)]
pub async fn reprice(
    me: SignedIn,
    Path(id): Path<Uuid>,
    asked: Asked<RepriceRequest>,
) -> Result<Response, Problem> {
    let RepriceRequest { resource_ids, recipe_ids, line_ids, price_book, apply, preview, choose } =
        asked.body;
    let opened = me.open(id).await?;
    let scope = RepriceScope {
        lines: line_ids.as_deref(),
        resources: resource_ids.as_deref(),
        recipes: recipe_ids.as_deref(),
        book: price_book,
    };
    let mut answer = list(&me, &opened, &scope)?;
    if !apply {
        return Ok(Json(answer).into_response());
    }
    if let Some(chosen) = &choose {
        answer.lines.retain(|line| chosen.contains(&line.line_id));
        answer.effect = effect(&answer.lines);
    }
    let edit = Edit::Reprice { line_ids, resource_ids, recipe_ids, price_book, preview, choose };
    let label = Some("Reprice lines".to_owned());
    let command = Command::Estimate { id: EstimateId(id), edits: vec![edit], label };
    let reply = me.submit(command, asked.terms).await?;
    let published = me.published();
    let result = EditResult::of(&reply, &published.library.catalogue)?;
    answer.new_total = reply.totals.map_or(answer.new_total, |totals| totals.total());
    Ok(Json(Repriced { result: Some(result), ..answer }).into_response())
}

/// What repricing would do, worked out on a copy nobody keeps. O(lines of the items it touches).
fn list<'a>(
    me: &SignedIn,
    opened: &Opened,
    scope: &RepriceScope<'_>,
) -> Result<Repriced<'a>, Problem> {
    let catalogue = opened.catalogue();
    let mut fresh = Uuid::now_v7;
    let mut context = EditContext { catalogue, by: me.id(), at_us: now_us(), ids: &mut fresh };
    let preview = opened.estimate.reprice_preview(scope, &mut context)?;
    if preview.lines.len() > REPRICE_LINES_MAX {
        return Err(Problem::too_large(
            "too-many-edits",
            format!("Reprice at most {REPRICE_LINES_MAX} lines at a time."),
        ));
    }
    let code = |item: ItemId| {
        let node = opened.estimate.node(item.0);
        node.and_then(|n| n.item().map(|item| item.code.to_string())).unwrap_or_default()
    };
    let lines: Vec<RepriceLine> = preview
        .lines
        .into_iter()
        .map(|RepricedCost { item, line, old_cost, new_cost }| RepriceLine {
            item_id: item.0,
            item_code: code(item),
            line_id: line.before.id.0,
            code: code_of(&line.before, catalogue),
            old_rate: line.before.rate,
            new_rate: line.after.rate,
            old_cost,
            new_cost,
        })
        .collect();
    Ok(Repriced {
        effect: effect(&lines),
        lines,
        old_total: preview.old_total,
        new_total: preview.new_total,
        preview: preview.seen,
        result: None,
    })
}

/// Change of the lines' cost together.
fn effect(lines: &[RepriceLine]) -> Money {
    lines.iter().fold(Money::ZERO, |sum, line| {
        let difference = line.new_cost.checked_sub(line.old_cost);
        difference.and_then(|d| sum.checked_add(d)).unwrap_or(sum)
    })
}

/// Code of what a line is made of.
fn code_of(line: &Line, catalogue: &Catalogue) -> String {
    let code = match &line.source {
        Source::Resource { resource, .. } => catalogue.resource(*resource).map(|r| &r.code),
        Source::Recipe(recipe) => catalogue.recipe(recipe.recipe).map(|r| &r.code),
        Source::Free { description } => Some(description),
    };
    code.map(|code| code.to_string()).unwrap_or_default()
}
