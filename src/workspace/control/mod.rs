//! The data directory: which organisations there are, who works in them, and where their ledgers
//! lie.
//!
//! ```text
//! data/
//!   control.redb             organisations, users, sessions, tokens: a ledger like the others
//!   orgs/<slug>/ledger.redb  one organisation each, opened on demand
//!   orgs/<slug>/jobs/        what its jobs were given and made, kept for a while
//! ```
//!
//! One process at a time: `control.redb` stays locked while the directory is open.

mod access;
mod directory;
mod error;
mod people;
mod trail;

pub use access::{
    Access, ApiTokenRow, LinkRow, NOTE_USE, SecretHash, SessionRow, TokenScope, plain_text,
};
pub use directory::Directory;
pub use error::ControlError;
pub use people::{Asker, NewPerson, PersonPatch};

use super::{
    Archive, Health, Options, Unarchived, Workspace,
    rows::RowError,
    staging::Outgoing,
    tables::{self, control_schema},
};
use crate::{
    estimating::{
        heading::Stamp,
        id::{OrganisationId, UserId},
        number::Pct,
        user::{Organisation, Role},
    },
    ledger::{Change, Draft, Ledger, LedgerError, Reader, SYSTEM_ACTOR, Snapshot, TableId, encode},
};
use arc_swap::ArcSwap;
use directory::{OrganisationPeople, TakeRow, read};
use parking_lot::Mutex;
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::Arc,
};
use uuid::Uuid;

/// Name of the control ledger in the data directory.
pub const CONTROL_FILE: &str = "control.redb";
/// Directory of the organisations in the data directory.
pub(super) const ORGANISATIONS_DIRECTORY: &str = "orgs";
/// Name of an organisation's ledger in its own directory.
const LEDGER_FILE: &str = "ledger.redb";
/// Directory of the files of an organisation's jobs in its own directory.
const JOBS_DIRECTORY: &str = "jobs";
/// The longest slug.
const SLUG_CHARS_MAX: usize = 40;
/// The longest name or address of a person or organisation.
const NAME_CHARS_MAX: usize = 200;

/// What the first start makes.
#[derive(Clone, Debug)]
pub struct NewOrganisation {
    /// Short name in paths: lower-case letters, digits and hyphens.
    pub slug: String,
    /// Name.
    pub name: String,
    /// Name and e-mail address of the first Admin; none where whoever signs in first becomes one.
    pub admin: Option<(String, String)>,
}

impl Default for NewOrganisation {
    fn default() -> Self {
        NewOrganisation {
            slug: "default".to_owned(),
            name: "My organisation".to_owned(),
            admin: Some(("Administrator".to_owned(), "admin@example.org".to_owned())),
        }
    }
}

/// Has a say in how each organisation is run, and is told when one is.
pub trait Host: Send + Sync {
    /// The options of the organisation `slug`, from the usual ones.
    fn options(&self, slug: &str, options: Options) -> Options {
        let _ = slug;
        options
    }

    /// What keeps the commits of the control ledger beside this machine.
    fn control(&self) -> Arc<dyn Archive> {
        Arc::new(Unarchived)
    }

    /// The organisation `slug` was opened. Called once for each, before anybody else has it.
    fn opened(&self, slug: &str, workspace: &Arc<Workspace>) {
        let _ = (slug, workspace);
    }
}

/// Why an organisation accepts no changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Its audit trail does not hold, in words.
    AuditBroken(Arc<str>),
    /// Its ledger cannot be written, in words.
    ReadOnly(Arc<str>),
}

/// The usual way to run an organisation.
pub struct Plain;

impl Host for Plain {}

/// The data directory, open in this process only.
pub struct Control {
    pub(super) path: PathBuf,
    ledger: Mutex<Ledger>,
    reader: Reader,
    directory: Arc<ArcSwap<Directory>>,
    open: Mutex<HashMap<Box<str>, Arc<Workspace>>>,
    host: Arc<dyn Host>,
}

impl Control {
    /// Opens the data directory, making it when there is none. Does not make an organisation: ask
    /// [`Control::create`].
    ///
    /// # Errors
    /// `InUse` when another process has it open; directory and ledger errors.
    pub fn open(path: impl AsRef<Path>) -> Result<Control, ControlError> {
        Control::open_with(path, Arc::new(Plain))
    }

    /// As [`Control::open`], with a say in how each organisation is run.
    ///
    /// # Errors
    /// As [`Control::open`].
    pub fn open_with(path: impl AsRef<Path>, host: Arc<dyn Host>) -> Result<Control, ControlError> {
        let path = path.as_ref().to_path_buf();
        make_directory(&path)?;
        let file = path.join(CONTROL_FILE);
        let ledger = Ledger::open(&file, control_schema()).map_err(|cause| match cause {
            LedgerError::AlreadyOpen => ControlError::InUse(path.clone()),
            cause => ControlError::Ledger { path: file.clone(), cause },
        })?;
        let snapshot = ledger.snapshot();
        let snapshot = snapshot.map_err(|cause| ControlError::Ledger { path: file, cause })?;
        let directory = read(&snapshot)?;
        drop(snapshot);
        Ok(Control {
            path,
            reader: ledger.reader(),
            ledger: Mutex::new(ledger),
            directory: Arc::new(ArcSwap::from_pointee(directory)),
            open: Mutex::default(),
            host,
        })
    }

    /// Whether messages may leave this server. Whoever sends e-mail, chat messages or writes to
    /// another system asks here first, every time.
    pub fn outgoing(&self) -> Outgoing {
        match self.directory.load().staging {
            Some(_) => Outgoing::HeldBack,
            None => Outgoing::Allowed,
        }
    }

    /// Organisations and users as of now.
    pub fn directory(&self) -> Arc<Directory> {
        self.directory.load_full()
    }

    /// A handle for reading the control ledger itself.
    pub fn reader(&self) -> Reader {
        self.reader.clone()
    }

    /// The only organisation, where there is just one.
    pub fn sole_organisation(&self) -> Option<Arc<Organisation>> {
        let directory = self.directory.load();
        let mut all = directory.organisations.values();
        let first = all.next()?;
        all.next().is_none().then(|| first.clone())
    }

    /// Where an organisation's ledger lies.
    pub fn ledger_path(&self, slug: &str) -> PathBuf {
        ledger_path(&self.path, slug)
    }

    /// Makes an organisation with its first Admin: New Zealand dollars, GST 15 %, Pacific/Auckland.
    ///
    /// # Errors
    /// `Invalid` for a slug that is taken or not made of lower-case letters, digits and hyphens.
    pub fn create(&self, new: &NewOrganisation) -> Result<Arc<Organisation>, ControlError> {
        self.enter(OrganisationId(Uuid::now_v7()), new)
    }

    /// Enters an organisation in the control ledger, with its first Admin.
    pub(super) fn enter(
        &self,
        id: OrganisationId,
        new: &NewOrganisation,
    ) -> Result<Arc<Organisation>, ControlError> {
        check_slug(&new.slug)?;
        check_name("name", &new.name)?;
        self.change("create-organisation", SYSTEM_ACTOR, |directory, at_us| {
            if directory.organisations.contains_key(new.slug.as_str()) {
                let message = format!("organisation {} exists", new.slug);
                return Err(ControlError::invalid("slug", message));
            }
            let stamp = Stamp::new(UserId(Uuid::from_bytes(SYSTEM_ACTOR)), at_us);
            let organisation = Organisation {
                id,
                slug: new.slug.as_str().into(),
                name: new.name.trim().into(),
                currency: "NZD".into(),
                gst_pct: Pct::whole(15).unwrap_or(Pct::ZERO),
                time_zone: "Pacific/Auckland".into(),
                locale: "en-NZ".into(),
                version: 1,
                stamp,
            };
            let row = encode(&organisation).map_err(codec)?;
            let key = organisation.id.bytes().to_vec();
            let mut changes =
                vec![Change { table: tables::ORGANISATIONS, key, before: None, after: Some(row) }];
            if let Some((name, email)) = &new.admin {
                let email = Some(email.as_str());
                let id = people::free_identity(directory, organisation.id, email)?;
                let admin = NewPerson { name, email, role: Role::Admin };
                let admin = people::new_user(id, admin, stamp)?;
                changes.push(people::user_change(organisation.id, None, Some(&admin))?);
            }
            Ok((changes, Arc::new(organisation)))
        })
    }

    /// Where the control ledger lies.
    fn file(&self) -> PathBuf {
        self.path.join(CONTROL_FILE)
    }

    /// Shows every row of a table as of the last commit.
    fn scan(&self, table: TableId, take: &mut TakeRow<'_>) -> Result<(), ControlError> {
        let snapshot = self.reader.snapshot();
        let snapshot =
            snapshot.map_err(|cause| ControlError::Ledger { path: self.file(), cause })?;
        directory::scan(&snapshot, table, take)
    }

    /// Makes a commit of the changes that `make` finds, with nobody else's in between. No changes
    /// are no commit.
    fn change<T>(
        &self,
        command: &str,
        actor: [u8; 16],
        make: impl FnOnce(&Directory, i64) -> Result<(Vec<Change>, T), ControlError>,
    ) -> Result<T, ControlError> {
        self.change_with(command, actor, |directory, _, at_us| make(directory, at_us))
    }

    /// As [`Control::change`], with the rows as of the last commit.
    fn change_with<T>(
        &self,
        command: &str,
        actor: [u8; 16],
        make: impl FnOnce(&Directory, &Snapshot, i64) -> Result<(Vec<Change>, T), ControlError>,
    ) -> Result<T, ControlError> {
        let failed = |cause| ControlError::Ledger { path: self.file(), cause };
        let mut ledger = self.ledger.lock();
        if ledger.is_poisoned() {
            ledger.reopen().map_err(failed)?;
        }
        let at_us = super::system_clock_us();
        let before = ledger.snapshot().map_err(failed)?;
        let (changes, made) = make(&self.directory.load(), &before, at_us)?;
        // A clock that was put back gives no commit a time before the one it follows.
        let newest_us = before.newest_at_us().map_err(failed)?.unwrap_or(i64::MIN);
        drop(before);
        if changes.is_empty() {
            return Ok(made);
        }
        let archive = self.host.control();
        if let Some(reason) = archive.refusal() {
            return Err(ControlError::Archive(reason));
        }
        let shown = [tables::ORGANISATIONS, tables::USERS, tables::STAGING];
        let is_shown = changes.iter().any(|change| shown.contains(&change.table));
        let at_us = at_us.max(newest_us);
        let draft = Draft { at_us, actor, command: command.to_owned(), note: Vec::new(), changes };
        ledger.append(vec![draft]).map_err(failed)?;
        // Nobody sees what could still be lost with this machine.
        archive.keep(ledger.head().lsn).map_err(ControlError::Archive)?;
        if is_shown {
            let directory = read(&ledger.snapshot().map_err(failed)?)?;
            self.directory.store(Arc::new(directory));
        }
        Ok(made)
    }

    /// The organisation with this slug, opened when it is not yet.
    ///
    /// # Errors
    /// `NoOrganisation`; directory, ledger and row errors.
    pub fn workspace(&self, slug: &str) -> Result<Arc<Workspace>, ControlError> {
        let mut open = self.open.lock();
        if let Some(workspace) = open.get(slug) {
            return Ok(workspace.clone());
        }
        let directory = self.directory.load();
        let organisation = directory
            .organisations
            .get(slug)
            .ok_or_else(|| ControlError::NoOrganisation(slug.to_owned()))?;
        let path = self.ledger_path(slug);
        if let Some(parent) = path.parent() {
            make_directory(parent)?;
        }
        let people =
            OrganisationPeople { organisation: organisation.id, directory: self.directory.clone() };
        let mut options = Options::new(Arc::new(people));
        options.gst_pct = organisation.gst_pct;
        let options = self.host.options(slug, options);
        let workspace = Workspace::open(&path, organisation.id, options)
            .map_err(|cause| ControlError::Workspace { slug: slug.to_owned(), cause })?;
        self.host.opened(slug, &workspace);
        open.insert(slug.into(), workspace.clone());
        Ok(workspace)
    }

    /// The data folder.
    pub fn folder(&self) -> &Path {
        &self.path
    }

    /// The folder of the files of an organisation's jobs.
    pub fn jobs_path(&self, slug: &str) -> PathBuf {
        self.path.join(ORGANISATIONS_DIRECTORY).join(slug).join(JOBS_DIRECTORY)
    }

    /// Why open organisations accept no changes, by short name. One that is being opened is not
    /// waited for: whoever comes for it is.
    pub fn troubles(&self) -> Vec<(Box<str>, Trouble)> {
        let Some(open) = self.open.try_lock() else { return Vec::new() };
        let trouble =
            |workspace: &Workspace| match (workspace.audit_state().broken, &*workspace.health()) {
                (Some((why, _)), _) => Some(Trouble::AuditBroken(why)),
                (None, Health::ReadOnly { reason, .. }) => Some(Trouble::ReadOnly(reason.clone())),
                (None, Health::ReadWrite) => None,
            };
        open.iter().filter_map(|(slug, one)| Some((slug.clone(), trouble(one)?))).collect()
    }

    /// Closes every open organisation: what is waiting is answered first.
    pub fn close(&self) {
        let open: Vec<_> = self.open.lock().drain().collect();
        for (_, workspace) in open {
            workspace.close();
        }
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        self.close();
    }
}

/// Where an organisation's ledger lies in a data directory.
pub fn ledger_path(data: &Path, slug: &str) -> PathBuf {
    data.join(ORGANISATIONS_DIRECTORY).join(slug).join(LEDGER_FILE)
}

fn make_directory(path: &Path) -> Result<(), ControlError> {
    std::fs::create_dir_all(path)
        .map_err(|cause| ControlError::Directory { path: path.to_path_buf(), cause })
}

fn check_slug(slug: &str) -> Result<(), ControlError> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let edges = slug.starts_with('-') || slug.ends_with('-');
    if slug.is_empty() || slug.len() > SLUG_CHARS_MAX || edges || !slug.chars().all(fits) {
        let message = format!(
            "a slug has 1 to {SLUG_CHARS_MAX} lower-case letters, digits and inner hyphens"
        );
        return Err(ControlError::invalid("slug", message));
    }
    Ok(())
}

fn check_name(field: &'static str, name: &str) -> Result<(), ControlError> {
    let unreadable = name.chars().any(char::is_control);
    if name.trim().is_empty() || name.chars().count() > NAME_CHARS_MAX || unreadable {
        let message = format!("A name has 1 to {NAME_CHARS_MAX} characters.");
        return Err(ControlError::invalid(field, message));
    }
    Ok(())
}

fn codec(cause: crate::ledger::CodecError) -> RowError {
    RowError::Codec { table: "control", cause }
}
