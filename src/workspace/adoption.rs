//! Taking in ledgers that lie in the data directory without being in its list.
//!
//! It happens when an organisation was restored from a vault that did not have the control ledger
//! yet, or had it from before the organisation was made. Its work is all there; only who worked on
//! it is not known any more.

use super::control::{Control, ControlError, NewOrganisation, ORGANISATIONS_DIRECTORY};
use super::tables::organisation_schema;
use crate::estimating::{id::OrganisationId, user::Organisation};
use crate::ledger::Ledger;
use std::sync::Arc;
use uuid::Uuid;

/// The most ledgers taken in at one start.
const ADOPTED_MAX: usize = 1000;

impl Control {
    /// Enters every organisation whose ledger lies in the data directory and that the control
    /// ledger does not know, each with a first Admin as a new one has. Gives those entered.
    /// O(organisations).
    ///
    /// # Errors
    /// A ledger that cannot be read or that belongs to an organisation entered already under
    /// another slug; directory and ledger errors.
    pub fn adopt(&self) -> Result<Vec<Arc<Organisation>>, ControlError> {
        let mut adopted = Vec::new();
        for slug in self.strays()? {
            let path = self.ledger_path(&slug);
            let ledger = |cause| ControlError::Ledger { path: path.clone(), cause };
            let whose = Ledger::whose(&path, organisation_schema(Uuid::nil())).map_err(ledger)?;
            let id = OrganisationId(Uuid::from_bytes(whose));
            let known = self.directory();
            if let Some(other) = known.organisations.values().find(|known| known.id == id) {
                let (path, known) = (path.display(), &other.slug);
                let why = format!("{path} is the ledger of {known}; move it out of the way");
                return Err(ControlError::invalid("slug", why));
            }
            let new = NewOrganisation { slug: slug.clone(), ..NewOrganisation::default() };
            adopted.push(self.enter(id, &new)?);
        }
        Ok(adopted)
    }

    /// Folders with a ledger that the control ledger does not know, by name.
    fn strays(&self) -> Result<Vec<String>, ControlError> {
        let folder = self.path.join(ORGANISATIONS_DIRECTORY);
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(cause) => return Err(ControlError::Directory { path: folder, cause }),
        };
        let known = self.directory();
        let mut strays: Vec<String> = entries
            .flatten()
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter(|slug| !known.organisations.contains_key(slug.as_str()))
            .filter(|slug| self.ledger_path(slug).is_file())
            .collect();
        strays.sort_unstable();
        strays.truncate(ADOPTED_MAX);
        Ok(strays)
    }
}
