//! What a person asks of the packages of an estimate, as typed.

use super::some;
use crate::estimating::{
    by_name::by_name,
    quotes::{GstBasis, Origin},
    user::Role,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// One edit of a package, its rounds or its quotes. `id` is the package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(
    tag = "do",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum PackageEdit {
    /// A new package with its first round in draft.
    Add {
        /// An identity of the client's choice.
        #[serde(default)]
        id: Option<Uuid>,
        /// Its fields.
        #[serde(deserialize_with = "by_name")]
        set: Box<PackageFields>,
    },
    /// New values for some fields of a package; a change of members after issue outdates quotes
    /// (BR-063).
    Update {
        /// The package.
        id: Uuid,
        /// The version read, refused when it is another by now (BR-099).
        #[serde(default)]
        version: Option<u64>,
        /// New values.
        #[serde(deserialize_with = "by_name")]
        set: Box<PackageFields>,
    },
    /// Deletes a package that was never issued.
    Delete {
        /// The package.
        id: Uuid,
    },
    /// Asks companies to quote in the current round (BR-062).
    Invite {
        /// The package.
        id: Uuid,
        /// The companies.
        company_ids: Vec<Uuid>,
    },
    /// Takes back the invitation of a company that has not answered.
    Uninvite {
        /// The package.
        id: Uuid,
        /// The invitation.
        quote_id: Uuid,
    },
    /// Another deadline for quotes of the current round.
    SetDeadline {
        /// The package.
        id: Uuid,
        /// RFC 3339 with offset; null for none yet.
        #[serde(default, deserialize_with = "some")]
        #[schema(value_type = Option<String>)]
        deadline: Option<Option<String>>,
    },
    /// Sends the package out: what it asks for now is what quotes answer.
    Issue {
        /// The package.
        id: Uuid,
    },
    /// Starts the comparison; every quote must be on one basis by then (BR-064, BR-067).
    Compare {
        /// The package.
        id: Uuid,
    },
    /// Chooses a quote (BR-070 to BR-072).
    Award {
        /// The package.
        id: Uuid,
        /// The quote chosen.
        quote_id: Uuid,
        /// Why, where it is not the lowest conforming one (BR-071).
        #[serde(default)]
        reason: Option<String>,
        /// What is accepted with it.
        #[serde(default, deserialize_with = "by_name")]
        accept: Vec<AcceptInput>,
    },
    /// Takes the award into the estimate in one commit (BR-073).
    Transfer {
        /// The package.
        id: Uuid,
        /// What is accepted since the award.
        #[serde(default, deserialize_with = "by_name")]
        accept: Vec<AcceptInput>,
    },
    /// Starts the next round from an awarded or transferred one, which stays readable (BR-074).
    Reopen {
        /// The package.
        id: Uuid,
    },
    /// Calls the package off.
    Cancel {
        /// The package.
        id: Uuid,
    },
    /// New values for some fields of a quote; the first ones make an invitation a quote.
    Quote {
        /// The package.
        id: Uuid,
        /// The quote.
        quote_id: Uuid,
        /// The version read, refused when it is another by now (BR-099).
        #[serde(default)]
        version: Option<u64>,
        /// New values.
        #[serde(deserialize_with = "by_name")]
        set: Box<QuoteFields>,
    },
    /// A new price of one member, in place of the one there.
    Price {
        /// The package.
        id: Uuid,
        /// The quote.
        quote_id: Uuid,
        /// The member with its price.
        #[serde(deserialize_with = "by_name")]
        line: QuoteLineInput,
    },
    /// The company does not quote.
    Decline {
        /// The package.
        id: Uuid,
        /// The invitation.
        quote_id: Uuid,
    },
    /// The company takes its quote back.
    Withdraw {
        /// The package.
        id: Uuid,
        /// The quote.
        quote_id: Uuid,
    },
    /// The company confirms its quote for the package as it is now (BR-063).
    Confirm {
        /// The package.
        id: Uuid,
        /// The quote.
        quote_id: Uuid,
    },
}

/// Fields of a package; absent ones stay as they are, null clears.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PackageFields {
    /// Code, unique in the estimate whatever the case; may be empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Name; needed on a new package.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What those who quote should know.
    #[serde(deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub note: Option<Option<String>>,
    /// All of its items, in order; either these or resources.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item_ids: Option<Vec<Uuid>>,
    /// All of its resources, in order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_ids: Option<Vec<Uuid>>,
    /// Until when quotes are taken, on a new package; RFC 3339 with offset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deadline: Option<String>,
}

/// Fields of a quote; absent ones stay as they are, null clears.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct QuoteFields {
    /// When it came, RFC 3339 with offset; now where never given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub received_at: Option<String>,
    /// Until when it holds, RFC 3339 with offset.
    #[serde(deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub valid_until: Option<Option<String>>,
    /// Whether its figures hold GST (BR-067).
    #[serde(deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<GstBasis>)]
    pub gst: Option<Option<GstBasis>>,
    /// Currency of its figures (BR-067).
    #[serde(deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<CurrencyInput>)]
    pub currency: Option<Option<CurrencyInput>>,
    /// All of its lines, in place of those there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines: Option<Vec<QuoteLineInput>>,
    /// All of its adjustments, in place of those there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adjustments: Option<Vec<AdjustmentInput>>,
    /// Whether it meets the conditions asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conforming: Option<bool>,
    /// What it excludes or makes a condition of.
    #[serde(deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub qualifications: Option<Option<String>>,
    /// The total the company states, on its own basis (BR-068).
    #[serde(deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub stated_total: Option<Option<String>>,
}

impl QuoteFields {
    /// Whether only the time until which the quote holds is set; that moves after an award too.
    pub(super) fn is_extension(&self) -> bool {
        let valid_until = self.valid_until.clone();
        valid_until.is_some() && *self == QuoteFields { valid_until, ..QuoteFields::default() }
    }
}

/// Currency of a quote as typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CurrencyInput {
    /// Its code, such as NZD or AUD.
    pub code: String,
    /// New Zealand dollars for one of it; none for NZD.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<String>,
}

/// A word in place of a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PriceTag {
    /// Priced inside other lines.
    Included,
    /// Free of charge.
    Free,
}

/// A line of a quote as typed: at most one of rate, amount and tag; none is a gap (BR-065).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct QuoteLineInput {
    /// The member it prices.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member_id: Option<Uuid>,
    /// Code to find the member by, where no member is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The company's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Prices no member and is not compared (BR-064).
    pub set_aside: bool,
    /// Rate per unit, on the quote's basis.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<String>,
    /// Amount for the line, on the quote's basis.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<String>,
    /// A word in place of a price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<PriceTag>,
    /// What the company says about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// An adjustment as typed: an amount or a percentage of the quoted lines, signed (BR-069).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AdjustmentInput {
    /// Why.
    #[serde(default)]
    pub reason: String,
    /// NZD excluding GST.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<String>,
    /// Percent of the sum of the quoted lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent: Option<String>,
    /// Whose figure it is.
    pub origin: Origin,
}

/// The acceptance of a rule that asks for one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AcceptInput {
    /// The rule, such as BR-070.
    pub rule: String,
    /// Why.
    pub reason: String,
}

impl PackageEdit {
    /// The least role that may ask for it: choosing what is bought, and accepting what speaks
    /// against it, is a Lead's (BR-115).
    pub const fn least_role(&self) -> Role {
        match self {
            PackageEdit::Award { .. }
            | PackageEdit::Transfer { .. }
            | PackageEdit::Reopen { .. }
            | PackageEdit::Cancel { .. } => Role::LeadEstimator,
            PackageEdit::Add { .. }
            | PackageEdit::Update { .. }
            | PackageEdit::Delete { .. }
            | PackageEdit::Invite { .. }
            | PackageEdit::Uninvite { .. }
            | PackageEdit::SetDeadline { .. }
            | PackageEdit::Issue { .. }
            | PackageEdit::Compare { .. }
            | PackageEdit::Quote { .. }
            | PackageEdit::Price { .. }
            | PackageEdit::Decline { .. }
            | PackageEdit::Withdraw { .. }
            | PackageEdit::Confirm { .. } => Role::Estimator,
        }
    }

    /// Its name in the log and the audit trail.
    pub const fn name(&self) -> &'static str {
        match self {
            PackageEdit::Add { .. } => "add-package",
            PackageEdit::Update { .. } => "update-package",
            PackageEdit::Delete { .. } => "delete-package",
            PackageEdit::Invite { .. } => "invite",
            PackageEdit::Uninvite { .. } => "uninvite",
            PackageEdit::SetDeadline { .. } => "set-deadline",
            PackageEdit::Issue { .. } => "issue-package",
            PackageEdit::Compare { .. } => "compare-quotes",
            PackageEdit::Award { .. } => "award",
            PackageEdit::Transfer { .. } => "transfer-award",
            PackageEdit::Reopen { .. } => "reopen-package",
            PackageEdit::Cancel { .. } => "cancel-package",
            PackageEdit::Quote { .. } => "update-quote",
            PackageEdit::Price { .. } => "price-quote",
            PackageEdit::Decline { .. } => "decline-quote",
            PackageEdit::Withdraw { .. } => "withdraw-quote",
            PackageEdit::Confirm { .. } => "confirm-quote",
        }
    }

    /// What it did to the package called `title`, in words.
    pub(super) fn words(&self, title: &str) -> String {
        let what = match self {
            PackageEdit::Add { .. } => return format!("Add package {title}"),
            PackageEdit::Update { .. } => return format!("Change package {title}"),
            PackageEdit::Delete { .. } => return "Delete a package".to_owned(),
            PackageEdit::Invite { company_ids, .. } => match company_ids.len() {
                1 => return format!("Invite a company to {title}"),
                n => return format!("Invite {n} companies to {title}"),
            },
            PackageEdit::Issue { .. } => return format!("Issue package {title}"),
            PackageEdit::Compare { .. } => return format!("Compare the quotes of {title}"),
            PackageEdit::Award { .. } => return format!("Award {title}"),
            PackageEdit::Transfer { .. } => return format!("Transfer the award of {title}"),
            PackageEdit::Reopen { .. } => return format!("Reopen {title}"),
            PackageEdit::Cancel { .. } => return format!("Cancel {title}"),
            PackageEdit::SetDeadline { .. } => return format!("Move the deadline of {title}"),
            PackageEdit::Uninvite { .. } => "Take back an invitation",
            PackageEdit::Quote { .. } => "Change a quote",
            PackageEdit::Price { .. } => "Price a line of a quote",
            PackageEdit::Decline { .. } => "Note that a company does not quote",
            PackageEdit::Withdraw { .. } => "Withdraw a quote",
            PackageEdit::Confirm { .. } => "Confirm a quote",
        };
        format!("{what} of {title}")
    }

    /// The package; none for one that has no identity yet.
    pub const fn package(&self) -> Option<Uuid> {
        match self {
            PackageEdit::Add { id, .. } => *id,
            PackageEdit::Update { id, .. }
            | PackageEdit::Delete { id }
            | PackageEdit::Invite { id, .. }
            | PackageEdit::Uninvite { id, .. }
            | PackageEdit::SetDeadline { id, .. }
            | PackageEdit::Issue { id }
            | PackageEdit::Compare { id }
            | PackageEdit::Award { id, .. }
            | PackageEdit::Transfer { id, .. }
            | PackageEdit::Reopen { id }
            | PackageEdit::Cancel { id }
            | PackageEdit::Quote { id, .. }
            | PackageEdit::Price { id, .. }
            | PackageEdit::Decline { id, .. }
            | PackageEdit::Withdraw { id, .. }
            | PackageEdit::Confirm { id, .. } => Some(*id),
        }
    }
}
