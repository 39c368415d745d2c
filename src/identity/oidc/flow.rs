//! From the button to the proof: the way to the provider and back.

use super::provider::Provider;
use super::verify::{self, Client};
use crate::connect::chain;
use crate::identity::people::Identity;
use crate::identity::{SignInRefused, token};
use openidconnect::core::{CoreAuthenticationFlow, CoreClient};
use openidconnect::{
    AuthorizationCode, ClientId, ClientSecret, CsrfToken, LogoutRequest, Nonce, PkceCodeChallenge,
    PkceCodeVerifier, PostLogoutRedirectUrl, RedirectUrl, RequestTokenError, Scope, TokenResponse,
};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::time::Duration;
use subtle::ConstantTimeEq;
use url::Url;

/// How long somebody may take at the provider.
const FLOW_LIFE: Duration = Duration::from_secs(600);
/// The longest path to come back to.
const RETURN_CHARS_MAX: usize = 1_000;
/// Sign-ins remembered as done, so that none is done twice.
const REPLAYS_MAX: usize = 100_000;
/// The longest code, state or other text that comes back.
const PARAMETER_CHARS_MAX: usize = 8_000;

/// A sign-in that began.
pub struct Began {
    /// Where the browser goes.
    pub location: Url,
    /// What it keeps until it comes back.
    pub sealed: String,
    /// For how long.
    pub life: Duration,
}

/// What comes back with the browser.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Callback {
    /// What the provider gives the tokens for.
    pub code: Option<String>,
    /// What the sign-in began with.
    pub state: Option<String>,
    /// Why the provider refused.
    pub error: Option<String>,
    /// Who the provider is.
    pub iss: Option<String>,
}

/// Who somebody is, as a provider signed it.
#[derive(Clone, Debug)]
pub struct Proved {
    /// The provider.
    pub provider: String,
    /// Its address.
    pub issuer: String,
    /// What it calls the person.
    pub subject: String,
    /// What it calls its own session.
    pub session: Option<String>,
    /// E-mail address, verified or not.
    pub email: Option<String>,
    /// Whether the address is known to be the person's.
    pub email_verified: bool,
    /// Name.
    pub full_name: Option<String>,
    /// Values of the claim with groups or app roles.
    pub roles: Vec<String>,
}

impl Proved {
    /// The e-mail address, where it is known to be the person's.
    pub fn verified_email(&self) -> Option<&str> {
        self.email.as_deref().filter(|_| self.email_verified)
    }

    /// What to call the person.
    pub fn name(&self) -> &str {
        let name = self.full_name.as_deref().filter(|name| !name.trim().is_empty());
        name.or(self.email.as_deref()).unwrap_or(&self.subject)
    }
}

/// What a sign-in needs to be finished.
#[derive(Serialize, Deserialize)]
struct Flow {
    provider: String,
    state: String,
    nonce: String,
    verifier: String,
    return_to: String,
    setup: Option<String>,
    began_at_us: i64,
}

/// A sign-in whose proof is there.
pub struct Finished {
    /// Who it is.
    pub proved: Proved,
    /// The path to come back to.
    pub return_to: String,
    /// The secret of the link they came by.
    pub setup: Option<String>,
}

/// States of sign-ins that were done, with when they began.
#[derive(Default)]
pub struct Replays(HashMap<[u8; 32], i64>);

impl Replays {
    /// Notes a state; false when it was noted before. A flood of them makes it forget, and shuts
    /// nobody out: a code is good once at the provider as well.
    fn note(&mut self, state: &str, began_at_us: i64, now_us: i64) -> bool {
        if self.0.len() >= REPLAYS_MAX {
            self.0.retain(|_, began| !is_too_old(*began, now_us));
        }
        if self.0.len() >= REPLAYS_MAX {
            tracing::warn!("more sign-ins end than are remembered");
            self.0.clear();
        }
        self.0.insert(token::hash(state), began_at_us).is_none()
    }
}

fn is_too_old(began_at_us: i64, now_us: i64) -> bool {
    now_us.saturating_sub(began_at_us) > FLOW_LIFE.as_micros() as i64
}

impl Identity {
    /// The providers people may sign in with.
    pub fn providers(&self) -> &[Provider] {
        &self.providers
    }

    /// A provider.
    pub fn provider(&self, id: &str) -> Option<&Provider> {
        self.providers.iter().find(|provider| provider.settings.id == id)
    }

    /// Asks every provider what it says about itself, so that nobody waits for it later, and the log
    /// tells at the start of one that does not answer.
    pub async fn look_up_providers(&self) {
        for provider in &self.providers {
            drop(provider.discovery.metadata().await);
        }
    }

    /// Begins a sign-in: `redirect` is where the provider sends the browser back to, `return_to`
    /// the path to come to then, `setup` the secret of the link for the first Admin.
    ///
    /// # Errors
    /// `NotOffered` for no such provider, `SetupOver`, or `Unreachable`.
    pub async fn begin(
        &self,
        provider: &str,
        redirect: &str,
        return_to: Option<&str>,
        setup: Option<&str>,
        now_us: i64,
    ) -> Result<Began, SignInRefused> {
        let provider = self.provider(provider).ok_or(SignInRefused::NotOffered)?;
        if setup.is_some_and(|setup| !self.is_setup(setup, now_us)) {
            return Err(SignInRefused::SetupOver);
        }
        let metadata = provider.discovery.metadata().await?;
        let client = client(provider, &metadata, redirect)?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let asked = client.authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            CsrfToken::new_random,
            Nonce::new_random,
        );
        let scopes = provider.settings.scopes.iter().filter(|scope| *scope != "openid");
        let asked = asked.add_scopes(scopes.cloned().map(Scope::new));
        let (location, state, nonce) = asked.set_pkce_challenge(challenge).url();
        let flow = Flow {
            provider: provider.settings.id.clone(),
            state: state.into_secret(),
            nonce: nonce.secret().clone(),
            verifier: verifier.into_secret(),
            return_to: own_path(return_to.unwrap_or_default()),
            setup: setup.map(str::to_owned),
            began_at_us: now_us,
        };
        let sealed = self.seal.close(&flow).ok_or(SignInRefused::NoRandomness)?;
        Ok(Began { location, sealed, life: FLOW_LIFE })
    }

    /// Finishes a sign-in: `sealed` is what the browser kept, `came` what it brings.
    ///
    /// # Errors
    /// `Expired` for what this browser did not begin, or finished before; what the provider said;
    /// `Unproved` for anything that is not signed, not for us, or not for this sign-in.
    pub async fn finish(
        &self,
        provider: &str,
        redirect: &str,
        sealed: Option<&str>,
        came: Callback,
        now_us: i64,
    ) -> Result<Finished, SignInRefused> {
        let provider = self.provider(provider).ok_or(SignInRefused::NotOffered)?;
        let flow: Flow =
            sealed.and_then(|text| self.seal.open(text)).ok_or(SignInRefused::Expired)?;
        let state = came.state.unwrap_or_default();
        let same: bool = token::hash(&state).ct_eq(&token::hash(&flow.state)).into();
        let begun_here = same && flow.provider == provider.settings.id;
        if !begun_here || is_too_old(flow.began_at_us, now_us) {
            return Err(SignInRefused::Expired);
        }
        if !self.replays.lock().note(&flow.state, flow.began_at_us, now_us) {
            return Err(SignInRefused::Expired);
        }
        if let Some(error) = came.error {
            let error = crate::workspace::control::plain_text(&error);
            tracing::info!(provider = %provider.settings.id, %error, "a provider refused");
            return Err(SignInRefused::ProviderSaid);
        }
        if came.iss.is_some_and(|iss| iss != provider.discovery.issuer().as_str()) {
            tracing::warn!(provider = %provider.settings.id, "an answer of another issuer");
            return Err(SignInRefused::Unproved);
        }
        let code = came.code.filter(|code| code.len() <= PARAMETER_CHARS_MAX);
        let code = AuthorizationCode::new(code.ok_or(SignInRefused::ProviderSaid)?);
        let metadata = provider.discovery.metadata().await?;
        let client = client(provider, &metadata, redirect)?;
        let tokens = client
            .exchange_code(code)
            .set_pkce_verifier(PkceCodeVerifier::new(flow.verifier))
            .request_async(provider.discovery.http())
            .await
            .map_err(|error| {
                let (refused, said) = match &error {
                    RequestTokenError::ServerResponse(said) => {
                        (SignInRefused::ProviderSaid, said.error().as_ref().to_owned())
                    }
                    RequestTokenError::Request(_) => (SignInRefused::Unreachable, chain(&error)),
                    // What was to be read may hold tokens and is not repeated.
                    RequestTokenError::Parse(error, _) => {
                        (SignInRefused::Unproved, error.path().to_string())
                    }
                    RequestTokenError::Other(why) => (SignInRefused::Unproved, why.clone()),
                };
                tracing::warn!(provider = %provider.settings.id, said, "no tokens for a code");
                refused
            })?;
        let id_token = tokens.id_token().ok_or_else(|| {
            tracing::warn!(provider = %provider.settings.id, "tokens without an ID token");
            SignInRefused::Unproved
        })?;
        let proved =
            verify::id_token(provider, metadata, id_token, &Nonce::new(flow.nonce)).await?;
        Ok(Finished { proved, return_to: flow.return_to, setup: flow.setup })
    }

    /// Where a browser goes to end the session at the provider too; none where the provider has no
    /// such place, or has not told of it yet.
    pub fn sign_out_address(&self, provider: &str, back_to: &str) -> Option<Url> {
        let provider = self.provider(provider)?;
        let metadata = provider.discovery.at_hand()?;
        let end = metadata.additional_metadata().end_session_endpoint.clone()?;
        let request = LogoutRequest::from(end)
            .set_client_id(ClientId::new(provider.settings.client_id.clone()))
            .set_post_logout_redirect_uri(PostLogoutRedirectUrl::new(back_to.to_owned()).ok()?);
        Some(request.http_get_url())
    }

    /// Origins of a provider's pages, which may frame what signs out here.
    pub fn pages_of(&self, provider: &str) -> Vec<String> {
        let Some(provider) = self.provider(provider) else { return Vec::new() };
        let end = provider.discovery.at_hand();
        let end = end.and_then(|m| m.additional_metadata().end_session_endpoint.clone());
        let issuer = Url::parse(&provider.settings.issuer).ok();
        let all = issuer.into_iter().chain(end.map(|end| end.url().clone()));
        let mut origins: Vec<String> = all.map(|url| url.origin().ascii_serialization()).collect();
        origins.dedup();
        origins
    }

    /// Ends the sessions that a provider's logout token names. Waits for the provider's keys.
    ///
    /// # Errors
    /// `NotOffered` for no such provider, `Unproved` for a token that is not one.
    pub async fn logout_of(
        &self,
        provider: &str,
        logout_token: &str,
    ) -> Result<LoggedOut, SignInRefused> {
        let provider = self.provider(provider).ok_or(SignInRefused::NotOffered)?;
        if logout_token.len() > PARAMETER_CHARS_MAX {
            return Err(SignInRefused::Unproved);
        }
        let (session, subject) = verify::logout_token(provider, logout_token).await?;
        Ok(LoggedOut { provider: provider.settings.id.clone(), session, subject })
    }
}

/// Whose sessions end, as a provider says.
pub struct LoggedOut {
    /// The provider.
    pub provider: String,
    /// The provider's session; none for all of the subject.
    pub session: Option<String>,
    /// What the provider calls the person.
    pub subject: String,
}

/// The client of a provider, as the metadata has it.
pub(super) fn client(
    provider: &Provider,
    metadata: &openidconnect::ProviderMetadataWithLogout,
    redirect: &str,
) -> Result<Client, SignInRefused> {
    let settings = &provider.settings;
    let redirect = RedirectUrl::new(redirect.to_owned()).map_err(|error| {
        tracing::error!(%error, "the public address makes no address to come back to");
        SignInRefused::Unreachable
    })?;
    let token_uri = metadata.token_endpoint().cloned().ok_or_else(|| {
        tracing::warn!(provider = %settings.id, "the provider has no token endpoint");
        SignInRefused::Unreachable
    })?;
    let secret = settings.client_secret.as_ref();
    let client = CoreClient::from_provider_metadata(
        metadata.clone(),
        ClientId::new(settings.client_id.clone()),
        secret.map(|secret| ClientSecret::new(secret.text().to_owned())),
    );
    Ok(client.set_token_uri(token_uri).set_redirect_uri(redirect))
}

/// A path of this site, with nothing that a browser could take for another: otherwise the start.
fn own_path(text: &str) -> String {
    let plain = |c: char| c.is_ascii_graphic() && c != '\\';
    let own = text.starts_with('/')
        && !text.starts_with("//")
        && text.len() <= RETURN_CHARS_MAX
        && text.chars().all(plain);
    // Read as a browser reads it: dots and the like must not lead elsewhere either.
    let stays = || {
        let base = Url::parse("https://own.invalid/").ok()?;
        let read = base.join(text).ok()?;
        (read.origin() == base.origin() && !read.path().starts_with("//")).then_some(())
    };
    if own && stays().is_some() { text.to_owned() } else { "/".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_path_of_this_site_is_come_back_to() {
        for own in ["/", "/tenders?q=a%20b#x", "/estimates/1?node=2"] {
            assert_eq!(own_path(own), own);
        }
        for other in [
            "",
            "tenders",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/\t/evil",
            "/ /evil",
            "javascript:alert(1)",
            "/\n",
            "/..//evil.example",
            "/./\u{2028}",
            "/a/..//evil.example",
        ] {
            assert_eq!(own_path(other), "/", "{other:?}");
        }
        assert_eq!(own_path(&format!("/{}", "x".repeat(1_000))), "/");
    }

    #[test]
    fn a_sign_in_is_done_once() {
        let mut replays = Replays::default();
        assert!(replays.note("a", 0, 0));
        assert!(!replays.note("a", 0, 0));
        assert!(replays.note("b", 0, 0));
    }
}
