//! People whom departments list and whose records lie outside the app's contact scope: remembered, and asked for again
//! once a day.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::Run;
use crate::{
    directory::{RunMode, RunTrigger, UserId},
    store::StoreError,
};

/// Its name among the marks.
const NAME: &str = "outside-scope";
/// For so long they are not asked for again.
const KNOWN_FOR: chrono::Duration = chrono::Duration::days(1);
/// So many are remembered.
const MOST: usize = 10_000;

/// When each was asked for last.
type LastAsked = BTreeMap<UserId, DateTime<Utc>>;

impl Run<'_> {
    async fn last_asked(&self) -> Result<LastAsked, StoreError> {
        let text = self.context.store.mark(NAME).await?;
        Ok(text
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default())
    }

    /// Whom the run needn't ask for. Whoever wants everything read gets it.
    pub(super) async fn known_outside(&self) -> Result<BTreeSet<UserId>, StoreError> {
        let run = self.record();
        if run.trigger == RunTrigger::Request && run.mode != RunMode::Reconcile {
            return Ok(BTreeSet::new());
        }
        let (last_asked, now) = (self.last_asked().await?, self.context.clock.now());
        let is_known = |at: &DateTime<Utc>| (chrono::Duration::zero()..KNOWN_FOR).contains(&(now - *at));
        Ok(last_asked
            .into_iter()
            .filter(|(_, at)| is_known(at))
            .map(|(id, _)| id)
            .collect())
    }

    /// Whom a run found outside at last, whenever it asked for them.
    pub(super) async fn remembered_outside(&self) -> Result<BTreeSet<UserId>, StoreError> {
        Ok(self.last_asked().await?.into_keys().collect())
    }

    /// Remembers whom the run found outside; `unasked`: whom it didn't ask for; `is_unheard`: of whose own record it
    /// was told nothing.
    pub(super) async fn remember_outside(
        &self,
        outside: &BTreeSet<UserId>,
        unasked: &BTreeSet<UserId>,
        is_unheard: impl Fn(&UserId) -> bool,
    ) -> Result<(), StoreError> {
        let (before, now) = (self.last_asked().await?, self.context.clock.now());
        // Whoever was not asked for was asked for when they were before.
        let at = |id: &UserId| {
            let before = before.get(id).filter(|_| unasked.contains(id));
            before.copied().unwrap_or(now)
        };

        let unheard = before.iter().filter(|(id, _)| !outside.contains(*id) && is_unheard(id));
        let found = outside.iter().map(|id| (id.clone(), at(id)));
        let last_asked: LastAsked = unheard
            .map(|(id, at)| (id.clone(), *at))
            .chain(found)
            .take(MOST)
            .collect();

        if last_asked == before {
            return Ok(());
        }
        match serde_json::to_string(&last_asked) {
            Ok(text) => self.context.store.set_mark(NAME, &text, self.fence()).await,
            Err(error) => Err(StoreError::Corrupt(format!("who is outside can't be written: {error}"))),
        }
    }
}
