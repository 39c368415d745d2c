//! Documents: BR-108, proved on the files.

use crate::documents_client::Worked;
use crate::harness::pdf;

#[tokio::test]
async fn br_108_broken() {
    let worked = Worked::start().await;
    let path = format!("/estimates/{}/documents/client-schedule?unmarked=true", worked.estimate);
    let problem = worked.lead.get(&path).await.problem(422, "draft-not-watermarked");
    assert_eq!(problem["violations"][0]["rule"], "BR-108", "{problem}");
}

#[tokio::test]
async fn br_108_kept() {
    let worked = Worked::start().await;
    let text = pdf::text(&worked.file("/documents/client-schedule").await);
    let mark = text.lines().find(|line| line.contains("DRAFT: revision 1, commit ")).unwrap();
    assert!(mark.contains("NZ") && mark.contains(':'), "revision, commit and time: {mark}");
}
