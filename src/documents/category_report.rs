//! What an estimate costs and sells for by the options of a categorisation, for the organisation
//! alone.

use super::export::{ExportError, ExportHeader};
use super::export_csv::plain;
use super::print::{Block, Cell, Column, Paper, Row, RowKind, Table, TotalLine};
use crate::estimating::number::Money;

/// An option with what carries it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CategoryRow {
    /// Code, may be empty.
    pub code: String,
    /// Name.
    pub name: String,
    /// Counted items and sub-items.
    pub items: usize,
    /// Cost.
    pub cost: Money,
    /// Price excluding GST; none while the estimate has no price.
    pub price: Option<Money>,
}

const NAMES: [&str; 5] = ["Code", "Option", "Items", "Cost", "Price excl. GST"];

/// The report; `total` is the estimate's own.
pub fn paper(
    header: ExportHeader,
    categorisation: &str,
    rows: &[CategoryRow],
    total: &CategoryRow,
) -> Paper {
    let facts = vec![
        ("Tender".to_owned(), format!("{} {}", header.tender_number, header.tender_name)),
        ("Estimate".to_owned(), format!("{}, revision {}", header.estimate, header.revision)),
        ("By".to_owned(), categorisation.to_owned()),
        ("Printed".to_owned(), format!("{}, commit {}", header.printed_at, header.commit)),
    ];
    let columns = vec![
        Column::words(NAMES[0], 30),
        Column::words(NAMES[1], 0),
        Column::figures(NAMES[2], 20),
        Column::figures(NAMES[3], 36),
        Column::figures(NAMES[4], 36),
    ];
    let line = |row: &CategoryRow| Row {
        kind: RowKind::Line(1),
        cells: vec![
            Cell::text(&*row.code),
            Cell::text(&*row.name),
            Cell::text(row.items.to_string()),
            Cell::Money(row.cost),
            row.price.map_or(Cell::Empty, Cell::Money),
        ],
    };
    let rows = rows.iter().map(line).collect();
    let summed = |label: &str, amount| TotalLine {
        label: format!("{label} excluding GST, {}", header.currency),
        amount,
        strong: true,
    };
    let mut totals = vec![summed("Total cost", total.cost)];
    totals.extend(total.price.map(|price| summed("Price", price)));
    let table = Table { title: String::new(), columns, rows };
    Paper {
        title: format!("Cost and price by {categorisation}"),
        facts,
        header,
        blocks: vec![Block::Table(table), Block::Totals(totals)],
        internal: true,
        landscape: false,
    }
}

/// The report as comma-separated text, with the total in its last line; a draft is marked in a
/// first line (BR-108).
///
/// # Errors
/// When the text cannot be written.
pub fn csv(
    header: &ExportHeader,
    categorisation: &str,
    rows: &[CategoryRow],
    total: &CategoryRow,
) -> Result<Vec<u8>, ExportError> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .flexible(true)
        .from_writer(super::export_csv::UTF8_MARK.to_vec());
    if let Some(mark) = header.draft_mark() {
        let tender = format!("{} {}", header.tender_number, header.tender_name);
        writer.write_record([mark.as_str(), &plain(&tender), &plain(&header.estimate)])?;
    }
    let mut names = NAMES;
    let by = plain(categorisation);
    names[1] = &by;
    writer.write_record(names)?;
    for row in rows.iter().chain([total]) {
        writer.write_record([
            &*plain(&row.code),
            &*plain(&row.name),
            &row.items.to_string(),
            &row.cost.to_string(),
            &row.price.map(|price| price.to_string()).unwrap_or_default(),
        ])?;
    }
    writer.into_inner().map_err(|error| ExportError::Text(error.into_error().into()))
}
