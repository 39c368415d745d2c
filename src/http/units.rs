//! Units of measure and the conversions between them.

use super::auth::SignedIn;
use super::extract::{Asked, Json, Path, Terms};
use super::library;
use super::problem::Problem;
use super::schema;
use crate::estimating::catalogue::Catalogue;
use crate::estimating::library::LibraryEdit;
use crate::estimating::number::Factor;
use crate::estimating::units::{self, Dimension};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A unit of measure.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Unit {
    /// Code, as schedules show it.
    pub code: Box<str>,
    /// Name.
    pub name: String,
    /// Other ways spreadsheets write it.
    pub aliases: Vec<String>,
    /// What it measures, such as `length`.
    pub dimension: Dimension,
}

/// How many of one unit make one of another.
#[derive(Debug, Serialize, ToSchema)]
pub struct Conversion {
    /// Unit converted from.
    pub from: String,
    /// Unit converted to.
    pub to: String,
    /// Units of `to` in one `from`.
    #[schema(value_type = schema::Factor)]
    pub factor: Factor,
}

/// How many of one unit make one of another, as typed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConversionInput {
    /// Unit converted from.
    pub from: String,
    /// Unit converted to.
    pub to: String,
    /// Units of `to` in one `from`, above zero.
    #[schema(value_type = schema::Factor)]
    pub factor: String,
}

/// The managed units.
#[derive(Debug, Serialize, ToSchema)]
pub struct Units {
    /// Units by code.
    pub items: Vec<Unit>,
    /// Conversions.
    pub conversions: Vec<Conversion>,
}

/// A new unit.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UnitInput {
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Other ways spreadsheets write it.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// What it measures.
    pub dimension: Dimension,
}

/// New values for some fields of a unit; absent ones stay as they are.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UnitPatch {
    /// Name.
    #[serde(default)]
    pub name: Option<String>,
    /// Other ways spreadsheets write it; replaces all of them.
    #[serde(default)]
    pub aliases: Option<Vec<String>>,
}

/// Units of measure and conversions.
#[utoipa::path(
    get,
    path = "/units",
    operation_id = "listUnits",
    tag = "Library",
    responses((status = 200, description = "Units", body = Units)),
)]
pub async fn list(me: SignedIn) -> Json<Units> {
    let published = me.published();
    let catalogue = &published.library.catalogue;
    Json(Units {
        items: catalogue.units().filter(|unit| !unit.retired).map(|unit| Unit::of(unit)).collect(),
        conversions: catalogue.conversions().map(|c| Conversion::of(c)).collect(),
    })
}

/// Adds a unit.
#[utoipa::path(
    post,
    path = "/units",
    operation_id = "createUnits",
    tag = "Library",
    request_body = UnitInput,
    responses((status = 201, description = "The unit", body = Unit)),
)]
pub async fn create(me: SignedIn, asked: Asked<UnitInput>) -> Result<Response, Problem> {
    let UnitInput { code, name, aliases, dimension } = asked.body;
    let edit = LibraryEdit::AddUnit { code: code.clone(), name, aliases, dimension };
    library::edit(&me, edit, asked.terms).await?;
    Ok((StatusCode::CREATED, Json(find(&me.published().library.catalogue, &code)?)).into_response())
}

/// Changes a unit.
#[utoipa::path(
    patch,
    path = "/units/{code}",
    operation_id = "updateUnits",
    tag = "Library",
    params(("code" = String, Path, description = "Unit")),
    request_body = UnitPatch,
    responses((status = 200, description = "The unit", body = Unit)),
)]
pub async fn update(
    me: SignedIn,
    Path(code): Path<String>,
    asked: Asked<UnitPatch>,
) -> Result<Json<Unit>, Problem> {
    let UnitPatch { name, aliases } = asked.body;
    let edit = LibraryEdit::UpdateUnit { code: code.clone(), name, aliases };
    library::edit(&me, edit, asked.terms).await?;
    find(&me.published().library.catalogue, &code).map(Json)
}

/// Hides a unit: rows that have it keep it.
#[utoipa::path(
    delete,
    path = "/units/{code}",
    operation_id = "removeUnits",
    tag = "Library",
    params(("code" = String, Path, description = "Unit")),
    responses((status = 204, description = "Hidden")),
)]
pub async fn remove(
    me: SignedIn,
    Path(code): Path<String>,
    terms: Terms,
) -> Result<StatusCode, Problem> {
    library::edit(&me, LibraryEdit::DeleteUnit { code }, terms).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sets how many of one unit make one of another.
#[utoipa::path(
    put,
    path = "/units/conversions",
    operation_id = "convertUnits",
    tag = "Library",
    request_body = ConversionInput,
    responses((status = 200, description = "The conversion", body = Conversion)),
)]
pub async fn convert(
    me: SignedIn,
    asked: Asked<ConversionInput>,
) -> Result<Json<Conversion>, Problem> {
    let ConversionInput { from, to, factor } = asked.body;
    let edit = LibraryEdit::SetConversion { from: from.clone(), to: to.clone(), factor };
    library::edit(&me, edit, asked.terms).await?;
    let published = me.published();
    let catalogue = &published.library.catalogue;
    let (from, to) = (catalogue.match_unit(&from), catalogue.match_unit(&to));
    let row = from.zip(to).and_then(|(from, to)| catalogue.conversion_row(from, to));
    row.map(|row| Json(Conversion::of(row))).ok_or_else(|| Problem::not_found("conversion"))
}

/// The unit a code or alias means.
fn find(catalogue: &Catalogue, code: &str) -> Result<Unit, Problem> {
    let unit = catalogue.match_unit(code).and_then(|code| catalogue.unit(code));
    unit.map(|unit| Unit::of(unit)).ok_or_else(|| Problem::not_found("unit"))
}

impl Unit {
    fn of(unit: &units::Unit) -> Unit {
        Unit {
            code: unit.code.as_str().into(),
            name: unit.name.clone(),
            aliases: unit.aliases.clone(),
            dimension: unit.dimension,
        }
    }
}

impl Conversion {
    fn of(row: &units::Conversion) -> Conversion {
        Conversion { from: row.from.to_string(), to: row.to.to_string(), factor: row.factor }
    }
}
