//! The files of a submission and of a hand-over, each with the hash of the content it is of.

use rust_xlsxwriter::{Workbook, Worksheet, XlsxError};

use crate::estimating::number::Money;
use crate::estimating::submission::{HandoverPlan, ScheduleLine};

use super::export::ExportError;
use super::export_csv::plain;
use super::export_xlsx::{Formats, cell_text, stored};

/// What stands above and below a submitted schedule.
#[derive(Debug, Clone)]
pub struct SubmittedHeader {
    /// Name of the organisation.
    pub organisation: String,
    /// Number and name of the tender.
    pub tender: String,
    /// Who it is addressed to.
    pub client: String,
    /// Code, name and revision of the estimate.
    pub estimate: String,
    /// Hash of the content.
    pub content_hash: String,
    /// Days the price holds after closing.
    pub validity_days: u32,
    /// The price, excluding GST.
    pub total_ex: Money,
    /// GST on it.
    pub gst: Money,
    /// The price, including GST.
    pub total_inc: Money,
}

const NAMES: [&str; 7] =
    ["Item", "Description", "Unit", "Quantity", "Rate", "Amount excl. GST", "Remark"];
const WIDTHS: [f64; 7] = [12.0, 56.0, 8.0, 13.0, 13.0, 17.0, 30.0];
/// Row of the column names, from 0.
const NAMES_ROW: u32 = 6;

/// The client's schedule as a workbook. O(lines).
///
/// # Errors
/// When the workbook cannot be written.
pub fn schedule_xlsx(
    header: &SubmittedHeader,
    lines: &[ScheduleLine],
) -> Result<Vec<u8>, ExportError> {
    let formats = Formats::new();
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.set_name("Schedule of prices")?;
    above(sheet, header, &formats)?;
    let mut row = NAMES_ROW + 1;
    for line in lines {
        write_line(sheet, row, line, &formats)?;
        row += 1;
    }
    let totals = [
        ("Total excluding GST", header.total_ex),
        ("GST", header.gst),
        ("Total including GST", header.total_inc),
    ];
    for (name, amount) in totals {
        row += 1;
        sheet.write_string_with_format(row, 1, name, &formats.total_text)?;
        sheet.write_number_with_format(row, 5, stored(amount.to_decimal()), &formats.total)?;
    }
    Ok(workbook.save_to_buffer()?)
}

fn above(
    sheet: &mut Worksheet,
    header: &SubmittedHeader,
    formats: &Formats,
) -> Result<(), XlsxError> {
    let titles = [
        header.organisation.clone(),
        format!("Schedule of prices: {}", header.tender),
        format!("Client: {}", header.client),
        format!("{}. Valid for {} days after closing.", header.estimate, header.validity_days),
        format!("Content {}", header.content_hash),
    ];
    for (row, title) in (0_u32..).zip(titles) {
        let format = if row == 0 { &formats.title } else { &formats.plain };
        sheet.write_string_with_format(row, 0, cell_text(&title), format)?;
    }
    for (column, (name, width)) in (0_u16..).zip(NAMES.iter().zip(WIDTHS)) {
        sheet.set_column_width(column, width)?;
        sheet.write_string_with_format(NAMES_ROW, column, *name, &formats.names)?;
    }
    sheet.set_freeze_panes(NAMES_ROW + 1, 0)?;
    sheet.set_repeat_rows(NAMES_ROW, NAMES_ROW)?;
    sheet.set_landscape();
    sheet.set_print_fit_to_pages(1, 0);
    Ok(())
}

fn write_line(
    sheet: &mut Worksheet,
    row: u32,
    line: &ScheduleLine,
    formats: &Formats,
) -> Result<(), XlsxError> {
    let text = if line.heading { &formats.text_bold } else { &formats.text };
    sheet.write_string_with_format(row, 0, cell_text(&line.code), text)?;
    sheet.write_string_with_format(row, 1, cell_text(&line.description), text)?;
    if let Some(unit) = &line.unit {
        sheet.write_string_with_format(row, 2, unit, text)?;
    }
    if let Some(quantity) = line.quantity {
        sheet.write_number_with_format(row, 3, stored(quantity.to_decimal()), &formats.quantity)?;
    }
    if let Some(rate) = line.rate {
        sheet.write_number_with_format(row, 4, stored(rate.to_decimal()), &formats.quantity)?;
    }
    if let Some(percent) = line.percent {
        sheet.write_string_with_format(row, 4, format!("{percent} %"), text)?;
    }
    if let Some(amount) = line.amount {
        let format = if line.heading { &formats.money_bold } else { &formats.money };
        sheet.write_number_with_format(row, 5, stored(amount.to_decimal()), format)?;
    }
    if let Some(remark) = &line.remark {
        sheet.write_string_with_format(row, 6, cell_text(remark), text)?;
    }
    Ok(())
}

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
