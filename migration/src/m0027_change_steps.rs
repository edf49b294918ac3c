//! Where the change log's time goes back: it is looked at by time, and has to be known where that is not the order of
//! its places.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut steps = Table::create();
        steps
            .table("change_steps")
            // The place of the first entry behind it.
            .col(big_integer("seq").primary_key())
            // When that was written.
            .col(timestamp_with_time_zone("at"));
        manager.create_table(steps).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::drop_tables(manager, &["change_steps"]).await
    }
}
