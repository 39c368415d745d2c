//! The person behind a request.

use super::app::{App, Office};
use super::as_of;
use super::extract::Terms;
use super::history::Person;
use super::problem::Problem;
use super::refusals;
use crate::estimating::branding::Branding;
use crate::estimating::catalogue::Catalogue;
use crate::estimating::estimate::Estimate;
use crate::estimating::id::{EstimateId, UserId};
use crate::estimating::user::User;
use crate::identity::{Member, SESSION_LIFE_MAX, Token};
use crate::workspace::jobs::StepTaken;
use crate::workspace::{Actor, Command, Published, Reply, Request as CommandRequest, Workspace};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::{Arc, OnceLock};
use uuid::Uuid;

/// Name of the cookie that holds the session token.
pub const COOKIE: &str = "oxflow_session";

/// The person signed in, at work in an organisation. A handler that takes it is never run for
/// anybody else. Cloning costs O(1).
#[derive(Clone)]
pub struct SignedIn {
    user: Arc<User>,
    office: Arc<Office>,
    /// The past commit the answer is of, once one was read.
    pub(super) read_at: Arc<OnceLock<u64>>,
}

/// An estimate to read from, with the state of everything around it.
pub struct Opened {
    /// A commit that is in the estimate; newer ones may be too.
    pub lsn: u64,
    /// Tenders, price book, recipes, units.
    pub published: Arc<Published>,
    /// The estimate.
    pub estimate: Arc<Estimate>,
}

impl Opened {
    /// Resources, recipes and units.
    pub fn catalogue(&self) -> &Catalogue {
        &self.published.library.catalogue
    }

    /// How the organisation's documents look.
    pub fn branding(&self) -> &Branding {
        self.published.library.branding()
    }
}

impl SignedIn {
    /// A person at work without a request: a job of theirs goes on when they have left.
    pub(super) fn on_behalf(user: Arc<User>, office: Arc<Office>) -> SignedIn {
        SignedIn { user, office, read_at: Arc::default() }
    }
    /// The person as the workspace knows whoever asks.
    pub fn actor(&self) -> Actor {
        Actor { user: self.user.id, role: self.user.role, name: Arc::from(&*self.user.name) }
    }
    /// The person's identity.
    pub fn id(&self) -> UserId {
        self.user.id
    }
    /// The person's row.
    pub fn user(&self) -> &User {
        &self.user
    }
    /// The organisation the person works in.
    pub fn office(&self) -> &Arc<Office> {
        &self.office
    }
    /// The organisation's workspace.
    pub fn workspace(&self) -> &Arc<Workspace> {
        &self.office.workspace
    }
    /// The state as of now. O(1).
    pub fn published(&self) -> Arc<Published> {
        self.office.workspace.published()
    }

    /// A person of the organisation, active or not.
    pub fn person(&self, user: UserId) -> Person {
        let name = self.workspace().people().name(user);
        Person { id: user.0, name: name.map_or_else(|| "somebody".to_owned(), |n| n.to_string()) }
    }

    /// An estimate, loaded when it is not in memory.
    ///
    /// # Errors
    /// 404, or 503 while it cannot be read.
    pub async fn open(&self, id: Uuid) -> Result<Opened, Problem> {
        // Read first: a commit in between is then delivered twice, never missed.
        let published = self.published();
        let estimate = self.workspace().estimate(EstimateId(id)).await?;
        Ok(Opened { lsn: published.lsn.0, published, estimate })
    }

    /// Refuses what the person's role may not ask for, before anything is made for it.
    ///
    /// # Errors
    /// 403.
    pub fn permitted(&self, command: &Command) -> Result<(), Problem> {
        Ok(command.permits(self.user.role)?)
    }

    /// Has a command carried out, in the person's name.
    ///
    /// # Errors
    /// Every refusal, with the current row when the one the client read has changed since.
    pub async fn submit(&self, command: Command, terms: Terms) -> Result<Reply, Problem> {
        let Terms { idempotency, origin, leases } = terms;
        let request = CommandRequest::new(command);
        self.ask(CommandRequest { idempotency, origin, leases, ..request }).await
    }

    /// Has a command carried out that is the step of a job, which its commit notes as taken.
    ///
    /// # Errors
    /// As [`SignedIn::submit`], and 409 when the job was stopped.
    pub async fn submit_step(&self, command: Command, step: StepTaken) -> Result<Reply, Problem> {
        self.ask(CommandRequest { step: Some(step), ..CommandRequest::new(command) }).await
    }

    async fn ask(&self, request: CommandRequest) -> Result<Reply, Problem> {
        let estimate = match &request.command {
            Command::Estimate { id, .. } | Command::Import { id, .. } => Some(*id),
            Command::Library { .. }
            | Command::DuplicateTender { .. }
            | Command::Revise { .. }
            | Command::Restore { .. }
            | Command::CopyBack { .. }
            | Command::TakeBack { .. }
            | Command::Approve { .. }
            | Command::RevokeApproval { .. }
            | Command::Submit { .. }
            | Command::HandOver { .. }
            | Command::ConfirmHandover { .. }
            | Command::Undo { .. }
            | Command::Redo { .. }
            | Command::RememberLayout { .. }
            | Command::Comment { .. }
            | Command::Mark { .. }
            | Command::Job { .. } => None,
        };
        match self.workspace().submit(self.actor(), request).await {
            Ok(reply) => Ok(reply),
            Err(error) => Err(refusals::with_current_row(self, estimate, error).await),
        }
    }
}

/// Lets only people through who are signed in, and says who it is.
pub async fn signed_in(State(app): State<App>, mut request: Request, next: Next) -> Response {
    match who(&app, request.headers()).await {
        Ok(me) => {
            let asked = as_of::Asked::of(request.method(), request.uri(), request.headers());
            request.extensions_mut().insert(me.clone());
            let response = next.run(request).await;
            match me.read_at.get() {
                Some(past) => asked.mark(response, *past, me.published().lsn.0),
                None => response,
            }
        }
        Err(problem) => problem.into_response(),
    }
}

/// The person whose session the cookie stands for, unless deactivated since. O(log people).
///
/// # Errors
/// 401 when nobody is signed in.
pub async fn who(app: &App, headers: &HeaderMap) -> Result<SignedIn, Problem> {
    let token = token_of(headers).ok_or_else(Problem::not_signed_in)?;
    let member = app.identity.who(token, super::time::now_us());
    at_work(app, member.ok_or_else(Problem::not_signed_in)?).await
}

/// A person who has signed in, in the office of their organisation.
///
/// # Errors
/// When the organisation does not open.
pub async fn at_work(app: &App, member: Member) -> Result<SignedIn, Problem> {
    let office = app.office(member.organisation).await?;
    Ok(SignedIn { user: member.user, office, read_at: Arc::default() })
}

/// The session token a request carries.
pub fn token_of(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|cookies| cookies.split(';'))
        .find_map(|cookie| cookie.trim_start().strip_prefix(COOKIE)?.strip_prefix('='))
}

/// The cookie that keeps a token: out of reach of scripts, sent with requests of own pages only.
pub fn cookie(token: &Token) -> Option<HeaderValue> {
    let seconds = SESSION_LIFE_MAX.as_secs();
    let text = token.text();
    HeaderValue::try_from(format!(
        "{COOKIE}={text}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict"
    ))
    .ok()
}

/// The cookie that makes the client forget its token.
pub const NO_COOKIE: HeaderValue =
    HeaderValue::from_static("oxflow_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict");

impl<S: Send + Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<SignedIn>().cloned().ok_or_else(Problem::not_signed_in)
    }
}
