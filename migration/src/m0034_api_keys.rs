//! API keys: never the keys themselves, but the hash of each one's secret.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut keys = Table::create();
        keys.table("api_keys")
            .col(text("id").primary_key())
            .col(text("name"))
            .col(text("permissions"))
            .col(text("secret_hash"))
            .col(timestamp_with_time_zone("created_at"))
            .col(text("created_by"))
            .col(timestamp_with_time_zone("expires_at"))
            .col(timestamp_with_time_zone_null("last_used_at"))
            .col(timestamp_with_time_zone_null("revoked_at"))
            .col(text_null("revoked_by"));
        manager.create_table(keys).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::drop_tables(manager, &["api_keys"]).await
    }
}
