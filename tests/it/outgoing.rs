//! What this server asks of others: a sign-in provider's own word leads it nowhere in the network it
//! stands in, unless the administrator says so.

use crate::harness::TestApp;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A server on this machine that answers everything with one JSON document; counts who came.
struct Server {
    port: u16,
    came: Arc<AtomicUsize>,
}

impl Server {
    /// `answer` is given the port.
    async fn start(answer: impl FnOnce(u16) -> Value) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let body = answer(port).to_string();
        let answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
             connection: close\r\n\r\n{body}",
            body.len()
        );
        let came = Arc::new(AtomicUsize::new(0));
        let counting = came.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                counting.fetch_add(1, Ordering::SeqCst);
                drop(stream.read(&mut [0; 4_096]).await);
                drop(stream.write_all(answer.as_bytes()).await);
            }
        });
        Server { port, came }
    }

    fn came(&self) -> usize {
        self.came.load(Ordering::SeqCst)
    }
}

/// A provider whose keys are said to be at `keys`.
async fn provider(keys: String) -> Server {
    Server::start(|port| {
        let at = |path: &str| format!("http://127.0.0.1:{port}/{path}");
        json!({
            "issuer": format!("http://127.0.0.1:{port}"),
            "authorization_endpoint": at("auth"),
            "token_endpoint": at("token"),
            "jwks_uri": keys,
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        })
    })
    .await
}

async fn begin(provider: &Server, more: &str) -> (TestApp, u16) {
    let settings = format!(
        "[auth]\nmode = \"oidc\"\n\n[[auth.providers]]\nid = \"test\"\nname = \"Test\"\n\
         issuer = \"http://127.0.0.1:{}\"\nclient_id = \"oxflow\"\n{more}",
        provider.port
    );
    let app = TestApp::oidc(&settings).await;
    let begun = app.visitor().post("/session/oidc", &json!({"provider": "test"})).await;
    (app, begun.status.as_u16())
}

#[tokio::test]
async fn an_endpoint_that_a_provider_names_is_no_way_into_the_network() {
    let inside = Server::start(|_| json!({"keys": []})).await;
    for scheme in ["http", "https"] {
        for host in ["127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]"] {
            let keys = format!("{scheme}://{host}:{}/keys", inside.port);
            let provider = provider(keys.clone()).await;
            let (app, status) = begin(&provider, "").await;
            assert_eq!(status, 502, "{keys}");
            assert!(provider.came() > 0, "its own host is asked");
            assert!(app.said().contains("is not asked") || scheme == "https", "{}", app.said());
        }
    }
    assert_eq!(inside.came(), 0);
}

#[tokio::test]
async fn what_the_administrator_names_is_asked_wherever_it_is() {
    let inside = Server::start(|_| json!({"keys": []})).await;
    let provider = provider(format!("http://127.0.0.1:{}/keys", inside.port)).await;
    let named = format!("\n[outgoing]\nallow_hosts = \"http://127.0.0.1:{}\"\n", inside.port);
    let (_app, status) = begin(&provider, &named).await;
    assert_eq!(status, 200);
    assert!(inside.came() > 0);
}

#[test]
fn a_host_that_is_none_is_refused_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let settings = "[outgoing]\nallow_hosts = \"https://idp.internal\"\n";
    std::fs::write(folder.path().join("oxflow.toml"), settings).unwrap();
    let said = crate::harness::process::refused(&["serve", "--auth", "development"], folder.path());
    assert!(said.contains("outgoing.allow_hosts") && said.contains("idp.internal"), "{said}");
}
