//! Reading what people send: the fields of an object come by their names.
//!
//! serde reads a list as the fields of an object in their order too, and one that is short as the
//! rest of them absent: `"set": [null]` would be an edit of nothing. Under [`ByName`] an object is
//! an object, however deep it lies.

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor,
};
use std::fmt;

/// A deserializer, or what is read of one, that takes no list for an object.
#[derive(Clone, Copy, Debug)]
pub struct ByName<T>(pub T);

/// Reads a field of an enum that is told apart by a tag. serde keeps such a field aside until the
/// tag is known and reads it then, past any [`ByName`] around the whole.
///
/// # Errors
/// What `T` says.
pub fn by_name<'de, T: serde::Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    T::deserialize(ByName(deserializer))
}

/// A visitor of anything but an object whose fields have names in the program.
struct Inside<V>(V);

/// A visitor of such an object, or of an enum that is told apart by a tag: no list is either.
struct Object<V>(V);

/// Methods that pass on what they are given.
macro_rules! as_it_is {
    (read: $($name:ident)*) => {$(
        fn $name<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
            self.0.$name(visitor)
        }
    )*};
    (inside: $($name:ident)*) => {$(
        fn $name<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
            self.0.$name(Inside(visitor))
        }
    )*};
    (visit: $($name:ident: $of:ty),*) => {$(
        fn $name<E: Error>(self, value: $of) -> Result<V::Value, E> {
            self.0.$name(value)
        }
    )*};
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for ByName<D> {
    type Error = D::Error;

    as_it_is! { read:
        deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_i128 deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
        deserialize_u128 deserialize_f32 deserialize_f64 deserialize_char deserialize_str
        deserialize_string deserialize_bytes deserialize_byte_buf deserialize_unit
        deserialize_identifier deserialize_ignored_any
    }

    as_it_is! { inside: deserialize_option deserialize_seq deserialize_map }

    /// Asked for by what is told apart by a tag, and by texts that are read as numbers.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_any(Object(visitor))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_struct(name, fields, Object(Inside(visitor)))
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_unit_struct(name, visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_newtype_struct(name, Inside(visitor))
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_tuple(length, Inside(visitor))
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_tuple_struct(name, length, Inside(visitor))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_enum(name, variants, Inside(visitor))
    }

    fn is_human_readable(&self) -> bool {
        self.0.is_human_readable()
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Inside<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        self.0.visit_none()
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.0.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        self.0.visit_some(ByName(deserializer))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<V::Value, D::Error> {
        self.0.visit_newtype_struct(ByName(deserializer))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<V::Value, A::Error> {
        self.0.visit_seq(ByName(seq))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(ByName(map))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<V::Value, A::Error> {
        self.0.visit_enum(ByName(data))
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Object<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    as_it_is! { visit:
        visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_str: &str,
        visit_borrowed_str: &'de str, visit_string: String
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.0.visit_unit()
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(map)
    }
}

impl<'de, T: DeserializeSeed<'de>> DeserializeSeed<'de> for ByName<T> {
    type Value = T::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T::Value, D::Error> {
        self.0.deserialize(ByName(deserializer))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for ByName<A> {
    type Error = A::Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, A::Error> {
        self.0.next_element_seed(ByName(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for ByName<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        self.0.next_key_seed(seed)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, A::Error> {
        self.0.next_value_seed(ByName(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: EnumAccess<'de>> EnumAccess<'de> for ByName<A> {
    type Error = A::Error;
    type Variant = ByName<A::Variant>;

    fn variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<(T::Value, ByName<A::Variant>), A::Error> {
        let (value, variant) = self.0.variant_seed(seed)?;
        Ok((value, ByName(variant)))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for ByName<A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.0.unit_variant()
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, A::Error> {
        self.0.newtype_variant_seed(ByName(seed))
    }

    fn tuple_variant<V: Visitor<'de>>(
        self,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        self.0.tuple_variant(length, Inside(visitor))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        self.0.struct_variant(fields, Object(Inside(visitor)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimating::number::Money;
    use serde::Deserialize;
    use std::collections::BTreeMap;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields, default)]
    struct Fields {
        code: Option<String>,
        below: Vec<Fields>,
        by_key: BTreeMap<String, Fields>,
        pair: Option<(u8, u8)>,
        amount: Option<Money>,
        boxed: Option<Box<Fields>>,
        way: Option<Way>,
        tagged: Option<Tagged>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    enum Way {
        Last,
        After(u8),
        Of(Box<Fields>),
        Between(u8, u8),
        Here { at: u8 },
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(tag = "op")]
    enum Tagged {
        Set {
            #[serde(deserialize_with = "by_name")]
            set: Box<Fields>,
        },
        Ids {
            ids: Vec<u8>,
        },
    }

    fn read(text: &str) -> Result<Fields, serde_json::Error> {
        Fields::deserialize(ByName(&mut serde_json::Deserializer::from_str(text)))
    }

    #[test]
    fn what_has_its_names_is_read_as_ever() {
        for text in [
            "{}",
            r#"{"code":"A","below":[{"code":"B"},{}],"pair":[1,2],"amount":"12.50"}"#,
            r#"{"by_key":{"x":{"below":[{}]}},"boxed":{"code":null},"below":[]}"#,
            r#"{"way":"Last"}"#,
            r#"{"way":{"After":3}}"#,
            r#"{"way":{"Of":{"code":"C"}}}"#,
            r#"{"way":{"Between":[3,4]}}"#,
            r#"{"way":{"Here":{"at":1}}}"#,
            r#"{"tagged":{"op":"Set","set":{"code":"D","below":[{}]}}}"#,
            r#"{"tagged":{"ids":[1,2],"op":"Ids"}}"#,
        ] {
            let plain: Fields = serde_json::from_str(text).expect(text);
            assert_eq!(read(text).expect(text), plain, "{text}");
        }
    }

    #[test]
    fn no_list_is_read_as_an_object() {
        for text in [
            "[]",
            r#"{"below":[[]]}"#,
            r#"{"by_key":{"x":["A"]}}"#,
            r#"{"boxed":[null,[]]}"#,
            r#"{"boxed":{"below":[{"boxed":[]}]}}"#,
            r#"{"way":{"Of":[]}}"#,
            r#"{"way":{"Here":[1]}}"#,
            r#"{"tagged":["Ids",[1]]}"#,
            r#"{"tagged":{"op":"Set","set":[]}}"#,
            r#"{"tagged":{"op":"Set","set":{"boxed":[]}}}"#,
            r#"{"tagged":{"set":{"tagged":["Ids",[1]]},"op":"Set"}}"#,
        ] {
            let refused = read(text).expect_err(text).to_string();
            assert!(refused.contains("invalid type: sequence, expected "), "{text}: {refused}");
        }
    }
}
