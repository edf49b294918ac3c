//! Counters of calls.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use super::error::ErrorKind;
use crate::settings::Api;

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallOutcome {
    /// DingTalk gave what was asked for.
    Ok,
    /// It said "too fast".
    Throttled,
    /// It answered, and refused or did not know.
    Refused,
    /// No answer, or none that can be read.
    NoAnswer,
}

impl CallOutcome {
    /// Every outcome.
    pub const ALL: [Self; 4] = [Self::Ok, Self::Throttled, Self::Refused, Self::NoAnswer];

    /// What an attempt that failed so counts as.
    pub(super) const fn of_failure(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::Throttled => Self::Throttled,
            ErrorKind::Unavailable
            | ErrorKind::NotSent
            | ErrorKind::OutcomeUnknown
            | ErrorKind::Undecodable
            | ErrorKind::Banned
            | ErrorKind::Cancelled => Self::NoAnswer,
            _ => Self::Refused,
        }
    }

    /// Its name in the metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Throttled => "throttled",
            Self::Refused => "refused",
            Self::NoAnswer => "no_answer",
        }
    }
}

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
    outcomes: [[AtomicU64; CallOutcome::ALL.len()]; Api::ALL.len()],
    /// Who counts these, too.
    above: Option<Arc<Self>>,
}

impl Counters {
    /// Counters of a part of the calls that `above` counts.
    pub(super) fn below(above: Arc<Self>) -> Self {
        Self {
            above: Some(above),
            ..Self::default()
        }
    }

    pub(super) fn called(&self, api: Api) {
        self.calls[api as usize].fetch_add(1, Relaxed);
        if let Some(above) = &self.above {
            above.called(api);
        }
    }

    pub(super) fn throttled(&self) {
        self.throttled.fetch_add(1, Relaxed);
        if let Some(above) = &self.above {
            above.throttled();
        }
    }

    pub(super) fn ended(&self, api: Api, outcome: CallOutcome) {
        self.outcomes[api as usize][outcome as usize].fetch_add(1, Relaxed);
        if let Some(above) = &self.above {
            above.ended(api, outcome);
        }
    }

    pub(super) fn outcomes(&self, api: Api, outcome: CallOutcome) -> u64 {
        self.outcomes[api as usize][outcome as usize].load(Relaxed)
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
