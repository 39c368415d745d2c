//! A logo as it was uploaded: what it is, and whether it may be printed.
//!
//! What a file says of itself is not believed: its kind is told by its bytes. A picture is bounded
//! in pixels before anything unpacks it. A drawing (SVG) is a program for whoever renders it, so it
//! may hold shapes, gradients and words, and refer to nothing outside itself; what could make few
//! bytes into much work (filters, patterns, references within references) is refused.

use super::print::FONTS;
use crate::estimating::branding::{LOGO_BYTES_MAX, Logo, LogoKind};
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};
use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

/// Pixels of a picture: 2,000 by 2,000.
pub const LOGO_PIXELS_MAX: u64 = 4_000_000;
/// Elements of a drawing.
const ELEMENTS_MAX: usize = 4_000;
/// Nesting of a drawing's elements.
const DEPTH_MAX: usize = 48;
/// Elements of a drawing that show another one.
const USES_MAX: usize = 100;
/// What a drawing may be made of.
const ELEMENTS: [&str; 23] = [
    "circle",
    "clipPath",
    "defs",
    "desc",
    "ellipse",
    "g",
    "line",
    "linearGradient",
    "mask",
    "metadata",
    "path",
    "polygon",
    "polyline",
    "radialGradient",
    "rect",
    "stop",
    "style",
    "svg",
    "switch",
    "symbol",
    "text",
    "title",
    "tspan",
];

/// Why a file is no logo.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogoError {
    /// Too many bytes.
    #[error("a logo has at most {} KiB; this file has {}", LOGO_BYTES_MAX >> 10, .0.div_ceil(1 << 10))]
    TooLarge(usize),
    /// Neither PNG, JPEG nor SVG by its bytes.
    #[error("a logo is a PNG, JPEG or SVG; this file is none of them")]
    Unknown,
    /// A picture that ends early or contradicts itself.
    #[error("the picture is damaged")]
    Damaged,
    /// A picture with too many pixels.
    #[error("a logo has at most {LOGO_PIXELS_MAX} pixels; this one has {0} by {1}")]
    TooManyPixels(u32, u32),
    /// A drawing with something in it that a logo does not need.
    #[error("the drawing cannot be used: {0}")]
    Drawing(String),
}

/// The logo a file holds. O(bytes).
///
/// # Errors
/// [`LogoError`], for any file that is not a plain picture or drawing.
pub fn read(bytes: &[u8]) -> Result<Logo, LogoError> {
    if bytes.len() > LOGO_BYTES_MAX {
        return Err(LogoError::TooLarge(bytes.len()));
    }
    let kind = if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        pixels(png_size(bytes).ok_or(LogoError::Damaged)?)?;
        LogoKind::Png
    } else if bytes.starts_with(&[0xff, 0xd8, 0xff]) {
        pixels(jpeg_size(bytes).ok_or(LogoError::Damaged)?)?;
        LogoKind::Jpeg
    } else {
        drawing(std::str::from_utf8(bytes).map_err(|_| LogoError::Unknown)?)?;
        LogoKind::Svg
    };
    Ok(Logo { kind, bytes: bytes.to_vec() })
}

/// The logo as a picture that fits into so many pixels on a screen. A picture is as it is; a drawing
/// is drawn at several times the size, to be sharp on paper.
///
/// # Errors
/// When a drawing has no size or cannot be drawn.
pub fn pictured(logo: &Logo, width: u32, height: u32) -> Result<Cow<'_, [u8]>, LogoError> {
    match logo.kind {
        LogoKind::Png | LogoKind::Jpeg => Ok(Cow::Borrowed(&logo.bytes)),
        LogoKind::Svg => drawn(&logo.bytes, width, height).map(Cow::Owned),
    }
}

/// Pixels drawn for each pixel on a screen, along each side.
const DRAWN_SCALE: u32 = 4;

/// Fonts that the words of a drawing are set in: those of the documents, none of the machine's.
static DRAWN_FONTS: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
    let mut fonts = fontdb::Database::new();
    FONTS.iter().for_each(|font| fonts.load_font_data(font.to_vec()));
    for set_family in [
        fontdb::Database::set_sans_serif_family,
        fontdb::Database::set_serif_family,
        fontdb::Database::set_monospace_family,
    ] {
        set_family(&mut fonts, DRAWN_FAMILY.to_owned());
    }
    Arc::new(fonts)
});
const DRAWN_FAMILY: &str = "Inter";

/// A drawing as a PNG. The pixels are bounded by the size asked for, whatever it says of itself.
fn drawn(bytes: &[u8], width: u32, height: u32) -> Result<Vec<u8>, LogoError> {
    let options = Options {
        font_family: DRAWN_FAMILY.to_owned(),
        fontdb: DRAWN_FONTS.clone(),
        ..Options::default()
    };
    let tree = Tree::from_data(bytes, &options).map_err(|error| refused(error.to_string()))?;
    let (own, [width, height]) = (tree.size(), [width, height].map(|n| n * DRAWN_SCALE));
    let scale = (width as f32 / own.width()).min(height as f32 / own.height());
    if !scale.is_normal() {
        return Err(refused(NO_SIZE));
    }
    let side = |own: f32, most: u32| ((own * scale).round() as u32).clamp(1, most);
    let picture = Pixmap::new(side(own.width(), width), side(own.height(), height));
    let mut picture = picture.ok_or_else(|| refused(NO_SIZE))?;
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut picture.as_mut());
    picture.encode_png().map_err(|error| refused(error.to_string()))
}

const NO_SIZE: &str = "it has no size";

fn pixels((width, height): (u32, u32)) -> Result<(), LogoError> {
    match u64::from(width) * u64::from(height) {
        0 => Err(LogoError::Damaged),
        1..=LOGO_PIXELS_MAX => Ok(()),
        _ => Err(LogoError::TooManyPixels(width, height)),
    }
}

fn four(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_be_bytes(four.try_into().ok()?))
}

fn two(bytes: &[u8], at: usize) -> Option<u16> {
    let two = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_be_bytes(two.try_into().ok()?))
}

/// Width and height of a PNG: its first chunk says so.
fn png_size(bytes: &[u8]) -> Option<(u32, u32)> {
    (bytes.get(12..16)? == b"IHDR").then_some(())?;
    Some((four(bytes, 16)?, four(bytes, 20)?))
}

/// Width and height of a JPEG: its first frame says so.
fn jpeg_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut at = 2;
    loop {
        while *bytes.get(at)? != 0xff {
            at += 1;
        }
        while *bytes.get(at)? == 0xff {
            at += 1;
        }
        let marker = *bytes.get(at)?;
        at += 1;
        match marker {
            // A frame, of any coding but the tables that share the numbers.
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                let (height, width) = (two(bytes, at + 3)?, two(bytes, at + 5)?);
                return Some((u32::from(width), u32::from(height)));
            }
            0x01 | 0xd0..=0xd8 => {}
            0xd9 | 0xda => return None,
            _ => at += usize::from(two(bytes, at)?.max(2)),
        }
    }
}

/// What has been read of a drawing.
#[derive(Default)]
struct Drawing {
    /// For each open element, whether something else may refer to it.
    open: Vec<bool>,
    elements: usize,
    uses: usize,
}

fn refused(what: impl Into<String>) -> LogoError {
    LogoError::Drawing(what.into())
}

fn drawing(text: &str) -> Result<(), LogoError> {
    let text = text.trim_start_matches('\u{feff}');
    if !text.trim_start().starts_with('<') {
        return Err(LogoError::Unknown);
    }
    let mut reader = Reader::from_str(text);
    let mut drawing = Drawing::default();
    loop {
        match reader.read_event().map_err(|error| refused(error.to_string()))? {
            Event::Start(start) => {
                let named = drawing.element(&start)?;
                drawing.open.push(named);
                if drawing.open.len() > DEPTH_MAX {
                    return Err(refused(format!("it is nested more than {DEPTH_MAX} deep")));
                }
            }
            Event::Empty(start) => drop(drawing.element(&start)?),
            Event::End(_) => drop(drawing.open.pop()),
            Event::Text(text) => plain("its text", &text.xml10_content())?,
            Event::CData(text) => plain("its text", &text.xml10_content())?,
            Event::DocType(_) => return Err(refused("it defines a document type")),
            Event::PI(_) => return Err(refused("it holds a processing instruction")),
            Event::GeneralRef(_) | Event::Comment(_) | Event::Decl(_) => {}
            Event::Eof if drawing.elements == 0 => return Err(LogoError::Unknown),
            Event::Eof if drawing.open.is_empty() => return Ok(()),
            Event::Eof => return Err(refused("it ends in the middle")),
        }
    }
}

impl Drawing {
    /// Takes an element in; tells whether something else may refer to what is in it.
    fn element(&mut self, start: &BytesStart<'_>) -> Result<bool, LogoError> {
        let name = start.local_name();
        let name: &str = name.as_ref();
        if self.elements == 0 && name != "svg" {
            return Err(LogoError::Unknown);
        }
        self.elements += 1;
        if self.elements > ELEMENTS_MAX {
            return Err(refused(format!("it has more than {ELEMENTS_MAX} elements")));
        }
        let mut named = self.open.last().copied().unwrap_or_default();
        if name == "use" {
            self.uses += 1;
            if named || self.uses > USES_MAX {
                return Err(refused("it refers to itself over and over"));
            }
        } else if !ELEMENTS.contains(&name) && !is_annotation(start) {
            return Err(refused(format!("it holds an element `{}`", short(name))));
        }
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| refused(error.to_string()))?;
            let key = attribute.key.local_name();
            let key: &str = key.as_ref();
            let value = attribute.normalized_value(XmlVersion::Explicit1_0);
            let value = value.map_err(|error| refused(error.to_string()))?;
            if key.to_ascii_lowercase().starts_with("on") {
                return Err(refused(format!("it holds a script `{}`", short(key))));
            }
            if key == "href" && !value.trim_start().starts_with('#') {
                return Err(refused("it refers to something outside itself"));
            }
            named |= key == "id" && self.elements > 1;
            plain(key, &value)?;
        }
        Ok(named)
    }
}

/// Whether an element is a drawing program's note to itself, which nobody renders.
fn is_annotation(start: &BytesStart<'_>) -> bool {
    start.name().prefix().is_some_and(|prefix| {
        let prefix: &str = prefix.as_ref();
        ["sodipodi", "inkscape", "rdf", "cc", "dc"].contains(&prefix)
    })
}

/// Refuses words that reach outside the drawing.
fn plain(what: &str, value: &str) -> Result<(), LogoError> {
    let value: String = value.chars().filter(|c| !c.is_whitespace()).collect();
    let value = value.to_ascii_lowercase();
    let outside = value.match_indices("url(").any(|(at, found)| {
        let rest = value.get(at + found.len()..).unwrap_or_default();
        !rest.trim_start_matches(['"', '\'']).starts_with('#')
    });
    // A backslash would hide a word of a style sheet.
    if outside || ["javascript:", "data:", "@import", "\\"].iter().any(|word| value.contains(word))
    {
        return Err(refused(format!("{} refers to something outside it", short(what))));
    }
    Ok(())
}

fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A PNG of one black pixel, or what claims to have `width` by `height`.
    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        bytes.extend(width.to_be_bytes());
        bytes.extend(height.to_be_bytes());
        bytes
    }

    fn svg(inside: &str) -> Result<LogoKind, LogoError> {
        let text = format!(
            "<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink' \
             viewBox='0 0 10 10'>{inside}</svg>"
        );
        read(text.as_bytes()).map(|logo| logo.kind)
    }

    #[test]
    fn the_bytes_say_what_a_logo_is() {
        assert_eq!(read(&png(64, 32)).unwrap().kind, LogoKind::Png);
        let jpeg =
            [0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xc2, 0, 11, 8, 0, 32, 0, 64, 1, 1, 0x11, 0];
        assert_eq!(read(&jpeg).unwrap().kind, LogoKind::Jpeg);
        assert_eq!(jpeg_size(&jpeg), Some((64, 32)));
        assert_eq!(svg("<g id='a'><path d='M0 0'/></g><use xlink:href='#a'/>"), Ok(LogoKind::Svg));
        assert_eq!(svg("<rect fill='url(#sun)'/><style>.a{fill:red}</style>"), Ok(LogoKind::Svg));
        for none in ["", "GIF89a", "%PDF-1.7", "<html><svg/></html>", "<!-- nothing -->"] {
            assert_eq!(read(none.as_bytes()), Err(LogoError::Unknown), "{none}");
        }
    }

    #[test]
    fn a_drawing_is_drawn_within_its_bounds_and_with_its_colours() {
        let drawing = |size: &str| {
            let text = format!(
                "<svg xmlns='http://www.w3.org/2000/svg' {size}><rect width='100' height='100' \
                 fill='#7a1f1f'/><text x='110' y='80' font-size='80' font-family='Arial'>Ox\
                 </text></svg>"
            );
            read(text.as_bytes()).unwrap()
        };
        for (size, shown) in [
            ("viewBox='0 0 400 100'", (880, 220)),
            ("width='4000000' height='1000000' viewBox='0 0 400 100'", (880, 220)),
            ("width='1' height='1' viewBox='0 0 100 100'", (240, 240)),
        ] {
            let logo = drawing(size);
            let png = pictured(&logo, 220, 60).unwrap().into_owned();
            assert_eq!(png_size(&png), Some(shown), "{size}");
            let picture = Pixmap::decode_png(&png).unwrap();
            let dark = |x, y| picture.pixel(x, y).is_some_and(|pixel| pixel.alpha() == 255);
            assert!(dark(5, 5), "the square is drawn: {size}");
            let right = picture.pixels().iter().skip(shown.0 as usize / 3);
            let words = right.filter(|pixel| pixel.alpha() == 255 && pixel.red() == 0).count();
            assert_eq!(words > 100, shown.0 > 240, "so are the words: {size}");
        }
        let flat = drawing("viewBox='0 0 1e30 1e-30'");
        let png = pictured(&flat, 220, 60).unwrap();
        assert_eq!(png_size(&png), Some((880, 1)), "bounded, whatever it says of itself");
    }

    #[test]
    fn a_picture_is_bounded_before_it_is_unpacked() {
        assert_eq!(read(&png(2_000, 2_000)).map(|logo| logo.kind), Ok(LogoKind::Png));
        assert_eq!(read(&png(2_001, 2_000)), Err(LogoError::TooManyPixels(2_001, 2_000)));
        assert_eq!(
            read(&png(u32::MAX, u32::MAX)),
            Err(LogoError::TooManyPixels(u32::MAX, u32::MAX))
        );
        assert_eq!(read(&png(0, 5)), Err(LogoError::Damaged));
        assert_eq!(read(b"\x89PNG\r\n\x1a\n\0\0"), Err(LogoError::Damaged));
        assert_eq!(read(&[0xff, 0xd8, 0xff, 0xda, 0, 0]), Err(LogoError::Damaged));
        let large = vec![0; LOGO_BYTES_MAX + 1];
        assert_eq!(read(&large), Err(LogoError::TooLarge(LOGO_BYTES_MAX + 1)));
    }

    #[test]
    fn a_drawing_runs_nothing_and_reaches_nothing() {
        for hostile in [
            "<script>alert(1)</script>",
            "<rect onload='alert(1)'/>",
            "<a href='#x'><rect/></a>",
            "<image href='#x'/>",
            "<image xlink:href='http://evil.example/x.png'/>",
            "<use href='http://evil.example/x.svg#a'/>",
            "<foreignObject><body/></foreignObject>",
            "<rect fill='url(http://evil.example/#a)'/>",
            "<rect style='fill: url( \"https://evil.example\" )'/>",
            "<style>@import 'http://evil.example/x.css';</style>",
            "<style>.a{background:url(//evil.example)}</style>",
            "<style><![CDATA[@im/**/port] .a{fill:url(http://evil)}]]></style>",
            "<g xmlns:x='y'><x:script/></g>",
            "<filter id='f'><feGaussianBlur stdDeviation='99999'/></filter>",
            "<pattern id='p'><rect/></pattern>",
            "<animate attributeName='x'/>",
            // Ten uses of ten uses of ten uses.
            "<g id='a'><rect/></g><g id='b'><use href='#a'/><use href='#a'/></g><use href='#b'/>",
            "<g>",
        ] {
            assert!(matches!(svg(hostile), Err(LogoError::Drawing(_))), "{hostile}");
        }
        let bomb = "<!DOCTYPE svg [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><svg>&b;</svg>";
        assert!(matches!(read(bomb.as_bytes()), Err(LogoError::Drawing(_))));
        let deep = "<g>".repeat(DEPTH_MAX) + &"</g>".repeat(DEPTH_MAX);
        assert!(matches!(svg(&deep), Err(LogoError::Drawing(_))));
        let many = "<rect/>".repeat(ELEMENTS_MAX);
        assert!(matches!(svg(&many), Err(LogoError::Drawing(_))));
    }
}
