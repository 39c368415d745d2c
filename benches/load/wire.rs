//! A connection that costs little: HTTP/1.1 kept alive, requests written as bytes, answers read to
//! their end and not parsed. Client and server share the processors, so what a client library
//! takes would be counted as the server's. Every server is measured through it.

use reqwest::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Room for an answer before it grows.
const ANSWER_BYTES: usize = 64 * 1024;

/// One connection to one server.
pub struct Wire {
    stream: TcpStream,
    head: String,
    request: Vec<u8>,
    answer: Vec<u8>,
}

impl Wire {
    /// Connects to `http://address`, and sends the cookie with every request.
    pub async fn open(url: &str, cookie: Option<&str>) -> Wire {
        let address = url.trim_start_matches("http://");
        let stream = TcpStream::connect(address).await.expect("the server listens");
        stream.set_nodelay(true).expect("a socket");
        let cookie = cookie.map(|cookie| format!("cookie: {cookie}\r\n")).unwrap_or_default();
        Wire {
            stream,
            head: format!("host: {address}\r\naccept: */*\r\n{cookie}"),
            request: Vec::new(),
            answer: Vec::with_capacity(ANSWER_BYTES),
        }
    }

    /// The answer that was read last, head and body.
    pub fn answered(&self) -> &[u8] {
        &self.answer
    }

    /// Sends a request and waits for its whole answer; anything but a success ends the run.
    pub async fn ask(&mut self, method: &Method, path: &str, body: &[u8]) -> usize {
        self.request.clear();
        self.request.extend_from_slice(format!("{method} {path} HTTP/1.1\r\n").as_bytes());
        self.request.extend_from_slice(self.head.as_bytes());
        if !body.is_empty() {
            let length =
                format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len());
            self.request.extend_from_slice(length.as_bytes());
        }
        self.request.extend_from_slice(b"\r\n");
        self.request.extend_from_slice(body);
        self.stream.write_all(&self.request).await.expect("the server reads");
        self.answer.clear();
        let whole = loop {
            let read = self.stream.read_buf(&mut self.answer).await.expect("the server answers");
            assert!(read > 0, "the server closed the connection");
            if let Some(whole) = whole(&self.answer) {
                break whole;
            }
        };
        let success = self.answer.get(9) == Some(&b'2');
        assert!(success, "{method} {path}: {}", String::from_utf8_lossy(&self.answer));
        whole
    }
}

/// The length of the answer once all of it is there.
fn whole(answer: &[u8]) -> Option<usize> {
    let head = memchr::memmem::find(answer, b"\r\n\r\n")? + 4;
    let fields = answer[..head].to_ascii_lowercase();
    if let Some(at) = memchr::memmem::find(&fields, b"content-length: ") {
        let digits = fields[at + 16..].iter().take_while(|byte| byte.is_ascii_digit());
        let length = digits.fold(0, |length, digit| length * 10 + usize::from(digit - b'0'));
        return (answer.len() >= head + length).then_some(head + length);
    }
    if memchr::memmem::find(&fields, b"chunked").is_some() {
        return answer.ends_with(b"\r\n0\r\n\r\n").then_some(answer.len());
    }
    Some(head)
}
