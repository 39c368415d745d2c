//! What a client of the live connection sends: frames off the wire, and the messages in them.

use oxflow::http::limits::LIVE_MESSAGE_BYTES_MAX;
use oxflow::http::live::message::ClientMessage;
use std::io::{Cursor, Read, Write};
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Message, WebSocket};

/// The longest refusal: serde names what it found, and what it would have taken.
const REASON_BYTES_MAX: usize = 2 * LIVE_MESSAGE_BYTES_MAX;

/// Messages of every kind, as they are and in frames.
pub fn seeds() -> Vec<Vec<u8>> {
    let id = "019a0000-0000-7000-8000-000000000001";
    let texts = [
        r#"{"type":"pong"}"#.to_owned(),
        format!(r#"{{"type":"subscribe","estimateId":"{id}"}}"#),
        format!(r#"{{"type":"subscribe","estimateId":"{id}","fromLsn":42}}"#),
        format!(r#"{{"type":"unsubscribe","estimateId":"{id}"}}"#),
        format!(r#"{{"type":"take","estimateId":"{id}","rowId":"{id}"}}"#),
        format!(r#"{{"type":"release","estimateId":"{id}","rowId":"{id}"}}"#),
        format!(
            r#"{{"type":"at","estimateId":"{id}","rowId":"{id}","field":"quantity","typing":true}}"#
        ),
        r#"{"type":"at"}"#.to_owned(),
        r#"{"type":"explode"}"#.to_owned(),
        "[]".to_owned(),
    ];
    let framed: Vec<Vec<u8>> = texts.iter().map(|text| frame(0x81, text.as_bytes())).collect();
    let mut all: Vec<Vec<u8>> = texts.into_iter().map(String::into_bytes).collect();
    all.push(framed.concat());
    all.extend(framed);
    // In two pieces, a ping between them, and a goodbye.
    let half = [frame(0x01, b"{\"type\":"), frame(0x89, b"?"), frame(0x80, b"\"pong\"}")];
    all.push(half.concat());
    all.push(frame(0x88, &1000_u16.to_be_bytes()));
    all.push(frame(0x82, b"\x00\x01"));
    all
}

/// A short frame as a client sends it, under a mask of zeros.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match u8::try_from(payload.len()) {
        Ok(length @ 0..=125) => bytes.push(0x80 | length),
        Ok(_) | Err(_) => {
            bytes.push(0x80 | 126);
            bytes.extend_from_slice(&(payload.len() as u16).to_be_bytes());
        }
    }
    bytes.extend_from_slice(&[0; 4]);
    bytes.extend_from_slice(payload);
    bytes
}

/// Reads a text as a message, and bytes as a client's side of an open connection.
pub fn keeps(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        understood(text);
    }
    let config = WebSocketConfig::default()
        .max_message_size(Some(LIVE_MESSAGE_BYTES_MAX))
        .max_frame_size(Some(LIVE_MESSAGE_BYTES_MAX));
    let wire = Wire(Cursor::new(bytes.to_vec()));
    let mut socket = WebSocket::from_raw_socket(wire, Role::Server, Some(config));
    while let Ok(message) = socket.read() {
        assert!(message.len() <= LIVE_MESSAGE_BYTES_MAX, "a message is longer than any may be");
        if let Message::Text(text) = message {
            understood(&text);
        }
    }
}

/// A message is one of those there are, or refused in a sentence that is no longer than it need be.
fn understood(text: &str) {
    let read = ClientMessage::read(text);
    assert_eq!(format!("{:?}", ClientMessage::read(text)), format!("{read:?}"));
    if let Err(reason) = read {
        let bound = REASON_BYTES_MAX + text.len();
        assert!(!reason.is_empty() && reason.len() <= bound, "{} bytes of reason", reason.len());
    }
}

/// What a client sent; what is answered goes nowhere.
struct Wire(Cursor<Vec<u8>>);

impl Read for Wire {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        self.0.read(into)
    }
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
