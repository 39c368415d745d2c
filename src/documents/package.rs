//! The zip package of an .xlsx file, opened without trusting what it declares.

use std::borrow::Cow;
use std::cell::Cell as Counter;
use std::collections::HashMap;
use std::io::{self, BufReader, Cursor, Read};

use memchr::memmem;
use quick_xml::Reader;
use quick_xml::escape::{resolve_xml_entity, unescape};
use quick_xml::events::{BytesEnd, BytesRef, BytesStart, Event};
use zip::ZipArchive;

use super::limits::{Deadline, Limits, RATIO_FLOOR_BYTES, ReadError, within};

/// An opened package.
pub(super) struct Package<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    /// Entry index by path, lower case, without a leading slash.
    entries: HashMap<String, usize>,
    limits: &'a Limits,
    deadline: Deadline,
    inflated: Counter<u64>,
}

impl<'a> Package<'a> {
    /// Opens the package and checks what it declares: entries, inflated size and ratio.
    pub(super) fn open(
        bytes: &'a [u8],
        limits: &'a Limits,
        deadline: Deadline,
    ) -> Result<Package<'a>, ReadError> {
        // Counted before the archive reader sizes its tables by the directory.
        let headers = memmem::find_iter(bytes, b"PK\x01\x02").count();
        within(
            "entries in the package",
            u64::try_from(headers).unwrap_or(u64::MAX),
            limits.package_entries,
        )?;
        let damaged =
            |e: zip::result::ZipError| ReadError::broken("the zip package", e.to_string());
        let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
        let mut entries = HashMap::new();
        let mut declared: u64 = 0;
        for index in 0..archive.len() {
            let entry = archive.by_index_raw(index).map_err(damaged)?;
            if entry.encrypted() {
                return Err(ReadError::Encrypted);
            }
            declared = declared.saturating_add(entry.size());
            if entry.size() > RATIO_FLOOR_BYTES {
                let ratio = entry.size() / entry.compressed_size().max(1);
                within("inflated over packed size", ratio, limits.inflate_ratio)?;
            }
            let name = entry.name().map_err(damaged)?;
            let path = name.replace('\\', "/").trim_start_matches('/').to_ascii_lowercase();
            entries.insert(path, index);
        }
        within("inflated bytes in the package", declared, limits.inflated_bytes)?;
        Ok(Package { archive, entries, limits, deadline, inflated: Counter::new(0) })
    }

    /// Whether the package has a part of that path (any case).
    pub(super) fn has(&self, path: &str) -> bool {
        self.entries.contains_key(&path.to_ascii_lowercase())
    }

    /// Packed bytes of a part, 0 when it is not there.
    pub(super) fn packed_size(&mut self, path: &str) -> u64 {
        let Some(&index) = self.entries.get(&path.to_ascii_lowercase()) else {
            return 0;
        };
        self.archive.by_index_raw(index).map_or(0, |entry| entry.compressed_size())
    }

    /// The XML of a part; `None` when there is no such part.
    pub(super) fn part(&mut self, path: &str) -> Result<Option<Part<'_>>, ReadError> {
        let Some(&index) = self.entries.get(&path.to_ascii_lowercase()) else {
            return Ok(None);
        };
        let entry =
            self.archive.by_index(index).map_err(|e| ReadError::broken(path, e.to_string()))?;
        let metered = Metered {
            packed: entry.compressed_size(),
            inner: Box::new(entry),
            limits: self.limits,
            deadline: self.deadline,
            inflated: &self.inflated,
            of_part: 0,
            since_tag: 0,
        };
        let mut reader = Reader::from_reader(BufReader::with_capacity(64 << 10, metered));
        let config = reader.config_mut();
        config.trim_text(false);
        config.check_end_names = true;
        config.check_comments = false;
        config.expand_empty_elements = true;
        Ok(Some(Part { path: path.to_owned(), reader, buffer: Vec::new(), depth: 0 }))
    }
}

/// An inflating reader that stops at the limits, whatever the package declared.
pub(super) struct Metered<'p> {
    inner: Box<dyn Read + 'p>,
    limits: &'p Limits,
    deadline: Deadline,
    inflated: &'p Counter<u64>,
    packed: u64,
    of_part: u64,
    since_tag: u64,
}

impl Metered<'_> {
    fn account(&mut self, chunk: &[u8]) -> Result<(), ReadError> {
        self.deadline.check()?;
        let read = u64::try_from(chunk.len()).unwrap_or(u64::MAX);
        let inflated = self.inflated.get().saturating_add(read);
        self.inflated.set(inflated);
        within("inflated bytes in the package", inflated, self.limits.inflated_bytes)?;
        self.of_part += read;
        if self.of_part > RATIO_FLOOR_BYTES {
            let ratio = self.of_part / self.packed.max(1);
            within("inflated over packed size", ratio, self.limits.inflate_ratio)?;
        }
        // A token is buffered whole by the XML reader: one without an end would be the file.
        self.since_tag = match memchr::memrchr2(b'<', b'>', chunk) {
            Some(at) => u64::try_from(chunk.len() - at).unwrap_or(u64::MAX),
            None => self.since_tag.saturating_add(read),
        };
        within("bytes in one XML token", self.since_tag, self.limits.xml_token_bytes)
    }
}

impl Read for Metered<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buf)?;
        let chunk = buf.get(..read).unwrap_or_default();
        self.account(chunk).map_err(io::Error::other)?;
        Ok(read)
    }
}

/// Deepest nesting of elements read; a worksheet nests about ten deep.
const XML_DEPTH_MAX: u64 = 256;

/// The XML of one part, read token by token.
pub(super) struct Part<'p> {
    path: String,
    reader: Reader<BufReader<Metered<'p>>>,
    buffer: Vec<u8>,
    depth: u64,
}

/// A token of XML; an empty element comes as a start and an end.
pub(super) enum Token<'t> {
    Start(Element<'t>),
    End(BytesEnd<'t>),
    /// Text with references resolved; one text may come in several pieces.
    Text(Cow<'t, str>),
    /// Comments, declarations, processing instructions.
    Other,
    Eof,
}

/// A start tag.
pub(super) struct Element<'t>(BytesStart<'t>);

impl Element<'_> {
    /// Local name, without prefix.
    pub(super) fn is(&self, name: &str) -> bool {
        self.0.local_name().as_ref() == name
    }

    /// The local name.
    pub(super) fn name(&self) -> String {
        self.0.local_name().as_ref().to_owned()
    }

    /// The value of the attribute with that local name, references resolved.
    pub(super) fn attribute(&self, name: &str) -> Option<String> {
        let attribute = self
            .0
            .attributes()
            .with_checks(false)
            .flatten()
            .find(|a| a.key.local_name().as_ref() == name)?;
        unescape(&attribute.value).ok().map(Cow::into_owned)
    }

    /// Calls `each` with every attribute as written: local name and value.
    pub(super) fn each_attribute(&self, mut each: impl FnMut(&str, &str)) {
        for attribute in self.0.attributes().with_checks(false).flatten() {
            each(attribute.key.local_name().as_ref(), &attribute.value);
        }
    }
}

impl Part<'_> {
    /// The next token.
    pub(super) fn next(&mut self) -> Result<Token<'_>, ReadError> {
        self.buffer.clear();
        let event = match self.reader.read_event_into(&mut self.buffer) {
            Ok(event) => event,
            Err(error) => return Err(part_error(&self.path, &error)),
        };
        Ok(match event {
            Event::Start(start) => {
                self.depth += 1;
                within("nested XML elements", self.depth, XML_DEPTH_MAX)?;
                Token::Start(Element(start))
            }
            Event::End(end) => {
                self.depth = self.depth.saturating_sub(1);
                Token::End(end)
            }
            Event::Text(text) => Token::Text(text.xml10_content().into_owned().into()),
            Event::CData(text) => Token::Text(text.xml10_content().into_owned().into()),
            Event::GeneralRef(reference) => {
                Token::Text(Cow::Owned(resolve(&self.path, &reference)?))
            }
            Event::Empty(_)
            | Event::Comment(_)
            | Event::Decl(_)
            | Event::PI(_)
            | Event::DocType(_) => Token::Other,
            Event::Eof if self.depth > 0 => {
                return Err(ReadError::broken(self.path.as_str(), "it ends in the middle"));
            }
            Event::Eof => Token::Eof,
        })
    }
}

/// The character a reference stands for. Entities a document defines itself are not expanded.
fn resolve(path: &str, reference: &BytesRef<'_>) -> Result<String, ReadError> {
    let name: &str = reference.as_ref();
    if let Some(known) = resolve_xml_entity(name) {
        return Ok(known.to_owned());
    }
    match reference.resolve_char_ref() {
        Ok(Some(c)) => Ok(c.to_string()),
        Ok(None) | Err(_) => Err(ReadError::broken(path, format!("unknown reference &{name};"))),
    }
}

/// The error of a part: ours when a limit stopped the inflating, else the damage found.
fn part_error(part: &str, error: &quick_xml::Error) -> ReadError {
    if let quick_xml::Error::Io(io_error) = error {
        let ours = io_error.get_ref().and_then(|inner| inner.downcast_ref::<ReadError>());
        if let Some(ours) = ours {
            return ours.clone();
        }
    }
    ReadError::broken(part, error.to_string())
}
