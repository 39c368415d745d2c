//! Secrets that settings name (`secret:NAME`), kept in the data folder and readable with a key only.
//!
//! `secrets.json` holds each secret sealed with AES-256-GCM under the key, with its name and the
//! key's id as associated data, so that none can be put in another's place. The key comes from
//! `OXFLOW_SECRETS_KEY`, or from `secrets.key` in the data folder, which is made when it is needed.
//! They are no rows of a ledger: a log kept for years would keep them under keys long taken away,
//! and they open the vault that a ledger is restored from. So no copy, snapshot or vault has them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// File of the secrets, in the data folder.
pub const SECRETS_FILE: &str = "secrets.json";
/// File of the key beside it, where no variable has it.
pub const KEY_FILE: &str = "secrets.key";
/// File that whoever changes secrets holds meanwhile.
const LOCK_FILE: &str = "secrets.lock";
/// What the name of a file being written ends with.
const UNFINISHED: &str = "new";
/// Only whoever runs the server reads these files.
const MODE: u32 = 0o600;

/// Format of the file.
const FORMAT: u32 = 1;
/// Bytes of a key.
const KEY_BYTES: usize = 32;
/// Hexadecimal digits of a key's id.
const KEY_ID_CHARS: usize = 16;
/// What every sealed secret is for, so that nothing sealed for another purpose fits.
const PURPOSE: &str = "oxflow secret 1";
/// What the id of a key is the hash of, beside the key.
const KEY_PURPOSE: &str = "oxflow secrets key id 1";
/// The longest name of a secret.
const NAME_CHARS_MAX: usize = 64;
/// The longest secret.
pub const SECRET_BYTES_MAX: usize = 64 << 10;

/// Why secrets are out of reach.
#[derive(Debug, thiserror::Error)]
pub enum SecretsError {
    /// A file cannot be read or written.
    #[error("{}: {cause}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// The file is none of ours.
    #[error("{}: {what}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// There are secrets and no key.
    #[error(
        "there are secrets, but no key to read them with: set OXFLOW_SECRETS_KEY, or put {} back",
        .0.display()
    )]
    NoKey(PathBuf),
    /// The key is another.
    #[error(
        "the secret {name} is sealed with the key {wanted}, and {} at hand",
        if .held.is_empty() { "none is".to_owned() } else { format!("{} is", .held.join(" and ")) }
    )]
    OtherKey {
        /// The secret.
        name: String,
        /// Id of the key it takes.
        wanted: String,
        /// Ids of the keys there are.
        held: Vec<String>,
    },
    /// Somebody altered what is sealed.
    #[error("the secret {0} was altered, or put there from elsewhere: set it anew")]
    Altered(String),
    /// There is no such secret.
    #[error("there is no secret {0}: set it with `oxflow secrets set {0}`")]
    Unknown(String),
    /// A name that is none.
    #[error(
        "{0:?} is no name of a secret: 1 to {NAME_CHARS_MAX} lower-case letters, digits, dots, \
         hyphens and underscores"
    )]
    Name(String),
    /// A secret that is none.
    #[error("a secret has 1 to {SECRET_BYTES_MAX} bytes of text")]
    Length,
    /// A key that is none.
    #[error("{0}: a key is 32 bytes, as 64 hexadecimal digits or in base64")]
    Key(String),
    /// The key of the environment is the one the secrets have already.
    #[error(
        "the secrets are sealed with this key already: put a new one in OXFLOW_SECRETS_KEY and the \
         one until now in OXFLOW_SECRETS_KEY_OLD"
    )]
    SameKey,
    /// The operating system has no randomness.
    #[error("the operating system gives no random numbers")]
    NoRandomness,
}

/// A secret; shows nothing of itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A secret, without the line's end of the file it was in.
    pub fn new(text: &str) -> Secret {
        Secret(text.trim().to_owned())
    }

    /// The secret itself.
    pub fn text(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A key that secrets are sealed with; shows its id only.
#[derive(Clone, PartialEq, Eq)]
pub struct Key([u8; KEY_BYTES]);

impl Key {
    /// A key as people write it; `place` says where it was.
    ///
    /// # Errors
    /// `Key` for anything but 32 bytes in hexadecimal or base64.
    pub fn read(text: &str, place: &str) -> Result<Key, SecretsError> {
        let text = text.trim();
        let bytes = if text.len() == KEY_BYTES * 2 {
            hexadecimal(text)
        } else {
            STANDARD.decode(text).ok()
        };
        let key = bytes.and_then(|bytes| bytes.try_into().ok());
        key.map(Key).ok_or_else(|| SecretsError::Key(place.to_owned()))
    }

    fn fresh() -> Result<Key, SecretsError> {
        let mut bytes = [0; KEY_BYTES];
        getrandom::fill(&mut bytes).map_err(|_| SecretsError::NoRandomness)?;
        Ok(Key(bytes))
    }

    /// What the key is called where it must not be shown.
    pub fn id(&self) -> String {
        let hash = Sha256::new().chain_update(KEY_PURPOSE).chain_update(self.0).finalize();
        let mut id = hex(&hash);
        id.truncate(KEY_ID_CHARS);
        id
    }

    fn aead(&self) -> Option<LessSafeKey> {
        UnboundKey::new(&AES_256_GCM, &self.0).ok().map(LessSafeKey::new)
    }

    fn seal(&self, name: &str, text: &str) -> Result<String, SecretsError> {
        let mut nonce = [0; NONCE_LEN];
        getrandom::fill(&mut nonce).map_err(|_| SecretsError::NoRandomness)?;
        let mut sealed = text.as_bytes().to_vec();
        let key = self.aead().ok_or(SecretsError::NoRandomness)?;
        let bound = Aad::from(self.bound(name));
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), bound, &mut sealed)
            .map_err(|_| SecretsError::Length)?;
        Ok(hex(&[nonce.as_slice(), &sealed].concat()))
    }

    fn open(&self, name: &str, sealed: &str) -> Option<String> {
        let bytes = hexadecimal(sealed)?;
        let (nonce, body) = bytes.split_first_chunk::<NONCE_LEN>()?;
        let mut body = body.to_vec();
        let bound = Aad::from(self.bound(name));
        let plain = self
            .aead()?
            .open_in_place(Nonce::assume_unique_for_key(*nonce), bound, &mut body)
            .ok()?;
        String::from_utf8(plain.to_vec()).ok()
    }

    /// What a sealed secret is bound to.
    fn bound(&self, name: &str) -> Vec<u8> {
        [PURPOSE, &self.id(), name].join("\0").into_bytes()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.id())
    }
}

/// Where the key comes from.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// The key of the environment; none where it is in the file.
    pub key: Option<Key>,
    /// The one before it, until secrets are sealed with the new one.
    pub old: Option<Key>,
}

/// A secret as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// Id of the key it is sealed with.
    pub key: String,
    /// When it was set.
    pub set_at: String,
}

/// The file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    format: u32,
    secrets: BTreeMap<String, Entry>,
}

/// One secret of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    key: String,
    sealed: String,
    set_at: String,
}

/// Where a rotation stands; tests stop after each.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Step {
    BothKeys,
    Sealed,
    Done,
}

/// The secrets of a data folder.
#[derive(Debug)]
pub struct Secrets {
    folder: PathBuf,
    given: Given,
}

impl Secrets {
    /// The secrets of `folder`, under the key that is given or the one in the folder. Reads nothing
    /// yet.
    pub fn of(folder: &Path, given: Given) -> Secrets {
        Secrets { folder: folder.to_owned(), given }
    }

    /// The secret of a name.
    ///
    /// # Errors
    /// `Unknown`, `NoKey`, `OtherKey`, `Altered`; a file that cannot be read.
    pub fn get(&self, name: &str) -> Result<Secret, SecretsError> {
        check(name)?;
        let stored = self.stored()?;
        let entry =
            stored.secrets.get(name).ok_or_else(|| SecretsError::Unknown(name.to_owned()))?;
        opened(&self.keys()?, name, entry).map(Secret)
    }

    /// Every secret by name, without what it says.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn list(&self) -> Result<Vec<Listed>, SecretsError> {
        let listed =
            |(name, entry): (String, Entry)| Listed { name, key: entry.key, set_at: entry.set_at };
        Ok(self.stored()?.secrets.into_iter().map(listed).collect())
    }

    /// Sets a secret; `set_at` is the time of day to note.
    ///
    /// # Errors
    /// `Name`, `Length`; a key or file that cannot be used.
    pub fn set(&self, name: &str, secret: &Secret, set_at: &str) -> Result<(), SecretsError> {
        check(name)?;
        let text = secret.text();
        if text.is_empty() || text.len() > SECRET_BYTES_MAX {
            return Err(SecretsError::Length);
        }
        let _lock = self.lock()?;
        let mut stored = self.stored()?;
        let keys = self.keys()?;
        // What is there must be readable, or two keys would be needed from now on.
        for (name, entry) in &stored.secrets {
            opened(&keys, name, entry)?;
        }
        let key = match keys.into_iter().next() {
            Some(key) => key,
            None => self.make_key()?,
        };
        let sealed = key.seal(name, text)?;
        let entry = Entry { key: key.id(), sealed, set_at: set_at.to_owned() };
        stored.secrets.insert(name.to_owned(), entry);
        self.store(&stored)
    }

    /// Takes a secret away.
    ///
    /// # Errors
    /// `Unknown`; a file that cannot be written.
    pub fn remove(&self, name: &str) -> Result<(), SecretsError> {
        check(name)?;
        let _lock = self.lock()?;
        let mut stored = self.stored()?;
        if stored.secrets.remove(name).is_none() {
            return Err(SecretsError::Unknown(name.to_owned()));
        }
        self.store(&stored)
    }

    /// Seals every secret with a new key: one that is made, or the one of the environment. Whatever
    /// interrupts it, all of them can be read; the old key reads none of them afterwards.
    ///
    /// # Errors
    /// `SameKey`; a secret that cannot be read, a key or file that cannot be used. Nothing changed
    /// then, or it can be run again.
    pub fn rotate(&self) -> Result<usize, SecretsError> {
        self.rotate_until(Step::Done)
    }

    fn rotate_until(&self, last: Step) -> Result<usize, SecretsError> {
        let _lock = self.lock()?;
        let mut stored = self.stored()?;
        let keys = self.keys()?;
        let plain: Result<Vec<(String, String)>, SecretsError> = stored
            .secrets
            .iter()
            .map(|(name, entry)| Ok((name.clone(), opened(&keys, name, entry)?)))
            .collect();
        let plain = plain?;
        let new = match &self.given.key {
            Some(key) => {
                let id = key.id();
                if !plain.is_empty() && stored.secrets.values().all(|entry| entry.key == id) {
                    return Err(SecretsError::SameKey);
                }
                key.clone()
            }
            None => {
                let new = Key::fresh()?;
                // Both, until nothing is sealed with the old one any more.
                let both: Vec<Key> = [&new].into_iter().chain(&keys).cloned().collect();
                self.store_keys(&both)?;
                new
            }
        };
        if last == Step::BothKeys {
            return Ok(0);
        }
        for (name, text) in &plain {
            if let Some(entry) = stored.secrets.get_mut(name) {
                (entry.key, entry.sealed) = (new.id(), new.seal(name, text)?);
            }
        }
        self.store(&stored)?;
        if last == Step::Sealed {
            return Ok(0);
        }
        if self.given.key.is_none() {
            self.store_keys(&[new])?;
        }
        Ok(plain.len())
    }

    /// The keys at hand; new secrets are sealed with the first.
    fn keys(&self) -> Result<Vec<Key>, SecretsError> {
        if let Some(key) = &self.given.key {
            return Ok([Some(key), self.given.old.as_ref()]
                .into_iter()
                .flatten()
                .cloned()
                .collect());
        }
        let path = self.folder.join(KEY_FILE);
        let Some(text) = read(&path)? else {
            // With the file of secrets and without a key, something was lost.
            let lost = !self.stored()?.secrets.is_empty();
            return if lost { Err(SecretsError::NoKey(path)) } else { Ok(Vec::new()) };
        };
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        lines.map(|line| Key::read(line, &path.display().to_string())).collect()
    }

    fn make_key(&self) -> Result<Key, SecretsError> {
        let key = Key::fresh()?;
        self.store_keys(std::slice::from_ref(&key))?;
        Ok(key)
    }

    fn store_keys(&self, keys: &[Key]) -> Result<(), SecretsError> {
        let lines: String = keys.iter().map(|key| format!("{}\n", hex(&key.0))).collect();
        replace(&self.folder.join(KEY_FILE), lines.as_bytes())
    }

    fn stored(&self) -> Result<Stored, SecretsError> {
        let path = self.folder.join(SECRETS_FILE);
        let Some(text) = read(&path)? else {
            return Ok(Stored { format: FORMAT, secrets: BTreeMap::new() });
        };
        let damaged = |what| SecretsError::Damaged { path: path.clone(), what };
        let stored: Stored =
            serde_json::from_str(&text).map_err(|error| damaged(error.to_string()))?;
        if stored.format != FORMAT {
            return Err(damaged(format!("it is of format {}, not {FORMAT}", stored.format)));
        }
        Ok(stored)
    }

    fn store(&self, stored: &Stored) -> Result<(), SecretsError> {
        let path = self.folder.join(SECRETS_FILE);
        let text = serde_json::to_vec_pretty(stored).map_err(|error| SecretsError::Damaged {
            path: path.clone(),
            what: error.to_string(),
        })?;
        replace(&path, &text)
    }

    /// Keeps others from changing secrets meanwhile.
    fn lock(&self) -> Result<File, SecretsError> {
        let path = self.folder.join(LOCK_FILE);
        let locked = fs::create_dir_all(&self.folder)
            .and_then(|()| OpenOptions::new().create(true).append(true).mode(MODE).open(&path))
            .and_then(|file| file.lock().map(|()| file));
        locked.map_err(|cause| SecretsError::File { path, cause })
    }
}

/// What a secret says.
fn opened(keys: &[Key], name: &str, entry: &Entry) -> Result<String, SecretsError> {
    let Some(key) = keys.iter().find(|key| key.id() == entry.key) else {
        return Err(SecretsError::OtherKey {
            name: name.to_owned(),
            wanted: entry.key.clone(),
            held: keys.iter().map(Key::id).collect(),
        });
    };
    key.open(name, &entry.sealed).ok_or_else(|| SecretsError::Altered(name.to_owned()))
}

fn check(name: &str) -> Result<(), SecretsError> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
    if name.is_empty() || name.len() > NAME_CHARS_MAX || !name.chars().all(fits) {
        return Err(SecretsError::Name(name.to_owned()));
    }
    Ok(())
}

/// The text of a file; none where there is no such file.
fn read(path: &Path) -> Result<Option<String>, SecretsError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(SecretsError::File { path: path.to_owned(), cause }),
    }
}

/// Puts a file in the place of another at once, for its owner alone.
fn replace(path: &Path, bytes: &[u8]) -> Result<(), SecretsError> {
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".");
    unfinished.push(UNFINISHED);
    let unfinished = PathBuf::from(unfinished);
    let written = || {
        // One left by a crash may be anybody's to read.
        match fs::remove_file(&unfinished) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file =
            OpenOptions::new().write(true).create_new(true).mode(MODE).open(&unfinished)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&unfinished, path)?;
        match path.parent() {
            Some(folder) => File::open(folder)?.sync_all(),
            None => Ok(()),
        }
    };
    written().map_err(|cause| SecretsError::File { path: path.to_owned(), cause })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        text.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    let digits = digits?;
    let (pairs, rest) = digits.as_chunks::<2>();
    rest.is_empty().then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

#[cfg(test)]
#[path = "secrets_tests.rs"]
mod tests;
