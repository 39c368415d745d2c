//! The client's documents, read back from the files: the worked example to the cent, and nothing
//! of the inside.

use crate::harness::{Client, TestApp, pdf};
use serde_json::Value;

/// The demonstration with its worked example open.
pub struct Worked {
    /// The server; stops when dropped.
    pub app: TestApp,
    /// A lead estimator.
    pub lead: Client,
    /// The worked example's estimate.
    pub estimate: String,
}

impl Worked {
    /// Starts the demonstration.
    pub async fn start() -> Worked {
        let app = TestApp::demo().await;
        let lead = app.sign_in("lead-estimator").await;
        let tenders = lead.get("/tenders?limit=50").await.ok();
        let all = tenders["items"].as_array().expect("tenders");
        let tender = all.iter().find(|tender| tender["number"] == "T-2614").expect("T-2614");
        let tender = lead.get(&format!("/tenders/{}", tender["id"].as_str().unwrap())).await.ok();
        let estimate = tender["estimates"][0]["id"].as_str().unwrap().to_owned();
        Worked { app, lead, estimate }
    }

    /// The bytes of a file below the estimate.
    pub async fn file(&self, path: &str) -> Vec<u8> {
        let address = format!("/estimates/{}{path}", self.estimate);
        let answer = self.lead.request(reqwest::Method::GET, &address).send().await.unwrap();
        let status = answer.status();
        let bytes = answer.bytes().await.unwrap().to_vec();
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&bytes));
        bytes
    }
}

/// The worked example.
pub fn golden() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/golden/worked_example.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Words that would tell the client about the inside of a price.
pub fn inside_words() -> Vec<String> {
    let golden = golden();
    let mut words: Vec<String> =
        ["Profit", "Overhead", "overhead", "contingency", "Margin", "margin", "Internal"]
            .map(str::to_owned)
            .to_vec();
    words.extend(
        golden["rules"].as_array().unwrap().iter().map(|r| r["name"].as_str().unwrap().to_owned()),
    );
    words.extend(
        ["346,411.83", "426,232.11", "65,237.67", "PLT-EX20", "LAB-OP", "MAT-AP65"]
            .map(str::to_owned),
    );
    words
}

#[tokio::test]
async fn the_schedule_of_the_worked_example_reads_back_to_the_cent() {
    let worked = Worked::start().await;
    let file = worked.file("/documents/client-schedule").await;
    let text = pdf::text(&file);
    let lines = pdf::lines(&text);
    let has = |wanted: &str| assert!(lines.iter().any(|l| l == wanted), "{wanted}\n{text}");
    has("1.01 Establishment and disestablishment LS 1 10,727.47 10,727.47");
    has("2.03 Undercut unsuitable, replace with AP65 m³ 180 118.00 21,240.00");
    has("2.07 Asphaltic concrete AC10, 40 mm t 96.5 369.04 35,612.36");
    has("2.09 Extra over 2.02 for rock (rate only) m³ 63.15 rate only");
    has("4.01 Provisional sum: service relocations PS 25,000.00");
    has("4.02 Contractor's percentage on 4.01 % 8.00 % 2,000.00");
    has("Total excluding GST, NZD 491,469.78");
    has("GST 15 % 73,720.47");
    has("Total including GST, NZD 565,190.25");
    for section in ["35,481.57", "389,499.96", "39,488.25", "27,000.00"] {
        assert!(text.contains(section), "{section}\n{text}");
    }
    assert!(!text.contains("Indirect costs"), "a heading of inside costs shows\n{text}");
    for word in inside_words() {
        assert!(!text.contains(&word), "the client reads {word}\n{text}");
    }
    let pages = pdf::pages(&file);
    for (at, page) in pages.iter().enumerate() {
        let number = format!("Page {} of {}", at + 1, pages.len());
        assert!(page.contains(&number), "{number}\n{page}");
        assert!(page.contains("DRAFT: revision 1, commit "), "{page}");
    }
}

#[tokio::test]
async fn the_non_price_envelope_holds_no_figure_of_the_price() {
    let worked = Worked::start().await;
    let text = pdf::text(&worked.file("/documents/unpriced-schedule").await);
    assert!(text.contains("Sub-base AP65, compacted"), "{text}");
    assert!(text.contains("960"), "{text}");
    let golden = golden();
    for row in golden["client_schedule"]["rows"].as_array().unwrap() {
        for figure in [&row["rate"], &row["amount"]] {
            if let Some(figure) = figure.as_str().filter(|figure| figure.len() > 3) {
                assert!(!text.replace(',', "").contains(figure), "{figure}\n{text}");
            }
        }
    }
    for word in inside_words() {
        assert!(!text.contains(&word), "{word}\n{text}");
    }
}
