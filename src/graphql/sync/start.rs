//! Starting a sync.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::{mode::SyncMode, run::SyncRun};
use crate::{
    auth::Permission,
    catalogue::{
        Statement,
        sync::{SYNC_BUSY, SYNC_NOTHING_TO_RESUME, SYNC_SHUTTING_DOWN},
    },
    directory,
    graphql::{
        error::ApiError,
        guard::author,
        services::ContextExt,
        user_error::{UserError, UserErrorCode},
    },
    sync::StartError,
};

/// What to sync.
#[derive(Debug, InputObject)]
pub struct StartSyncInput {
    /// What it reads, and whether it writes.
    #[graphql(default_with = "Some(SyncMode::Full)")]
    mode: Option<SyncMode>,
    /// Comes back unchanged in the payload.
    client_mutation_id: Option<String>,
}

/// What came of `startSync`.
#[derive(SimpleObject)]
pub struct StartSyncPayload {
    /// The run that was started, or the one that runs already.
    run: Option<SyncRun>,
    /// Whether it ran before it was asked for: there is one run at a time over all replicas. Its `mode` may differ.
    already_running: bool,
    /// Why no run was started.
    user_errors: Vec<UserError>,
    /// As it was given.
    client_mutation_id: Option<String>,
}

/// Starting syncs.
#[derive(Default)]
pub struct SyncMutation;

#[Object]
impl SyncMutation {
    /// Starts a sync and answers at once; follow it with `syncProgress` or `syncRun`. An interrupted run of the same
    /// mode that began less than a day ago is gone on with: what it asked DingTalk in the last hours is not asked
    /// again. Needs `sync:run`.
    async fn start_sync(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to sync.")] input: StartSyncInput,
    ) -> Option<Result<StartSyncPayload, ApiError>> {
        Some(start_sync(ctx, input).await)
    }
}

async fn start_sync(ctx: &Context<'_>, input: StartSyncInput) -> Result<StartSyncPayload, ApiError> {
    let by = author(ctx, Permission::SyncRun)?;
    let mode = input.mode.unwrap_or(SyncMode::Full);
    let engine = &ctx.services().sync;

    let refused = |code, message: Statement| {
        let user_errors = vec![UserError::at::<&str>(code, [], message)];
        Ok(StartSyncPayload {
            run: None,
            already_running: false,
            user_errors,
            client_mutation_id: input.client_mutation_id.clone(),
        })
    };

    match engine
        .start(directory::RunTrigger::Request, mode.into(), Some(by))
        .await
    {
        Ok(started) => Ok(StartSyncPayload {
            run: Some(SyncRun::new(started.run)),
            already_running: started.already_running,
            user_errors: Vec::new(),
            client_mutation_id: input.client_mutation_id,
        }),
        Err(StartError::NotConfigured(lacking)) => refused(UserErrorCode::NotConfigured, lacking),
        Err(StartError::Store(error)) => Err(error.into()),
        Err(StartError::Busy) => refused(UserErrorCode::Other, SYNC_BUSY {}.into()),
        Err(StartError::NothingToResume) => refused(UserErrorCode::Other, SYNC_NOTHING_TO_RESUME {}.into()),
        Err(StartError::ShuttingDown) => refused(UserErrorCode::Other, SYNC_SHUTTING_DOWN {}.into()),
    }
}
