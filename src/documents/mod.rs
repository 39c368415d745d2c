//! Spreadsheets in, workbooks and PDF out.
//!
//! Pure functions over bytes and plain structs: nothing here knows HTTP or the ledger. Reading is `sheet` (a file becomes cells), `layout` (which column is what),
//! `plan` (what each row becomes, and every problem by sheet and cell). Writing is `export`
//! (the plain rows), `export_xlsx` and `export_csv`. On paper: `client_schedule` and its like say
//! what stands in a document, `print` sets it as PDF.
//!
//! An uploaded file is hostile until read: every reader here is bounded by [`limits::Limits`] in
//! bytes, cells, text and time, and never sizes an allocation by what a file declares.

pub mod adjudication_report;
pub mod attachment;
pub mod category_report;
pub mod cell;
mod classify;
pub mod client_schedule;
pub mod commercial_summary;
mod compound;
pub mod cost_report;
pub mod export;
pub mod export_csv;
pub mod export_xlsx;
pub mod handover;
mod headers;
mod item_row;
pub mod layout;
pub mod limits;
pub mod logo;
pub mod mpxj;
mod nesting;
mod number_format;
pub mod numbers;
mod outline;
mod package;
pub mod plan;
mod planner;
pub mod preview;
pub mod print;
pub mod programme;
pub mod quote_sheet;
pub mod rate_sheet;
mod read_csv;
mod read_xls;
mod read_xlsx;
mod reimport;
mod resource_sheet;
pub mod sample;
pub mod sheet;
pub mod tender_letter;
pub mod units;
pub mod write_back;
mod xls_records;
mod xlsx_parts;
