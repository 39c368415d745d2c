//! Every field of every entity, found by asking the types: each is read from a source that notes
//! what it is asked for, once for every variant of every enum. A new field is there by itself.

use std::collections::BTreeMap;

use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error, IntoDeserializer,
    MapAccess, SeqAccess, VariantAccess, Visitor, value::Error as Refused,
};

use crate::workspace::{EachEntity, each_entity};

/// What texts of a form of their own may look like; the first that a field takes is used.
const TEXTS: [&str; 6] =
    ["1", "00000000-0000-0000-0000-000000000001", "2026-04-20", "BR-001", "80", "NZD"];
/// Rounds after which a type is given up: far more than any has variants and forms.
const ROUNDS_MAX: usize = 10_000;

/// Table and path of every field there is, in the order of each type.
#[must_use]
pub fn fields() -> Vec<(&'static str, String)> {
    let mut all = All(Vec::new());
    each_entity(&mut all);
    all.0
}

struct All(Vec<(&'static str, String)>);

impl EachEntity for All {
    fn entity<T: DeserializeOwned>(&mut self, table: &'static str) {
        let mut notes = Notes::default();
        for _ in 0..ROUNDS_MAX {
            notes.last = None;
            notes.fresh.clear();
            let read = T::deserialize(Tracer { path: String::new(), notes: &mut notes });
            if read.is_err() {
                // What was taken was not read to its end.
                for (path, at) in std::mem::take(&mut notes.fresh) {
                    notes.enums.entry(path).and_modify(|(_, taken)| drop(taken.remove(&at)));
                }
                // The text a field got was none for it.
                let Some(path) = notes.last.take() else { break };
                *notes.texts.entry(path).or_default() += 1;
            } else if notes.is_done("") {
                break;
            }
        }
        self.0.extend(notes.leaves.into_iter().map(|path| (table, path)));
    }
}

#[derive(Default)]
struct Notes {
    /// In the order they were met, which is that of the type.
    leaves: Vec<String>,
    /// By path of an enum: how many variants it has, and the paths below those taken.
    enums: BTreeMap<String, (usize, BTreeMap<usize, String>)>,
    /// By path of a text: the next of [`TEXTS`].
    texts: BTreeMap<String, usize>,
    /// The text given last.
    last: Option<String>,
    /// Variants taken for the first time in this round.
    fresh: Vec<(String, usize)>,
}

impl Notes {
    /// Whether every variant of every enum below a path was taken.
    fn is_done(&self, path: &str) -> bool {
        self.enums
            .iter()
            .filter(|(known, _)| known.starts_with(path))
            .all(|(_, (count, taken))| taken.len() == *count)
    }

    /// The variant to take: one not taken yet, or one with such an enum in it.
    fn choose(&mut self, path: &str, variants: &'static [&'static str]) -> usize {
        let known = self.enums.entry(path.to_owned()).or_insert((variants.len(), BTreeMap::new()));
        let untaken = (0..variants.len()).find(|at| !known.1.contains_key(at));
        let at = untaken.unwrap_or_else(|| {
            let taken = self.enums.get(path).map(|known| known.1.clone()).unwrap_or_default();
            let open = taken.into_iter().find(|(_, below)| !self.is_done(&format!("{below}.")));
            open.map_or(0, |(at, _)| at)
        });
        if let Some((known, name)) = self.enums.get_mut(path).zip(variants.get(at))
            && known.1.insert(at, child(path, name)).is_none()
        {
            self.fresh.push((path.to_owned(), at));
        }
        at
    }
}

fn child(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

struct Tracer<'a> {
    path: String,
    notes: &'a mut Notes,
}

impl<'a> Tracer<'a> {
    fn leaf(self) {
        if !self.notes.leaves.contains(&self.path) {
            self.notes.leaves.push(self.path);
        }
    }

    fn text(self) -> &'static str {
        let at = self.notes.texts.get(&self.path).copied().unwrap_or(0);
        self.notes.last = Some(self.path.clone());
        self.leaf();
        TEXTS.get(at).copied().unwrap_or("")
    }
}

macro_rules! leaves {
    ($($read:ident => $visit:ident($($value:expr)?);)+) => {$(
        fn $read<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
            self.leaf();
            visitor.$visit($($value)?)
        }
    )+};
}

impl<'de, 'a> Deserializer<'de> for Tracer<'a> {
    type Error = Refused;

    leaves! {
        deserialize_bool => visit_bool(true);
        deserialize_i8 => visit_i8(1);
        deserialize_i16 => visit_i16(1);
        deserialize_i32 => visit_i32(1);
        deserialize_i64 => visit_i64(1);
        deserialize_u8 => visit_u8(1);
        deserialize_u16 => visit_u16(1);
        deserialize_u32 => visit_u32(1);
        deserialize_u64 => visit_u64(1);
        deserialize_f32 => visit_u8(1);
        deserialize_f64 => visit_u8(1);
        deserialize_char => visit_char('a');
        deserialize_unit => visit_unit();
        deserialize_bytes => visit_bytes(b"1");
        deserialize_byte_buf => visit_bytes(b"1");
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_str(self.text())
    }
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_str(self.text())
    }
    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_str(self.text())
    }
    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_str(self.text())
    }
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_some(self)
    }
    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Refused> {
        self.deserialize_unit(visitor)
    }
    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Refused> {
        visitor.visit_newtype_struct(self)
    }
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        let Tracer { path, notes } = self;
        visitor.visit_seq(Children { paths: vec![path].into_iter(), notes })
    }
    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Refused> {
        let Tracer { path, notes } = self;
        let paths: Vec<String> = (0..length).map(|at| child(&path, &at.to_string())).collect();
        visitor.visit_seq(Children { paths: paths.into_iter(), notes })
    }
    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Refused> {
        self.deserialize_tuple(length, visitor)
    }
    fn deserialize_map<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Refused> {
        Err(Refused::custom("rows hold no maps"))
    }
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        let Tracer { path, notes } = self;
        visitor.visit_map(Fields { path, fields: fields.iter(), value: None, notes })
    }
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        let at = self.notes.choose(&self.path, variants);
        let name = variants.get(at).copied().unwrap_or_default();
        visitor.visit_enum(Variant { path: self.path, name, notes: self.notes })
    }
    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_unit()
    }
}

struct Children<'a> {
    paths: std::vec::IntoIter<String>,
    notes: &'a mut Notes,
}

impl<'de> SeqAccess<'de> for Children<'_> {
    type Error = Refused;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Refused> {
        let Some(path) = self.paths.next() else { return Ok(None) };
        seed.deserialize(Tracer { path, notes: self.notes }).map(Some)
    }
}

struct Fields<'a> {
    path: String,
    fields: std::slice::Iter<'static, &'static str>,
    value: Option<String>,
    notes: &'a mut Notes,
}

impl<'de> MapAccess<'de> for Fields<'_> {
    type Error = Refused;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Refused> {
        let Some(name) = self.fields.next() else { return Ok(None) };
        self.value = Some(child(&self.path, name));
        let name: &'static str = name;
        seed.deserialize(IntoDeserializer::<Refused>::into_deserializer(name)).map(Some)
    }
    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Refused> {
        let path = self.value.take().unwrap_or_default();
        seed.deserialize(Tracer { path, notes: self.notes })
    }
}

struct Variant<'a> {
    path: String,
    name: &'static str,
    notes: &'a mut Notes,
}

impl<'de> EnumAccess<'de> for Variant<'_> {
    type Error = Refused;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), Refused> {
        let name = IntoDeserializer::<Refused>::into_deserializer(self.name);
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'de, 'a> VariantAccess<'de> for Variant<'a> {
    type Error = Refused;

    fn unit_variant(self) -> Result<(), Refused> {
        Tracer { path: self.path, notes: self.notes }.leaf();
        Ok(())
    }
    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Refused> {
        seed.deserialize(Tracer { path: child(&self.path, self.name), notes: self.notes })
    }
    fn tuple_variant<V: Visitor<'de>>(self, length: usize, v: V) -> Result<V::Value, Refused> {
        Tracer { path: child(&self.path, self.name), notes: self.notes }
            .deserialize_tuple(length, v)
    }
    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        Tracer { path: child(&self.path, self.name), notes: self.notes }
            .deserialize_struct(self.name, fields, visitor)
    }
}
