//! The roll-up engine: one edit against a full recompute and a bare sum of the same numbers.

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use oxflow::estimating::{
    catalogue::Catalogue,
    change::{Delta, LibraryChange},
    cost::CostType,
    edit::{Edit, EditContext, ItemFields, RepriceScope},
    estimate::{Estimate, View},
    formula::Formula,
    heading::{Heading, Stamp},
    id::*,
    item::{Item, ItemType, Parent},
    number::{Money, Pct, Rate},
    position::Position,
    resource::{Availability, Resource},
    tender::{EstimateRow, EstimateState},
    units::UnitCode,
    worksheet::{Line, Method, Source, Worksheet},
};
use std::hint::black_box;
use uuid::Uuid;

/// The server's own allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const SMALL: usize = 100_000;
const LARGE: usize = 1_000_000;
const USER: UserId = UserId(Uuid::from_u128(7));
const ESTIMATE: EstimateId = EstimateId(Uuid::from_u128(8));

/// Spreads a counter over the bits of an identity, as random ones are.
fn id(n: usize) -> Uuid {
    let x = (n as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    Uuid::from_u64_pair(n as u64, x ^ (x >> 29))
}

fn stamp() -> Stamp {
    Stamp::new(USER, 0)
}

struct Rows {
    estimate: EstimateRow,
    headings: Vec<Heading>,
    items: Vec<Item>,
    sheets: Vec<Worksheet>,
}

fn catalogue() -> Catalogue {
    let mut catalogue = Catalogue::default();
    for n in 0..3 {
        let row = Resource {
            id: ResourceId(id(n)),
            book: PriceBookId(Uuid::from_u128(9)),
            code: format!("R{n}").into(),
            description: "Resource".into(),
            cost_type: [CostType::Labour, CostType::Plant, CostType::Material][n],
            unit: UnitCode::new("h").expect("a unit"),
            rate: Some(Rate::whole(50).expect("a rate")),
            state: Availability::Active,
            used: true,
            note: None,
            default_waste: None,
            default_efficiency: None,
            version: 1,
            stamp: stamp(),
        };
        catalogue.apply(&LibraryChange::Resource(Delta::insert(row)));
    }
    catalogue
}

/// `count` items under headings five deep, ten headings to a level, three lines each.
fn rows(count: usize) -> Rows {
    let mut headings = Vec::new();
    let mut level: Vec<Option<HeadingId>> = vec![None];
    let per_level = ((count as u64).isqrt() as usize).div_ceil(30).clamp(4, 12);
    for _ in 0..5 {
        let mut next = Vec::new();
        for parent in &level {
            if headings.len() > count / 10 {
                next.push(*parent);
                continue;
            }
            for position in Position::spread(if parent.is_none() { per_level } else { 4 }) {
                let id = HeadingId(id(10_000_000 + headings.len()));
                headings.push(Heading {
                    id,
                    estimate: ESTIMATE,
                    parent: *parent,
                    position,
                    code: "".into(),
                    name: "Heading".into(),
                    version: 1,
                    stamp: stamp(),
                });
                next.push(Some(id));
            }
        }
        level = next;
    }
    let positions = Position::spread(count.div_ceil(level.len()) + 1);
    let mut items = Vec::with_capacity(count);
    let mut sheets = Vec::with_capacity(count);
    for n in 0..count {
        let item = ItemId(id(20_000_000 + n));
        let heading = level[n % level.len()].expect("a heading");
        items.push(Item {
            id: item,
            estimate: ESTIMATE,
            parent: Parent::Heading(heading),
            position: positions[n / level.len()],
            item_type: ItemType::Schedule,
            code: format!("{n}").into(),
            description: format!("Supply and place item number {n}").into(),
            unit: Some(UnitCode::new("h").expect("a unit")),
            quantity: Some(Formula::number(((n % 900) as i64 + 1).into())),
            takeoff_quantity: None,
            plug: None,
            indirect: false,
            inactive: false,
            reviewed: false,
            extra: None,
            version: 1,
            stamp: stamp(),
        });
        sheets.push(Worksheet {
            item,
            estimate: ESTIMATE,
            version: 1,
            variables: vec![],
            blocks: vec![],
            lines: (0..3).map(|l| line(n, l)).collect(),
        });
    }
    let estimate = EstimateRow {
        id: ESTIMATE,
        tender: TenderId(Uuid::from_u128(1)),
        code: "BASE".into(),
        name: "Base".into(),
        revision: 1,
        lead: None,
        state: EstimateState::InProgress,
        gst_pct: Pct::whole(15).expect("a percentage"),
        variables: vec![],
        version: 1,
        stamp: stamp(),
    };
    Rows { estimate, headings, items, sheets }
}

fn line(n: usize, l: usize) -> Line {
    let number = |text: &str| Formula::parse(text).expect("a formula");
    let method = match l {
        0 | 1 => Method::Time {
            count: number("1.5"),
            production: number(&format!("{}", n % 70 + 5)),
            efficiency: number("0.83"),
            minimum: None,
        },
        _ => Method::Usage {
            usage: number("2.15"),
            waste: Some(Pct::whole(5).expect("a percentage")),
            pack: None,
            minimum: None,
        },
    };
    Line {
        id: LineId(id(40_000_000 + n * 3 + l)),
        method,
        source: Source::Resource { resource: ResourceId(id(l)), book_version: 1 },
        cost_type: [CostType::Labour, CostType::Plant, CostType::Material][l],
        unit: Some(UnitCode::new("h").expect("a unit")),
        rate: Some(Rate::whole(47).expect("a rate")),
        credit: false,
        free_issue: false,
        extra: None,
    }
}

fn build(rows: Rows, catalogue: &Catalogue) -> Estimate {
    Estimate::build(rows.estimate, rows.headings, rows.items, rows.sheets, catalogue)
        .expect("rows of one tree")
}

/// Items all over the estimate, and a quantity for each.
fn edits(count: usize) -> Vec<(Uuid, String)> {
    (0..8_192_usize)
        .map(|k| (id(20_000_000 + k.wrapping_mul(7_919) % count), format!("{}.25", k % 800 + 1)))
        .collect()
}

fn one_edit(c: &mut Criterion) {
    let catalogue = catalogue();
    let mut group = c.benchmark_group("one quantity edit, 5 levels, 3 lines");
    for count in [SMALL, LARGE] {
        let mut estimate = build(rows(count), &catalogue);
        let edits = edits(count);
        let mut next = 0;
        group.bench_function(format!("incremental, {count} items"), |b| {
            b.iter(|| {
                let mut ids = || Uuid::nil();
                let mut cx =
                    EditContext { catalogue: &catalogue, by: USER, at_us: 1, ids: &mut ids };
                next = (next + 1) % edits.len();
                // As it arrives: just read, of an item nobody has looked at for a while.
                let (id, quantity) = &edits[next];
                let quantity = Some(Some(quantity.clone()));
                let set = Box::new(ItemFields { quantity, ..ItemFields::default() });
                let edit = Edit::UpdateItem { id: *id, version: None, set };
                black_box(estimate.edit(&[edit], &mut cx).expect("a plain edit"));
            });
        });
        group.sample_size(10);
        group.bench_function(format!("full recompute, {count} items"), |b| {
            b.iter(|| estimate.recompute(&catalogue).expect("equal figures"));
        });
    }
    group.finish();
}

fn full_build(c: &mut Criterion) {
    let catalogue = catalogue();
    let mut group = c.benchmark_group("full build of 100000 items with 3 lines");
    group.sample_size(20);
    group.bench_function("build", |b| {
        b.iter_batched(|| rows(SMALL), |rows| build(rows, &catalogue), BatchSize::PerIteration);
    });
    let costs: Vec<Money> = build(rows(SMALL), &catalogue).rows().map(|n| n.cost()).collect();
    group.bench_function("bare sum of the same numbers", |b| {
        b.iter(|| Money::checked_sum(black_box(&costs).iter().copied()));
    });
    group.finish();
}

fn window(c: &mut Criterion) {
    let estimate = build(rows(SMALL), &catalogue());
    let view = View::default();
    let mut offset = 0;
    c.bench_function("window of 100 rows of 100000 items", |b| {
        b.iter(|| {
            offset = (offset + 7_919) % SMALL;
            black_box(estimate.window(&view, offset, 100).rows.len())
        });
    });
}

/// Every line of 33,334 items at another rate: what each would cost, and all together.
fn repricing(c: &mut Criterion) {
    const ITEMS: usize = 33_334;
    let before = catalogue();
    let estimate = build(rows(ITEMS), &before);
    let mut after = before.clone();
    for n in 0..3 {
        let old = after.resource(ResourceId(id(n))).expect("a resource").clone();
        let new = Resource { rate: Rate::whole(55), ..Resource::clone(&old) };
        after.apply(&LibraryChange::Resource(Delta::update(old, new)));
    }
    let mut group = c.benchmark_group("repricing preview");
    group.sample_size(20);
    group.bench_function("100,000 lines", |b| {
        b.iter(|| {
            let mut ids = || Uuid::nil();
            let mut cx = EditContext { catalogue: &after, by: USER, at_us: 1, ids: &mut ids };
            let preview = estimate.reprice_preview(&RepriceScope::default(), &mut cx);
            assert!(preview.expect("a preview").lines.len() >= 100_000);
        });
    });
    group.finish();
}

criterion_group!(benches, one_edit, full_build, window, repricing);
criterion_main!(benches);
