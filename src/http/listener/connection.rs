//! What the server knows of a connection: whether anything was asked on it, and whether a token was shown.

use std::sync::{
    Arc, Mutex, OnceLock, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use super::slots::ConnectionSlot;

/// In the extensions of each request that came over it. It has its slot for as long as the socket is open.
pub(in crate::http) struct Connection {
    /// Of those who have shown no token yet.
    slot: Mutex<Option<ConnectionSlot>>,
    known: Arc<Semaphore>,
    has_shown: OnceLock<OwnedSemaphorePermit>,
    has_asked: AtomicBool,
    is_socket: AtomicBool,
    leave: CancellationToken,
}

impl Connection {
    pub(super) fn new(slot: ConnectionSlot, known: Arc<Semaphore>, leave: CancellationToken) -> Self {
        Self {
            slot: Mutex::new(Some(slot)),
            known,
            has_shown: OnceLock::new(),
            has_asked: AtomicBool::new(false),
            is_socket: AtomicBool::new(false),
            leave,
        }
    }

    /// A head came.
    pub(super) fn asks(&self) {
        self.has_asked.store(true, Ordering::Relaxed);
        if let Some(slot) = self.slot.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            slot.renew();
        }
    }

    pub(super) fn has_asked(&self) -> bool {
        self.has_asked.load(Ordering::Relaxed)
    }

    /// A good token came: from now on the slot is theirs. Where all of those are taken, it stays what it was.
    pub(in crate::http) fn shows_token(&self) {
        if self.has_shown.get().is_some() {
            return;
        }

        if let Ok(permit) = self.known.clone().try_acquire_owned()
            && self.has_shown.set(permit).is_ok()
        {
            self.slot.lock().unwrap_or_else(PoisonError::into_inner).take();
        }
    }

    /// It goes over to WebSocket.
    pub(in crate::http) fn becomes_socket(&self) {
        self.is_socket.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_socket(&self) -> bool {
        self.is_socket.load(Ordering::Relaxed)
    }

    /// Cancelled when somebody else got the slot.
    pub(super) fn leave(&self) -> CancellationToken {
        self.leave.clone()
    }
}
