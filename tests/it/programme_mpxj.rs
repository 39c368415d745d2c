//! The worked example as a programme, read back by an independent reader: mpxj.

use crate::documents_client::Worked;
use std::io::Write;
use std::process::Command;

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
    let python = concat!(env!("CARGO_MANIFEST_DIR"), "/.tools/mpxj/bin/python");
    let read = Command::new(python).args(["-c", READ]).arg(kept.path()).output();
    let read = read.expect("mpxj reads programmes: `.ci/tools mpxj` installs it");
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    let tasks = String::from_utf8(read.stdout).unwrap();
    // 850 m3 at the crew's rate with a 50-minute hour: 15.060241 hours.
    let strip = tasks.lines().find(|task| task.contains("|2.01 Strip topsoil")).unwrap_or(&tasks);
    assert!(strip.contains("|3|2.01 Strip topsoil to stockpile|904|False"), "{tasks}");
    assert!(tasks.contains("|1|2 Roadworks|"), "{tasks}");
    assert!(tasks.lines().any(|task| task.ends_with("|True")), "{tasks}");
}
