//! What a server has of its own for its vaults, and where it wrote them before.

use std::path::{Path, PathBuf};

use parking_lot::Mutex;
use tokio::sync::Semaphore;

use super::Signer;

/// Name of the folder in the data folder that drills restore into.
const SCRATCH: &str = "drill";
/// Name of the file in the data folder that says where its vaults were written: the place, then the
/// name of each vault.
const MARK: &str = "vault-place";

/// What a server has of its own for its vaults.
#[derive(Debug, Default)]
pub struct Own {
    /// The folder ledgers are restored into for drills; without one there are none.
    pub scratch: Option<PathBuf>,
    /// The key heads are signed with; without one they are not.
    pub signer: Option<Signer>,
    /// Where the vaults are, as the configuration names it.
    pub place: String,
    /// The file that says at which place vaults were written from here; none where nobody asks.
    pub mark: Option<PathBuf>,
    /// The vaults that were written there before this start.
    pub(super) before: Vec<String>,
    /// One writer of the file at a time.
    pub(super) marking: Mutex<()>,
    pub(super) drilling: Turn,
}

/// One drill at a time, whatever the number of organisations.
#[derive(Debug)]
pub(super) struct Turn(pub(super) Semaphore);

impl Default for Turn {
    fn default() -> Self {
        Turn(Semaphore::new(1))
    }
}

impl Own {
    /// For vaults in a place, of a data folder, and with a key to sign with.
    pub fn new(place: String, data: &Path, signer: Signer) -> Own {
        let mut own = Own {
            scratch: Some(data.join(SCRATCH)),
            signer: Some(signer),
            place,
            mark: Some(data.join(MARK)),
            ..Own::default()
        };
        own.before = own.written().unwrap_or_default();
        own
    }

    /// The vaults that were written at the place from here; none where it was another, or none.
    fn written(&self) -> Option<Vec<String>> {
        let text = std::fs::read_to_string(self.mark.as_ref()?).ok()?;
        let mut lines = text.lines().map(str::trim);
        (lines.next() == Some(&*self.place)).then(|| lines.map(str::to_owned).collect())
    }

    /// Whether vaults at the place were written from here before.
    #[must_use]
    pub fn wrote_there(&self) -> bool {
        self.written().is_some()
    }

    /// Whether a vault at the place was written from here before this start.
    pub(super) fn wrote(&self, slug: &str) -> bool {
        self.before.iter().any(|written| written == slug)
    }

    /// Notes that one is.
    pub(super) fn note(&self, slug: &str) {
        let Some(mark) = &self.mark else { return };
        let _one_at_a_time = self.marking.lock();
        let mut all = self.written().unwrap_or_default();
        if all.iter().any(|written| written == slug) {
            return;
        }
        all.push(slug.to_owned());
        let text = format!("{}\n{}\n", self.place, all.join("\n"));
        if let Err(error) = std::fs::write(mark, text) {
            tracing::warn!(%error, "{} was not written", mark.display());
        }
    }
}
