//! How documents look: what an Admin sets is on every page a client gets, and no file is taken for
//! a logo that is not one.

use crate::documents_client::Worked;
use crate::documents_workbook::parts;
use crate::harness::{Answer, Client, pdf};
use crate::http_support::Priced;
use crate::quotes_support::Market;
use calamine::{Data, Reader, Xlsx, open_workbook_from_rs};
use reqwest::Method;
use serde_json::{Value, json};
use std::io::Cursor;

/// A PNG of one pixel.
pub const PNG: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52,
    0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x06, 0x00, 0x00, 0x00, 0x1f, 0x15, 0xc4,
    0x89, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x44, 0x41, 0x54, 0x78, 0xda, 0x63, 0x64, 0xf8, 0xcf, 0x50,
    0x0f, 0x00, 0x03, 0x86, 0x01, 0x80, 0x5a, 0x34, 0x7d, 0x6b, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45,
    0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
];

/// Puts a file in place as the logo.
async fn set_logo(client: &Client, bytes: impl Into<reqwest::Body>) -> Answer {
    let request = client.request(Method::PUT, "/branding/logo").body(bytes.into());
    let sent = request.send().await.unwrap();
    Answer::of("PUT /branding/logo".to_owned(), sent).await.unwrap()
}

fn look() -> Value {
    json!({"version": 0, "letterhead": ["12 Quarry Road, Waihou", "07 555 0123", ""],
        "accent": "#7A1F1F", "columns": {"code": true, "unit": true, "quantity": true,
            "rate": false, "sectionTotals": false}})
}

#[tokio::test]
async fn what_an_admin_sets_is_on_every_document() {
    let worked = Worked::start().await;
    let admin = worked.app.sign_in("admin").await;
    let set = admin.put("/branding", &look()).await.ok();
    assert_eq!(set["letterhead"], json!(["12 Quarry Road, Waihou", "07 555 0123"]));
    let set = set_logo(&admin, PNG).await.ok();
    assert_eq!((&set["logo"]["kind"], &set["version"]), (&json!("png"), &json!(2)));

    for document in ["client-schedule", "unpriced-schedule", "tender-letter", "cost-by-heading"] {
        let file = worked.file(&format!("/documents/{document}")).await;
        let first = pdf::pages(&file).remove(0);
        for line in ["12 Quarry Road, Waihou", "07 555 0123"] {
            assert!(first.contains(line), "{document} lacks {line}\n{first}");
        }
        assert!(
            file.windows(7).any(|window| window == b"/XImage"
                || window == b"/Image "
                || window == b"/Image\n"
                || window == b"/Image/"),
            "{document} has no logo"
        );
    }
    let schedule = pdf::text(&worked.file("/documents/client-schedule").await);
    assert!(!schedule.contains("10,727.47 "), "the rate column is left out\n{schedule}");
    assert!(schedule.contains("491,469.78"), "{schedule}");

    let bytes = worked.file("/documents/client-schedule?format=xlsx").await;
    let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes.clone())).unwrap();
    let sheet = book.worksheet_range("Schedule of prices").unwrap();
    let words = |text: &str| sheet.rows().flatten().any(|cell| *cell == Data::String(text.into()));
    assert!(words("12 Quarry Road, Waihou") && words("07 555 0123") && !words("Rate"));
    let parts = parts(&bytes);
    assert_eq!(parts["xl/media/image1.png"], PNG);
    let styles = String::from_utf8_lossy(&parts["xl/styles.xml"]).to_uppercase();
    assert!(styles.contains("7A1F1F"), "the accent is in the workbook");
}

#[tokio::test]
async fn what_was_sent_stays_as_it_was_sent() {
    let p = Priced::approved().await;
    let admin = p.app.sign_in("admin").await;
    admin.put("/branding", &look()).await.ok();
    let sent = p.submit().await.ok()["submission"].clone();
    let file = |extension: &str| {
        let files = sent["files"].as_array().unwrap();
        let found = files.iter().find(|f| f["name"].as_str().unwrap().ends_with(extension));
        format!("/files/{}", found.unwrap()["hash"].as_str().unwrap())
    };
    let read = |path: String| {
        let request = p.lead.request(Method::GET, &path);
        async move { request.send().await.unwrap().bytes().await.unwrap().to_vec() }
    };
    admin.put("/branding", &json!({"version": 1, "letterhead": ["Moved to Paeroa"]})).await.ok();
    let text = pdf::text(&read(file(".pdf")).await);
    assert!(text.contains("12 Quarry Road, Waihou") && !text.contains("Paeroa"), "{text}");
    let hash = sent["contentHash"].as_str().unwrap();
    let short = format!("{} {} {}", &hash[..4], &hash[4..8], &hash[8..12]);
    assert!(text.contains(&short) && !text.contains(hash), "{short}\n{text}");
    let strings = parts(&read(file(".xlsx")).await).remove("xl/sharedStrings.xml").unwrap();
    let strings = String::from_utf8(strings).unwrap();
    assert!(strings.contains("12 Quarry Road, Waihou") && !strings.contains("DRAFT"));
    assert!(strings.contains(&short) && !strings.contains(hash));
    let json: Value = serde_json::from_slice(&read(file(".json")).await).unwrap();
    assert_eq!(json["contentHash"], sent["contentHash"], "the whole is in the file for programs");
    assert_eq!(json["schedule"][1]["unit"], "m3", "as is the code of the unit");
}

#[tokio::test]
async fn a_look_is_taken_back_and_has_a_history() {
    let p = Priced::start().await;
    let admin = p.app.sign_in("admin").await;
    admin.put("/branding", &look()).await.ok();
    set_logo(&admin, PNG).await.ok();
    admin.post("/library/undo", &json!({})).await.ok();
    let now = p.lead.get("/branding").await.ok();
    assert!(now["logo"].is_null() && now["letterhead"][0] == "12 Quarry Road, Waihou", "{now}");
    admin.post("/library/undo", &json!({})).await.ok();
    let plain = p.lead.get("/branding").await.ok();
    assert_eq!((&plain["letterhead"], &plain["version"]), (&json!([]), &json!(4)));
    admin.post("/library/redo", &json!({})).await.ok();
    admin.post("/library/redo", &json!({})).await.ok();
    assert_eq!(p.lead.get("/branding").await.ok()["logo"]["kind"], "png");
    let history = p.lead.get("/history/branding/documents").await.ok();
    let labels: Vec<&str> =
        history["items"].as_array().unwrap().iter().map(|e| e["label"].as_str().unwrap()).collect();
    assert_eq!(labels.len(), 6, "{labels:?}");
    assert_eq!(labels[5], "Change the letterhead of documents");
    assert!(!history.to_string().contains("IHDR") && history.to_string().contains("PNG of 70"));
    // Somebody else's newer look is not written over.
    admin
        .put("/branding", &json!({"version": 1, "accent": "#000000"}))
        .await
        .problem(409, "stale-version");
}

#[tokio::test]
async fn who_signs_is_set_once_and_named_on_every_letter() {
    let mut p = Priced::active().await;
    p.worked("1.1").await;
    let admin = p.app.sign_in("admin").await;
    let read = |p: &Priced| {
        let request = p.lead.request(Method::GET, &p.at("/documents/tender-letter"));
        async move { pdf::text(&request.send().await.unwrap().bytes().await.unwrap()) }
    };
    // A look from before anybody could sign, and one from after.
    admin.put("/branding", &look()).await.ok();
    assert!(!read(&p).await.contains("Director"));
    let signs = json!({"signatory": {"name": "H. Reweti", "position": "Director"}});
    let set = admin.put("/branding", &signs).await.ok();
    assert_eq!(
        (&set["signatory"]["name"], &set["accent"]),
        (&json!("H. Reweti"), &json!("#7a1f1f"))
    );
    p.app.restart().await;
    p.lead = p.app.sign_in("lead-estimator").await;
    let letter = read(&p).await;
    assert!(letter.contains("H. Reweti") && letter.contains("Director"), "{letter}");
    let history = p.lead.get("/history/branding/documents").await.ok();
    assert_eq!(history["items"][0]["label"], "Change who signs letters");
    assert!(history["items"][0].to_string().contains("H. Reweti, Director"), "{history}");
    let admin = p.app.sign_in("admin").await;
    let long = json!({"signatory": {"name": "N".repeat(121), "position": ""}});
    admin.put("/branding", &long).await.problem(400, "invalid-request");
    admin.post("/library/undo", &json!({})).await.ok();
    assert!(!read(&p).await.contains("Director"), "it is taken back");
    admin.post("/library/redo", &json!({})).await.ok();
    assert!(read(&p).await.contains("Director"));
    p.app.kill();
    for command in [&["check"][..], &["audit", "verify"]] {
        let said = p.app.command(command);
        assert!(said.contains("default"), "{said}");
    }
}

#[tokio::test]
async fn a_sample_shows_a_look_before_it_is_saved() {
    let p = Priced::start().await;
    let request = p.lead.request(Method::POST, "/branding/preview").json(&look());
    let page = request.send().await.unwrap().bytes().await.unwrap();
    let text = pdf::text(&page);
    assert!(text.contains("12 Quarry Road, Waihou") && text.contains("A sample, not a tender"));
    assert!(!text.contains("96.75"), "the rate column is left out\n{text}");
    assert_eq!(p.lead.get("/branding").await.ok()["version"], 0, "nothing is saved");
    let pale = json!({"accent": "#ffe000"});
    p.lead.post("/branding/preview", &pale).await.problem(400, "invalid-request");
}

#[tokio::test]
async fn no_hostile_file_becomes_a_logo() {
    let p = Priced::start().await;
    let admin = p.app.sign_in("admin").await;
    let svg = |inside: &str| {
        format!("<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'>{inside}</svg>")
    };
    let mut endless = PNG.to_vec();
    endless[16..24].copy_from_slice(&[0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff]);
    for (hostile, code) in [
        (b"MZ\x90\0".to_vec(), "logo-not-accepted"),
        (b"<html><script>alert(1)</script></html>".to_vec(), "logo-not-accepted"),
        (svg("<script>alert(1)</script>").into_bytes(), "logo-not-accepted"),
        (svg("<image href='file:///etc/passwd'/>").into_bytes(), "logo-not-accepted"),
        (svg("<rect onload='alert(1)'/>").into_bytes(), "logo-not-accepted"),
        (svg("<style>@import 'http://evil.example'</style>").into_bytes(), "logo-not-accepted"),
        (b"<!DOCTYPE svg [<!ENTITY a 'b'>]><svg>&a;</svg>".to_vec(), "logo-not-accepted"),
        (endless, "logo-not-accepted"),
        // It says PNG, has a size, and then nothing that unpacks.
        (PNG[..40].to_vec(), "logo-does-not-print"),
    ] {
        let said = String::from_utf8_lossy(&hostile).into_owned();
        let answer = set_logo(&admin, hostile).await;
        assert_eq!(answer.status.as_u16(), 422, "{said}: {}", answer.text);
        assert!(answer.text.contains(code), "{said}: {}", answer.text);
    }
    set_logo(&admin, vec![0x89; 600 * 1024]).await.problem(413, "logo-too-large");
    set_logo(&p.lead, PNG).await.problem(403, "permission-denied");
    p.lead.put("/branding", &look()).await.problem(403, "permission-denied");
    let long = json!({"letterhead": vec!["line"; 9]});
    admin.put("/branding", &long).await.problem(400, "invalid-request");
    assert_eq!(p.lead.get("/branding").await.ok()["version"], 0);
    p.lead.get("/branding/logo").await.problem(404, "not-found");
}

#[tokio::test]
async fn a_drawing_is_served_as_one_that_may_do_nothing() {
    let p = Priced::start().await;
    let admin = p.app.sign_in("admin").await;
    let drawing = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'><rect width='9' height='9'/></svg>";
    set_logo(&admin, drawing).await.ok();
    let answer = p.lead.request(Method::GET, "/branding/logo").send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "image/svg+xml");
    assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
    let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("sandbox") && policy.contains("default-src 'none'"), "{policy}");
    assert_eq!(answer.text().await.unwrap(), drawing);
    let set = admin.delete("/branding/logo").await.ok();
    assert!(set["logo"].is_null());
}

#[tokio::test]
async fn a_drawing_is_in_workbooks_and_on_the_schedule_a_package_sends_out() {
    let m = Market::issued().await;
    let admin = m.p.app.sign_in("admin").await;
    admin.put("/branding", &look()).await.ok();
    let drawing = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 40 10'>\
        <rect width='40' height='10' fill='#7a1f1f'/></svg>";
    set_logo(&admin, drawing).await.ok();
    for path in [
        "/documents/client-schedule?format=xlsx".to_owned(),
        format!("/packages/{}/schedule", m.package),
    ] {
        let answer = m.p.lead.request(Method::GET, &m.p.at(&path)).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        let all = parts(&answer.bytes().await.unwrap());
        let picture = &all["xl/media/image1.png"];
        assert!(picture.starts_with(b"\x89PNG\r\n\x1a\n") && picture.len() > 100, "{path}");
        let strings = String::from_utf8_lossy(&all["xl/sharedStrings.xml"]).into_owned();
        for line in ["12 Quarry Road, Waihou", "07 555 0123"] {
            assert!(strings.contains(line), "{path} lacks {line}");
        }
    }
}
