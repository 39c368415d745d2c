//! Messages of the live connection, both ways.

use crate::estimating::id::ItemId;
use crate::http::history::Person;
use crate::http::row::Row;
use crate::http::schema;
use crate::http::totals::Totals;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// What a client says.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = LiveClientMessage)]
#[serde(
    tag = "type",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum ClientMessage {
    /// Follow an estimate.
    Subscribe {
        /// The estimate.
        estimate_id: Uuid,
        /// The last commit the client has; deltas after it follow at once.
        #[serde(default)]
        #[schema(value_type = Option<schema::Lsn>)]
        from_lsn: Option<u64>,
    },
    /// Follow it no more.
    Unsubscribe {
        /// The estimate.
        estimate_id: Uuid,
    },
    /// Answer to a ping.
    Pong,
}

/// Where a subscription starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SubscribedMode {
    /// Nothing was missed.
    Current,
    /// What was missed follows.
    CatchUp,
    /// Too much was missed: fetch everything again.
    Reload,
}

/// A row of the library that changed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LibraryRow {
    /// Kind: `tender`, `estimate`, `unit`, `conversion`, `price-book`, `resource`,
    /// `recipe` or `job`.
    pub entity: &'static str,
    /// Identity; a unit's code.
    pub id: String,
}

/// What the server says.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LiveServerMessage)]
#[serde(tag = "type", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum ServerMessage<'a> {
    /// First of all.
    Hello {
        /// Seconds between pings.
        heartbeat_seconds: u64,
        /// The newest commit of the organisation.
        #[schema(value_type = schema::Lsn)]
        lsn: u64,
    },
    /// A subscription starts.
    Subscribed {
        /// The estimate.
        estimate_id: Uuid,
        /// The newest commit the client has once what follows is applied.
        #[schema(value_type = schema::Lsn)]
        lsn: u64,
        /// Where it starts.
        mode: SubscribedMode,
    },
    /// A commit changed a followed estimate.
    Delta {
        /// The estimate.
        estimate_id: Uuid,
        /// The commit.
        #[schema(value_type = schema::Lsn)]
        lsn: u64,
        /// Who made it.
        actor: Person,
        /// `X-Client-Id` of the request that made it.
        #[serde(skip_serializing_if = "Option::is_none")]
        origin: Option<&'a str>,
        /// What the undo list calls it.
        label: &'a str,
        /// Rows changed, with every row above them; at most 500.
        rows: Vec<Row<'a>>,
        /// Rows that went.
        removed: &'a [Uuid],
        /// Whether rows came, went or moved: windows must be fetched again.
        structure: bool,
        /// Whether more changed than is listed: everything must be fetched again.
        reload: bool,
        /// Totals after the commit.
        #[schema(value_type = Totals)]
        totals: Box<Totals>,
        /// Items whose worksheet changed.
        #[schema(value_type = Vec<Uuid>)]
        worksheets: &'a [ItemId],
    },
    /// A commit changed what estimates share.
    Library {
        /// The commit.
        #[schema(value_type = schema::Lsn)]
        lsn: u64,
        /// What changed; empty when it is too much to list.
        changed: &'a [LibraryRow],
    },
    /// Who follows an estimate now.
    Presence {
        /// The estimate.
        estimate_id: Uuid,
        /// People, by name.
        users: &'a [Person],
    },
    /// Answer with `pong`.
    Ping,
    /// The server ends the connection.
    Bye {
        /// Why.
        reason: &'a str,
    },
    /// A message made no sense.
    Refused {
        /// Why, in a sentence.
        reason: &'a str,
    },
}
