//! Comments on items, and the inbox of those they mention.

use super::auth::SignedIn;
use super::extract::{Asked, Json, Path, Query, Terms};
use super::history::Person;
use super::library;
use super::off_thread::off_thread;
use super::problem::Problem;
use super::schema;
use super::time::Time;
use crate::estimating::id::{EstimateId, UserId};
use crate::workspace::{self, Command, CommentEdit};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A comment on an item or heading.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Comment {
    /// Identity.
    pub id: Uuid,
    /// The item or heading.
    pub item_id: Uuid,
    /// Who said it.
    pub by: Person,
    /// When.
    #[schema(value_type = schema::Time)]
    pub at: Time,
    /// What.
    pub text: String,
    /// Whom it means.
    pub mentions: Vec<Person>,
}

/// Comments, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct Comments {
    /// The comments.
    pub items: Vec<Comment>,
}

/// Which comments.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CommentsQuery {
    /// Only those on this item or heading.
    pub item_id: Option<Uuid>,
}

/// Something to say about an item.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewComment {
    /// Its identity, a UUIDv7 the client chose; the server chooses where absent.
    #[serde(default)]
    pub id: Option<Uuid>,
    /// The item or heading.
    pub item_id: Uuid,
    /// What: 1 to 4,000 characters.
    pub text: String,
    /// Whom it means, at most 50 people of the organisation.
    #[serde(default)]
    pub mentions: Vec<Uuid>,
}

/// A comment that mentions the person signed in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Notification {
    /// The comment.
    pub comment: Comment,
    /// The estimate it is in.
    pub estimate_id: Uuid,
    /// What the estimate is called.
    pub estimate_name: String,
    /// When it was read; absent until then.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Time>)]
    pub read_at: Option<Time>,
}

/// The inbox.
#[derive(Debug, Serialize, ToSchema)]
pub struct Inbox {
    /// Newest first; at most 500 are kept.
    pub items: Vec<Notification>,
    /// How many have not been read.
    pub unread: u64,
}

/// What was read.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ReadInput {
    /// The comments; all of them where empty.
    pub comment_ids: Vec<Uuid>,
}

impl Comment {
    fn of(me: &SignedIn, comment: &workspace::Comment) -> Comment {
        Comment {
            id: comment.id,
            item_id: comment.item,
            by: me.person(comment.by),
            at: Time(comment.at_us),
            text: comment.text.to_string(),
            mentions: comment.mentions.iter().map(|user| me.person(*user)).collect(),
        }
    }
}

/// What was said about the items of an estimate.
#[utoipa::path(
    get,
    path = "/estimates/{id}/comments",
    operation_id = "listComments",
    tag = "Together",
    params(("id" = Uuid, Path, description = "Estimate"), CommentsQuery),
    responses((status = 200, description = "Comments, oldest first", body = Comments)),
)]
pub async fn list(
    me: SignedIn,
    Path(id): Path<Uuid>,
    Query(query): Query<CommentsQuery>,
) -> Result<Json<Comments>, Problem> {
    let workspace = me.workspace().clone();
    let read = move || workspace.comments(EstimateId(id), query.item_id);
    let (comments, _) = off_thread("reading comments", read).await??;
    Ok(Json(Comments { items: comments.iter().map(|one| Comment::of(&me, one)).collect() }))
}

/// Says something about an item; whoever it mentions finds it in their inbox.
#[utoipa::path(
    post,
    path = "/estimates/{id}/comments",
    operation_id = "createComments",
    tag = "Together",
    params(("id" = Uuid, Path, description = "Estimate")),
    request_body = NewComment,
    responses((status = 201, description = "The comments on the item", body = Comments)),
)]
pub async fn create(
    me: SignedIn,
    Path(id): Path<Uuid>,
    asked: Asked<NewComment>,
) -> Result<Response, Problem> {
    let NewComment { id: comment, item_id, text, mentions } = asked.body;
    let edit = CommentEdit::Add {
        id: comment,
        estimate: EstimateId(id),
        item: item_id,
        text,
        mentions: mentions.into_iter().map(UserId).collect(),
    };
    let reply = me.submit(Command::Comment { edit }, asked.terms).await?;
    library::made(&reply)?;
    let query = CommentsQuery { item_id: Some(item_id) };
    let comments = list(me, Path(id), Query(query)).await?;
    Ok((StatusCode::CREATED, comments).into_response())
}

/// Takes a comment back: one's own, or anybody's for a Lead.
#[utoipa::path(
    delete,
    path = "/estimates/{id}/comments/{comment}",
    operation_id = "removeComments",
    tag = "Together",
    params(("id" = Uuid, Path, description = "Estimate"), ("comment" = Uuid, Path, description = "Comment")),
    responses((status = 204, description = "Gone")),
)]
pub async fn remove(
    me: SignedIn,
    Path((id, comment)): Path<(Uuid, Uuid)>,
    terms: Terms,
) -> Result<StatusCode, Problem> {
    let edit = CommentEdit::Delete { estimate: EstimateId(id), id: comment };
    me.submit(Command::Comment { edit }, terms).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The comments that mention the person signed in, newest first.
#[utoipa::path(
    get,
    path = "/notifications",
    operation_id = "listNotifications",
    tag = "Together",
    responses((status = 200, description = "The inbox", body = Inbox)),
)]
pub async fn inbox(me: SignedIn) -> Result<Json<Inbox>, Problem> {
    let (workspace, user) = (me.workspace().clone(), me.id());
    let found = off_thread("reading an inbox", move || workspace.inbox(user)).await??;
    let published = me.published();
    let name = |id: EstimateId| {
        let row = published.library.estimate(id)?;
        let tender = published.library.tender(row.tender)?;
        Some(format!("{} {}", tender.number, tender.name))
    };
    let items: Vec<Notification> = found
        .iter()
        .map(|(mention, comment)| Notification {
            comment: Comment::of(&me, comment),
            estimate_id: mention.estimate.0,
            estimate_name: name(mention.estimate).unwrap_or_default(),
            read_at: mention.read_at_us.map(Time),
        })
        .collect();
    let unread = items.iter().filter(|one| one.read_at.is_none()).count() as u64;
    Ok(Json(Inbox { items, unread }))
}

/// Notes that comments were read.
#[utoipa::path(
    post,
    path = "/notifications/read",
    operation_id = "readNotifications",
    tag = "Together",
    request_body = ReadInput,
    responses((status = 204, description = "Noted")),
)]
pub async fn read(me: SignedIn, asked: Asked<ReadInput>) -> Result<StatusCode, Problem> {
    let edit = CommentEdit::Read { comments: asked.body.comment_ids };
    me.submit(Command::Comment { edit }, asked.terms).await?;
    Ok(StatusCode::NO_CONTENT)
}
