//! The budget and revenue of a won tender as its job takes them (BR-110, BR-111).

use crate::estimating::{
    commercials::{BudgetSource, Pricing},
    cost::CostType,
    estimate::Estimate,
    id::HeadingId,
    number::Money,
    refusal::Refusal,
    rules::{RuleId, Violation, Violations},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Levels of a sub-job's code, told apart by dots (BR-110).
pub const SUB_JOB_LEVELS_MAX: usize = 5;

/// The codes of a section of the budget.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SectionCodes {
    /// The section: a top heading's code, or `allowance`.
    pub section: String,
    /// Sub-job, at most five levels told apart by dots.
    pub sub_job: String,
    /// Activity.
    pub activity: String,
}

/// How a budget's rows are coded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct HandoverCodes {
    /// The job.
    pub job: String,
    /// Codes of sections; one that is not here takes its own code for both.
    pub sections: Vec<SectionCodes>,
}

/// A row of the budget.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BudgetLine {
    /// The job.
    pub job: String,
    /// Sub-job.
    pub sub_job: String,
    /// Activity.
    pub activity: String,
    /// Cost type, one letter: L, P, M, S or O.
    pub cost_type: String,
    /// The section, a top heading's code or `allowance`.
    pub section: String,
    /// What the money is for.
    pub description: String,
    /// The amount, excluding GST.
    #[schema(value_type = String)]
    pub amount: Money,
}

/// A row of the revenue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RevenueLine {
    /// The job.
    pub job: String,
    /// Sub-job.
    pub sub_job: String,
    /// The section, a top heading's code.
    pub section: String,
    /// Its name.
    pub description: String,
    /// The amount, excluding GST.
    #[schema(value_type = String)]
    pub amount: Money,
}

/// What a hand-over hands over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HandoverPlan {
    /// Cost.
    pub budget: Vec<BudgetLine>,
    /// Sell.
    pub revenue: Vec<RevenueLine>,
    /// Sum of the budget.
    #[schema(value_type = String)]
    pub cost_total: Money,
    /// Sum of the revenue.
    #[schema(value_type = String)]
    pub total_ex: Money,
}

/// The budget and revenue of an estimate, coded. O(items + headings).
///
/// # Errors
/// BR-110 for rows without codes, BR-111 when the rows do not add up to cost and price.
pub fn plan(
    estimate: &Estimate,
    pricing: &Pricing,
    codes: &HandoverCodes,
) -> Result<HandoverPlan, Refusal> {
    let mut unmapped = Vec::new();
    let job = codes.job.trim();
    if job.is_empty() {
        let message = "The budget needs the number of the job it goes to.";
        unmapped.push(Violation::new(RuleId::br(110), message).field("job"));
    }
    let mut budget = Vec::new();
    for row in pricing.budget() {
        let (sub_job, activity) = match coded(codes, &row.section_code) {
            Ok(codes) => codes,
            Err(message) => {
                unmapped.push(Violation::new(RuleId::br(110), message).field("sections"));
                continue;
            }
        };
        budget.push(BudgetLine {
            job: job.to_owned(),
            sub_job,
            activity,
            cost_type: letter(row.source).to_owned(),
            section: row.section_code.to_string(),
            description: row.cost_type.to_string(),
            amount: row.amount,
        });
    }
    #[cfg(test)]
    if crate::estimating::fault::planted(111) {
        budget.pop();
    }
    unmapped.dedup_by(|a, b| a.message == b.message);
    Violations::check(unmapped)?;
    let mut revenue = Vec::new();
    for (heading, amount) in pricing.heading_sells().map_err(Refusal::from)? {
        let Some((code, name)) = top_heading(estimate, heading) else { continue };
        let (sub_job, _) = coded(codes, &code).unwrap_or_default();
        revenue.push(RevenueLine {
            job: job.to_owned(),
            sub_job,
            section: code,
            description: name,
            amount,
        });
    }
    let sum = |amounts: &mut dyn Iterator<Item = Money>| Money::checked_sum(amounts);
    let report = pricing.margin().map_err(Refusal::from)?;
    let total_ex = pricing.tender_sum().total_ex;
    let adds_up = sum(&mut budget.iter().map(|row| row.amount)) == Some(report.cost_total)
        && sum(&mut revenue.iter().map(|row| row.amount)) == Some(total_ex);
    if !adds_up {
        let message = format!(
            "The rows do not add up to the cost of {} and the price of {total_ex}.",
            report.cost_total
        );
        return Err(Violation::new(RuleId::br(111), message).object(estimate.row().id.0).into());
    }
    Ok(HandoverPlan { budget, revenue, cost_total: report.cost_total, total_ex })
}

/// Sub-job and activity of a section.
fn coded(codes: &HandoverCodes, section: &str) -> Result<(String, String), String> {
    let given = codes.sections.iter().find(|row| row.section.trim() == section);
    let (sub_job, activity) = match given {
        Some(row) => (row.sub_job.trim(), row.activity.trim()),
        None => (section, section),
    };
    if sub_job.is_empty() || activity.is_empty() {
        return Err(match section {
            "" => "A section without a code needs a sub-job and an activity.".to_owned(),
            code => format!("Section {code} needs a sub-job and an activity."),
        });
    }
    if sub_job.split('.').count() > SUB_JOB_LEVELS_MAX {
        return Err(format!(
            "Sub-job {sub_job} of section {section} has more than {SUB_JOB_LEVELS_MAX} levels."
        ));
    }
    Ok((sub_job.to_owned(), activity.to_owned()))
}

fn letter(source: BudgetSource) -> &'static str {
    match source {
        BudgetSource::Cost(CostType::Labour) => "L",
        BudgetSource::Cost(CostType::Plant) => "P",
        BudgetSource::Cost(CostType::Material) => "M",
        BudgetSource::Cost(CostType::Subcontract) => "S",
        BudgetSource::Cost(CostType::Other)
        | BudgetSource::Rule(_)
        | BudgetSource::ClientSum(_) => "O",
    }
}

/// Code and name of a heading at the top; none for one below another.
fn top_heading(estimate: &Estimate, id: HeadingId) -> Option<(String, String)> {
    let node = estimate.node(id.0)?;
    let heading = node.heading().filter(|heading| heading.parent.is_none())?;
    Some((heading.code.to_string(), heading.name.to_string()))
}
