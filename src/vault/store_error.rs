//! What an object store said when it did not do what it was asked, in one sentence.
//!
//! The library repeats the same text at each of its layers, with the answer's raw XML in it. Kept
//! is what a person can act on: what the store was asked, why not, and what to look at.

use std::{error::Error, fmt};

/// The longest answer that is repeated where nothing is known of it, in characters.
const ANSWER_CHARS_MAX: usize = 200;
/// Where machines in a cloud ask for credentials; nobody answers there on any other.
const METADATA: [&str; 2] = ["169.254.169.254", "metadata.google.internal"];
/// What stores call credentials that do not count.
const REFUSED: [&str; 10] = [
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "AccessDenied",
    "AuthenticationFailed",
    "AuthorizationFailure",
    "InvalidAuthenticationInfo",
    "InvalidToken",
    "ExpiredToken",
    "401 Unauthorized",
    "403 Forbidden",
];
/// What stores call a bucket that there is not.
const NO_BUCKET: [&str; 2] = ["NoSuchBucket", "ContainerNotFound"];
/// What is said where nobody answers.
const UNREACHED: [&str; 6] = [
    "dns error",
    "tcp connect error",
    "client error (Connect)",
    "operation timed out",
    "connection closed",
    "error sending request",
];

/// An object store's failure. [`fmt::Display`] says all of it; it has no source of its own, so that
/// nothing is said twice.
pub struct StoreError(Box<object_store::Error>);

impl StoreError {
    /// What the library gave.
    #[must_use]
    pub fn cause(&self) -> &object_store::Error {
        &self.0
    }
}

impl From<object_store::Error> for StoreError {
    fn from(error: object_store::Error) -> StoreError {
        StoreError(Box::new(error))
    }
}

impl Error for StoreError {}

impl fmt::Debug for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&sentence(&self.0.to_string(), &deepest(&self.0)))
    }
}

/// What the innermost error says.
fn deepest(error: &dyn Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

/// What to set, by the store the text is of.
fn settings(text: &str) -> (&'static str, &'static str) {
    if text.contains("Azure") {
        ("AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY", "AZURE_STORAGE_ENDPOINT")
    } else if text.contains("GCS") {
        ("GOOGLE_SERVICE_ACCOUNT", "GOOGLE_BASE_URL")
    } else {
        ("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT and AWS_REGION")
    }
}

/// The whole of `text` in a sentence; `cause` is what its innermost error says.
fn sentence(text: &str, cause: &str) -> String {
    let at = address(text).map_or_else(String::new, |address| format!(" at {address}"));
    let (credentials, endpoint) = settings(text);
    let given = "in the environment or in vault.credentials_file";
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word) || cause.contains(word));
    if has(&METADATA) {
        return format!("no credentials are given for it: set {credentials} {given}");
    }
    if has(&NO_BUCKET) {
        return format!("there is no such bucket{at}: check vault.url (or --from) and {endpoint}");
    }
    if let Some(refused) = REFUSED.iter().find(|word| text.contains(*word)) {
        let said = element(text, "Code").unwrap_or(refused);
        return format!(
            "it refuses the credentials{at} ({said}): check {credentials} {given}, and what they \
             may do with the bucket"
        );
    }
    if text.contains("without LOCATION") {
        return format!("it answers from another region{at}: check {endpoint}");
    }
    if has(&UNREACHED) {
        return format!(
            "it cannot be reached{at} ({}): check the network and {endpoint}",
            short(cause)
        );
    }
    if let Some(status) = text.split_once("status code: ").map(|(_, rest)| rest) {
        let code = status.split(':').next().unwrap_or_default().trim();
        let said = element(text, "Message").or_else(|| element(text, "Code"));
        let said = said.map_or_else(String::new, |said| format!(" ({})", short(said)));
        return format!("it answers {code}{at}{said}");
    }
    // A folder's own words name the file.
    let own = text.split_once(" error: ").map_or(text, |(_, rest)| rest);
    short(own)
}

/// The address that was asked, without what was asked for: that may hold a signature.
fn address(text: &str) -> Option<&str> {
    let words = text.split_whitespace();
    let address = words
        .into_iter()
        .find(|word| word.starts_with("http://") || word.starts_with("https://"))?;
    address.split(['?', '#']).next()
}

/// What stands in an element of an answer's XML.
fn element<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    rest.split_once("</").map(|(inner, _)| inner).filter(|inner| !inner.is_empty())
}

/// The beginning of a text on one line, without elements.
fn short(text: &str) -> String {
    let mut plain = String::new();
    let mut inside = false;
    for c in text.chars() {
        match c {
            '<' => inside = true,
            '>' if inside => {
                inside = false;
                plain.push(' ');
            }
            _ if inside => {}
            c => plain.push(c),
        }
    }
    let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    match plain.char_indices().nth(ANSWER_CHARS_MAX) {
        Some((end, _)) => format!("{}...", plain.get(..end).unwrap_or_default()),
        None => plain.trim_end_matches([':', ' ']).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASKED: &str = "Error performing list request: Error performing GET \
        http://127.0.0.1:28399/oxcon-vault?delimiter=%2F&prefix=live%2F&sig=hidden in 2.4s, after 10 \
        retries, max_retries: 10, retry_timeout: 180s  - ";

    fn said(after: &str, cause: &str) -> String {
        sentence(&format!("Generic S3 error: {ASKED}{after}"), cause)
    }

    #[test]
    fn each_failure_is_one_sentence_with_what_to_look_at() {
        let xml = |code: &str| {
            format!(
                "Server returned non-2xx status code: 403 Forbidden: <?xml version=\"1.0\"?>\n\
                 <Error><Code>{code}</Code><Message>No such key.</Message></Error>"
            )
        };
        let no_bucket = xml("NoSuchBucket").replace("403 Forbidden", "404 Not Found");
        let busy = xml("SlowDown").replace("403 Forbidden", "503 Service Unavailable");
        for (after, cause, parts) in [
            (
                "HTTP error: error sending request",
                "Connection refused (os error 111)",
                ["cannot be reached", "AWS_ENDPOINT", "Connection refused"],
            ),
            (
                &xml("InvalidAccessKeyId"),
                "",
                ["refuses", "InvalidAccessKeyId", "AWS_ACCESS_KEY_ID"],
            ),
            (&no_bucket, "", ["no such bucket", "vault.url", "127.0.0.1:28399/oxcon-vault"]),
            (&busy, "", ["answers 503", "No such key.", "127.0.0.1:28399"]),
        ] {
            let said = said(after, cause);
            for part in parts {
                assert!(said.contains(part), "{part}: {said}");
            }
            assert!(
                !said.contains('<') && !said.contains("retr") && !said.contains("hidden"),
                "{said}"
            );
            assert_eq!(said.matches("28399").count(), 1, "{said}");
        }
    }

    #[test]
    fn the_machine_that_is_no_cloud_machine_has_no_credentials() {
        let text = "Generic S3 error: Error performing PUT \
            http://169.254.169.254/latest/api/token in 3s  - HTTP error: error sending request";
        let said = sentence(text, "operation timed out");
        assert!(said.contains("no credentials") && said.contains("AWS_ACCESS_KEY_ID"), "{said}");
    }

    #[test]
    fn what_is_not_known_is_repeated_once_and_shortly() {
        let text = "Generic LocalFileSystem error: Unable to create dir /mnt/nas: No space left";
        assert_eq!(sentence(text, "No space left"), "Unable to create dir /mnt/nas: No space left");
        let long = format!("Generic S3 error: <html>{}</html>", "word ".repeat(100));
        assert!(sentence(&long, "").chars().count() <= ANSWER_CHARS_MAX + 3);
    }
}
