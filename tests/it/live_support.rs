//! A live connection for tests: says, hears, and fails when nothing comes.

use crate::harness::{Client, TestApp};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// Longest wait for a message.
const PATIENCE: Duration = Duration::from_secs(30);

/// One live connection.
pub struct Live(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Live {
    /// Opens one for somebody signed in, and hears its hello.
    pub async fn open(app: &TestApp, client: &Client) -> Live {
        let mut live = Live::try_open(app, client, &[]).await.expect("a live connection");
        let hello = live.hear().await;
        assert_eq!(hello["type"], "hello", "{hello}");
        live
    }

    /// Opens one for a tab that calls itself `name`, and hears its hello.
    pub async fn open_as(app: &TestApp, client: &Client, name: &str) -> Live {
        let url = format!("{}?client={name}", app.live_url());
        let opened = Live::try_open_at(&url, client, &[]).await;
        let mut live = opened.expect("a live connection");
        let hello = live.hear().await;
        assert_eq!(hello["type"], "hello", "{hello}");
        live
    }

    /// Says goodbye, as a page does that is closed.
    pub async fn goodbye(mut self) {
        self.0.close(None).await.expect("the connection is open");
    }

    /// The same with more headers, and refused as the case may be.
    pub async fn try_open(
        app: &TestApp,
        client: &Client,
        headers: &[(&'static str, &str)],
    ) -> Result<Live, Error> {
        Live::try_open_at(&app.live_url(), client, headers).await
    }

    async fn try_open_at(
        url: &str,
        client: &Client,
        headers: &[(&'static str, &str)],
    ) -> Result<Live, Error> {
        let mut request = url.into_client_request().expect("a request");
        request.headers_mut().insert("cookie", client.cookie().parse().expect("a cookie"));
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().expect("a header"));
        }
        connect_async(request).await.map(|(socket, _)| Live(socket))
    }

    /// Says something.
    pub async fn say(&mut self, message: &Value) {
        self.0.send(Message::text(message.to_string())).await.expect("the connection is open");
    }

    /// Says something where it can still be said.
    pub async fn try_say(&mut self, message: &Value) -> bool {
        self.0.send(Message::text(message.to_string())).await.is_ok()
    }

    /// Says a text, whether it means anything or not.
    pub async fn say_as_it_is(&mut self, text: &str) {
        self.0.send(Message::text(text)).await.expect("the connection is open");
    }

    /// Follows an estimate; gives the answer.
    pub async fn follow(&mut self, estimate: &str, from: Option<u64>) -> Value {
        let mut message = json!({"type": "subscribe", "estimateId": estimate});
        if let Some(from) = from {
            message["fromLsn"] = json!(from);
        }
        self.say(&message).await;
        self.hear_of("subscribed").await
    }

    /// The next message, whatever it is.
    pub async fn hear(&mut self) -> Value {
        loop {
            let next = tokio::time::timeout(PATIENCE, self.0.next()).await.expect("a message");
            match next.expect("the connection is open").expect("the connection works") {
                Message::Text(text) => return serde_json::from_str(&text).expect("JSON"),
                Message::Close(frame) => panic!("closed: {frame:?}"),
                _ => {}
            }
        }
    }

    /// The next message of a type; others are let go by.
    pub async fn hear_of(&mut self, kind: &str) -> Value {
        loop {
            let message = self.hear().await;
            if message["type"] == kind {
                return message;
            }
        }
    }

    /// Whether nothing of a type comes for a while.
    pub async fn hears_nothing_of(&mut self, kind: &str) -> bool {
        let heard = tokio::time::timeout(Duration::from_millis(400), self.hear_of(kind)).await;
        heard.is_err()
    }

    /// Reads until the server closes; gives its last words and the frame.
    pub async fn end(self) -> (Option<Value>, Option<CloseFrame>) {
        let (mut heard, frame) = self.all().await;
        (heard.pop(), frame)
    }

    /// Reads until the server closes; gives all it said and the frame.
    pub async fn all(mut self) -> (Vec<Value>, Option<CloseFrame>) {
        let mut heard = Vec::new();
        loop {
            let next = tokio::time::timeout(PATIENCE, self.0.next()).await.expect("an end");
            match next {
                Some(Ok(Message::Text(text))) => heard.extend(serde_json::from_str(&text)),
                Some(Ok(Message::Close(frame))) => return (heard, frame),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return (heard, None),
            }
        }
    }
}
