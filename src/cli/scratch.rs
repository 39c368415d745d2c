//! Folders among the temporary ones that hold originals for a while: nobody else may read them, and
//! they go again whatever ends the command.

use std::fs::{DirBuilder, File};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Once;

use anyhow::Context;
use parking_lot::Mutex;
use tokio::signal::unix::{SignalKind, signal};

use crate::ledger::LedgerError;
use crate::vault::VaultError;
use crate::vault::masking::MaskError;

/// What the names of such folders begin with.
const STARTS: [&str; 3] = ["oxflow-copy-", "oxflow-drill-", "oxflow-list-"];
/// The file in each that its process holds locked: whoever can lock it finds nobody there.
const LOCK: &str = "lock";
/// Exit code of a command that was interrupted.
const INTERRUPTED: i32 = 130;
/// How often a folder is removed in which something new turns up meanwhile.
const REMOVALS: usize = 20;

/// What goes when the command is told to stop.
static HELD: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Such a folder; it goes when dropped.
pub struct Scratch {
    path: PathBuf,
    _lock: File,
}

impl Scratch {
    /// A new one, for its owner only. What earlier commands that were killed left goes first.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn new(what: &str) -> anyhow::Result<Scratch> {
        Scratch::below(&std::env::temp_dir(), what)
    }

    fn below(folder: &Path, what: &str) -> anyhow::Result<Scratch> {
        sweep(folder);
        let start = format!("oxflow-{what}-");
        debug_assert!(STARTS.contains(&&*start), "{start} is not removed where it is left");
        let path = folder.join(format!("{start}{}", uuid::Uuid::now_v7()));
        let failed = || format!("cannot make {} (TMPDIR names another folder)", path.display());
        // Held before it is there: told to stop in between, it would stay.
        hold(&path);
        let made = DirBuilder::new().mode(0o700).create(&path).with_context(failed);
        made.inspect_err(|_| release(&path))?;
        // Locked before it has its name: nobody finds it without its owner.
        let (unnamed, named) = (path.join("lock.new"), path.join(LOCK));
        let lock = File::create(&unnamed).with_context(failed)?;
        lock.try_lock().with_context(failed)?;
        std::fs::rename(&unnamed, &named).with_context(failed)?;
        Ok(Scratch { path, _lock: lock })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Says where there was no room, and what to do, where that was what failed.
    pub fn explain<T>(&self, done: anyhow::Result<T>) -> anyhow::Result<T> {
        done.map_err(|error| match self.is_full(&error) {
            true => error.context(format!(
                "there is no room in {}: free some, or name another folder for temporary files \
                 with TMPDIR",
                self.path.display()
            )),
            false => error,
        })
    }

    fn is_full(&self, error: &anyhow::Error) -> bool {
        let here = |error: &VaultError| match error {
            VaultError::File { path, .. } => {
                error.is_full() && Path::new(path).starts_with(&self.path)
            }
            error => error.is_full(),
        };
        error.chain().any(|cause| {
            if let Some(error) = cause.downcast_ref::<MaskError>() {
                return match error {
                    MaskError::Vault(error) => here(error),
                    MaskError::Ledger(error) => matches!(error, LedgerError::DiskFull),
                    _ => false,
                };
            }
            cause.downcast_ref::<VaultError>().is_some_and(here)
                || matches!(cause.downcast_ref(), Some(LedgerError::DiskFull))
        })
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.path));
        release(&self.path);
    }
}

/// Has a file or folder removed when the command is told to stop (Ctrl+C, SIGTERM), from when this
/// returns on.
pub fn hold(path: &Path) {
    static WATCH: Once = Once::new();
    WATCH.call_once(|| {
        // Without it a killed command leaves what the next one finds.
        drop(listen());
    });
    HELD.lock().push(path.to_owned());
}

/// Has it stay from now on.
pub fn release(path: &Path) {
    HELD.lock().retain(|held| held != path);
}

/// Listens for what stops a command; a thread of its own does what [`stop`] says then.
fn listen() -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (mut interrupted, mut terminated) = {
        let _within = runtime.enter();
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?)
    };
    let wait = move || {
        runtime.block_on(async {
            tokio::select! {
                _ = interrupted.recv() => {}
                _ = terminated.recv() => {}
            }
        });
        stop()
    };
    std::thread::Builder::new().name("stop".to_owned()).spawn(wait).map(drop)
}

/// Removes what is held, and ends the process. What its other threads write meanwhile goes too,
/// unless they are quicker again and again; then the next command finds it.
fn stop() {
    let held = HELD.lock();
    for path in held.iter() {
        let gone = || match path.is_dir() {
            true => std::fs::remove_dir_all(path).is_ok(),
            false => std::fs::remove_file(path).is_ok() || !path.exists(),
        };
        (0..REMOVALS).any(|_| gone());
    }
    eprintln!("oxflow: stopped; what was written so far is removed");
    std::process::exit(INTERRUPTED)
}

/// Removes the folders of processes that are no more. One that cannot be removed is not ours.
fn sweep(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let ours = name.to_str().is_some_and(|name| STARTS.iter().any(|s| name.starts_with(s)));
        let Ok(lock) = (if ours { File::open(entry.path().join(LOCK)) } else { continue }) else {
            continue;
        };
        if lock.try_lock().is_ok() {
            drop(std::fs::remove_dir_all(entry.path()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn it_is_for_its_owner_only_and_what_the_dead_left_goes() {
        let folder = tempfile::TempDir::new().unwrap();
        let left = STARTS.map(|start| folder.path().join(format!("{start}dead")));
        for left in &left {
            std::fs::create_dir(left).unwrap();
            std::fs::write(left.join(LOCK), "").unwrap();
            std::fs::write(left.join("control.redb"), "originals").unwrap();
        }
        let others = folder.path().join("something-else");
        std::fs::create_dir(&others).unwrap();

        let one = Scratch::below(folder.path(), "copy").unwrap();
        assert!(left.iter().all(|left| !left.exists()), "what a killed command left is gone");
        let mode = std::fs::metadata(one.path()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        let two = Scratch::below(folder.path(), "drill").unwrap();
        assert!(one.path().exists() && others.exists(), "those in use and others' stay");
        let paths = [one.path().to_owned(), two.path().to_owned()];
        drop((one, two));
        assert!(paths.iter().all(|path| !path.exists()));
    }

    #[test]
    fn a_full_disk_is_said_with_its_folder_and_what_to_do() {
        let folder = tempfile::TempDir::new().unwrap();
        let scratch = Scratch::below(folder.path(), "copy").unwrap();
        let full = VaultError::Ledger(LedgerError::DiskFull);
        let said = scratch.explain::<()>(Err(full.into())).unwrap_err();
        let said = format!("{said:#}");
        let place = scratch.path().display().to_string();
        assert!(said.contains(&place) && said.contains("TMPDIR"), "{said}");
        let masking = MaskError::Ledger(LedgerError::DiskFull);
        let said = scratch.explain::<()>(Err(masking.into())).unwrap_err().to_string();
        assert!(said.contains("TMPDIR"), "{said}");
        let cause = std::io::ErrorKind::StorageFull.into();
        let elsewhere = VaultError::File { path: "/mnt/out.oxsnap".into(), cause };
        let said = format!("{:#}", scratch.explain::<()>(Err(elsewhere.into())).unwrap_err());
        assert!(!said.contains("TMPDIR") && said.contains("/mnt/out.oxsnap"), "{said}");
    }
}
