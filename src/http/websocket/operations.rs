//! The operations that run on one connection.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::task::AbortHandle;

/// Running operations by the client's id. Cheap to clone: each operation takes itself out before it says that it is
/// done, so that the client may use the id again at once.
#[derive(Clone, Default)]
pub(super) struct Operations(Arc<Mutex<RunningOperations>>);

#[derive(Default)]
struct RunningOperations {
    by_id: HashMap<String, (u64, Option<AbortHandle>)>,
    started: u64,
}

/// Which of the operations that had an id.
#[derive(Debug, Clone)]
pub(super) struct Ticket {
    pub(super) id: String,
    number: u64,
}

impl RunningOperations {
    fn has(&self, ticket: &Ticket) -> bool {
        matches!(self.by_id.get(&ticket.id), Some((number, _)) if *number == ticket.number)
    }
}

impl Operations {
    fn with<T>(&self, work: impl FnOnce(&mut RunningOperations) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn contains(&self, id: &str) -> bool {
        self.with(|running| running.by_id.contains_key(id))
    }

    pub(super) fn count(&self) -> usize {
        self.with(|running| running.by_id.len())
    }

    /// Takes the id.
    pub(super) fn enter(&self, id: String) -> Ticket {
        self.with(|running| {
            running.started += 1;
            running.by_id.insert(id.clone(), (running.started, None));
            Ticket {
                id,
                number: running.started,
            }
        })
    }

    /// Tells how to stop it, unless it has already ended.
    pub(super) fn attach(&self, ticket: &Ticket, handle: AbortHandle) {
        self.with(|running| {
            if let Some((number, stop)) = running.by_id.get_mut(&ticket.id)
                && *number == ticket.number
            {
                *stop = Some(handle);
            }
        });
    }

    /// Says something for an operation, unless it was stopped: aborting a task ends it at its next pause only, and by
    /// then the client may have been told of other things, or use the id again. False if nothing was said.
    pub(super) fn say(&self, ticket: &Ticket, say: impl FnOnce()) -> bool {
        self.with(|running| {
            let runs = running.has(ticket);
            if runs {
                say();
            }
            runs
        })
    }

    /// Says an operation's last and gives the id back, unless it was stopped before.
    pub(super) fn leave(&self, ticket: &Ticket, say: impl FnOnce()) {
        self.with(|running| {
            if running.has(ticket) {
                running.by_id.remove(&ticket.id);
                say();
            }
        });
    }

    /// Stops an operation that the client has no more use for; unknown ids are late, not wrong.
    pub(super) fn stop(&self, id: &str) {
        if let Some((_, Some(handle))) = self.with(|running| running.by_id.remove(id)) {
            handle.abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stopped_operation_says_nothing_even_if_its_id_is_used_again() {
        let operations = Operations::default();
        let first = operations.enter("1".into());
        assert!(operations.say(&first, || {}));
        operations.stop("1");
        assert!(!operations.say(&first, || unreachable!("it was stopped")));

        let second = operations.enter("1".into());
        assert!(!operations.say(&first, || unreachable!("the id is the second's")));
        operations.leave(&first, || unreachable!("the id is the second's"));
        assert!(operations.contains("1"));
        let mut last = false;
        operations.leave(&second, || last = true);
        assert!(last && !operations.contains("1"));
    }
}
