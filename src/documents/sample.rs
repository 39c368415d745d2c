//! A page that shows how documents look before one is made: a small schedule of made-up work.

use super::client_schedule::{
    ClientHeading, ClientLine, ClientSchedule, LinePrice, ScheduleRow, SectionTotal,
};
use super::export::ExportHeader;
use crate::estimating::commercials::TenderSum;
use crate::estimating::id::{HeadingId, ItemId};
use crate::estimating::number::{Money, Qty, SellRate, amount};
use uuid::Uuid;

/// Code, description, unit, quantity and rate.
type Line = (&'static str, &'static str, &'static str, i64, &'static str);

const SECTIONS: [(&str, &str, &[Line]); 2] = [
    (
        "1",
        "Preliminary and general",
        &[("1.01", "Establishment and disestablishment", "LS", 1, "12500.00")],
    ),
    (
        "2",
        "Earthworks and pavement",
        &[
            ("2.01", "Strip topsoil, stockpile on site", "m2", 4_250, "3.25"),
            ("2.02", "Cut to waste, cart off site", "m3", 1_860, "28.40"),
            ("2.03", "Sub-base AP65, compacted", "m3", 960, "96.75"),
        ],
    ),
];

/// The schedule of the sample, in the name of `header`'s organisation.
pub fn schedule(header: ExportHeader) -> ClientSchedule {
    let (mut rows, mut sections, mut total) = (Vec::new(), Vec::new(), Money::ZERO);
    for (code, name, lines) in SECTIONS {
        let (code, name) = (code.to_owned(), name.to_owned());
        let id = HeadingId(Uuid::nil());
        let heading = ClientHeading { id, depth: 1, code: code.clone(), name: name.clone() };
        rows.push(ScheduleRow::Heading(heading, None));
        let mut section = SectionTotal { code, name, amount: Money::ZERO, lines: lines.len() };
        for line in lines {
            let (row, price) = sample_line(line);
            section.amount = section.amount.checked_add(price.counted()).unwrap_or_default();
            rows.push(ScheduleRow::Line(row, price));
        }
        total = total.checked_add(section.amount).unwrap_or_default();
        sections.push(section);
    }
    let nothing = TenderSum { total_ex: total, gst: Money::ZERO, total_inc: total };
    let sum = TenderSum::of(total, header.gst_pct).unwrap_or(nothing);
    let (client, client_ref) = ("A client".to_owned(), "Contract 1234".to_owned());
    ClientSchedule { header, client, client_ref, rows, sections, sum }
}

fn sample_line((code, description, unit, quantity, rate): &Line) -> (ClientLine, LinePrice) {
    let quantity = Qty::whole(*quantity).unwrap_or_default();
    let rate: SellRate = rate.parse().unwrap_or_default();
    let line = ClientLine {
        item: ItemId(Uuid::nil()),
        depth: 2,
        code: (*code).to_owned(),
        description: (*description).to_owned(),
        unit: (*unit).to_owned(),
        quantity: Some(quantity),
        remark: "",
        included_in: None,
    };
    (line, LinePrice::Rated { rate, amount: amount(quantity, rate).unwrap_or_default() })
}
