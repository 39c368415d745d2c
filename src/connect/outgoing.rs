//! Requests to other servers, kept from reaching what only this machine can reach (SSRF).
//!
//! An address is looked at where the connection is made, after its name was resolved, so that a
//! name that leads elsewhere the second time gets nowhere. Redirects are not followed. What the
//! administrator named may be reached wherever it is; everybody else's addresses must be public and
//! spoken to over TLS.

use super::addresses::is_public;
use bytes::Bytes;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::HeaderMap;
use reqwest::redirect::Policy;
use reqwest::{Client, Request, StatusCode};
use std::error::Error;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use url::{Host, Url};

/// Longest wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Longest wait for a whole answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
/// Bytes of an answer.
const ANSWER_BYTES_MAX: usize = 1 << 20;
/// The longest address that is asked.
const URL_CHARS_MAX: usize = 8_000;

/// Why nothing came of a request.
#[derive(Debug, thiserror::Error)]
pub enum OutgoingError {
    /// The address is no place to ask.
    #[error("{0} is not asked: {1}")]
    Refused(String, &'static str),
    /// The connection, or what came over it.
    #[error("{0}")]
    Request(String),
    /// An answer longer than it may be.
    #[error("the answer is longer than {ANSWER_BYTES_MAX} bytes")]
    TooLong,
    /// A destination that does not read.
    #[error(
        "{0:?} is no host, or host and port, such as idp.internal:8443; http:// before it allows it without TLS"
    )]
    Destination(String),
    /// There is no asking at all.
    #[error("requests to other servers cannot be set up: {0}")]
    Setup(String),
}

/// A server that the administrator named: it may be on this machine or in a private network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    host: Host<String>,
    /// None for any port.
    port: Option<u16>,
    /// Whether it may be spoken to without TLS.
    plain: bool,
}

impl Destination {
    /// Those of a list of hosts parted by commas, each with a port or for any; `http://` before one
    /// allows it without TLS.
    ///
    /// # Errors
    /// `Destination` for what reads as neither.
    pub fn list(text: &str) -> Result<Vec<Destination>, OutgoingError> {
        let named = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        named.map(Destination::read).collect()
    }

    /// The server a URL is of, at its port.
    pub fn of(url: &Url) -> Option<Destination> {
        Some(Destination {
            host: url.host()?.to_owned(),
            port: url.port_or_known_default(),
            plain: url.scheme() == "http",
        })
    }

    fn read(text: &str) -> Result<Destination, OutgoingError> {
        let wrong = || OutgoingError::Destination(text.to_owned());
        let (text, plain) = match text.strip_prefix("http://") {
            Some(rest) => (rest, true),
            None => (text, false),
        };
        // An address of IPv6 has its brackets where a port may follow.
        let v6 = text.parse::<std::net::Ipv6Addr>();
        let text = v6.map_or_else(|_| text.to_owned(), |v6| format!("[{v6}]"));
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => {
                (host, Some(port.parse::<u16>().map_err(|_| wrong())?))
            }
            _ => (text.as_str(), None),
        };
        // Read as the host of a URL is, so that every way to write an address is the same one.
        let url = Url::parse(&format!("https://{host}/")).map_err(|_| wrong())?;
        let bare = url.username().is_empty() && url.path() == "/" && url.port().is_none();
        let host = url.host().filter(|_| bare && url.query().is_none()).ok_or_else(wrong)?;
        Ok(Destination { host: host.to_owned(), port, plain })
    }

    fn is_of(&self, url: &Url) -> bool {
        let host = url.host().map(|host| host.to_owned());
        let scheme = url.scheme() == "https" || (self.plain && url.scheme() == "http");
        scheme
            && host.as_ref() == Some(&self.host)
            && self.port.is_none_or(|port| url.port_or_known_default() == Some(port))
    }
}

/// What a server answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Bytes,
}

/// Asks other servers. Cloning costs O(1).
#[derive(Clone)]
pub struct Outgoing {
    /// For anybody's addresses.
    strict: Client,
    /// For those the administrator named.
    trusting: Client,
    named: Arc<[Destination]>,
}

impl Outgoing {
    /// Asks public servers, and those named here wherever they are.
    ///
    /// # Errors
    /// `Setup` when there is no TLS.
    pub fn new(named: Vec<Destination>) -> Result<Outgoing, OutgoingError> {
        crate::vault::install_tls();
        let bounded = || {
            let client = Client::builder().redirect(Policy::none());
            client.connect_timeout(CONNECT_TIMEOUT).timeout(ANSWER_TIMEOUT)
        };
        // A proxy would resolve names itself, where nobody looks at what they lead to.
        let strict = bounded().https_only(true).no_proxy().dns_resolver(PublicOnly).build();
        let failed = |error: reqwest::Error| OutgoingError::Setup(chain(&error));
        Ok(Outgoing {
            strict: strict.map_err(failed)?,
            trusting: bounded().build().map_err(failed)?,
            named: named.into(),
        })
    }

    /// As this one, and asks another server that the administrator named.
    #[must_use]
    pub fn and(&self, destination: Option<Destination>) -> Outgoing {
        let named = self.named.iter().cloned().chain(destination).collect();
        Outgoing { named, ..self.clone() }
    }

    /// Asks, and gives the whole answer.
    ///
    /// # Errors
    /// `Refused` for an address that may not be asked; what went wrong on the way.
    pub async fn send(
        &self,
        request: impl TryInto<Request, Error = reqwest::Error>,
    ) -> Result<Answer, OutgoingError> {
        let failed = |error: reqwest::Error| OutgoingError::Request(chain(&error.without_url()));
        let request = request.try_into().map_err(failed)?;
        let url = request.url();
        let client = if self.named.iter().any(|named| named.is_of(url)) {
            &self.trusting
        } else {
            check(url)?;
            &self.strict
        };
        let mut answer = client.execute(request).await.map_err(failed)?;
        let (status, headers) = (answer.status(), std::mem::take(answer.headers_mut()));
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > ANSWER_BYTES_MAX {
                return Err(OutgoingError::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, headers, body: body.into() })
    }
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing").field("named", &self.named).finish_non_exhaustive()
    }
}

/// Refuses what is wrong with an address as it is written. An address in numbers is not resolved,
/// so it is looked at here.
fn check(url: &Url) -> Result<(), OutgoingError> {
    let host = url.host_str().unwrap_or("this address").to_owned();
    if url.scheme() != "https" {
        return Err(OutgoingError::Refused(host, "it is not reached over TLS"));
    }
    if url.as_str().len() > URL_CHARS_MAX {
        return Err(OutgoingError::Refused(host, "the address is too long"));
    }
    let literal = match url.host() {
        Some(Host::Ipv4(v4)) => Some(IpAddr::V4(v4)),
        Some(Host::Ipv6(v6)) => Some(IpAddr::V6(v6)),
        Some(Host::Domain(_)) => None,
        None => return Err(OutgoingError::Refused(host, "it names no server")),
    };
    match literal {
        Some(address) if !is_public(address) => Err(OutgoingError::Refused(host, PRIVATE)),
        _ => Ok(()),
    }
}

/// Why an address is not asked.
const PRIVATE: &str = "it is in a private network, and outgoing.allow_hosts does not name it";

/// Resolves names, and gives none of which any address is not public.
struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let found: Vec<SocketAddr> = found.collect();
            if !found.iter().all(|address| is_public(address.ip())) {
                let refused = OutgoingError::Refused(name.as_str().to_owned(), PRIVATE);
                return Err(Box::new(refused) as Box<dyn Error + Send + Sync>);
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// An error with its causes, in one line.
pub fn chain(error: &dyn Error) -> String {
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        said.push_str(": ");
        said.push_str(&error.to_string());
        cause = error.source();
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::Method;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    /// A server on this machine that notes who comes, and answers with `answer`.
    async fn listener(answer: String) -> (u16, Arc<AtomicUsize>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let came = Arc::new(AtomicUsize::new(0));
        let counting = came.clone();
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                counting.fetch_add(1, Ordering::SeqCst);
                let answer = answer.clone();
                tokio::spawn(async move {
                    drop(stream.read(&mut [0; 4_096]).await);
                    drop(stream.write_all(answer.as_bytes()).await);
                });
            }
        });
        (port, came)
    }

    fn asking(url: &str) -> Asking {
        Asking(url.parse().unwrap())
    }

    /// A request to be, as other crates' requests are.
    struct Asking(Url);

    impl TryFrom<Asking> for Request {
        type Error = reqwest::Error;

        fn try_from(asking: Asking) -> Result<Request, reqwest::Error> {
            Ok(Request::new(Method::GET, asking.0))
        }
    }

    const HERE: &str = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\nhere";

    #[tokio::test]
    async fn nothing_on_this_machine_is_reached_however_it_is_written() {
        let (port, came) = listener(HERE.to_owned()).await;
        let outgoing = Outgoing::new(Vec::new()).unwrap();
        for host in [
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f000001",
            "0177.0.0.1",
            "0.0.0.0",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "localhost",
            "LOCALHOST.",
            "x.localhost",
            "169.254.169.254",
            "[fd00:ec2::254]",
        ] {
            let said = outgoing.send(asking(&format!("https://{host}:{port}/"))).await.unwrap_err();
            assert!(!said.to_string().contains("here"), "{host}: {said}");
        }
        let plain = outgoing.send(asking(&format!("http://127.0.0.1:{port}/"))).await.unwrap_err();
        assert!(plain.to_string().contains("TLS"), "{plain}");
        assert_eq!(came.load(Ordering::SeqCst), 0);
    }

    #[tokio::test]
    async fn a_name_is_looked_at_where_it_is_resolved() {
        let (port, came) = listener(HERE.to_owned()).await;
        let outgoing = Outgoing::new(Vec::new()).unwrap();
        // The name passes as it is written; what it leads to does not.
        check(&"https://localhost/".parse().unwrap()).unwrap();
        let said = outgoing.send(asking(&format!("https://localhost:{port}/"))).await.unwrap_err();
        assert!(said.to_string().contains(PRIVATE), "{said}");
        assert_eq!(came.load(Ordering::SeqCst), 0);
    }

    #[tokio::test]
    async fn what_the_administrator_named_is_reached_at_its_port_and_no_other() {
        let (port, came) = listener(HERE.to_owned()).await;
        let named = Destination::list(&format!("http://127.0.0.1:{port}")).unwrap();
        let outgoing = Outgoing::new(named).unwrap();
        let answer = outgoing.send(asking(&format!("http://127.0.0.1:{port}/x"))).await.unwrap();
        assert_eq!((answer.status.as_u16(), &*answer.body), (200, &b"here"[..]));
        let (other, nobody) = listener(HERE.to_owned()).await;
        for url in [format!("http://127.0.0.1:{other}/"), format!("https://localhost:{other}/")] {
            outgoing.send(asking(&url)).await.unwrap_err();
        }
        assert_eq!((came.load(Ordering::SeqCst), nobody.load(Ordering::SeqCst)), (1, 0));
    }

    #[tokio::test]
    async fn a_redirect_is_an_answer_and_not_followed() {
        let (inside, came) = listener(HERE.to_owned()).await;
        let answer = format!(
            "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:{inside}/\r\ncontent-length: 0\r\n\
             connection: close\r\n\r\n"
        );
        let (port, _) = listener(answer).await;
        let url: Url = format!("http://127.0.0.1:{port}/").parse().unwrap();
        let outgoing = Outgoing::new(Vec::new()).unwrap().and(Destination::of(&url));
        let answer = outgoing.send(Asking(url)).await.unwrap();
        assert_eq!((answer.status.as_u16(), came.load(Ordering::SeqCst)), (302, 0));
    }

    #[tokio::test]
    async fn an_answer_has_its_bounds() {
        let long = "x".repeat(ANSWER_BYTES_MAX + 1);
        let answer = format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{long}");
        let (port, _) = listener(answer).await;
        let named = Destination::list("http://127.0.0.1").unwrap();
        let outgoing = Outgoing::new(named).unwrap();
        let said = outgoing.send(asking(&format!("http://127.0.0.1:{port}/"))).await.unwrap_err();
        assert!(matches!(said, OutgoingError::TooLong), "{said}");
    }

    #[test]
    fn a_destination_is_a_host_with_or_without_a_port() {
        let all =
            Destination::list("idp.internal, 10.0.0.5:8443, [fd00::1]:443, fd00::2,").unwrap();
        let of = |url: &str| all.iter().any(|named| named.is_of(&url.parse().unwrap()));
        for yes in [
            "https://IDP.internal:9/",
            "https://10.0.0.5:8443/x",
            "https://167772165:8443/",
            "https://[fd00::1]/",
            "https://[fd00::2]:99/",
        ] {
            assert!(of(yes), "{yes}");
        }
        for no in [
            "https://10.0.0.5/",
            "http://10.0.0.5:8443/",
            "https://idp.internal.evil/",
            "https://[fd00::1]:444/",
        ] {
            assert!(!of(no), "{no}");
        }
        for wrong in ["https://x", "x:port", "x/y", "a@b", "x:1:2"] {
            assert!(Destination::list(wrong).is_err(), "{wrong}");
        }
    }
}
