//! An operation between its admission and its execution.

use std::sync::Arc;

use tokio::time::Instant;

use super::wishes::Wishes;
use crate::{
    directory::Snapshot,
    graphql::admission::{Admitted, Cost, Document, OperationKind, Share},
};

/// An operation that may run.
pub(in crate::http) struct Operation {
    pub(super) admitted: Admitted,
    /// The document that it is one of.
    pub(super) document: Arc<Document>,
    pub(super) wishes: Wishes,
    /// What it costs, where it wishes to know that.
    pub(super) cost: Option<Cost>,
    /// The snapshot in force when it begins, which a query is answered from; none where there is no mirror.
    pub(super) snapshot: Option<Arc<Snapshot>>,
    pub(super) share: Share,
    /// When it has to be done.
    pub(super) deadline: Instant,
}

impl Operation {
    pub(in crate::http) fn kind(&self) -> OperationKind {
        self.admitted.kind
    }

    pub(in crate::http) fn name(&self) -> Option<&str> {
        self.admitted.operation_name.as_deref()
    }

    /// The snapshot in force when it begins, which a query is answered from.
    pub(in crate::http) fn snapshot(&self) -> Option<&Snapshot> {
        self.snapshot.as_deref()
    }

    /// What it draws on.
    pub(in crate::http) fn share(&self) -> &Share {
        &self.share
    }

    /// The text of its document, where the answer follows from the snapshot, the caller's permissions and the
    /// parameters alone.
    pub(in crate::http) fn steady(&self) -> Option<&str> {
        (self.admitted.is_steady && !self.wishes.any()).then(|| self.document.text())
    }
}
