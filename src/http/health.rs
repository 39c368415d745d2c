//! Whether the server is alive, and whether it can work.

use super::app::App;
use super::metrics;
use super::problem::Problem;
use crate::workspace::control::Trouble;
use crate::workspace::system_clock_us;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode};
use std::net::SocketAddr;
use std::time::Duration;

/// Alive: the process answers.
pub async fn alive() -> &'static str {
    "alive\n"
}

/// The longest the vault may lack a commit before the server is no longer called ready.
const VAULT_LAG_MAX: Duration = Duration::from_secs(15 * 60);

/// Ready: every open organisation accepts changes, and the vault is not far behind. Which
/// organisation does not, and where, is told to whoever may read the figures.
pub async fn ready(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Result<&'static str, Problem> {
    let not = |code, said: String| Problem::new(StatusCode::SERVICE_UNAVAILABLE, code, said);
    if let Some((slug, trouble)) = app.control.troubles().into_iter().next() {
        let (code, said, why) = match trouble {
            Trouble::AuditBroken(why) => {
                ("audit-chain-broken", "The audit trail of an organisation does not hold.", why)
            }
            Trouble::ReadOnly(why) => {
                ("read-only", "An organisation does not accept changes.", why)
            }
        };
        let known =
            metrics::may_read(&app.hosts, app.settings.metrics_token.as_deref(), peer, &headers);
        let said = if known { format!("{said} {slug}: {why}") } else { said.to_owned() };
        return Err(not(code, said));
    }
    let Some(vaults) = &app.settings.vaults else { return Ok("ready\n") };
    if vaults.is_refusing() {
        let said = "The back-up takes nothing any more, so changes are not accepted.";
        return Err(not("vault-refusing", said.to_owned()));
    }
    if vaults.is_behind(system_clock_us(), VAULT_LAG_MAX) {
        let said = "Nothing has reached the back-up for a while.";
        return Err(not("vault-behind", said.to_owned()));
    }
    Ok("ready\n")
}
