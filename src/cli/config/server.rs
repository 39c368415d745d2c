use std::net::{Ipv4Addr, SocketAddr};

super::concern! {
    /// Where the server answers.
    Server, "server" {
        /// Address and port to listen on; port 0 takes a free one.
        listen: SocketAddr = SocketAddr::from((Ipv4Addr::LOCALHOST, 3000)),
        /// Where people reach it, such as `https://oxflow.example.org`; empty where that is the address it listens on.
        public_url: String = String::new(),
        /// Token that reads `/metrics`, as in `Authorization: Bearer TOKEN`; empty: readable from this machine only.
        metrics_token: String = String::new(),
    }
}
