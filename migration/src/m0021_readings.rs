//! Who was read when, by a count of the database's own: an older reading never overwrites a newer one, also where the
//! newer one changed nothing.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::count(manager, "reading_count").await?;

        let mut readings = Table::create();
        readings
            .table("readings")
            // A kind of record, or RUN: then everybody was read.
            .col(text("entity"))
            .col(text("entity_id"))
            // The number under which the newest reading of it was applied.
            .col(big_integer("reading"))
            .col(timestamp_with_time_zone("at"))
            .primary_key(Index::create().col("entity").col("entity_id"));
        manager.create_table(readings).await?;
        crate::index(manager, "readings_by_number", "readings", &["reading"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::drop_tables(manager, &["readings", "reading_count"]).await
    }
}
