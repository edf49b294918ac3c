//! One operation of a connection: it runs, and what comes of it is queued.

use futures_util::StreamExt;

use super::{
    operations::{Operations, Ticket},
    protocol,
    send_queue::{SendQueue, Stalled},
};
use crate::{
    audit::Origin,
    graphql::admission::{MemoryPermit, OperationKind, Refusal, Share},
    http::{
        graphql::{GraphqlResponse, Operation},
        observe::ACCESS,
        state::SharedState,
    },
};

/// One operation that runs, or is refused.
pub(super) struct OperationTask {
    pub(super) state: SharedState,
    /// Where the connection came from.
    pub(super) origin: Origin,
    pub(super) queue: SendQueue,
    pub(super) operations: Operations,
    pub(super) ticket: Ticket,
    /// Who asked, for the log.
    pub(super) subject: Option<String>,
}

impl OperationTask {
    pub(super) async fn run(self, operation: Operation) -> Result<(), Stalled> {
        let name = operation.name().map(ToOwned::to_owned);
        tracing::debug!(
            target: ACCESS,
            address = self.origin.address.map(tracing::field::display),
            operation = name,
            subject = self.subject,
            request.id = &*self.origin.request,
            "operation over WebSocket"
        );

        let share = operation.share().clone();
        if operation.kind() != OperationKind::Subscription {
            let answer = self.state.schema.execute(operation, &self.origin).await;
            if !self.pass(answer, &share).await? {
                return Ok(());
            }
        } else {
            let answers = self.state.schema.stream(operation, self.origin.clone());
            futures_util::pin_mut!(answers);
            while let Some(answer) = answers.next().await {
                if !self.pass(answer, &share).await? {
                    return Ok(());
                }
            }
        }

        self.last(protocol::complete(&self.ticket.id)).await
    }

    pub(super) async fn refuse(self, refusal: Refusal) -> Result<(), Stalled> {
        self.state.config.metrics.refused(refusal.code.as_str(), refusal.limit);
        let errors = GraphqlResponse::from(refusal).errors_json();
        self.last(protocol::error(&self.ticket.id, &errors)).await
    }

    /// Sends an answer; false if it was the last, because nothing ran or the client wants no more.
    async fn pass(&self, answer: GraphqlResponse, share: &Share) -> Result<bool, Stalled> {
        let id = &self.ticket.id;
        if let Some(code) = answer.request_error() {
            self.state.config.metrics.refused(code, answer.limit());
            self.last(protocol::error(id, &answer.errors_json())).await?;
            return Ok(false);
        }

        let text = protocol::next(id, &answer.json());
        drop(answer);
        share.rest();
        let held = match share.hold(text.len()).await {
            Ok(held) => held,
            Err(spent) => {
                let refusal = GraphqlResponse::from(Refusal::from(spent));
                self.last(protocol::error(id, &refusal.errors_json())).await?;
                return Ok(false);
            }
        };

        let permit = self.queue.permit(text.len()).await?;
        Ok(self.operations.say(&self.ticket, || permit.send(text, held)))
    }

    async fn last(&self, text: String) -> Result<(), Stalled> {
        let permit = self.queue.permit(text.len()).await?;
        self.operations
            .leave(&self.ticket, || permit.send(text, MemoryPermit::default()));
        Ok(())
    }
}
