//! Indexes by what people ask of the change log, each ending with the place in it: a page of an answer is a piece of
//! one, however rare or long ago that is.

use sea_orm_migration::prelude::*;

use crate::OnlineIndex;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const INDEXES: [OnlineIndex; 3] = [
    OnlineIndex {
        name: "changes_by_record",
        table: "changes",
        columns: &["entity", "entity_id", "seq"],
        not_null: None,
    },
    OnlineIndex {
        name: "changes_by_kind",
        table: "changes",
        columns: &["entity", "kind", "cause_kind", "seq"],
        not_null: None,
    },
    OnlineIndex {
        name: "changes_by_moment",
        table: "changes",
        columns: &["at", "seq"],
        not_null: None,
    },
];

/// What `changes_by_record` begins with.
const SHORTER: OnlineIndex = OnlineIndex {
    name: "changes_by_entity",
    table: "changes",
    columns: &["entity", "entity_id"],
    not_null: None,
};

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for index in &INDEXES {
            crate::online_index(manager, index).await?;
        }
        // The former version looks records up by the longer one as well.
        crate::drop_online(manager, &SHORTER).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::online_index(manager, &SHORTER).await?;
        for index in &INDEXES {
            crate::drop_online(manager, index).await?;
        }
        Ok(())
    }
}
