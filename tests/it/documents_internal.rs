//! Internal documents, read back: cost by heading and resource, and how cost becomes price.

use crate::documents_client::Worked;
use crate::harness::pdf;

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
