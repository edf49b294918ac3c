//! The calls of one API that wait for their turn: those that somebody waits for pass bulk reading, which isn't starved.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{Mutex, Notify};

use super::{rate::AdaptiveRate, window::SlidingWindow};

/// So many interactive calls may go before a waiting call of bulk reading does.
const BEFORE_BULK: usize = 9;

/// Whose call it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Priority {
    /// Somebody waits for it: a message, an event, a question.
    #[default]
    Interactive,
    /// One of the thousands of a crawl.
    Bulk,
}

/// A sliding window, and who may go into it next.
pub(super) struct ApiQueue {
    window: SlidingWindow,
    /// Interactive calls that wait.
    interactive_waiting: AtomicUsize,
    /// How many interactive calls left since a bulk call did.
    interactive_since_bulk: AtomicUsize,
    /// An interactive call left, or was given up.
    interactive_ended: Notify,
    /// One bulk call at a time looks whether it may go.
    bulk_turn: Mutex<()>,
}

impl ApiQueue {
    pub(super) fn new(rate: u32) -> Self {
        Self {
            window: SlidingWindow::new(rate),
            interactive_waiting: AtomicUsize::new(0),
            interactive_since_bulk: AtomicUsize::new(0),
            interactive_ended: Notify::new(),
            bulk_turn: Mutex::new(()),
        }
    }

    pub(super) fn rate(&self) -> &AdaptiveRate {
        self.window.rate()
    }

    /// Waits for this call's turn.
    pub(super) async fn leave(&self, priority: Priority) {
        match priority {
            // It waits for the window alone. While it does, bulk calls are held back by its guard.
            Priority::Interactive => {
                let _waiting = InteractiveGuard::new(self);
                self.window.leave().await;
                self.interactive_since_bulk.fetch_add(1, Ordering::Relaxed);
            }
            // It waits for whoever is interactive first, and with them for the window only then: in the window's own
            // queue nobody is passed any more.
            Priority::Bulk => {
                let _turn = self.bulk_turn.lock().await;
                self.until_bulk_may_go().await;
                self.window.leave().await;
                self.interactive_since_bulk.store(0, Ordering::Relaxed);
            }
        }
    }

    /// Waits until no interactive call waits, or enough of them passed.
    async fn until_bulk_may_go(&self) {
        loop {
            // Listened for before the look: nobody leaves unnoticed between the two.
            let ended = self.interactive_ended.notified();
            let is_free = self.interactive_waiting.load(Ordering::Acquire) == 0;
            if is_free || self.interactive_since_bulk.load(Ordering::Relaxed) >= BEFORE_BULK {
                return;
            }
            ended.await;
        }
    }
}

/// An interactive call that waits; dropped when it leaves or is given up.
struct InteractiveGuard<'a>(&'a ApiQueue);

impl<'a> InteractiveGuard<'a> {
    fn new(queue: &'a ApiQueue) -> Self {
        queue.interactive_waiting.fetch_add(1, Ordering::AcqRel);
        Self(queue)
    }
}

impl Drop for InteractiveGuard<'_> {
    fn drop(&mut self) {
        self.0.interactive_waiting.fetch_sub(1, Ordering::AcqRel);
        self.0.interactive_ended.notify_waiters();
    }
}
