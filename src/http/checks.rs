//! What is wrong or unusual in an estimate.

use super::as_of::PagingAsOf;
use super::auth::SignedIn;
use super::extract::{Json, Path, Query};
use super::page::{next_cursor, page_size, page_start};
use super::problem::Problem;
use crate::estimating::edit::RowKind;
use crate::estimating::estimate::{self, CheckSeverity};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// How serious a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// A rule is broken.
    Rule,
    /// Worth a look; blocks nothing.
    Warning,
}

/// A finding.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Check {
    /// Stable code.
    pub code: &'static str,
    /// The rule broken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// How serious it is.
    pub severity: Severity,
    /// What is wrong, in a sentence.
    pub message: String,
    /// The row it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node_id: Option<Uuid>,
    /// Kind of that row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<RowKind>,
}

/// Findings by severity.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckCounts {
    /// Broken rules.
    pub rules: u64,
    /// Warnings.
    pub warnings: u64,
}

/// Findings of an estimate.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Checks {
    /// Findings, in display order of the rows.
    pub items: Vec<Check>,
    /// How many there are in all.
    pub counts: CheckCounts,
    /// Where the next page starts; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// What is wrong or unusual in an estimate.
#[utoipa::path(
    get,
    path = "/estimates/{id}/checks",
    operation_id = "listChecks",
    tag = "Estimates",
    params(("id" = Uuid, Path, description = "Estimate"), PagingAsOf),
    responses((status = 200, description = "Findings", body = Checks)),
)]
pub async fn list(
    me: SignedIn,
    Path(id): Path<Uuid>,
    Query(paging): Query<PagingAsOf>,
) -> Result<Json<Checks>, Problem> {
    let opened = me.open_at(id, paging.as_of.as_deref()).await?;
    let (start, size) = (page_start(paging.cursor.as_deref())?, page_size(paging.limit));
    let past = me.workspace().references().await?;
    let (found, [rules, warnings]) =
        opened.estimate.checks(opened.catalogue(), &past, start.saturating_add(size));
    let kind = |id: Uuid| {
        let node = opened.estimate.node(id)?;
        Some(if node.item().is_some() { RowKind::Item } else { RowKind::Heading })
    };
    let items: Vec<Check> =
        found.iter().skip(start).map(|check| Check::of(check, kind(check.node))).collect();
    Ok(Json(Checks {
        next_cursor: next_cursor(start, items.len(), rules + warnings),
        items,
        counts: CheckCounts { rules: rules as u64, warnings: warnings as u64 },
    }))
}

impl Check {
    fn of(check: &estimate::Check, kind: Option<RowKind>) -> Check {
        Check {
            code: check.code,
            rule: check.rule.map(|rule| rule.to_string()),
            severity: match check.severity {
                CheckSeverity::Rule => Severity::Rule,
                CheckSeverity::Warning => Severity::Warning,
            },
            message: check.message.clone(),
            node_id: Some(check.node),
            kind,
        }
    }
}
