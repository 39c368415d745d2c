//! Internal documents, read back: cost by heading and resource, and how cost becomes price.

use crate::documents_client::Worked;
use crate::harness::pdf;
use calamine::{Data, Reader, Xlsx, open_workbook_from_rs};
use std::io::Cursor;

#[tokio::test]
async fn cost_reports_add_up_and_say_that_they_are_internal() {
    let worked = Worked::start().await;
    for document in ["cost-by-heading", "cost-by-resource"] {
        let file = worked.file(&format!("/documents/{document}")).await;
        let text = pdf::text(&file);
        // Direct 346,411.83 and indirect 43,085.00.
        assert!(text.contains("389,496.83"), "{document}\n{text}");
        for page in pdf::pages(&file) {
            assert!(page.contains("Internal"), "{document}\n{page}");
            assert!(page.contains("DRAFT: revision 1"), "{document}\n{page}");
        }
    }
    let text = pdf::text(&worked.file("/documents/cost-by-heading").await);
    assert!(text.contains("69,548.09"), "{text}");
}

#[tokio::test]
async fn the_commercial_summary_tells_rules_margin_and_price() {
    let worked = Worked::start().await;
    let text = pdf::text(&worked.file("/documents/commercial-summary").await);
    for figure in ["65,237.67", "426,232.11", "491,469.78", "37,157.58", "13.274 %"] {
        assert!(text.contains(figure), "{figure}\n{text}");
    }
}

#[tokio::test]
async fn the_adjudication_report_tells_who_was_compared_and_why_one_was_chosen() {
    let worked = Worked::start().await;
    let packages = worked.lead.get(&format!("/estimates/{}/packages", worked.estimate)).await.ok();
    let package = packages["items"][0].clone();
    let path = format!("/packages/{}/report", package["id"].as_str().unwrap());
    let detail =
        format!("/estimates/{}/packages/{}", worked.estimate, package["id"].as_str().unwrap());
    let detail = worked.lead.get(&detail).await.ok();
    let file = worked.file(&path).await;
    let text = pdf::text(&file);
    for page in pdf::pages(&file) {
        assert!(page.contains("Internal"), "{page}");
    }
    assert!(text.contains("Adjudication report"), "{text}");
    let mut totals = Vec::new();
    for quote in detail["quotes"].as_array().unwrap() {
        assert!(text.contains(quote["name"].as_str().unwrap()), "{quote}\n{text}");
        for adjustment in quote["adjustments"].as_array().unwrap() {
            let reason = adjustment["reason"].as_str().unwrap();
            assert!(text.contains(&reason[..reason.len().min(24)]), "{reason}\n{text}");
        }
        if let Some(total) = quote["compared"]["comparisonTotal"].as_str() {
            totals.push(total.to_owned());
        }
    }
    assert_eq!(totals.len(), 3, "{detail}");
    let printed = text.replace(',', "");
    assert!(totals.iter().all(|total| printed.contains(total)), "{totals:?}\n{text}");
    let chosen = detail["rounds"][0]["award"]["company"].as_str().unwrap();
    assert!(text.contains(&format!("{chosen} at ")), "{text}");
    assert!(text.contains("It is the lowest conforming quote."), "{text}");
    assert!(text.contains("plug "), "a gap shows its plug\n{text}");

    let bytes = worked.file(&format!("{path}?format=xlsx&round=1")).await;
    let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes)).unwrap();
    let sheet = book.worksheet_range("Adjudication report").unwrap();
    for total in totals {
        let total: f64 = total.parse().unwrap();
        let found = sheet.rows().flatten().any(|cell| *cell == Data::Float(total));
        assert!(found, "{total} is no number of the workbook");
    }
}
