//! Message templates by name.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut templates = Table::create();
        templates
            .table("message_templates")
            .col(text("name").primary_key())
            .col(text_null("description"))
            .col(text("content"))
            .col(big_integer("version"))
            .col(timestamp_with_time_zone("updated_at"))
            .col(text("updated_by"));
        manager.create_table(templates).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::drop_tables(manager, &["message_templates"]).await
    }
}
