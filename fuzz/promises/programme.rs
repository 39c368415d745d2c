//! Programmes (MSPDI): read within their bounds, and what is written of them reads again.

use oxflow::documents::programme::{self, Activity, TASKS_MAX};

/// Programmes as two programs write them.
pub fn seeds() -> Vec<Vec<u8>> {
    let activity = |name: &str, level, minutes| Activity { name: name.to_owned(), level, minutes };
    let activities = [
        activity("1 Earthworks & drainage", 1, None),
        activity("1.1 Strip topsoil", 2, Some(2_400)),
    ];
    let task = "<Task><UID>1</UID><Name>Strip</Name><OutlineLevel>1</OutlineLevel>\
                <Duration>PT40H30M0S</Duration><Summary>0</Summary><IsNull>0</IsNull></Task>";
    vec![
        programme::write("SH 1 <culverts>", "2026-04-20", &activities).into_bytes(),
        format!("<Project><MinutesPerDay>480</MinutesPerDay><Tasks>{task}{task}</Tasks></Project>")
            .into_bytes(),
        format!(
            "<?xml version=\"1.0\"?><Project xmlns=\"x\"><Title>A &amp; B</Title>{task}</Project>"
        )
        .into_bytes(),
        "<Project><Tasks><Task><Duration>PT0H0M0S</Duration></Task></Tasks></Project>".into(),
    ]
}

/// Reads a programme, and writes one of its tasks.
pub fn keeps(bytes: &[u8]) {
    let read = match programme::read(bytes) {
        Ok(read) => read,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    assert!(read.tasks.len() <= TASKS_MAX, "{} tasks", read.tasks.len());
    for task in &read.tasks {
        assert!(read.days(task).is_sign_positive(), "{task:?}");
    }
    let activities: Vec<Activity> = read
        .tasks
        .iter()
        .map(|task| Activity {
            name: task.name.clone(),
            level: task.level,
            minutes: Some(task.minutes),
        })
        .collect();
    let written = programme::write(&read.title, "2026-04-20", &activities);
    let again = programme::read(written.as_bytes());
    let again = again.unwrap_or_else(|error| panic!("a programme that was written: {error}"));
    assert_eq!(again.tasks.len(), read.tasks.len(), "every task that is written is read");
}
