//! How often somebody may ask: per address, per organisation, per API token, and how often a
//! sign-in may be tried from one address. What is over is answered 429 and says when to come back.

use super::app::App;
use super::auth::SignedIn;
use super::problem::Problem;
use crate::estimating::id::OrganisationId;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use governor::clock::{Clock, DefaultClock};
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::time::Duration;
use uuid::Uuid;

/// Keys remembered at once; what has not asked for a while is forgotten when it is reached.
const KEYS_MAX: usize = 100_000;
/// Entries of `X-Forwarded-For` that are looked at, from its end.
const FORWARDED_MAX: usize = 16;
/// Header in which a proxy says whom it asks for.
const FORWARDED_FOR: &str = "x-forwarded-for";
/// What a proxy puts on a request it passes on.
const PASSED_ON: [&str; 3] = ["forwarded", FORWARDED_FOR, "x-real-ip"];

/// Requests in a minute, each; 0 is no limit.
#[derive(Clone, Debug)]
pub struct Allowances {
    /// From one address that is not this machine's.
    pub address: u32,
    /// Of one organisation.
    pub organisation: u32,
    /// With one API token.
    pub token: u32,
    /// Sign-ins begun from one address.
    pub sign_in: u32,
    /// Addresses of proxies whose word counts for whom they ask.
    pub proxies: Vec<IpAddr>,
}

impl Allowances {
    /// A whole office may stand behind one address.
    pub const ADDRESS: u32 = 12_000;
    /// A bound on what one organisation takes from the others.
    pub const ORGANISATION: u32 = 1_200_000;
    /// Enough to follow, not to flood.
    pub const TOKEN: u32 = 100;
    /// Enough for an office in the morning, not for guessing.
    pub const SIGN_IN: u32 = 30;
}

impl Default for Allowances {
    fn default() -> Self {
        Allowances {
            address: Allowances::ADDRESS,
            organisation: Allowances::ORGANISATION,
            token: Allowances::TOKEN,
            sign_in: Allowances::SIGN_IN,
            proxies: Vec::new(),
        }
    }
}

/// Whoever asked lately, and how often.
pub struct Rates {
    addresses: Keyed<IpAddr>,
    organisations: Keyed<OrganisationId>,
    tokens: Keyed<Uuid>,
    sign_ins: Keyed<IpAddr>,
    proxies: Vec<IpAddr>,
}

impl Rates {
    /// Nobody has asked yet.
    pub fn new(allowances: &Allowances) -> Rates {
        Rates {
            addresses: Keyed::new(allowances.address),
            organisations: Keyed::new(allowances.organisation),
            tokens: Keyed::new(allowances.token),
            sign_ins: Keyed::new(allowances.sign_in),
            proxies: allowances.proxies.clone(),
        }
    }

    /// The address a request comes from: the peer's, or the last one before the proxies that may
    /// say so.
    pub fn address(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut address = peer.to_canonical();
        let forwarded = headers.get_all(FORWARDED_FOR).iter().rev();
        let entries = forwarded
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.rsplit(','))
            .map(str::trim);
        for entry in entries.take(FORWARDED_MAX) {
            if !self.proxies.contains(&address) {
                break;
            }
            // What does not read was not written by a proxy of ours.
            let Ok(next) = entry.parse::<IpAddr>() else { break };
            address = next.to_canonical();
        }
        address
    }
}

/// A limit for each of many.
struct Keyed<K: Hash + Eq + Clone>(Option<RateLimiter<K, HashMapStateStore<K>, DefaultClock>>);

impl<K: Hash + Eq + Clone> Keyed<K> {
    fn new(per_minute: u32) -> Self {
        let quota = NonZeroU32::new(per_minute).map(Quota::per_minute);
        Keyed(quota.map(RateLimiter::hashmap))
    }

    /// Counts one more; after which time to come back when it is one too many. O(1), but now and
    /// then O(keys) to forget.
    fn ask(&self, key: &K) -> Result<(), Duration> {
        let Some(limiter) = &self.0 else { return Ok(()) };
        if limiter.len() >= KEYS_MAX {
            limiter.retain_recent();
        }
        limiter.check_key(key).map_err(|over| over.wait_time_from(DefaultClock::default().now()))
    }
}

/// The network one household or firm has of IPv6, so that its many addresses count as one.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

/// Whether a request was made on this machine: one that a proxy here passes on was not.
pub fn is_from_here(address: IpAddr, headers: &HeaderMap) -> bool {
    address.is_loopback() && PASSED_ON.iter().all(|name| !headers.contains_key(*name))
}

/// Refuses whoever asks too often from one address, before anything else is done. What is asked on
/// this machine is not counted. A proxy here whose word does not count stands for all it serves.
pub async fn by_address(State(app): State<App>, request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    if let Some(ConnectInfo(peer)) = peer {
        let address = app.rates.address(peer.ip(), request.headers());
        let key = network(address);
        let begins = begins_sign_in(&request);
        let counted = match is_from_here(address, request.headers()) {
            true => Ok(()),
            false if begins => {
                app.rates.addresses.ask(&key).and_then(|()| app.rates.sign_ins.ask(&key))
            }
            false => app.rates.addresses.ask(&key),
        };
        if let Err(wait) = counted {
            return Problem::too_often(wait).into_response();
        }
    }
    next.run(request).await
}

/// Refuses whoever asks too often with one token, or of one organisation.
pub async fn by_office(State(app): State<App>, request: Request, next: Next) -> Response {
    if let Some(me) = request.extensions().get::<SignedIn>() {
        let by_token = me.token().map_or(Ok(()), |token| app.rates.tokens.ask(&token));
        let counted =
            by_token.and_then(|()| app.rates.organisations.ask(&me.office().organisation().id));
        if let Err(wait) = counted {
            return Problem::too_often(wait).into_response();
        }
    }
    next.run(request).await
}

/// Whether a request begins a sign-in or tries a secret.
fn begins_sign_in(request: &Request) -> bool {
    let path = request.uri().path();
    let ends = |end: &str| path.ends_with(end);
    request.method() == Method::POST && (ends("/session") || ends("/session/oidc"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rates(proxies: &[&str]) -> Rates {
        let proxies = proxies.iter().map(|text| text.parse().unwrap()).collect();
        Rates::new(&Allowances { address: 2, proxies, ..Allowances::default() })
    }

    fn forwarded(values: &[&'static str]) -> HeaderMap {
        let name = axum::http::HeaderName::from_static(FORWARDED_FOR);
        values.iter().map(|v| (name.clone(), axum::http::HeaderValue::from_static(v))).collect()
    }

    #[test]
    fn only_a_known_proxy_says_whom_it_asks_for() {
        let peer: IpAddr = "10.0.0.1".parse().unwrap();
        let says = forwarded(&["6.6.6.6, 203.0.113.9, 10.0.0.2"]);
        let whom = |rates: Rates, headers: &HeaderMap| rates.address(peer, headers).to_string();
        assert_eq!(whom(rates(&[]), &says), "10.0.0.1");
        assert_eq!(whom(rates(&["10.0.0.1"]), &says), "10.0.0.2");
        // The client's own claim before what the proxies saw counts for nothing.
        assert_eq!(whom(rates(&["10.0.0.1", "10.0.0.2"]), &says), "203.0.113.9");
        let two = forwarded(&["6.6.6.6", "203.0.113.9"]);
        assert_eq!(whom(rates(&["10.0.0.1"]), &two), "203.0.113.9");
        assert_eq!(whom(rates(&["10.0.0.1"]), &forwarded(&["nonsense"])), "10.0.0.1");
        assert_eq!(whom(rates(&["10.0.0.1"]), &HeaderMap::new()), "10.0.0.1");
    }

    #[test]
    fn what_a_proxy_here_passes_on_is_not_from_here() {
        let (here, there) = ("127.0.0.1".parse().unwrap(), "192.0.2.1".parse().unwrap());
        assert!(is_from_here(here, &HeaderMap::new()));
        assert!(is_from_here("::1".parse().unwrap(), &HeaderMap::new()));
        assert!(!is_from_here(there, &HeaderMap::new()));
        assert!(!is_from_here(here, &forwarded(&["127.0.0.1"])));
        for name in ["forwarded", "x-real-ip"] {
            let name = axum::http::HeaderName::from_static(name);
            let passed_on = HeaderMap::from_iter([(name, "x".parse().unwrap())]);
            assert!(!is_from_here(here, &passed_on));
        }
    }

    #[test]
    fn one_too_many_waits_and_another_does_not() {
        let rates = rates(&[]);
        let (one, other) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        assert!(rates.addresses.ask(&one).is_ok());
        assert!(rates.addresses.ask(&one).is_ok());
        let wait = rates.addresses.ask(&one).unwrap_err();
        assert!(wait > Duration::ZERO && wait <= Duration::from_secs(60), "{wait:?}");
        assert!(rates.addresses.ask(&other).is_ok());
        let unlimited = Keyed::<IpAddr>::new(0);
        assert!((0..1_000).all(|_| unlimited.ask(&one).is_ok()));
    }

    #[test]
    fn the_addresses_of_one_network_count_as_one() {
        let key = |text: &str| network(text.parse().unwrap());
        assert_eq!(key("2001:db8:1:2:3:4:5:6"), key("2001:db8:1:2::1"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
        assert_ne!(key("192.0.2.1"), key("192.0.2.2"));
    }
}
