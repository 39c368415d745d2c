//! Spreadsheets in, workbooks out.
//!
//! Pure functions over bytes and plain structs: nothing here knows HTTP, the ledger or the
//! estimating engine. Reading is `sheet` (a file becomes cells), `layout` (which column is what),
//! `plan` (what each row becomes, and every problem by sheet and cell). Writing is `export`
//! (the plain rows), `export_xlsx` and `export_csv`.
//!
//! An uploaded file is hostile until read: every reader here is bounded by [`limits::Limits`] in
//! bytes, cells, text and time, and never sizes an allocation by what a file declares.

pub mod cell;
mod classify;
mod compound;
pub mod export;
pub mod export_csv;
pub mod export_xlsx;
mod headers;
mod item_row;
pub mod layout;
pub mod limits;
mod nesting;
mod number_format;
pub mod numbers;
mod outline;
mod package;
pub mod plan;
mod planner;
pub mod preview;
mod read_csv;
mod read_xls;
mod read_xlsx;
mod reimport;
mod resource_sheet;
pub mod sheet;
pub mod units;
mod xls_records;
mod xlsx_parts;
