//! Messages that send another one again.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const COLUMNS: [&str; 2] = ["resend_of", "named_by"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Which message, and whose request named the recipients. SQLite takes one column a statement.
        for column in COLUMNS {
            let add = Table::alter().table("messages").add_column(text_null(column)).take();
            manager.alter_table(add).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in COLUMNS {
            manager
                .alter_table(Table::alter().table("messages").drop_column(column).take())
                .await?;
        }
        Ok(())
    }
}
