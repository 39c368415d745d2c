//! What a provider signed, verified: by its keys, for us, in time, and for this sign-in.

use super::discovery::{FETCHES_MAX, FETCHES_OF_STRANGERS_MAX};
use super::flow::Proved;
use super::provider::Provider;
use crate::connect::chain;
use crate::identity::SignInRefused;
use chrono::{DateTime, Utc};
use jiff::Timestamp;
use openidconnect::core::{
    CoreClient, CoreGenderClaim, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
};
use openidconnect::{
    AdditionalClaims, ClaimsVerificationError, ClientId, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, IdToken, IdTokenClaims, IdTokenVerifier, JsonWebTokenType, Nonce, NonceVerifier,
    ProviderMetadataWithLogout as Metadata, SignatureVerificationError,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

/// How far the clocks of a provider and of this machine may differ.
const SKEW: Duration = Duration::from_secs(120);
/// How old a token may be when it comes.
const ISSUED_WITHIN: Duration = Duration::from_secs(600);
/// Values of the claim with roles that are looked at.
const ROLES_MAX: usize = 500;
/// The event of a logout token.
const LOGOUT_EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// Signatures that only the provider can make: nothing unsigned, nothing with a shared secret.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// What is expected of a kind of token.
struct Expected {
    /// What its header may call it.
    types: &'static [&'static str],
    /// Fetches of keys in a minute that such tokens may cause.
    fetches_max: usize,
}

/// A token that the provider gave us for a code.
const ID_TOKEN: Expected = Expected { types: &["jwt"], fetches_max: FETCHES_MAX };
/// A token that anybody may send.
const LOGOUT_TOKEN: Expected =
    Expected { types: &["logout+jwt", "jwt"], fetches_max: FETCHES_OF_STRANGERS_MAX };

/// The client of a provider.
pub(super) type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
    EndpointMaybeSet,
>;

type PlainIdToken = openidconnect::core::CoreIdToken;
type FullIdToken =
    IdToken<Claims, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;
type FullClaims = IdTokenClaims<Claims, CoreGenderClaim>;

/// Claims beside the usual ones.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
struct Claims(BTreeMap<String, Value>);

impl AdditionalClaims for Claims {}

impl Claims {
    fn text(&self, name: &str) -> Option<String> {
        self.0.get(name).and_then(Value::as_str).map(str::to_owned)
    }

    /// The texts of a claim that has one or several.
    fn texts(&self, name: &str) -> Vec<String> {
        match self.0.get(name) {
            Some(Value::String(one)) => vec![one.clone()],
            Some(Value::Array(all)) => {
                all.iter().take(ROLES_MAX).filter_map(Value::as_str).map(str::to_owned).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// Verifies an ID token, and says who it proves somebody to be.
pub(super) async fn id_token(
    provider: &Provider,
    metadata: Arc<Metadata>,
    id_token: &PlainIdToken,
    nonce: &Nonce,
) -> Result<Proved, SignInRefused> {
    let token = FullIdToken::from_str(&id_token.to_string()).map_err(|error| {
        tracing::warn!(provider = %provider.settings.id, %error, "an ID token does not read");
        SignInRefused::Unproved
    })?;
    let claims = verified(provider, metadata, &token, nonce, &ID_TOKEN).await?;
    let extra = claims.additional_claims();
    let settings = &provider.settings;
    let email = claims.email().map(|email| email.as_str().trim().to_owned());
    let email_verified = match claims.email_verified() {
        Some(verified) => verified,
        None => settings.trust_email,
    };
    // Names in a language of their own are passed over: the plain one is the person's.
    let name = claims.name().and_then(|names| names.get(None)).map(|name| name.as_str().to_owned());
    Ok(Proved {
        provider: settings.id.clone(),
        issuer: claims.issuer().as_str().to_owned(),
        subject: claims.subject().as_str().to_owned(),
        session: extra.text("sid"),
        email: email.filter(|email| !email.is_empty()),
        email_verified,
        full_name: name,
        roles: extra.texts(&settings.role_claim),
    })
}

/// Verifies a logout token; gives the provider's session it names, and the person.
pub(super) async fn logout_token(
    provider: &Provider,
    token: &str,
) -> Result<(Option<String>, String), SignInRefused> {
    let token = FullIdToken::from_str(token).map_err(|_| SignInRefused::Unproved)?;
    let metadata = provider.discovery.metadata().await?;
    let no_nonce = |nonce: Option<&Nonce>| match nonce {
        None => Ok(()),
        Some(_) => Err("a logout token has no nonce".to_owned()),
    };
    let claims = verified(provider, metadata, &token, no_nonce, &LOGOUT_TOKEN).await?;
    let extra = claims.additional_claims();
    let is_logout = extra.0.get("events").and_then(|events| events.get(LOGOUT_EVENT)).is_some();
    if !is_logout {
        tracing::warn!(provider = %provider.settings.id, "a logout token without its event");
        return Err(SignInRefused::Unproved);
    }
    Ok((extra.text("sid"), claims.subject().as_str().to_owned()))
}

/// The claims of a token, verified; with the provider's keys of now where it was signed with one
/// that is not known.
async fn verified<'a>(
    provider: &Provider,
    metadata: Arc<Metadata>,
    token: &'a FullIdToken,
    nonce: impl NonceVerifier + Copy,
    expected: &Expected,
) -> Result<&'a FullClaims, SignInRefused> {
    let first = token.claims(&verifier(provider, &metadata, expected.types), nonce);
    let claims = match first {
        Err(ClaimsVerificationError::SignatureVerification(
            SignatureVerificationError::NoMatchingKey,
        )) => {
            let metadata = provider.discovery.anew(&metadata, expected.fetches_max).await?;
            token.claims(&verifier(provider, &metadata, expected.types), nonce)
        }
        other => other,
    };
    let refused = |why: String| {
        tracing::warn!(provider = %provider.settings.id, why, "a token is refused");
        SignInRefused::Unproved
    };
    let claims = claims.map_err(|error| refused(chain(&error)))?;
    let begins = claims.additional_claims().0.get("nbf").and_then(Value::as_i64);
    let now = Timestamp::now().as_second();
    if begins.is_some_and(|at| at > now.saturating_add(SKEW.as_secs() as i64)) {
        return Err(refused("it is not good yet".to_owned()));
    }
    let mine = |azp: &ClientId| azp.as_str() == provider.settings.client_id;
    if !claims.authorized_party().is_none_or(mine) {
        return Err(refused("it was given to another party".to_owned()));
    }
    Ok(claims)
}

fn verifier<'a>(
    provider: &Provider,
    metadata: &Metadata,
    types: &[&str],
) -> IdTokenVerifier<'a, CoreJsonWebKey> {
    let types =
        types.iter().filter_map(|name| JsonWebTokenType::new((*name).to_owned()).normalize().ok());
    IdTokenVerifier::new_public_client(
        ClientId::new(provider.settings.client_id.clone()),
        provider.discovery.issuer().clone(),
        metadata.jwks().clone(),
    )
    .set_allowed_algs(ALGORITHMS)
    .set_allowed_jose_types(types.collect::<Vec<_>>())
    .set_time_fn(|| past(SKEW))
    .set_issue_time_verifier_fn(|issued| {
        let (issued, now) = (issued.timestamp(), Timestamp::now().as_second());
        let ago = now.saturating_sub(issued);
        let (skew, within) = (SKEW.as_secs() as i64, ISSUED_WITHIN.as_secs() as i64);
        if ago < -skew {
            return Err(format!("issued {} s in the future", -ago));
        }
        if ago > within + skew {
            return Err(format!("issued {ago} s ago"));
        }
        Ok(())
    })
}

/// The moment `ago`, as the verifier takes it.
fn past(ago: Duration) -> DateTime<Utc> {
    let seconds = Timestamp::now().as_second().saturating_sub(ago.as_secs() as i64);
    DateTime::from_timestamp(seconds, 0).unwrap_or_default()
}
