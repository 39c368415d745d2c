//! Who may talk to this server from a browser: only pages it served itself.
//!
//! A page of another site can send requests here (CSRF), and with a name that resolves to a
//! loopback address it can even read the answers (DNS rebinding). So the `Host` of every request
//! must be a name of this server, and the `Origin` of one that changes something (or opens a
//! live connection) a page of this server.

use axum::http::{HeaderMap, header, uri::Authority};
use std::net::SocketAddr;

/// Names this server answers to, with port, in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hosts(Vec<String>);

/// The header in which a browser says where a request comes from.
const SEC_FETCH_SITE: &str = "sec-fetch-site";

impl Hosts {
    /// The names of a server listening on `address`: the address itself, and `localhost` where
    /// that is the same.
    pub fn of(address: SocketAddr) -> Hosts {
        let port = address.port();
        let mut names = vec![address.to_string()];
        if address.ip().is_loopback() {
            names.push(format!("localhost:{port}"));
            names.push(format!("127.0.0.1:{port}"));
            names.push(format!("[::1]:{port}"));
        }
        Hosts(names)
    }

    /// Whether the request was sent to this server by one of its names. O(names).
    pub fn answer_to(&self, uri_authority: Option<&Authority>, headers: &HeaderMap) -> bool {
        let host = match uri_authority {
            Some(authority) => Some(authority.as_str()),
            None => headers.get(header::HOST).and_then(|h| h.to_str().ok()),
        };
        host.is_some_and(|host| self.names(host))
    }

    /// Whether a request that changes something may come from where it comes from: a page of
    /// this server, or no page at all (a program, which has no cookie of anybody's browser).
    pub fn trust(&self, headers: &HeaderMap) -> bool {
        if let Some(origin) = headers.get(header::ORIGIN) {
            return origin.to_str().is_ok_and(|origin| self.is_own_page(origin));
        }
        match headers.get(SEC_FETCH_SITE).map(|site| site.as_bytes()) {
            None | Some(b"same-origin" | b"none") => true,
            Some(_) => false,
        }
    }

    fn is_own_page(&self, origin: &str) -> bool {
        let host = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
        host.is_some_and(|host| self.names(host))
    }

    fn names(&self, host: &str) -> bool {
        self.0.iter().any(|name| name.eq_ignore_ascii_case(host))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts() -> Hosts {
        Hosts::of("127.0.0.1:3000".parse().unwrap())
    }

    fn with(name: &'static str, value: &str) -> HeaderMap {
        [(axum::http::HeaderName::from_static(name), value.parse().unwrap())].into_iter().collect()
    }

    #[test]
    fn a_request_by_another_name_is_not_for_this_server() {
        for own in ["127.0.0.1:3000", "localhost:3000", "LOCALHOST:3000", "[::1]:3000"] {
            assert!(hosts().answer_to(None, &with("host", own)), "{own}");
        }
        for other in ["evil.example:3000", "localhost", "localhost:3001", "127.0.0.1:3000.evil"] {
            assert!(!hosts().answer_to(None, &with("host", other)), "{other}");
        }
        assert!(!hosts().answer_to(None, &HeaderMap::new()));
        let authority = Authority::from_static("evil.example:3000");
        assert!(!hosts().answer_to(Some(&authority), &with("host", "localhost:3000")));
    }

    #[test]
    fn a_change_comes_from_an_own_page_or_from_no_page() {
        assert!(hosts().trust(&HeaderMap::new()));
        assert!(hosts().trust(&with("origin", "http://localhost:3000")));
        assert!(hosts().trust(&with("sec-fetch-site", "same-origin")));
        for other in ["http://evil.example", "null", "http://localhost:3001", "file://"] {
            assert!(!hosts().trust(&with("origin", other)), "{other}");
        }
        assert!(!hosts().trust(&with("sec-fetch-site", "cross-site")));
        assert!(!hosts().trust(&with("sec-fetch-site", "same-site")));
    }
}
