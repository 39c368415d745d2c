//! Whether the server is alive, and whether it can work.

use super::app::App;
use super::problem::Problem;
use crate::workspace::system_clock_us;
use axum::extract::State;
use axum::http::StatusCode;
use std::time::Duration;

/// Alive: the process answers.
pub async fn alive() -> &'static str {
    "alive\n"
}

/// The longest the vault may lack a commit before the server is no longer called ready.
const VAULT_LAG_MAX: Duration = Duration::from_secs(15 * 60);

/// Ready: every open organisation accepts changes, and the vault is not far behind.
pub async fn ready(State(app): State<App>) -> Result<&'static str, Problem> {
    let now_us = system_clock_us();
    if let Some(vaults) = &app.settings.vaults
        && vaults.is_behind(now_us, VAULT_LAG_MAX)
    {
        return Err(Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "vault-behind",
            "Nothing has reached the back-up for a while.",
        ));
    }
    if app.control.is_read_write() {
        Ok("ready\n")
    } else {
        Err(Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "read-only",
            "An organisation does not accept changes.",
        ))
    }
}
