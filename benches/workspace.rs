//! Durable edits through the workspace, without HTTP: alone and in company, beside what the disk takes
//! for an append of 4 KiB and `fdatasync`.
//!
//!     cargo bench --bench workspace
//!     cargo bench --bench workspace -- 64    # only so many clients
//!
//! Every edit changes the quantity of one of 20,000 items five headings deep, and is answered once
//! it is fsynced. The directory is `target/bench/`, on the disk of the project.

use oxflow::{
    estimating::{
        edit::{Edit, ItemFields, Place},
        id::{EstimateId, OrganisationId, UserId},
        library::{LibraryEdit, TenderFields},
        user::Role,
    },
    workspace::{Actor, Command, Nobody, Options, Workspace, WriterFigures},
};
use std::{
    io::Write,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use uuid::Uuid;

/// The server's own allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Items of the estimate.
const ITEMS: usize = 20_000;
/// Items added by one command.
const BATCH: usize = 5_000;
/// How long each figure is measured.
const MEASURED: Duration = Duration::from_secs(5);

fn main() {
    let directory = std::path::Path::new("target/bench/workspace");
    let only = std::env::args().filter_map(|arg| arg.parse().ok()).collect::<Vec<usize>>();
    let asked = |clients: &usize| only.is_empty() || only.contains(clients);
    std::fs::remove_dir_all(directory).ok();
    std::fs::create_dir_all(directory).expect("a directory for the ledger");
    let workspace = Workspace::open(
        directory.join("ledger.redb"),
        OrganisationId(Uuid::now_v7()),
        Options::new(Arc::new(Nobody)),
    )
    .expect("a new organisation");
    let actor = Actor { user: UserId(Uuid::now_v7()), role: Role::Admin, name: Arc::from("Bench") };
    let (estimate, items) = fill(&workspace, &actor);
    println!("durable edits, {ITEMS} items, {MEASURED:?} each");
    disk(directory);
    for clients in [1, 2, 8, 32, 64].into_iter().filter(asked) {
        blocking(&workspace, &actor, estimate, &items, clients);
    }
    for clients in [1, 32, 64, 128].into_iter().filter(asked) {
        asynchronous(&workspace, &actor, estimate, &items, clients);
    }
    drop(workspace);
    std::fs::remove_dir_all(directory).ok();
}

/// What any durable change costs at least: 4 KiB appended to a file and synced.
fn disk(directory: &std::path::Path) {
    let path = directory.join("append");
    let mut file = std::fs::File::create(&path).expect("a file");
    let (started, mut micros) = (Instant::now(), Vec::new());
    while started.elapsed() < MEASURED {
        let at = Instant::now();
        file.write_all(&[0x5a; 4_096]).expect("the disk has room");
        file.sync_data().expect("the disk syncs");
        micros.push(at.elapsed().as_micros() as u64);
    }
    report("disk", 1, micros, started.elapsed(), String::new());
    std::fs::remove_file(path).ok();
}

/// The number of an edit, never used before: an edit that changes nothing is no commit.
fn next() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// An estimate of [`ITEMS`] plugged items, five headings deep.
fn fill(workspace: &Arc<Workspace>, actor: &Actor) -> (EstimateId, Vec<Uuid>) {
    let submit = |command| workspace.submit_blocking(actor, command).expect("an accepted command");
    let set = Box::new(TenderFields {
        number: Some("T-1".into()),
        name: Some("Bench".into()),
        ..TenderFields::default()
    });
    let add =
        LibraryEdit::AddTender { id: None, estimate_id: None, bare: false, lead_id: None, set };
    let ids = submit(Command::Library { edits: vec![add], label: None }).ids;
    let estimate = EstimateId(ids[0][1]);
    let mut items = Vec::new();
    for batch in 0..ITEMS / BATCH {
        let (mut edits, mut parent) = (Vec::new(), None);
        for level in 1..=5 {
            let id = Uuid::now_v7();
            edits.push(Edit::AddHeading {
                id: Some(id),
                parent_id: parent,
                place: Place::Last,
                code: format!("{batch}.{level}"),
                name: format!("Section {batch}, level {level}"),
            });
            parent = Some(id);
        }
        for n in 0..BATCH {
            let id = Uuid::now_v7();
            let set = Box::new(ItemFields {
                code: Some(format!("{batch}.{n:04}")),
                description: Some("Excavate in all materials and cart to tip".into()),
                unit: Some(Some("m3".into())),
                quantity: Some(Some("120".into())),
                plug_rate: Some(Some("18.5".into())),
                ..ItemFields::default()
            });
            let parent_id = parent.expect("a heading");
            edits.push(Edit::AddItem { id: Some(id), parent_id, place: Place::Last, set });
            items.push(id);
        }
        submit(Command::Estimate { id: estimate, edits, label: None });
    }
    (estimate, items)
}

fn edit(estimate: EstimateId, item: Uuid, n: u64) -> Command {
    let set = Box::new(ItemFields {
        quantity: Some(Some((n % 9_000 + 1).to_string())),
        ..ItemFields::default()
    });
    let edits = vec![Edit::UpdateItem { id: item, version: None, set }];
    Command::Estimate { id: estimate, edits, label: None }
}

/// What the writer did between two readings: group size, and microseconds for each commit.
fn writer(before: WriterFigures, after: WriterFigures) -> String {
    let commits = (after.commits - before.commits).max(1) as f64;
    let groups = (after.groups - before.groups).max(1) as f64;
    let each = |before: u64, after: u64| (after - before) as f64 / commits;
    format!(
        "group {:>5.1}, run {:>5.1} us, append {:>6.1} us, answer {:>4.1} us",
        commits / groups,
        each(before.run_us, after.run_us),
        each(before.append_us, after.append_us),
        each(before.answer_us, after.answer_us),
    )
}

fn report(kind: &str, clients: usize, mut micros: Vec<u64>, elapsed: Duration, writer: String) {
    micros.sort_unstable();
    let at = |permille: usize| micros.get(micros.len() * permille / 1000).copied().unwrap_or(0);
    println!(
        "{kind:>6} {clients:>4} clients: {:>7.0} edits/s, p50 {:>6} us, p99 {:>6} us | {writer}",
        micros.len() as f64 / elapsed.as_secs_f64(),
        at(500),
        at(990),
    );
}

fn blocking(
    workspace: &Arc<Workspace>,
    actor: &Actor,
    estimate: EstimateId,
    items: &[Uuid],
    clients: usize,
) {
    let before = workspace.figures();
    let stop = AtomicBool::new(false);
    let started = Instant::now();
    let micros = std::thread::scope(|scope| {
        let client = |c: usize| {
            let stop = &stop;
            scope.spawn(move || {
                let mut micros = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    let n = next();
                    let item = items[(n as usize * 7919 + c) % items.len()];
                    let at = Instant::now();
                    workspace.submit_blocking(actor, edit(estimate, item, n)).expect("an edit");
                    micros.push(at.elapsed().as_micros() as u64);
                }
                micros
            })
        };
        let threads: Vec<_> = (0..clients).map(client).collect();
        std::thread::sleep(MEASURED);
        stop.store(true, Ordering::Relaxed);
        threads.into_iter().flat_map(|thread| thread.join().expect("a client")).collect()
    });
    let done = writer(before, workspace.figures());
    report("thread", clients, micros, started.elapsed(), done);
}

fn asynchronous(
    workspace: &Arc<Workspace>,
    actor: &Actor,
    estimate: EstimateId,
    items: &[Uuid],
    clients: usize,
) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let before = workspace.figures();
    let items: Arc<[Uuid]> = items.into();
    let started = Instant::now();
    let micros = runtime.block_on(async {
        let mut tasks = Vec::new();
        for c in 0..clients {
            let (workspace, actor) = (workspace.clone(), actor.clone());
            let items = items.clone();
            tasks.push(tokio::spawn(async move {
                let mut micros = Vec::new();
                while started.elapsed() < MEASURED {
                    let n = next();
                    let item = items[(n as usize * 7919 + c) % items.len()];
                    let at = Instant::now();
                    let command = edit(estimate, item, n);
                    workspace.submit(actor.clone(), command).await.expect("an edit");
                    micros.push(at.elapsed().as_micros() as u64);
                }
                micros
            }));
        }
        let mut all = Vec::new();
        for task in tasks {
            all.extend(task.await.expect("a client"));
        }
        all
    });
    let done = writer(before, workspace.figures());
    report("tokio", clients, micros, started.elapsed(), done);
}
