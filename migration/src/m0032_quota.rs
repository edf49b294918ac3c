//! What the monthly quota of calls was used for: calls by day and purpose. What the attempts on record tell of the last
//! two months is counted at once, lest a month that is under way begin anew.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Purposes with the number of calls that an attempt tells of each.
const TOLD: [(&str, &str); 3] = [
    ("SEND", "CASE WHEN id = call_id THEN 1 ELSE 0 END"),
    ("FOLLOW_UP", "COALESCE(checks, 0)"),
    ("RECALL", "COALESCE(recall_tries, 0)"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut calls = Table::create();
        calls
            .table("metered_calls")
            // The Beijing day: days since 1970-01-01.
            .col(integer("day"))
            .col(text("purpose"))
            .col(big_integer("calls"))
            .primary_key(Index::create().col("day").col("purpose"));
        manager.create_table(calls).await?;

        let (day, since) = match manager.get_database_backend() {
            sea_orm::DbBackend::Postgres => (
                "CAST(floor((extract(epoch FROM started_at) + 28800) / 86400) AS integer)",
                "now() - interval '62 days'",
            ),
            _ => (
                "(CAST(strftime('%s', substr(started_at, 1, 19)) AS integer) + 28800) / 86400",
                "datetime('now', '-62 days')",
            ),
        };
        for (purpose, told) in TOLD {
            let count = format!(
                "INSERT INTO metered_calls (day, purpose, calls) \
                 SELECT {day}, '{purpose}', sum({told}) FROM attempts \
                 WHERE call_id IS NOT NULL AND started_at > {since} \
                 AND (outcome IS NULL OR outcome NOT IN ('RETRY', 'NOT_MADE')) \
                 GROUP BY 1"
            );
            manager.get_connection().execute_unprepared(&count).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::drop_tables(manager, &["metered_calls"]).await
    }
}
