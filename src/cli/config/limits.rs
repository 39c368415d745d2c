use crate::http::Allowances;
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
        /// Requests a minute from one address that is not this machine's; more are answered 429; 0 is no limit.
        address_per_minute: u32 = Allowances::ADDRESS,
        /// Requests a minute of one organisation, all its people and programs together; 0 is no limit.
        organisation_per_minute: u32 = Allowances::ORGANISATION,
        /// Requests a minute with one API token; 0 is no limit.
        token_per_minute: u32 = Allowances::TOKEN,
        /// Sign-ins a minute begun from one address that is not this machine's; 0 is no limit.
        sign_in_per_minute: u32 = Allowances::SIGN_IN,
    }
}
