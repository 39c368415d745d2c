//! Random work on a failing disk: whatever happens, acknowledged commits stay, the others are
//! there as a whole or not at all, and the ledger checks out.

use std::collections::BTreeMap;

use super::{ITEMS, RATES, draft, item, schema};
use crate::ledger::{
    Change, Draft, Ledger, LedgerError, Lsn, Record, TableId,
    faults::{Dice, FaultDisk, JournaledDisk, Odds},
};

const SEEDS: u64 = 120;
const STEPS: usize = 30;
const KEYS: u64 = 30;
const REOPENINGS_MAX: usize = 200;

/// Rows as a replay leaves them.
type Rows = BTreeMap<(TableId, Vec<u8>), Vec<u8>>;

/// What must be in the ledger.
#[derive(Default)]
struct Model {
    acknowledged: Vec<Record>,
    rows: Rows,
}

impl Model {
    fn accept(&mut self, record: Record) {
        for change in &record.changes {
            let key = (change.table, change.key.clone());
            match &change.after {
                Some(after) => self.rows.insert(key, after.clone()),
                None => self.rows.remove(&key),
            };
        }
        self.acknowledged.push(record);
    }

    /// Drafts that follow from the rows, and from each other.
    fn drafts(&self, dice: &mut Dice) -> Vec<Draft> {
        let mut rows = self.rows.clone();
        (0..1 + dice.roll(6))
            .map(|_| {
                let mut changes: Vec<Change> = Vec::new();
                for _ in 0..dice.roll(5) {
                    let table = if dice.hits(700) { ITEMS } else { RATES };
                    let key = format!("estimate/{:04}", dice.roll(KEYS)).into_bytes();
                    if changes.iter().any(|change| change.table == table && change.key == key) {
                        continue;
                    }
                    let before = rows.get(&(table, key.clone())).cloned();
                    let length = 1 + dice.roll_size(900);
                    let is_removed = before.is_some() && dice.hits(250);
                    let after = (!is_removed).then(|| vec![b'a' + dice.roll(26) as u8; length]);
                    match &after {
                        Some(after) => rows.insert((table, key.clone()), after.clone()),
                        None => rows.remove(&(table, key.clone())),
                    };
                    changes.push(Change { table, key, before, after });
                }
                draft("work", changes)
            })
            .collect()
    }

    /// Compares the whole ledger; takes over commits in doubt that turn out to be there.
    fn reconcile(&mut self, ledger: &Ledger, in_doubt: Vec<Draft>) {
        let snapshot = ledger.snapshot().unwrap();
        let found: Vec<Record> = snapshot.records(..).unwrap().map(Result::unwrap).collect();
        let (kept, more) = found.split_at_checked(self.acknowledged.len()).expect("commits lost");
        assert!(kept == self.acknowledged, "an acknowledged commit changed");
        if !more.is_empty() {
            assert_eq!(more.len(), in_doubt.len(), "half a batch is there");
            for (record, draft) in more.iter().zip(in_doubt) {
                assert_eq!(record.changes, draft.changes);
                self.accept(record.clone());
            }
        }
        assert_eq!(ledger.head().lsn, Lsn(self.acknowledged.len() as u64));
        assert_eq!(snapshot.head().unwrap(), ledger.head());
        for table in [ITEMS, RATES] {
            let mut rows = Vec::new();
            snapshot
                .scan_prefix(table, b"", |key, row| {
                    rows.push((key.to_vec(), row.to_vec()));
                    Ok::<_, LedgerError>(std::ops::ControlFlow::Continue(()))
                })
                .unwrap();
            let expected = self.rows.iter().filter(|((other, _), _)| *other == table);
            assert!(expected.map(|((_, key), row)| (key.clone(), row.clone())).eq(rows));
        }
    }
}

/// Opens again and again until the disk lets it.
fn recover(ledger: &mut Ledger, disk: &FaultDisk, dice: &mut Dice) {
    for _ in 0..REOPENINGS_MAX {
        if dice.hits(600) {
            disk.crash();
        }
        match ledger.reopen() {
            Ok(_) => return,
            Err(error) => assert!(error.needs_reopen(), "{error}"),
        }
        assert!(matches!(ledger.append(vec![draft("x", vec![])]), Err(LedgerError::NeedsReopen)));
    }
    panic!("the ledger does not come back");
}

/// What lies between the ledger and the failing disk.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Layout {
    Plain,
    Journaled,
    JournaledInBackground,
}

use Layout::{Journaled, JournaledInBackground, Plain};

fn open(disk: &FaultDisk, layout: Layout) -> Ledger {
    let opened = match layout {
        Plain => Ledger::open_storage(disk.clone(), schema()),
        Journaled => Ledger::open_storage(JournaledDisk::inline(disk), schema()),
        JournaledInBackground => Ledger::open_storage(JournaledDisk::background(disk), schema()),
    };
    opened.unwrap()
}

fn simulate(seed: u64, layout: Layout) {
    let mut dice = Dice::new(seed);
    let disk = FaultDisk::new(seed, 2);
    let mut ledger = open(&disk, layout);
    let mut model = Model::default();
    let mut step_odds = || dice.roll(30);
    disk.set_odds(Odds {
        write_error: step_odds(),
        short_write: step_odds(),
        sync_error: step_odds() * 3,
        set_len_error: step_odds() * 3,
    });
    for _ in 0..STEPS {
        if dice.hits(150) {
            disk.cut_power_after(dice.roll(40));
        }
        let drafts = model.drafts(&mut dice);
        match ledger.append(drafts.clone()) {
            Ok(records) => {
                records.iter().for_each(|record| model.accept(Record::clone(record)));
                if dice.hits(80) {
                    recover(&mut ledger, &disk, &mut dice);
                    model.reconcile(&ledger, Vec::new());
                }
            }
            Err(error) => {
                assert!(error.needs_reopen(), "{error}");
                assert!(ledger.is_poisoned());
                recover(&mut ledger, &disk, &mut dice);
                model.reconcile(&ledger, drafts);
            }
        }
    }
    disk.set_odds(Odds::default());
    recover(&mut ledger, &disk, &mut dice);
    model.reconcile(&ledger, Vec::new());
    let report = ledger.check().unwrap();
    assert!(report.is_sound(), "{report:?}");
}

/// Runs the seeds, naming the one that fails.
fn simulate_all(seeds: u64, layout: Layout) {
    for seed in 0..seeds {
        if let Err(panic) = std::panic::catch_unwind(|| simulate(seed, layout)) {
            eprintln!("reproduce with simulate({seed}, {layout:?})");
            std::panic::resume_unwind(panic);
        }
    }
}

#[test]
fn no_acknowledged_commit_is_lost_and_none_is_half_there() {
    simulate_all(SEEDS, Plain);
}

#[test]
fn no_acknowledged_commit_is_lost_and_none_is_half_there_through_a_journal() {
    simulate_all(SEEDS, Journaled);
}

#[test]
fn no_acknowledged_commit_is_lost_while_a_thread_syncs_the_data_file() {
    simulate_all(SEEDS / 2, JournaledInBackground);
}

#[test]
fn a_power_cut_at_any_operation_of_a_commit_leaves_all_of_it_or_nothing() {
    let mut outcomes = [0, 0];
    for (operations, layout) in (0..60).flat_map(|cut| [(cut, Plain), (cut, Journaled)]) {
        let disk = FaultDisk::new(operations, 2);
        let mut ledger = open(&disk, layout);
        ledger.append(vec![draft("add", vec![item("a", "", "1")])]).unwrap();
        disk.cut_power_after(operations);
        let batch = ["2", "3", "4"].map(|after| {
            let before =
                if after == "2" { "" } else { &(after.parse::<u8>().unwrap() - 1).to_string() };
            draft("edit", vec![item("b", before, after)])
        });
        let acknowledged = ledger.append(batch.to_vec()).is_ok();
        disk.crash();
        let head = ledger.reopen().unwrap().lsn;
        assert!(head == Lsn(4) || (head == Lsn(1) && !acknowledged), "after {operations}: {head}");
        outcomes[usize::from(head == Lsn(4))] += 1;
        assert!(ledger.check().unwrap().is_sound());
    }
    assert!(outcomes.iter().all(|count| *count > 0), "{outcomes:?}");
}

#[test]
fn a_full_disk_is_told_apart_and_commits_go_on_once_there_is_space() {
    let disk = FaultDisk::new(1, 2);
    let mut ledger = open(&disk, Journaled);
    ledger.append(vec![draft("add", vec![item("a", "", "1")])]).unwrap();
    disk.set_full(true);
    let error = ledger.append(vec![draft("add", vec![item("b", "", "2")])]).unwrap_err();
    assert!(matches!(error, LedgerError::DiskFull) && error.needs_reopen(), "{error}");
    let again = ledger.append(vec![draft("add", vec![item("b", "", "2")])]);
    assert!(matches!(again, Err(LedgerError::NeedsReopen)));
    disk.set_full(false);
    assert_eq!(ledger.reopen().unwrap().lsn, Lsn(1));
    ledger.append(vec![draft("add", vec![item("b", "", "2")])]).unwrap();
    assert!(ledger.check().unwrap().is_sound());
}

#[test]
fn readers_are_refused_not_misled_while_the_ledger_is_down() {
    let disk = FaultDisk::new(1, 2);
    let mut ledger = open(&disk, Journaled);
    ledger.append(vec![draft("add", vec![item("a", "", "1")])]).unwrap();
    let reader = ledger.reader();
    disk.cut_power_after(0);
    assert!(ledger.append(vec![draft("add", vec![item("b", "", "2")])]).is_err());
    assert!(ledger.reopen().is_err());
    assert!(matches!(reader.snapshot(), Err(LedgerError::NeedsReopen)));
    disk.crash();
    ledger.reopen().unwrap();
    assert_eq!(reader.snapshot().unwrap().head().unwrap(), ledger.head());
}
