//! A disk that fills up, fails and loses power.

use super::*;
use crate::{
    ledger::{
        Ledger,
        faults::{FaultDisk, Odds},
    },
    workspace::{Health, organisation_schema},
};
use std::{
    thread,
    time::{Duration, Instant},
};

/// An organisation on a disk that fails on purpose.
struct Shaky {
    disk: FaultDisk,
    organisation: OrganisationId,
    workspace: Arc<Workspace>,
    ana: Actor,
    estimate: EstimateId,
    heading: Uuid,
}

fn start(disk: &FaultDisk, organisation: OrganisationId) -> Arc<Workspace> {
    let ledger = Ledger::open_storage(disk.clone(), organisation_schema(organisation.0)).unwrap();
    let options =
        Options { probe_interval: Duration::from_millis(5), ..Options::new(Arc::new(Nobody)) };
    Workspace::start(ledger, options).unwrap()
}

impl Shaky {
    fn new(seed: u64) -> Shaky {
        let disk = FaultDisk::new(seed, 1);
        let organisation = OrganisationId(Uuid::now_v7());
        let workspace = start(&disk, organisation);
        let ana = person("Ana", Role::Admin);
        let add = Command::Library { edits: vec![add_tender("T-1")], label: None };
        let ids = workspace.submit_blocking(&ana, add).unwrap().ids;
        let estimate = EstimateId(ids[0][1]);
        let add = Command::Estimate {
            id: estimate,
            edits: vec![add_heading("1", "Roadworks")],
            label: None,
        };
        let heading = workspace.submit_blocking(&ana, add).unwrap().ids[0][0];
        Shaky { disk, organisation, workspace, ana, estimate, heading }
    }

    fn add(&self, code: &str) -> Result<Reply, WorkspaceError> {
        let edits = vec![add_item(self.heading, code, "1", Some("1"))];
        let command = Command::Estimate { id: self.estimate, edits, label: None };
        self.workspace.submit_blocking(&self.ana, command)
    }

    fn items(&self) -> u32 {
        let id = self.estimate;
        self.workspace.estimate_blocking(id).map_or(0, |estimate| estimate.totals().items)
    }

    fn wait_until_writable(&self) {
        let started = Instant::now();
        while !self.workspace.health().is_read_write() {
            assert!(started.elapsed() < Duration::from_secs(60), "it stayed read-only");
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// Power loss and restart; then every figure is proven.
    fn restart(&mut self) {
        self.workspace.close();
        self.disk.set_odds(Odds::default());
        self.disk.crash();
        self.workspace = start(&self.disk, self.organisation);
        let estimate = self.workspace.estimate_blocking(self.estimate).unwrap();
        let published = self.workspace.published();
        estimate.recompute(&published.library.catalogue).unwrap();
    }
}

#[test]
fn a_full_disk_makes_it_read_only_until_space_returns() {
    let shaky = Shaky::new(1);
    shaky.add("1.01").unwrap();
    shaky.disk.set_full(true);
    let refused = shaky.add("1.02").unwrap_err();
    assert!(
        matches!(refused, WorkspaceError::ReadOnly(_) | WorkspaceError::Failed(_)),
        "{refused:?}"
    );
    assert!(matches!(&*shaky.workspace.health(), Health::ReadOnly { .. }));
    assert!(matches!(shaky.add("1.03"), Err(WorkspaceError::ReadOnly(_))));
    assert_eq!(shaky.workspace.published().library.tender_count(), 1);
    shaky.disk.set_full(false);
    shaky.wait_until_writable();
    shaky.add("1.04").unwrap();
    assert_eq!(shaky.items(), 2);
}

#[test]
fn what_was_acknowledged_survives_failures_and_power_loss() {
    for seed in 1..=12 {
        let mut shaky = Shaky::new(seed);
        shaky.disk.set_odds(Odds {
            write_error: 4,
            short_write: 4,
            sync_error: 30,
            ..Odds::default()
        });
        let mut acknowledged = 0;
        let mut failed = 0;
        for n in 0..60 {
            match shaky.add(&format!("1.{n:02}")) {
                Ok(_) => acknowledged += 1,
                Err(WorkspaceError::Failed(_)) => failed += 1,
                Err(WorkspaceError::ReadOnly(_) | WorkspaceError::Storage(_)) => {
                    thread::sleep(Duration::from_millis(3));
                }
                Err(other) => panic!("seed {seed}: {other:?}"),
            }
        }
        assert!(acknowledged > 0 && acknowledged < 60, "seed {seed}: nothing was at stake");
        shaky.restart();
        let items = shaky.items();
        assert!(items >= acknowledged, "seed {seed}: {items} of {acknowledged} are left");
        assert!(items <= acknowledged + failed, "seed {seed}: {items} came from nowhere");
        shaky.add("2.01").unwrap();
    }
}

#[test]
fn a_failed_group_fails_everybody_in_it_and_the_next_one_works() {
    let shaky = Shaky::new(7);
    shaky.disk.set_odds(Odds { sync_error: 1_000, ..Odds::default() });
    thread::scope(|scope| {
        for n in 0..8 {
            let shaky = &shaky;
            scope.spawn(move || assert!(shaky.add(&format!("1.{n:02}")).is_err()));
        }
    });
    shaky.disk.set_odds(Odds::default());
    shaky.wait_until_writable();
    let before = shaky.items();
    shaky.add("2.01").unwrap();
    assert_eq!(shaky.items(), before + 1);
}
