//! How cost becomes the price, for the organisation alone: the chain of rules and the margin.

use super::export::ExportHeader;
use super::print::{
    Block, Cell, Column, DocumentError, Paper, Row, RowKind, Table, TotalLine, figures,
};
use crate::estimating::commercials::{MarginReport, Nature, Pricing};
use crate::estimating::number::Money;

/// The commercial summary of a price.
///
/// # Errors
/// When a figure of the margin report is beyond the range of money.
pub fn paper(header: ExportHeader, pricing: &Pricing) -> Result<Paper, DocumentError> {
    let margin = pricing.margin().map_err(|error| DocumentError::Figure(error.to_string()))?;
    let sum = pricing.tender_sum();
    let gst = figures::percent_short(pricing.terms().gst);
    let percent = margin.margin_percent.map_or_else(|| "\u{2013}".to_owned(), figures::percent);
    let line = |label: &str, amount, strong| TotalLine { label: label.to_owned(), amount, strong };
    let totals = vec![
        line("Total excluding GST", sum.total_ex, true),
        line(&format!("GST {gst}"), sum.gst, false),
        line("Total including GST", sum.total_inc, true),
    ];
    let facts = vec![
        ("Tender".to_owned(), format!("{} {}", header.tender_number, header.tender_name)),
        ("Estimate".to_owned(), format!("{}, revision {}", header.estimate, header.revision)),
        ("Printed".to_owned(), format!("{}, commit {}", header.printed_at, header.commit)),
        ("Margin".to_owned(), format!("{}, {percent} of the price", figures::money(margin.margin))),
        ("Uplift".to_owned(), format!("{} of direct cost", pricing.uplift())),
    ];
    Ok(Paper {
        title: "Commercial summary".to_owned(),
        facts,
        header,
        blocks: vec![
            Block::Table(chain(pricing)),
            Block::Table(where_it_goes(&margin)),
            Block::Totals(totals),
        ],
        internal: true,
        landscape: false,
    })
}

fn chain(pricing: &Pricing) -> Table {
    let row = |rule: crate::estimating::commercials::AppliedRule<'_>| {
        let nature = match rule.nature {
            Nature::Cost => "cost",
            Nature::Margin => "margin",
        };
        Row {
            kind: RowKind::Line(1),
            cells: vec![
                Cell::text(rule.rule.sequence.to_string()),
                Cell::text(&*rule.rule.name),
                Cell::text(nature),
                rule.base_total.into(),
                rule.amount.into(),
                rule.running_total.into(),
            ],
        }
    };
    Table {
        title: "From cost to price".to_owned(),
        columns: vec![
            Column::words("Step", 14),
            Column::words("Rule", 0),
            Column::words("Nature", 18),
            Column::figures("Base", 30),
            Column::figures("Amount", 28),
            Column::figures("Running total", 30),
        ],
        rows: pricing.rules().map(row).collect(),
    }
}

fn where_it_goes(margin: &MarginReport) -> Table {
    let row = |kind, label: &str, amount: Money| Row {
        kind,
        cells: vec![Cell::text(label), amount.into()],
    };
    let line = RowKind::Line(1);
    let rows = vec![
        row(line, "Direct cost", margin.direct_cost),
        row(line, "Indirect and risk cost", margin.indirect_cost),
        row(line, "Cost rules", margin.cost_rules),
        row(line, "Provisional and prime-cost sums", margin.client_sums),
        row(line, "Daywork cost", margin.daywork_cost),
        row(RowKind::Total, "Cost", margin.cost_total),
        row(line, "Margin rules", margin.margin_rules),
        row(line, "Percentage items", margin.percentage_items),
        row(line, "Daywork margin", margin.daywork_margin),
        row(line, "Misclose", -margin.misclose),
        row(line, "Indirect cost not spread", -margin.unspread),
        row(RowKind::Total, "Margin", margin.margin),
        row(RowKind::Total, "Price excluding GST", margin.sell_ex),
    ];
    Table {
        title: "Where the price goes".to_owned(),
        columns: vec![Column::words("", 0), Column::figures("Amount", 34)],
        rows,
    }
}
