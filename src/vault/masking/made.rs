//! What becomes of a row: its parts by name, from which a row of its type is read again.

use serde::{
    de::{
        self, DeserializeOwned, Deserializer, IntoDeserializer, Visitor,
        value::{
            Error, MapAccessDeserializer, MapDeserializer, SeqDeserializer, StringDeserializer,
        },
    },
    forward_to_deserialize_any,
};

/// A value on its way from one row to another. Names are those of the types themselves, so that
/// none is copied.
#[derive(Clone, Debug, PartialEq)]
pub enum Made {
    /// None, or what nobody asked for.
    Nothing,
    /// True or false.
    Flag(bool),
    /// A whole number from zero.
    Count(u64),
    /// A whole number below zero.
    Below(i64),
    /// A text, a decimal, a date, an identity, the name of a variant with nothing in it.
    Text(String),
    /// A list or a tuple.
    List(Vec<Made>),
    /// Fields of a row in their order, or one variant with what is in it.
    Fields(Vec<(&'static str, Made)>),
}

impl Made {
    /// The row it is one of.
    ///
    /// # Errors
    /// What the type says of it.
    pub fn read<T: DeserializeOwned>(self) -> Result<T, Error> {
        T::deserialize(self)
    }
}

impl IntoDeserializer<'_, Error> for Made {
    type Deserializer = Made;

    fn into_deserializer(self) -> Made {
        self
    }
}

impl<'de> Deserializer<'de> for Made {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Made::Nothing => visitor.visit_unit(),
            Made::Flag(flag) => visitor.visit_bool(flag),
            Made::Count(number) => visitor.visit_u64(number),
            Made::Below(number) => visitor.visit_i64(number),
            Made::Text(text) => visitor.visit_string(text),
            Made::List(list) => {
                let mut parts = SeqDeserializer::new(list.into_iter());
                let value = visitor.visit_seq(&mut parts)?;
                parts.end()?;
                Ok(value)
            }
            Made::Fields(fields) => {
                let mut parts = MapDeserializer::new(fields.into_iter());
                let value = visitor.visit_map(&mut parts)?;
                parts.end()?;
                Ok(value)
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Made::Nothing => visitor.visit_none(),
            some => visitor.visit_some(some),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self {
            Made::Text(variant) => {
                let variant: StringDeserializer<Error> = variant.into_deserializer();
                variant.deserialize_enum(name, variants, visitor)
            }
            Made::Fields(fields) => {
                MapAccessDeserializer::new(MapDeserializer::new(fields.into_iter()))
                    .deserialize_enum(name, variants, visitor)
            }
            _ => Err(de::Error::custom(format_args!("{name} is neither a name nor a variant"))),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}
