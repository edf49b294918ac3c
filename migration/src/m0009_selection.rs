//! Which departments the company wants mirrored: part of the settings.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// JSON lists of department ids; null is the empty list, which every row from before this migration means.
const COLUMNS: [&str; 2] = ["include_departments", "exclude_departments"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite adds one column a statement.
        for column in COLUMNS {
            manager
                .alter_table(Table::alter().table("settings").add_column(text_null(column)).take())
                .await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in COLUMNS {
            manager
                .alter_table(Table::alter().table("settings").drop_column(column).take())
                .await?;
        }
        Ok(())
    }
}
