//! Leases: who may do what only one replica may do. Times are milliseconds of the database's clock.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut leases = Table::create();
        leases
            .table("leases")
            .col(text("name").primary_key())
            .col(text("owner"))
            .col(big_integer("fencing"))
            .col(big_integer("expires_at_ms"));
        manager.create_table(leases).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::drop_tables(manager, &["leases"]).await
    }
}
