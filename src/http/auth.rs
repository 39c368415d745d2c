//! The person behind a request.

use super::app::{App, Office};
use super::as_of;
use super::extract::Terms;
use super::history::Person;
use super::people::StaffMember;
use super::problem::Problem;
use super::refusals;
use crate::estimating::branding::Branding;
use crate::estimating::catalogue::Catalogue;
use crate::estimating::estimate::Estimate;
use crate::estimating::id::{EstimateId, UserId};
use crate::estimating::user::User;
use crate::identity::{Member, NotIn, Session, SignInRefused, Via};
use crate::workspace::control::{Asker, ControlError};
use crate::workspace::jobs::StepTaken;
use crate::workspace::{Actor, Command, Published, Reply, Request as CommandRequest, Workspace};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::{Arc, OnceLock};
use uuid::Uuid;

/// The person signed in, at work in an organisation. A handler that takes it is never run for
/// anybody else. Cloning costs O(1).
#[derive(Clone)]
pub struct SignedIn {
    user: Arc<User>,
    office: Arc<Office>,
    /// By what they were let in; none for a job of theirs.
    via: Option<Via>,
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
        SignedIn { user, office, via: None, read_at: Arc::default() }
    }
    /// The session, for what only somebody who signed in may do.
    ///
    /// # Errors
    /// 403 for whoever came with an API token.
    pub fn session(&self) -> Result<&Arc<Session>, Problem> {
        match &self.via {
            Some(Via::Session(session)) => Ok(session),
            Some(Via::Token(_)) | None => Err(Problem::new(
                StatusCode::FORBIDDEN,
                "session-required",
                "This takes somebody who signed in; an API token cannot do it.",
            )),
        }
    }
    /// By what the person was let in; none for a job of theirs.
    pub fn via(&self) -> Option<&Via> {
        self.via.as_ref()
    }
    /// The API token the person's program came with.
    pub fn token(&self) -> Option<Uuid> {
        match &self.via {
            Some(Via::Token(token)) => Some(token.row.id),
            Some(Via::Session(_)) | None => None,
        }
    }
    /// The person as people and access are changed by.
    pub fn asker(&self) -> Asker {
        let organisation = self.office.organisation().id;
        Asker { organisation, user: self.user.id, role: self.user.role }
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
            | Command::Attach { .. }
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
    match who(&app, request.method(), request.headers()).await {
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

/// The person whose API token a request carries, or whose session its cookie stands for. A token
/// that is no good is no way to fall back on a cookie. O(log people).
///
/// # Errors
/// 401 when nobody is signed in, 403 for a person who was deactivated, or a token that only reads.
async fn who(app: &App, method: &Method, headers: &HeaderMap) -> Result<SignedIn, Problem> {
    let now_us = super::time::now_us();
    let given = headers.get(header::AUTHORIZATION).and_then(|given| given.to_str().ok());
    // What a proxy asks for by another scheme is none of ours.
    let member = match given.and_then(bearer) {
        Some(token) => {
            let member = app.identity.who_has(token, now_us);
            member.map_err(|not_in| refused(not_in, Problem::token_unknown))?
        }
        None => {
            let token = app.cookies.session_of(headers).ok_or_else(Problem::not_signed_in)?;
            let member = app.identity.who(token, now_us);
            member.map_err(|not_in| refused(not_in, Problem::not_signed_in))?
        }
    };
    if let Via::Token(token) = &member.via
        && token.reads_only()
        && !matches!(*method, Method::GET | Method::HEAD)
    {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "token-reads-only",
            "This API token reads only: it may make GET requests.",
        ));
    }
    at_work(app, member).await
}

fn refused(not_in: NotIn, nobody: fn() -> Problem) -> Problem {
    match not_in {
        NotIn::Nobody => nobody(),
        NotIn::Deactivated => Problem::deactivated(),
    }
}

/// The token of an `Authorization` header.
fn bearer(text: &str) -> Option<&str> {
    let (scheme, token) = text.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// A person who has signed in, in the office of their organisation.
///
/// # Errors
/// When the organisation does not open.
pub async fn at_work(app: &App, member: Member) -> Result<SignedIn, Problem> {
    let office = app.office(member.organisation).await?;
    Ok(SignedIn { user: member.user, office, via: Some(member.via), read_at: Arc::default() })
}

/// A sign-in that failed for no fault of whoever signs in.
pub fn sign_in_failed(why: &SignInRefused) -> Problem {
    tracing::error!(%why, "a sign-in failed");
    Problem::internal()
}

/// A refused change of people, sessions or tokens.
pub fn control_refused(error: ControlError) -> Problem {
    match error {
        ControlError::NotAdmin(_) => {
            Problem::permission_denied("permission-denied", error.to_string())
        }
        ControlError::NoUser => Problem::not_found("person"),
        ControlError::NoAccess(what) => Problem::not_found(what),
        ControlError::NoOrganisation(_) => Problem::not_found("organisation"),
        ControlError::Invalid { field, message } => Problem::invalid(field, message),
        ControlError::Stale(ref now) => {
            let problem = Problem::new(StatusCode::CONFLICT, "stale-version", error.to_string());
            problem.about(now.id.0).with_current(StaffMember::plain(now))
        }
        ControlError::LastAdmin => {
            Problem::new(StatusCode::CONFLICT, "last-admin-protected", error.to_string())
        }
        ControlError::Deactivated => Problem::deactivated(),
        ControlError::Shared => {
            Problem::new(StatusCode::CONFLICT, "person-shared", error.to_string())
        }
        ControlError::TrailBroken(_) => {
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "audit-chain-broken", error.to_string())
        }
        ControlError::InUse(_)
        | ControlError::Directory { .. }
        | ControlError::Ledger { .. }
        | ControlError::Workspace { .. }
        | ControlError::Archive(_)
        | ControlError::Row(_) => {
            tracing::error!(%error, "a change of people failed");
            Problem::internal()
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<SignedIn>().cloned().ok_or_else(Problem::not_signed_in)
    }
}
