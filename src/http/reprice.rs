//! Taking current rates and recipe versions into lines, previewed first (BR-050).

use super::auth::{Opened, SignedIn};
use super::edits::EditResult;
use super::extract::{Asked, Json, Path};
use super::limits::REPRICE_LINES_MAX;
use super::problem::Problem;
use super::schema;
use super::time::now_us;
use crate::estimating::catalogue::Catalogue;
use crate::estimating::edit::{Edit, EditContext};
use crate::estimating::estimate::{Estimate, LineView};
use crate::estimating::id::{EstimateId, ItemId, LineId};
use crate::estimating::number::{Money, Rate};
use crate::estimating::worksheet::{Line, Source};
use crate::workspace::Command;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};
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
    /// False lists what would change, true does it.
    pub apply: bool,
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
pub struct Repriced<'a> {
    /// The lines that change.
    pub lines: Vec<RepriceLine>,
    /// Change of the lines' cost together.
    #[schema(value_type = schema::Money)]
    pub effect: Money,
    /// What the commit changed, when applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<EditResult<'a>>,
}

/// Takes current rates and recipe versions into lines, or lists what that would do.
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
    let RepriceRequest { resource_ids, recipe_ids, line_ids, apply } = asked.body;
    let edit = Edit::Reprice { line_ids, resource_ids, recipe_ids };
    let opened = me.open(id).await?;
    let (lines, effect) = preview(&me, &opened, &edit)?;
    if !apply || lines.is_empty() {
        return Ok(Json(Repriced { lines, effect, result: None }).into_response());
    }
    let label = Some("Reprice lines".to_owned());
    let command = Command::Estimate { id: EstimateId(id), edits: vec![edit], label };
    let reply = me.submit(command, asked.terms).await?;
    let published = me.published();
    let result = EditResult::of(&reply, &published.library.catalogue)?;
    Ok(Json(Repriced { lines, effect, result: Some(result) }).into_response())
}

/// What the edit would do, worked out on a copy nobody keeps. O(lines of the items it touches).
fn preview(
    me: &SignedIn,
    opened: &Opened,
    edit: &Edit,
) -> Result<(Vec<RepriceLine>, Money), Problem> {
    let catalogue = opened.catalogue();
    let mut after = Estimate::clone(&opened.estimate);
    let mut fresh = Uuid::now_v7;
    let mut context = EditContext { catalogue, by: me.id(), at_us: now_us(), ids: &mut fresh };
    let outcome = after.edit(std::slice::from_ref(edit), &mut context)?;
    let changed: BTreeSet<LineId> = outcome.ids.iter().flatten().copied().map(LineId).collect();
    if changed.len() > REPRICE_LINES_MAX {
        return Err(Problem::too_large(
            "too-many-edits",
            format!("Reprice at most {REPRICE_LINES_MAX} lines at a time."),
        ));
    }
    let mut lines = Vec::with_capacity(changed.len());
    let mut effect = Money::ZERO;
    for node in opened.estimate.rows() {
        let touches = |line: &Line| changed.contains(&line.id);
        if !node.sheet.is_some_and(|sheet| sheet.lines.iter().any(touches)) {
            continue;
        }
        let Some(item) = node.item() else { continue };
        for line in of_item(&opened.estimate, &after, item.id, &changed, catalogue) {
            let difference = line.new_cost.checked_sub(line.old_cost);
            effect = difference.and_then(|d| effect.checked_add(d)).unwrap_or(effect);
            lines.push(line);
        }
    }
    Ok((lines, effect))
}

fn of_item(
    before: &Estimate,
    after: &Estimate,
    item: ItemId,
    changed: &BTreeSet<LineId>,
    catalogue: &Catalogue,
) -> Vec<RepriceLine> {
    let (Some(old), Some(new)) =
        (before.worksheet(item, catalogue), after.worksheet(item, catalogue))
    else {
        return Vec::new();
    };
    let by_id: HashMap<LineId, &LineView<'_>> = new.lines.iter().map(|v| (v.line.id, v)).collect();
    let cost =
        |view: &LineView<'_>| view.cost.as_ref().map_or(Money::ZERO, |cost| cost.sums.total());
    old.lines
        .iter()
        .filter(|view| changed.contains(&view.line.id))
        .filter_map(|view| {
            let next = by_id.get(&view.line.id)?;
            Some(RepriceLine {
                item_id: item.0,
                item_code: old.item.code.to_string(),
                line_id: view.line.id.0,
                code: code_of(view.line, catalogue),
                old_rate: view.line.rate,
                new_rate: next.line.rate,
                old_cost: cost(view),
                new_cost: cost(next),
            })
        })
        .collect()
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
