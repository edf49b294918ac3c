//! People whom departments list and whose records lie outside the app's contact scope: remembered, and asked for again
//! once a day.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::Tools;
use crate::{
    directory::{RunMode, RunTrigger, SyncRun, UserId},
    store::{Lease, StoreError},
};

/// Its name among the marks.
const NAME: &str = "outside-scope";
/// For so long they are not asked for again.
const KNOWN_FOR: chrono::Duration = chrono::Duration::days(1);
/// So many are remembered.
const MOST: usize = 10_000;

/// When each was asked for last.
type Known = BTreeMap<UserId, DateTime<Utc>>;

async fn load(tools: &Tools) -> Result<Known, StoreError> {
    let text = tools.store.mark(NAME).await?;
    Ok(text
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default())
}

/// Whom `run` needn't ask for. Whoever wants everything read gets it.
pub(super) async fn known(tools: &Tools, run: &SyncRun) -> Result<BTreeSet<UserId>, StoreError> {
    if run.trigger == RunTrigger::Request && run.mode != RunMode::Reconcile {
        return Ok(BTreeSet::new());
    }
    let (known, now) = (load(tools).await?, tools.clock.now());
    let is_known = |at: &DateTime<Utc>| (chrono::Duration::zero()..KNOWN_FOR).contains(&(now - *at));
    Ok(known
        .into_iter()
        .filter(|(_, at)| is_known(at))
        .map(|(id, _)| id)
        .collect())
}

/// Whom a run found outside at last, whenever it asked for them.
pub(super) async fn remembered(tools: &Tools) -> Result<BTreeSet<UserId>, StoreError> {
    Ok(load(tools).await?.into_keys().collect())
}

/// Remembers whom a run found outside; `unasked`: whom it didn't ask for; `is_unheard`: of whose own record it was told
/// nothing.
pub(super) async fn remember(
    tools: &Tools,
    outside: &BTreeSet<UserId>,
    unasked: &BTreeSet<UserId>,
    is_unheard: impl Fn(&UserId) -> bool,
    fence: &Lease,
) -> Result<(), StoreError> {
    let (before, now) = (load(tools).await?, tools.clock.now());
    let at = |id: &UserId| {
        let former = before.get(id).filter(|_| unasked.contains(id));
        former.copied().unwrap_or(now)
    };

    let unheard = before.iter().filter(|(id, _)| !outside.contains(*id) && is_unheard(id));
    let found = outside.iter().map(|id| (id.clone(), at(id)));
    let known: Known = unheard
        .map(|(id, at)| (id.clone(), *at))
        .chain(found)
        .take(MOST)
        .collect();

    if known == before {
        return Ok(());
    }
    match serde_json::to_string(&known) {
        Ok(text) => tools.store.set_mark(NAME, &text, fence).await,
        Err(error) => Err(StoreError::Corrupt(format!("who is outside can't be written: {error}"))),
    }
}
