//! Runs that a person can name, and the times of their phases.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Runs are a few thousand, and nobody changes the number of one.
const NUMBER: &str = "UPDATE sync_runs SET number = counted.number FROM \
                      (SELECT id, ROW_NUMBER() OVER (ORDER BY id) AS number FROM sync_runs) AS counted \
                      WHERE counted.id = sync_runs.id";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite takes one column a statement.
        for column in [big_integer_null("number").take(), text_null("phases").take()] {
            let add = Table::alter().table("sync_runs").add_column(column).take();
            manager.alter_table(add).await?;
        }
        manager.get_connection().execute_unprepared(NUMBER).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["phases", "number"] {
            manager
                .alter_table(Table::alter().table("sync_runs").drop_column(column).take())
                .await?;
        }
        Ok(())
    }
}
