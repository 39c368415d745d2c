//! Runs load and keeps what came of it: rates and percentiles of latency.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

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
}

impl Figures {
    pub fn add(&mut self, measured: Measured) {
        eprintln!("  {}: {:.0} a second", measured.name, measured.per_second());
        self.rows.push(measured);
    }

    /// Prints the table as `benches/README.md` holds it.
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
    }
}

/// Runs `operation(connection, count)` on every connection, one after the other on each, for
/// [`WARM_UP`] and then [`DURATION`], and measures the latter.
pub async fn load<F, Running>(name: &str, connections: usize, operation: F) -> Measured
where
    F: Fn(usize, u64) -> Running + Send + Sync + 'static,
    Running: Future<Output = ()> + Send,
{
    let operation = Arc::new(operation);
    let counted_from = Instant::now() + WARM_UP;
    let until = counted_from + DURATION;
    let tasks: Vec<_> = (0..connections)
        .map(|connection| {
            let operation = Arc::clone(&operation);
            tokio::spawn(async move {
                let mut latencies = Vec::new();
                for count in 0_u64.. {
                    let started = Instant::now();
                    if started >= until {
                        break;
                    }
                    operation(connection, count).await;
                    if started >= counted_from {
                        latencies.push(started.elapsed());
                    }
                }
                latencies
            })
        })
        .collect();
    let mut latencies = Vec::new();
    for task in tasks {
        latencies.extend(task.await.expect("a connection does not fail"));
    }
    Measured { name: name.to_owned(), connections, wall: DURATION, latencies }
}
