//! The policy file: what becomes of every field.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{MaskError, shape::fields};
use crate::workspace::{Book, opaque_tables};

/// The version of the policy this release reads.
const FORMAT: u32 = 1;
/// The widest jitter, in percent.
const JITTER_MAX: u32 = 50;

/// What becomes of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Treatment {
    /// It stays.
    Keep,
    /// A name: the same invented one wherever it appears. The place of the label in the policy.
    Pseudonym(usize),
    /// An amount: moved by up to so many percent, each on its own or all of a row alike.
    Jitter {
        /// Percent.
        percent: u32,
        /// Whether all of a row move alike, so that what adds up goes on doing so.
        by_row: bool,
    },
    /// A new plausible value.
    Randomise,
    /// An e-mail address.
    Email,
    /// Free text: what is known in it is replaced.
    Scrub,
    /// What something is called by in formulas, or a formula of quantities: names of the source in
    /// what it mentions are replaced, its figures stay.
    Rename,
    /// A formula: as [`Treatment::Rename`], and its figures that are money move.
    Formula,
    /// It goes.
    Drop,
    /// This instead.
    Fixed(Box<str>),
}

/// Treatments along the fields of an entity.
#[derive(Clone, Debug, Default)]
pub struct Node {
    /// Of the field itself.
    pub treatment: Option<Treatment>,
    /// Whether the search for leaks leaves the field out.
    pub public: bool,
    /// Whether its words are those of the trade.
    pub vocabulary: bool,
    /// Of the fields in it, in the order of the type: few, and found fastest one after the other.
    fields: Vec<(Box<str>, Node)>,
}

impl Node {
    /// Of a field in it. O(fields).
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Node> {
        self.fields.iter().find(|(known, _)| **known == *name).map(|(_, node)| node)
    }

    /// Of the field that comes at place `at` in it or, where some are left out, elsewhere; `at` is
    /// the place after it then. O(1) for fields that come in order, else O(fields).
    pub fn next_field(&self, at: &mut usize, name: &str) -> Option<&Node> {
        let is = |(known, _): &&(Box<str>, Node)| **known == *name;
        let place = match self.fields.get(*at).filter(is) {
            Some(_) => *at,
            None => self.fields.iter().position(|field| is(&field))?,
        };
        *at = place + 1;
        self.fields.get(place).map(|(_, node)| node)
    }

    /// Whether it, or a field in it, is an amount that moves. O(fields in it).
    #[must_use]
    pub fn moves(&self) -> bool {
        matches!(self.treatment, Some(Treatment::Jitter { .. } | Treatment::Formula))
            || self.fields.iter().any(|(_, node)| node.moves())
    }

    fn field_mut(&mut self, name: &str) -> Option<&mut Node> {
        self.fields.iter_mut().find(|(known, _)| **known == *name).map(|(_, node)| node)
    }

    /// The field at the end of a path, made where there is none.
    fn grow(&mut self, path: &str) -> &mut Node {
        if path.is_empty() {
            return self;
        }
        let (name, rest) = path.split_once('.').unwrap_or((path, ""));
        let place = self.fields.iter().position(|(known, _)| **known == *name);
        let place = place.unwrap_or(self.fields.len());
        if place == self.fields.len() {
            self.fields.push((name.into(), Node::default()));
        }
        self.fields[place].1.grow(rest)
    }

    fn find(&mut self, path: &str) -> Option<&mut Node> {
        path.split('.').try_fold(self, |node, name| node.field_mut(name))
    }
}

#[derive(Deserialize)]
struct File {
    format: u32,
    /// What invented addresses end with.
    domain: String,
    /// Tables that do not come along at all.
    dropped: Vec<String>,
    /// Fields the search for leaks leaves out: words that are no secret wherever they stand.
    public: Vec<String>,
    /// Fields whose words are those of the trade: no name by themselves.
    #[serde(default)]
    vocabulary: Vec<String>,
    #[serde(flatten)]
    tables: BTreeMap<String, BTreeMap<String, String>>,
}

/// A policy that covers every field of every entity of this release.
#[derive(Clone, Debug)]
pub struct Policy {
    /// What invented addresses end with.
    pub domain: Box<str>,
    /// What invented names begin with, in the order of the file.
    pub labels: Vec<Box<str>>,
    /// BLAKE3 of the file, hexadecimal.
    pub hash: String,
    tables: BTreeMap<String, Node>,
}

impl Policy {
    /// Reads a policy.
    ///
    /// # Errors
    /// `Policy` naming what is wrong: a field of an entity that it does not name, one that there
    /// is not, a treatment that is none.
    pub fn parse(text: &str) -> Result<Policy, MaskError> {
        let file: File =
            toml::from_str(text).map_err(|error| MaskError::Policy(error.to_string()))?;
        if file.format != FORMAT {
            return Err(MaskError::Policy(format!("it has format {}, not {FORMAT}", file.format)));
        }
        let mut policy = Policy {
            domain: file.domain.as_str().into(),
            labels: Vec::new(),
            hash: blake3::hash(text.as_bytes()).to_hex().to_string(),
            tables: BTreeMap::new(),
        };
        let mut known: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (table, path) in fields() {
            known.entry(table).or_default().push(path);
        }
        for (table, fields) in &file.tables {
            let mut root = Node::default();
            for path in known.get(table.as_str()).into_iter().flatten() {
                root.grow(path);
            }
            for (path, treatment) in fields {
                let treatment = policy.treatment(treatment).ok_or_else(|| {
                    MaskError::Policy(format!("{table}.{path}: {treatment:?} is no treatment"))
                })?;
                root.grow(path).treatment = Some(treatment);
            }
            policy.tables.insert(table.clone(), root);
        }
        policy.covers(&file, &known)?;
        for (list, fields) in [("public", &file.public), ("vocabulary", &file.vocabulary)] {
            for field in fields {
                let found = field.split_once('.').and_then(|(table, path)| {
                    policy.tables.get_mut(table).and_then(|root| root.find(path))
                });
                let none = || MaskError::Policy(format!("{list} names {field}, which is no field"));
                let node = found.ok_or_else(none)?;
                match list {
                    "public" => node.public = true,
                    _ => node.vocabulary = true,
                }
            }
        }
        Ok(policy)
    }

    /// What a policy's word for a treatment means.
    fn treatment(&mut self, text: &str) -> Option<Treatment> {
        let quoted = |rest: &str| {
            let inner = rest.trim().strip_prefix('"')?.strip_suffix('"')?;
            (!inner.is_empty() && !inner.contains('"')).then(|| Box::<str>::from(inner))
        };
        let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
        Some(match (word, rest) {
            ("keep", "") => Treatment::Keep,
            ("randomise", "") => Treatment::Randomise,
            ("email", "") => Treatment::Email,
            ("scrub", "") => Treatment::Scrub,
            ("rename", "") => Treatment::Rename,
            ("formula", "") => Treatment::Formula,
            ("drop", "") => Treatment::Drop,
            ("fixed", rest) => Treatment::Fixed(quoted(rest)?),
            ("pseudonym", rest) => {
                let label = quoted(rest)?;
                let known = self.labels.iter().position(|known| *known == label);
                Treatment::Pseudonym(known.unwrap_or_else(|| {
                    self.labels.push(label);
                    self.labels.len() - 1
                }))
            }
            ("jitter", rest) => {
                let (percent, by_row) = match rest.strip_suffix(" by row") {
                    Some(percent) => (percent, true),
                    None => (rest, false),
                };
                let percent = percent.strip_suffix('%')?.parse().ok()?;
                if percent == 0 || percent > JITTER_MAX {
                    return None;
                }
                Treatment::Jitter { percent, by_row }
            }
            _ => return None,
        })
    }

    /// Holds the policy to the entities there are: no field without a treatment, no treatment
    /// without a field.
    fn covers(&self, file: &File, known: &BTreeMap<&str, Vec<String>>) -> Result<(), MaskError> {
        for (table, paths) in known {
            let Some(root) = self.tables.get(*table) else {
                return Err(MaskError::Untreated((*table).to_owned()));
            };
            if let Some(path) = paths.iter().find(|path| !is_treated(root, path)) {
                return Err(MaskError::Untreated(format!("{table}.{path}")));
            }
        }
        for (table, fields) in &file.tables {
            let paths = known.get(table.as_str()).map_or(&[][..], Vec::as_slice);
            let inside = |field: &str, path: &str| {
                path.strip_prefix(field)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            };
            let stray = fields.keys().find(|field| !paths.iter().any(|path| inside(field, path)));
            if let Some(field) = stray {
                return Err(MaskError::Policy(format!("there is no field {table}.{field}")));
            }
        }
        let opaque = opaque_tables();
        let all = [Book::Control, Book::Organisation].map(Book::tables);
        for (_, table) in all.into_iter().flatten() {
            let dropped = file.dropped.iter().any(|name| name == table);
            if known.contains_key(table) == dropped {
                let why = if dropped { "has fields" } else { "must be among those dropped" };
                return Err(MaskError::Policy(format!("the table {table} {why}")));
            }
            debug_assert!(!dropped || opaque.contains(table));
        }
        Ok(())
    }

    /// The treatments of a table's rows; none where the table does not come along.
    #[must_use]
    pub fn table(&self, table: &str) -> Option<&Node> {
        self.tables.get(table)
    }
}

/// Whether a field has a treatment, or goes with what it is in.
fn is_treated(root: &Node, path: &str) -> bool {
    let mut node = root;
    for name in path.split('.') {
        match node.field(name) {
            Some(next) => node = next,
            None => return false,
        }
        if node.treatment == Some(Treatment::Drop) {
            return true;
        }
    }
    node.treatment.is_some()
}
