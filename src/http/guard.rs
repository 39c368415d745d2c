//! Who may talk to this server from a browser: only pages it served itself.
//!
//! A page of another site can send requests here (CSRF), and with a name that resolves to a
//! loopback address it can even read the answers (DNS rebinding). So the `Host` of every request
//! must be a name of this server, and the `Origin` of one that changes something (or opens a
//! live connection) a page of this server.

use axum::http::{HeaderMap, header, uri::Authority};
use std::net::{IpAddr, SocketAddr};

/// Where people reach the server: scheme and host of its pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site(String);

impl Site {
    /// The site at an address that is given whole, such as `https://oxflow.example.org`.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn new(address: &str) -> Result<Site, String> {
        let url = url::Url::parse(address).map_err(|error| error.to_string())?;
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let anonymous = url.username().is_empty() && url.password().is_none();
        if !matches!(url.scheme(), "http" | "https") || !bare || !anonymous || !url.has_host() {
            return Err("an address without a path, such as https://oxflow.example.org".to_owned());
        }
        Ok(Site(url.origin().ascii_serialization()))
    }

    /// The site of a server listening on `address`.
    pub fn at(address: SocketAddr, tls: bool) -> Site {
        Site(format!("{}://{address}", if tls { "https" } else { "http" }))
    }

    /// Scheme and host, without a slash at the end.
    pub fn origin(&self) -> &str {
        &self.0
    }

    /// Whether it is reached over TLS.
    pub fn is_secure(&self) -> bool {
        self.0.starts_with("https://")
    }

    /// Whether nobody on the way can read along: there is TLS, or no way at all.
    pub fn is_private(&self) -> bool {
        let here = |url: url::Url| match url.host() {
            Some(url::Host::Domain(name)) => name == "localhost",
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        self.is_secure() || url::Url::parse(&self.0).is_ok_and(here)
    }

    /// Host, with the port where it is not the usual one.
    fn host(&self) -> &str {
        self.0.split_once("://").map_or(&*self.0, |(_, host)| host)
    }
}

/// Names this server answers to and origins of its pages, with port, in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hosts {
    names: Vec<String>,
    origins: Vec<String>,
}

/// The header in which a browser says where a request comes from.
const SEC_FETCH_SITE: &str = "sec-fetch-site";

impl Hosts {
    /// The names of a server listening on `address` and reached at `site`: the address itself, and
    /// `localhost` where that is the same. Pages are those of the site alone, where one is set.
    pub fn of(address: SocketAddr, site: Option<&Site>) -> Hosts {
        let port = address.port();
        let mut names = vec![address.to_string()];
        if address.ip().is_loopback() {
            names.push(format!("localhost:{port}"));
            names.push(format!("127.0.0.1:{port}"));
            names.push(format!("[::1]:{port}"));
        }
        let origins = match site {
            Some(site) => {
                names.push(site.host().to_owned());
                vec![site.origin().to_owned()]
            }
            None => {
                let schemes = ["http", "https"].into_iter();
                schemes.flat_map(|s| names.iter().map(move |n| format!("{s}://{n}"))).collect()
            }
        };
        Hosts { names, origins }
    }

    /// Whether the request was sent to this server by one of its names. O(names).
    pub fn answer_to(&self, uri_authority: Option<&Authority>, headers: &HeaderMap) -> bool {
        let host = match uri_authority {
            Some(authority) => Some(authority.as_str()),
            None => host_of(headers),
        };
        host.is_some_and(|host| self.names(host))
    }

    /// Whether the request names this server, or this machine by an address or as `localhost`. No
    /// page of another site does, wherever its name leads: a browser says that name.
    pub fn answer_here(&self, headers: &HeaderMap) -> bool {
        let host = host_of(headers).and_then(|host| host.parse::<Authority>().ok());
        host.is_some_and(|host| {
            let name = host.host();
            let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
            name.eq_ignore_ascii_case("localhost") || address.is_ok() || self.names(host.as_str())
        })
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
        self.origins.iter().any(|own| own.eq_ignore_ascii_case(origin))
    }

    fn names(&self, host: &str) -> bool {
        self.names.iter().any(|name| name.eq_ignore_ascii_case(host))
    }
}

/// The host a request says; none where it says several, of which a proxy may have read another.
fn host_of(headers: &HeaderMap) -> Option<&str> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = hosts.next()?;
    if hosts.next().is_some() { None } else { host.to_str().ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts() -> Hosts {
        Hosts::of("127.0.0.1:3000".parse().unwrap(), None)
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
        let mut two = with("host", "localhost:3000");
        two.append("host", "evil.example".parse().unwrap());
        assert!(!hosts().answer_to(None, &two) && !hosts().answer_here(&two));
        let authority = Authority::from_static("evil.example:3000");
        assert!(!hosts().answer_to(Some(&authority), &with("host", "localhost:3000")));
    }

    #[test]
    fn this_machine_is_meant_by_an_address_and_by_no_foreign_name() {
        for own in ["127.0.0.1:1", "localhost", "[::1]:3000", "0.0.0.0:3000", "LocalHost:9"] {
            assert!(hosts().answer_here(&with("host", own)), "{own}");
        }
        for other in ["evil.example", "evil.example:3000", "127.0.0.1.evil.example", "[::1", ""] {
            assert!(!hosts().answer_here(&with("host", other)), "{other}");
        }
        assert!(!hosts().answer_here(&HeaderMap::new()));
        let site = Site::new("https://ox.example").unwrap();
        let hosts = Hosts::of("127.0.0.1:3000".parse().unwrap(), Some(&site));
        assert!(hosts.answer_here(&with("host", "ox.example")));
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

    #[test]
    fn a_public_site_is_the_only_one_whose_pages_change_anything() {
        let site = Site::new("https://OxFlow.example.org/").unwrap();
        assert_eq!((site.origin(), site.is_secure()), ("https://oxflow.example.org", true));
        let hosts = Hosts::of("0.0.0.0:3000".parse().unwrap(), Some(&site));
        assert!(hosts.answer_to(None, &with("host", "oxflow.example.org")));
        assert!(!hosts.answer_to(None, &with("host", "evil.example")));
        assert!(hosts.trust(&with("origin", "https://oxflow.example.org")));
        for other in
            ["http://oxflow.example.org", "https://oxflow.example.org:444", "http://0.0.0.0:3000"]
        {
            assert!(!hosts.trust(&with("origin", other)), "{other}");
        }
        assert_eq!(Site::new("https://a.example:443").unwrap().origin(), "https://a.example");
        for wrong in ["a.example", "ftp://a.example", "https://a.example/x", "https://u@a.example"]
        {
            assert!(Site::new(wrong).is_err(), "{wrong}");
        }
    }
}
