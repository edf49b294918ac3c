//! Sync runs and the records that they could not read.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut runs = Table::create();
        runs.table("sync_runs")
            .col(text("id").primary_key())
            .col(text("trigger_kind"))
            .col(text_null("requested_by"))
            .col(text_null("strategy"))
            .col(text("phase"))
            .col(text("state"))
            .col(text_null("verdict"))
            .col(text("findings"))
            .col(timestamp_with_time_zone("started_at"))
            .col(timestamp_with_time_zone_null("finished_at"))
            .col(text("progress"))
            .col(text("counts"))
            .col(big_integer_null("revision"))
            .col(text_null("error"));
        manager.create_table(runs).await?;
        crate::index(manager, "sync_runs_by_state", "sync_runs", &["state"]).await?;

        let mut errors = Table::create();
        errors
            .table("sync_run_entry_errors")
            .col(big_pk_auto("id"))
            .col(text("run_id"))
            .col(text("subject"))
            .col(text_null("code"))
            .col(text("message"))
            .foreign_key(
                ForeignKey::create()
                    .from("sync_run_entry_errors", "run_id")
                    .to("sync_runs", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            );
        manager.create_table(errors).await?;
        crate::index(
            manager,
            "sync_run_entry_errors_by_run",
            "sync_run_entry_errors",
            &["run_id", "id"],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::drop_tables(manager, &["sync_run_entry_errors", "sync_runs"]).await
    }
}
