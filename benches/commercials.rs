//! The price of an estimate: formed in full, and kept up after one item's cost changed.
//!
//! Ten rules on 10,000 schedule items: all kinds of bases and scopes, a locked rate in every
//! hundredth item, a balancing item. The baselines do the least any price must: read the items of
//! every rule once.

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use oxflow::estimating::{
    commercials::{
        AmountBounds, Bill, BillHeading, CommercialRule, CommercialRuleId, IndirectItem, Nature,
        Pricing, RuleBase, RuleKind, RuleScope, ScheduleItem, Terms, Within,
    },
    cost::{CostSums, CostType, CostTypes},
    heading::Stamp,
    id::{EstimateId, HeadingId, ItemId, UserId},
    number::{Money, Pct, Qty, SellRate},
};
use std::hint::black_box;
use uuid::Uuid;

const ITEMS: usize = 10_000;
const EDITS: usize = 1_000;

/// Numbers without order but the same every time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

fn id(n: usize) -> Uuid {
    let x = (n as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    Uuid::from_u64_pair(n as u64, x ^ (x >> 29))
}

fn money(cents: u64) -> Money {
    Money::from_units(cents as i64).expect("in bounds")
}

fn cost(numbers: &mut Numbers) -> CostSums {
    let mut sums = CostSums::ZERO;
    for cost_type in CostType::ALL {
        sums += CostSums::of(cost_type, money(numbers.below(400_000) + 1));
    }
    sums
}

fn bill() -> Bill {
    let mut numbers = Numbers(42);
    let headings = (0..100).map(|n| BillHeading {
        id: HeadingId(id(1_000_000 + n)),
        parent: (n % 10 > 0).then_some(n as u32 - 1),
        code: format!("{n}").into(),
    });
    let schedule = (0..ITEMS).map(|n| ScheduleItem {
        id: ItemId(id(n)),
        heading: (n / 100) as u32,
        code: format!("{n}").into(),
        quantity: if n == 0 { Qty::ONE } else { Qty::whole(1 + n as i64 % 900).expect("small") },
        lump_sum: n == 0,
        cost: cost(&mut numbers),
        locked: (n % 100 == 50).then(|| SellRate::whole(12).expect("small")),
    });
    let schedule: Vec<ScheduleItem> = schedule.collect();
    let indirect = (0..50).map(|n| IndirectItem {
        id: ItemId(id(2_000_000 + n)),
        heading: 0,
        code: format!("I{n}").into(),
        cost: cost(&mut numbers),
    });
    Bill { headings: headings.collect(), indirect: indirect.collect(), schedule, ..Bill::default() }
}

fn rules() -> Vec<CommercialRule> {
    let percent = |units| Pct::from_units(units).expect("in bounds");
    let bounds = AmountBounds::default();
    let markup = |units| RuleKind::PercentMarkup { percent: percent(units), bounds };
    let all = || Within::All;
    let pool = (0..50).map(|n| ItemId(id(2_000_000 + n))).collect();
    let labour = || RuleBase::Types(CostTypes::default().with(CostType::Labour));
    let heading = Within::Heading(HeadingId(id(1_000_010)));
    let lump = RuleKind::LumpSum { amount: money(6_800_000) };
    let margin = RuleKind::PercentMargin { percent: percent(80_000), bounds };
    let rise = CommercialRuleId(id(3_000_002));
    let round = RuleKind::RoundTotal { multiple: money(100_000) };
    let list = [
        (RuleKind::SpreadIndirect { pool }, RuleBase::Direct, all()),
        (markup(35_000), labour(), all()),
        (markup(20_000), RuleBase::Running, all()),
        (markup(40_000), RuleBase::Running, heading),
        (lump, RuleBase::Running, all()),
        (markup(100_000), RuleBase::Rules(vec![rise]), all()),
        (markup(15_000), RuleBase::Direct, Within::Type(CostType::Plant)),
        (markup(65_000), RuleBase::Running, all()),
        (margin, RuleBase::Running, all()),
        (round, RuleBase::Running, all()),
    ];
    let rows = list.into_iter().enumerate();
    rows.map(|(n, (kind, base, within))| CommercialRule {
        id: CommercialRuleId(id(3_000_000 + n)),
        estimate: EstimateId(id(4_000_000)),
        sequence: n as u32 * 10,
        name: format!("Rule {n}").into(),
        kind,
        base,
        scope: RuleScope::of(within),
        nature: Some(if n < 7 { Nature::Cost } else { Nature::Margin }),
        active: true,
        version: 1,
        stamp: Stamp::new(UserId(id(5_000_000)), 0),
    })
    .collect()
}

fn terms() -> Terms {
    let gst = Pct::whole(15).expect("small");
    Terms { balancing: Some(ItemId(id(0))), ..Terms::plain(gst) }
}

fn pricing(c: &mut Criterion) {
    let rules = rules();
    let mut group = c.benchmark_group(format!("10 rules on {ITEMS} items"));
    group.bench_function("full", |b| {
        b.iter_batched(
            bill,
            |bill| Pricing::new(bill, &rules, terms()).expect("a price"),
            BatchSize::PerIteration,
        );
    });
    let mut pricing = Pricing::new(bill(), &rules, terms()).expect("a price");
    let mut numbers = Numbers(7);
    let edits: Vec<(ItemId, CostSums)> = (0..EDITS)
        .map(|_| (ItemId(id(numbers.below(ITEMS as u64) as usize)), cost(&mut numbers)))
        .collect();
    let mut next = 0;
    group.bench_function("after one item's cost changed", |b| {
        b.iter(|| {
            next = (next + 1) % EDITS;
            pricing.set_costs(&edits[next..=next]).expect("a price");
            black_box(pricing.tender_sum())
        });
    });
    let direct: Vec<i64> = pricing.items().map(|item| item.direct.units()).collect();
    group.bench_function("baseline: ten bare sums", |b| {
        b.iter(|| (0..10).map(|_| black_box(&direct).iter().sum::<i64>()).sum::<i64>());
    });
    group.bench_function("baseline: ten shares by wide division", |b| {
        let total: i128 = direct.iter().map(|cents| i128::from(*cents)).sum();
        b.iter(|| {
            let mut sum = 0;
            for amount in 0..10_i128 {
                let amount = black_box(4_300_000_000 + amount);
                for cents in black_box(&direct) {
                    let exact = amount * i128::from(*cents);
                    sum += exact / total + exact % total;
                }
            }
            sum
        });
    });
    group.finish();
}

criterion_group!(benches, pricing);
criterion_main!(benches);
