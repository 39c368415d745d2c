//! `oxflow check` and `oxflow audit verify` pass on what is whole and find what is not.

use std::fs;
use std::path::Path;

use oxflow::workspace::control::{Control, NewOrganisation};

use crate::harness::process::{output, refused};

fn data_folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let control = Control::open(folder.path()).unwrap();
    control.create(&NewOrganisation::default()).unwrap();
    control.workspace("default").unwrap();
    drop(control);
    folder
}

fn arguments<'a>(command: &[&'a str], data: &'a Path) -> Vec<&'a str> {
    let mut all = command.to_vec();
    all.extend(["--data", data.to_str().unwrap()]);
    all
}

#[test]
fn a_whole_data_folder_passes_both() {
    let folder = data_folder();
    let said = output(&arguments(&["check"], folder.path()), folder.path());
    assert!(said.contains("control              sound"), "{said}");
    assert!(said.contains("default              sound"), "{said}");
    let said = output(&arguments(&["audit", "verify"], folder.path()), folder.path());
    assert!(said.contains("default              holds"), "{said}");
}

/// Changes a letter in a record of the log, and in the row it left, of a ledger nobody has open.
pub fn alter_a_record(folder: &Path) {
    let file = folder.join("orgs/default/ledger.redb");
    let mut bytes = fs::read(&file).unwrap();
    // The name of a standard unit stands in its row and in the record of the commit.
    let word = b"metre";
    let places: Vec<usize> = bytes
        .windows(word.len())
        .enumerate()
        .filter(|(_, w)| w == word)
        .map(|(at, _)| at)
        .collect();
    assert!(!places.is_empty(), "the ledger names no metre");
    for at in places {
        bytes[at] = b'n';
    }
    fs::write(&file, bytes).unwrap();
}

#[test]
fn a_changed_byte_in_a_record_is_found() {
    let folder = data_folder();
    alter_a_record(folder.path());
    let said = refused(&arguments(&["check"], folder.path()), folder.path());
    assert!(said.contains("damaged"), "{said}");
    let said = refused(&arguments(&["audit", "verify"], folder.path()), folder.path());
    assert!(said.contains("altered or damaged"), "{said}");
}

#[test]
fn a_folder_that_is_none_or_in_use_is_refused_in_words() {
    let folder = data_folder();
    let gone = folder.path().join("gone");
    let said = refused(&arguments(&["check"], &gone), folder.path());
    assert!(said.contains("there is no data folder"), "{said}");
    assert!(!gone.exists(), "a refused check made the folder");
    let _open = Control::open(folder.path()).unwrap();
    let said = refused(&arguments(&["check"], folder.path()), folder.path());
    assert!(said.contains("in use by another oxflow process"), "{said}");
}
