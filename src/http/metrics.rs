//! Figures of the server for Prometheus, in its text format.
//!
//! Who reads them has the token of `server.metrics_token`, or, where none is set, is on this
//! machine and came directly: a proxy on this machine lets in whoever it serves, so what it passes
//! on does not count as from here. Nor does what a page of another site asks by a name of its own
//! that was made to lead here.

use super::app::App;
use super::guard::Hosts;
use super::problem::Problem;
use super::rate::is_from_here;
use crate::vault::{CONTROL, Figures};
use crate::workspace::system_clock_us;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::fmt::Write;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};

/// Media type of the text format.
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";
/// The first status there is.
const STATUS_FIRST: u16 = 100;
/// Answers so far, by status from [`STATUS_FIRST`].
static ANSWERS: [AtomicU64; 500] = [const { AtomicU64::new(0) }; 500];

/// Counts an answer. O(1).
pub fn count(status: StatusCode) {
    let at = usize::from(status.as_u16().saturating_sub(STATUS_FIRST));
    if let Some(answers) = ANSWERS.get(at) {
        answers.fetch_add(1, Ordering::Relaxed);
    }
}

/// The figures.
pub async fn show(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Response {
    if !may_read(&app.hosts, app.settings.metrics_token.as_deref(), peer, &headers) {
        return Problem::new(
            StatusCode::FORBIDDEN,
            "metrics-denied",
            "The figures are for this machine, or for whoever has the token of \
             server.metrics_token.",
        )
        .into_response();
    }
    ([(header::CONTENT_TYPE, TEXT)], render(&app)).into_response()
}

/// Whether a request may read figures of the server.
pub(super) fn may_read(
    hosts: &Hosts,
    token: Option<&str>,
    peer: SocketAddr,
    headers: &HeaderMap,
) -> bool {
    match token {
        None => is_from_here(peer.ip(), headers) && hosts.answer_here(headers),
        Some(token) => {
            let given = headers.get(header::AUTHORIZATION).map(header::HeaderValue::as_bytes);
            let given = given.and_then(|given| given.strip_prefix(b"Bearer "));
            // Hashes compare in the same time wherever they differ.
            given.is_some_and(|given| blake3::hash(given) == blake3::hash(token.as_bytes()))
        }
    }
}

/// Lines of one figure.
struct Page(String);

impl Page {
    fn about(&mut self, name: &str, kind: &str, about: &str) {
        // Writing to a string does not fail.
        let _ = writeln!(self.0, "# HELP oxflow_{name} {about}\n# TYPE oxflow_{name} {kind}");
    }

    fn line(&mut self, name: &str, label: (&str, &str), value: impl std::fmt::Display) {
        let _ = writeln!(self.0, "oxflow_{name}{{{}=\"{}\"}} {value}", label.0, label.1);
    }
}

/// A time in seconds, exact to the microsecond.
fn seconds(us: i64) -> String {
    let us = us.max(0);
    format!("{}.{:06}", us / 1_000_000, us % 1_000_000)
}

/// One figure of a vault: its name, kind and meaning, and its value where there is one.
type OfVault = (&'static str, &'static str, &'static str, fn(&Figures, i64) -> Option<String>);

const OF_VAULTS: [OfVault; 13] = [
    ("vault_lag_commits", "gauge", "Commits not in the vault yet.", |f, _| {
        Some(f.lag().to_string())
    }),
    ("vault_lag_bytes", "gauge", "Bytes of log not in the vault yet.", |f, _| {
        Some(f.lag_bytes.to_string())
    }),
    ("vault_lag_seconds", "gauge", "How long the oldest of them has waited.", |f, now| {
        Some(seconds(f.lag_since_us.map_or(0, |since| now.saturating_sub(since))))
    }),
    ("vault_stored_lsn", "gauge", "The newest commit in the vault.", |f, _| {
        Some(f.stored.0.to_string())
    }),
    ("vault_segments_total", "counter", "Segments stored.", |f, _| Some(f.segments.to_string())),
    ("vault_segment_bytes_total", "counter", "Bytes of them, as stored.", |f, _| {
        Some(f.segment_bytes.to_string())
    }),
    ("vault_trouble", "gauge", "Whether nothing reaches the vault at the moment.", |f, _| {
        Some(u8::from(f.trouble.is_some()).to_string())
    }),
    ("vault_refusing", "gauge", "Whether no change is taken any more.", |f, _| {
        Some(u8::from(f.refusal.is_some()).to_string())
    }),
    ("vault_upkeep_failed", "gauge", "Whether the last merging and removing failed.", |f, _| {
        Some(u8::from(f.upkeep_trouble.is_some()).to_string())
    }),
    ("vault_snapshot_timestamp_seconds", "gauge", "When the last snapshot ended.", |f, _| {
        f.snapshot.map(|(_, at)| seconds(at))
    }),
    ("vault_snapshot_lsn", "gauge", "The commit of the last snapshot.", |f, _| {
        f.snapshot.map(|(lsn, _)| lsn.0.to_string())
    }),
    ("vault_drill_timestamp_seconds", "gauge", "When the last restore drill ended.", |f, _| {
        f.drill.as_ref().map(|drill| seconds(drill.at_us))
    }),
    ("vault_drill_ok", "gauge", "Whether it found all as it should be.", |f, _| {
        f.drill.as_ref().map(|drill| u8::from(drill.failure.is_none()).to_string())
    }),
];

fn render(app: &App) -> String {
    let mut page = Page(String::with_capacity(4_096));
    page.about("requests_total", "counter", "Requests answered, by status.");
    for (status, answers) in (STATUS_FIRST..).zip(&ANSWERS) {
        match answers.load(Ordering::Relaxed) {
            0 => {}
            count => page.line("requests_total", ("status", &status.to_string()), count),
        }
    }
    let offices = app.offices();
    page.about("commits_total", "counter", "The newest commit: one for each change ever made.");
    for office in &offices {
        let lsn = office.workspace.published().lsn.0;
        page.line("commits_total", ("organisation", &office.organisation().slug), lsn);
    }
    page.about("alarms_total", "counter", "Broken invariants and failed drills.");
    for office in &offices {
        let alarms = office.workspace.figures().alarms;
        page.line("alarms_total", ("organisation", &office.organisation().slug), alarms);
    }
    if let Some(vaults) = &app.settings.vaults {
        // Of the list of organisations and people: nobody's workspace tells of it.
        let failed = vaults.vault(CONTROL).figures().failed_drills;
        page.line("alarms_total", ("organisation", CONTROL), failed);
    }
    page.about("connections", "gauge", "Live connections of browsers.");
    for office in &offices {
        let connected = office.hub.connected();
        page.line("connections", ("organisation", &office.organisation().slug), connected);
    }
    if let Some(vaults) = &app.settings.vaults {
        let now_us = system_clock_us();
        let all: Vec<_> =
            vaults.all().iter().map(|vault| (vault.slug.clone(), vault.figures())).collect();
        for (name, kind, about, value) in OF_VAULTS {
            page.about(name, kind, about);
            for (slug, figures) in &all {
                if let Some(value) = value(figures, now_us) {
                    page.line(name, ("organisation", slug), value);
                }
            }
        }
    }
    page.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figures_are_for_this_machine_or_for_the_token() {
        let here: SocketAddr = "127.0.0.1:5000".parse().unwrap();
        let away: SocketAddr = "192.0.2.7:5000".parse().unwrap();
        let hosts = Hosts::of("127.0.0.1:3000".parse().unwrap(), None);
        let may_read = |token, peer, headers: &HeaderMap| may_read(&hosts, token, peer, headers);
        let of = |host: &str| HeaderMap::from_iter([(header::HOST, host.parse().unwrap())]);
        let plain = of("localhost:3000");
        assert!(may_read(None, here, &plain));
        assert!(!may_read(None, away, &plain));
        // A page whose name was made to lead here is asked for from here, and by that name.
        assert!(!may_read(None, here, &of("evil.example:3000")));
        let mut passed_on = plain.clone();
        passed_on.insert("x-forwarded-for", "192.0.2.7".parse().unwrap());
        assert!(!may_read(None, here, &passed_on));
        let mut with = of("metrics.example");
        with.insert(header::AUTHORIZATION, "Bearer right".parse().unwrap());
        assert!(may_read(Some("right"), away, &with));
        assert!(!may_read(Some("wrong"), here, &with));
        assert!(!may_read(Some("right"), here, &plain));
    }

    #[test]
    fn a_time_is_exact() {
        assert_eq!(seconds(1_234_567), "1.234567");
        assert_eq!(seconds(-5), "0.000000");
    }
}
