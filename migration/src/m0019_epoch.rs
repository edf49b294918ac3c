//! Which history of the database this is, and on which server it was seen last.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut epochs = Table::create();
        epochs
            .table("database_epoch")
            .col(integer("id").primary_key())
            .col(text("epoch"))
            // Where: empty until a process looked, which then begins the first epoch.
            .col(text("place"))
            // When a process was in step with it last; the database's clock.
            .col(big_integer("alive_at_ms"));
        manager.create_table(epochs).await?;

        let first = Query::insert()
            .into_table("database_epoch")
            .columns(["id", "epoch", "place", "alive_at_ms"])
            .values_panic([1.into(), "".into(), "".into(), 0_i64.into()])
            .take();
        manager.execute(first).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::drop_tables(manager, &["database_epoch"]).await
    }
}
