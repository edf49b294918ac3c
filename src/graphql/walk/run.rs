//! Walking under the limits of the operation.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use async_graphql::{ContainerType, Context, ContextSelectionSet, ServerResult, Value};

use super::{
    context::WalkContext,
    halt::{Halt, Stop},
    plan::compile_field,
    plans::Plans,
    table::WalkObject,
    waiting,
    walker::{Walk, WalkBudget, WalkedPart},
};
use crate::graphql::admission::{Allowance, Left, aside, remember};

/// So long a walk may keep a worker of the runtime. One that takes longer is thrown away and made once more beside the
/// workers: getters change nothing, and a walk that waits in its midst would have to be a future again. So is a large
/// one whose turn isn't free.
const A_MOMENT: Duration = Duration::from_millis(10);

/// Writes an object with what is selected of it.
///
/// # Errors
/// A field failed that can't be null.
pub(crate) async fn resolve<T: WalkObject + ContainerType>(
    object: &T,
    ctx: &ContextSelectionSet<'_>,
) -> ServerResult<Value> {
    if waiting::waits(&ctx.item.node) {
        return waiting::resolve(object, ctx).await;
    }
    let plan = Plans::of::<T>(ctx)?;
    run(ctx, |walk| plan.write(object, walk)).await
}

/// Writes the value of one field of an object, for those who put the object together by themselves.
///
/// # Errors
/// The field failed and can't be null.
pub(crate) async fn resolve_field<T: WalkObject>(object: &T, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
    let set = ctx.with_selection_set(&ctx.item.node.selection_set);
    if let Some(resolved) = waiting::resolve_field(object, ctx, &set).await? {
        return Ok(Some(resolved));
    }
    let write = compile_field::<T>(&set, ctx.item)?;
    run(&set, |walk| write(object, walk)).await.map(Some)
}

async fn run(
    ctx: &ContextSelectionSet<'_>,
    write: impl Fn(&mut Walk<'_>) -> Result<(), Halt> + Sync,
) -> ServerResult<Value> {
    let Some(allowance) = ctx.data_opt::<Arc<Allowance>>() else {
        return finish(ctx, None, walk(ctx, WalkBudget::unlimited(), None, &write));
    };

    let left = allowance.left();
    if left.is_over() {
        // Walks stand side by side in one poll, in which the operation's clock has no turn.
        std::future::pending::<()>().await;
    }

    let budget = WalkBudget::for_a_moment(&left);
    let walked = match walk(ctx, budget, Some(allowance.as_ref()), &write) {
        Err(Halt::Stopped(Stop::Bytes | Stop::Time)) => {
            allowance.become_large().await;
            let budget = WalkBudget::of(&allowance.left());
            aside(|| walk(ctx, budget, None, &write))
        }
        walked => walked,
    };

    match walked {
        Err(Halt::Stopped(Stop::Nodes)) => allowance.end_for_nodes().await,
        Err(Halt::Stopped(Stop::Bytes)) => allowance.end_for_bytes().await,
        // The operation's own clock ends it now.
        Err(Halt::Stopped(Stop::Time)) => std::future::pending().await,
        walked => return finish(ctx, Some(allowance), walked),
    }
    Ok(Value::Null)
}

fn walk(
    ctx: &ContextSelectionSet<'_>,
    budget: WalkBudget,
    allowance: Option<&Allowance>,
    write: &impl Fn(&mut Walk<'_>) -> Result<(), Halt>,
) -> Result<WalkedPart, Halt> {
    let mut walk = Walk::new(WalkContext::new(ctx), budget, allowance);
    write(&mut walk)?;
    Ok(walk.done())
}

fn finish(
    ctx: &ContextSelectionSet<'_>,
    allowance: Option<&Arc<Allowance>>,
    walked: Result<WalkedPart, Halt>,
) -> ServerResult<Value> {
    match walked {
        Ok(part) => {
            if let Some(allowance) = allowance {
                allowance.count(part.nodes, part.errors.len());
            }
            for failure in part.errors {
                ctx.add_error(failure.told(ctx));
            }
            Ok(Value::Binary(part.json.into()))
        }
        // A list of the library's would give it the path of its item.
        Err(Halt::Failed(failure)) => Err(remember(failure.told(ctx))),
        // Only where there are no limits.
        Err(Halt::Stopped(_)) => Ok(Value::Null),
    }
}

impl WalkBudget {
    fn unlimited() -> Self {
        Self {
            nodes: usize::MAX,
            bytes: usize::MAX,
            bytes_in_turn: usize::MAX,
            until: None,
        }
    }

    /// What may be used without waiting for anything.
    fn for_a_moment(left: &Left) -> Self {
        // Without free bytes the operation has its turn already.
        let free = Some(left.free_bytes).filter(|free| *free > 0);
        Self {
            nodes: left.nodes,
            bytes: free.unwrap_or(left.bytes).min(left.bytes),
            bytes_in_turn: left.bytes,
            until: Some(Instant::now() + A_MOMENT),
        }
    }

    fn of(left: &Left) -> Self {
        Self {
            nodes: left.nodes,
            bytes: left.bytes,
            bytes_in_turn: left.bytes,
            until: left.deadline.map(tokio::time::Instant::into_std),
        }
    }
}
