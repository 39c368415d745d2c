//! What an uploaded file may cost, and the errors that say so.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

/// Largest file accepted, in bytes.
pub const FILE_BYTES_MAX: u64 = 64 << 20;
/// Largest total inflated size of the parts read from an .xlsx package, in bytes.
pub const INFLATED_BYTES_MAX: u64 = 512 << 20;
/// Largest inflated size as a multiple of the packed size; applied above [`RATIO_FLOOR_BYTES`].
pub const INFLATE_RATIO_MAX: u64 = 250;
/// Parts smaller than this are not held to the ratio.
pub const RATIO_FLOOR_BYTES: u64 = 8 << 20;
/// Most entries in an .xlsx package.
pub const PACKAGE_ENTRIES_MAX: u64 = 4_096;
/// Longest single XML token, in bytes.
pub const XML_TOKEN_BYTES_MAX: u64 = 1 << 20;
/// Most sheets in a workbook.
pub const SHEETS_MAX: u64 = 256;
/// Most rows in a sheet.
pub const ROWS_MAX: u64 = 1_000_000;
/// Most columns in a sheet.
pub const COLUMNS_MAX: u64 = 512;
/// Most filled cells in a workbook.
pub const CELLS_MAX: u64 = 4_000_000;
/// Longest text of a cell, in characters (the limit of Excel itself).
pub const CELL_CHARS_MAX: u64 = 32_767;
/// Most distinct shared strings in a workbook.
pub const SHARED_STRINGS_MAX: u64 = 2_000_000;
/// Most bytes of distinct text kept from a workbook.
pub const TEXT_BYTES_MAX: u64 = 256 << 20;
/// Most cell styles in a workbook (Excel allows 65,490).
pub const STYLES_MAX: u64 = 65_536;
/// Longest time spent reading one file.
pub const READ_TIME_MAX: Duration = Duration::from_secs(60);

/// The limits a file is read under; [`Limits::default`] is what the server uses.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Bytes of the file itself.
    pub file_bytes: u64,
    /// Inflated bytes of all parts read.
    pub inflated_bytes: u64,
    /// Inflated over packed size.
    pub inflate_ratio: u64,
    /// Entries in the package.
    pub package_entries: u64,
    /// Bytes of one XML token.
    pub xml_token_bytes: u64,
    /// Sheets in the workbook.
    pub sheets: u64,
    /// Rows in a sheet.
    pub rows: u64,
    /// Columns in a sheet.
    pub columns: u64,
    /// Filled cells in the workbook.
    pub cells: u64,
    /// Characters in one cell.
    pub cell_chars: u64,
    /// Distinct shared strings.
    pub shared_strings: u64,
    /// Bytes of distinct text.
    pub text_bytes: u64,
    /// Cell styles.
    pub styles: u64,
    /// Time from start to end of reading.
    pub time: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            file_bytes: FILE_BYTES_MAX,
            inflated_bytes: INFLATED_BYTES_MAX,
            inflate_ratio: INFLATE_RATIO_MAX,
            package_entries: PACKAGE_ENTRIES_MAX,
            xml_token_bytes: XML_TOKEN_BYTES_MAX,
            sheets: SHEETS_MAX,
            rows: ROWS_MAX,
            columns: COLUMNS_MAX,
            cells: CELLS_MAX,
            cell_chars: CELL_CHARS_MAX,
            shared_strings: SHARED_STRINGS_MAX,
            text_bytes: TEXT_BYTES_MAX,
            styles: STYLES_MAX,
            time: READ_TIME_MAX,
        }
    }
}

/// Told how far a long piece of work is, as `(done, total)` in any one unit; breaking cancels it.
pub type Progress<'a> = &'a mut dyn FnMut(u64, u64) -> ControlFlow<()>;

/// Progress that is not watched.
pub fn unwatched(_done: u64, _total: u64) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// Why a file could not be read. Nothing of it was kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// A limit was passed; `found` is the figure at which reading stopped, or the declared one.
    #[error("{what}: {found} is more than the limit of {limit}{}", place(at))]
    Limit {
        /// What was counted, in words ("rows in a sheet").
        what: &'static str,
        /// The limit.
        limit: u64,
        /// The figure found.
        found: u64,
        /// The sheet or cell, when the limit belongs to one.
        at: Option<String>,
    },
    /// The content is not what the name says.
    #[error("the file is named {named} but its content is {content}")]
    NameMismatch {
        /// The extension, with its dot.
        named: String,
        /// What the content looks like.
        content: &'static str,
    },
    /// A format that is not read.
    #[error("{what} is not read; {advice}")]
    Unsupported {
        /// The format.
        what: &'static str,
        /// What to do instead.
        advice: &'static str,
    },
    /// The workbook is protected by a password.
    #[error("the workbook is encrypted; save it without a password and import it again")]
    Encrypted,
    /// The file is damaged.
    #[error("the file is damaged in {part}: {detail}")]
    Broken {
        /// The part, stream or sheet.
        part: String,
        /// What is wrong with it.
        detail: String,
    },
    /// Nothing to read.
    #[error("the file is empty")]
    Empty,
    /// Reading took longer than allowed.
    #[error("reading the file took longer than {seconds} seconds")]
    TooSlow {
        /// The limit.
        seconds: u64,
    },
    /// The caller stopped it.
    #[error("reading was cancelled")]
    Cancelled,
    /// A parser failed on the content; the last fence around it.
    #[error("the file cannot be read: its content made the reader fail")]
    ReaderFailed,
}

fn place(at: &Option<String>) -> String {
    at.as_ref().map(|at| format!(" (at {at})")).unwrap_or_default()
}

impl ReadError {
    /// A stable kebab-case code of the error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            ReadError::Limit { .. } => "import-limit-exceeded",
            ReadError::NameMismatch { .. } => "import-name-mismatch",
            ReadError::Unsupported { .. } => "import-format-unsupported",
            ReadError::Encrypted => "import-file-encrypted",
            ReadError::Broken { .. } => "import-file-damaged",
            ReadError::Empty => "import-file-empty",
            ReadError::TooSlow { .. } => "import-too-slow",
            ReadError::Cancelled => "import-cancelled",
            ReadError::ReaderFailed => "import-reader-failed",
        }
    }

    pub(super) fn broken(part: impl Into<String>, detail: impl Into<String>) -> ReadError {
        ReadError::Broken { part: part.into(), detail: detail.into() }
    }
}

/// `Err` when `found` passes `limit`.
pub(super) fn within(what: &'static str, found: u64, limit: u64) -> Result<(), ReadError> {
    if found > limit {
        return Err(ReadError::Limit { what, limit, found, at: None });
    }
    Ok(())
}

/// The deadline of one reading.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline {
    ends: Option<Instant>,
    seconds: u64,
}

impl Deadline {
    pub(super) fn after(time: Duration) -> Deadline {
        Deadline { ends: Instant::now().checked_add(time), seconds: time.as_secs() }
    }

    pub(super) fn check(&self) -> Result<(), ReadError> {
        match self.ends {
            Some(ends) if Instant::now() >= ends => {
                Err(ReadError::TooSlow { seconds: self.seconds })
            }
            Some(_) | None => Ok(()),
        }
    }
}
