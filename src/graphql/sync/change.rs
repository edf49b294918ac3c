//! What a run changed, or would change.

use async_graphql::{Context, Object};

use crate::{
    auth::Permission,
    directory::{Change, RunMode, SyncRun},
    graphql::{
        directory::field_change::{FieldChange, field_changes},
        enums::{ChangeKind, EntityKind},
        error::ApiError,
        guard::require,
        relay::{
            connection::{connection, int},
            paging::{PageArgs, Paging},
        },
        services::ContextExt,
    },
};

/// Name of the list in its cursors.
const LIST: &str = "syncRunChanges";

/// One record that a run changed, or would change.
#[derive(Clone)]
pub struct SyncChange {
    number: i64,
    change: Change,
}

/// One record that a run changed, or, of a dry run, would change.
#[Object]
impl SyncChange {
    /// Department or user.
    async fn entity(&self) -> EntityKind {
        self.change.entity.kind().into()
    }

    /// The `deptId` or `userId`.
    async fn entity_id(&self) -> String {
        self.change.entity.id_text()
    }

    /// What happened, or would.
    async fn kind(&self) -> ChangeKind {
        self.change.kind.into()
    }

    /// The fields that differ; empty for a creation and a removal.
    async fn fields(&self, ctx: &Context<'_>) -> Vec<FieldChange> {
        field_changes(ctx, &self.change)
    }
}

connection! {
    /// A page of what a run changed, or would change.
    SyncChangeConnection, SyncChangeEdge, SyncChange, i32, |this, _ctx| Ok(this.extra)
}

pub(super) async fn sync_changes(
    ctx: &Context<'_>,
    run: &SyncRun,
    args: &PageArgs,
) -> Result<SyncChangeConnection, ApiError> {
    require(ctx, Permission::DirectoryRead)?;
    let paging = Paging::<i64>::new(LIST, args, 50)?;
    let store = &ctx.services().store;

    let page = if run.mode == RunMode::DryRun {
        let page = store.planned_changes(run.id, paging.request()).await?;
        page.map(|(number, change)| SyncChange { number, change })
    } else {
        let page = store.changes_of_run(run.id, paging.request()).await?;
        page.map(|logged| SyncChange {
            number: logged.seq,
            change: logged.change,
        })
    };

    let counts = &run.counts;
    Ok(SyncChangeConnection {
        listing: paging.listing(page, |change| change.number),
        extra: int(counts.departments_changed + counts.users_changed),
    })
}
