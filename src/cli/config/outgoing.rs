super::concern! {
    /// Requests to other servers.
    Outgoing, "outgoing" {
        /// Hosts, with a port or for any, that may be asked though they are in a private network or on this machine, parted by commas; `http://` before one allows it without TLS.
        allow_hosts: String = String::new(),
    }
}
