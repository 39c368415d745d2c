use serde::{Deserialize, Serialize};

use super::text::FromText;

super::concern! {
    /// What is written about the server's work.
    Log, "log" {
        /// What to write, as `level` or `target=level` parted by commas.
        filter: String = "info".to_owned(),
        /// How a line looks on standard error: `text` for people or `compact` for one short line.
        format: LogFormat = LogFormat::Text,
    }
}

/// How a line of the log looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogFormat {
    /// Time, level, where and what.
    Text,
    /// The same, shortened.
    Compact,
}

impl FromText for LogFormat {
    fn from_text(text: &str) -> Result<Self, String> {
        match text {
            "text" => Ok(Self::Text),
            "compact" => Ok(Self::Compact),
            _ => Err("one of text, compact".to_owned()),
        }
    }
}
