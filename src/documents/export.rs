//! The plain rows an export is written from, and what its two forms share.

use crate::estimating::number::{LineQty, Money, Pct, Qty, Rate};

use super::limits::Progress;

/// What stands above a schedule, and marks it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportHeader {
    /// Name of the organisation.
    pub organisation: String,
    /// Tender number.
    pub tender_number: String,
    /// Tender name.
    pub tender_name: String,
    /// Estimate code or name.
    pub estimate: String,
    /// Revision.
    pub revision: u32,
    /// Commit the figures are of.
    pub commit: u64,
    /// Time of printing, as it is shown: in the zone of the organisation, with its name.
    pub printed_at: String,
    /// Currency code.
    pub currency: String,
    /// Goods and services tax, in percent points.
    pub gst_pct: Pct,
    /// Whether the revision is not submitted: marked DRAFT with revision, commit and time (BR-108).
    pub is_draft: bool,
}

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportKind {
    /// A heading with the total of what is below it.
    Heading,
    /// An item.
    Item,
    /// An item below an item.
    SubItem,
}

/// A cost by its five types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CostByType {
    /// Labour.
    pub labour: Money,
    /// Plant.
    pub plant: Money,
    /// Material.
    pub material: Money,
    /// Subcontract.
    pub subcontract: Money,
    /// Other.
    pub other: Money,
}

impl CostByType {
    /// The five costs in the order of the columns.
    #[must_use]
    pub fn columns(&self) -> [Money; 5] {
        [self.labour, self.plant, self.material, self.subcontract, self.other]
    }
}

/// A row of the schedule, in display order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportRow {
    /// What it is.
    pub kind: ExportKind,
    /// Depth in the tree, 1 and up.
    pub depth: u32,
    /// Client code.
    pub code: String,
    /// Description, or the name of a heading.
    pub description: String,
    /// Unit code.
    pub unit: Option<String>,
    /// Quantity.
    pub quantity: Option<Qty>,
    /// Cost rate.
    pub cost_rate: Option<Rate>,
    /// Its cost: of a heading direct and indirect, of an item with its sub-items.
    pub cost: Money,
    /// The same cost by type.
    pub by_type: CostByType,
    /// Whether it enters the totals above it; a heading always does.
    pub counted: bool,
    /// Status in words.
    pub status: String,
    /// Note.
    pub note: String,
}

/// A line of the resource summary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceRow {
    /// Code.
    pub code: String,
    /// Description.
    pub description: String,
    /// One of the five types, in words.
    pub resource_type: String,
    /// Unit code.
    pub unit: String,
    /// Quantity over the whole estimate.
    pub quantity: LineQty,
    /// Rate; none when lines have different rates.
    pub rate: Option<Rate>,
    /// Cost over the whole estimate.
    pub cost: Money,
}

/// Why an export was not made.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// More rows than a worksheet holds.
    #[error("the estimate has more rows than a worksheet holds ({0})")]
    TooManyRows(u64),
    /// A total beyond what money holds.
    #[error("a total is too large")]
    TotalTooLarge,
    /// The caller stopped it.
    #[error("the export was cancelled")]
    Cancelled,
    /// The workbook could not be written.
    #[error("the workbook could not be written: {0}")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
    /// The text could not be written.
    #[error("the text could not be written: {0}")]
    Text(#[from] csv::Error),
}

/// Rows between two looks at the progress callback.
const ROWS_PER_TICK: u64 = 1_024;

/// Tells `progress` every so many rows.
pub(super) fn tick(progress: &mut Progress<'_>, done: u64, total: u64) -> Result<(), ExportError> {
    if !done.is_multiple_of(ROWS_PER_TICK) {
        return Ok(());
    }
    match progress(done, total) {
        std::ops::ControlFlow::Continue(()) => Ok(()),
        std::ops::ControlFlow::Break(()) => Err(ExportError::Cancelled),
    }
}

impl ExportHeader {
    /// The mark of a revision that is not submitted; none for one that is (BR-108).
    #[must_use]
    pub fn draft_mark(&self) -> Option<String> {
        self.is_draft.then(|| {
            format!(
                "DRAFT: revision {}, commit {}, {}",
                self.revision, self.commit, self.printed_at
            )
        })
    }
}
