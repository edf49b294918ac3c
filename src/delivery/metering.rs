//! Counting calls that are made beside sending: before they are made, so that a process that dies over one has counted
//! it, and again behind them.

use super::context::DeliveryContext;
use crate::{dingtalk::Session, message::CallPurpose, store::StoreError};

/// A call that was counted before it is made.
pub(super) struct MeteredCall {
    /// What it is made by.
    pub(super) session: Session,
    purpose: CallPurpose,
}

impl MeteredCall {
    /// Counts the call that is about to be made.
    pub(super) async fn begin(
        context: &DeliveryContext,
        session: &Session,
        purpose: CallPurpose,
    ) -> Result<Self, StoreError> {
        context.store.meter(purpose, 1).await?;
        Ok(Self {
            session: session.tallied(),
            purpose,
        })
    }

    /// Sets the count right where it came to more than one request, or to none that counts. A database that is away
    /// leaves it: the forecast can do with that.
    pub(super) async fn end(self, context: &DeliveryContext) {
        let difference = i64::from(self.session.tally().requests()) - 1;
        if difference != 0
            && let Err(error) = context.store.meter(self.purpose, difference).await
        {
            tracing::warn!(%error, difference, "the count of metered calls could not be set right");
        }
    }
}
