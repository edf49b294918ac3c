//! What an operation has used of its limits while it runs, and how it ends when one of them is passed. The governor
//! counts what the library resolves; whoever makes a part of the answer by themselves counts it here, too.

use std::sync::{
    Mutex, OnceLock, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use tokio::{sync::Notify, time::Instant};

use super::{Exhausted, Limits, Refusal, Share, cost};

/// What one query or mutation has used, or one event of a subscription. It stands in the request's data.
#[derive(Debug)]
pub(crate) struct Allowance {
    limits: Limits,
    nodes: AtomicUsize,
    bytes: AtomicUsize,
    /// What the request draws on, if it says so in its data.
    share: OnceLock<Share>,
    /// When it has to be done.
    deadline: Mutex<Option<Instant>>,
    /// Why it was ended.
    refused: Mutex<Option<Refusal>>,
    exceeded: Notify,
}

/// What an operation may still use.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Left {
    /// Fields and list items.
    pub(crate) nodes: usize,
    /// Bytes.
    pub(crate) bytes: usize,
    /// Bytes before it has to wait for the turn of a large answer.
    pub(crate) free_bytes: usize,
    /// When it has to be done.
    pub(crate) deadline: Option<Instant>,
}

impl Left {
    /// Whether it should be done by now.
    pub(crate) fn is_over(&self) -> bool {
        self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }
}

impl Allowance {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            nodes: AtomicUsize::new(0),
            bytes: AtomicUsize::new(0),
            share: OnceLock::new(),
            deadline: Mutex::default(),
            refused: Mutex::default(),
            exceeded: Notify::new(),
        }
    }

    /// The events of a subscription share one: each begins anew.
    pub(super) fn begin(&self, share: Option<&Share>, deadline: Instant) {
        self.nodes.store(0, Ordering::Relaxed);
        self.bytes.store(0, Ordering::Relaxed);
        *self.refused() = None;
        *self.deadline() = Some(deadline);
        if let Some(share) = share {
            let _ = self.share.set(share.clone());
        }
    }

    fn refused(&self) -> std::sync::MutexGuard<'_, Option<Refusal>> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn deadline(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.deadline.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the request is ended. Of two fields that end an event at once, one's signal may be left for the next
    /// event.
    pub(super) async fn ended(&self) -> Refusal {
        loop {
            self.exceeded.notified().await;
            if let Some(refusal) = self.refused().clone() {
                return refusal;
            }
        }
    }

    /// Not an error of this field: null propagation would go on with its siblings, each of them another error.
    /// Everything stops here, and `execute` answers.
    async fn end(&self, refusal: Refusal) {
        self.refused().get_or_insert(refusal);
        self.exceeded.notify_one();
        std::future::pending::<()>().await;
    }

    /// Counts one field or list item, and gives how many there were before it. Beyond the limit everything ends.
    pub(super) async fn count_node(&self) -> usize {
        let nodes = self.nodes.fetch_add(1, Ordering::Relaxed);
        if nodes >= self.limits.response_nodes {
            self.end_for_nodes().await;
        }
        nodes
    }

    /// The answer has too many nodes: everything ends.
    pub(crate) async fn end_for_nodes(&self) {
        let what = "the answer has too many fields and list items: ask for fewer, or page by page";
        self.end(Refusal::limit("responseNodes", what, self.limits.response_nodes))
            .await;
    }

    /// The answer has too many bytes: everything ends.
    pub(crate) async fn end_for_bytes(&self) {
        let what = "the answer is too large in bytes: ask for fewer fields, or page by page";
        self.end(Refusal::limit("responseBytes", what, self.limits.response_bytes))
            .await;
    }

    pub(super) fn count_bytes(&self, bytes: usize) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Counts nodes that the library doesn't resolve, and errors that it doesn't see. The bytes of their values are
    /// counted with the field that gives them.
    pub(crate) fn count(&self, nodes: usize, errors: usize) {
        self.nodes.fetch_add(nodes, Ordering::Relaxed);
        self.count_bytes(errors.saturating_mul(cost::ERROR));
    }

    pub(crate) fn left(&self) -> Left {
        let bytes = self.bytes.load(Ordering::Relaxed);
        Left {
            nodes: self
                .limits
                .response_nodes
                .saturating_sub(self.nodes.load(Ordering::Relaxed)),
            bytes: self.limits.response_bytes.saturating_sub(bytes),
            free_bytes: self.limits.free_bytes.saturating_sub(bytes),
            deadline: *self.deadline(),
        }
    }

    /// Goes on while there is room for the answer. Large ones wait for their turn, so that only some of them are in
    /// memory.
    pub(super) async fn make_room(&self) {
        let bytes = self.bytes.load(Ordering::Relaxed);
        if bytes > self.limits.response_bytes {
            self.end_for_bytes().await;
        }
        if bytes > self.limits.free_bytes {
            self.become_large().await;
        }
    }

    /// Takes the turn to make a large answer, if it is free.
    pub(crate) fn become_large_at_once(&self) -> bool {
        self.share.get().is_none_or(Share::become_large_at_once)
    }

    /// Waits for the turn to make a large answer.
    pub(crate) async fn become_large(&self) {
        if let Some(share) = self.share.get()
            && let Err(Exhausted) = share.become_large().await
        {
            self.end(Exhausted.into()).await;
        }
    }
}
