//! The files of a hand-over.

use crate::estimating::submission::HandoverPlan;

use super::export::ExportError;
use super::export_csv::plain;

/// A budget as comma-separated text with Workbench's codes. O(rows).
///
/// # Errors
/// When a row cannot be written.
pub fn workbench_csv(plan: &HandoverPlan) -> Result<Vec<u8>, ExportError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["Job", "SubJob", "Activity", "CostType", "Description", "Amount"])?;
    for row in &plan.budget {
        let amount = row.amount.to_string();
        writer.write_record([
            guarded(&row.job),
            guarded(&row.sub_job),
            guarded(&row.activity),
            guarded(&row.cost_type),
            guarded(&row.description),
            amount,
        ])?;
    }
    finished(writer)
}

/// Budget and revenue as comma-separated text for any other system. O(rows).
///
/// # Errors
/// When a row cannot be written.
pub fn generic_csv(plan: &HandoverPlan) -> Result<Vec<u8>, ExportError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["kind", "job", "section", "costType", "description", "amount"])?;
    for row in &plan.budget {
        let amount = row.amount.to_string();
        writer.write_record([
            "cost".to_owned(),
            guarded(&row.job),
            guarded(&row.section),
            guarded(&row.cost_type),
            guarded(&row.description),
            amount,
        ])?;
    }
    for row in &plan.revenue {
        let amount = row.amount.to_string();
        writer.write_record([
            "revenue".to_owned(),
            guarded(&row.job),
            guarded(&row.section),
            String::new(),
            guarded(&row.description),
            amount,
        ])?;
    }
    finished(writer)
}

fn guarded(text: &str) -> String {
    plain(text).into_owned()
}

fn finished(writer: csv::Writer<Vec<u8>>) -> Result<Vec<u8>, ExportError> {
    writer.into_inner().map_err(|error| ExportError::from(csv::Error::from(error.into_error())))
}
