//! A hundred thousand rows go out and come in again, to the cent.

use oxflow::documents::export::{ExportKind, ExportRow};
use oxflow::documents::limits::{Limits, unwatched};
use oxflow::documents::plan::{RowKind, plan};
use oxflow::documents::sheet::Workbook;
use oxflow::documents::{export_csv, export_xlsx, layout};
use oxflow::estimating::number::Money;

use super::export_workbook::{header, item, money, row};
use super::import_plans_rows::{FIRST_IMPORT, units};

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
    let bytes = export_xlsx::write(&header(true), rows.iter().cloned(), &[], &mut unwatched)
        .expect("a workbook");
    let text =
        export_csv::write(&header(true), rows.iter().cloned(), &mut unwatched).expect("text");
    for (bytes, name) in [(bytes, "out.xlsx"), (text, "out.csv")] {
        let book = Workbook::read(&bytes, name, &Limits::default()).expect("a readable file");
        let layout = layout::guess(&book.sheets[0], 0);
        let plan = plan(&book.sheets[0], &layout, &units(), &[], FIRST_IMPORT);
        assert_eq!((plan.summary.items, plan.summary.headings), (100_000, 100), "{name}");
        let last = plan.rows.iter().rev().find(|r| r.kind == RowKind::Item).expect("an item");
        assert_eq!((last.code.as_str(), last.level), ("100.1000", 2), "{name}");
        let total = plan.summary.file_total.map(|total| total.to_string());
        assert_eq!(total.as_deref(), Some("614830000.00"), "{name}");
        assert_eq!(plan.summary.total.to_string(), "614831000.00", "{name}");
    }
}
