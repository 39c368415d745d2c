//! What is wrong or unusual in an estimate.

use super::auth::SignedIn;
use super::extract::{Json, Path, Query};
use super::history::Person;
use super::page::{next_cursor, page_size, page_start};
use super::problem::Problem;
use super::schema;
use super::time::Time;
use crate::estimating::acknowledgement::Acknowledgement;
use crate::estimating::edit::RowKind;
use crate::estimating::estimate::{self, CheckFound, CheckSeverity};
use crate::estimating::reference::Past;
use crate::estimating::warning::Warning;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
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
    /// The price book it is about, where it is not about a row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price_book_id: Option<Uuid>,
    /// Kind of that row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<RowKind>,
    /// The value a warning was found in, for edit `dismiss-check`; a rule has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Who dismissed it and why, among dismissed ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dismissed: Option<Dismissal>,
}

/// A dismissed warning. Edit `restore-check` ends it, and so does another value.
#[derive(Debug, Serialize, ToSchema)]
pub struct Dismissal {
    /// Identity.
    pub id: Uuid,
    /// Why.
    pub reason: Box<str>,
    /// Who dismissed it.
    pub by: Person,
    /// When.
    #[schema(value_type = schema::Time)]
    pub at: Time,
}

/// Which checks.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChecksQuery {
    /// The dismissed ones instead of those to settle.
    #[serde(default)]
    pub dismissed: bool,
    /// `nextCursor` of the page before; absent for the first page.
    pub cursor: Option<String>,
    /// Entries wanted, at most 500.
    pub limit: Option<u32>,
    /// A commit, or a time with its zone: the answer is as the estimate was then.
    pub as_of: Option<String>,
}

/// Findings by severity.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckCounts {
    /// Broken rules.
    pub rules: u64,
    /// Warnings nobody dismissed.
    pub warnings: u64,
    /// Dismissed warnings.
    pub dismissed: u64,
}

/// Findings of an estimate.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Checks {
    /// Findings, in display order of the rows.
    pub items: Vec<Check>,
    /// How many there are in all.
    pub counts: CheckCounts,
    /// Past tenders are still being read: what is unusual is told when asked again.
    pub still_reading: bool,
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
    params(("id" = Uuid, Path, description = "Estimate"), ChecksQuery),
    responses((status = 200, description = "Findings", body = Checks)),
)]
pub async fn list(
    me: SignedIn,
    Path(id): Path<Uuid>,
    Query(query): Query<ChecksQuery>,
) -> Result<Json<Checks>, Problem> {
    let opened = me.open_at(id, query.as_of.as_deref()).await?;
    let (start, size) = (page_start(query.cursor.as_deref())?, page_size(query.limit));
    let known = me.workspace().references().await?;
    let regions = opened.published.library.regions();
    let past = Past { references: &known.references, regions: &regions };
    let end = start.saturating_add(size);
    let (found, counts) = opened.estimate.checks(opened.catalogue(), &past, query.dismissed, end);
    let total = if query.dismissed { counts.dismissed } else { counts.rules + counts.warnings };
    let kind = |id: Uuid| {
        let node = opened.estimate.node(id)?;
        Some(if node.item().is_some() { RowKind::Item } else { RowKind::Heading })
    };
    let items: Vec<Check> =
        found.iter().skip(start).map(|check| Check::of(&me, check, kind(check.node))).collect();
    Ok(Json(Checks {
        next_cursor: next_cursor(start, items.len(), total),
        items,
        counts: CheckCounts {
            rules: counts.rules as u64,
            warnings: counts.warnings as u64,
            dismissed: counts.dismissed as u64,
        },
        still_reading: known.still_reading,
    }))
}

impl Check {
    fn of(me: &SignedIn, check: &estimate::Check, kind: Option<RowKind>) -> Check {
        let (rule, value) = match &check.found {
            CheckFound::Rule(rule, _) => (Some(rule.to_string()), None),
            CheckFound::Warning(_, value) => (None, Some(value.clone())),
        };
        let of_book = matches!(check.found, CheckFound::Warning(Warning::ResourcesUnused, _));
        Check {
            code: check.code(),
            rule,
            severity: match check.severity() {
                CheckSeverity::Rule => Severity::Rule,
                CheckSeverity::Warning => Severity::Warning,
            },
            message: check.message.clone(),
            node_id: (!of_book).then_some(check.node),
            price_book_id: of_book.then_some(check.node),
            kind,
            value,
            dismissed: check.dismissed.as_deref().map(|row| Dismissal::of(me, row)),
        }
    }
}

impl Dismissal {
    fn of(me: &SignedIn, row: &Acknowledgement) -> Dismissal {
        Dismissal {
            id: row.id.0,
            reason: row.reason.clone(),
            by: me.person(row.by),
            at: Time(row.at_us),
        }
    }
}
