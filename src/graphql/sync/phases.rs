//! Since when a run is where it is, and the calls that it makes.

use async_graphql::{Enum, SimpleObject};

use crate::{
    directory::{self, RunState},
    graphql::{relay::connection::int, scalars::DateTime},
};

/// Where a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "directory::RunPhase")]
pub enum RunPhase {
    /// Asking where the visible tree starts.
    Planning,
    /// Reading departments and people.
    Crawling,
    /// Cross-checking from both sides.
    Verifying,
    /// Writing what differs.
    Applying,
    /// Over.
    Finished,
}

/// A phase that a run has entered.
#[derive(Debug, Clone, SimpleObject)]
pub struct RunPhaseTimes {
    /// The phase; never FINISHED.
    phase: RunPhase,
    /// When it was entered for the first time.
    started_at: DateTime,
    /// When it was left for the last time: of a run that was gone on with the interruptions are between the two. Null
    /// while the run is in it.
    finished_at: Option<DateTime>,
}

/// The phases that a run has entered, in order.
pub(super) fn phase_times(run: &directory::SyncRun) -> Vec<RunPhaseTimes> {
    // A process that died left its last phase open.
    let ended = run.finished_at.filter(|_| run.state != RunState::Running);
    let times = run.phases.iter().map(|it| RunPhaseTimes {
        phase: it.phase.into(),
        started_at: it.started_at.into(),
        finished_at: it.finished_at.or(ended).map(Into::into),
    });
    times.collect()
}

/// Calls to one of DingTalk's APIs.
#[derive(Debug, Clone, SimpleObject)]
pub struct ApiCalls {
    /// The API, say `user_get`.
    api: String,
    /// Calls, retries included.
    calls: i32,
    /// How many it will have been at the end of the phase, as far as can be told: it grows while more is found than the
    /// mirror knew of. Of a run that is over: `calls`. Null while nobody knows.
    expected: Option<i32>,
}

/// A run's calls by API, those to come included.
pub(super) fn api_calls(run: &directory::SyncRun) -> Vec<ApiCalls> {
    let (counts, is_running) = (&run.counts, run.state == RunState::Running);
    let foretold = counts.expected.as_ref().filter(|_| is_running);
    let expected = |api: &String, calls: u64| match foretold {
        Some(expected) => Some(expected.get(api).map_or(calls, |it| calls.max(*it))),
        None => (!is_running).then_some(calls),
    };

    let to_come = foretold.into_iter().flatten().filter(|(_, calls)| **calls > 0);
    let mut apis: Vec<&String> = counts.calls.keys().chain(to_come.map(|(api, _)| api)).collect();
    apis.sort_unstable();
    apis.dedup();
    apis.into_iter()
        .map(|api| {
            let calls = counts.calls.get(api).copied().unwrap_or(0);
            ApiCalls {
                api: api.clone(),
                calls: int(calls),
                expected: expected(api, calls).map(int),
            }
        })
        .collect()
}
