//! The operations that run on one connection.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::task::AbortHandle;

/// Running operations by the client's id. Cheap to clone: each operation takes itself out before it says that it is done,
/// so that the client may use the id again at once.
#[derive(Clone, Default)]
pub(super) struct Operations(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    running: HashMap<String, (u64, Option<AbortHandle>)>,
    started: u64,
}

/// Which of the operations that had an id.
#[derive(Debug, Clone)]
pub(super) struct Ticket {
    pub(super) id: String,
    number: u64,
}

impl Operations {
    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn contains(&self, id: &str) -> bool {
        self.with(|state| state.running.contains_key(id))
    }

    pub(super) fn count(&self) -> usize {
        self.with(|state| state.running.len())
    }

    /// Takes the id.
    pub(super) fn enter(&self, id: String) -> Ticket {
        self.with(|state| {
            state.started += 1;
            state.running.insert(id.clone(), (state.started, None));
            Ticket {
                id,
                number: state.started,
            }
        })
    }

    /// Tells how to stop it, unless it has already ended.
    pub(super) fn attach(&self, ticket: &Ticket, handle: AbortHandle) {
        self.with(|state| {
            if let Some((number, stop)) = state.running.get_mut(&ticket.id)
                && *number == ticket.number
            {
                *stop = Some(handle);
            }
        });
    }

    /// Gives the id back; false if it was stopped before, and then nothing more may be said.
    pub(super) fn leave(&self, ticket: &Ticket) -> bool {
        self.with(|state| match state.running.get(&ticket.id) {
            Some((number, _)) if *number == ticket.number => state.running.remove(&ticket.id).is_some(),
            _ => false,
        })
    }

    /// Stops an operation that the client has no more use for; unknown ids are late, not wrong.
    pub(super) fn stop(&self, id: &str) {
        if let Some((_, Some(handle))) = self.with(|state| state.running.remove(id)) {
            handle.abort();
        }
    }
}
