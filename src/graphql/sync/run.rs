//! Sync runs: what they did, how far they are, and starting one.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object, SimpleObject, Subscription};
use futures_util::{Stream, StreamExt};
use tokio_stream::wrappers::WatchStream;
use uuid::Uuid;

use super::{
    change::{SyncChangeConnection, sync_changes},
    evidence::SyncEvidence,
    mode::SyncMode,
    phases::{ApiCalls, RunPhase, RunPhaseTimes, api_calls, phase_times},
};
use crate::{
    auth::Permission,
    directory,
    graphql::{
        enums::Verdict,
        error::ApiError,
        guard::require,
        relay::{
            connection::{connection, int},
            ids::{NodeKind, global_id, key_of},
            paging::{PageArgs, Paging},
        },
        scalars::{BigInt, DateTime},
        services::ContextExt,
        statement::{Statement, as_data, as_text},
    },
};

/// Names of the lists in their cursors.
const RUNS: &str = "syncRuns";
const ENTRY_ERRORS: &str = "entryErrors";

/// What started a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "directory::RunTrigger")]
pub enum RunTrigger {
    /// The server started, or its settings became complete.
    Startup,
    /// The timer.
    Timer,
    /// `startSync`, or `dingmirror sync`.
    Request,
}

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "directory::RunState")]
pub enum RunState {
    /// Still at work.
    Running,
    /// Ended with a verdict.
    Finished,
    /// Could not go on; `error` says why and what to do.
    Failed,
    /// The process ended under it, or DingTalk was away for long: `error` says which. What it has read is kept. For a
    /// day from its start, the next run that is due, or is asked for in its mode, goes on with it.
    Interrupted,
}

/// How far a run is. Totals grow while the tree is discovered.
#[derive(Debug, Clone, SimpleObject)]
pub struct RunProgress {
    /// Departments discovered.
    departments_found: i32,
    /// Departments read.
    departments_read: i32,
    /// People discovered, each once.
    users_found: i32,
    /// People read.
    users_read: i32,
    /// What is read of what is discovered, 0 to 1.
    fraction: f64,
    /// Seconds to go, as far as can be told.
    eta_seconds: Option<i32>,
}

/// What a run changed and met.
#[derive(Debug, Clone, SimpleObject)]
pub struct RunCounts {
    /// Calls by API.
    calls: Vec<ApiCalls>,
    /// All calls.
    total_calls: i32,
    /// Calls that DingTalk throttled; they were repeated.
    throttled: i32,
    /// Answers that were taken from before an interruption instead of asking again.
    resumed_answers: i32,
    /// Departments that were created, updated, moved, restored or removed.
    departments_changed: i32,
    /// Users that were created, updated, moved, restored or removed.
    users_changed: i32,
    /// Records that were removed.
    removed: i32,
    /// Records whose removal waits for approval: see `heldRemovals`.
    held: i32,
    /// Departments of the home-school directory, which the mirror leaves out.
    home_school_skipped: i32,
    /// Records that could not be read: `entryErrors` names them.
    entry_errors: i32,
}

/// A record that a run could not read. It keeps its last good state.
#[derive(Debug, Clone, SimpleObject)]
pub struct EntryError {
    /// Which record: `department 123` or `user abc`.
    subject: String,
    /// DingTalk's code, where it gave one.
    code: Option<String>,
    /// What happened and what to do.
    message: String,
    /// The same as data.
    statement: Statement,
    #[graphql(skip)]
    row: i64,
}

connection! {
    /// A page of records that a run could not read.
    EntryErrorConnection, EntryErrorEdge, EntryError, i32, |this, _ctx| Ok(this.extra)
}

/// One sync run.
#[derive(Clone)]
pub struct SyncRun(pub(crate) directory::SyncRun);

impl SyncRun {
    pub(crate) fn new(run: directory::SyncRun) -> Self {
        Self(run)
    }
}

/// One reading of DingTalk's directory into the mirror.
#[Object]
impl SyncRun {
    /// Global id, for `node`.
    pub(crate) async fn id(&self) -> ID {
        global_id(NodeKind::SyncRun, self.0.id)
    }

    /// A number to say: runs are counted from 1, and of those that are no longer on record the numbers stay free. Null
    /// of one that a replica of an earlier version recorded.
    async fn number(&self) -> Option<i32> {
        self.0.number.map(int)
    }

    /// What it reads, and whether it writes.
    async fn mode(&self) -> SyncMode {
        self.0.mode.into()
    }

    /// How often a process took it over: from one that died, or from itself after a restart.
    async fn resumed(&self) -> i32 {
        int(self.0.resumed)
    }

    /// What the verdict rests on: both sides of every cross-check. Null until there is a verdict.
    async fn evidence(&self) -> Option<SyncEvidence> {
        self.0.evidence.as_ref().map(SyncEvidence::new)
    }

    /// What it changed, or, of a DRY_RUN, would change; of the latter only the newest run's are kept. Needs
    /// `directory:read`.
    #[graphql(tag = "asks")]
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the front, 1 to 500; 50 if neither `first` nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only those behind this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 500.")] last: Option<i32>,
        #[graphql(desc = "Only those in front of this cursor.")] before: Option<String>,
    ) -> Option<Result<SyncChangeConnection, ApiError>> {
        Some(sync_changes(ctx, &self.0, &PageArgs::new(first, after, last, before)).await)
    }

    /// What started it.
    async fn trigger(&self) -> RunTrigger {
        self.0.trigger.into()
    }

    /// Who asked for it, if it was a request.
    async fn requested_by(&self) -> Option<&str> {
        self.0.requested_by.as_deref()
    }

    /// How people were read: `BULK` (full records by department) or `SEVEN_URLS` (one by one). Null until it is known.
    async fn strategy(&self) -> Option<&str> {
        self.0.strategy.as_deref()
    }

    /// Where it is.
    async fn phase(&self) -> RunPhase {
        self.0.phase.into()
    }

    /// The phases that it has entered, in order, with their times; empty in runs from before these were kept.
    async fn phases(&self) -> Vec<RunPhaseTimes> {
        phase_times(&self.0)
    }

    /// How it stands.
    async fn state(&self) -> RunState {
        self.0.state.into()
    }

    /// What it is worth, once it is finished.
    async fn verdict(&self) -> Option<Verdict> {
        self.0.verdict.map(Into::into)
    }

    /// What it noticed: why it isn't COMPLETE, and what it did for want of something better. A sentence each.
    async fn findings(&self) -> Vec<String> {
        as_text(&self.0.findings)
    }

    /// The findings as data.
    #[graphql(tag = "items:5")]
    async fn finding_statements(&self) -> Vec<Statement> {
        as_data(&self.0.findings)
    }

    /// When it started.
    async fn started_at(&self) -> DateTime {
        self.0.started_at.into()
    }

    /// When it ended.
    async fn finished_at(&self) -> Option<DateTime> {
        self.0.finished_at.map(Into::into)
    }

    /// How far it is.
    async fn progress(&self) -> RunProgress {
        let p = &self.0.progress;
        let (found, read) = (p.departments_found + p.users_found, p.departments_read + p.users_read);

        RunProgress {
            departments_found: int(p.departments_found),
            departments_read: int(p.departments_read),
            users_found: int(p.users_found),
            users_read: int(p.users_read),
            fraction: if found == 0 {
                0.0
            } else {
                (read as f64 / found as f64).min(1.0)
            },
            eta_seconds: p.eta_seconds.map(int),
        }
    }

    /// What it changed and met.
    async fn counts(&self) -> RunCounts {
        let c = &self.0.counts;
        RunCounts {
            calls: api_calls(&self.0),
            total_calls: int(c.calls.values().sum::<u64>()),
            throttled: int(c.throttled),
            resumed_answers: int(c.resumed_answers),
            held: int(c.held),
            departments_changed: int(c.departments_changed),
            users_changed: int(c.users_changed),
            removed: int(c.removed),
            home_school_skipped: int(c.home_school_skipped),
            entry_errors: int(c.entry_errors),
        }
    }

    /// The mirror's revision that it made; null where nothing differed.
    async fn revision(&self) -> Option<BigInt> {
        self.0.revision.map(BigInt)
    }

    /// Why it failed or was interrupted, with the remedy; of a run that is RUNNING, what it waits for.
    async fn error(&self) -> Option<String> {
        self.0.error.as_ref().map(ToString::to_string)
    }

    /// The error as data.
    async fn error_statement(&self) -> Option<Statement> {
        self.0.error.as_ref().map(Into::into)
    }

    /// The records that it could not read. Needs `directory:read`.
    #[graphql(tag = "asks")]
    async fn entry_errors(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the front, 1 to 500; 50 if neither `first` nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only those behind this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 500.")] last: Option<i32>,
        #[graphql(desc = "Only those in front of this cursor.")] before: Option<String>,
    ) -> Option<Result<EntryErrorConnection, ApiError>> {
        Some(entry_errors(ctx, &self.0, &PageArgs::new(first, after, last, before)).await)
    }
}

async fn entry_errors(
    ctx: &Context<'_>,
    run: &directory::SyncRun,
    args: &PageArgs,
) -> Result<EntryErrorConnection, ApiError> {
    // Whoever may only start runs reads how they went, and nobody's record.
    require(ctx, Permission::DirectoryRead)?;
    let paging = Paging::<i64>::new(ENTRY_ERRORS, args, 50)?;
    let store = &ctx.services().store;

    let page = store.entry_errors(run.id, paging.request()).await?;
    let page = page.map(|(row, error)| EntryError {
        subject: error.subject,
        code: error.code,
        message: error.message.to_string(),
        statement: error.message.into(),
        row,
    });

    Ok(EntryErrorConnection {
        listing: paging.listing(page, |error| error.row),
        extra: int(run.counts.entry_errors),
    })
}

connection! {
    /// A page of sync runs.
    SyncRunConnection, SyncRunEdge, SyncRun, (), |_this, ctx| {
        ctx.services().store.count_runs().await.map(int).map_err(ApiError::from)
    }
}

/// Queries for sync runs.
#[derive(Default)]
pub struct SyncQuery;

#[Object]
impl SyncQuery {
    /// One sync run; null where there is none. Needs `directory:read`.
    #[graphql(tag = "asks")]
    async fn sync_run(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Global id.")] id: ID,
    ) -> Option<Result<SyncRun, ApiError>> {
        sync_run(ctx, &id).await.transpose()
    }

    /// Sync runs, newest first. They stay on record for 90 days, or as long as the server is told; the newest, and the
    /// last that finished and the last COMPLETE one of each mode, for ever. Needs `directory:read`.
    #[graphql(tag = "asks")]
    async fn sync_runs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the front, 1 to 500; 20 if neither `first` nor `last` is given.")]
        first: Option<i32>,
        #[graphql(desc = "Only those behind this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 500.")] last: Option<i32>,
        #[graphql(desc = "Only those in front of this cursor.")] before: Option<String>,
    ) -> Option<Result<SyncRunConnection, ApiError>> {
        Some(sync_runs(ctx, &PageArgs::new(first, after, last, before)).await)
    }
}

async fn sync_run(ctx: &Context<'_>, id: &ID) -> Result<Option<SyncRun>, ApiError> {
    require(ctx, Permission::DirectoryRead)?;
    let id = key_of::<Uuid>(id, NodeKind::SyncRun, "id")?;
    Ok(ctx.services().store.run(id).await?.map(SyncRun))
}

async fn sync_runs(ctx: &Context<'_>, args: &PageArgs) -> Result<SyncRunConnection, ApiError> {
    require(ctx, Permission::DirectoryRead)?;
    let paging = Paging::<Uuid>::new(RUNS, args, 20)?;
    let page = ctx.services().store.runs(paging.request()).await?.map(SyncRun);
    let listing = paging.listing(page, |run| run.0.id);
    Ok(SyncRunConnection { listing, extra: () })
}

/// Subscriptions to sync runs.
#[derive(Default)]
pub struct SyncSubscription;

#[Subscription]
impl SyncSubscription {
    /// The run under way, or the last one, at once; then each step of it and of those that follow, whichever replica
    /// runs them. Needs `directory:read`.
    async fn sync_progress(&self, ctx: &Context<'_>) -> Result<impl Stream<Item = SyncRun> + use<>, ApiError> {
        require(ctx, Permission::DirectoryRead)?;
        let progress = ctx.services().sync.progress();
        Ok(WatchStream::new(progress)
            .filter_map(|run| std::future::ready(run.map(|run| SyncRun(Arc::unwrap_or_clone(run))))))
    }
}
