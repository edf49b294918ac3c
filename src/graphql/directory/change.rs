//! One entry of the change feed.

use async_graphql::{Context, Object};

use super::{
    change_cause::ChangeCause,
    field_change::{FieldChange, field_changes},
    objects::{Department, User},
};
use crate::{
    auth::Permission,
    directory::ChangedEntity,
    graphql::{
        enums::{ChangeKind, EntityKind},
        error::ApiError,
        guard::visible,
        identity::{known::View, match_change::MatchChange},
        relay::{
            feed::{FEED, FeedPosition},
            ids::cursor,
        },
        scalars::{BigInt, DateTime},
        services::{ContextExt, change_feed::ToldChange},
    },
};

/// One change of one record.
#[derive(Clone)]
pub struct Change(ToldChange);

impl Change {
    pub(super) fn new(told: ToldChange) -> Self {
        Self(told)
    }

    pub(super) fn position(&self) -> FeedPosition {
        FeedPosition::new(self.0.logged.seq, &self.0.epoch)
    }
}

/// One change of a department or a user.
#[Object]
impl Change {
    /// Place in the feed: `after` it the next one follows.
    async fn cursor(&self) -> String {
        cursor(FEED, self.position())
    }

    /// The mirror's revision that it belongs to. Changes of one revision were applied together.
    async fn revision(&self) -> BigInt {
        BigInt(self.0.logged.revision)
    }

    /// When it was applied.
    async fn at(&self) -> DateTime {
        self.0.logged.at.into()
    }

    /// Department, user, or Confluence identity.
    async fn entity(&self) -> EntityKind {
        self.0.logged.change.entity.kind().into()
    }

    /// The `deptId` or `userId`; of a Confluence identity its own id.
    async fn entity_id(&self) -> String {
        self.0.logged.change.entity.id_text()
    }

    /// What happened.
    async fn kind(&self) -> ChangeKind {
        self.0.logged.change.kind.into()
    }

    /// What made it.
    async fn cause(&self) -> ChangeCause {
        self.0.logged.cause.kind().into()
    }

    /// Which run, event or caller.
    async fn cause_id(&self) -> String {
        self.0.logged.cause.id()
    }

    /// The fields that differ; empty for a creation and a removal.
    async fn fields(&self, ctx: &Context<'_>) -> Vec<FieldChange> {
        field_changes(ctx, &self.0.logged.change)
    }

    /// The department as it stands now, if it is one.
    async fn department(&self) -> Option<Department> {
        Department::find(&self.0.snapshot, self.0.logged.change.entity.record()?.department()?)
    }

    /// The user as they stand now, if it is one.
    async fn user(&self) -> Option<User> {
        User::find(&self.0.snapshot, self.0.logged.change.entity.record()?.user()?.as_str())
    }

    /// If it is about a Confluence identity: who that was and became. Needs `identity:read`.
    async fn match_change(&self, ctx: &Context<'_>) -> Option<Result<MatchChange, ApiError>> {
        visible(ctx, Permission::IdentityRead, || {
            let is_identity = matches!(self.0.logged.change.entity, ChangedEntity::Identity(_));
            is_identity.then(|| {
                let view = View::of(ctx.services(), self.0.snapshot.clone(), None);
                MatchChange::new(&self.0, view)
            })
        })
    }
}
