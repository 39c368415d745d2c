//! The ledger: a commit of one change, and a batch of 64, against a bare append and `fdatasync`.
//!
//! The file is on the disk under `target/`, as in the other parts.

use std::{fs, io::Write, time::Duration};

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use oxflow::ledger::{Change, Draft, Ledger, Schema, TableId};

const ITEMS: TableId = TableId(1);
const TABLES: &[(TableId, &str)] = &[(ITEMS, "items")];
const ROWS: u64 = 100_000;
const ROWS_PER_DRAFT: usize = 20_000;
const ROW_BYTES: usize = 400;
const BATCH: u64 = 64;
const BARE_BYTES: usize = 4096;
const DIRECTORY: &str = "target/bench/ledger";

/// A ledger of rows in random key order, and how often each was changed.
struct Work {
    ledger: Ledger,
    versions: Vec<u64>,
    random: u64,
}

impl Work {
    fn new() -> Work {
        let schema = Schema { version: 0, organisation: [1; 16], tables: TABLES, migrations: &[] };
        let mut ledger = Ledger::open(format!("{DIRECTORY}/ledger.redb"), schema).unwrap();
        let rows: Vec<u64> = (0..ROWS).collect();
        for rows in rows.chunks(ROWS_PER_DRAFT) {
            let add = |row: &u64| Change {
                table: ITEMS,
                key: key(*row),
                before: None,
                after: Some(content(0)),
            };
            ledger.append(vec![draft(rows.iter().map(add).collect())]).unwrap();
        }
        let versions = vec![0; rows.len()];
        Work { ledger, versions, random: 88_172_645_463_325_252 }
    }

    /// A change of a random row.
    fn edit(&mut self) -> Draft {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        let row = self.random % ROWS;
        let version = &mut self.versions[row as usize];
        let before = Some(content(*version));
        *version += 1;
        let after = Some(content(*version));
        draft(vec![Change { table: ITEMS, key: key(row), before, after }])
    }
}

fn key(row: u64) -> Vec<u8> {
    let spread = row.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    [[7; 16].as_slice(), &spread.to_be_bytes(), &row.to_be_bytes()].concat()
}

fn content(version: u64) -> Vec<u8> {
    let mut content = vec![1; ROW_BYTES];
    content[..8].copy_from_slice(&version.to_be_bytes());
    content
}

fn draft(changes: Vec<Change>) -> Draft {
    Draft { at_us: 0, actor: [1; 16], command: "set-quantity".into(), note: vec![0; 40], changes }
}

fn commits(criterion: &mut Criterion) {
    // Absent on the first run.
    let _ = fs::remove_dir_all(DIRECTORY);
    fs::create_dir_all(DIRECTORY).unwrap();
    let mut group = criterion.benchmark_group("ledger");
    group.measurement_time(Duration::from_secs(5));
    let mut bare = fs::File::create(format!("{DIRECTORY}/bare")).unwrap();
    group.bench_function("bare append and fdatasync", |bencher| {
        bencher.iter(|| {
            bare.write_all(&[5; BARE_BYTES]).unwrap();
            bare.sync_data().unwrap();
        });
    });
    let work = std::cell::RefCell::new(Work::new());
    group.bench_function("commit of one change", |bencher| {
        bencher.iter_batched(
            || vec![work.borrow_mut().edit()],
            |drafts| work.borrow_mut().ledger.append(drafts).unwrap(),
            BatchSize::PerIteration,
        );
    });
    group.throughput(Throughput::Elements(BATCH));
    group.bench_function("batch of 64", |bencher| {
        bencher.iter_batched(
            || (0..BATCH).map(|_| work.borrow_mut().edit()).collect(),
            |drafts| work.borrow_mut().ledger.append(drafts).unwrap(),
            BatchSize::PerIteration,
        );
    });
    group.finish();
    drop(work);
    fs::remove_dir_all(DIRECTORY).unwrap();
}

criterion_group!(ledger, commits);
criterion_main!(ledger);
