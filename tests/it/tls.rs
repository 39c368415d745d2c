//! TLS of the server's own: served, exchanged under open connections, and never a broken one.

use crate::harness::process::refused;
use crate::harness::{Client, TestApp};
use futures_util::{SinkExt, StreamExt};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustix::process::{Pid, Signal, kill_process};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

/// Longest wait for a new certificate to be shown.
const PATIENCE: Duration = Duration::from_secs(20);
const SETTINGS: &str = "[server]\ntls_certificate = \"server.pem\"\ntls_key = \"server.key\"\n";

/// A certificate for this machine and its key, as PEM.
struct Pair {
    certificate: String,
    key: String,
}

fn pair() -> Pair {
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(names).unwrap();
    Pair { certificate: cert.pem(), key: signing_key.serialize_pem() }
}

fn write(folder: &Path, certificate: &str, key: &str) {
    std::fs::write(folder.join("server.pem"), certificate).unwrap();
    std::fs::write(folder.join("server.key"), key).unwrap();
}

/// A client that believes one certificate and no other.
fn believing(certificate: &str) -> reqwest::Client {
    oxflow::vault::install_tls();
    let root = reqwest::Certificate::from_pem(certificate.as_bytes()).unwrap();
    reqwest::Client::builder().tls_certs_only([root]).build().unwrap()
}

/// A connection that believes one certificate and no other.
async fn connected(app: &TestApp, certificate: &str) -> std::io::Result<TlsStream<TcpStream>> {
    oxflow::vault::install_tls();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()).unwrap();
    let config =
        rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let address = app.origin().replace("https://", "");
    let stream = TcpStream::connect(address).await?;
    let name = ServerName::try_from("127.0.0.1").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

/// Asks on an open connection; gives the first line of the answer.
async fn asked(stream: &mut TlsStream<TcpStream>) -> String {
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").await.unwrap();
    let mut answer = [0; 4_096];
    let mut said = String::new();
    while !said.ends_with("alive\n") {
        let read = stream.read(&mut answer).await.unwrap();
        assert!(read > 0, "the connection ended: {said}");
        said.push_str(&String::from_utf8_lossy(&answer[..read]));
    }
    said.lines().next().unwrap().to_owned()
}

fn hang_up(app: &TestApp) {
    let pid = Pid::from_raw(i32::try_from(app.pid()).unwrap()).unwrap();
    kill_process(pid, Signal::HUP).unwrap();
}

#[tokio::test]
async fn a_certificate_is_exchanged_under_connections_that_go_on() {
    let (first, second) = (pair(), pair());
    let files = [("server.pem", &*first.certificate), ("server.key", &*first.key)];
    let app = TestApp::configured_with(SETTINGS, &files).await;
    assert!(app.origin().starts_with("https://"), "{}", app.origin());

    // What is served says that it is over TLS.
    let browser = Client::over(believing(&first.certificate), &app.origin());
    let users = browser.get("/session/users").await.ok();
    let sign_in = json!({"userId": users["items"][0]["id"]});
    let signed_in = browser.request(reqwest::Method::POST, "/session").json(&sign_in);
    let signed_in = signed_in.send().await.unwrap();
    assert_eq!(signed_in.headers()["strict-transport-security"], "max-age=31536000");
    let cookie = signed_in.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(
        cookie.starts_with("__Host-oxflow_session=") && cookie.ends_with("; Secure"),
        "{cookie}"
    );

    // A live connection, and one that is kept.
    let mut request = app.live_url().into_client_request().unwrap();
    assert_eq!(request.uri().scheme_str(), Some("wss"));
    let cookie = cookie.split(';').next().unwrap();
    request.headers_mut().insert("cookie", cookie.parse().unwrap());
    let stream = connected(&app, &first.certificate).await.unwrap();
    let (mut live, _) = tokio_tungstenite::client_async(request, stream).await.unwrap();
    let hello = live.next().await.unwrap().unwrap().into_text().unwrap();
    assert!(hello.contains("hello"), "{hello}");
    let mut kept = connected(&app, &first.certificate).await.unwrap();
    assert_eq!(asked(&mut kept).await, "HTTP/1.1 200 OK");
    assert!(connected(&app, &second.certificate).await.is_err());

    // Another pair: who comes now has it, who was there goes on.
    write(app.data(), &second.certificate, &second.key);
    hang_up(&app);
    let deadline = Instant::now() + PATIENCE;
    let mut fresh = loop {
        match connected(&app, &second.certificate).await {
            Ok(fresh) => break fresh,
            Err(error) => assert!(Instant::now() < deadline, "{error}: {}", app.said()),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert_eq!(asked(&mut fresh).await, "HTTP/1.1 200 OK");
    assert_eq!(asked(&mut kept).await, "HTTP/1.1 200 OK");
    let nonsense = json!({"type": "subscribe", "estimateId": uuid::Uuid::now_v7()});
    live.send(Message::text(nonsense.to_string())).await.unwrap();
    let answer = live.next().await.unwrap().unwrap().into_text().unwrap();
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(answer["type"], "refused", "{answer}");

    // A pair that does not go together is told of, and changes nothing.
    write(app.data(), &first.certificate, &second.key);
    hang_up(&app);
    let deadline = Instant::now() + PATIENCE;
    while !app.said().contains("the certificate stays as it was") {
        assert!(Instant::now() < deadline, "{}", app.said());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(app.said().contains("do not go together"), "{}", app.said());
    assert!(!app.said().contains("PRIVATE KEY"));
    assert!(connected(&app, &first.certificate).await.is_err());
    assert_eq!(
        asked(&mut connected(&app, &second.certificate).await.unwrap()).await,
        "HTTP/1.1 200 OK"
    );
    assert_eq!(app.stop(), Some(0));
}

#[tokio::test]
async fn who_speaks_no_tls_is_told_to_and_who_is_silent_holds_nobody_up() {
    let pair = pair();
    let files = [("server.pem", &*pair.certificate), ("server.key", &*pair.key)];
    let app = TestApp::configured_with(SETTINGS, &files).await;
    let address = app.origin().replace("https://", "");
    let silent = TcpStream::connect(&address).await.unwrap();
    let mut plain = TcpStream::connect(&address).await.unwrap();
    plain.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    plain.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("https://"), "{answer}");
    let mut noise = TcpStream::connect(&address).await.unwrap();
    noise.write_all(&[22, 3, 1, 0xff, 0xff, 0, 0, 0]).await.unwrap();
    assert_eq!(
        asked(&mut connected(&app, &pair.certificate).await.unwrap()).await,
        "HTTP/1.1 200 OK"
    );
    drop((silent, noise));
}

#[test]
fn a_start_without_a_sound_pair_is_refused_with_the_reason() {
    let (one, other) = (pair(), pair());
    let folder = tempfile::tempdir().unwrap();
    let said = |settings: &str| {
        std::fs::write(folder.path().join("oxflow.toml"), settings).unwrap();
        refused(&["serve", "--auth", "development"], folder.path())
    };
    let alone = said("[server]\ntls_key = \"server.key\"\n");
    assert!(alone.contains("server.tls_certificate") && alone.contains("together"), "{alone}");
    let missing = said(SETTINGS);
    assert!(missing.contains("server.pem cannot be read"), "{missing}");
    write(folder.path(), "no certificate", &one.key);
    assert!(said(SETTINGS).contains("server.pem holds no certificate"));
    write(folder.path(), &one.certificate, &one.certificate);
    assert!(said(SETTINGS).contains("server.key holds no private key"));
    write(folder.path(), &one.certificate, &other.key);
    let strangers = said(SETTINGS);
    assert!(strangers.contains("do not go together"), "{strangers}");
    write(folder.path(), &one.certificate, &one.key);
    let plain = said(&format!("{SETTINGS}public_url = \"http://ox.example\"\n"));
    assert!(plain.contains("https://"), "{plain}");
}
