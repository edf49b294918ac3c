//! How much is spent on asking what became of a message, and which messages go first.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Columns by table; null in every row from before this migration.
fn columns() -> Vec<(&'static str, &'static str, ColumnDef)> {
    vec![
        ("messages", "follow_up", text_null("follow_up")),
        ("messages", "priority", text_null("priority")),
        // Of a call: the most that one of its messages asks for.
        ("attempts", "follow_up", text_null("follow_up")),
        // Whether what became of it is in doubt.
        ("attempts", "in_doubt", boolean_null("in_doubt")),
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
