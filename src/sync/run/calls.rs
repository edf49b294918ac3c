//! The calls that a run made.

use std::collections::BTreeMap;

use crate::{
    dingtalk::{CallStats, Client},
    directory::{RunCounts, SyncRun},
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

    /// Puts the numbers as of now.
    pub(super) fn put(&self, counts: &mut RunCounts) {
        let now = self.client.stats();
        counts.calls.clone_from(&self.calls);
        for (api, calls) in &now.calls {
            let since = calls.saturating_sub(self.before.calls.get(api).copied().unwrap_or(0));
            let name = serde_json::to_value(api)
                .ok()
                .and_then(|it| it.as_str().map(String::from));
            if let Some(name) = name.filter(|_| since > 0) {
                *counts.calls.entry(name).or_default() += since;
            }
        }

        counts.throttled = self.throttled + now.throttled.saturating_sub(self.before.throttled);
    }
}
