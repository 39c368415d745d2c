super::concern! {
    /// How much one request may ask for.
    Limits, "limits" {
        /// Largest JSON body of a request, in bytes; a larger one is answered 413.
        body_bytes_max: usize = 4 * 1024 * 1024,
        /// Largest spreadsheet that can be imported, in bytes.
        import_bytes_max: usize = 64 * 1024 * 1024,
        /// Longest that one request may take, in seconds; a longer one is answered 504.
        request_seconds_max: u64 = 60,
    }
}
