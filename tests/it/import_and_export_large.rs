//! A hundred thousand rows go out and come in again within seconds, to the cent.

use std::time::{Duration, Instant};

use oxflow::documents::export::{ExportKind, ExportRow};
use oxflow::documents::limits::{Limits, unwatched};
use oxflow::documents::plan::{RowKind, plan};
use oxflow::documents::sheet::Workbook;
use oxflow::documents::{export_csv, export_xlsx, layout};
use oxflow::estimating::number::Money;

use super::export_workbook::{header, item, money, row};
use super::import_plans_rows::{FIRST_IMPORT, units};

/// Far above what it takes, so that a busy machine does not fail it; the figures are printed.
const TIME_MAX: Duration = Duration::from_secs(120);

const SECTIONS: u32 = 100;
const ITEMS: u32 = 1_000;

fn estimate() -> Vec<ExportRow> {
    let mut rows = Vec::new();
    for section in 1..=SECTIONS {
        let cost = money("6148.30").checked_add(Money::ZERO).expect("money");
        let total = Money::from_units(cost.units() * i64::from(ITEMS)).expect("money");
        let mut heading = row(ExportKind::Heading, 1, &section.to_string(), "0.00");
        heading.cost = total;
        heading.by_type.plant = total;
        rows.push(heading);
        for number in 1..=ITEMS {
            rows.push(item(2, &format!("{section}.{number:04}"), "850", "7.2333", "6148.30"));
        }
    }
    // 850 x 7.2333 is 6148.305, which rounds away: the cost is not the product.
    rows
}

#[test]
fn a_hundred_thousand_rows_out_and_in_again() {
    let rows = estimate();
    let started = Instant::now();
    let bytes = export_xlsx::write(&header(true), rows.iter().cloned(), &[], &mut unwatched)
        .expect("a workbook");
    let out = started.elapsed();
    let started = Instant::now();
    let text =
        export_csv::write(&header(true), rows.iter().cloned(), &mut unwatched).expect("text");
    let out_text = started.elapsed();
    let started = Instant::now();
    let book = Workbook::read(&bytes, "out.xlsx", &Limits::default()).expect("a readable file");
    let read = started.elapsed();
    let started = Instant::now();
    let layout = layout::guess(&book.sheets[0], 0);
    let guessed = started.elapsed();
    let started = Instant::now();
    let plan = plan(&book.sheets[0], &layout, &units(), &[], FIRST_IMPORT);
    let planned = started.elapsed();
    println!(
        "100,000 items: xlsx out {out:?} ({} bytes), csv out {out_text:?} ({} bytes), xlsx in {read:?}, layout {guessed:?}, plan {planned:?}",
        bytes.len(),
        text.len()
    );
    assert_eq!((plan.summary.items, plan.summary.headings), (100_000, 100));
    let last = plan.rows.iter().rev().find(|r| r.kind == RowKind::Item).expect("an item");
    assert_eq!((last.code.as_str(), last.level), ("100.1000", 2));
    assert_eq!(plan.summary.file_total.map(|t| t.to_string()).as_deref(), Some("614830000.00"));
    assert_eq!(plan.summary.total.to_string(), "614831000.00");
    for took in [out, out_text, read, guessed, planned] {
        assert!(took < TIME_MAX, "{took:?}");
    }
}
