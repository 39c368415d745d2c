//! Signed heads of the chain: who holds the public key can tell that a vault was not rewritten.
//!
//! A commit's hash covers everything before it, so one signed hash is a signature of the whole
//! history up to there. Someone who writes the store can remove heads, but cannot make any.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use futures_util::{StreamExt, TryStreamExt, stream};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use serde::{Deserialize, Serialize};

use super::{
    Catalogue, Store, VaultError,
    lease::{hex, unhex},
    secret_file,
};
use crate::ledger::{Head, Lsn};

/// The folder of the heads.
pub(super) const FOLDER: &str = "head";
/// Version of the format this release writes.
const FORMAT: u32 = 1;
/// What every signed message begins with, so that a signature is good for nothing else.
const CONTEXT: &[u8] = b"oxflow chain head 1\0";
/// Heads read at the same time.
const READS_AT_ONCE: usize = 16;

/// The key a server signs heads with. Shows nothing of itself.
#[derive(Clone)]
pub struct Signer(Arc<Ed25519KeyPair>);

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Signer({})", self.public())
    }
}

impl Signer {
    /// From a seed of 64 hexadecimal digits.
    ///
    /// # Errors
    /// `Settings` for anything else; the message repeats nothing of the text.
    pub fn from_hex(text: &str) -> Result<Signer, VaultError> {
        let wrong =
            || VaultError::Settings("the vault's signing key is not 64 hexadecimal digits".into());
        let seed = unhex(text.trim()).ok_or_else(wrong)?;
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| wrong())?;
        Ok(Signer(Arc::new(pair)))
    }

    /// The key in a file, made on first use, readable by its owner only.
    ///
    /// # Errors
    /// `File`; `Settings` for a file that holds no key.
    pub fn in_file(path: &Path) -> Result<Signer, VaultError> {
        Signer::from_hex(&secret_file::kept(path)?)
    }

    /// The public key, hexadecimal.
    #[must_use]
    pub fn public(&self) -> String {
        hex(self.0.public_key().as_ref())
    }
}

/// A point of the chain, signed, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SignedHead {
    /// Version of the format.
    pub format: u32,
    /// The organisation, 32 hexadecimal digits.
    pub organisation: String,
    /// The lease it was signed under.
    pub epoch: u64,
    /// The commit.
    pub lsn: u64,
    /// Its hash, hexadecimal.
    pub hash: String,
    /// When it was signed, microseconds since 1970 by the server's clock.
    pub at_us: i64,
    /// The public key, hexadecimal.
    pub key: String,
    /// Ed25519 over organisation, epoch, commit, hash and time, hexadecimal.
    pub signature: String,
}

fn key(epoch: u64, lsn: Lsn) -> String {
    format!("{FOLDER}/{epoch:010}/{:020}.json", lsn.0)
}

fn place(key: &str) -> Option<(u64, Lsn)> {
    let (epoch, name) = key.strip_prefix(FOLDER)?.strip_prefix('/')?.split_once('/')?;
    Some((epoch.parse().ok()?, Lsn(name.strip_suffix(".json")?.parse().ok()?)))
}

impl SignedHead {
    /// Signs a point of the chain.
    pub(super) fn sign(
        signer: &Signer,
        organisation: &[u8; 16],
        epoch: u64,
        head: Head,
        at_us: i64,
    ) -> SignedHead {
        let mut signed = SignedHead {
            format: FORMAT,
            organisation: hex(organisation),
            epoch,
            lsn: head.lsn.0,
            hash: hex(&head.hash),
            at_us,
            key: signer.public(),
            signature: String::new(),
        };
        signed.signature = hex(signer.0.sign(&signed.message()).as_ref());
        signed
    }

    /// What is signed. Every part has a fixed length once the digits were read.
    fn message(&self) -> Vec<u8> {
        let mut message = CONTEXT.to_vec();
        message.extend_from_slice(self.organisation.as_bytes());
        message.extend_from_slice(&self.epoch.to_be_bytes());
        message.extend_from_slice(&self.lsn.to_be_bytes());
        message.extend_from_slice(self.hash.as_bytes());
        message.extend_from_slice(&self.at_us.to_be_bytes());
        message
    }

    /// Where it lies.
    #[must_use]
    pub fn object(&self) -> String {
        key(self.epoch, Lsn(self.lsn))
    }

    /// Stores it; one of the same commit that is there already is as good.
    pub(super) async fn store(&self, store: &Store) -> Result<(), VaultError> {
        let text = serde_json::to_vec_pretty(self)
            .map_err(|error| VaultError::GivenUp(error.to_string()))?;
        store.create(&self.object(), text).await?;
        Ok(())
    }

    /// Verifies the signature and whose it is.
    ///
    /// # Errors
    /// `Damaged` for one that does not hold.
    fn verify(&self, name: &str, organisation: &[u8; 16], store: &Store) -> Result<(), VaultError> {
        let damaged = |why: &str| VaultError::damaged(name, why);
        if self.object() != name || self.organisation != hex(organisation) {
            return Err(damaged("it is the signed head of another commit or organisation"));
        }
        if unhex(&self.hash).is_none() {
            return Err(damaged("it has no hash"));
        }
        let public = unhex(&self.key).ok_or_else(|| damaged("it has no key"))?;
        let (first, second) = self.signature.split_at_checked(64).unwrap_or(("", ""));
        let signature = unhex(first).zip(unhex(second));
        let (first, second) = signature.ok_or_else(|| damaged("it has no signature"))?;
        let public = UnparsedPublicKey::new(&ED25519, public);
        public
            .verify(&self.message(), &[first, second].concat())
            .map_err(|_| damaged("its signature does not hold"))?;
        if !store.trusted().is_empty() && !store.trusted().contains(&self.key) {
            return Err(damaged("it is signed with a key that is not among vault.trusted_keys"));
        }
        Ok(())
    }
}

/// Where heads lie, as listed.
#[derive(Clone, Debug, Default)]
pub(super) struct Listing(Vec<(u64, Lsn, String)>);

impl Listing {
    /// Lists them.
    ///
    /// # Errors
    /// `Store`.
    pub(super) async fn read(store: &Store) -> Result<Listing, VaultError> {
        let listed = store.list(FOLDER).await?.into_iter();
        let placed = listed.filter_map(|object| {
            let (epoch, lsn) = place(&object.key)?;
            Some((epoch, lsn, object.key))
        });
        Ok(Listing(placed.collect()))
    }

    /// The newest of the history, and its key.
    pub(super) fn newest(&self, catalogue: &Catalogue) -> Option<(Lsn, String)> {
        let own = self.0.iter().filter(|(epoch, lsn, _)| *lsn <= catalogue.reach(*epoch));
        own.max_by_key(|(_, lsn, _)| *lsn).map(|(_, lsn, key)| (*lsn, key.clone()))
    }

    /// The signed heads of the history from `from` to `to`, verified, by commit.
    ///
    /// # Errors
    /// `Damaged` for one that does not hold; `Store`.
    pub(super) async fn between(
        &self,
        store: &Store,
        catalogue: &Catalogue,
        organisation: &[u8; 16],
        from: Lsn,
        to: Lsn,
    ) -> Result<BTreeMap<Lsn, SignedHead>, VaultError> {
        let wanted = self.0.iter().filter(|(epoch, lsn, _)| {
            *lsn >= from && *lsn <= to && *lsn <= catalogue.reach(*epoch)
        });
        let keys: Vec<String> = wanted.map(|(_, _, key)| key.clone()).collect();
        let reads = keys.into_iter().map(|key| read(store, key, *organisation));
        let heads: Vec<_> = stream::iter(reads).buffered(READS_AT_ONCE).try_collect().await?;
        Ok(heads.into_iter().flatten().collect())
    }
}

/// One signed head, verified; none where it is not there any more.
async fn read(
    store: &Store,
    key: String,
    organisation: [u8; 16],
) -> Result<Option<(Lsn, SignedHead)>, VaultError> {
    let Some(bytes) = store.read(&key).await? else { return Ok(None) };
    let head: SignedHead = super::format::read(&key, &bytes, FORMAT)?;
    head.verify(&key, &organisation, store)?;
    Ok(Some((Lsn(head.lsn), head)))
}

/// The newest signed head of the history.
///
/// # Errors
/// As of a restore.
pub async fn newest(
    store: &Store,
    catalogue: &Catalogue,
    organisation: &[u8; 16],
) -> Result<Option<SignedHead>, VaultError> {
    let listing = Listing::read(store).await?;
    let Some((lsn, _)) = listing.newest(catalogue) else { return Ok(None) };
    let mut found = listing.between(store, catalogue, organisation, lsn, lsn).await?;
    Ok(found.pop_last().map(|(_, head)| head))
}

/// Compares a commit with the signed head of it, where there is one.
///
/// # Errors
/// `Damaged`, naming the head.
pub(super) fn agree(heads: &BTreeMap<Lsn, SignedHead>, at: Head) -> Result<(), VaultError> {
    match heads.get(&at.lsn) {
        Some(signed) if signed.hash != hex(&at.hash) => {
            let lsn = at.lsn;
            let why =
                format!("what was signed is not commit {lsn} of this vault: it was rewritten");
            Err(VaultError::damaged(&signed.object(), why))
        }
        Some(_) | None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OF: [u8; 16] = [9; 16];

    fn store(trusted: &[String]) -> Store {
        let objects = Arc::new(object_store::memory::InMemory::new());
        Store::of(objects, "vault", None).trusting(trusted.to_vec())
    }

    #[test]
    fn a_signature_holds_for_what_was_signed_and_for_nothing_else() {
        let signer = Signer::from_hex(&"7".repeat(64)).unwrap();
        let head = Head { lsn: Lsn(12), hash: [3; 32] };
        let signed = SignedHead::sign(&signer, &OF, 2, head, 99);
        let name = "head/0000000002/00000000000000000012.json";
        let sound = store(&[]);
        signed.verify(name, &OF, &sound).unwrap();
        signed.verify(name, &OF, &store(&[signer.public()])).unwrap();
        let other = Signer::from_hex(&"8".repeat(64)).unwrap();
        for (what, changed) in [
            ("time", SignedHead { at_us: 100, ..signed.clone() }),
            ("hash", SignedHead { hash: hex(&[4; 32]), ..signed.clone() }),
            ("key", SignedHead { key: other.public(), ..signed.clone() }),
            ("no signature", SignedHead { signature: "00".into(), ..signed.clone() }),
            ("commit", SignedHead { lsn: 13, ..signed.clone() }),
        ] {
            let error = changed.verify(name, &OF, &sound).unwrap_err().to_string();
            assert!(error.contains(name), "{what}: {error}");
        }
        assert!(signed.verify(name, &[1; 16], &sound).is_err());
        let error = signed.verify(name, &OF, &store(&[other.public()])).unwrap_err().to_string();
        assert!(error.contains("vault.trusted_keys"), "{error}");
        let heads = BTreeMap::from([(head.lsn, signed)]);
        agree(&heads, head).unwrap();
        let error = agree(&heads, Head { hash: [4; 32], ..head }).unwrap_err().to_string();
        assert!(error.contains(name) && error.contains("rewritten"), "{error}");
    }

    #[test]
    fn the_key_is_made_once_and_for_its_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("vault-signing.key");
        let made = Signer::in_file(&path).unwrap();
        let again = Signer::in_file(&path).unwrap();
        assert_eq!(made.public(), again.public());
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let secret = std::fs::read_to_string(&path).unwrap();
        assert!(!format!("{made:?}").contains(secret.trim()));
        std::fs::write(&path, "short").unwrap();
        let error = Signer::in_file(&path).unwrap_err().to_string();
        assert!(!error.contains("short"), "{error}");
    }
}
