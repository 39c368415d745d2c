//! Units of measure and conversions between them: BR-019, BR-042.
//!
//! A unit's code stands in every estimate that was ever made, so a unit is hidden, never deleted.

use super::{Done, draft::Draft};
use crate::estimating::{
    limits::{CODE_CHARS_MAX, NAME_CHARS_MAX},
    number::Factor,
    refusal::Refusal,
    typed,
    units::{Conversion, Dimension, Unit, UnitCode},
};

/// Units one organisation may have.
const UNITS_MAX: usize = 1_000;
/// Aliases one unit may have.
const ALIASES_MAX: usize = 50;

impl Draft<'_> {
    pub(super) fn add_unit(
        &mut self,
        code: &str,
        name: &str,
        aliases: &[String],
        dimension: Dimension,
    ) -> Result<Done, Refusal> {
        let code = UnitCode::new(code)
            .map_err(|error| Refusal::invalid("code", typed::sentence(&error.to_string())))?;
        let taken = self.library.catalogue.unit(code).is_some_and(|unit| !unit.retired);
        if taken {
            return Err(Refusal::invalid("code", format!("There is a unit {code} already.")));
        }
        if self.library.catalogue.unit_count() >= UNITS_MAX {
            return Err(Refusal::TooMany { what: "units", limit: UNITS_MAX });
        }
        let name = typed::needed("name", Some(name), NAME_CHARS_MAX)?.into_string();
        let aliases = aliases_of(aliases)?;
        self.put_unit(Unit { code, name, aliases, dimension, retired: false })?;
        Done::new([], format!("Add unit {code}"))
    }

    pub(super) fn update_unit(
        &mut self,
        code: &str,
        name: Option<&str>,
        aliases: Option<&[String]>,
    ) -> Result<Done, Refusal> {
        let mut row = self.unit_row(code)?;
        if name.is_some() {
            row.name = typed::needed("name", name, NAME_CHARS_MAX)?.into_string();
        }
        if let Some(aliases) = aliases {
            row.aliases = aliases_of(aliases)?;
        }
        let label = format!("Change unit {}", row.code);
        self.put_unit(row)?;
        Done::new([], label)
    }

    pub(super) fn delete_unit(&mut self, code: &str) -> Result<Done, Refusal> {
        let row = self.unit_row(code)?;
        let label = format!("Hide unit {}", row.code);
        self.put(Unit { retired: true, ..row });
        Done::new([], label)
    }

    pub(super) fn set_conversion(
        &mut self,
        from: &str,
        to: &str,
        factor: &str,
    ) -> Result<Done, Refusal> {
        let (from, to) = (self.unit_for("from", from)?, self.unit_for("to", to)?);
        if from == to {
            return Err(typed::broken(42, "to", [], "A conversion links two different units."));
        }
        let factor: Factor = typed::number(42, "factor", &[], factor)?;
        if !factor.is_positive() {
            return Err(typed::broken(42, "factor", [], "A conversion factor is above zero."));
        }
        if self.library.catalogue.conversion_row(to, from).is_some() {
            let message = format!("1 {to} is set in {from} already; change that conversion.");
            return Err(typed::broken(42, "to", [], message));
        }
        self.put(Conversion { from, to, factor });
        Done::new([], format!("Set 1 {from} to {factor} {to}"))
    }

    pub(super) fn delete_conversion(&mut self, from: &str, to: &str) -> Result<Done, Refusal> {
        let (from, to) = (self.known_unit("from", from)?, self.known_unit("to", to)?);
        if self.library.catalogue.conversion_row(from, to).is_none() {
            let message = format!("There is no conversion from {from} to {to}.");
            return Err(Refusal::invalid("from", message));
        }
        self.remove::<Conversion>((from, to));
        Done::new([], format!("Delete conversion from {from} to {to}"))
    }

    /// The unit a new row takes: by code or alias, and not hidden (BR-019).
    pub(super) fn unit_for(&self, field: &'static str, typed: &str) -> Result<UnitCode, Refusal> {
        let code = self.known_unit(field, typed)?;
        match self.library.catalogue.unit(code) {
            Some(unit) if !unit.retired => Ok(code),
            Some(_) | None => {
                let message = format!("Unit {code} is hidden and enters no new row.");
                Err(typed::broken(19, field, [], message))
            }
        }
    }

    fn known_unit(&self, field: &'static str, typed: &str) -> Result<UnitCode, Refusal> {
        self.library.catalogue.match_unit(typed).ok_or_else(|| {
            let near = self.library.catalogue.suggest_unit(typed);
            let message = match (typed.trim(), near) {
                ("", _) => "A unit of the unit list is needed.".to_owned(),
                (typed, None) => format!("{typed:?} is not in the unit list."),
                (typed, Some(near)) => {
                    format!("{typed:?} is not in the unit list; is {near} meant?")
                }
            };
            typed::broken(19, field, [], message)
        })
    }

    fn unit_row(&self, code: &str) -> Result<Unit, Refusal> {
        let code = self.known_unit("code", code)?;
        let row = self.library.catalogue.unit(code);
        row.map(|row| Unit::clone(row))
            .ok_or_else(|| Refusal::invalid("code", format!("There is no unit {code}.")))
    }

    /// Stores a unit unless its code or an alias already means another.
    pub(super) fn put_unit(&mut self, row: Unit) -> Result<(), Refusal> {
        let names = row.aliases.iter().chain([&row.name]).map(String::as_str);
        for name in names.chain([row.code.as_str()]) {
            match self.library.catalogue.match_unit(name) {
                Some(other) if other != row.code => {
                    let message = format!("{name:?} already means {other}.");
                    return Err(Refusal::invalid("aliases", message));
                }
                Some(_) | None => {}
            }
        }
        self.put(row);
        Ok(())
    }
}

fn aliases_of(typed: &[String]) -> Result<Vec<String>, Refusal> {
    if typed.len() > ALIASES_MAX {
        return Err(Refusal::TooMany { what: "aliases", limit: ALIASES_MAX });
    }
    let alias = |a: &String| typed::needed("aliases", Some(a), CODE_CHARS_MAX);
    typed.iter().map(|a| alias(a).map(String::from)).collect()
}
