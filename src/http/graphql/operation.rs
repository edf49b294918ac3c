//! An operation between its admission and its execution.

use tokio::time::Instant;

use crate::graphql::admission::{Admitted, OperationKind, Share};

/// An operation that may run.
pub(in crate::http) struct Operation {
    pub(super) admitted: Admitted,
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

    /// What it draws on.
    pub(in crate::http) fn share(&self) -> &Share {
        &self.share
    }
}
