//! The worked example as a programme, read back by an independent reader: mpxj.

use crate::documents_client::Worked;
use crate::harness::{Answer, Client, TestApp};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use std::io::Write;
use std::process::Command;

/// Where `.ci/tools mpxj` puts it.
const PYTHON: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/.tools/mpxj/bin/python");

/// Prints each task as `uid|level|name|minutes|summary`.
const READ: &str = r#"
import sys, jpype, mpxj
jpype.startJVM()
from org.mpxj import TimeUnit
from org.mpxj.reader import UniversalProjectReader
project = UniversalProjectReader().read(sys.argv[1])
for task in project.getTasks():
    minutes = task.getDuration().convertUnits(TimeUnit.MINUTES, project.getProjectProperties())
    print(task.getUniqueID(), task.getOutlineLevel(), task.getName(), int(minutes.getDuration()),
          task.getSummary(), sep='|')
"#;

#[tokio::test]
async fn mpxj_reads_the_programme_of_an_estimate() {
    let worked = Worked::start().await;
    let file = worked.file("/programme").await;
    let mut kept = tempfile::Builder::new().suffix(".xml").tempfile().unwrap();
    kept.write_all(&file).unwrap();
    let read = Command::new(PYTHON).args(["-c", READ]).arg(kept.path()).output();
    let read = read.expect("mpxj reads programmes: `.ci/tools mpxj` installs it");
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    let tasks = String::from_utf8(read.stdout).unwrap();
    // 850 m3 at the crew's rate with a 50-minute hour: 15.060241 hours.
    let strip = tasks.lines().find(|task| task.contains("|2.01 Strip topsoil")).unwrap_or(&tasks);
    assert!(strip.contains("|3|2.01 Strip topsoil to stockpile|904|False"), "{tasks}");
    assert!(tasks.contains("|1|2 Roadworks|"), "{tasks}");
    assert!(tasks.lines().any(|task| task.ends_with("|True")), "{tasks}");
}

/// Writes a programme in another format than XML.
const WRITE: &str = r#"
import sys, jpype, mpxj
jpype.startJVM()
from org.mpxj.mpx import MPXWriter
from org.mpxj.reader import UniversalProjectReader
MPXWriter().write(UniversalProjectReader().read(sys.argv[1]), sys.argv[2])
"#;

const PROGRAMME: &str = "<?xml version=\"1.0\"?>
    <Project xmlns=\"http://schemas.microsoft.com/project\"><Title>Waihou</Title>
    <MinutesPerDay>480</MinutesPerDay><Tasks>
    <Task><UID>7</UID><ID>1</ID><Name>Earthworks</Name><OutlineLevel>1</OutlineLevel>
    <Duration>PT40H0M0S</Duration><Summary>0</Summary></Task></Tasks></Project>";

async fn take(client: &Client, estimate: &Value, name: &str, file: Vec<u8>) -> Answer {
    let path = format!("/estimates/{}/programme", estimate.as_str().expect("an id"));
    let form = Form::new().part("file", Part::bytes(file).file_name(name.to_owned()));
    let request = client.request(Method::POST, &path).multipart(form);
    Answer::of(path, request.send().await.unwrap()).await.unwrap()
}

async fn estimate_of(client: &Client) -> Value {
    let tender = json!({"number": "T-1", "name": "Waihou Road"});
    client.post("/tenders", &tender).await.ok()["estimates"][0]["id"].clone()
}

#[tokio::test]
async fn a_programme_that_is_no_xml_is_read_by_mpxj_where_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let (xml, mpx) = (folder.path().join("programme.xml"), folder.path().join("programme.mpx"));
    // mpxj takes nothing for a programme that is shorter than its first look.
    std::fs::write(&xml, format!("{PROGRAMME}{}", " ".repeat(512))).unwrap();
    let wrote = Command::new(PYTHON).args(["-c", WRITE]).args([&xml, &mpx]).output().unwrap();
    assert!(wrote.status.success(), "{}", String::from_utf8_lossy(&wrote.stderr));
    let file = std::fs::read(&mpx).unwrap();
    assert!(!file.starts_with(b"<"));

    let app = TestApp::configured(&format!("[programmes]\nmpxj_python = {PYTHON:?}\n")).await;
    let lead = app.sign_in("lead-estimator").await;
    let estimate = estimate_of(&lead).await;
    let taken = take(&lead, &estimate, "programme.mpx", file.clone()).await.ok();
    assert_eq!(taken["added"], 1, "{taken}");
    let row = lead.get(&format!("/estimates/{}", estimate.as_str().unwrap())).await.ok();
    let duration = &row["variables"][0];
    assert_eq!(duration["formula"], "5", "{duration}");
    assert!(duration["note"].as_str().unwrap().contains("Earthworks"), "{duration}");
    let nothing = take(&lead, &estimate, "notes.mpp", b"no programme at all".to_vec()).await;
    assert!(nothing.status.is_client_error(), "{}", nothing.text);

    let app = TestApp::configured("[programmes]\nmpxj_python = \"/nowhere/python\"\n").await;
    let lead = app.sign_in("lead-estimator").await;
    let estimate = estimate_of(&lead).await;
    let refused = take(&lead, &estimate, "programme.mpx", file).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text.contains("mpxj") && refused.text.contains("XML"), "{}", refused.text);
}
