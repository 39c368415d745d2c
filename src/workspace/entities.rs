//! Every kind of row there is, for work that treats them all alike.

use super::{
    rows::{RowError, Stored},
    tables,
};
use crate::{
    estimating::{
        acknowledgement::Acknowledgement,
        branding::{Branding, Signatory},
        categorisation::{Categorisation, Labels},
        commercials::Commercials,
        company::Company,
        content::{Content, OwnContentKind},
        heading::Heading,
        id::ItemId,
        item::Item,
        price_book::{PriceBook, PriceBookVersion, ResourceRates},
        quotes::{Adjudication, Package, Quote},
        recipe::{Recipe, RecipeVersion},
        resource::Resource,
        submission::{Approval, Handover, Submission},
        tender::{EstimateRow, Tender},
        thresholds::Thresholds,
        units::{Conversion, Unit},
        user::{Organisation, User},
        worksheet::Worksheet,
    },
    ledger::{Row, TableId, decode, encode},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use uuid::Uuid;

/// Which of the two kinds of ledger a table belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Book {
    /// Organisations and people.
    Control,
    /// One organisation.
    Organisation,
}

impl Book {
    /// Its tables.
    pub fn tables(self) -> &'static [(TableId, &'static str)] {
        match self {
            Book::Control => tables::CONTROL_TABLES,
            Book::Organisation => tables::ORGANISATION_TABLES,
        }
    }

    /// Name of one of its tables.
    pub fn table_name(self, table: TableId) -> Option<&'static str> {
        self.tables().iter().find(|(id, _)| *id == table).map(|(_, name)| *name)
    }
}

/// Is shown the type of every kind of row.
pub trait EachEntity {
    /// The type of the rows of `table`.
    fn entity<T: DeserializeOwned>(&mut self, table: &'static str);
}

/// Works on rows of whatever type.
pub trait RowWork {
    /// Why it could not.
    type Error: From<RowError>;

    /// Looks at a row; gives what is to be stored instead, or none.
    ///
    /// # Errors
    /// Its own.
    fn work<T: Serialize + DeserializeOwned>(&mut self, row: &T) -> Result<Option<T>, Self::Error>;
}

/// How documents look with who signs letters, which the row itself keeps apart.
#[derive(Serialize, Deserialize)]
struct Look {
    look: Branding,
    signatory: Signatory,
}

/// A company with the Xero contact it is linked to, which the row itself keeps apart.
#[derive(Serialize, Deserialize)]
struct Linked {
    company: Company,
    xero_contact: Option<Uuid>,
}

/// Texts with the items they are attached to, which the row itself keeps apart.
#[derive(Serialize, Deserialize)]
struct Texts {
    content: Content,
    items: Vec<Option<ItemId>>,
}

impl Texts {
    fn of(content: Content) -> Texts {
        Texts { items: content.blocks.iter().map(|block| block.item).collect(), content }
    }

    fn content(self) -> Content {
        let Texts { mut content, items } = self;
        for (block, item) in content.blocks.iter_mut().zip(items) {
            block.item = item;
        }
        content
    }
}

/// Calls a macro with every type that is stored as it is.
macro_rules! whole {
    ($do:ident) => {
        $do! {
            EstimateRow, Heading, Item, Worksheet, Commercials, Package, Adjudication,
            Acknowledgement, Approval, Tender, Unit, Conversion, PriceBook, Resource, Recipe,
            RecipeVersion, PriceBookVersion, ResourceRates, OwnContentKind, Quote, Submission,
            Handover, Categorisation, Labels, Thresholds
        }
    };
}

/// Shows the type of every kind of row that is no passing bookkeeping ([`opaque_tables`]).
pub fn each_entity(show: &mut impl EachEntity) {
    macro_rules! show_each {
        ($($entity:ty),+) => {$(
            show.entity::<$entity>(tables::table_name(<$entity as Stored>::TABLE));
        )+};
    }
    whole!(show_each);
    show.entity::<Look>(tables::table_name(tables::BRANDING));
    show.entity::<Linked>(tables::table_name(tables::COMPANIES));
    show.entity::<Texts>(tables::table_name(tables::CONTENT));
    show.entity::<Organisation>("organisations");
    show.entity::<User>("users");
}

/// Tables whose rows are bytes and texts that only their own layer reads: files, jobs, answers kept
/// for repeated requests, remembered layouts, marks, what people say to each other and
/// attach, what lets people in. A copy of an organisation that gives nothing away
/// goes without them.
pub fn opaque_tables() -> [&'static str; 13] {
    let organisation = [
        tables::FILES,
        tables::IDEMPOTENCY,
        tables::IMPORT_LAYOUTS,
        tables::JOBS,
        tables::JOB_STEPS,
        tables::MARKS,
        tables::COMMENTS,
        tables::MENTIONS,
        tables::ATTACHMENTS,
    ];
    let [files, idempotency, layouts, jobs, steps, marks, comments, mentions, attachments] =
        organisation.map(tables::table_name);
    let control = ["staging", "sessions", "api_tokens", "links"];
    let [staging, sessions, tokens, links] = control;
    [
        files,
        idempotency,
        layouts,
        jobs,
        steps,
        marks,
        comments,
        mentions,
        attachments,
        staging,
        sessions,
        tokens,
        links,
    ]
}

/// Has `work` look at a row; gives the bytes to be stored instead, or none.
///
/// # Errors
/// A row that does not read, a table of bytes that are no entity, or what `work` gives.
pub fn rework<W: RowWork>(
    book: Book,
    table: TableId,
    key: &[u8],
    row: &[u8],
    work: &mut W,
) -> Result<Option<Vec<u8>>, W::Error> {
    if book == Book::Control {
        return match table {
            tables::ORGANISATIONS => plain::<Organisation, W>("organisations", row, work),
            tables::USERS => plain::<User, W>("users", row, work),
            table => Err(RowError::Table(table).into()),
        };
    }
    if table == tables::BRANDING {
        let branding = Branding::from_row(key, row)?;
        let look = Look { signatory: branding.signatory.clone(), look: branding };
        let Some(look) = work.work(&look)? else { return Ok(None) };
        let branding = Branding { signatory: look.signatory, ..look.look };
        return Ok(Some(branding.to_row()?));
    }
    if table == tables::COMPANIES {
        let company = Company::from_row(key, row)?;
        let linked = Linked { xero_contact: company.xero_contact, company };
        let Some(linked) = work.work(&linked)? else { return Ok(None) };
        let company = Company { xero_contact: linked.xero_contact, ..linked.company };
        return Ok(Some(company.to_row()?));
    }
    if table == tables::CONTENT {
        let texts = Texts::of(Content::from_row(key, row)?);
        let Some(texts) = work.work(&texts)? else { return Ok(None) };
        return Ok(Some(texts.content().to_row()?));
    }
    macro_rules! of_table {
        ($($entity:ty),+) => {
            match table {
                $(<$entity as Stored>::TABLE => whole_row::<$entity, W>(key, row, work),)+
                table => Err(RowError::Table(table).into()),
            }
        };
    }
    whole!(of_table)
}

fn whole_row<T: Stored + Serialize + DeserializeOwned, W: RowWork>(
    key: &[u8],
    row: &[u8],
    work: &mut W,
) -> Result<Option<Vec<u8>>, W::Error> {
    let Some(made) = work.work(&T::from_row(key, row)?)? else { return Ok(None) };
    if made.key() != key {
        return Err(RowError::Key(super::rows::table_of::<T>()).into());
    }
    Ok(Some(made.to_row()?))
}

fn plain<T: Row, W: RowWork>(
    table: &'static str,
    row: &[u8],
    work: &mut W,
) -> Result<Option<Vec<u8>>, W::Error> {
    let codec = |cause| RowError::Codec { table, cause };
    let Some(made) = work.work(&decode::<T>(row).map_err(codec)?)? else { return Ok(None) };
    Ok(Some(encode(&made).map_err(codec)?))
}
