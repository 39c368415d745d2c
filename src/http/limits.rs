//! Bounds of the HTTP layer: what one request, client or connection may take. Each is far beyond
//! honest use and small enough that no client can exhaust the server.

use std::time::Duration;

/// Connections of everyone together; whoever comes when there are as many waits for one to end.
pub const CONNECTIONS_MAX: usize = 10_240;
/// Connections of one address that is neither this machine's nor a trusted proxy's.
pub const CONNECTIONS_OF_ADDRESS_MAX: usize = 1_024;
/// Time for the head of a request, from the end of the one before: longer than proxies keep their
/// connections, so that none is closed under a request on its way.
pub const HEAD_TIMEOUT: Duration = Duration::from_secs(75);
/// Time for the beginning of TLS.
pub const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// Time a client may take nothing of what is sent to it before its connection is ended.
pub const STALLED_TIMEOUT: Duration = Duration::from_secs(60);
/// Bytes of the head of a request.
pub const HEAD_BYTES_MAX: usize = 32 << 10;
/// Bytes read of a connection, or held back for it, at a time.
pub const READ_BUFFER_BYTES_MAX: usize = 128 << 10;
/// Time between two looks at the files of the certificate.
pub const CERTIFICATE_LOOKED_AT: Duration = Duration::from_secs(30);
/// Bytes of a JSON body, unless a route says otherwise.
pub const BODY_BYTES_MAX: usize = 1 << 20;
/// Bytes of the JSON body of a bulk edit or a recipe: ten thousand pasted rows fit.
pub const EDITS_BYTES_MAX: usize = 8 << 20;
/// Nesting of arrays and objects in a JSON body.
pub const JSON_DEPTH_MAX: usize = 32;
/// Rows of one window, children or search page.
pub const WINDOW_ROWS_MAX: usize = 1_000;
/// Rows of one window where the request does not say.
pub const WINDOW_ROWS_DEFAULT: usize = 100;
/// Entries of one page of a list.
pub const PAGE_ITEMS_MAX: usize = 500;
/// Entries of one page where the request does not say.
pub const PAGE_ITEMS_DEFAULT: usize = 100;
/// Nodes whose fold state one view may invert.
pub const TOGGLED_MAX: usize = 20_000;
/// Characters of a search text.
pub const SEARCH_CHARS_MAX: usize = 200;
/// Suggestions of one type-ahead.
pub const SUGGESTIONS_MAX: usize = 50;
/// Characters of an `Idempotency-Key` or `X-Client-Id` header.
pub const KEY_CHARS_MAX: usize = 120;
/// Characters of a command's label.
pub const LABEL_CHARS_MAX: usize = 200;
/// Time one request may take before it is given up with 504.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
/// Time an upload may take before it is given up with 504.
pub const UPLOAD_TIMEOUT: Duration = Duration::from_secs(300);
/// Requests worked on at once; more are refused with 503 instead of waiting without end.
pub const REQUESTS_MAX: usize = 4_096;
/// Bodies smaller than this are not worth compressing.
pub const COMPRESS_BYTES_MIN: u64 = 1_400;
/// Largest spreadsheet that can be uploaded.
pub const UPLOAD_BYTES_MAX: usize = 64 << 20;
/// Room for the multipart framing around an upload.
pub const UPLOAD_FRAMING_BYTES_MAX: usize = 64 << 10;
/// Uploads one person may have open at once; the oldest makes room for the next.
pub const UPLOADS_PER_USER_MAX: usize = 8;
/// Uploads of everyone together.
pub const UPLOADS_MAX: usize = 64;
/// Bytes of all uploads together, as parsed.
pub const UPLOADS_BYTES_MAX: usize = 1 << 30;
/// Uploads read at once; each may take hundreds of megabytes for a moment.
pub const UPLOADS_AT_ONCE_MAX: usize = 3;
/// An upload nobody touched for this long is dropped.
pub const UPLOAD_LIFETIME: Duration = Duration::from_secs(30 * 60);
/// Plans kept of one upload: a preview for each of some tabs. The oldest makes room for the next.
pub const PLANS_PER_UPLOAD_MAX: usize = 4;
/// Rows of an import plan answered with the plan itself; the rest are paged.
pub const PLAN_ROWS_FIRST: usize = 200;
/// Problems of an import plan listed.
pub const PLAN_PROBLEMS_MAX: usize = 1_000;
/// Cells of one window of an uploaded sheet.
pub const SHEET_ROWS_MAX: u32 = 500;
/// Imports with more rows than this run as a job.
pub const IMPORT_ROWS_DIRECT_MAX: usize = 5_000;
/// Jobs that one list has; older ones are there by their identity.
pub const JOBS_LISTED_MAX: usize = 200;
/// Estimates with more rows than this are exported by a job.
pub const EXPORT_ROWS_DIRECT_MAX: usize = 10_000;
/// Estimates with more rows than this have their PDFs set by a job.
pub const DOCUMENT_ROWS_DIRECT_MAX: usize = 1_000;
/// Price lists with more rates than this are written by a job.
pub const PRICE_BOOK_RATES_DIRECT_MAX: usize = 2_000;
/// Larger workbooks of clients are filled by a job.
pub const WRITE_BACK_BYTES_DIRECT_MAX: usize = 4 << 20;
/// Rows an edit's answer or a delta carries; beyond, the client fetches its windows again.
pub const CHANGED_ROWS_MAX: usize = 500;
/// Lines a reprice preview lists.
pub const REPRICE_LINES_MAX: usize = 100_000;

/// Live connections of an organisation.
pub const LIVE_CONNECTIONS_MAX: usize = 5_000;
/// Live connections of one person in it: far more than tabs, too few to take everybody's places.
pub const LIVE_CONNECTIONS_OF_PERSON_MAX: usize = 256;
/// Messages waiting for one live connection; a slower client is dropped.
pub const LIVE_QUEUE_MAX: usize = 256;
/// Bytes of one message from a live client.
pub const LIVE_MESSAGE_BYTES_MAX: usize = 4 << 10;
/// Estimates one live connection may follow.
pub const LIVE_SUBSCRIPTIONS_MAX: usize = 32;
/// Messages a live client may send in one heartbeat.
pub const LIVE_MESSAGES_PER_HEARTBEAT_MAX: u32 = 600;
/// Time between two pings.
pub const LIVE_HEARTBEAT: Duration = Duration::from_secs(30);
/// Pings a client may leave unanswered.
pub const LIVE_HEARTBEATS_MISSED_MAX: u32 = 2;
/// Time one message may take to leave for a live client.
pub const LIVE_SEND_TIMEOUT: Duration = Duration::from_secs(10);
/// Deltas kept of each estimate for clients that come back.
pub const LIVE_RING_DELTAS_MAX: usize = 512;
/// Bytes of deltas kept of all estimates together.
pub const LIVE_RING_BYTES_MAX: usize = 32 << 20;
/// Bytes of the name of a column a person is in.
pub const LIVE_FIELD_CHARS_MAX: usize = 60;
