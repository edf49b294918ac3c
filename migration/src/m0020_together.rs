//! How many may share a call with a recipient, where a call of more was refused because of one of them.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Without a default: neither database touches the rows that are there.
        let together = integer_null("together").take();
        manager
            .alter_table(Table::alter().table("recipients").add_column(together).take())
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .alter_table(Table::alter().table("recipients").drop_column("together").take())
            .await
    }
}
