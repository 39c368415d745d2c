//! Writes a document as a workbook: the same rows, figures as numbers.

use super::{Block, Cell, Column, DocumentError, PAPER_ROWS_MAX, Paper, RowKind, Table};
use crate::documents::export_xlsx::{cell_text, stored};
use crate::documents::logo::pictured;
use crate::estimating::branding::Branding;
use rust_xlsxwriter::{
    Color, Format, FormatAlign, FormatBorder, Image, Workbook, Worksheet, XlsxError,
};

const MONEY: &str = "#,##0.00;[Red]-#,##0.00";
const RATE: &str = "#,##0.00##";
const QUANTITY: &str = "#,##0.####";
const PERCENT: &str = "0.00##\" %\"";
const PAPER_A4: u8 = 9;
/// Room of the logo above a sheet, in pixels.
const LOGO_WIDTH: u32 = 220;
const LOGO_HEIGHT: u32 = 60;
const LOGO_MARGIN: u32 = 4;
/// Width of a column that takes what is left, in characters.
const WIDE: f64 = 56.0;
/// Characters of a column for each millimetre on paper.
const CHARS_PER_MILLIMETRE: f64 = 0.58;

/// Writes `paper` as one sheet in the accent of `branding`. O(rows).
///
/// # Errors
/// Beyond [`PAPER_ROWS_MAX`] rows.
pub fn xlsx(paper: &Paper, branding: &Branding) -> Result<Vec<u8>, DocumentError> {
    let rows = paper.rows();
    if rows > PAPER_ROWS_MAX {
        return Err(DocumentError::TooManyRows(rows));
    }
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    let name: String = paper.title.chars().take(SHEET_NAME_CHARS_MAX).collect();
    sheet.set_name(name)?;
    let formats = Formats::new(branding);
    let mut writer = Writer { sheet, formats, at: 0, last_column: 1 };
    writer.set_up(paper)?;
    writer.head(paper, branding)?;
    for block in &paper.blocks {
        writer.block(block)?;
    }
    Ok(workbook.save_to_buffer()?)
}

/// A line to write on.
const TO_WRITE_ON: &str = "______________________________";

/// The logo of an organisation as a workbook shows it; none where there is none.
///
/// # Errors
/// When it is no picture and cannot be made one.
pub(in crate::documents) fn logo(branding: &Branding) -> Result<Option<Image>, DocumentError> {
    let Some(logo) = &branding.logo else { return Ok(None) };
    let shown = pictured(logo, LOGO_WIDTH, LOGO_HEIGHT);
    let shown = shown.map_err(|error| DocumentError::Logo(error.to_string()))?;
    let image = Image::new_from_buffer(&shown);
    let image = image.map_err(|error| DocumentError::Logo(error.to_string()))?;
    Ok(Some(image.set_scale_to_size(LOGO_WIDTH, LOGO_HEIGHT, true)))
}

/// Puts a logo in a row of its own.
pub(in crate::documents) fn put_logo(
    sheet: &mut Worksheet,
    row: u32,
    logo: &Image,
) -> Result<(), XlsxError> {
    sheet.set_row_height_pixels(row, LOGO_HEIGHT + LOGO_MARGIN * 2)?;
    sheet.insert_image_with_offset(row, 0, logo, LOGO_MARGIN, LOGO_MARGIN)?;
    Ok(())
}

/// Characters of a sheet's name.
const SHEET_NAME_CHARS_MAX: usize = 31;

struct Formats {
    title: Format,
    draft: Format,
    quiet: Format,
    names: Format,
    names_right: Format,
    section: Format,
    text: Format,
    text_bold: Format,
    text_aside: Format,
    text_wrapped: Format,
}

impl Formats {
    fn new(branding: &Branding) -> Formats {
        let [red, green, blue] = branding.accent.0.map(u32::from);
        let accent = Color::RGB((red << 16) | (green << 8) | blue);
        let names = Format::new()
            .set_bold()
            .set_background_color(accent)
            .set_font_color(Color::White)
            .set_text_wrap();
        let text = Format::new().set_align(FormatAlign::Top).set_text_wrap();
        Formats {
            title: Format::new().set_bold().set_font_size(16).set_font_color(accent),
            draft: Format::new().set_bold().set_font_color("#B00020"),
            quiet: Format::new().set_font_color("#5F5F5F"),
            names_right: names.clone().set_align(FormatAlign::Right),
            names,
            section: Format::new().set_bold().set_font_size(12).set_font_color(accent),
            text_bold: Format::new().set_bold().set_align(FormatAlign::Top),
            text_aside: text.clone().set_italic(),
            text_wrapped: text.clone(),
            text,
        }
    }

    fn of(&self, kind: RowKind) -> Format {
        match kind {
            RowKind::Heading(_) => self.text_bold.clone().set_background_color("#ECEFF2"),
            RowKind::Line(_) => self.text.clone(),
            RowKind::Aside => self.text_aside.clone(),
            RowKind::Total => self.text_bold.clone().set_border_top(FormatBorder::Thin),
        }
    }
}

struct Writer<'w> {
    sheet: &'w mut Worksheet,
    formats: Formats,
    at: u32,
    /// Column of the figures that sum up.
    last_column: u16,
}

impl Writer<'_> {
    fn set_up(&mut self, paper: &Paper) -> Result<(), DocumentError> {
        if paper.landscape {
            self.sheet.set_landscape();
        }
        self.sheet.set_paper_size(PAPER_A4).set_print_fit_to_pages(1, 0);
        self.sheet.set_footer("&RPage &P of &N");
        let tables = paper.blocks.iter().filter_map(|block| match block {
            Block::Table(table) => Some(table),
            Block::Totals(_) | Block::Text(_) | Block::List { .. } | Block::Signature(_) => None,
        });
        let Some(widest) = tables.max_by_key(|table| table.columns.len()) else {
            self.sheet.set_column_width(0, WIDE * 1.6)?;
            return Ok(());
        };
        for (at, column) in (0_u16..).zip(&widest.columns) {
            let width = match column.millimetres {
                0 => WIDE,
                millimetres => f64::from(millimetres) * CHARS_PER_MILLIMETRE,
            };
            self.sheet.set_column_width(at, width)?;
        }
        Ok(())
    }

    fn line(&mut self, text: &str, format: &Format) -> Result<(), DocumentError> {
        self.sheet.write_string_with_format(self.at, 0, cell_text(text), format)?;
        self.at += 1;
        Ok(())
    }

    fn head(&mut self, paper: &Paper, branding: &Branding) -> Result<(), DocumentError> {
        let (title, quiet) = (self.formats.title.clone(), self.formats.quiet.clone());
        if let Some(logo) = logo(branding)? {
            put_logo(self.sheet, self.at, &logo)?;
            self.at += 1;
        }
        self.line(&paper.header.organisation, &self.formats.text_bold.clone())?;
        for line in &branding.letterhead {
            self.line(line, &quiet)?;
        }
        self.line(&paper.title, &title)?;
        if let Some(mark) = paper.header.draft_mark() {
            self.line(&mark, &self.formats.draft.clone())?;
        }
        if paper.internal {
            self.line("Internal: not for the client", &self.formats.draft.clone())?;
        }
        for (label, value) in &paper.facts {
            self.line(&format!("{label}: {value}"), &quiet)?;
        }
        self.at += 1;
        Ok(())
    }

    fn block(&mut self, block: &Block) -> Result<(), DocumentError> {
        let wrapped = self.formats.text_wrapped.clone();
        match block {
            Block::Table(table) => self.table(table)?,
            Block::Totals(lines) => {
                let column = self.last_column;
                for line in lines {
                    let text =
                        if line.strong { &self.formats.text_bold } else { &self.formats.text };
                    let label = column.saturating_sub(1).min(1);
                    self.sheet.write_string_with_format(
                        self.at,
                        label,
                        cell_text(&line.label),
                        text,
                    )?;
                    let money = text.clone().set_num_format(MONEY);
                    let figure = stored(line.amount.to_decimal());
                    self.sheet.write_number_with_format(self.at, column, figure, &money)?;
                    self.at += 1;
                }
            }
            Block::Text(paragraphs) => {
                for paragraph in paragraphs {
                    self.line(paragraph, &wrapped)?;
                }
            }
            Block::List { title, entries } => {
                self.line(title, &self.formats.section.clone())?;
                for entry in entries {
                    self.line(&format!("\u{2022} {entry}"), &wrapped)?;
                }
            }
            Block::Signature(signature) => {
                self.line(&signature.party, &self.formats.text_bold.clone())?;
                for (label, value) in &signature.lines {
                    let value = if value.is_empty() { TO_WRITE_ON } else { value };
                    self.line(&format!("{label}: {value}"), &wrapped)?;
                }
            }
        }
        self.at += 1;
        Ok(())
    }

    fn table(&mut self, table: &Table) -> Result<(), DocumentError> {
        if !table.title.is_empty() {
            self.line(&table.title, &self.formats.section.clone())?;
        }
        for (column, name) in (0_u16..).zip(&table.columns) {
            let Column { name, figures, .. } = name;
            let format = if *figures { &self.formats.names_right } else { &self.formats.names };
            self.sheet.write_string_with_format(self.at, column, *name, format)?;
            self.last_column = self.last_column.max(column);
        }
        self.at += 1;
        for row in &table.rows {
            let format = self.formats.of(row.kind);
            for (column, cell) in (0_u16..).zip(&row.cells) {
                self.cell(column, cell, &format)?;
            }
            self.at += 1;
        }
        Ok(())
    }

    fn cell(&mut self, column: u16, cell: &Cell, format: &Format) -> Result<(), DocumentError> {
        let (figure, shown) = match cell {
            Cell::Empty => {
                self.sheet.write_blank(self.at, column, format)?;
                return Ok(());
            }
            Cell::Text(text) => {
                self.sheet.write_string_with_format(self.at, column, cell_text(text), format)?;
                return Ok(());
            }
            Cell::Money(figure) => (figure.to_decimal(), MONEY),
            Cell::SellRate(figure) => (figure.to_decimal(), RATE),
            Cell::Rate(figure) => (figure.to_decimal(), RATE),
            Cell::Qty(figure) => (figure.to_decimal(), QUANTITY),
            Cell::LineQty(figure) => (figure.to_decimal(), RATE),
            Cell::Pct(figure) => (figure.to_decimal(), PERCENT),
        };
        let format = format.clone().set_num_format(shown);
        self.sheet.write_number_with_format(self.at, column, stored(figure), &format)?;
        Ok(())
    }
}
