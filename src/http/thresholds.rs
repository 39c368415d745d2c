//! The figures of rules that an organisation sets.

use super::auth::SignedIn;
use super::extract::{Asked, Json};
use super::history::Person;
use super::library;
use super::problem::Problem;
use super::schema;
use super::time::Time;
use crate::estimating::library::LibraryEdit;
use crate::estimating::number::{Money, Pct};
use crate::estimating::thresholds::ThresholdsFields;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Figures of rules.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Thresholds {
    /// A package awarded above this has three conforming quotes (BR-072).
    #[schema(value_type = schema::Money)]
    pub award: Money,
    /// Above this price, excluding GST, another Lead approves than changed rules last (BR-094).
    #[schema(value_type = schema::Money)]
    pub approval: Money,
    /// What rounded rates may miss the target by, however small the price (BR-085).
    #[schema(value_type = schema::Money)]
    pub misclose: Money,
    /// The same in percent of the target; the larger of both holds.
    #[schema(value_type = schema::Pct)]
    pub misclose_percent: Pct,
    /// Counts changes, from 1; 0 before there are any.
    pub version: u64,
    /// Who changed them last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_by: Option<Person>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Time>)]
    pub updated_at: Option<Time>,
}

/// New values for some figures of rules; absent ones stay as they are.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ThresholdsInput {
    /// The version the client read; 0 before there was one.
    #[serde(default)]
    pub version: Option<u64>,
    /// A package awarded above this has three conforming quotes.
    #[serde(default)]
    #[schema(value_type = Option<schema::Money>)]
    pub award: Option<String>,
    /// Above this price another Lead approves than changed rules last.
    #[serde(default)]
    #[schema(value_type = Option<schema::Money>)]
    pub approval: Option<String>,
    /// What rounded rates may miss the target by.
    #[serde(default)]
    #[schema(value_type = Option<schema::Money>)]
    pub misclose: Option<String>,
    /// The same in percent of the target.
    #[serde(default)]
    #[schema(value_type = Option<schema::Pct>)]
    pub misclose_percent: Option<String>,
}

/// The figures of rules that the organisation sets.
#[utoipa::path(
    get,
    path = "/thresholds",
    operation_id = "showThresholds",
    tag = "Rules",
    responses((status = 200, description = "The figures", body = Thresholds)),
)]
pub async fn show(me: SignedIn) -> Json<Thresholds> {
    Json(Thresholds::of(&me))
}

/// Sets figures of rules; an Admin's to do. What was awarded or approved before stays so.
#[utoipa::path(
    put,
    path = "/thresholds",
    operation_id = "updateThresholds",
    tag = "Rules",
    request_body = ThresholdsInput,
    responses((status = 200, description = "The figures", body = Thresholds)),
)]
pub async fn update(
    me: SignedIn,
    asked: Asked<ThresholdsInput>,
) -> Result<Json<Thresholds>, Problem> {
    let ThresholdsInput { version, award, approval, misclose, misclose_percent } = asked.body;
    let set = Box::new(ThresholdsFields { award, approval, misclose, misclose_percent });
    library::edit(&me, LibraryEdit::SetThresholds { version, set }, asked.terms).await?;
    Ok(Json(Thresholds::of(&me)))
}

impl Thresholds {
    fn of(me: &SignedIn) -> Thresholds {
        let published = me.published();
        let row = published.library.catalogue.thresholds();
        Thresholds {
            award: row.award,
            approval: row.approval,
            misclose: row.misclose,
            misclose_percent: row.misclose_percent,
            version: row.version,
            updated_by: row.stamp.map(|stamp| me.person(stamp.updated_by)),
            updated_at: row.stamp.map(|stamp| Time(stamp.updated_at_us)),
        }
    }
}
