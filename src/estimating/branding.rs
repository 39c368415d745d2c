//! How an organisation's documents look: letterhead, logo, accent colour, columns, who signs.

use super::{heading::Stamp, id::UserId, refusal::Refusal, typed};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

/// Lines of a letterhead.
pub const LETTERHEAD_LINES_MAX: usize = 8;
/// Characters of a line of the letterhead.
pub const LETTERHEAD_LINE_CHARS_MAX: usize = 120;
/// Bytes of a logo.
pub const LOGO_BYTES_MAX: usize = 512 * 1024;
/// Characters of the name, or the position, of whoever signs letters.
pub const SIGNATORY_CHARS_MAX: usize = 120;
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
    /// Joint Photographic Experts Group.
    Jpeg,
    /// Scalable Vector Graphics.
    Svg,
}

impl LogoKind {
    /// Its name, as people know it.
    pub const fn name(self) -> &'static str {
        match self {
            LogoKind::Png => "PNG",
            LogoKind::Jpeg => "JPEG",
            LogoKind::Svg => "SVG",
        }
    }

    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            LogoKind::Png => "image/png",
            LogoKind::Jpeg => "image/jpeg",
            LogoKind::Svg => "image/svg+xml",
        }
    }
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

/// Who signs letters. What is empty is a line to write on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Signatory {
    /// Name.
    pub name: Box<str>,
    /// Position.
    pub position: Box<str>,
}

impl Signatory {
    /// Whether nobody is named.
    pub fn is_empty(&self) -> bool {
        self.name.is_empty() && self.position.is_empty()
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
    /// Who signs letters; stored beside the rest of the row.
    #[serde(skip)]
    pub signatory: Signatory,
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
            signatory: Signatory::default(),
        }
    }
}

/// The look of an organisation that has styled nothing.
static PLAIN: LazyLock<Branding> = LazyLock::new(Branding::default);

/// New values for some of the look; absent ones stay as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct BrandingFields {
    /// All lines of the letterhead from now on; empty ones at the end are left out.
    pub letterhead: Option<Vec<String>>,
    /// The accent, `#rrggbb`.
    pub accent: Option<String>,
    /// Columns of the client's schedule.
    pub columns: Option<ScheduleColumns>,
    /// The logo; `Some(None)` takes it away.
    pub logo: Option<Option<Logo>>,
    /// Who signs letters.
    pub signatory: Option<Signatory>,
}

impl Branding {
    /// The look of an organisation that has styled nothing.
    pub fn plain() -> &'static Branding {
        &PLAIN
    }

    /// The look with new values for some of it.
    ///
    /// # Errors
    /// A letterhead too long, an accent that is no colour or does not read on paper, a logo too
    /// large.
    pub fn with(&self, set: &BrandingFields) -> Result<Branding, Refusal> {
        let mut row = self.clone();
        if let Some(lines) = &set.letterhead {
            row.letterhead = letterhead(lines)?;
        }
        if let Some(text) = &set.accent {
            let accent: Accent = text
                .trim()
                .parse()
                .map_err(|error: NotAColour| Refusal::invalid("accent", error.to_string()))?;
            if !accent.is_readable() {
                let message = format!("{accent} is too pale to read on white paper.");
                return Err(Refusal::invalid("accent", message));
            }
            row.accent = accent;
        }
        row.columns = set.columns.unwrap_or(row.columns);
        if let Some(logo) = &set.logo {
            if logo.as_ref().is_some_and(|logo| logo.bytes.len() > LOGO_BYTES_MAX) {
                return Err(Refusal::TooMany { what: "bytes in a logo", limit: LOGO_BYTES_MAX });
            }
            row.logo = logo.clone();
        }
        if let Some(Signatory { name, position }) = &set.signatory {
            row.signatory = Signatory {
                name: typed::within("signatory", name, SIGNATORY_CHARS_MAX)?,
                position: typed::within("signatory", position, SIGNATORY_CHARS_MAX)?,
            };
        }
        Ok(row)
    }

    /// Whether both look the same, whoever made them so.
    pub fn looks_like(&self, other: &Branding) -> bool {
        *self == Branding { version: self.version, stamp: self.stamp, ..other.clone() }
    }

    /// The row as the next change after `original`, the row before it.
    pub(super) fn followed(self, original: Option<&Branding>, by: UserId, at_us: i64) -> Branding {
        let stamp = match original.and_then(|original| original.stamp) {
            Some(stamp) => stamp.touched(by, at_us),
            None => Stamp::new(by, at_us),
        };
        let version = original.map_or(1, |original| original.version + 1);
        Branding { version, stamp: Some(stamp), ..self }
    }
}

fn letterhead(lines: &[String]) -> Result<Vec<Box<str>>, Refusal> {
    let mut letterhead = Vec::new();
    for line in lines {
        letterhead.push(typed::within("letterhead", line, LETTERHEAD_LINE_CHARS_MAX)?);
    }
    while letterhead.last().is_some_and(|line| line.is_empty()) {
        letterhead.pop();
    }
    if letterhead.len() > LETTERHEAD_LINES_MAX {
        let message = format!("A letterhead has at most {LETTERHEAD_LINES_MAX} lines.");
        return Err(Refusal::invalid("letterhead", message));
    }
    Ok(letterhead)
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
