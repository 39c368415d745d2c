//! Categorisations, and what tenders, resources, items and companies carry of them.

use super::auth::SignedIn;
use super::extract::{Asked, Json, Path, Query};
use super::library;
use super::problem::Problem;
use crate::estimating::categorisation::{
    self, AppliesTo, CategorisationFields, CategorisationKind, LabelledKind,
};
use crate::estimating::id::OptionId;
use crate::estimating::library::LibraryEdit;
use crate::workspace::Command;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Identities that one question may name.
const ROWS_MAX: usize = 500;

/// An option of a categorisation.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CategoryOption {
    /// Identity.
    pub id: Uuid,
    /// Its code, may be empty.
    pub code: Box<str>,
    /// Its name.
    pub name: Box<str>,
    /// Not to be chosen any more.
    pub archived: bool,
    /// How many rows carry it.
    pub carriers: u64,
}

/// A categorisation.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Categorisation {
    /// Identity.
    pub id: Uuid,
    /// Name.
    pub name: Box<str>,
    /// What it is.
    pub kind: CategorisationKind,
    /// What it is given to.
    pub applies_to: AppliesTo,
    /// Its options in order; a flag has one, itself.
    pub options: Vec<CategoryOption>,
    /// Not to be given any more.
    pub archived: bool,
    /// Counts changes, from 1.
    pub version: u64,
}

/// Every categorisation.
#[derive(Debug, Serialize, ToSchema)]
pub struct Categorisations {
    /// Oldest first, archived ones too.
    pub items: Vec<Categorisation>,
}

/// New values for a categorisation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CategorisationPatch {
    /// The version the client read.
    pub version: u64,
    /// New values.
    pub set: CategorisationFields,
}

/// What a row carries.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RowLabels {
    /// The row.
    pub id: Uuid,
    /// The options it carries.
    pub options: Vec<Uuid>,
}

/// What rows carry.
#[derive(Debug, Serialize, ToSchema)]
pub struct Labelled {
    /// One entry for each row asked about.
    pub items: Vec<RowLabels>,
}

/// Which rows.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LabelsQuery {
    /// Identities parted by commas, at most 500.
    pub ids: String,
}

/// What a row shall carry.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LabelsInput {
    /// What the row is.
    pub kind: LabelledKind,
    /// The estimate of an item.
    #[serde(default)]
    pub estimate_id: Option<Uuid>,
    /// The options, at most one of each categorisation.
    pub options: Vec<Uuid>,
}

/// What many rows shall carry of one categorisation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ManyLabelsInput {
    /// What the rows are.
    pub kind: LabelledKind,
    /// The estimate of items.
    #[serde(default)]
    pub estimate_id: Option<Uuid>,
    /// The rows, at most 500.
    pub ids: Vec<Uuid>,
    /// The categorisation.
    pub categorisation_id: Uuid,
    /// Its option; none takes away what the rows carry of it.
    #[serde(default)]
    pub option_id: Option<Uuid>,
}

/// Every categorisation, archived ones too: old records read as they did.
#[utoipa::path(
    get,
    path = "/categorisations",
    operation_id = "listCategorisations",
    tag = "Categorisations",
    responses((status = 200, description = "Categorisations", body = Categorisations)),
)]
pub async fn list(me: SignedIn) -> Json<Categorisations> {
    let published = me.published();
    let library = &published.library;
    let carriers = library.carriers();
    let items = library.categorisations().map(|row| Categorisation::of(&carriers, row)).collect();
    Json(Categorisations { items })
}

/// Adds a categorisation; a Lead's to do.
#[utoipa::path(
    post,
    path = "/categorisations",
    operation_id = "createCategorisation",
    tag = "Categorisations",
    request_body = CategorisationFields,
    responses((status = 201, description = "The categorisation", body = Categorisation)),
)]
pub async fn create(me: SignedIn, asked: Asked<CategorisationFields>) -> Result<Response, Problem> {
    let edit = LibraryEdit::AddCategorisation { id: None, set: Box::new(asked.body) };
    let reply = library::edit(&me, edit, asked.terms).await?;
    Ok((StatusCode::CREATED, Json(find(&me, library::made(&reply)?)?)).into_response())
}

/// Changes a categorisation; a Lead's to do. Options are archived, never left out.
#[utoipa::path(
    patch,
    path = "/categorisations/{id}",
    operation_id = "updateCategorisation",
    tag = "Categorisations",
    params(("id" = Uuid, Path, description = "Categorisation")),
    request_body = CategorisationPatch,
    responses((status = 200, description = "The categorisation", body = Categorisation)),
)]
pub async fn update(
    me: SignedIn,
    Path(id): Path<Uuid>,
    asked: Asked<CategorisationPatch>,
) -> Result<Json<Categorisation>, Problem> {
    let CategorisationPatch { version, set } = asked.body;
    let set = Box::new(set);
    let edit = LibraryEdit::UpdateCategorisation { id, version: Some(version), set };
    library::edit(&me, edit, asked.terms).await?;
    find(&me, id).map(Json)
}

/// What rows carry: tenders, resources, items, companies.
#[utoipa::path(
    get,
    path = "/labels",
    operation_id = "listLabels",
    tag = "Categorisations",
    params(LabelsQuery),
    responses((status = 200, description = "Options by row", body = Labelled)),
)]
pub async fn labels(
    me: SignedIn,
    Query(query): Query<LabelsQuery>,
) -> Result<Json<Labelled>, Problem> {
    let published = me.published();
    let ids = ids_of("ids", Some(&query.ids))?;
    let carried = |id: Uuid| RowLabels {
        id,
        options: published.library.labels_of(id).iter().map(|option| option.0).collect(),
    };
    Ok(Json(Labelled { items: ids.into_iter().map(carried).collect() }))
}

/// Has a row carry options, and no others.
#[utoipa::path(
    put,
    path = "/labels/{id}",
    operation_id = "setLabels",
    tag = "Categorisations",
    params(("id" = Uuid, Path, description = "The row")),
    request_body = LabelsInput,
    responses((status = 200, description = "What it carries", body = RowLabels)),
)]
pub async fn set(
    me: SignedIn,
    Path(id): Path<Uuid>,
    asked: Asked<LabelsInput>,
) -> Result<Json<RowLabels>, Problem> {
    let LabelsInput { kind, estimate_id, options } = asked.body;
    let edit = LibraryEdit::SetLabels { id, kind, estimate_id, options };
    library::edit(&me, edit, asked.terms).await?;
    let published = me.published();
    let options = published.library.labels_of(id).iter().map(|option| option.0).collect();
    Ok(Json(RowLabels { id, options }))
}

/// Has many rows carry an option of one categorisation, in one commit; what they carry of others stays.
#[utoipa::path(
    put,
    path = "/labels",
    operation_id = "setManyLabels",
    tag = "Categorisations",
    request_body = ManyLabelsInput,
    responses((status = 200, description = "What they carry", body = Labelled)),
)]
pub async fn set_many(
    me: SignedIn,
    asked: Asked<ManyLabelsInput>,
) -> Result<Json<Labelled>, Problem> {
    let ManyLabelsInput { kind, estimate_id, ids, categorisation_id, option_id } = asked.body;
    if ids.is_empty() || ids.len() > ROWS_MAX {
        let said = format!("One request names 1 to {ROWS_MAX} rows; ask in parts.");
        return Err(Problem::invalid("ids", said));
    }
    let published = me.published();
    let library = &published.library;
    let mut all = library.categorisations();
    let row = all.find(|row| row.id.0 == categorisation_id);
    let row = row.ok_or_else(|| Problem::not_found("categorisation"))?;
    let own: HashSet<OptionId> = row.options.iter().map(|option| option.id).collect();
    if option_id.is_some_and(|id| !own.contains(&OptionId(id))) {
        return Err(Problem::invalid("optionId", format!("It is no option of {}.", row.name)));
    }
    let with = |id: &Uuid| {
        let others = library.labels_of(*id).iter().filter(|option| !own.contains(option));
        let options = others.map(|option| option.0).chain(option_id).collect();
        LibraryEdit::SetLabels { id: *id, kind, estimate_id, options }
    };
    let edits = ids.iter().map(with).collect();
    let rows = if ids.len() == 1 { "row" } else { "rows" };
    let label = Some(format!("Set {} of {} {rows}", row.name, ids.len()));
    me.submit(Command::Library { edits, label }, asked.terms).await?;
    let published = me.published();
    let carried = |id: Uuid| RowLabels {
        id,
        options: published.library.labels_of(id).iter().map(|option| option.0).collect(),
    };
    Ok(Json(Labelled { items: ids.into_iter().map(carried).collect() }))
}

fn find(me: &SignedIn, id: Uuid) -> Result<Categorisation, Problem> {
    let published = me.published();
    let mut all = published.library.categorisations();
    let row = all.find(|row| row.id.0 == id).ok_or_else(|| Problem::not_found("categorisation"))?;
    Ok(Categorisation::of(&published.library.carriers(), row))
}

/// Identities of a query, parted by commas.
fn ids_of(field: &'static str, text: Option<&str>) -> Result<Vec<Uuid>, Problem> {
    let words = text.unwrap_or_default().split(',').map(str::trim).filter(|id| !id.is_empty());
    let ids: Result<Vec<Uuid>, _> = words.take(ROWS_MAX + 1).map(Uuid::parse_str).collect();
    let no_ids = |_| Problem::invalid(field, "These are no identities parted by commas.");
    let ids = ids.map_err(no_ids)?;
    if ids.len() > ROWS_MAX {
        let said = format!("One request names at most {ROWS_MAX} identities; ask in parts.");
        return Err(Problem::invalid(field, said));
    }
    Ok(ids)
}

/// The options a register is filtered by.
pub(super) fn options_of(text: Option<&str>) -> Result<Vec<OptionId>, Problem> {
    Ok(ids_of("options", text)?.into_iter().map(OptionId).collect())
}

impl Categorisation {
    fn of(
        carriers: &HashMap<OptionId, u64>,
        row: &categorisation::Categorisation,
    ) -> Categorisation {
        let option = |option: &categorisation::CategoryOption| CategoryOption {
            id: option.id.0,
            code: option.code.clone(),
            name: option.name.clone(),
            archived: option.archived,
            carriers: carriers.get(&option.id).copied().unwrap_or_default(),
        };
        Categorisation {
            id: row.id.0,
            name: row.name.clone(),
            kind: row.kind,
            applies_to: row.applies_to,
            options: row.options.iter().map(option).collect(),
            archived: row.archived,
            version: row.version,
        }
    }
}
