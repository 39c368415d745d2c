//! How every entity is stored: its table, its key, its bytes.
//!
//! Headings, items and worksheets leave out what their key already says (the estimate and their
//! own identity) and the second half of their stamp where it repeats the first, so that a plain
//! item takes about 100 bytes. All other entities are stored as they are.
//!
//! Encoding a value twice gives the same bytes: a change's `before` is made from the value in
//! memory and must equal what is stored. Raising a `FORMAT` therefore needs a migration that
//! rewrites the table's rows.

use super::tables::{self, estimate_key, split_estimate_key};
use crate::{
    estimating::{
        acknowledgement::Acknowledgement,
        branding::Branding,
        categorisation::{Categorisation, Labels},
        commercials::Commercials,
        company::Company,
        content::{Content, OwnContentKind},
        formula::Formula,
        heading::{Heading, Stamp},
        id::{HeadingId, ItemId, UserId},
        item::{Item, ItemExtra, ItemType, Parent, Plug},
        number::Qty,
        position::Position,
        price_book::{PriceBook, PriceBookVersion, ResourceRates},
        quotes::{Adjudication, Package, Quote},
        recipe::{Recipe, RecipeVersion},
        resource::Resource,
        submission::{Approval, Handover, Submission},
        tender::{EstimateRow, Tender},
        thresholds::Thresholds,
        units::{Conversion, Unit, UnitCode},
        user::Organisation,
        worksheet::{Block, Line, Variable, Worksheet},
    },
    ledger::{CodecError, Row, TableId, decode, decode_body, encode},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::borrow::Cow;

/// Why stored bytes are not the row their table promises.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RowError {
    /// The bytes do not read.
    #[error("a row of {table} does not read: {cause}")]
    Codec {
        /// Name of the table.
        table: &'static str,
        /// What the codec said.
        cause: CodecError,
    },
    /// The key is not one of this table, or not that of the row under it.
    #[error("a row of {0} has a key that is not its own")]
    Key(&'static str),
    /// The table holds nothing this release knows.
    #[error("table {0} is not one of this release")]
    Table(TableId),
    /// A change is empty on both sides.
    #[error("a change of {0} has neither a row before nor one after")]
    Empty(&'static str),
}

/// An entity with a table of its own.
pub trait Stored: Sized {
    /// Its table.
    const TABLE: TableId;

    /// Its key. O(key).
    fn key(&self) -> Vec<u8>;
    /// Its stored bytes. O(size).
    ///
    /// # Errors
    /// When the row is too long to store.
    fn to_row(&self) -> Result<Vec<u8>, RowError>;
    /// Reads stored bytes back. O(size).
    ///
    /// # Errors
    /// When the bytes do not read, or the key is not the row's.
    fn from_row(key: &[u8], row: &[u8]) -> Result<Self, RowError>;
}

/// Name of an entity's table.
pub(super) fn table_of<T: Stored>() -> &'static str {
    tables::table_name(T::TABLE)
}

fn codec<T: Stored>(cause: CodecError) -> RowError {
    RowError::Codec { table: table_of::<T>(), cause }
}

/// Entities stored as they are: the row holds its own identity, which must be that of the key.
macro_rules! whole_rows {
    ($($entity:ty, $table:ident, $key:expr;)+) => {$(
        impl Row for $entity {
            const FORMAT: u8 = 1;
        }
        impl Stored for $entity {
            const TABLE: TableId = tables::$table;
            fn key(&self) -> Vec<u8> {
                let key: fn(&$entity) -> Vec<u8> = $key;
                key(self)
            }
            fn to_row(&self) -> Result<Vec<u8>, RowError> {
                encode(self).map_err(codec::<Self>)
            }
            fn from_row(key: &[u8], row: &[u8]) -> Result<Self, RowError> {
                let value: Self = decode(row).map_err(codec::<Self>)?;
                if value.key() == key { Ok(value) } else { Err(RowError::Key(table_of::<Self>())) }
            }
        }
    )+};
}

whole_rows! {
    EstimateRow, ESTIMATES, |row| row.id.bytes().to_vec();
    Commercials, COMMERCIALS, |row| row.estimate.bytes().to_vec();
    Package, PACKAGES, |row| estimate_key(row.estimate, row.id.0);
    Adjudication, ADJUDICATIONS,
        |row| tables::round_key(row.estimate, row.package.0, row.round);
    Quote, QUOTES, |row| estimate_key(row.estimate, row.id.0);
    Acknowledgement, ACKNOWLEDGEMENTS, |row| estimate_key(row.estimate, row.id.0);
    Approval, APPROVALS, |row| estimate_key(row.estimate, row.id.0);
    Submission, SUBMISSIONS, |row| estimate_key(row.estimate, row.id.0);
    Handover, HANDOVERS, |row| tables::tender_key(row.tender, row.id.0);
    Tender, TENDERS, |row| row.id.bytes().to_vec();
    Unit, UNITS, |row| row.code.as_str().as_bytes().to_vec();
    Conversion, CONVERSIONS, |row| tables::conversion_key(row.from.as_str(), row.to.as_str());
    PriceBook, PRICE_BOOKS, |row| row.id.bytes().to_vec();
    PriceBookVersion, PRICE_BOOK_VERSIONS,
        |row| tables::price_book_version_key(row.book, row.n);
    ResourceRates, RATES, |row| tables::rates_key(row.book, row.n, row.resource);
    Resource, RESOURCES, |row| row.id.bytes().to_vec();
    Recipe, RECIPES, |row| row.id.bytes().to_vec();
    Categorisation, CATEGORISATIONS, |row| row.id.bytes().to_vec();
    OwnContentKind, CONTENT_KINDS, |row| row.id.bytes().to_vec();
    Labels, LABELS, |row| row.id.bytes().to_vec();
    Thresholds, THRESHOLDS, |_row| tables::THRESHOLDS_KEY.to_vec();
    RecipeVersion, RECIPE_VERSIONS, |row| tables::recipe_version_key(row.recipe, row.n);
}

/// A row that grew: what it was before, and what came to it. One to which nothing came is stored as
/// it was before it could, so that the bytes of rows stored then stay the ones that encoding gives.
#[derive(Serialize, Deserialize)]
#[serde(bound(deserialize = "T: DeserializeOwned + Clone, X: DeserializeOwned + Clone"))]
struct Grown<'a, T: Clone, X: Clone> {
    base: Cow<'a, T>,
    extra: Cow<'a, X>,
}

impl<T, X> Row for Grown<'_, T, X>
where
    T: Row + Clone,
    X: Serialize + DeserializeOwned + Clone + Default,
{
    const FORMAT: u8 = 2;

    fn upgrade(format: u8, body: &[u8]) -> Result<Self, CodecError> {
        if format != T::FORMAT {
            return Err(CodecError::UnsupportedFormat { found: format, newest: Self::FORMAT });
        }
        Ok(Grown { base: Cow::Owned(decode_body(body)?), extra: Cow::default() })
    }
}

/// The bytes of a row with what came to it.
fn grown<T, X>(base: &T, extra: &X) -> Result<Vec<u8>, RowError>
where
    T: Row + Stored + Clone,
    X: Serialize + DeserializeOwned + Clone + Default + PartialEq,
{
    let row = if *extra == X::default() {
        encode(base)
    } else {
        encode(&Grown { base: Cow::Borrowed(base), extra: Cow::Borrowed(extra) })
    };
    row.map_err(codec::<T>)
}

/// A row with what came to it, from its bytes; its identity must be that of the key.
fn ungrown<T, X>(key: &[u8], row: &[u8], put: impl FnOnce(&mut T, X)) -> Result<T, RowError>
where
    T: Row + Stored + Clone,
    X: Serialize + DeserializeOwned + Clone + Default,
{
    let Grown { base, extra } = decode::<Grown<'_, T, X>>(row).map_err(codec::<T>)?;
    let mut base = base.into_owned();
    put(&mut base, extra.into_owned());
    if base.key() == key { Ok(base) } else { Err(RowError::Key(table_of::<T>())) }
}

impl Row for Branding {
    const FORMAT: u8 = 1;
}

impl Stored for Branding {
    const TABLE: TableId = tables::BRANDING;

    fn key(&self) -> Vec<u8> {
        tables::BRANDING_KEY.to_vec()
    }
    /// With who signs letters.
    fn to_row(&self) -> Result<Vec<u8>, RowError> {
        grown(self, &self.signatory)
    }
    fn from_row(key: &[u8], row: &[u8]) -> Result<Self, RowError> {
        ungrown(key, row, |look: &mut Branding, signatory| look.signatory = signatory)
    }
}

impl Row for Company {
    const FORMAT: u8 = 1;
}

impl Stored for Company {
    const TABLE: TableId = tables::COMPANIES;

    fn key(&self) -> Vec<u8> {
        self.id.bytes().to_vec()
    }
    /// With the contact it is linked to.
    fn to_row(&self) -> Result<Vec<u8>, RowError> {
        grown(self, &self.xero_contact)
    }
    fn from_row(key: &[u8], row: &[u8]) -> Result<Self, RowError> {
        ungrown(key, row, |company: &mut Company, contact| company.xero_contact = contact)
    }
}

impl Row for Content {
    const FORMAT: u8 = 1;
}

impl Stored for Content {
    const TABLE: TableId = tables::CONTENT;

    fn key(&self) -> Vec<u8> {
        self.estimate.bytes().to_vec()
    }
    /// With the items its blocks are attached to, in the order of the blocks.
    fn to_row(&self) -> Result<Vec<u8>, RowError> {
        let attached = self.blocks.iter().any(|block| block.item.is_some());
        let items: Vec<Option<ItemId>> =
            self.blocks.iter().filter(|_| attached).map(|block| block.item).collect();
        grown(self, &items)
    }
    fn from_row(key: &[u8], row: &[u8]) -> Result<Self, RowError> {
        let mut attached = Vec::<Option<ItemId>>::new();
        let mut content: Content = ungrown(key, row, |_: &mut Content, items| attached = items)?;
        if !attached.is_empty() && attached.len() != content.blocks.len() {
            let message = "it names another number of items than it has blocks";
            return Err(codec::<Self>(CodecError::Malformed(message.to_owned())));
        }
        for (block, item) in content.blocks.iter_mut().zip(attached) {
            block.item = item;
        }
        Ok(content)
    }
}

impl Row for Organisation {
    const FORMAT: u8 = 1;
}

/// A stamp that says a thing once: most rows were last changed by whoever made them.
#[derive(Serialize, Deserialize)]
struct CompactStamp {
    created_at_us: i64,
    created_by: UserId,
    /// Microseconds from making to the last change.
    updated_after_us: i64,
    /// Who changed it last, where that is somebody else.
    updated_by: Option<UserId>,
}

impl From<Stamp> for CompactStamp {
    fn from(stamp: Stamp) -> Self {
        CompactStamp {
            created_at_us: stamp.created_at_us,
            created_by: stamp.created_by,
            updated_after_us: stamp.updated_at_us.wrapping_sub(stamp.created_at_us),
            updated_by: (stamp.updated_by != stamp.created_by).then_some(stamp.updated_by),
        }
    }
}

impl From<CompactStamp> for Stamp {
    fn from(stamp: CompactStamp) -> Self {
        Stamp {
            created_at_us: stamp.created_at_us,
            created_by: stamp.created_by,
            updated_at_us: stamp.created_at_us.wrapping_add(stamp.updated_after_us),
            updated_by: stamp.updated_by.unwrap_or(stamp.created_by),
        }
    }
}

/// What a heading's row holds beside its key.
#[derive(Serialize, Deserialize)]
struct HeadingBody<'a> {
    parent: Option<HeadingId>,
    position: Position,
    code: Cow<'a, str>,
    name: Cow<'a, str>,
    version: u64,
    stamp: CompactStamp,
}

impl Row for HeadingBody<'_> {
    const FORMAT: u8 = 1;
}

impl Stored for Heading {
    const TABLE: TableId = tables::HEADINGS;

    fn key(&self) -> Vec<u8> {
        estimate_key(self.estimate, self.id.0)
    }

    fn to_row(&self) -> Result<Vec<u8>, RowError> {
        let body = HeadingBody {
            parent: self.parent,
            position: self.position,
            code: Cow::Borrowed(&self.code),
            name: Cow::Borrowed(&self.name),
            version: self.version,
            stamp: self.stamp.into(),
        };
        encode(&body).map_err(codec::<Self>)
    }

    fn from_row(key: &[u8], row: &[u8]) -> Result<Self, RowError> {
        let (estimate, id) = split_estimate_key(key).ok_or(RowError::Key("headings"))?;
        let body: HeadingBody<'static> = decode(row).map_err(codec::<Self>)?;
        Ok(Heading {
            id: HeadingId(id),
            estimate,
            parent: body.parent,
            position: body.position,
            code: body.code.into(),
            name: body.name.into(),
            version: body.version,
            stamp: body.stamp.into(),
        })
    }
}

/// What an item's row holds beside its key.
#[derive(Serialize, Deserialize)]
struct ItemBody<'a> {
    parent: Parent,
    position: Position,
    item_type: ItemType,
    flags: u8,
    code: Cow<'a, str>,
    description: Cow<'a, str>,
    unit: Option<Cow<'a, UnitCode>>,
    quantity: Option<Cow<'a, Formula>>,
    takeoff_quantity: Option<Qty>,
    plug: Option<Plug>,
    extra: Option<Cow<'a, ItemExtra>>,
    version: u64,
    stamp: CompactStamp,
}

impl Row for ItemBody<'_> {
    const FORMAT: u8 = 1;
}

const FLAG_INDIRECT: u8 = 1;
const FLAG_INACTIVE: u8 = 1 << 1;
const FLAG_REVIEWED: u8 = 1 << 2;

impl Stored for Item {
    const TABLE: TableId = tables::ITEMS;

    fn key(&self) -> Vec<u8> {
        estimate_key(self.estimate, self.id.0)
    }

    fn to_row(&self) -> Result<Vec<u8>, RowError> {
        let flag = |on: bool, flag: u8| if on { flag } else { 0 };
        let body = ItemBody {
            parent: self.parent,
            position: self.position,
            item_type: self.item_type,
            flags: flag(self.indirect, FLAG_INDIRECT)
                | flag(self.inactive, FLAG_INACTIVE)
                | flag(self.reviewed, FLAG_REVIEWED),
            code: Cow::Borrowed(&self.code),
            description: Cow::Borrowed(&self.description),
            unit: self.unit.as_ref().map(Cow::Borrowed),
            quantity: self.quantity.as_ref().map(Cow::Borrowed),
            takeoff_quantity: self.takeoff_quantity,
            plug: self.plug,
            extra: self.extra.as_deref().map(Cow::Borrowed),
            version: self.version,
            stamp: self.stamp.into(),
        };
        encode(&body).map_err(codec::<Self>)
    }

    fn from_row(key: &[u8], row: &[u8]) -> Result<Self, RowError> {
        let (estimate, id) = split_estimate_key(key).ok_or(RowError::Key("items"))?;
        let body: ItemBody<'static> = decode(row).map_err(codec::<Self>)?;
        Ok(Item {
            id: ItemId(id),
            estimate,
            parent: body.parent,
            position: body.position,
            item_type: body.item_type,
            code: body.code.into(),
            description: body.description.into(),
            unit: body.unit.map(Cow::into_owned),
            quantity: body.quantity.map(Cow::into_owned),
            takeoff_quantity: body.takeoff_quantity,
            plug: body.plug,
            indirect: body.flags & FLAG_INDIRECT != 0,
            inactive: body.flags & FLAG_INACTIVE != 0,
            reviewed: body.flags & FLAG_REVIEWED != 0,
            extra: body.extra.map(|extra| Box::new(extra.into_owned())),
            version: body.version,
            stamp: body.stamp.into(),
        })
    }
}

/// What a worksheet's row holds beside its key.
#[derive(Serialize, Deserialize)]
struct WorksheetBody<'a> {
    version: u64,
    variables: Cow<'a, [Variable]>,
    blocks: Cow<'a, [Block]>,
    lines: Cow<'a, [Line]>,
}

impl Row for WorksheetBody<'_> {
    const FORMAT: u8 = 1;
}

impl Stored for Worksheet {
    const TABLE: TableId = tables::WORKSHEETS;

    fn key(&self) -> Vec<u8> {
        estimate_key(self.estimate, self.item.0)
    }

    fn to_row(&self) -> Result<Vec<u8>, RowError> {
        let body = WorksheetBody {
            version: self.version,
            variables: Cow::Borrowed(&self.variables),
            blocks: Cow::Borrowed(&self.blocks),
            lines: Cow::Borrowed(&self.lines),
        };
        encode(&body).map_err(codec::<Self>)
    }

    fn from_row(key: &[u8], row: &[u8]) -> Result<Self, RowError> {
        let (estimate, item) = split_estimate_key(key).ok_or(RowError::Key("worksheets"))?;
        let body: WorksheetBody<'static> = decode(row).map_err(codec::<Self>)?;
        Ok(Worksheet {
            item: ItemId(item),
            estimate,
            version: body.version,
            variables: body.variables.into_owned(),
            blocks: body.blocks.into_owned(),
            lines: body.lines.into_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimating::branding::Signatory;
    use crate::estimating::content::{ContentBlock, ContentKind};

    #[test]
    fn text_reads_back_and_that_of_no_item_is_stored_as_it_always_was() {
        let id = uuid::Uuid::from_u128;
        let estimate = crate::estimating::id::EstimateId(id(1));
        let block = |n: u128, item: Option<u128>| ContentBlock {
            id: crate::estimating::id::ContentBlockId(id(n)),
            kind: ContentKind::Exclusions,
            text: "Rock.".into(),
            item: item.map(|item| ItemId(id(item))),
            version: 1,
        };
        let mut content = Content::none(estimate, Stamp::new(UserId(id(2)), 7));
        content.blocks = vec![block(3, None), block(4, None)];
        let row = content.to_row().unwrap();
        // Format, estimate, two blocks of id, kind, text and version, version and stamp.
        let blocks = 1 + 2 * (17 + 1 + 6 + 1);
        assert_eq!((row.first(), row.len()), (Some(&1), 1 + 17 + blocks + 1 + 2 * (17 + 1)));
        assert_eq!(Content::from_row(&content.key(), &row).unwrap(), content);
        content.blocks[1] = block(4, Some(9));
        let row = content.to_row().unwrap();
        assert_eq!(row.first(), Some(&2));
        assert_eq!(Content::from_row(&content.key(), &row).unwrap(), content);
        let torn = Grown::<_, Vec<Option<ItemId>>> {
            base: Cow::Borrowed(&content),
            extra: Cow::Owned(vec![None]),
        };
        let torn = encode(&torn).unwrap();
        assert!(Content::from_row(&content.key(), &torn).is_err());
        assert!(Content::from_row(&content.key(), &[3, 0]).is_err());
    }

    #[test]
    fn a_look_reads_back_and_one_nobody_signs_is_stored_as_it_always_was() {
        let unsigned =
            Branding { letterhead: vec!["12 Quarry Road".into()], ..Branding::default() };
        let row = unsigned.to_row().unwrap();
        assert_eq!(row.first(), Some(&1));
        assert_eq!(row, encode(&unsigned).unwrap());
        let signatory = Signatory { name: "H. Reweti".into(), position: "Director".into() };
        let signed = Branding { signatory, ..unsigned.clone() };
        assert_eq!(signed.to_row().unwrap().first(), Some(&2));
        for look in [unsigned, signed] {
            let row = look.to_row().unwrap();
            assert_eq!(Branding::from_row(tables::BRANDING_KEY, &row).unwrap(), look);
        }
        assert!(Branding::from_row(tables::BRANDING_KEY, &[3, 0]).is_err());
    }
}
