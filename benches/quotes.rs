//! The comparison of six quotes of a thousand lines each: normalised, gaps filled, ranked.

use criterion::{Criterion, criterion_group, criterion_main};
use oxflow::estimating::{
    commercials::PackageId,
    heading::Stamp,
    id::{CompanyId, EstimateId, UserId},
    number::{Money, Pct, Qty, Rate},
    quotes::{
        Adjustment, AdjustmentFigure, Currency, GstBasis, LinePrice, Member, MemberId, Origin,
        Quote, QuoteId, QuoteLine, QuoteState, compare,
    },
};
use std::hint::black_box;
use uuid::Uuid;

const QUOTES: u128 = 6;
const LINES: u128 = 1_000;

fn members() -> Vec<Member> {
    let member = |n: u128| Member {
        id: MemberId(Uuid::from_u128(n)),
        quantity: Qty::from_units(10_000 + n as i64 * 7).expect("in bounds"),
        own: Money::from_units(100_000 + n as i64).expect("in bounds"),
    };
    (1..=LINES).map(member).collect()
}

/// A quote with a gap in every fiftieth line, another one for each company.
fn quote(n: u128) -> Quote {
    let line = |member: u128| QuoteLine {
        member: Some(MemberId(Uuid::from_u128(member))),
        description: format!("line {member}").into(),
        set_aside: false,
        price: match (member + n) % 50 {
            0 => LinePrice::Blank,
            _ => {
                let units = 50_000 + ((member * 31 + n * 97) % 10_000) as i64;
                LinePrice::Rate(Rate::from_units(units).expect("in bounds"))
            }
        },
        note: None,
    };
    Quote {
        id: QuoteId(Uuid::from_u128(10_000 + n)),
        estimate: EstimateId(Uuid::from_u128(9)),
        package: PackageId(Uuid::from_u128(1)),
        round: 1,
        company: CompanyId(Uuid::from_u128(50 + n)),
        name: format!("Company {n}").into(),
        received_at_us: Some(n as i64),
        valid_until_us: None,
        gst: Some(if n.is_multiple_of(2) { GstBasis::Inclusive } else { GstBasis::Exclusive }),
        currency: Some(Currency::Nzd),
        lines: (1..=LINES).map(line).collect(),
        adjustments: vec![Adjustment {
            reason: "discount".into(),
            figure: AdjustmentFigure::Percent(Pct::from_units(-15_000).expect("in bounds")),
            origin: Origin::Company,
        }],
        conforming: true,
        stated_total: None,
        qualifications: None,
        confirmed: Vec::new(),
        dropped: Vec::new(),
        state: QuoteState::Normalised,
        version: 1,
        stamp: Stamp::new(UserId(Uuid::from_u128(7)), 0),
    }
}

fn comparison(c: &mut Criterion) {
    let members = members();
    let quotes: Vec<Quote> = (1..=QUOTES).map(quote).collect();
    let gst = Pct::from_units(150_000).expect("in bounds");
    let mut group = c.benchmark_group("6 quotes of 1,000 lines");
    group.bench_function("compared", |b| {
        b.iter(|| compare(black_box(&members), black_box(&quotes), gst).expect("a comparison"));
    });
    group.bench_function("baseline: bare products of the lines", |b| {
        b.iter(|| {
            let mut sum = 0_i128;
            for quote in black_box(&quotes) {
                for (line, member) in quote.lines.iter().zip(&members) {
                    if let LinePrice::Rate(rate) = line.price {
                        sum += i128::from(rate.units()) * i128::from(member.quantity.units());
                    }
                }
            }
            sum
        });
    });
    group.finish();
}

criterion_group!(benches, comparison);
criterion_main!(benches);
