use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

super::concern! {
    /// Where the server answers.
    Server, "server" {
        /// Address and port to listen on; port 0 takes a free one.
        listen: SocketAddr = SocketAddr::from((Ipv4Addr::LOCALHOST, 3000)),
        /// Where people reach it, such as `https://oxflow.example.org`; empty where that is the address it listens on.
        public_url: String = String::new(),
        /// File with the certificate (PEM, its chain after it) for TLS of the server's own; empty where a proxy does TLS.
        tls_certificate: PathBuf = PathBuf::new(),
        /// File with the private key of the certificate (PEM).
        tls_key: PathBuf = PathBuf::new(),
        /// Origins of other sites' pages that may use the API with a token, such as `https://reports.example.org`, parted by commas; empty for none.
        cors_origins: String = String::new(),
        /// Token that reads `/metrics`, as in `Authorization: Bearer TOKEN`, or `secret:NAME`; empty: readable from this machine only.
        metrics_token: String = String::new(),
        /// Addresses of reverse proxies whose `X-Forwarded-For` is believed, parted by commas.
        trusted_proxies: String = String::new(),
    }
}

impl Server {
    /// Whether the server speaks TLS itself.
    pub fn has_tls(&self) -> bool {
        !self.tls_certificate.as_os_str().is_empty()
    }
}
