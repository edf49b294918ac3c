//! The only file here that knows the GraphQL library: admits, runs and words the answers.

use std::{any::Any, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use async_graphql::{
    Data, ErrorExtensionValues, Executor, ObjectType, Request, Response, Schema, ServerError, SubscriptionType,
};
/// What bodies are read into.
pub(super) use async_graphql::{Name, Value, Variables};
use async_graphql_axum::GraphQLResponse;
use axum::response::IntoResponse;
use futures_util::{
    FutureExt, Stream, StreamExt,
    future::BoxFuture,
    stream::{self, BoxStream},
};
use tokio::time::{Instant, timeout_at};
use tracing::Instrument;

use crate::{
    auth::Caller,
    graphql::admission::{Admitted, Code, Exhausted, Limits, OperationKind, Refusal, Share, TimeLimit, Types, admit},
    http::params::Params,
    message::Steps,
};

/// A message longer than this repeats the caller's own input.
const MESSAGE_BYTES: usize = 1_000;

/// What the operation's own clock is left to end it by itself.
const A_MOMENT: Duration = Duration::from_millis(200);

/// A schema with its limits, its type forgotten, so that nothing else here is generic. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    executor: Arc<dyn Run>,
    types: Arc<Types>,
    limits: Limits,
}

/// An executor that can stand behind a pointer.
trait Run: Send + Sync {
    fn execute(&self, request: Request) -> BoxFuture<'static, Response>;
    fn stream(&self, request: Request) -> BoxStream<'static, Response>;
}

impl<E: Executor> Run for E {
    fn execute(&self, request: Request) -> BoxFuture<'static, Response> {
        let executor = self.clone();
        async move { Executor::execute(&executor, request).await }.boxed()
    }
    fn stream(&self, request: Request) -> BoxStream<'static, Response> {
        self.execute_stream(request, Some(Arc::new(Data::default())))
    }
}

/// An operation that may run.
pub(super) struct Operation {
    admitted: Admitted,
    share: Share,
    /// When it has to be done.
    deadline: Instant,
}

impl Operation {
    pub(super) fn kind(&self) -> OperationKind {
        self.admitted.kind
    }

    pub(super) fn name(&self) -> Option<&str> {
        self.admitted.operation_name.as_deref()
    }

    /// What it draws on.
    pub(super) fn share(&self) -> &Share {
        &self.share
    }
}

/// What a request or an event comes to.
pub(super) struct Answer(Response);

impl Answer {
    /// The code of the request's own fault: then nothing ran and there is no `data`. An error with a path is a field's.
    pub(super) fn request_error(&self) -> Option<&str> {
        let error = self.0.errors.first()?;
        (self.0.data == Value::Null && self.0.errors.iter().all(|error| error.path.is_empty()))
            .then(|| code(error).unwrap_or(Code::Internal.as_str()))
    }

    /// Of a subscription: where its source failed, that is the request's own fault (6.2.3.1), and no event with `data:
    /// null`. The library words it as a failure of the root field.
    fn of_subscription(mut self) -> Self {
        if self.0.data == Value::Null && self.0.errors.iter().all(|error| error.path.len() <= 1) {
            for error in &mut self.0.errors {
                error.path.clear();
            }
        }
        self
    }

    /// The limit that refused it.
    pub(super) fn limit(&self) -> Option<&str> {
        self.0.errors.iter().find_map(|error| text(error, "limit"))
    }

    /// The errors alone, as the `error` message of a WebSocket has them.
    pub(super) fn errors_json(&self) -> String {
        serde_json::to_string(&self.0.errors).unwrap_or_else(|_| "[]".to_owned())
    }

    /// The answer as JSON; a request error has no `data` key.
    pub(super) fn json(&self) -> String {
        if self.request_error().is_some() {
            return format!("{{\"errors\":{}}}", self.errors_json());
        }
        serde_json::to_string(&self.0).unwrap_or_else(|_| "{\"errors\":[]}".to_owned())
    }

    /// The stock crate's conversion keeps what resolvers set as HTTP headers; request errors it would give `data:
    /// null`.
    pub(super) fn into_http(self) -> axum::response::Response {
        if self.request_error().is_some() {
            return self.json().into_response();
        }
        GraphQLResponse::from(self.0).into_response()
    }

    /// The answer to a panic; the log gets the rest under the same id.
    pub(super) fn fault(request_id: &str, panic: &(dyn Any + Send)) -> Self {
        let said = panic.downcast_ref::<&str>().copied();
        let said = said.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        tracing::error!(
            request.id = request_id,
            panic = said.unwrap_or("?"),
            "a request met a fault of the server"
        );

        let mut error = ServerError::from(Refusal::new(
            Code::Internal,
            "the server failed; its log has the reason under this request id",
        ));
        set(&mut error, "requestId", request_id);
        Self(Response::from_errors(vec![error]))
    }
}

impl From<Refusal> for Answer {
    fn from(refusal: Refusal) -> Self {
        Self(Response::from_errors(refusal.into_errors()))
    }
}

impl Engine {
    /// An engine over any executor of a schema with these types; the schema itself should have been built with
    /// [`apply_limits`](crate::graphql::admission::apply_limits).
    pub fn new(executor: impl Executor, types: Types, limits: Limits) -> Self {
        Self {
            executor: Arc::new(executor),
            types: Arc::new(types),
            limits,
        }
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Measures and parses; gives the caller and the time that is left to the resolvers.
    pub(super) fn admit(
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
    pub(super) async fn execute(&self, operation: Operation, request_id: &str) -> Answer {
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
            Ok(response) => self.word(response, request_id),
            Err(panic) => Answer::fault(request_id, panic.as_ref()),
        }
    }

    /// Runs any operation as a stream: one answer, or a subscription's. A panic becomes the last answer.
    pub(super) fn stream(&self, operation: Operation, request_id: String) -> impl Stream<Item = Answer> + Send + use<> {
        let engine = self.clone();
        if operation.kind() != OperationKind::Subscription {
            let answer = async move { engine.execute(operation, &request_id).await };
            return stream::once(answer).left_stream();
        }

        let mut run = AssertUnwindSafe(self.executor.stream(operation.admitted.request)).catch_unwind();
        let span = span(&request_id);
        let answers = stream::poll_fn(move |context| span.in_scope(|| run.poll_next_unpin(context)));
        let answers = answers.map(move |response| match response {
            Ok(response) => engine.word(response, &request_id).of_subscription(),
            Err(panic) => Answer::fault(&request_id, panic.as_ref()),
        });
        answers.right_stream()
    }

    /// Every error has a code, no error is endless, and there are not too many of them.
    fn word(&self, mut response: Response, request_id: &str) -> Answer {
        let count = response.errors.len();
        response.errors.truncate(self.limits.errors);

        for error in &mut response.errors {
            shorten(&mut error.message);
            if code(error).is_none() {
                let (code, limit) = classify(error);
                set(error, "code", code.as_str());
                if let Some(limit) = limit {
                    set(error, "limit", limit);
                }
            }
            if code(error) == Some(Code::Internal.as_str()) {
                set(error, "requestId", request_id);
            }
        }

        if count > self.limits.errors {
            let more = count - self.limits.errors;
            response = response.extension("errorsLeftOut", Value::from(more));
        }
        Answer(response)
    }
}

impl<Q, M, S> From<Schema<Q, M, S>> for Engine
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

/// What the library says without a code.
fn classify(error: &ServerError) -> (Code, Option<&'static str>) {
    if !error.path.is_empty() {
        return (Code::BadUserInput, None);
    }
    match error.message.as_str() {
        "Query is nested too deep." => (Code::LimitExceeded, Some("depth")),
        message if message.starts_with("The recursion depth") => (Code::LimitExceeded, Some("depth")),
        _ => (Code::ValidationFailed, None),
    }
}

fn code(error: &ServerError) -> Option<&str> {
    text(error, "code")
}

fn text<'e>(error: &'e ServerError, key: &str) -> Option<&'e str> {
    match error.extensions.as_ref()?.get(key)? {
        Value::String(text) => Some(text),
        Value::Enum(name) => Some(name.as_str()),
        _ => None,
    }
}

fn set(error: &mut ServerError, key: &str, value: &str) {
    error
        .extensions
        .get_or_insert_with(ErrorExtensionValues::default)
        .set(key, value);
}

fn shorten(message: &mut String) {
    if message.len() > MESSAGE_BYTES {
        let end = (0..=MESSAGE_BYTES)
            .rev()
            .find(|&at| message.is_char_boundary(at))
            .unwrap_or(0);
        message.truncate(end);
        message.push('…');
    }
}
