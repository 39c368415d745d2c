//! A row, field by field: each is shown with its treatment, and what comes back makes a new row.

use super::{
    MaskError,
    made::Made,
    policy::{Node, Treatment},
};
use serde::ser::{
    Serialize, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

/// A step from a row towards a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A field, a variant, or a place of a tuple.
    Name(&'static str),
    /// A place of a list.
    At(u32),
}

/// A field as it is shown.
pub struct Place<'a> {
    /// Its treatment.
    pub treatment: &'a Treatment,
    /// Whether the search for leaks leaves it out.
    pub public: bool,
    /// Whether its words are those of the trade.
    pub vocabulary: bool,
    /// The way to it.
    pub route: &'a [Step],
}

/// The names of a way, dots between them.
pub fn path(route: &[Step]) -> String {
    let names = route.iter().filter_map(|step| match step {
        Step::Name(name) => Some(*name),
        Step::At(_) => None,
    });
    names.collect::<Vec<_>>().join(".")
}

/// Is shown every field.
pub trait Leaves {
    /// Whether what it gives is wanted: the same at every call.
    fn builds(&self) -> bool;

    /// A text, a decimal among them.
    ///
    /// # Errors
    /// Its own.
    fn text(&mut self, at: &Place<'_>, text: &str) -> Result<Made, MaskError>;
    /// A whole number: `Count` or `Below`.
    ///
    /// # Errors
    /// Its own.
    fn number(&mut self, at: &Place<'_>, number: Made) -> Result<Made, MaskError>;
}

/// Shows every field of `row` to `leaves`; gives what they make of it.
///
/// # Errors
/// `Untreated` for a field the policy does not know; what `leaves` give.
pub fn walk<T: Serialize>(
    row: &T,
    node: &Node,
    leaves: &mut dyn Leaves,
    route: &mut Vec<Step>,
) -> Result<Made, MaskError> {
    route.clear();
    let builds = leaves.builds();
    row.serialize(Walk { node, leaves, route, builds, drops: false })
}

/// One type for all who are shown fields: every row's own code is made once, not once for each.
struct Walk<'a> {
    node: &'a Node,
    leaves: &'a mut dyn Leaves,
    route: &'a mut Vec<Step>,
    builds: bool,
    /// Whether what it is in goes.
    drops: bool,
}

impl<'a> Walk<'a> {
    fn drops(&self) -> bool {
        self.drops || self.node.treatment == Some(Treatment::Drop)
    }

    fn place(&self) -> Result<Place<'_>, MaskError> {
        let treatment = match (&self.node.treatment, self.drops) {
            (_, true) => &Treatment::Drop,
            (Some(treatment), false) => treatment,
            (None, false) => return Err(MaskError::Untreated(path(self.route))),
        };
        Ok(Place {
            treatment,
            public: self.node.public,
            vocabulary: self.node.vocabulary,
            route: self.route,
        })
    }

    fn text(self, text: &str) -> Result<Made, MaskError> {
        self.place()?;
        let Walk { node, leaves, route, drops, .. } = self;
        let dropped = Treatment::Drop;
        let treatment = if drops { &dropped } else { node.treatment.as_ref().unwrap_or(&dropped) };
        let (public, vocabulary) = (node.public, node.vocabulary);
        leaves.text(&Place { treatment, public, vocabulary, route }, text)
    }

    fn number(self, number: Made) -> Result<Made, MaskError> {
        self.place()?;
        let Walk { node, leaves, route, drops, .. } = self;
        let dropped = Treatment::Drop;
        let treatment = if drops { &dropped } else { node.treatment.as_ref().unwrap_or(&dropped) };
        let (public, vocabulary) = (node.public, node.vocabulary);
        leaves.number(&Place { treatment, public, vocabulary, route }, number)
    }

    fn parts(self) -> Parts<'a> {
        let drops = self.drops();
        let Walk { node, leaves, route, builds, .. } = self;
        let depth = route.len();
        Parts {
            node,
            leaves,
            route,
            builds,
            drops,
            depth,
            next: 0,
            variant: None,
            list: Vec::new(),
            map: Vec::new(),
        }
    }

    /// Goes into a variant.
    fn variant(self, name: &'static str) -> Result<Parts<'a>, MaskError> {
        let depth = self.route.len();
        let drops = self.drops();
        let node = self.node.field(name);
        let mut parts = Walk { drops, ..self }.into(name, node)?.parts();
        (parts.depth, parts.variant) = (depth, Some(name));
        Ok(parts)
    }

    /// Goes into what is called `name` and treated as `node` says.
    fn into(mut self, name: &'static str, node: Option<&'a Node>) -> Result<Self, MaskError> {
        self.route.push(Step::Name(name));
        match node {
            Some(node) => self.node = node,
            None if self.drops => {}
            None => return Err(MaskError::Untreated(path(self.route))),
        }
        Ok(self)
    }
}

/// A row, a list, a tuple or a variant on its way.
struct Parts<'a> {
    node: &'a Node,
    leaves: &'a mut dyn Leaves,
    route: &'a mut Vec<Step>,
    builds: bool,
    drops: bool,
    /// Steps before it.
    depth: usize,
    /// The place that comes next: of a field that is expected, or in a list.
    next: usize,
    variant: Option<&'static str>,
    list: Vec<Made>,
    map: Vec<(&'static str, Made)>,
}

/// Names of the places of a tuple.
const PLACES: [&str; 8] = ["0", "1", "2", "3", "4", "5", "6", "7"];

impl Parts<'_> {
    /// Towards what is in it.
    fn inside(&mut self) -> Walk<'_> {
        Walk {
            node: self.node,
            leaves: &mut *self.leaves,
            route: &mut *self.route,
            builds: self.builds,
            drops: self.drops,
        }
    }

    fn below<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<Made, MaskError> {
        let before = self.route.len();
        let node = self.node.next_field(&mut self.next, name);
        let made = value.serialize(self.inside().into(name, node)?)?;
        self.route.truncate(before);
        Ok(made)
    }

    fn field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), MaskError> {
        let made = self.below(name, value)?;
        if self.builds {
            self.map.push((name, made));
        }
        Ok(())
    }

    fn place<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), MaskError> {
        let name = PLACES.get(self.list.len()).copied();
        let name = name.ok_or_else(|| MaskError::Untreated(path(self.route)))?;
        let made = self.below(name, value)?;
        self.list.push(made);
        Ok(())
    }

    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), MaskError> {
        if self.drops {
            // A list that goes is an empty one; what is in it is shown all the same.
            if self.builds {
                return Ok(());
            }
        }
        let before = self.route.len();
        self.route.push(Step::At(self.next as u32));
        self.next += 1;
        let made = value.serialize(self.inside())?;
        self.route.truncate(before);
        if self.builds {
            self.list.push(made);
        }
        Ok(())
    }

    fn end(self, made: Made) -> Result<Made, MaskError> {
        self.route.truncate(self.depth);
        Ok(match self.variant {
            Some(name) if self.builds => Made::Fields(vec![(name, made)]),
            _ => made,
        })
    }

    fn end_list(mut self) -> Result<Made, MaskError> {
        let list = std::mem::take(&mut self.list);
        let made = if self.builds { Made::List(list) } else { Made::Nothing };
        self.end(made)
    }

    fn end_map(mut self) -> Result<Made, MaskError> {
        let map = std::mem::take(&mut self.map);
        let made = if self.builds { Made::Fields(map) } else { Made::Nothing };
        self.end(made)
    }
}

macro_rules! numbers {
    ($($name:ident: $number:ty),+) => {$(
        fn $name(self, value: $number) -> Result<Made, MaskError> {
            let below = i64::try_from(value).ok().filter(|value| *value < 0);
            self.number(below.map_or(Made::Count(value as u64), Made::Below))
        }
    )+};
}

impl<'a> Serializer for Walk<'a> {
    type Ok = Made;
    type Error = MaskError;
    type SerializeSeq = Parts<'a>;
    type SerializeTuple = Parts<'a>;
    type SerializeTupleStruct = Parts<'a>;
    type SerializeTupleVariant = Parts<'a>;
    type SerializeMap = serde::ser::Impossible<Made, MaskError>;
    type SerializeStruct = Parts<'a>;
    type SerializeStructVariant = Parts<'a>;

    numbers! {
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64
    }

    fn serialize_bool(self, value: bool) -> Result<Made, MaskError> {
        let drops = matches!(self.place()?.treatment, Treatment::Drop);
        Ok(Made::Flag(value && !drops))
    }
    fn serialize_f32(self, _: f32) -> Result<Made, MaskError> {
        Err(MaskError::Untreated(format!("{}, floating point", path(self.route))))
    }
    fn serialize_f64(self, _: f64) -> Result<Made, MaskError> {
        Err(MaskError::Untreated(format!("{}, floating point", path(self.route))))
    }
    fn serialize_char(self, value: char) -> Result<Made, MaskError> {
        self.text(value.encode_utf8(&mut [0; 4]))
    }
    fn serialize_str(self, value: &str) -> Result<Made, MaskError> {
        self.text(value)
    }
    fn serialize_bytes(self, _: &[u8]) -> Result<Made, MaskError> {
        Err(MaskError::Untreated(format!("{}, bytes", path(self.route))))
    }
    fn serialize_none(self) -> Result<Made, MaskError> {
        Ok(Made::Nothing)
    }
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Made, MaskError> {
        let goes = self.drops() && self.builds;
        if goes { Ok(Made::Nothing) } else { value.serialize(self) }
    }
    fn serialize_unit(self) -> Result<Made, MaskError> {
        Ok(Made::Nothing)
    }
    fn serialize_unit_struct(self, _: &'static str) -> Result<Made, MaskError> {
        Ok(Made::Nothing)
    }
    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<Made, MaskError> {
        self.place()?;
        Ok(if self.builds { Made::Text(variant.to_owned()) } else { Made::Nothing })
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<Made, MaskError> {
        value.serialize(self)
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Made, MaskError> {
        let mut parts = self.parts();
        let made = parts.below(variant, value)?;
        parts.variant = Some(variant);
        parts.end(made)
    }
    fn serialize_seq(self, _: Option<usize>) -> Result<Parts<'a>, MaskError> {
        Ok(self.parts())
    }
    fn serialize_tuple(self, _: usize) -> Result<Parts<'a>, MaskError> {
        Ok(self.parts())
    }
    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Parts<'a>, MaskError> {
        Ok(self.parts())
    }
    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Parts<'a>, MaskError> {
        self.variant(variant)
    }
    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, MaskError> {
        Err(MaskError::Untreated(format!("{}, a map", path(self.route))))
    }
    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Parts<'a>, MaskError> {
        Ok(self.parts())
    }
    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Parts<'a>, MaskError> {
        self.variant(variant)
    }
}

impl SerializeSeq for Parts<'_> {
    type Ok = Made;
    type Error = MaskError;
    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), MaskError> {
        self.element(value)
    }
    fn end(self) -> Result<Made, MaskError> {
        self.end_list()
    }
}

impl SerializeTuple for Parts<'_> {
    type Ok = Made;
    type Error = MaskError;
    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), MaskError> {
        self.place(value)
    }
    fn end(self) -> Result<Made, MaskError> {
        self.end_list()
    }
}

impl SerializeTupleStruct for Parts<'_> {
    type Ok = Made;
    type Error = MaskError;
    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), MaskError> {
        self.place(value)
    }
    fn end(self) -> Result<Made, MaskError> {
        self.end_list()
    }
}

impl SerializeTupleVariant for Parts<'_> {
    type Ok = Made;
    type Error = MaskError;
    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), MaskError> {
        self.place(value)
    }
    fn end(self) -> Result<Made, MaskError> {
        self.end_list()
    }
}

impl SerializeStruct for Parts<'_> {
    type Ok = Made;
    type Error = MaskError;
    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), MaskError> {
        self.field(name, value)
    }
    fn end(self) -> Result<Made, MaskError> {
        self.end_map()
    }
}

impl SerializeStructVariant for Parts<'_> {
    type Ok = Made;
    type Error = MaskError;
    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), MaskError> {
        self.field(name, value)
    }
    fn end(self) -> Result<Made, MaskError> {
        self.end_map()
    }
}
