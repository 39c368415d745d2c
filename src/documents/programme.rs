//! Programmes of Microsoft Project as XML (MSPDI): read as tasks, written from an estimate.
//!
//! A file is hostile until read: no document type, no entities but the five of XML, bounded in
//! bytes, tasks, text and nesting. Binary `.mpp` files are refused with what reads them.

use super::limits::ReadError;
use quick_xml::Reader;
use quick_xml::escape::{escape, resolve_xml_entity};
use quick_xml::events::Event;
use rust_decimal::Decimal;
use std::collections::HashSet;
use std::fmt::Write;

/// Bytes of a programme.
pub const PROGRAMME_BYTES_MAX: usize = 32 << 20;
/// Tasks of a programme.
pub const TASKS_MAX: usize = 20_000;
/// Characters of a task's name.
pub const TASK_NAME_CHARS_MAX: usize = 512;
/// Deepest nesting of elements.
const DEPTH_MAX: usize = 64;
/// Minutes of a working day where the file does not say.
const DAY_MINUTES: u32 = 480;
/// Minutes of a working week where a file is written.
const WEEK_MINUTES: u32 = 2_400;

/// A task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// Identity within the programme, kept by the program that made it.
    pub uid: u32,
    /// Name.
    pub name: String,
    /// Level, from 1.
    pub level: u32,
    /// Working minutes it takes.
    pub minutes: u64,
    /// Whether it sums up the tasks below it.
    pub summary: bool,
}

/// A programme as read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Programme {
    /// Its title, may be empty.
    pub title: String,
    /// Working minutes of a day.
    pub day_minutes: u32,
    /// Tasks in the file's order.
    pub tasks: Vec<Task>,
}

impl Programme {
    /// Working days of a task, to four decimals.
    pub fn days(&self, task: &Task) -> Decimal {
        let minutes = Decimal::from(task.minutes);
        let day = Decimal::from(self.day_minutes.max(1));
        minutes.checked_div(day).unwrap_or_default().round_dp(4).normalize()
    }
}

fn broken(detail: impl Into<String>) -> ReadError {
    ReadError::broken("the programme", detail)
}

fn limit(what: &'static str, limit: usize, found: usize) -> Result<(), ReadError> {
    let wide = |figure: usize| u64::try_from(figure).unwrap_or(u64::MAX);
    super::limits::within(what, wide(found), wide(limit))
}

/// What a task's element has said so far.
#[derive(Default)]
struct Draft {
    uid: Option<u32>,
    name: String,
    level: u32,
    duration: Option<u64>,
    summary: bool,
    is_null: bool,
}

/// Reads a programme. O(bytes).
///
/// # Errors
/// [`ReadError`] beyond a limit, or when the file is no MSPDI.
pub fn read(bytes: &[u8]) -> Result<Programme, ReadError> {
    if bytes.is_empty() {
        return Err(ReadError::Empty);
    }
    limit("bytes in the programme", PROGRAMME_BYTES_MAX, bytes.len())?;
    if bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        return Err(ReadError::Unsupported { what: "a binary .mpp file", advice: MPP_ADVICE });
    }
    let (text, _, malformed) = encoding_rs::UTF_8.decode(bytes);
    if malformed {
        return Err(broken("its text is neither UTF-8 nor UTF-16"));
    }
    let mut reader = Reader::from_str(&text);
    let mut path: Vec<String> = Vec::new();
    let mut found = Programme { title: String::new(), day_minutes: DAY_MINUTES, tasks: Vec::new() };
    let mut draft = Draft::default();
    let mut words = String::new();
    let mut is_project = false;
    loop {
        match reader.read_event().map_err(|error| broken(error.to_string()))? {
            Event::Start(start) => {
                path.push(start.local_name().as_ref().to_owned());
                limit("nested XML elements", DEPTH_MAX, path.len())?;
                is_project |= path.len() == 1 && path.first().is_some_and(|it| it == "Project");
                if !is_project {
                    return Err(broken("it does not begin with Project"));
                }
                words.clear();
            }
            Event::End(_) => {
                end(&path, &mut found, &mut draft, words.trim())?;
                path.pop();
                words.clear();
            }
            Event::Text(text) => words.push_str(&text.xml10_content()),
            Event::CData(text) => words.push_str(&text.xml10_content()),
            Event::GeneralRef(reference) => {
                let name: &str = reference.as_ref();
                match (resolve_xml_entity(name), reference.resolve_char_ref()) {
                    (Some(known), _) => words.push_str(known),
                    (None, Ok(Some(c))) => words.push(c),
                    (None, Ok(None) | Err(_)) => {
                        return Err(broken(format!("unknown reference &{name};")));
                    }
                }
            }
            Event::DocType(_) => return Err(broken("it defines a document type")),
            Event::Eof if path.is_empty() && is_project => break,
            Event::Eof => return Err(broken("it ends in the middle")),
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
        limit("characters in one text", TASK_NAME_CHARS_MAX * 64, words.len())?;
    }
    let mut seen = HashSet::new();
    if let Some(twice) = found.tasks.iter().find(|task| !seen.insert(task.uid)) {
        return Err(broken(format!("two tasks have the UID {}", twice.uid)));
    }
    Ok(found)
}

/// Takes in the element that ends at `path`.
fn end(
    path: &[String],
    found: &mut Programme,
    draft: &mut Draft,
    words: &str,
) -> Result<(), ReadError> {
    let names: Vec<&str> = path.iter().map(String::as_str).collect();
    let short = || words.chars().take(TASK_NAME_CHARS_MAX).collect::<String>();
    match names.as_slice() {
        ["Project", "Title"] => found.title = short(),
        ["Project", "MinutesPerDay"] => {
            let minutes = words.parse::<u32>().ok().filter(|m| (1..=1_440).contains(m));
            found.day_minutes = minutes.ok_or_else(|| broken("MinutesPerDay is no day's work"))?;
        }
        ["Project", "Tasks", "Task", "UID"] => {
            let uid = words.parse().map_err(|_| broken(format!("{words:?} is no UID")))?;
            draft.uid = Some(uid);
        }
        ["Project", "Tasks", "Task", "Name"] => draft.name = short(),
        ["Project", "Tasks", "Task", "OutlineLevel"] => {
            draft.level = words.parse().map_err(|_| broken("an OutlineLevel is no number"))?;
        }
        ["Project", "Tasks", "Task", "Duration"] => {
            let minutes =
                minutes(words).ok_or_else(|| broken(format!("{words:?} is no duration")))?;
            draft.duration = Some(minutes);
        }
        ["Project", "Tasks", "Task", "Summary"] => draft.summary = is_true(words),
        ["Project", "Tasks", "Task", "IsNull"] => draft.is_null = is_true(words),
        ["Project", "Tasks", "Task"] => {
            let task = std::mem::take(draft);
            let uid = task.uid.ok_or_else(|| broken("a task has no UID"))?;
            // UID 0 is the project itself; a null task is a blank line of the chart.
            if uid != 0 && !task.is_null {
                limit("tasks in the programme", TASKS_MAX, found.tasks.len() + 1)?;
                found.tasks.push(Task {
                    uid,
                    name: task.name,
                    level: task.level.max(1),
                    minutes: task.duration.unwrap_or_default(),
                    summary: task.summary,
                });
            }
        }
        _ => {}
    }
    Ok(())
}

fn is_true(words: &str) -> bool {
    words == "1" || words == "true"
}

/// Minutes of `PT56H30M0S`, `P1DT2H` counting a day as 24 hours; seconds round down.
fn minutes(text: &str) -> Option<u64> {
    let mut rest = text.strip_prefix('P')?;
    let mut total: u64 = 0;
    let mut in_time = false;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('T') {
            in_time = true;
            rest = after;
            continue;
        }
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (figure, after) = rest.split_at_checked(digits)?;
        let unit = after.chars().next()?;
        rest = after.get(unit.len_utf8()..)?;
        let figure: Decimal = figure.parse().ok()?;
        let per = match (unit, in_time) {
            ('D', false) => Decimal::from(1_440),
            ('H', true) => Decimal::from(60),
            ('M', true) => Decimal::ONE,
            ('S', true) => Decimal::ONE.checked_div(Decimal::from(60))?,
            _ => return None,
        };
        let part = figure.checked_mul(per)?.floor();
        total = total.checked_add(u64::try_from(part).ok()?)?;
    }
    Some(total)
}

/// What to do about a binary file.
const MPP_ADVICE: &str = "save the programme as XML, in Microsoft Project (File, Save As, XML Format) or with \
    mpxj, and import that";

/// A row of an estimate as a programme shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activity {
    /// Code and name.
    pub name: String,
    /// Level, from 1.
    pub level: u32,
    /// Working minutes; of a heading none, its program sums up.
    pub minutes: Option<u64>,
}

/// Writes activities as a programme that starts on `start` (`2026-04-20`). UIDs count from 1 in
/// order. O(activities).
pub fn write(title: &str, start: &str, activities: &[Activity]) -> String {
    let mut out = String::with_capacity(600 + activities.len() * 400);
    let _ = writeln!(
        out,
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n\
         <Project xmlns=\"http://schemas.microsoft.com/project\">\n\
         <SaveVersion>14</SaveVersion>\n<Title>{}</Title>\n<StartDate>{start}T08:00:00</StartDate>\n\
         <ScheduleFromStart>1</ScheduleFromStart>\n<MinutesPerDay>{DAY_MINUTES}</MinutesPerDay>\n\
         <MinutesPerWeek>{WEEK_MINUTES}</MinutesPerWeek>\n<DaysPerMonth>20</DaysPerMonth>\n<Tasks>",
        escape(title)
    );
    for (at, activity) in activities.iter().enumerate() {
        let uid = at + 1;
        let summary = activity.minutes.is_none();
        let minutes = activity.minutes.unwrap_or_else(|| below(activities, at));
        let (hours, minutes) = (minutes / 60, minutes % 60);
        let _ = writeln!(
            out,
            "<Task><UID>{uid}</UID><ID>{uid}</ID><Name>{}</Name><Active>1</Active><Manual>0</Manual>\
             <Type>1</Type><IsNull>0</IsNull><OutlineLevel>{}</OutlineLevel>\
             <Start>{start}T08:00:00</Start><Duration>PT{hours}H{minutes}M0S</Duration>\
             <DurationFormat>7</DurationFormat><Summary>{}</Summary></Task>",
            escape(&activity.name),
            activity.level,
            u8::from(summary),
        );
    }
    out.push_str("</Tasks>\n</Project>\n");
    out
}

/// The longest activity below a heading: activities side by side until they are linked.
fn below(activities: &[Activity], at: usize) -> u64 {
    let Some(level) = activities.get(at).map(|activity| activity.level) else { return 0 };
    let rest = activities.iter().skip(at + 1);
    let inside = rest.take_while(|activity| activity.level > level);
    inside.filter_map(|activity| activity.minutes).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(tasks: &str) -> String {
        format!(
            "<Project xmlns=\"x\"><Title>Job</Title><MinutesPerDay>540</MinutesPerDay><Tasks>{tasks}</Tasks></Project>"
        )
    }

    #[test]
    fn durations_are_working_time() {
        assert_eq!(minutes("PT56H30M0S"), Some(3_390));
        assert_eq!(minutes("P1DT2H"), Some(1_560));
        assert_eq!(minutes("PT0H0M90S"), Some(1));
        for bad in ["", "56H", "PT5X", "P-1D", "PT1H2", "PTH"] {
            assert_eq!(minutes(bad), None, "{bad}");
        }
    }

    #[test]
    fn tasks_read_with_uid_level_and_days() {
        let text = project(
            "<Task><UID>0</UID><Name>Job</Name></Task>\
             <Task><UID>7</UID><Name>Strip &amp; stack</Name><OutlineLevel>2</OutlineLevel>\
             <Duration>PT45H0M0S</Duration><Summary>0</Summary></Task>",
        );
        let programme = read(text.as_bytes()).unwrap();
        assert_eq!(programme.tasks.len(), 1);
        assert_eq!(programme.tasks[0].name, "Strip & stack");
        assert_eq!(programme.days(&programme.tasks[0]).to_string(), "5");
    }

    #[test]
    fn what_is_hostile_or_no_programme_is_told() {
        let bomb = "<!DOCTYPE a [<!ENTITY b \"xx\">]><Project><Title>&b;</Title></Project>";
        let twice = project("<Task><UID>1</UID></Task><Task><UID>1</UID></Task>");
        let deep = format!("<Project>{}", "<a>".repeat(100));
        for bad in
            ["", "<html></html>", bomb, &twice, &deep, "<Project>", "\u{feff}", "PK\u{3}\u{4}"]
        {
            assert!(read(bad.as_bytes()).is_err(), "{bad}");
        }
        let mpp = read(&[0xd0, 0xcf, 0x11, 0xe0, 0, 0]).unwrap_err().to_string();
        assert!(mpp.contains("mpxj"), "{mpp}");
    }

    #[test]
    fn what_is_written_reads_back() {
        let activity =
            |name: &str, level, minutes| Activity { name: name.to_owned(), level, minutes };
        let activities = [activity("1 Earth & rock", 1, None), activity("1.1 Strip", 2, Some(600))];
        let back = read(write("Job <1>", "2026-04-20", &activities).as_bytes()).unwrap();
        assert_eq!(back.title, "Job <1>");
        let tasks: Vec<_> =
            back.tasks.iter().map(|t| (t.uid, t.level, t.minutes, t.summary)).collect();
        assert_eq!(tasks, [(1, 1, 600, true), (2, 2, 600, false)]);
    }
}
