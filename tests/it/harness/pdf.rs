//! Reads a PDF as a person does: its text, page by page.

use std::io::Write;
use std::process::Command;

/// The text of a PDF, laid out as it stands; pages end in a form feed.
pub fn text(pdf: &[u8]) -> String {
    assert!(
        pdf.starts_with(b"%PDF-"),
        "no PDF: {}",
        String::from_utf8_lossy(&pdf[..pdf.len().min(300)])
    );
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(pdf).expect("the file is written");
    let read = Command::new("pdftotext").arg("-layout").arg(file.path()).arg("-").output();
    let read = read.expect("pdftotext reads PDF: `.ci/tools poppler` installs it");
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    String::from_utf8(read.stdout).expect("pdftotext writes UTF-8")
}

/// Its pages.
pub fn pages(pdf: &[u8]) -> Vec<String> {
    let text = text(pdf);
    text.split('\u{c}').map(str::to_owned).filter(|page| !page.trim().is_empty()).collect()
}

/// A line without the spaces of its columns.
pub fn lines(text: &str) -> Vec<String> {
    text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}
