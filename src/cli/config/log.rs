use std::time::Duration;

use anyhow::ensure;
use serde::{Deserialize, Serialize};

use super::text::FromText;

super::concern! {
    /// How long the log of commits is kept here, and what is written about the server's work.
    Log, "log" {
        /// Days that commits stay in the ledgers here once the vault has them; 0 for ever.
        keep_days: u64 = 90,
        /// What to write, as `level` or `target=level` parted by commas.
        filter: String = "info,object_store=warn".to_owned(),
        /// How a line looks on standard error: `text` for people or `compact` for one short line.
        format: LogFormat = LogFormat::Text,
    }
}

/// Days that can be set at most: a century.
const KEEP_DAYS_MAX: u64 = 36_525;

impl Log {
    /// How long commits stay here once they are in the vault; none for ever.
    ///
    /// # Errors
    /// More days than any bound allows.
    pub fn keep(&self) -> anyhow::Result<Option<Duration>> {
        let days = self.keep_days;
        ensure!(days <= KEEP_DAYS_MAX, "log.keep_days = {days}: at most {KEEP_DAYS_MAX}");
        Ok((days > 0).then(|| Duration::from_secs(days * 24 * 60 * 60)))
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
