//! Quotes of a package side by side, for the organisation alone.

use super::export::ExportHeader;
use super::print::{Block, Cell, Column, Paper, Row, RowKind, Table};
use crate::estimating::number::{Money, Qty};
use crate::estimating::quotes::{ComparedQuote, Comparison, QuoteId};

/// A member of the package as the report names it, in the comparison's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportedMember {
    /// Code.
    pub code: String,
    /// Description.
    pub description: String,
    /// Unit.
    pub unit: String,
    /// Quantity.
    pub quantity: Qty,
}

/// What was decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportedAward {
    /// The quote chosen.
    pub quote: QuoteId,
    /// Why.
    pub reason: String,
}

/// Quotes on one page; more go into further tables.
const QUOTES_ACROSS: usize = 5;

/// The report of `comparison` of the package called `package`.
pub fn paper(
    header: ExportHeader,
    package: &str,
    members: &[ReportedMember],
    comparison: &Comparison,
    award: Option<&ReportedAward>,
) -> Paper {
    let mut blocks = vec![Block::Table(ranking(comparison, award))];
    for quotes in comparison.quotes.chunks(QUOTES_ACROSS) {
        blocks.push(Block::Table(side_by_side(members, quotes)));
    }
    if let Some(award) = award {
        let name = comparison.quote(award.quote).map(|quote| quote.name.to_string());
        let entry = format!("{}: {}", name.unwrap_or_default(), award.reason);
        blocks.push(Block::List { title: "Decision".to_owned(), entries: vec![entry] });
    }
    let facts = vec![
        ("Package".to_owned(), package.to_owned()),
        ("Tender".to_owned(), format!("{} {}", header.tender_number, header.tender_name)),
        ("Estimate".to_owned(), format!("{}, revision {}", header.estimate, header.revision)),
        ("Printed".to_owned(), format!("{}, commit {}", header.printed_at, header.commit)),
    ];
    Paper {
        title: "Adjudication report".to_owned(),
        facts,
        header,
        blocks,
        internal: true,
        landscape: true,
    }
}

fn ranking(comparison: &Comparison, award: Option<&ReportedAward>) -> Table {
    let row = |(rank, at): (usize, &usize)| {
        let quote = comparison.quotes.get(*at)?;
        let chosen = award.is_some_and(|award| award.quote == quote.id);
        let mut remarks = Vec::new();
        if chosen {
            remarks.push("chosen");
        }
        if !quote.conforming {
            remarks.push("not conforming");
        }
        if !quote.is_complete() {
            remarks.push("gaps plugged");
        }
        Some(Row {
            kind: if chosen { RowKind::Total } else { RowKind::Line(1) },
            cells: vec![
                Cell::text((rank + 1).to_string()),
                Cell::text(&*quote.name),
                quote.quoted_total.into(),
                quote.plug_total.into(),
                quote.adjustment_total.into(),
                quote.comparison_total.into(),
                Cell::text(remarks.join(", ")),
            ],
        })
    };
    Table {
        title: "Ranking, excluding GST".to_owned(),
        columns: vec![
            Column::words("Rank", 14),
            Column::words("Company", 0),
            Column::figures("Quoted", 30),
            Column::figures("Plugs", 28),
            Column::figures("Adjustments", 28),
            Column::figures("Comparison total", 34),
            Column::words("Remarks", 46),
        ],
        rows: comparison.ranking.iter().enumerate().filter_map(row).collect(),
    }
}

fn side_by_side(members: &[ReportedMember], quotes: &[ComparedQuote]) -> Table {
    let mut columns = vec![
        Column::words("Code", 16),
        Column::words("Description", 0),
        Column::words("Unit", 12),
        Column::figures("Quantity", 22),
    ];
    columns.extend(quotes.iter().map(|_| Column::figures("", 34)));
    let empty = || vec![Cell::Empty, Cell::Empty, Cell::Empty, Cell::Empty];
    let mut names = empty();
    names.extend(quotes.iter().map(|quote| Cell::text(&*quote.name)));
    let mut rows = vec![Row { kind: RowKind::Heading(1), cells: names }];
    for (at, member) in members.iter().enumerate() {
        let mut cells = vec![
            Cell::text(&*member.code),
            Cell::text(&*member.description),
            Cell::text(&*member.unit),
            member.quantity.into(),
        ];
        cells.extend(quotes.iter().map(|quote| match quote.lines.get(at) {
            Some(line) => match (line.amount, line.plug) {
                (Some(amount), _) => amount.into(),
                (None, Some(plug)) => {
                    Cell::text(format!("plug {}", super::print::figures::money(plug)))
                }
                (None, None) => Cell::Empty,
            },
            None => Cell::Empty,
        }));
        rows.push(Row { kind: RowKind::Line(1), cells });
    }
    let total = |label: &str, kind, of: &dyn Fn(&ComparedQuote) -> Money| {
        let mut cells = empty();
        if let Some(cell) = cells.get_mut(1) {
            *cell = Cell::text(label);
        }
        cells.extend(quotes.iter().map(|quote| Cell::Money(of(quote))));
        Row { kind, cells }
    };
    rows.push(total("Adjustments", RowKind::Line(1), &|quote| quote.adjustment_total));
    rows.push(total("Comparison total", RowKind::Total, &|quote| quote.comparison_total));
    Table { title: "Side by side, excluding GST".to_owned(), columns, rows }
}
