//! Files attached to tenders, and in their estimates to items, packages and quotes: drawings,
//! notices, quotes as they came.
//!
//! An attachment is no content of an estimate, like a comment: it forms no price and takes no
//! approval away. Its row says what it is called and what it is attached to; its bytes are kept once
//! under their hash ([`super::files`]), however often they are attached. What it is attached to keeps
//! its identity from revision to revision, and so its files. Rows are read from the ledger when asked
//! for; nothing of them is kept in memory. Taking one away leaves its bytes: the log has them anyway.

use super::{
    Published, Workspace, WorkspaceError,
    changes::encode_delta,
    comments::{codec, own_or_lead, pair, row_of, rows_of},
    files::{FILE_BYTES_MAX, StoredFile, hash_of},
    rows::{RowError, Stored},
    run::{Effect, Run, Stop},
    tables,
};
use crate::{
    estimating::{
        change::Delta,
        id::{EstimateId, ItemId, TenderId, UserId},
        quotes::{PackageId, QuoteId},
        refusal::Refusal,
    },
    ledger::{Change, Row, TableId, decode, encode},
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use uuid::Uuid;

/// Files attached to one tender and what is in it.
pub const ATTACHMENTS_MAX: usize = 1_000;
/// Characters of a file's name.
pub const ATTACHMENT_NAME_CHARS_MAX: usize = 200;

/// What a file is attached to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AttachedTo {
    /// The tender itself.
    Tender,
    /// An item or heading of an estimate.
    Item(ItemId),
    /// A package.
    Package(PackageId),
    /// A quote.
    Quote(QuoteId),
}

/// A file attached to something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Identity.
    pub id: Uuid,
    /// The tender it belongs to.
    pub tender: TenderId,
    /// What it is attached to.
    pub to: AttachedTo,
    /// What the file is called.
    pub name: Box<str>,
    /// Its media type.
    pub media_type: Box<str>,
    /// How long it is.
    pub bytes: u64,
    /// SHA-256 of its bytes, as hexadecimal text.
    pub hash: Box<str>,
    /// Who attached it.
    pub by: UserId,
    /// When, microseconds since 1970, UTC.
    pub at_us: i64,
}

impl Row for Attachment {
    const FORMAT: u8 = 1;
}

impl Stored for Attachment {
    const TABLE: TableId = tables::ATTACHMENTS;

    fn key(&self) -> Vec<u8> {
        pair(self.tender.bytes(), self.id)
    }
    fn to_row(&self) -> Result<Vec<u8>, RowError> {
        encode(self).map_err(codec("attachments"))
    }
    fn from_row(key: &[u8], row: &[u8]) -> Result<Self, RowError> {
        let attachment: Attachment = decode(row).map_err(codec("attachments"))?;
        if attachment.key() == key { Ok(attachment) } else { Err(RowError::Key("attachments")) }
    }
}

/// What is done with attachments.
#[derive(Clone, Debug)]
pub enum AttachmentEdit {
    /// Attaches a file.
    Add {
        /// The tender.
        tender: TenderId,
        /// The estimate that what it is attached to is in; none for the tender itself.
        estimate: Option<EstimateId>,
        /// What it is attached to.
        to: AttachedTo,
        /// What the file is called.
        name: String,
        /// Its media type.
        media_type: &'static str,
        /// Its bytes.
        bytes: Arc<[u8]>,
    },
    /// Takes one away: one's own, or anybody's for a Lead.
    Delete {
        /// The tender.
        tender: TenderId,
        /// The attachment.
        id: Uuid,
    },
}

impl AttachmentEdit {
    pub(super) fn name(&self) -> &'static str {
        match self {
            AttachmentEdit::Add { .. } => "attach-file",
            AttachmentEdit::Delete { .. } => "remove-attachment",
        }
    }
}

/// Carries out what is done with attachments.
pub(super) fn edit(state: &Published, cx: &Run<'_>, edit: &AttachmentEdit) -> Result<Effect, Stop> {
    match edit {
        AttachmentEdit::Add { tender, estimate, to, name, media_type, bytes } => {
            let place = place(state, *tender, *estimate, *to)?;
            let attachment = Attachment {
                id: cx.ids.borrow_mut().next_id(),
                tender: *tender,
                to: *to,
                name: name.trim().into(),
                media_type: (*media_type).into(),
                bytes: bytes.len() as u64,
                hash: hash_of(bytes).into(),
                by: cx.actor.user,
                at_us: cx.at_us,
            };
            add(cx, attachment, bytes, &place)
        }
        AttachmentEdit::Delete { tender, id } => delete(cx, *tender, *id),
    }
}

/// Finds what a file is to be attached to; gives what people call it.
fn place(
    state: &Published,
    tender: TenderId,
    estimate: Option<EstimateId>,
    to: AttachedTo,
) -> Result<String, Stop> {
    let missing = |what, id| Stop::from(Refusal::NotFound { what, id });
    let row = state.library.tender(tender).ok_or_else(|| missing("tender", tender.0))?;
    let Some(id) = estimate else {
        return match to {
            AttachedTo::Tender => Ok(row.number.to_string()),
            AttachedTo::Item(_) | AttachedTo::Package(_) | AttachedTo::Quote(_) => {
                Err(Refusal::invalid("estimateId", "Name the estimate it is in.").into())
            }
        };
    };
    let of_tender = state.library.estimate(id).filter(|row| row.tender == tender);
    of_tender.ok_or_else(|| missing("estimate", id.0))?;
    let estimate = state.estimate(id).ok_or(Stop::Cold(id))?;
    let packages = estimate.packages();
    match to {
        AttachedTo::Tender => Ok(row.number.to_string()),
        AttachedTo::Item(item) => {
            let node = estimate.node(item.0).ok_or_else(|| missing("row", item.0))?;
            Ok(super::leases::code_of(node).to_owned())
        }
        AttachedTo::Package(package) => {
            let row = packages.package(package).ok_or_else(|| missing("package", package.0))?;
            Ok(row.code.to_string())
        }
        AttachedTo::Quote(quote) => {
            let row = packages.quote(quote).ok_or_else(|| missing("quote", quote.0))?;
            let company = state.library.company(row.company);
            Ok(company.map_or_else(|| "a quote".to_owned(), |company| company.name.to_string()))
        }
    }
}

fn add(cx: &Run<'_>, attachment: Attachment, bytes: &[u8], place: &str) -> Result<Effect, Stop> {
    let chars = attachment.name.chars().count();
    if chars == 0 || chars > ATTACHMENT_NAME_CHARS_MAX {
        let message = format!("A file's name has 1 to {ATTACHMENT_NAME_CHARS_MAX} characters.");
        return Err(Refusal::invalid("file", message).into());
    }
    if bytes.len() > FILE_BYTES_MAX {
        return Err(Refusal::TooMany { what: "bytes in a file", limit: FILE_BYTES_MAX }.into());
    }
    let snapshot = cx.snapshot()?;
    let all: Vec<Attachment> = rows_of(snapshot, &attachment.tender.bytes())?;
    if all.len() >= ATTACHMENTS_MAX {
        let what = "files attached to one tender";
        return Err(Refusal::TooMany { what, limit: ATTACHMENTS_MAX }.into());
    }
    let label = format!("Attach {} to {place}", attachment.name);
    let mut effect = Effect { label, ids: vec![vec![attachment.id]], ..Effect::default() };
    effect.library.push(("attachment", attachment.tender.to_string()));
    let key = attachment.hash.as_bytes().to_vec();
    if snapshot.get(tables::FILES, &key).map_err(WorkspaceError::from)?.is_none() {
        let after = Some(encode(&StoredFile { bytes: bytes.to_vec() })?);
        effect.changes.push(Change { table: tables::FILES, key, before: None, after });
    }
    effect.changes.push(encode_delta(&Delta::insert(attachment))?);
    Ok(effect)
}

fn delete(cx: &Run<'_>, tender: TenderId, id: Uuid) -> Result<Effect, Stop> {
    let found: Option<Attachment> = row_of(cx.snapshot()?, &pair(tender.bytes(), id))?;
    let attachment = found.ok_or(Refusal::NotFound { what: "attachment", id })?;
    own_or_lead(cx, attachment.by, "removing a file somebody else attached")?;
    let label = format!("Remove the file {}", attachment.name);
    let mut effect = Effect { label, ..Effect::default() };
    effect.library.push(("attachment", tender.to_string()));
    effect.changes.push(encode_delta(&Delta::delete(Arc::new(attachment)))?);
    Ok(effect)
}

impl Workspace {
    /// The files attached to a tender and to what is in it, oldest first. O(files).
    ///
    /// # Errors
    /// `NotFound`; storage errors.
    pub fn attachments(&self, tender: TenderId) -> Result<Vec<Attachment>, WorkspaceError> {
        if self.published().library.tender(tender).is_none() {
            return Err(WorkspaceError::NotFound { what: "tender", id: tender.0 });
        }
        let mut all: Vec<Attachment> = rows_of(&self.reader().snapshot()?, &tender.bytes())?;
        all.sort_by_key(|one| (one.at_us, one.id));
        Ok(all)
    }

    /// One of them with its bytes. O(bytes).
    ///
    /// # Errors
    /// `NotFound`; storage errors.
    pub fn attached_file(
        &self,
        tender: TenderId,
        id: Uuid,
    ) -> Result<(Attachment, Vec<u8>), WorkspaceError> {
        let missing = WorkspaceError::NotFound { what: "attachment", id };
        if self.published().library.tender(tender).is_none() {
            return Err(missing);
        }
        let found: Option<Attachment> =
            row_of(&self.reader().snapshot()?, &pair(tender.bytes(), id))?;
        let Some(attachment) = found else { return Err(missing) };
        let bytes = self.file(&attachment.hash)?;
        let lost = || WorkspaceError::Storage("an attached file is missing".into());
        Ok((attachment, bytes.ok_or_else(lost)?))
    }
}
