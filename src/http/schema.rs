//! Schemas of the plain values that travel as text, by name, so that the document and the
//! clients generated from it say `Money` and not `string`.

use std::borrow::Cow;
use utoipa::openapi::schema::{KnownFormat, Object, ObjectBuilder, SchemaFormat, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// A text of decimal digits with at most `decimals` of them after the point.
fn decimal(description: &str, decimals: u32, example: &str) -> Object {
    ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::String))
        .format(Some(SchemaFormat::Custom("decimal".to_owned())))
        .description(Some(description))
        .pattern(Some(format!(r"^-?\d{{1,13}}(\.\d{{1,{decimals}}})?$")))
        .examples([serde_json::Value::from(example)])
        .build()
}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident => $schema:expr;)+) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                RefOr::T(Schema::Object($schema))
            }
        }
        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed(stringify!($name))
            }
        }
    )+};
}

texts! {
    /// Whole cents as text.
    Money => decimal("New Zealand dollars excluding GST, two decimals.", 2, "6148.34");
    /// A cost rate as text.
    Rate => decimal("Dollars per unit excluding GST, four decimals.", 4, "7.2333");
    /// A client rate as text.
    SellRate => decimal("Dollars per unit excluding GST as the client sees it.", 4, "10.12");
    /// An item quantity as text.
    Qty => decimal("A quantity of an item, four decimals.", 4, "850.0000");
    /// A worksheet line quantity as text.
    LineQty => decimal("A quantity of a worksheet line, six decimals.", 6, "15.060241");
    /// A factor as text.
    Factor => decimal("A usage, norm, efficiency or conversion, six decimals.", 6, "0.830000");
    /// Percent points as text.
    Pct => decimal("Percent points: 6.5 means 6.5 %. Four decimals.", 4, "6.5000");
    /// The exact value of a formula as text.
    Exact => ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::String))
        .format(Some(SchemaFormat::Custom("decimal".to_owned())))
        .description(Some("An exact decimal, as many digits as it has."))
        .examples([serde_json::Value::from("68.4")])
        .build();
    /// A moment as text.
    Time => ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::String))
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
        .description(Some("A moment in RFC 3339, UTC."))
        .examples([serde_json::Value::from("2026-04-20T02:05:00Z")])
        .build();
    /// The number of a commit.
    Lsn => ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::Integer))
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
        .description(Some("The number of a commit: they count up by one in an organisation."))
        .minimum(Some(0))
        .build();
}
