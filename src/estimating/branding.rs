//! How an organisation's documents look: letterhead, logo, accent colour, columns.

use super::heading::Stamp;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Lines of a letterhead.
pub const LETTERHEAD_LINES_MAX: usize = 8;
/// Characters of a line of the letterhead.
pub const LETTERHEAD_LINE_CHARS_MAX: usize = 120;
/// Bytes of a logo.
pub const LOGO_BYTES_MAX: usize = 512 * 1024;
/// The brightest accent that still reads as text on white paper, of 255.
const ACCENT_BRIGHTNESS_MAX: u32 = 150;

/// A colour of ink, `#rrggbb`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accent(pub [u8; 3]);

impl Accent {
    /// The colour of documents nobody has styled.
    pub const PLAIN: Accent = Accent([0x1f, 0x3f, 0x5f]);

    /// Whether text in it reads on white paper.
    pub fn is_readable(self) -> bool {
        let [red, green, blue] = self.0.map(u32::from);
        (red * 299 + green * 587 + blue * 114) / 1_000 <= ACCENT_BRIGHTNESS_MAX
    }
}

impl fmt::Display for Accent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

/// The text is not `#rrggbb`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a colour is written #rrggbb")]
pub struct NotAColour;

impl FromStr for Accent {
    type Err = NotAColour;
    fn from_str(text: &str) -> Result<Accent, NotAColour> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6).ok_or(NotAColour)?;
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(NotAColour);
        }
        let [_, red, green, blue] =
            u32::from_str_radix(digits, 16).or(Err(NotAColour))?.to_be_bytes();
        Ok(Accent([red, green, blue]))
    }
}

/// Kind of picture a logo is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LogoKind {
    /// Portable Network Graphics.
    Png,
    /// Scalable Vector Graphics.
    Svg,
}

/// A logo.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Logo {
    /// Kind.
    pub kind: LogoKind,
    /// The file.
    pub bytes: Vec<u8>,
}

/// Columns of the client's schedule that an organisation may leave out. Description and amount
/// always show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ScheduleColumns {
    /// Item code.
    pub code: bool,
    /// Unit.
    pub unit: bool,
    /// Quantity.
    pub quantity: bool,
    /// Rate.
    pub rate: bool,
    /// A line with the total after each section.
    pub section_totals: bool,
}

impl Default for ScheduleColumns {
    fn default() -> Self {
        ScheduleColumns { code: true, unit: true, quantity: true, rate: true, section_totals: true }
    }
}

/// The look of an organisation's documents; one row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Branding {
    /// Lines below the organisation's name: address, telephone, web.
    pub letterhead: Vec<Box<str>>,
    /// Colour of rules and headings.
    pub accent: Accent,
    /// Logo, where there is one.
    pub logo: Option<Logo>,
    /// Columns of the client's schedule.
    pub columns: ScheduleColumns,
    /// Counts changes, from 1; 0 before there are any.
    pub version: u64,
    /// Who and when; none before there are any.
    pub stamp: Option<Stamp>,
}

impl Default for Branding {
    fn default() -> Self {
        Branding {
            letterhead: Vec::new(),
            accent: Accent::PLAIN,
            logo: None,
            columns: ScheduleColumns::default(),
            version: 0,
            stamp: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_reads_back_and_anything_else_is_refused() {
        assert_eq!("#1F3f5f".parse(), Ok(Accent::PLAIN));
        assert_eq!(Accent::PLAIN.to_string(), "#1f3f5f");
        for bad in ["", "#fff", "1f3f5f", "#1f3f5g", "#+1f3f5", "#1f3f5f0"] {
            assert_eq!(bad.parse::<Accent>(), Err(NotAColour), "{bad}");
        }
    }

    #[test]
    fn a_pale_accent_does_not_read_on_paper() {
        assert!(Accent::PLAIN.is_readable());
        assert!(!Accent([0xff, 0xe0, 0x00]).is_readable());
    }
}
