//! What lets people and programs in, as rows of the control ledger: sessions, API tokens, and
//! which person a subject of a provider is.
//!
//! A secret is never here, only its hash.

use super::super::{rows::RowError, tables};
use super::{Control, ControlError, codec};
use crate::{
    estimating::id::{OrganisationId, UserId},
    ledger::{Change, Row, TableId, decode, encode},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use uuid::Uuid;

/// SHA-256 of a secret.
pub type SecretHash = [u8; 32];

/// Tables whose rows go with the person they let in.
pub(super) const ACCESS_TABLES: [TableId; 2] = [tables::SESSIONS, tables::API_TOKENS];

/// The longest text of a sign-in, such as the name of a browser.
const TEXT_CHARS_MAX: usize = 300;

/// Somebody signed in; its key is the hash of the token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRow {
    /// Identity, by which people speak of it.
    pub id: Uuid,
    /// Who.
    pub user: UserId,
    /// In which organisation.
    pub organisation: OrganisationId,
    /// When they signed in, microseconds since 1970, UTC.
    pub started_at_us: i64,
    /// When it was last used, to within some minutes.
    pub used_at_us: i64,
    /// Address they signed in from.
    pub address: Box<str>,
    /// What their browser calls itself.
    pub agent: Box<str>,
    /// The provider they signed in with; none for development sign-in.
    pub provider: Option<Box<str>>,
    /// What the provider calls its own session, where it says.
    pub provider_session: Option<Box<str>>,
    /// What the provider calls the person.
    pub subject: Option<Box<str>>,
}

impl Row for SessionRow {
    const FORMAT: u8 = 1;
}

/// How much a token may do, within what its owner may.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum TokenScope {
    /// Reads.
    Read,
    /// Reads and changes, as a Lead Estimator at most.
    Write,
    /// All that its owner may.
    Admin,
}

/// A token of the API; its key is organisation and identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiTokenRow {
    /// Identity.
    pub id: Uuid,
    /// Where it lets in.
    pub organisation: OrganisationId,
    /// Whom it stands for.
    pub user: UserId,
    /// What it is for.
    pub name: Box<str>,
    /// How much it may do.
    pub scope: TokenScope,
    /// SHA-256 of its text.
    pub hash: SecretHash,
    /// Who made it.
    pub made_by: UserId,
    /// When, microseconds since 1970, UTC.
    pub made_at_us: i64,
    /// When it ends.
    pub ends_at_us: i64,
    /// When it was last used, to within some minutes.
    pub used_at_us: Option<i64>,
}

impl Row for ApiTokenRow {
    const FORMAT: u8 = 1;
}

/// Which person a subject of a provider is, in every organisation; its key is the hash of both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkRow {
    /// The provider's address.
    pub issuer: Box<str>,
    /// What it calls the person.
    pub subject: Box<str>,
    /// Who that is.
    pub user: UserId,
    /// Since when, microseconds since 1970, UTC.
    pub linked_at_us: i64,
}

impl Row for LinkRow {
    const FORMAT: u8 = 1;
}

impl LinkRow {
    /// Its key.
    pub fn key(issuer: &str, subject: &str) -> SecretHash {
        let length = (issuer.len() as u64).to_be_bytes();
        Sha256::new()
            .chain_update(length)
            .chain_update(issuer)
            .chain_update(subject)
            .finalize()
            .into()
    }
}

/// A text of a sign-in as it is kept: without what no screen shows, and not too long.
pub fn plain_text(text: &str) -> Box<str> {
    let plain: String = text.chars().filter(|c| !c.is_control()).take(TEXT_CHARS_MAX).collect();
    plain.trim().into()
}

/// One row of [`ACCESS_TABLES`], or a link, as it becomes.
pub enum Access {
    /// A session by the hash of its token; none when it ends.
    Session(SecretHash, Option<SessionRow>),
    /// A token; none when it ends.
    Token(OrganisationId, Uuid, Option<ApiTokenRow>),
    /// A link.
    Link(LinkRow),
    /// A link that is no more, by its key.
    Unlink(SecretHash),
}

impl Access {
    fn change(self) -> Result<Change, RowError> {
        let (table, key, after) = match self {
            Access::Session(hash, row) => {
                (tables::SESSIONS, hash.to_vec(), row.map(|row| encode(&row)).transpose())
            }
            Access::Token(organisation, id, row) => {
                let key = tables::user_key(organisation.0, id);
                (tables::API_TOKENS, key, row.map(|row| encode(&row)).transpose())
            }
            Access::Link(row) => {
                let key = LinkRow::key(&row.issuer, &row.subject).to_vec();
                (tables::LINKS, key, encode(&row).map(Some))
            }
            Access::Unlink(key) => (tables::LINKS, key.to_vec(), Ok(None)),
        };
        Ok(Change { table, key, before: None, after: after.map_err(codec)? })
    }
}

/// Whose a row of [`ACCESS_TABLES`] is.
pub(super) fn owner(table: TableId, row: &[u8]) -> Result<(OrganisationId, UserId), RowError> {
    if table == tables::SESSIONS {
        let row: SessionRow = decode(row).map_err(codec)?;
        return Ok((row.organisation, row.user));
    }
    let row: ApiTokenRow = decode(row).map_err(codec)?;
    Ok((row.organisation, row.user))
}

impl Control {
    /// Every session there is. O(sessions).
    ///
    /// # Errors
    /// A ledger or row error.
    pub fn sessions(&self) -> Result<Vec<(SecretHash, SessionRow)>, ControlError> {
        let mut sessions = Vec::new();
        self.scan(tables::SESSIONS, &mut |key, row| {
            let hash = key.try_into().map_err(|_| RowError::Key("sessions"))?;
            sessions.push((hash, decode(row).map_err(codec)?));
            Ok(())
        })?;
        Ok(sessions)
    }

    /// Every API token there is. O(tokens).
    ///
    /// # Errors
    /// A ledger or row error.
    pub fn api_tokens(&self) -> Result<Vec<ApiTokenRow>, ControlError> {
        let mut tokens = Vec::new();
        self.scan(tables::API_TOKENS, &mut |_, row| {
            tokens.push(decode(row).map_err(codec)?);
            Ok(())
        })?;
        Ok(tokens)
    }

    /// Which person each subject of a provider is. O(links).
    ///
    /// # Errors
    /// A ledger or row error.
    pub fn links(&self) -> Result<BTreeMap<SecretHash, LinkRow>, ControlError> {
        let mut links = BTreeMap::new();
        self.scan(tables::LINKS, &mut |key, row| {
            let hash = key.try_into().map_err(|_| RowError::Key("links"))?;
            links.insert(hash, decode(row).map_err(codec)?);
            Ok(())
        })?;
        Ok(links)
    }

    /// Makes, changes and ends sessions, tokens and links in one commit. A row to be changed that
    /// ended meanwhile stays ended. Nothing at all is no commit.
    ///
    /// # Errors
    /// `Deactivated` where somebody would be let in who may not be any more; a ledger or row error.
    pub fn set_access(
        &self,
        command: &str,
        actor: [u8; 16],
        wanted: Vec<Access>,
    ) -> Result<(), ControlError> {
        let only_there = command == NOTE_USE;
        self.change_with(command, actor, |directory, snapshot, _| {
            let mut changes = Vec::with_capacity(wanted.len());
            for access in wanted {
                if let Access::Session(_, Some(SessionRow { organisation, user, .. }))
                | Access::Token(_, _, Some(ApiTokenRow { organisation, user, .. })) = &access
                {
                    let may = directory.user(*organisation, *user).is_some_and(|user| user.active);
                    match (may, only_there) {
                        (true, _) => {}
                        (false, true) => continue,
                        (false, false) => return Err(ControlError::Deactivated),
                    }
                }
                let mut change = access.change()?;
                change.before = snapshot
                    .get(change.table, &change.key)
                    .map_err(|cause| ControlError::Ledger { path: self.file(), cause })?;
                let gone = change.before.is_none() && (only_there || change.after.is_none());
                if !gone && change.before != change.after {
                    changes.push(change);
                }
            }
            Ok((changes, ()))
        })
    }
}

/// The command that notes when sessions and tokens were used: it makes none anew.
pub const NOTE_USE: &str = "note-use";
