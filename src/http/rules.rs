//! The catalogue of business rules.

use super::extract::Json;
use crate::estimating::rules;
use serde::Serialize;
use utoipa::ToSchema;

/// What happens when a rule is broken.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RuleKind {
    /// The change is refused.
    Block,
    /// The change is refused until a lead estimator acknowledges it with a reason.
    Acknowledge,
    /// Cannot happen: the commit is rolled back and an alarm raised.
    Invariant,
}

/// A business rule.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Rule {
    /// Rule, such as `BR-020`.
    pub id: String,
    /// The rule in a few words.
    pub title: &'static str,
    /// Code of its violations.
    pub code: &'static str,
    /// Part of the domain it belongs to.
    pub module: &'static str,
    /// What happens when it is broken.
    pub kind: RuleKind,
    /// When it is checked.
    pub trigger: &'static str,
    /// The rule in full.
    pub statement: &'static str,
    /// What it protects and what to do about it.
    pub explanation: &'static str,
    /// Where it is checked.
    pub checked_in: &'static str,
    /// Whether this release checks it.
    pub enforced: bool,
    /// What brings the check, where this release does not have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub awaits: Option<&'static str>,
}

/// Every rule.
#[derive(Debug, Serialize, ToSchema)]
pub struct Rules {
    /// Rules by number.
    pub items: Vec<Rule>,
}

/// The catalogue of business rules.
#[utoipa::path(
    get,
    path = "/rules",
    operation_id = "listRules",
    tag = "Rules",
    responses((status = 200, description = "Rules", body = Rules)),
)]
pub async fn list() -> Json<Rules> {
    Json(Rules { items: rules::all().map(Rule::of).collect() })
}

impl Rule {
    fn of(rule: &'static rules::Rule) -> Rule {
        Rule {
            id: rule.id.to_string(),
            title: rule.title,
            code: rule.code,
            module: rule.module.title(),
            kind: match rule.kind {
                rules::Kind::Block => RuleKind::Block,
                rules::Kind::Acknowledge => RuleKind::Acknowledge,
                rules::Kind::Invariant => RuleKind::Invariant,
            },
            trigger: rule.trigger,
            statement: rule.statement,
            explanation: rule.explanation,
            checked_in: rule.checked_in(),
            enforced: rule.enforced,
            awaits: rule.awaits(),
        }
    }
}
