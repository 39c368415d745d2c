//! The schedule of prices as the client gets it.
//!
//! [`ClientSchedule`] has no place for a cost, a margin, a supplier, a rule or a resource, so no
//! document made from it can tell one (BR-107). [`UnpricedSchedule`] has no place for a price
//! either: the non-price envelope of a two-envelope tender is made from it. Whatever shows the
//! client's schedule (paper, workbook, the client's own workbook, the API) is made from these.

use super::export::ExportHeader;
use super::limits::{Progress, unwatched};
use super::print::{
    self, Block, Cell, Column, DocumentError, Paper, Row, RowKind, Table, TotalLine, figures,
};
use crate::estimating::branding::{Branding, ScheduleColumns};
use crate::estimating::commercials::{Pricing, PricingError, TenderSum};
use crate::estimating::estimate::{Estimate, NodeView};
use crate::estimating::id::{HeadingId, ItemId};
use crate::estimating::item::{Item, ItemType};
use crate::estimating::number::{Money, Pct, Qty, SellRate};
use std::collections::HashMap;

/// What a client's line comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinePrice {
    /// Quantity at a rate.
    Rated {
        /// Rate.
        rate: SellRate,
        /// Amount.
        amount: Money,
    },
    /// A sum: provisional, prime cost.
    Sum(Money),
    /// The contractor's percentage on sums.
    Percentage {
        /// Percent.
        percent: Pct,
        /// Amount.
        amount: Money,
    },
    /// A rate that enters no total.
    RateOnly(Option<SellRate>),
    /// An option that is not chosen: priced, in no total.
    Option {
        /// Rate.
        rate: Option<SellRate>,
        /// Amount.
        amount: Option<Money>,
    },
    /// Not offered.
    Excluded,
    /// In the price of another line.
    Included,
}

impl LinePrice {
    /// What it adds to the totals.
    pub fn counted(&self) -> Money {
        match self {
            LinePrice::Rated { amount, .. } | LinePrice::Percentage { amount, .. } => *amount,
            LinePrice::Sum(amount) => *amount,
            LinePrice::RateOnly(_)
            | LinePrice::Option { .. }
            | LinePrice::Excluded
            | LinePrice::Included => Money::ZERO,
        }
    }
}

/// What a client's line says besides its price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientLine {
    /// The item.
    pub item: ItemId,
    /// Depth in the tree, 1 at the top.
    pub depth: u8,
    /// The client's code.
    pub code: String,
    /// The client's description.
    pub description: String,
    /// Unit.
    pub unit: String,
    /// Quantity; none for sums and rate-only lines.
    pub quantity: Option<Qty>,
    /// What kind of line it is, where it is not a plain one.
    pub remark: &'static str,
    /// Code of the line whose price includes this one, where it is said.
    pub included_in: Option<String>,
}

/// A heading of the client's schedule, without what is below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientHeading {
    /// The heading.
    pub id: HeadingId,
    /// From 1.
    pub depth: u8,
    /// Code, may be empty.
    pub code: String,
    /// Name.
    pub name: String,
}

/// A row of the client's schedule, where headings come to `H` and lines to `P`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScheduleRow<P, H> {
    /// A heading.
    Heading(ClientHeading, H),
    /// A line with its price.
    Line(ClientLine, P),
}

/// A row with its price; a heading comes to what sells below it.
pub type PricedRow = ScheduleRow<LinePrice, Option<Money>>;
/// A row without one.
pub type UnpricedRow = ScheduleRow<(), ()>;

/// A top heading with what is below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SectionTotal {
    /// Code, may be empty.
    pub code: String,
    /// Name.
    pub name: String,
    /// Excluding GST.
    pub amount: Money,
    /// The client's lines in it.
    pub lines: usize,
}

/// The priced schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientSchedule {
    /// Whose it is, of which revision, and whether it is a draft.
    pub header: ExportHeader,
    /// The client.
    pub client: String,
    /// The client's reference.
    pub client_ref: String,
    /// Rows in the client's order.
    pub rows: Vec<PricedRow>,
    /// Totals of top headings in order.
    pub sections: Vec<SectionTotal>,
    /// The price.
    pub sum: TenderSum,
}

/// The schedule without prices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnpricedSchedule {
    /// Whose it is, of which revision, and whether it is a draft.
    pub header: ExportHeader,
    /// The client.
    pub client: String,
    /// The client's reference.
    pub client_ref: String,
    /// Rows in the client's order.
    pub rows: Vec<UnpricedRow>,
}

/// Why there is no schedule.
#[derive(Debug, thiserror::Error)]
pub enum ScheduleError {
    /// The price is undefined.
    #[error(transparent)]
    Price(#[from] PricingError),
    /// A section comes to more than money holds.
    #[error("the total of a section is beyond the range of money")]
    Beyond,
    /// The rows do not add up to the price.
    #[error("the lines of the schedule come to {lines}, its total to {total}")]
    Misclose {
        /// Sum of the lines.
        lines: Money,
        /// The tender sum.
        total: Money,
    },
}

impl ClientSchedule {
    /// The schedule of `estimate` at the price `pricing`. O(rows).
    ///
    /// # Errors
    /// When a price is missing or the lines do not add up to the tender sum.
    pub fn of(
        estimate: &Estimate,
        pricing: &Pricing,
        header: ExportHeader,
        client: &str,
        client_ref: &str,
    ) -> Result<ClientSchedule, ScheduleError> {
        let prices = prices(pricing)?;
        let sells: HashMap<HeadingId, Money> = pricing.heading_sells()?.into_iter().collect();
        let mut rows = Vec::new();
        let mut sections: Vec<SectionTotal> = Vec::new();
        let mut total = Money::ZERO;
        for node in estimate.rows() {
            if let Some(heading) = node.heading() {
                let (code, name) = (heading.code.to_string(), heading.name.to_string());
                if heading.parent.is_none() {
                    let (code, name) = (code.clone(), name.clone());
                    sections.push(SectionTotal { code, name, amount: Money::ZERO, lines: 0 });
                }
                let row = ClientHeading { id: heading.id, depth: node.calc.depth, code, name };
                rows.push(ScheduleRow::Heading(row, sells.get(&heading.id).copied()));
            } else if let Some(item) = node.item().filter(|item| item.is_for_client()) {
                let price = price_of(item, &prices);
                let counted = price.counted();
                total = total.checked_add(counted).ok_or(ScheduleError::Beyond)?;
                if let Some(section) = sections.last_mut() {
                    let amount = section.amount.checked_add(counted);
                    section.amount = amount.ok_or(ScheduleError::Beyond)?;
                    section.lines += 1;
                }
                rows.push(ScheduleRow::Line(line(estimate, &node, item), price));
            }
        }
        sections.retain(|section| section.lines > 0);
        let rows = with_lines(rows);
        let sum = pricing.tender_sum();
        if total != sum.total_ex {
            return Err(ScheduleError::Misclose { lines: total, total: sum.total_ex });
        }
        let (client, client_ref) = (client.to_owned(), client_ref.to_owned());
        Ok(ClientSchedule { header, client, client_ref, rows, sections, sum })
    }

    /// The same without a price: for the non-price envelope.
    pub fn without_prices(&self) -> UnpricedSchedule {
        let bare = |row: &PricedRow| match row {
            ScheduleRow::Heading(heading, _) => ScheduleRow::Heading(heading.clone(), ()),
            ScheduleRow::Line(line, _) => ScheduleRow::Line(line.clone(), ()),
        };
        UnpricedSchedule {
            header: self.header.clone(),
            client: self.client.clone(),
            client_ref: self.client_ref.clone(),
            rows: self.rows.iter().map(bare).collect(),
        }
    }

    /// The schedule as it stands on paper.
    pub fn paper(&self, columns: ScheduleColumns) -> Paper {
        let layout = Layout { columns, priced: true };
        let mut rows = Vec::with_capacity(self.rows.len() + self.sections.len());
        let mut sections = self.sections.iter();
        let mut open: Option<&SectionTotal> = None;
        let close = |rows: &mut Vec<Row>, open: Option<&SectionTotal>| {
            if let Some(section) = open.filter(|_| columns.section_totals) {
                rows.push(layout.total(section));
            }
        };
        for row in &self.rows {
            match row {
                ScheduleRow::Heading(heading, _) => {
                    if heading.depth == 1 {
                        close(&mut rows, open);
                        open = sections.next();
                    }
                    rows.push(layout.heading(heading));
                }
                ScheduleRow::Line(line, price) => rows.push(layout.line(line, Some(*price))),
            }
        }
        close(&mut rows, open);
        let table = Table { title: String::new(), columns: layout.columns(), rows };
        Paper {
            title: "Schedule of prices".to_owned(),
            facts: facts(&self.header, &self.client, &self.client_ref),
            blocks: vec![Block::Table(table), Block::Totals(self.totals())],
            header: self.header.clone(),
            internal: false,
            landscape: false,
        }
    }

    /// Every figure of the price: rates, amounts, totals.
    pub fn figures(&self) -> Vec<String> {
        let mut all = Vec::new();
        let mut money = |figure: Money| {
            if !figure.is_zero() {
                all.push(figures::money(figure));
            }
        };
        [self.sum.total_ex, self.sum.gst, self.sum.total_inc].into_iter().for_each(&mut money);
        self.sections.iter().for_each(|section| money(section.amount));
        for row in &self.rows {
            if let ScheduleRow::Line(_, price) = row {
                money(price.counted());
            }
        }
        all
    }

    fn totals(&self) -> Vec<TotalLine> {
        let line = |label: String, amount, strong| TotalLine { label, amount, strong };
        let mut lines = Vec::new();
        if self.sections.len() > 1 {
            lines.extend(self.sections.iter().map(|section| {
                line(
                    format!("{} {}", section.code, section.name).trim().to_owned(),
                    section.amount,
                    false,
                )
            }));
        }
        let gst = figures::percent_short(self.header.gst_pct);
        let currency = &self.header.currency;
        lines.push(line(format!("Total excluding GST, {currency}"), self.sum.total_ex, true));
        lines.push(line(format!("GST {gst}"), self.sum.gst, false));
        lines.push(line(format!("Total including GST, {currency}"), self.sum.total_inc, true));
        lines
    }
}

impl UnpricedSchedule {
    /// The schedule as it stands on paper.
    pub fn paper(&self, columns: ScheduleColumns) -> Paper {
        let layout = Layout { columns, priced: false };
        let row = |row: &UnpricedRow| match row {
            ScheduleRow::Heading(heading, ()) => layout.heading(heading),
            ScheduleRow::Line(line, ()) => layout.line(line, None),
        };
        let rows = self.rows.iter().map(row).collect();
        let table = Table { title: String::new(), columns: layout.columns(), rows };
        Paper {
            title: "Schedule of quantities".to_owned(),
            facts: facts(&self.header, &self.client, &self.client_ref),
            blocks: vec![Block::Table(table)],
            header: self.header.clone(),
            internal: false,
            landscape: false,
        }
    }
}

/// The client schedule as PDF. The same schedule gives the same bytes.
///
/// # Errors
/// See [`print::pdf`].
pub fn client_schedule_pdf(
    schedule: &ClientSchedule,
    branding: &Branding,
) -> Result<Vec<u8>, DocumentError> {
    client_schedule_pdf_watched(schedule, branding, &mut unwatched)
}

/// [`client_schedule_pdf`], telling how far it is.
///
/// # Errors
/// See [`print::pdf`].
pub fn client_schedule_pdf_watched(
    schedule: &ClientSchedule,
    branding: &Branding,
    progress: Progress<'_>,
) -> Result<Vec<u8>, DocumentError> {
    print::pdf(&schedule.paper(branding.columns), branding, progress)
}

/// The schedule without prices as PDF.
///
/// # Errors
/// See [`print::pdf`].
pub fn unpriced_schedule_pdf(
    schedule: &UnpricedSchedule,
    branding: &Branding,
) -> Result<Vec<u8>, DocumentError> {
    print::pdf(&schedule.paper(branding.columns), branding, &mut unwatched)
}

/// Drops headings that the client has no line under, such as those of indirect costs.
fn with_lines(rows: Vec<PricedRow>) -> Vec<PricedRow> {
    let mut kept = Vec::with_capacity(rows.len());
    let mut reach = 0;
    for row in rows.into_iter().rev() {
        match &row {
            ScheduleRow::Line(..) => {
                reach = u8::MAX;
                kept.push(row);
            }
            // A heading of a line, or one that a heading kept below it hangs under.
            ScheduleRow::Heading(heading, _) if heading.depth < reach => {
                reach = heading.depth;
                kept.push(row);
            }
            ScheduleRow::Heading(..) => {}
        }
    }
    kept.reverse();
    kept
}

/// Rate and amount by item.
type Prices = HashMap<ItemId, (Option<SellRate>, Option<Money>)>;

/// Rate and amount of every item the price knows.
fn prices(pricing: &Pricing) -> Result<Prices, PricingError> {
    let mut prices = HashMap::new();
    prices.extend(pricing.items().map(|item| (item.id, (Some(item.rate), Some(item.amount)))));
    prices.extend(pricing.fixed().map(|(item, amount)| (item.id, (None, Some(amount)))));
    prices.extend(pricing.aside()?.into_iter().map(|item| (item.id, (item.rate, item.amount))));
    Ok(prices)
}

fn price_of(item: &Item, prices: &Prices) -> LinePrice {
    let (rate, amount) = prices.get(&item.id).copied().unwrap_or_default();
    let sum = amount.unwrap_or_default();
    let rated =
        |rate: Option<SellRate>| LinePrice::Rated { rate: rate.unwrap_or_default(), amount: sum };
    match item.item_type {
        ItemType::RateOnly => LinePrice::RateOnly(rate),
        ItemType::Excluded => LinePrice::Excluded,
        ItemType::IncludedElsewhere => LinePrice::Included,
        _ if !item.is_selected() => LinePrice::Option { rate, amount },
        ItemType::ProvisionalSum | ItemType::PrimeCostSum => LinePrice::Sum(sum),
        ItemType::Percentage => {
            LinePrice::Percentage { percent: item.extra().percent.unwrap_or_default(), amount: sum }
        }
        ItemType::Daywork => rated(item.extra().locked_sell_rate),
        ItemType::Schedule | ItemType::Normal | ItemType::Risk => rated(rate),
    }
}

fn line(estimate: &Estimate, node: &NodeView<'_>, item: &Item) -> ClientLine {
    let (remark, quantity) = match item.item_type {
        ItemType::RateOnly => ("rate only", None),
        ItemType::ProvisionalSum => ("provisional sum", None),
        ItemType::PrimeCostSum => ("prime-cost sum", None),
        ItemType::Percentage => ("", None),
        ItemType::Excluded => ("excluded", node.quantity()),
        ItemType::IncludedElsewhere => ("included elsewhere", node.quantity()),
        _ if !item.is_selected() => ("option, not in the total", node.quantity()),
        ItemType::Daywork => ("daywork", node.quantity()),
        ItemType::Schedule | ItemType::Normal | ItemType::Risk => ("", node.quantity()),
    };
    let included_in = item.extra().included_in.and_then(|id| {
        let within = estimate.node(id.0)?;
        Some(within.item()?.code.to_string())
    });
    ClientLine {
        item: item.id,
        depth: node.calc.depth,
        code: item.code.to_string(),
        description: item.description.to_string(),
        unit: item.unit.map(|unit| unit.to_string()).unwrap_or_default(),
        quantity,
        remark,
        included_in,
    }
}

/// What stands below the title.
fn facts(header: &ExportHeader, client: &str, client_ref: &str) -> Vec<(String, String)> {
    let tender = format!("{} {}", header.tender_number, header.tender_name);
    [
        ("Tender", tender.as_str()),
        ("Client", client),
        ("Client's reference", client_ref),
        ("Estimate", &format!("{}, revision {}", header.estimate, header.revision)),
        ("Date", &header.printed_at),
    ]
    .into_iter()
    .filter(|(_, value)| !value.trim().is_empty())
    .map(|(label, value)| (label.to_owned(), value.trim().to_owned()))
    .collect()
}

/// Which columns show.
#[derive(Clone, Copy)]
struct Layout {
    columns: ScheduleColumns,
    priced: bool,
}

impl Layout {
    fn columns(self) -> Vec<Column> {
        let all = [
            (self.columns.code, Column::words("Item", 18)),
            (true, Column::words("Description", 0)),
            (self.columns.unit, Column::words("Unit", 14)),
            (self.columns.quantity, Column::figures("Quantity", 23)),
            (self.priced && self.columns.rate, Column::figures("Rate", 24)),
            (self.priced, Column::figures("Amount", 28)),
        ];
        all.into_iter().filter(|(shown, _)| *shown).map(|(_, column)| column).collect()
    }

    fn row(self, kind: RowKind, cells: [Cell; 6]) -> Row {
        let shown = [
            self.columns.code,
            true,
            self.columns.unit,
            self.columns.quantity,
            self.priced && self.columns.rate,
            self.priced,
        ];
        let cells = cells.into_iter().zip(shown).filter(|(_, shown)| *shown);
        Row { kind, cells: cells.map(|(cell, _)| cell).collect() }
    }

    /// A code without a column of its own goes before the name.
    fn named(self, code: &str, name: &str) -> String {
        if self.columns.code { name.to_owned() } else { format!("{code} {name}").trim().to_owned() }
    }

    fn heading(self, heading: &ClientHeading) -> Row {
        let ClientHeading { depth, code, name, .. } = heading;
        let name = Cell::text(self.named(code, name));
        let rest = [Cell::Empty, Cell::Empty, Cell::Empty, Cell::Empty];
        let [unit, quantity, rate, amount] = rest;
        let code = Cell::text(code.as_str());
        self.row(RowKind::Heading(*depth), [code, name, unit, quantity, rate, amount])
    }

    fn total(self, section: &SectionTotal) -> Row {
        let name = format!("Total {} {}", section.code, section.name);
        let name = Cell::text(name.split_whitespace().collect::<Vec<_>>().join(" "));
        let amount = section.amount.into();
        self.row(RowKind::Total, [Cell::Empty, name, Cell::Empty, Cell::Empty, Cell::Empty, amount])
    }

    fn line(self, line: &ClientLine, price: Option<LinePrice>) -> Row {
        let words = |text: &str| Cell::text(text);
        let (rate, amount): (Cell, Cell) = match price {
            None => (Cell::Empty, Cell::Empty),
            Some(LinePrice::Rated { rate, amount }) => (rate.into(), amount.into()),
            Some(LinePrice::Sum(amount)) => (Cell::Empty, amount.into()),
            Some(LinePrice::Percentage { percent, amount }) => (percent.into(), amount.into()),
            Some(LinePrice::RateOnly(rate)) => (rate.into(), words("rate only")),
            // The amount of an option stands beside its name: the column adds up to the total.
            Some(LinePrice::Option { rate, .. }) => (rate.into(), words("option")),
            Some(LinePrice::Excluded) => (Cell::Empty, words("excluded")),
            Some(LinePrice::Included) => (Cell::Empty, words("included")),
        };
        let mut description = self.named(&line.code, &line.description);
        let said = description.to_lowercase().contains(line.remark);
        if !said {
            let apart = match price {
                Some(LinePrice::Option { amount: Some(amount), .. }) => {
                    format!(" ({}: {})", line.remark, figures::money(amount))
                }
                _ => format!(" ({})", line.remark),
            };
            description.push_str(&apart);
        }
        let aside = matches!(
            price,
            Some(LinePrice::RateOnly(_) | LinePrice::Option { .. } | LinePrice::Excluded)
        );
        let kind = if aside { RowKind::Aside } else { RowKind::Line(1) };
        let quantity = line.quantity.into();
        let description = words(&description);
        let (code, unit) = (words(&line.code), Cell::unit(&line.unit));
        self.row(kind, [code, description, unit, quantity, rate, amount])
    }
}
