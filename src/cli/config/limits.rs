use crate::http::limits::{EDITS_BYTES_MAX, REQUEST_TIMEOUT, UPLOAD_BYTES_MAX};

super::concern! {
    /// How much one request may ask for.
    Limits, "limits" {
        /// Largest JSON body of a bulk edit, in bytes; a larger one is answered 413.
        body_bytes_max: usize = EDITS_BYTES_MAX,
        /// Largest spreadsheet that can be imported, in bytes.
        import_bytes_max: usize = UPLOAD_BYTES_MAX,
        /// Longest that one request may take, in seconds; a longer one is answered 504.
        request_seconds_max: u64 = REQUEST_TIMEOUT.as_secs(),
    }
}
