//! Runs load and keeps what came of it: rates and percentiles of latency.

use std::time::{Duration, Instant};

use reqwest::Method;

use crate::wire::Wire;

/// How long each figure is measured, after [`WARM_UP`].
pub const DURATION: Duration = Duration::from_secs(10);

/// Load that is not counted: caches fill, connections open.
pub const WARM_UP: Duration = Duration::from_secs(2);

/// What one kind of operation did under one load.
pub struct Measured {
    pub name: String,
    pub connections: usize,
    /// Wall time of the counted operations.
    pub wall: Duration,
    /// One latency for each operation.
    pub latencies: Vec<Duration>,
}

impl Measured {
    pub fn per_second(&self) -> f64 {
        self.latencies.len() as f64 / self.wall.as_secs_f64()
    }

    /// The latency that `share` of a hundred stay under, in milliseconds.
    fn percentile_ms(&self, sorted: &[Duration], share: f64) -> f64 {
        let last = sorted.len().saturating_sub(1);
        let at = ((share / 100.0) * last as f64).round() as usize;
        sorted.get(at).map_or(0.0, |latency| latency.as_secs_f64() * 1_000.0)
    }
}

/// Everything measured in one run.
#[derive(Default)]
pub struct Figures {
    rows: Vec<Measured>,
    sizes: Vec<(String, String)>,
}

impl Figures {
    pub fn add(&mut self, measured: Measured) {
        eprintln!("  {}: {:.0} a second", measured.name, measured.per_second());
        self.rows.push(measured);
    }

    /// A size, in words.
    pub fn size(&mut self, name: impl Into<String>, size: String) {
        let name = name.into();
        eprintln!("  {name}: {size}");
        self.sizes.push((name, size));
    }

    /// Prints the tables as `benches/README.md` holds them.
    pub fn print(&self) {
        println!("\n| what | connections | a second | p50 ms | p95 ms | p99 ms | max ms |");
        println!("|---|---:|---:|---:|---:|---:|---:|");
        for row in &self.rows {
            let mut sorted = row.latencies.clone();
            sorted.sort_unstable();
            let of = |share| row.percentile_ms(&sorted, share);
            println!(
                "| {} | {} | {:.0} | {:.2} | {:.2} | {:.2} | {:.2} |",
                row.name,
                row.connections,
                row.per_second(),
                of(50.0),
                of(95.0),
                of(99.0),
                of(100.0),
            );
        }
        if !self.sizes.is_empty() {
            println!("\n| size | |\n|---|---:|");
            self.sizes.iter().for_each(|(name, size)| println!("| {name} | {size} |"));
        }
    }
}

/// Sends what `request(connection, count)` says on every connection, one after the other on each,
/// for [`WARM_UP`] and then [`DURATION`], and measures the latter.
pub async fn load(
    name: &str,
    wires: &mut [Wire],
    method: Method,
    request: impl Fn(usize, u64) -> (String, Vec<u8>),
) -> Measured {
    let counted_from = Instant::now() + WARM_UP;
    let until = counted_from + DURATION;
    let connections = wires.len();
    let clients = wires.iter_mut().enumerate().map(async |(at, wire)| {
        let mut latencies = Vec::new();
        for count in 0_u64.. {
            let (path, body) = request(at, count);
            let started = Instant::now();
            if started >= until {
                break;
            }
            wire.ask(&method, &path, &body).await;
            if started >= counted_from {
                latencies.push(started.elapsed());
            }
        }
        latencies
    });
    let latencies = futures_util::future::join_all(clients).await.concat();
    Measured { name: name.to_owned(), connections, wall: DURATION, latencies }
}
