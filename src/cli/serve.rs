//! `oxflow serve`: the web application, the API and everything behind them.

use std::env;
use std::fs::DirBuilder;
use std::io::{Write, stdout};
use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use tracing_subscriber::EnvFilter;

use super::config::{Config, Log, LogFormat, SALT_VARIABLE, Server, SignIn, named, variables};
use super::serve_vault;
use crate::connect::Destination;
use crate::estimating::user::Role;
use crate::http::cors::Origins;
use crate::http::serving::{self, Bounds};
use crate::http::tls::Certificates;
use crate::http::{Allowances, App, Settings, Site};
use crate::identity::{self, SETUP_LIFE, SignInMethod};
use crate::vault::masking::Salt;
use crate::vault::{CONTROL, unpack};
use crate::workspace::control::{Control, Host, NewOrganisation, Plain};
use crate::workspace::demo;

/// Longest wait for requests still in progress once the server was told to stop.
const STOP_PATIENCE: Duration = Duration::from_secs(5);

/// How long a thread for work that blocks waits for more. The allocator gives back what such work
/// used when its thread ends.
const THREAD_KEPT: Duration = Duration::from_secs(2);

/// Who a new organisation has beside its first Admin, so that development sign-in can try each
/// role.
const NEWCOMERS: [(&str, &str, Role); 3] = [
    ("Lead Estimator", "lead@example.org", Role::LeadEstimator),
    ("Estimator", "estimator@example.org", Role::Estimator),
    ("Viewer", "viewer@example.org", Role::Viewer),
];

/// What `serve` takes; everything else is set in the file or by variables.
#[derive(Debug, Default, Args)]
#[command(after_help = "\
Examples:
  oxflow serve --demo                 try oxFlow with a ready-made tender
  oxflow serve --auth development     start empty; anyone on this machine picks a user
  oxflow serve --auth development --from-snapshot staging.oxsnap     look at a copy
  oxflow serve --auth development --data look --no-vault             look at what was restored

Settings come from oxflow.toml, then OXFLOW_* variables, then these flags; README.md lists them.")]
pub struct Flags {
    /// Folder of the organisations and their ledgers [default: data]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,

    /// Address and port to listen on [default: 127.0.0.1:3000]
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,

    /// Serve the demonstration, kept in DIR [default: a temporary folder, gone with the server]
    #[arg(long, value_name = "DIR")]
    #[expect(clippy::option_option, reason = "absent, given without a folder, given with one")]
    demo: Option<Option<PathBuf>>,

    /// Serve what is in an .oxsnap file, which goes to no vault [default with it: a temporary
    /// folder; --data: an empty one]
    #[arg(long, value_name = "FILE", conflicts_with = "demo")]
    from_snapshot: Option<PathBuf>,

    /// Write no vault, whatever is set: to look at a restored folder and leave the vault alone
    #[arg(long)]
    no_vault: bool,

    /// How people sign in
    #[arg(long, value_name = "MODE")]
    auth: Option<SignIn>,

    /// Configuration file [default: oxflow.toml, if there]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// What is to be served, every layer of the configuration taken together and found sound.
#[derive(Debug, PartialEq)]
pub struct Service {
    /// Every setting, flags applied; `storage.data` is the demonstration's when `demo` is set.
    pub config: Config,
    /// Whether the data is the demonstration.
    pub demo: bool,
    /// Whether the data goes when the server stops.
    pub passing: bool,
    /// The file the data is made of first.
    pub from_snapshot: Option<PathBuf>,
    /// Whether nothing goes to the vault that is set.
    pub no_vault: bool,
}

/// Serves until told to stop.
///
/// # Errors
/// A configuration that cannot be served, an address in use, or a data folder that cannot be
/// opened.
pub fn run(flags: Flags) -> anyhow::Result<()> {
    let config = Config::load(flags.config.as_deref(), variables()?)?;
    let service = settle(config, flags)?;
    start_log(&service.config.log)?;
    stay_small();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_keep_alive(THREAD_KEPT)
        .build()?;
    let served = runtime.block_on(serve(service));
    // A document being set cannot be interrupted; its job is done again at the next start.
    runtime.shutdown_timeout(STOP_PATIENCE);
    served
}

/// Asks for memory in small pages. In pages of two megabytes a server at rest holds twice what it
/// uses, and what large pages win on a large estimate is lost in the noise (`--bench rollup`).
fn stay_small() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::thread::disable_transparent_huge_pages(true) {
        tracing::debug!(%error, "memory comes in large pages");
    }
}

async fn serve(service: Service) -> anyhow::Result<()> {
    let server = &service.config.server;
    let (listen, certificates) = (server.listen, certificates(server)?);
    let bounds = Bounds { proxies: proxies(&server.trusted_proxies)?, ..Bounds::default() };
    let listener = tokio::net::TcpListener::bind(listen)
        .await
        .with_context(|| format!("cannot listen on {listen}"))?;
    let address = listener.local_addr()?;
    let service = Arc::new(service);
    let opening = service.clone();
    let (app, unkept) = tokio::task::spawn_blocking(move || open(&opening, address)).await??;
    // Before anybody is told where the server is: whoever knows may ask it to stop.
    let told_to_stop = told_to_stop()?;
    announce(address, &service, unkept)?;
    if service.config.auth.mode == SignIn::Oidc {
        offer_setup(&app)?;
    }
    let looking = app.clone();
    tokio::spawn(async move { looking.identity.look_up_providers().await });
    tokio::spawn(app.clone().keep_house());
    tokio::spawn(app.clone().resume_jobs());
    let stopping = app.clone();
    let (told, patience) = tokio::sync::oneshot::channel();
    let stop = async move {
        told_to_stop.await;
        stopping.close();
        let _ = told.send(());
    };
    if let Some(certificates) = &certificates {
        tokio::spawn(certificates.clone().watch());
    }
    let router = crate::http::router(app.clone());
    tokio::select! {
        () = serving::serve(listener, router, certificates, bounds, stop) => {}
        () = out_of_patience(patience) => {}
    }
    close(&app).await;
    if service.passing {
        // What a demonstration leaves behind is nobody's; a folder that stays is no failure.
        drop(std::fs::remove_dir_all(&service.config.storage.data));
    }
    Ok(())
}

/// Closes every ledger, and sends what the vault still lacks.
async fn close(app: &App) {
    let at_last = app.clone();
    let closing = tokio::task::spawn_blocking(move || {
        if let Err(error) = at_last.identity.keep_house(crate::http::time::now_us()) {
            tracing::warn!(%error, "when sessions were last used is not noted");
        }
        at_last.control.close();
    });
    // A change that waits for a store that is away is on this disk: the next start sends it.
    drop(tokio::time::timeout(STOP_PATIENCE, closing).await);
    if let Some(vaults) = &app.settings.vaults
        && let Err(error) = vaults.close(STOP_PATIENCE).await
    {
        tracing::warn!(%error, "stopped; the next start sends what is missing");
    }
}

/// Ends [`STOP_PATIENCE`] after the server was told to stop.
async fn out_of_patience(told: tokio::sync::oneshot::Receiver<()>) {
    match told.await {
        Ok(()) => tokio::time::sleep(STOP_PATIENCE).await,
        Err(_) => std::future::pending().await,
    }
}

/// Opens the data folder, with an organisation and an Admin, or the demonstration, on its first
/// start. Gives why nothing goes to the vault that is set, where that is so.
fn open(service: &Service, address: SocketAddr) -> anyhow::Result<(App, Option<&'static str>)> {
    let data = &service.config.storage.data;
    let mut folder = DirBuilder::new();
    // Among the temporary ones it is for its owner only.
    folder.recursive(true).mode(if service.passing { 0o700 } else { 0o777 });
    folder.create(data).with_context(|| format!("cannot make {}", data.display()))?;
    if let Some(file) = &service.from_snapshot {
        unpack(file, data, |_| ())?;
    }
    let (vaults, unkept) = serve_vault::vaults(service)?;
    let host: Arc<dyn Host> = match &vaults {
        Some(vaults) => vaults.clone(),
        None => Arc::new(Plain),
    };
    let control = Arc::new(Control::open_with(data, host)?);
    if let Some(vaults) = &vaults {
        vaults.follow(CONTROL, control.reader());
    }
    for organisation in control.adopt()? {
        tracing::warn!(
            slug = %organisation.slug,
            "an organisation was in the data folder and not in its list: it is taken in, and its \
             people must be entered anew"
        );
    }
    if control.directory().organisations.is_empty() {
        if service.demo {
            demo::create(&control).context("the demonstration could not be made")?;
        } else if service.config.auth.mode == SignIn::Oidc {
            // Its first Admin is whoever comes by the link that is printed.
            control.create(&NewOrganisation { admin: None, ..NewOrganisation::default() })?;
        } else {
            let organisation = control.create(&NewOrganisation::default())?.id;
            for (name, email, role) in NEWCOMERS {
                control.add_user(organisation, name, email, role, None)?;
            }
        }
    }
    if vaults.is_some() {
        serve_vault::open_all(&control);
    }
    let limits = &service.config.limits;
    let auth = &service.config.auth;
    let method = match auth.mode {
        SignIn::Oidc => SignInMethod::Oidc,
        SignIn::None | SignIn::Development => SignInMethod::Development,
    };
    let providers = match method {
        SignInMethod::Oidc => auth.providers(data)?,
        SignInMethod::Development => Vec::new(),
    };
    let allowed = Destination::list(&service.config.outgoing.allow_hosts);
    let allowed = allowed.context("outgoing.allow_hosts")?;
    let sign_in = identity::Settings { method, lifetimes: auth.lifetimes(), providers, allowed };
    let app = App::new(
        control,
        Settings {
            site: site(&service.config)?,
            tls: service.config.server.has_tls(),
            cors: cors(&service.config.server.cors_origins)?,
            demo: service.demo,
            body_bytes_max: limits.body_bytes_max,
            upload_bytes_max: limits.import_bytes_max,
            request_timeout: Duration::from_secs(limits.request_seconds_max),
            allowances: Allowances {
                address: limits.address_per_minute,
                organisation: limits.organisation_per_minute,
                token: limits.token_per_minute,
                sign_in: limits.sign_in_per_minute,
                proxies: proxies(&service.config.server.trusted_proxies)?,
            },
            jobs: service.config.jobs.policy(),
            metrics_token: metrics_token(&service.config.server.metrics_token, data)?,
            mpxj_python: service.config.programmes.mpxj_python.clone(),
            in_force: service.config.in_force(),
            vaults,
            mask_salt: mask_salt()?,
            ..Settings::new(address, sign_in)
        },
    )?;
    Ok((app, unkept))
}

/// The secret that masked copies are made with, where the environment gives one.
fn mask_salt() -> anyhow::Result<Option<Salt>> {
    let given = std::env::var(SALT_VARIABLE).ok().map(|text| Salt::new(text.as_bytes()));
    given.transpose().context(SALT_VARIABLE)
}

/// Where people reach the server, where that is set.
fn site(config: &Config) -> anyhow::Result<Option<Site>> {
    let address = &config.server.public_url;
    if address.is_empty() {
        return Ok(None);
    }
    let site = Site::new(address).map_err(|why| anyhow::anyhow!("server.public_url: {why}"))?;
    Ok(Some(site))
}

/// The certificate and key of the server's own TLS, where both are set.
fn certificates(server: &Server) -> anyhow::Result<Option<Arc<Certificates>>> {
    let [certificate, key] = [&server.tls_certificate, &server.tls_key];
    match [certificate, key].map(|path| !path.as_os_str().is_empty()) {
        [false, false] => Ok(None),
        [true, true] => Ok(Some(Certificates::open(certificate, key)?)),
        _ => bail!("server.tls_certificate and server.tls_key are needed together, or neither"),
    }
}

/// The token that reads the figures, where one is set.
fn metrics_token(value: &str, data: &Path) -> anyhow::Result<Option<Arc<str>>> {
    let secret = named("server.metrics_token", value, data)?;
    let token = secret.as_ref().map_or(value, |secret| secret.text());
    Ok((!token.is_empty()).then(|| token.into()))
}

/// Pages of other sites that may read the API.
fn cors(text: &str) -> anyhow::Result<Origins> {
    Origins::of(text).map_err(|why| anyhow::anyhow!("server.cors_origins: {why}"))
}

/// Prints the link for the first Admin, where an organisation has none.
fn offer_setup(app: &App) -> anyhow::Result<()> {
    let Some(secret) = app.identity.offer_setup(crate::http::time::now_us()) else { return Ok(()) };
    let minutes = SETUP_LIFE.as_secs() / 60;
    let (site, secret) = (app.site.origin(), secret.text());
    let mut out = stdout().lock();
    writeln!(
        out,
        "No Admin has signed in yet. Whoever signs in first through this link becomes one; it is good \
         once, for {minutes} minutes:\n    {site}/sign-in#setup={secret}"
    )?;
    out.flush()?;
    Ok(())
}

/// The addresses of a list parted by commas.
fn proxies(text: &str) -> anyhow::Result<Vec<IpAddr>> {
    let named = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
    named
        .map(|entry| {
            let address = entry.parse::<IpAddr>();
            address.with_context(|| format!("server.trusted_proxies: {entry:?} is no address"))
        })
        .collect()
}

/// A folder of its own among the temporary ones.
fn passing_folder() -> anyhow::Result<PathBuf> {
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(|e| anyhow::anyhow!("no random numbers: {e}"))?;
    Ok(env::temp_dir().join(format!("oxflow-demo-{:016x}", u64::from_be_bytes(random))))
}

/// Puts the flags over the configuration and refuses what must not be served.
fn settle(mut config: Config, flags: Flags) -> anyhow::Result<Service> {
    let named = flags.data.is_some();
    if let Some(data) = flags.data {
        config.storage.data = data;
    }
    if let Some(listen) = flags.listen {
        config.server.listen = listen;
    }
    if let Some(mode) = flags.auth {
        config.auth.mode = mode;
    }
    let demo = flags.demo.is_some();
    let copies = flags.from_snapshot.is_some() && !named;
    let passing = matches!(flags.demo, Some(None)) || copies;
    if copies {
        config.storage.data = passing_folder()?;
    }
    if let Some(folder) = flags.demo {
        config.storage.data = folder.map_or_else(passing_folder, Ok)?;
        config.auth.mode = SignIn::Development;
        config.vault = serve_vault::of_the_demonstration(&config.vault, &config.storage.data)?;
    }
    let listen = config.server.listen;
    let site = site(&config)?;
    if config.server.has_tls() && site.as_ref().is_some_and(|site| !site.is_secure()) {
        bail!("server.public_url must start with https:// where server.tls_certificate is set");
    }
    match config.auth.mode {
        SignIn::None => bail!(
            "no way to sign in is set, so anyone who reaches {listen} would be let in.\n\n\
             To try oxFlow with a ready-made tender:\n    oxflow serve --demo\n\n\
             To start with an empty organisation, on this machine only:\n    \
             oxflow serve --auth development"
        ),
        SignIn::Development if !listen.ip().is_loopback() => bail!(
            "{} lets anyone pick a user, so it is served on this machine only, not on {listen}.\n\n\
             Use a loopback address:\n    --listen 127.0.0.1:{}",
            if demo { "the demonstration" } else { "development sign-in" },
            listen.port()
        ),
        SignIn::Oidc if config.auth.providers.is_empty() => bail!(
            "signing in with an OpenID provider takes one: oxflow.toml has no [[auth.providers]] \
             (docs/sign-in.md)"
        ),
        SignIn::Oidc if !listen.ip().is_loopback() && site.is_none() => {
            bail!("people reach {listen} by a name, and that must be known: set server.public_url")
        }
        // Cookies and codes would travel for all to read.
        SignIn::Oidc if site.as_ref().is_some_and(|site| !site.is_private()) => {
            bail!("server.public_url must start with https:// unless it is on this machine")
        }
        SignIn::Oidc | SignIn::Development => {
            let Flags { from_snapshot, no_vault, .. } = flags;
            Ok(Service { config, demo, passing, from_snapshot, no_vault })
        }
    }
}

fn start_log(log: &Log) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&log.filter)
        .with_context(|| format!("log.filter {:?} is not understood", log.filter))?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match log.format {
        LogFormat::Text => lines.init(),
        LogFormat::Compact => lines.compact().init(),
    }
    Ok(())
}

/// Says where the application is, in the one line that people and scripts wait for; and where a
/// vault is set and nothing goes there, why.
fn announce(address: SocketAddr, service: &Service, unkept: Option<&str>) -> anyhow::Result<()> {
    let what = if service.demo { "the demonstration" } else { "oxFlow" };
    let data = display(&service.config.storage.data);
    let scheme = if service.config.server.has_tls() { "https" } else { "http" };
    let mut out = stdout().lock();
    writeln!(out, "Serving {what} at {scheme}://{address}/ with data in {data}")?;
    if let Some(why) = unkept {
        let vault = &service.config.vault.url;
        writeln!(out, "Nothing of it goes to the vault {vault}: {why}")?;
    }
    out.flush()?;
    Ok(())
}

fn display(path: &Path) -> String {
    path.canonicalize().unwrap_or_else(|_| path.to_owned()).display().to_string()
}

/// Listens from now on for what asks the process to stop: Ctrl+C, or SIGTERM from a service
/// manager. What it gives ends when that comes.
fn told_to_stop() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupted = signal(SignalKind::interrupt())?;
    let mut terminated = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = terminated.recv() => {}
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(flags: Flags) -> String {
        settle(Config::default(), flags).unwrap_err().to_string()
    }

    #[test]
    fn serving_without_a_sign_in_is_refused_and_says_what_to_do() {
        let message = refused(Flags::default());
        assert!(message.contains("oxflow serve --demo"), "{message}");
        assert!(message.contains("oxflow serve --auth development"), "{message}");
    }

    #[test]
    fn a_sign_in_without_proof_stays_on_this_machine() {
        let open = "0.0.0.0:3000".parse().ok();
        let demo = refused(Flags { listen: open, demo: Some(None), ..Flags::default() });
        assert!(demo.contains("--listen 127.0.0.1:3000"), "{demo}");
        let auth = Some(SignIn::Development);
        let development = refused(Flags { listen: open, auth, ..Flags::default() });
        assert!(development.contains("development sign-in"), "{development}");
        let v6 = "[::1]:3000".parse().ok();
        assert!(settle(Config::default(), Flags { listen: v6, auth, ..Flags::default() }).is_ok());
    }

    #[test]
    fn the_demonstration_keeps_its_own_folder() {
        let folder = |flags| settle(Config::default(), flags).unwrap().config.storage.data;
        let plain = Flags { demo: Some(None), ..Flags::default() };
        assert!(folder(plain).starts_with(env::temp_dir()));
        let named = Flags { demo: Some(Some("/tmp/d".into())), ..Flags::default() };
        assert_eq!(folder(named), Path::new("/tmp/d"));
        let auth = Some(SignIn::Development);
        assert_eq!(folder(Flags { auth, ..Flags::default() }), Path::new("data"));
    }
}
