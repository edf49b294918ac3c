//! Whether the event stream is open.

use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};

use crate::catalogue::Statement;

/// How the event stream stands, at this process.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StreamState {
    /// Since when it is open, from one connection to its successor.
    pub since: Option<DateTime<Utc>>,
    /// Why it is not, in words, where that is known.
    pub problem: Option<Statement>,
}

/// Where it is kept.
#[derive(Debug, Default)]
pub(super) struct StreamWatch(Mutex<StreamState>);

impl StreamWatch {
    pub(super) fn state(&self) -> StreamState {
        self.lock().clone()
    }

    /// A connection is open.
    pub(super) fn opened(&self, now: DateTime<Utc>) {
        let mut state = self.lock();
        state.since.get_or_insert(now);
        state.problem = None;
    }

    /// None is.
    pub(super) fn closed(&self) {
        self.lock().since = None;
    }

    /// None is, for this reason.
    pub(super) fn failed(&self, problem: Statement) {
        *self.lock() = StreamState {
            since: None,
            problem: Some(problem),
        };
    }

    fn lock(&self) -> MutexGuard<'_, StreamState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_open_since_the_first_of_connections_that_follow_each_other() {
        let (watch, first) = (StreamWatch::default(), DateTime::UNIX_EPOCH);
        let why = Statement::other("no ticket");
        watch.failed(why.clone());
        assert_eq!(watch.state().problem, Some(why));

        watch.opened(first);
        watch.opened(first + chrono::Duration::hours(1));
        let open = StreamState {
            since: Some(first),
            problem: None,
        };
        assert_eq!(watch.state(), open);

        watch.closed();
        assert_eq!(watch.state(), StreamState::default());
    }
}
