//! The schema as this server runs it: admits, executes and streams operations.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use async_graphql::{Data, Executor, ObjectType, Request, Response, Schema, SubscriptionType};
use futures_util::{
    FutureExt, Stream, StreamExt,
    future::BoxFuture,
    stream::{self, BoxStream},
};
use tokio::time::{Instant, timeout_at};
use tracing::Instrument;

use super::{operation::Operation, params::Params, response::GraphqlResponse};
use crate::{
    auth::Caller,
    graphql::{
        Plans,
        admission::{Exhausted, Limits, OperationKind, Refusal, Share, TimeLimit, Types, admit},
    },
    message::Steps,
};

/// What the operation's own clock is left to end it by itself.
const A_MOMENT: Duration = Duration::from_millis(200);

/// A schema with its limits, its type forgotten, so that nothing else here is generic. Cheap to clone.
#[derive(Clone)]
pub struct ExecutableSchema {
    executor: Arc<dyn ErasedExecutor>,
    types: Arc<Types>,
    limits: Limits,
}

/// An executor that can stand behind a pointer.
trait ErasedExecutor: Send + Sync {
    fn execute(&self, request: Request) -> BoxFuture<'static, Response>;
    fn stream(&self, request: Request) -> BoxStream<'static, Response>;
}

impl<E: Executor> ErasedExecutor for E {
    fn execute(&self, request: Request) -> BoxFuture<'static, Response> {
        let executor = self.clone();
        async move { Executor::execute(&executor, request).await }.boxed()
    }
    fn stream(&self, request: Request) -> BoxStream<'static, Response> {
        self.execute_stream(request, Some(Arc::new(Data::default())))
    }
}

impl ExecutableSchema {
    /// Over any executor of a schema with these types; the schema itself should have been built with
    /// [`apply_limits`](crate::graphql::admission::apply_limits).
    pub fn new(executor: impl Executor, types: Types, limits: Limits) -> Self {
        Self {
            executor: Arc::new(executor),
            types: Arc::new(types),
            limits,
        }
    }

    pub(in crate::http) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Measures and parses; gives the caller and the time that is left to the resolvers.
    pub(in crate::http) fn admit(
        &self,
        params: Params,
        caller: Option<Caller>,
        share: Share,
        time: Duration,
    ) -> Result<Operation, Refusal> {
        let known = caller.is_some();
        let mut request = Request::new(params.query).variables(params.variables);
        request.operation_name = params.operation_name;
        if let Some(caller) = caller {
            request = request.data(caller);
        }
        let request = request
            .data(TimeLimit(time))
            .data(share.clone())
            .data(self.types.clone())
            .data(Plans::default())
            .data(Steps::default());

        let admitted = admit(request, &self.types, &self.limits, known)?;
        let deadline = Instant::now() + time;
        Ok(Operation {
            admitted,
            share,
            deadline,
        })
    }

    /// Runs a query or a mutation. A panic becomes an answer.
    pub(in crate::http) async fn execute(&self, operation: Operation, request_id: &str) -> GraphqlResponse {
        let Operation {
            admitted,
            share,
            deadline,
        } = operation;

        let left = deadline.saturating_duration_since(Instant::now());
        let run = self.executor.execute(admitted.request);
        // Whatever resolvers log stands under the request's id.
        let run = AssertUnwindSafe(run.instrument(span(request_id))).catch_unwind();

        let ended = if admitted.is_heavy {
            let Ok(_begun) = share.turns().begin().await else {
                return Refusal::from(Exhausted).into();
            };
            // While it waits for its turn, its own clock stands still.
            match timeout_at(deadline + A_MOMENT, share.turns().beside(run)).await {
                Ok(ended) => ended,
                Err(_) => return Refusal::too_slow(left).into(),
            }
        } else {
            run.await
        };

        match ended {
            Ok(response) => GraphqlResponse::worded(response, self.limits.errors, request_id),
            Err(panic) => GraphqlResponse::of_panic(request_id, panic.as_ref()),
        }
    }

    /// Runs any operation as a stream: one answer, or a subscription's. A panic becomes the last answer.
    pub(in crate::http) fn stream(
        &self,
        operation: Operation,
        request_id: String,
    ) -> impl Stream<Item = GraphqlResponse> + Send + use<> {
        let schema = self.clone();
        if operation.kind() != OperationKind::Subscription {
            let answer = async move { schema.execute(operation, &request_id).await };
            return stream::once(answer).left_stream();
        }

        let most_errors = self.limits.errors;
        let mut run = AssertUnwindSafe(self.executor.stream(operation.admitted.request)).catch_unwind();
        let span = span(&request_id);
        let answers = stream::poll_fn(move |context| span.in_scope(|| run.poll_next_unpin(context)));
        let answers = answers.map(move |response| match response {
            Ok(response) => GraphqlResponse::worded(response, most_errors, &request_id).of_subscription(),
            Err(panic) => GraphqlResponse::of_panic(&request_id, panic.as_ref()),
        });
        answers.right_stream()
    }
}

impl<Q, M, S> From<Schema<Q, M, S>> for ExecutableSchema
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    fn from(schema: Schema<Q, M, S>) -> Self {
        Self::new(schema, Types::of::<Q, M, S>(), Limits::default())
    }
}

fn span(request_id: &str) -> tracing::Span {
    tracing::info_span!("graphql", request.id = request_id)
}
