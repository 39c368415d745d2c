//! Files that are attached as they are: which kinds may be, told by name and bytes together.
//!
//! Nothing of them is ever opened here, and they are given back as files to save, so what matters
//! is that a name does not lie: whoever saves `drawing.pdf` gets no program.

/// Why a file is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AttachmentError {
    /// A name without an ending that is on the list.
    #[error("files that can be attached end in {}", endings())]
    Kind,
    /// Bytes that are not what the name says.
    #[error("this file is no .{0} by its content")]
    Content(&'static str),
    /// Nothing in it.
    #[error("the file is empty")]
    Empty,
}

/// How the bytes of a kind begin, or what they are made of.
enum Look {
    Starts(&'static [&'static [u8]]),
    Text,
}

const ZIP: Look = Look::Starts(&[b"PK\x03\x04", b"PK\x05\x06"]);
const OLE: Look = Look::Starts(&[b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"]);
const TIFF: Look = Look::Starts(&[b"II*\0", b"MM\0*"]);
const JPEG: Look = Look::Starts(&[b"\xff\xd8\xff"]);
const EXCEL: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const WORD: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const SLIDES: &str = "application/vnd.openxmlformats-officedocument.presentationml.presentation";
/// What may stand before `%PDF`, bytes: some programs write a little.
const PDF_START_BYTES_MAX: usize = 1024;

/// The kinds: ending, media type, look.
const KINDS: [(&str, &str, Look); 20] = [
    ("pdf", "application/pdf", Look::Starts(&[b"%PDF-"])),
    ("png", "image/png", Look::Starts(&[b"\x89PNG\r\n\x1a\n"])),
    ("jpg", "image/jpeg", JPEG),
    ("jpeg", "image/jpeg", JPEG),
    ("tif", "image/tiff", TIFF),
    ("tiff", "image/tiff", TIFF),
    ("xlsx", EXCEL, ZIP),
    ("docx", WORD, ZIP),
    ("pptx", SLIDES, ZIP),
    ("xls", "application/vnd.ms-excel", OLE),
    ("doc", "application/msword", OLE),
    ("msg", "application/vnd.ms-outlook", OLE),
    ("mpp", "application/vnd.ms-project", OLE),
    ("dwg", "image/vnd.dwg", Look::Starts(&[b"AC10"])),
    ("zip", "application/zip", ZIP),
    ("dxf", "image/vnd.dxf", Look::Text),
    ("xml", "application/xml", Look::Text),
    ("eml", "message/rfc822", Look::Text),
    ("csv", "text/csv", Look::Text),
    ("txt", "text/plain", Look::Text),
];

fn endings() -> String {
    KINDS.map(|(ending, ..)| ending).join(", ")
}

/// The media type of a file that may be attached. O(bytes).
///
/// # Errors
/// [`AttachmentError`].
pub fn media_type(name: &str, bytes: &[u8]) -> Result<&'static str, AttachmentError> {
    if bytes.is_empty() {
        return Err(AttachmentError::Empty);
    }
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    let kind = KINDS.iter().find(|(known, ..)| ending.as_deref() == Some(*known));
    let (known, media_type, look) = kind.ok_or(AttachmentError::Kind)?;
    let is_so = match look {
        Look::Starts([pdf]) if *known == "pdf" => {
            let start = bytes.get(..PDF_START_BYTES_MAX).unwrap_or(bytes);
            start.windows(pdf.len()).any(|part| part == *pdf)
        }
        Look::Starts(starts) => starts.iter().any(|start| bytes.starts_with(start)),
        Look::Text => !bytes.contains(&0),
    };
    if is_so { Ok(media_type) } else { Err(AttachmentError::Content(known)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_its_name_says_or_is_not_taken() {
        let kept = media_type("Plan A.PDF", b"%PDF-1.7 ...");
        assert_eq!(kept, Ok("application/pdf"));
        assert_eq!(media_type("late.pdf", b"\xef\xbb\xbf%PDF-1.4"), Ok("application/pdf"));
        assert_eq!(media_type("prices.csv", b"a,b\n1,2\n"), Ok("text/csv"));
        for (name, bytes, why) in [
            ("setup.exe", &b"MZ"[..], AttachmentError::Kind),
            ("page.html", b"<script>", AttachmentError::Kind),
            ("noending", b"x", AttachmentError::Kind),
            ("plan.pdf", b"MZ\x90\0", AttachmentError::Content("pdf")),
            ("photo.jpg", b"\x89PNG\r\n\x1a\n", AttachmentError::Content("jpg")),
            ("notes.txt", b"a\0b", AttachmentError::Content("txt")),
            ("plan.pdf", b"", AttachmentError::Empty),
        ] {
            assert_eq!(media_type(name, bytes), Err(why), "{name}");
        }
    }

    #[test]
    fn every_ending_stands_in_the_refusal() {
        let told = AttachmentError::Kind.to_string();
        for (ending, ..) in &KINDS {
            assert!(told.contains(ending), "{told}");
        }
    }
}
