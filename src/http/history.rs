//! The history of one row: who changed what, when, from which value to which.

use super::auth::SignedIn;
use super::extract::{Json, Path, Query};
use super::off_thread::off_thread;
use super::page::{page_before, page_size};
use super::problem::Problem;
use super::schema;
use super::time::Time;
use crate::estimating::id::{
    AcknowledgementId, CompanyId, EstimateId, HeadingId, ItemId, RecipeId, ResourceId, TenderId,
};
use crate::estimating::quotes::{PackageId, QuoteId};
use crate::workspace;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// What a history can be of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Entity {
    /// A tender.
    Tender,
    /// An estimate's own row.
    Estimate,
    /// A heading.
    Heading,
    /// An item.
    Item,
    /// The worksheet of an item.
    Worksheet,
    /// The commercials of an estimate, by the estimate's identity.
    Commercials,
    /// A package of an estimate, with its rounds.
    Package,
    /// A quote of an estimate.
    Quote,
    /// An acknowledgement of an estimate.
    Acknowledgement,
    /// A resource.
    Resource,
    /// A recipe.
    Recipe,
    /// A company.
    Company,
    /// A unit of measure.
    Unit,
    /// How documents look; the identity says nothing.
    Branding,
}

/// Which page of which history.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HistoryQuery {
    /// The estimate a heading, item, worksheet or acknowledgement is in.
    pub estimate_id: Option<Uuid>,
    /// `nextCursor` of the page before.
    pub cursor: Option<String>,
    /// Entries wanted, at most 500.
    pub limit: Option<u32>,
}

/// A person, in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Person {
    /// Identity.
    pub id: Uuid,
    /// Name at the time.
    pub name: String,
}

/// One field before and after.
#[derive(Debug, Serialize, ToSchema)]
pub struct FieldChange {
    /// The field, such as `quantity` or `line PLT-EX20: production`.
    pub field: String,
    /// Before; absent where there was nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<serde_json::Value>,
    /// After; absent where nothing is left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<serde_json::Value>,
}

/// One commit that changed the row.
#[derive(Debug, Serialize, ToSchema)]
pub struct HistoryEntry {
    /// The commit.
    #[schema(value_type = schema::Lsn)]
    pub lsn: u64,
    /// When.
    #[schema(value_type = schema::Time)]
    pub at: Time,
    /// Who.
    pub actor: Person,
    /// The command, such as `edit`.
    pub command: String,
    /// What the undo list calls it.
    pub label: String,
    /// Fields that changed.
    pub changes: Vec<FieldChange>,
}

/// Commits that changed a row.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct History {
    /// Commits, newest first.
    pub items: Vec<HistoryEntry>,
    /// Where the next page starts; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// The history of one row.
#[utoipa::path(
    get,
    path = "/history/{entity}/{id}",
    operation_id = "listHistory",
    tag = "History",
    params(("entity" = Entity, Path, description = "Kind of row"), ("id" = String, Path, description = "Its identity; a unit's code"), HistoryQuery),
    responses((status = 200, description = "Commits that changed it", body = History)),
)]
pub async fn list(
    me: SignedIn,
    Path((entity, id)): Path<(Entity, String)>,
    Query(query): Query<HistoryQuery>,
) -> Result<Json<History>, Problem> {
    let row = entity.row(id, query.estimate_id)?;
    let before = page_before(query.cursor.as_deref())?;
    let workspace = me.workspace().clone();
    let limit = page_size(query.limit);
    let read = move || workspace.history(&row, before, limit);
    let page = off_thread("reading a history", read).await??;
    Ok(Json(History {
        items: page.items.into_iter().map(HistoryEntry::from).collect(),
        next_cursor: page.next.map(|lsn| lsn.0.to_string()),
    }))
}

impl Entity {
    fn row(self, id: String, estimate: Option<Uuid>) -> Result<workspace::Entity, Problem> {
        let uuid = || Uuid::parse_str(&id).map_err(|_| Problem::not_found("row"));
        let estimate = || {
            estimate
                .map(EstimateId)
                .ok_or_else(|| Problem::invalid("estimateId", "Say which estimate the row is in."))
        };
        Ok(match self {
            Entity::Tender => workspace::Entity::Tender(TenderId(uuid()?)),
            Entity::Estimate => workspace::Entity::Estimate(EstimateId(uuid()?)),
            Entity::Heading => workspace::Entity::Heading(estimate()?, HeadingId(uuid()?)),
            Entity::Item => workspace::Entity::Item(estimate()?, ItemId(uuid()?)),
            Entity::Worksheet => workspace::Entity::Worksheet(estimate()?, ItemId(uuid()?)),
            Entity::Commercials => workspace::Entity::Commercials(EstimateId(uuid()?)),
            Entity::Package => workspace::Entity::Package(estimate()?, PackageId(uuid()?)),
            Entity::Quote => workspace::Entity::Quote(estimate()?, QuoteId(uuid()?)),
            Entity::Acknowledgement => {
                workspace::Entity::Acknowledgement(estimate()?, AcknowledgementId(uuid()?))
            }
            Entity::Resource => workspace::Entity::Resource(ResourceId(uuid()?)),
            Entity::Recipe => workspace::Entity::Recipe(RecipeId(uuid()?)),
            Entity::Company => workspace::Entity::Company(CompanyId(uuid()?)),
            Entity::Unit => workspace::Entity::Unit(id),
            Entity::Branding => workspace::Entity::Branding,
        })
    }
}

impl From<workspace::FieldChange> for FieldChange {
    fn from(change: workspace::FieldChange) -> FieldChange {
        FieldChange { field: change.field, before: change.before, after: change.after }
    }
}

impl From<workspace::HistoryEntry> for HistoryEntry {
    fn from(entry: workspace::HistoryEntry) -> HistoryEntry {
        HistoryEntry {
            lsn: entry.lsn.0,
            at: Time(entry.at_us),
            actor: Person { id: entry.actor.0, name: entry.actor_name.to_string() },
            command: entry.command,
            label: entry.label,
            changes: entry.changes.into_iter().map(FieldChange::from).collect(),
        }
    }
}
