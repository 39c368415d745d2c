//! Which column of a sheet holds what, and how its rows nest: guessed, then a person's to change.

use std::collections::{BTreeMap, HashMap, HashSet};

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::headers::{ROLES, Role, fit, key, separates};
use super::sheet::Sheet;

/// Rows looked at for the heading row.
const HEADER_ROWS_MAX: u32 = 60;
/// Rows looked at to tell how rows nest and whether a file holds several contracts.
const SAMPLE_ROWS_MAX: u32 = 4_000;

/// How a sheet is read. Rows and columns count from 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Layout {
    /// Index of the sheet in the workbook.
    pub sheet: u32,
    /// The row with the names of the columns; items are looked for below it.
    pub header_row: u32,
    /// Which column holds what.
    pub columns: Columns,
    /// How rows nest.
    pub hierarchy: Hierarchy,
    /// Only rows that pass every filter are read.
    #[serde(default)]
    pub filters: Vec<Filter>,
    /// Spellings of units a person mapped to units of the list.
    #[serde(default)]
    pub unit_map: BTreeMap<String, String>,
    /// Whether the layout was remembered from an earlier file with the same headings.
    #[serde(default)]
    pub remembered: bool,
}

/// The columns of a schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Columns {
    /// The client's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<u32>,
    /// Description of the item, or name of the heading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<u32>,
    /// Unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<u32>,
    /// Quantity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<u32>,
    /// Rate per unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<u32>,
    /// Quantity times rate, as the file has it; only compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<u32>,
    /// Level of nesting, 1 and up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<u32>,
    /// Note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<u32>,
}

/// What tells the level of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hierarchy {
    /// Nothing: all rows are items.
    Flat,
    /// Codes: `1` holds `1.1`, which holds `1.1.01`.
    Codes,
    /// The indent of the description, by style or by leading spaces.
    Indent,
    /// A column with the level.
    Level,
    /// Rows in bold are headings.
    Bold,
}

/// Keeps the rows whose cell in `column` shows `equals`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Filter {
    /// The column.
    pub column: u32,
    /// What its cell must show, trimmed.
    pub equals: String,
}

/// How often a value occurs in a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ValueCount {
    /// What the cell shows.
    pub value: String,
    /// Rows that show it.
    pub count: u64,
}

impl Columns {
    fn set(&mut self, role: Role, column: u32) {
        let place = match role {
            Role::Code => &mut self.code,
            Role::Description => &mut self.description,
            Role::Unit => &mut self.unit,
            Role::Quantity => &mut self.quantity,
            Role::Rate => &mut self.rate,
            Role::Amount => &mut self.amount,
            Role::Level => &mut self.level,
            Role::Note => &mut self.note,
        };
        *place = Some(column);
    }

    /// Every column in use.
    pub(super) fn used(&self) -> impl Iterator<Item = u32> + use<> {
        [
            self.code,
            self.description,
            self.unit,
            self.quantity,
            self.rate,
            self.amount,
            self.level,
            self.note,
        ]
        .into_iter()
        .flatten()
    }
}

/// The names of the columns in row `header_row`, empty where there is none.
#[must_use]
pub fn headings(sheet: &Sheet, header_row: u32) -> Vec<String> {
    (0..sheet.column_count()).map(|column| sheet.shown(header_row, column)).collect()
}

/// The same for two sheets whose columns have the same names in the same order, whatever the
/// case and punctuation: what a remembered layout is kept under.
#[must_use]
pub fn fingerprint(headings: &[String]) -> String {
    const DIGEST_BYTES_KEPT: usize = 16;
    let mut hash = Sha256::new();
    for heading in headings {
        hash.update(key(heading).as_bytes());
        hash.update([0]);
    }
    let digest = hash.finalize();
    HEXLOWER.encode(digest.get(..DIGEST_BYTES_KEPT).unwrap_or(&digest))
}

/// The values of a column below `header_row`, most frequent first, at most `limit` of them.
#[must_use]
pub fn column_values(sheet: &Sheet, header_row: u32, column: u32, limit: usize) -> Vec<ValueCount> {
    let mut counts: HashMap<String, (u64, u32)> = HashMap::new();
    for row in header_row.saturating_add(1)..sheet.row_count() {
        let shown = sheet.shown(row, column);
        if !shown.is_empty() {
            counts.entry(shown).or_insert((0, row)).0 += 1;
        }
    }
    let mut values: Vec<_> = counts.into_iter().collect();
    values.sort_by_key(|(_, (count, first))| (std::cmp::Reverse(*count), *first));
    values.into_iter().take(limit).map(|(value, (count, _))| ValueCount { value, count }).collect()
}

/// The layout a sheet most likely has; `index` is its place in the workbook.
#[must_use]
pub fn guess(sheet: &Sheet, index: u32) -> Layout {
    guess_below(sheet, index, header_row(sheet))
}

/// The layout a sheet most likely has when its headings are in `header_row`.
#[must_use]
pub fn guess_below(sheet: &Sheet, index: u32, header_row: u32) -> Layout {
    let columns = columns(sheet, header_row);
    let mut layout = Layout {
        sheet: index,
        header_row,
        columns,
        hierarchy: Hierarchy::Flat,
        filters: Vec::new(),
        unit_map: BTreeMap::new(),
        remembered: false,
    };
    layout.filters = filters(sheet, &layout);
    layout.hierarchy = hierarchy(sheet, &layout);
    layout
}

/// The row that names the most roles, a description among them; the first row when none does.
fn header_row(sheet: &Sheet) -> u32 {
    let mut best = (0_u32, 0_u32);
    for row in 0..sheet.row_count().min(HEADER_ROWS_MAX) {
        let mut score = 0;
        for role in ROLES {
            let surest = sheet
                .row(row)
                .iter()
                .filter_map(|cell| cell.value.text())
                .map(|text| fit(text, role))
                .max()
                .unwrap_or(0);
            // A name in full counts ten times a name in passing, a description twice.
            let weight = if role == Role::Description { 2 } else { 1 };
            score += weight * if surest > 50 { 10 } else { u32::from(surest > 0) };
        }
        if score > best.0 {
            best = (score, row);
        }
    }
    const NAMES_AT_LEAST: u32 = 20;
    if best.0 >= NAMES_AT_LEAST { best.1 } else { 0 }
}

/// The best column for every role, the surest fits first; a column has one role.
fn columns(sheet: &Sheet, header_row: u32) -> Columns {
    let mut fits: Vec<(u32, u32, Role)> = Vec::new();
    for cell in sheet.row(header_row) {
        if let Some(text) = cell.value.text() {
            for role in ROLES {
                let fit = fit(text, role);
                if fit > 0 {
                    fits.push((fit, u32::from(cell.column), role));
                }
            }
        }
    }
    fits.sort_by_key(|(fit, column, _)| (std::cmp::Reverse(*fit), *column));
    let mut columns = Columns::default();
    let mut taken: HashSet<u32> = HashSet::new();
    let mut given: HashSet<Role> = HashSet::new();
    for (_, column, role) in fits {
        if !taken.contains(&column) && given.insert(role) {
            taken.insert(column);
            columns.set(role, column);
        }
    }
    if columns.description.is_none() {
        columns.description = widest_text(sheet, header_row, &taken);
    }
    columns
}

/// The free column with the longest texts: the description, when no heading names it.
fn widest_text(sheet: &Sheet, header_row: u32, taken: &HashSet<u32>) -> Option<u32> {
    let mut lengths: HashMap<u32, usize> = HashMap::new();
    let rows = header_row..sheet.row_count().min(header_row.saturating_add(200));
    for row in rows {
        for cell in sheet.row(row) {
            if let Some(text) = cell.value.text() {
                *lengths.entry(u32::from(cell.column)).or_default() += text.len();
            }
        }
    }
    let free = lengths.into_iter().filter(|(column, _)| !taken.contains(column));
    free.max_by_key(|(column, length)| (*length, std::cmp::Reverse(*column)))
        .map(|(column, _)| column)
}

/// Whether the layout keeps a row.
pub(super) fn passes(sheet: &Sheet, layout: &Layout, row: u32) -> bool {
    layout.filters.iter().all(|filter| sheet.shown(row, filter.column) == filter.equals.trim())
}

fn sample(sheet: &Sheet, layout: &Layout) -> Vec<u32> {
    let first = layout.header_row.saturating_add(1);
    let last = sheet.row_count().min(first.saturating_add(SAMPLE_ROWS_MAX));
    (first..last).filter(|&row| passes(sheet, layout, row)).collect()
}

fn shown(sheet: &Sheet, row: u32, column: Option<u32>) -> String {
    column.map(|column| sheet.shown(row, column)).unwrap_or_default()
}

/// How the rows nest: by a level column, by codes that contain one another, by indent, by bold.
fn hierarchy(sheet: &Sheet, layout: &Layout) -> Hierarchy {
    let columns = &layout.columns;
    if columns.level.is_some() {
        return Hierarchy::Level;
    }
    let mut headings = Vec::new();
    let mut items = Vec::new();
    for row in sample(sheet, layout) {
        let described = !shown(sheet, row, columns.description).is_empty();
        let measured = !shown(sheet, row, columns.unit).is_empty()
            || !shown(sheet, row, columns.quantity).is_empty();
        match (described, measured) {
            (true, true) => items.push(row),
            (true, false) => headings.push(row),
            (false, _) => {}
        }
    }
    if headings.is_empty() || items.is_empty() {
        return Hierarchy::Flat;
    }
    let of_items: HashSet<Vec<String>> =
        items.iter().flat_map(|&row| prefixes(&shown(sheet, row, columns.code))).collect();
    let coded = headings
        .iter()
        .map(|&row| code_segments(&shown(sheet, row, columns.code)))
        .filter(|segments| !segments.is_empty() && of_items.contains(segments))
        .count();
    let description = columns.description.unwrap_or(0);
    let bold = |row: &&u32| is_bold(sheet, **row, description);
    let bold_headings = headings.iter().filter(bold).count();
    let bold_items = items.iter().filter(bold).count();
    let indents: HashSet<u32> =
        headings.iter().chain(&items).map(|&row| indent(sheet, row, description)).collect();
    if coded * 2 >= headings.len() {
        Hierarchy::Codes
    } else if indents.len() > 1 {
        Hierarchy::Indent
    } else if bold_headings > 0 && bold_items * 4 < items.len() {
        Hierarchy::Bold
    } else if coded > 0 {
        Hierarchy::Codes
    } else {
        Hierarchy::Flat
    }
}

/// The indent of a cell: steps of its style, else leading spaces two to a step.
pub(super) fn indent(sheet: &Sheet, row: u32, column: u32) -> u32 {
    const SPACES_PER_STEP: usize = 2;
    let Some(cell) = sheet.cell(row, column) else {
        return 0;
    };
    let styled = u32::from(sheet.style(cell).indent);
    let written = cell.value.text().map_or(0, |text| {
        let tabs = text.chars().take_while(|&c| c == '\t').count();
        let spaces = text.chars().take_while(|&c| c == ' ' || c == '\u{a0}').count();
        tabs + spaces.div_ceil(SPACES_PER_STEP)
    });
    styled + u32::try_from(written).unwrap_or(0)
}

/// Whether a cell is in bold.
pub(super) fn is_bold(sheet: &Sheet, row: u32, column: u32) -> bool {
    sheet.cell(row, column).is_some_and(|cell| sheet.style(cell).bold)
}

/// The parts of a code: `2.1.03` is 2, 1, 3; `A12` is A, 12; trailing zero parts say nothing
/// (`2.00` is the section 2).
pub(super) fn code_segments(code: &str) -> Vec<String> {
    let mut segments: Vec<String> = Vec::new();
    let mut last: Option<char> = None;
    for c in code.trim().chars() {
        let starts = match last {
            Some(last) if c.is_alphanumeric() && last.is_alphanumeric() => {
                c.is_ascii_digit() != last.is_ascii_digit()
            }
            Some(_) | None => true,
        };
        if c.is_alphanumeric() {
            match segments.last_mut() {
                Some(segment) if !starts => segment.extend(c.to_uppercase()),
                Some(_) | None => segments.push(c.to_uppercase().collect()),
            }
        }
        last = Some(c);
    }
    for segment in &mut segments {
        let plain = segment.trim_start_matches('0');
        *segment = if plain.is_empty() { "0".to_owned() } else { plain.to_owned() };
    }
    while segments.len() > 1 && segments.last().is_some_and(|last| last == "0") {
        segments.pop();
    }
    segments
}

/// Every proper beginning of a code, as segments.
fn prefixes(code: &str) -> Vec<Vec<String>> {
    let segments = code_segments(code);
    (1..segments.len()).filter_map(|end| segments.get(..end).map(<[String]>::to_vec)).collect()
}

/// Filters to suggest when one sheet holds the same items several times, as several contracts or
/// several bidders: the columns that tell them apart, with the values of the first row.
fn filters(sheet: &Sheet, layout: &Layout) -> Vec<Filter> {
    const FILTERS_MAX: usize = 3;
    let rows = sample(sheet, layout);
    let Some(&first) = rows.first() else {
        return Vec::new();
    };
    let repeats = |columns: &[u32]| repeated(sheet, layout, &rows, columns);
    let mut chosen: Vec<u32> = Vec::new();
    let mut left = repeats(&chosen);
    // A few codes twice are only that; a fifth of all rows is another contract or bidder.
    if left * 5 < rows.len() {
        return Vec::new();
    }
    let mut candidates: Vec<(u32, u32)> = (0..sheet.column_count())
        .filter(|column| layout.columns.used().all(|used| used != *column))
        .filter_map(|column| Some((separates(&sheet.shown(layout.header_row, column))?, column)))
        .collect();
    candidates.sort_unstable();
    for (_, column) in candidates {
        if left * 50 < rows.len() || chosen.len() == FILTERS_MAX {
            break;
        }
        let with: Vec<u32> = chosen.iter().copied().chain([column]).collect();
        let fewer = repeats(&with);
        // It must take away a tenth of the repetition to be worth a filter.
        if fewer * 10 < left * 9 && !sheet.shown(first, column).is_empty() {
            chosen = with;
            left = fewer;
        }
    }
    let filter = |column| Filter { column, equals: sheet.shown(first, column) };
    chosen.into_iter().map(filter).collect()
}

/// Rows whose code and description occurred before with the same values in `columns`.
fn repeated(sheet: &Sheet, layout: &Layout, rows: &[u32], columns: &[u32]) -> usize {
    let mut seen: HashSet<Vec<String>> = HashSet::new();
    let mut repeated = 0;
    for &row in rows {
        let code = shown(sheet, row, layout.columns.code);
        let description = shown(sheet, row, layout.columns.description);
        if code.is_empty() {
            continue;
        }
        let mut identity = vec![code, description];
        identity.extend(columns.iter().map(|&column| sheet.shown(row, column)));
        repeated += usize::from(!seen.insert(identity));
    }
    repeated
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_fall_into_segments() {
        for (code, segments) in [
            ("1", &["1"][..]),
            ("1.01", &["1", "1"]),
            ("2.00", &["2"]),
            ("A12.3", &["A", "12", "3"]),
            ("105-06845", &["105", "6845"]),
            ("0", &["0"]),
            ("", &[]),
        ] {
            assert_eq!(code_segments(code), segments, "{code}");
        }
    }

    #[test]
    fn the_same_headings_have_the_same_fingerprint() {
        let of = |headings: &[&str]| {
            fingerprint(&headings.iter().map(|h| (*h).to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(of(&["Item No.", "Qty"]), of(&["ITEM NO", "qty"]));
        assert_ne!(of(&["Item No.", "Qty"]), of(&["Qty", "Item No."]));
        assert_ne!(of(&["ab", "c"]), of(&["a", "bc"]));
    }
}
