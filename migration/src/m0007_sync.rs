//! What a run needs to go on after its process died, what it proved, and removals that wait for approval.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite takes one column a statement.
        for column in [
            text("mode").default("FULL").take(),
            text_null("plan"),
            text_null("evidence"),
            integer("resumed").default(0).take(),
        ] {
            let add = Table::alter().table("sync_runs").add_column(column).take();
            manager.alter_table(add).await?;
        }

        let mut answers = Table::create();
        answers
            .table("sync_run_answers")
            .col(text("run_id"))
            .col(big_integer("seq"))
            .col(text("phase"))
            .col(text("question"))
            .col(text("answer"))
            .primary_key(Index::create().col("run_id").col("seq"))
            .foreign_key(
                ForeignKey::create()
                    .from("sync_run_answers", "run_id")
                    .to("sync_runs", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            );
        manager.create_table(answers).await?;

        let mut planned = Table::create();
        planned
            .table("sync_run_planned_changes")
            .col(text("run_id"))
            .col(big_integer("seq"))
            .col(text("entity"))
            .col(text("entity_id"))
            .col(text("kind"))
            .col(text("fields"))
            .primary_key(Index::create().col("run_id").col("seq"))
            .foreign_key(
                ForeignKey::create()
                    .from("sync_run_planned_changes", "run_id")
                    .to("sync_runs", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            );
        manager.create_table(planned).await?;

        let mut held = Table::create();
        held.table("held_removals")
            .col(text("entity"))
            .col(text("entity_id"))
            .col(text("cause"))
            .col(text("state"))
            .col(big_integer_null("department"))
            .col(text("reason"))
            .col(timestamp_with_time_zone("held_at"))
            .col(timestamp_with_time_zone_null("decided_at"))
            .col(text_null("decided_by"))
            .primary_key(Index::create().col("entity").col("entity_id"));
        manager.create_table(held).await?;

        let mut marks = Table::create();
        marks
            .table("sync_marks")
            .col(text("name").primary_key())
            .col(text("value"));
        manager.create_table(marks).await?;
        crate::index(manager, "changes_by_cause", "changes", &["cause_kind", "cause", "seq"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut index = Index::drop();
        index.name("changes_by_cause").table("changes");
        manager.drop_index(index).await?;

        crate::drop_tables(
            manager,
            &[
                "sync_marks",
                "held_removals",
                "sync_run_planned_changes",
                "sync_run_answers",
            ],
        )
        .await?;

        for column in ["resumed", "evidence", "plan", "mode"] {
            manager
                .alter_table(Table::alter().table("sync_runs").drop_column(column).take())
                .await?;
        }
        Ok(())
    }
}
