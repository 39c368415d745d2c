//! How the organisation's documents look: letterhead, accent, logo, columns of the schedule, who
//! signs.

use super::auth::SignedIn;
use super::documents::unmade;
use super::exports::sample_head;
use super::extract::{Asked, Json, Terms};
use super::history::Person;
use super::layers::PRIVATE;
use super::library;
use super::off_thread::press;
use super::problem::Problem;
use super::schema;
use super::time::Time;
use crate::documents::limits::unwatched;
use crate::documents::logo::{self, LogoError};
use crate::documents::{print, sample};
use crate::estimating::branding::{
    self, BrandingFields, LETTERHEAD_LINE_CHARS_MAX, LETTERHEAD_LINES_MAX, LOGO_BYTES_MAX, Logo,
    LogoKind, ScheduleColumns, Signatory,
};
use crate::estimating::library::LibraryEdit;
use crate::workspace::Command;
use axum::body::Bytes;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a drawing served by itself may do: show itself.
const LOGO_SECURITY: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

/// A logo, without its bytes.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LogoShown {
    /// Kind.
    pub kind: LogoKind,
    /// How many bytes it has.
    pub bytes: u64,
}

/// How documents look.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Branding {
    /// Lines below the organisation's name.
    pub letterhead: Vec<Box<str>>,
    /// Colour of rules and headings, `#rrggbb`.
    pub accent: String,
    /// Columns of the client's schedule.
    pub columns: ScheduleColumns,
    /// Who signs letters; what is empty is a line to write on.
    pub signatory: Signatory,
    /// The logo, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo: Option<LogoShown>,
    /// Lines a letterhead may have.
    pub letterhead_lines_max: u32,
    /// Characters a line of it may have.
    pub letterhead_chars_max: u32,
    /// Bytes a logo may have.
    pub logo_bytes_max: u64,
    /// Counts changes, from 1; 0 before there are any.
    pub version: u64,
    /// Who changed it last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_by: Option<Person>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Time>)]
    pub updated_at: Option<Time>,
}

/// How documents shall look; absent fields stay as they are.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BrandingInput {
    /// The version the client read; 0 before there was one.
    #[serde(default)]
    pub version: Option<u64>,
    /// All lines below the organisation's name.
    #[serde(default)]
    pub letterhead: Option<Vec<String>>,
    /// Colour of rules and headings, `#rrggbb`; dark enough to read on white paper.
    #[serde(default)]
    pub accent: Option<String>,
    /// Columns of the client's schedule.
    #[serde(default)]
    pub columns: Option<ScheduleColumns>,
    /// Who signs letters; what is empty is a line to write on.
    #[serde(default)]
    pub signatory: Option<Signatory>,
}

impl BrandingInput {
    fn fields(self) -> BrandingFields {
        let BrandingInput { version: _, letterhead, accent, columns, signatory } = self;
        BrandingFields { letterhead, accent, columns, logo: None, signatory }
    }
}

/// How documents look.
#[utoipa::path(
    get,
    path = "/branding",
    operation_id = "showBranding",
    tag = "Documents",
    responses((status = 200, description = "The look", body = Branding)),
)]
pub async fn show(me: SignedIn) -> Json<Branding> {
    Json(Branding::of(&me))
}

/// Restyles documents; an Admin's to do.
#[utoipa::path(
    put,
    path = "/branding",
    operation_id = "updateBranding",
    tag = "Documents",
    request_body = BrandingInput,
    responses((status = 200, description = "The look", body = Branding)),
)]
pub async fn update(me: SignedIn, asked: Asked<BrandingInput>) -> Result<Json<Branding>, Problem> {
    let version = asked.body.version;
    let edit = LibraryEdit::SetBranding { version, set: Box::new(asked.body.fields()) };
    library::edit(&me, edit, asked.terms).await?;
    Ok(Json(Branding::of(&me)))
}

/// The first page of a sample in a look that is not saved yet, with the logo there is.
#[utoipa::path(
    post,
    path = "/branding/preview",
    operation_id = "previewBranding",
    tag = "Documents",
    request_body = BrandingInput,
    responses((status = 200, description = "A PDF", content_type = "application/pdf")),
)]
pub async fn preview(me: SignedIn, Json(input): Json<BrandingInput>) -> Result<Response, Problem> {
    let look = me.published().library.branding().with(&input.fields())?;
    let bytes = printed(&me, look).await?;
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/pdf"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// The logo.
#[utoipa::path(
    get,
    path = "/branding/logo",
    operation_id = "showLogo",
    tag = "Documents",
    responses(
        (status = 200, description = "The picture"),
        (status = 404, description = "There is none"),
    ),
)]
pub async fn show_logo(me: SignedIn) -> Result<Response, Problem> {
    let published = me.published();
    let logo = published.library.branding().logo.as_ref();
    let logo = logo.ok_or_else(|| Problem::not_found("logo"))?;
    let mut response = logo.bytes.clone().into_response();
    let headers = response.headers_mut();
    let kind = HeaderValue::from_static(logo.kind.media_type());
    headers.insert(header::CONTENT_TYPE, kind);
    headers.insert(header::CACHE_CONTROL, PRIVATE);
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(LOGO_SECURITY));
    Ok(response)
}

/// Puts another logo in place; an Admin's to do. What the file is is told by its bytes; it must
/// print.
#[utoipa::path(
    put,
    path = "/branding/logo",
    operation_id = "setLogo",
    tag = "Documents",
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "A PNG, JPEG or SVG"),
    responses(
        (status = 200, description = "The look", body = Branding),
        (status = 413, description = "Too large"),
        (status = 422, description = "No picture, or one that a document does not take"),
    ),
)]
pub async fn set_logo(me: SignedIn, terms: Terms, bytes: Bytes) -> Result<Json<Branding>, Problem> {
    let logo = |logo| {
        let set = BrandingFields { logo: Some(logo), ..BrandingFields::default() };
        LibraryEdit::SetBranding { version: None, set: Box::new(set) }
    };
    me.permitted(&Command::Library { edits: vec![logo(None)], label: None })?;
    let read = logo::read(&bytes).map_err(refused)?;
    let look = branding::Branding {
        logo: Some(read.clone()),
        ..me.published().library.branding().clone()
    };
    printed(&me, look).await?;
    library::edit(&me, logo(Some(read)), terms).await?;
    Ok(Json(Branding::of(&me)))
}

/// Takes the logo away; an Admin's to do.
#[utoipa::path(
    delete,
    path = "/branding/logo",
    operation_id = "removeLogo",
    tag = "Documents",
    responses((status = 200, description = "The look", body = Branding)),
)]
pub async fn remove_logo(me: SignedIn, terms: Terms) -> Result<Json<Branding>, Problem> {
    let set = BrandingFields { logo: Some(None), ..BrandingFields::default() };
    let edit = LibraryEdit::SetBranding { version: None, set: Box::new(set) };
    library::edit(&me, edit, terms).await?;
    Ok(Json(Branding::of(&me)))
}

/// The sample in a look, which proves that the look prints: on paper and as a workbook.
async fn printed(me: &SignedIn, look: branding::Branding) -> Result<Vec<u8>, Problem> {
    let organisation = me.office().organisation();
    let made = press(move || {
        let paper = sample::schedule(sample_head(&organisation)).paper(look.columns);
        print::xlsx(&paper, &look)?;
        print::pdf(&paper, &look, &mut unwatched)
    });
    made.await?.map_err(unmade)
}

fn refused(error: LogoError) -> Problem {
    let said = error.to_string();
    match error {
        LogoError::TooLarge(_) => Problem::too_large("logo-too-large", said),
        LogoError::Unknown
        | LogoError::Damaged
        | LogoError::TooManyPixels(..)
        | LogoError::Drawing(_) => {
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "logo-not-accepted", said)
        }
    }
}

impl Branding {
    fn of(me: &SignedIn) -> Branding {
        let published = me.published();
        let row = published.library.branding();
        let short = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let shown = |logo: &Logo| LogoShown { kind: logo.kind, bytes: logo.bytes.len() as u64 };
        Branding {
            letterhead: row.letterhead.clone(),
            accent: row.accent.to_string(),
            columns: row.columns,
            signatory: row.signatory.clone(),
            logo: row.logo.as_ref().map(shown),
            letterhead_lines_max: short(LETTERHEAD_LINES_MAX),
            letterhead_chars_max: short(LETTERHEAD_LINE_CHARS_MAX),
            logo_bytes_max: LOGO_BYTES_MAX as u64,
            version: row.version,
            updated_by: row.stamp.map(|stamp| me.person(stamp.updated_by)),
            updated_at: row.stamp.map(|stamp| Time(stamp.updated_at_us)),
        }
    }
}
