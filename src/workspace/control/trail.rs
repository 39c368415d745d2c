//! The audit trail of people and access: the commits of the control ledger as an Admin reads them.
//!
//! One ledger holds every organisation of a server. An Admin is shown what is of their own only:
//! a row of another organisation, or somebody who is no person of theirs, shows nowhere.

use super::super::{
    audit::Verified,
    history::{Fields, diff, plain},
    tables,
    trail::{ROWS_SHOWN_MAX, TRAIL_PAGE_MAX, TrailEntry, TrailPage, TrailQuery, TrailRow},
};
use super::{
    ApiTokenRow, Asker, Control, ControlError, Directory, LinkRow, NOTE_USE, SessionRow, codec,
};
use crate::{
    estimating::{
        change::Delta,
        id::{OrganisationId, UserId},
        user::{Organisation, User},
    },
    ledger::{Change, Lsn, Record, Row, SYSTEM_ACTOR, decode, verify_chain},
};
use serde_json::Value;
use std::sync::Arc;
use uuid::Uuid;

/// Commits one request reads at most.
const COMMITS_READ_MAX: usize = 20_000;

/// Kind of the rows of a table of the control ledger, where it is shown.
fn kind_of(change: &Change) -> Option<&'static str> {
    Some(match change.table {
        tables::ORGANISATIONS => "organisation",
        tables::USERS => "person",
        tables::SESSIONS => "session",
        tables::API_TOKENS => "token",
        tables::LINKS => "link",
        _ => return None,
    })
}

/// What a command did, in words.
fn in_words(command: &str) -> &str {
    match command {
        "create-organisation" => "Make the organisation",
        "rename-organisation" => "Rename the organisation",
        "add-user" => "Add a person",
        "set-user" => "Change a person",
        "follow-role" => "Take over the role the provider gives",
        "sign-in" => "Sign in",
        "sign-out" => "Sign out",
        "sign-out-everywhere" => "Sign out everywhere",
        "switch-organisation" => "Go on in another organisation",
        "end-session" => "End a session",
        "end-sessions" => "Sign a person out everywhere",
        "end-old-sessions" => "End sessions that are over",
        "provider-sign-out" => "Sign out with the provider",
        "make-token" => "Make an API token",
        "end-token" => "Revoke an API token",
        "link-person" => "Link a person to a provider",
        "unlink-person" => "Unlink a person from a provider",
        other => other,
    }
}

fn row_of<T: Row>(change: &Change) -> Result<Delta<T>, ControlError> {
    let read = |bytes: &Option<Vec<u8>>| {
        bytes.as_deref().map(decode::<T>).transpose().map_err(codec).map(|row| row.map(Arc::new))
    };
    Ok(Delta { before: read(&change.before)?, after: read(&change.after)? })
}

fn newest<T>(delta: &Delta<T>) -> Option<&T> {
    delta.after.as_deref().or(delta.before.as_deref())
}

fn texts<const N: usize>(all: [(&str, String); N]) -> Fields {
    let mut fields = Fields::default();
    for (name, text) in all {
        fields.push(name, name, Value::String(text));
    }
    fields
}

fn time(at_us: i64) -> String {
    jiff::Timestamp::from_microsecond(at_us).map(|at| at.to_string()).unwrap_or_default()
}

fn session_fields(row: &SessionRow) -> Fields {
    texts([
        ("address", row.address.to_string()),
        ("browser", row.agent.to_string()),
        ("provider", row.provider.as_deref().unwrap_or_default().to_owned()),
    ])
}

fn token_fields(row: &ApiTokenRow) -> Fields {
    let scope = serde_json::to_value(row.scope).ok();
    let scope = scope.and_then(|scope| scope.as_str().map(str::to_owned)).unwrap_or_default();
    texts([("name", row.name.to_string()), ("scope", scope), ("endsAt", time(row.ends_at_us))])
}

fn link_fields(row: &LinkRow) -> Fields {
    texts([("issuer", row.issuer.to_string()), ("subject", row.subject.to_string())])
}

/// One organisation's sight of the control ledger.
struct Sight<'a> {
    organisation: OrganisationId,
    directory: &'a Directory,
}

impl Sight<'_> {
    fn name(&self, user: UserId) -> Option<Arc<str>> {
        self.directory.user(self.organisation, user).map(|user| (&*user.name).into())
    }

    fn named(&self, user: UserId) -> String {
        self.name(user).map(|name| name.to_string()).unwrap_or_default()
    }

    /// The row a change is of, where it is this organisation's.
    fn row(&self, change: &Change) -> Result<Option<TrailRow>, ControlError> {
        let Some(kind) = kind_of(change) else { return Ok(None) };
        let own = self.organisation.bytes();
        let (is_own, id, name, fields) = match change.table {
            tables::ORGANISATIONS => {
                let delta = row_of::<Organisation>(change)?;
                let name = newest(&delta).map(|row| row.name.to_string()).unwrap_or_default();
                (change.key == own, self.organisation.0, name, diff(&delta, plain))
            }
            tables::USERS => {
                let delta = row_of::<User>(change)?;
                let row = newest(&delta);
                let name = row.map(|row| row.name.to_string()).unwrap_or_default();
                let id = row.map(|row| row.id.0).unwrap_or_default();
                (change.key.starts_with(&own), id, name, diff(&delta, plain))
            }
            tables::SESSIONS => {
                let delta = row_of::<SessionRow>(change)?;
                let Some(row) = newest(&delta) else { return Ok(None) };
                let is_own = row.organisation == self.organisation;
                (is_own, row.id, self.named(row.user), diff(&delta, session_fields))
            }
            tables::API_TOKENS => {
                let delta = row_of::<ApiTokenRow>(change)?;
                let Some(row) = newest(&delta) else { return Ok(None) };
                let is_own = row.organisation == self.organisation;
                let name = format!("{} of {}", row.name, self.named(row.user));
                (is_own, row.id, name, diff(&delta, token_fields))
            }
            _ => {
                let delta = row_of::<LinkRow>(change)?;
                let Some(row) = newest(&delta) else { return Ok(None) };
                // Whom somebody signs in with elsewhere is the business of that organisation.
                let is_own = self.directory.is_only_of(row.user, self.organisation);
                (is_own, row.user.0, self.named(row.user), diff(&delta, link_fields))
            }
        };
        if !is_own {
            return Ok(None);
        }
        let change = match (&change.before, &change.after) {
            (None, _) => "added",
            (Some(_), None) => "removed",
            (Some(_), Some(_)) => "changed",
        };
        Ok(Some(TrailRow { kind, id: id.to_string(), estimate: None, name, change, fields }))
    }

    /// A commit, as far as it is this organisation's; none where nothing of it is.
    fn entry(&self, record: &Record) -> Result<Option<TrailEntry>, ControlError> {
        if record.command == NOTE_USE {
            return Ok(None);
        }
        let mut rows = Vec::new();
        for change in &record.changes {
            rows.extend(self.row(change)?);
        }
        if rows.is_empty() {
            return Ok(None);
        }
        let actor = UserId(Uuid::from_bytes(record.actor));
        let (actor, actor_name) = match self.name(actor) {
            Some(name) => (actor, name),
            None if record.actor == SYSTEM_ACTOR => (actor, "oxFlow".into()),
            None => (UserId(Uuid::nil()), "somebody else".into()),
        };
        let rows_total = rows.len();
        rows.truncate(ROWS_SHOWN_MAX);
        Ok(Some(TrailEntry {
            lsn: record.lsn,
            at_us: record.at_us,
            actor,
            actor_name,
            command: record.command.clone(),
            label: in_words(&record.command).to_owned(),
            origin: None,
            hash: record.hash.iter().map(|byte| format!("{byte:02x}")).collect(),
            rows,
            rows_total,
        }))
    }
}

impl Control {
    /// Entries of the audit trail of people and access of the organisation of whoever asks, newest
    /// first, at most `limit`. O(commits read), bounded.
    ///
    /// # Errors
    /// `NotAdmin` (BR-121); a ledger or row error.
    pub fn trail(
        &self,
        query: &TrailQuery,
        limit: usize,
        by: Asker,
    ) -> Result<TrailPage, ControlError> {
        by.admin("reads the audit trail of people")?;
        let failed = |cause| ControlError::Ledger { path: self.file(), cause };
        let directory = self.directory();
        let sight = Sight { organisation: by.organisation, directory: &directory };
        let snapshot = self.reader.snapshot().map_err(failed)?;
        let end = query.before.unwrap_or(Lsn(u64::MAX));
        let limit = limit.clamp(1, TRAIL_PAGE_MAX);
        let mut page = TrailPage::default();
        for (read, record) in snapshot.records(..end).map_err(failed)?.rev().enumerate() {
            let record = record.map_err(failed)?;
            if query.from_us.is_some_and(|from| record.at_us < from) {
                break;
            }
            if page.items.len() == limit || read == COMMITS_READ_MAX {
                page.next = Some(record.lsn.next());
                break;
            }
            if query.to_us.is_some_and(|to| record.at_us >= to) {
                continue;
            }
            page.items.extend(sight.entry(&record)?.filter(|entry| wanted(entry, query)));
        }
        Ok(page)
    }

    /// Walks the chain of the commits of people and access from its beginning. O(log).
    ///
    /// # Errors
    /// `NotAdmin` (BR-121); `TrailBroken`; a ledger error.
    pub fn verify_trail(&self, by: Asker) -> Result<Verified, ControlError> {
        by.admin("verifies the audit trail of people")?;
        let failed = |cause| ControlError::Ledger { path: self.file(), cause };
        let snapshot = self.reader.snapshot().map_err(failed)?;
        let report = verify_chain(&snapshot, |_| ()).map_err(|broken| {
            let path = self.file();
            tracing::error!(code = "audit-chain-broken", path = %path.display(), %broken, "the audit trail does not hold");
            ControlError::TrailBroken(broken.to_string())
        })?;
        let hash = report.head.hash.iter().map(|byte| format!("{byte:02x}")).collect();
        let (commits, head) = (report.records, report.head.lsn);
        Ok(Verified { at_us: super::super::system_clock_us(), commits, head, hash })
    }
}

fn wanted(entry: &TrailEntry, query: &TrailQuery) -> bool {
    let row = |row: &TrailRow| {
        query.kind.as_deref().is_none_or(|kind| kind == row.kind)
            && query.object.is_none_or(|id| id.to_string() == row.id)
    };
    let text = query.text.as_deref().map(str::trim).filter(|text| !text.is_empty());
    query.estimate.is_none()
        && query.person.is_none_or(|person| person == entry.actor)
        && query.command.as_deref().is_none_or(|command| command == entry.command)
        && entry.rows.iter().any(row)
        && text.is_none_or(|text| entry.mentions(text))
}
