//! Price books.

use super::auth::SignedIn;
use super::extract::Json;
use crate::estimating::resource::PriceBookKind;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// State of a price-book or recipe version.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum VersionState {
    /// In force; never changes again.
    Published,
}

/// A version of a price book.
#[derive(Debug, Serialize, ToSchema)]
pub struct PriceBookVersion {
    /// Number, from 1.
    pub n: u32,
    /// State.
    pub state: VersionState,
}

/// A price book.
#[derive(Debug, Serialize, ToSchema)]
pub struct PriceBook {
    /// Identity.
    pub id: Uuid,
    /// Name.
    pub name: Box<str>,
    /// Kind.
    pub kind: PriceBookKind,
    /// The version in force.
    pub version: PriceBookVersion,
}

/// The price books.
#[derive(Debug, Serialize, ToSchema)]
pub struct PriceBooks {
    /// Price books by name.
    pub items: Vec<PriceBook>,
}

/// The price books.
#[utoipa::path(
    get,
    path = "/price-books",
    operation_id = "listPriceBooks",
    tag = "Library",
    responses((status = 200, description = "Price books", body = PriceBooks)),
)]
pub async fn list(me: SignedIn) -> Json<PriceBooks> {
    let published = me.published();
    let mut items: Vec<PriceBook> = published
        .library
        .catalogue
        .books()
        .map(|book| PriceBook {
            id: book.id.0,
            name: book.name.clone(),
            kind: book.kind,
            version: PriceBookVersion { n: book.current, state: VersionState::Published },
        })
        .collect();
    items.sort_by(|a, b| a.name.cmp(&b.name));
    Json(PriceBooks { items })
}
