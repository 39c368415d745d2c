//! Writes an estimate as the workbook an estimator sends: the schedule with live totals, outline
//! and print set-up, and the resources behind it.
//!
//! The writer keeps cells until the end, about a kilobyte a row: its mode of constant memory
//! cannot write outline levels. Every formula carries its result, computed from the same exact figures, so a viewer that does not calculate shows
//! the right numbers. Texts are always written as strings, never as formulas.
//!
//! A workbook stores numbers as IEEE doubles; each is written as the exact decimal of its figure,
//! of at most 15 digits, which reads back as the same figure.

use rust_decimal::Decimal;
use rust_xlsxwriter::{Format, FormatAlign, Formula, Workbook, Worksheet};

use crate::estimating::number::{Money, amount, percent_of};
use crate::estimating::units;

use super::cell::column_letters;
use super::export::{ExportError, ExportHeader, ExportKind, ExportRow, ResourceRow, tick};
use super::limits::{CELL_CHARS_MAX, Progress};
use super::outline::{Below, Outline, Run};
use super::resource_sheet;

/// Rows a worksheet holds, less those above and below the schedule.
const SCHEDULE_ROWS_MAX: u32 = 1_048_576 - 64;
/// Row of the column names, from 0; what is above it stays in sight.
const NAMES_ROW: u32 = 5;
const FIRST_ROW: u32 = NAMES_ROW + 1;
/// Deepest outline of a worksheet.
const OUTLINE_LEVELS_MAX: u32 = 7;
const PAPER_A4: u8 = 9;
/// Longest formula of a cell, with room to spare below Excel's 8,192.
const FORMULA_CHARS_MAX: usize = 8_000;
/// Most arguments of a function, below Excel's 255.
const ARGUMENTS_MAX: usize = 250;

const NAMES: [&str; 13] = [
    "Code",
    "Description",
    "Unit",
    "Quantity",
    "Cost rate",
    "Cost",
    "Labour",
    "Plant",
    "Material",
    "Subcontract",
    "Other",
    "Status",
    "Note",
];
const WIDTHS: [f64; 13] =
    [12.0, 48.0, 8.0, 13.0, 13.0, 15.0, 13.0, 13.0, 13.0, 13.0, 13.0, 13.0, 32.0];
const COST_COLUMN: u16 = 5;
const STATUS_COLUMN: u16 = 11;
const NOTE_COLUMN: u16 = 12;

/// The formats in use.
pub(super) struct Formats {
    pub(super) title: Format,
    pub(super) plain: Format,
    pub(super) draft: Format,
    pub(super) names: Format,
    pub(super) text: Format,
    pub(super) text_bold: Format,
    pub(super) quantity: Format,
    pub(super) rate: Format,
    pub(super) money: Format,
    pub(super) money_bold: Format,
    pub(super) total: Format,
    pub(super) total_text: Format,
}

const MONEY: &str = "#,##0.00;[Red]-#,##0.00";
const RATE: &str = "#,##0.0000";
const QUANTITY: &str = "#,##0.00##";

impl Formats {
    pub(super) fn new() -> Formats {
        let total = Format::new().set_bold().set_border_top(rust_xlsxwriter::FormatBorder::Thin);
        Formats {
            title: Format::new().set_bold().set_font_size(14),
            plain: Format::new(),
            draft: Format::new().set_bold().set_font_color("#C00000"),
            names: Format::new()
                .set_bold()
                .set_background_color("#E8ECEF")
                .set_border_bottom(rust_xlsxwriter::FormatBorder::Thin)
                .set_text_wrap(),
            text: Format::new().set_align(FormatAlign::Top),
            text_bold: Format::new().set_bold(),
            quantity: Format::new().set_num_format(QUANTITY),
            rate: Format::new().set_num_format(RATE),
            money: Format::new().set_num_format(MONEY),
            money_bold: Format::new().set_num_format(MONEY).set_bold(),
            total: total.clone().set_num_format(MONEY),
            total_text: total,
        }
    }
}

/// The figure as a workbook stores it.
pub(super) fn stored(figure: Decimal) -> f64 {
    // A decimal's text always reads as a float.
    figure.to_string().parse().unwrap_or(f64::NAN)
}

/// A formula with its result.
pub(super) fn formula(text: String, result: Decimal) -> Formula {
    Formula::new(text).set_result(result.normalize().to_string())
}

/// A text within what a cell holds.
pub(super) fn cell_text(text: &str) -> &str {
    let chars_max = usize::try_from(CELL_CHARS_MAX).unwrap_or(usize::MAX);
    match text.char_indices().nth(chars_max) {
        Some((end, _)) => text.get(..end).unwrap_or_default(),
        None => text,
    }
}

/// Writes the workbook. `rows` is walked twice: once to know what each total adds up, once to
/// write. O(rows), also in memory.
///
/// # Errors
/// [`ExportError::TooManyRows`] beyond what a worksheet holds, [`ExportError::Cancelled`] when
/// `progress` breaks.
pub fn write<R>(
    header: &ExportHeader,
    rows: R,
    resources: &[ResourceRow],
    progress: Progress<'_>,
) -> Result<Vec<u8>, ExportError>
where
    R: IntoIterator<Item = ExportRow> + Clone,
{
    let outline = Outline::of(rows.clone().into_iter(), SCHEDULE_ROWS_MAX)?;
    let formats = Formats::new();
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.set_name("Schedule")?;
    set_up(sheet, header)?;
    for (column, width) in (0_u16..).zip(WIDTHS) {
        sheet.set_column_width(column, width)?;
    }
    sheet.set_freeze_panes(FIRST_ROW, 2)?;
    sheet.set_repeat_rows(NAMES_ROW, NAMES_ROW)?;
    sheet.group_symbols_above(true);
    write_head(sheet, header, &formats)?;
    for (column, name) in (0_u16..).zip(NAMES) {
        sheet.write_string_with_format(NAMES_ROW, column, name, &formats.names)?;
    }
    let mut schedule = Schedule { sheet, outline: &outline, formats: &formats, open: Vec::new() };
    schedule.rows(rows.into_iter(), progress)?;
    schedule.totals(header)?;
    if !resources.is_empty() {
        let sheet = workbook.add_worksheet();
        sheet.set_name("Resources")?;
        set_up(sheet, header)?;
        write_head(sheet, header, &formats)?;
        resource_sheet::write(sheet, NAMES_ROW, resources, &formats)?;
    }
    Ok(workbook.save_to_buffer()?)
}

/// Print set-up: A4 across, one page wide, the mark of a draft and the page at the foot.
fn set_up(sheet: &mut Worksheet, header: &ExportHeader) -> Result<(), ExportError> {
    // Both sides and their codes stay below Excel's 255, also with every ampersand doubled.
    const HEADER_CHARS_MAX: usize = 60;
    // An ampersand begins a code in a header: a doubled one is itself.
    let escaped =
        |text: &str| text.chars().take(HEADER_CHARS_MAX).collect::<String>().replace('&', "&&");
    sheet.set_landscape().set_paper_size(PAPER_A4).set_print_fit_to_pages(1, 0);
    sheet.set_margins(0.4, 0.4, 0.6, 0.6, 0.3, 0.3);
    let mark = header.draft_mark().unwrap_or_default();
    sheet.set_header(format!("&L{}&R{}", escaped(&header.organisation), escaped(&mark)));
    let tender = format!("{} {}", header.tender_number, header.tender_name);
    sheet.set_footer(format!("&L{}&RPage &P of &N", escaped(&tender)));
    Ok(())
}

fn write_head(
    sheet: &mut Worksheet,
    header: &ExportHeader,
    formats: &Formats,
) -> Result<(), ExportError> {
    let tender = format!("{} {}", header.tender_number, header.tender_name);
    let basis = format!(
        "{}, revision {}, commit {}, printed {}, {} excl. GST",
        header.estimate, header.revision, header.commit, header.printed_at, header.currency
    );
    sheet.write_string_with_format(0, 0, cell_text(&header.organisation), &formats.title)?;
    sheet.write_string_with_format(1, 0, cell_text(&tender), &formats.text_bold)?;
    sheet.write_string_with_format(2, 0, cell_text(&basis), &formats.plain)?;
    if let Some(mark) = header.draft_mark() {
        sheet.write_string_with_format(3, 0, cell_text(&mark), &formats.draft)?;
    }
    Ok(())
}

struct Schedule<'s> {
    sheet: &'s mut Worksheet,
    outline: &'s Outline,
    formats: &'s Formats,
    /// Last rows of the groups a row is in.
    open: Vec<u32>,
}

impl Schedule<'_> {
    fn rows(
        &mut self,
        rows: impl Iterator<Item = ExportRow>,
        mut progress: Progress<'_>,
    ) -> Result<(), ExportError> {
        let total = u64::from(self.outline.rows);
        for (index, row) in (0_u32..self.outline.rows).zip(rows) {
            tick(&mut progress, u64::from(index), total)?;
            self.row(index, &row)?;
        }
        Ok(())
    }

    /// Puts the row into every group it is in: a worksheet nests seven deep.
    fn group(&mut self, index: u32) -> Result<(), ExportError> {
        self.open.retain(|last| *last >= index);
        let levels = u32::try_from(self.open.len()).unwrap_or(u32::MAX).min(OUTLINE_LEVELS_MAX);
        for _ in 0..levels {
            self.sheet.group_rows(FIRST_ROW + index, FIRST_ROW + index)?;
        }
        if let Some(below) = self.outline.below.get(&index) {
            self.open.push(below.last);
        }
        Ok(())
    }

    fn row(&mut self, index: u32, row: &ExportRow) -> Result<(), ExportError> {
        self.group(index)?;
        let at = FIRST_ROW + index;
        let is_heading = row.kind == ExportKind::Heading;
        let (text, money) = if is_heading {
            (&self.formats.text_bold, &self.formats.money_bold)
        } else {
            (&self.formats.text, &self.formats.money)
        };
        let indent = u8::try_from(row.depth.saturating_sub(1)).unwrap_or(u8::MAX).min(15);
        self.sheet.write_string_with_format(at, 0, cell_text(&row.code), text)?;
        let indented = text.clone().set_align(FormatAlign::Left).set_indent(indent);
        self.sheet.write_string_with_format(at, 1, cell_text(&row.description), &indented)?;
        if let Some(unit) = &row.unit {
            let unit = units::printed(unit);
            self.sheet.write_string_with_format(at, 2, cell_text(&unit), text)?;
        }
        if let Some(quantity) = row.quantity {
            self.sheet.write_number_with_format(
                at,
                3,
                stored(quantity.to_decimal()),
                &self.formats.quantity,
            )?;
        }
        if let Some(rate) = row.cost_rate {
            self.sheet.write_number_with_format(
                at,
                4,
                stored(rate.to_decimal()),
                &self.formats.rate,
            )?;
        }
        let counted = row.counted || is_heading;
        if counted {
            self.costs(index, row, money)?;
        }
        if !row.status.is_empty() {
            self.sheet.write_string_with_format(at, STATUS_COLUMN, cell_text(&row.status), text)?;
        }
        let note = if counted {
            row.note.clone()
        } else {
            // Its cost is in no total, so it is not in the column of costs.
            let apart = format!("not in the total: {}", row.cost);
            if row.note.is_empty() { apart } else { format!("{apart}; {}", row.note) }
        };
        if !note.is_empty() {
            self.sheet.write_string_with_format(at, NOTE_COLUMN, cell_text(&note), text)?;
        }
        Ok(())
    }

    /// The cost and its parts: sums of what is below where they come to it, quantity times rate
    /// where it comes to it exactly, else figures.
    fn costs(&mut self, index: u32, row: &ExportRow, format: &Format) -> Result<(), ExportError> {
        let at = FIRST_ROW + index;
        let below = self.outline.below.get(&index);
        let columns = COST_COLUMN..;
        let figures = std::iter::once(row.cost).chain(row.by_type.columns());
        let sums = below.map(|below| std::iter::once(below.cost).chain(below.by_type));
        let mut sums: Vec<Option<Money>> = match sums {
            Some(sums) => sums.map(Some).collect(),
            None => Vec::new(),
        };
        sums.resize(6, None);
        for ((column, figure), sum) in columns.zip(figures).zip(sums) {
            let text = match (sum, below) {
                (Some(sum), Some(below)) if sum == figure => sum_formula(column, below),
                (Some(_), _) | (_, Some(_)) => None,
                (None, None) if column == COST_COLUMN => product_formula(at, row),
                // A type without cost stays empty: most items have one or two.
                (None, None) if figure.is_zero() => continue,
                (None, None) => None,
            };
            match text {
                Some(text) => {
                    let formula = formula(text, figure.to_decimal());
                    self.sheet.write_formula_with_format(at, column, formula, format)?;
                }
                None => {
                    self.sheet.write_number_with_format(
                        at,
                        column,
                        stored(figure.to_decimal()),
                        format,
                    )?;
                }
            }
        }
        Ok(())
    }

    /// The total, GST on it, and the total with GST.
    fn totals(&mut self, header: &ExportHeader) -> Result<(), ExportError> {
        let formats = self.formats;
        let at = FIRST_ROW + self.outline.rows + 1;
        let total = self.outline.top.cost;
        let gst = percent_of(total, header.gst_pct).ok_or(ExportError::TotalTooLarge)?;
        let with_gst = total.checked_add(gst).ok_or(ExportError::TotalTooLarge)?;
        let pct = header.gst_pct.to_decimal().normalize();
        let name = format!("Total cost excl. GST, {}", header.currency);
        self.sheet.write_string_with_format(at, 1, &name, &formats.total_text)?;
        let top = std::iter::once(total).chain(self.outline.top.by_type);
        for (column, figure) in (COST_COLUMN..).zip(top) {
            match sum_formula(column, &self.outline.top) {
                Some(text) => {
                    let formula = formula(text, figure.to_decimal());
                    self.sheet.write_formula_with_format(at, column, formula, &formats.total)?;
                }
                None => {
                    let figure = stored(figure.to_decimal());
                    self.sheet.write_number_with_format(at, column, figure, &formats.total)?;
                }
            }
        }
        let cost = column_letters(u32::from(COST_COLUMN));
        let lines = [
            (format!("GST {pct} %"), format!("=ROUND({cost}{}*{pct}/100,2)", at + 1), gst),
            (
                "Total cost incl. GST".to_owned(),
                format!("={cost}{}+{cost}{}", at + 1, at + 2),
                with_gst,
            ),
        ];
        for (line, (name, text, figure)) in (at + 1..).zip(lines) {
            self.sheet.write_string_with_format(line, 1, &name, &formats.text_bold)?;
            let formula = formula(text, figure.to_decimal());
            self.sheet.write_formula_with_format(
                line,
                COST_COLUMN,
                formula,
                &formats.money_bold,
            )?;
        }
        Ok(())
    }
}

/// The sum of the children of a row; `None` when it would be too long for a cell.
fn sum_formula(column: u16, below: &Below) -> Option<String> {
    if below.children.is_empty() {
        return None;
    }
    let letters = column_letters(u32::from(column));
    let cells = |run: &Run| {
        let (first, last) = (FIRST_ROW + run.first + 1, FIRST_ROW + run.last + 1);
        if first == last {
            format!("{letters}{first}")
        } else {
            format!("{letters}{first}:{letters}{last}")
        }
    };
    let parts: Vec<String> = below
        .children
        .chunks(ARGUMENTS_MAX)
        .map(|runs| format!("SUM({})", runs.iter().map(cells).collect::<Vec<_>>().join(",")))
        .collect();
    let text = match parts.as_slice() {
        [only] => format!("={only}"),
        several => format!("={}", several.join("+")),
    };
    (text.len() <= FORMULA_CHARS_MAX).then_some(text)
}

/// Quantity times rate, when that is the cost to the cent. At an exact half cent a program's
/// binary arithmetic may fall on either side, so there the figure stands.
fn product_formula(at: u32, row: &ExportRow) -> Option<String> {
    let (quantity, rate) = (row.quantity?, row.cost_rate?);
    if amount(quantity, rate)? != row.cost {
        return None;
    }
    let product = quantity.to_decimal().checked_mul(rate.to_decimal())?;
    let past_cents = (product * Decimal::ONE_HUNDRED).fract().abs();
    if past_cents == Decimal::new(5, 1) {
        return None;
    }
    let line = at + 1;
    Some(if past_cents.is_zero() {
        format!("=D{line}*E{line}")
    } else {
        format!("=ROUND(D{line}*E{line},2)")
    })
}
