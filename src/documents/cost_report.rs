//! What an estimate costs, for the organisation alone: by heading and by resource.

use super::export::{ExportHeader, ExportKind, ExportRow, ResourceRow};
use super::print::{Block, Cell, Column, DocumentError, Paper, Row, RowKind, Table, TotalLine};
use crate::estimating::number::Money;

fn columns() -> Vec<Column> {
    vec![
        Column::words("Code", 18),
        Column::words("Description", 0),
        Column::words("Unit", 13),
        Column::figures("Quantity", 21),
        Column::figures("Cost rate", 21),
        Column::figures("Labour", 24),
        Column::figures("Plant", 24),
        Column::figures("Material", 24),
        Column::figures("Subcontract", 24),
        Column::figures("Other", 24),
        Column::figures("Cost", 26),
    ]
}

fn facts(header: &ExportHeader) -> Vec<(String, String)> {
    vec![
        ("Tender".to_owned(), format!("{} {}", header.tender_number, header.tender_name)),
        ("Estimate".to_owned(), format!("{}, revision {}", header.estimate, header.revision)),
        ("Printed".to_owned(), format!("{}, commit {}", header.printed_at, header.commit)),
    ]
}

fn sum(figures: impl IntoIterator<Item = Money>) -> Result<Money, DocumentError> {
    let beyond = || DocumentError::Figure("A total is beyond the range of money.".to_owned());
    Money::checked_sum(figures).ok_or_else(beyond)
}

/// Cost by heading and item. A row that is in no total shows its cost as not counted.
///
/// # Errors
/// When a total is beyond the range of money.
pub fn by_heading(
    header: ExportHeader,
    rows: impl Iterator<Item = ExportRow>,
) -> Result<Paper, DocumentError> {
    let mut lines = Vec::new();
    let mut top = Vec::new();
    for row in rows {
        if row.depth <= 1 && row.counted {
            top.push(row.cost);
        }
        lines.push(line(row));
    }
    let total = sum(top)?;
    let table = Table { title: String::new(), columns: columns(), rows: lines };
    let total = TotalLine {
        label: format!("Total cost excluding GST, {}", header.currency),
        amount: total,
        strong: true,
    };
    Ok(Paper {
        title: "Cost by heading".to_owned(),
        facts: facts(&header),
        header,
        blocks: vec![Block::Table(table), Block::Totals(vec![total])],
        internal: true,
        landscape: true,
    })
}

fn line(row: ExportRow) -> Row {
    let depth = u8::try_from(row.depth).unwrap_or(u8::MAX);
    let heading = row.kind == ExportKind::Heading;
    let kind = match row.kind {
        ExportKind::Heading => RowKind::Heading(depth),
        ExportKind::Item | ExportKind::SubItem if row.counted => RowKind::Line(depth),
        ExportKind::Item | ExportKind::SubItem => RowKind::Aside,
    };
    let mut description = row.description;
    if !row.counted && !heading {
        description.push_str(" (not counted)");
    }
    let figure = |money: Money| if money.is_zero() { Cell::Empty } else { Cell::Money(money) };
    let mut cells = vec![
        Cell::text(row.code),
        Cell::text(description),
        Cell::unit(&row.unit.unwrap_or_default()),
        row.quantity.into(),
        row.cost_rate.into(),
    ];
    cells.extend(row.by_type.columns().into_iter().map(figure));
    cells.push(Cell::Money(row.cost));
    Row { kind, cells }
}

/// Cost by resource, a total for each type.
///
/// # Errors
/// When a total is beyond the range of money.
pub fn by_resource(header: ExportHeader, rows: &[ResourceRow]) -> Result<Paper, DocumentError> {
    let columns = vec![
        Column::words("Code", 30),
        Column::words("Resource", 0),
        Column::words("Unit", 16),
        Column::figures("Quantity", 32),
        Column::figures("Cost", 32),
    ];
    let mut lines = Vec::new();
    for of_type in rows.chunk_by(|a, b| a.resource_type == b.resource_type) {
        let name = of_type.first().map(|row| row.resource_type.as_str()).unwrap_or_default();
        let total = sum(of_type.iter().map(|row| row.cost))?;
        lines.push(Row {
            kind: RowKind::Heading(1),
            cells: vec![Cell::Empty, Cell::text(name), Cell::Empty, Cell::Empty, total.into()],
        });
        lines.extend(of_type.iter().map(|row| Row {
            kind: RowKind::Line(2),
            cells: vec![
                Cell::text(&*row.code),
                Cell::text(&*row.description),
                Cell::unit(&row.unit),
                if row.quantity.is_zero() { Cell::Empty } else { row.quantity.into() },
                row.cost.into(),
            ],
        }));
    }
    let total = TotalLine {
        label: format!("Total cost excluding GST, {}", header.currency),
        amount: sum(rows.iter().map(|row| row.cost))?,
        strong: true,
    };
    let table = Table { title: String::new(), columns, rows: lines };
    Ok(Paper {
        title: "Cost by resource".to_owned(),
        facts: facts(&header),
        header,
        blocks: vec![Block::Table(table), Block::Totals(vec![total])],
        internal: true,
        landscape: false,
    })
}
