//! Quotes of a package side by side, for the organisation alone.

use super::export::ExportHeader;
use super::print::{Block, Cell, Column, Paper, Row, RowKind, Table, figures};
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

/// A quote that is in the comparison, with what the figures do not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReportedQuote {
    /// Until when it holds, in words; empty where it does not say.
    pub valid_until: String,
    /// Why each adjustment is made, in the quote's order.
    pub reasons: Vec<String>,
    /// What it excludes or makes a condition of.
    pub qualifications: String,
    /// Whether it came after the deadline.
    pub late: bool,
}

/// What was decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportedAward {
    /// The quote chosen.
    pub quote: QuoteId,
    /// Why, where it is not the lowest.
    pub reason: String,
    /// Who decided, and when.
    pub by: String,
    /// What was accepted with it: the rule, what it found, and why that is accepted.
    pub accepted: Vec<String>,
}

/// A round of adjudication as it is reported.
#[derive(Clone, Debug)]
pub struct Reported<'a> {
    /// Code and name of the package.
    pub package: String,
    /// The round, and how far it is.
    pub round: String,
    /// Until when quotes were taken; empty where never said.
    pub deadline: String,
    /// The members, in the comparison's order.
    pub members: Vec<ReportedMember>,
    /// The quotes side by side.
    pub comparison: &'a Comparison,
    /// More about each quote, in the comparison's order.
    pub quotes: Vec<ReportedQuote>,
    /// Companies asked that are not compared, and why.
    pub apart: Vec<String>,
    /// The decision, once there is one.
    pub award: Option<ReportedAward>,
}

/// Quotes on one page; more go into further tables.
const QUOTES_ACROSS: usize = 5;

/// The report of a round of adjudication. O(members x quotes).
pub fn paper(header: ExportHeader, reported: &Reported<'_>) -> Paper {
    let (comparison, award) = (reported.comparison, reported.award.as_ref());
    let mut blocks = Vec::new();
    if let Some(award) = award {
        blocks.push(Block::List {
            title: "Decision".to_owned(),
            entries: decision(award, comparison),
        });
    }
    blocks.push(Block::Table(ranking(reported)));
    for quotes in comparison.quotes.chunks(QUOTES_ACROSS) {
        blocks.push(Block::Table(side_by_side(&reported.members, quotes)));
    }
    blocks.extend(adjustments(reported).map(Block::Table));
    let qualified = comparison.quotes.iter().zip(&reported.quotes);
    let qualified = qualified.filter(|(_, more)| !more.qualifications.is_empty());
    let words = qualified.map(|(quote, more)| format!("{}: {}", quote.name, more.qualifications));
    for (title, entries) in [
        ("Qualifications", words.collect::<Vec<_>>()),
        ("Asked and not compared", reported.apart.clone()),
    ] {
        if !entries.is_empty() {
            blocks.push(Block::List { title: title.to_owned(), entries });
        }
    }
    let mut facts = vec![
        ("Package".to_owned(), reported.package.clone()),
        ("Round".to_owned(), reported.round.clone()),
        ("Quotes taken until".to_owned(), reported.deadline.clone()),
        ("Tender".to_owned(), format!("{} {}", header.tender_number, header.tender_name)),
        ("Estimate".to_owned(), format!("{}, revision {}", header.estimate, header.revision)),
        ("Printed".to_owned(), format!("{}, commit {}", header.printed_at, header.commit)),
    ];
    facts.retain(|(_, fact)| !fact.is_empty());
    Paper {
        title: "Adjudication report".to_owned(),
        facts,
        header,
        blocks,
        internal: true,
        landscape: true,
    }
}

fn decision(award: &ReportedAward, comparison: &Comparison) -> Vec<String> {
    let chosen = comparison.quote(award.quote);
    let name = chosen.map_or("A quote", |quote| &*quote.name);
    let total = chosen.and_then(ComparedQuote::award_total);
    let total = total.map(|total| format!(" at {} excluding GST", figures::money(total)));
    let mut entries = vec![format!("{name}{}, {}.", total.unwrap_or_default(), award.by)];
    entries.push(match award.reason.as_str() {
        "" => "It is the lowest conforming quote.".to_owned(),
        reason => format!("Reason: {reason}"),
    });
    entries.extend(award.accepted.iter().cloned());
    entries
}

/// Every adjustment with its reason (BR-069); none where there is none.
fn adjustments(reported: &Reported<'_>) -> Option<Table> {
    let mut rows = Vec::new();
    for (quote, more) in reported.comparison.quotes.iter().zip(&reported.quotes) {
        for (amount, reason) in quote.adjustments.iter().zip(&more.reasons) {
            let cells = vec![Cell::text(&*quote.name), Cell::text(&**reason), (*amount).into()];
            rows.push(Row { kind: RowKind::Line(1), cells });
        }
    }
    let columns = vec![
        Column::words("Company", 60),
        Column::words("Adjustment", 0),
        Column::figures("Amount", 34),
    ];
    let title = "Adjustments, excluding GST".to_owned();
    (!rows.is_empty()).then_some(Table { title, columns, rows })
}

fn ranking(reported: &Reported<'_>) -> Table {
    let (comparison, award) = (reported.comparison, reported.award.as_ref());
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
        let more = reported.quotes.get(*at);
        if more.is_some_and(|more| more.late) {
            remarks.push("late");
        }
        let valid = more.map(|more| more.valid_until.clone()).unwrap_or_default();
        Some(Row {
            kind: if chosen { RowKind::Total } else { RowKind::Line(1) },
            cells: vec![
                Cell::text((rank + 1).to_string()),
                Cell::text(&*quote.name),
                quote.quoted_total.into(),
                quote.plug_total.into(),
                quote.adjustment_total.into(),
                quote.comparison_total.into(),
                Cell::text(valid),
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
            Column::words("Valid until", 26),
            Column::words("Remarks", 40),
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
            Cell::unit(&member.unit),
            member.quantity.into(),
        ];
        cells.extend(quotes.iter().map(|quote| match quote.lines.get(at) {
            Some(line) => match (line.amount, line.plug) {
                (Some(amount), _) => amount.into(),
                (None, Some(plug)) => Cell::text(format!("plug {}", figures::money(plug))),
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
