//! The parts of an .xlsx package around its sheets: workbook, relationships, styles and strings.

use std::collections::HashMap;
use std::sync::Arc;

use super::cell::CellStyle;
use super::limits::{ReadError, within};
use super::number_format::{NumberFormat, built_in, of_code};
use super::package::{Element, Package, Token};
use super::sheet::Budget;

/// A sheet as the workbook part lists it.
pub(super) struct ListedSheet {
    pub(super) name: String,
    pub(super) hidden: bool,
    pub(super) path: String,
}

/// What the workbook part says.
pub(super) struct WorkbookPart {
    pub(super) sheets: Vec<ListedSheet>,
    pub(super) from_1904: bool,
    pub(super) strings_path: Option<String>,
    pub(super) styles_path: Option<String>,
}

/// A relationship of a part: its type's last word, and the path it points to.
struct Relationship {
    kind: String,
    path: String,
}

/// The folder of a path, with its slash.
fn folder(path: &str) -> &str {
    path.rfind('/').map_or("", |at| path.get(..=at).unwrap_or_default())
}

/// `target` as seen from `folder`, as a path in the package.
fn resolve_path(folder: &str, target: &str) -> String {
    if let Some(absolute) = target.strip_prefix('/') {
        return absolute.to_owned();
    }
    let mut segments: Vec<&str> = folder.split('/').filter(|s| !s.is_empty()).collect();
    for segment in target.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            other => segments.push(other),
        }
    }
    segments.join("/")
}

/// The relationships of the part at `path`, by id. External ones are left out: nothing outside
/// the package is ever looked at.
fn relationships(
    package: &mut Package<'_>,
    path: &str,
) -> Result<HashMap<String, Relationship>, ReadError> {
    let home = folder(path).to_owned();
    let file = path.get(home.len()..).unwrap_or_default();
    let mut found = HashMap::new();
    let Some(mut part) = package.part(&format!("{home}_rels/{file}.rels"))? else {
        return Ok(found);
    };
    loop {
        match part.next()? {
            Token::Start(element) if element.is("Relationship") => {
                let external =
                    element.attribute("TargetMode").is_some_and(|mode| mode == "External");
                let (id, kind, target) = (
                    element.attribute("Id"),
                    element.attribute("Type"),
                    element.attribute("Target"),
                );
                if let (false, Some(id), Some(kind), Some(target)) = (external, id, kind, target) {
                    let kind = kind.rsplit('/').next().unwrap_or_default().to_owned();
                    let path = resolve_path(&home, &target);
                    found.insert(id, Relationship { kind, path });
                }
            }
            Token::Eof => return Ok(found),
            Token::Start(_) | Token::End(_) | Token::Text(_) | Token::Other => {}
        }
    }
}

/// Reads the workbook part and finds where its sheets, strings and styles are.
pub(super) fn read_workbook(
    package: &mut Package<'_>,
    sheets_max: u64,
) -> Result<WorkbookPart, ReadError> {
    let root = relationships(package, "")?;
    let path = root
        .into_values()
        .find(|r| r.kind == "officeDocument")
        .map_or_else(|| "xl/workbook.xml".to_owned(), |r| r.path);
    let related = relationships(package, &path)?;
    let by_kind = |kind: &str| related.values().find(|r| r.kind == kind).map(|r| r.path.clone());
    let mut workbook = WorkbookPart {
        sheets: Vec::new(),
        from_1904: false,
        strings_path: by_kind("sharedStrings"),
        styles_path: by_kind("styles"),
    };
    let Some(mut part) = package.part(&path)? else {
        return Err(ReadError::broken("the package", format!("it has no workbook at {path}")));
    };
    loop {
        match part.next()? {
            Token::Start(element) if element.is("workbookPr") => {
                workbook.from_1904 =
                    element.attribute("date1904").is_some_and(|v| v == "1" || v == "true");
            }
            Token::Start(element) if element.is("sheet") => {
                let sheet = listed_sheet(&element, &related);
                workbook.sheets.extend(sheet);
                let count = u64::try_from(workbook.sheets.len()).unwrap_or(u64::MAX);
                within("sheets in the workbook", count, sheets_max)?;
            }
            Token::Eof => return Ok(workbook),
            Token::Start(_) | Token::End(_) | Token::Text(_) | Token::Other => {}
        }
    }
}

/// The worksheet an entry lists; `None` for chart and macro sheets.
fn listed_sheet(
    element: &Element<'_>,
    related: &HashMap<String, Relationship>,
) -> Option<ListedSheet> {
    let relationship = related.get(&element.attribute("id")?)?;
    if relationship.kind != "worksheet" {
        return None;
    }
    Some(ListedSheet {
        name: element.attribute("name")?,
        hidden: element.attribute("state").is_some_and(|state| state != "visible"),
        path: relationship.path.clone(),
    })
}

/// A style with whether its numbers are dates.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ReadStyle {
    pub(super) style: CellStyle,
    pub(super) date: bool,
}

/// Reads the cell styles; one default style when there is no styles part.
pub(super) fn read_styles(
    package: &mut Package<'_>,
    path: Option<&str>,
    styles_max: u64,
) -> Result<Vec<ReadStyle>, ReadError> {
    let path = path.unwrap_or("xl/styles.xml");
    let Some(mut part) = package.part(path)? else {
        return Ok(vec![ReadStyle::default()]);
    };
    let mut formats: HashMap<u32, NumberFormat> = HashMap::new();
    let mut bold_fonts: Vec<bool> = Vec::new();
    let mut styles: Vec<ReadStyle> = Vec::new();
    // The elements of fonts and of cell formats occur elsewhere too (in differential formats),
    // so what is open decides what an element means.
    let mut open: Vec<String> = Vec::new();
    loop {
        match part.next()? {
            Token::Start(element) => {
                let parent = open.last().map_or("", String::as_str);
                let number =
                    |name: &str| element.attribute(name).and_then(|v| v.parse::<u32>().ok());
                match (parent, element.name().as_str()) {
                    ("numFmts", "numFmt") => {
                        if let (Some(id), Some(code)) =
                            (number("numFmtId"), element.attribute("formatCode"))
                        {
                            formats.insert(id, of_code(&code));
                        }
                    }
                    ("fonts", "font") => bold_fonts.push(false),
                    ("font", "b") if open.iter().any(|name| name == "fonts") => {
                        let off =
                            element.attribute("val").is_some_and(|v| v == "0" || v == "false");
                        if let Some(last) = bold_fonts.last_mut() {
                            *last = !off;
                        }
                    }
                    ("cellXfs", "xf") => {
                        let format_id = number("numFmtId").unwrap_or(0);
                        let format = formats
                            .get(&format_id)
                            .copied()
                            .or_else(|| built_in(format_id))
                            .unwrap_or_default();
                        let font = number("fontId").and_then(|id| usize::try_from(id).ok());
                        let bold = font.and_then(|id| bold_fonts.get(id)).copied().unwrap_or(false);
                        styles.push(ReadStyle {
                            style: CellStyle {
                                bold,
                                indent: 0,
                                decimals: format.decimals,
                                percent: format.percent,
                            },
                            date: format.date,
                        });
                        let count = u64::try_from(styles.len()).unwrap_or(u64::MAX);
                        within("cell styles in the workbook", count, styles_max)?;
                    }
                    ("xf", "alignment") if open.iter().any(|name| name == "cellXfs") => {
                        if let (Some(style), Some(indent)) = (styles.last_mut(), number("indent")) {
                            style.style.indent = u8::try_from(indent).unwrap_or(u8::MAX);
                        }
                    }
                    _ => {}
                }
                open.push(element.name());
            }
            Token::End(_) => {
                open.pop();
            }
            Token::Eof => break,
            Token::Text(_) | Token::Other => {}
        }
    }
    if styles.is_empty() {
        styles.push(ReadStyle::default());
    }
    Ok(styles)
}

/// Reads the shared strings: the runs of a rich text joined, phonetic guides left out.
pub(super) fn read_strings(
    package: &mut Package<'_>,
    path: Option<&str>,
    budget: &mut Budget<'_>,
) -> Result<Vec<Arc<str>>, ReadError> {
    let path = path.unwrap_or("xl/sharedStrings.xml");
    let mut strings = Vec::new();
    let Some(mut part) = package.part(path)? else {
        return Ok(strings);
    };
    let strings_max = budget.limits.shared_strings;
    let mut text = RichText::default();
    loop {
        match part.next()? {
            Token::Start(element) => text.start(&element),
            Token::End(end) => {
                let name = end.local_name();
                text.end(name.as_ref());
                if name.as_ref() == "si" {
                    strings.push(budget.text(&text.take())?);
                    let count = u64::try_from(strings.len()).unwrap_or(u64::MAX);
                    within("shared strings in the workbook", count, strings_max)?;
                }
            }
            Token::Text(piece) => text.piece(&piece),
            Token::Eof => return Ok(strings),
            Token::Other => {}
        }
    }
}

/// The text of an `si` or `is` element while it is read.
#[derive(Debug, Default)]
pub(super) struct RichText {
    joined: String,
    run: String,
    in_text: bool,
    in_phonetic: bool,
    keeps_space: bool,
}

impl RichText {
    pub(super) fn start(&mut self, element: &Element<'_>) {
        if element.is("rPh") {
            self.in_phonetic = true;
        } else if element.is("t") {
            self.in_text = !self.in_phonetic;
            self.keeps_space = element.attribute("space").is_some_and(|v| v == "preserve");
            self.run.clear();
        }
    }

    pub(super) fn piece(&mut self, piece: &str) {
        if self.in_text {
            self.run.push_str(piece);
        }
    }

    pub(super) fn end(&mut self, name: &str) {
        match name {
            "rPh" => self.in_phonetic = false,
            "t" if self.in_text => {
                self.in_text = false;
                let run = if self.keeps_space {
                    self.run.as_str()
                } else {
                    self.run.trim_matches([' ', '\t', '\r', '\n'])
                };
                self.joined.push_str(&unescape_units(run));
            }
            _ => {}
        }
    }

    pub(super) fn take(&mut self) -> String {
        std::mem::take(&mut self.joined)
    }
}

/// Resolves Excel's `_xHHHH_` escapes (UTF-16 code units) in a text.
pub(super) fn unescape_units(text: &str) -> String {
    if !text.contains("_x") {
        return text.to_owned();
    }
    let mut units: Vec<u16> = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some(unit) = escaped_unit(rest) {
            units.push(unit);
            rest = rest.get("_xHHHH_".len()..).unwrap_or_default();
        } else {
            units.extend_from_slice(c.encode_utf16(&mut [0; 2]));
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
        }
    }
    String::from_utf16_lossy(&units)
}

fn escaped_unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("_x")?.get(..4)?;
    text.get(6..)?.strip_prefix('_')?;
    digits
        .bytes()
        .all(|b| b.is_ascii_hexdigit())
        .then(|| u16::from_str_radix(digits, 16).ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escaped_units_become_characters() {
        assert_eq!(unescape_units("a_x000D_b"), "a\rb");
        assert_eq!(unescape_units("_xD83D__xDCF7_"), "\u{1f4f7}");
        assert_eq!(unescape_units("_x005F_x000D_"), "_x000D_");
        assert_eq!(unescape_units("_x00"), "_x00");
        assert_eq!(unescape_units("m_xyz__"), "m_xyz__");
    }

    #[test]
    fn targets_resolve_inside_the_package() {
        assert_eq!(resolve_path("xl/", "worksheets/sheet1.xml"), "xl/worksheets/sheet1.xml");
        assert_eq!(resolve_path("xl/", "/xl/styles.xml"), "xl/styles.xml");
        assert_eq!(resolve_path("xl/", "../../../etc/passwd"), "etc/passwd");
        assert_eq!(folder("xl/workbook.xml"), "xl/");
        assert_eq!(folder("workbook.xml"), "");
    }
}
