//! Measures oxFlow and what it is held against, on the same machine and with the same client.
//!
//! `cargo bench --bench load -- [disk] [postgres] [pocketbase] [oxflow] [schedule] [submission]
//! [together]`;
//! without a name, all of them.
//! `benches/README.md` says what each figure means and holds the measured ones.

mod disk;
mod figures;
#[path = "../../tests/it/harness/mod.rs"]
mod harness;
mod oxflow;
mod place;
mod pocketbase;
mod postgres;
mod process;
mod schedule;
mod submission;
mod together;
mod wire;

use figures::Figures;

const ALL: [&str; 7] =
    ["disk", "postgres", "pocketbase", "oxflow", "schedule", "submission", "together"];

// One thread for the client: what it does not use is the server's.
#[tokio::main(flavor = "current_thread")]
async fn main() {
    // Cargo adds `--bench`; everything else is a name.
    let named: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    for name in &named {
        assert!(ALL.contains(&name.as_str()), "no part {name:?}; there are {ALL:?}");
    }
    let wanted = |name: &str| named.is_empty() || named.iter().any(|n| n == name);

    let mut figures = Figures::default();
    if wanted("disk") {
        disk::measure(&mut figures);
    }
    if wanted("postgres") {
        postgres::measure(&mut figures);
    }
    if wanted("pocketbase") {
        pocketbase::measure(&mut figures).await;
    }
    if wanted("oxflow") {
        oxflow::measure(&mut figures).await;
    }
    if wanted("schedule") {
        schedule::measure(&mut figures).await;
    }
    if wanted("submission") {
        submission::measure(&mut figures).await;
    }
    if wanted("together") {
        together::measure(&mut figures).await;
    }
    figures.print();
}
