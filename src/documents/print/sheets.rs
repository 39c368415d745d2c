//! Sets a long document in parts, so that what the compiler holds at once does not grow with it.
//!
//! The content is set some hundred rows at a time, without anything around it. All pages of a part but
//! the last are kept, and the next part begins with the first row of that last page: the pages are
//! the ones that setting it whole would give. What stands around the content (head, foot with the
//! number of pages, mark of a draft) is set once for all pages and laid under them.

use super::press::{Part, TAGGED_ROWS_MAX, set};
use super::{Block, DocumentError, Paper, Row, Table};
use crate::estimating::branding::Branding;
use std::ops::ControlFlow;
use typst::foundations::Value;
use typst::introspection::{MetadataElem, Tag};
use typst::layout::{Frame, FrameItem, Point};
use typst::model::Document;
use typst_layout::{Page, PagedDocument};

/// Rows set at once: some ten pages.
const PART_ROWS: usize = 500;
/// Characters of a row that is set in parts: one that fills a page could not be found again.
const ROW_CHARS_MAX: usize = 2_000;

/// The table that a document is long for: its place among the blocks. None where the document is
/// better set whole.
pub(super) fn long_table(paper: &Paper) -> Option<usize> {
    let rows = |block: &Block| match block {
        Block::Table(table) => table.rows.len(),
        Block::Totals(_) | Block::Text(_) | Block::List { .. } | Block::Signature(_) => 0,
    };
    let longest = (0..paper.blocks.len()).max_by_key(|at| paper.blocks.get(*at).map_or(0, rows))?;
    let Some(Block::Table(table)) = paper.blocks.get(longest) else { return None };
    let is_short = |row: &Row| {
        let chars = |cell: &super::Cell| cell.printed().chars().count();
        row.cells.iter().map(chars).sum::<usize>() <= ROW_CHARS_MAX
    };
    // Up to there the structure is told too, which only the whole document has.
    let is_long = table.rows.len() > TAGGED_ROWS_MAX;
    (is_long && table.rows.iter().all(is_short)).then_some(longest)
}

/// Sets the pages of a document whose table `long` is long. `progress` is told the rows set.
pub(super) fn set_in_parts(
    paper: &Paper,
    long: usize,
    branding: &Branding,
    progress: &mut dyn FnMut(usize) -> ControlFlow<()>,
) -> Result<PagedDocument, DocumentError> {
    let mut pages: Vec<Page> = Vec::new();
    let mut info = None;
    let mut from = 0;
    loop {
        if progress(from).is_break() {
            return Err(DocumentError::Cancelled);
        }
        let (part, is_last) = part_of(paper, long, from)?;
        let document = set(&part, branding, Part::Sheets { from })?;
        info.get_or_insert_with(|| document.info().clone());
        if is_last {
            pages.extend(document.pages().iter().cloned());
            break;
        }
        let next = document.pages().last().and_then(|page| first_row(&page.frame));
        let kept = document.pages().len().saturating_sub(1);
        from = next.filter(|next| *next > from && kept > 0).ok_or_else(broken)?;
        pages.extend(document.pages().iter().take(kept).cloned());
    }
    let around = with_blocks(paper, Vec::new());
    let around = set(&around, branding, Part::Stationery { pages: pages.len() })?;
    if around.pages().len() != pages.len() {
        return Err(broken());
    }
    let laid = around.pages().iter().zip(pages).map(|(under, over)| {
        let mut page = under.clone();
        page.frame.push_frame(Point::zero(), over.frame);
        page
    });
    Ok(PagedDocument::new(laid.collect(), info.unwrap_or_default()))
}

fn broken() -> DocumentError {
    DocumentError::Setting("the parts of a long document do not fit together".to_owned())
}

/// The rows from `from` with the blocks before them where they are the first, and the blocks after
/// them where they are the last.
fn part_of(paper: &Paper, long: usize, from: usize) -> Result<(Paper, bool), DocumentError> {
    let Some(Block::Table(table)) = paper.blocks.get(long) else { return Err(broken()) };
    let rows: Vec<Row> = table.rows.iter().skip(from).take(PART_ROWS).cloned().collect();
    let is_last = from + rows.len() >= table.rows.len();
    let title = if from == 0 { table.title.clone() } else { String::new() };
    let mut blocks: Vec<Block> = Vec::new();
    if from == 0 {
        blocks.extend(paper.blocks.iter().take(long).cloned());
    }
    blocks.push(Block::Table(Table { title, columns: table.columns.clone(), rows }));
    if is_last {
        blocks.extend(paper.blocks.iter().skip(long + 1).cloned());
    }
    Ok((with_blocks(paper, blocks), is_last))
}

/// The same document with other blocks.
fn with_blocks(paper: &Paper, blocks: Vec<Block>) -> Paper {
    Paper {
        title: paper.title.clone(),
        header: paper.header.clone(),
        facts: paper.facts.clone(),
        blocks,
        internal: paper.internal,
        landscape: paper.landscape,
    }
}

/// The number of the first row that begins in a frame.
fn first_row(frame: &Frame) -> Option<usize> {
    frame.items().filter_map(|(_, item)| row_of(item)).min()
}

#[expect(clippy::wildcard_enum_match_arm, reason = "what is not named here holds no row")]
fn row_of(item: &FrameItem) -> Option<usize> {
    match item {
        FrameItem::Group(group) => first_row(&group.frame),
        FrameItem::Tag(Tag::Start(element, _)) => {
            match &element.to_packed::<MetadataElem>()?.value {
                Value::Int(n) => usize::try_from(*n).ok(),
                _ => None,
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::export::ExportHeader;
    use crate::documents::print::{Cell, Column, RowKind, TotalLine};
    use crate::estimating::number::{Money, Pct};

    fn paper(rows: usize) -> Paper {
        let row = |n: usize| {
            // Some rows take two lines or more.
            let words = if n.is_multiple_of(7) {
                "Excavate and cart to waste. ".repeat(n % 9)
            } else {
                String::new()
            };
            let amount = Money::from_units(n as i64 * 125).unwrap();
            let kind = if n.is_multiple_of(100) { RowKind::Heading(1) } else { RowKind::Line(2) };
            let cells = vec![
                Cell::text(format!("R{n}")),
                Cell::text(format!("{words}Part {n}")),
                amount.into(),
            ];
            Row { kind, cells }
        };
        let header = ExportHeader {
            organisation: "Contractor".to_owned(),
            tender_number: "T-1".to_owned(),
            tender_name: "Long".to_owned(),
            estimate: "BASE".to_owned(),
            revision: 1,
            commit: 4,
            printed_at: "1 April".to_owned(),
            currency: "NZD".to_owned(),
            gst_pct: Pct::ZERO,
            is_draft: true,
        };
        let columns = vec![
            Column::words("Item", 18),
            Column::words("Description", 0),
            Column::figures("Amount", 30),
        ];
        let table =
            Table { title: "Schedule".to_owned(), columns, rows: (0..rows).map(row).collect() };
        let total = TotalLine { label: "Total".to_owned(), amount: Money::ZERO, strong: true };
        Paper {
            title: "Schedule of prices".to_owned(),
            header,
            facts: vec![("Client".to_owned(), "Council".to_owned())],
            blocks: vec![
                Block::Text(vec!["Before".to_owned()]),
                Block::Table(table),
                Block::Totals(vec![total]),
            ],
            internal: false,
            landscape: false,
        }
    }

    /// Every text of a page with its place, in an order of their own.
    fn texts(document: &PagedDocument) -> Vec<Vec<String>> {
        fn walk(frame: &Frame, at: Point, found: &mut Vec<String>) {
            for (place, item) in frame.items() {
                let at = at + *place;
                if let FrameItem::Group(group) = item {
                    walk(&group.frame, at, found);
                } else if let FrameItem::Text(text) = item {
                    let (x, y) = (at.x.to_pt().round(), at.y.to_pt().round());
                    found.push(format!("{y} {x} {}", text.text));
                }
            }
        }
        let page = |page: &Page| {
            let mut found = Vec::new();
            walk(&page.frame, Point::zero(), &mut found);
            found.sort();
            found
        };
        document.pages().iter().map(page).collect()
    }

    #[test]
    fn a_document_set_in_parts_has_the_pages_it_has_set_whole() {
        let paper = paper(2_100);
        let branding = Branding::default();
        let long = long_table(&paper).unwrap();
        let mut told = Vec::new();
        let parts = set_in_parts(&paper, long, &branding, &mut |rows| {
            told.push(rows);
            ControlFlow::Continue(())
        });
        let (parts, whole) = (parts.unwrap(), set(&paper, &branding, Part::Whole).unwrap());
        let (parts, whole) = (texts(&parts), texts(&whole));
        assert_eq!(parts.len(), whole.len());
        for (n, (part, whole)) in parts.iter().zip(&whole).enumerate() {
            assert_eq!(part, whole, "page {}", n + 1);
        }
        assert!(told.len() > 4 && told.is_sorted(), "{told:?}");
        let stopped = set_in_parts(&paper, long, &branding, &mut |_| ControlFlow::Break(()));
        assert!(matches!(stopped, Err(DocumentError::Cancelled)));
    }

    #[test]
    fn a_short_document_and_one_with_rows_like_pages_are_set_whole() {
        assert_eq!(long_table(&paper(TAGGED_ROWS_MAX)), None);
        let mut long = paper(TAGGED_ROWS_MAX + 1);
        assert_eq!(long_table(&long), Some(1));
        if let Some(Block::Table(table)) = long.blocks.get_mut(1) {
            table.rows[3].cells[1] = Cell::text("x".repeat(ROW_CHARS_MAX + 1));
        }
        assert_eq!(long_table(&long), None);
    }
}
