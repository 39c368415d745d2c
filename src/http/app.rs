//! What every request works with: the server's state, and the organisation it is for.

use super::cookies::Cookies;
use super::cors::Origins;
use super::guard::{Hosts, Site};
use super::imports::Uploads;
use super::jobs::Clerk;
use super::limits::{EDITS_BYTES_MAX, REQUEST_TIMEOUT, UPLOAD_BYTES_MAX};
use super::live::Hub;
use super::problem::Problem;
use super::rate::{Allowances, Rates};
use super::settings::Setting;
use crate::estimating::id::OrganisationId;
use crate::estimating::user::Organisation;
use crate::identity::{self, Identity, SignInSetup};
use crate::jobs::{Policy, Pool, Queue};
use crate::vault::Vaults;
use crate::vault::masking::Salt;
use crate::workspace::{Workspace, control::Control};
use arc_swap::ArcSwap;
use parking_lot::RwLock;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Time between two notes of when sessions and tokens were used: a commit for all of them.
const HOUSE_INTERVAL: Duration = Duration::from_secs(600);

/// What can be set about serving.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Address the server listens on; requests must be addressed to it.
    pub listen: SocketAddr,
    /// Where people reach the server; none where that is the address it listens on.
    pub site: Option<Site>,
    /// Whether it speaks TLS itself.
    pub tls: bool,
    /// Pages of other sites that may read the API.
    pub cors: Origins,
    /// How people sign in.
    pub sign_in: identity::Settings,
    /// Whether this is the demonstration data set.
    pub demo: bool,
    /// Bytes of the JSON body of a bulk edit.
    pub body_bytes_max: usize,
    /// Bytes of an uploaded spreadsheet.
    pub upload_bytes_max: usize,
    /// Time one request may take.
    pub request_timeout: Duration,
    /// How often somebody may ask.
    pub allowances: Allowances,
    /// What can be set about jobs.
    pub jobs: Policy,
    /// Who has it reads the figures from anywhere; without one they are for this machine.
    pub metrics_token: Option<Arc<str>>,
    /// The Python that has mpxj.
    pub mpxj_python: PathBuf,
    /// What an Admin is shown of all that was set.
    pub in_force: Vec<Setting>,
    /// The back-up in an object store, where there is one.
    pub vaults: Option<Arc<Vaults>>,
    /// The secret that masked copies are made with; none for one of the data folder's own.
    pub mask_salt: Option<Salt>,
}

impl Settings {
    /// The defaults for a server listening on `listen`.
    pub fn new(listen: SocketAddr, sign_in: identity::Settings) -> Settings {
        Settings {
            listen,
            site: None,
            tls: false,
            cors: Origins::default(),
            sign_in,
            demo: false,
            body_bytes_max: EDITS_BYTES_MAX,
            upload_bytes_max: UPLOAD_BYTES_MAX,
            request_timeout: REQUEST_TIMEOUT,
            allowances: Allowances::default(),
            jobs: Policy::default(),
            metrics_token: None,
            mpxj_python: PathBuf::from("python3"),
            in_force: Vec::new(),
            vaults: None,
            mask_salt: None,
        }
    }
}

/// The server's state, shared by every request. Cloning costs O(1).
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// What an [`App`] is made of.
pub struct Parts {
    /// The data directory.
    pub control: Arc<Control>,
    /// Who may sign in, and who has.
    pub identity: Identity,
    /// Turns for work in the background.
    pub pool: Pool,
    /// Spreadsheets being imported.
    pub uploads: Arc<Uploads>,
    /// Names this server answers to.
    pub hosts: Hosts,
    /// How often who has asked.
    pub rates: Rates,
    /// Where people reach it.
    pub site: Site,
    /// The cookies it sets.
    pub cookies: Cookies,
    /// What was set.
    pub settings: Settings,
    offices: RwLock<HashMap<OrganisationId, Arc<Office>>>,
}

/// One organisation as it is served: its workspace and its live connections.
pub struct Office {
    /// The organisation, as it is called now.
    organisation: ArcSwap<Organisation>,
    /// Its workspace.
    pub workspace: Arc<Workspace>,
    /// Its live connections.
    pub hub: Arc<Hub>,
    /// Its jobs.
    pub queue: Arc<Queue>,
}

impl Office {
    /// The organisation.
    pub fn organisation(&self) -> Arc<Organisation> {
        self.organisation.load_full()
    }

    /// Takes in a change of the organisation's own row.
    pub fn changed(&self, organisation: Arc<Organisation>) {
        self.organisation.store(organisation);
    }
}

impl App {
    /// An application over a data directory.
    ///
    /// # Errors
    /// When there is no signing in: settings of a provider, or rows that do not read.
    pub fn new(control: Arc<Control>, mut settings: Settings) -> Result<App, SignInSetup> {
        let sign_in = std::mem::replace(&mut settings.sign_in, identity::Settings::development());
        let site = settings.site.clone();
        let site = site.unwrap_or_else(|| Site::at(settings.listen, settings.tls));
        Ok(App(Arc::new(Parts {
            cookies: Cookies::of(&site, sign_in.method, sign_in.lifetimes.life),
            identity: Identity::new(control.clone(), sign_in)?,
            control,
            pool: Pool::new(settings.jobs.workers),
            uploads: Arc::default(),
            rates: Rates::new(&settings.allowances),
            hosts: Hosts::of(settings.listen, settings.site.as_ref()),
            site,
            settings,
            offices: RwLock::default(),
        })))
    }

    /// Notes from time to time what of sessions and tokens is kept in memory only; for good.
    pub async fn keep_house(self) {
        let mut interval = tokio::time::interval(HOUSE_INTERVAL);
        interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            interval.tick().await;
            let app = self.clone();
            let kept =
                tokio::task::spawn_blocking(move || app.identity.keep_house(super::time::now_us()));
            match kept.await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!(%error, "when sessions were used is not noted"),
                Err(error) => tracing::error!(%error, "noting when sessions were used failed"),
            }
        }
    }

    /// The office of an organisation, opened when it is not yet. O(1), or O(library) the first
    /// time, on a thread of its own.
    ///
    /// # Errors
    /// 500 when its ledger does not open.
    pub async fn office(&self, id: OrganisationId) -> Result<Arc<Office>, Problem> {
        if let Some(office) = self.offices.read().get(&id) {
            return Ok(office.clone());
        }
        let app = self.clone();
        let opened = tokio::task::spawn_blocking(move || app.open(id)).await;
        opened.unwrap_or_else(|error| {
            tracing::error!(%error, "opening an organisation failed");
            Err(Problem::internal())
        })
    }

    /// Every office that is open.
    pub fn offices(&self) -> Vec<Arc<Office>> {
        self.offices.read().values().cloned().collect()
    }

    fn open(&self, id: OrganisationId) -> Result<Arc<Office>, Problem> {
        let directory = self.control.directory();
        let organisation = directory.organisations.values().find(|o| o.id == id).cloned();
        let organisation = organisation.ok_or_else(Problem::not_signed_in)?;
        let workspace = self.control.workspace(&organisation.slug).map_err(|error| {
            tracing::error!(%error, slug = %organisation.slug, "an organisation does not open");
            Problem::internal()
        })?;
        let mut offices = self.offices.write();
        if let Some(office) = offices.get(&id) {
            return Ok(office.clone());
        }
        let hub = Hub::follow(&workspace);
        let folder = self.control.jobs_path(&organisation.slug);
        let queue = Queue::new(workspace.clone(), folder, self.pool.clone(), self.settings.jobs);
        let organisation = ArcSwap::new(organisation);
        let office = Arc::new(Office { organisation, workspace, hub, queue });
        super::audit::watch(&office.workspace);
        office.queue.resume(&Clerk::of(self, &office));
        offices.insert(id, office.clone());
        Ok(office)
    }

    /// Has the jobs of every organisation go on that were not over when the server ended last.
    pub async fn resume_jobs(self) {
        let directory = self.control.directory();
        for organisation in directory.organisations.values() {
            // One that does not open has said so in the log, and to whoever comes for it.
            drop(self.office(organisation.id).await);
        }
    }

    /// Ends every live connection and begins no more jobs, so that the server can stop.
    pub fn close(&self) {
        for office in self.offices.read().values() {
            office.queue.close();
            office.hub.close("the server is stopping");
        }
    }
}

impl Deref for App {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}
