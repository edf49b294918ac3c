//! The log of applied changes: the feed that callers resume.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut changes = Table::create();
        changes
            .table("changes")
            // Numbered by the program inside the batch's transaction: a sequence could show 8 before 7 is committed.
            .col(big_integer("seq").primary_key())
            .col(big_integer("revision"))
            .col(timestamp_with_time_zone("at"))
            .col(text("cause_kind"))
            .col(text("cause"))
            .col(text("entity"))
            .col(text("entity_id"))
            .col(text("kind"))
            .col(text("fields"));
        manager.create_table(changes).await?;
        crate::index(manager, "changes_by_entity", "changes", &["entity", "entity_id"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::drop_tables(manager, &["changes"]).await
    }
}
