use super::*;
use std::os::unix::fs::PermissionsExt;
use tempfile::TempDir;

const NOON: &str = "2026-05-12T12:00:00Z";

fn in_file(folder: &TempDir) -> Secrets {
    Secrets::of(folder.path(), Given::default())
}

fn given(folder: &TempDir, key: u8, old: Option<u8>) -> Secrets {
    let of = |byte| Key([byte; KEY_BYTES]);
    Secrets::of(folder.path(), Given { key: Some(of(key)), old: old.map(of) })
}

fn set(secrets: &Secrets, name: &str, text: &str) {
    secrets.set(name, &Secret::new(text), NOON).unwrap();
}

fn text(folder: &TempDir, file: &str) -> String {
    fs::read_to_string(folder.path().join(file)).unwrap()
}

#[test]
fn a_secret_reads_back_and_lies_on_disk_for_nobody_to_read() {
    let folder = TempDir::new().unwrap();
    let secrets = in_file(&folder);
    assert!(matches!(secrets.get("oidc"), Err(SecretsError::Unknown(_))));
    assert!(!folder.path().join(KEY_FILE).exists(), "looking makes no key");
    set(&secrets, "oidc", "hush hush\n");
    set(&secrets, "s3.key", "other");
    assert_eq!(secrets.get("oidc").unwrap().text(), "hush hush");
    let names: Vec<String> = secrets.list().unwrap().into_iter().map(|one| one.name).collect();
    assert_eq!(names, ["oidc", "s3.key"]);
    for file in [SECRETS_FILE, KEY_FILE] {
        assert!(!text(&folder, file).contains("hush"));
        let mode = fs::metadata(folder.path().join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, MODE, "{file}");
    }
    let shown = format!("{:?}{:?}", secrets.get("oidc").unwrap(), secrets.keys().unwrap());
    let key = text(&folder, KEY_FILE);
    assert!(!shown.contains("hush") && !shown.contains(key.trim()), "{shown}");
    secrets.remove("oidc").unwrap();
    assert!(matches!(secrets.get("oidc"), Err(SecretsError::Unknown(_))));
    assert!(matches!(secrets.remove("oidc"), Err(SecretsError::Unknown(_))));
}

#[test]
fn what_is_altered_or_put_in_anothers_place_does_not_open() {
    let folder = TempDir::new().unwrap();
    let secrets = in_file(&folder);
    set(&secrets, "one", "first");
    set(&secrets, "two", "other");
    let stored = secrets.stored().unwrap();
    let (one, two) = (stored.secrets["one"].clone(), stored.secrets["two"].clone());
    let altered = |of_one: Entry| {
        let mut stored = secrets.stored().unwrap();
        stored.secrets.insert("one".to_owned(), of_one);
        secrets.store(&stored).unwrap();
        secrets.get("one")
    };
    assert!(matches!(altered(two), Err(SecretsError::Altered(_))));
    for at in 0..one.sealed.len() {
        let mut sealed = one.sealed.clone().into_bytes();
        sealed[at] = if sealed[at] == b'0' { b'1' } else { b'0' };
        let entry = Entry { sealed: String::from_utf8(sealed).unwrap(), ..one.clone() };
        assert!(matches!(altered(entry), Err(SecretsError::Altered(_))), "at {at}");
    }
    let short = Entry { sealed: one.sealed[..20].to_owned(), ..one.clone() };
    assert!(matches!(altered(short), Err(SecretsError::Altered(_))));
    assert_eq!(altered(one).unwrap().text(), "first");
    fs::write(folder.path().join(SECRETS_FILE), "{").unwrap();
    assert!(matches!(secrets.get("one"), Err(SecretsError::Damaged { .. })));
}

#[test]
fn another_key_is_told_by_its_id_and_none_is_told_as_well() {
    let folder = TempDir::new().unwrap();
    set(&given(&folder, 1, None), "one", "first");
    let said = given(&folder, 2, None).get("one").unwrap_err().to_string();
    let [wanted, held] = [1, 2].map(|byte| Key([byte; KEY_BYTES]).id());
    assert!(said.contains(&wanted) && said.contains(&held), "{said}");
    let other = given(&folder, 2, None).set("two", &Secret::new("x"), NOON);
    assert!(matches!(other, Err(SecretsError::OtherKey { .. })));
    assert!(matches!(in_file(&folder).get("one"), Err(SecretsError::NoKey(_))));
    assert!(matches!(
        in_file(&folder).set("two", &Secret::new("x"), NOON),
        Err(SecretsError::NoKey(_))
    ));
}

#[test]
fn a_rotation_leaves_every_secret_readable_wherever_it_stops() {
    for stop in [Step::BothKeys, Step::Sealed, Step::Done] {
        let folder = TempDir::new().unwrap();
        let secrets = in_file(&folder);
        set(&secrets, "one", "first");
        set(&secrets, "two", "other");
        let (old, before) = (text(&folder, KEY_FILE), text(&folder, SECRETS_FILE));
        secrets.rotate_until(stop).unwrap();
        // As whoever starts after a crash finds it; a file half written lies beside it.
        fs::write(folder.path().join("secrets.json.new"), "{\"for").unwrap();
        let again = in_file(&folder);
        assert_eq!(again.get("one").unwrap().text(), "first", "{stop:?}");
        assert_eq!(again.get("two").unwrap().text(), "other", "{stop:?}");
        set(&again, "three", "third");
        assert_eq!(again.rotate().unwrap(), 3, "{stop:?}");
        assert_eq!(again.get("three").unwrap().text(), "third");
        // The old key is gone, and reads nothing of what there is now.
        assert!(!text(&folder, KEY_FILE).contains(old.trim()), "{stop:?}");
        assert_eq!(text(&folder, KEY_FILE).lines().count(), 1);
        assert_ne!(text(&folder, SECRETS_FILE), before);
        fs::write(folder.path().join(KEY_FILE), old).unwrap();
        assert!(matches!(again.get("one"), Err(SecretsError::OtherKey { .. })), "{stop:?}");
    }
}

#[test]
fn a_key_of_the_environment_is_rotated_with_the_one_before_beside_it() {
    let folder = TempDir::new().unwrap();
    set(&given(&folder, 1, None), "one", "first");
    assert!(matches!(given(&folder, 1, None).rotate(), Err(SecretsError::SameKey)));
    assert!(matches!(given(&folder, 2, None).rotate(), Err(SecretsError::OtherKey { .. })));
    let both = given(&folder, 2, Some(1));
    assert_eq!(both.get("one").unwrap().text(), "first");
    assert_eq!(both.rotate().unwrap(), 1);
    assert_eq!(given(&folder, 2, None).get("one").unwrap().text(), "first");
    assert!(given(&folder, 1, None).get("one").is_err());
    assert!(!folder.path().join(KEY_FILE).exists());
}

#[test]
fn names_secrets_and_keys_have_their_bounds() {
    let folder = TempDir::new().unwrap();
    let secrets = in_file(&folder);
    for name in ["", "Upper", "a b", "../x", "é", &"x".repeat(65)] {
        let refused = secrets.set(name, &Secret::new("x"), NOON);
        assert!(matches!(refused, Err(SecretsError::Name(_))), "{name}");
    }
    for wrong in [String::new(), "\n".to_owned(), "x".repeat(SECRET_BYTES_MAX + 1)] {
        let refused = secrets.set("one", &Secret::new(&wrong), NOON);
        assert!(matches!(refused, Err(SecretsError::Length)));
    }
    let hexadecimal = "07".repeat(KEY_BYTES);
    let same = STANDARD.encode([7; KEY_BYTES]);
    assert_eq!(Key::read(&hexadecimal, "here").unwrap(), Key::read(&same, "here").unwrap());
    for wrong in ["", "07", "zz", &"zz".repeat(KEY_BYTES), &STANDARD.encode([7; 31])] {
        let said = Key::read(wrong, "here").unwrap_err().to_string();
        assert!(said.starts_with("here:"), "{said}");
        assert!(wrong.is_empty() || !said.contains(&format!(" {wrong}")), "{said}");
    }
}
