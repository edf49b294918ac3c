//! Counters of calls.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

use crate::settings::Api;

/// Calls made and throttles met since the start.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallStats {
    /// HTTP requests by API, retries included; an API that was never called isn't there.
    pub calls: BTreeMap<Api, u64>,
    /// Answers that said "too fast".
    pub throttled: u64,
}

#[derive(Default)]
pub(super) struct Counters {
    calls: [AtomicU64; Api::ALL.len()],
    throttled: AtomicU64,
}

impl Counters {
    pub(super) fn called(&self, api: Api) {
        self.calls[api as usize].fetch_add(1, Relaxed);
    }

    pub(super) fn throttled(&self) {
        self.throttled.fetch_add(1, Relaxed);
    }

    pub(super) fn read(&self) -> CallStats {
        CallStats {
            calls: Api::ALL
                .into_iter()
                .map(|api| (api, self.calls[api as usize].load(Relaxed)))
                .filter(|(_, calls)| *calls > 0)
                .collect(),
            throttled: self.throttled.load(Relaxed),
        }
    }
}
