//! Formulas while they are being written: what they come to and which names they may use.

use super::auth::SignedIn;
use super::extract::{Json, Path};
use super::problem::Problem;
use super::schema;
use super::worksheets::FormulaError;
use crate::estimating::id::ItemId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A formula to try.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FormulaTry {
    /// The estimate it would stand in.
    pub estimate_id: Uuid,
    /// The item it would stand in; the estimate's own variables where absent.
    #[serde(default)]
    pub item_id: Option<Uuid>,
    /// The worksheet line it would stand in; lines have no names of their own yet.
    #[serde(default)]
    pub line_id: Option<Uuid>,
    /// The formula.
    pub text: String,
}

/// What a formula comes to.
#[derive(Debug, Serialize, ToSchema)]
pub struct FormulaValue {
    /// Its value.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Exact>)]
    pub value: Option<String>,
    /// Names it uses.
    pub names: Vec<String>,
    /// Why it has no value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<FormulaError>,
}

/// A name a formula may use.
#[derive(Debug, Serialize, ToSchema)]
pub struct FormulaName {
    /// The name.
    pub name: String,
    /// Its value.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Exact>)]
    pub value: Option<String>,
    /// Where it comes from: `worksheet`, `item`, `parent`, `estimate` or `built-in`.
    pub from: &'static str,
}

/// The names formulas of an item may use.
#[derive(Debug, Serialize, ToSchema)]
pub struct FormulaNames {
    /// Names, nearest first.
    pub items: Vec<FormulaName>,
}

/// What a formula would come to.
#[utoipa::path(
    post,
    path = "/formulas/check",
    operation_id = "checkFormulas",
    tag = "Worksheets",
    request_body = FormulaTry,
    responses((status = 200, description = "Its value, or what is wrong with it", body = FormulaValue)),
)]
pub async fn check(
    me: SignedIn,
    Json(body): Json<FormulaTry>,
) -> Result<Json<FormulaValue>, Problem> {
    let opened = me.open(body.estimate_id).await?;
    if let Some(item) = body.item_id {
        opened.estimate.item_slot(ItemId(item)).ok_or_else(|| Problem::not_found("item"))?;
    }
    let tried = opened.estimate.check_formula(body.item_id.map(ItemId), &body.text);
    let (value, error) = match tried.value {
        Ok(value) => (Some(value.normalize().to_string()), None),
        Err(error) => (None, Some(FormulaError::from(&error))),
    };
    Ok(Json(FormulaValue { value, names: tried.names, error }))
}

/// The names formulas of an item may use.
#[utoipa::path(
    get,
    path = "/estimates/{id}/items/{item}/names",
    operation_id = "namesFormulas",
    tag = "Worksheets",
    params(("id" = Uuid, Path, description = "Estimate"), ("item" = Uuid, Path, description = "Item")),
    responses((status = 200, description = "Names", body = FormulaNames)),
)]
pub async fn names(
    me: SignedIn,
    Path((id, item)): Path<(Uuid, Uuid)>,
) -> Result<Json<FormulaNames>, Problem> {
    let opened = me.open(id).await?;
    let names = opened.estimate.names(ItemId(item)).ok_or_else(|| Problem::not_found("item"))?;
    let name = |name: crate::estimating::estimate::NameView| FormulaName {
        name: name.name,
        value: name.value.map(|value| value.normalize().to_string()),
        from: name.from,
    };
    Ok(Json(FormulaNames { items: names.into_iter().map(name).collect() }))
}
