//! TLS of the server's own: a certificate and its key from files, taken in anew when they change.
//!
//! Connections that are open go on with the certificate they began with. A new pair that does not
//! fit together, or does not read, is passed over: the one before stays.

use super::limits::CERTIFICATE_LOOKED_AT;
use arc_swap::ArcSwap;
use parking_lot::Mutex;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::version::{TLS12, TLS13};
use sha2::{Digest, Sha256};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::signal::unix::{SignalKind, signal};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// First byte of what a client begins TLS with.
const HANDSHAKE: u8 = 22;
/// What is spoken inside TLS.
const PROTOCOL: &[u8] = b"http/1.1";
/// Bytes read of a request without TLS before it is answered.
const PLAIN_BYTES: usize = 4 << 10;
/// The answer to a request without TLS.
const PLAIN_ANSWER: &[u8] = b"HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain\r\n\
    content-length: 51\r\nconnection: close\r\n\r\nThis address speaks TLS only: use https:// instead.";

/// Why a certificate and a key are of no use.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("{} cannot be read: {cause}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// A file is no PEM, or not of what it should be.
    #[error("{} holds no {what} in PEM form", path.display())]
    Pem {
        /// The file.
        path: PathBuf,
        /// What should be there.
        what: &'static str,
    },
    /// The two do not go together.
    #[error("{} and {} do not go together: {cause}", certificate.display(), key.display())]
    Pair {
        /// File of the certificate.
        certificate: PathBuf,
        /// File of the key.
        key: PathBuf,
        /// Why.
        cause: rustls::Error,
    },
    /// The library refuses.
    #[error("TLS cannot be set up: {0}")]
    Setup(#[from] rustls::Error),
}

/// A certificate with its chain and key, as the files have them.
pub struct Certificates {
    certificate: PathBuf,
    key: PathBuf,
    current: Arc<Current>,
    /// A hash of the files as they were looked at last.
    seen: Mutex<[u8; 32]>,
    acceptor: TlsAcceptor,
}

/// What new connections are shown.
struct Current(ArcSwap<CertifiedKey>);

impl fmt::Debug for Current {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Current")
    }
}

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }
}

impl Certificates {
    /// The pair in two files, in PEM form; the certificate's file may hold its chain as well.
    ///
    /// # Errors
    /// What is wrong with which file.
    pub fn open(certificate: &Path, key: &Path) -> Result<Arc<Certificates>, TlsError> {
        let (bytes, seen) = read(certificate, key)?;
        let pair = pair(certificate, key, &bytes)?;
        let current = Arc::new(Current(ArcSwap::from_pointee(pair)));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = rustls::ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&TLS13, &TLS12])?
            .with_no_client_auth()
            .with_cert_resolver(current.clone());
        config.alpn_protocols = vec![PROTOCOL.to_vec()];
        Ok(Arc::new(Certificates {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
            current,
            seen: Mutex::new(seen),
            acceptor: TlsAcceptor::from(Arc::new(config)),
        }))
    }

    /// Begins TLS on a connection. One that does not is told so, in the plain.
    ///
    /// # Errors
    /// When the client does not, or the connection breaks.
    pub async fn greet(&self, mut stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let mut first = [0];
        let came = stream.peek(&mut first).await?;
        if came > 0 && first != [HANDSHAKE] {
            // What was sent is taken, or the answer would be lost with it.
            let mut asked = [0; PLAIN_BYTES];
            let taken = stream.read(&mut asked).await?;
            tracing::trace!(taken, "a request without TLS");
            stream.write_all(PLAIN_ANSWER).await?;
            stream.shutdown().await?;
            return Err(io::Error::other("the client speaks no TLS"));
        }
        self.acceptor.accept(stream).await
    }

    /// Looks at the files from time to time, and when the process is told to (`SIGHUP`); for good.
    pub async fn watch(self: Arc<Self>) {
        let mut told = match signal(SignalKind::hangup()) {
            Ok(told) => told,
            Err(error) => return tracing::error!(%error, "certificates are not looked at again"),
        };
        let mut interval = tokio::time::interval(CERTIFICATE_LOOKED_AT);
        loop {
            tokio::select! {
                _ = interval.tick() => {}
                _ = told.recv() => {}
            }
            let looking = self.clone();
            drop(tokio::task::spawn_blocking(move || looking.look()).await);
        }
    }

    /// Takes in what the files have now, where they changed and what they have is sound.
    fn look(&self) {
        let took_in = read(&self.certificate, &self.key).and_then(|(bytes, hash)| {
            if std::mem::replace(&mut *self.seen.lock(), hash) == hash {
                return Ok(false);
            }
            let pair = pair(&self.certificate, &self.key, &bytes)?;
            self.current.0.store(Arc::new(pair));
            Ok(true)
        });
        match took_in {
            Ok(true) => tracing::info!("the certificate changed: new connections have the new one"),
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "the certificate stays as it was"),
        }
    }
}

/// The bytes of certificate and key, and a hash of both.
type Files = ([Vec<u8>; 2], [u8; 32]);

fn read(certificate: &Path, key: &Path) -> Result<Files, TlsError> {
    let bytes = |path: &Path| {
        std::fs::read(path).map_err(|cause| TlsError::Read { path: path.to_owned(), cause })
    };
    let files = [bytes(certificate)?, bytes(key)?];
    let mut hash = Sha256::new();
    for file in &files {
        hash.update(Sha256::digest(file));
    }
    Ok((files, hash.finalize().into()))
}

fn pair(
    certificate: &Path,
    key: &Path,
    [chain, secret]: &[Vec<u8>; 2],
) -> Result<CertifiedKey, TlsError> {
    let none = |path: &Path, what| TlsError::Pem { path: path.to_owned(), what };
    let read: Result<Vec<_>, pem::Error> = CertificateDer::pem_slice_iter(chain).collect();
    let chain = read.map_err(|_| none(certificate, "certificate"))?;
    if chain.is_empty() {
        return Err(none(certificate, "certificate"));
    }
    let secret = PrivateKeyDer::from_pem_slice(secret).map_err(|_| none(key, "private key"))?;
    let provider = rustls::crypto::ring::default_provider();
    CertifiedKey::from_der(chain, secret, &provider).map_err(|cause| TlsError::Pair {
        certificate: certificate.to_owned(),
        key: key.to_owned(),
        cause,
    })
}
