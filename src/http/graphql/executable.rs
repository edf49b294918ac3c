//! The schema as this server runs it: admits, executes and streams operations.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use async_graphql::{Data, Executor, ObjectType, Request, Response, Schema, SubscriptionType};
use futures_util::{
    FutureExt, Stream, StreamExt,
    future::{BoxFuture, ready},
    stream::{self, BoxStream},
};
use tokio::time::{Instant, timeout_at};
use tracing::{Instrument, Span};

use super::{
    cost,
    mirror::{MirrorAccess, MirrorState},
    operation::Operation,
    params::Params,
    persisted::PersistedDocuments,
    response::GraphqlResponse,
    wishes::Wishes,
};
use crate::{
    audit::Origin,
    auth::Caller,
    directory::Snapshot,
    graphql::{
        AnsweredFrom, Plans, Searches,
        admission::{
            Cost, Documents, Exhausted, Limits, OperationKind, Refusal, Share, TimeLimit, Types, measure_variables,
        },
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
    documents: Arc<Documents>,
    persisted: PersistedDocuments,
    mirror: Option<MirrorAccess>,
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
            documents: Arc::default(),
            persisted: PersistedDocuments::default(),
            mirror: None,
        }
    }

    /// The same with these rules for documents that are named, and over this mirror. Trusted documents that don't fit
    /// the schema are told in the log: they are refused when somebody asks for them.
    pub(in crate::http) fn with(self, persisted: PersistedDocuments, mirror: Option<MirrorAccess>) -> Self {
        let unfit = persisted
            .trusted
            .iter()
            .flat_map(|trusted| trusted.unfit(&self.types, &self.limits));
        for (document, refusal) in unfit {
            tracing::warn!(document, reason = %refusal, "a trusted document does not fit the schema");
        }
        Self {
            persisted,
            mirror,
            ..self
        }
    }

    pub(in crate::http) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Whether what is asked for needs no parsing.
    pub(in crate::http) fn has(&self, params: &Params) -> bool {
        params.asked.is_kept(&self.documents)
    }

    /// Measures and finds the document; gives the caller and the time that is left to the resolvers.
    pub(in crate::http) fn admit(
        &self,
        params: Params,
        caller: Option<Caller>,
        share: Share,
        time: Duration,
    ) -> Result<Operation, Refusal> {
        let (known, may_know) = (caller.is_some(), cost::may_know(caller.as_ref()));
        params.wishes.permitted_to(caller.as_ref())?;
        measure_variables(&params.variables, &self.limits)?;
        let schema = (&*self.types, &self.limits);
        let document = params.asked.document(&self.documents, &self.persisted, schema, known)?;

        let mut request = Request::new("").variables(params.variables);
        request.operation_name = params.operation_name;
        if let Some(caller) = caller {
            request = request.data(caller);
        }
        let request = request
            .data(TimeLimit(time))
            .data(share.clone())
            .data(self.types.clone())
            .data(Plans::default())
            .data(Searches::default())
            .data(Steps::default());

        let snapshot = self.mirror.as_ref().map(MirrorAccess::snapshot);
        let sizes = || cost::sizes(snapshot.as_deref(), may_know);
        let mut admitted = document.admit(request, &self.types, &self.limits, known, sizes)?;
        let cost = if params.wishes.cost {
            admitted.cost(&self.types, &self.limits, sizes())
        } else {
            None
        };

        if let Some(snapshot) = snapshot.clone().filter(|_| admitted.kind == OperationKind::Query) {
            admitted.request = admitted.request.data(AnsweredFrom(snapshot));
        }
        let deadline = Instant::now() + time;
        Ok(Operation {
            admitted,
            document,
            wishes: params.wishes,
            cost,
            snapshot,
            share,
            deadline,
        })
    }

    /// How the mirror stands by this snapshot, or the one in force, if the operation wants to know.
    ///
    /// # Errors
    /// It is older than the operation allows.
    async fn mirror_state(
        &self,
        wishes: Wishes,
        snapshot: Option<Arc<Snapshot>>,
    ) -> Result<Option<MirrorState>, Refusal> {
        let Some(mirror) = self.mirror.as_ref().filter(|_| wishes.of_mirror()) else {
            return Ok(None);
        };
        let snapshot = snapshot.unwrap_or_else(|| mirror.snapshot());
        let state = mirror.state(&snapshot).await;
        if let Some(most) = wishes.max_staleness {
            state.check(most)?;
        }
        Ok(Some(state).filter(|_| wishes.mirror))
    }

    /// Runs a query or a mutation, which came from `origin`. A panic becomes an answer.
    pub(in crate::http) async fn execute(&self, operation: Operation, origin: &Origin) -> GraphqlResponse {
        let request_id = &*origin.request;
        let Operation {
            mut admitted,
            share,
            deadline,
            wishes,
            cost,
            snapshot,
            ..
        } = operation;
        let state = match self.mirror_state(wishes, snapshot).await {
            Ok(state) => state,
            Err(refusal) => return refusal.into(),
        };

        // Whoever changes something is in the audit log with it.
        if admitted.kind == OperationKind::Mutation {
            admitted.request = admitted.request.data(origin.clone());
        }
        let left = deadline.saturating_duration_since(Instant::now());
        let run = self.executor.execute(admitted.request);
        // Whatever resolvers log stands under the request's id; those that read the snapshot alone log nothing.
        let span = if admitted.is_steady {
            Span::none()
        } else {
            span(request_id)
        };
        let run = AssertUnwindSafe(run.instrument(span)).catch_unwind();

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
            Ok(response) => {
                let told = telling(response, state.as_ref(), cost.as_ref());
                GraphqlResponse::worded(told, self.limits.errors, request_id)
            }
            Err(panic) => GraphqlResponse::of_panic(request_id, panic.as_ref()),
        }
    }

    /// Runs any operation as a stream: one answer, or a subscription's. A panic becomes the last answer.
    pub(in crate::http) fn stream(
        &self,
        operation: Operation,
        origin: Origin,
    ) -> impl Stream<Item = GraphqlResponse> + Send + use<> {
        let schema = self.clone();
        if operation.kind() != OperationKind::Subscription {
            let answer = async move { schema.execute(operation, &origin).await };
            return stream::once(answer).left_stream();
        }

        let (most_errors, request_id) = (self.limits.errors, origin.request);
        let (wishes, cost) = (operation.wishes, operation.cost.map(Arc::new));
        let mut run = AssertUnwindSafe(self.executor.stream(operation.admitted.request)).catch_unwind();
        let span = span(&request_id);
        let answers = stream::poll_fn(move |context| span.in_scope(|| run.poll_next_unpin(context)));
        // Each event tells how the mirror stands when it comes; its age is looked at before the first.
        let told = Wishes {
            max_staleness: None,
            ..wishes
        };
        let answers = answers.then(move |response| {
            let (schema, id, cost) = (schema.clone(), request_id.clone(), cost.clone());
            async move {
                let state = schema.mirror_state(told, None).await.unwrap_or_default();
                match response {
                    Ok(response) => {
                        let told = telling(response, state.as_ref(), cost.as_deref());
                        GraphqlResponse::worded(told, most_errors, &id).of_subscription()
                    }
                    Err(panic) => GraphqlResponse::of_panic(&id, panic.as_ref()),
                }
            }
        });
        refused_or(self.clone(), wishes, answers).right_stream()
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

/// The answers, unless the mirror is older than the operation allows.
fn refused_or(
    schema: ExecutableSchema,
    wishes: Wishes,
    answers: impl Stream<Item = GraphqlResponse> + Send,
) -> impl Stream<Item = GraphqlResponse> + Send {
    let refused = async move { schema.mirror_state(wishes, None).await.err() };
    let mut answers = Some(answers);
    stream::once(refused).flat_map(move |refused| match refused {
        Some(refusal) => stream::once(ready(refusal.into())).left_stream(),
        None => stream::iter(answers.take()).flatten().right_stream(),
    })
}

/// The answer with how the mirror stands and what the operation costs, where that was asked for.
fn telling(mut response: Response, state: Option<&MirrorState>, cost: Option<&Cost>) -> Response {
    if let Some(state) = state {
        response = response.extension("mirror", state.value());
    }
    if let Some(cost) = cost {
        response = response.extension("cost", cost::value(cost));
    }
    response
}

fn span(request_id: &str) -> Span {
    tracing::info_span!("graphql", request.id = request_id)
}
