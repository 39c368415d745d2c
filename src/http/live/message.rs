//! Messages of the live connection, both ways.

use crate::estimating::by_name::ByName;
use crate::estimating::id::ItemId;
use crate::http::history::Person;
use crate::http::row::Row;
use crate::http::schema;
use crate::http::time::Time;
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
    /// Hold a row of a followed estimate, to edit it (BR-097).
    Take {
        /// The estimate.
        estimate_id: Uuid,
        /// The item or heading.
        row_id: Uuid,
    },
    /// Let a row go.
    Release {
        /// The estimate.
        estimate_id: Uuid,
        /// The item or heading.
        row_id: Uuid,
    },
    /// Where the person is in a followed estimate.
    At {
        /// The estimate.
        estimate_id: Uuid,
        /// Where.
        #[serde(flatten)]
        place: Place,
    },
    /// Answer to a ping.
    Pong {},
}

impl ClientMessage {
    /// Reads what a client said.
    ///
    /// # Errors
    /// Why it makes no sense, in a sentence.
    pub fn read(said: &str) -> Result<ClientMessage, String> {
        let mut json = serde_json::Deserializer::from_str(said);
        let read = ClientMessage::deserialize(ByName(&mut json));
        let read = read.and_then(|read| json.end().map(|()| read));
        read.map_err(|error| format!("The message makes no sense: {error}."))
    }
}

/// Where a person is in an estimate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = LivePlace)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// The row.
    #[serde(default)]
    pub row_id: Option<Uuid>,
    /// The column, or part of the worksheet.
    #[serde(default)]
    pub field: Option<String>,
    /// Whether they are typing.
    #[serde(default)]
    pub typing: bool,
}

/// A row somebody holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = LiveLease)]
#[serde(rename_all = "camelCase")]
pub struct Lease {
    /// Identity; `X-Leases` of a write names it.
    pub id: Uuid,
    /// The item or heading.
    pub row_id: Uuid,
    /// Who holds it.
    pub person: Person,
    /// `X-Client-Id` of their tab.
    pub client_id: String,
    /// Since when.
    #[schema(value_type = schema::Time)]
    pub since: Time,
}

impl Lease {
    /// A lease as it is told.
    pub fn of(lease: &crate::workspace::Lease) -> Lease {
        Lease {
            id: lease.id,
            row_id: lease.row,
            person: Person { id: lease.holder.user.0, name: lease.holder_name.to_string() },
            client_id: lease.holder.client.to_string(),
            since: Time(lease.since_us),
        }
    }
}

/// Where one connection is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = LivePresence)]
#[serde(rename_all = "camelCase")]
pub struct Present {
    /// `X-Client-Id` of the tab.
    pub client_id: String,
    /// Who.
    pub person: Person,
    /// Where; absent once they have left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
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
    /// `recipe`, `job`, `comment` (by its estimate) or `mention` (by whom it means).
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
    /// Every row held in an estimate, at the start of a subscription.
    Leases {
        /// The estimate.
        estimate_id: Uuid,
        /// The leases.
        leases: &'a [Lease],
    },
    /// A row is held from now on.
    LeaseHeld {
        /// The estimate.
        estimate_id: Uuid,
        /// The lease.
        lease: &'a Lease,
    },
    /// A row is free again.
    LeaseFreed {
        /// The estimate.
        estimate_id: Uuid,
        /// The item or heading.
        row_id: Uuid,
    },
    /// A row could not be had: somebody else holds it.
    LeaseRefused {
        /// The estimate.
        estimate_id: Uuid,
        /// Theirs.
        lease: &'a Lease,
    },
    /// A Lead took a row over; whoever held it keeps what was not saved (BR-100).
    LeaseBroken {
        /// The estimate.
        estimate_id: Uuid,
        /// The lease that is no more.
        lease: &'a Lease,
        /// Who took it.
        by: &'a str,
        /// Why.
        reason: &'a str,
    },
    /// Where people are in an estimate, as far as that changed.
    Places {
        /// The estimate.
        estimate_id: Uuid,
        /// Who and where.
        places: &'a [Present],
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
