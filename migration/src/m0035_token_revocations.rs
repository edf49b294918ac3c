//! Tokens that are taken no more: by their ids, or by whose they are and when they were issued. No token is in it.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut revocations = Table::create();
        revocations
            .table("token_revocations")
            .col(text("id").primary_key())
            .col(text_null("issuer"))
            .col(text_null("token_id"))
            .col(text_null("subject"))
            .col(timestamp_with_time_zone_null("issued_before"))
            .col(timestamp_with_time_zone("revoked_at"))
            .col(text("revoked_by"))
            .col(timestamp_with_time_zone("over_at"));
        manager.create_table(revocations).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::drop_tables(manager, &["token_revocations"]).await
    }
}
