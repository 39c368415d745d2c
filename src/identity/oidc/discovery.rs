//! What a provider says about itself, with its keys: fetched when needed, kept for a while, and
//! fetched anew when a token is signed with a key that is not known, within bounds.

use crate::connect::{Destination, Outgoing, OutgoingError, chain};
use crate::identity::SignInRefused;
use openidconnect::{
    AsyncHttpClient, HttpRequest, HttpResponse, IssuerUrl, ProviderMetadataWithLogout as Metadata,
};
use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use url::Url;

/// How long what a provider said is used.
const METADATA_LIFE: Duration = Duration::from_secs(3600);
/// How long it is used when the provider does not say it anew.
const METADATA_LIFE_MAX: Duration = Duration::from_secs(24 * 3600);
/// Fetches in [`FETCHES_WITHIN`], whatever tokens people come with.
pub(super) const FETCHES_MAX: usize = 6;
/// Those of them that strangers can cause, who send tokens without having signed in.
pub(super) const FETCHES_OF_STRANGERS_MAX: usize = 2;
/// The time in which there are at most [`FETCHES_MAX`] fetches.
const FETCHES_WITHIN: Duration = Duration::from_secs(60);

/// Asks a provider, and whoever it names as its endpoints: its own server wherever that is, others
/// only where they are public.
pub(super) struct Http(Outgoing);

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = OutgoingError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, OutgoingError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(ask(&self.0, request))
    }
}

async fn ask(outgoing: &Outgoing, request: HttpRequest) -> Result<HttpResponse, OutgoingError> {
    let answer = outgoing.send(request).await?;
    let mut built = openidconnect::http::Response::builder().status(answer.status);
    for (name, value) in &answer.headers {
        built = built.header(name, value);
    }
    let built = built.body(answer.body.into());
    built.map_err(|error| OutgoingError::Request(error.to_string()))
}

/// What is known of a provider.
pub(super) struct Discovery {
    issuer: IssuerUrl,
    http: Http,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    metadata: Option<(Arc<Metadata>, Instant)>,
    fetches: VecDeque<Instant>,
}

impl Discovery {
    /// Knows nothing yet.
    pub(super) fn of(issuer: &str, outgoing: &Outgoing) -> Result<Discovery, String> {
        let address = Url::parse(issuer).map_err(|error| error.to_string())?;
        let issuer = IssuerUrl::new(issuer.to_owned()).map_err(|error| error.to_string())?;
        // Where the provider is, is the administrator's word.
        let http = Http(outgoing.and(Destination::of(&address)));
        Ok(Discovery { issuer, http, known: Mutex::default() })
    }

    /// The provider's address.
    pub(super) fn issuer(&self) -> &IssuerUrl {
        &self.issuer
    }

    /// What asks the provider.
    pub(super) fn http(&self) -> &Http {
        &self.http
    }

    /// What the provider says about itself, at most an hour old; a day where it does not answer.
    ///
    /// # Errors
    /// `Unreachable` when it does not say, and did not within the day.
    pub(super) async fn metadata(&self) -> Result<Arc<Metadata>, SignInRefused> {
        let mut known = self.known.lock().await;
        let kept = known.metadata.clone();
        if let Some((metadata, at)) = &kept
            && at.elapsed() < METADATA_LIFE
        {
            return Ok(metadata.clone());
        }
        match (self.fetch(&mut known, FETCHES_MAX).await, kept) {
            (Err(_), Some((metadata, at))) if at.elapsed() < METADATA_LIFE_MAX => Ok(metadata),
            (fetched, _) => fetched,
        }
    }

    /// What it says about itself now, where `seen` is what it said before and this is one of at
    /// most `fetches_max` fetches in a minute.
    ///
    /// # Errors
    /// `Unreachable` when it does not say, or was asked often enough lately.
    pub(super) async fn anew(
        &self,
        seen: &Arc<Metadata>,
        fetches_max: usize,
    ) -> Result<Arc<Metadata>, SignInRefused> {
        let mut known = self.known.lock().await;
        match &known.metadata {
            // Somebody else asked meanwhile.
            Some((metadata, _)) if !Arc::ptr_eq(metadata, seen) => Ok(metadata.clone()),
            _ => self.fetch(&mut known, fetches_max).await,
        }
    }

    /// What is known without asking.
    pub(super) fn at_hand(&self) -> Option<Arc<Metadata>> {
        let known = self.known.try_lock().ok()?;
        known.metadata.as_ref().map(|(metadata, _)| metadata.clone())
    }

    async fn fetch(
        &self,
        known: &mut Known,
        fetches_max: usize,
    ) -> Result<Arc<Metadata>, SignInRefused> {
        while known.fetches.front().is_some_and(|at| at.elapsed() >= FETCHES_WITHIN) {
            known.fetches.pop_front();
        }
        if known.fetches.len() >= fetches_max {
            return Err(SignInRefused::Unreachable);
        }
        known.fetches.push_back(Instant::now());
        match Metadata::discover_async(self.issuer.clone(), &self.http).await {
            Ok(metadata) => {
                let metadata = Arc::new(metadata);
                known.metadata = Some((metadata.clone(), Instant::now()));
                Ok(metadata)
            }
            Err(error) => {
                let error = chain(&error);
                tracing::warn!(issuer = %self.issuer.as_str(), error, "a provider does not answer");
                Err(SignInRefused::Unreachable)
            }
        }
    }
}
