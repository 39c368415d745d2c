//! An object store under a prefix, and what the vault asks of it.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::TryStreamExt;
use object_store::{
    ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutPayload, parse_url_opts, path::Path,
};
use url::Url;
use uuid::Uuid;

use super::{Key, VaultError, envelope};

/// The largest object read into memory, in bytes: a segment of one commit of the largest size.
const OBJECT_BYTES_MAX: u64 = 768 * 1024 * 1024;

/// What an address begins with.
const SCHEMES: [&str; 10] =
    ["s3", "s3a", "az", "azure", "adl", "abfs", "abfss", "gs", "https", "file"];
/// What an address looks like.
const KINDS: &str = "a vault is s3://bucket/prefix, az://container/prefix, gs://bucket/prefix or \
                     file:///folder";

/// Has TLS done by the one library that is linked for it. Opening a store does it; whoever makes
/// other connections calls it before the first. Again is no error.
pub fn install_tls() {
    // An error says that it was done before.
    drop(rustls::crypto::ring::default_provider().install_default());
}

/// A place in an object store; the keys it is asked for are relative to it.
#[derive(Clone, Debug)]
pub struct Store {
    objects: Arc<dyn ObjectStore>,
    prefix: Path,
    key: Option<Key>,
    trusted: Arc<[String]>,
}

/// One object of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its key, relative to the place.
    pub key: String,
    /// Its bytes.
    pub bytes: u64,
    /// When it was stored, microseconds since 1970 by the store's clock.
    pub stored_us: i64,
}

impl Store {
    /// The store at an address: `s3://bucket/prefix`, `az://container/prefix`,
    /// `gs://bucket/prefix` or `file:///folder`. `options` are those of the backend, by the names
    /// its own tools use (`aws_endpoint`, `aws_region`, ...); credentials come among them.
    ///
    /// # Errors
    /// `Settings` for an address or an option nobody knows, or a folder that is not there.
    pub fn open(
        address: &str,
        options: impl IntoIterator<Item = (String, String)>,
        key: Option<Key>,
    ) -> Result<Store, VaultError> {
        install_tls();
        // A token may stand behind the question mark, a password before the @: neither is repeated.
        let shown = if address.contains(['?', '#', '@']) { "the address given" } else { address };
        let unusable = |why: String| {
            VaultError::Settings(format!("{shown}: no such file, and no vault ({why}); {KINDS}"))
        };
        let with_credentials = || {
            VaultError::Settings(
                "the vault's address must not hold credentials, nor anything behind a ? or #: they \
                 come from the environment or from vault.credentials_file"
                    .into(),
            )
        };
        let url = Url::parse(address).map_err(|error| unusable(error.to_string()))?;
        let further = url.query().or(url.fragment()).is_some();
        if further || url.password().is_some() || !url.username().is_empty() {
            return Err(with_credentials());
        }
        if !SCHEMES.contains(&url.scheme()) {
            return Err(unusable(format!("{} is none", url.scheme())));
        }
        if url.scheme() == "file" {
            let folder =
                url.to_file_path().map_err(|()| unusable("it is no local folder".into()))?;
            if !folder.is_dir() {
                return Err(VaultError::Settings(format!(
                    "there is no folder {}: is the disk with the vault mounted?",
                    folder.display()
                )));
            }
        }
        let (objects, prefix) =
            parse_url_opts(&url, options).map_err(|error| unusable(error.to_string()))?;
        Ok(Store { objects: objects.into(), prefix, key, trusted: Arc::default() })
    }

    /// A place in a store that is there already.
    #[must_use]
    pub fn of(objects: Arc<dyn ObjectStore>, prefix: &str, key: Option<Key>) -> Store {
        Store { objects, prefix: Path::from(prefix), key, trusted: Arc::default() }
    }

    /// The same place, where signed heads count only with one of these public keys; none for any.
    #[must_use]
    pub fn trusting(self, keys: impl Into<Arc<[String]>>) -> Store {
        Store { trusted: keys.into(), ..self }
    }

    /// The public keys whose signatures count; empty for any.
    pub(super) fn trusted(&self) -> &[String] {
        &self.trusted
    }

    /// A place below this one.
    #[must_use]
    pub fn under(&self, part: &str) -> Store {
        Store { prefix: self.path(part), ..self.clone() }
    }

    /// The names directly below this place.
    ///
    /// # Errors
    /// `Store`.
    pub async fn folders(&self) -> Result<Vec<String>, VaultError> {
        let found = self.objects.list_with_delimiter(Some(&self.prefix)).await?;
        let last = |path: &Path| path.parts().next_back().map(|part| part.as_ref().to_owned());
        Ok(found.common_prefixes.iter().filter_map(last).collect())
    }

    fn path(&self, key: &str) -> Path {
        Path::from_iter(self.prefix.parts().chain(Path::from(key).parts()))
    }

    /// Puts a body where there is nothing yet, in its envelope where `enveloped`. A second call
    /// with the answer of the first lost is no error.
    ///
    /// Gives whether the object is this one: false where another lies there.
    ///
    /// # Errors
    /// `Store`.
    pub(super) async fn create(
        &self,
        key: &str,
        bytes: impl Into<Bytes>,
    ) -> Result<bool, VaultError> {
        let bytes = bytes.into();
        let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
        let payload = PutPayload::from_bytes(bytes.clone());
        match self.objects.put_opts(&self.path(key), payload, options).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::AlreadyExists { .. }) => {
                let there = self.read(key).await?;
                Ok(there.as_deref() == Some(&*bytes))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Puts an enveloped body where there is nothing yet; as [`Store::create`].
    pub(super) async fn create_closed(&self, key: &str, body: &[u8]) -> Result<u64, VaultError> {
        let closed = envelope::close(self.key.as_ref(), key, body)?;
        let length = closed.len() as u64;
        if self.create(key, closed).await? {
            return Ok(length);
        }
        // Encrypting draws a nonce, so that the same body twice gives other bytes.
        if self.read_closed(key).await?.as_deref() == Some(body) {
            return Ok(length);
        }
        Err(VaultError::damaged(key, "something else lies there"))
    }

    /// An object's bytes; none where there is no such object.
    ///
    /// # Errors
    /// `Store`, or `Damaged` for one beyond every bound.
    pub(super) async fn read(&self, key: &str) -> Result<Option<Bytes>, VaultError> {
        let answer = match self.objects.get(&self.path(key)).await {
            Ok(answer) => answer,
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        if answer.meta.size > OBJECT_BYTES_MAX {
            return Err(VaultError::damaged(key, "it is larger than anything a vault holds"));
        }
        Ok(Some(answer.bytes().await?))
    }

    /// The body of an enveloped object, verified; none where there is no such object.
    ///
    /// # Errors
    /// `Store`, or `Damaged`.
    pub(super) async fn read_closed(&self, key: &str) -> Result<Option<Vec<u8>>, VaultError> {
        let Some(bytes) = self.read(key).await? else { return Ok(None) };
        envelope::open(self.key.as_ref(), key, &bytes).map(Some)
    }

    /// Puts a text where there is nothing yet: as it is, or encrypted where there is a key. As
    /// [`Store::create`].
    pub(super) async fn create_text(&self, key: &str, text: Vec<u8>) -> Result<bool, VaultError> {
        if self.key.is_none() {
            return self.create(key, text).await;
        }
        let closed = envelope::close(self.key.as_ref(), key, &text)?;
        if self.create(key, closed).await? {
            return Ok(true);
        }
        // Encrypting draws a nonce, so that the same text twice gives other bytes.
        Ok(self.read_text(key).await? == Some(text))
    }

    /// What [`Store::create_text`] put there; none where there is no such object.
    ///
    /// # Errors
    /// As [`Store::read_closed`].
    pub(super) async fn read_text(&self, key: &str) -> Result<Option<Vec<u8>>, VaultError> {
        let Some(bytes) = self.read(key).await? else { return Ok(None) };
        match (&self.key, envelope::is_one(&bytes)) {
            (None, false) => Ok(Some(bytes.into())),
            (Some(_), false) => Err(envelope::unencrypted(key)),
            (of, true) => envelope::open(of.as_ref(), key, &bytes).map(Some),
        }
    }

    /// Whether there is such an object.
    ///
    /// # Errors
    /// `Store`.
    pub(super) async fn exists(&self, key: &str) -> Result<bool, VaultError> {
        match self.objects.head(&self.path(key)).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Every object whose key starts with the folder, in no order.
    ///
    /// # Errors
    /// `Store`.
    pub(super) async fn list(&self, folder: &str) -> Result<Vec<Listed>, VaultError> {
        let place = self.path(folder);
        let depth = self.prefix.parts().count();
        let objects: Vec<_> = self.objects.list(Some(&place)).try_collect().await?;
        let listed = objects.into_iter().map(|object| Listed {
            key: Path::from_iter(object.location.parts().skip(depth)).to_string(),
            bytes: object.size,
            stored_us: object.last_modified.timestamp_micros(),
        });
        Ok(listed.collect())
    }

    /// Removes an object; one that is not there is no error.
    ///
    /// # Errors
    /// `Store`.
    pub(super) async fn delete(&self, key: &str) -> Result<(), VaultError> {
        match self.objects.delete(&self.path(key)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Finds out whether the store refuses to create an object twice: what fencing rests on.
    ///
    /// # Errors
    /// `Unfenced` when it does not; `Store`.
    pub(super) async fn prove_fencing(&self) -> Result<(), VaultError> {
        let key = format!("probe/{}", Uuid::now_v7());
        self.create(&key, Bytes::from_static(b"first")).await?;
        let second = self.create(&key, Bytes::from_static(b"second")).await;
        self.delete(&key).await?;
        if second? { Err(VaultError::Unfenced) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_refused_address_holds_is_not_repeated() {
        let secret = "sig=s3cr3t";
        for address in [
            format!("https://acct.blob.core.windows.net/vault?sv=1&{secret}"),
            format!("az://vault/live#{secret}"),
            format!("s3://user:{secret}@bucket/live"),
            format!("s3://{secret}@bucket/live"),
            format!("ftp://user:{secret}@host/live"),
            format!("user:{secret}@bucket/live"),
        ] {
            let error = Store::open(&address, [], None).unwrap_err().to_string();
            assert!(!error.contains(secret) && !error.contains("s3cr3t"), "{error}");
        }
        let error = Store::open("ftp://host/live", [], None).unwrap_err().to_string();
        assert!(error.contains("ftp://host/live") && error.contains("ftp is none"), "{error}");
    }
}
