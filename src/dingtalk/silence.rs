//! APIs that give no answer while somebody waits for one: what is told long before the last try is over.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::{catalogue::Statement, settings::Api};

/// What each API last failed with since its last answer. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Silences(Arc<Mutex<BTreeMap<Api, Silent>>>);

/// Between two calls, nobody waits for a moment; whoever has given an API up hears of it no longer than this.
const LINGERS: Duration = Duration::from_secs(15);

struct Silent {
    /// The last answer, or the first failure.
    since: Instant,
    /// The last failure.
    failed_at: Instant,
    /// Why, with the remedy.
    message: Statement,
    /// Calls that failed at least once and are still tried.
    waiting: usize,
}

/// A call that failed and is tried again; until it is dropped.
pub(super) struct AwaitedAnswer(Silences, Api);

impl Silences {
    /// An attempt of a call to `api` had no answer. The call waits for one for as long as it holds what this gives.
    pub(super) fn failed(&self, api: Api, message: Statement, waiting: Option<AwaitedAnswer>) -> AwaitedAnswer {
        let mut silences = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let silent = silences.entry(api).or_insert_with(|| Silent {
            since: now,
            failed_at: now,
            message: message.clone(),
            waiting: 0,
        });

        silent.failed_at = now;
        silent.message = message;
        silent.waiting += usize::from(waiting.is_none());
        drop(silences);
        waiting.unwrap_or_else(|| AwaitedAnswer(self.clone(), api))
    }

    /// DingTalk answered, whatever it said.
    pub(super) fn answered(&self, api: Api) {
        let mut silences = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(silent) = silences.get_mut(&api) {
            silent.since = Instant::now();
            if silent.waiting == 0 {
                silences.remove(&api);
            }
        }
    }

    /// The first of `apis` that has been waited for in vain for at least so long, and why.
    pub(super) fn longer_than(&self, least: Duration, apis: &[Api]) -> Option<(Api, Statement)> {
        let silences = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = silences
            .iter()
            .filter(|(api, silent)| apis.contains(api) && silent.is_waited_for() && silent.since.elapsed() >= least)
            .min_by_key(|(_, silent)| silent.since);
        found.map(|(api, silent)| (*api, silent.message.clone()))
    }

    /// Whether the last attempt of a call to `api` had an answer. That nobody asks any more is none.
    pub(super) fn is_answering(&self, api: Api) -> bool {
        let silences = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        silences.get(&api).is_none_or(|silent| silent.since > silent.failed_at)
    }
}

impl Silent {
    fn is_waited_for(&self) -> bool {
        self.waiting > 0 || self.failed_at.elapsed() < LINGERS
    }
}

impl Drop for AwaitedAnswer {
    fn drop(&mut self) {
        let mut silences = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(silent) = silences.get_mut(&self.1) {
            silent.waiting = silent.waiting.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn who_is_silent_is_told_while_somebody_waits() {
        let silences = Silences::default();
        let told = |least: u64| silences.longer_than(Duration::from_secs(least), &[Api::UserList]);
        let first = silences.failed(Api::UserList, Statement::other("refused"), None);
        tokio::time::advance(Duration::from_secs(9)).await;
        assert_eq!(told(10), None, "not long enough");
        let first = silences.failed(Api::UserList, Statement::other("refused again"), Some(first));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(told(10), Some((Api::UserList, Statement::other("refused again"))));
        assert_eq!(
            silences.longer_than(Duration::ZERO, &[Api::UserGet]),
            None,
            "another API"
        );

        // The call is given up, and the next one fails likewise: that is one silence.
        drop(first);
        assert!(told(10).is_some(), "somebody asks again at once");
        tokio::time::advance(LINGERS).await;
        assert_eq!(told(10), None, "nobody waits");
        assert!(!silences.is_answering(Api::UserList), "that is no answer");
        let second = silences.failed(Api::UserList, Statement::other("refused"), None);
        assert!(told(10).is_some());

        tokio::time::advance(Duration::from_secs(1)).await;
        silences.answered(Api::UserList);
        assert_eq!(told(1), None, "an answer to another call of this API");
        assert!(silences.is_answering(Api::UserList));
        drop(second);
        silences.answered(Api::UserList);
        assert!(silences.0.lock().unwrap().is_empty());
    }
}
