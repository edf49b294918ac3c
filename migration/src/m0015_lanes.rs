//! Recipients of large messages wait in a lane of their own, so that small messages need not wait behind them.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Who waits, in the order in which claims look for them.
const INDEX: &str = "recipients_by_state";
const BEFORE: [&str; 3] = ["state", "not_before", "id"];
const AFTER: [&str; 4] = ["state", "lane", "not_before", "id"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let lane = integer("lane").default(0).take();
        manager
            .alter_table(Table::alter().table("recipients").add_column(lane).take())
            .await?;
        manager.drop_index(drop()).await?;
        crate::index(manager, INDEX, "recipients", &AFTER).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(drop()).await?;
        crate::index(manager, INDEX, "recipients", &BEFORE).await?;
        manager
            .alter_table(Table::alter().table("recipients").drop_column("lane").take())
            .await
    }
}

fn drop() -> IndexDropStatement {
    Index::drop().name(INDEX).table("recipients").to_owned()
}
