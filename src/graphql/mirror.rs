//! How complete and how fresh the mirror is.

use std::sync::Arc;

use async_graphql::{Context, Object};

use super::{
    Services,
    connection::int,
    enums::Verdict,
    error::ApiError,
    guard::require,
    scalars::{BigInt, DateTime},
    sync_run::SyncRun,
};
use crate::{
    auth::Permission,
    directory::{self, Snapshot},
};

/// The mirror as a whole.
pub struct Mirror {
    snapshot: Arc<Snapshot>,
    last_run: Option<directory::SyncRun>,
    now: chrono::DateTime<chrono::Utc>,
}

/// How complete and how fresh the mirror is. Ask for it beside whatever you read.
#[Object]
impl Mirror {
    /// The revision that answers come from; each applied batch takes the next.
    async fn revision(&self) -> BigInt {
        BigInt(self.snapshot.revision())
    }

    /// When the last finished sync began: what the mirror shows is at least as new. Null before the first one.
    async fn as_of(&self) -> Option<DateTime> {
        self.last_run.as_ref().map(|run| run.started_at.into())
    }

    /// What the last finished sync is worth. Null before the first one.
    async fn verdict(&self) -> Option<Verdict> {
        self.last_run.as_ref()?.verdict.map(Into::into)
    }

    /// Seconds since `asOf`.
    async fn lag_seconds(&self) -> Option<i32> {
        self.last_run
            .as_ref()
            .map(|run| int((self.now - run.started_at).num_seconds().max(0)))
    }

    /// Departments that are not gone, the company itself included.
    async fn department_count(&self) -> i32 {
        int(self.snapshot.department_count())
    }

    /// People who are not gone.
    async fn user_count(&self) -> i32 {
        int(self.snapshot.user_count())
    }

    /// The last finished sync.
    async fn last_run(&self) -> Option<SyncRun> {
        self.last_run.clone().map(SyncRun::new)
    }
}

/// Queries about the mirror.
#[derive(Default)]
pub struct MirrorQuery;

#[Object]
impl MirrorQuery {
    /// How complete and how fresh the mirror is. Needs `directory:read`.
    async fn mirror(&self, ctx: &Context<'_>) -> Option<Result<Mirror, ApiError>> {
        Some(mirror(ctx).await)
    }
}

async fn mirror(ctx: &Context<'_>) -> Result<Mirror, ApiError> {
    require(ctx, Permission::DirectoryRead)?;
    let services = ctx.data_unchecked::<Services>();
    let last_run = services.store.last_finished_run().await?;
    Ok(Mirror {
        snapshot: services.snapshots.current(),
        last_run,
        now: services.clock.now(),
    })
}
