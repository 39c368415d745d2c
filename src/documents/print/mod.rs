//! Documents on paper: one plain model, printed as PDF or written as a workbook.
//!
//! A [`Paper`] is what stands on the page: a title, facts, tables, texts, totals. What may stand
//! there is decided by the types it is made from, such as `ClientSchedule`, which has no place for
//! a cost (BR-107). Figures come rounded; nothing is worked out here.

pub mod figures;
mod press;
mod sheets;
mod workbook;

pub(super) use press::FONTS;
pub use press::pdf;
pub use workbook::xlsx;
pub(super) use workbook::{logo, put_logo};

use super::export::ExportHeader;
use crate::estimating::number::{LineQty, Money, Pct, Qty, Rate, SellRate};
use crate::estimating::units;

/// Rows of all tables of one document.
pub const PAPER_ROWS_MAX: usize = 100_000;

/// Why a document was not made.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// More rows than a document holds.
    #[error("a document holds at most {PAPER_ROWS_MAX} rows; this one has {0}")]
    TooManyRows(usize),
    /// The logo cannot be printed.
    #[error("the logo cannot be printed: {0}")]
    Logo(String),
    /// The page could not be set: a fault of a template.
    #[error("the document could not be set: {0}")]
    Setting(String),
    /// A figure a document cannot do without is missing or too large.
    #[error("{0}")]
    Figure(String),
    /// A workbook could not be written.
    #[error("the workbook could not be written: {0}")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
    /// Somebody asked to stop.
    #[error("the document was cancelled")]
    Cancelled,
}

/// A cell of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// Words.
    Text(String),
    /// Money.
    Money(Money),
    /// A client rate.
    SellRate(SellRate),
    /// A cost rate.
    Rate(Rate),
    /// A quantity.
    Qty(Qty),
    /// A worksheet quantity.
    LineQty(LineQty),
    /// Percent points.
    Pct(Pct),
}

impl Cell {
    /// Words, or nothing where there are none.
    pub fn text(text: impl Into<String>) -> Cell {
        let text = text.into();
        if text.is_empty() { Cell::Empty } else { Cell::Text(text) }
    }

    /// A unit as it is printed, or nothing where there is none.
    pub fn unit(code: &str) -> Cell {
        Cell::text(units::printed(code))
    }

    /// The cell as it is printed.
    pub fn printed(&self) -> String {
        match self {
            Cell::Empty => String::new(),
            Cell::Text(text) => text.clone(),
            Cell::Money(figure) => figures::money(*figure),
            Cell::SellRate(figure) => figures::sell_rate(*figure),
            Cell::Rate(figure) => figures::rate(*figure),
            Cell::Qty(figure) => figures::quantity(*figure),
            Cell::LineQty(figure) => figures::line_quantity(*figure),
            Cell::Pct(figure) => figures::percent(*figure),
        }
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(figure: Option<T>) -> Cell {
        figure.map_or(Cell::Empty, Into::into)
    }
}

macro_rules! cells {
    ($($figure:ident),+) => {$(
        impl From<$figure> for Cell {
            fn from(figure: $figure) -> Cell {
                Cell::$figure(figure)
            }
        }
    )+};
}

cells!(Money, SellRate, Rate, Qty, LineQty, Pct);

/// How a row looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowKind {
    /// A heading at a depth, from 1.
    Heading(u8),
    /// A line at a depth, from 1.
    Line(u8),
    /// A line that is in no total.
    Aside,
    /// A total.
    Total,
}

/// A row of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// How it looks.
    pub kind: RowKind,
    /// One cell for each column.
    pub cells: Vec<Cell>,
}

/// A column of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// Millimetres on paper; 0 takes what is left.
    pub millimetres: u16,
    /// Whether it holds figures, set to the right.
    pub figures: bool,
}

impl Column {
    /// A column of words.
    pub const fn words(name: &'static str, millimetres: u16) -> Column {
        Column { name, millimetres, figures: false }
    }
    /// A column of figures.
    pub const fn figures(name: &'static str, millimetres: u16) -> Column {
        Column { name, millimetres, figures: true }
    }
}

/// A table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// Title above it, may be empty.
    pub title: String,
    /// Columns.
    pub columns: Vec<Column>,
    /// Rows.
    pub rows: Vec<Row>,
}

/// A line of a block of totals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TotalLine {
    /// What it is.
    pub label: String,
    /// The figure.
    pub amount: Money,
    /// Whether it is one of the figures looked for.
    pub strong: bool,
}

/// What stands on the page, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// A table.
    Table(Table),
    /// Figures that sum a document up, kept together.
    Totals(Vec<TotalLine>),
    /// Paragraphs.
    Text(Vec<String>),
    /// A titled list.
    List {
        /// Title.
        title: String,
        /// Entries.
        entries: Vec<String>,
    },
    /// A place to sign.
    Signature(Signature),
}

/// A place to sign, kept together: what is not known yet is a line to write on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// In whose name, such as `Signed for Oxcon Ltd`.
    pub party: String,
    /// What is to be filled in, with what is known of it.
    pub lines: Vec<(&'static str, String)>,
}

/// A document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paper {
    /// What it is, such as `Schedule of prices`.
    pub title: String,
    /// Whose it is, of which revision, and whether it is a draft (BR-108).
    pub header: ExportHeader,
    /// Label and value, below the title.
    pub facts: Vec<(String, String)>,
    /// The page.
    pub blocks: Vec<Block>,
    /// Whether it is for the organisation alone, which every page then says.
    pub internal: bool,
    /// Printed across the paper.
    pub landscape: bool,
}

impl Paper {
    /// Rows of all tables.
    pub fn rows(&self) -> usize {
        let rows = |block: &Block| match block {
            Block::Table(table) => table.rows.len(),
            Block::Totals(_) | Block::Text(_) | Block::List { .. } | Block::Signature(_) => 0,
        };
        self.blocks.iter().map(rows).sum()
    }
}
