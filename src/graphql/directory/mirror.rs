//! How complete and how fresh the mirror is.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};

use crate::{
    auth::Permission,
    directory::{self, DeptId, Snapshot},
    graphql::{
        enums::Verdict,
        error::ApiError,
        guard::require,
        relay::{
            connection::int,
            ids::{NodeKind, ONLY, global_id},
        },
        scalars::{BigInt, DateTime},
        services::ContextExt,
        sync::{
            event_channel::{EventChannel, event_channels},
            run::SyncRun,
        },
    },
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
    /// Global id, for `node`: the same at any time.
    pub(crate) async fn id(&self) -> ID {
        global_id(NodeKind::Mirror, ONLY)
    }

    /// The revision that answers come from; each applied batch takes the next.
    async fn revision(&self) -> BigInt {
        BigInt(self.snapshot.revision())
    }

    /// The database's epoch, opaque. Another one begins when the database fails over to a standby or is restored from a
    /// backup: what was acknowledged last before it may be missing, versions and cursors of before are refused, and
    /// whatever you keep of the directory is to be read anew.
    async fn epoch(&self) -> &str {
        self.snapshot.epoch().as_str()
    }

    /// When the last finished sync began that is shown here; dry runs don't count. What it could read is shown as it
    /// was then or later. Where its verdict is PARTIAL or SUSPECT, the rest is older: each record's `lastVerifiedAt`
    /// tells. Null before the first one.
    async fn as_of(&self) -> Option<DateTime> {
        self.last_run.as_ref().map(|run| run.started_at.into())
    }

    /// What the last finished sync is worth; dry runs don't count. PARTIAL instead of COMPLETE while the mirror
    /// contradicts itself. Null before the first one.
    async fn verdict(&self) -> Option<Verdict> {
        let verdict = self.last_run.as_ref()?.verdict?;
        Some(self.snapshot.verdict(verdict).into())
    }

    /// Seconds since `asOf`.
    async fn lag_seconds(&self) -> Option<i32> {
        self.last_run
            .as_ref()
            .map(|run| int((self.now - run.started_at).num_seconds().max(0)))
    }

    /// Within so many seconds a change that no event told of is found: the structure and what lists say with the next
    /// sync by the timer, everything else when the round of re-reading has come to everybody. The timer's delays are
    /// counted in; a sync that does not finish, or takes longer than the timer's interval, comes on top. Null where
    /// there is no timer.
    async fn verification_cycle_seconds(&self, ctx: &Context<'_>) -> Option<i32> {
        let cycle = ctx.services().sync.verification_cycle()?;
        Some(int(cycle.as_secs()))
    }

    /// Events of DingTalk that were received and not yet acted upon. Null where they can't be counted.
    #[graphql(tag = "asks")]
    async fn pending_events(&self, ctx: &Context<'_>) -> Option<Result<i32, ApiError>> {
        let pending = ctx.services().store.count_pending_events().await;
        Some(pending.map(int).map_err(ApiError::from))
    }

    /// When the timer's next sync is due; it begins up to two minutes later. While one is at work: as if that came to
    /// its end. Null where there is no timer, and while the settings lack something.
    #[graphql(tag = "asks")]
    async fn next_run_at(&self, ctx: &Context<'_>) -> Option<Result<DateTime, ApiError>> {
        let due = ctx.services().sync.next_run_due().await;
        due.map(|due| due.map(Into::into)).map_err(ApiError::from).transpose()
    }

    /// The ways on which DingTalk's events come; empty where the operator has set none up, so that changes are found by
    /// syncs alone.
    #[graphql(tag = "asks")]
    async fn event_channels(&self, ctx: &Context<'_>) -> Option<Result<Vec<EventChannel>, ApiError>> {
        Some(event_channels(ctx.services()).await)
    }

    /// The company's name, which is the root department's. Null where the mirror doesn't have that: it lies outside the
    /// app's contact scope or the selection, and DingTalk tells the name nowhere else.
    async fn company_name(&self) -> Option<&str> {
        let root = self.snapshot.department(DeptId::ROOT)?;
        root.standing.is_present().then_some(&*root.facts.name)
    }

    /// Departments that are not gone, the company itself included.
    async fn department_count(&self) -> i32 {
        int(self.snapshot.department_count())
    }

    /// People who are not gone.
    async fn user_count(&self) -> i32 {
        int(self.snapshot.user_count())
    }

    /// The last finished sync, dry runs left out: the one that the mirror stands on.
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
    #[graphql(tag = "asks")]
    async fn mirror(&self, ctx: &Context<'_>) -> Option<Result<Mirror, ApiError>> {
        Some(mirror(ctx).await)
    }
}

/// The mirror as it stands.
pub(crate) async fn mirror(ctx: &Context<'_>) -> Result<Mirror, ApiError> {
    require(ctx, Permission::DirectoryRead)?;
    let (services, snapshot) = (ctx.services(), ctx.snapshot());
    let last_run = services.store.last_run_shown(snapshot.revision()).await?;
    Ok(Mirror {
        snapshot,
        last_run,
        now: services.clock.now(),
    })
}
