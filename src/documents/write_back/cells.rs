//! Puts figures into cells of a sheet's XML, leaving every other byte as it is.

use crate::documents::cell::column_letters;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::collections::BTreeMap;
use std::fmt::Write;

/// A figure as XML writes it.
pub(super) type Figure = String;

/// Deepest nesting inside a cell.
const CELL_DEPTH_MAX: u32 = 16;

/// `xml` with `figures`, by row and column from 0. A cell keeps its style and its formula; one
/// that is not there is made. O(xml).
pub(super) fn fill(xml: &str, figures: &BTreeMap<(u32, u32), Figure>) -> Result<String, String> {
    let mut filler = Filler {
        xml,
        left: figures.clone(),
        out: String::with_capacity(xml.len() + figures.len() * 32),
        copied: 0,
        row: None,
        column: None,
        prefix: "",
    };
    let mut reader = Reader::from_str(xml);
    loop {
        let from = offset(&reader);
        let event = reader.read_event().map_err(|error| error.to_string())?;
        match event {
            Event::Start(start) if start.local_name().as_ref() == "row" => filler.begin_row(&start),
            Event::Empty(start) if start.local_name().as_ref() == "row" => {
                filler.begin_row(&start);
                filler.empty_row(&start, from, offset(&reader));
            }
            Event::End(end) if end.local_name().as_ref() == "row" => {
                filler.missing(from, u32::MAX);
                filler.column = None;
            }
            Event::Start(start) if start.local_name().as_ref() == "c" && filler.row.is_some() => {
                let Some(figure) = filler.begin_cell(&start, from) else { continue };
                let formula = skip_cell(&mut reader, xml)?;
                filler.cell(&start, formula, &figure, from, offset(&reader));
            }
            Event::Empty(start) if start.local_name().as_ref() == "c" && filler.row.is_some() => {
                let Some(figure) = filler.begin_cell(&start, from) else { continue };
                filler.cell(&start, "", &figure, from, offset(&reader));
            }
            Event::Eof => return filler.finish(),
            _ => {}
        }
    }
}

fn offset(reader: &Reader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}

/// Reads to the end of the cell just begun; gives its formula as written.
fn skip_cell<'x>(reader: &mut Reader<&[u8]>, xml: &'x str) -> Result<&'x str, String> {
    let (mut depth, mut formula, mut from) = (1_u32, "", 0);
    while depth > 0 {
        let at = offset(reader);
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(start) => {
                if depth == 1 && start.local_name().as_ref() == "f" {
                    from = at;
                }
                depth += 1;
            }
            Event::Empty(start) if depth == 1 && start.local_name().as_ref() == "f" => {
                formula = xml.get(at..offset(reader)).unwrap_or_default();
            }
            Event::End(end) => {
                depth -= 1;
                if depth == 1 && end.local_name().as_ref() == "f" {
                    formula = xml.get(from..offset(reader)).unwrap_or_default();
                }
            }
            Event::Eof => return Err("the sheet ends inside a cell".to_owned()),
            _ => {}
        }
        if depth > CELL_DEPTH_MAX {
            return Err("a cell is nested too deep".to_owned());
        }
    }
    Ok(formula)
}

struct Filler<'x> {
    xml: &'x str,
    left: BTreeMap<(u32, u32), Figure>,
    out: String,
    /// Bytes of `xml` that are in `out`, or replaced there.
    copied: usize,
    row: Option<u32>,
    column: Option<u32>,
    prefix: &'x str,
}

impl<'x> Filler<'x> {
    fn begin_row(&mut self, start: &BytesStart<'_>) {
        let number = attribute(start, "r").and_then(|text| text.parse::<u32>().ok());
        let next = self.row.map_or(0, |row| row.saturating_add(1));
        self.row = Some(number.map_or(next, |number| number.saturating_sub(1)));
        self.column = None;
        // The prefix of a sheet is that of its first row.
        let name = start.name();
        let name: &str = name.as_ref();
        if let Some(prefix) = name.strip_suffix("row")
            && let Some(at) = self.xml.find(&format!("<{name}"))
        {
            self.prefix = self.xml.get(at + 1..at + 1 + prefix.len()).unwrap_or_default();
        }
    }

    /// An empty row that figures go into gets cells; any other stays.
    fn empty_row(&mut self, start: &BytesStart<'_>, from: usize, to: usize) {
        let row = self.row.unwrap_or_default();
        if !self.left.keys().any(|(of, _)| *of == row) {
            return;
        }
        self.copy(from);
        let head: &str = start;
        let _ = write!(self.out, "<{}>", head.trim_end());
        self.copied = to;
        self.missing(to, u32::MAX);
        let _ = write!(self.out, "</{}row>", self.prefix);
    }

    /// The figure that goes into the cell just begun, after those of columns before it.
    fn begin_cell(&mut self, start: &BytesStart<'_>, from: usize) -> Option<Figure> {
        let next = self.column.map_or(0, |column| column.saturating_add(1));
        let column = attribute(start, "r").and_then(|name| column_of(&name)).unwrap_or(next);
        self.missing(from, column);
        self.column = Some(column);
        self.left.remove(&(self.row.unwrap_or_default(), column))
    }

    /// Makes the cells of this row that come before column `until`, at `at`.
    fn missing(&mut self, at: usize, until: u32) {
        let row = self.row.unwrap_or_default();
        let due: Vec<(u32, u32)> =
            self.left.range((row, 0)..(row, until)).map(|(place, _)| *place).collect();
        for place in due {
            if let Some(figure) = self.left.remove(&place) {
                self.copy(at);
                let (prefix, letters, line) = (self.prefix, column_letters(place.1), row + 1);
                let _ = write!(
                    self.out,
                    "<{prefix}c r=\"{letters}{line}\"><{prefix}v>{figure}</{prefix}v></{prefix}c>"
                );
            }
        }
    }

    /// Writes a cell anew with its style and formula.
    fn cell(
        &mut self,
        start: &BytesStart<'_>,
        formula: &str,
        figure: &str,
        from: usize,
        to: usize,
    ) {
        self.copy(from);
        let name = start.name();
        let name: &str = name.as_ref();
        let _ = write!(self.out, "<{name}");
        for attribute in start.attributes().with_checks(false).flatten() {
            let key: &str = attribute.key.as_ref();
            if key != "t" {
                let _ = write!(self.out, " {key}=\"{}\"", attribute.value);
            }
        }
        let prefix = self.prefix;
        let _ = write!(self.out, ">{formula}<{prefix}v>{figure}</{prefix}v></{name}>");
        self.copied = to;
    }

    fn copy(&mut self, until: usize) {
        if let Some(part) = self.xml.get(self.copied..until) {
            self.out.push_str(part);
            self.copied = until;
        }
    }

    fn finish(mut self) -> Result<String, String> {
        if let Some(((row, column), _)) = self.left.first_key_value() {
            return Err(format!(
                "the sheet has no row {} for {}",
                row + 1,
                column_letters(*column)
            ));
        }
        self.copy(self.xml.len());
        Ok(self.out)
    }
}

fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = start.attributes();
    let mut attributes = attributes.with_checks(false).flatten();
    let found = attributes.find(|attribute| attribute.key.as_ref() == name)?;
    Some(found.value.to_string())
}

/// The column of `E12`, from 0.
fn column_of(name: &str) -> Option<u32> {
    let letters = name.bytes().take_while(u8::is_ascii_uppercase);
    let mut column: u32 = 0;
    for letter in letters {
        column = column.checked_mul(26)?.checked_add(u32::from(letter - b'A') + 1)?;
    }
    column.checked_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(xml: &str, figures: &[((u32, u32), &str)]) -> String {
        let figures =
            figures.iter().map(|(place, figure)| (*place, (*figure).to_owned())).collect();
        fill(xml, &figures).unwrap()
    }

    #[test]
    fn only_the_cells_asked_for_change_and_styles_and_formulas_stay() {
        let xml = "<sheetData><row r=\"1\" ht=\"15\"><c r=\"A1\" t=\"s\"><v>0</v></c>\
             <c r=\"C1\" s=\"4\"><f>A1*B1</f><v>0</v></c></row>\n<row r=\"2\"/></sheetData><x a='1'/>";
        let one = filled(xml, &[((0, 1), "118"), ((0, 2), "21240"), ((1, 1), "5")]);
        assert_eq!(
            one,
            "<sheetData><row r=\"1\" ht=\"15\"><c r=\"A1\" t=\"s\"><v>0</v></c>\
             <c r=\"B1\"><v>118</v></c><c r=\"C1\" s=\"4\"><f>A1*B1</f><v>21240</v></c></row>\n\
             <row r=\"2\"><c r=\"B2\"><v>5</v></c></row></sheetData><x a='1'/>"
        );
        assert_eq!(filled(xml, &[]), xml);
    }

    #[test]
    fn a_text_cell_becomes_a_number_and_cells_without_names_are_counted() {
        let xml =
            "<row><c t=\"inlineStr\"><is><t>x</t></is></c><c t=\"str\" s=\"1\"><v>n</v></c></row>";
        let one = filled(xml, &[((0, 1), "2.5")]);
        assert_eq!(
            one,
            "<row><c t=\"inlineStr\"><is><t>x</t></is></c><c s=\"1\"><v>2.5</v></c></row>"
        );
    }

    #[test]
    fn a_row_that_is_not_there_is_told() {
        let figures = BTreeMap::from([((7, 0), "1".to_owned())]);
        assert!(fill("<row r=\"1\"/>", &figures).is_err());
    }
}
