//! What was verified when, as it is kept.

use crate::{
    directory::Verification,
    store::{Lease, Store, StoreError},
};

/// Its name among the marks.
const NAME: &str = "verification";

/// What is kept; nothing where nothing readable is.
pub(super) async fn load(store: &Store) -> Result<Verification, StoreError> {
    let text = store.mark(NAME).await?;
    Ok(text
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default())
}

/// Changes what is kept. Only the holder of the sync lease does.
pub(super) async fn update(
    store: &Store,
    fence: &Lease,
    change: impl FnOnce(&mut Verification),
) -> Result<(), StoreError> {
    let mut verification = load(store).await?;
    change(&mut verification);

    match serde_json::to_string(&verification) {
        Ok(text) => store.set_mark(NAME, &text, fence).await,
        Err(error) => Err(StoreError::Corrupt(format!(
            "what was verified can't be written: {error}"
        ))),
    }
}
