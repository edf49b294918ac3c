//! When DingTalk is asked again to take a send back, and by which rule a recipient was found. And what was removed
//! lately is looked up for every removal.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Columns by table; null in every row from before this migration.
fn columns() -> Vec<(&'static str, &'static str, ColumnDef)> {
    vec![
        // While it is REQUESTED: not before this; null: at once.
        ("attempts", "recall_at", timestamp_with_time_zone_null("recall_at")),
        // Calls that asked for it, on the call's first attempt: they count against the monthly quota.
        ("attempts", "recall_tries", big_integer_null("recall_tries")),
        // LINK, EMAIL, ORG_EMAIL, JOB_NUMBER.
        ("recipients", "resolution_rule", text_null("resolution_rule")),
    ]
}

/// Few attempts are ever taken back.
const INDEX: &str = "attempts_by_recall";
const BY_TIME: &str = "changes_by_time";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite adds one column a statement.
        for (table, _, column) in columns() {
            manager
                .alter_table(Table::alter().table(table).add_column(column).take())
                .await?;
        }

        let index = Index::create()
            .name(INDEX)
            .table("attempts")
            .col("recall_state")
            .col("recall_at")
            .and_where(Expr::col("recall_state").is_not_null())
            .take();
        manager.create_index(index).await?;
        crate::index(manager, BY_TIME, "changes", &["kind", "at"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_index(Index::drop().name(INDEX).table("attempts").to_owned())
            .await?;
        manager
            .drop_index(Index::drop().name(BY_TIME).table("changes").to_owned())
            .await?;

        for (table, name, _) in columns() {
            manager
                .alter_table(Table::alter().table(table).drop_column(name).take())
                .await?;
        }
        Ok(())
    }
}
