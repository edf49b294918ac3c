//! What a message is sent again from, as it was when that was planned.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::error::SubmitError;
use crate::{
    audit::{AuditAction, Author, Deed},
    message::{MessageState, Origin},
    store::Ledger,
};

/// What a message is sent again from, as it was when that was planned.
#[derive(Debug, Clone)]
pub(super) struct Former {
    pub(super) origin: Origin,
    /// The message, and all that are it sent again.
    pub(super) family: BTreeSet<Uuid>,
    /// Who sends it again.
    pub(super) by: Author,
}

impl Former {
    /// What the audit log has of it, when it is sent again as the message `id`.
    pub(super) fn deed(&self, id: Uuid) -> Deed {
        Deed::new(AuditAction::MessageResent, &self.by)
            .on(id)
            .with("resendOf", self.origin.message)
    }

    /// Whether that is still so: nobody has sent any of them again, nor taken the message back, nor erased it.
    ///
    /// # Errors
    /// [`SubmitError::Overtaken`] where it is not.
    pub(super) async fn check(&self, ledger: &Ledger) -> Result<(), SubmitError> {
        let id = self.origin.message;
        let message = ledger.message(id).await?;
        let may_go = message.is_some_and(|it| it.state != MessageState::Recalled && it.content.is_some());
        if may_go && ledger.message_family(id).await? == self.family {
            Ok(())
        } else {
            Err(SubmitError::Overtaken)
        }
    }
}
