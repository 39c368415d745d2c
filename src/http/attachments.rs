//! Files attached to tenders, items, packages and quotes.

use super::auth::SignedIn;
use super::documents::download;
use super::extract::{Json, Path, Query, Terms};
use super::history::Person;
use super::imports::{UploadForm, file_of};
use super::off_thread::off_thread;
use super::problem::Problem;
use super::schema;
use super::time::Time;
use crate::documents::attachment::media_type;
use crate::estimating::id::{EstimateId, ItemId, TenderId};
use crate::estimating::quotes::{PackageId, QuoteId};
use crate::workspace::{self, AttachedTo, AttachmentEdit, Command, FILE_BYTES_MAX};
use axum::extract::Multipart;
use axum::extract::multipart::MultipartRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// What a file is attached to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AttachedKind {
    /// The tender itself.
    #[default]
    Tender,
    /// An item or heading of an estimate.
    Item,
    /// A package.
    Package,
    /// A quote.
    Quote,
}

/// A file attached to something.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Attachment {
    /// Identity.
    pub id: Uuid,
    /// What it is attached to.
    pub kind: AttachedKind,
    /// Which item, package or quote, in every revision of its estimate; absent for the tender itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holder_id: Option<Uuid>,
    /// What the file is called.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// Bytes.
    pub bytes: u64,
    /// SHA-256 of its bytes.
    pub hash: String,
    /// Who attached it.
    pub by: Person,
    /// When.
    #[schema(value_type = schema::Time)]
    pub at: Time,
}

/// Files, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct Attachments {
    /// The files.
    pub items: Vec<Attachment>,
}

/// What a file is to be attached to.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AttachQuery {
    /// `tender`, `item`, `package` or `quote`; the tender where absent.
    #[serde(default)]
    #[param(inline)]
    pub kind: AttachedKind,
    /// The item, package or quote.
    pub holder_id: Option<Uuid>,
    /// The estimate it is in.
    pub estimate_id: Option<Uuid>,
}

impl AttachQuery {
    fn to(&self) -> Result<AttachedTo, Problem> {
        let holder = self.holder_id;
        let holder = || holder.ok_or_else(|| Problem::invalid("holderId", "Say of which one."));
        Ok(match self.kind {
            AttachedKind::Tender => AttachedTo::Tender,
            AttachedKind::Item => AttachedTo::Item(ItemId(holder()?)),
            AttachedKind::Package => AttachedTo::Package(PackageId(holder()?)),
            AttachedKind::Quote => AttachedTo::Quote(QuoteId(holder()?)),
        })
    }
}

impl Attachment {
    fn of(me: &SignedIn, row: &workspace::Attachment) -> Attachment {
        let (kind, holder_id) = match row.to {
            AttachedTo::Tender => (AttachedKind::Tender, None),
            AttachedTo::Item(id) => (AttachedKind::Item, Some(id.0)),
            AttachedTo::Package(id) => (AttachedKind::Package, Some(id.0)),
            AttachedTo::Quote(id) => (AttachedKind::Quote, Some(id.0)),
        };
        Attachment {
            id: row.id,
            kind,
            holder_id,
            name: row.name.to_string(),
            media_type: row.media_type.to_string(),
            bytes: row.bytes,
            hash: row.hash.to_string(),
            by: me.person(row.by),
            at: Time(row.at_us),
        }
    }
}

/// The files attached to a tender and to the items, packages and quotes in it.
#[utoipa::path(
    get,
    path = "/tenders/{id}/attachments",
    operation_id = "listAttachments",
    tag = "Attachments",
    params(("id" = Uuid, Path, description = "Tender")),
    responses((status = 200, description = "Files, oldest first", body = Attachments)),
)]
pub async fn list(me: SignedIn, Path(id): Path<Uuid>) -> Result<Json<Attachments>, Problem> {
    let workspace = me.workspace().clone();
    let read = move || workspace.attachments(TenderId(id));
    let rows = off_thread("reading attachments", read).await??;
    Ok(Json(Attachments { items: rows.iter().map(|row| Attachment::of(&me, row)).collect() }))
}

/// Attaches a file: a document, picture, drawing, message or archive of at most 15 MiB whose bytes
/// are what its name says.
#[utoipa::path(
    post,
    path = "/tenders/{id}/attachments",
    operation_id = "createAttachments",
    tag = "Attachments",
    params(("id" = Uuid, Path, description = "Tender"), AttachQuery),
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses(
        (status = 201, description = "The files of the tender", body = Attachments),
        (status = 413, description = "The file is too large"),
        (status = 422, description = "The file is of no kind that can be attached"),
    ),
)]
pub async fn create(
    me: SignedIn,
    Path(id): Path<Uuid>,
    Query(query): Query<AttachQuery>,
    terms: Terms,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, Problem> {
    let to = query.to()?;
    let mut form = form.map_err(|_| {
        Problem::invalid("file", "Send the file as a multipart form with the part `file`.")
    })?;
    let (name, bytes) = file_of(&mut form, FILE_BYTES_MAX).await?;
    if bytes.len() > FILE_BYTES_MAX {
        let mib = FILE_BYTES_MAX >> 20;
        return Err(Problem::too_large("body-too-large", format!("Attach at most {mib} MiB.")));
    }
    let media_type = media_type(&name, &bytes).map_err(|error| {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        Problem::new(status, "attachment-kind", error.to_string())
    })?;
    let terms = terms.over(&bytes);
    let edit = AttachmentEdit::Add {
        tender: TenderId(id),
        estimate: query.estimate_id.map(EstimateId),
        to,
        name,
        media_type,
        bytes: bytes.to_vec().into(),
    };
    me.submit(Command::Attach { edit }, terms).await?;
    Ok((StatusCode::CREATED, list(me, Path(id)).await?).into_response())
}

/// An attached file, to be saved.
#[utoipa::path(
    get,
    path = "/tenders/{id}/attachments/{attachment}",
    operation_id = "showAttachments",
    tag = "Attachments",
    params(("id" = Uuid, Path, description = "Tender"), ("attachment" = Uuid, Path, description = "Attachment")),
    responses((status = 200, description = "The file")),
)]
pub async fn show(
    me: SignedIn,
    Path((id, attachment)): Path<(Uuid, Uuid)>,
) -> Result<Response, Problem> {
    let workspace = me.workspace().clone();
    let read = move || workspace.attached_file(TenderId(id), attachment);
    let (row, bytes) = off_thread("reading a file", read).await??;
    Ok(download(bytes, &row.media_type, &safe(&row.name)))
}

/// A name that can stand in a header and that every file system takes.
fn safe(name: &str) -> String {
    let kept = |c: char| if c.is_ascii_alphanumeric() || ".-_ ()".contains(c) { c } else { '-' };
    name.chars().map(kept).collect()
}

/// Takes a file away: one's own, or anybody's for a Lead.
#[utoipa::path(
    delete,
    path = "/tenders/{id}/attachments/{attachment}",
    operation_id = "removeAttachments",
    tag = "Attachments",
    params(("id" = Uuid, Path, description = "Tender"), ("attachment" = Uuid, Path, description = "Attachment")),
    responses((status = 204, description = "Gone")),
)]
pub async fn remove(
    me: SignedIn,
    Path((id, attachment)): Path<(Uuid, Uuid)>,
    terms: Terms,
) -> Result<StatusCode, Problem> {
    let edit = AttachmentEdit::Delete { tender: TenderId(id), id: attachment };
    me.submit(Command::Attach { edit }, terms).await?;
    Ok(StatusCode::NO_CONTENT)
}
