//! One order of what becomes of messages, which no transaction is overtaken in: a number that is taken last, under a
//! lock that is held until the commit. In a table of its own, so that nothing is written to the messages that there
//! are.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::count(manager, "message_update_count").await?;

        let mut updates = Table::create();
        updates
            .table("message_updates")
            .col(text("message_id").primary_key())
            .col(big_integer("seq"));
        manager.create_table(updates).await?;
        crate::index(manager, "message_updates_by_seq", "message_updates", &["seq"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::drop_tables(manager, &["message_updates", "message_update_count"]).await
    }
}
