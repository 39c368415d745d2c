//! What people say to each other about items, and whom they mean.
//!
//! A comment is no content of an estimate: it forms no price, takes no approval away and is not part
//! of what a past state shows. Whoever it mentions finds it in their inbox until they have read it.
//! Both are rows that are read from the ledger when asked for; nothing of them is kept in memory.

use super::{
    People, Published, Workspace, WorkspaceError,
    changes::encode_delta,
    rows::{RowError, Stored},
    run::{Effect, Run, Stop},
    tables,
};
use crate::{
    estimating::{
        change::Delta,
        id::{EstimateId, UserId},
        refusal::Refusal,
        user::Role,
    },
    ledger::{CodecError, Lsn, Row, Snapshot, TableId, decode, encode},
};
use serde::{Deserialize, Serialize};
use std::{ops::ControlFlow, sync::Arc};
use uuid::Uuid;

/// Characters of a comment.
pub const COMMENT_CHARS_MAX: usize = 4_000;
/// Comments of one estimate.
pub const COMMENTS_MAX: usize = 10_000;
/// People one comment mentions.
pub const MENTIONS_MAX: usize = 50;
/// Mentions of one person that are kept; the oldest make room.
pub const INBOX_MAX: usize = 500;

/// A comment on an item or heading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comment {
    /// Identity.
    pub id: Uuid,
    /// The estimate.
    pub estimate: EstimateId,
    /// The item or heading.
    pub item: Uuid,
    /// Who said it.
    pub by: UserId,
    /// When, microseconds since 1970, UTC.
    pub at_us: i64,
    /// What.
    pub text: Box<str>,
    /// Whom it means.
    pub mentions: Vec<UserId>,
}

/// That a comment means somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mention {
    /// Whom.
    pub user: UserId,
    /// The comment.
    pub comment: Uuid,
    /// The estimate it is in.
    pub estimate: EstimateId,
    /// When they read it, microseconds since 1970, UTC.
    pub read_at_us: Option<i64>,
}

impl Row for Comment {
    const FORMAT: u8 = 1;
}

impl Row for Mention {
    const FORMAT: u8 = 1;
}

pub(super) fn codec(table: &'static str) -> impl Fn(CodecError) -> RowError {
    move |cause| RowError::Codec { table, cause }
}

pub(super) fn pair(first: [u8; 16], second: Uuid) -> Vec<u8> {
    [first, second.into_bytes()].concat()
}

impl Stored for Comment {
    const TABLE: TableId = tables::COMMENTS;

    fn key(&self) -> Vec<u8> {
        pair(self.estimate.bytes(), self.id)
    }
    fn to_row(&self) -> Result<Vec<u8>, RowError> {
        encode(self).map_err(codec("comments"))
    }
    fn from_row(key: &[u8], row: &[u8]) -> Result<Self, RowError> {
        let comment: Comment = decode(row).map_err(codec("comments"))?;
        if comment.key() == key { Ok(comment) } else { Err(RowError::Key("comments")) }
    }
}

impl Stored for Mention {
    const TABLE: TableId = tables::MENTIONS;

    fn key(&self) -> Vec<u8> {
        pair(self.user.bytes(), self.comment)
    }
    fn to_row(&self) -> Result<Vec<u8>, RowError> {
        encode(self).map_err(codec("mentions"))
    }
    fn from_row(key: &[u8], row: &[u8]) -> Result<Self, RowError> {
        let mention: Mention = decode(row).map_err(codec("mentions"))?;
        if mention.key() == key { Ok(mention) } else { Err(RowError::Key("mentions")) }
    }
}

/// What is done with comments.
#[derive(Clone, Debug)]
pub enum CommentEdit {
    /// Says something about an item.
    Add {
        /// Its identity, where the client chose one.
        id: Option<Uuid>,
        /// The estimate.
        estimate: EstimateId,
        /// The item or heading.
        item: Uuid,
        /// What is said.
        text: String,
        /// Whom it means.
        mentions: Vec<UserId>,
    },
    /// Takes one back: one's own, or anybody's for a Lead.
    Delete {
        /// The estimate.
        estimate: EstimateId,
        /// The comment.
        id: Uuid,
    },
    /// Notes that whoever asks has read comments that mention them.
    Read {
        /// The comments; all of them where empty.
        comments: Vec<Uuid>,
    },
}

impl CommentEdit {
    pub(super) fn name(&self) -> &'static str {
        match self {
            CommentEdit::Add { .. } => "add-comment",
            CommentEdit::Delete { .. } => "delete-comment",
            CommentEdit::Read { .. } => "read-mentions",
        }
    }
}

/// The row at a key, where there is one.
pub(super) fn row_of<T: Stored>(
    snapshot: &Snapshot,
    key: &[u8],
) -> Result<Option<T>, WorkspaceError> {
    let row = snapshot.get(T::TABLE, key)?;
    Ok(row.map(|row| T::from_row(key, &row)).transpose()?)
}

/// The rows whose keys begin so.
pub(super) fn rows_of<T: Stored>(
    snapshot: &Snapshot,
    prefix: &[u8],
) -> Result<Vec<T>, WorkspaceError> {
    let mut rows = Vec::new();
    snapshot.scan_prefix::<WorkspaceError>(T::TABLE, prefix, |key, row| {
        rows.push(T::from_row(key, row)?);
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(rows)
}

/// Carries out what is done with comments.
pub(super) fn edit(state: &Published, cx: &Run<'_>, edit: &CommentEdit) -> Result<Effect, Stop> {
    match edit {
        CommentEdit::Add { id, estimate, item, text, mentions } => {
            let id = match id {
                Some(id) => *id,
                None => cx.ids.borrow_mut().next_id(),
            };
            let comment = Comment {
                id,
                estimate: *estimate,
                item: *item,
                by: cx.actor.user,
                at_us: cx.at_us,
                text: text.trim().into(),
                mentions: mentions.clone(),
            };
            add(state, cx, comment)
        }
        CommentEdit::Delete { estimate, id } => delete(cx, *estimate, *id),
        CommentEdit::Read { comments } => read(cx, comments),
    }
}

fn add(state: &Published, cx: &Run<'_>, comment: Comment) -> Result<Effect, Stop> {
    let loaded = state.estimate(comment.estimate).ok_or_else(|| {
        let id = comment.estimate;
        match state.library.estimate(id) {
            Some(_) => Stop::Cold(id),
            None => WorkspaceError::NotFound { what: "estimate", id: id.0 }.into(),
        }
    })?;
    let node = loaded.node(comment.item);
    let node = node.ok_or(Refusal::NotFound { what: "row", id: comment.item })?;
    check(cx.people, &comment)?;
    let snapshot = cx.snapshot()?;
    if row_of::<Comment>(snapshot, &comment.key())?.is_some() {
        return Err(Refusal::invalid("id", "There is a comment with this identity.").into());
    }
    let all: Vec<Comment> = rows_of(snapshot, &comment.estimate.bytes())?;
    if all.len() >= COMMENTS_MAX {
        let what = "comments in one estimate";
        return Err(Refusal::TooMany { what, limit: COMMENTS_MAX }.into());
    }
    let label = format!("Comment on {}", super::leases::code_of(node));
    let mut effect = Effect { label, ids: vec![vec![comment.id]], ..Effect::default() };
    effect.library.push(("comment", comment.estimate.to_string()));
    for user in comment.mentions.iter().filter(|user| **user != cx.actor.user) {
        let mention = Mention {
            user: *user,
            comment: comment.id,
            estimate: comment.estimate,
            read_at_us: None,
        };
        effect.changes.push(encode_delta(&Delta::insert(mention))?);
        effect.library.push(("mention", user.to_string()));
        // Keys are in order of time: the oldest go first.
        let inbox: Vec<Mention> = rows_of(snapshot, &user.bytes())?;
        let many = (inbox.len() + 1).saturating_sub(INBOX_MAX);
        for old in inbox.into_iter().take(many) {
            effect.changes.push(encode_delta(&Delta::delete(Arc::new(old)))?);
        }
    }
    effect.changes.push(encode_delta(&Delta::insert(comment))?);
    Ok(effect)
}

fn check(people: &dyn People, comment: &Comment) -> Result<(), Refusal> {
    let chars = comment.text.chars().count();
    if chars == 0 || chars > COMMENT_CHARS_MAX {
        let message = format!("A comment has 1 to {COMMENT_CHARS_MAX} characters.");
        return Err(Refusal::invalid("text", message));
    }
    if comment.mentions.len() > MENTIONS_MAX {
        return Err(Refusal::TooMany { what: "people mentioned", limit: MENTIONS_MAX });
    }
    let twice =
        |at: usize, user: &UserId| comment.mentions.iter().take(at).any(|earlier| earlier == user);
    for (at, user) in comment.mentions.iter().enumerate() {
        if people.name(*user).is_none() || twice(at, user) {
            let message = "Somebody mentioned is not of this organisation, or is named twice.";
            return Err(Refusal::invalid("mentions", message));
        }
    }
    Ok(())
}

/// Refuses `what` to whoever did not make what it is about, and is no Lead.
pub(super) fn own_or_lead(
    cx: &Run<'_>,
    by: UserId,
    what: &'static str,
) -> Result<(), WorkspaceError> {
    let (needs, has) = (Role::LeadEstimator, cx.actor.role);
    if by == cx.actor.user || has >= needs {
        return Ok(());
    }
    Err(WorkspaceError::PermissionDenied { what, needs, has, code: "permission-denied" })
}

fn delete(cx: &Run<'_>, estimate: EstimateId, id: Uuid) -> Result<Effect, Stop> {
    let snapshot = cx.snapshot()?;
    let comment: Option<Comment> = row_of(snapshot, &pair(estimate.bytes(), id))?;
    let comment = comment.ok_or(Refusal::NotFound { what: "comment", id })?;
    own_or_lead(cx, comment.by, "deleting a comment of somebody else")?;
    let label = "Delete a comment".to_owned();
    let mut effect = Effect { label, ..Effect::default() };
    effect.library.push(("comment", estimate.to_string()));
    for user in &comment.mentions {
        let mention: Option<Mention> = row_of(snapshot, &pair(user.bytes(), id))?;
        if let Some(mention) = mention {
            effect.library.push(("mention", user.to_string()));
            effect.changes.push(encode_delta(&Delta::delete(Arc::new(mention)))?);
        }
    }
    effect.changes.push(encode_delta(&Delta::delete(Arc::new(comment)))?);
    Ok(effect)
}

fn read(cx: &Run<'_>, comments: &[Uuid]) -> Result<Effect, Stop> {
    let user = cx.actor.user;
    let inbox: Vec<Mention> = rows_of(cx.snapshot()?, &user.bytes())?;
    let label = "Read mentions".to_owned();
    let mut effect = Effect { label, ..Effect::default() };
    let unread = |mention: &Mention| {
        mention.read_at_us.is_none() && (comments.is_empty() || comments.contains(&mention.comment))
    };
    for mention in inbox.into_iter().filter(unread) {
        let read = Mention { read_at_us: Some(cx.at_us), ..mention.clone() };
        effect.changes.push(encode_delta(&Delta::update(Arc::new(mention), read))?);
    }
    if !effect.changes.is_empty() {
        effect.library.push(("mention", user.to_string()));
    }
    Ok(effect)
}

impl Workspace {
    /// The comments of an estimate, or of one item in it, oldest first, and the commit they are read
    /// at. O(comments of the estimate).
    ///
    /// # Errors
    /// `NotFound`; storage errors.
    pub fn comments(
        &self,
        estimate: EstimateId,
        item: Option<Uuid>,
    ) -> Result<(Vec<Comment>, Lsn), WorkspaceError> {
        if self.published().library.estimate(estimate).is_none() {
            return Err(WorkspaceError::NotFound { what: "estimate", id: estimate.0 });
        }
        let snapshot = self.reader().snapshot()?;
        let mut comments: Vec<Comment> = rows_of(&snapshot, &estimate.bytes())?;
        comments.retain(|comment| item.is_none_or(|item| comment.item == item));
        comments.sort_by_key(|comment| (comment.at_us, comment.id));
        Ok((comments, snapshot.head()?.lsn))
    }

    /// The comments that mention somebody, newest first, of estimates that are still there.
    /// O(mentions of that person).
    ///
    /// # Errors
    /// Storage errors.
    pub fn inbox(&self, user: UserId) -> Result<Vec<(Mention, Comment)>, WorkspaceError> {
        let published = self.published();
        let snapshot = self.reader().snapshot()?;
        let mentions: Vec<Mention> = rows_of(&snapshot, &user.bytes())?;
        let mut inbox = Vec::with_capacity(mentions.len());
        for mention in mentions {
            if published.library.estimate(mention.estimate).is_none() {
                continue;
            }
            let key = pair(mention.estimate.bytes(), mention.comment);
            if let Some(comment) = row_of(&snapshot, &key)? {
                inbox.push((mention, comment));
            }
        }
        inbox.sort_by_key(|(_, comment): &(Mention, Comment)| {
            std::cmp::Reverse((comment.at_us, comment.id))
        });
        Ok(inbox)
    }
}
