//! Connections: taken, held to their bounds, served, and ended when the server stops.

use super::limits::{
    CONNECTIONS_MAX, CONNECTIONS_OF_ADDRESS_MAX, HANDSHAKE_TIMEOUT, HEAD_BYTES_MAX, HEAD_TIMEOUT,
    READ_BUFFER_BYTES_MAX, STALLED_TIMEOUT,
};
use super::tls::Certificates;
use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tower::Service;

/// How long the server waits when the operating system has no connection to give.
const EXHAUSTED_PAUSE: Duration = Duration::from_secs(1);

/// What a connection may take.
#[derive(Clone, Debug)]
pub struct Bounds {
    /// Time for the head of a request, from the end of the one before.
    pub head: Duration,
    /// Time for the beginning of TLS.
    pub handshake: Duration,
    /// Time a client may take nothing of what is sent to it.
    pub stalled: Duration,
    /// Connections of everyone together.
    pub connections: usize,
    /// Connections of one address.
    pub of_address: usize,
    /// Addresses that stand for many, such as those of proxies; this machine's are anyway.
    pub proxies: Vec<IpAddr>,
}

impl Default for Bounds {
    fn default() -> Bounds {
        Bounds {
            head: HEAD_TIMEOUT,
            handshake: HANDSHAKE_TIMEOUT,
            stalled: STALLED_TIMEOUT,
            connections: CONNECTIONS_MAX,
            of_address: CONNECTIONS_OF_ADDRESS_MAX,
            proxies: Vec::new(),
        }
    }
}

/// Serves what comes until `stop` ends, and then what had begun. With certificates it speaks TLS
/// and nothing else.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    tls: Option<Arc<Certificates>>,
    bounds: Bounds,
    stop: impl Future<Output = ()>,
) {
    let places = Arc::new(Semaphore::new(bounds.connections));
    let addresses = Arc::<Addresses>::default();
    let all = u32::try_from(bounds.connections).unwrap_or(u32::MAX);
    let (tell, told) = watch::channel(false);
    let mut stop = pin!(stop);
    loop {
        // Who comes when there is no place waits where the operating system has them wait.
        let place = tokio::select! {
            place = places.clone().acquire_owned() => place,
            () = &mut stop => break,
        };
        let (stream, peer) = tokio::select! {
            taken = take(&listener) => taken,
            () = &mut stop => break,
        };
        let Some(seat) = addresses.seat(peer.ip(), &bounds) else {
            tracing::debug!(%peer, "an address has as many connections as it may");
            continue;
        };
        let taken = Taken { peer, router: router.clone(), bounds: bounds.clone() };
        let (tls, told) = (tls.clone(), told.clone());
        tokio::spawn(async move {
            taken.run(stream, tls, told).await;
            drop((place, seat));
        });
    }
    drop(listener);
    tell.send_replace(true);
    // All places are free again when the last connection has ended.
    drop(places.acquire_many(all).await);
}

async fn take(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(taken) => return taken,
            Err(error) if is_of_the_client(&error) => {}
            Err(error) => {
                tracing::error!(%error, "no connection can be taken");
                tokio::time::sleep(EXHAUSTED_PAUSE).await;
            }
        }
    }
}

fn is_of_the_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// How many connections each address has.
#[derive(Default)]
struct Addresses(Mutex<HashMap<IpAddr, usize>>);

/// One connection of an address, until it is dropped.
struct Seat(Arc<Addresses>, IpAddr);

impl Addresses {
    /// Counts one more; none when that is one too many. O(1).
    fn seat(self: &Arc<Self>, address: IpAddr, bounds: &Bounds) -> Option<Seat> {
        let address = address.to_canonical();
        let mut counts = self.0.lock();
        let count = counts.entry(address).or_default();
        let many = address.is_loopback() || bounds.proxies.contains(&address);
        if *count >= bounds.of_address && !many {
            return None;
        }
        *count += 1;
        Some(Seat(self.clone(), address))
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut counts = self.0.0.lock();
        if let Some(count) = counts.get_mut(&self.1) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.1);
            }
        }
    }
}

/// A connection that was taken.
struct Taken {
    peer: SocketAddr,
    router: Router,
    bounds: Bounds,
}

impl Taken {
    async fn run(
        self,
        stream: TcpStream,
        tls: Option<Arc<Certificates>>,
        mut told: watch::Receiver<bool>,
    ) {
        // Answers are small and wanted at once: none waits for another to share its packet.
        drop(stream.set_nodelay(true));
        // A client that takes nothing of its answer is let go by the operating system.
        let socket = socket2::SockRef::from(&stream);
        drop(socket.set_tcp_user_timeout(Some(self.bounds.stalled)));
        let Some(tls) = tls else { return self.http(stream, told).await };
        let peer = self.peer;
        let greeted = tokio::select! {
            greeted = tokio::time::timeout(self.bounds.handshake, tls.greet(stream)) => greeted,
            _ = told.changed() => return,
        };
        match greeted {
            Ok(Ok(stream)) => self.http(stream, told).await,
            Ok(Err(error)) => tracing::debug!(%peer, %error, "a connection did not become TLS"),
            Err(_) => tracing::debug!(%peer, "a connection was silent where TLS begins"),
        }
    }

    async fn http<S>(self, stream: S, mut told: watch::Receiver<bool>)
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let (peer, router) = (self.peer, self.router);
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(ConnectInfo(peer));
            router.clone().call(request)
        });
        let mut http = http1::Builder::new();
        // Header fields are at most a hundred: hyper's own bound.
        http.timer(TokioTimer::new())
            .header_read_timeout(self.bounds.head)
            .max_header_size(HEAD_BYTES_MAX)
            .max_buf_size(READ_BUFFER_BYTES_MAX);
        let mut serving =
            pin!(http.serve_connection(TokioIo::new(stream), service).with_upgrades());
        let served = tokio::select! {
            served = serving.as_mut() => served,
            () = async { drop(told.wait_for(|told| *told).await) } => {
                serving.as_mut().graceful_shutdown();
                serving.await
            }
        };
        if let Err(error) = served {
            tracing::debug!(%peer, %error, "a connection broke");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::sync::oneshot;
    use tokio::task::JoinHandle;

    const SHORT: Duration = Duration::from_millis(200);

    struct Server {
        address: SocketAddr,
        stop: oneshot::Sender<()>,
        served: JoinHandle<()>,
    }

    async fn start(bounds: Bounds) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let router = Router::new().route("/", get(|| async { "here" }));
        let stopped = async move { drop(stopped.await) };
        let served = tokio::spawn(serve(listener, router, None, bounds, stopped));
        Server { address, stop, served }
    }

    /// What a connection answers to `text`, up to its end.
    async fn said(server: &Server, text: &[u8]) -> String {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(text).await.unwrap();
        let mut answer = Vec::new();
        // A connection that is reset ends as well.
        drop(stream.read_to_end(&mut answer).await);
        String::from_utf8_lossy(&answer).into_owned()
    }

    #[tokio::test]
    async fn a_client_that_dribbles_its_request_is_let_go() {
        let server = start(Bounds { head: SHORT, ..Bounds::default() }).await;
        // Neither a request without end nor silence keeps a connection.
        let answer = said(&server, b"GET / HTTP/1.1\r\nHost: x\r\nX-A: ").await;
        assert!(!answer.contains("200"), "{answer}");
        assert!(!said(&server, b"").await.contains("200"));
        let answer = said(&server, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
        assert!(answer.contains("200") && answer.ends_with("here"), "{answer}");
    }

    #[tokio::test]
    async fn a_head_of_too_many_or_too_long_fields_is_refused() {
        let server = start(Bounds::default()).await;
        let many = "X: y\r\n".repeat(101);
        let answer = said(&server, format!("GET / HTTP/1.1\r\n{many}\r\n").as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
        let long = "y".repeat(HEAD_BYTES_MAX);
        let answer = said(&server, format!("GET / HTTP/1.1\r\nX: {long}\r\n\r\n").as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
        let some = "X: y\r\n".repeat(90);
        let close = "Connection: close\r\n";
        let asked = format!("GET / HTTP/1.1\r\n{some}{close}\r\n");
        assert!(said(&server, asked.as_bytes()).await.starts_with("HTTP/1.1 200"));
    }

    #[tokio::test]
    async fn who_comes_when_there_is_no_place_is_served_when_there_is_one() {
        let server = start(Bounds { connections: 1, ..Bounds::default() }).await;
        let mut first = TcpStream::connect(server.address).await.unwrap();
        first.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        let mut begun = [0; 12];
        first.read_exact(&mut begun).await.unwrap();
        let mut second = TcpStream::connect(server.address).await.unwrap();
        let close = b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n";
        second.write_all(close).await.unwrap();
        assert!(tokio::time::timeout(SHORT, second.read_u8()).await.is_err());
        drop(first);
        let mut answer = String::new();
        second.read_to_string(&mut answer).await.unwrap();
        assert!(answer.contains("200"), "{answer}");
    }

    #[test]
    fn an_address_has_its_share_of_connections_and_a_proxy_more() {
        let (one, proxy): (IpAddr, IpAddr) =
            ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let bounds = Bounds { of_address: 1, proxies: vec![proxy], ..Bounds::default() };
        let addresses = Arc::<Addresses>::default();
        let seat = addresses.seat(one, &bounds).unwrap();
        assert!(addresses.seat(one, &bounds).is_none());
        let mapped = "::ffff:192.0.2.1".parse().unwrap();
        assert!(addresses.seat(mapped, &bounds).is_none());
        let of_proxy = [(); 3].map(|()| addresses.seat(proxy, &bounds).unwrap());
        drop(seat);
        assert!(addresses.seat(one, &bounds).is_some());
        drop(of_proxy);
        assert!(addresses.0.lock().is_empty());
    }

    #[tokio::test]
    async fn a_server_that_stops_ends_idle_connections() {
        let server = start(Bounds::default()).await;
        let mut idle = TcpStream::connect(server.address).await.unwrap();
        idle.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        let mut begun = [0; 12];
        idle.read_exact(&mut begun).await.unwrap();
        server.stop.send(()).unwrap();
        server.served.await.unwrap();
        let mut rest = Vec::new();
        idle.read_to_end(&mut rest).await.unwrap();
        assert!(rest.ends_with(b"here"));
    }
}
