//! What is left of messages that are no longer kept: their numbers by day.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut days = Table::create();
        days.table("ledger_days")
            // The Beijing day on which they were asked for: days since 1970-01-01.
            .col(integer("day"))
            .col(text("caller"))
            .col(big_integer("messages"))
            .primary_key(Index::create().col("day").col("caller"));
        manager.create_table(days).await?;

        let mut recipients = Table::create();
        recipients
            .table("ledger_day_recipients")
            .col(integer("day"))
            .col(text("caller"))
            // The last that became of them.
            .col(text("state"))
            .col(big_integer("recipients"))
            .primary_key(Index::create().col("day").col("caller").col("state"));
        manager.create_table(recipients).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::drop_tables(manager, &["ledger_day_recipients", "ledger_days"]).await
    }
}
