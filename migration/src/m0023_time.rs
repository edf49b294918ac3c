//! What a row's time is measured from, and whom a message was meant for.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Columns by table; null in every row from before this migration.
fn columns() -> Vec<(&'static str, &'static str, ColumnDef)> {
    vec![
        // For how long it was taken or renewed: what ends later than so long from now was written by a clock that was
        // ahead.
        ("leases", "ttl_ms", big_integer_null("ttl_ms")),
        // When the stop was made.
        (
            "delivery_state",
            "stopped_at",
            timestamp_with_time_zone_null("stopped_at"),
        ),
        // The AppKey of the app that the recipients were resolved for.
        ("messages", "app", text_null("app")),
        // The AppKey of the app that sent it: no other one is told what became of it.
        ("attempts", "app", text_null("app")),
    ]
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite adds one column a statement.
        for (table, _, column) in columns() {
            manager
                .alter_table(Table::alter().table(table).add_column(column).take())
                .await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, name, _) in columns() {
            manager
                .alter_table(Table::alter().table(table).drop_column(name).take())
                .await?;
        }
        Ok(())
    }
}
