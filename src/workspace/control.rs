//! The data directory: which organisations there are, who works in them, and where their ledgers
//! lie.
//!
//! ```text
//! data/
//!   control.redb             organisations and users: a ledger like the others
//!   orgs/<slug>/ledger.redb  one organisation each, opened on demand
//!   orgs/<slug>/jobs/        what its jobs were given and made, kept for a while
//! ```
//!
//! One process at a time: `control.redb` stays locked while the directory is open.

use super::{
    Archive, Health, Options, People, Unarchived, Workspace, WorkspaceError,
    rows::RowError,
    staging::{Outgoing, Staging},
    tables::{self, control_schema, user_key},
};
use crate::{
    estimating::{
        heading::Stamp,
        id::{OrganisationId, UserId},
        number::Pct,
        user::{Organisation, Role, User},
    },
    ledger::{
        Change, Draft, Ledger, LedgerError, Reader, Row, SYSTEM_ACTOR, Snapshot, decode, encode,
    },
};
use arc_swap::ArcSwap;
use parking_lot::Mutex;
use std::{
    collections::{BTreeMap, HashMap},
    ops::ControlFlow,
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

/// Why the data directory cannot be used, or a change of people was refused.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// Another process has it open.
    #[error("the data directory {0} is in use by another oxflow process")]
    InUse(PathBuf),
    /// The directory or a file in it cannot be made or read.
    #[error("the data directory {path} cannot be used: {cause}")]
    Directory {
        /// Where.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// A ledger failed.
    #[error("{path}: {cause}")]
    Ledger {
        /// Which.
        path: PathBuf,
        /// What it said.
        cause: LedgerError,
    },
    /// An organisation's state could not be read.
    #[error("organisation {slug}: {cause}")]
    Workspace {
        /// Which.
        slug: String,
        /// What is wrong.
        cause: WorkspaceError,
    },
    /// A control row does not read.
    #[error("{0}")]
    Row(#[from] RowError),
    /// Only an Admin may change an organisation (BR-114).
    #[error("Only an Admin gives the organisation another name.")]
    NotAdmin,
    /// There is no such organisation.
    #[error("there is no organisation {0}")]
    NoOrganisation(String),
    /// There is no such user.
    #[error("there is no user {0}")]
    NoUser(UserId),
    /// A value is not acceptable.
    #[error("{0}")]
    Invalid(String),
    /// The back-up takes nothing, so nothing may change.
    #[error("no change is taken: {0}")]
    Archive(Arc<str>),
    /// At least one active Admin must remain (BR-116).
    #[error("at least one active Admin must remain")]
    LastAdmin,
}

/// What the first start makes.
#[derive(Clone, Debug)]
pub struct NewOrganisation {
    /// Short name in paths: lower-case letters, digits and hyphens.
    pub slug: String,
    /// Name.
    pub name: String,
    /// Name and e-mail address of the first Admin.
    pub admin: (String, String),
}

impl Default for NewOrganisation {
    fn default() -> Self {
        NewOrganisation {
            slug: "default".to_owned(),
            name: "My organisation".to_owned(),
            admin: ("Administrator".to_owned(), "admin@example.org".to_owned()),
        }
    }
}

impl Row for User {
    const FORMAT: u8 = 1;
}

/// Organisations and users as readers see them.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    /// Organisations by slug.
    pub organisations: BTreeMap<Box<str>, Arc<Organisation>>,
    /// Users by organisation, then by identity.
    pub users: BTreeMap<(OrganisationId, UserId), Arc<User>>,
    /// What makes this a staging copy, where it is one.
    pub staging: Option<Staging>,
}

impl Directory {
    /// The users of an organisation, oldest first.
    pub fn users_of(&self, organisation: OrganisationId) -> impl Iterator<Item = &Arc<User>> {
        let first = (organisation, UserId(Uuid::nil()));
        let last = (organisation, UserId(Uuid::max()));
        self.users.range(first..=last).map(|(_, user)| user)
    }

    /// A user and the organisation they belong to.
    pub fn user(&self, id: UserId) -> Option<(OrganisationId, &Arc<User>)> {
        self.users.iter().find(|((_, user), _)| *user == id).map(|((org, _), user)| (*org, user))
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

/// The usual way to run an organisation.
pub struct Plain;

impl Host for Plain {}

/// The data directory, open in this process only.
pub struct Control {
    pub(super) path: PathBuf,
    ledger: Mutex<Ledger>,
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
        self.ledger.lock().reader()
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
        check_name(&new.name)?;
        if self.directory.load().organisations.contains_key(new.slug.as_str()) {
            return Err(ControlError::Invalid(format!("organisation {} exists", new.slug)));
        }
        let at_us = super::system_clock_us();
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
        let admin = new_user(&new.admin.0, &new.admin.1, Role::Admin, stamp)?;
        let row = encode(&organisation).map_err(codec)?;
        let key = organisation.id.bytes().to_vec();
        let changes = vec![
            Change { table: tables::ORGANISATIONS, key, before: None, after: Some(row) },
            user_change(organisation.id, None, Some(&admin))?,
        ];
        self.commit("create-organisation", SYSTEM_ACTOR, at_us, changes)?;
        Ok(Arc::new(organisation))
    }

    /// Gives the organisation of `by` another name; documents and pages carry it from then on.
    ///
    /// # Errors
    /// `NoUser`, `NotAdmin`, `NoOrganisation` for another one, or `Invalid` for a name that is empty or too long.
    pub fn rename(
        &self,
        id: OrganisationId,
        name: &str,
        by: UserId,
    ) -> Result<Arc<Organisation>, ControlError> {
        let directory = self.directory.load();
        let (own, user) = directory.user(by).ok_or(ControlError::NoUser(by))?;
        if user.role != Role::Admin {
            return Err(ControlError::NotAdmin);
        }
        let before = directory.organisations.values().find(|row| row.id == id && id == own);
        let before = before.ok_or_else(|| ControlError::NoOrganisation(id.to_string()))?;
        check_name(name)?;
        let at_us = super::system_clock_us();
        let after = Organisation {
            name: name.trim().into(),
            version: before.version + 1,
            stamp: before.stamp.touched(by, at_us),
            ..Organisation::clone(before)
        };
        let rows = (encode(&**before).map_err(codec)?, encode(&after).map_err(codec)?);
        let change = Change {
            table: tables::ORGANISATIONS,
            key: id.bytes().to_vec(),
            before: Some(rows.0),
            after: Some(rows.1),
        };
        self.commit("rename-organisation", by.bytes(), at_us, vec![change])?;
        Ok(Arc::new(after))
    }

    /// Adds a person to an organisation.
    ///
    /// # Errors
    /// `Invalid` for an empty name or an e-mail address somebody has already.
    pub fn add_user(
        &self,
        organisation: OrganisationId,
        name: &str,
        email: &str,
        role: Role,
        by: Option<UserId>,
    ) -> Result<Arc<User>, ControlError> {
        let directory = self.directory.load();
        if directory.users_of(organisation).any(|user| user.email.eq_ignore_ascii_case(email)) {
            return Err(ControlError::Invalid(format!("{email} belongs to somebody already")));
        }
        let at_us = super::system_clock_us();
        let actor = by.map_or(SYSTEM_ACTOR, UserId::bytes);
        let stamp = Stamp::new(UserId(Uuid::from_bytes(actor)), at_us);
        let user = new_user(name, email, role, stamp)?;
        let change = user_change(organisation, None, Some(&user))?;
        self.commit("add-user", actor, at_us, vec![change])?;
        Ok(Arc::new(user))
    }

    /// Gives a person another role, or takes away or gives back the right to sign in. Past records
    /// keep their name (BR-117).
    ///
    /// # Errors
    /// `NoUser`, or `LastAdmin` when no active Admin would remain (BR-116).
    pub fn set_user(
        &self,
        id: UserId,
        role: Role,
        active: bool,
        by: UserId,
    ) -> Result<Arc<User>, ControlError> {
        let directory = self.directory.load();
        let (organisation, before) = directory.user(id).ok_or(ControlError::NoUser(id))?;
        let is_admin = |user: &User| user.active && user.role == Role::Admin;
        let after_is_admin = active && role == Role::Admin;
        let others = directory.users_of(organisation).any(|user| user.id != id && is_admin(user));
        if is_admin(before) && !after_is_admin && !others {
            return Err(ControlError::LastAdmin);
        }
        let at_us = super::system_clock_us();
        let after = User {
            role,
            active,
            version: before.version + 1,
            stamp: before.stamp.touched(by, at_us),
            ..User::clone(before)
        };
        let change = user_change(organisation, Some(before), Some(&after))?;
        self.commit("set-user", by.bytes(), at_us, vec![change])?;
        Ok(Arc::new(after))
    }

    fn commit(
        &self,
        command: &str,
        actor: [u8; 16],
        at_us: i64,
        changes: Vec<Change>,
    ) -> Result<(), ControlError> {
        let path = self.path.join(CONTROL_FILE);
        let failed = |cause| ControlError::Ledger { path: path.clone(), cause };
        let draft = Draft { at_us, actor, command: command.to_owned(), note: Vec::new(), changes };
        let archive = self.host.control();
        if let Some(reason) = archive.refusal() {
            return Err(ControlError::Archive(reason));
        }
        let mut ledger = self.ledger.lock();
        if ledger.is_poisoned() {
            ledger.reopen().map_err(failed)?;
        }
        ledger.append(vec![draft]).map_err(failed)?;
        // Nobody sees what could still be lost with this machine.
        archive.keep(ledger.head().lsn).map_err(ControlError::Archive)?;
        let directory = read(&ledger.snapshot().map_err(failed)?)?;
        self.directory.store(Arc::new(directory));
        Ok(())
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

    /// Where the files of an organisation's jobs lie.
    pub fn jobs_path(&self, slug: &str) -> PathBuf {
        self.path.join(ORGANISATIONS_DIRECTORY).join(slug).join(JOBS_DIRECTORY)
    }

    /// Whether every open organisation accepts changes. One that is being opened is not waited for:
    /// whoever comes for it is.
    pub fn is_read_write(&self) -> bool {
        let Some(open) = self.open.try_lock() else { return true };
        open.values().all(|workspace| *workspace.health() == Health::ReadWrite)
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

/// The people of one organisation.
struct OrganisationPeople {
    organisation: OrganisationId,
    directory: Arc<ArcSwap<Directory>>,
}

impl People for OrganisationPeople {
    fn name(&self, user: UserId) -> Option<Arc<str>> {
        let directory = self.directory.load();
        directory.users.get(&(self.organisation, user)).map(|user| (&*user.name).into())
    }

    fn leads(&self) -> Vec<UserId> {
        let directory = self.directory.load();
        let leads = directory
            .users_of(self.organisation)
            .filter(|user| user.active && user.role >= Role::LeadEstimator);
        leads.map(|user| user.id).collect()
    }
}

fn make_directory(path: &Path) -> Result<(), ControlError> {
    std::fs::create_dir_all(path)
        .map_err(|cause| ControlError::Directory { path: path.to_path_buf(), cause })
}

fn check_slug(slug: &str) -> Result<(), ControlError> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let edges = slug.starts_with('-') || slug.ends_with('-');
    if slug.is_empty() || slug.len() > SLUG_CHARS_MAX || edges || !slug.chars().all(fits) {
        return Err(ControlError::Invalid(format!(
            "a slug has 1 to {SLUG_CHARS_MAX} lower-case letters, digits and inner hyphens"
        )));
    }
    Ok(())
}

fn check_name(name: &str) -> Result<(), ControlError> {
    if name.trim().is_empty() || name.chars().count() > NAME_CHARS_MAX {
        return Err(ControlError::Invalid(format!("a name has 1 to {NAME_CHARS_MAX} characters")));
    }
    Ok(())
}

fn new_user(name: &str, email: &str, role: Role, stamp: Stamp) -> Result<User, ControlError> {
    check_name(name)?;
    check_name(email)?;
    Ok(User {
        id: UserId(Uuid::now_v7()),
        name: name.trim().into(),
        email: email.trim().into(),
        role,
        active: true,
        version: 1,
        stamp,
    })
}

fn user_change(
    organisation: OrganisationId,
    before: Option<&User>,
    after: Option<&User>,
) -> Result<Change, ControlError> {
    let id = before.or(after).map(|user| user.id.0).unwrap_or_default();
    let bytes = |user: Option<&User>| user.map(encode).transpose().map_err(codec);
    Ok(Change {
        table: tables::USERS,
        key: user_key(organisation.0, id),
        before: bytes(before)?,
        after: bytes(after)?,
    })
}

fn codec(cause: crate::ledger::CodecError) -> RowError {
    RowError::Codec { table: "control", cause }
}

/// Takes the key and the bytes of one row.
type TakeRow<'a> = dyn FnMut(&[u8], &[u8]) -> Result<(), RowError> + 'a;

/// Everything in the control ledger.
fn read(snapshot: &Snapshot) -> Result<Directory, ControlError> {
    let mut directory = Directory::default();
    let mut failed = None;
    let mut scan = |table, take: &mut TakeRow<'_>| {
        snapshot.scan_prefix::<LedgerError>(table, &[], |key, row| {
            Ok(match take(key, row) {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => {
                    failed = Some(error);
                    ControlFlow::Break(())
                }
            })
        })
    };
    let ledger = |cause| ControlError::Ledger { path: CONTROL_FILE.into(), cause };
    scan(tables::ORGANISATIONS, &mut |_, row| {
        let organisation: Organisation = decode(row).map_err(codec)?;
        directory.organisations.insert(organisation.slug.clone(), Arc::new(organisation));
        Ok(())
    })
    .map_err(ledger)?;
    scan(tables::USERS, &mut |key, row| {
        let (organisation, id) = tables::split_estimate_key(key).ok_or(RowError::Key("users"))?;
        let user: User = decode(row).map_err(codec)?;
        directory.users.insert((OrganisationId(organisation.0), UserId(id)), Arc::new(user));
        Ok(())
    })
    .map_err(ledger)?;
    scan(tables::STAGING, &mut |_, row| {
        directory.staging = Some(decode(row).map_err(codec)?);
        Ok(())
    })
    .map_err(ledger)?;
    match failed {
        Some(error) => Err(error.into()),
        None => Ok(directory),
    }
}
