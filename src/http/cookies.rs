//! The cookies this server sets: out of reach of scripts, and of other hosts where there is TLS.

use super::guard::Site;
use crate::identity::{SignInMethod, Token};
use axum::http::{HeaderMap, HeaderValue, header};
use std::time::Duration;

/// Names of the cookie with the session and of the one with a sign-in on its way. A browser takes
/// a `__Host-` cookie only with TLS, for this host and the whole of it.
const PLAIN: [&str; 2] = ["oxflow_session", "oxflow_sign_in"];
const SECURE: [&str; 2] = ["__Host-oxflow_session", "__Host-oxflow_sign_in"];

/// Name of the cookie with the session where there is no TLS, as the API document has it.
pub const SESSION_COOKIE: &str = PLAIN[0];

/// The cookies of a site.
#[derive(Clone, Debug)]
pub struct Cookies {
    session: &'static str,
    sign_in: &'static str,
    secure: bool,
    same_site: &'static str,
    life: Duration,
}

impl Cookies {
    /// The cookies of a site where people sign in by a method, for sessions of at most `life`.
    pub fn of(site: &Site, method: SignInMethod, life: Duration) -> Cookies {
        let secure = site.is_secure();
        let [session, sign_in] = if secure { SECURE } else { PLAIN };
        let same_site = match method {
            SignInMethod::Development => "Strict",
            // The way back from a provider starts at another site, and ends signed in.
            SignInMethod::Oidc => "Lax",
        };
        Cookies { session, sign_in, secure, same_site, life }
    }

    /// The session token a request carries.
    pub fn session_of<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        read(headers, self.session)
    }

    /// What a request carries of a sign-in on its way.
    pub fn sign_in_of<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        read(headers, self.sign_in)
    }

    /// Keeps a session token.
    pub fn keep(&self, token: &Token) -> Option<HeaderValue> {
        self.cookie(self.session, token.text(), self.life, self.same_site)
    }

    /// Makes the browser forget its session token.
    pub fn forget(&self) -> Option<HeaderValue> {
        self.cookie(self.session, "", Duration::ZERO, self.same_site)
    }

    /// Keeps a sign-in on its way; none of it where `life` is zero.
    pub fn keep_sign_in(&self, sealed: &str, life: Duration) -> Option<HeaderValue> {
        self.cookie(self.sign_in, sealed, life, "Lax")
    }

    fn cookie(&self, name: &str, value: &str, life: Duration, same: &str) -> Option<HeaderValue> {
        let secure = if self.secure { "; Secure" } else { "" };
        let seconds = life.as_secs();
        let text =
            format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite={same}{secure}");
        let mut value = HeaderValue::try_from(text).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

/// A cookie of a request. Of several by one name none is taken: another host of the domain may
/// have set the other.
fn read<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut found = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|cookie| cookie.trim_start().strip_prefix(name)?.strip_prefix('='));
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cookies(site: &str, method: SignInMethod) -> Cookies {
        Cookies::of(&Site::new(site).unwrap(), method, Duration::from_secs(60))
    }

    #[test]
    fn with_tls_a_cookie_is_of_this_host_alone() {
        let cookies = cookies("https://ox.example", SignInMethod::Oidc);
        let kept = cookies.keep_sign_in("x", Duration::from_secs(60)).unwrap();
        let expected =
            "__Host-oxflow_sign_in=x; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure";
        assert_eq!(kept.to_str().unwrap(), expected);
        assert!(kept.is_sensitive());
        let forgotten = cookies.forget().unwrap();
        assert!(
            forgotten.to_str().unwrap().starts_with("__Host-oxflow_session=; Path=/; Max-Age=0;")
        );
        let plain: HeaderMap =
            [(header::COOKIE, HeaderValue::from_static("oxflow_session=a"))].into_iter().collect();
        assert_eq!(cookies.session_of(&plain), None);
    }

    #[test]
    fn of_two_cookies_by_one_name_neither_is_believed() {
        let cookies = cookies("http://127.0.0.1:3000", SignInMethod::Development);
        let with = |text: &'static str| -> HeaderMap {
            [(header::COOKIE, HeaderValue::from_static(text))].into_iter().collect()
        };
        assert_eq!(cookies.session_of(&with("a=b; oxflow_session=t")), Some("t"));
        assert_eq!(cookies.session_of(&with("oxflow_session=t; oxflow_session=u")), None);
        assert_eq!(cookies.session_of(&with("oxflow_session_2=t")), None);
    }
}
