//! Proof that a vault is written with the key it was begun with: whoever starts with another, or with
//! none, would acknowledge changes that no one key restores, or that lie there for all to read.

use super::{Catalogue, Store, VaultError};

/// The object that only the right key opens; there is none in a vault that is not encrypted.
const OBJECT: &str = "key-proof";
/// What is in it.
const BODY: &[u8] = b"the key of this vault";

/// Refuses a key that is not the vault's. What was begun without a key stays without: nothing that is
/// not encrypted is read with one, since anybody who can write the store could have put it there.
///
/// # Errors
/// `Settings` for another key, none where there is one, or one where there is none; `Store`,
/// `Damaged`.
pub(super) async fn prove(store: &Store, catalogue: &Catalogue) -> Result<(), VaultError> {
    let proof = store.read_closed(OBJECT).await?;
    if proof.as_deref().is_some_and(|body| body != BODY) {
        return Err(VaultError::damaged(OBJECT, "it is not what proves a key"));
    }
    if proof.is_some() {
        return Ok(());
    }
    // Of a release that did not prove it, or not encrypted: the newest segment must open.
    if let Some((newest, _)) = catalogue.usable().last() {
        store.read_closed(&newest.key()).await?;
    }
    if store.is_sealing() {
        store.create_closed(OBJECT, BODY).await?;
    }
    Ok(())
}
