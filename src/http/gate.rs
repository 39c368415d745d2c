//! Which routes take which role whatever is asked there, so that whoever may not is told so before
//! anything of the request is looked at, and learns nothing by it.
//!
//! The workspace decides about every command all the same; a route may ask for less than what is
//! asked there turns out to take.

use super::auth::SignedIn;
use super::openapi;
use super::problem::Problem;
use crate::estimating::user::Role;
use axum::extract::{MatchedPath, Request};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Why a role is refused, by its rule: BR-114, and for two BR-121 and BR-099.
const DENIED: &str = "permission-denied";
const AUDIT_DENIED: &str = "audit-access-denied";
const BREAK_DENIED: &str = "lock-break-not-allowed";

/// Routes that are no reading and change nothing of the organisation but what is a person's own: a
/// Viewer may call them.
const FOR_ANYONE: [(Method, &str); 13] = [
    (Method::POST, "/session/organisation"),
    (Method::DELETE, "/sessions"),
    (Method::DELETE, "/sessions/{id}"),
    (Method::POST, "/tokens"),
    (Method::DELETE, "/tokens/{id}"),
    (Method::POST, "/estimates/{id}/rows/query"),
    (Method::POST, "/estimates/{id}/prices"),
    (Method::POST, "/formulas/check"),
    (Method::POST, "/estimates/{id}/commercials/preview"),
    (Method::POST, "/estimates/{id}/packages/{package}/preview"),
    (Method::POST, "/branding/preview"),
    (Method::POST, "/notifications/read"),
    (Method::POST, "/recipes/preview"),
];

/// Routes that take more than an Estimator.
const FOR_FEW: [(Method, &str, Role, &str); 40] = [
    (Method::GET, "/settings", Role::Admin, DENIED),
    (Method::GET, "/users", Role::Admin, DENIED),
    (Method::POST, "/users", Role::Admin, DENIED),
    (Method::PATCH, "/users/{id}", Role::Admin, DENIED),
    (Method::DELETE, "/users/{id}/sessions", Role::Admin, DENIED),
    (Method::DELETE, "/users/{id}/links", Role::Admin, DENIED),
    (Method::PATCH, "/organisations/{id}", Role::Admin, DENIED),
    (Method::DELETE, "/units/{code}", Role::LeadEstimator, DENIED),
    (Method::DELETE, "/tenders/{id}", Role::Admin, DENIED),
    (Method::PUT, "/estimates/{id}/lead", Role::LeadEstimator, DENIED),
    (Method::POST, "/estimates/{id}/archive", Role::LeadEstimator, DENIED),
    (Method::POST, "/estimates/{id}/submission", Role::LeadEstimator, DENIED),
    (Method::POST, "/estimates/{id}/approval", Role::LeadEstimator, DENIED),
    (Method::DELETE, "/estimates/{id}/approval", Role::LeadEstimator, DENIED),
    (Method::PUT, "/tenders/{id}/decision", Role::LeadEstimator, DENIED),
    (Method::POST, "/tenders/{id}/handovers", Role::LeadEstimator, DENIED),
    (Method::POST, "/tenders/{id}/handovers/{handover}/confirm", Role::LeadEstimator, DENIED),
    (Method::PUT, "/thresholds", Role::Admin, DENIED),
    (Method::PUT, "/branding", Role::Admin, DENIED),
    (Method::PUT, "/branding/logo", Role::Admin, DENIED),
    (Method::DELETE, "/branding/logo", Role::Admin, DENIED),
    (Method::POST, "/estimates/{id}/leases/{row}/take-over", Role::LeadEstimator, BREAK_DENIED),
    (Method::GET, "/audit", Role::LeadEstimator, AUDIT_DENIED),
    (Method::GET, "/audit/entries/{lsn}", Role::LeadEstimator, AUDIT_DENIED),
    (Method::GET, "/audit/seal", Role::LeadEstimator, AUDIT_DENIED),
    (Method::POST, "/audit/verify", Role::LeadEstimator, AUDIT_DENIED),
    (Method::GET, "/audit/export", Role::LeadEstimator, AUDIT_DENIED),
    (Method::GET, "/audit/access", Role::Admin, AUDIT_DENIED),
    (Method::GET, "/audit/access/export", Role::Admin, AUDIT_DENIED),
    (Method::POST, "/audit/access/verify", Role::Admin, AUDIT_DENIED),
    (Method::GET, "/vault/snapshots", Role::Admin, DENIED),
    (Method::POST, "/vault/snapshots", Role::Admin, DENIED),
    (Method::POST, "/vault/drills", Role::Admin, DENIED),
    (Method::POST, "/snapshots", Role::Admin, DENIED),
    (Method::POST, "/content-kinds", Role::Admin, DENIED),
    (Method::PATCH, "/content-kinds/{id}", Role::Admin, DENIED),
    (Method::POST, "/categorisations", Role::LeadEstimator, DENIED),
    (Method::PATCH, "/categorisations/{id}", Role::LeadEstimator, DENIED),
    (Method::PUT, "/companies/xero/{contact}", Role::Admin, DENIED),
    (Method::DELETE, "/companies/xero/{contact}", Role::Admin, DENIED),
];

/// The least role a route takes, with the code of whoever has less. What is not named here reads, or
/// changes something and takes an Estimator.
fn least(method: &Method, path: &str) -> (Role, &'static str) {
    let few = FOR_FEW.iter().find(|(of, at, ..)| of == method && *at == path);
    if let Some((.., role, code)) = few {
        return (*role, code);
    }
    let reads = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    if reads || FOR_ANYONE.iter().any(|(of, at)| of == method && *at == path) {
        (Role::Viewer, DENIED)
    } else {
        (Role::Estimator, DENIED)
    }
}

/// Refuses whoever has less than the least role of a route.
pub async fn by_role(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>();
    let me = request.extensions().get::<SignedIn>();
    if let (Some(route), Some(me)) = (route, me) {
        let path = route.as_str();
        let path = path.strip_prefix(openapi::BASE).unwrap_or(path);
        // What answers GET answers HEAD.
        let method = match *request.method() {
            Method::HEAD => &Method::GET,
            _ => request.method(),
        };
        let (needs, code) = least(method, path);
        let has = me.user().role;
        if has < needs {
            let detail = format!("This takes the role {}; you are {}.", needs.name(), has.name());
            return Problem::permission_denied(code, detail).into_response();
        }
    }
    next.run(request).await
}
