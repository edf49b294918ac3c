//! The calls that a run made.

use std::collections::BTreeMap;

use crate::{
    dingtalk::{CallStats, Client},
    directory::{RunCounts, SyncRun},
    settings::Api,
    word::word,
};

/// Counts the calls since a run began in this process, as the client does: sending by this process at the same time is
/// among them.
pub(super) struct CallCount {
    client: Client,
    before: CallStats,
    /// Those that former processes made for this run.
    calls: BTreeMap<String, u64>,
    throttled: u64,
}

impl CallCount {
    pub(super) fn new(client: &Client, run: &SyncRun) -> Self {
        Self {
            client: client.clone(),
            before: client.stats(),
            calls: run.counts.calls.clone(),
            throttled: run.counts.throttled,
        }
    }

    /// So many calls there will have been in this process, beside those of former ones.
    pub(super) fn expect(&self, counts: &mut RunCounts, calls: Vec<(Api, u64)>) {
        let in_all = calls.into_iter().map(|(api, calls)| {
            let api = word(&api);
            let before = self.calls.get(&api).copied().unwrap_or(0);
            (api, before + calls)
        });
        counts.expected = Some(in_all.collect());
    }

    /// So many calls there will be beside those that are counted.
    pub(super) fn expect_more(&self, counts: &mut RunCounts, calls: impl IntoIterator<Item = (Api, u64)>) {
        let in_all = calls.into_iter().map(|(api, more)| {
            let api = word(&api);
            let made = counts.calls.get(&api).copied().unwrap_or(0);
            (api, made + more)
        });
        counts.expected = Some(in_all.collect());
    }

    /// Puts the numbers as of now.
    pub(super) fn put(&self, counts: &mut RunCounts) {
        let now = self.client.stats();
        counts.calls.clone_from(&self.calls);
        for (api, calls) in &now.calls {
            let since = calls.saturating_sub(self.before.calls.get(api).copied().unwrap_or(0));
            if since > 0 {
                *counts.calls.entry(word(api)).or_default() += since;
            }
        }

        counts.throttled = self.throttled + now.throttled.saturating_sub(self.before.throttled);
    }
}
