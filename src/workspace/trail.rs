//! The audit trail as people read it: every commit with what it changed, before and after in the
//! words of the domain.
//!
//! Read from the log, newest first. One request reads a bounded part of it: where nothing was found
//! in that, the page is short and says where the next one goes on.

use super::{
    Attachment, Comment, Workspace, WorkspaceError, changes,
    history::{FieldChange, differences},
    marks::{Mark, MarkKind},
    note::CommitNote,
    rows::Stored,
    tables,
};
use crate::{
    estimating::{
        catalogue::Catalogue,
        id::{EstimateId, UserId},
        user::Role,
    },
    ledger::{Change, Lsn, Record, Snapshot, TableId},
};
use data_encoding::HEXLOWER;
use serde_json::Value;
use std::sync::Arc;
use uuid::Uuid;

/// Entries in one page at most.
pub const TRAIL_PAGE_MAX: usize = 200;
/// Commits one request reads at most.
const COMMITS_READ_MAX: usize = 20_000;
/// Bytes of rows one request reads at most.
const BYTES_READ_MAX: usize = 64 << 20;
/// Rows of one commit that a search looks into, and that a list shows.
const ROWS_LISTED_MAX: usize = 20;
/// Rows of one commit shown in full.
pub const ROWS_SHOWN_MAX: usize = 1_000;

/// What of the trail is wanted.
#[derive(Clone, Debug, Default)]
pub struct TrailQuery {
    /// Who did it.
    pub person: Option<UserId>,
    /// The command.
    pub command: Option<String>,
    /// The kind of a row it changed, as [`kind_of`] names it.
    pub kind: Option<String>,
    /// The estimate it changed.
    pub estimate: Option<EstimateId>,
    /// A row it changed.
    pub object: Option<Uuid>,
    /// Not before this time, microseconds since 1970, UTC.
    pub from_us: Option<i64>,
    /// Before this time.
    pub to_us: Option<i64>,
    /// Words in what was done, who did it, or what was changed.
    pub text: Option<String>,
    /// Only commits before this one.
    pub before: Option<Lsn>,
}

/// A row a commit changed.
#[derive(Clone, Debug, PartialEq)]
pub struct TrailRow {
    /// Its kind.
    pub kind: &'static str,
    /// Its identity, or its code.
    pub id: String,
    /// The estimate it is in.
    pub estimate: Option<EstimateId>,
    /// What people call it.
    pub name: String,
    /// `added`, `changed` or `removed`.
    pub change: &'static str,
    /// Its fields before and after.
    pub fields: Vec<FieldChange>,
}

/// A commit.
#[derive(Clone, Debug, PartialEq)]
pub struct TrailEntry {
    /// Its number.
    pub lsn: Lsn,
    /// When, microseconds since 1970, UTC.
    pub at_us: i64,
    /// Who.
    pub actor: UserId,
    /// Their name.
    pub actor_name: Arc<str>,
    /// The command.
    pub command: String,
    /// What was done, in words.
    pub label: String,
    /// The client that asked, as it named itself.
    pub origin: Option<String>,
    /// Seal of the commit, hexadecimal.
    pub hash: String,
    /// The rows it changed, the first of them in a list.
    pub rows: Vec<TrailRow>,
    /// How many there are.
    pub rows_total: usize,
}

/// Entries, newest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TrailPage {
    /// The entries.
    pub items: Vec<TrailEntry>,
    /// What to ask for next: entries before this commit.
    pub next: Option<Lsn>,
}

/// Kind of the rows of a table; none for bookkeeping that is no business of the trail's readers.
pub fn kind_of(table: TableId) -> Option<&'static str> {
    Some(match table {
        tables::ESTIMATES => "estimate",
        tables::HEADINGS => "heading",
        tables::ITEMS => "item",
        tables::WORKSHEETS => "worksheet",
        tables::COMMERCIALS => "commercials",
        tables::PACKAGES => "package",
        tables::ADJUDICATIONS => "adjudication",
        tables::ACKNOWLEDGEMENTS => "acknowledgement",
        tables::APPROVALS => "approval",
        tables::TENDERS => "tender",
        tables::UNITS => "unit",
        tables::CONVERSIONS => "conversion",
        tables::PRICE_BOOKS | tables::PRICE_BOOK_VERSIONS => "price-book",
        tables::RESOURCES => "resource",
        tables::RATES => "rate",
        tables::RECIPES | tables::RECIPE_VERSIONS => "recipe",
        tables::COMPANIES => "company",
        tables::CONTENT => "content",
        tables::QUOTES => "quote",
        tables::SUBMISSIONS => "submission",
        tables::HANDOVERS => "handover",
        tables::BRANDING => "branding",
        tables::THRESHOLDS => "thresholds",
        tables::CATEGORISATIONS => "categorisation",
        tables::LABELS => "labels",
        tables::CONTENT_KINDS => "content-kind",
        tables::JOBS => "job",
        tables::MARKS => "reading",
        tables::COMMENTS => "comment",
        tables::ATTACHMENTS => "attachment",
        _ => return None,
    })
}

/// The estimate a change is of, as far as its key or its mark says so.
fn estimate_of(change: &Change) -> Option<EstimateId> {
    match change.table {
        tables::ESTIMATES | tables::APPROVALS | tables::SUBMISSIONS => {
            tables::estimate_of_key(&change.key)
        }
        tables::COMMENTS => tables::estimate_of_key(&change.key),
        tables::MARKS => mark_of(change)?.estimate,
        table if tables::INSIDE_ESTIMATES.contains(&table) => tables::estimate_of_key(&change.key),
        _ => None,
    }
}

/// The comment a change adds or takes away.
fn comment_of(change: &Change) -> Option<Comment> {
    Comment::from_row(&change.key, change.after.as_deref().or(change.before.as_deref())?).ok()
}

fn comment_fields(change: &Change) -> Vec<FieldChange> {
    let text = comment_of(change).map(|comment| Value::String(comment.text.into_string()));
    let (before, after) = if change.after.is_some() { (None, text) } else { (text, None) };
    vec![FieldChange { field: "text".to_owned(), before, after }]
}

/// The name of the file a change attaches or takes away.
fn attached_name(change: &Change) -> Option<String> {
    let row = change.after.as_deref().or(change.before.as_deref())?;
    Some(Attachment::from_row(&change.key, row).ok()?.name.into_string())
}

fn mark_of(change: &Change) -> Option<Mark> {
    Mark::from_row(&change.key, change.after.as_deref()?).ok()
}

fn bytes_of(record: &Record) -> usize {
    let image = |bytes: &Option<Vec<u8>>| bytes.as_ref().map_or(0, Vec::len);
    record.changes.iter().map(|change| image(&change.before) + image(&change.after)).sum()
}

/// Who may read what of the trail (BR-121): all of it, or what touches an estimate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sight {
    All,
    Estimates,
}

fn sight(role: Role) -> Result<Sight, WorkspaceError> {
    if role >= Role::Admin {
        Ok(Sight::All)
    } else if role >= Role::LeadEstimator {
        Ok(Sight::Estimates)
    } else {
        Err(denied(role, Role::LeadEstimator, "the audit trail"))
    }
}

fn denied(has: Role, needs: Role, what: &'static str) -> WorkspaceError {
    WorkspaceError::PermissionDenied { what, needs, has, code: "audit-access-denied" }
}

impl Sight {
    fn shows(self, change: &Change) -> bool {
        kind_of(change.table).is_some() && (self == Sight::All || estimate_of(change).is_some())
    }
}

impl Workspace {
    /// Refuses a role that reads nothing of the audit trail (BR-121).
    ///
    /// # Errors
    /// `audit-access-denied`.
    pub fn may_read_trail(role: Role) -> Result<(), WorkspaceError> {
        sight(role).map(drop)
    }

    /// Entries of the audit trail, newest first: at most `limit`. O(commits read), bounded.
    ///
    /// # Errors
    /// `audit-access-denied` (BR-121); storage errors.
    pub fn trail(
        &self,
        role: Role,
        query: &TrailQuery,
        limit: usize,
    ) -> Result<TrailPage, WorkspaceError> {
        let sight = sight(role)?;
        let asks_beyond = query.kind.as_deref().is_some_and(|kind| !is_of_estimates(kind));
        if sight == Sight::Estimates && asks_beyond {
            return Err(denied(role, Role::Admin, "the audit trail beyond estimates"));
        }
        let snapshot = self.reader().snapshot()?;
        let catalogue = self.published().library.catalogue.clone();
        let end = query.before.unwrap_or(Lsn(u64::MAX));
        let limit = limit.clamp(1, TRAIL_PAGE_MAX);
        let mut page = TrailPage::default();
        let (mut read, mut bytes) = (0, 0);
        let mut take = |record: &Record| -> Result<bool, WorkspaceError> {
            if query.from_us.is_some_and(|from| record.at_us < from) {
                return Ok(false);
            }
            if page.items.len() == limit || read == COMMITS_READ_MAX || bytes > BYTES_READ_MAX {
                page.next = Some(record.lsn.next());
                return Ok(false);
            }
            read += 1;
            bytes += bytes_of(record);
            if let Some(entry) = self.found(&snapshot, &catalogue, sight, query, record)? {
                page.items.push(entry);
            }
            Ok(true)
        };
        match query.estimate {
            // The commits of one estimate are known by number, but for readings of it.
            Some(id) if query.kind.as_deref() != Some("reading") => {
                for lsn in self.moments.of(&snapshot, id)?.into_iter().rev().filter(|l| *l < end) {
                    let Some(record) = snapshot.record(lsn)? else { break };
                    if !take(&record)? {
                        break;
                    }
                }
            }
            _ => {
                for record in snapshot.records(..end)?.rev() {
                    if !take(&record?)? {
                        break;
                    }
                }
            }
        }
        Ok(page)
    }

    /// One entry with all it changed, at most [`ROWS_SHOWN_MAX`] rows.
    ///
    /// # Errors
    /// `audit-access-denied` (BR-121); `NotFound`; storage errors.
    pub fn trail_entry(&self, role: Role, lsn: Lsn) -> Result<TrailEntry, WorkspaceError> {
        let sight = sight(role)?;
        let snapshot = self.reader().snapshot()?;
        let catalogue = self.published().library.catalogue.clone();
        let record = snapshot.record(lsn)?;
        let record = record.ok_or(WorkspaceError::NotFound { what: "commit", id: Uuid::nil() })?;
        if sight == Sight::Estimates && !record.changes.iter().any(|change| sight.shows(change)) {
            return Err(denied(role, Role::Admin, "the audit trail beyond estimates"));
        }
        self.trail_of(&snapshot, &catalogue, sight, &record, ROWS_SHOWN_MAX)
    }

    fn found(
        &self,
        snapshot: &Snapshot,
        catalogue: &Catalogue,
        sight: Sight,
        query: &TrailQuery,
        record: &Record,
    ) -> Result<Option<TrailEntry>, WorkspaceError> {
        let wanted = |change: &Change| {
            sight.shows(change)
                && query.kind.as_deref().is_none_or(|kind| kind_of(change.table) == Some(kind))
                && query.estimate.is_none_or(|id| estimate_of(change) == Some(id))
                && query.object.is_none_or(|id| names(change, id))
        };
        let plain = query.kind.is_none() && query.estimate.is_none() && query.object.is_none();
        let bare = plain && sight == Sight::All && record.changes.is_empty();
        let fits = query.person.is_none_or(|person| person.bytes() == record.actor)
            && query.to_us.is_none_or(|to| record.at_us < to)
            && query.command.as_deref().is_none_or(|command| command == record.command)
            && (bare || record.changes.iter().any(wanted));
        if !fits {
            return Ok(None);
        }
        let entry = self.trail_of(snapshot, catalogue, sight, record, ROWS_LISTED_MAX)?;
        let text = query.text.as_deref().map(str::trim).filter(|text| !text.is_empty());
        Ok(text.is_none_or(|text| entry.mentions(text)).then_some(entry))
    }

    fn trail_of(
        &self,
        snapshot: &Snapshot,
        catalogue: &Catalogue,
        sight: Sight,
        record: &Record,
        rows_max: usize,
    ) -> Result<TrailEntry, WorkspaceError> {
        let note = CommitNote::of(record)?;
        let shown: Vec<&Change> = record.changes.iter().filter(|c| sight.shows(c)).collect();
        let mut rows = Vec::new();
        for change in shown.iter().take(rows_max) {
            rows.push(self.trail_row(snapshot, catalogue, change)?);
        }
        Ok(TrailEntry {
            lsn: record.lsn,
            at_us: record.at_us,
            actor: UserId(Uuid::from_bytes(record.actor)),
            actor_name: self.name_in_history(record),
            command: record.command.clone(),
            origin: note.origin.as_deref().map(str::to_owned),
            label: note.in_words(),
            hash: HEXLOWER.encode(&record.hash),
            rows,
            rows_total: shown.len(),
        })
    }

    fn trail_row(
        &self,
        snapshot: &Snapshot,
        catalogue: &Catalogue,
        change: &Change,
    ) -> Result<TrailRow, WorkspaceError> {
        let fields = match change.table {
            tables::MARKS => self.mark_fields(change),
            tables::COMMENTS => comment_fields(change),
            tables::ATTACHMENTS => Vec::new(),
            _ => differences(&changes::decode(change)?, catalogue),
        };
        Ok(TrailRow {
            kind: kind_of(change.table).unwrap_or("row"),
            id: identity(change),
            estimate: estimate_of(change),
            name: title(snapshot, catalogue, change)?,
            change: match (&change.before, &change.after) {
                (None, _) => "added",
                (Some(_), None) => "removed",
                (Some(_), Some(_)) => "changed",
            },
            fields,
        })
    }

    fn mark_fields(&self, change: &Change) -> Vec<FieldChange> {
        let Some(mark) = mark_of(change) else { return Vec::new() };
        let field = |field: &str, after: String| FieldChange {
            field: field.to_owned(),
            before: None,
            after: Some(Value::String(after)),
        };
        let mut fields = Vec::new();
        if let Some(from) = mark.from {
            let name = self.people.name(from).unwrap_or_else(|| "somebody".into());
            fields.push(field("takenFrom", name.to_string()));
        }
        let what = if mark.kind == MarkKind::Takeover { "reason" } else { "what" };
        fields.push(field(what, mark.words.into_string()));
        fields
    }
}

/// Whether rows of a kind are those of estimates.
fn is_of_estimates(kind: &str) -> bool {
    let inside = [
        tables::ESTIMATES,
        tables::APPROVALS,
        tables::SUBMISSIONS,
        tables::MARKS,
        tables::COMMENTS,
    ];
    let all = inside.iter().chain(tables::INSIDE_ESTIMATES);
    all.copied().any(|table| kind_of(table) == Some(kind))
}

/// Whether a change is of the row with this identity.
fn names(change: &Change, id: Uuid) -> bool {
    let id = id.as_bytes();
    change.key.chunks_exact(16).any(|part| part == id)
        || (change.table == tables::MARKS && change.key.get(1..17) == Some(id))
}

/// The identity of a row: the last in its key, or the key as text where it is one.
fn identity(change: &Change) -> String {
    let uuid = |part: &[u8]| Uuid::from_slice(part).map(|id| id.to_string()).ok();
    let key = &change.key;
    let found = match change.table {
        tables::UNITS | tables::CONVERSIONS | tables::BRANDING | tables::THRESHOLDS => None,
        tables::MARKS => key.get(1..17).and_then(uuid),
        tables::RATES => key.get(key.len().saturating_sub(16)..).and_then(uuid),
        tables::ADJUDICATIONS => key.get(16..32).and_then(uuid),
        _ if key.len() == 32 => key.get(16..32).and_then(uuid),
        _ => key.get(..16).and_then(uuid),
    };
    found.unwrap_or_else(|| String::from_utf8_lossy(key).replace('\0', " "))
}

/// What people call a row: its code or number, and its name or description.
fn title(
    snapshot: &Snapshot,
    catalogue: &Catalogue,
    change: &Change,
) -> Result<String, WorkspaceError> {
    let row = change.after.clone().or_else(|| change.before.clone());
    let whole = match change.table {
        // A worksheet goes by its item, a takeover by its row.
        tables::WORKSHEETS => {
            Change { table: tables::ITEMS, before: None, after: None, key: change.key.clone() }
        }
        tables::COMMENTS => match comment_of(change) {
            Some(comment) => Change {
                table: tables::ITEMS,
                before: None,
                after: None,
                key: tables::estimate_key(comment.estimate, comment.item),
            },
            None => return Ok(String::new()),
        },
        tables::ATTACHMENTS => return Ok(attached_name(change).unwrap_or_default()),
        tables::MARKS => match mark_of(change).and_then(|m| Some((m.estimate?, m.object))) {
            Some((estimate, object)) if estimate.0 == object => Change {
                table: tables::ESTIMATES,
                before: None,
                after: None,
                key: object.as_bytes().to_vec(),
            },
            Some((estimate, object)) => Change {
                table: tables::ITEMS,
                before: None,
                after: None,
                key: tables::estimate_key(estimate, object),
            },
            None => return Ok(String::new()),
        },
        _ => Change { table: change.table, key: change.key.clone(), before: None, after: row },
    };
    let whole = match whole.after {
        Some(_) => whole,
        None => Change { after: snapshot.get(whole.table, &whole.key)?, ..whole },
    };
    if whole.after.is_none() {
        return Ok(String::new());
    }
    let fields = differences(&changes::decode(&whole)?, catalogue);
    let text = |names: [&str; 2]| {
        let found = names.iter().find_map(|name| fields.iter().find(|f| f.field == *name));
        found.and_then(|field| field.after.as_ref()?.as_str().map(str::to_owned))
    };
    let parts = [text(["number", "code"]), text(["name", "description"])];
    Ok(parts.into_iter().flatten().collect::<Vec<_>>().join(" "))
}

impl TrailEntry {
    /// Whether words stand in it, whatever their case.
    pub(super) fn mentions(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        let has = |words: &str| words.to_lowercase().contains(&text);
        has(&self.label)
            || has(&self.actor_name)
            || has(&self.command)
            || self.rows.iter().any(|row| {
                has(&row.name)
                    || row.fields.iter().any(|field| {
                        let value = |value: &Option<Value>| {
                            value.as_ref().is_some_and(|value| match value {
                                Value::String(text) => has(text),
                                other => has(&other.to_string()),
                            })
                        };
                        has(&field.field) || value(&field.before) || value(&field.after)
                    })
            })
    }
}
