//! Around the library: refusals before arguments are converted; response nodes, bytes, time, null propagation and the
//! true paths of errors while it runs.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_graphql::{
    CacheControl, ObjectType, PathSegment, Pos, QueryPathNode, QueryPathSegment, Request, Response, SchemaBuilder,
    ServerError, ServerResult, SubscriptionType, ValidationMode, ValidationResult, Value, async_trait,
    extensions::{
        Extension, ExtensionContext, ExtensionFactory, NextExecute, NextPrepareRequest, NextResolve, NextValidation,
        ResolveInfo,
    },
};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::Instant,
};

use super::{
    Limits, Refusal, Share, Types,
    allowance::Allowance,
    cost,
    origin::{remember, restore},
    types::FieldDef,
};
use crate::{auth::Caller, graphql::ApiError};

/// So many root fields of an operation are resolved side by side. The library joins them into one task, each poll of
/// which would make the answers of all that the database has rows for, while everybody else waits.
const ROOTS_SIDE_BY_SIDE: usize = 4;

/// How long a request may take, in its data; otherwise [`Limits::time`] holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeLimit(pub Duration);

/// Stands in the data of a request that the admission has judged: the library need not look at it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Judged;

/// Sets the limits that the schema itself has to keep: depth, response nodes, time. What an operation may cost, the
/// admission alone knows. The library's validation is off: it would look at the normal form, when the admission has
/// validated the document.
pub fn apply_limits<Q, M, S>(builder: SchemaBuilder<Q, M, S>, limits: &Limits) -> SchemaBuilder<Q, M, S>
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    builder
        .validation_mode(ValidationMode::Fast)
        .limit_depth(limits.depth)
        .limit_directives(limits.directives)
        .extension(Governor { limits: *limits })
}

/// Makes one [`GovernedRun`] per request.
struct Governor {
    limits: Limits,
}

impl ExtensionFactory for Governor {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(GovernedRun {
            limits: self.limits,
            allowance: Arc::new(Allowance::new(self.limits)),
            failed: Mutex::default(),
            roots: AtomicUsize::new(0),
            one_at_a_time: Semaphore::new(1),
        })
    }
}

/// One query or mutation, or the events of one subscription (one after the other, as it has one root field).
struct GovernedRun {
    limits: Limits,
    allowance: Arc<Allowance>,
    /// What made nullable fields null.
    failed: Mutex<Vec<ServerError>>,
    /// Root fields that have begun.
    roots: AtomicUsize,
    /// Which of the root fields that compute for long, or are many, does so now.
    one_at_a_time: Semaphore,
}

impl GovernedRun {
    fn failed(&self) -> std::sync::MutexGuard<'_, Vec<ServerError>> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One after the other, each in a poll of its own: between them the time is looked at, and others have a turn.
    async fn one_at_a_time(&self) -> Option<SemaphorePermit<'_>> {
        let one = self.one_at_a_time.acquire().await.ok();
        tokio::task::yield_now().await;
        one
    }
}

#[async_trait::async_trait]
impl Extension for GovernedRun {
    async fn prepare_request(
        &self,
        ctx: &ExtensionContext<'_>,
        request: Request,
        next: NextPrepareRequest<'_>,
    ) -> ServerResult<Request> {
        next.run(ctx, request.data(self.allowance.clone())).await
    }

    /// Of an operation that the admission has judged nothing is left to be checked.
    async fn validation(
        &self,
        ctx: &ExtensionContext<'_>,
        next: NextValidation<'_>,
    ) -> Result<ValidationResult, Vec<ServerError>> {
        if ctx.data_opt::<Judged>().is_none() {
            return next.run(ctx).await;
        }
        Ok(ValidationResult {
            cache_control: CacheControl::default(),
            complexity: 0,
            depth: 0,
        })
    }

    async fn execute(&self, ctx: &ExtensionContext<'_>, operation: Option<&str>, next: NextExecute<'_>) -> Response {
        // The events of a subscription share this run: each begins anew.
        self.roots.store(0, Ordering::Relaxed);
        self.failed().clear();

        let time = ctx.data_opt::<TimeLimit>().map_or(self.limits.time, |limit| limit.0);
        let deadline = Instant::now() + time;
        self.allowance.begin(ctx.data_opt::<Share>(), deadline);
        // In this order: a refusal comes first, and an answer that is ready counts though the time has just run out.
        let refusal = tokio::select! {
            biased;
            refusal = self.allowance.ended() => refusal,
            mut response = next.run(ctx, operation) => {
                response.errors.append(&mut self.failed());
                response.errors.iter_mut().for_each(restore);
                return response;
            }
            () = tokio::time::sleep_until(deadline) => Refusal::too_slow(time),
        };

        Response::from_errors(vec![ServerError::from(refusal)])
    }

    async fn resolve(
        &self,
        ctx: &ExtensionContext<'_>,
        info: ResolveInfo<'_>,
        next: NextResolve<'_>,
    ) -> ServerResult<Option<Value>> {
        let nodes = self.allowance.count_node().await;
        // Before the value is made, because siblings are tried one after the other and would each make theirs.
        self.allowance.make_room().await;
        // Fields that read the snapshot never wait; now and then they have to let the clock have its turn.
        if nodes % 1_024 == 1_023 {
            tokio::task::yield_now().await;
        }

        let def = root_field(ctx, &info);
        let _one = match def {
            Some(def)
                if def.heavy.is(info.field) || self.roots.fetch_add(1, Ordering::Relaxed) >= ROOTS_SIDE_BY_SIDE =>
            {
                self.one_at_a_time().await
            }
            _ => None,
        };

        // Null propagation ends at the first nullable field. The library stops it only where a resolver answers with
        // `Option<Result<_>>`; a wrong argument, say null in a non-null place, would take everything with it.
        let is_nullable = !info.return_type.ends_with('!');
        let is_scalar = is_scalar(info.return_type);
        let path = info.path_node;
        let outcome = match def.and_then(|def| refused(ctx, def)) {
            Some(refused) => Err(refused.into_server_error(place(&info))),
            None => next.run(ctx, info).await,
        };
        let outcome = outcome.map_err(|mut error| {
            // The error of an argument comes without a path.
            if error.path.is_empty() {
                error.path = steps(path);
            }
            remember(error)
        });

        let bytes = match &outcome {
            Ok(value) => value.as_ref().map_or(0, |value| cost::of(value, is_scalar)),
            Err(_) => cost::ERROR,
        };
        self.allowance.count_bytes(bytes);

        match outcome {
            Err(error) if is_nullable => {
                self.failed().push(error);
                Ok(None)
            }
            outcome => outcome,
        }
    }
}

/// What the admission knows of a field of the outermost level.
fn root_field<'ctx>(ctx: &ExtensionContext<'ctx>, info: &ResolveInfo<'_>) -> Option<&'ctx FieldDef> {
    if info.path_node.parent.is_some() {
        return None;
    }
    let types = ctx.data_opt::<Arc<Types>>()?;
    types.field(types.get(info.parent_type)?, info.name)
}

/// The refusal that the field's resolver would begin with, before the library has converted the arguments for it.
fn refused(ctx: &ExtensionContext<'_>, def: &FieldDef) -> Option<async_graphql::Error> {
    if def.needs.is_empty() {
        return None;
    }
    let Some(caller) = ctx.data_opt::<Caller>() else {
        return Some(ApiError::unauthenticated().into());
    };
    let lacking = def.needs.iter().find(|permission| !caller.may(**permission))?;
    Some(ApiError::forbidden(*lacking).into())
}

fn place(info: &ResolveInfo<'_>) -> Pos {
    let alias = info.field.alias.as_ref();
    alias.map_or(info.field.name.pos, |alias| alias.pos)
}

/// The one scalar of the schema that may hold objects and lists.
fn is_scalar(return_type: &str) -> bool {
    return_type.trim_end_matches('!') == "JSON"
}

/// The way from the root to a field.
fn steps(path: &QueryPathNode<'_>) -> Vec<PathSegment> {
    let mut steps: Vec<_> = std::iter::once(path)
        .chain(path.parents())
        .map(|node| match node.segment {
            QueryPathSegment::Index(at) => PathSegment::Index(at),
            QueryPathSegment::Name(name) => PathSegment::Field(name.to_owned()),
        })
        .collect();
    steps.reverse();
    steps
}

#[cfg(test)]
#[path = "governor_tests.rs"]
mod tests;
