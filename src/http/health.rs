//! Whether the server is alive, and whether it can work.

use super::app::App;
use super::problem::Problem;
use axum::extract::State;
use axum::http::StatusCode;

/// Alive: the process answers.
pub async fn alive() -> &'static str {
    "alive\n"
}

/// Ready: every open organisation accepts changes.
pub async fn ready(State(app): State<App>) -> Result<&'static str, Problem> {
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
