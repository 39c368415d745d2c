//! Sets a document as PDF with typst.
//!
//! The compiler sees one template, three fonts, the document as JSON and the logo, all from
//! memory: no file, package, clock or network can be reached from a template or a logo.

use super::{Block, DocumentError, PAPER_ROWS_MAX, Paper, Row, RowKind, Table, sheets};
use crate::documents::limits::Progress;
use crate::estimating::branding::{Branding, LogoKind};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::LazyLock;
use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_layout::PagedDocument;
use typst_pdf::PdfOptions;

const TEMPLATE: &str = include_str!("templates/paper.typ");
/// The fonts of every document.
pub(in crate::documents) const FONTS: [&[u8]; 3] = [
    include_bytes!("fonts/Inter-Regular.otf"),
    include_bytes!("fonts/Inter-SemiBold.otf"),
    include_bytes!("fonts/Inter-Italic.otf"),
];
const MAIN: &str = "/paper.typ";
const DATA: &str = "/paper.json";

/// What every document is set with.
struct Type {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
}

static TYPE: LazyLock<Type> = LazyLock::new(|| {
    let fonts: Vec<Font> =
        FONTS.iter().filter_map(|bytes| Font::new(Bytes::new(*bytes), 0)).collect();
    Type {
        library: LazyHash::new(Library::default()),
        book: LazyHash::new(FontBook::from_fonts(&fonts)),
        fonts,
    }
});

/// One document being set.
struct Press {
    main: Source,
    files: HashMap<FileId, Bytes>,
}

fn file_id(path: &str) -> Result<FileId, DocumentError> {
    let path =
        VirtualPath::new(path).map_err(|error| DocumentError::Setting(format!("{error:?}")))?;
    Ok(RootedPath::new(VirtualRoot::Project, path).intern())
}

impl World for Press {
    fn library(&self) -> &LazyHash<Library> {
        &TYPE.library
    }
    fn book(&self) -> &LazyHash<FontBook> {
        &TYPE.book
    }
    fn main(&self) -> FileId {
        self.main.id()
    }
    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.main.id() { Ok(self.main.clone()) } else { Err(FileError::AccessDenied) }
    }
    fn file(&self, id: FileId) -> FileResult<Bytes> {
        self.files.get(&id).cloned().ok_or(FileError::AccessDenied)
    }
    fn font(&self, index: usize) -> Option<Font> {
        TYPE.fonts.get(index).cloned()
    }
    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

/// Sets `paper` in the look of `branding`. The same document gives the same bytes.
///
/// `progress` is asked before setting, between the parts of a long document, and before writing.
///
/// # Errors
/// Beyond [`PAPER_ROWS_MAX`] rows, when `progress` breaks, or when the logo does not print.
pub fn pdf(
    paper: &Paper,
    branding: &Branding,
    progress: Progress<'_>,
) -> Result<Vec<u8>, DocumentError> {
    let rows = paper.rows();
    if rows > PAPER_ROWS_MAX {
        return Err(DocumentError::TooManyRows(rows));
    }
    let mut step = |done| {
        if progress(done, STEPS).is_break() { Err(DocumentError::Cancelled) } else { Ok(()) }
    };
    step(0)?;
    step(1)?;
    let set = match sheets::long_table(paper) {
        None => set(paper, branding, Part::Whole),
        Some(long) => sheets::set_in_parts(paper, long, branding, &mut |done| {
            // The steps between setting out and writing, as far as the rows are set.
            let inner = (done as u64).saturating_mul(STEPS - 2) / (rows as u64).max(1);
            match step((1 + inner).min(STEPS - 2)) {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            }
        }),
    };
    let done = set.and_then(|document| {
        step(STEPS - 1)?;
        let options = PdfOptions {
            creator: Smart::Custom(Some("oxFlow".to_owned())),
            tagged: rows <= TAGGED_ROWS_MAX,
            ..PdfOptions::default()
        };
        typst_pdf::pdf(&document, &options).map_err(|errors| fault(&errors))
    });
    typst::comemo::evict(0);
    step(STEPS)?;
    done
}

/// Rows up to which a document tells its structure to screen readers; it trebles what a row takes.
pub(super) const TAGGED_ROWS_MAX: usize = 2_000;

/// Steps that setting a document tells of.
const STEPS: u64 = 10;

fn fault(errors: &[typst::diag::SourceDiagnostic]) -> DocumentError {
    let first = errors.first().map(|error| error.message.to_string()).unwrap_or_default();
    if ["image", "SVG", "PNG", "JPEG"].iter().any(|kind| first.contains(kind)) {
        DocumentError::Logo(first)
    } else {
        DocumentError::Setting(first)
    }
}

/// How much of a document is set.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part {
    /// All of it.
    Whole,
    /// Rows from this one on, with nothing around them.
    Sheets { from: usize },
    /// What stands around so many pages.
    Stationery { pages: usize },
}

/// Sets the pages of a document, or of a part of one.
pub(super) fn set(
    paper: &Paper,
    branding: &Branding,
    part: Part,
) -> Result<PagedDocument, DocumentError> {
    let press = Press::new(paper, branding, part)?;
    let set = typst::compile::<PagedDocument>(&press).output;
    // What the compiler remembers takes more room than the pages, and is of no use to the next
    // document.
    typst::comemo::evict(0);
    set.map_err(|errors| fault(&errors))
}

impl Press {
    fn new(paper: &Paper, branding: &Branding, part: Part) -> Result<Press, DocumentError> {
        let mut files = HashMap::new();
        let logo = match &branding.logo {
            None => None,
            Some(logo) => {
                let path = match logo.kind {
                    LogoKind::Png => "/logo.png",
                    LogoKind::Jpeg => "/logo.jpg",
                    LogoKind::Svg => "/logo.svg",
                };
                files.insert(file_id(path)?, Bytes::new(logo.bytes.clone()));
                Some(path)
            }
        };
        let data = data(paper, branding, logo, part);
        let data =
            serde_json::to_vec(&data).map_err(|error| DocumentError::Setting(error.to_string()))?;
        files.insert(file_id(DATA)?, Bytes::new(data));
        Ok(Press { main: Source::new(file_id(MAIN)?, TEMPLATE.to_owned()), files })
    }
}

/// The document as the template reads it.
fn data(paper: &Paper, branding: &Branding, logo: Option<&str>, part: Part) -> Value {
    let header = &paper.header;
    let (part, from, pages) = match part {
        Part::Whole => ("whole", 0, 0),
        Part::Sheets { from } => ("sheets", from, 0),
        Part::Stationery { pages } => ("stationery", 0, pages),
    };
    json!({
        "part": part,
        "from": from,
        "pages": pages,
        "title": paper.title,
        "organisation": header.organisation,
        "letterhead": branding.letterhead,
        "accent": branding.accent.to_string(),
        "logo": logo,
        "draft": header.draft_mark(),
        "internal": paper.internal,
        "landscape": paper.landscape,
        "foot": format!(
            "{} {} · {} revision {}",
            header.tender_number, header.tender_name, header.estimate, header.revision
        ),
        "facts": paper.facts,
        "blocks": paper.blocks.iter().map(block).collect::<Vec<_>>(),
    })
}

fn block(block: &Block) -> Value {
    match block {
        Block::Table(table) => table_data(table),
        Block::Totals(lines) => {
            let line = |line: &super::TotalLine| {
                json!([line.label, super::figures::money(line.amount), line.strong])
            };
            json!({"kind": "totals", "lines": lines.iter().map(line).collect::<Vec<_>>()})
        }
        Block::Text(paragraphs) => json!({"kind": "text", "paragraphs": paragraphs}),
        Block::List { title, entries } => {
            json!({"kind": "list", "title": title, "entries": entries})
        }
        Block::Signature(signature) => {
            json!({"kind": "signature", "party": signature.party, "lines": signature.lines})
        }
    }
}

fn table_data(table: &Table) -> Value {
    let columns: Vec<Value> = table
        .columns
        .iter()
        .map(|column| json!([column.name, column.millimetres, column.figures]))
        .collect();
    let rows: Vec<Value> = table.rows.iter().map(row).collect();
    json!({"kind": "table", "title": table.title, "columns": columns, "rows": rows})
}

fn row(row: &Row) -> Value {
    let (kind, depth) = match row.kind {
        RowKind::Heading(depth) => ("heading", depth),
        RowKind::Line(depth) => ("line", depth),
        RowKind::Aside => ("aside", 1),
        RowKind::Total => ("total", 1),
    };
    let cells: Vec<String> = row.cells.iter().map(super::Cell::printed).collect();
    json!([kind, depth, cells])
}
