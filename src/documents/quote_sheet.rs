//! The schedule that companies fill in to quote: written blank, read back priced.
//!
//! Every line carries the identity of its member in a hidden column, so that it is known again
//! however the company has moved or renamed it; a line without one is matched by its code.

use rust_decimal::Decimal;
use rust_xlsxwriter::{Format, FormatAlign, Formula, Workbook};
use uuid::Uuid;

use super::cell::Value;
use super::export_xlsx::{Formats, cell_text, stored};
use super::numbers;
use super::print::{self, DocumentError};
use super::sheet::Sheet;
use crate::estimating::branding::Branding;
use crate::estimating::units;

/// Rows looked through for the column names when a schedule is read back.
const NAMES_WITHIN: u32 = 60;
const NAMES: [&str; 8] =
    ["Code", "Description", "Unit", "Quantity", "Rate", "Amount", "Note", "Reference"];
const WIDTHS: [f64; 8] = [12.0, 52.0, 8.0, 13.0, 14.0, 16.0, 36.0, 38.0];
const RATE: u16 = 4;
const AMOUNT: u16 = 5;
const NOTE: u16 = 6;
const REFERENCE: u16 = 7;
/// Decimals of a quoted rate.
const RATE_DECIMALS: u32 = 4;
/// Decimals of a quoted amount.
const AMOUNT_DECIMALS: u32 = 2;

/// What stands above the lines.
#[derive(Clone, Debug)]
pub struct QuoteHead {
    /// Who asks.
    pub organisation: String,
    /// The package.
    pub title: String,
    /// The company asked, where the schedule is for one.
    pub company: String,
    /// Until when quotes are taken, in words.
    pub deadline: String,
    /// What those who quote should know.
    pub note: String,
}

/// A line to be priced.
#[derive(Clone, Debug)]
pub struct AskedLine {
    /// Identity of the member.
    pub reference: Uuid,
    /// Code.
    pub code: String,
    /// Description.
    pub description: String,
    /// Unit.
    pub unit: String,
    /// Quantity.
    pub quantity: Decimal,
}

/// A price as it stands in a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadPrice {
    /// Nothing: a gap, never a zero.
    Blank,
    /// A rate per unit.
    Rate(Decimal),
    /// An amount for the line.
    Amount(Decimal),
    /// The word included.
    Included,
    /// The word free.
    Free,
}

/// A line as it came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadLine {
    /// Identity of the member, where the line still has one.
    pub reference: Option<Uuid>,
    /// Code.
    pub code: String,
    /// Description.
    pub description: String,
    /// Price.
    pub price: ReadPrice,
    /// What the company says about it.
    pub note: String,
}

/// Something in a cell that is no price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellProblem {
    /// The cell, such as `Quote!E14`.
    pub cell: String,
    /// What is wrong with it.
    pub message: String,
}

/// A schedule as it came back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadQuote {
    /// Its lines.
    pub lines: Vec<ReadLine>,
    /// The total it states.
    pub stated_total: Option<Decimal>,
    /// Cells that are no price (BR-104): nothing is read as zero.
    pub problems: Vec<CellProblem>,
}

/// Writes the blank schedule under the letterhead of `branding`. O(lines).
///
/// # Errors
/// When the workbook cannot be written, or the logo cannot be shown.
pub fn write(
    head: &QuoteHead,
    lines: &[AskedLine],
    branding: &Branding,
) -> Result<Vec<u8>, DocumentError> {
    let formats = Formats::new();
    let input = Format::new().set_background_color("#FFF8E1").set_unlocked();
    let rate = input.clone().set_num_format("#,##0.00##");
    let words = input.set_align(FormatAlign::Left).set_text_wrap();
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.set_name("Quote")?;
    sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
    for (column, width) in (0_u16..).zip(WIDTHS) {
        sheet.set_column_width(column, width)?;
    }
    sheet.set_column_hidden(REFERENCE)?;
    let intro = "Fill in the yellow cells: a rate for each line, or the word included or free. \
        A line left blank is not quoted. Rates exclude GST unless you say otherwise.";
    // What stands above stays in sight with the names: the address takes one row.
    let address = branding.letterhead.iter().filter(|line| !line.is_empty());
    let address = address.map(|line| &**line).collect::<Vec<_>>().join(" \u{b7} ");
    let logo = print::logo(branding)?;
    let mut above = u32::from(logo.is_some());
    if let Some(logo) = logo {
        print::put_logo(sheet, 0, &logo)?;
    }
    sheet.write_string_with_format(above, 0, cell_text(&head.organisation), &formats.title)?;
    let rows = [&*head.title, &head.company, &head.deadline, &head.note, intro];
    for text in Some(&*address).filter(|address| !address.is_empty()).into_iter().chain(rows) {
        above += 1;
        sheet.write_string_with_format(above, 0, cell_text(text), &formats.plain)?;
    }
    let names_row = above + 1;
    sheet.set_freeze_panes(names_row + 1, 2)?;
    for (column, name) in (0_u16..).zip(NAMES) {
        sheet.write_string_with_format(names_row, column, name, &formats.names)?;
    }
    let mut at = names_row;
    for line in lines {
        at = at.saturating_add(1);
        sheet.write_string_with_format(at, 0, cell_text(&line.code), &formats.text)?;
        sheet.write_string_with_format(at, 1, cell_text(&line.description), &formats.text)?;
        let unit = units::printed(&line.unit);
        sheet.write_string_with_format(at, 2, cell_text(&unit), &formats.text)?;
        let quantity = stored(line.quantity);
        sheet.write_number_with_format(at, 3, quantity, &formats.quantity)?;
        sheet.write_blank(at, RATE, &rate)?;
        let row = at.saturating_add(1);
        let amount = format!("IF(ISNUMBER(E{row}),ROUND(D{row}*E{row},2),\"\")");
        let amount = Formula::new(amount).set_result("");
        sheet.write_formula_with_format(at, AMOUNT, amount, &formats.money)?;
        sheet.write_blank(at, NOTE, &words)?;
        sheet.write_string(at, REFERENCE, line.reference.to_string())?;
    }
    let total = at.saturating_add(1);
    sheet.write_string_with_format(total, 1, "Total", &formats.total_text)?;
    let sum = format!("SUM(F{}:F{})", names_row + 2, total);
    let sum = Formula::new(sum).set_result("0");
    sheet.write_formula_with_format(total, AMOUNT, sum, &formats.total)?;
    sheet.protect();
    Ok(workbook.save_to_buffer()?)
}

/// Where the columns of a schedule are.
#[derive(Clone, Copy, Default)]
struct Columns {
    code: Option<u32>,
    description: Option<u32>,
    rate: Option<u32>,
    amount: Option<u32>,
    note: Option<u32>,
    reference: Option<u32>,
}

/// Reads a priced schedule back. O(cells).
///
/// # Errors
/// When no row names a column of rates or amounts.
pub fn read(sheet: &Sheet) -> Result<ReadQuote, CellProblem> {
    let within = sheet.row_count().min(NAMES_WITHIN);
    let found = (0..within).find_map(|row| Some((row, columns(sheet, row)?)));
    let (names, columns) = found.ok_or_else(|| CellProblem {
        cell: sheet.cell_name(0, 0),
        message: "No row names the columns: Code or Description, and Rate or Amount.".to_owned(),
    })?;
    let mut quote = ReadQuote::default();
    for row in names.saturating_add(1)..sheet.row_count() {
        line(sheet, row, columns, &mut quote);
    }
    Ok(quote)
}

fn columns(sheet: &Sheet, row: u32) -> Option<Columns> {
    let mut columns = Columns::default();
    for column in 0..sheet.column_count() {
        let place = match sheet.shown(row, column).to_lowercase().as_str() {
            "code" | "item" | "item no" | "ref" => &mut columns.code,
            "description" => &mut columns.description,
            "rate" | "unit price" | "price" | "unit rate" => &mut columns.rate,
            "amount" | "total" | "extension" => &mut columns.amount,
            "note" | "notes" | "remarks" | "comment" => &mut columns.note,
            "reference" => &mut columns.reference,
            _ => continue,
        };
        place.get_or_insert(column);
    }
    let named = columns.code.is_some() || columns.description.is_some();
    (named && (columns.rate.is_some() || columns.amount.is_some())).then_some(columns)
}

fn line(sheet: &Sheet, row: u32, columns: Columns, quote: &mut ReadQuote) {
    let shown = |column: Option<u32>| column.map(|c| sheet.shown(row, c)).unwrap_or_default();
    let (code, description) = (shown(columns.code), shown(columns.description));
    let reference = Uuid::parse_str(&shown(columns.reference)).ok();
    let number = |column: Option<u32>| match column.and_then(|c| sheet.value(row, c)) {
        Some(Value::Number(number)) => Some(*number),
        Some(_) | None => None,
    };
    if reference.is_none() && is_total(&code, &description) {
        let total = number(columns.amount).filter(|total| !total.is_zero());
        quote.stated_total = quote.stated_total.or(total.map(|total| total.normalize()));
        return;
    }
    let price = match price(sheet, row, columns) {
        Ok(price) => price,
        Err(problem) => {
            quote.problems.push(problem);
            return;
        }
    };
    if reference.is_none() && price == ReadPrice::Blank {
        return;
    }
    let note = shown(columns.note);
    quote.lines.push(ReadLine { reference, code, description, price, note });
}

fn is_total(code: &str, description: &str) -> bool {
    [code, description].iter().any(|text| {
        let text = text.to_lowercase();
        text.starts_with("total") || text.starts_with("grand total") || text == "sum"
    })
}

/// The rate of a line, or its amount where it has no rate.
fn price(sheet: &Sheet, row: u32, columns: Columns) -> Result<ReadPrice, CellProblem> {
    let rate = match columns.rate {
        Some(column) => figure(sheet, row, column, RATE_DECIMALS)?,
        None => Figure::Nothing,
    };
    Ok(match rate {
        Figure::Number(number) => ReadPrice::Rate(number),
        Figure::Included => ReadPrice::Included,
        Figure::Free => ReadPrice::Free,
        Figure::Nothing => match columns.amount {
            None => ReadPrice::Blank,
            // The product of a blank rate shows as zero: it says nothing either.
            Some(column) if columns.rate.is_some() && is_zero(sheet, row, column) => {
                ReadPrice::Blank
            }
            Some(column) => match figure(sheet, row, column, AMOUNT_DECIMALS)? {
                Figure::Number(number) => ReadPrice::Amount(number),
                Figure::Included => ReadPrice::Included,
                Figure::Free => ReadPrice::Free,
                Figure::Nothing => ReadPrice::Blank,
            },
        },
    })
}

fn is_zero(sheet: &Sheet, row: u32, column: u32) -> bool {
    matches!(sheet.value(row, column), Some(Value::Number(number)) if number.is_zero())
}

enum Figure {
    Nothing,
    Number(Decimal),
    Included,
    Free,
}

fn figure(sheet: &Sheet, row: u32, column: u32, decimals: u32) -> Result<Figure, CellProblem> {
    let problem = |message: String| CellProblem { cell: sheet.cell_name(row, column), message };
    let number = match sheet.value(row, column) {
        None => return Ok(Figure::Nothing),
        Some(Value::Number(number)) => *number,
        Some(Value::Text(text)) => match text.trim().to_lowercase().as_str() {
            "" | "-" | "–" => return Ok(Figure::Nothing),
            "included" | "incl" | "incl." | "inc" => return Ok(Figure::Included),
            "free" | "foc" | "no charge" => return Ok(Figure::Free),
            word => {
                numbers::from_text(word).ok_or_else(|| problem(format!("{word:?} is no price.")))?
            }
        },
        Some(Value::Error(error)) => return Err(problem(format!("{error} is no price."))),
        Some(Value::Bool(_) | Value::Date(_)) => {
            return Err(problem("A date or a yes is no price.".to_owned()));
        }
    };
    let number = number.normalize();
    if number.is_zero() {
        let message = "A price of zero says nothing: leave it blank, or write included or free.";
        return Err(problem(message.to_owned()));
    }
    if number.scale() > decimals {
        return Err(problem(format!("{number} has more than {decimals} decimals.")));
    }
    Ok(Figure::Number(number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::{limits::Limits, sheet};
    use crate::estimating::branding::{Logo, LogoKind};

    fn asked() -> Vec<AskedLine> {
        let line = |n: u128, code: &str| AskedLine {
            reference: Uuid::from_u128(n),
            code: code.to_owned(),
            description: format!("Line {code}"),
            unit: "m2".to_owned(),
            quantity: Decimal::from(4_250),
        };
        vec![line(1, "2.06"), line(2, "2.07")]
    }

    #[test]
    fn a_blank_schedule_reads_back_as_gaps() {
        let head = QuoteHead {
            organisation: "Oxcon".to_owned(),
            title: "PKG-01 Surfacing".to_owned(),
            company: String::new(),
            deadline: String::new(),
            note: String::new(),
        };
        let drawing = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'/>";
        let styled = Branding {
            // A line that reads like the names of columns is none of them.
            letterhead: ["Description", "Total", "Rate"].map(Into::into).to_vec(),
            logo: Some(Logo { kind: LogoKind::Svg, bytes: drawing.into() }),
            ..Branding::default()
        };
        for branding in [Branding::default(), styled] {
            let bytes = write(&head, &asked(), &branding).expect("a workbook");
            let limits = Limits::default();
            let book = sheet::Workbook::read(&bytes, "quote.xlsx", &limits).expect("xlsx");
            let quote = read(&book.sheets[0]).expect("the columns");
            assert_eq!((quote.problems.len(), quote.stated_total), (0, None));
            let lines: Vec<_> =
                quote.lines.iter().map(|line| (line.reference, line.price)).collect();
            let gap = |n| (Some(Uuid::from_u128(n)), ReadPrice::Blank);
            assert_eq!(lines, [gap(1), gap(2)]);
        }
    }

    #[test]
    fn prices_words_and_mistakes_are_told_apart_by_cell() {
        let text = |row: &[&str]| row.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>();
        let sheet = Sheet::from_text(
            "Theirs",
            &[
                text(&["Our offer"]),
                text(&["Item", "Description", "Rate", "Amount", "Notes"]),
                text(&["2.06", "Seal", "7.85", "", "two coats"]),
                text(&["2.07", "Asphalt", "included", "", ""]),
                text(&["2.08", "Marking", "", "6,460.00", ""]),
                text(&["2.09", "Signs", "0", "", ""]),
                text(&["2.10", "Posts", "tbc", "", ""]),
                text(&["2.11", "Rail", "1.00001", "", ""]),
                text(&["2.12", "Left", "", "", ""]),
            ],
            true,
        );
        let quote = read(&sheet).expect("the columns");
        let number = |text: &str| text.parse().expect("a number");
        let prices: Vec<_> = quote.lines.iter().map(|line| line.price).collect();
        assert_eq!(
            prices,
            [
                ReadPrice::Rate(number("7.85")),
                ReadPrice::Included,
                ReadPrice::Amount(number("6460"))
            ]
        );
        assert_eq!(quote.lines[0].note, "two coats");
        let cells: Vec<&str> = quote.problems.iter().map(|one| &*one.cell).collect();
        assert_eq!(cells, ["Theirs!C6", "Theirs!C7", "Theirs!C8"]);
        let bare = Sheet::from_text("S", &[text(&["Hello"])], true);
        assert_eq!(read(&bare).expect_err("no columns").cell, "S!A1");
    }
}
