//! The settings (one row) and who changed them.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut settings = Table::create();
        settings
            .table("settings")
            .col(integer("id").primary_key())
            .col(big_integer("version"))
            .col(text_null("agent_id"))
            .col(text_null("app_key"))
            .col(text_null("app_secret_sealed"))
            .col(timestamp_with_time_zone_null("app_secret_set_at"))
            .col(text("urls"))
            .col(text("matching_method"))
            .col(boolean("enabled"))
            .col(timestamp_with_time_zone_null("updated_at"))
            .col(text_null("updated_by"));
        manager.create_table(settings).await?;

        let mut audit = Table::create();
        audit
            .table("settings_audit")
            .col(big_pk_auto("id"))
            .col(big_integer("version"))
            .col(timestamp_with_time_zone("at"))
            .col(text("actor"))
            .col(text("field"))
            .col(text_null("value_before"))
            .col(text_null("value_after"));
        manager.create_table(audit).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::drop_tables(manager, &["settings_audit", "settings"]).await
    }
}
