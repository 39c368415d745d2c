//! What a client sees when something is refused: RFC 9457 problem documents with a stable code.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;
use std::time::Duration;
use utoipa::ToSchema;
use uuid::Uuid;

/// The media type of a problem document.
pub const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");
/// Seconds after which a client refused for load may try again.
const RETRY_AFTER_SECONDS: HeaderValue = HeaderValue::from_static("1");

/// Why a request was refused.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
#[serde(rename_all = "camelCase")]
pub struct Document {
    /// Always `about:blank`: `code` says what kind of problem it is.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The problem in a few words.
    pub title: &'static str,
    /// HTTP status.
    pub status: u16,
    /// What happened, in a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Stable kebab-case code; the first broken rule's where rules were broken.
    pub code: &'static str,
    /// The field at fault, where one is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The row it is about, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<Uuid>,
    /// Every broken rule.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub violations: Vec<Violation>,
    /// The row as it is now, when it changed since the client read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub current: Option<serde_json::Value>,
    /// Seconds after which to try again, for the header.
    #[serde(skip)]
    pub retry_after: Option<u64>,
}

/// One broken rule.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Violation {
    /// Rule, such as `BR-020`.
    pub rule: String,
    /// The rule's code, such as `item-quantity-invalid`.
    pub code: &'static str,
    /// What is wrong and what would put it right, in a sentence.
    pub message: String,
    /// The rows it is about.
    pub objects: Vec<Uuid>,
    /// The field at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Where in a formula, in characters from its start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<u32>,
    /// Which edit of a bulk, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edit: Option<u32>,
    /// Figures a client needs to ask again, such as what a delete takes with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<FactsSchema>)]
    pub facts: Option<Facts>,
}

/// Named values of a violation. Counts are numbers, everything else is text.
#[derive(Clone, Debug)]
pub struct Facts(pub Vec<(&'static str, String)>);

impl Serialize for Facts {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut map = s.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            match value.parse::<u64>() {
                Ok(count) if *name == "items" => map.serialize_entry(name, &count)?,
                _ => map.serialize_entry(name, value)?,
            }
        }
        map.end()
    }
}

/// Shape of [`Facts`] in the document.
#[derive(ToSchema)]
#[schema(as = Facts)]
#[allow(dead_code, reason = "describes what `Facts` writes")]
pub struct FactsSchema {
    /// Items a delete would take: its confirmation must name as many (BR-017).
    items: Option<u64>,
    /// What they cost.
    cost: Option<super::schema::Money>,
    /// Others, by name.
    #[serde(flatten)]
    others: BTreeMap<String, String>,
}

/// A refusal on its way to the client; small, so that results stay small.
#[derive(Clone, Debug)]
pub struct Problem(Box<Document>);

impl Problem {
    /// A problem with its code and a sentence for the person.
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Problem {
        Problem(Box::new(Document {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Refused"),
            status: status.as_u16(),
            detail: Some(detail.into()),
            code,
            field: None,
            object: None,
            violations: Vec::new(),
            current: None,
            retry_after: None,
        }))
    }

    /// 400: the request makes no sense as it stands.
    pub fn invalid(field: impl Into<String>, detail: impl Into<String>) -> Problem {
        let mut problem = Problem::new(StatusCode::BAD_REQUEST, "invalid-request", detail);
        problem.0.field = Some(field.into());
        problem
    }

    /// 400 without a field to blame.
    pub fn bad_request(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::BAD_REQUEST, "invalid-request", detail)
    }

    /// 401: nobody is signed in.
    pub fn not_signed_in() -> Problem {
        Problem::new(StatusCode::UNAUTHORIZED, "not-signed-in", "Sign in first.")
    }

    /// 401: the API token stands for nobody.
    pub fn token_unknown() -> Problem {
        Problem::new(
            StatusCode::UNAUTHORIZED,
            "token-unknown",
            "This API token is unknown, has ended, or was revoked.",
        )
    }

    /// 403: the person may not come in any more (BR-117).
    pub fn deactivated() -> Problem {
        Problem::new(
            StatusCode::FORBIDDEN,
            "user-deactivated",
            "This person is deactivated: their sessions and tokens ended at once.",
        )
    }

    /// 403: the person's role does not allow it (BR-114).
    pub fn permission_denied(code: &'static str, detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::FORBIDDEN, code, detail)
    }

    /// 403: a page of another site asks for a change.
    pub fn foreign_origin() -> Problem {
        Problem::new(
            StatusCode::FORBIDDEN,
            "foreign-origin",
            "Only pages of this server may ask for this.",
        )
    }

    /// 421: the request is for a server of another name.
    pub fn foreign_host() -> Problem {
        Problem::new(
            StatusCode::MISDIRECTED_REQUEST,
            "foreign-host",
            "This server does not answer to that name.",
        )
    }

    /// 404.
    pub fn not_found(what: &str) -> Problem {
        Problem::new(StatusCode::NOT_FOUND, "not-found", format!("There is no such {what}."))
    }

    /// 413: more than one request may carry.
    pub fn too_large(code: &'static str, detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, code, detail)
    }

    /// 415: the body is packed.
    pub fn encoded() -> Problem {
        Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "content-encoding-unsupported",
            "Send the body as it is, without a Content-Encoding.",
        )
    }

    /// 500: a fault of ours, told without its cause; the log has that.
    pub fn internal() -> Problem {
        Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal-error",
            "Something went wrong on the server. Nothing of the request was kept.",
        )
    }

    /// 503: more requests than the server works on at once.
    pub fn overloaded() -> Problem {
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "overloaded",
            "The server is busy. Try again in a moment.",
        )
    }

    /// 429: somebody asks too often; `wait` from now they may again.
    pub fn too_often(wait: Duration) -> Problem {
        let seconds = wait.as_secs() + 1;
        let detail = format!("Too many requests. Try again in {seconds} s.");
        Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", detail)
            .again_after(seconds)
    }

    /// Says after how many seconds to try again.
    #[must_use]
    pub fn again_after(mut self, seconds: u64) -> Problem {
        self.0.retry_after = Some(seconds);
        self
    }

    /// 504: the request took too long.
    pub fn timeout() -> Problem {
        Problem::new(
            StatusCode::GATEWAY_TIMEOUT,
            "timeout",
            "The request took too long and was given up. Was it to change something, look whether it \
             did: asked again with the same Idempotency-Key it is not done twice.",
        )
    }

    /// 504: a change was made and is not acknowledged, for the vault does not have it yet.
    pub fn vault_awaited() -> Problem {
        Problem::new(
            StatusCode::GATEWAY_TIMEOUT,
            "vault-awaited",
            "The change is on this server's disk, and not in the vault yet, which every change has to \
             reach here (vault.durability). It is not lost and need not be made again: asked again \
             with the same Idempotency-Key it is answered once the vault has it.",
        )
    }

    /// 500 instead: the rule broken is an invariant, so the fault is ours.
    #[must_use]
    pub fn as_fault(mut self) -> Problem {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        self.0.status = status.as_u16();
        self.0.title = status.canonical_reason().unwrap_or("Refused");
        self
    }

    /// Says which part of the request is at fault.
    #[must_use]
    pub fn at_field(mut self, field: &'static str) -> Problem {
        self.0.field = Some(field.to_owned());
        self
    }

    /// Says which row it is about.
    #[must_use]
    pub fn about(mut self, id: Uuid) -> Problem {
        self.0.object = Some(id);
        self
    }

    /// With the row as it is now.
    #[must_use]
    pub fn with_current(mut self, current: impl Serialize) -> Problem {
        self.0.current = serde_json::to_value(current).ok();
        self
    }

    /// With the rules that were broken.
    #[must_use]
    pub fn with_violations(mut self, violations: Vec<Violation>) -> Problem {
        self.0.violations = violations;
        self
    }

    /// The status it is answered with.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The document sent.
    pub fn document(&self) -> &Document {
        &self.0
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = serde_json::to_vec(&self.0).unwrap_or_default();
        let mut response = (self.status(), body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, PROBLEM_JSON);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.status() == StatusCode::PAYLOAD_TOO_LARGE {
            // The rest of the body is not read, so nothing more can come on this connection.
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        if self.0.code == "token-unknown" {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.0.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        } else if self.status() == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, RETRY_AFTER_SECONDS);
        }
        response
    }
}
